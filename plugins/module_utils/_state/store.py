# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store: one schema, two engines, with locks that are the database's own."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from types import MappingProxyType
from typing import (
    Any,
    Callable,
    ContextManager,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Type,
    TypeVar,
)

from .._domain.errors import LockTimeout, StoreError
from .._domain.expiry import utc_text
from .._domain.habits import Habits, recorded_habits
from .._domain.protocols import Clock
from .location import Location, shown_url
from .schema import damaged

Row = Tuple[Any, ...]
Result = TypeVar("Result")

NOT_MERGED: Mapping[str, str] = MappingProxyType({})

SKEW = 300.0
"""Seconds by which the clocks of machines that share a store may differ; what lies further ahead was never so."""


class Engine(Protocol):
    """A database, opened and of the current schema. Its errors are StoreError and its kinds."""

    persistent: bool
    begin: str
    shown: str

    def rows(self, statement: str, *values: Any) -> List[Row]:
        """Runs one statement with its ``?`` values and gives all its rows."""

    def rows_among(self, statement: str, among: Sequence[Any], *values: Any) -> List[Row]:
        """The same for a statement that ends in a condition on ``{among}``: any of these values."""

    def upsert(
        self,
        table: str,
        columns: Mapping[str, str],
        key: Sequence[str],
        rows: Sequence[Row],
        merged: Mapping[str, str] = NOT_MERGED,
    ) -> None:
        """Inserts rows, or replaces those of the same key, in one statement. ``columns``: type by name.

        ``merged``: what a column gets instead of its new value, in SQL over excluded.* and the table's own columns.
        """

    def exclusive(self, name: str, limit: float) -> ContextManager[None]:
        """Holds a lock that dies with the process; raises LockTimeout after ``limit`` seconds."""

    def set_durable(self, durable: bool) -> None:
        """Whether what becomes durable from now on survives a power cut, or only a process that is killed."""

    def close(self) -> None:
        """Closes the database."""


class Holder(NamedTuple):
    """Who holds a lock, since when (seconds since the epoch, UTC), and how far its work has come, if that is told."""

    name: str
    since: float
    progress: Optional[str]


class Store:
    """What the token broker, the habits and the ledger are kept in."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self.close = engine.close
        self.rows = engine.rows
        self.rows_among = engine.rows_among
        self.upsert = engine.upsert

    @property
    def persistent(self) -> bool:
        """Whether what is written outlives the task."""
        return self._engine.persistent

    def damaged(self, problem: str) -> StoreError:
        """The error of a store that holds what this collection has not written."""
        return damaged(self._engine.shown, problem)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside become durable together, or none."""
        with in_transaction(self._engine, self._engine.begin):
            yield

    @contextlib.contextmanager
    def durable(self) -> Iterator[None]:
        """What becomes durable inside survives a power cut; else what is lost by one is done again."""
        self._engine.set_durable(True)
        try:
            yield
        finally:
            with contextlib.suppress(StoreError):  # it is only slower
                self._engine.set_durable(False)

    def note_progress(self, name: str, progress: str) -> None:
        """How far the holder of a lock has come, for those who wait for it or ask."""
        self.rows("UPDATE lock_holders SET progress = ? WHERE name = ?", progress, name)

    def holders(self) -> Dict[str, Holder]:
        """Everybody who is on record as holding a lock, by its name; one that was killed is, too."""
        rows = self.rows("SELECT name, holder, since, progress FROM lock_holders ORDER BY name")
        return {name: Holder(*holder) for name, *holder in rows}

    def holder(self, name: str) -> Optional[Holder]:
        """Who holds a lock, if anybody is on record."""
        rows = self.rows("SELECT holder, since, progress FROM lock_holders WHERE name = ?", name)
        return Holder(*rows[0]) if rows else None

    @contextlib.contextmanager
    def lock(self, name: str, limit: float) -> Iterator[None]:
        """Holds the lock ``name`` against every other process that uses this store; it dies with the process.

        Waits up to ``limit`` seconds, then raises LockTimeout that says who holds it since when.
        """
        if not self.persistent:
            yield
            return
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._engine.exclusive(name, limit))
            except LockTimeout as error:
                raise LockTimeout(self._who_holds(name, limit)) from error
            holder = f"process {os.getpid()} on {socket.gethostname()}"
            self.upsert("lock_holders", _HOLDER, ("name",), [(name, holder, self._clock.now(), None)])
            try:
                yield
            finally:
                with contextlib.suppress(StoreError):  # the lock itself is the database's; this is only who holds it
                    self.rows("DELETE FROM lock_holders WHERE name = ?", name)

    def _who_holds(self, name: str, limit: float) -> str:
        found = self.holder(name)
        who = (
            f"{found.name} has held it since {utc_text(found.since)}" if found else "nobody is on record as its holder"
        )
        who += f" ({found.progress})" if found and found.progress else ""
        return (
            f"The lock on {name} was not free within {limit:g} s (lock_timeout): {who}."
            " Wait for that run to end, then run again."
        )


