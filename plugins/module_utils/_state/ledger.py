# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger: what is recorded of the groups of an account. It is written by recorder.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._domain.decide import RecordedGroup, RecordedNumber
from .._domain.lines import spellings_among
from .._domain.outcome import IN_GROUP, Outcome
from .store import Row, Store, shapes_of

IsPast = Callable[[str], bool]
"""Whether an expiry (in the server's time) has passed."""

PRESENT = tuple(sorted(outcome.value for outcome in IN_GROUP))
"""How it stands on record that a number is in a group."""

_NEVER = (math.inf, math.inf)
_PAGE = 5000  # rows that are read at once
OF_NUMBER = "n.number, n.outcome, n.expiry, n.recorded_at, n.batch, n.ours, n.since, n.run, t.note"
"""What makes a NumberRecord, of ``numbers AS n`` and ``notes AS t``."""

_NUMBERS = (
    f"SELECT {OF_NUMBER} FROM numbers AS n LEFT JOIN notes AS t ON t.group_ref = n.group_ref AND t.number = n.number"  # noqa: S608
    " WHERE n.group_ref = ? AND n.number > ? ORDER BY n.number LIMIT ?"
)
_TALLY = "SELECT outcome, expiry, COUNT(*) FROM numbers WHERE group_ref = ? GROUP BY outcome, expiry"
_OURS = "SELECT number FROM numbers WHERE group_ref = ? AND number > ? AND ours = 1 ORDER BY number LIMIT ?"
# Of numbers that are in the group it does not matter when they were recorded, so that many are alike.
_RECORDED = (
    "outcome, expiry, ours, contested, CASE WHEN outcome IN (?, ?, ?) THEN 0.0 ELSE recorded_at END AS at,"
    " CASE WHEN recorded_at > ? AND recorded_at <= ? AND batch IS NOT NULL THEN 1 ELSE 0 END AS fresh"
)
_AMONG = " FROM numbers WHERE group_ref = ? AND number {among}"
_LOOK_UP = f"SELECT number, {_RECORDED}{_AMONG}"
_ALIKE = f"SELECT {_RECORDED}, COUNT(*){_AMONG} GROUP BY outcome, expiry, ours, contested, at, fresh"


@dataclass(frozen=True)
class NumberRecord:
    """A number of a group as recorded, with the time and the batch in which it was; ``ours``: see RecordedNumber.

    ``since``: when it came into the group (seconds since the epoch, UTC), and ``run``: the id of the run that put it
    there; None where it is not in it, or that is not known.
    """

    number: str
    outcome: Outcome
    expiry: Optional[str]
    recorded_at: float
    batch: Optional[int]
    ours: bool
    since: Optional[float]
    run: Optional[int]
    note: Optional[str]


