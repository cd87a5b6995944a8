# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the numbers of a list."""

from __future__ import annotations

from collections import Counter
from typing import Callable, FrozenSet, Iterator, List, Optional, Sequence, Set

from .._domain.decide import STAYS, Settled
from .._domain.outcome import NumberResult, Outcome
from .listed import Listed, Row

_TABLE = (
    "CREATE TABLE results (position INTEGER PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT NOT NULL, batch INTEGER,"
    " may_be_ours INTEGER NOT NULL)"
)
_SETTLE = "INSERT INTO results SELECT position, ?, ?, NULL, 0 FROM entries WHERE canonical = ?"
_KEEP = "INSERT OR IGNORE INTO results SELECT position, ?, ?, ?, ? FROM entries WHERE canonical = ?"
_RESULTS = (
    "SELECT e.position, e.canonical, d.given, d.note, r.outcome, r.reason, r.batch, r.may_be_ours FROM entries AS e"
    " {join} results AS r ON r.position = e.position LEFT JOIN details AS d ON d.position = e.position"
    " WHERE {condition} ORDER BY e.position"
)


class Results(Listed):
    """The entries of a list, with what became of each number. One of which nothing is told stays as it is."""

    def __init__(self, where: Callable[[int], str]) -> None:
        super().__init__(where)
        self.rows(_TABLE)
        self._counts: Counter[Outcome] = Counter()
        self._staying = 0

    def complete(self) -> None:
        """All entries were added: sets apart those that repeat a number."""
        super().complete()
        self._staying = self.entries

    def settle(self, settled: Settled, canonicals: Sequence[str]) -> None:
        """Numbers need no request."""
        self.many(_SETTLE, ((settled.outcome.value, settled.reason, canonical) for canonical in canonicals))
        self._staying -= len(canonicals)
        self._counts[settled.outcome] += len(canonicals)

    def keep(self, results: Sequence[NumberResult]) -> None:
        """What became of numbers that were sent."""
        self.many(_KEEP, map(_result_row, results))
        self._counts.update(result.outcome for result in results)

    def keep_missing(self, results: Sequence[NumberResult]) -> None:
        """The same, but for numbers of which it is known by now."""
        for result in results:
            self._counts[result.outcome] += self.many(_KEEP, [_result_row(result)])

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
        wanted = ", ".join(f"{outcome.value!r}" for outcome in outcomes)
        # No batch is numbered -1; those that were in no request have NULL, and so would "besides none".
        condition = f"r.outcome IN ({wanted}) AND r.batch IS NOT ?"
        statement = _RESULTS.format(join="JOIN", condition=condition)
        return map(self._results, self.parts(statement, -1 if besides is None else besides))

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


def _result_row(result: NumberResult) -> Row:
    return (result.outcome.value, result.reason, result.batch, int(result.may_be_ours), result.number.canonical)
