# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what galaxy-importer prints, and fails for each warning or error that is not accepted below.

``python importer_log.py``: the log comes on standard input.
"""

from __future__ import annotations

import re
import sys
from typing import Iterable, List

DONE = "Importer processing completed successfully"
# what is accepted, as regular expressions, each with its reason
ACCEPTED = {
    r"WARNING: plugins/\S+ W503 line break before binary operator": "black breaks lines so, and PEP 8 asks for it now",
    r"WARNING: plugins/\S+ E203 whitespace before ':'": "black writes slices so",
    r"WARNING: ERROR    Failed to find ozonetel\.cloudagent\.\w+ playbook\.": (
        "galaxy-importer has ansible-lint look for collections in the folder ansible_collections itself, not in the "
        "one above it, where Ansible finds them"
    ),
}


def faults(log: Iterable[str]) -> List[str]:
    """What is wrong in the lines of a log: each warning and error that is not accepted, and an end that is missing."""
    lines = [line.rstrip("\n") for line in log]
    found = [line for line in lines if line.startswith(("WARNING:", "ERROR:", "CRITICAL:")) and not _accepted(line)]
    if DONE not in lines:
        return [*found, "the import was not completed"]
    return found + [f"nothing is to be accepted any more as: {known}" for known in ACCEPTED if not _any(known, lines)]


def _accepted(line: str) -> bool:
    return any(re.fullmatch(known, line) for known in ACCEPTED)


def _any(known: str, lines: List[str]) -> bool:
    return any(re.fullmatch(known, line) for line in lines)


def main() -> int:
    """Passes the log on, then tells what is wrong in it."""
    log = list(sys.stdin)
    sys.stdout.writelines(log)
    found = faults(log)
    print("\n".join(["", *found]) if found else "galaxy-importer: nothing but what is accepted")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
