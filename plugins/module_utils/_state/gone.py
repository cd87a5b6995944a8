# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drops what is on record of numbers that are gone from a group, or that the server has refused."""

from __future__ import annotations

from typing import Sequence

from .._domain.outcome import NOT_IN_GROUP
from .store import Row, Store

GONE = tuple(sorted(outcome.value for outcome in NOT_IN_GROUP))
"""How it stands on record that a number is not in a group any more, or was not found in it."""

_PAGE = 5000  # numbers that are dropped at once
# In the words of the index numbers_gone (see schema.py), so that a group of millions is not read for it.
_OLD = (
    "SELECT number FROM numbers WHERE group_ref = ? AND recorded_at < ?"
    " AND outcome IN ('absent', 'not_found', 'rejected', 'removed') ORDER BY recorded_at LIMIT ?"
)
_DROP_NOTES = "DELETE FROM notes WHERE group_ref = ? AND number {among}"
_DROP_NUMBERS = "DELETE FROM numbers WHERE group_ref = ? AND number {among}"


def drop_gone(store: Store, account: str, name: str, before: float) -> None:
    """Drops the numbers of a group that are on record as not in it since before a time, with their notes.

    ``before``: seconds since the epoch, UTC. To be called by the one run that works on the group: no other changes what
    stands as not in it. Raises StoreError.

    That a number is gone, or was refused, is evidence, too, so that dropping it may leave less known, and never
    something untrue. In a group that is complete (see RecordedGroup), a number that is not on record is not in it,
    which is just what was dropped. In any other it may be in it: its next addition or removal is told as not known,
    where the server's counters do not tell (see plan.py). Where other groups are in doubt about it, they stay so (see
    Record.elsewhere). What a request may have changed by now is on record as unconfirmed since before it was sent (see
    unfinished.py and recorded_lines.py), and that is never dropped. A number that is refused and still listed is sent,
    and recorded, by each run, so that what is dropped of those was refused the last time that a list named it.
    """
    for row in store.rows("SELECT id FROM groups WHERE account = ? AND name = ?", account, name):
        while numbers := store.rows(_OLD, row[0], before, _PAGE):
            _drop(store, row[0], numbers)


def _drop(store: Store, reference: int, numbers: Sequence[Row]) -> None:
    canonicals = [row[0] for row in numbers]
    with store.transaction():
        store.rows_among(_DROP_NOTES, canonicals, reference)
        store.rows_among(_DROP_NUMBERS, canonicals, reference)
