# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the ledger: what is done to a group, batch by batch, right after the server's answer was judged."""

from __future__ import annotations

import contextlib
import itertools
import operator
from dataclasses import dataclass
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

from .._domain.decide import Batch, Kind, RecordedNumber
from .._domain.habits import Habits
from .._domain.lines import shapes_in
from .._domain.numbers import Number
from .._domain.outcome import IN_GROUP, NumberResult, Outcome
from .._domain.protocols import Clock
from .ledger import PRESENT
from .recorded_lines import OF_GROUP, RecordedLines
from .store import Row, Store, keep_habits
from .unfinished import SinceAndRun, Unfinished

_NUMBER = {
    "group_ref": "int",
    "number": "text",
    "outcome": "text",
    "expiry": "text",
    "recorded_at": "float8",
    "batch": "int",
    "ours": "int",
    "contested": "int",
    "since": "float8",
    "run": "bigint",
}
_SHAPE = {"group_ref": "int", "shape": "text"}
_NOTE = {"group_ref": "int", "number": "text", "note": "text"}
_NOTES = (
    "SELECT n.number, t.note FROM numbers AS n"
    " LEFT JOIN notes AS t ON t.group_ref = n.group_ref AND t.number = n.number"
    " WHERE n.group_ref = ? AND n.number {among}"
)
_DOUBT_ALL = f"UPDATE numbers SET outcome = ?, recorded_at = ? WHERE outcome IN (?, ?, ?) AND {OF_GROUP}"  # noqa: S608
_FORGET_SINCE = f"UPDATE numbers SET since = NULL, run = NULL WHERE {OF_GROUP}"  # noqa: S608
_DOUBT_EARLIER = (
    f"UPDATE numbers SET outcome = ? WHERE outcome IN (?, ?, ?) AND recorded_at < ? AND {OF_GROUP}"  # noqa: S608
)
_UPSERT_GROUP = (
    "INSERT INTO groups (account, name, seen, group_id, description, expiry, span, unsure, recorded_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, name) DO UPDATE SET"
    " seen = CASE WHEN excluded.seen > groups.seen THEN excluded.seen ELSE groups.seen END,"
    " complete = CASE WHEN excluded.group_id <> groups.group_id THEN 0 ELSE groups.complete END,"
    " group_id = COALESCE(excluded.group_id, groups.group_id),"
    " description = COALESCE(excluded.description, groups.description),"
    " expiry = COALESCE(excluded.expiry, groups.expiry), span = COALESCE(excluded.span, groups.span),"
    " unsure = CASE WHEN excluded.unsure < groups.unsure THEN excluded.unsure ELSE groups.unsure END,"
    " recorded_at = excluded.recorded_at"
)


@dataclass(frozen=True)
class Attributes:
    """What is recorded of a group besides its numbers, once an update has carried it. ``span``: see expiry.py."""

    description: Optional[str]
    expiry: Optional[str]
    span: Optional[int]


_NOTHING = Attributes(None, None, None)
_OUTCOME = operator.attrgetter("outcome")
_NOT_KNOWN: SinceAndRun = (None, None)
_STAYS = (Outcome.ALREADY_PRESENT, Outcome.PRESENT, Outcome.UNCONFIRMED)
# Only a number that is told as added has come into the group now, and by this run; also one that was on record as in
# it, or in doubt, since it must have gone in between. Of one that is in it, or may be, what is on record stays where it
# was certainly there before. Where it was not, an addition leaves that open (see unfinished.py), also to another group
# while it was sent, unless the answer says that it was there; a removal cannot have put it there.
_IN_GROUP = f"({', '.join(map(repr, PRESENT))})"
_KEPT = {
    Kind.ADD: f"COALESCE(excluded.{{0}}, CASE WHEN numbers.outcome IN {_IN_GROUP} THEN numbers.{{0}} END)",
    Kind.REMOVE: "numbers.{0}",
}
_UNLESS_IT_CAME = {
    kind: {
        column: f"CASE WHEN excluded.outcome IN ({', '.join(repr(outcome.value) for outcome in _STAYS)})"
        f" THEN {kept.format(column)} ELSE excluded.{column} END"
        for column in ("since", "run")
    }
    for kind, kept in _KEPT.items()
}


