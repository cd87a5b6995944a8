# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, List

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    LockTimeout,
    StoreError,
    StoreUnavailable,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import schema
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import (
    Store,
    habits_of,
    keep_habits,
    open_store,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock

ONE, OTHER = Habits(update_path="/somewhere"), Habits(update_path="/elsewhere", counts_inserted=True)


def _open(location: Location, read_only: bool = False, patience: float = 1.0) -> Store:
    return open_store(location, read_only, FakeClock(), patience)


def _tamper(location: Location, *statements: str) -> List[Any]:
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


def _make_version(location: Location, version: int) -> None:
    """Makes a store as an earlier version of this collection did."""
    _open(location).close()
    tables = ("tokens", "generations", "facts", "lock_holders", "groups", "numbers", "schema_version")
    statements = [statement for part in schema.MIGRATIONS[:version] for statement in part]
    made = ["CREATE TABLE schema_version (version INTEGER)", f"INSERT INTO schema_version VALUES ({version})"]
    _tamper(location, *(f"DROP TABLE {table}" for table in tables), *statements, *made)


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


def test_what_is_written_is_there_when_the_store_is_opened_again(location: Location) -> None:
    first = _open(location)
    keep_habits(first, "me", ONE)
    first.close()
    second = _open(location)
    assert habits_of(second, "me") == ONE
    assert habits_of(second, "somebody else") == Habits()
    second.close()


def test_habits_can_be_changed(location: Location) -> None:
    store = _open(location)
    keep_habits(store, "me", ONE)
    keep_habits(store, "me", OTHER)
    assert habits_of(store, "me") == OTHER
    keep_habits(store, "me", Habits())  # nothing to write
    store.close()


def test_a_transaction_that_fails_leaves_nothing(location: Location) -> None:
    store = _open(location)
    with pytest.raises(RuntimeError), store.transaction():
        keep_habits(store, "me", OTHER)
        raise RuntimeError
    assert habits_of(store, "me") == Habits()
    store.close()


@pytest.mark.parametrize("count", [0, 1, 2, 1200])
def test_many_rows_are_written_in_one_statement_and_found_again(location: Location, count: int) -> None:
    columns = {"account": "text", "name": "text", "value": "text"}
    store = _open(location)
    for value in ("first", "second"):
        store.upsert("facts", columns, ("account", "name"), [("me", f"n{n}", value) for n in range(count)])
    asked = [f"n{n}" for n in range(-5, count, 2)]
    found = store.rows_among("SELECT name, value FROM facts WHERE account = ? AND name {among}", asked, "me")
    assert sorted(found) == sorted((f"n{n}", "second") for n in range(-5, count, 2) if n >= 0)
    assert store.rows_among("SELECT name FROM facts WHERE name {among}", []) == []
    store.close()


def test_rows_that_are_written_at_once_are_all_there_or_none(location: Location) -> None:
    columns = {"account": "text", "name": "text", "value": "text"}
    store = _open(location)
    with pytest.raises(StoreError):
        store.upsert("facts", columns, ("account", "name"), [("me", "one", "1"), ("me", "two", None)])
    assert store.rows("SELECT * FROM facts") == []
    store.close()


def test_a_lock_keeps_another_process_out_and_says_who_holds_it(location: Location) -> None:
    first, second = _open(location), _open(location)
    with first.lock("the group", 1.0):
        for limit in (0.0, 0.2):
            held = rf"process {os.getpid()} on .* holds it since 2027-01-15T08:00:00Z"
            with pytest.raises(LockTimeout, match=held), second.lock("the group", limit):
                pass
        with second.lock("another group", 0.0):
            pass
    with second.lock("the group", 0.0):
        pass
    first.close()
    second.close()


def test_a_lock_is_waited_for(location: Location) -> None:
    first, second = _open(location), _open(location)
    order = []

    def hold() -> None:
        store = _open(location)
        with store.lock("the group", 5.0):
            held.set()
            time.sleep(0.3)
            order.append("first")
        store.close()

    held = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    with second.lock("the group", 10.0):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    first.close()
    second.close()


def test_a_lock_is_free_when_its_holder_dies(location: Location) -> None:
    child = os.fork()
    if child == 0:
        store = _open(location)
        store.lock("the group", 1.0).__enter__()
        os._exit(9)  # no clean-up of any kind
    os.waitpid(child, 0)
    store = _open(location)
    with store.lock("the group", 5.0):
        pass
    store.close()


def test_an_older_schema_is_brought_forwards_with_what_is_in_it(location: Location) -> None:
    _make_version(location, 2)
    _tamper(location, *OF_VERSION_2)
    store = _open(location)
    _check_version_2_is_there(store)
    store.close()


def test_an_older_schema_is_looked_at_without_a_change(location: Location) -> None:
    _make_version(location, 2)
    _tamper(location, *OF_VERSION_2)
    view = _open(location, read_only=True)
    _check_version_2_is_there(view)
    view.close()
    assert [row[0] for row in _tamper(location, "SELECT version FROM schema_version")] == [2]


def test_the_first_schema_is_brought_forwards_too(location: Location) -> None:
    _make_version(location, 1)
    _tamper(location, OF_VERSION_2[1])
    store = _open(location)
    assert habits_of(store, "me") == ONE
    assert store.rows("SELECT COUNT(*) FROM numbers") == [(0,)]
    store.close()


def test_a_migration_that_fails_leaves_the_old_schema(location: Location) -> None:
    _make_version(location, 1)
    _tamper(location, "CREATE TABLE numbers (x INTEGER)")  # in the way of the second migration, not of the first
    with pytest.raises(StoreError):
        _open(location)
    assert [row[0] for row in _tamper(location, "SELECT version FROM schema_version")] == [1]
    _tamper(location, "DROP TABLE numbers")
    store = _open(location)
    assert store.rows("SELECT COUNT(*) FROM groups") == [(0,)]
    store.close()


def test_a_newer_schema_is_refused_untouched(location: Location) -> None:
    _open(location).close()
    _tamper(location, f"UPDATE schema_version SET version = {schema.CURRENT_VERSION + 1}")
    for read_only in (False, True):
        with pytest.raises(StoreError, match="Upgrade the collection"):
            _open(location, read_only)
    _tamper(location, f"UPDATE schema_version SET version = {schema.CURRENT_VERSION}")
    _open(location).close()


def test_opened_read_only_it_shows_one_moment_and_takes_no_change(location: Location) -> None:
    store = _open(location)
    keep_habits(store, "me", ONE)
    view = _open(location, read_only=True)
    assert habits_of(view, "me") == ONE
    with pytest.raises(StoreError):
        keep_habits(view, "me", OTHER)
    view.close()
    view = _open(location, read_only=True)
    assert habits_of(view, "me") == ONE
    keep_habits(store, "me", OTHER)  # a writer does not wait for a reader
    assert habits_of(view, "me") == ONE
    with view.lock("anything", 0.0):  # nobody is kept out, and nobody is on record
        assert store.rows("SELECT * FROM lock_holders") == []
    assert habits_of(store, "me") == OTHER
    store.close()
    view.close()


def test_opened_read_only_a_store_that_was_never_made_is_empty_and_is_not_made(location: Location) -> None:
    view = _open(location, read_only=True)
    assert habits_of(view, "me") == Habits()
    assert view.rows("SELECT COUNT(*) FROM numbers") == [(0,)]
    view.close()
    if location.url is not None:
        with psycopg.connect(location.url, password=location.password) as connection:
            found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'ozonetel_cloudagent'").fetchall()
        assert found == []
    else:
        assert not Path(str(location.directory)).exists()


def test_a_store_in_memory_is_forgotten() -> None:
    store = _open(Location())
    assert not store.persistent
    with store.lock("anything", 0.0):
        keep_habits(store, "me", ONE)
    store.close()
    assert habits_of(_open(Location()), "me") == Habits()


# -- SQLite ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state"


def _at(directory: Path, read_only: bool = False, patience: float = 1.0) -> Store:
    return _open(Location(directory=str(directory)), read_only, patience)


def test_c13_only_this_user_can_read_any_of_its_files_or_open_what_was_made_for_them(tmp_path: Path) -> None:
    directory = tmp_path / "made" / "too" / "state"
    old = os.umask(0)
    try:
        store = _at(directory)
        with store.lock("the group", 0.0):
            keep_habits(store, "me", ONE)
            modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
        store.close()
    finally:
        os.umask(old)
    for made in (directory, *directory.parents[:2]):
        assert made.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_a_directory_that_others_can_open_is_refused(directory: Path, mode: int) -> None:
    directory.mkdir()
    directory.chmod(mode)
    with pytest.raises(StoreError, match="chmod 700"):
        _at(directory)
    assert list(directory.iterdir()) == []


def test_a_database_that_others_can_read_is_refused(directory: Path) -> None:
    _at(directory).close()
    (directory / "state.sqlite3").chmod(0o644)
    for read_only in (False, True):
        with pytest.raises(StoreError, match="chmod 600"):
            _at(directory, read_only)


def test_a_symbolic_link_is_never_followed(tmp_path: Path) -> None:
    _at(tmp_path / "real").close()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StoreError, match="symbolic link"):
        _at(tmp_path / "link")
    (tmp_path / "mine").mkdir(0o700)
    (tmp_path / "mine" / "state.sqlite3").symlink_to(tmp_path / "real" / "state.sqlite3")
    for read_only in (False, True):
        with pytest.raises(StoreError, match="symbolic link"):
            _at(tmp_path / "mine", read_only)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_another_user_is_refused(directory: Path) -> None:
    _at(directory).close()
    os.chown(directory / "state.sqlite3", 65534, 65534)
    with pytest.raises(StoreError, match="another user"):
        _at(directory)


