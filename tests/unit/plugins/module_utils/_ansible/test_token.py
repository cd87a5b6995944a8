# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_token, whole, against the simulator."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner


def test_a_token_is_generated_once_and_then_taken_from_the_store(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    first, second = runner.token(), runner.token()
    assert (first.result["changed"], second.result["changed"]) == (True, False)
    assert first.secret_result == second.secret_result
    assert first.result["expires_at"] == second.result["expires_at"]
    assert runner.simulator.generated == 1


@pytest.mark.parametrize("field", ["token", "authToken", "data.token", "data.authToken"])
@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_the_token_is_found_wherever_it_stands(runner: Runner, field: str, form: str) -> None:
    runner.simulator.set(token_field=field, token_form=form, token_message="beside it")
    assert len(runner.token().secret_result["token"]) > 20


def test_min_validity_decides_whether_the_stored_one_will_do(runner: Runner) -> None:
    runner.token()
    runner.clock.time += 3000
    assert not runner.token(min_validity=500).result["changed"]
    assert runner.token(min_validity=700).result["changed"]


def test_check_mode_tells_what_it_would_do_and_does_nothing(runner: Runner) -> None:
    assert runner.token(check_mode=True).result["changed"]
    assert runner.simulator.requests() == []
    runner.token()
    assert not runner.token(check_mode=True).result["changed"]
    assert runner.token(check_mode=True, force=True).result["changed"]
    assert runner.token(check_mode=True, state="absent").result["changed"]
    assert not runner.token().result["changed"]  # absent in check mode forgot nothing
    assert runner.simulator.generated == 1


def test_absent_forgets(runner: Runner) -> None:
    runner.token()
    assert runner.token(state="absent").result["changed"]
    assert not runner.token(state="absent").result["changed"]


@pytest.mark.parametrize("status", [200, 401])
def test_wrong_credentials_are_told_with_what_to_check(runner: Runner, status: int) -> None:
    runner.simulator.set(generation_failure_status=status)
    report = runner.token(api_key="KK" + "f" * 32)
    assert report.failure is not None
    assert "Invalid userName or apiKey" in report.failure
    assert "username" in report.failure
    assert len(runner.simulator.requests()) == 1


@pytest.mark.parametrize("status", [200, 429])
def test_a_limit_that_others_used_up_is_told_with_the_time(runner: Runner, status: int) -> None:
    runner.simulator.set(generation_limit_status=status)
    for _count in range(10):
        runner.token(force=True, state_store="none")
    report = runner.token()
    assert report.failure is not None
    assert "free at" in report.failure
    assert len(runner.simulator.requests()) == 11  # the record of this store did not know of the ten


@pytest.mark.parametrize("fault", ["reset_after", "truncated", "html", "oversized", "redirect"])
def test_a_generation_without_a_usable_answer_is_not_repeated(runner: Runner, fault: str) -> None:
    runner.simulator.fault(fault, call="generate")
    assert runner.token().failure is not None
    assert len(runner.simulator.requests()) == 1
    assert runner.token().failure is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"min_validity": 3501}, "min_validity: 3501"),
        ({"auth": "api_key"}, "auth: is api_key, which needs no token"),
        ({"state": "absent", "force": True}, "force: can only be used with state=present"),
    ],
)
def test_bad_options_are_told_before_anything_is_sent(runner: Runner, options: Dict[str, Any], says: str) -> None:
    report = runner.token(**options)
    assert report.failure is not None
    assert says in report.failure
    assert runner.simulator.requests() == []


def test_a_default_store_that_cannot_be_written_is_done_without_and_warned_about(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    report = runner.token(state_store=None)
    assert report.failure is None
    assert any("without a store" in warning for warning in report.warnings)


def test_no_secret_stands_in_a_file_name(runner: Runner) -> None:
    token = runner.token().secret_result["token"]
    names = " ".join(os.path.basename(path) for path in Path(runner.options["state_store"]).iterdir())
    assert names
    assert token not in names
    assert runner.options["api_key"] not in names
