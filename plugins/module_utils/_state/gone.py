# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drops what is on record of numbers that are gone from a group."""

from __future__ import annotations

from .._domain.outcome import NOT_IN_GROUP
from .recorded_lines import OF_GROUP
from .store import Store

GONE = tuple(sorted(outcome.value for outcome in NOT_IN_GROUP))
"""How it stands on record that a number is not in a group."""

_OLD = f"{OF_GROUP} AND outcome IN (?, ?, ?) AND recorded_at < ?"
_DROP_NOTES = (
    f"DELETE FROM notes WHERE {OF_GROUP} AND EXISTS (SELECT 1 FROM numbers AS n WHERE n.group_ref = notes.group_ref"  # noqa: S608
    " AND n.number = notes.number AND n.outcome IN (?, ?, ?) AND n.recorded_at < ?)"
)
_DROP_NUMBERS = f"DELETE FROM numbers WHERE {_OLD}"  # noqa: S608


def drop_gone(store: Store, account: str, name: str, before: float) -> None:
    """Drops the numbers of a group that are on record as not in it since before a time, with their notes.

    ``before``: seconds since the epoch, UTC. Raises StoreError.

    That a number is gone is evidence, too, so that dropping it may leave less known, and never something untrue. In a
    group that is complete (see RecordedGroup), a number that is not on record is not in it, which is just what was
    dropped. In any other it may be in it: its next addition or removal is told as not known, where the server's
    counters do not tell (see plan.py). Where other groups are in doubt about it, they stay so (see Record.elsewhere).
    What a request may have changed by now is on record as unconfirmed since before it was sent (see unfinished.py and
    recorded_lines.py), and that is never dropped; nor is a number that the server has refused.
    """
    values = (account, name, *GONE, before)
    with store.transaction():
        store.rows(_DROP_NOTES, *values)
        store.rows(_DROP_NUMBERS, *values)
