# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the numbers of a list."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter
from typing import Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._domain.decide import STAYS, UNTOLD, Settled
from .._domain.numbers import Number
from .._domain.outcome import COUNTED_MORE, IN_GROUP, NumberResult, Outcome
from .listed import Listed, Row

_TABLES = (
    """CREATE TABLE work (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, why TEXT NOT NULL, expiry TEXT,
        shared INTEGER NOT NULL, recorded TEXT, recorded_expiry TEXT, ours INTEGER, recorded_at REAL,
        contested INTEGER)""",
    """CREATE TABLE results (position INTEGER PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT NOT NULL, batch INTEGER,
        may_be_ours INTEGER NOT NULL)""",
)
_KEEP = "INSERT OR IGNORE INTO results SELECT position, ?, ?, ?, ? FROM entries WHERE canonical {among}"


def _any_of(outcomes: FrozenSet[Outcome]) -> str:
    """A list for SQL: the words are our own."""
    return ", ".join(f"{outcome.value!r}" for outcome in outcomes)


_DOUBT = (
    "UPDATE results SET reason = REPLACE(outcome, '_', ' ') || ', but ' || ?, outcome = ?"  # noqa: S608 # our own words
    f" WHERE outcome IN ({_any_of(IN_GROUP)})"
)
_FORM = "INSERT OR IGNORE INTO forms SELECT position, ? FROM entries WHERE canonical = ?"
# Unless the server counts more than is on record: then that one is gone, too.
_MAY_BE_HELD = (
    f"(r.outcome = {Outcome.NOT_FOUND.value!r} OR (r.outcome = {Outcome.ABSENT.value!r}"
    f" AND r.reason NOT LIKE '{COUNTED_MORE}%'))"
)
_STILL_HELD = (
    "FROM forms AS f JOIN results AS r ON r.position = f.position JOIN entries AS e ON e.position = f.position"
    f" LEFT JOIN details AS d ON d.position = f.position WHERE {_MAY_BE_HELD}"
)
_RESULTS = (
    "SELECT e.position, e.canonical, d.given, d.note, r.outcome, r.reason, r.batch, r.may_be_ours,"
    " CASE WHEN r.outcome IS NULL THEN EXISTS (SELECT 1 FROM work AS w WHERE w.position = e.position) END, {form}"
    " FROM entries AS e"
    " {join} results AS r ON r.position = e.position LEFT JOIN details AS d ON d.position = e.position{forms}"
    " WHERE {condition} ORDER BY e.position"
)


