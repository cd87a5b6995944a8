# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a support desk asks of the record: which groups there are, in which a number is, and how much there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from .gone import GONE
from .ledger import OF_NUMBER, Ledger, NumberRecord, asked_for
from .store import Store

_FIND = (
    f"SELECT g.name, g.expiry, {OF_NUMBER} FROM groups AS g JOIN numbers AS n ON n.group_ref = g.id"  # noqa: S608
    " LEFT JOIN notes AS t ON t.group_ref = n.group_ref AND t.number = n.number WHERE g.account = ?"
)
# A run that was killed, or whose first request failed, may have left nothing of its group but itself.
_GROUPS = (
    "SELECT name, seen, group_id, description, expiry, recorded_at FROM groups WHERE account = ?"
    " UNION ALL SELECT r.group_name, 0, NULL, NULL, NULL, MAX(r.started_at) FROM runs AS r WHERE r.account = ?"
    " AND NOT EXISTS (SELECT 1 FROM groups AS g WHERE g.account = r.account AND g.name = r.group_name)"
    " GROUP BY r.group_name ORDER BY 1"
)
_OF_ACCOUNT = "WHERE group_ref IN (SELECT id FROM groups WHERE account = ?)"
_COUNTS = {
    "groups": "SELECT COUNT(*) FROM (SELECT name FROM groups WHERE account = ?"
    " UNION SELECT group_name FROM runs WHERE account = ?) AS names",
    "numbers": f"SELECT COUNT(*) FROM numbers {_OF_ACCOUNT}",  # noqa: S608
    "removed": f"SELECT COUNT(*) FROM numbers {_OF_ACCOUNT} AND outcome IN (?, ?, ?)",  # noqa: S608
    "notes": f"SELECT COUNT(*) FROM notes {_OF_ACCOUNT}",  # noqa: S608
    "runs": "SELECT COUNT(*) FROM runs WHERE account = ?",
}


@dataclass(frozen=True)
class GroupRecord:
    """A group as recorded. ``recorded_at``: seconds since the epoch, UTC; of its last run, where only that is on
    record. ``seen``: it was seen on the server.
    """

    name: str
    seen: bool
    group_id: Optional[int]
    description: Optional[str]
    expiry: Optional[str]
    recorded_at: float


@dataclass(frozen=True)
class Found:
    """A number as one group has it on record; ``group_expiry``: the group's own, in the server's time."""

    group: str
    group_expiry: Optional[str]
    number: NumberRecord


def groups_on_record(store: Store, ledger: Ledger, account: str) -> List[GroupRecord]:
    """All groups of an account of which anything is on record, by name. Raises StoreError."""
    return [
        GroupRecord(name, bool(seen), group_id, description, ledger.expiry(expiry), recorded_at)
        for name, seen, group_id, description, expiry, recorded_at in store.rows(_GROUPS, account, account)
    ]


def find(
    store: Store, ledger: Ledger, account: str, canonicals: Sequence[str], name: Optional[str]
) -> Dict[str, List[Found]]:
    """Where numbers are on record, by canonical number, each by group; of one group alone if it is named.

    Also where a group holds what may be the same telephone in another spelling (see lines.py), and where it has only on
    record that a number is not in it. Raises StoreError.
    """
    asked = asked_for(canonicals, ledger.shapes())
    statement, values = (_FIND, (account,)) if name is None else (f"{_FIND} AND g.name = ?", (account, name))
    rows = store.rows_among(f"{statement} AND n.number {{among}}", sorted(asked), *values)
    found: Dict[str, List[Found]] = {canonical: [] for canonical in canonicals}
    for group, expiry, *row in sorted(rows, key=lambda row: (row[0], row[2])):
        one = Found(group, ledger.expiry(expiry), ledger.number_record(tuple(row)))
        for canonical in asked[one.number.number]:
            found[canonical].append(one)
    return found


def how_much(store: Store, account: str) -> Dict[str, int]:
    """How much there is of an account. ``groups``: those of groups_on_record; ``removed``: numbers that are on record
    as not in a group any more, or as not there when they were to be removed. Raises StoreError.
    """
    counts: Dict[str, int] = {}
    more: Dict[str, Tuple[str, ...]] = {"groups": (account,), "removed": GONE}
    for what, statement in _COUNTS.items():
        ((count,),) = store.rows(statement, account, *more.get(what, ()))
        counts[what] = int(count)
    return counts
