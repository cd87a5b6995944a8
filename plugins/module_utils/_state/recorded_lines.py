# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded of the same lines as those of some numbers, in whatever spelling, in one group and in the others.

A number may be unique in the account (contract N2), and a removal may reach all groups (X3).
"""

from __future__ import annotations

from typing import Any, FrozenSet, Mapping, Optional, Sequence

from .._domain.lines import spellings_among
from .._domain.numbers import Number
from .._domain.outcome import Outcome
from .._domain.protocols import Clock
from .ledger import PRESENT
from .store import Row, Store, shapes_of

_OF_ACCOUNT = "group_ref IN (SELECT id FROM groups WHERE account = ?)"
OF_GROUP = "group_ref IN (SELECT id FROM groups WHERE account = ? AND name = ?)"
_OF_OTHERS = "group_ref IN (SELECT id FROM groups WHERE account = ? AND name <> ?)"
_DOUBT = (
    "UPDATE numbers SET outcome = ?, recorded_at = ?{more} WHERE outcome IN (?, ?, ?) AND {where} AND number {{among}}"
)
_TOLD_SINCE = (
    f"SELECT number FROM numbers WHERE outcome IN (?, ?, ?) AND {_OF_OTHERS} AND recorded_at > ?"  # noqa: S608
    " AND number {among}"
)
_OVERTAKEN = (
    "UPDATE numbers SET outcome = ?, contested = 1, since = NULL, run = NULL WHERE group_ref = ? AND number {among}"
)


class RecordedLines:
    """Puts into doubt what is recorded of lines. Every method raises StoreError."""

    def __init__(self, store: Store, account: str, name: str, clock: Clock) -> None:
        self._store = store
        self._account = account
        self._name = name
        self._clock = clock

    def doubt(self, numbers: Sequence[Number], everywhere: bool) -> None:
        """What is held of these lines in the group is no longer certain; ``everywhere``: nor in any other group."""
        forms = self._spellings(numbers, shapes_of(self._store, self._account))
        if everywhere:
            self._doubt(forms, _DOUBT.format(more="", where=_OF_ACCOUNT))
        else:
            self._doubt(forms, _DOUBT.format(more="", where=OF_GROUP), self._name)

    def doubt_elsewhere(self, numbers: Sequence[Number]) -> None:
        """What is held of these lines in other groups is no longer certain."""
        forms = self._in_others(numbers)
        if forms:
            self._doubt(forms, _DOUBT.format(more="", where=_OF_OTHERS), self._name)

    def contest(self, came: Sequence[Number], sent_at: float, reference: Optional[int]) -> None:
        """These numbers may have been moved out of other groups; and into one that was told of them since they were
        sent, so that they are not certain in this one, either, nor since when they are there. ``reference``: what the
        group's numbers refer to it by.
        """
        forms = self._in_others(came)
        if not forms:
            return
        values = (*PRESENT, self._account, self._name, sent_at)
        told = {row[0] for row in self._among(forms, _TOLD_SINCE, *values)}
        self._doubt(forms, _DOUBT.format(more=", contested = 1", where=_OF_OTHERS), self._name)
        overtaken = [canonical for canonical, others in forms.items() if others & told]
        self._store.rows_among(_OVERTAKEN, overtaken, Outcome.UNCONFIRMED.value, reference)

    def _in_others(self, numbers: Sequence[Number]) -> Mapping[str, FrozenSet[str]]:
        """The spellings that other groups may hold, by number; empty where nothing is on record of any."""
        shapes = shapes_of(self._store, self._account, besides=self._name) if numbers else frozenset()
        return self._spellings(numbers, shapes) if shapes else {}

    def _spellings(self, numbers: Sequence[Number], shapes: FrozenSet[str]) -> Mapping[str, FrozenSet[str]]:
        return spellings_among([number.canonical for number in numbers], shapes)

    def _doubt(self, forms: Mapping[str, FrozenSet[str]], statement: str, *name: str) -> None:
        self._among(forms, statement, Outcome.UNCONFIRMED.value, self._clock.now(), *PRESENT, self._account, *name)

    def _among(self, forms: Mapping[str, FrozenSet[str]], statement: str, *values: Any) -> Sequence[Row]:
        return self._store.rows_among(statement, sorted(frozenset().union(*forms.values())), *values)