def test_a_file_in_the_place_of_the_directory_is_refused(directory: Path) -> None:
    directory.write_text("x")
    directory.chmod(0o600)
    with pytest.raises(StoreError, match="not a directory"):
        _at(directory)


def test_a_directory_in_the_place_of_the_file_is_refused(directory: Path) -> None:
    (directory / "state.sqlite3").mkdir(parents=True)
    directory.chmod(0o700)
    with pytest.raises(StoreError, match="not a regular file"):
        _at(directory)


def test_a_damaged_file_is_told_with_the_way_out_and_left_as_it_is(directory: Path) -> None:
    directory.mkdir(0o700)
    file = directory / "state.sqlite3"
    file.write_bytes(b"this is no database" * 100)
    file.chmod(0o600)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"Move state\.sqlite3 away"):
            _at(directory, read_only)
    assert file.read_bytes() == b"this is no database" * 100


def test_a_database_of_something_else_is_refused_untouched(directory: Path) -> None:
    directory.mkdir(0o700)
    connection = sqlite3.connect(directory / "state.sqlite3")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    (directory / "state.sqlite3").chmod(0o600)
    for read_only in (False, True):
        with pytest.raises(StoreError, match="something else"):
            _at(directory, read_only)


@pytest.mark.parametrize("place", ["/proc/nowhere/state", "/" + "/".join(["folder"] * 3000), "/tmp/" + "x" * 300])
def test_c2_a_place_that_cannot_be_made_is_unavailable_and_nothing_is_left_of_the_try(place: str) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        _open(Location(directory=place))
    assert not Path("/folder").exists()


