# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs of ozonetel_block_group on record: who did what to a group, when, and what came of it."""

from __future__ import annotations

import json
import os
import pwd
import socket
import uuid
from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Sequence

from .._domain.decide import State
from .._domain.protocols import Clock
from .store import Row, Store

MOST_KEPT, MOST_KEPT_CHANGES = 100, 500
"""How many of the last runs of a group are kept, and how many of those that have changed it, or may have."""

_ID_BITS = 48  # as wide as a run must be told apart: each number refers to the one that has added it

_LONGEST_ERROR = 1000
_COLUMNS = "id, started_at, ended_at, user_name, machine, state, changed, change_source, counts, requests_sent, error"
_LAST = f"SELECT {_COLUMNS} FROM runs WHERE account = ? AND group_name = ? ORDER BY ordinal DESC LIMIT ?"  # noqa: S608
_BEGIN = (
    "INSERT INTO runs (id, account, group_name, started_at, user_name, machine, pid, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_END = (
    "UPDATE runs SET ended_at = ?, changed = ?, change_source = ?, counts = ?, requests_sent = ?, error = ?"
    " WHERE id = ?"
)
_OF_GROUP = "account = ? AND group_name = ?"
_MAKE_ROOM = (
    f"DELETE FROM runs WHERE {_OF_GROUP}"  # noqa: S608
    f" AND id NOT IN (SELECT id FROM runs WHERE {_OF_GROUP} ORDER BY ordinal DESC LIMIT ?)"
    f" AND id NOT IN (SELECT id FROM runs WHERE {_OF_GROUP} AND (changed IS NULL OR changed = 1)"
    " ORDER BY ordinal DESC LIMIT ?)"
)


@dataclass(frozen=True)
class Ending:
    """What came of a run, as far as its report tells. ``error`` is masked: why it failed, None if it did not."""

    changed: bool
    change_source: Optional[str]
    counts: Mapping[str, int]
    requests_sent: int
    error: Optional[str]


@dataclass(frozen=True)
class RunRecord:
    """A run on record. Times in seconds since the epoch, UTC.

    ``ended_at`` is None while it runs, and for good if it was killed or could not write its end: then what came of it
    is not known, either.
    """

    id: int
    started_at: float
    ended_at: Optional[float]
    user: str
    machine: str
    state: str
    changed: Optional[bool] = None
    change_source: Optional[str] = None
    counts: Mapping[str, int] = field(default_factory=dict)
    requests_sent: Optional[int] = None
    error: Optional[str] = None


class CurrentRun:
    """The run that is under way on a group, inside its lock. Both methods raise StoreError."""

    def __init__(self, store: Store, account: str, group: str, state: State, clock: Clock) -> None:
        self.id = uuid.uuid4().int >> (128 - _ID_BITS)
        self._store = store
        self._of_this = (account, group)
        self._state = state
        self._clock = clock

    def begin(self) -> None:
        """Puts the run on record, and drops the oldest of its group for it. Whatever clocks say, this is the latest."""
        with self._store.transaction():
            self._store.rows(
                _MAKE_ROOM, *self._of_this, *self._of_this, MOST_KEPT - 1, *self._of_this, MOST_KEPT_CHANGES - 1
            )
            where = (_user(), socket.gethostname(), os.getpid())
            self._store.rows(_BEGIN, self.id, *self._of_this, self._clock.now(), *where, self._state.value)

    def end(self, ending: Ending) -> None:
        """Puts on record what came of it."""
        # PostgreSQL takes no text with this character.
        error = None if ending.error is None else ending.error.replace("\0", "")[:_LONGEST_ERROR]
        self._store.rows(
            _END,
            self._clock.now(),
            int(ending.changed),
            ending.change_source,
            json.dumps(ending.counts),
            ending.requests_sent,
            error,
            self.id,
        )


def _user() -> str:
    """The user whose process this is, by number where the machine knows no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def shown_id(run: int) -> str:
    """The id of a run as people see it."""
    return f"{run:0{_ID_BITS // 4}x}"


def id_shown_as(shown: str) -> int:
    """The id of a run, from how people see it."""
    return int(shown, 16)


def last_runs(store: Store, account: str, group: str, most: int) -> List[RunRecord]:
    """The last runs of a group, latest first. Raises StoreError."""
    return [_run(store, row) for row in store.rows(_LAST, account, group, most)]


def runs_by_id(store: Store, ids: Sequence[int]) -> Dict[int, RunRecord]:
    """Those of these runs that are still on record. Raises StoreError."""
    rows = store.rows_among(f"SELECT {_COLUMNS} FROM runs WHERE id {{among}}", ids)  # noqa: S608
    return {row[0]: _run(store, row) for row in rows}


def _run(store: Store, row: Row) -> RunRecord:
    run_id, started_at, ended_at, user, machine, state, changed, change_source, counts, requests_sent, error = row
    try:
        counted = {} if counts is None else dict(json.loads(counts))
    except (ValueError, TypeError):
        raise store.damaged("the counts of a run in it cannot be read") from None
    return RunRecord(
        id=run_id,
        started_at=started_at,
        ended_at=ended_at,
        user=user,
        machine=machine,
        state=state,
        changed=None if changed is None else bool(changed),
        change_source=change_source,
        counts=counted,
        requests_sent=requests_sent,
        error=error,
    )
