# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which token a preflight tries, and when it generates one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, Dict

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import preflight_token
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError, StoreUnavailable
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.expiry import utc_text
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.tokens import (
    TokenBroker,
    account_key,
    token_lock,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened


def _token(report: Report) -> Dict[str, str]:
    return next(check for check in report.result["checks"] if check["name"] == "token")


def _used_up(runner: Runner) -> None:
    for _count in range(10):
        runner.token(force=True)
    runner.token(state="absent")
    runner.simulator.forget_requests()


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("wait", "verdict"), [(0.0, "failed"), (3000.0, "failed"), (3700.0, "warning")])
def test_without_a_generation_left_it_is_told_when_the_next_one_is_free_and_nobody_waits(
    runner_on_each_engine: Runner, wait: float, verdict: str, check_mode: bool
) -> None:
    runner = runner_on_each_engine
    _used_up(runner)
    report = runner.preflight(check_mode, rate_limit_wait=wait)
    next_at = utc_text(runner.clock.time + 3605)
    assert _token(report)["verdict"] == verdict
    assert f"before {next_at}" in _token(report)["said"]
    assert (report.result["generations_left"], report.result["next_generation_at"]) == (0, next_at)
    assert runner.simulator.requests("generate") == []
    assert runner.clock.slept == []
    if not check_mode:
        assert report.result["auth_setting"] == "TOKEN_AUTH"  # which is found without a token


@pytest.mark.parametrize(("wait", "verdict"), [(0, "failed"), (4000, "warning")])
def test_a_stored_token_that_is_refused_and_cannot_be_replaced_is_told_as_such(
    runner: Runner, wait: float, verdict: str
) -> None:
    for _time in range(10):
        runner.token(force=True)
    runner.simulator.revoke_tokens()
    report = runner.preflight(rate_limit_wait=wait)
    account = next(check for check in report.result["checks"] if check["name"] == "account")
    assert (account["verdict"], report.result["ready"]) == (verdict, verdict == "warning")
    assert verdict == "warning" or "No other can be generated before" in account["advice"]


def test_with_a_token_stored_no_generation_is_needed(runner: Runner) -> None:
    for _count in range(10):
        runner.token(force=True)
    report = runner.preflight()
    assert (report.failure, _token(report)["verdict"]) == (None, "ok")
    assert report.result["generations_left"] == 0


def test_a_stored_token_that_ends_soon_is_as_good_as_none(runner: Runner) -> None:
    runner.token()
    runner.clock.time += 3550
    assert runner.preflight().result["generated"]


@pytest.mark.parametrize(
    ("fault", "more", "says"),
    [
        ("reset_after", {}, "may have counted"),
        ("html", {}, "may have counted"),
        ("status", {"status": 503}, "may have counted"),
        ("status", {"status": 404}, "Check domain"),
        ("status", {"status": 403}, "firewall"),
        ("rate_limited", {}, "10 token generations an hour"),
    ],
)
def test_a_generation_that_fails_is_sent_once_and_told_with_what_to_do(
    runner: Runner, fault: str, more: Dict[str, Any], says: str
) -> None:
    runner.simulator.fault(fault, call="generate", **more)
    report = runner.preflight()
    assert _token(report)["verdict"] == "failed"
    assert says in _token(report)["advice"]
    assert len(runner.simulator.requests("generate")) == 1
    assert report.result["generations_left"] == 9
    assert report.result["auth_setting"] == "TOKEN_AUTH"


def test_another_run_that_was_quicker_leaves_its_token(runner: Runner) -> None:
    def meanwhile(record: Dict[str, Any]) -> None:
        if record["call"] == "probe" and runner.simulator.generated == 0:
            runner.token()

    runner.simulator.server.before_answering = meanwhile
    report = runner.preflight()
    assert report.result["generated"] is False
    assert "another run" in _token(report)["said"]
    assert runner.simulator.generated == 1


@pytest.mark.parametrize(
    ("error", "named", "verdict"),
    [(StoreError, True, "failed"), (StoreUnavailable, True, "failed"), (StoreUnavailable, False, "skipped")],
)
def test_a_store_that_cannot_be_opened_to_write_gets_no_token(
    runner: Runner, error: Any, named: bool, verdict: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*arguments: Any) -> Any:
        raise error("The disk is full.")

    monkeypatch.setattr(preflight_token, "open_store", broken)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if not named:
        runner.options["state_store"] = None
    report = runner.preflight()
    assert (_token(report)["verdict"], _token(report)["said"]) == (verdict, "The disk is full.")
    assert runner.simulator.generated == 0


def test_a_token_that_could_not_be_stored_is_warned_about(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> Any:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(TokenBroker, "_keep", broken)
    report = runner.preflight()
    assert _token(report)["verdict"] == "warning"
    assert "The disk is full" in _token(report)["said"]
    assert report.result["generated"] is True


def test_the_store_is_made_when_a_token_is_generated_and_not_before(runner: Runner) -> None:
    runner.simulator.fault("redirect", call="probe", location="https://elsewhere.example.com/")
    runner.preflight()
    assert not os.path.exists(str(runner.location.directory))
    runner.preflight()
    assert os.path.exists(str(runner.location.directory))


def test_a_lock_that_another_run_holds_for_too_long_is_told_with_its_holder(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    key = account_key(runner.options["domain"], runner.options["username"], runner.options["api_key"])
    with contextlib.closing(opened(runner.location)) as store, store.lock(token_lock(key), 1.0):
        report = runner.preflight(lock_timeout=0.0)
    assert _token(report)["verdict"] == "failed"
    assert f"process {os.getpid()}" in _token(report)["said"]
    assert runner.simulator.generated == 0
    assert report.result["auth_setting"] == "TOKEN_AUTH"
