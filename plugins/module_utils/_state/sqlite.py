# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store on SQLite: a database in a directory of this user (0700, files 0600, no links), or in memory."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
from itertools import chain
from typing import Any, Callable, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._domain.errors import LockTimeout, StoreError, StoreUnavailable
from . import schema
from .store import NOT_MERGED, Result, Row, closed_if_it_fails, in_transaction, patiently

DATABASE = "state.sqlite3"
_IN_MEMORY = "in memory"
_MOST_VALUES = 500  # that one statement is given; SQLite before 3.32 took 999
_WAIT_AFTER_ONE_IN_VAIN = 1.0  # seconds; several batches may be under way, and each is to be recorded
_BUSY = ("database is locked", "database table is locked", "database schema is locked")
_NOT_OUR_SCHEMA = ("no such table", "no such column")
_OWN_DIRECTORY = "give state_store a directory of its own that does not exist yet, or one that only this user can open"


class SQLite:
    """A SQLite database. ``shown`` names it in messages."""

    begin = "BEGIN IMMEDIATE"
    words: Mapping[str, str] = {"serial": "INTEGER PRIMARY KEY", "compact": " WITHOUT ROWID"}

    def __init__(self, connection: sqlite3.Connection, shown: str, directory: str = "", patience: float = 0.0) -> None:
        """``patience``: how many seconds the connection waits for another process that is writing."""
        self._connection = connection
        self._directory = directory
        self._patience = patience
        self._waited_in_vain = False
        self.shown = shown
        self.persistent = bool(directory)
        self.close = connection.close

    def rows(self, statement: str, *values: Any) -> List[Row]:
        """Runs one statement with its ``?`` values and gives all its rows; raises StoreError."""
        with self._errors(locks=not statement.startswith(("SELECT", "PRAGMA"))):
            return self._connection.execute(statement, values).fetchall()

    def rows_among(self, statement: str, among: Sequence[Any], *values: Any) -> List[Row]:
        """The same for a statement that ends in a condition on ``{among}``: any of these values."""
        found: List[Row] = []
        for condition, part in in_parts(among):
            found += self.rows(statement.format(among=condition), *values, *part)
        return found

    def upsert(
        self,
        table: str,
        columns: Mapping[str, str],
        key: Sequence[str],
        rows: Sequence[Row],
        merged: Mapping[str, str] = NOT_MERGED,
    ) -> None:
        """Inserts rows, or replaces those of the same key, in one statement; see Engine."""
        statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
            f" {on_conflict(columns, key, merged)}"
        )
        if len(rows) == 1:
            self.rows(statement, *rows[0])
        elif rows:
            self._many(statement, rows)

    def _many(self, statement: str, rows: Sequence[Row]) -> None:
        """One statement for many rows is one transaction, unless one is under way."""
        with contextlib.ExitStack() as held:
            if not self._connection.in_transaction:
                held.enter_context(in_transaction(self, self.begin))
            with self._errors(locks=True):
                self._connection.executemany(statement, rows)

    @contextlib.contextmanager
    def _errors(self, locks: bool) -> Iterator[None]:
        """Turns errors into those of the domain; whoever has waited in vain does not wait as long again.

        ``locks``: it needs the lock for writing, and so tells, when it is done, that the store is free again.
        """
        try:
            with _database_errors(self.shown):
                yield
        except _Busy:
            self._wait_up_to(min(_WAIT_AFTER_ONE_IN_VAIN, self._patience))
            self._waited_in_vain = True
            raise
        if self._waited_in_vain and locks:
            self._wait_up_to(self._patience)
            self._waited_in_vain = False

    def _wait_up_to(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    @contextlib.contextmanager
    def exclusive(self, name: str, limit: float) -> Iterator[None]:
        """Holds an exclusive transaction on a database of the lock's own, so that work on the store goes on."""
        file = os.path.join(self._directory, f"lock-{hashlib.sha256(name.encode()).hexdigest()[:32]}.sqlite3")
        _make_private_file(file)
        with contextlib.closing(_locked(file, limit)):
            yield

    def set_durable(self, durable: bool) -> None:
        """Whether each commit is on the disk, or is left to the system: then a power cut may lose the last ones."""
        self.rows(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")

    def tables(self) -> List[str]:
        """The names of all tables."""
        return [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """A transaction in which no other process changes the schema."""
        with in_transaction(self, self.begin):
            yield


def on_conflict(columns: Iterable[str], key: Sequence[str], merged: Mapping[str, str]) -> str:
    """What an insert does about a row of the same key: see Engine.upsert in store.py."""
    replaced = ", ".join(f"{name} = {merged.get(name, f'excluded.{name}')}" for name in columns if name not in key)
    return f"ON CONFLICT ({', '.join(key)}) DO {f'UPDATE SET {replaced}' if replaced else 'NOTHING'}"


def in_parts(among: Sequence[Any]) -> Iterator[Tuple[str, Sequence[Any]]]:
    """Parts of so many values as one statement is given, each with the condition that asks for any of them."""
    for start in range(0, len(among), _MOST_VALUES):
        part = among[start : start + _MOST_VALUES]
        yield f"IN {_marks(len(part))}", part


def rows_in_parts(rows: Sequence[Row]) -> Iterator[Tuple[str, Iterator[Any]]]:
    """Parts of so many rows as one statement is given, each with its VALUES and these values one after the other."""
    size = _MOST_VALUES // len(rows[0]) if rows else 1
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        yield f"VALUES {', '.join([_marks(len(rows[0]))] * len(part))}", chain.from_iterable(part)


def _marks(values: int) -> str:
    return f"({', '.join('?' * values)})"


def _locked(file: str, limit: float) -> sqlite3.Connection:
    lock: Optional[sqlite3.Connection] = None
    try:
        lock = sqlite3.connect(file, timeout=limit, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        return lock
    except sqlite3.DatabaseError as error:
        if lock is not None:
            lock.close()
        if not isinstance(error, sqlite3.OperationalError):
            raise StoreError(f"The lock file {file} is damaged: {error}. Remove it and run again.") from error
        if _is_busy(error):
            raise LockTimeout(str(error)) from error
        raise _unavailable(f"The lock file {file}", error) from error


def open_in_memory() -> SQLite:
    """A store that is forgotten with the task."""
    engine = SQLite(sqlite3.connect(":memory:", isolation_level=None), _IN_MEMORY)
    schema.bring_forwards(engine)
    return engine


def open_to_write(directory: str, patience: float) -> SQLite:
    """Opens or makes the store in a directory.

    Raises StoreUnavailable where nothing can be written, StoreError for a place that is not safe or a file that is
    not a store of a known version.
    """
    directory = _absolute(directory)
    _make_private_directory(directory)
    file = os.path.join(directory, DATABASE)
    _make_private_file(file)
    _refuse_unwritable(file, os.W_OK)

    def opened() -> SQLite:
        with _database_errors(directory):
            connection = sqlite3.connect(file, timeout=patience, isolation_level=None)
            engine = SQLite(connection, directory, directory, patience)
        with closed_if_it_fails(engine):
            engine.rows("PRAGMA journal_mode = WAL")
            schema.bring_forwards(engine)
            engine.set_durable(False)
        return engine

    return _once_made(opened, patience)


def open_to_read(directory: str, patience: float) -> SQLite:
    """What the store in a directory holds now, in one read transaction; an empty one where there is none."""
    directory = _absolute(directory)
    file = os.path.join(directory, DATABASE)
    if not os.path.lexists(file):
        return open_in_memory()
    _refuse_unsafe(directory, directory=True)
    _refuse_unsafe(file, directory=False)
    engine = _once_made(lambda: _opened_to_read(file, directory, patience), patience)
    with closed_if_it_fails(engine):
        version = schema.schema_version(engine)
        if version == schema.CURRENT_VERSION:
            return engine
        copy = migrated_copy(engine, version)
    engine.close()
    return copy


def look(directory: str, patience: float) -> int:
    """The version of the schema of the store in a directory, 0 where none was made yet; nothing is made or changed.

    Raises what open_to_write would, as far as that can be seen without writing.
    """
    directory = _absolute(directory)
    try:
        os.lstat(directory)
    except FileNotFoundError:
        _look_where_to_make(directory)
        return 0
    except OSError as error:
        raise _cannot_be_made(directory, error.strerror) from error
    _refuse_unsafe(directory, directory=True)
    _refuse_unwritable(directory, os.W_OK | os.X_OK)
    file = os.path.join(directory, DATABASE)
    if not os.path.lexists(file):
        return 0
    _refuse_unsafe(file, directory=False)
    _refuse_unwritable(file, os.W_OK)
    with contextlib.closing(_once_made(lambda: _opened_to_read(file, directory, patience), patience)) as engine:
        version = schema.schema_version(engine)
        problems = [str(row[0]) for row in engine.rows("PRAGMA quick_check(1)")]
        if problems != ["ok"]:
            raise schema.damaged(directory, "; ".join(problems))
        return version


def _look_where_to_make(directory: str) -> None:
    parent = os.path.dirname(directory)
    while not os.path.lexists(parent):
        parent = os.path.dirname(parent)
    if not os.access(parent, os.W_OK | os.X_OK):
        raise _cannot_be_made(directory, f"this user cannot write in {parent[:200]}")


def _cannot_be_made(directory: str, why: Optional[str]) -> StoreUnavailable:
    return StoreUnavailable(f"The state store {directory[:200]} cannot be made: {why}.")


def _opened_to_read(file: str, directory: str, patience: float) -> SQLite:
    quoted = "".join(f"%{ord(c):02x}" if c in "?#%" else c for c in file)
    # Beside a database that nobody can write to there is no journal to be read.
    mode = "mode=ro" if os.access(directory, os.W_OK) else "mode=ro&immutable=1"
    with _database_errors(directory):
        connection = sqlite3.connect(f"file:{quoted}?{mode}", uri=True, timeout=patience, isolation_level=None)
    engine = SQLite(connection, directory, patience=patience)
    with closed_if_it_fails(engine):
        engine.rows("BEGIN")
        engine.tables()  # the transaction begins with the first thing that is read
    return engine


def migrated_copy(old: schema.Database, version: int) -> SQLite:
    """A copy in memory of a store of an older version, brought forwards: check mode changes nothing."""
    copy = SQLite(sqlite3.connect(":memory:", isolation_level=None), _IN_MEMORY)
    with closed_if_it_fails(copy), copy.alone():
        schema.migrate(copy, 0, version)
        for table in sorted(set(copy.tables()) - {"schema_version"}):
            for row in old.rows(f"SELECT * FROM {table}"):  # noqa: S608 # names of our own schema
                copy.rows(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", *row)  # noqa: S608
        schema.migrate(copy, version, schema.CURRENT_VERSION)
    return copy


def _absolute(directory: str) -> str:
    expanded = os.path.expanduser(directory)
    if expanded.startswith("~"):
        raise StoreUnavailable(f"The state store {directory[:200]} cannot be made: there is no such home directory.")
    return os.path.abspath(expanded)


def _once_made(action: Callable[[], Result], patience: float) -> Result:
    """Waits while another process is just making the store: SQLite does not wait for that by itself."""
    return patiently(action, patience, _Busy, 0.05, 0.05)


class _Busy(StoreError):
    """Another process is writing for longer than was waited."""


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return str(error).startswith(_BUSY)  # the code of an error is only told since Python 3.11


def _unavailable(what: str, error: sqlite3.Error) -> StoreUnavailable:
    return StoreUnavailable(
        f"{what} cannot be used: {error}. Make sure that this user can write there and the disk is not full."
    )


@contextlib.contextmanager
def _database_errors(shown: str) -> Iterator[None]:
    """Turns errors of the database into errors of the domain."""
    where = f"The state store {shown}"
    try:
        yield
    except sqlite3.OperationalError as error:
        if _is_busy(error):
            raise _Busy(f"{where} is busy: another process has been writing to it for too long. Run again.") from error
        if not str(error).startswith(_NOT_OUR_SCHEMA):
            raise _unavailable(where, error) from error
        raise schema.damaged(shown, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise schema.damaged(shown, str(error)) from error


def _make_private_directory(directory: str) -> None:
    """Makes a directory and its parents, whatever the umask; one that is there must be safe."""
    try:
        try:
            os.lstat(directory)
        except FileNotFoundError:
            _make_directories(directory)
    except OSError as error:
        raise _cannot_be_made(directory, error.strerror) from error
    _refuse_unsafe(directory, directory=True)
    _refuse_unwritable(directory, os.W_OK | os.X_OK)


def _make_directories(directory: str) -> None:
    missing: List[str] = []
    while not os.path.lexists(directory):
        missing.append(directory)
        directory = os.path.dirname(directory)
    for path in reversed(missing):
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
            os.chmod(path, 0o700)  # which the umask may have cut down


def _make_private_file(file: str) -> None:
    try:
        made = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        os.fchmod(made, 0o600)  # which the umask may have cut down
        os.close(made)
    except FileExistsError:
        _refuse_unsafe(file, directory=False)
    except OSError as error:
        raise StoreUnavailable(f"The state store {file} cannot be made: {error.strerror}.") from error


def _refuse_unwritable(path: str, access: int) -> None:
    if not os.access(path, access):
        raise StoreUnavailable(f"The state store {path} cannot be written by this user.")


def _refuse_unsafe(path: str, directory: bool) -> None:
    """A token lies in the store: it is neither read nor written where somebody else may have laid hands on it."""
    try:
        status = os.lstat(path)
    except OSError as error:
        raise StoreUnavailable(f"The state store {path} cannot be reached: {error.strerror}.") from error
    if stat.S_ISLNK(status.st_mode):
        raise StoreError(f"The state store {path} is a symbolic link, which is not followed; {_OWN_DIRECTORY}.")
    if directory and not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"The state store {path} is not a directory; {_OWN_DIRECTORY}.")
    if not directory and not stat.S_ISREG(status.st_mode):
        raise StoreError(f"The state store {path} is not a regular file; {_OWN_DIRECTORY}.")
    if status.st_uid != os.geteuid():
        raise StoreError(f"The state store {path} belongs to another user; {_OWN_DIRECTORY}.")
    if status.st_mode & 0o077:
        mode = "700" if directory else "600"
        raise StoreError(f"The state store {path} is open to other users; chmod {mode} it, or {_OWN_DIRECTORY}.")
