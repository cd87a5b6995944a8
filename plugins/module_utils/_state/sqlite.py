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
from typing import Any, Iterator, List, Optional, Tuple

from .._domain.errors import LockTimeout, StoreError, StoreUnavailable
from . import schema

DATABASE = "state.sqlite3"
_BUSY_SECONDS = 30.0
_OWN_DIRECTORY = "give state_store a directory of its own that does not exist yet, or one that only this user can open"


class SQLite:
    """A SQLite database. ``directory`` is None for one in memory."""

    begin = "BEGIN IMMEDIATE"

    def __init__(self, connection: sqlite3.Connection, directory: Optional[str] = None) -> None:
        self._connection = connection
        self._directory = directory
        self.persistent = directory is not None
        self.close = connection.close

    def rows(self, statement: str, *values: Any) -> List[Tuple[Any, ...]]:
        """Runs one statement with its ``?`` values and gives all its rows; raises StoreError."""
        with _database_errors(self._directory):
            return self._connection.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def exclusive(self, name: str, limit: float) -> Iterator[None]:
        """Holds an exclusive transaction on a database of the lock's own, so that work on the store goes on."""
        file = os.path.join(self._directory or "", f"lock-{hashlib.sha256(name.encode()).hexdigest()[:32]}.sqlite3")
        _make_private_file(file)
        with contextlib.closing(sqlite3.connect(file, timeout=limit, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise LockTimeout(str(error)) from error
            yield

    def tables(self) -> List[str]:
        """The names of all tables."""
        return [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


def open_in_memory() -> SQLite:
    """A store that is forgotten with the task."""
    engine = SQLite(sqlite3.connect(":memory:", isolation_level=None))
    _bring_forwards(engine, "in memory")
    return engine


def open_directory(directory: str) -> SQLite:
    """Opens or makes the store in a directory.

    Raises StoreUnavailable where nothing can be written, StoreError for a place that is not safe or a file that is
    not a store of a known version.
    """
    directory = os.path.abspath(os.path.expanduser(directory))
    _make_private_directory(directory)
    file = os.path.join(directory, DATABASE)
    _make_private_file(file)
    with _database_errors(directory):
        engine = SQLite(sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None), directory)
        try:
            engine.rows("PRAGMA journal_mode = WAL")
            _bring_forwards(engine, directory)
        except BaseException:
            engine.close()
            raise
    return engine


def open_read_only(directory: str) -> SQLite:
    """A copy in memory of what the store in a directory holds now; an empty one where there is none."""
    directory = os.path.abspath(os.path.expanduser(directory))
    file = os.path.join(directory, DATABASE)
    copy = SQLite(sqlite3.connect(":memory:", isolation_level=None))
    with _database_errors(directory):
        if os.path.lexists(file):
            _refuse_unsafe(directory, directory=True)
            _refuse_unsafe(file, directory=False)
            with contextlib.closing(_connect_to_read(file)) as stored:
                stored.backup(copy._connection)
        _bring_forwards(copy, directory)
    return copy


def _connect_to_read(file: str) -> sqlite3.Connection:
    quoted = "".join(f"%{ord(c):02x}" if c in "?#%" else c for c in file)
    return sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _bring_forwards(engine: SQLite, place: str) -> None:
    """Migrates in one transaction, in which the version is read again: another process may have been quicker."""
    version = schema.schema_version(engine, engine.tables())
    if version == schema.CURRENT_VERSION:
        return
    schema.refuse_newer(version, place)
    engine.rows(engine.begin)
    try:
        version = schema.schema_version(engine, engine.tables())
        schema.refuse_newer(version, place)
        if version < schema.CURRENT_VERSION:
            schema.migrate(engine, version)
    except BaseException:
        engine.rows("ROLLBACK")
        raise
    engine.rows("COMMIT")


@contextlib.contextmanager
def _database_errors(directory: Optional[str]) -> Iterator[None]:
    """Turns errors of the database into errors of the domain."""
    where = f"The state store {directory}" if directory else "The state store in memory"
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(
            f"{where} cannot be used: {error}. Make sure that this user can write there and the disk is not full."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{where} is damaged: {error}. It was left as it is. Move {DATABASE} away (what is recorded in it is"
            " lost, what is on the server is not), or give another state_store."
        ) from error


def _make_private_directory(directory: str) -> None:
    try:
        if not os.path.lexists(directory):
            os.makedirs(os.path.dirname(directory), exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.mkdir(directory, 0o700)
    except OSError as error:
        raise StoreUnavailable(f"The state store {directory} cannot be made: {error.strerror}.") from error
    _refuse_unsafe(directory, directory=True)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise StoreUnavailable(f"The state store {directory} cannot be written by this user.")


def _make_private_file(file: str) -> None:
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        _refuse_unsafe(file, directory=False)
    except OSError as error:
        raise StoreUnavailable(f"The state store {file} cannot be made: {error.strerror}.") from error


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
