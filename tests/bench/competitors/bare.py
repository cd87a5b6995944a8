# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody writes in ten minutes: one request after the other, nothing checked, nothing kept.

bare.py URL FILE         prints how many seconds it took from the first request to the last
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import requests

GROUP = {"description": "Reported by the service desk", "expiryDate": "2099-12-31 23:59:59"}


def main(url: str, file: str) -> None:
    """Makes a group and puts all numbers of a file into it."""
    numbers = Path(file).read_text(encoding="utf-8").split()
    user = {"userName": os.environ["OZONETEL_USERNAME"]}
    start = time.perf_counter()
    with requests.Session() as session:
        session.trust_env = False
        key = {"apiKey": os.environ["OZONETEL_API_KEY"]}
        answer = session.post(f"{url}/ca_apis/CAToken/generateToken", json=user, headers=key)
        session.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        group = {**user, **GROUP, "name": "Nuisance callers", "blockNumbers": numbers[0]}
        session.post(f"{url}/ca_apis/createBlockNumber", json=group).raise_for_status()
        for first in range(0, len(numbers), 100):
            batch = {**user, **GROUP, "groupName": "Nuisance callers", "blockNumbers": numbers[first : first + 100]}
            answer = session.put(f"{url}/ca_apis/updateBlockNumber", json=batch)
            if answer.json()["status"] != "success":
                sys.exit(answer.text)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
