# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that a task has come across. They are masked where foreign text enters, before it is cut."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cached_property
from typing import FrozenSet, Iterable, Optional, Pattern, Set
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 8
"""Secrets are masked wherever they occur; one of fewer characters would take results apart."""

_SHORTEST_PIECE = 16
# The header of a signed token (RFC 7519) begins with {" in base64.
_SIGNED_TOKEN = r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
_SIGNED_TOKEN_BEGINS = "eyj"


class Secrets:
    """Grows as the task meets them: API key, tokens, passwords. Several threads may add and mask at once."""

    def __init__(self, values: Iterable[Optional[str]] = ()) -> None:
        self._values: Set[str] = set()
        self._masking: Optional[_Masking] = None
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
        return self._masking_of(frozenset(self._values)).masked(text)

    def _masking_of(self, values: FrozenSet[str]) -> _Masking:
        made = self._masking
        if made is None or made.values != values:
            self._masking = made = _Masking(values)
        return made


class _Masking:
    """Masks some secrets. The pattern that finds them takes long to make, and hardly any text holds one of them."""

    def __init__(self, values: FrozenSet[str]) -> None:
        self.values = values  # which it was made for: another thread may add one while it is being made
        self._forms = {form for value in values for form in written_forms(value)}
        self._lower = [*(form.lower() for form in self._forms), _SIGNED_TOKEN_BEGINS]
        self._ascii = all(map(str.isascii, self._forms))

    def masked(self, text: str) -> str:
        """The text without any of them."""
        return text if self._holds_none(text) else self._pattern.sub(MASK, text)

    def _holds_none(self, text: str) -> bool:
        """Whether that is certain. Beyond ASCII, a letter may have more than two cases."""
        lower = text.lower()
        return self._ascii and text.isascii() and not any(form in lower for form in self._lower)

    @cached_property
    def _pattern(self) -> Pattern[str]:
        longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
        return re.compile("|".join([*map(re.escape, longest_first), _SIGNED_TOKEN]), re.IGNORECASE)


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
