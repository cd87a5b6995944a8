# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_preflight, whole, against the simulator: what is right, and several things wrong at once."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import preflight
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner

NAMES = ["python", "store", "lock", "dns", "reach", "tls", "clock", "token", "account"]
WRONG_KEY = "KK" + "f" * 32


def verdicts(report: Report) -> Dict[str, str]:
    """The verdicts by name, after a look at what every report must hold."""
    checks = report.result["checks"]
    assert [check["name"] for check in checks] == NAMES
    assert report.result["ready"] is (report.failure is None) is all(c["verdict"] != "failed" for c in checks)
    assert len(report.result["table"]) >= len(NAMES) + 2
    return {check["name"]: check["verdict"] for check in checks}


def calls(runner: Runner) -> List[str]:
    """What was sent."""
    return [record["call"] for record in runner.simulator.requests()]


def test_all_is_well_and_the_one_token_is_stored(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    report = runner.preflight()
    assert verdicts(report) == {name: "skipped" if name == "tls" else "ok" for name in NAMES}
    assert calls(runner) == ["probe", "generate", "probe"]
    result = report.result
    assert (result["changed"], result["generated"], result["requests_sent"]) == (True, True, 3)
    assert (result["auth_setting"], abs(result["clock_offset"]) <= 1) == ("TOKEN_AUTH", True)
    assert (result["generations_last_hour"], result["generations_left"]) == (1, 9)
    assert result["next_generation_at"] is None
    assert not runner.token().result["changed"]  # it was stored
    assert runner.token().result["expires_at"] == result["token_expires_at"]


def test_a_stored_token_is_tried_and_none_generated(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.token()
    runner.simulator.forget_requests()
    report = runner.preflight()
    assert verdicts(report)["token"] == verdicts(report)["account"] == "ok"
    assert (report.result["changed"], report.result["requests_sent"]) == (False, 2)
    assert calls(runner) == ["probe", "probe"]


def test_the_key_goes_to_no_host_before_it_has_answered(runner: Runner) -> None:
    runner.preflight()
    first, *others = runner.simulator.requests()
    assert (first["credentials"], first["body"]) == ({}, {})
    assert all(len(record["credentials"]) == 1 for record in others)


@pytest.mark.parametrize("stored", [False, True])
def test_check_mode_looks_at_what_lies_here_and_sends_nothing(
    runner_on_each_engine: Runner, stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = runner_on_each_engine
    if stored:
        runner.token()
        runner.simulator.forget_requests()
    if runner.location.directory:
        monkeypatch.setattr(socket, "getaddrinfo", None)  # no name is looked up either
    report = runner.preflight(check_mode=True)
    found = verdicts(report)
    assert {name for name in NAMES if found[name] == "skipped"} == {
        *("dns", "reach", "tls", "clock", "account"),
        *([] if stored else ["token"]),
    }
    assert (report.result["changed"], report.result["requests_sent"], calls(runner)) == (False, 0, [])
    if runner.location.directory and not stored:
        assert not os.path.exists(runner.location.directory)


def test_everything_that_is_wrong_is_told_at_once(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setitem(sys.modules, "requests", None)
    report = runner.preflight(state_store=str(tmp_path / "file"), domain="https://nowhere.invalid")
    found = verdicts(report)
    assert {name for name in NAMES if found[name] == "failed"} == {"python", "store", "dns"}
    assert {name for name in NAMES if found[name] == "skipped"} == {"lock", "reach", "tls", "clock", "token", "account"}
    assert report.failure == (
        "A run could not work. Failed: python, store, dns. Not looked at: lock, reach, tls, clock, token, account."
    )
    assert (tmp_path / "file").read_text() == ""


def test_with_a_broken_store_all_else_is_looked_at_and_no_token_lost(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    runner.simulator.advance(100)
    report = runner.preflight(state_store=str(tmp_path / "file"))
    found = verdicts(report)
    assert {name: found[name] for name in ("store", "reach", "clock", "token", "account")} == {
        "store": "failed",
        "reach": "ok",
        "clock": "warning",
        "token": "skipped",
        "account": "ok",
    }
    assert calls(runner) == ["probe", "probe"]
    assert report.result["auth_setting"] == "TOKEN_AUTH"
    assert report.result["generations_left"] is None


def test_a_store_that_cannot_be_had_and_an_account_in_the_other_setting(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    runner.simulator.set(auth_mode="BASIC_AUTH")
    report = runner.preflight(state_store=str(tmp_path / "file"))
    assert verdicts(report)["account"] == "failed"
    assert report.result["auth_setting"] == "BASIC_AUTH"
    assert runner.simulator.generated == 0


@pytest.mark.parametrize(
    ("auth", "setting", "requests"),
    [("token", "BASIC_AUTH", ["probe", "generate"]), ("api_key", "TOKEN_AUTH", ["probe", "probe"])],
)
def test_a_setting_that_does_not_fit_is_told_with_the_two_ways_out(
    runner: Runner, auth: str, setting: str, requests: List[str]
) -> None:
    runner.simulator.set(auth_mode=setting)
    report = runner.preflight(auth=auth)
    assert verdicts(report)["account"] == "failed"
    assert report.result["auth_setting"] == setting
    account = report.result["checks"][-1]
    assert f"is {setting}" in account["said"] + account["advice"]
    assert f"use auth={'api_key' if auth == 'token' else 'token'}" in account["advice"]
    assert calls(runner) == requests


def test_a_wrong_key_costs_one_request_and_is_not_tried_again(runner: Runner) -> None:
    report = runner.preflight(api_key=WRONG_KEY)
    found = verdicts(report)
    assert (found["token"], found["account"]) == ("failed", "skipped")
    assert calls(runner) == ["probe", "generate"]
    assert "Invalid userName or apiKey" in report.result["checks"][-2]["said"]


def test_bad_options_are_told_before_anything_is_looked_at(runner: Runner) -> None:
    report = runner.preflight(username=None, timeout=0.0, domain="http://ccaas.example.com")
    assert [fault["where"] for fault in report.result["faults"]] == ["domain", "username", "timeout"]
    assert "checks" not in report.result
    assert calls(runner) == []


@pytest.mark.parametrize("name", ["reach", "obtained", "try_account"])
def test_what_nobody_foresaw_in_one_check_ends_no_other(
    runner: Runner, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> Any:
        raise LookupError(WRONG_KEY)

    monkeypatch.setattr(preflight, name, broken)
    report = runner.preflight()
    assert [check["name"] for check in report.result["checks"] if check["verdict"] == "failed"]
    assert "LookupError" in json.dumps(report.result)
    assert WRONG_KEY not in json.dumps(report.result)


def test_no_secret_is_told(runner: Runner) -> None:
    token = runner.token().secret_result["token"]
    runner.simulator.fault("echo_secrets", call="probe", times=10)
    report = runner.preflight()
    assert "********" in json.dumps(report.result)
    assert token not in json.dumps(report.result)
    runner.simulator.fault("redirect", call="probe", location="https://{credential}.example.com/")
    runner.simulator.fault("echo_secrets", call="generate")
    told = json.dumps([runner.preflight(auth="api_key").result, runner.preflight(state_store="none").result])
    assert runner.options["api_key"] not in told
