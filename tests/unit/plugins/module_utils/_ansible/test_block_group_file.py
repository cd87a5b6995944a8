# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_block_group with files of numbers: rows with dates and notes of their own, and refresh_after."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner

HOUR, DAY = 3600, 86400
LATE, LATER = "2098-01-01 00:00:00", "2099-12-31 23:59:59"
COLUMNS = {"number_column": "Caller", "expiry_column": "Until", "note_column": "Ticket"}
NUMBERS = [f"99999{n:05d}" for n in range(1, 7)]

Rows = List[Tuple[str, str, str]]
Listed = Callable[[Rows], Dict[str, Any]]


@pytest.fixture
def runner(runner_on_each_engine: Runner) -> Runner:
    """Runs tasks with a store on each engine."""
    return runner_on_each_engine


@pytest.fixture
def listed(tmp_path: Path) -> Listed:
    """Writes a file of rows (number, expiry, note), and gives the options that name it."""

    def written(rows: Rows) -> Dict[str, Any]:
        path = tmp_path / "callers.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS.values(), *rows])
        return {"block_numbers_file": str(path), **COLUMNS}

    return written


def _recorded(runner: Runner, name: str = "Nuisance") -> Dict[str, Dict[str, Any]]:
    """What is on record of each number of a group."""
    (group,) = runner.info(name=name, include_numbers=True).result["groups"]
    return {number["number"]: number for number in group["numbers"]}


def _notes(runner: Runner) -> Dict[str, Optional[str]]:
    return {number: of["note"] for number, of in _recorded(runner).items()}


def _sent(runner: Runner, call: str = "update") -> Dict[str, Set[Optional[str]]]:
    """With which expiries each number was sent since requests were last forgotten."""
    sent: Dict[str, Set[Optional[str]]] = {}
    for record in runner.simulator.requests(call):
        for number in record["body"]["blockNumbers"]:
            sent.setdefault(number, set()).add(record["body"].get("expiryDate"))
    return sent


# -- rows with an expiry of their own ----------------------------------------------------------------------------------

DATED: Rows = [
    (NUMBERS[0], LATER, ""),
    (NUMBERS[1], "", ""),
    (NUMBERS[2], LATE, ""),
    (NUMBERS[3], LATER.replace(" ", "T"), ""),
]
OWN = {NUMBERS[0]: LATER, NUMBERS[2]: LATE, NUMBERS[3]: LATER}


@pytest.mark.parametrize("of_group", [None, "2097-06-01 00:00:00"])
def test_a_row_is_sent_and_recorded_with_its_own_expiry_and_else_with_the_groups(
    runner: Runner, listed: Listed, of_group: Optional[str]
) -> None:
    report = runner.group(**listed(DATED), expiry_date=of_group)
    assert report.failure is None
    assert report.result["counts"]["added"] == 4
    expected = {number: OWN.get(number, of_group) for number in NUMBERS[:4]}
    assert {number: of["expiry_date"] for number, of in _recorded(runner).items()} == expected
    batches = {item["canonical"]: item["batch"] for item in report.result["numbers"]}
    assert batches[NUMBERS[0]] == batches[NUMBERS[3]]
    assert len(set(batches.values())) == 3
    assert _sent(runner) == {number: {expiry} for number, expiry in expected.items()}


NEAR = "2027-06-01 00:00:00"  # within a year of the clock of these tests


def _goes_by(runner: Runner, seconds: float) -> None:
    runner.simulator.advance(seconds)
    runner.clock.time += seconds


def test_a_group_that_may_have_ended_with_the_date_of_a_row_is_sent_again(runner: Runner, listed: Listed) -> None:
    runner.simulator.set(expired_numbers_vanish=True)
    task: Dict[str, Any] = {"expiry_date": LATER, "refresh": False}
    runner.group(block_numbers=[NUMBERS[2]], **task)
    runner.group(**listed([(NUMBERS[0], "", ""), (NUMBERS[1], NEAR, "")]), **task)
    runner.simulator.forget_requests()
    still = listed([(NUMBERS[0], "", "")])
    assert runner.group(**still, **task).result["requests_sent"] == 0
    _goes_by(runner, 400 * DAY)
    predicted = runner.group(check_mode=True, **still, **task)
    assert (predicted.result["changed"], predicted.result["change_source"]) == (True, "assumed")
    report = runner.group(**still, **task)
    assert report.failure is None
    assert f"+91{NUMBERS[0]}" in runner.simulator.numbers("Nuisance")
    assert report.result["change_source"] == "server"
    # What this list does not name may be gone with the group.
    assert {number: of["state"] for number, of in _recorded(runner).items()} == {
        NUMBERS[0]: "present",
        NUMBERS[1]: "unconfirmed",
        NUMBERS[2]: "unconfirmed",
    }
    runner.simulator.forget_requests()
    assert runner.group(**still, **task).result["requests_sent"] == 0


