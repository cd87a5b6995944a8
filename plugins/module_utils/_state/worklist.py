# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This run's numbers, what is to be done with each, and what became of it. See Worklist in _domain/protocols.py.

A number that is neither in ``work`` nor in ``results`` stays as it is.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, FrozenSet, Iterator, List, Optional, Sequence, Set, Tuple

from .._domain.decide import STAYS, Batch, Kind, RecordedNumber, Settled, Why, Work
from .._domain.outcome import NumberResult, Outcome
from .listed import Listed, Row

_TABLES = (
    """CREATE TABLE work (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, why TEXT NOT NULL, expiry TEXT,
        shared INTEGER NOT NULL, recorded TEXT, recorded_expiry TEXT, ours INTEGER, recorded_at REAL,
        contested INTEGER)""",
    """CREATE TABLE results (position INTEGER PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT NOT NULL, batch INTEGER,
        may_be_ours INTEGER NOT NULL)""",
)
_WAITS = "NOT EXISTS (SELECT 1 FROM results AS r WHERE r.position = w.position)"
_SEND = "INSERT INTO work SELECT position, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM entries WHERE canonical = ?"
_SETTLE = "INSERT INTO results SELECT position, ?, ?, NULL, 0 FROM entries WHERE canonical = ?"
_KEEP = "INSERT OR IGNORE INTO results SELECT position, ?, ?, ?, ? FROM entries WHERE canonical = ?"
_LEAVE = f"INSERT INTO results SELECT w.position, ?, ?, NULL, 0 FROM work AS w WHERE {_WAITS}"  # noqa: S608
_ALIKE = ("kind", "why", "expiry", "shared", "recorded", "recorded_expiry")
_BATCH = (
    "SELECT w.position, e.canonical, d.given, w.shared, w.recorded, w.recorded_expiry, w.ours, w.recorded_at,"
    " w.contested FROM work AS w JOIN entries AS e ON e.position = w.position"
    " LEFT JOIN details AS d ON d.position = w.position"
    " WHERE w.kind = ? AND w.why = ? AND w.expiry IS ? AND w.position > ?"
    " AND NOT EXISTS (SELECT 1 FROM results AS r WHERE r.position = w.position) ORDER BY w.position LIMIT ?"
)
_RESULTS = (
    "SELECT e.position, e.canonical, d.given, d.note, r.outcome, r.reason, r.batch, r.may_be_ours FROM entries AS e"
    " {join} results AS r ON r.position = e.position LEFT JOIN details AS d ON d.position = e.position"
    " WHERE {condition} ORDER BY e.position"
)


