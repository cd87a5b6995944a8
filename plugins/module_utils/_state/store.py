# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store: one schema, two engines, with locks that are the database's own."""

from __future__ import annotations

import contextlib
import os
import socket
from datetime import datetime, timezone
from typing import Any, ContextManager, Iterator, List, Mapping, Optional, Protocol, Tuple

from .._domain.errors import LockTimeout, StoreError
from .._domain.protocols import Clock, Facts


class Engine(Protocol):
    """A database, opened and of the current schema. Its errors are StoreError and its kinds."""

    persistent: bool
    begin: str

    def rows(self, statement: str, *values: Any) -> List[Tuple[Any, ...]]:
        """Runs one statement with its ``?`` values and gives all its rows."""

    def exclusive(self, name: str, limit: float) -> ContextManager[None]:
        """Holds a lock that dies with the process; raises LockTimeout after ``limit`` seconds."""

    def close(self) -> None:
        """Closes the database."""


class Store:
    """What the token broker, the facts and the ledger are kept in."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self.close = engine.close
        self.rows = engine.rows

    @property
    def persistent(self) -> bool:
        """Whether what is written outlives the task."""
        return self._engine.persistent

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside become durable together, or none."""
        self.rows(self._engine.begin)
        try:
            yield
        except BaseException:
            with contextlib.suppress(StoreError):  # the first error tells more
                self.rows("ROLLBACK")
            raise
        self.rows("COMMIT")

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
            self.rows(_UPSERT_HOLDER, name, holder, self._clock.now())
            try:
                yield
            finally:
                with contextlib.suppress(StoreError):  # the lock itself is the database's; this is only who holds it
                    self.rows("DELETE FROM lock_holders WHERE name = ?", name)

    def _who_holds(self, name: str, limit: float) -> str:
        rows = self.rows("SELECT holder, since FROM lock_holders WHERE name = ?", name)
        who = f"{rows[0][0]} holds it since {utc_text(rows[0][1])}" if rows else "nobody is on record as its holder"
        return (
            f"The lock on {name} was not free within {limit:g} s (lock_timeout): {who}."
            " Wait for that run to end, then run again."
        )


_UPSERT_HOLDER = (
    "INSERT INTO lock_holders (name, holder, since) VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, since = excluded.since"
)


def default_directory(environment: Mapping[str, str]) -> str:
    """$XDG_STATE_HOME/ozonetel.cloudagent, or ~/.local/state/ozonetel.cloudagent."""
    base = environment.get("XDG_STATE_HOME") or ""
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "ozonetel.cloudagent")


def utc_text(seconds: float) -> str:
    """A time for people and results: ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class StoredFacts(Facts):
    """How an account was found to answer, kept in the store."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account
        self._known = {
            str(n): str(v) for n, v in store.rows("SELECT name, value FROM facts WHERE account = ?", account)
        }

    def __getitem__(self, name: str) -> str:
        return self._known[name]

    def __setitem__(self, name: str, value: str) -> None:
        if self._known.get(name) == value:
            return
        self._known[name] = value
        self._store.rows(
            "INSERT INTO facts (account, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (account, name) DO UPDATE SET value = excluded.value",
            self._account,
            name,
            value,
        )

    def __delitem__(self, name: str) -> None:
        del self._known[name]
        self._store.rows("DELETE FROM facts WHERE account = ? AND name = ?", self._account, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def open_store(place: Optional[str], read_only: bool, clock: Clock) -> Store:
    """Opens the store at a place: a directory, a URL of PostgreSQL, or None for one in memory.

    ``read_only``: a view that nothing is written through (check mode). Raises StoreUnavailable where the place cannot
    be reached or written, StoreError where it is not safe or not a store of a known version, MissingLibrary.
    """
    from . import postgresql, sqlite

    engine: Engine
    if place is None:
        engine = sqlite.open_in_memory()
    elif is_postgresql(place):
        engine = postgresql.open_read_only(place) if read_only else postgresql.open_url(place)
    else:
        engine = sqlite.open_read_only(place) if read_only else sqlite.open_directory(place)
    return Store(engine, clock)


def is_postgresql(place: str) -> bool:
    """Whether a place names a PostgreSQL server."""
    return place.startswith(("postgresql://", "postgres://"))