@pytest.mark.parametrize("refresh", [True, False])
def test_rows_with_an_expiry_of_their_own_change_nothing_when_they_come_again(
    runner: Runner, listed: Listed, refresh: bool
) -> None:
    runner.group(**listed(DATED), expiry_date="2097-06-01 00:00:00")
    runner.simulator.forget_requests()
    again = runner.group(**listed(DATED), expiry_date="2097-06-01 00:00:00", refresh=refresh)
    assert again.failure is None
    assert again.result["changed"] is False
    assert again.result["counts"]["already_present"] == 4
    assert again.result["diff"]["before"] == again.result["diff"]["after"]
    assert bool(runner.simulator.requests()) is refresh


def test_a_row_with_another_expiry_than_before_is_sent_alone(runner: Runner, listed: Listed) -> None:
    runner.group(**listed(DATED))
    runner.simulator.forget_requests()
    options = listed([(NUMBERS[0], LATE, ""), *DATED[1:]])
    predicted = runner.group(**options, refresh=False, check_mode=True).result
    assert runner.simulator.requests() == []
    done = runner.group(**options, refresh=False).result
    assert (predicted["changed"], done["changed"]) == (True, True)
    assert predicted["counts"] == done["counts"]
    assert _sent(runner) == {NUMBERS[0]: {LATE}}
    assert _recorded(runner)[NUMBERS[0]]["expiry_date"] == LATE


def test_rows_of_which_the_same_is_recorded_are_sent_where_their_own_expiry_is_another(
    runner: Runner, listed: Listed
) -> None:
    runner.group(block_numbers=NUMBERS, expiry_date=LATE)
    for rows in (
        [(number, LATER, "") for number in NUMBERS],
        [(NUMBERS[0], LATE, ""), *[(n, "", "") for n in NUMBERS[1:]]],
    ):
        runner.simulator.forget_requests()
        runner.group(**listed(rows), expiry_date=LATE, refresh=False)
        assert _sent(runner) == {number: {expiry or LATE} for number, expiry, _note in rows}


def test_a_row_whose_expiry_on_record_has_passed_is_sent_again_with_all_others(runner: Runner, listed: Listed) -> None:
    runner.group(**listed([(NUMBERS[0], NEAR, ""), (NUMBERS[1], LATER, "")]))
    _goes_by(runner, 400 * DAY)
    runner.simulator.forget_requests()
    runner.group(**listed([(NUMBERS[0], LATE, ""), (NUMBERS[1], LATER, "")]), refresh=False)
    assert _sent(runner) == {NUMBERS[0]: {LATE}, NUMBERS[1]: {LATER}}


def test_a_removal_by_a_file_with_dates_that_are_past_carries_none(runner: Runner, listed: Listed) -> None:
    runner.group(block_numbers=NUMBERS)
    report = runner.group(state="absent", **listed([(NUMBERS[0], "2020-01-01 00:00:00", ""), (NUMBERS[1], "?", "")]))
    assert report.failure is None
    assert report.result["counts"]["removed"] == 2
    assert sorted(runner.simulator.numbers("Nuisance")) == [f"+91{number}" for number in NUMBERS[2:]]


@pytest.mark.parametrize("refresh", [True, False])
def test_a_group_made_anew_gets_each_row_with_its_own_expiry(runner: Runner, listed: Listed, refresh: bool) -> None:
    runner.group(**listed(DATED))
    runner.simulator.delete_group("Nuisance")
    runner.simulator.forget_requests()
    report = runner.group(**listed([*DATED, (NUMBERS[4], LATE, "")]), refresh=refresh)
    assert report.failure is None
    assert report.result["group"]["created"] is True
    expected = {**{number: OWN.get(number) for number in NUMBERS[:4]}, NUMBERS[4]: LATE}
    assert {number: of["expiry_date"] for number, of in _recorded(runner).items()} == expected
    assert _sent(runner) == {number: {expiry} for number, expiry in expected.items()}


def test_faults_of_rows_stop_the_task_before_anything_is_sent(runner: Runner, listed: Listed) -> None:
    report = runner.group(**listed([(NUMBERS[0], "2020-01-01 00:00:00", ""), ("nobody", "", ""), ("", "", "?")]))
    assert [fault["where"].rpartition(", ")[2] for fault in report.result["faults"]] == ["line 2", "line 3", "line 4"]
    assert runner.simulator.requests() == []


# -- notes -------------------------------------------------------------------------------------------------------------

SECRET = "ticket-4711"
NOTED: Rows = [(NUMBERS[0], "", SECRET), (NUMBERS[1], "", ""), (NUMBERS[2], "", "= odd, said Größe")]


