# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps a copy of the checkout's files, committed or not, where Ansible looks for a collection.

It changes only what differs, so that a copy in use stays usable and caches stay valid.
"""

from __future__ import annotations

import fcntl
import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List, Set


def files_of_checkout(checkout: Path) -> Set[Path]:
    """The files git knows or would add, relative to the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=checkout, check=True, capture_output=True).stdout
    paths = {Path(os.fsdecode(name)) for name in listed.split(b"\0") if name}
    return {path for path in paths if (checkout / path).is_file()}


def files_of_copy(copy: Path) -> List[Path]:
    """The files that git would list in the copy: not what tests left there."""
    return sorted(files_of_checkout(copy))


def bring(source: Path, target: Path) -> None:
    """Copies one file with its mode and time, in one step, unless the target is the same already."""
    if target.is_file() and filecmp.cmp(source, target) and source.stat().st_mode == target.stat().st_mode:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy2(source, unfinished)
    unfinished.replace(target)


def remove(stale: Path, copy: Path) -> None:
    """Removes a file that the checkout no longer has, and the directories it leaves empty."""
    stale.unlink(missing_ok=True)
    for parent in stale.parents:
        shutil.rmtree(parent / "__pycache__", ignore_errors=True)
        if parent == copy or any(parent.iterdir()):
            return
        parent.rmdir()


def main(checkout: Path, copy: Path) -> None:
    """Makes the copy equal to the checkout; several that are called at once do so one after the other."""
    copy.mkdir(parents=True, exist_ok=True)
    with open(copy.with_name(f".{copy.name}.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_equal(checkout, copy)


def _make_equal(checkout: Path, copy: Path) -> None:
    # ansible-test asks git for its files, and would find the checkout, which ignores the copy
    subprocess.run(["git", "init", "--quiet", "--template=", str(copy)], check=True)
    wanted = files_of_checkout(checkout)
    for path in sorted(wanted):
        bring(checkout / path, copy / path)
    for path in files_of_copy(copy):
        if path not in wanted:
            remove(copy / path, copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
