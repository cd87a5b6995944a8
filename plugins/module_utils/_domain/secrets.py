# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that a task has come across. They are masked where foreign text enters, before it is cut."""

from __future__ import annotations

import re
from typing import Iterable, Optional, Pattern, Set
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 8
"""Secrets are masked wherever they occur; one of fewer characters would take results apart."""

_SHORTEST_PIECE = 16


class Secrets:
    """Grows as the task meets them: API key, tokens, passwords."""

    def __init__(self, values: Iterable[Optional[str]] = ()) -> None:
        self._values: Set[str] = set()
        self._pattern: Optional[Pattern[str]] = None
        for value in values:
            self.add(value)

    def add(self, value: Optional[str]) -> None:
        """One more; None and what is too short to be one are left out."""
        if value is not None and len(value) >= SHORTEST and value not in self._values:
            self._values.add(value)
            self._pattern = None

    def values(self) -> Set[str]:
        """All of them, as they were added."""
        return set(self._values)

    def mask(self, text: str) -> str:
        """The text without any of them: in any case, percent-encoded, and without the parts of a signed token."""
        if not self._values:
            return text
        if self._pattern is None:
            forms = {form for value in self._values for form in _forms(value)}
            longest_first = sorted(forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        return self._pattern.sub(MASK, text)


def _forms(value: str) -> Iterable[str]:
    yield from (value, quote(value, safe=""), quote(value), quote_plus(value))
    yield from (piece for piece in value.split(".") if len(piece) >= _SHORTEST_PIECE)
