# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store on PostgreSQL, where several machines share an account. The only file that imports psycopg.

Everything lies in a schema of its own, so that the database may be shared with something else.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any, Iterator, List, Tuple
from urllib.parse import parse_qsl, unquote, urlsplit

from .._domain.errors import LockTimeout, MissingLibrary, StoreError, StoreUnavailable
from . import schema

if TYPE_CHECKING:
    import psycopg

SCHEMA = "ozonetel_cloudagent"
_CONNECT_SECONDS = 15
_MIGRATION_LOCK = f"{SCHEMA} migration"


def secrets_of(url: str) -> List[str]:
    """The passwords that stand in a URL, as written and as meant."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return [url]
    found = [password] if password else []
    found += [value for name, value in parse_qsl(parts.query) if name in ("password", "sslpassword")]
    return sorted({form for secret in found for form in (secret, unquote(secret)) if form})


def _without_secrets(url: str) -> str:
    """The URL to be shown: host and database only."""
    try:
        parts = urlsplit(url)
        return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "postgresql://"


class PostgreSQL:
    """A connection to PostgreSQL. ``place`` names it in errors."""

    persistent = True
    begin = "BEGIN"

    def __init__(self, connection: psycopg.Connection[Tuple[Any, ...]], place: str) -> None:
        self._connection = connection
        self._place = place
        self.close = connection.close

    def rows(self, statement: str, *values: Any) -> List[Tuple[Any, ...]]:
        """Runs one statement with its ``?`` values and gives all its rows; raises StoreError."""
        with _database_errors(self._place):
            cursor = self._connection.execute(statement.replace("?", "%s").encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def exclusive(self, name: str, limit: float) -> Iterator[None]:
        """Holds an advisory lock of the session; raises LockTimeout."""
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        self._take(key, limit)
        try:
            yield
        finally:
            with contextlib.suppress(StoreError):  # a connection that is gone holds no lock
                self.rows("SELECT pg_advisory_unlock(?)", key)

    def _take(self, key: int, limit: float) -> None:
        if limit < 0.001:
            if not self.rows("SELECT pg_try_advisory_lock(?)", key)[0][0]:
                raise LockTimeout("held")
            return
        import psycopg

        self.rows("SELECT set_config('lock_timeout', ?, false)", f"{int(limit * 1000)}ms")
        try:
            with _database_errors(self._place, let_through=psycopg.errors.LockNotAvailable):
                self._connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        except psycopg.errors.LockNotAvailable as error:
            raise LockTimeout("held") from error
        finally:
            with contextlib.suppress(StoreError):
                self.rows("SELECT set_config('lock_timeout', '0', false)")

    def tables(self) -> List[str]:
        """The names of all tables of our schema."""
        return [row[0] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = ?", SCHEMA)]


def open_url(url: str) -> PostgreSQL:
    """Opens the store, making or migrating its schema if need be."""
    engine = _connected(url)
    place = _without_secrets(url)
    try:
        version = schema.schema_version(engine, engine.tables())
        schema.refuse_newer(version, place)
        if version < schema.CURRENT_VERSION:
            _bring_forwards(engine, place)
    except BaseException:
        engine.close()
        raise
    return engine


def open_read_only(url: str) -> PostgreSQL:
    """Opens the store so that nothing can be written through it; one that was never made is made nowhere."""
    engine = _connected(url)
    place = _without_secrets(url)
    try:
        version = schema.schema_version(engine, engine.tables())
        schema.refuse_newer(version, place)
        if version == 0:
            _make_temporary(engine)
        elif version < schema.CURRENT_VERSION:
            raise StoreError(
                f"The state store {place} has schema version {version}; a run without check mode brings it to"
                f" {schema.CURRENT_VERSION}. Do that first."
            )
        engine.rows("SET default_transaction_read_only = on")
    except BaseException:
        engine.close()
        raise
    engine.persistent = False  # no locks are taken, no holder is recorded
    return engine


def _make_temporary(engine: PostgreSQL) -> None:
    """Empty tables that only this session sees, and that end with it."""
    engine.rows("SET search_path = pg_temp")
    schema.migrate(engine, 0)


def _bring_forwards(engine: PostgreSQL, place: str) -> None:
    """Migrates in one transaction, under a lock, in which the version is read again."""
    with engine.exclusive(_MIGRATION_LOCK, 60.0):
        version = schema.schema_version(engine, engine.tables())
        schema.refuse_newer(version, place)
        engine.rows("BEGIN")
        try:
            if version == 0 and not engine.rows("SELECT 1 FROM pg_namespace WHERE nspname = ?", SCHEMA):
                engine.rows(f"CREATE SCHEMA {SCHEMA}")
            if version < schema.CURRENT_VERSION:
                schema.migrate(engine, version)
        except BaseException:
            with contextlib.suppress(StoreError):
                engine.rows("ROLLBACK")
            raise
        engine.rows("COMMIT")


def _connected(url: str) -> PostgreSQL:
    try:
        import psycopg
    except ImportError as error:
        raise MissingLibrary("psycopg", "for a state_store on PostgreSQL") from error
    place = _without_secrets(url)
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # What libpq says of a URL may hold a part of the password.
        raise StoreError(
            "state_store is not a URL that PostgreSQL takes; give postgresql://user@host:port/database, with special"
            " characters of the password percent-encoded."
        ) from None
    with _database_errors(place):
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            application_name="ozonetel.cloudagent",
            client_encoding="UTF8",  # a database in SQL_ASCII would hand out bytes
            prepare_threshold=None,
        )
    engine = PostgreSQL(connection, place)
    engine.rows(f"SET search_path = {SCHEMA}")
    return engine


@contextlib.contextmanager
def _database_errors(place: str, let_through: Any = ()) -> Iterator[None]:
    """Turns errors of the database into errors of the domain; the server's words hold no password."""
    import psycopg

    try:
        yield
    except let_through:
        raise
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable(
            f"The state store {place} cannot be reached: {_words(error)}. Check that the server runs, the database"
            " exists and this user may connect; then run again."
        ) from error
    except psycopg.Error as error:
        raise StoreError(f"The state store {place} cannot be used: {_words(error)}.") from error


def _words(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
