# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that a task has come across. They are masked where foreign text enters, before it is cut."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Iterable, Optional, Pattern, Set
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 8
"""Secrets are masked wherever they occur; one of fewer characters would take results apart."""

_SHORTEST_PIECE = 16
# The header of a signed token (RFC 7519) begins with {" in base64.
_SIGNED_TOKEN = r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"


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
        """The text without any of them: in any case, encoded in the usual ways, and without parts of a signed token.

        Without any signed token at all: a server may name one that this task does not know.
        """
        if self._pattern is None:
            forms = {form for value in self._values for form in _forms(value)}
            longest_first = sorted(forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join([*map(re.escape, longest_first), _SIGNED_TOKEN]), re.IGNORECASE)
        return self._pattern.sub(MASK, text)


def _forms(value: str) -> Iterable[str]:
    data = value.encode("utf-8", "surrogatepass")
    yield from (value, html.escape(value), json.dumps(value)[1:-1], repr(value)[1:-1])
    yield from (quote(data, safe=""), quote(data), quote_plus(data), "".join(f"%{byte:02X}" for byte in data))
    yield from (
        data.hex(),
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
    )
    yield from (piece for piece in value.split(".") if len(piece) >= _SHORTEST_PIECE)
