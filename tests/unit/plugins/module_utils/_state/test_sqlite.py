# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store on SQLite: who may read it, and what is told where it cannot be used."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError, StoreUnavailable
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.schema import CURRENT_VERSION
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.sqlite import SQLite, look
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store, habits_of, keep_habits
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened

ONE = Habits(update_path="/somewhere")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state"


def _at(directory: Path, read_only: bool = False, patience: float = 1.0) -> Store:
    return opened(Location(directory=str(directory)), read_only, patience)


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


@pytest.mark.parametrize("umask", [0o177, 0o277, 0o777])
def test_c13_a_umask_that_takes_everything_takes_nothing_from_the_store(tmp_path: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        store = _at(tmp_path / "made" / "state")
        with store.lock("the group", 0.0):
            keep_habits(store, "me", ONE)
        store.close()
    finally:
        os.umask(old)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700


def test_a_killed_process_loses_nothing_that_was_committed_without_waiting_for_the_disk(directory: Path) -> None:
    child = os.fork()
    if child == 0:
        keep_habits(_at(directory), "me", ONE)
        os._exit(9)  # no clean-up of any kind
    os.waitpid(child, 0)
    store = _at(directory)
    assert habits_of(store, "me") == ONE
    store.close()


def test_a_home_that_does_not_exist_is_no_directory_of_that_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreUnavailable, match="no such home directory"):
        opened(Location(directory="~nosuchuser/state"))
    assert list(tmp_path.iterdir()) == []


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
        with pytest.raises(StoreError, match="Move it away"):
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
        opened(Location(directory=place))
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


def test_c2_a_lock_file_whose_name_is_too_long_for_sqlite_is_told_as_that(tmp_path: Path) -> None:
    directory = tmp_path
    while len(str(directory)) < 484 - 101:
        directory = directory / ("x" * 100)
    directory = directory / ("x" * (484 - len(str(directory)) - 1))
    store = _at(directory)
    unusable = pytest.raises(StoreUnavailable, match=r"The lock file .* cannot be used")
    with unusable, store.lock("the group", 0.0):
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
    with pytest.raises(StoreError, match="is busy: another process") as caught:
        keep_habits(other, "me", ONE)
    assert not isinstance(caught.value, StoreUnavailable)
    store.rows("ROLLBACK")
    keep_habits(other, "me", ONE)
    store.close()
    other.close()


def test_whoever_has_waited_in_vain_does_not_wait_as_long_again_until_the_store_is_free(directory: Path) -> None:
    connection = sqlite3.connect(directory.parent / "store", timeout=1.5, isolation_level=None)
    engine = SQLite(connection, "here", patience=1.5)

    def patience() -> int:
        return int(connection.execute("PRAGMA busy_timeout").fetchone()[0])

    engine.rows("PRAGMA journal_mode = WAL")
    engine.rows("CREATE TABLE facts (name)")
    assert patience() == 1500
    other = sqlite3.connect(directory.parent / "store", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="is busy: another process"):
        engine.rows("INSERT INTO facts VALUES ('a')")
    assert engine.rows("SELECT name FROM facts") == []  # which goes all the same
    assert patience() == 1000
    with pytest.raises(StoreError, match="is busy: another process"):
        engine.upsert("facts", {"name": "text"}, ("name",), [("a",), ("b",)])
    assert patience() == 1000
    other.execute("ROLLBACK")
    engine.rows("INSERT INTO facts VALUES ('a')")
    assert patience() == 1500
    other.close()
    engine.close()


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
    waiting = _at(directory, patience=0.1)
    with pytest.raises(StoreError, match="is busy: another process"):
        waiting.rows("INSERT INTO facts VALUES ('a', 'b', 'c')")
    waiting.close()
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
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import postgresql, sqlite  # as long as it may
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


# -- a look at a place, which makes nothing ----------------------------------------------------------------------------


def test_a_look_tells_the_version_and_makes_nothing(directory: Path) -> None:
    assert look(str(directory), 1.0) == 0
    assert not directory.exists()
    directory.mkdir(0o700)
    assert look(str(directory), 1.0) == 0
    assert list(directory.iterdir()) == []
    _at(directory).close()
    assert look(str(directory), 1.0) == CURRENT_VERSION


@pytest.mark.parametrize("mode", [0o750, 0o701])
def test_a_look_refuses_what_others_can_open(directory: Path, mode: int) -> None:
    directory.mkdir(0o700)
    directory.chmod(mode)
    with pytest.raises(StoreError, match="open to other users"):
        look(str(directory), 1.0)


def test_a_look_follows_no_link_and_takes_no_file_that_others_can_read(directory: Path, tmp_path: Path) -> None:
    _at(directory).close()
    (tmp_path / "link").symlink_to(directory)
    with pytest.raises(StoreError, match="symbolic link"):
        look(str(tmp_path / "link"), 1.0)
    (directory / "state.sqlite3").chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        look(str(directory), 1.0)


@pytest.mark.parametrize("place", ["/" + "/".join(["folder"] * 3000), "/tmp/" + "x" * 300, "file/below"])
def test_a_look_tells_what_cannot_be_made(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        look(str(tmp_path / place), 1.0)


def test_a_look_finds_a_page_that_is_damaged(directory: Path) -> None:
    store = _at(directory)
    for number in range(500):
        keep_habits(store, f"account {number}", ONE)
    store.close()
    file = directory / "state.sqlite3"
    whole = bytearray(file.read_bytes())
    assert len(whole) > 12 * 4096
    whole[-3 * 4096 :] = b"x" * 3 * 4096
    file.write_bytes(whole)
    with pytest.raises(StoreError, match="is damaged"):
        look(str(directory), 1.0)


def test_a_look_refuses_a_database_of_something_else(directory: Path) -> None:
    directory.mkdir(0o700)
    with contextlib.closing(sqlite3.connect(directory / "state.sqlite3")) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    (directory / "state.sqlite3").chmod(0o600)
    with pytest.raises(StoreError, match="something else"):
        look(str(directory), 1.0)
