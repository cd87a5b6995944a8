# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a run that is killed from leaving a record that claims too much of the numbers that it was to add."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from .._domain.decide import Batch, RecordedNumber
from .._domain.outcome import NumberResult, Outcome
from .._domain.protocols import Clock
from .recorded_lines import OF_GROUP
from .store import Store

SinceAndRun = Tuple[Optional[float], Optional[int]]
"""When a number came into a group, and by which run: see NumberRecord."""

_PUT = f"UPDATE numbers SET outcome = ?, recorded_at = ? WHERE {OF_GROUP} AND number {{among}}"  # noqa: S608
_CAME = (
    f"SELECT number, since, run FROM numbers WHERE {OF_GROUP} AND since IS NOT NULL AND number {{among}}"  # noqa: S608
)
_PUT_CAME = f"UPDATE numbers SET since = ?, run = ? WHERE {OF_GROUP} AND number {{among}}"  # noqa: S608


class Unfinished:
    """A run that adds to a group, until all that it has done is on record. Every method raises StoreError.

    Until then the group is not complete (see RecordedGroup), and numbers that are on record as not in it are open from
    when they are sent until they have their outcome. Of those that are not certainly in it, it is not known from then
    on since when they are there. ``doubted``: the group may be another one, and is never complete.
    """

    def __init__(self, store: Store, account: str, name: str, clock: Clock) -> None:
        self.doubted = False
        self._store = store
        self._of_this = (account, name)
        self._clock = clock
        self._before: Optional[Tuple[bool, Optional[int]]] = None  # whether the group was complete, and its id then
        self._reopened: Dict[int, Mapping[str, RecordedNumber]] = {}
        self._came: Dict[int, Mapping[str, SinceAndRun]] = {}

    def begin(self, batch: Batch) -> None:
        """Numbers are about to be sent, to be added."""
        if self._before is None:
            self._before = self._leave_complete()
        absent = {canonical: was for canonical, was in batch.recorded.items() if was.is_absent}
        if absent:
            self._put(Outcome.UNCONFIRMED, self._clock.now(), sorted(absent))
            self._reopened[batch.ordinal] = absent
        came = self._forget_since([canonical for canonical, was in batch.recorded.items() if _is_open(was)])
        if came:
            self._came[batch.ordinal] = came

    def close(self, batch: Batch, results: Sequence[NumberResult]) -> Mapping[str, SinceAndRun]:
        """These results of a batch are about to be recorded; the others are on record as they were.

        Gives since when those of them that were not certainly in the group were there, if they still were.
        """
        reopened, came = self._reopened.pop(batch.ordinal, {}), self._came.pop(batch.ordinal, {})
        if not reopened and not came:
            return {}
        told = {result.number.canonical for result in results}
        left: Dict[Tuple[Outcome, float], List[str]] = {}
        for canonical in sorted(reopened.keys() - told):
            was = reopened[canonical]
            left.setdefault((was.outcome, was.recorded_at), []).append(canonical)
        for (outcome, recorded_at), numbers in left.items():
            self._put(outcome, recorded_at, numbers)
        if self.doubted:
            return {}
        for canonical in sorted(came.keys() - told):
            self._put_came(came[canonical], [canonical])
        return came

    def finish(self, made: bool) -> None:
        """The run has ended, and all is on record.

        If it has made the group (``made``), or the group was complete before, what is not on record is not in it.
        """
        was_complete, group_id = self._before or (False, None)
        if self.doubted or not (made or was_complete):
            return
        for row in self._store.rows("SELECT group_id FROM groups WHERE account = ? AND name = ?", *self._of_this):
            if made or group_id in (None, row[0]):
                self._store.rows("UPDATE groups SET complete = 1 WHERE account = ? AND name = ?", *self._of_this)

    def forget(self) -> None:
        """Nothing is on record of the group any more."""
        self._before = (False, None)
        self._reopened = {}
        self._came = {}

    def _leave_complete(self) -> Tuple[bool, Optional[int]]:
        rows = self._store.rows("SELECT complete, group_id FROM groups WHERE account = ? AND name = ?", *self._of_this)
        complete, group_id = rows[0] if rows else (0, None)
        if complete:
            with self._store.durable():  # else a power cut could leave it complete, without what this run adds
                self._store.rows("UPDATE groups SET complete = 0 WHERE account = ? AND name = ?", *self._of_this)
        return bool(complete), group_id

    def _put(self, outcome: Outcome, recorded_at: float, canonicals: Sequence[str]) -> None:
        self._store.rows_among(_PUT, canonicals, outcome.value, recorded_at, *self._of_this)

    def _forget_since(self, canonicals: Sequence[str]) -> Mapping[str, SinceAndRun]:
        """What is forgotten: if this run is killed, nobody knows whether they have come into the group only now."""
        rows = self._store.rows_among(_CAME, canonicals, *self._of_this) if canonicals else ()
        came = {row[0]: (row[1], row[2]) for row in rows}
        if came:
            self._put_came((None, None), sorted(came))
        return came

    def _put_came(self, since_and_run: SinceAndRun, canonicals: Sequence[str]) -> None:
        self._store.rows_among(_PUT_CAME, canonicals, *since_and_run, *self._of_this)


def _is_open(was: RecordedNumber) -> bool:
    """Whether a number is on record, and perhaps not in the group. What is not on record has no time."""
    return was.outcome is Outcome.UNCONFIRMED and bool(was.ours or was.recorded_at)
