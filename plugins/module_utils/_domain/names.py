# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names of groups people may take for one another."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import Dict, Iterable, List

_MOST = 3
_APART = "|"
_READ_TOO = f"{_APART}+"
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")


def nearly_the_same(name: str, other: str) -> bool:
    """Whether two names differ only in case, blanks and punctuation."""
    return _letters(name) == _letters(other)


def similar_names(name: str, names: Iterable[str]) -> List[str]:
    """Up to three of these names that are like a name, the likest first."""
    by_letters: Dict[str, List[str]] = {}
    for other in names:
        by_letters.setdefault(_letters(other), []).append(other)
    close = difflib.get_close_matches(_letters(name), by_letters, _MOST)
    return [other for letters in close for other in by_letters[letters]][:_MOST]


def those_on_record(name: str, names: Iterable[str]) -> str:
    """Names that may be meant, in words that follow what is said of one that is not on record."""
    found = similar_names(name, names)
    return f" (on record: {', '.join(map(repr, found))})" if found else ""


def _letters(name: str) -> str:
    """What is read aloud of a name, numbers apart from each other; all of it where that is nothing."""
    text = _BETWEEN_DIGITS.sub(_APART, unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in text if c in _READ_TOO or unicodedata.category(c)[0] in "LMN") or name
