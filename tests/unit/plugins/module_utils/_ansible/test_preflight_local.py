# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight sees on this machine: libraries, the store in every state, locks."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import preflight_local
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.schema import CURRENT_VERSION
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.tokens import account_key, token_lock
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered


def found(report: Report, name: str) -> Dict[str, str]:
    """One of the checks."""
    return next(check for check in report.result["checks"] if check["name"] == name)


def _look(runner: Runner, name: str) -> Dict[str, str]:
    return found(runner.preflight(check_mode=True), name)


# -- libraries ---------------------------------------------------------------------------------------------------------


def test_without_requests_a_run_could_not_work_and_is_told_where_to_install_it(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    report = runner.preflight()
    check = found(report, "python")
    assert check["verdict"] == "failed"
    assert f"{sys.executable} -m pip install requests" in check["advice"]
    assert found(report, "store")["verdict"] == "ok"
    assert found(report, "dns")["verdict"] == "ok"
    assert found(report, "reach")["said"] == "Not looked at, since the library requests is missing."
    assert runner.simulator.requests() == []


def test_without_requests_a_stored_token_is_told_all_the_same(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.token()
    monkeypatch.setitem(sys.modules, "requests", None)
    assert found(runner.preflight(), "token")["verdict"] == "ok"


def test_psycopg_is_needed_for_a_store_on_postgresql_only(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert _look(runner, "python")["verdict"] == "ok"
    report = runner.preflight(check_mode=True, state_store="postgresql://owner@127.0.0.1:1/nowhere")
    assert "pip install psycopg" in found(report, "python")["advice"]
    assert found(report, "store")["verdict"] == "failed"


def test_phonenumbers_is_never_a_fault(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "phonenumbers " in _look(runner, "python")["said"]
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    check = _look(runner, "python")
    assert check["verdict"] == "ok"
    assert "only default_region needs" in check["said"]


# -- store -------------------------------------------------------------------------------------------------------------


def test_a_store_that_was_never_made_is_announced_and_not_made(runner_on_each_engine: Runner) -> None:
    check = _look(runner_on_each_engine, "store")
    assert (check["verdict"], "there is none yet" in check["said"]) == ("ok", True)
    location = runner_on_each_engine.location
    if location.directory is not None:
        assert not os.path.exists(location.directory)
    else:
        with psycopg.connect(str(location.url), password=location.password) as connection:
            schemas = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'ozonetel_cloudagent'").fetchall()
        assert schemas == []


def test_a_store_of_this_version_is_told_with_its_engine(runner_on_each_engine: Runner) -> None:
    opened(runner_on_each_engine.location).close()
    check = _look(runner_on_each_engine, "store")
    assert check["verdict"] == "ok"
    assert "version 4, which is the current one" in check["said"]
    assert ("PostgreSQL" if runner_on_each_engine.location.url else "SQLite") in check["said"]


def test_an_earlier_version_is_announced_and_not_migrated(
    runner_on_each_engine: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = runner_on_each_engine
    opened(runner.location).close()
    monkeypatch.setattr(preflight_local, "CURRENT_VERSION", CURRENT_VERSION + 1)
    check = _look(runner, "store")
    assert (check["verdict"], f"migrates it to {CURRENT_VERSION + 1}" in check["said"]) == ("ok", True)
    assert tampered(runner.location, "SELECT version FROM schema_version") == [(CURRENT_VERSION,)]


def test_a_later_version_is_refused_and_left_as_it_is(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    opened(runner.location).close()
    tampered(runner.location, "UPDATE schema_version SET version = 99")
    report = runner.preflight()
    assert found(report, "store")["verdict"] == "failed"
    assert "Upgrade the collection" in found(report, "store")["said"]
    assert runner.simulator.generated == 0
    assert tampered(runner.location, "SELECT version FROM schema_version") == [(99,)]


def test_a_damaged_file_is_refused(runner: Runner) -> None:
    opened(runner.location).close()
    file = Path(str(runner.location.directory)) / "state.sqlite3"
    file.write_bytes(b"this is no database" * 1000)
    report = runner.preflight()
    assert "is damaged" in found(report, "store")["said"]
    assert found(report, "lock")["verdict"] == "skipped"
    assert found(report, "reach")["verdict"] == "ok"


def test_a_token_that_cannot_be_read_is_a_broken_store(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.token()
    tampered(runner.location, "UPDATE tokens SET expires_at = -1")
    report = runner.preflight()
    assert found(report, "store")["verdict"] == "failed"
    assert found(report, "token")["verdict"] == "skipped"
    assert runner.simulator.generated == 1


def test_a_directory_that_others_can_open_is_refused(runner: Runner) -> None:
    opened(runner.location).close()
    Path(str(runner.location.directory)).chmod(0o755)
    check = _look(runner, "store")
    assert (check["verdict"], "chmod 700" in check["said"]) == ("failed", True)


def test_a_server_that_is_down_is_told_and_nothing_is_generated(runner: Runner, postgresql: PostgreSQLServer) -> None:
    report = runner.preflight(state_store="postgresql://owner@127.0.0.1:1/nowhere")
    check = found(report, "store")
    assert (check["verdict"], "cannot be reached" in check["said"]) == ("failed", True)
    assert found(report, "token")["verdict"] == "skipped"
    wrong = runner.preflight(state_store=postgresql.url("postgres"), state_store_password="not-the-password")
    assert found(wrong, "store")["verdict"] == "failed"
    assert "not-the-password" not in str(wrong.result)


def test_the_default_place_is_only_warned_about_since_a_run_goes_on_without(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    report = runner.preflight(state_store=None)
    check = found(report, "store")
    assert (check["verdict"], "goes on without a store" in check["said"]) == ("warning", True)
    assert found(report, "token")["verdict"] == "skipped"
    assert report.failure is None
    assert runner.simulator.generated == 0


def test_a_default_place_that_is_not_safe_must_be_mended(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "ozonetel.cloudagent").mkdir(mode=0o755)
    assert found(runner.preflight(state_store=None, check_mode=True), "store")["verdict"] == "failed"


def test_state_store_none_is_the_users_wish_so_a_token_is_generated(runner: Runner) -> None:
    report = runner.preflight(state_store="none")
    assert found(report, "store")["verdict"] == "warning"
    assert found(report, "lock")["verdict"] == "skipped"
    assert "kept nowhere" in found(report, "token")["said"]
    assert (report.failure, report.result["changed"]) == (None, True)
    assert report.result["generations_left"] is None  # nobody knows what others have used


AS_NOBODY = """
import os, sys
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import location, sqlite, store
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreUnavailable
os.setgid(65534)
os.setuid(65534)
try:
    print(store.look_at_place(location.Location(directory=sys.argv[1])))
except StoreUnavailable as error:
    print(str(error))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else, and root may write everywhere")
@pytest.mark.parametrize(("of", "mode"), [("state.sqlite3", 0o400), (".", 0o500), ("..", 0o755)])
def test_a_place_that_cannot_be_written_is_unavailable(of: str, mode: int) -> None:
    with tempfile.TemporaryDirectory() as folder:  # not below a folder that only root can open
        os.chmod(folder, 0o755)
        directory = Path(folder) / "state"
        if of != "..":
            opened(Location(directory=str(directory))).close()
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
        told = "cannot be made: this user cannot write in" if of == ".." else "cannot be written by this user"
        assert told in done.stdout, done.stderr


# -- locks -------------------------------------------------------------------------------------------------------------


def test_who_holds_a_lock_of_the_account_is_told_with_its_progress(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    key = account_key(runner.options["domain"], runner.options["username"], runner.options["api_key"])
    store = opened(runner.location)
    try:
        with store.lock(token_lock(key), 1.0), store.lock(f"the group Nuisance of {runner.account}", 1.0):
            store.note_progress(f"the group Nuisance of {runner.account}", "3 of 5")
            with store.lock("the group Other of somebody else", 1.0):
                check = _look(runner, "lock")
        assert check["verdict"] == "warning"
        here = f"by process {os.getpid()} on "
        assert f"the account's token {here}" in check["said"]
        assert f"the group Nuisance {here}" in check["said"]
        assert "(3 of 5)" in check["said"]
        assert "Other" not in check["said"]
        assert _look(runner, "lock")["verdict"] == "ok"
    finally:
        store.close()


# -- whatever happens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["look_at_place", "what_is_kept", "_libraries", "_locks"])
def test_what_nobody_foresaw_in_one_check_ends_no_other(
    runner: Runner, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise LookupError

    monkeypatch.setattr(preflight_local, name, broken)
    report = runner.preflight()
    assert [check["verdict"] for check in report.result["checks"]].count("failed") == 1
    assert "LookupError" in str(report.result["checks"])
    assert found(report, "reach")["verdict"] == "ok"


def test_a_store_that_fails_behind_a_first_look_is_told(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise StoreError("The disk has gone.")

    monkeypatch.setattr(preflight_local, "kept_in", broken)
    assert found(runner.preflight(), "store")["said"] == "The disk has gone."