class Results(Listed):
    """The entries of a list, with what became of each number. One of which nothing is told stays as it is."""

    def __init__(self, where: Callable[[int], str], notes_after: Optional[int] = None) -> None:
        super().__init__(where, notes_after)
        for table in _TABLES:
            self.rows(table)
        self._counts: Counter[Outcome] = Counter()
        self._staying = self._unlisted = 0
        self._left = self._forms = False

    def complete(self) -> None:
        """All entries were added: sets apart those that repeat a number."""
        super().complete()
        self._staying = self.entries

    def settle(self, settled: Settled, canonicals: Sequence[str]) -> None:
        """Numbers need no request."""
        self.all_among(_KEEP, canonicals, settled.outcome.value, settled.reason, None, 0)
        self._staying -= len(canonicals)
        self._counts[settled.outcome] += len(canonicals)

    def keep(self, results: Sequence[NumberResult]) -> None:
        """What became of numbers that were sent."""
        for row, of in _alike(results).items():
            self.all_among(_KEEP, of, *row)
            self._counts[Outcome(row[0])] += len(of)

    def keep_missing(self, results: Sequence[NumberResult]) -> None:
        """The same, but for numbers of which it is known by now."""
        for row, of in _alike(results).items():
            self._counts[Outcome(row[0])] += self.all_among(_KEEP, of, *row)

    def doubt(self, why: str) -> None:
        """Numbers that are in the group, as far as was told, are unconfirmed, for that reason."""
        self.rows(_DOUBT, why, Outcome.UNCONFIRMED.value)
        self._counts[Outcome.UNCONFIRMED] += sum(self._counts.pop(outcome, 0) for outcome in IN_GROUP)

    def tell_forms(self, forms: Mapping[str, str]) -> None:
        """In which other spelling the group may hold a number that is to be removed, by canonical number."""
        if forms:
            self.rows("CREATE TABLE IF NOT EXISTS forms (position INTEGER PRIMARY KEY, form TEXT NOT NULL)")
            self.many(_FORM, [(form, canonical) for canonical, form in forms.items()])
            self._forms = True

    def held_otherwise(self, shown: int) -> Tuple[int, List[Tuple[Number, str]]]:
        """How many numbers may still be in the group in another spelling, and the first of them with that one."""
        if not self._forms:
            return 0, []
        rows = self.rows(f"SELECT COUNT(*) {_STILL_HELD}")
        first = self.rows(
            f"SELECT e.position, e.canonical, d.given, f.form {_STILL_HELD} ORDER BY e.position LIMIT ?", shown
        )
        return int(rows[0][0]), [(self.number(*row[:3]), row[3]) for row in first]

    def counts(self) -> Counter[Outcome]:
        """How many numbers have each outcome by now."""
        counts = self._counts + Counter({STAYS.outcome: self._staying})
        untold = self.entries + self._unlisted - sum(counts.values())
        if not self._left or not untold:
            return counts
        kept = self.rows("SELECT outcome, COUNT(*) FROM results GROUP BY outcome")  # not all of it could be
        counts = Counter({Outcome(outcome): count for outcome, count in kept}) + Counter({STAYS.outcome: self._staying})
        return counts + Counter({UNTOLD.outcome: self.entries + self._unlisted - sum(counts.values())})

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
        # No batch is numbered -1; those that were in no request have NULL, and so would "besides none".
        condition = f"r.outcome IN ({_any_of(outcomes)}) AND r.batch IS NOT ?"
        return map(self._results, self.parts(self._statement("JOIN", condition), -1 if besides is None else besides))

    def all_results(self) -> Iterator[NumberResult]:
        """The result of every number in the order of the list; those that no list has named after them."""
        for part in self.parts(self._statement("LEFT JOIN", "1")):
            yield from self._results(part)

    def _statement(self, join: str, condition: str) -> str:
        form, forms = ("NULL", "")
        if self._forms:
            form = f"CASE WHEN {_MAY_BE_HELD} THEN f.form END"
            forms = " LEFT JOIN forms AS f ON f.position = e.position"
        return _RESULTS.format(join=join, condition=condition, form=form, forms=forms)

    def _results(self, rows: Sequence[Row]) -> List[NumberResult]:
        return [
            NumberResult(
                self.number(*row[:4]),
                *(
                    (Outcome(row[4]), _with_form(row[5], row[9]), row[6], bool(row[7]))
                    if row[4] is not None
                    else _without_a_result(row[8])
                ),
            )
            for row in rows
        ]


def _with_form(reason: str, form: Optional[str]) -> str:
    """The reason, and in which other spelling a number may still be in the group."""
    if form is None:
        return reason
    told = f"it may be in the group as {form}"
    return f"{reason}; {told}" if reason else told


def _without_a_result(was_to_be_sent: int) -> Tuple[Outcome, str]:
    settled = UNTOLD if was_to_be_sent else STAYS
    return settled.outcome, settled.reason


def _alike(results: Sequence[NumberResult]) -> Dict[Row, List[str]]:
    """Canonical numbers by what became of them: of a batch that is mostly the same."""
    found: Dict[Row, List[str]] = {}
    for (outcome, *told, may_be_ours), of in groupby(results, key=_TOLD):
        row = (outcome.value, *told, int(may_be_ours))
        found.setdefault(row, []).extend([result.number.canonical for result in of])
    return found


_TOLD = attrgetter("outcome", "reason", "batch", "may_be_ours")
