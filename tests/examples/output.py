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
    """Which shown line did not come; None if all came, in their order and together where nothing is left out.

    A line may be an excerpt of one that came, and one that came may be shown on several lines.
    """
    rest = " ".join(normalised(came.replace("\\n", "\n").replace('\\"', '"')))  # as Ansible prints text
    for piece in filter(None, _pieces(shown)):
        found = _found(" ".join(piece), rest)
        if found is None:
            return next((line for line in piece if _found(line, rest) is None), piece[0])
        rest = rest[found.end() :]
    return None


def _found(words: str, text: str) -> Optional[re.Match[str]]:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)
