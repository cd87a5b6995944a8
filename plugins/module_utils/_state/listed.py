# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a run's lists in their order, in a temporary database: in memory while that is small, else in a file
without a name. Nothing holds an object for each number.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from .._domain.errors import StoreError
from .._domain.lines import may_share_lines, possible_lines, shapes_in
from .._domain.numbers import Number
from .sqlite import in_parts, rows_in_parts

Row = Tuple[Any, ...]

PART = 1000
"""How many numbers are gone over at once."""

_CACHE_KIBIBYTES = 32768
_TABLES = (
    "CREATE TABLE entries (position INTEGER PRIMARY KEY, canonical TEXT NOT NULL)",
    "CREATE TABLE details (position INTEGER PRIMARY KEY, given TEXT, expiry TEXT, note TEXT)",
    "CREATE TABLE duplicates (position INTEGER PRIMARY KEY, canonical TEXT NOT NULL)",
)
# Where an entry has no note, the first note of those that repeat its number counts.
_TAKE_NOTES_OVER = (
    "INSERT INTO details (position, note) SELECT position, note FROM (SELECT e.position AS position, t.note AS note,"
    " MIN(u.position) FROM duplicates AS u JOIN details AS t ON t.position = u.position AND t.note IS NOT NULL"
    " JOIN entries AS e ON e.canonical = u.canonical LEFT JOIN details AS d ON d.position = e.position"
    " WHERE d.note IS NULL GROUP BY e.position)"
    " WHERE 1 ON CONFLICT (position) DO UPDATE SET note = excluded.note"
)
_LINES = (
    "CREATE TABLE lines (line TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (line, position)) WITHOUT ROWID"
)


