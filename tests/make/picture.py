# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the picture of a page, as it looks on a desktop after a search.

Usage: picture.py PAGE PICTURE
"""

from __future__ import annotations

import getpass
import socket
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from ansible_collections.ozonetel.cloudagent.tests.unit.chromium import Opened, started

WIDTH, MOST_BYTES, COLOURS = 1280, 200_000, 64


def without_this_machine(page: str) -> str:
    """The page as if somebody else had run it elsewhere: who made the picture is no business of its readers."""
    user, machine = getpass.getuser(), socket.gethostname()
    page = page.replace(f"<bdi>{user}</bdi> on <bdi>{machine}</bdi>", "<bdi>deploy</bdi> on <bdi>runner-1</bdi>")
    return page.replace(f'"{user}", "{machine}"', '"deploy", "runner-1"')


def main(page: Path, picture: Path) -> None:
    """Writes the picture; it must not be large, since it lies in the repository."""
    page.write_text(without_this_machine(page.read_text(encoding="utf-8")), encoding="utf-8")
    browsers = started()
    opened = Opened(next(browsers), page, WIDTH)
    if not opened.search("99999 01002"):
        raise SystemExit("the page does not find the number that the picture is to show")
    opened.page.evaluate("document.activeElement.blur()")
    end = opened.page.locator("#ends-table").bounding_box()
    taken = opened.page.screenshot(full_page=True)
    opened.close()
    next(browsers, None)
    whole = Image.open(BytesIO(taken))
    shown = whole.crop((0, 0, WIDTH, int(end["y"]) if end else whole.height))
    shown.quantize(COLOURS).save(picture, optimize=True)
    if picture.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{picture} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
