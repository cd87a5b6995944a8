# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_block_group_info: from the ledger only."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import BLOCK_GROUP_INFO
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.expiry import utc_text
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import lock_of
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

FEW = [f"99999{n:05d}" for n in range(1, 6)]


def _running(runner: Runner) -> Dict[str, Any]:
    """The run that is told to be under way on each group."""
    return {group["name"]: group["running"] for group in runner.info().result["groups"]}


def test_it_tells_what_was_recorded_and_sends_nothing(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW, expiry_date="2099-12-31 23:59:59")
    runner.group(state="absent", block_numbers=FEW[:1])
    runner.group(name="Fraud", block_numbers=["9999900009"])
    runner.simulator.forget_requests()
    result = runner.info(include_numbers=True).result
    assert runner.simulator.requests() == []
    assert not result["changed"]
    assert [group["name"] for group in result["groups"]] == ["Fraud", "Nuisance"]
    nuisance = result["groups"][1]
    assert (nuisance["id"], nuisance["description"], nuisance["expiry_date"]) == (20, "Reported", "2099-12-31 23:59:59")
    assert nuisance["counts"]["present"] == 4
    assert nuisance["counts"]["removed"] == 1
    assert [number["state"] for number in nuisance["numbers"]] == [
        "removed",
        "present",
        "present",
        "present",
        "present",
    ]


def test_a_number_that_another_group_was_given_since_is_unconfirmed_in_this_one(runner: Runner) -> None:
    runner.group(block_numbers=FEW[:2])
    runner.group(name="Fraud", block_numbers=FEW[:1])
    states = [group["numbers"] for group in runner.info(include_numbers=True).result["groups"]]
    assert [[number["state"] for number in numbers] for numbers in states] == [["present"], ["unconfirmed", "present"]]
    runner.group(block_numbers=FEW[:2])
    (group,) = runner.info(name="Nuisance").result["groups"]
    assert group["counts"]["present"] == 2