class GroupRecorder:
    """Records what is done to one group, one statement for the numbers of a batch."""

    def __init__(
        self,
        store: Store,
        account: str,
        name: str,
        attributes: Attributes,
        clock: Clock,
        doubt_elsewhere: bool,
        run: Optional[int] = None,
    ) -> None:
        """``doubt_elsewhere``: what is removed is no longer held for sure in other groups (option remove_shared).
        ``run``: the id of this run, see runs.py.
        """
        self._store = store
        self._account = account
        self._name = name
        self._attributes = attributes
        self._clock = clock
        self._doubt_elsewhere = doubt_elsewhere
        self._run = run
        self._lines = RecordedLines(store, account, name, clock)
        self._reference: Optional[int] = None
        self._shapes: Set[str] = set()
        self._row_expiry: Optional[str] = None
        self._began = clock.now()
        self._written: Optional[Tuple[bool, Optional[int], Attributes]] = None
        self._sent_at: Dict[int, float] = {}
        self._unfinished = Unfinished(store, account, name, clock)

    def forget(self) -> None:
        """The group is not on the server, so nothing that is recorded of it holds."""
        self._reference = self._written = None
        self._shapes = set()
        self._unfinished.forget()
        self._row_expiry = None
        of_this = (self._account, self._name)
        with self._store.transaction():
            for table in ("numbers", "notes", "shapes"):
                self._store.rows(f"DELETE FROM {table} WHERE {OF_GROUP}", *of_this)  # noqa: S608 # our own names
            self._store.rows("DELETE FROM groups WHERE account = ? AND name = ?", *of_this)

    def keep(self, batch: Batch, results: Sequence[NumberResult], exists: bool, group_id: Optional[int]) -> None:
        """Records the outcomes of a batch, and the group if something new is known of it.

        What came into this group may have been moved out of another: a number may be unique in the account (N2).
        """
        came = self._unfinished.close(batch, results)
        if not results and not exists:
            return
        group = (exists, group_id, self._attributes if exists and batch.kind is Kind.ADD else _NOTHING)
        with contextlib.ExitStack() as held:
            if self._written != group:
                held.enter_context(self._store.transaction())
                self._reference = self._keep_group(*group)
            self._keep_shapes(result.number.canonical for result in results)
            if batch.kind is Kind.ADD and results and batch.expiry not in (None, self._attributes.expiry):
                self._keep_row_expiry(str(batch.expiry))
            rows = _rows(batch, results, self._reference, (self._clock.now(), self._run), came)
            self._store.upsert("numbers", _NUMBER, ("group_ref", "number"), rows, _UNLESS_IT_CAME[batch.kind])
            sent_at = self._sent_at.pop(batch.ordinal, self._began)
            if batch.kind is Kind.ADD:
                self._lines.contest(_came(batch, results), sent_at, self._reference)
            elif self._doubt_elsewhere:
                self._lines.doubt_elsewhere(batch.numbers)
        self._written = group

    def _keep_group(self, exists: bool, group_id: Optional[int], told: Attributes) -> int:
        of_this = (self._account, self._name)
        attributes = (told.description, told.expiry, told.span, int(told is _NOTHING))
        self._store.rows(_UPSERT_GROUP, *of_this, int(exists), group_id, *attributes, self._clock.now())
        ((reference,),) = self._store.rows("SELECT id FROM groups WHERE account = ? AND name = ?", *of_this)
        return int(reference)

    def _keep_row_expiry(self, date: str) -> None:
        """The server may take the date of a row for that of the group; of several the earliest counts."""
        if self._row_expiry is None or date < self._row_expiry:
            self._store.rows(
                "UPDATE groups SET row_expiry = ? WHERE id = ? AND (row_expiry IS NULL OR row_expiry > ?)",
                date,
                self._reference,
                date,
            )
            self._row_expiry = date

    def doubt_all(self) -> None:
        """The group has gone, or has another id, while this run was at it: what is held of it may be gone with it; and
        since when something is in what has this name now, nobody knows.
        """
        self._unfinished.doubted = True
        of_this = (self._account, self._name)
        self._store.rows(_DOUBT_ALL, Outcome.UNCONFIRMED.value, self._clock.now(), *PRESENT, *of_this)
        self._store.rows(_FORGET_SINCE, *of_this)

    def begin_anew(self) -> None:
        """A group that may have ended with a row's date has been sent all its numbers; others may be gone from it."""
        of_this = (self._account, self._name)
        values = (Outcome.UNCONFIRMED.value, *PRESENT, self._began, *of_this)
        with self._store.transaction():
            self._store.rows(_DOUBT_EARLIER, *values)
            self._store.rows(
                "UPDATE groups SET row_expiry = ? WHERE account = ? AND name = ?", self._row_expiry, *of_this
            )

    def _keep_shapes(self, canonicals: Iterable[str]) -> None:
        """A shape is on record before the first number that has it."""
        new = shapes_in(canonicals) - self._shapes
        if new:
            rows = [(self._reference, shape) for shape in sorted(new)]
            self._store.upsert("shapes", _SHAPE, ("group_ref", "shape"), rows)
            self._shapes |= new

    def keep_notes(self, notes: Sequence[Tuple[str, Optional[str]]]) -> None:
        """Notes of listed numbers, by canonical number; None: it has none any more. Of numbers on record only."""
        of_this = (self._account, self._name)
        for row in self._store.rows("SELECT id FROM groups WHERE account = ? AND name = ?", *of_this):
            _keep_notes(self._store, row[0], notes)

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

    def begin(self, batch: Batch) -> None:
        """Until the outcomes are kept, it is not certain what is held of lines that are to be removed, in whatever
        spelling, also elsewhere; nor that what is to be added is not in the group.
        """
        self._sent_at[batch.ordinal] = self._clock.now()
        if batch.kind is Kind.REMOVE:
            self._lines.doubt(batch.numbers, everywhere=self._doubt_elsewhere)
        else:
            self._unfinished.begin(batch)

    def finish(self, made: bool) -> None:
        """All that this run has done is on record; ``made``: it has made the group."""
        self._unfinished.finish(made)


