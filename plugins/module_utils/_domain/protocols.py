# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the domain asks of the world: a clock, the API's calls, a source of tokens, a ledger."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import List, MutableMapping, Optional, Protocol, Sequence, Tuple, Union

Facts = MutableMapping[str, str]
"""How the account was found to answer, learned once and kept (which update path, whether counters are true …)."""


class Call(enum.Enum):
    """The calls of the API that change something (the rows of the retry table)."""

    GENERATE = "generate"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Clock(Protocol):
    """Time, handed in so that tests need no waiting."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def sleep(self, seconds: float) -> None:
        """Waits that many seconds."""


@dataclass(frozen=True)
class IssuedToken:
    """A token as generated: its value and its lifetime in seconds, counted from when it was asked for."""

    value: str
    lifetime: float


@dataclass(frozen=True)
class GroupText:
    """What is written of a group in a request. ``expiry``: "YYYY-MM-DD HH:MM:SS" in the server's time."""

    name: str
    description: Optional[str] = None
    expiry: Optional[str] = None


@dataclass(frozen=True)
class Answer:
    """A success answer of create, update or delete (contract C3, U3, X2), reduced to what it tells.

    ``succeeded`` and ``failed`` are numbers as the server writes them; the counters are None where it gives none.
    """

    group_id: Optional[int] = None
    succeeded: Tuple[str, ...] = ()
    failed: Tuple[str, ...] = ()
    inserted: Optional[int] = None
    deleted: Optional[int] = None


class BlockNumbers(Protocol):
    """The three calls on block number groups. Each raises a subclass of CallFailed unless the server says success."""

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """Makes a group (contract C1)."""

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """Adds numbers to a group (contract U2)."""

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """Removes numbers (contract X1)."""


class TokenSource(Protocol):
    """Where a client gets its bearer token from."""

    def current(self) -> str:
        """A token that is good now."""

    def replace(self, refused: str) -> str:
        """Another token for the one that the server refused; raises TokenRefused if there can be none."""
