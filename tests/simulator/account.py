# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the simulated account: clock, tokens, groups, limits. No HTTP here."""

from __future__ import annotations

import base64
import contextlib
import copy
import hashlib
import hmac
import json
import math
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator, List, Optional

from . import switches

HOUR = 3600.0
FIRST_GROUP_ID = 20
INDIA = timezone(timedelta(hours=5, minutes=30))
_EXPIRY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_DIGITS = re.compile(r"\+?([0-9]+)")


@dataclass
class Group:
    """A block number group as the server holds it."""

    id: int
    name: str
    description: str
    expiry_date: Optional[str] = None
    numbers: List[str] = field(default_factory=list)


def end_of(expiry_date: str) -> float:
    """When an expiry date is reached, in seconds since the epoch (C1, N4: read as IST); raises ValueError."""
    if not _EXPIRY.fullmatch(expiry_date):
        raise ValueError(f"{expiry_date!r} is not of the form YYYY-MM-DD HH:MM:SS")
    return datetime.fromisoformat(expiry_date).replace(tzinfo=INDIA).timestamp()


class Account:
    """One CloudAgent account. Not thread-safe by itself: the server holds a lock around each request."""

    def __init__(self, username: str, api_key: str) -> None:
        self.username = username
        self.api_key = api_key
        self._signing_key = secrets.token_bytes(32)
        self.reset()

    def reset(self) -> None:
        """Everything as at the beginning."""
        self.switches: Dict[str, Any] = switches.defaults()
        self.groups: List[Group] = []
        self.tokens: Dict[str, float] = {}  # the valid ones, with their end
        self.generations: List[float] = []
        self.generated = 0
        self._calls: List[float] = []
        self._offset = 0.0
        self._next_id = FIRST_GROUP_ID

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """What is done inside is undone at the end."""
        kept = copy.deepcopy({name: value for name, value in vars(self).items() if name != "switches"})
        yield
        vars(self).update(kept)

    def now(self) -> float:
        """The server's time, in seconds since the epoch."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Moves the server's clock; raises ValueError."""
        if not math.isfinite(seconds):
            raise ValueError(f"the clock cannot be moved by {seconds} seconds")
        self._offset += seconds

    def set(self, **values: Any) -> None:
        """Sets switches; all or none."""
        checked = {name: switches.checked(name, value) for name, value in values.items()}
        self.switches.update(checked)

    # -- tokens and limits (T3, T4, G4) --------------------------------------------------------------------------------

    def may_generate(self) -> bool:
        """Whether fewer generations than the limit lie within the last hour."""
        recent = [at for at in self.generations if at > self.now() - HOUR]
        return len(recent) < int(self.switches["generation_limit"])

    def generate(self) -> str:
        """A new token, which revokes every earlier one."""
        self.generated += 1
        self.generations.append(self.now())
        token = self._jwt() if self.switches["token_form"] == "jwt" else secrets.token_urlsafe(40)
        self.tokens = {token: self.now() + self.switches["token_lifetime"]}
        return token

    def _jwt(self) -> str:
        issued = int(self.now())
        claims = {
            "sub": self.username,
            "iat": issued,
            "exp": issued + self.switches["token_lifetime"],
            "jti": secrets.token_hex(8),
        }
        parts = [_base64url(json.dumps(part).encode()) for part in ({"alg": "HS512", "typ": "JWT"}, claims)]
        signature = hmac.new(self._signing_key, ".".join(parts).encode(), hashlib.sha512).digest()
        return ".".join([*parts, _base64url(signature)])

    def accepts(self, token: str) -> bool:
        """Whether a token is the newest one and has not ended."""
        return self.tokens.get(token, 0.0) > self.now()

    def within_rate(self) -> bool:
        """Counts a call against the limit of calls a minute."""
        limit = self.switches["rate_limit"]
        self._calls = [at for at in self._calls if at > self.now() - 60.0]
        if limit and len(self._calls) >= limit:
            return False
        self._calls.append(self.now())
        return True

    # -- groups and numbers (N1, N2, X3) -------------------------------------------------------------------------------

    def canonical(self, number: str) -> str:
        """A number in the server's own form (N1)."""
        if self.switches["number_form"] == "as_given":
            return number
        if re.fullmatch(r"[0-9]{10}", number):
            return f"+91{number}"
        if re.fullmatch(r"91[0-9]{10}", number):
            return f"+{number}"
        return number

    def well_formed(self, number: str) -> bool:
        """Whether a number has a form that the server takes (N2)."""
        refused, digits = self.switches["refused_numbers"], _DIGITS.fullmatch(number)
        if digits is None or (refused and re.fullmatch(refused, number)):
            return False
        return int(self.switches["fewest_digits"]) <= len(digits.group(1)) <= int(self.switches["most_digits"])

    def named(self, name: str) -> Optional[Group]:
        """The first group of a name."""
        return next((group for group in self.groups if group.name == name), None)

    def with_id(self, group_id: Any) -> Optional[Group]:
        """The group of an id, given as a number or as digits."""
        return next((group for group in self.groups if str(group.id) == str(group_id)), None)

    def preset(self, name: str, numbers: List[str], description: str, expiry: Optional[str], wanted: Any) -> Group:
        """Makes a group as the web console would, or replaces it; it keeps its id unless another is wanted."""
        old = self.named(name)
        kept = [group for group in self.groups if group.name != name]
        group_id = int(wanted) if wanted is not None else old.id if old else self._next_id
        if any(group.id == group_id for group in kept):
            raise ValueError(f"another group has the id {group_id}")
        self._next_id = max(self._next_id, group_id + 1)
        group = Group(group_id, name, description, expiry, list(dict.fromkeys(map(self.canonical, numbers))))
        self.groups = [*kept, group]
        return group

    def delete_groups(self, name: str) -> int:
        """Deletes the groups of a name as the web console would; gives how many there were."""
        kept = [group for group in self.groups if group.name != name]
        gone = len(self.groups) - len(kept)
        self.groups = kept
        return gone

    def make_group(self, name: str, description: str, expiry: Optional[str]) -> Group:
        """A new group."""
        group = Group(self._next_id, name, description, expiry)
        self._next_id += 1
        self.groups.append(group)
        return group

    def held(self, group: Group) -> List[str]:
        """The numbers that are in a group now."""
        if self.switches["expired_numbers_vanish"] and group.expiry_date and end_of(group.expiry_date) <= self.now():
            group.numbers.clear()
        return group.numbers

    def anywhere(self) -> List[str]:
        """The numbers of all groups."""
        return [number for group in self.groups for number in self.held(group)]

    def remove_everywhere(self, numbers: List[str], groups: List[Group]) -> int:
        """Removes numbers from these groups; gives how many rows went."""
        gone, unwanted = 0, set(numbers)
        for group in groups:
            kept = [number for number in self.held(group) if number not in unwanted]
            gone += len(group.numbers) - len(kept)
            group.numbers[:] = kept
        return gone


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
