# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from pathlib import Path

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    LockTimeout,
    StoreError,
    StoreUnavailable,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import postgresql as engine
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import schema
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import (
    Store,
    StoredFacts,
    default_directory,
    is_postgresql,
    open_store,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock


def _open(place: str, read_only: bool = False) -> Store:
    return open_store(place, read_only, FakeClock())


def _tamper(place: str, *statements: str) -> None:
    """Changes a store from outside."""
    if is_postgresql(place):
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute("SET search_path = ozonetel_cloudagent")
            for statement in statements:
                connection.execute(statement.encode())
        return
    database = sqlite3.connect(Path(place) / "state.sqlite3")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def test_what_is_written_is_there_when_the_store_is_opened_again(place: str) -> None:
    first = _open(place)
    StoredFacts(first, "me")["update_path"] = "/somewhere"
    first.close()
    second = _open(place)
    assert dict(StoredFacts(second, "me")) == {"update_path": "/somewhere"}
    assert dict(StoredFacts(second, "somebody else")) == {}
    second.close()


def test_a_fact_can_be_changed_and_forgotten(place: str) -> None:
    store = _open(place)
    facts = StoredFacts(store, "me")
    facts["name"] = "one"
    facts["name"] = "two"
    assert dict(StoredFacts(store, "me")) == {"name": "two"}
    del facts["name"]
    assert len(StoredFacts(store, "me")) == 0
    store.close()


def test_a_transaction_that_fails_leaves_nothing(place: str) -> None:
    store = _open(place)
    with pytest.raises(RuntimeError), store.transaction():
        StoredFacts(store, "me")["name"] = "value"
        raise RuntimeError
    assert dict(StoredFacts(store, "me")) == {}
    store.close()


def test_a_lock_keeps_another_process_out_and_says_who_holds_it(place: str) -> None:
    first, second = _open(place), _open(place)
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


def test_a_lock_is_waited_for(place: str) -> None:
    first, second = _open(place), _open(place)
    order = []

    def hold() -> None:
        store = _open(place)
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


def test_a_lock_is_free_when_its_holder_dies(place: str) -> None:
    child = os.fork()
    if child == 0:
        store = _open(place)
        store.lock("the group", 1.0).__enter__()
        os._exit(9)  # no clean-up of any kind
    os.waitpid(child, 0)
    store = _open(place)
    with store.lock("the group", 5.0):
        pass
    store.close()


def test_an_older_schema_is_brought_forwards_with_what_is_in_it(place: str) -> None:
    first = _open(place)
    StoredFacts(first, "me")["name"] = "value"
    first.close()
    _tamper(place, "DROP TABLE groups", "DROP TABLE numbers", "UPDATE schema_version SET version = 1")
    second = _open(place)
    assert dict(StoredFacts(second, "me")) == {"name": "value"}
    assert second.rows("SELECT COUNT(*) FROM numbers") == [(0,)]
    assert second.rows("SELECT version FROM schema_version") == [(schema.CURRENT_VERSION,)]
    second.close()


def test_a_migration_that_fails_leaves_the_old_schema(place: str) -> None:
    _open(place).close()
    # "groups" is still there, so that making it fails in the middle of the migration.
    _tamper(place, "DROP TABLE numbers", "UPDATE schema_version SET version = 1")
    with pytest.raises(StoreError):
        _open(place)
    _tamper(place, "DROP TABLE groups")
    store = _open(place)
    assert store.rows("SELECT COUNT(*) FROM groups") == [(0,)]
    store.close()


def test_a_newer_schema_is_refused_untouched(place: str) -> None:
    _open(place).close()
    _tamper(place, f"UPDATE schema_version SET version = {schema.CURRENT_VERSION + 1}")
    for read_only in (False, True):
        with pytest.raises(StoreError, match="Upgrade the collection"):
            _open(place, read_only)
    _tamper(place, f"UPDATE schema_version SET version = {schema.CURRENT_VERSION}")
    _open(place).close()


def test_opened_read_only_it_shows_what_is_there_and_takes_no_change(place: str) -> None:
    store = _open(place)
    StoredFacts(store, "me")["name"] = "value"
    view = _open(place, read_only=True)
    assert dict(StoredFacts(view, "me")) == {"name": "value"}
    with contextlib.suppress(StoreError):
        StoredFacts(view, "me")["name"] = "other"
    assert dict(StoredFacts(store, "me")) == {"name": "value"}
    store.close()
    view.close()


def test_opened_read_only_a_store_that_was_never_made_is_empty_and_is_not_made(place: str) -> None:
    view = _open(place, read_only=True)
    assert dict(StoredFacts(view, "me")) == {}
    assert view.rows("SELECT COUNT(*) FROM numbers") == [(0,)]
    view.close()
    if is_postgresql(place):
        with psycopg.connect(place) as connection:
            assert (
                connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'ozonetel_cloudagent'").fetchall() == []
            )
    else:
        assert not Path(place).exists()


def test_a_store_in_memory_is_forgotten(tmp_path: Path) -> None:
    store = open_store(None, False, FakeClock())
    assert not store.persistent
    with store.lock("anything", 0.0):
        StoredFacts(store, "me")["name"] = "value"
    store.close()


# -- SQLite ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_only_this_user_can_read_any_of_its_files(directory: Path) -> None:
    old = os.umask(0)
    try:
        store = _open(str(directory))
        with store.lock("the group", 0.0):
            StoredFacts(store, "me")["name"] = "value"
            modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
        store.close()
    finally:
        os.umask(old)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_a_directory_that_others_can_open_is_refused(directory: Path, mode: int) -> None:
    directory.mkdir()
    directory.chmod(mode)
    with pytest.raises(StoreError, match="chmod 700"):
        _open(str(directory))
    assert list(directory.iterdir()) == []


def test_a_database_that_others_can_read_is_refused(directory: Path) -> None:
    _open(str(directory)).close()
    (directory / "state.sqlite3").chmod(0o644)
    for read_only in (False, True):
        with pytest.raises(StoreError, match="chmod 600"):
            _open(str(directory), read_only)


def test_a_symbolic_link_is_never_followed(tmp_path: Path) -> None:
    _open(str(tmp_path / "real")).close()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StoreError, match="symbolic link"):
        _open(str(tmp_path / "link"))
    (tmp_path / "mine").mkdir(0o700)
    (tmp_path / "mine" / "state.sqlite3").symlink_to(tmp_path / "real" / "state.sqlite3")
    for read_only in (False, True):
        with pytest.raises(StoreError, match="symbolic link"):
            _open(str(tmp_path / "mine"), read_only)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_another_user_is_refused(directory: Path) -> None:
    _open(str(directory)).close()
    os.chown(directory / "state.sqlite3", 65534, 65534)
    with pytest.raises(StoreError, match="another user"):
        _open(str(directory))


