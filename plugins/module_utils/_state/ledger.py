# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger: what was applied to each group, written batch by batch right after the server's answer was judged."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._domain.decide import Batch, Kind, RecordedGroup, RecordedNumber
from .._domain.habits import Habits
from .._domain.lines import spellings
from .._domain.numbers import Number
from .._domain.outcome import IN_GROUP, NumberResult, Outcome
from .._domain.protocols import Clock
from .store import Row, Store, keep_habits

IsPast = Callable[[str], bool]
"""Whether an expiry (in the server's time) has passed."""

_PRESENT = tuple(sorted(outcome.value for outcome in IN_GROUP))
_PAGE = 5000  # rows that are read at once
_NUMBER = {
    "group_ref": "int",
    "number": "text",
    "outcome": "text",
    "expiry": "text",
    "recorded_at": "float8",
    "batch": "int",
    "ours": "int",
    "contested": "int",
}
# Of numbers that are in the group it does not matter when they were recorded, so that many are alike.
_RECORDED = (
    "outcome, expiry, ours, contested, CASE WHEN outcome IN (?, ?, ?) THEN 0.0 ELSE recorded_at END AS at,"
    " CASE WHEN recorded_at > ? THEN 1 ELSE 0 END AS fresh"
)
_AMONG = " FROM numbers WHERE group_ref = ? AND number {among}"
_LOOK_UP = f"SELECT number, {_RECORDED}{_AMONG}"
_ALIKE = f"SELECT {_RECORDED}, COUNT(*){_AMONG} GROUP BY outcome, expiry, ours, contested, at, fresh"
_DOUBT_IN_ACCOUNT = (
    "UPDATE numbers SET outcome = ?, recorded_at = ? WHERE outcome IN (?, ?, ?)"
    " AND group_ref IN (SELECT id FROM groups WHERE account = ?) AND number {among}"
)
_DOUBT_IN_GROUP = _DOUBT_IN_ACCOUNT.replace("account = ?", "account = ? AND name = ?")
_CONTEST = (
    _DOUBT_IN_ACCOUNT.replace("account = ?", "account = ? AND name <> ?")  # what is held in other groups
).replace("recorded_at = ?", "recorded_at = ?, contested = 1")
_UPSERT_GROUP = (
    "INSERT INTO groups (account, name, seen, group_id, complete, description, expiry, span, unsure, recorded_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, name) DO UPDATE SET"
    " seen = CASE WHEN excluded.seen > groups.seen THEN excluded.seen ELSE groups.seen END,"
    " complete = CASE WHEN excluded.complete = 1 OR excluded.group_id <> groups.group_id"
    " THEN excluded.complete ELSE groups.complete END,"
    " group_id = COALESCE(excluded.group_id, groups.group_id),"
    " description = COALESCE(excluded.description, groups.description),"
    " expiry = COALESCE(excluded.expiry, groups.expiry), span = COALESCE(excluded.span, groups.span),"
    " unsure = CASE WHEN excluded.unsure < groups.unsure THEN excluded.unsure ELSE groups.unsure END,"
    " recorded_at = excluded.recorded_at"
)


@dataclass(frozen=True)
class GroupRecord:
    """A group as recorded. ``recorded_at``: seconds since the epoch, UTC."""

    name: str
    group_id: Optional[int]
    description: Optional[str]
    expiry: Optional[str]
    recorded_at: float


@dataclass(frozen=True)
class NumberRecord:
    """A number of a group as recorded, with the time and the batch in which it was; ``ours``: see RecordedNumber."""

    number: str
    outcome: Outcome
    expiry: Optional[str]
    recorded_at: float
    batch: Optional[int]
    ours: bool