class Ledger:
    """What is recorded of one account.

    ``is_past`` decides which recorded expiries have passed. ``fresh``: what an answer has confirmed between these times
    (seconds since the epoch) counts as fresh.
    """

    def __init__(self, store: Store, account: str, is_past: IsPast, fresh: Tuple[float, float] = _NEVER) -> None:
        self._store = store
        self._account = account
        self._is_past = is_past
        self._fresh = fresh

    def group(self, name: str) -> RecordedGroup:
        """What is recorded of a group itself."""
        rows = self._store.rows(
            "SELECT seen, group_id, description, expiry, span, unsure, complete, row_expiry FROM groups"
            " WHERE account = ? AND name = ?",
            self._account,
            name,
        )
        if not rows:
            return RecordedGroup()
        seen, group_id, description, expiry, span, unsure, complete, row_expiry = rows[0]
        row_ended = self._has_ended(row_expiry)
        ended = self._has_ended(expiry) or row_ended
        return RecordedGroup(
            bool(seen), group_id, description, expiry, span, ended, bool(unsure), bool(complete), row_ended
        )

    def names(self) -> List[str]:
        """The names of all groups that were seen on the server."""
        rows = self._store.rows("SELECT name FROM groups WHERE account = ? AND seen = 1 ORDER BY name", self._account)
        return [name for (name,) in rows]

    def numbers(self, name: str) -> Iterator[NumberRecord]:
        """All numbers recorded of a group, in their order, as recorded (expired ones too)."""
        for rows in self._pages(_NUMBERS, name):
            yield from map(self.number_record, rows)

    def tally(self, name: str) -> List[Tuple[Outcome, Optional[str], int]]:
        """How many numbers are recorded of a group, by their outcome and their own expiry, as recorded."""
        reference, _ended = self._standing(name)
        rows = self._store.rows(_TALLY, reference)
        return [(self._outcome(outcome), self.expiry(expiry), int(count)) for outcome, expiry, count in rows]

    def number_record(self, row: Row) -> NumberRecord:
        """A row of OF_NUMBER."""
        return NumberRecord(row[0], self._outcome(row[1]), self.expiry(row[2]), *row[3:])

    def look_up(self, name: str, canonicals: Sequence[str]) -> Dict[str, RecordedNumber]:
        """What is recorded of these numbers in a group."""
        reference, ended = self._standing(name)
        if not reference:
            return {}
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
        rows = self._store.rows_among(_ALIKE, canonicals, *self._values(), reference) if reference else ()
        kinds = {self._recorded(row[:-1], ended) for row in rows}
        if len(kinds) != 1 or sum(row[-1] for row in rows) < len(canonicals):
            return None
        return kinds.pop()

    def _values(self) -> Row:
        return (*PRESENT, *self._fresh)

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
            raise self._store.damaged(f"{text!r} in it is not an outcome") from None

    def expiry(self, text: Optional[str]) -> Optional[str]:
        """An expiry that can be read."""
        try:
            if text is not None:
                self._is_past(text)
            return text
        except (ValueError, TypeError):
            raise self._store.damaged(f"{text!r} in it is not a date") from None

    def _has_ended(self, expiry: Optional[str]) -> bool:
        """Whether there is an expiry, and it has passed."""
        return self.expiry(expiry) is not None and self._is_past(str(expiry))

    def ours(self, name: str) -> Iterator[List[str]]:
        """The canonical numbers that a purge may remove from a group, in parts: see RecordedNumber."""
        return ([row[0] for row in rows] for rows in self._pages(_OURS, name))

    def shapes(self) -> FrozenSet[str]:
        """The shapes of all numbers that are on record in the account."""
        return shapes_of(self._store, self._account)

    def _pages(self, statement: str, name: str) -> Iterator[Sequence[Row]]:
        """The rows of a statement on the numbers of a group, in parts; each row begins with its number."""
        reference, _ended = self._standing(name)
        last = ""
        while rows := self._store.rows(statement, reference, last, _PAGE):
            yield rows
            last = rows[-1][0]

    def elsewhere(self, name: str, gone_at: Mapping[str, float]) -> Dict[str, Tuple[str, ...]]:
        """Which other groups of the account hold numbers, or may: see Record in protocols.py."""
        asked = asked_for(gone_at, self.shapes())
        rows = self._store.rows_among(
            "SELECT n.number, g.name, n.expiry, n.outcome, n.recorded_at"
            " FROM groups AS g JOIN numbers AS n ON n.group_ref = g.id"
            " WHERE g.account = ? AND g.name <> ? AND n.outcome IN (?, ?, ?, ?) AND n.number {among}",
            sorted(asked),
            self._account,
            name,
            *PRESENT,
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
        """What a group's numbers refer to it by, 0 if it is not on record, and whether it may have ended."""
        rows = self._store.rows(
            "SELECT id, expiry, row_expiry FROM groups WHERE account = ? AND name = ?", self._account, name
        )
        return (int(rows[0][0]), any(map(self._has_ended, rows[0][1:]))) if rows else (0, False)


def asked_for(canonicals: Iterable[str], shapes: FrozenSet[str]) -> Dict[str, List[str]]:
    """Which of these numbers are asked for by each spelling that may be on record, where it has one of these shapes."""
    asked: Dict[str, List[str]] = {}
    for canonical, forms in spellings_among(canonicals, shapes).items():
        for spelling in forms:
            asked.setdefault(spelling, []).append(canonical)
    return asked
