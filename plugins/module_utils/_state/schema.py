# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of the state store, one for both engines, and its migration."""

from __future__ import annotations

from typing import Any, ContextManager, List, Mapping, Protocol, Tuple

from .._domain.errors import StoreError

# Migrations forwards, one list of statements for each version. A published one is never changed. {serial} and {compact}
# are the engine's words for a small number that identifies a row, and for a table that is its own index.
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
    (
        "ALTER TABLE tokens ADD COLUMN issued_at DOUBLE PRECISION",
        "ALTER TABLE groups RENAME TO earlier_groups",
        "ALTER TABLE numbers RENAME TO earlier_numbers",
        """CREATE TABLE groups (
            id {serial}, account TEXT NOT NULL, name TEXT NOT NULL, seen INTEGER NOT NULL, group_id BIGINT,
            complete INTEGER NOT NULL DEFAULT 0, description TEXT, expiry TEXT, span BIGINT,
            row_expiry TEXT, unsure INTEGER NOT NULL DEFAULT 0, recorded_at DOUBLE PRECISION NOT NULL,
            UNIQUE (account, name))""",
        """CREATE TABLE numbers (
            group_ref INTEGER NOT NULL, number TEXT NOT NULL, outcome TEXT NOT NULL, expiry TEXT,
            recorded_at DOUBLE PRECISION NOT NULL, batch INTEGER, ours INTEGER NOT NULL,
            contested INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (group_ref, number)){compact}""",
        """INSERT INTO groups (account, name, seen, group_id, description, expiry, recorded_at)
            SELECT account, name, 1, group_id, description, expiry, recorded_at FROM earlier_groups""",
        """INSERT INTO groups (account, name, seen, recorded_at)
            SELECT account, group_name, 0, MAX(recorded_at) FROM earlier_numbers AS n WHERE NOT EXISTS (
            SELECT 1 FROM groups AS g WHERE g.account = n.account AND g.name = n.group_name)
            GROUP BY account, group_name""",
        """INSERT INTO numbers (group_ref, number, outcome, expiry, recorded_at, batch, ours)
            SELECT g.id, n.number, n.outcome, n.expiry, n.recorded_at, n.batch,
            CASE WHEN n.outcome IN ('added', 'already_present') THEN 1 ELSE 0 END
            FROM earlier_numbers AS n JOIN groups AS g ON g.account = n.account AND g.name = n.group_name""",
        """CREATE TABLE notes (
            group_ref INTEGER NOT NULL, number TEXT NOT NULL, note TEXT NOT NULL,
            PRIMARY KEY (group_ref, number)){compact}""",
        """CREATE TABLE shapes (
            group_ref INTEGER NOT NULL, shape TEXT NOT NULL, PRIMARY KEY (group_ref, shape)){compact}""",
        """INSERT INTO shapes SELECT DISTINCT group_ref,
            CASE SUBSTR(number, 1, 1) WHEN '+' THEN '+' ELSE '-' END
            || CASE SUBSTR(LTRIM(number, '+'), 1, 1) WHEN '0' THEN '0' ELSE 'n' END || LENGTH(number) FROM numbers""",
        "ALTER TABLE lock_holders ADD COLUMN progress TEXT",
        "DROP TABLE earlier_numbers",
        "DROP TABLE earlier_groups",
    ),
    (
        # Of numbers that are there already nobody knows any more since when, nor which run put them there.
        "ALTER TABLE numbers ADD COLUMN since DOUBLE PRECISION",
        "ALTER TABLE numbers ADD COLUMN run BIGINT",
        """CREATE TABLE runs (
            ordinal {serial}, id BIGINT NOT NULL UNIQUE, account TEXT NOT NULL, group_name TEXT NOT NULL,
            started_at DOUBLE PRECISION NOT NULL, ended_at DOUBLE PRECISION, user_name TEXT NOT NULL,
            machine TEXT NOT NULL, pid BIGINT NOT NULL, state TEXT NOT NULL, changed INTEGER, change_source TEXT,
            counts TEXT, requests_sent BIGINT, error TEXT)""",
        "CREATE INDEX runs_of_group ON runs (account, group_name, started_at)",
        # Of what keep_removed drops, see gone.py, which must say it in the same words.
        """CREATE INDEX numbers_gone ON numbers (group_ref, recorded_at)
            WHERE outcome IN ('absent', 'not_found', 'rejected', 'removed')""",
    ),
)
CURRENT_VERSION = len(MIGRATIONS)


class Database(Protocol):
    """What a schema lives in. ``shown``: its place, for messages; ``words``: the engine's own, see MIGRATIONS."""

    shown: str
    words: Mapping[str, str]

    def rows(self, statement: str, *values: Any) -> List[Tuple[Any, ...]]:
        """Runs one statement with its ``?`` values and gives all its rows."""

    def tables(self) -> List[str]:
        """The names of all tables."""

    def alone(self) -> ContextManager[None]:
        """A transaction in which no other process changes the schema."""


def damaged(shown: str, problem: str) -> StoreError:
    """The error of a store that holds what this collection has not written. ``shown`` names the store."""
    return StoreError(
        f"The state store {shown} is damaged: {problem}. It was left as it is. Move it away (the file state.sqlite3, or"
        " the schema in PostgreSQL; what is recorded in it is lost, what is on the server is not), or give another"
        " state_store."
    )


def schema_version(database: Database) -> int:
    """The version of a database's schema, 0 for none.

    Raises StoreError if it is something else's, or if a later version of this collection made it.
    """
    tables = database.tables()
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StoreError(f"The state store {database.shown} is a database of something else; give another state_store.")
    versions = database.rows("SELECT version FROM schema_version")
    if len(versions) != 1 or not isinstance(versions[0][0], int):
        raise damaged(database.shown, "it does not say which version its schema has")
    version = versions[0][0]
    if version > CURRENT_VERSION:
        raise StoreError(
            f"The state store {database.shown} has schema version {version}, this collection knows {CURRENT_VERSION}."
            " Upgrade the collection, or give another state_store."
        )
    return version


def bring_forwards(database: Database) -> None:
    """Brings a schema to the current version, in one transaction; another process may have been quicker."""
    if schema_version(database) == CURRENT_VERSION:
        return
    with database.alone():
        migrate(database, schema_version(database), CURRENT_VERSION)


def migrate(database: Database, version: int, target: int) -> None:
    """Runs the statements from ``version`` to ``target``; to be called inside a transaction."""
    if version == target:
        return
    for statements in MIGRATIONS[version:target]:
        for statement in statements:
            database.rows(statement.format(**database.words))
    database.rows("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
    database.rows("DELETE FROM schema_version")
    database.rows("INSERT INTO schema_version (version) VALUES (?)", target)
