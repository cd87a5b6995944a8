# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State stores for tests: opened, and changed behind our back."""

from __future__ import annotations

import contextlib
import copy
import sqlite3
from pathlib import Path
from typing import Any, Callable, List, Tuple

import psycopg

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store, open_store
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock


def empty_database(server: PostgreSQLServer) -> Location:
    """Where a new database lies."""
    return Location(url=server.new_database(), password=server.password)


def opened(location: Location, read_only: bool = False, patience: float = 1.0) -> Store:
    """A store."""
    return open_store(location, read_only, FakeClock(), patience)


def tampered(location: Location, *statements: str) -> List[Any]:
    """Changes a store from outside; gives the rows of the last statement."""
    if location.url is not None:
        with psycopg.connect(location.url, password=location.password, autocommit=True) as connection:
            connection.execute("SET search_path = ozonetel_cloudagent")
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    with contextlib.closing(sqlite3.connect(Path(str(location.directory)) / "state.sqlite3")) as database:
        for statement in statements:
            rows = database.execute(statement).fetchall()
        database.commit()
    return rows


def counting(store: Store) -> Tuple[Store, List[str]]:
    """A store, with a list of what is asked of it."""
    asked: List[str] = []
    counted_store = copy.copy(store)

    def counted(name: str) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            asked.append(name)
            return getattr(store, name)(*arguments)

        return called

    for name in ("rows", "rows_among", "upsert"):
        setattr(counted_store, name, counted(name))
    return counted_store, asked