def _rows(
    batch: Batch,
    results: Sequence[NumberResult],
    reference: Optional[int],
    now_and_run: Tuple[float, Optional[int]],
    came: Mapping[str, SinceAndRun],
) -> List[Row]:
    now, _run = now_and_run
    expiries = _kept_expiries(batch)
    rows: List[Row] = []
    for outcome, alike in itertools.groupby(results, key=_OUTCOME):
        own = expiries if outcome in _STAYS else {}
        word, in_group, is_open = outcome.value, int(outcome in IN_GROUP), outcome is Outcome.UNCONFIRMED
        before = came if outcome is Outcome.ALREADY_PRESENT else {}
        otherwise = now_and_run if outcome is Outcome.ADDED else _NOT_KNOWN
        for result in alike:
            canonical = result.number.canonical
            expiry = batch.expiry or own.get(canonical)
            ours, contested = _left_open(result, batch.recorded.get(canonical)) if is_open else (in_group, 0)
            since_and_run = before.get(canonical, otherwise)
            rows.append((reference, canonical, word, expiry, now, result.batch, ours, contested, *since_and_run))
    return rows


def _keep_notes(store: Store, reference: int, notes: Sequence[Tuple[str, Optional[str]]]) -> None:
    found = store.rows_among(_NOTES, [canonical for canonical, _note in notes], reference)
    recorded: Dict[str, Optional[str]] = {row[0]: row[1] for row in found}
    changed = [(number, note) for number, note in notes if number in recorded and recorded[number] != note]
    kept = [(reference, number, note) for number, note in changed if note is not None]
    store.upsert("notes", _NOTE, ("group_ref", "number"), kept)
    dropped = [number for number, note in changed if note is None]
    store.rows_among("DELETE FROM notes WHERE group_ref = ? AND number {among}", dropped, reference)


def _came(batch: Batch, results: Sequence[NumberResult]) -> List[Number]:
    recorded = batch.recorded
    return [result.number for result in results if _may_have_come(result, recorded.get(result.number.canonical))]


def _may_have_come(result: NumberResult, recorded: Optional[RecordedNumber]) -> bool:
    """Whether an addition of this run may have put a number into the group, or one that was killed before it.

    The latter where the record does not tell whether it is there, though no other group was given it since. What is
    not on record at all is neither ours nor has a time; what is held until its expiry passed has none, either.
    """
    if result.outcome in (Outcome.ADDED, Outcome.PRESENT) or result.may_be_ours:
        return True
    if recorded is None or recorded.outcome is not Outcome.UNCONFIRMED or recorded.contested:
        return False
    if recorded.recorded_at:
        return result.outcome in IN_GROUP
    return not recorded.ours and result.outcome in (*IN_GROUP, Outcome.UNCONFIRMED)


def _left_open(result: NumberResult, recorded: Optional[RecordedNumber]) -> Tuple[int, int]:
    """Whether a number that is unconfirmed is ours, and contested: see RecordedNumber."""
    if recorded is None:
        return int(result.may_be_ours), 0
    return int(result.may_be_ours or recorded.ours), int(recorded.contested)


def _kept_expiries(batch: Batch) -> Dict[str, str]:
    """A number that is in the group and is sent without an expiry keeps the one it has."""
    return {
        canonical: recorded.expiry
        for canonical, recorded in batch.recorded.items()
        if (recorded.in_group or recorded.contested) and recorded.expiry is not None
    }
