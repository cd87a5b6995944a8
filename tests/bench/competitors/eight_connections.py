# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody writes who is in a hurry: eight connections at once, nothing checked, nothing kept.

eight_connections.py URL FILE         prints how many seconds it took from the first request to the last
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List

import aiohttp

GROUP = {"description": "Reported by the service desk", "expiryDate": "2099-12-31 23:59:59"}
CONNECTIONS = 8


async def send(session: aiohttp.ClientSession, url: str, batches: Iterator[Dict[str, Any]]) -> None:
    """Sends batch after batch until none is left."""
    for batch in batches:
        async with session.put(f"{url}/ca_apis/updateBlockNumber", json=batch) as answer:
            if (await answer.json())["status"] != "success":
                sys.exit(await answer.text())


async def main(url: str, file: str) -> None:
    """Makes a group and puts all numbers of a file into it."""
    numbers: List[str] = Path(file).read_text(encoding="utf-8").split()
    user = {"userName": os.environ["OZONETEL_USERNAME"]}
    start = time.perf_counter()
    key = {"apiKey": os.environ["OZONETEL_API_KEY"]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/ca_apis/CAToken/generateToken", json=user, headers=key) as answer,
    ):
        token = (await answer.json())["token"]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        group = {**user, **GROUP, "name": "Nuisance callers", "blockNumbers": numbers[0]}
        async with session.post(f"{url}/ca_apis/createBlockNumber", json=group) as answer:
            answer.raise_for_status()
        batches = (
            {**user, **GROUP, "groupName": "Nuisance callers", "blockNumbers": numbers[first : first + 100]}
            for first in range(0, len(numbers), 100)
        )
        await asyncio.gather(*(send(session, url, batches) for _connection in range(CONNECTIONS)))
    print(time.perf_counter() - start)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
