# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_block_group, whole, against the simulator."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import block_group
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.runs import RunRecord, last_runs
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import lock_of
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

NUMBERS = [f"99999{n:05d}" for n in range(1, 251)]
FEW = NUMBERS[:5]
# What the simulator is told to refuse for its form.
BAD = ["1400000001", "1400000002", "1400000003"]
REFUSED = "140.*"


@pytest.fixture
def runner(runner_on_each_engine: Runner) -> Runner:
    """Runs tasks with a store on each engine."""
    return runner_on_each_engine


@pytest.fixture
def runner_on_sqlite(simulator: Simulator, tmp_path: Path) -> Runner:
    """Runs tasks with a store on SQLite, where the engine makes no difference or the store is a folder."""
    return Runner(simulator, Location(directory=str(tmp_path / "state")))


def _outcomes(result: Dict[str, Any], outcome: str) -> List[str]:
    return [item["number"] for item in result["numbers"] if item["outcome"] == outcome]


SWITCHES = list(
    itertools.product(
        ("refuse", "second", "merge"),
        ("truthful", "full", "absent"),
        ("string", "any"),
        # A number that create names under succes is blocked; of one that it does not name nothing is known (C4).
        (("succes", True), ("error", True), ("error", False), ("nowhere", True), ("nowhere", False)),
        ("succes", "error", "nowhere"),
    )
)


def _switches(row: Any) -> Dict[str, Any]:
    duplicate, counters, accepts, (confirms, blocks), present = row
    return {
        "duplicate_group": duplicate,
        "counters": counters,
        "create_accepts": accepts,
        "create_confirms": confirms,
        "create_blocks": blocks,
        "present_listed": present,
    }


@pytest.mark.parametrize("row", SWITCHES, ids=lambda row: "-".join(map(str, row)))
def test_a_second_run_changes_nothing_whatever_the_switches_when_there_is_a_ledger(
    runner_on_sqlite: Runner, row: Any
) -> None:
    runner_on_sqlite.simulator.set(**_switches(row))
    runner_on_sqlite.wire = InProcess(runner_on_sqlite.simulator)
    first = runner_on_sqlite.group(block_numbers=FEW)
    assert first.failure is None
    assert first.result["changed"]
    assert sorted(runner_on_sqlite.simulator.numbers("Nuisance")) == [f"+91{number}" for number in FEW]
    second = runner_on_sqlite.group(block_numbers=FEW)
    assert second.failure is None
    assert not second.result["changed"]
    assert len(runner_on_sqlite.simulator.groups()) == 1


@pytest.mark.parametrize("row", SWITCHES, ids=lambda row: "-".join(map(str, row)))
def test_without_a_ledger_the_second_run_is_unchanged_by_true_counters_and_assumed_otherwise(
    runner_on_sqlite: Runner, row: Any
) -> None:
    switches = _switches(row)
    runner_on_sqlite.simulator.set(**switches)
    runner_on_sqlite.wire = InProcess(runner_on_sqlite.simulator)
    assert runner_on_sqlite.group(block_numbers=FEW, state_store="none").result["changed"]
    second = runner_on_sqlite.group(block_numbers=FEW, state_store="none").result
    if switches["counters"] == "truthful":
        assert (second["changed"], second["change_source"]) == (False, "server")
    else:
        assert (second["changed"], second["change_source"]) == (True, "assumed")


@pytest.mark.parametrize("path", ["singular", "plural", "both"])
def test_the_update_path_is_found_and_remembered(runner: Runner, path: str) -> None:
    runner.simulator.set(update_path=path)
    runner.group(block_numbers=FEW)
    runner.simulator.forget_requests()
    runner.group(block_numbers=FEW)
    assert len(runner.simulator.requests()) == 1


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("accepts", ["string", "any"])
def test_without_an_update_call_one_create_is_made_and_never_a_second(
    runner: Runner, accepts: str, status: int
) -> None:
    runner.simulator.set(update_path="none", create_accepts=accepts, missing_endpoint_status=status)
    runner.simulator.set(create_confirms="succes")
    first = runner.group(block_numbers=NUMBERS)
    assert first.failure is not None
    assert first.result["changed"]
    assert first.result["counts"]["not_sent"] == 150
    confirmed = 100 if accepts == "any" else 0
    # Nobody could ask whether there was such a group.
    assert first.result["group"]["created"] is None
    assert first.result["counts"]["present"] == confirmed
    assert first.result["counts"]["unconfirmed"] == 100 - confirmed
    assert len(runner.simulator.numbers("Nuisance")) == confirmed
    second = runner.group(block_numbers=NUMBERS)
    assert second.failure is not None
    assert len(runner.simulator.groups()) == 1


