# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of version 0.1.0 that were not true, each as the whole task in which it was seen (defects A1 to A20)."""

from __future__ import annotations

import importlib.util
import sqlite3
from pathlib import Path
from typing import Any, Dict, Iterator, List

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.retry import MAX_TRIES
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import Told, snapshot, violations
from ansible_collections.ozonetel.cloudagent.tests.truth.watched import UNANSWERED, WatchedAccount, refusal
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database

pytestmark = pytest.mark.unmeasured

FEW = [f"99999{n:05d}" for n in range(1, 4)]
NAME = {"name": "Nuisance", "description": "Reported"}
ADD = {**NAME, "block_numbers": FEW}
LOST = [fault for fault in UNANSWERED if fault["commit"] is True]
BAD_FORM = '{"status":"error","message":"invalid data","errors":{"blockNumbers":"bad"}}'


@pytest.fixture
def account(simulator: Simulator, folder: Path) -> Iterator[WatchedAccount]:
    """An account with a store of its own."""
    watched = WatchedAccount(simulator, Location(directory=str(folder / "state")))
    yield watched
    watched.wire.close()


def _calls(told: Told) -> List[str]:
    return [request["call"] for request in told.requests]


def _outcomes(told: Told) -> Dict[str, int]:
    return {name: number for name, number in told.result["counts"].items() if number}


def _changed(told: Told) -> "tuple[bool, str]":
    return told.result["changed"], told.result["change_source"]


def _later(account: WatchedAccount, days: float) -> None:
    account.runner.clock.time += days * 86400
    account.simulator.advance(days * 86400)


def _is_true(told: Told) -> None:
    assert violations(told) == []


# -- A1 to A4, A7: a generation that fails is the answer of no other call ---------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    "fault",
    [
        refusal("Temporarily unavailable"),
        refusal("Invalid group id"),
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 405},
        {"kind": "status", "content_type": "application/json", "status": 200, "body": BAD_FORM},
    ],
    ids=["A1", "A1 in the words for an unknown group", "A2 404", "A2 405", "A3"],
)
def test_a1_a2_a3_a4_a_refused_generation_ends_the_run(
    account: WatchedAccount, fault: Dict[str, Any], state: str
) -> None:
    account.simulator.reset(duplicate_group="second")
    account.simulator.preset("Nuisance", FEW[:1])
    account.simulator.fault(call="generate", **fault)
    told = account.group(**ADD, state=state)
    _is_true(told)
    assert _calls(told) == ["generate"]
    assert told.failure is not None
    assert "POST /ca_apis/CAToken/generateToken" in told.failure
    assert (_outcomes(told), told.result["changed"]) == ({"not_sent": 3}, False)


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: str(fault["kind"]))
def test_a7_a_generation_whose_answer_is_lost_has_sent_no_number(
    account: WatchedAccount, fault: Dict[str, Any]
) -> None:
    account.simulator.fault(call="generate", **fault)
    told = account.group(**ADD)
    _is_true(told)
    assert (_outcomes(told), told.result["changed"]) == ({"not_sent": 3}, False)


# -- A5, A6: an answer to a repeated request ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: str(fault["kind"]))
def test_a5_a_repeated_update_tells_what_holds_now_and_not_what_changed(
    account: WatchedAccount, fault: Dict[str, Any]
) -> None:
    account.simulator.preset("Nuisance", [])
    account.simulator.fault(call="update", **fault)
    told = account.group(**ADD)
    _is_true(told)
    assert len(account.simulator.numbers("Nuisance")) == 3
    assert _changed(told) == (True, "assumed")
    assert _outcomes(told) in ({"present": 3}, {"unconfirmed": 3})  # unconfirmed where it is not tried again


@pytest.mark.parametrize("purge", [False, True])
@pytest.mark.parametrize("fault", LOST, ids=lambda fault: str(fault["kind"]))
def test_a6_a_repeated_delete_tells_what_holds_now_and_not_what_changed(
    account: WatchedAccount, fault: Dict[str, Any], purge: bool
) -> None:
    account.group(**ADD)
    account.simulator.fault(call="delete", **fault)
    if purge:
        told = account.group(**{**ADD, "block_numbers": FEW[:1]}, purge=True, refresh=False)
    else:
        told = account.group(**{**ADD, "block_numbers": FEW[1:]}, state="absent")
    _is_true(told)
    assert len(account.simulator.numbers("Nuisance")) == 1
    assert told.result["changed"]
    assert told.result["counts"]["removed"] + told.result["counts"]["unconfirmed"] == 2
    assert told.result["counts"]["not_found"] == 0


