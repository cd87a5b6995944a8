# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a request and its answer may stand in a transcript: no secret, no user name, no number of the account."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any, Dict, FrozenSet, Mapping, Match, Optional, Pattern, Sequence

from .._domain.exchange import JWT, OPAQUE_TOKEN
from .._domain.secrets import Secrets, written_forms
from .answers import visible

USER_NAME, A_NUMBER = "(user name)", "(a number)"

_LONGEST_TEXT = 300
_MOST_ITEMS = 100
_PARTS = ("errors", "input", "output")
_COUNTED = frozenset({"id", "affectedRows", "lastInsertId", "new", "inserted", "deleted"})
_NUMBERS = frozenset({"blockNumbers", "succes", "success", "error"})
_TOLD = _NUMBERS | {"status", "message", "name", "groupName", "description", "expiryDate"}
_LARGEST_COUNT = 10**9
# Digits of whatever script that may be a number of seven or more, however they are set apart; no time of day.
_LONG_NUMBER = re.compile(r"\+?\d(?:[^\dA-Za-z:]{0,3}\d){6,}")
_SHORT_NUMBER = re.compile(r"\+?\d{3,}")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_SHORTEST_NAME = 4


class Redaction:
    """Takes out of texts and JSON what must not be shown. ``own``: numbers that may be."""

    def __init__(self, username: str, secrets: Secrets, own: FrozenSet[str]) -> None:
        forms = sorted(set(written_forms(username)), key=len, reverse=True)
        escaped = "|".join(map(re.escape, forms))
        alone = rf"(?<![A-Za-z0-9])(?:{escaped})(?![A-Za-z0-9])"  # a short one may be part of a word
        self._username = re.compile(escaped if len(username) >= _SHORTEST_NAME else alone, re.IGNORECASE)
        self._secrets = secrets
        self._own = frozenset(number.lstrip("+") for number in own)

    def text(self, text: str) -> str:
        """A text that is safe; cut to a length that a page bears, once it is."""
        return self._without_numbers(text, _LONG_NUMBER)[:_LONGEST_TEXT]

    def _without_numbers(self, text: str, pattern: Pattern[str]) -> str:
        safe = self._username.sub(USER_NAME, self._secrets.mask(visible(text)))
        safe = safe.encode("utf-8", "backslashreplace").decode()
        dates = _DATE.findall(safe)
        between = [pattern.sub(self._number, part) for part in _DATE.split(safe)]
        return "".join(part for pair in zip_longest(between, dates, fillvalue="") for part in pair)

    def _number(self, found: Match[str]) -> str:
        parts = re.split(r"([,;]+)", found.group())
        return "".join(A_NUMBER if self._is_foreign(part) else part for part in parts)

    def _is_foreign(self, text: str) -> bool:
        digits = "".join(c for c in text if c.isdecimal())
        own = digits in self._own or (digits.startswith("91") and digits[2:] in self._own)
        return len(digits) > 2 and not own

    def request(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        """The body of a request, all of which but the user name is the probe's own."""
        return {key: USER_NAME if key == "userName" else value for key, value in body.items()}

    def answer(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        """The JSON of an answer; of what nobody has documented only the kind."""
        return {self.text(name): self._field(name, value) for name, value in list(body.items())[:_MOST_ITEMS]}

    def _field(self, name: str, value: Any, part: str = "") -> Any:
        if isinstance(value, dict) and name in _PARTS and not part:
            items = list(value.items())[:_MOST_ITEMS]
            return {self.text(key): self._field(key, item, name) for key, item in items}
        if part == "errors" or name in _TOLD | _COUNTED:
            return self._told(name, value)
        return _kind(value)

    def _told(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._without_numbers(value, _SHORT_NUMBER)[:_LONGEST_TEXT] if name in _NUMBERS else self.text(value)
        if isinstance(value, list):
            return [_kind(item) if isinstance(item, list) else self._told(name, item) for item in value[:_MOST_ITEMS]]
        if isinstance(value, bool) or not isinstance(value, int):
            return _kind(value)
        counted = name in _COUNTED and abs(value) < _LARGEST_COUNT
        return A_NUMBER if not counted and self._is_foreign(str(value)) else value


def _kind(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    kinds = {str: "(a text)", int: A_NUMBER, float: A_NUMBER, list: "(a list)", dict: "(an object)"}
    return kinds[type(value)]


def with_token(answer: Dict[str, Any], place: Sequence[str], lifetime: Optional[float]) -> Dict[str, Any]:
    """An answer in which it is told where a token stood. ``lifetime``: in seconds, None where it is no JWT."""
    shown: Any = OPAQUE_TOKEN if lifetime is None else JWT.format(seconds=round(lifetime))
    *outer, last = place
    for key in reversed(outer):
        shown, last = {last: shown}, key
    return {**answer, last: shown}