def test_a_file_in_the_place_of_the_directory_is_refused(directory: Path) -> None:
    directory.write_text("x")
    directory.chmod(0o600)
    with pytest.raises(StoreError, match="not a directory"):
        _open(str(directory))


def test_a_damaged_file_is_told_with_the_way_out_and_left_as_it_is(directory: Path) -> None:
    directory.mkdir(0o700)
    file = directory / "state.sqlite3"
    file.write_bytes(b"this is no database" * 100)
    file.chmod(0o600)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"Move state\.sqlite3 away"):
            _open(str(directory), read_only)
    assert file.read_bytes() == b"this is no database" * 100


def test_a_database_of_something_else_is_refused_untouched(directory: Path) -> None:
    directory.mkdir(0o700)
    connection = sqlite3.connect(directory / "state.sqlite3")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    (directory / "state.sqlite3").chmod(0o600)
    with pytest.raises(StoreError, match="something else"):
        _open(str(directory))


def test_a_place_that_cannot_be_written_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        _open("/proc/nowhere/state")


def test_the_default_place_follows_the_environment() -> None:
    assert default_directory({"XDG_STATE_HOME": "/x"}) == "/x/ozonetel.cloudagent"
    assert default_directory({"XDG_STATE_HOME": "relative"}) == default_directory({})
    assert default_directory({}).endswith("/.local/state/ozonetel.cloudagent")


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_without_showing_it(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        _open(postgresql.url("postgres").replace(postgresql.password, "wrong-password"))
    assert "wrong-password" not in str(caught.value)
    assert f"127.0.0.1:{postgresql.port}" in str(caught.value)


def test_a_url_that_is_none_is_told_without_showing_it() -> None:
    with pytest.raises(StoreError) as caught:
        _open("postgresql://owner:pa%ss@127.0.0.1/db")
    assert "pa%ss" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("postgresql://u:p%40ss@h/d", ["p%40ss", "p@ss"]),
        ("postgresql://u@h/d", []),
        ("postgresql://h/d?user=u&password=hidden", ["hidden"]),
        ("postgres://u:pw@h:5/d?sslpassword=key", ["key", "pw"]),
    ],
)
def test_the_passwords_of_a_url_are_known(url: str, secrets: list[str]) -> None:
    assert engine.secrets_of(url) == secrets


def test_the_password_may_come_from_the_environment(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_database()
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    _open(url.replace(f":{postgresql.password}", "")).close()


def test_the_password_may_come_from_a_password_file(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = postgresql.new_database()
    file = tmp_path / "passwords"
    file.write_text(f"127.0.0.1:{postgresql.port}:*:owner:{postgresql.password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    _open(url.replace(f":{postgresql.password}", "")).close()


def test_other_tables_of_the_database_are_left_alone(postgresql: PostgreSQLServer) -> None:
    url = postgresql.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE tokens (theirs TEXT)")
        store = _open(url)
        assert store.rows("SELECT COUNT(*) FROM tokens") == [(0,)]
        store.close()
        assert connection.execute("SELECT theirs FROM tokens").fetchall() == []


def test_many_that_open_an_empty_database_at_once_make_one_schema(postgresql: PostgreSQLServer) -> None:
    url = postgresql.new_database()
    failures = []

    def work() -> None:
        try:
            _open(url).close()
        except StoreError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=work) for _count in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