def test_c2_a_damaged_lock_file_is_told_with_the_way_out(directory: Path) -> None:
    store = _at(directory)
    with store.lock("the group", 0.0):
        pass
    (lock,) = directory.glob("lock-*.sqlite3")
    lock.write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreError, match=r"The lock file .* is damaged: .* Remove it"), store.lock("the group", 0.0):
        pass
    store.close()


def test_c11_a_lock_that_cannot_be_written_is_not_told_as_held(directory: Path) -> None:
    store = _at(directory)
    with store.lock("the group", 0.0):
        pass
    (lock,) = directory.glob("lock-*.sqlite3")
    (directory / f"{lock.name}-journal").mkdir()  # the journal that an exclusive transaction needs cannot be made
    unusable = pytest.raises(StoreUnavailable, match=r"The lock file .* cannot be used")
    with unusable as caught, store.lock("the group", 0.0):
        pass
    assert "not free" not in str(caught.value)
    store.close()


def test_c4_a_store_that_another_process_is_writing_is_busy_and_not_unavailable(directory: Path) -> None:
    store = _at(directory)
    store.rows("BEGIN EXCLUSIVE")
    other = _at(directory, patience=0.1)
    with pytest.raises(StoreError, match="by another process") as caught:
        keep_habits(other, "me", ONE)
    assert not isinstance(caught.value, StoreUnavailable)
    store.rows("ROLLBACK")
    keep_habits(other, "me", ONE)
    store.close()
    other.close()


