# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the files of the checkout that this file belongs to into a folder, as `git clone` does, committed or not.

The environment that the checkout has made is lent, so that it is not downloaded once more.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def lend_environment(venv: Path, folder: Path) -> None:
    """Links what an environment consists of, with the mark by which tests/make/venv.sh knows that it is ready."""
    lent = folder.resolve() / ".build" / "venv"
    lent.mkdir(parents=True)
    for part in venv.iterdir():
        if part.name != "made-for":
            (lent / part.name).symlink_to(part)
    mark = (venv / "made-for").read_text(encoding="utf-8")
    (lent / "made-for").write_text(mark.replace(str(venv), str(lent)), encoding="utf-8")


def clone(folder: Path, venv: Path) -> None:
    """Makes the folder, with the environment ``venv`` of a checkout lent to it."""
    copied = str(CHECKOUT / "tests" / "make" / "collection_tree.py")
    subprocess.run([sys.executable, copied, str(CHECKOUT), str(folder)], check=True)
    lend_environment(venv, folder)


if __name__ == "__main__":
    clone(Path(sys.argv[1]), Path(sys.argv[2]))
