# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown as output, held against what came: equal but for what is another each time."""

from __future__ import annotations

import re
from typing import List, Optional

# what is another each time, and by what it is replaced on both sides
_VOLATILE = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?"), "<time>"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "<time>"),
    (re.compile(r"\b(127\.0\.0\.1|localhost):\d+\b"), "<loopback>"),
    (re.compile(r"\b\d+([.,]\d+)? (ms|s|seconds?|minutes?)\b"), "<span>"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "<id>"),
    (re.compile(r"\*{4,}"), "***"),
    (re.compile(r"[ \t]+"), " "),
)
_LEFT_OUT = ("...", "…", "[...]", "[…]")


def normalised(text: str) -> List[str]:
    """The lines that are not blank, without what is another each time."""
    for volatile, word in _VOLATILE:
        text = volatile.sub(word, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pieces(shown: str) -> List[List[str]]:
    """What is shown, cut where something is left out."""
    pieces: List[List[str]] = [[]]
    for line in normalised(shown):
        if line in _LEFT_OUT:
            pieces.append([])
        else:
            pieces[-1].append(line)
    return pieces


def missing(shown: str, came: str) -> Optional[str]:
    """Which shown line did not come; None if all came, in their order and together where nothing is left out."""
    lines = normalised(came.replace("\\n", "\n").replace('\\"', '"'))  # as Ansible prints text
    for piece in _pieces(shown):
        place = next((at for at in range(len(lines) + 1) if _begins(piece, lines[at:])), None)
        if place is None:
            return next((line for line in piece if not any(line in other for other in lines)), piece[0])
        lines = lines[place + len(piece) :]
    return None


def _begins(piece: List[str], lines: List[str]) -> bool:
    """Whether lines begin with those of a piece, or what is shown of them."""
    return len(piece) <= len(lines) and all(shown in came for shown, came in zip(piece, lines))