def test_c4_a_store_that_is_just_being_made_is_waited_for(directory: Path) -> None:
    directory.mkdir(0o700)
    (directory / "state.sqlite3").touch(0o600)
    maker = sqlite3.connect(directory / "state.sqlite3", isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.3, lambda: maker.execute("ROLLBACK"))
    timer.start()
    store = _at(directory, patience=5.0)
    assert habits_of(store, "me") == Habits()
    store.close()
    timer.join()
    maker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="by another process"):
        _at(directory, patience=0.1).rows("INSERT INTO facts VALUES ('a', 'b', 'c')")
    maker.close()


def test_c4_many_processes_make_one_store(directory: Path) -> None:
    program = (
        "import sys; from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import store, location;"
        "from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock;"
        "opened = store.open_store(location.Location(directory=sys.argv[1]), False, FakeClock());"
        "opened.rows('INSERT INTO facts VALUES (?, ?, ?)', 'me', sys.argv[2], ''); opened.close()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(directory), str(number)], env=environment)
        for number in range(20)
    ]
    assert [process.wait() for process in processes] == [0] * 20
    store = _at(directory)
    assert store.rows("SELECT COUNT(*) FROM facts") == [(20,)]
    store.close()


AS_NOBODY = """
import os, sys
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreUnavailable
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import location, store
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import sqlite
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock
os.setgid(65534)
os.setuid(65534)
place = location.Location(directory=sys.argv[1])
try:
    store.open_store(place, False, FakeClock())
except StoreUnavailable as error:
    print(str(error))
print(store.open_store(place, True, FakeClock()).rows("SELECT name FROM facts"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else, and root may write everywhere")
@pytest.mark.parametrize(("of", "mode"), [("state.sqlite3", 0o400), (".", 0o500)])
def test_c12_a_store_that_can_be_read_but_not_written_is_unavailable_at_once(of: str, mode: int) -> None:
    with tempfile.TemporaryDirectory() as folder:  # not below a folder that only root can open
        os.chmod(folder, 0o755)
        directory = Path(folder) / "state"
        store = _at(directory)
        keep_habits(store, "me", ONE)
        store.close()
        for path in (directory, *directory.iterdir()):
            os.chown(path, 65534, 65534)
        (directory / of).chmod(mode)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(directory)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "cannot be written by this user" in done.stdout, done.stderr
        assert "[('update_path',)]" in done.stdout, done.stderr


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_without_showing_it(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        _open(Location(url=postgresql.url("postgres"), password="wrong-password"))
    assert "wrong-password" not in str(caught.value)
    assert f"postgresql://127.0.0.1:{postgresql.port}/postgres" in str(caught.value)


def test_a_url_that_postgresql_does_not_take_is_told_without_showing_it(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(StoreError, match="is not a URL that PostgreSQL takes") as caught:
        _open(Location(url="postgresql://owner@127.0.0.1/db?unheard_of=hidden"))
    assert "hidden" not in str(caught.value)


def test_the_password_may_come_from_the_environment(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = postgresql.new_database()
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    _open(Location(url=location.url)).close()


def test_the_password_may_come_from_a_password_file(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    location = postgresql.new_database()
    file = tmp_path / "passwords"
    file.write_text(f"127.0.0.1:{postgresql.port}:*:owner:{postgresql.password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    _open(Location(url=location.url)).close()


def test_other_tables_of_the_database_are_left_alone(postgresql: PostgreSQLServer) -> None:
    location = postgresql.new_database()
    with psycopg.connect(str(location.url), password=location.password, autocommit=True) as connection:
        connection.execute("CREATE TABLE tokens (theirs TEXT)")
        store = _open(location)
        assert store.rows("SELECT COUNT(*) FROM tokens") == [(0,)]
        store.close()
        assert connection.execute("SELECT theirs FROM tokens").fetchall() == []


def test_many_that_open_an_empty_database_at_once_make_one_schema(postgresql: PostgreSQLServer) -> None:
    location = postgresql.new_database()
    failures = []

    def work() -> None:
        try:
            _open(location).close()
        except StoreError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=work) for _count in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
