# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This run's numbers, what is to be done with each, and what became of it. See Worklist in _domain/protocols.py.

A number that is neither in ``work`` nor in ``results`` stays as it is.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import Callable, Iterator, List, Optional, Sequence, Set, Tuple

from .._domain.decide import Batch, Kind, RecordedNumber, Settled, Why, Work
from .._domain.lines import may_share_lines, shapes_in
from .._domain.outcome import Outcome
from .listed import Row
from .results import Results

_WAITS = "NOT EXISTS (SELECT 1 FROM results AS r WHERE r.position = w.position)"
_STAYS = f"{_WAITS} AND w.position NOT IN (SELECT position FROM work)"  # noqa: S608
_SEND = "INSERT INTO work SELECT position, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM entries WHERE canonical {among}"
_LEAVE = f"INSERT INTO results SELECT w.position, ?, ?, NULL, 0 FROM work AS w WHERE {_WAITS}"  # noqa: S608
_ALIKE = ("kind", "why", "expiry", "shared", "recorded", "recorded_expiry")
_BATCH = (
    "SELECT w.position, e.canonical, d.given, w.shared, w.recorded, w.recorded_expiry, w.ours, w.recorded_at,"
    " w.contested FROM work AS w JOIN entries AS e ON e.position = w.position"
    " LEFT JOIN details AS d ON d.position = w.position"
    " WHERE w.kind = ? AND w.why = ? AND w.expiry IS ? AND w.position > ?"
    " AND NOT EXISTS (SELECT 1 FROM results AS r WHERE r.position = w.position) ORDER BY w.position LIMIT ?"
)


