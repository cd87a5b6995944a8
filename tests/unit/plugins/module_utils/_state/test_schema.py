# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of the state store is brought forwards, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import schema
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.postgresql import PostgreSQL
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.sqlite import SQLite
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store, habits_of
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

ONE = Habits(update_path="/somewhere")


def _make_version(location: Location, version: int) -> None:
    """Makes a store as an earlier version of this collection did."""
    opened(location).close()
    tables = (
        "tokens",
        "generations",
        "facts",
        "lock_holders",
        "groups",
        "numbers",
        "notes",
        "shapes",
        "runs",
        "schema_version",
    )
    words = (SQLite if location.url is None else PostgreSQL).words
    statements = [statement.format(**words) for part in schema.MIGRATIONS[:version] for statement in part]
    made = ["CREATE TABLE schema_version (version INTEGER)", f"INSERT INTO schema_version VALUES ({version})"]
    tampered(location, *(f"DROP TABLE {table}" for table in tables), *statements, *made)


OF_VERSION_2 = (
    "INSERT INTO tokens VALUES ('key', 'a-token', 5.0)",
    "INSERT INTO facts VALUES ('me', 'update_path', '/somewhere')",
    "INSERT INTO groups VALUES ('me', 'Nuisance', 20, 'Reported', '2099-01-01 00:00:00', 7.0)",
    "INSERT INTO groups VALUES ('you', 'Nuisance', 21, 'Theirs', NULL, 8.0)",
    "INSERT INTO numbers VALUES ('me', 'Nuisance', '9999900001', 'added', '2099-01-01 00:00:00', 7.0, 1)",
    "INSERT INTO numbers VALUES ('me', 'Nuisance', '9999900002', 'removed', NULL, 7.5, 2)",
    "INSERT INTO numbers VALUES ('you', 'Nuisance', '9999900003', 'added', NULL, 8.0, 1)",
    "INSERT INTO numbers VALUES ('me', 'Gone', '9999900004', 'not_found', NULL, 9.0, 1)",
)


def _check_version_2_is_there(store: Store) -> None:
    assert habits_of(store, "me") == ONE
    assert store.rows("SELECT token, issued_at FROM tokens") == [("a-token", None)]
    groups = store.rows("SELECT account, name, seen, group_id, description, expiry, span FROM groups ORDER BY group_id")
    found = {tuple(row) for row in groups}
    assert found == {
        ("me", "Nuisance", 1, 20, "Reported", "2099-01-01 00:00:00", None),
        ("you", "Nuisance", 1, 21, "Theirs", None, None),
        ("me", "Gone", 0, None, None, None, None),
    }
    numbers = store.rows(
        "SELECT g.account, g.name, n.number, n.outcome, n.expiry, n.recorded_at, n.batch"
        " FROM numbers n JOIN groups g ON g.id = n.group_ref ORDER BY n.number"
    )
    assert numbers == [
        ("me", "Nuisance", "9999900001", "added", "2099-01-01 00:00:00", 7.0, 1),
        ("me", "Nuisance", "9999900002", "removed", None, 7.5, 2),
        ("you", "Nuisance", "9999900003", "added", None, 8.0, 1),
        ("me", "Gone", "9999900004", "not_found", None, 9.0, 1),
    ]
    assert store.rows("SELECT version FROM schema_version") == [(schema.CURRENT_VERSION,)]


def test_an_older_schema_is_brought_forwards_with_what_is_in_it(location: Location) -> None:
    _make_version(location, 2)
    tampered(location, *OF_VERSION_2)
    store = opened(location)
    _check_version_2_is_there(store)
    store.close()


OF_VERSION_3 = (
    "INSERT INTO groups (id, account, name, seen, complete, recorded_at) VALUES (1, 'me', 'N', 1, 1, 7.0)",
    "INSERT INTO numbers VALUES (1, '9999900001', 'added', NULL, 7.0, 1, 1, 0)",
    "INSERT INTO numbers VALUES (1, '9999900002', 'removed', NULL, 7.5, 2, 0, 0)",
    "INSERT INTO notes VALUES (1, '9999900001', 'ticket 4711')",
)


