# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the domain asks of the world: ports only."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Callable,
    FrozenSet,
    Iterator,
    List,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    Union,
)

if TYPE_CHECKING:
    from .batch import Sent
    from .calls import Answer, GroupText
    from .decide import Batch, Kind, RecordedNumber, Settled, Why, Work
    from .habits import Habits, Limit
    from .outcome import NumberResult, Outcome

MOST_AT_ONCE = 16
"""How many batches may be under way at once."""


class Clock(Protocol):
    """Time, handed in so that tests need no waiting."""

    def now(self) -> float:
        """Seconds since the epoch, UTC; somebody may set it."""

    def steady(self) -> float:
        """Seconds since some time, which nobody can set."""

    def sleep(self, seconds: float) -> None:
        """Waits that many seconds."""


class BlockNumbers(Protocol):
    """The three calls on block number groups.

    Each raises a subclass of CallFailed unless the server says success, and TokenNotObtained where it was not even
    tried.
    """

    @property
    def update_path(self) -> Optional[str]:
        """The path on which the application answered to update, once one has."""

    @property
    def limit(self) -> Optional[Limit]:
        """How many requests the account was found to bear."""

    @property
    def one_at_a_time(self) -> Optional[float]:
        """When the account was found to bear no more than that at once (seconds since the epoch, UTC), if it was."""

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """Makes a group (contract C1)."""

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """Adds numbers to a group (contract U2)."""

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """Removes numbers (contract X1)."""


class TokenSource(Protocol):
    """Where a client gets its bearer token from. Both methods raise TokenNotObtained, StoreError."""

    def current(self) -> str:
        """A token that is good now."""

    def replace(self, refused: str) -> str:
        """Another token for the one that the server refused."""


class Recorder(Protocol):
    """Makes what was done to one group durable, after it was judged and kept. Every method raises StoreError."""

    def forget(self) -> None:
        """The group is not on the server, so nothing that is recorded of it holds."""

    def begin(self, batch: Batch) -> None:
        """A batch is about to be sent: what that may change of the record is not certain until outcomes are kept."""

    def doubt_text(self) -> None:
        """The group's description or expiry is about to change: until an update is answered neither is certain."""

    def keep(self, batch: Batch, results: Sequence[NumberResult], exists: bool, group_id: Optional[int]) -> None:
        """Numbers of a batch have their outcomes. ``exists``: the group was seen on the server in this run."""

    def finish(self, made: bool) -> None:
        """The run has ended, and all that it has done was kept. ``made``: this run has made the group."""

    def doubt_all(self) -> None:
        """The group has gone, or has another id, while this run was at it: what is held of it may be gone with it."""

    def begin_anew(self) -> None:
        """A group that may have ended with the date of a row has been sent all its numbers again."""

    def keep_habits(self, habits: Habits) -> None:
        """More is known of how the account answers."""


class Workers(Protocol):
    """What sends batches, up to ``size`` at once, at most MOST_AT_ONCE.

    ``failed``: an error has ended one of them by now, though nobody may have waited for it.
    """

    size: int
    failed: bool

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Begins to send one; what it gives waits for the end and gives what became of it."""


class Record(Protocol):
    """What is recorded of the numbers of an account's groups. Every method raises StoreError."""

    def look_up(self, name: str, canonicals: Sequence[str]) -> Mapping[str, RecordedNumber]:
        """What is recorded of these numbers in a group."""

    def alike(self, name: str, canonicals: Sequence[str]) -> Optional[RecordedNumber]:
        """What is recorded of each of these numbers in a group, where that is the same of all; else None."""

    def ours(self, name: str) -> Iterator[List[str]]:
        """The canonical numbers that a purge may remove from a group, in parts: see RecordedNumber."""

    def shapes(self) -> FrozenSet[str]:
        """The shapes of all numbers that are on record in the account (see lines.py)."""

    def elsewhere(self, name: str, gone_at: Mapping[str, float]) -> Mapping[str, Tuple[str, ...]]:
        """Which other groups hold numbers, or may, in whatever spelling, by canonical number.

        ``gone_at``: since when each is on record as not in this group, 0 where it is not: a group that was in doubt
        before that is no longer so.
        """


class Worklist(Protocol):
    """This run's numbers in their order, what is to be done with each, and what became of it.

    A number for which neither was said stays as it is: see STAYS.
    """

    several_ways: bool
    """Whether some of the listed numbers, or of the others, may be the same telephone, written in another way."""

    def listed(self) -> Iterator[Mapping[str, Optional[str]]]:
        """All listed numbers in parts: the expiry that an entry has of its own, by canonical number."""

    def holds(self, canonicals: Sequence[str]) -> Set[str]:
        """Which of these are listed."""

    def add_unlisted(self, canonicals: Sequence[str]) -> None:
        """Numbers that no list has named are to be dealt with, too."""

    def tell_forms(self, forms: Mapping[str, str]) -> None:
        """In which other spelling the group may hold a number that is to be removed, by canonical number."""

    def send(self, work: Work, canonicals: Sequence[str]) -> None:
        """Numbers are to be sent."""

    def settle(self, settled: Settled, canonicals: Sequence[str]) -> None:
        """Numbers need no request."""

    def settle_alike(self, work: Work, settled: Settled) -> None:
        """All numbers that wait to be sent as ``alike`` told have the same outcome."""

    def keep(self, results: Sequence[NumberResult]) -> None:
        """What became of numbers that were sent."""

    def keep_missing(self, results: Sequence[NumberResult]) -> None:
        """The same, but for numbers of which it is known by now."""

    def waiting(self, kind: Kind) -> int:
        """How many numbers of a kind wait to be sent."""

    def alike(self) -> Sequence[Work]:
        """What is to be done with those that wait, as far as that differs in what it will bring."""

    def staying(self) -> Optional[Tuple[str, Optional[str]]]:
        """The first number that stays as it is, if there is one, and the expiry that its entry has of its own."""

    def send_staying(self, why: Why, expiry: Optional[str]) -> None:
        """All numbers that would have stayed are to be added: with their own expiry, or this one."""

    def doubt(self, why: str) -> None:
        """All numbers that are in the group, as far as was told in this run, are unconfirmed, for that reason."""

    def settle_staying(self, settled: Settled) -> None:
        """All numbers that would have stayed have this outcome instead."""

    def forget_records(self) -> None:
        """Nothing that was recorded of those that wait holds."""

    def leave(self, settled: Settled) -> None:
        """Those that still wait are not sent."""

    def batches(self, size: int, first: int = 1) -> Iterator[Batch]:
        """The requests for those that wait, numbered from ``first``.

        Additions end before removals begin. Numbers that are sent for different reasons go in different requests, so
        that a counter tells of one kind only.
        """

    def counts(self) -> Mapping[Outcome, int]:
        """How many numbers have each outcome by now."""

    def touched(self, canonicals: Sequence[str]) -> Set[str]:
        """Which of these a request of this run has changed, or may have."""

    def results(self, outcomes: FrozenSet[Outcome], besides: Optional[int]) -> Iterator[List[NumberResult]]:
        """Results with these outcomes, in parts, but for those of one batch; without those of numbers
        that stay as they are."""
