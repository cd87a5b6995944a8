# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe of an account asks, and what it is answered, as values."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, List, Mapping, Optional, Protocol, Sequence, Tuple

from .errors import CallFailed, CloudAgentError, EndpointMissing, GroupUnknown, Refused
from .numbers import Number

if TYPE_CHECKING:
    from .calls import Answer

MOST_REQUESTS = 60
_MANDATORY = "parameters are mandatory"  # as compared

JWT, OPAQUE_TOKEN = "(a JWT that lives for {seconds} s)", "(a token that is no JWT)"
"""Stand for a token in a transcript."""


class Target(enum.Enum):
    """Where a request goes: calls of the API, and a method that update does not have (contract G5)."""

    STATUS = "campaign status"
    GENERATE = "generate token"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    WRONG_METHOD = "update, with another method"


class Credential(enum.Enum):
    """What a request is authenticated with (contract A2, A3)."""

    OWN = "as other tasks"
    MADE_UP = "the same header, made up"
    OTHER_KIND = "the other header"
    BOTH = "both headers"
    EARLIER = "the token before the newest"


@dataclass(frozen=True)
class Request:
    """A request but for the user name, which is added to every body. ``older``: on the older path of update (U1)."""

    target: Target
    body: Mapping[str, Any] = field(default_factory=dict)
    credential: Credential = Credential.OWN
    older: bool = False


@dataclass(frozen=True)
class Exchange:
    """A question, the request that asks it, and what became of that.

    ``status``: of HTTP, None where no whole answer came. ``body``: the JSON object of the answer without secrets, None
    where there is none. One of ``answer`` and ``error`` tells what that means; both are None for a generated token.
    """

    question: str
    request: Request
    status: Optional[int] = None
    body: Optional[Mapping[str, Any]] = None
    answer: Optional[Answer] = None
    error: Optional[CloudAgentError] = None

    @property
    def refused(self) -> bool:
        """Whether the application has refused the request, so that it has had no effect."""
        return isinstance(self.error, CallFailed) and not self.error.maybe_done and not self.missing

    @property
    def missing(self) -> bool:
        """Whether there is nothing at that path."""
        return isinstance(self.error, EndpointMissing)

    @property
    def answered(self) -> bool:
        """Whether the application itself has taken or refused the request."""
        return self.answer is not None or self.refused

    @property
    def may_be_done(self) -> bool:
        """Whether the request may have had its effect."""
        return not self.refused and not self.missing

    @property
    def message(self) -> str:
        """The server's own words, as they may be shown; what went wrong where it has said none."""
        body = self.body or {}
        errors = body.get("errors")
        parts = [body.get("message"), *(errors.values() if isinstance(errors, Mapping) else ())]
        said = ": ".join(part for part in parts if isinstance(part, str) and part)
        return said if said or self.status is not None else str(self.error or "")


Transcript = Dict[str, Exchange]
"""What was asked, by the name of the question."""


class Asking(Protocol):
    """What asks the server."""

    @property
    def sent(self) -> int:
        """How many requests the server may have seen."""

    @property
    def credentials(self) -> FrozenSet[Credential]:
        """Those that can be had besides one's own."""

    def ask(self, question: str, request: Request) -> Exchange:
        """Asks once, and writes it down. Raises TokenNotObtained, StoreError, MissingLibrary where it cannot."""


class ProbeRecord(Protocol):
    """What outlives a probe. Every method raises StoreError."""

    lasting: bool

    def read(self, name: str) -> Optional[str]:
        """What was noted."""

    def note(self, name: str, text: str) -> None:
        """Notes something, so that not even a power cut loses it."""


# Its own group, and numbers that nobody has: reserved for drama (Ofcom), placeholders, or none at all.
GROUP = "Ansible probe"
DESCRIPTION = "Made by ozonetel_account_probe. Assign it to no campaign."
NO_GROUP, NO_GROUP_EITHER = "no such group 5f3a9c21", "no such group 8e1d04b7"
NO_ID = 999_999_999
EXPIRY, PAST = "2099-12-31 23:59:59", "2020-01-01 00:00:00"

CREATED = "+447700900900"
NEW = "+447700900901"
TWICE = "+447700900902"
BESIDE_BAD = "+447700900903"
UNDESCRIBED = "+447700900904"
UNDATED = "+447700900905"
WRONGLY_SENT = "+447700900906"
ABSENT = "+447700900909"
TEN_DIGITS, TEN_DIGITS_91, TWELVE_DIGITS = "9999908902", "9199999000", "919999908901"
LETTERS, BESIDE_GOOD = "abcdefgh", "447700900908000000000"
BY_LENGTH: Mapping[int, str] = {
    1: "7",
    2: "77",
    3: "770",
    16: "4477009009070000",
    17: "44770090090700000",
    20: "44770090090700000000",
}

USUAL: Tuple[str, ...] = (
    CREATED,
    NEW,
    TWICE,
    BESIDE_BAD,
    UNDESCRIBED,
    UNDATED,
    WRONGLY_SENT,
    ABSENT,
    TEN_DIGITS,
    TEN_DIGITS_91,
    TWELVE_DIGITS,
)
"""Numbers that any server takes, in the order in which they are used; they are removed together."""

ALONE: Tuple[str, ...] = (LETTERS, BESIDE_GOOD, *BY_LENGTH.values())
"""What a server may refuse, or take; each is removed alone, since one that is refused takes others with it."""

OWN_NUMBERS = frozenset(USUAL + ALONE)


def numbers(canonicals: List[str]) -> Tuple[Number, ...]:
    """Numbers of the probe, as the other parts of the domain take them."""
    return tuple(Number(canonical, canonical, "the probe") for canonical in canonicals)


def lacks_something(exchange: Exchange) -> bool:
    """Whether a request was refused for something that was left out (contract C6, U5)."""
    return isinstance(exchange.error, Refused) and exchange.error.words == _MANDATORY


def words_for_none(exchange: Exchange, name: str) -> Optional[str]:
    """The words of a refusal, as compared, with {name} in the place of the group's name.

    None where it is none, and where the documented words say what else is wrong (contract C6).
    """
    error = exchange.error
    if not exchange.refused or not isinstance(error, (GroupUnknown, Refused)):
        return None
    if isinstance(error, Refused) and error.documented:
        return None
    return str(error.words).replace(name.lower(), "{name}")


def update_request(canonicals: Sequence[str], older: bool, name: str = GROUP, **changed: Optional[str]) -> Request:
    """An update; what is changed to None is left out."""
    body: Dict[str, Any] = {"groupName": name, "description": DESCRIPTION, "expiryDate": EXPIRY, **changed}
    kept = {key: value for key, value in body.items() if value is not None}
    return Request(Target.UPDATE, {**kept, "blockNumbers": list(canonicals)}, older=older)


def delete_request(canonicals: Sequence[str], name: Optional[str] = None, group_id: Optional[int] = None) -> Request:
    """A delete; what is None is left out."""
    body: Dict[str, Any] = {"id": group_id, "groupName": name}
    kept = {key: value for key, value in body.items() if value is not None}
    return Request(Target.DELETE, {**kept, "blockNumbers": list(canonicals)})