# -- A8: the answer first ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", [True, False])
def test_a8_a_store_that_is_locked_while_the_server_works_loses_no_answer(
    account: WatchedAccount, folder: Path, exists: bool
) -> None:
    account.runner.token()
    if exists:
        account.simulator.preset("Nuisance", [])
    other = sqlite3.connect(folder / "state" / "state.sqlite3", isolation_level=None)
    served = "update" if exists else "create"

    def lock(record: Dict[str, Any]) -> None:
        if record["call"] == served:
            other.execute("BEGIN IMMEDIATE")
            account.simulator.server.before_answering = lambda record: None

    account.simulator.server.before_answering = lock
    report = account.runner.group(False, **ADD, lock_timeout=0.0)
    other.close()
    assert report.failure is not None
    assert "could not be recorded in the state store" in report.failure
    counts = report.result["counts"]
    assert report.result["changed"]
    assert counts["added"] + counts["present"] == len(account.simulator.numbers("Nuisance")) == 3
    groups = account.runner.info().result["groups"]  # only the run is on record
    assert [(group["seen"], group["counts"]["present"]) for group in groups] == [(False, 0)]
    _is_true(account.group(**ADD))


def test_a8_a_database_connection_that_ends_while_the_server_works_loses_no_answer(
    simulator: Simulator, postgresql: PostgreSQLServer
) -> None:
    location = empty_database(postgresql)
    account = WatchedAccount(simulator, location)
    account.group(**{**ADD, "block_numbers": FEW[:1]})

    def end_connections(record: Dict[str, Any]) -> None:
        if record["call"] == "update":
            with psycopg.connect(location.url or "", password=location.password, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    simulator.server.before_answering = end_connections
    told = account.group(**ADD, refresh=False)
    simulator.server.before_answering = lambda record: None
    _is_true(told)
    assert told.failure is not None
    assert "could not be recorded in the state store" in told.failure
    assert _outcomes(told) == {"added": 2, "already_present": 1}


# -- A10, A11, A13, A18: what a server says of single numbers ----------------------------------------------------------


def test_a10_rows_and_counts_agree_where_the_server_counts_without_naming(account: WatchedAccount) -> None:
    hundred = [f"99999{n:05d}" for n in range(100)]
    account.group(**{**ADD, "block_numbers": hundred})
    account.simulator.take_away("Nuisance", hundred[7:8])
    told = account.group(
        **{**ADD, "block_numbers": hundred}, report_path=str(Path(account.runner.location.directory or "") / "r.csv")
    )
    _is_true(told)
    assert _outcomes(told) == {"present": 100}
    assert _changed(told) == (True, "server")
    assert told.result["server_counts"]["inserted"] == 1


def test_a11_a_number_that_is_listed_as_failed_is_never_told_as_in_the_group(account: WatchedAccount) -> None:
    account.simulator.set(create_blocks=False, create_confirms="error", malformed="list_alone", refused_numbers="140.*")
    numbers = [f"99999{n:05d}" for n in range(22)]
    told = account.group(**{**ADD, "block_numbers": [*numbers, "1400000001"]})
    _is_true(told)
    assert told.result["counts"]["added"] == 22
    (bad,) = [row for row in told.result["numbers"] if row["number"] == "1400000001"]
    assert bad["outcome"] in ("unconfirmed", "rejected")


def test_a13_where_present_numbers_stand_elsewhere_a_listed_one_is_new(account: WatchedAccount) -> None:
    account.simulator.reset(counters="absent", present_listed="error")
    account.group(**ADD)
    account.simulator.take_away("Nuisance", FEW[:1])
    told = account.group(**ADD)
    _is_true(told)
    assert _outcomes(told) == {"added": 1, "already_present": 2}


def test_a18_a_change_that_rests_on_an_unconfirmed_number_is_assumed(account: WatchedAccount) -> None:
    account.simulator.reset(counters="absent", present_listed="error", malformed="list_alone", refused_numbers="140.*")
    account.simulator.set(create_confirms="succes")
    account.group(**ADD)
    told = account.group(**{**ADD, "block_numbers": [*FEW, "1400000001"]})
    _is_true(told)
    assert _outcomes(told) == {"already_present": 3, "unconfirmed": 1}
    assert _changed(told) == (True, "assumed")


# -- A12, A19, A20: is there such a group? -----------------------------------------------------------------------------


def test_a12_a_group_that_was_made_anew_starts_with_a_clean_record(account: WatchedAccount) -> None:
    account.group(**{**ADD, "block_numbers": ["9999900008", "9999900009"]})
    account.simulator.delete_group("Nuisance")
    account.simulator.fault("reset_after", call="create")
    _is_true(account.group(**ADD))
    told = account.group(**{**ADD, "block_numbers": [*FEW, "9999900008"]}, refresh=False)
    _is_true(told)
    assert _outcomes(told) == {"added": 1, "already_present": 3}


@pytest.mark.parametrize("words", ["x", "Temporarily unavailable"])
def test_a19_undocumented_words_that_come_once_make_no_group(account: WatchedAccount, words: str) -> None:
    account.simulator.reset(duplicate_group="second")
    account.simulator.preset("Nuisance", [])
    account.simulator.fault(call="update", **refusal(words))
    told = account.group(**ADD)
    _is_true(told)
    assert "create" not in _calls(told)
    assert _outcomes(told) == {"added": 3}


def test_a19_once_the_accounts_own_words_are_known_only_those_lead_to_create(account: WatchedAccount) -> None:
    account.simulator.reset(duplicate_group="second", unknown_group_words="No such group")
    account.group(**{**ADD, "name": "Another"})
    account.simulator.preset("Nuisance", [])
    account.simulator.fault(call="update", times=9, **refusal("Temporarily unavailable"))
    told = account.group(**ADD)
    _is_true(told)
    assert "create" not in _calls(told)
    assert _outcomes(told) == {"not_sent": 3}
    account.simulator.server.faults.faults.clear()
    assert account.group(**{**ADD, "name": "A third"}).result["group"]["created"]


def test_a20_numbers_of_a_group_that_was_gone_are_sent_in_the_same_run(account: WatchedAccount) -> None:
    account.group(**{**ADD, "block_numbers": FEW[:2]})
    account.simulator.delete_group("Nuisance")
    told = account.group(**ADD, refresh=False)
    _is_true(told)
    assert _outcomes(told) == {"added": 3}
    assert len(account.simulator.numbers("Nuisance")) == 3
    again = account.group(**ADD, refresh=False)
    assert again.requests == []


# -- A14 to A17: policy, libraries, diff, message ----------------------------------------------------------------------


def test_a14_another_span_renews_the_expiry(account: WatchedAccount) -> None:
    account.group(**ADD, expires_in="90d")
    told = account.group(**ADD, expires_in="30d", refresh=False)
    assert _changed(told) == (True, "ledger")
    assert "changed (expiry)" in told.result["msg"]
    (group,) = account.simulator.groups()
    assert group.expiry_date == told.result["group"]["expiry_date"] != told.before[group.id].expiry_date
    assert account.group(**ADD, expires_in="30d", refresh=False).requests == []


def test_a15_check_mode_looks_for_the_library_that_the_run_will_need(
    account: WatchedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "requests" else find(name))
    for report in (account.runner.group(check_mode=True, **ADD), account.runner.token(check_mode=True)):
        assert "Failed to import the required Python library (requests)" in (report.failure or "")


def test_a16_the_diff_shows_what_goes_and_how_many_stay(account: WatchedAccount) -> None:
    account.group(**ADD)
    told = account.group(**{**ADD, "block_numbers": FEW[:1]}, purge=True, refresh=False)
    assert told.result["diff"]["before"].splitlines() == ["1 number stays", *FEW[1:]]
    assert told.result["diff"]["after"].splitlines() == ["1 number stays"]


def test_a17_the_message_names_what_changed(account: WatchedAccount) -> None:
    account.group(**ADD, refresh=False)
    told = account.group(**{**ADD, "description": "Reported twice"}, refresh=False)
    assert "changed (description)" in told.result["msg"]
    assert "description: Reported twice" in told.result["diff"]["after"]


# -- found since -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
@pytest.mark.parametrize("listed", ["succes", "error", "nowhere"])
@pytest.mark.parametrize("vanish", [True, False])
def test_what_is_added_to_a_group_that_has_ended_is_not_told_as_blocked(
    account: WatchedAccount, counters: str, listed: str, vanish: bool
) -> None:
    account.simulator.reset(expired_numbers_vanish=vanish, counters=counters, present_listed=listed)
    _is_true(account.group(**{**ADD, "block_numbers": FEW[:1]}, expires_in="2d"))
    _later(account, 3)
    predicted = account.runner.group(check_mode=True, **ADD)
    told = account.group(**ADD)
    _is_true(told)
    assert told.result["counts"]["added"] == predicted.result["counts"]["added"] == 0
    assert any("set expiry_date or expires_in" in warning for warning in told.warnings)
    renewed = account.group(**ADD, expires_in="2d")
    _is_true(renewed)
    assert len(account.simulator.numbers("Nuisance")) == 3


@pytest.mark.parametrize("vanish", [True, False])
def test_a_number_that_is_added_without_an_expiry_ends_with_the_group(account: WatchedAccount, vanish: bool) -> None:
    account.simulator.reset(expired_numbers_vanish=vanish)
    account.group(**{**ADD, "block_numbers": FEW[:1]}, expiry_date="2099-01-01 00:00:00")
    _is_true(account.group(**ADD))
    same = account.group(**ADD, expiry_date="2099-01-01 00:00:00", refresh=False)
    _is_true(same)
    assert _changed(same) == (True, "assumed")  # whether a number has the group's expiry is not documented
    _is_true(account.group(**ADD, expires_in="2d"))
    _is_true(account.group(**{**ADD, "block_numbers": [*FEW, "9999900009"]}))
    _later(account, 3)
    later = account.group(**{**ADD, "block_numbers": ["9999900009"]}, refresh=False)
    _is_true(later)
    assert len(later.requests) == 2  # a token, too


OUTAGE = refusal("Temporarily unavailable")


@pytest.mark.parametrize("duplicate", ["second", "merge"])
def test_an_outage_of_update_is_not_learned_as_words_for_an_unknown_group(
    account: WatchedAccount, duplicate: str
) -> None:
    account.simulator.reset(duplicate_group=duplicate, create_confirms="succes")
    account.simulator.preset("Nuisance", FEW[1:2])
    account.simulator.fault(call="update", times=3, **OUTAGE)
    assert account.group(**{**ADD, "block_numbers": FEW[:1]}).result["group"]["created"] is None
    account.simulator.server.faults.faults.clear()
    account.group(**ADD)
    groups = len(account.simulator.groups())
    account.simulator.fault(call="update", times=2, **OUTAGE)
    told = account.group(**ADD)
    assert (told.failure is not None, _calls(told)) == (True, ["update"])
    assert len(account.simulator.groups()) == groups
    account.simulator.server.faults.faults.clear()
    account.simulator.fault(call="delete", **OUTAGE)
    account.simulator.fault(call="update", **OUTAGE)
    told = account.group(**ADD, state="absent")
    assert "not_found" not in _outcomes(told)


@pytest.mark.parametrize("counters", ["truthful", "absent"])
@pytest.mark.parametrize("vanish", [True, False])
def test_a_number_whose_expiry_has_passed_may_still_be_in_the_group(
    account: WatchedAccount, counters: str, vanish: bool
) -> None:
    account.simulator.reset(counters=counters, expired_numbers_vanish=vanish)
    account.group(**{**ADD, "block_numbers": FEW[:2]}, expires_in="2d")
    account.group(**{**ADD, "block_numbers": FEW[2:]}, expires_in="90d")
    _later(account, 3)
    told = account.group(**{**ADD, "block_numbers": FEW[:1]}, state="absent", refresh=False)
    _is_true(told)
    assert _outcomes(told).keys() <= {"removed", "absent"}
    assert FEW[0] not in str(account.simulator.numbers("Nuisance"))
    purged = account.group(**{**ADD, "block_numbers": FEW[2:]}, purge=True, expires_in="90d")
    _is_true(purged)
    assert account.simulator.numbers("Nuisance") == [f"+91{FEW[2]}"]


def test_the_expiry_of_the_group_is_that_of_its_numbers_too_perhaps(account: WatchedAccount) -> None:
    account.simulator.reset(expired_numbers_vanish=True)
    account.group(**{**ADD, "block_numbers": FEW[:2]})
    account.group(**{**ADD, "block_numbers": FEW[2:]}, expires_in="2d")
    _later(account, 3)
    assert account.group(**{**ADD, "block_numbers": FEW[:2]}, refresh=False).result["counts"]["already_present"] == 0


def test_a_number_that_carries_a_description_keeps_its_expiry(account: WatchedAccount) -> None:
    account.simulator.reset(expired_numbers_vanish=True)
    account.group(**ADD, expires_in="2d")
    again = {**ADD, "description": "Reported twice", "refresh": False}
    account.group(**again)
    _later(account, 3)
    assert account.group(**again).result["counts"]["already_present"] == 0


def test_that_create_takes_no_number_says_nothing_of_whether_there_is_such_a_group(account: WatchedAccount) -> None:
    account.simulator.reset(update_path="none", refused_numbers="140.*")
    account.simulator.fault(call="create", kind="reset_after")
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    assert len(account.simulator.numbers("Nuisance")) == 1
    told = account.group(**{**ADD, "block_numbers": ["1400000001"]}, purge=True, allow_empty=True)
    _is_true(told)
    assert account.simulator.numbers("Nuisance") == []


def _kill_after_a_request(account: WatchedAccount, **options: Any) -> None:
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    before = snapshot(account.simulator)
    account.wire.after = kill
    with pytest.raises(Killed):
        account.runner.group(**options)
    account.wire.after = None
    account.note_late(options["name"], before)


def test_what_a_killed_task_may_have_added_is_not_told_as_new_where_nothing_counts(account: WatchedAccount) -> None:
    account.simulator.reset(counters="absent")
    account.group(**{**ADD, "block_numbers": FEW[:2]})
    account.group(**{**ADD, "block_numbers": FEW[1:2], "state": "absent"})
    _kill_after_a_request(account, **ADD, refresh=False)  # with one that was removed, and one of which nothing is known
    assert len(account.simulator.numbers("Nuisance")) == 3
    told = account.group(**ADD, refresh=False)
    _is_true(told)
    assert (told.result["counts"]["added"], told.result["counts"]["present"]) == (0, 2)


@pytest.mark.parametrize("counters", ["full", "truthful", "absent"])
def test_what_a_killed_task_may_have_added_is_not_told_as_new_after_a_lost_answer(
    account: WatchedAccount, counters: str
) -> None:
    account.simulator.reset(counters=counters)
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    account.group(**{**ADD, "block_numbers": FEW[:1]})  # by now it is known how the account counts
    _kill_after_a_request(account, **ADD, refresh=False)
    assert len(account.simulator.numbers("Nuisance")) == 3
    account.simulator.fault(call="update", kind="reset_before")
    told = account.group(**ADD, refresh=False)
    _is_true(told)
    assert told.result["counts"]["added"] == 0


def test_a_removal_after_which_the_process_is_killed_leaves_nothing_on_record_as_present(
    account: WatchedAccount,
) -> None:
    account.group(**ADD)
    _kill_after_a_request(account, name="Nuisance", block_numbers=FEW[:1], state="absent")
    told = account.group(**ADD, refresh=False)
    _is_true(told)
    assert len(account.simulator.numbers("Nuisance")) == 3


def test_a_removal_that_is_refused_on_a_repeat_may_have_been_done(account: WatchedAccount) -> None:
    account.group(**ADD)
    account.simulator.fault(call="delete", kind="reset_after")
    account.simulator.fault(call="delete", kind="status", content_type="application/json", status=200, body=BAD_FORM)
    _is_true(account.group(**{**ADD, "block_numbers": FEW[:1]}, state="absent"))
    _is_true(account.group(**ADD, refresh=False))
    assert len(account.simulator.numbers("Nuisance")) == 3


@pytest.mark.parametrize("listed", ["error", "nowhere"])
def test_an_unconfirmed_number_may_be_there_in_another_spelling(account: WatchedAccount, listed: str) -> None:
    account.simulator.reset(create_confirms="error", present_listed=listed, counters="absent")
    account.group(**{**ADD, "block_numbers": [f"+91{FEW[0]}"]})
    told = account.group(**{**ADD, "block_numbers": FEW[:1]}, state="absent")
    _is_true(told)
    assert (told.result["changed"], told.result["change_source"]) != (False, "ledger")


def test_what_may_be_in_another_group_is_shared(account: WatchedAccount) -> None:
    account.simulator.reset(
        delete_scope="account_wide", counters="absent", create_confirms="error", present_listed="error"
    )
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    account.group(**{**ADD, "name": "Fraud", "block_numbers": FEW[1:]})
    told = account.group(**{**ADD, "name": "Fraud", "block_numbers": FEW[:1]}, state="absent")
    _is_true(told)
    assert (_outcomes(told), told.requests) == ({"shared": 1}, [])


@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
def test_a_purge_leaves_what_a_list_has_only_named(account: WatchedAccount, counters: str) -> None:
    account.simulator.reset(counters=counters, present_listed="nowhere")
    account.simulator.preset("Nuisance", FEW[:1])
    told = account.group(**{**ADD, "block_numbers": FEW[:1]})
    if _outcomes(told) == {"unconfirmed": 1}:
        _is_true(account.group(**{**ADD, "block_numbers": FEW[1:]}, purge=True))
        assert f"+91{FEW[0]}" in account.simulator.numbers("Nuisance")


def test_a_purge_goes_on_in_a_group_that_was_perhaps_not_made(account: WatchedAccount) -> None:
    account.simulator.reset(duplicate_group="merge", create_confirms="succes")
    account.simulator.preset("Nuisance", ["9999900009"])
    account.simulator.fault(call="update", kind="reset_after", times=4)
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    account.simulator.server.faults.faults.clear()
    account.simulator.fault(call="update", times=2, **OUTAGE)
    told = account.group(**{**ADD, "block_numbers": FEW[1:]}, purge=True)
    _is_true(told)


def test_a_request_that_is_refused_for_one_number_may_have_stored_the_others(account: WatchedAccount) -> None:
    account.simulator.preset("Nuisance", [])
    account.simulator.fault(
        call="update", kind="status", content_type="application/json", status=200, body=BAD_FORM, commit=True
    )
    told = account.group(**{**ADD, "block_numbers": FEW[:2]})
    _is_true(told)
    assert _changed(told) == (True, "assumed")


def test_a_number_whose_new_expiry_was_lost_may_end_with_it(account: WatchedAccount) -> None:
    account.simulator.reset(expired_numbers_vanish=True)
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    account.simulator.fault(call="update", kind="reset_after", times=4)
    account.group(**{**ADD, "block_numbers": FEW[:1]}, expires_in="2d")
    account.simulator.server.faults.faults.clear()
    _later(account, 3)
    told = account.group(**{**ADD, "block_numbers": FEW[:1]}, refresh=False)
    assert told.result["counts"]["already_present"] == 0


def test_a_removal_from_all_groups_does_not_show_that_there_is_one_of_the_name(account: WatchedAccount) -> None:
    account.simulator.reset(delete_scope="account_wide", unknown_group_words="No such group")
    _is_true(account.group(**ADD, state="absent"))
    told = account.group(**ADD)  # it can be made
    _is_true(told)
    assert len(account.simulator.numbers("Nuisance")) == 3


def test_a_removal_from_all_groups_that_is_repeated_changes_nothing(account: WatchedAccount) -> None:
    account.simulator.reset(delete_scope="account_wide", counters="full")
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    gone = {"name": "Fraud", "description": "Reported", "block_numbers": FEW[:1], "state": "absent"}
    _is_true(account.group(**gone, remove_shared=True))
    again = account.group(**gone, remove_shared=True)
    _is_true(again)
    assert not again.result["changed"]


# -- what a request carries besides numbers ----------------------------------------------------------------------------

MORE = {"description": "Reported twice"}
LATEST, EARLY = "2099-01-01 00:00:00", "2027-06-01 00:00:00"


def _text(account: WatchedAccount) -> Any:
    (group,) = account.simulator.groups()
    return group.description, group.expiry_date


def _attributes_lost(account: WatchedAccount, **options: Any) -> Told:
    """A task whose updates are all done, and none of them is answered."""
    account.simulator.fault(**LOST[0], call="update", times=MAX_TRIES)
    told = account.group(**{**ADD, **options})
    assert told.failure is not None
    return told


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize("again", [{}, MORE])
def test_a_description_whose_update_was_lost_is_sent_again(
    account: WatchedAccount, refresh: bool, again: Dict[str, Any]
) -> None:
    account.group(**ADD)
    _attributes_lost(account, **MORE)
    assert _text(account)[0] == "Reported twice"
    told = account.group(**{**ADD, **again}, refresh=refresh)
    _is_true(told)
    assert _changed(told) == (True, "assumed")
    assert _text(account)[0] == {**ADD, **again}["description"]
    assert account.group(**{**ADD, **again}, refresh=False).requests == []


def test_of_two_expiries_of_which_one_may_be_the_groups_the_earlier_one_counts(account: WatchedAccount) -> None:
    account.group(**ADD, expiry_date=LATEST)
    _attributes_lost(account, block_numbers=FEW[:1], expiry_date=EARLY)
    assert _text(account)[1] == EARLY
    _later(account, 300)
    told = account.group(**{**ADD, "block_numbers": FEW[1:]}, expiry_date=LATEST, refresh=False)
    _is_true(told)
    assert _changed(told) == (True, "assumed")
    assert _text(account)[1] == LATEST
    assert account.group(**{**ADD, "block_numbers": FEW[1:]}, expiry_date=LATEST, refresh=False).requests == []


def test_a_span_whose_update_was_lost_is_set_anew(account: WatchedAccount) -> None:
    account.group(**ADD, expires_in="90d")
    _attributes_lost(account, expires_in="30d")
    told = account.group(**ADD, expires_in="90d", refresh=False)
    _is_true(told)
    assert _text(account)[1] == told.result["group"]["expiry_date"]
    assert account.group(**ADD, expires_in="90d", refresh=False).requests == []


@pytest.mark.parametrize("insists", [True, False])
def test_a_removal_tells_what_it_may_have_changed_to_learn_the_id(account: WatchedAccount, insists: bool) -> None:
    account.simulator.reset(delete_scope="needs_id", description_required_on_update=insists)
    account.simulator.preset("Nuisance", FEW, "By hand")
    told = account.group(name="Nuisance", state="absent", block_numbers=["9999900009"], expires_in="30d", **MORE)
    _is_true(told)
    assert _text(account) == ("Reported twice" if insists else "By hand", None)
    assert _changed(told) == ((True, "assumed") if insists else (False, "server"))
    assert ("changed (description)" in told.result["msg"]) is insists
    assert (
        account.group(name="Nuisance", state="absent", block_numbers=["9999900009"], **MORE).result["changed"] is False
    )


def test_what_a_removal_has_seen_of_a_group_says_nothing_of_its_description(account: WatchedAccount) -> None:
    account.simulator.preset("Nuisance", FEW, "Reported")
    account.group(name="Nuisance", state="absent", block_numbers=FEW[:1])
    told = account.group(**{**ADD, "block_numbers": FEW[1:]})
    _is_true(told)
    assert _changed(told) == (True, "assumed")


# -- no update call, words, ids ----------------------------------------------------------------------------------------


def test_where_nothing_could_tell_the_next_run_no_group_is_made(account: WatchedAccount) -> None:
    account.simulator.reset(update_path="none", duplicate_group="second")
    for _run in range(2):
        told = account.group(**ADD, state_store="none")
        assert "Give a state_store that is kept" in (told.failure or "")
        assert _outcomes(told) == {"not_sent": 3}
    assert account.simulator.groups() == []


@pytest.mark.parametrize("name", ["UP", "No", "Group", "Not found"])
def test_a_name_that_occurs_in_the_words_for_an_unknown_group_is_made_like_any(
    account: WatchedAccount, name: str
) -> None:
    account.simulator.reset(unknown_group_words="Group not found")
    for each in (name, "Fraud", name + "s"):
        told = account.group(**{**ADD, "name": each})
        _is_true(told)
        assert told.result["group"]["created"] is True


def test_an_id_that_only_the_user_has_named_is_not_on_record(account: WatchedAccount) -> None:
    account.simulator.preset("Nuisance", FEW, "Reported")
    account.simulator.fault(call="update", times=9, kind="status", body='{"status":"success"}')
    account.group(**ADD, group_id=7)
    ledger = account.runner.info(name="Nuisance").result["groups"]
    assert [group["id"] for group in ledger] == [None]


def test_a_number_that_is_taken_in_one_spelling_and_failed_in_another_is_not_told_as_refused(
    account: WatchedAccount,
) -> None:
    account.simulator.reset(unique_numbers="refuse")
    account.group(**{**ADD, "name": "Fraud", "block_numbers": FEW[2:]})
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    told = account.group(**{**ADD, "block_numbers": [FEW[2], f"0{FEW[2]}"]})
    _is_true(told)
    assert f"0{FEW[2]}" in account.simulator.numbers("Nuisance")
    assert _outcomes(told) == {"unconfirmed": 2}


def test_what_is_gone_in_one_spelling_is_not_put_back_on_record_in_another(account: WatchedAccount) -> None:
    account.simulator.preset("Nuisance", FEW[:1], "By hand")
    account.group(**{**ADD, "block_numbers": [FEW[0], f"+91{FEW[0]}"]})
    account.simulator.fault(call="delete", after=2, times=9, **refusal("Busy"))
    told = account.group(name="Nuisance", state="absent", block_numbers=[f"+91{FEW[0]}", FEW[0]], batch_size=1)
    assert told.failure is not None
    _is_true(told)
    assert account.simulator.numbers("Nuisance") == []
    assert account.record()["Nuisance"].numbers == frozenset()


def test_an_answer_that_says_nothing_of_a_number_in_another_spelling_leaves_open_whether_it_changed(
    account: WatchedAccount,
) -> None:
    account.simulator.reset(number_form="as_given")
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    account.simulator.fault(
        "status", call="update", commit=True, body='{"status":"success"}', content_type="application/json"
    )
    told = account.group(**{**ADD, "block_numbers": [f"+91{FEW[0]}"]}, refresh=False)
    _is_true(told)
    assert _changed(told) == (True, "assumed")


# -- an id that is no longer the group's -------------------------------------------------------------------------------


def _made_anew(account: WatchedAccount, **switches: Any) -> None:
    """The group is deleted in the console and made again, with the same numbers and another id."""
    account.simulator.reset(delete_of_unknown_id="nothing", **switches)
    account.group(**ADD)
    account.simulator.delete_group("Nuisance")
    account.simulator.preset("Nuisance", FEW, "Reported")


@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
@pytest.mark.parametrize("scope", ["by_name", "needs_id"])
def test_numbers_are_removed_from_a_group_that_was_made_anew(
    account: WatchedAccount, counters: str, scope: str
) -> None:
    _made_anew(account, counters=counters, delete_scope=scope)
    told = account.group(name="Nuisance", state="absent", block_numbers=FEW, batch_size=1)
    _is_true(told)
    assert _outcomes(told) == {"removed": 3}
    assert account.simulator.numbers("Nuisance") == []


def test_an_id_that_no_group_has_teaches_nothing_of_counters(account: WatchedAccount) -> None:
    _made_anew(account, counters="full")
    account.group(name="Nuisance", state="absent", block_numbers=FEW[:1])
    account.simulator.take_away("Nuisance", FEW[1:2])
    told = account.group(name="Nuisance", state="absent", block_numbers=FEW[1:2])
    assert _changed(told) == (True, "ledger")


def test_that_nothing_is_found_by_an_id_on_record_is_as_true_as_the_record(account: WatchedAccount) -> None:
    account.simulator.reset(delete_of_unknown_id="nothing")
    account.group(**ADD)
    account.group(name="Nuisance", state="absent", block_numbers=FEW)
    account.simulator.delete_group("Nuisance")
    account.simulator.preset("Nuisance", FEW, "Reported")
    told = account.group(name="Nuisance", state="absent", block_numbers=FEW)
    assert _outcomes(told) == {"not_found": 3}
    assert _changed(told) == (False, "ledger")


# -- a group that was made elsewhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
def test_of_a_group_that_was_made_elsewhere_the_record_does_not_tell_all(
    account: WatchedAccount, counters: str
) -> None:
    account.simulator.reset(counters=counters)
    for number in ("9999900007", "9999900008"):  # so that the counter is tested
        account.group(**{**ADD, "name": "Fraud", "block_numbers": [number]})
    account.simulator.preset("Nuisance", FEW, "By hand")
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    known = counters == "truthful"
    added = account.group(**{**ADD, "block_numbers": FEW[:2]}, refresh=False)
    _is_true(added)
    assert _outcomes(added) == ({"already_present": 2} if known else {"already_present": 1, "present": 1})
    assert _changed(added) == ((False, "server") if known else (True, "assumed"))
    predicted = account.runner.group(check_mode=True, name="Nuisance", state="absent", block_numbers=FEW[2:])
    assert (predicted.result["change_source"], predicted.result["counts"]["absent"]) == ("assumed", 1)
    removed = account.group(name="Nuisance", state="absent", block_numbers=FEW[2:])
    _is_true(removed)
    assert _outcomes(removed) == {"absent": 1}  # what the server counts may have been in another group
    assert _changed(removed) == (True, "server" if known else "assumed")


def test_a_group_that_was_made_anew_elsewhere_is_no_longer_known_whole(account: WatchedAccount) -> None:
    _made_anew(account, counters="absent")
    account.group(**{**ADD, "block_numbers": FEW[:1]})
    told = account.group(**{**ADD, "block_numbers": [FEW[0], "9999900009"]})
    assert _outcomes(told) == {"already_present": 1, "present": 1}
    assert _changed(told) == (True, "assumed")


# -- a number that is unique in the account ----------------------------------------------------------------------------


@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
def test_what_is_added_to_one_group_may_have_been_moved_out_of_another(account: WatchedAccount, counters: str) -> None:
    account.simulator.reset(unique_numbers="move", counters=counters)
    account.group(**ADD)
    _is_true(account.group(**{**ADD, "name": "Fraud", "block_numbers": [f"+91{number}" for number in FEW]}))
    assert account.simulator.numbers("Nuisance") == []
    told = account.group(**ADD, refresh=False)
    _is_true(told)
    assert told.result["changed"] is True
    assert account.simulator.numbers("Fraud") == []
    gone = account.group(name="Fraud", state="absent", block_numbers=FEW, remove_shared=True)
    _is_true(gone)
    assert gone.result["counts"]["removed"] == 0


def test_where_groups_may_share_numbers_one_request_more_tells_that(account: WatchedAccount) -> None:
    account.group(**ADD)
    account.group(**{**ADD, "name": "Fraud"})
    told = account.group(**ADD, refresh=False)
    _is_true(told)
    assert (_outcomes(told), _changed(told)) == ({"already_present": 3}, (False, "server"))
    for name in ("Nuisance", "Fraud"):
        assert account.group(**{**ADD, "name": name}, refresh=False).requests == []


def test_a_number_that_was_taken_in_one_of_two_spellings_may_have_been_moved(account: WatchedAccount) -> None:
    account.simulator.reset(unique_numbers="move", present_listed="error")
    account.group(**{**ADD, "block_numbers": FEW[2:]})
    told = account.group(**{**ADD, "name": "Fraud", "block_numbers": [FEW[0], FEW[2], f"+91{FEW[2]}"]})
    _is_true(told)
    assert {row["outcome"] for row in told.result["numbers"][1:]} == {"unconfirmed"}


def test_what_a_run_has_found_before_the_group_turns_out_to_be_gone_stays_on_record(account: WatchedAccount) -> None:
    account.simulator.reset(delete_of_unknown_id="nothing", counters="full")
    account.group(**{**ADD, "block_numbers": FEW[1:2]})
    account.simulator.delete_group("Nuisance")
    removal = {"name": "Nuisance", "state": "absent", "block_numbers": FEW[:2], "batch_size": 1}
    # The server has said success before it said that there is no such group, and its counter tells nothing.
    first = account.group(**removal)
    assert (_outcomes(first), first.result["change_source"]) == ({"not_found": 1, "absent": 1}, "assumed")
    told = account.group(**removal)
    assert (_outcomes(told), told.result["changed"]) == ({"not_found": 2}, False)