class Worklist(Results):
    """The entries of a list, with what is to be done with each number and what became of it."""

    def __init__(self, where: Callable[[int], str], notes_after: Optional[int] = None) -> None:
        super().__init__(where, notes_after)
        self._waiting: Counter[Kind] = Counter()
        self._unlisted_shapes: Set[str] = set()

    def add_unlisted(self, canonicals: Sequence[str]) -> None:
        """Numbers that no list has named are to be dealt with, too."""
        ((highest,),) = self.rows("SELECT MAX(position) FROM entries")
        # behind the last entry, too, if that repeats a number and is set apart
        after = max(self.last, highest or 0)
        self.insert("entries", list(enumerate(canonicals, start=after + 1)))
        self._staying += len(canonicals)
        self._unlisted += len(canonicals)
        self._unlisted_shapes |= shapes_in(canonicals)
        self.several_ways = self.several_ways or may_share_lines(self._unlisted_shapes)

    def send(self, work: Work, canonicals: Sequence[str]) -> None:
        """Numbers are to be sent."""
        row = (work.kind.value, work.why.value, work.expiry, int(work.shared), *_recorded_row(work.recorded))
        self.all_among(_SEND, canonicals, *row)
        self._staying -= len(canonicals)
        self._waiting[work.kind] += len(canonicals)

    def waiting(self, kind: Kind) -> int:
        """How many numbers of a kind were to be sent when nothing was sent yet."""
        return self._waiting[kind]

    def staying(self) -> Optional[Tuple[str, Optional[str]]]:
        """The first number that stays as it is, if there is one, and the expiry that its entry has of its own."""
        rows = self.rows(
            f"SELECT w.canonical, d.expiry FROM entries AS w LEFT JOIN details AS d ON d.position = w.position"  # noqa: S608
            f" WHERE {_STAYS} ORDER BY w.position LIMIT 1"
        )
        return rows[0] if rows else None

    def send_staying(self, why: Why, expiry: Optional[str]) -> None:
        """All numbers that would have stayed are to be added: with their own expiry, or this one."""
        self.rows(
            "INSERT INTO work SELECT w.position, ?, ?, COALESCE(d.expiry, ?), 0, NULL, NULL, NULL, NULL, NULL"  # noqa: S608
            " FROM entries AS w LEFT JOIN details AS d ON d.position = w.position"
            f" WHERE {_STAYS}",
            Kind.ADD.value,
            why.value,
            expiry,
        )
        self._waiting[Kind.ADD] += self._staying
        self._staying = 0

    def settle_staying(self, settled: Settled) -> None:
        """All numbers that would have stayed have this outcome instead."""
        self.rows(
            "INSERT INTO results SELECT w.position, ?, ?, NULL, 0 FROM entries AS w"  # noqa: S608
            f" WHERE {_STAYS}",
            settled.outcome.value,
            settled.reason,
        )
        self._counts[settled.outcome] += self._staying
        self._staying = 0

    def forget_records(self) -> None:
        """Nothing that was recorded of those that wait holds."""
        self.rows(
            "UPDATE work SET recorded = NULL, recorded_expiry = NULL, ours = NULL, recorded_at = NULL, contested = NULL"
            " WHERE position NOT IN (SELECT position FROM results)"
        )

    def batches(self, size: int, first: int = 1) -> Iterator[Batch]:
        """The requests for those that wait, numbered from ``first``: see the protocol."""
        self.rows("CREATE INDEX IF NOT EXISTS work_order ON work (kind, why, expiry, position)")
        classes = self.rows(
            f"SELECT kind, why, expiry FROM work AS w WHERE {_WAITS} GROUP BY kind, why, expiry"  # noqa: S608
            " ORDER BY kind, MIN(position)"
        )
        ordinal = first
        for kind, why, expiry in classes:
            last = 0
            while rows := self.rows(_BATCH, kind, why, expiry, last, size):
                yield self._batch(rows, Kind(kind), Why(why), expiry, ordinal)
                last, ordinal = rows[-1][0], ordinal + 1

    def _batch(self, rows: Sequence[Row], kind: Kind, why: Why, expiry: Optional[str], ordinal: int) -> Batch:
        return Batch(
            kind,
            why,
            expiry,
            numbers=tuple(self.number(*row[:3]) for row in rows),
            ordinal=ordinal,
            recorded={row[1]: _recorded(row[4:]) for row in rows if row[4] is not None},
            shared=frozenset(row[1] for row in rows if row[3]),
        )

    def leave(self, settled: Settled) -> None:
        """Those that still wait are not sent."""
        self._left = True
        self._counts[settled.outcome] += self.many(_LEAVE, [(settled.outcome.value, settled.reason)])

    def alike(self) -> List[Work]:
        """What is to be done with those that wait, as far as that differs in what it will bring."""
        rows = self.rows(f"SELECT DISTINCT {', '.join(_ALIKE)} FROM work AS w WHERE {_WAITS}")  # noqa: S608
        return [
            Work(
                Kind(kind),
                Why(why),
                expiry,
                None if recorded is None else RecordedNumber(Outcome(recorded), of),
                bool(shared),
            )
            for kind, why, expiry, shared, recorded, of in rows
        ]

    def settle_alike(self, work: Work, settled: Settled) -> None:
        """All numbers that wait to be sent as ``alike`` told have the same outcome."""
        row = (work.kind.value, work.why.value, work.expiry, int(work.shared), *_recorded_row(work.recorded)[:2])
        same = " AND ".join(f"w.{name} IS ?" for name in _ALIKE)
        self._counts[settled.outcome] += self.many(
            f"{_LEAVE} AND {same}", [(settled.outcome.value, settled.reason, *row)]
        )


def _recorded_row(recorded: Optional[RecordedNumber]) -> Row:
    if recorded is None:
        return (None, None, None, None, None)
    return (recorded.outcome.value, recorded.expiry, int(recorded.ours), recorded.recorded_at, int(recorded.contested))


@functools.lru_cache(maxsize=1024)  # of most numbers the same is recorded
def _recorded(row: Row) -> RecordedNumber:
    outcome, expiry, ours, recorded_at, contested = row
    return RecordedNumber(Outcome(outcome), expiry, bool(ours), recorded_at, bool(contested))