def test_a_long_list_is_sent_in_batches_of_at_most_a_hundred(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    sizes = [len(record["body"]["blockNumbers"]) for record in runner.simulator.requests("update")]
    # The first finds no group; the number that create did not confirm goes alone; one is sent again to see how the
    # account answers.
    assert sizes == [100, 1, 99, 1, 100, 50]
    assert len(runner.simulator.numbers("Nuisance")) == 250


def test_the_group_is_created_with_one_number_in_the_documented_form(runner: Runner) -> None:
    runner.group(block_numbers=FEW, expiry_date="2099-12-31 23:59:59")
    (create,) = runner.simulator.requests("create")
    assert create["body"] == {
        "userName": "demo_user",
        "name": "Nuisance",
        "description": "Reported",
        "expiryDate": "2099-12-31 23:59:59",
        "blockNumbers": FEW[0],
    }


def test_bad_numbers_are_bisected_until_they_stand_alone(runner: Runner) -> None:
    bad = BAD[:2]
    runner.simulator.set(refused_numbers=REFUSED)
    report = runner.group(block_numbers=NUMBERS[:60] + bad + NUMBERS[60:])
    assert report.failure is not None
    assert "entry 61" in report.failure
    assert report.result["changed"]
    assert _outcomes(report.result, "rejected") == bad
    assert report.result["counts"]["added"] == 250
    assert len(runner.simulator.numbers("Nuisance")) == 250


def test_a_list_of_bad_numbers_only_makes_no_group(runner: Runner) -> None:
    runner.simulator.set(refused_numbers=REFUSED)
    report = runner.group(block_numbers=BAD)
    assert report.result["counts"]["rejected"] == 3
    assert not report.result["changed"]
    assert runner.simulator.groups() == []


@pytest.mark.parametrize("present", ["succes", "nowhere"])
def test_a_bad_number_listed_alone_is_rejected_where_present_numbers_do_not_stand_under_error(
    runner: Runner, present: str
) -> None:
    runner.simulator.set(malformed="list_alone", refused_numbers=REFUSED, present_listed=present)
    runner.simulator.set(create_confirms="succes")
    report = runner.group(block_numbers=[*FEW, BAD[0]])
    assert report.failure is not None
    assert _outcomes(report.result, "rejected") == BAD[:1]
    assert report.result["counts"]["added"] == 5


def test_a_bad_number_is_unconfirmed_where_present_numbers_stand_under_error_too(runner: Runner) -> None:
    runner.simulator.set(malformed="list_alone", refused_numbers=REFUSED)
    runner.simulator.set(present_listed="error", create_confirms="succes")
    report = runner.group(block_numbers=[*FEW, BAD[0]])
    assert report.failure is None
    assert _outcomes(report.result, "unconfirmed") == BAD[:1]
    assert any("not confirmed" in warning for warning in report.warnings)


def test_counters_that_are_never_true_are_found_out_and_the_ledger_decides(runner: Runner) -> None:
    runner.simulator.set(counters="full")
    runner.group(block_numbers=FEW)
    second = runner.group(block_numbers=FEW).result
    assert (second["changed"], second["change_source"]) == (False, "ledger")
    runner.simulator.forget_requests()
    third = runner.group(block_numbers=FEW).result
    assert (third["changed"], third["change_source"]) == (False, "ledger")
    assert len(runner.simulator.requests("update")) == 1  # known by now: no probe


def test_numbers_removed_behind_our_back_come_back_and_the_server_tells_how_many(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.take_away("Nuisance", FEW[:2])
    again = runner.group(block_numbers=FEW).result
    assert again["changed"]
    assert again["change_source"] == "server"
    assert again["counts"]["present"] == 5  # the server does not say which two were new
    assert again["server_counts"] == {"inserted": 2, "deleted": None}
    assert len(runner.simulator.numbers("Nuisance")) == 5


def test_a_converged_task_without_refresh_sends_nothing_and_asks_for_no_token(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.revoke_tokens()
    runner.simulator.forget_requests()
    again = runner.group(block_numbers=FEW, refresh=False).result
    assert (again["changed"], again["change_source"], again["requests_sent"]) == (False, "ledger", 0)
    assert runner.simulator.requests() == []


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_check_mode_sends_nothing(runner: Runner, state: str, recorded: bool) -> None:
    if recorded:
        runner.group(block_numbers=FEW)
    runner.simulator.set(read_only=True)
    runner.simulator.forget_requests()
    report = runner.group(check_mode=True, block_numbers=NUMBERS, state=state)
    assert report.failure is None
    assert report.result["changed"]
    assert report.result["change_source"] == ("ledger" if recorded else "assumed")
    assert runner.simulator.requests() == []


def test_check_mode_makes_no_store(runner_on_sqlite: Runner) -> None:
    runner_on_sqlite.group(check_mode=True, block_numbers=FEW)
    assert not Path(runner_on_sqlite.options["state_store"]).exists()


def test_exempt_numbers_are_never_sent_however_they_are_written(runner: Runner) -> None:
    report = runner.group(block_numbers=FEW, exempt_numbers=["+91 99999 00001", "099999-00002"])
    assert _outcomes(report.result, "exempt") == FEW[:2]
    sent = str([record["body"] for record in runner.simulator.requests()])
    assert "9999900001" not in sent
    assert "9999900002" not in sent


@pytest.mark.parametrize("scope", ["by_name", "needs_id", "account_wide"])
@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
@pytest.mark.parametrize("store", [None, "none"])
def test_numbers_are_removed_however_the_server_wants_it(runner: Runner, scope: str, counters: str, store: Any) -> None:
    runner.simulator.set(delete_scope=scope, counters=counters)
    more = {"state_store": store} if store else {}
    runner.group(block_numbers=FEW, **more)
    removed = runner.group(state="absent", block_numbers=FEW[:2], **more)
    assert removed.failure is None
    assert removed.result["changed"]
    outcome = "removed" if counters == "truthful" or store is None else "absent"
    assert removed.result["counts"][outcome] == 2
    assert sorted(runner.simulator.numbers("Nuisance")) == [f"+91{number}" for number in FEW[2:]]
    again = runner.group(state="absent", block_numbers=FEW[:2], **more)
    assert again.failure is None
    # Without a record, and where the server insists on the id, it may change the description to ask for that.
    known = store is None or (counters == "truthful" and scope != "needs_id")
    assert again.result["changed"] is not known
    assert (again.result["change_source"] == "assumed") is not known
    assert len(runner.simulator.numbers("Nuisance")) == 3


def test_removing_from_a_group_that_does_not_exist_changes_nothing_and_makes_none(runner: Runner) -> None:
    report = runner.group(state="absent", block_numbers=FEW)
    assert report.failure is None
    assert not report.result["changed"]
    assert report.result["counts"]["not_found"] == 5
    assert runner.simulator.groups() == []


def test_a_number_that_a_lost_create_may_have_moved_is_no_longer_certain_in_the_group_that_held_it(
    runner: Runner,
) -> None:
    runner.simulator.set(unique_numbers="move", present_listed="error", create_confirms="succes")
    assert runner.group(name="Fraud", block_numbers=FEW[:1]).failure is None
    runner.simulator.fault("status", call="create", status=200, body="null", commit=True)
    report = runner.group(block_numbers=FEW[:1])
    assert [row["outcome"] for row in report.result["numbers"]] == ["unconfirmed"]
    assert runner.simulator.numbers("Nuisance") == [f"+91{FEW[0]}"]
    groups = runner.info(include_numbers=True).result["groups"]
    (fraud,) = [group for group in groups if group["name"] == "Fraud"]
    assert {row["number"]: row["state"] for row in fraud["numbers"]} == {FEW[0]: "unconfirmed"}


@pytest.mark.parametrize(
    ("counters", "outcome", "source"), [("full", "absent", "assumed"), ("truthful", "removed", "server")]
)
def test_what_was_removed_by_the_id_is_told_though_there_is_no_such_group_after_that(
    runner: Runner, counters: str, outcome: str, source: str
) -> None:
    runner.simulator.set(counters=counters, delete_scope="needs_id")
    assert runner.group(block_numbers=FEW[:1]).failure is None
    words = '{"status": "error", "message": "Invalid group id"}'
    runner.simulator.fault("status", call="update", status=200, body=words, content_type="application/json")
    report = runner.group(block_numbers=[], purge=True, allow_empty=True)
    assert [row["outcome"] for row in report.result["numbers"]] == [outcome]
    assert (report.result["changed"], report.result["change_source"]) == (True, source)
    assert runner.simulator.numbers("Nuisance") == []


def test_a_group_that_goes_while_a_run_is_at_it_is_not_told_as_there(runner: Runner) -> None:
    assert runner.group(block_numbers=NUMBERS[:30]).failure is None
    words = '{"status": "error", "message": "Invalid group id"}'
    answer = {"status": 200, "body": words, "content_type": "application/json"}
    runner.simulator.fault("status", call="update", after=1, times=9, **answer)
    report = runner.group(block_numbers=NUMBERS[:50], refresh=False, batch_size=10)
    assert report.failure is not None and "Invalid group id" in report.failure
    counts = report.result["counts"]
    assert (counts["added"], counts["unconfirmed"], counts["not_sent"], counts["already_present"]) == (0, 40, 10, 0)
    assert (report.result["changed"], report.result["change_source"]) == (True, "server")
    runner.simulator.server.faults.faults.clear()
    runner.simulator.delete_group("Nuisance")
    assert runner.info().result["groups"][0]["counts"]["present"] == 0
    again = runner.group(block_numbers=NUMBERS[:50], refresh=False)
    assert (again.failure, again.result["counts"]["added"]) == (None, 50)


@pytest.mark.parametrize("parallel", [1, 8])
def test_a_group_that_was_made_anew_in_the_console_is_sent_all_numbers(runner: Runner, parallel: int) -> None:
    assert runner.group(block_numbers=NUMBERS[:30]).failure is None
    runner.simulator.delete_group("Nuisance")
    runner.simulator.preset("Another", [])
    runner.simulator.preset("Nuisance", NUMBERS[:3])
    report = runner.group(block_numbers=NUMBERS[:50], refresh=False, batch_size=10, parallel=parallel)
    assert (report.failure, report.result["group"]["id"]) == (None, runner.simulator.groups()[-1].id)
    counts = report.result["counts"]
    assert (counts["added"], counts["present"]) == (40, 10)  # which of the batch with these three were new is not told
    assert len(runner.simulator.numbers("Nuisance")) == 50
    assert runner.group(block_numbers=NUMBERS[:50], refresh=False).result["requests_sent"] == 0


def test_a_create_whose_answer_was_lost_is_not_repeated(runner: Runner) -> None:
    runner.simulator.fault("reset_after", call="create")
    report = runner.group(block_numbers=FEW)
    assert report.failure is None
    assert report.result["group"]["created"]
    assert report.result["counts"]["added"] == 5
    assert len(runner.simulator.requests("create")) == 1
    assert len(runner.simulator.groups()) == 1


@pytest.mark.parametrize("fault", ["reset_before", "status", "truncated"])
def test_a_create_that_may_not_have_landed_fails_clearly_and_the_next_run_goes_on(runner: Runner, fault: str) -> None:
    runner.simulator.fault(fault, call="create", status=502)
    if fault == "truncated":
        runner.simulator.fault(
            "status",
            call="update",
            after=1,
            status=200,
            content_type="application/json",
            body='{"status":"error","message":"Invalid group id"}',
        )
    report = runner.group(block_numbers=FEW)
    assert report.failure is not None
    assert "most likely not made" in report.failure
    assert (report.result["counts"]["unconfirmed"], report.result["counts"]["not_sent"]) == (1, 4)
    assert report.result["group"]["created"] is None
    assert (report.result["changed"], report.result["change_source"]) == (True, "assumed")
    assert len(runner.simulator.requests("create")) == 1
    assert runner.group(block_numbers=FEW).failure is None
    assert len(runner.simulator.groups()) == 1


@pytest.mark.parametrize("words", ["Invalid group id", "No such group name", "Record not found"])
@pytest.mark.parametrize("http", [200, 400])
def test_a_missing_group_is_made_whatever_the_words_for_it(runner: Runner, words: str, http: int) -> None:
    runner.simulator.set(unknown_group_words=words, error_http=http)
    assert runner.group(block_numbers=FEW).failure is None
    assert len(runner.simulator.numbers("Nuisance")) == 5


def test_an_unknown_refusal_reports_both_answers_when_create_is_refused_too(runner: Runner) -> None:
    runner.simulator.preset("Nuisance", [])
    for _count in range(2):
        runner.simulator.fault(
            "status",
            call="update",
            status=200,
            content_type="application/json",
            body='{"status":"error","message":"Strange words"}',
        )
    report = runner.group(block_numbers=FEW)
    assert report.failure is not None
    assert "Strange words" in report.failure
    assert "Group name already exists" in report.failure


def test_an_unknown_refusal_makes_no_group_where_one_is_recorded(runner: Runner) -> None:
    runner.simulator.set(duplicate_group="second")
    runner.group(block_numbers=FEW)
    runner.simulator.fault(
        "status",
        call="update",
        status=200,
        content_type="application/json",
        body='{"status":"error","message":"Strange words"}',
    )
    assert runner.group(block_numbers=NUMBERS).failure is not None
    assert len(runner.simulator.groups()) == 1


def test_a_failure_in_the_middle_tells_what_was_done_and_what_was_not(runner: Runner) -> None:
    runner.simulator.fault("status", call="update", after=4, times=9, status=404)
    report = runner.group(block_numbers=NUMBERS)
    assert report.failure is not None
    assert "HTTP 404" in report.failure
    assert report.result["changed"]
    assert (report.result["counts"]["added"], report.result["counts"]["not_sent"]) == (100, 150)
    runner.simulator.server.faults.faults.clear()
    runner.simulator.forget_requests()
    again = runner.group(block_numbers=NUMBERS, refresh=False).result
    assert (again["counts"]["added"], again["counts"]["already_present"]) == (150, 100)


def test_a_batch_whose_answer_is_lost_for_good_is_unconfirmed_and_changed_is_assumed(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.fault("reset_after", call="update", times=9)
    report = runner.group(block_numbers=NUMBERS[:20])
    assert report.failure is not None
    assert report.result["changed"]
    assert report.result["change_source"] == "assumed"
    assert report.result["counts"]["unconfirmed"] > 0


def test_5xx_and_lost_answers_of_update_are_tried_again_a_few_times(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    for fault in ({"kind": "status", "status": 503}, {"kind": "reset_before"}, {"kind": "truncated"}):
        runner.simulator.fault(call="update", **fault)
    again = runner.group(block_numbers=FEW)
    assert again.failure is None
    assert again.result["requests_sent"] == 4
    assert runner.clock.slept == [0.5, 1.0, 2.0]


def test_a_limit_is_waited_for_within_the_budget_of_the_task(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.set(retry_after="7")
    runner.simulator.fault("rate_limited", call="update", times=2)
    assert runner.group(block_numbers=FEW, rate_limit_wait=20.0).failure is None
    assert runner.clock.slept == [7.0, 7.0]
    runner.simulator.fault("rate_limited", call="update", times=3)
    report = runner.group(block_numbers=FEW, rate_limit_wait=20.0)
    assert report.failure is not None
    assert "rate_limit_wait" in report.failure


def test_a_token_revoked_in_the_middle_costs_exactly_one_more(runner: Runner) -> None:
    runner.simulator.fault("revoke_tokens", call="update", after=2)
    assert runner.group(block_numbers=NUMBERS).failure is None
    assert runner.simulator.generated == 2


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize(
    "words",
    ["Token Expired", "Invalid Token", "Invalid User Details", "Authentication failed", "Missing userName or apiKey"],
)
def test_a_refused_token_is_replaced_once_whatever_the_words(runner: Runner, words: str, status: int) -> None:
    runner.simulator.set(auth_failure_words=words, auth_failure_status=status)
    runner.group(block_numbers=FEW)
    runner.simulator.revoke_tokens()
    assert runner.group(block_numbers=FEW).failure is None
    assert runner.simulator.generated == 2


def test_a_server_that_refuses_every_token_is_asked_twice_and_then_believed(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.fault("revoke_tokens", call="update", times=9)
    report = runner.group(block_numbers=FEW)
    assert report.failure is not None
    assert runner.simulator.generated == 2


def test_a_given_token_is_used_as_it_is_and_never_renewed(runner: Runner) -> None:
    token = runner.token().secret_result["token"]
    assert runner.group(block_numbers=FEW, api_key=None, token=token, state_store="none").failure is None
    runner.simulator.revoke_tokens()
    report = runner.group(block_numbers=FEW, api_key=None, token=token, state_store="none")
    assert report.failure is not None
    assert "option token" in report.failure
    assert runner.simulator.generated == 1


def test_the_api_key_itself_is_sent_where_the_account_is_in_basic_auth(runner: Runner) -> None:
    runner.simulator.set(auth_mode="BASIC_AUTH")
    assert runner.group(block_numbers=FEW, auth="api_key").failure is None
    assert runner.simulator.generated == 0
    assert {tuple(record["credentials"]) for record in runner.simulator.requests()} == {("apiKey",)}


def test_a_wrong_id_given_by_the_user_is_noticed(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    report = runner.group(block_numbers=FEW, group_id=7)
    assert report.failure is not None
    assert "id 20" in report.failure


def test_the_report_has_every_number_also_after_a_failure(runner: Runner, tmp_path: Path) -> None:
    runner.simulator.fault("status", call="update", after=3, times=9, status=404)
    path = tmp_path / "report.csv"
    assert runner.group(block_numbers=NUMBERS, report_path=str(path)).failure is not None
    lines = path.read_text().splitlines()
    assert len(lines) == 251
    assert [sum(f",{outcome}," in line for line in lines) for outcome in ("added", "not_sent")] == [100, 150]


def test_removals_are_sent_with_the_id_once_it_is_known_and_always_with_the_name(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.group(state="absent", block_numbers=FEW[:1])
    body = runner.simulator.requests("delete")[0]["body"]
    assert (body["id"], body["groupName"]) == (20, "Nuisance")


# -- purge, shared numbers, guard rails --------------------------------------------------------------------------------


def test_purge_removes_what_the_list_no_longer_names_and_nothing_foreign(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.server.account.groups[0].numbers.append("+919999900099")  # put there in the web console
    report = runner.group(block_numbers=FEW[:3], purge=True)
    assert report.failure is None
    assert report.result["counts"]["removed"] == 2
    assert sorted(runner.simulator.numbers("Nuisance")) == [
        "+919999900001",
        "+919999900002",
        "+919999900003",
        "+919999900099",
    ]


@pytest.mark.parametrize("call", ["update", "delete"])
def test_purge_takes_what_was_sent_once_and_lost(runner: Runner, call: str) -> None:
    runner.group(block_numbers=FEW[:2])
    if call == "update":  # the third number is on the server, and nobody has said so
        runner.simulator.fault("reset_after", call="update", times=9)
        runner.group(block_numbers=FEW[:3], refresh=False)
    else:  # the second was to be removed, and nobody has said anything
        runner.simulator.fault("reset_before", call="delete", times=9)
        runner.group(block_numbers=FEW[:1], purge=True, refresh=False)
    runner.simulator.server.faults.faults.clear()
    assert len(runner.simulator.numbers("Nuisance")) == (3 if call == "update" else 2)
    assert runner.group(block_numbers=FEW[:1], purge=True).failure is None
    assert runner.simulator.numbers("Nuisance") == [f"+91{FEW[0]}"]
    runner.simulator.forget_requests()
    assert runner.group(block_numbers=FEW[:1], purge=True, refresh=False).result["requests_sent"] == 0


def test_purge_leaves_what_was_only_named_and_not_confirmed(runner: Runner) -> None:
    """The server lists it under error: it was there before, or is not taken at all."""
    runner.simulator.set(present_listed="error", create_confirms="succes", counters="truthful")
    runner.group(block_numbers=FEW[:1])
    runner.simulator.put_in("Nuisance", FEW[1:2])
    assert runner.group(block_numbers=FEW[:2]).result["counts"]["unconfirmed"] == 1
    runner.group(block_numbers=FEW[:1], purge=True)
    assert runner.simulator.numbers("Nuisance") == [f"+91{number}" for number in FEW[:2]]


def test_a_shared_number_that_was_removed_elsewhere_too_can_still_be_purged(runner: Runner) -> None:
    runner.group(block_numbers=FEW[:2])
    runner.group(name="Fraud", block_numbers=FEW[:2])
    runner.group(name="Fraud", block_numbers=FEW[:1], state="absent", remove_shared=True)
    assert runner.simulator.numbers("Nuisance") == [f"+91{number}" for number in FEW[:2]]  # it was removed from one
    assert runner.group(block_numbers=FEW[1:2], purge=True, remove_shared=True).failure is None
    assert runner.simulator.numbers("Nuisance") == [f"+91{FEW[1]}"]


def test_purge_spares_a_number_that_is_only_written_in_another_way(runner: Runner) -> None:
    runner.group(block_numbers=["9999900001", "9999900002"])
    report = runner.group(block_numbers=["+919999900001"], purge=True)
    assert report.result["counts"]["removed"] == 1
    assert runner.simulator.numbers("Nuisance") == ["+919999900001"]


def test_an_empty_list_is_refused_unless_it_is_allowed(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.forget_requests()
    assert runner.group(block_numbers=[], purge=True).failure is not None
    assert runner.simulator.requests() == []
    assert runner.group(block_numbers=[], purge=True, allow_empty=True).failure is None
    assert runner.simulator.numbers("Nuisance") == []


def test_a_list_of_exempt_numbers_only_does_not_purge_everything(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    report = runner.group(block_numbers=["9999900077"], exempt_numbers=["9999900077"], purge=True)
    assert report.failure is not None
    assert len(runner.simulator.numbers("Nuisance")) == 5


@pytest.mark.parametrize("state", ["present", "absent"])
def test_more_removals_than_allowed_are_refused_before_anything_is_sent(runner: Runner, state: str) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.forget_requests()
    listed = FEW[:1] if state == "present" else FEW[1:]
    options = {"purge": True} if state == "present" else {}
    report = runner.group(block_numbers=listed, state=state, max_removals=3, **options)
    assert report.failure is not None
    assert "max_removals" in report.failure
    assert runner.simulator.requests() == []


@pytest.mark.parametrize("scope", ["by_name", "account_wide"])
def test_a_number_of_another_group_is_not_removed_unless_told_to(runner: Runner, scope: str) -> None:
    runner.simulator.set(delete_scope=scope)
    runner.group(block_numbers=FEW)
    runner.group(name="Fraud", block_numbers=FEW[:1])
    report = runner.group(state="absent", block_numbers=FEW[:2])
    assert report.failure is None
    assert _outcomes(report.result, "shared") == FEW[:1]
    assert report.warnings
    assert "+919999900001" in runner.simulator.numbers("Nuisance")
    assert "+919999900001" in runner.simulator.numbers("Fraud")
    told = runner.group(state="absent", block_numbers=FEW[:2], remove_shared=True)
    assert told.result["counts"]["absent"] == 1  # Fraud was given it since, which may have moved it there
    assert "+919999900001" not in runner.simulator.numbers("Nuisance")
    # The other group is sent the number again without a refresh, since it may be gone from there.
    runner.group(name="Fraud", block_numbers=FEW[:1], refresh=False)
    assert runner.simulator.numbers("Fraud") == ["+919999900001"]


def test_a_shared_number_is_forgotten_in_whatever_form_another_group_has_it(runner: Runner) -> None:
    runner.simulator.set(delete_scope="account_wide")
    runner.group(name="Fraud", block_numbers=["+919999900001"])
    runner.group(block_numbers=["9999900001"])
    runner.group(state="absent", block_numbers=["9999900001"], remove_shared=True)
    assert runner.simulator.numbers("Fraud") == []
    again = runner.group(name="Fraud", block_numbers=["+919999900001"], refresh=False)
    assert again.result["changed"]
    assert runner.simulator.numbers("Fraud") == ["+919999900001"]


# -- expiry ------------------------------------------------------------------------------------------------------------


def test_an_expiry_span_is_set_once_kept_and_renewed_in_time(runner: Runner) -> None:
    policy: Dict[str, Any] = {"block_numbers": FEW, "expires_in": "90d", "renew_before": "14d"}
    first = runner.group(**policy).result["group"]["expiry_date"]
    runner.clock.time += 10 * 86400
    runner.simulator.advance(10 * 86400)
    second = runner.group(**policy)
    assert second.result["group"]["expiry_date"] == first
    assert not second.result["changed"]
    runner.clock.time += 70 * 86400
    runner.simulator.advance(70 * 86400)
    third = runner.group(**policy)
    assert third.result["group"]["expiry_date"] > first
    assert third.result["changed"]
    assert runner.simulator.groups()[0].expiry_date == third.result["group"]["expiry_date"]
    assert not runner.group(**policy).result["changed"]


def test_numbers_whose_recorded_expiry_has_passed_count_as_open(runner: Runner) -> None:
    runner.simulator.set(expired_numbers_vanish=True)
    runner.group(block_numbers=FEW, expires_in="2d")
    runner.clock.time += 3 * 86400
    runner.simulator.advance(3 * 86400)
    predicted = runner.group(check_mode=True, block_numbers=FEW, expires_in="2d", refresh=False).result
    done = runner.group(block_numbers=FEW, expires_in="2d", refresh=False).result
    assert predicted["counts"]["present"] == done["counts"]["added"] == 5


def test_a_changed_description_is_sent_with_one_number_and_is_a_change_by_the_ledger(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.forget_requests()
    report = runner.group(block_numbers=FEW, description="Reported twice", refresh=False).result
    assert (report["changed"], report["change_source"]) == (True, "ledger")
    assert "Reported twice" in report["diff"]["after"]
    assert len(runner.simulator.requests("update")) == 1
    assert runner.simulator.groups()[0].description == "Reported twice"
    assert not runner.group(block_numbers=FEW, description="Reported twice", refresh=False).result["changed"]


def test_the_description_is_taken_from_the_record_when_it_is_not_given(runner: Runner) -> None:
    assert "description" in str(runner.group(block_numbers=FEW, description=None).failure)
    runner.group(block_numbers=FEW)
    assert runner.group(block_numbers=FEW, description=None).failure is None


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "x"}, "name: has a length of 1"),
        ({"block_numbers": ["9.19E+11"]}, "entry 1: '9.19E+11' is in scientific notation"),
        ({"domain": "https://me:secret@cloudagent.example.com"}, "domain: has user information"),
        ({"api_key": "KK 1\n"}, "api_key: has blanks"),
        (
            {"token": "{'token': 'x', 'changed': True}"},
            "give the token in the result of ozonetel_token, not the whole result",
        ),
        ({"domain": "https://cloudagent.example.com/?apiKey=hidden"}, "domain: has user information, a query or"),
        ({"domain": "cloudagent.example.com#hidden"}, "domain: has user information, a query or a fragment"),
        ({"report_path": "/nowhere/report.csv"}, "report_path: the folder /nowhere does not exist"),
        ({"timeout": 0.0}, "timeout: 0 is not between"),
        ({"state_store": "/proc/nowhere"}, "/proc/nowhere"),
    ],
)
def test_bad_input_is_told_before_anything_is_sent(
    runner_on_sqlite: Runner, options: Dict[str, Any], says: str
) -> None:
    report = runner_on_sqlite.group(**{"block_numbers": FEW, **options})
    assert report.failure is not None
    assert says in report.failure
    assert "secret" not in report.failure
    assert not report.result["changed"]
    assert runner_on_sqlite.simulator.requests() == []


def test_an_id_that_is_not_the_recorded_one_is_refused_for_a_removal(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.simulator.forget_requests()
    for options in ({"state": "absent"}, {"purge": True, "refresh": False}):
        report = runner.group(block_numbers=FEW[:2], group_id=7, **options)
        assert "group_id: 7 is given, and the group is on record with the id 20" in str(report.failure)
    assert runner.simulator.requests() == []
    assert runner.group(block_numbers=FEW[:2], state="absent", group_id=20).failure is None


CONVERGED = """
import json, sys
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import RealRunner
report = RealRunner(*sys.argv[1:5]).group(**json.loads(sys.argv[5]))
loaded = sorted(name.rpartition(".")[2] for name in sys.modules)
print(json.dumps([report.failure, report.result["changed"], report.result["requests_sent"], loaded]))
"""


NOT_NEEDED = {"requests", "urllib3", "ssl", "phonenumbers", "psycopg"}
NOT_NEEDED |= {"transport", "client", "workers", "sending", "apply", "judge", "names", "regions", "postgresql"}


def test_a_converged_task_without_refresh_loads_nothing_that_it_does_not_need(runner_on_sqlite: Runner) -> None:
    runner_on_sqlite.group(block_numbers=FEW)
    arguments = [str(runner_on_sqlite.options[name]) for name in ("domain", "username", "api_key", "state_store")]
    options = json.dumps({"block_numbers": FEW, "refresh": False})
    done = subprocess.run(
        [sys.executable, "-c", CONVERGED, *arguments, options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    *told, loaded = json.loads(done.stdout)
    assert told == [None, False, 0]
    assert NOT_NEEDED & set(loaded) == set()
    assert {"ledger", "plan", "sqlite", "block_group"} <= set(loaded)  # these names are what the others would be


# -- the run itself on record ------------------------------------------------------------------------------------------


def _runs(runner: Runner, name: str = "Nuisance") -> List[RunRecord]:
    with contextlib.closing(opened(runner.location)) as store:
        return last_runs(store, runner.account, name, 100)


def test_a_run_is_on_record_before_anything_is_sent_and_ends_with_what_its_report_tells(runner: Runner) -> None:
    wire = InProcess(runner.simulator)
    seen: List[RunRecord] = []

    def sending() -> None:
        seen.extend(_runs(runner))
        runner.clock.time += 1

    wire.before_sending = sending
    runner.wire = wire
    began = runner.clock.time
    result = runner.group(block_numbers=FEW).result
    assert (seen[0].started_at, seen[0].ended_at, seen[0].state, seen[0].counts) == (began, None, "present", {})
    (run,) = _runs(runner)
    assert (run.id, run.started_at, run.ended_at) == (seen[0].id, began, runner.clock.time)
    assert (run.changed, run.change_source, run.error) == (True, "server", None)
    assert (run.counts, run.requests_sent) == (result["counts"], result["requests_sent"])
    assert run.counts["added"] == 5


def test_a_run_that_has_nothing_to_send_is_on_record_too_and_one_in_check_mode_is_not(runner: Runner) -> None:
    runner.group(check_mode=True, block_numbers=FEW)
    assert _runs(runner) == []
    runner.group(block_numbers=FEW)
    runner.clock.time += 60
    runner.group(check_mode=True, block_numbers=FEW)
    runner.group(block_numbers=FEW, refresh=False)
    last, _first = _runs(runner)
    assert (last.changed, last.change_source, last.requests_sent, last.counts["already_present"]) == (
        False,
        "ledger",
        0,
        5,
    )


def test_a_run_that_fails_on_its_way_is_on_record_with_what_it_has_done(runner: Runner) -> None:
    runner.group(block_numbers=FEW[:1])
    runner.clock.time += 60
    runner.simulator.fault("echo_secrets", call="update", after=3, times=99)
    report = runner.group(block_numbers=NUMBERS[:50], batch_size=10)
    assert report.failure is not None
    run = _runs(runner)[0]
    assert run.error == _masked(runner, report.failure)[:1000]
    assert runner.simulator.api_key not in run.error
    assert (run.changed, run.counts) == (True, report.result["counts"])
    assert run.counts["added"] > 0 < run.counts["not_sent"]
    assert run.ended_at is not None


def _masked(runner: Runner, text: str) -> str:
    """A text as the module returns it."""
    return Secrets([runner.simulator.api_key]).mask(text)


def test_what_stops_a_run_before_it_sends_is_on_record_and_bad_options_are_not(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.group(block_numbers=FEW)
    refused: List[Dict[str, Any]] = [{"exempt_numbers": ["nobody"]}, {"keep_removed": "soon"}, {"batch_size": 101}]
    for options in refused:
        assert runner.group(block_numbers=FEW, **options).failure is not None
    assert len(_runs(runner)) == 1
    runner.clock.time += 60
    assert runner.group(block_numbers=FEW[:1], purge=True, max_removals=3).failure is not None
    assert "max_removals: this would remove 4" in str(_runs(runner)[0].error)
    runner.clock.time += 60

    def defect(*_arguments: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(block_group, "draw_up", defect)
    report = runner.group(block_numbers=FEW)
    last = _runs(runner)[0]
    assert "An unexpected error of the class ZeroDivisionError" in str(last.error)
    assert last.error == report.failure
    assert (last.changed, last.change_source, last.counts, last.requests_sent) == (False, None, {}, 0)
    assert last.ended_at == runner.clock.time


def test_a_run_that_waits_for_another_in_vain_is_none(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    with contextlib.closing(opened(runner.location)) as store, store.lock(lock_of("Nuisance", runner.account), 1.0):
        assert "was not free" in str(runner.group(block_numbers=FEW, lock_timeout=0.0).failure)
    assert len(_runs(runner)) == 1


def test_a_run_that_cannot_be_put_on_record_does_the_same_and_tells_the_same(runner: Runner) -> None:
    """Nor does it matter that what is gone cannot be dropped."""
    runner.group(block_numbers=FEW)
    runner.group(state="absent", block_numbers=FEW[:1])
    told = []
    for broken in (["SELECT 1"], ["DROP TABLE runs", "ALTER TABLE notes RENAME TO notes_elsewhere"]):
        tampered(runner.location, *broken)
        runner.clock.time += 100 * 86400
        told.append(runner.group(block_numbers=FEW[1:], parallel=2))
    assert told[0] == told[1]
    assert (told[1].failure, told[1].result["counts"]["already_present"]) == (None, 4)


def test_a_killed_run_has_no_end(runner: Runner) -> None:
    wire = InProcess(runner.simulator)

    def killed() -> None:
        raise KeyboardInterrupt

    wire.before_sending = killed
    runner.wire = wire
    with pytest.raises(KeyboardInterrupt):
        runner.group(block_numbers=FEW)
    (run,) = _runs(runner)
    assert (run.ended_at, run.changed, run.error) == (None, None, None)
