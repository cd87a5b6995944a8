# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger: what was applied to each group, written batch by batch right after the server's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from .._domain.numbers import possible_lines
from .._domain.outcome import PRESENT_OUTCOMES, NumberResult, Outcome
from .._domain.plan import Desired, Kind, Recorded, RecordedNumber, Step
from .._domain.protocols import Clock
from .store import Store

IsPast = Callable[[str], bool]
"""Whether an expiry (in the server's time) has passed."""

_PRESENT = tuple(sorted(outcome.value for outcome in PRESENT_OUTCOMES))
_UPSERT_NUMBER = (
    "INSERT INTO numbers (account, group_name, number, outcome, expiry, recorded_at, batch)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, group_name, number) DO UPDATE SET"
    " outcome = excluded.outcome, expiry = excluded.expiry, recorded_at = excluded.recorded_at, batch = excluded.batch"
)
_UPSERT_GROUP = (
    "INSERT INTO groups (account, name, group_id, description, expiry, recorded_at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (account, name) DO UPDATE SET group_id = COALESCE(excluded.group_id, groups.group_id),"
    " description = COALESCE(excluded.description, groups.description),"
    " expiry = COALESCE(excluded.expiry, groups.expiry), recorded_at = excluded.recorded_at"
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
    """A number of a group as recorded, with the time and the batch in which it was."""

    number: str
    outcome: str
    expiry: Optional[str]
    recorded_at: float
    batch: Optional[int]


class Ledger:
    """What is recorded of one account. ``is_past`` decides which recorded expiries have passed."""

    def __init__(self, store: Store, account: str, is_past: IsPast) -> None:
        self._store = store
        self._account = account
        self._is_past = is_past

    def groups(self) -> List[GroupRecord]:
        """All groups of the account, by name."""
        rows = self._store.rows(
            "SELECT name, group_id, description, expiry, recorded_at FROM groups WHERE account = ? ORDER BY name",
            self._account,
        )
        return [GroupRecord(*row) for row in rows]

    def numbers(self, name: str) -> List[NumberRecord]:
        """All numbers recorded of a group, as recorded (expired ones too)."""
        rows = self._store.rows(
            "SELECT number, outcome, expiry, recorded_at, batch FROM numbers WHERE account = ? AND group_name = ?"
            " ORDER BY number",
            self._account,
            name,
        )
        return [NumberRecord(*row) for row in rows]

    def recorded(self, name: str, with_elsewhere: bool) -> Optional[Recorded]:
        """What is recorded of a group; None where that is nothing. ``with_elsewhere``: also who else has a number."""
        groups = [group for group in self.groups() if group.name == name]
        numbers = {record.number: self._as_of_now(record) for record in self.numbers(name)}
        elsewhere = self._elsewhere(name) if with_elsewhere else {}
        if not groups:
            if not numbers and not elsewhere:
                return None
            return Recorded(known=False, numbers=numbers, elsewhere=elsewhere)
        group = groups[0]
        return Recorded(True, group.group_id, group.description, group.expiry, numbers, elsewhere)

    def _as_of_now(self, record: NumberRecord) -> RecordedNumber:
        outcome = Outcome(record.outcome)
        if record.expiry is not None and self._is_past(record.expiry):
            outcome = Outcome.NOT_FOUND
        return RecordedNumber(outcome, record.expiry)

    def _elsewhere(self, name: str) -> Dict[str, Tuple[str, ...]]:
        found: Dict[str, Tuple[str, ...]] = {}
        for number, group, expiry in self._store.rows(
            "SELECT number, group_name, expiry FROM numbers WHERE account = ? AND group_name <> ?"
            " AND outcome IN (?, ?) ORDER BY group_name",
            self._account,
            name,
            *_PRESENT,
        ):
            if expiry is None or not self._is_past(expiry):
                found[number] = (*found.get(number, ()), group)
        return found


class GroupRecorder:
    """Records what is done to one group, in one transaction for each batch."""

    def __init__(
        self,
        store: Store,
        account: str,
        desired: Desired,
        recorded: Optional[Recorded],
        clock: Clock,
        forget_elsewhere: bool,
    ) -> None:
        """``forget_elsewhere``: what is removed is no longer held for sure in other groups (option remove_shared)."""
        self._store = store
        self._account = account
        self._name = desired.name
        self._desired = desired
        self._recorded = dict(recorded.numbers) if recorded else {}
        self._elsewhere = tuple(recorded.elsewhere) if recorded else ()
        self._clock = clock
        self._forget_elsewhere = forget_elsewhere

    def created(self, group_id: Optional[int]) -> None:
        """The group was made just now; what was recorded of an earlier one of its name is dropped."""
        self._recorded = {}
        with self._store.transaction():
            self._store.rows("DELETE FROM numbers WHERE account = ? AND group_name = ?", self._account, self._name)
            self._store.rows("DELETE FROM groups WHERE account = ? AND name = ?", self._account, self._name)
            self._record_group(group_id, attributes=True)

    def batch(self, exists: bool, group_id: Optional[int], step: Step, results: Sequence[NumberResult]) -> None:
        """Records the outcomes of a batch, and the group if it was seen on the server."""
        now = self._clock.now()
        with self._store.transaction():
            if exists:
                self._record_group(group_id, attributes=step.kind is Kind.ADD)
            for result in results:
                self._store.rows(
                    _UPSERT_NUMBER,
                    self._account,
                    self._name,
                    result.number.canonical,
                    result.outcome.value,
                    step.expiry or self._kept_expiry(result),
                    now,
                    result.batch,
                )
                if self._forget_elsewhere and step.kind is Kind.REMOVE:
                    self._forget(result.number.canonical)

    def _kept_expiry(self, result: NumberResult) -> Optional[str]:
        """A number that stays in the group and is sent without an expiry keeps the one it has."""
        recorded = self._recorded.get(result.number.canonical)
        if recorded is None or recorded.outcome not in PRESENT_OUTCOMES:
            return None
        return recorded.expiry if result.outcome is Outcome.ALREADY_PRESENT else None

    def _record_group(self, group_id: Optional[int], attributes: bool) -> None:
        description, expiry = (self._desired.description, self._desired.expiry) if attributes else (None, None)
        self._store.rows(_UPSERT_GROUP, self._account, self._name, group_id, description, expiry, self._clock.now())

    def _forget(self, canonical: str) -> None:
        """Drops what other groups have on record of this line, in whatever form."""
        lines = possible_lines(canonical)
        for other in [other for other in self._elsewhere if possible_lines(other) & lines]:
            self._store.rows(
                "DELETE FROM numbers WHERE account = ? AND group_name <> ? AND number = ?",
                self._account,
                self._name,
                other,
            )
