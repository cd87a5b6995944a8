# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that a task has come across. They are masked where foreign text enters, before it is cut."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import FrozenSet, Iterable, Optional, Pattern, Set, Tuple
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 8
"""Secrets are masked wherever they occur; one of fewer characters would take results apart."""

_SHORTEST_PIECE = 16
# The header of a signed token (RFC 7519) begins with {" in base64.
_SIGNED_TOKEN = r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"


class Secrets:
    """Grows as the task meets them: API key, tokens, passwords. Several threads may add and mask at once."""

    def __init__(self, values: Iterable[Optional[str]] = ()) -> None:
        self._values: Set[str] = set()
        # With the values that it was made for, in one piece: another thread may add one while it is being made.
        self._pattern: Optional[Tuple[FrozenSet[str], Pattern[str]]] = None
        for value in values:
            self.add(value)

    def add(self, value: Optional[str]) -> None:
        """One more; None and what is too short to be one are left out."""
        if value is not None and len(value) >= SHORTEST:
            self._values.add(value)

    def values(self) -> Set[str]:
        """All of them, as they were added."""
        return set(self._values)

    def mask(self, text: str) -> str:
        """The text without any of them: in any case, encoded in the usual ways, and without parts of a signed token.

        Without any signed token at all: a server may name one that this task does not know.
        """
        return self._pattern_for(frozenset(self._values)).sub(MASK, text)

    def _pattern_for(self, values: FrozenSet[str]) -> Pattern[str]:
        made = self._pattern
        if made is None or made[0] != values:
            forms = {form for value in values for form in written_forms(value)}
            longest_first = sorted(forms, key=lambda form: (-len(form), form))
            pattern = re.compile("|".join([*map(re.escape, longest_first), _SIGNED_TOKEN]), re.IGNORECASE)
            self._pattern = made = (values, pattern)
        return made[1]


def written_forms(value: str) -> Iterable[str]:
    """The ways in which a text may be written: as it is, and encoded as is usual."""
    data = value.encode("utf-8", "surrogatepass")
    yield from (value, html.escape(value), json.dumps(value)[1:-1], repr(value)[1:-1])
    yield from (quote(data, safe=""), quote(data), quote_plus(data), "".join(f"%{byte:02X}" for byte in data))
    yield from (
        data.hex(),
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
    )
    yield from (piece for piece in value.split(".") if len(piece) >= _SHORTEST_PIECE)