class Ledger:
    """What is recorded of one account.

    ``is_past`` decides which recorded expiries have passed. ``fresh_since``: seconds since the epoch; what was recorded
    later counts as fresh.
    """

    def __init__(self, store: Store, account: str, is_past: IsPast, fresh_since: float = math.inf) -> None:
        self._store = store
        self._account = account
        self._is_past = is_past
        self._fresh_since = fresh_since

    def groups(self) -> List[GroupRecord]:
        """All groups of the account that were seen on the server, by name."""
        rows = self._store.rows(
            "SELECT name, group_id, description, expiry, recorded_at FROM groups WHERE account = ? AND seen = 1"
            " ORDER BY name",
            self._account,
        )
        return [GroupRecord(row[0], row[1], row[2], self._expiry(row[3]), row[4]) for row in rows]

    def group(self, name: str) -> RecordedGroup:
        """What is recorded of a group itself."""
        rows = self._store.rows(
            "SELECT seen, group_id, description, expiry, span, unsure, complete FROM groups"
            " WHERE account = ? AND name = ?",
            self._account,
            name,
        )
        if not rows:
            return RecordedGroup()
        seen, group_id, description, expiry, span, unsure, complete = rows[0]
        ended = self._has_ended(expiry)
        return RecordedGroup(bool(seen), group_id, description, expiry, span, ended, bool(unsure), bool(complete))

    def numbers(self, name: str) -> Iterator[NumberRecord]:
        """All numbers recorded of a group, in their order, as recorded (expired ones too)."""
        reference, _ended = self._standing(name)
        last = ""
        while True:
            rows = self._store.rows(
                "SELECT number, outcome, expiry, recorded_at, batch, ours FROM numbers"
                " WHERE group_ref = ? AND number > ? ORDER BY number LIMIT ?",
                reference,
                last,
                _PAGE,
            )
            yield from (NumberRecord(row[0], self._outcome(row[1]), self._expiry(row[2]), *row[3:]) for row in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def look_up(self, name: str, canonicals: Sequence[str]) -> Dict[str, RecordedNumber]:
        """What is recorded of these numbers in a group."""
        reference, ended = self._standing(name)
        alike: Dict[Row, RecordedNumber] = {}
        found: Dict[str, RecordedNumber] = {}
        for number, *row in self._store.rows_among(_LOOK_UP, canonicals, *self._values(), reference):
            key = tuple(row)
            if key not in alike:
                alike[key] = self._recorded(key, ended)
            found[number] = alike[key]
        return found

    def alike(self, name: str, canonicals: Sequence[str]) -> Optional[RecordedNumber]:
        """What is recorded of each of these numbers in a group, where that is the same of all; else None."""
        reference, ended = self._standing(name)
        rows = self._store.rows_among(_ALIKE, canonicals, *self._values(), reference)
        kinds = {self._recorded(row[:-1], ended) for row in rows}
        if len(kinds) != 1 or sum(row[-1] for row in rows) < len(canonicals):
            return None
        return kinds.pop()

    def _values(self) -> Row:
        return (*_PRESENT, self._fresh_since)

    def _recorded(self, row: Row, ended: bool) -> RecordedNumber:
        outcome, expiry, ours, contested, recorded_at, fresh = row
        now = self._as_of_now(outcome, expiry, ended)
        return RecordedNumber(now, expiry, bool(ours), recorded_at, bool(contested), bool(fresh))

    def _as_of_now(self, text: str, expiry: Optional[str], ended: bool) -> Outcome:
        """What holds now. Whether an expiry is the number's or the group's, and what it does, is not documented."""
        outcome, ended = self._outcome(text), self._has_ended(expiry) or ended
        return Outcome.UNCONFIRMED if outcome in IN_GROUP and ended else outcome

    def _outcome(self, text: str) -> Outcome:
        try:
            return Outcome(text)
        except ValueError:
            raise self._store.damaged(f"{text!r} in it is no outcome") from None

    def _expiry(self, text: Optional[str]) -> Optional[str]:
        """An expiry that can be read."""
        try:
            if text is not None:
                self._is_past(text)
            return text
        except (ValueError, TypeError):
            raise self._store.damaged(f"{text!r} in it is no date") from None

    def _has_ended(self, expiry: Optional[str]) -> bool:
        """Whether there is an expiry, and it has passed."""
        return self._expiry(expiry) is not None and self._is_past(str(expiry))

    def ours(self, name: str) -> Iterator[List[str]]:
        """The canonical numbers that a purge may remove from a group, in parts: see RecordedNumber."""
        reference, _ended = self._standing(name)
        last = ""
        while True:
            rows = self._store.rows(
                "SELECT number FROM numbers WHERE group_ref = ? AND number > ? AND ours = 1 ORDER BY number LIMIT ?",
                reference,
                last,
                _PAGE,
            )
            if not rows:
                return
            yield [row[0] for row in rows]
            last = rows[-1][0]

    def elsewhere(self, name: str, gone_at: Mapping[str, float]) -> Dict[str, Tuple[str, ...]]:
        """Which other groups of the account hold numbers, or may: see Record in plan.py."""
        asked: Dict[str, List[str]] = {}
        for canonical in gone_at:
            for spelling in spellings(canonical):
                asked.setdefault(spelling, []).append(canonical)
        rows = self._store.rows_among(
            "SELECT n.number, g.name, n.expiry, n.outcome, n.recorded_at"
            " FROM groups AS g JOIN numbers AS n ON n.group_ref = g.id"
            " WHERE g.account = ? AND g.name <> ? AND n.outcome IN (?, ?, ?, ?) AND n.number {among}",
            sorted(asked),
            self._account,
            name,
            *_PRESENT,
            Outcome.UNCONFIRMED.value,
        )
        found: Dict[str, Tuple[str, ...]] = {}
        for number, group, expiry, outcome, recorded_at in sorted(rows, key=lambda row: (row[1], row[0])):
            if self._has_ended(expiry):
                continue
            for canonical in asked[number]:
                settled = outcome == Outcome.UNCONFIRMED.value and recorded_at <= gone_at[canonical]
                if not settled and group not in found.get(canonical, ()):
                    found[canonical] = (*found.get(canonical, ()), group)
        return found

    def _standing(self, name: str) -> Tuple[int, bool]:
        """What a group's numbers refer to it by, 0 if it is not on record, and whether its expiry has passed."""
        rows = self._store.rows("SELECT id, expiry FROM groups WHERE account = ? AND name = ?", self._account, name)
        return (int(rows[0][0]), self._has_ended(rows[0][1])) if rows else (0, False)


@dataclass(frozen=True)
class Attributes:
    """What is recorded of a group besides its numbers, once an update has carried it. ``span``: see expiry.py."""

    description: Optional[str]
    expiry: Optional[str]
    span: Optional[int]


_NOTHING = Attributes(None, None, None)
_STAYS = (Outcome.ALREADY_PRESENT, Outcome.PRESENT, Outcome.UNCONFIRMED)


class GroupRecorder:
    """Records what is done to one group, one statement for the numbers of a batch."""

    def __init__(
        self, store: Store, account: str, name: str, attributes: Attributes, clock: Clock, doubt_elsewhere: bool
    ) -> None:
        """``doubt_elsewhere``: what is removed is no longer held for sure in other groups (option remove_shared)."""
        self._store = store
        self._account = account
        self._name = name
        self._attributes = attributes
        self._clock = clock
        self._doubt_elsewhere = doubt_elsewhere
        self._reference: Optional[int] = None
        self._written: Optional[Tuple[bool, Optional[int], bool, Attributes]] = None
        self._others = False

    def forget(self) -> None:
        """The group is not on the server, so nothing that is recorded of it holds."""
        self._reference = self._written = None
        of_this = (self._account, self._name)
        with self._store.transaction():
            self._store.rows(
                "DELETE FROM numbers WHERE group_ref IN (SELECT id FROM groups WHERE account = ? AND name = ?)",
                *of_this,
            )
            self._store.rows("DELETE FROM groups WHERE account = ? AND name = ?", *of_this)

    def keep(
        self, batch: Batch, results: Sequence[NumberResult], exists: bool, group_id: Optional[int], made: bool
    ) -> None:
        """Records the outcomes of a batch, and the group if something new is known of it.

        What came into this group may have been moved out of another: a number may be unique in the account (N2).
        """
        if not results and not exists:
            return
        group = (exists, group_id, made, self._attributes if exists and batch.kind is Kind.ADD else _NOTHING)
        with contextlib.ExitStack() as held:
            if self._written != group:
                held.enter_context(self._store.transaction())
                self._reference = self._keep_group(*group)
            self._store.upsert("numbers", _NUMBER, ("group_ref", "number"), self._rows(batch, results))
            if self._others:
                self._doubt(_CONTEST, [r.number for r in results if _may_have_come(r, batch)], self._name)
        self._written = group

    def _keep_group(self, exists: bool, group_id: Optional[int], made: bool, told: Attributes) -> int:
        of_this = (self._account, self._name)
        attributes = (told.description, told.expiry, told.span, int(told is _NOTHING))
        self._store.rows(_UPSERT_GROUP, *of_this, int(exists), group_id, int(made), *attributes, self._clock.now())
        rows = self._store.rows("SELECT id, name FROM groups WHERE account = ?", self._account)
        self._others = len(rows) > 1
        return next(int(reference) for reference, name in rows if name == self._name)

    def _rows(self, batch: Batch, results: Sequence[NumberResult]) -> List[Row]:
        now, expiries = self._clock.now(), _kept_expiries(batch)
        return [
            (
                self._reference,
                result.number.canonical,
                result.outcome.value,
                batch.expiry or (expiries.get(result.number.canonical) if result.outcome in _STAYS else None),
                now,
                result.batch,
                int(_is_ours(result, batch.recorded.get(result.number.canonical))),
                int(_is_contested(result, batch.recorded.get(result.number.canonical))),
            )
            for result in results
        ]

    def keep_habits(self, habits: Habits) -> None:
        """More is known of how the account answers."""
        keep_habits(self._store, self._account, habits)

    def doubt_text(self) -> None:
        """The group may have another description and expiry soon; of two expiries the earlier one counts as its own."""
        of_this, expiry = (self._account, self._name), self._attributes.expiry
        with self._store.transaction():
            self._store.rows("UPDATE groups SET unsure = 1 WHERE account = ? AND name = ?", *of_this)
            if expiry is not None:
                self._store.rows(
                    "UPDATE groups SET expiry = ? WHERE account = ? AND name = ? AND (expiry IS NULL OR expiry > ?)",
                    expiry,
                    *of_this,
                    expiry,
                )

    def doubt(self, batch: Batch) -> None:
        """What is held of the same lines, in whatever spelling, may be gone soon, perhaps from other groups, too."""
        if self._doubt_elsewhere:
            self._doubt(_DOUBT_IN_ACCOUNT, batch.numbers)
        else:
            self._doubt(_DOUBT_IN_GROUP, batch.numbers, self._name)

    def _doubt(self, statement: str, numbers: Sequence[Number], *name: str) -> None:
        wanted = sorted({spelling for number in numbers for spelling in spellings(number.canonical)})
        if wanted:
            values = (Outcome.UNCONFIRMED.value, self._clock.now(), *_PRESENT, self._account, *name)
            self._store.rows_among(statement, wanted, *values)


def _may_have_come(result: NumberResult, batch: Batch) -> bool:
    """Whether this run may have put a number into the group."""
    came = result.outcome in (Outcome.ADDED, Outcome.PRESENT) or result.may_be_ours
    return came and batch.kind is Kind.ADD


def _is_ours(result: NumberResult, recorded: Optional[RecordedNumber]) -> bool:
    """See RecordedNumber."""
    if result.outcome is Outcome.UNCONFIRMED:
        return result.may_be_ours or (recorded is not None and recorded.ours)
    return result.outcome in IN_GROUP


def _is_contested(result: NumberResult, recorded: Optional[RecordedNumber]) -> bool:
    """See RecordedNumber."""
    return result.outcome is Outcome.UNCONFIRMED and recorded is not None and recorded.contested


def _kept_expiries(batch: Batch) -> Dict[str, str]:
    """A number that is in the group and is sent without an expiry keeps the one it has."""
    return {
        canonical: recorded.expiry
        for canonical, recorded in batch.recorded.items()
        if (recorded.in_group or recorded.contested) and recorded.expiry is not None
    }
