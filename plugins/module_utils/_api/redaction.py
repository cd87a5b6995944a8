# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a request and its answer may stand in a transcript: no secret, no user name, no number of the account."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Mapping, Optional, Sequence

from .._domain.exchange import JWT, OPAQUE_TOKEN
from .._domain.secrets import Secrets
from .answers import without_invisible

USER_NAME, A_NUMBER = "(user name)", "(a number)"

_LONGEST_TEXT = 300
_MOST_ITEMS = 100
_PARTS = ("errors", "input", "output")
_COUNTED = frozenset({"id", "affectedRows", "lastInsertId", "new", "inserted", "deleted"})
_TOLD = frozenset(
    {
        "status",
        "message",
        "name",
        "groupName",
        "description",
        "expiryDate",
        "blockNumbers",
        "succes",
        "success",
        "error",
    }
)
_MOST_COUNTED = 10**9  # a phone number with its country code has more digits
_COUNT = re.compile(r"[0-9]{1,9}")
_BETWEEN = r"[\s()./\u2010-\u2015\u2212-]{0,3}"
_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
_DATE = rf"(?:(?:19|20)[0-9]{{2}}-{_MONTH}-{_DAY}|{_DAY}[-/.]{_MONTH}[-/.](?:19|20)[0-9]{{2}})"
_TIME = r"[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?![0-9])"
# A date is one only where no more digits follow that may belong to a phone number.
_LONG_NUMBER = re.compile(rf"(?P<date>{_DATE}(?:{_TIME}|(?!{_BETWEEN}\d)))|\+?\d(?:{_BETWEEN}\d){{6,}}")
_SHORTEST_NAME = 4


class Redaction:
    """Takes out of texts and JSON what must not be shown. ``own``: numbers that may be."""

    def __init__(self, username: str, secrets: Secrets, own: FrozenSet[str]) -> None:
        escaped = re.escape(username)
        alone = rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"  # a short one may be part of a word
        self._username = re.compile(escaped if len(username) >= _SHORTEST_NAME else alone, re.IGNORECASE)
        self._secrets = secrets
        self._own = frozenset(number.lstrip("+") for number in own)

    def text(self, text: str) -> str:
        """A text that is safe; cut to a length that a page bears, once it is."""
        return _LONG_NUMBER.sub(self._number, self._without_names(text))[:_LONGEST_TEXT]

    def _without_names(self, text: str) -> str:
        return self._username.sub(USER_NAME, self._secrets.mask(without_invisible(text)))

    def _number(self, found: re.Match[str]) -> str:
        text = found.group()
        return text if found["date"] or self._is_own(text) else A_NUMBER

    def _is_own(self, text: str) -> bool:
        digits = "".join(c for c in text if c.isdecimal())
        return digits in self._own or (digits.startswith("91") and digits[2:] in self._own)

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
            safe = self._without_names(value)
            return safe if name in _COUNTED and _COUNT.fullmatch(safe) else self.text(value)
        if isinstance(value, list):
            return [_kind(item) if isinstance(item, list) else self._told("", item) for item in value[:_MOST_ITEMS]]
        if isinstance(value, int) and (self._is_own(str(value)) or (name in _COUNTED and abs(value) < _MOST_COUNTED)):
            return value
        return _kind(value)


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