def test_notes_are_kept_and_shown_and_never_sent(runner: Runner, listed: Listed, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    expected = {NUMBERS[0]: SECRET, NUMBERS[1]: None, NUMBERS[2]: "= odd, said Größe"}
    for _run in range(2):
        result = runner.group(**listed(NOTED), report_path=str(path)).result
        assert {item["number"]: item["note"] for item in result["numbers"]} == expected
        assert _notes(runner) == expected
        with path.open(encoding="utf-8", newline="") as file:
            notes = [row["note"] for row in csv.DictReader(file)]
        assert notes == [SECRET, "", "'= odd, said Größe"]
    runner.group(state="absent", **listed(NOTED[:1]))
    sent = json.dumps(runner.simulator.requests(), ensure_ascii=False)
    assert runner.simulator.requests("delete")
    assert SECRET not in sent
    assert "odd" not in sent


def test_notes_are_changed_and_dropped_without_any_request(runner: Runner, listed: Listed) -> None:
    runner.group(**listed(NOTED))
    runner.simulator.forget_requests()
    rows = [(NUMBERS[0], "", "ticket-4712"), (NUMBERS[1], "", "new"), (NUMBERS[2], "", "")]
    before = _notes(runner)
    assert runner.group(**listed(rows), refresh=False, check_mode=True).result["changed"] is False
    assert _notes(runner) == before
    result = runner.group(**listed(rows), refresh=False).result
    assert (result["changed"], result["requests_sent"]) == (False, 0)
    assert runner.simulator.requests() == []
    assert _notes(runner) == {NUMBERS[0]: "ticket-4712", NUMBERS[1]: "new", NUMBERS[2]: None}


def test_a_column_of_notes_that_is_empty_drops_them_all(runner: Runner, listed: Listed) -> None:
    runner.group(**listed([(NUMBERS[0], "", "T-1"), (NUMBERS[1], "", "T-2")]))
    runner.group(**listed([(NUMBERS[0], "", ""), (NUMBERS[1], "", "")]))
    assert _notes(runner) == dict.fromkeys(NUMBERS[:2])


def test_a_file_leaves_the_notes_of_numbers_that_it_does_not_name(runner: Runner, listed: Listed) -> None:
    runner.group(**listed([(NUMBERS[0], "", "T-1")]))
    runner.group(block_numbers=NUMBERS[:1], **listed([(NUMBERS[1], "", "T-2")]))
    assert _notes(runner) == {NUMBERS[0]: "T-1", NUMBERS[1]: "T-2"}


def test_a_file_without_a_column_of_notes_leaves_them_as_they_are(runner: Runner, listed: Listed) -> None:
    runner.group(**listed(NOTED))
    before = _notes(runner)
    for refresh in (True, False):
        runner.group(**{**listed(NOTED), "note_column": None}, refresh=refresh)
        runner.group(block_numbers=NUMBERS[:3], refresh=refresh)
    assert _notes(runner) == before


def test_notes_are_gone_when_the_group_is_made_anew(runner: Runner, listed: Listed) -> None:
    runner.group(**listed(NOTED))
    runner.simulator.delete_group("Nuisance")
    result = runner.group(block_numbers=NUMBERS[:3]).result
    assert result["group"]["created"] is True
    assert set(_notes(runner).values()) == {None}


def test_the_note_of_a_number_that_was_removed_stays_with_it(runner: Runner, listed: Listed) -> None:
    """It tells why the number was blocked."""
    runner.group(**listed(NOTED))
    runner.group(state="absent", block_numbers=NUMBERS[:1])
    found = _recorded(runner)[NUMBERS[0]]
    assert (found["state"], found["note"]) == ("removed", SECRET)


def test_notes_of_two_groups_stand_apart(runner: Runner, listed: Listed) -> None:
    runner.group(**listed(NOTED))
    runner.group(name="Fraud", **listed([(NUMBERS[0], "", "another")]))
    assert _recorded(runner, "Fraud")[NUMBERS[0]]["note"] == "another"
    assert _notes(runner)[NUMBERS[0]] == SECRET


# -- refresh_after -----------------------------------------------------------------------------------------------------


def test_within_the_span_nothing_is_sent_and_after_it_all(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    runner.clock.time += 23 * HOUR
    runner.simulator.forget_requests()
    within = runner.group(block_numbers=NUMBERS, refresh_after="1d").result
    assert (within["changed"], within["requests_sent"], within["counts"]["already_present"]) == (False, 0, 6)
    runner.clock.time += HOUR
    after = runner.group(block_numbers=NUMBERS, refresh_after="1d").result
    assert (after["changed"], after["counts"]["already_present"]) == (False, 6)
    assert set(_sent(runner)) == set(NUMBERS)
    runner.simulator.forget_requests()
    runner.group(block_numbers=NUMBERS, refresh_after="1d")  # which the answers have confirmed anew
    assert runner.simulator.requests() == []


def test_drift_is_repaired_after_the_span_and_not_before(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    runner.simulator.take_away("Nuisance", NUMBERS[:2])
    runner.clock.time += 2 * HOUR
    assert runner.group(block_numbers=NUMBERS, refresh_after="3h").result["changed"] is False
    late = runner.group(block_numbers=NUMBERS, refresh_after="1h").result
    assert (late["changed"], late["change_source"], late["server_counts"]["inserted"]) == (True, "server", 2)


def test_only_numbers_are_sent_again_that_were_not_confirmed_lately(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS[:2])
    runner.clock.time += 2 * HOUR
    runner.group(block_numbers=NUMBERS[2:4], refresh_after="1h")
    runner.simulator.forget_requests()
    options: Dict[str, Any] = {"block_numbers": NUMBERS[:5], "refresh_after": "1h"}
    predicted = runner.group(**options, check_mode=True).result
    assert runner.simulator.requests() == []
    done = runner.group(**options).result
    assert set(_sent(runner)) == {NUMBERS[0], NUMBERS[1], NUMBERS[4]}
    assert predicted["counts"] == done["counts"]
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["after"] == f"4 numbers stay\n{NUMBERS[4]}\n"
    reasons = {item["number"]: item["reason"] for item in predicted["numbers"]}
    assert reasons[NUMBERS[2]] == "recorded as present"


def test_what_the_server_did_not_confirm_is_sent_however_lately_that_was(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS[:2])
    refused = json.dumps({"status": "success", "succes": [], "error": [NUMBERS[2]]})
    runner.simulator.fault("status", call="update", times=1, status=200, body=refused)
    result = runner.group(block_numbers=NUMBERS[2:3], on_unconfirmed="ignore").result
    assert result["counts"]["unconfirmed"] == 1
    runner.simulator.forget_requests()
    runner.group(block_numbers=NUMBERS[:3], refresh_after="1d")
    assert set(_sent(runner)) == {NUMBERS[2]}


def test_what_a_failed_removal_left_in_the_group_is_not_fresh(runner: Runner) -> None:
    """No answer has confirmed that it is there."""
    runner.group(block_numbers=NUMBERS)
    runner.simulator.fault("status", call="delete", times=9, status=400, body='{"status":"error","message":"Busy"}')
    assert runner.group(state="absent", block_numbers=NUMBERS[:2]).failure is not None
    runner.simulator.forget_requests()
    runner.group(block_numbers=NUMBERS, refresh_after="1d")
    assert set(_sent(runner)) == set(NUMBERS[:2])


def test_another_expiry_or_description_is_sent_within_the_span_too(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS, expiry_date=LATE)
    runner.simulator.forget_requests()
    runner.group(block_numbers=NUMBERS, expiry_date=LATER, refresh_after="1d")
    assert _sent(runner) == {number: {LATER} for number in NUMBERS}
    runner.simulator.forget_requests()
    result = runner.group(block_numbers=NUMBERS, expiry_date=LATER, refresh_after="1d", description="Anew").result
    assert (result["changed"], len(_sent(runner))) == (True, 1)


def test_what_was_recorded_by_a_clock_that_was_ahead_is_not_fresh(runner: Runner) -> None:
    runner.clock.time += 30 * DAY
    runner.group(block_numbers=NUMBERS)
    runner.clock.time -= 30 * DAY
    runner.simulator.forget_requests()
    runner.group(block_numbers=NUMBERS, refresh_after="1d")
    assert set(_sent(runner)) == set(NUMBERS)


def test_a_removal_is_sent_again_after_the_span_and_not_within(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    runner.group(state="absent", block_numbers=NUMBERS[:2])
    runner.simulator.put_in("Nuisance", NUMBERS[:2])
    runner.clock.time += 2 * HOUR
    runner.simulator.forget_requests()
    within = runner.group(state="absent", block_numbers=NUMBERS[:2], refresh_after="3h").result
    assert (within["changed"], within["counts"]["not_found"], runner.simulator.requests()) == (False, 2, [])
    late = runner.group(state="absent", block_numbers=NUMBERS[:2], refresh_after="1h").result
    assert (late["changed"], late["change_source"], late["server_counts"]["deleted"]) == (True, "server", 2)
    assert set(_sent(runner, "delete")) == set(NUMBERS[:2])


def test_a_removal_of_what_is_present_is_sent_within_the_span(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    result = runner.group(state="absent", block_numbers=NUMBERS[:2], refresh_after="1d").result
    assert result["counts"]["removed"] == 2


def test_a_purge_removes_within_the_span_too(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    runner.simulator.forget_requests()
    result = runner.group(block_numbers=NUMBERS[:4], purge=True, refresh_after="1d").result
    assert (result["counts"]["removed"], result["counts"]["already_present"]) == (2, 4)
    assert _sent(runner) == {}
