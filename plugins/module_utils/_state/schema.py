# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of the state store, one for both engines, and its migration."""

from __future__ import annotations

from typing import Any, List, Protocol, Tuple

from .._domain.errors import StoreError

# Migrations forwards, one list of statements for each version. A published one is never changed.
MIGRATIONS: Tuple[Tuple[str, ...], ...] = (
    (
        """CREATE TABLE tokens (
            account TEXT PRIMARY KEY, token TEXT NOT NULL, expires_at DOUBLE PRECISION NOT NULL)""",
        """CREATE TABLE generations (
            id TEXT PRIMARY KEY, account TEXT NOT NULL, sent_at DOUBLE PRECISION NOT NULL, outcome TEXT NOT NULL)""",
        "CREATE INDEX generations_account ON generations (account, sent_at)",
        """CREATE TABLE facts (
            account TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (account, name))""",
        """CREATE TABLE lock_holders (
            name TEXT PRIMARY KEY, holder TEXT NOT NULL, since DOUBLE PRECISION NOT NULL)""",
    ),
    (
        """CREATE TABLE groups (
            account TEXT NOT NULL, name TEXT NOT NULL, group_id BIGINT, description TEXT, expiry TEXT,
            recorded_at DOUBLE PRECISION NOT NULL, PRIMARY KEY (account, name))""",
        """CREATE TABLE numbers (
            account TEXT NOT NULL, group_name TEXT NOT NULL, number TEXT NOT NULL, outcome TEXT NOT NULL, expiry TEXT,
            recorded_at DOUBLE PRECISION NOT NULL, batch INTEGER, PRIMARY KEY (account, group_name, number))""",
    ),
)
CURRENT_VERSION = len(MIGRATIONS)


class Statements(Protocol):
    """Something that runs statements with ``?`` for values."""

    def rows(self, statement: str, *values: Any) -> List[Tuple[Any, ...]]:
        """Runs one statement and gives all its rows."""


def schema_version(database: Statements, tables: List[str]) -> int:
    """The version of a schema that has these tables: 0 for none. Raises StoreError if they are something else's."""
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StoreError("The state store is a database of something else; give another state_store.")
    return int(database.rows("SELECT version FROM schema_version")[0][0])


def refuse_newer(version: int, place: str) -> None:
    """Raises StoreError for a schema that a later version of this collection made; it is left untouched."""
    if version > CURRENT_VERSION:
        raise StoreError(
            f"The state store {place} has schema version {version}, this collection knows {CURRENT_VERSION}."
            " Upgrade the collection, or give another state_store."
        )


def migrate(database: Statements, version: int) -> None:
    """Brings the schema forwards from ``version``; to be called inside a transaction."""
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.rows(statement)
    database.rows("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
    database.rows("DELETE FROM schema_version")
    database.rows("INSERT INTO schema_version (version) VALUES (?)", CURRENT_VERSION)