_HOLDER = {"name": "text", "holder": "text", "since": "float8", "progress": "text"}
_FACT = {"account": "text", "name": "text", "value": "text"}


class Statements(Protocol):
    """Something that runs statements."""

    def rows(self, statement: str, *values: Any) -> List[Row]:
        """Runs one statement with its ``?`` values and gives all its rows."""


@contextlib.contextmanager
def in_transaction(database: Statements, begin: str) -> Iterator[None]:
    """All statements inside become durable together, or none."""
    database.rows(begin)
    try:
        yield
        database.rows("COMMIT")
    except BaseException:
        with contextlib.suppress(StoreError):  # the first error tells more
            database.rows("ROLLBACK")
        raise


@contextlib.contextmanager
def closed_if_it_fails(engine: Engine) -> Iterator[None]:
    """What fails while an engine is opened leaves no connection open."""
    try:
        yield
    except BaseException:
        engine.close()
        raise


def lock_of(group: str, account: str) -> str:
    """The name of the lock that lets one writer at a time work on a group."""
    return f"the group {group} of {account}"


def shapes_of(store: Store, account: str, besides: str = "") -> FrozenSet[str]:
    """The shapes of all numbers that are on record in an account, or in its groups ``besides`` one (see lines.py)."""
    rows = store.rows(
        "SELECT DISTINCT shape FROM shapes WHERE group_ref IN (SELECT id FROM groups WHERE account = ? AND name <> ?)",
        account,
        besides,
    )
    return frozenset(row[0] for row in rows)


def habits_of(store: Store, account: str) -> Habits:
    """How an account was found to answer."""
    rows = store.rows("SELECT name, value FROM facts WHERE account = ?", account)
    return recorded_habits({str(name): str(value) for name, value in rows})


def keep_habits(store: Store, account: str, habits: Habits) -> None:
    """Writes down how an account was found to answer."""
    store.upsert(
        "facts", _FACT, ("account", "name"), [(account, name, value) for name, value in habits.record().items()]
    )


def drop_habits(store: Store, account: str, names: Sequence[str]) -> None:
    """Drops habits by their names (see Habits.record): what was believed of the account is not so certain any more."""
    store.rows_among("DELETE FROM facts WHERE account = ? AND name {among}", names, account)


def noted(store: Store, account: str, name: str) -> Optional[str]:
    """What was noted of an account under a name."""
    rows = store.rows("SELECT value FROM facts WHERE account = ? AND name = ?", account, name)
    return str(rows[0][0]) if rows else None


def note(store: Store, account: str, name: str, text: str) -> None:
    """Notes something of an account, so that a power cut does not lose it."""
    with store.durable():
        store.upsert("facts", _FACT, ("account", "name"), [(account, name, text)])


class Place(NamedTuple):
    """What lies where a store is to be. ``engine``; ``shown``: its place, for messages; ``version``: of its schema, 0
    where none was made yet."""

    engine: str
    shown: str
    version: int


def look_at_place(location: Location, patience: float = 30.0) -> Place:
    """Looks at the place of a store that is not in memory, and makes and changes nothing there.

    Raises what open_store would to write, as far as that can be seen without writing.
    """
    if location.url is not None:
        from . import postgresql

        version = postgresql.look(location.url, location.password, patience)
        return Place("PostgreSQL", shown_url(location.url), version)
    from . import sqlite

    directory = location.directory or ""
    return Place("SQLite", directory, sqlite.look(directory, patience))


def open_store(location: Location, read_only: bool, clock: Clock, patience: float = 30.0) -> Store:
    """Opens the store at a location.

    ``read_only``: a view of what is there, that nothing is written through (check mode). ``patience``: seconds to wait
    for another process that is just writing, on PostgreSQL for a connection. Raises StoreUnavailable where the place
    cannot be reached or written, StoreError where it is not safe or not a store of a known version, MissingLibrary.
    """
    from . import sqlite

    engine: Engine
    if location.url is not None:
        from . import postgresql

        opened = postgresql.open_to_read if read_only else postgresql.open_to_write
        engine = opened(location.url, location.password, patience)
    elif location.directory is not None:
        engine = (sqlite.open_to_read if read_only else sqlite.open_to_write)(location.directory, patience)
    else:
        engine = sqlite.open_in_memory()
    return Store(engine, clock)


def patiently(
    action: Callable[[], Result], patience: float, hindrance: Type[StoreError], pause: float, longest: float
) -> Result:
    """Tries again while others are in the way, for ``patience`` seconds.

    ``pause``: seconds until the second try; each pause is twice the one before it, up to ``longest``.
    """
    end = time.monotonic() + patience
    while True:
        try:
            return action()
        except hindrance:
            left = end - time.monotonic()
            if left <= 0:
                raise
        time.sleep(min(pause, left))
        pause = min(2 * pause, longest)