@pytest.mark.parametrize("read_only", [False, True])
def test_of_numbers_of_an_older_schema_nobody_knows_since_when_they_are_there(
    location: Location, read_only: bool
) -> None:
    _make_version(location, 3)
    tampered(location, *OF_VERSION_3)
    store = opened(location, read_only)
    assert store.rows("SELECT number, outcome, since, run, contested FROM numbers ORDER BY number") == [
        ("9999900001", "added", None, None, 0),
        ("9999900002", "removed", None, None, 0),
    ]
    assert store.rows("SELECT complete FROM groups") == [(1,)]
    assert store.rows("SELECT note FROM notes") == [("ticket 4711",)]
    assert store.rows("SELECT COUNT(*) FROM runs") == [(0,)]
    store.close()
    assert [row[0] for row in tampered(location, "SELECT version FROM schema_version")] == [3 if read_only else 4]


def test_an_older_schema_is_looked_at_without_a_change(location: Location) -> None:
    _make_version(location, 2)
    tampered(location, *OF_VERSION_2)
    view = opened(location, read_only=True)
    _check_version_2_is_there(view)
    view.close()
    assert [row[0] for row in tampered(location, "SELECT version FROM schema_version")] == [2]


def test_the_first_schema_is_brought_forwards_too(location: Location) -> None:
    _make_version(location, 1)
    tampered(location, OF_VERSION_2[1])
    store = opened(location)
    assert habits_of(store, "me") == ONE
    assert store.rows("SELECT COUNT(*) FROM numbers") == [(0,)]
    store.close()


def test_a_migration_that_fails_leaves_the_old_schema(location: Location) -> None:
    _make_version(location, 1)
    tampered(location, "CREATE TABLE numbers (x INTEGER)")  # in the way of the second migration, not of the first
    with pytest.raises(StoreError):
        opened(location)
    assert [row[0] for row in tampered(location, "SELECT version FROM schema_version")] == [1]
    tampered(location, "DROP TABLE numbers")
    store = opened(location)
    assert store.rows("SELECT COUNT(*) FROM groups") == [(0,)]
    store.close()


def test_a_newer_schema_is_refused_untouched(location: Location) -> None:
    opened(location).close()
    tampered(location, f"UPDATE schema_version SET version = {schema.CURRENT_VERSION + 1}")
    for read_only in (False, True):
        with pytest.raises(StoreError, match="Upgrade the collection"):
            opened(location, read_only)
    tampered(location, f"UPDATE schema_version SET version = {schema.CURRENT_VERSION}")
    opened(location).close()


@pytest.mark.parametrize("version", ["'x'", "NULL", "X'00'"])
def test_c2_a_schema_without_a_version_is_told_as_damaged(location: Location, version: str) -> None:
    opened(location).close()
    value = version if location.url is None else "NULL"
    column = [] if location.url is None else ["ALTER TABLE schema_version ALTER COLUMN version DROP NOT NULL"]
    loose = [] if location.url else ["DROP TABLE schema_version", "CREATE TABLE schema_version (version)"]
    tampered(location, *column, *loose, "DELETE FROM schema_version", f"INSERT INTO schema_version VALUES ({value})")
    for read_only in (False, True):
        with pytest.raises(StoreError, match="is damaged: it does not say which version"):
            opened(location, read_only)
    tampered(location, "DELETE FROM schema_version")
    with pytest.raises(StoreError, match="is damaged: it does not say which version"):
        opened(location)


def test_c2_a_table_that_is_missing_is_told_as_damage(location: Location) -> None:
    opened(location).close()
    tampered(location, "DROP TABLE facts")
    store = opened(location)
    with pytest.raises(StoreError, match=r"is damaged: no such table|needs USAGE and CREATE on the schema"):
        habits_of(store, "me")
    store.close()