class Temporary:
    """A database of this run's own. Errors: StoreError."""

    def __init__(self) -> None:
        with _errors():
            self._database = sqlite3.connect("", isolation_level=None)
        self.close = self._database.close
        self.rows("PRAGMA journal_mode = OFF")
        self.rows(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        self.rows("BEGIN")  # and never an end: it is gone with the task

    def rows(self, statement: str, *values: Any) -> List[Row]:
        """Runs one statement and gives all its rows."""
        with _errors():
            return self._database.execute(statement, values).fetchall()

    def many(self, statement: str, rows: Iterable[Row]) -> int:
        """Runs one statement for many rows; tells how many it has changed."""
        with _errors():
            return self._database.executemany(statement, rows).rowcount

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Inserts whole rows, many with one statement."""
        for values, given in rows_in_parts(rows):
            self.rows(f"INSERT INTO {table} {values}", *given)  # our own names

    def parts(self, statement: str, *values: Any) -> Iterator[List[Row]]:
        """The rows of a statement in parts."""
        with _errors():
            cursor = self._database.execute(statement, values)
        while True:
            with _errors():
                rows = cursor.fetchmany(PART)
            if not rows:
                return
            yield rows

    def among(self, statement: str, canonicals: Sequence[str], *values: Any) -> Iterator[Row]:
        """The rows of a statement that ends in a condition on ``{among}``: any of these numbers."""
        for marks, part in in_parts(canonicals):
            yield from self.rows(statement.format(among=marks), *values, *part)

    def all_among(self, statement: str, canonicals: Sequence[str], *values: Any) -> int:
        """Runs a statement on these numbers; tells how many it has changed."""
        changed = 0
        for marks, part in in_parts(canonicals):
            with _errors():
                changed += self._database.execute(statement.format(among=marks), (*values, *part)).rowcount
        return changed


class Listed(Temporary):
    """The entries of a list. ``where`` tells where the entry at a position stands; those behind the position
    ``notes_after`` tell of notes, if only that there is none.
    """

    def __init__(self, where: Callable[[int], str], notes_after: Optional[int] = None) -> None:
        super().__init__()
        self._notes_after = notes_after
        self._where = where
        for table in _TABLES:
            self.rows(table)
        self._dated = False
        self.last = 0
        self._shapes: Set[str] = set()
        self.entries = self.duplicates = 0
        self.several_ways = False

    # -- reading -------------------------------------------------------------------------------------------------------

    def add(self, entries: Sequence[Row], details: Sequence[Row]) -> None:
        """Adds entries: position and canonical number; and position, given, expiry and note of those with any of these
        (given: where it is not the canonical form)."""
        self.insert("entries", entries)
        self._shapes |= shapes_in(canonical for _position, canonical in entries)
        if details:
            self.insert("details", details)
            self._dated = self._dated or any(row[2] is not None for row in details)

    def complete(self) -> None:
        """All entries were added: sets apart those that repeat a number."""
        self.rows("CREATE INDEX entries_canonical ON entries (canonical)")
        ((last,),) = self.rows("SELECT MAX(position) FROM entries")
        self.last = last or 0
        if self.rows("SELECT 1 FROM entries GROUP BY canonical HAVING COUNT(*) > 1 LIMIT 1"):
            self.rows(
                "INSERT INTO duplicates SELECT position, canonical FROM entries AS e WHERE EXISTS"
                " (SELECT 1 FROM entries AS f WHERE f.canonical = e.canonical AND f.position < e.position)"
            )
            self.rows("DELETE FROM entries WHERE position IN (SELECT position FROM duplicates)")
            self.duplicates = int(self.rows("SELECT COUNT(*) FROM duplicates")[0][0])
            self.rows("CREATE INDEX duplicates_canonical ON duplicates (canonical)")
            if self._notes_after is not None:
                self.rows(_TAKE_NOTES_OVER)
        ((self.entries,),) = self.rows("SELECT COUNT(*) FROM entries")

    def contradictions(self, date: Optional[str] = None) -> Iterator[Tuple[str, str]]:
        """Where entries stand that repeat a number with another expiry, and where the number stood first.

        ``date``: the expiry of those that have none of their own.
        """
        if self._dated and self.duplicates:
            for part in self.parts(
                "SELECT u.position, e.position FROM duplicates AS u JOIN entries AS e ON e.canonical = u.canonical"
                " LEFT JOIN details AS a ON a.position = u.position LEFT JOIN details AS b ON b.position = e.position"
                " WHERE COALESCE(a.expiry, ?) IS NOT COALESCE(b.expiry, ?) ORDER BY u.position",
                date,
                date,
            ):
                yield from ((self._where(position), self._where(first)) for position, first in part)

    def written_in_several_ways(self, shown: int) -> Tuple[int, List[Tuple[Number, Number]]]:
        """How many numbers may be the same telephone as an earlier one, and the first of them with that one."""
        if not may_share_lines(self._shapes):
            return 0, []
        self.rows(_LINES)
        for part in self.parts("SELECT position, canonical FROM entries"):
            lines = ((line, position) for position, canonical in part for line in possible_lines(canonical))
            self.many("INSERT INTO lines VALUES (?, ?)", lines)
        self.rows(
            "CREATE TABLE pairs AS SELECT b.position AS position, MIN(a.position) AS first FROM lines AS b"
            " JOIN lines AS a ON a.line = b.line AND a.position < b.position GROUP BY b.position"
        )
        self.rows("DROP TABLE lines")
        count = int(self.rows("SELECT COUNT(*) FROM pairs")[0][0])
        self.several_ways = count > 0
        pairs = self.rows("SELECT first, position FROM pairs ORDER BY position LIMIT ?", shown)
        return count, [(self._at(first), self._at(position)) for first, position in pairs]

    # -- what is listed ------------------------------------------------------------------------------------------------

    def listed(self) -> Iterator[Dict[str, Optional[str]]]:
        """All listed numbers in parts: the expiry that an entry has of its own, by canonical number."""
        statement = "SELECT canonical, NULL FROM entries ORDER BY canonical"
        if self._dated:
            statement = (
                "SELECT e.canonical, d.expiry FROM entries AS e LEFT JOIN details AS d ON d.position = e.position"
                " ORDER BY e.canonical"
            )
        return map(dict, self.parts(statement))

    def holds(self, canonicals: Sequence[str]) -> Set[str]:
        """Which of these are listed."""
        statement = "SELECT canonical FROM entries WHERE position <= ? AND canonical {among}"
        found = self.among(statement, canonicals, self.last)
        return {row[0] for row in found}

    def notes(self) -> Iterator[List[Row]]:
        """The notes of all numbers of which an entry tells, in parts, by canonical number; None: it has none."""
        if self._notes_after is None:
            return iter(())
        return self.parts(
            "SELECT e.canonical, d.note FROM entries AS e LEFT JOIN details AS d ON d.position = e.position"
            " WHERE e.position <= ? AND (e.position > ? OR EXISTS (SELECT 1 FROM duplicates AS u"
            " WHERE u.canonical = e.canonical AND u.position > ?)) ORDER BY e.canonical",
            self.last,
            self._notes_after,
            self._notes_after,
        )

    def repeated(self) -> Iterator[Tuple[Number, str]]:
        """The entries that repeat a number, and where that stood first."""
        for part in self.parts(
            "SELECT u.position, u.canonical, d.given, d.note, e.position FROM duplicates AS u"
            " LEFT JOIN entries AS e ON e.canonical = u.canonical LEFT JOIN details AS d ON d.position = u.position"
            " ORDER BY u.position"
        ):
            yield from ((self.number(*row[:4]), self._where(row[4])) for row in part)

    def number(self, position: int, canonical: str, given: Optional[str], note: Optional[str] = None) -> Number:
        """A number as it stands in the list, or, where it was not listed, in the ledger."""
        where = self._where(position) if position <= self.last else "the ledger"
        return Number(canonical if given is None else given, canonical, where, note)

    def _at(self, position: int) -> Number:
        ((canonical, given),) = self.rows(
            "SELECT e.canonical, d.given FROM entries AS e LEFT JOIN details AS d ON d.position = e.position"
            " WHERE e.position = ?",
            position,
        )
        return self.number(position, canonical, given)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Turns errors of the temporary database into errors of the domain."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"The temporary database for the list of numbers cannot be used: {error}. Make sure that there is room in"
            " the folder for temporary files (TMPDIR)."
        ) from error