def test_numbers_are_told_on_request_only_and_one_group_can_be_named(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.group(name="Fraud", block_numbers=FEW)
    (group,) = runner.info(name="Fraud").result["groups"]
    assert group["name"] == "Fraud"
    assert "numbers" not in group


@pytest.mark.parametrize(
    ("name", "such_as"), [("Farud", ", such as 'Fraud'"), ("fraud", ", such as 'Fraud'"), ("Quite another", "")]
)
def test_a_name_that_is_not_on_record_is_told_as_that(runner: Runner, name: str, such_as: str) -> None:
    runner.group(block_numbers=FEW)
    runner.group(name="Fraud", block_numbers=FEW)
    result = runner.info(name=name).result
    assert result["groups"] == []
    assert result["msg"] == (
        f"Nothing is recorded of a group named {name!r}; check name. Other groups on record: 2{such_as}."
        " The server was not asked."
    )


def test_what_expires_soon_is_found_and_what_has_expired_is_counted_as_such(runner: Runner) -> None:
    runner.group(block_numbers=FEW, expires_in="5d")
    runner.group(name="Fraud", block_numbers=["9999900009"], expires_in="90d")
    (soon,) = runner.info(expiring_within="7d").result["groups"]
    assert soon["name"] == "Nuisance"
    assert soon["counts"]["expiring"] == 5
    assert runner.info(expiring_within="3d").result["groups"] == []
    runner.clock.time += 6 * 86400
    assert runner.info(expiring_within="7d").result["groups"] == []
    (gone,) = runner.info(name="Nuisance").result["groups"]
    assert (gone["counts"]["present"], gone["counts"]["expired"]) == (0, 5)


def _create_refused(runner: Runner) -> None:
    body = '{"status":"error","message":"Not allowed"}'
    runner.simulator.fault("status", call="create", status=200, times=9, body=body, content_type="application/json")
    assert runner.group(block_numbers=FEW).failure is not None


def _create_lost(runner: Runner) -> None:
    runner.simulator.fault("reset_before", call="create", times=9)
    assert runner.group(block_numbers=FEW).failure is not None


def _killed_at_once(runner: Runner) -> None:
    runner.wire = wire = InProcess(runner.simulator)

    def killed() -> None:
        raise KeyboardInterrupt

    wire.before_sending = killed
    with pytest.raises(KeyboardInterrupt):
        runner.group(block_numbers=FEW)
    runner.wire = None


@pytest.mark.parametrize("failed", [_create_refused, _create_lost, _killed_at_once])
def test_a_group_whose_first_run_failed_is_told_with_why(
    runner_on_each_engine: Runner, failed: Callable[[Runner], None]
) -> None:
    runner = runner_on_each_engine
    began = utc_text(runner.clock.time)
    failed(runner)
    for options in ({}, {"name": "Nuisance"}):
        result = runner.info(runs=5, include_numbers=True, **options).result
        (group,) = result["groups"]
        assert (group["name"], group["seen"], group["id"], group["description"]) == ("Nuisance", False, None, None)
        assert (group["expiry_date"], group["recorded_at"] >= began) == (None, True)
        (run,) = group["runs"]
        assert (run["ended_at"] is None) is (run["error"] is None) is (failed is _killed_at_once)
        assert (result["recorded"]["groups"], result["recorded"]["runs"]) == (1, 1)
    assert runner.info(name="Fraud", runs=5).result["groups"] == []
    assert runner.info(username="somebody_else", runs=5).result["groups"] == []
    runner.simulator.server.faults.faults.clear()
    assert runner.group(block_numbers=FEW).failure is None
    (group,) = runner.info(runs=5).result["groups"]
    assert (group["seen"], group["description"], len(group["runs"])) == (True, "Reported", 2)


def test_a_group_of_which_only_a_removal_knows_is_told_as_not_seen(runner: Runner) -> None:
    runner.group(state="absent", block_numbers=FEW)
    (group,) = runner.info().result["groups"]
    assert (group["seen"], group["id"], group["description"]) == (False, None, None)


def test_the_runs_of_the_numbers_that_are_told_are_told_once_latest_first(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.simulator.preset("Fraud", ["9999900009"])
    runner.group(name="Fraud", block_numbers=["9999900009"])  # which was there before
    runner.clock.time += 60
    times = []
    for name, numbers in (("Nuisance", FEW[:3]), ("Nuisance", FEW), ("Fraud", ["9999900009", "9999900008"])):
        times.append(utc_text(runner.clock.time))
        runner.group(name=name, block_numbers=numbers)
        runner.clock.time += 60
    assert "runs_of_numbers" not in runner.info().result
    result = runner.info(include_numbers=True).result
    told = result["runs_of_numbers"]
    assert [run["started_at"] for run in told] == times[::-1]
    assert {(run["user"], run["machine"]) for run in told} == {(_user(), socket.gethostname())}
    put_there_by = {row["run"] for group in result["groups"] for row in group["numbers"]}
    assert put_there_by == {None, *(run["id"] for run in told)}
    assert [list(run) for run in told] == [["id", "started_at", "user", "machine"]] * 3
    only = runner.info(include_numbers=True, name="Fraud").result
    assert [run["started_at"] for run in only["runs_of_numbers"]] == times[2:]
    tampered(runner.location, "DELETE FROM runs WHERE group_name = 'Fraud'")
    assert runner.info(include_numbers=True, name="Fraud").result["runs_of_numbers"] == []


def test_a_number_is_not_read_to_count_it(runner_on_each_engine: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups may have millions, and whoever asks for one number does not wait for all."""
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW, expiry_date=DATE)
    runner.group(state="absent", block_numbers=FEW[:2])
    monkeypatch.setattr(Ledger, "numbers", None)
    (group,) = runner.info(block_numbers=FEW[:1], runs=5).result["groups"]
    assert (group["counts"]["present"], group["counts"]["removed"]) == (3, 2)


def test_an_empty_place_has_no_groups_and_is_not_made(runner: Runner) -> None:
    assert runner.info().result["groups"] == []


def test_a_run_that_is_under_way_is_told_with_how_far_it_has_come(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW)
    runner.group(name="Fraud", block_numbers=["9999900009"])
    store = opened(runner.location)
    name = lock_of("Nuisance", runner.account)
    with store.lock(name, 1.0):
        running = _running(runner)
        assert running["Fraud"] is None
        assert running["Nuisance"] == {
            "holder": f"process {os.getpid()} on {socket.gethostname()}",
            "since": "2027-01-15T08:00:00Z",
            "progress": None,
        }
        store.note_progress(name, "Nuisance: 2 of 5 numbers")
        assert _running(runner)["Nuisance"]["progress"] == "Nuisance: 2 of 5 numbers"
    assert _running(runner) == {"Fraud": None, "Nuisance": None}
    store.close()


def test_a_run_tells_others_on_its_way_how_far_it_has_come(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW[:1])
    wire = InProcess(runner.simulator)
    seen: List[Optional[str]] = []

    def answered() -> None:
        seen.append(_running(runner)["Nuisance"]["progress"])
        runner.clock.time += 2

    wire.after_answering = answered
    runner.wire = wire
    runner.group(block_numbers=FEW, batch_size=2, refresh=False)
    assert seen == [None, None, "Nuisance: 2 of 4 numbers, 30 requests a minute, about 4 s left"]
    assert _running(runner)["Nuisance"] is None


def test_bad_options_are_told(runner: Runner) -> None:
    assert "state_store: is none" in str(runner.info(state_store="none").failure)
    assert "expiring_within" in str(runner.info(expiring_within="soon").failure)


# -- looking numbers up ------------------------------------------------------------------------------------------------

DATE = "2099-12-31 23:59:59"
HINT = (
    "A number of another country than India is found with its country code only (such as +44), or with default_region."
)


def _user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _with_notes(runner: Runner, folder: Path, **options: Any) -> Dict[str, Any]:
    file = folder / "list.csv"
    file.write_text("Number,Ticket\n" + "".join(f"{number},ticket {at}\n" for at, number in enumerate(FEW, start=4711)))
    columns: Dict[str, Any] = {"number_column": "Number", "note_column": "Ticket"}
    return runner.group(block_numbers_file=str(file), **columns, **options).result


def test_the_question_of_a_support_desk_is_answered(runner_on_each_engine: Runner, tmp_path: Path) -> None:
    """Why is this caller blocked, since when, until when, by which run, with which note?"""
    runner = runner_on_each_engine
    since = utc_text(runner.clock.time)
    told = _with_notes(runner, tmp_path, expiry_date=DATE)
    runner.clock.time += 3600
    runner.group(block_numbers=FEW)
    runner.simulator.forget_requests()
    result = runner.info(block_numbers=["+91 99999 00002", "9999900099"], runs=5).result
    assert runner.simulator.requests() == []
    last, first = result["groups"][0]["runs"]
    asked, other = result["found"]
    assert (other["number"], other["canonical"], other["groups"]) == ("9999900099", "9999900099", [])
    assert (asked["number"], asked["canonical"]) == ("+91 99999 00002", "+919999900002")
    assert asked["groups"] == [
        {
            "group": "Nuisance",
            "number": "9999900002",
            "state": "present",
            "since": since,
            "expiry_date": DATE,
            "note": "ticket 4712",
            "recorded_at": utc_text(runner.clock.time),
            "batch": 1,
            "run": {
                "id": first["id"],
                "started_at": since,
                "user": _user(),
                "machine": socket.gethostname(),
            },
        }
    ]
    assert result["msg"] == (
        f"+91 99999 00002 (as 9999900002): in Nuisance since {since} until {DATE} (server time), ticket 4712."
        f" 9999900099: in no group on record. {HINT}"
    )
    assert (last["changed"], last["counts"]["already_present"], last["error"]) == (False, 5, None)
    assert (first["started_at"], first["ended_at"]) == (since, since)
    assert (first["changed"], first["change_source"], first["state"]) == (True, "server", "present")
    assert (first["user"], first["machine"], first["requests_sent"]) == (
        _user(),
        socket.gethostname(),
        told["requests_sent"],
    )
    numbers = runner.info(include_numbers=True).result["groups"][0]["numbers"]
    assert {(number["since"], number["run"]) for number in numbers} == {(since, first["id"])}


@pytest.mark.parametrize("recorded", ["9999900001", "+919999900001", "919999900001", "09999900001"])
@pytest.mark.parametrize("asked", ["9999900001", "+91 (0) 99999 00001", "0091-99999-00001"])
def test_a_number_is_found_in_whatever_spelling_it_was_recorded_or_is_asked_for(
    runner: Runner, recorded: str, asked: str
) -> None:
    runner.group(block_numbers=[recorded, "9999900002"])
    for region in (None, "IN"):
        (found,) = runner.info(block_numbers=[asked], default_region=region).result["found"]
        assert [group["number"] for group in found["groups"]] == [recorded]


def test_every_group_that_has_a_number_on_record_is_told_by_name_and_one_alone_if_it_is_named(
    runner_on_each_engine: Runner,
) -> None:
    runner = runner_on_each_engine
    began = runner.clock.time
    runner.group(block_numbers=FEW[:2])
    runner.clock.time += 60
    runner.group(name="Fraud", block_numbers=["+919999900001"])
    runner.group(name="Old", block_numbers=FEW[2:3])
    runner.group(name="Old", state="absent", block_numbers=FEW[2:3])
    result = runner.info(block_numbers=[FEW[0], FEW[2], FEW[0]]).result
    states = [[(group["group"], group["state"]) for group in number["groups"]] for number in result["found"]]
    both = [("Fraud", "present"), ("Nuisance", "unconfirmed")]
    assert states == [both, [("Old", "removed")], both]
    assert [group["since"] for group in result["found"][0]["groups"]] == [utc_text(began + 60), utc_text(began)]
    assert result["found"][1]["groups"][0]["run"] is None
    named = runner.info(name="Nuisance", block_numbers=[FEW[0], FEW[2]]).result
    assert [[group["group"] for group in number["groups"]] for number in named["found"]] == [["Nuisance"], []]
    assert [group["name"] for group in named["groups"]] == ["Nuisance"]
    assert f"{FEW[2]}: not on record in Nuisance." in named["msg"]


def test_what_another_account_has_on_record_is_not_found(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW)
    assert runner.info(block_numbers=FEW[:1]).result["found"][0]["groups"]
    result = runner.info(username="somebody_else", block_numbers=FEW[:1]).result
    assert result["found"][0]["groups"] == []
    assert set(result["recorded"].values()) == {0}


def test_where_a_number_has_no_expiry_the_groups_counts_for_it(runner: Runner) -> None:
    runner.group(block_numbers=FEW[:1], expires_in="5d")
    runner.group(block_numbers=FEW[1:2])
    own, of_group = runner.info(block_numbers=FEW[:2]).result["found"]
    expiry = own["groups"][0]["expiry_date"]
    assert expiry is not None
    assert of_group["groups"][0]["expiry_date"] == expiry
    assert runner.info(expiring_within="7d").result["groups"][0]["counts"]["expiring"] == 2
    runner.clock.time += 6 * 86400
    result = runner.info(block_numbers=FEW[:2], include_numbers=True).result
    assert [number["groups"][0]["state"] for number in result["found"]] == ["expired", "expired"]
    assert [number["state"] for number in result["groups"][0]["numbers"]] == ["expired", "expired"]
    assert result["groups"][0]["counts"]["expired"] == 2
    assert f"until {expiry} (server time), which has passed." in result["msg"]


def test_a_run_that_is_no_longer_on_record_leaves_its_id(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    ((run,),) = tampered(runner.location, "SELECT id FROM runs")
    tampered(runner.location, "DELETE FROM runs")
    (group,) = runner.info(block_numbers=FEW[:1]).result["found"][0]["groups"]
    assert group["run"] == {"id": f"{run:012x}", "started_at": None, "user": None, "machine": None}


def test_how_much_is_on_record_is_always_told(runner_on_each_engine: Runner, tmp_path: Path) -> None:
    runner = runner_on_each_engine
    nothing = {"groups": 0, "numbers": 0, "removed": 0, "notes": 0, "runs": 0}
    assert runner.info().result["recorded"] == nothing
    assert runner.info(block_numbers=FEW[:1]).result["msg"] == f"9999900001: in no group on record. {HINT}"
    _with_notes(runner, tmp_path)
    runner.group(state="absent", block_numbers=FEW[:2])
    runner.group(name="Fraud", block_numbers=["9999900009"])
    assert runner.info(name="Fraud").result["recorded"] == {
        "groups": 2,
        "numbers": 6,
        "removed": 2,
        "notes": 5,
        "runs": 3,
    }


def test_the_last_runs_are_told_on_request_latest_first(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    began = runner.clock.time
    for state in ("present", "absent", "present"):
        runner.group(state=state, block_numbers=FEW)
        runner.clock.time += 60
    runner.group(name="Fraud", block_numbers=["9999900009"])
    assert ["runs" in group for group in runner.info().result["groups"]] == [False, False]
    fraud, nuisance = runner.info(runs=2).result["groups"]
    assert [run["state"] for run in nuisance["runs"]] == ["present", "absent"]
    assert [run["started_at"] for run in nuisance["runs"]] == [utc_text(began + 120), utc_text(began + 60)]
    assert len(fraud["runs"]) == 1


def test_a_run_without_an_end_is_told_as_that(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    tampered(runner.location, "UPDATE runs SET ended_at = NULL, changed = NULL, counts = NULL, requests_sent = NULL")
    (run,) = runner.info(runs=1).result["groups"][0]["runs"]
    assert (run["ended_at"], run["changed"], run["counts"], run["requests_sent"]) == (None, None, {}, None)


def test_looking_up_writes_nothing(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW)
    tables = ("numbers", "groups", "notes", "shapes", "runs", "facts")
    before = [tampered(runner.location, f"SELECT * FROM {table}") for table in tables]
    for check_mode in (False, True):
        report = runner.run(BLOCK_GROUP_INFO, check_mode, {"block_numbers": FEW, "runs": 100, "include_numbers": True})
        assert (report.failure, len(report.result["found"])) == (None, 5)
    assert [tampered(runner.location, f"SELECT * FROM {table}") for table in tables] == before


def test_what_is_wrong_with_the_numbers_is_told_at_once(runner: Runner) -> None:
    report = runner.info(block_numbers=[9999900001, "nobody", None], default_region="zz", runs=101)
    assert [fault["where"] for fault in report.result["faults"]] == [
        "runs",
        "default_region",
        "block_numbers, entry 1",
        "block_numbers, entry 2",
        "block_numbers, entry 3",
    ]
    assert "is a whole number to YAML" in str(report.failure)
    assert runner.info(runs=-1).failure == "runs: -1 is not between 0 and 100"


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_store_of_the_version_before_is_read_as_it_is(runner_on_each_engine: Runner, check_mode: bool) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW, expiry_date=DATE)
    columns = [f"ALTER TABLE numbers DROP COLUMN {column}" for column in ("since", "run")]
    tampered(runner.location, "DROP TABLE runs", *columns, "UPDATE schema_version SET version = 3")
    options = {"block_numbers": FEW[:1], "runs": 5, "include_numbers": True}
    result = runner.run(BLOCK_GROUP_INFO, check_mode, options).result
    (group,) = result["found"][0]["groups"]
    assert (group["state"], group["since"], group["run"]) == ("present", None, None)
    assert (result["groups"][0]["runs"], result["recorded"]["runs"]) == ([], 0)
    assert result["msg"] == (f"9999900001: in Nuisance, since when is not on record, until {DATE} (server time).")
    assert [row[0] for row in tampered(runner.location, "SELECT version FROM schema_version")] == [3]
    runner.group(block_numbers=FEW)
    assert runner.info(block_numbers=FEW[:1]).result["found"][0]["groups"][0]["since"] is None