class Worklist(Listed):
    """The entries of a list, with what is to be done with each number and what became of it."""

    def __init__(self, where: Callable[[int], str]) -> None:
        super().__init__(where)
        for table in _TABLES:
            self.rows(table)
        self._counts: Counter[Outcome] = Counter()
        self._staying = 0
        self._waiting: Counter[Kind] = Counter()

    def complete(self) -> None:
        """All entries were added: sets apart those that repeat a number."""
        super().complete()
        self._staying = self.entries

    # -- what is to be done --------------------------------------------------------------------------------------------

    def add_unlisted(self, canonicals: Sequence[str]) -> None:
        """Numbers that no list has named are to be dealt with, too."""
        self.many("INSERT INTO entries (canonical) VALUES (?)", ((canonical,) for canonical in canonicals))
        self._staying += len(canonicals)

    def send(self, work: Work, canonicals: Sequence[str]) -> None:
        """Numbers are to be sent."""
        row = (work.kind.value, work.why.value, work.expiry, int(work.shared), *_recorded_row(work.recorded))
        self.many(_SEND, ((*row, canonical) for canonical in canonicals))
        self._staying -= len(canonicals)
        self._waiting[work.kind] += len(canonicals)

    def settle(self, settled: Settled, canonicals: Sequence[str]) -> None:
        """Numbers need no request."""
        self.many(_SETTLE, ((settled.outcome.value, settled.reason, canonical) for canonical in canonicals))
        self._staying -= len(canonicals)
        self._counts[settled.outcome] += len(canonicals)

    def waiting(self, kind: Kind) -> int:
        """How many numbers of a kind were to be sent when nothing was sent yet."""
        return self._waiting[kind]

    def staying(self) -> Optional[Tuple[str, Optional[str]]]:
        """The first number that stays as it is, if there is one, and the expiry that its entry has of its own."""
        rows = self.rows(
            f"SELECT w.canonical, d.expiry FROM entries AS w LEFT JOIN details AS d ON d.position = w.position"  # noqa: S608
            f" WHERE {_WAITS} AND w.position NOT IN (SELECT position FROM work) ORDER BY w.position LIMIT 1"
        )
        return rows[0] if rows else None

    def send_staying(self, why: Why, expiry: Optional[str]) -> None:
        """All numbers that would have stayed are to be added: with their own expiry, or this one."""
        self.rows(
            "INSERT INTO work SELECT w.position, ?, ?, COALESCE(d.expiry, ?), 0, NULL, NULL, NULL, NULL, NULL"  # noqa: S608
            " FROM entries AS w LEFT JOIN details AS d ON d.position = w.position"
            f" WHERE {_WAITS} AND w.position NOT IN (SELECT position FROM work)",
            Kind.ADD.value,
            why.value,
            expiry,
        )
        self._waiting[Kind.ADD] += self._staying
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

    # -- what became of it ---------------------------------------------------------------------------------------------

    def keep(self, results: Sequence[NumberResult]) -> None:
        """What became of numbers that were sent."""
        self.many(_KEEP, map(_result_row, results))
        self._counts.update(result.outcome for result in results)

    def keep_missing(self, results: Sequence[NumberResult]) -> None:
        """The same, but for numbers of which it is known by now."""
        for result in results:
            self._counts[result.outcome] += self.many(_KEEP, [_result_row(result)])

    def leave(self, settled: Settled) -> None:
        """Those that still wait are not sent."""
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

    def counts(self) -> Counter[Outcome]:
        """How many numbers have each outcome by now."""
        return self._counts + Counter({STAYS.outcome: self._staying})

    def touched(self, canonicals: Sequence[str]) -> Set[str]:
        """Which of these a request of this run has changed, or may have."""
        statement = (
            "SELECT e.canonical FROM entries AS e JOIN results AS r ON r.position = e.position"
            " WHERE r.batch IS NOT NULL AND r.outcome NOT IN ('not_sent', 'rejected') AND e.canonical {among}"
        )
        return {row[0] for row in self.among(statement, canonicals)}

    def results(self, outcomes: FrozenSet[Outcome], besides: Optional[int] = None) -> Iterator[List[NumberResult]]:
        """Results with these outcomes in the order of the list, in parts, but for those of one batch; without those of
        numbers that stay as they are."""
        condition = f"r.outcome IN ({', '.join(f'{outcome.value!r}' for outcome in outcomes)}) AND r.batch IS NOT ?"
        return map(self._results, self.parts(_RESULTS.format(join="JOIN", condition=condition), besides))

    def all_results(self) -> Iterator[NumberResult]:
        """The result of every number in the order of the list; those that no list has named after them."""
        for part in self.parts(_RESULTS.format(join="LEFT JOIN", condition="1")):
            yield from self._results(part)

    def _results(self, rows: Sequence[Row]) -> List[NumberResult]:
        return [
            (
                NumberResult(self.number(*row[:4]), Outcome(row[4]), row[5], row[6], bool(row[7]))
                if row[4] is not None
                else NumberResult(self.number(*row[:4]), STAYS.outcome, STAYS.reason)
            )
            for row in rows
        ]


def _recorded_row(recorded: Optional[RecordedNumber]) -> Row:
    if recorded is None:
        return (None, None, None, None, None)
    return (recorded.outcome.value, recorded.expiry, int(recorded.ours), recorded.recorded_at, int(recorded.contested))


def _recorded(row: Row) -> RecordedNumber:
    outcome, expiry, ours, recorded_at, contested = row
    return RecordedNumber(Outcome(outcome), expiry, bool(ours), recorded_at, bool(contested))


def _result_row(result: NumberResult) -> Row:
    return (result.outcome.value, result.reason, result.batch, int(result.may_be_ours), result.number.canonical)
