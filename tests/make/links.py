# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells which pages elsewhere, of those that the documentation links to, are not there. ``python links.py LIST``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Optional

import requests

SECONDS = 30


def trouble(link: str) -> Optional[str]:
    """Why a page cannot be read; nothing if it can."""
    try:
        answer = requests.get(link, timeout=SECONDS, stream=True)
    except requests.RequestException as error:
        return str(error)
    with answer:
        return None if answer.ok else f"HTTP {answer.status_code}"


def main(listed: Path) -> int:
    """Asks for each page of a list, one a line; 1 if one is not there."""
    links = [line for line in listed.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = {link: why for link in links if (why := trouble(link)) is not None}
    for link, why in found.items():
        print(f"{link}: {why}")
    print(f"{len(links) - len(found)} of {len(links)} pages are there")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
