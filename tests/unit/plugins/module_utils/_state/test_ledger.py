# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger, through whole runs on both engines: killed, cut off, deleted, predicted."""

from __future__ import annotations

import copy
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import Intent, Kind, RecordedGroup, Why
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import IN_GROUP, NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import Batch
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import (
    Attributes,
    GroupRecorder,
    Ledger,
    NumberRecord,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store, open_store
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock, Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database, tampered

NUMBERS = [f"99999{n:05d}" for n in range(1, 61)]


def _recorded(runner: Runner, name: str = "Nuisance") -> Dict[str, str]:
    """The outcome of each number by the ledger."""
    return {record.number: record.outcome.value for record in _records(runner, name)}


def _records(runner: Runner, name: str = "Nuisance") -> List[NumberRecord]:
    store = open_store(runner.location, False, FakeClock())
    found = list(Ledger(store, runner.account, lambda expiry: False).numbers(name))
    store.close()
    return found


def _present(runner: Runner, name: str = "Nuisance") -> List[str]:
    """The numbers that are in the group by the ledger, in the server's form."""
    return sorted(f"+91{n}" for n, outcome in _recorded(runner, name).items() if Outcome(outcome) in IN_GROUP)


def test_each_batch_is_on_record_before_the_next_is_sent(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    # After one that finds no group, the number that create did not confirm, two batches, and one number that is sent
    # again.
    runner.simulator.fault("status", call="update", after=5, times=9, status=404)
    report = runner.group(block_numbers=NUMBERS, batch_size=10)
    assert report.failure is not None
    recorded = _recorded(runner)
    assert sorted(recorded) == NUMBERS[:20]
    assert set(recorded.values()) == {"added"}


def test_the_groups_id_description_and_expiry_are_on_record(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS[:3], expiry_date="2099-12-31 23:59:59")
    store = open_store(runner.location, False, FakeClock())
    (group,) = store.rows("SELECT name, group_id, description, expiry FROM groups")
    numbers = store.rows("SELECT number, outcome, expiry, recorded_at, batch FROM numbers ORDER BY number")
    store.close()
    assert group == ("Nuisance", 20, "Reported", "2099-12-31 23:59:59")
    assert numbers[0] == (NUMBERS[0], "added", "2099-12-31 23:59:59", runner.clock.time, 1)


def _group(runner: Runner) -> RecordedGroup:
    store = open_store(runner.location, False, FakeClock())
    found = Ledger(store, runner.account, lambda expiry: False).group("Nuisance")
    store.close()
    return found


@pytest.mark.parametrize(
    ("new", "earlier"), [("2098-01-01 00:00:00", "2098-01-01 00:00:00"), ("2100-01-01 00:00:00", "2099-12-31 23:59:59")]
)
def test_a_text_that_may_have_changed_is_not_certain_until_an_update_is_answered(
    runner_on_each_engine: Runner, new: str, earlier: str
) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS[:3], expiry_date="2099-12-31 23:59:59")
    assert _group(runner).unsure is False
    runner.simulator.fault("status", call="update", times=1, status=400, body='{"status":"error","message":"Busy"}')
    assert runner.group(block_numbers=NUMBERS[:3], expiry_date=new).failure is not None
    assert (_group(runner).unsure, _group(runner).expiry) == (True, earlier)
    runner.group(state="absent", block_numbers=NUMBERS[:1])
    assert _group(runner).unsure is True
    runner.group(block_numbers=NUMBERS[:3], expiry_date=new)
    assert (_group(runner).unsure, _group(runner).expiry) == (False, new)


def test_a_group_of_which_only_a_removal_knows_has_no_certain_text(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.simulator.preset("Nuisance", NUMBERS[:3])
    runner.group(state="absent", block_numbers=NUMBERS[:1])
    assert (_group(runner).known, _group(runner).unsure) == (True, True)
    runner.group(block_numbers=NUMBERS[1:3])
    assert (_group(runner).unsure, _group(runner).description) == (False, "Reported")


def test_a_deleted_ledger_costs_nothing_but_what_is_known(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS)
    shutil.rmtree(runner.options["state_store"])
    again = runner.group(block_numbers=[*NUMBERS, "9999900099"])
    assert again.failure is None
    assert again.result["counts"]["present"] == 61  # the server counted one as new and does not say which
    assert again.result["server_counts"]["inserted"] == 1
    assert (again.result["changed"], again.result["change_source"]) == (True, "server")
    assert len(runner.simulator.numbers("Nuisance")) == 61
    assert _present(runner) == sorted(runner.simulator.numbers("Nuisance"))


PROGRAM = """
import json, sys
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import RealRunner
options = json.loads(sys.argv[5])
report = RealRunner(*sys.argv[1:5]).group(**options)
"""


def _killed_at_batch(runner: Runner, numbers: List[str], batch: int) -> None:
    """Runs a process on the list, and kills it when the server has seen so many updates."""
    options = json.dumps({"block_numbers": numbers, "batch_size": 5})
    arguments = [str(runner.options[name]) for name in ("domain", "username", "api_key", "state_store")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PGPASSWORD": runner.location.password or ""}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments, options], env=environment)
    while len(runner.simulator.requests("update")) < batch and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("round_", range(8))
def test_a_killed_run_goes_on_where_it_was(runner_on_each_engine: Runner, round_: int) -> None:
    runner = runner_on_each_engine
    runner.simulator.set(latency=0.002)
    length = 20 + (round_ * 37) % 41
    batch = 1 + round_ % (length // 5 + 1)
    numbers = NUMBERS[:length]
    _killed_at_batch(runner, numbers, batch)
    before, recorded = len(runner.simulator.numbers("Nuisance")), set(_present(runner))
    # What is on record was done; of what was done at most one batch is not on record.
    assert recorded <= set(runner.simulator.numbers("Nuisance"))
    assert before - len(recorded) <= 5
    runner.simulator.forget_requests()
    again = runner.group(block_numbers=numbers, batch_size=5, refresh=False)
    assert again.failure is None
    sent = {number for record in runner.simulator.requests("update") for number in record["body"]["blockNumbers"]}
    assert not {f"+91{number}" for number in sent} & recorded
    assert sorted(runner.simulator.numbers("Nuisance")) == sorted(f"+91{number}" for number in numbers)
    assert _present(runner) == sorted(runner.simulator.numbers("Nuisance"))
    assert len(runner.simulator.groups()) == 1


def test_a_database_that_goes_away_in_the_middle_is_told_and_the_next_run_goes_on(
    simulator: Simulator, postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(simulator, empty_database(postgresql))
    seen: List[bool] = []

    class Breaking(FakeClock):
        """A clock that is asked the time at every batch, and so knows when to pull the plug."""

        def now(self) -> float:
            if len(simulator.requests("update")) == 4 and not seen:
                seen.append(True)
                postgresql.stop()
            return self.time

    runner.clock = runner.around_clock = Breaking(runner.clock.time)
    try:
        report = runner.group(block_numbers=NUMBERS, batch_size=10)
    finally:
        postgresql.start()
    assert seen
    assert report.failure is not None
    assert "state store postgresql://127.0.0.1" in report.failure
    assert postgresql.password not in report.failure
    assert report.result["changed"]
    blocked = len(simulator.numbers("Nuisance"))
    assert report.result["counts"]["added"] == blocked
    assert report.result["counts"]["not_sent"] == 60 - blocked
    runner.clock = runner.around_clock = FakeClock(runner.clock.time)
    assert set(_present(runner)) < set(simulator.numbers("Nuisance"))
    again = runner.group(block_numbers=NUMBERS, batch_size=10, refresh=False)
    assert again.failure is None
    assert len(simulator.numbers("Nuisance")) == 60
    assert _present(runner) == sorted(simulator.numbers("Nuisance"))


def test_two_runs_on_the_same_group_take_turns_and_on_different_groups_do_not_wait(
    runner_on_each_engine: Runner,
) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS[:1])
    store = open_store(runner.location, False, FakeClock())
    name = f"the group Nuisance of {runner.account}"
    with store.lock(name, 1.0):
        blocked = runner.group(block_numbers=NUMBERS, lock_timeout=0.1)
        free = runner.group(name="Fraud", block_numbers=NUMBERS[:5], lock_timeout=0.1)
        looking = runner.group(check_mode=True, block_numbers=NUMBERS, lock_timeout=0.1)
    assert blocked.failure is not None
    assert f"process {os.getpid()}" in blocked.failure
    assert "holds it since" in blocked.failure
    assert free.failure is None
    assert looking.failure is None
    assert runner.group(block_numbers=NUMBERS).failure is None
    store.close()


def test_errors_of_the_store_are_errors_of_the_domain(tmp_path: Path) -> None:
    store = open_store(Location(directory=str(tmp_path / "state")), False, FakeClock())
    with pytest.raises(StoreError):
        store.rows("SELECT * FROM nothing")
    store.close()


@pytest.mark.parametrize(("column", "value"), [("outcome", "nonsense"), ("expiry", "some day")])
def test_c2_a_recorded_number_that_makes_no_sense_is_told_as_damage(
    runner_on_each_engine: Runner, column: str, value: str
) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS[:2])
    tampered(runner.location, f"UPDATE numbers SET {column} = '{value}'")
    for report in (runner.group(block_numbers=NUMBERS[:2]), runner.info(name="Nuisance")):
        assert report.failure is not None
        assert "is damaged" in report.failure
        assert value in report.failure


def _counting(store: Store) -> Tuple[Store, List[str]]:
    """The store, with a list of what is asked of it."""
    asked: List[str] = []
    counting = copy.copy(store)

    def counted(name: str) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            asked.append(name)
            return getattr(store, name)(*arguments)

        return called

    for name in ("rows", "rows_among", "upsert"):
        setattr(counting, name, counted(name))
    return counting, asked


@pytest.mark.parametrize("count", [1, 100])
def test_the_outcomes_of_a_batch_are_one_statement(location: Location, count: int) -> None:
    store = open_store(location, False, FakeClock())
    counting, asked = _counting(store)
    recorder = GroupRecorder(counting, "me", "Nuisance", Attributes("Reported", None, None), FakeClock(), False)
    numbers = [Number(f"9{at:09d}", f"9{at:09d}", "") for at in range(count)]
    batch = Batch(tuple(Intent(Kind.ADD, number, Why.NEW) for number in numbers), 1)
    results = [NumberResult(number, Outcome.ADDED, "", 1) for number in numbers]
    recorder.keep(batch, results, True, 7, False)
    assert asked == ["rows", "rows", "upsert"]  # the group itself, once
    asked.clear()
    recorder.keep(batch, results, True, 7, False)
    assert asked == ["upsert"]
    assert len(list(Ledger(store, "me", lambda expiry: False).numbers("Nuisance"))) == count
    store.close()


def test_where_other_groups_are_on_record_one_statement_more_puts_them_in_doubt(
    runner_on_each_engine: Runner,
) -> None:
    """Once for a batch, of those numbers only that have come into this group, in whatever spelling."""
    runner = runner_on_each_engine
    runner.group(name="Fraud", block_numbers=[*NUMBERS[:3], f"+91{NUMBERS[3]}", NUMBERS[4]])
    store = open_store(runner.location, False, FakeClock())
    counting, asked = _counting(store)
    recorder = GroupRecorder(
        counting, runner.account, "Nuisance", Attributes("Reported", None, None), FakeClock(), False
    )
    outcomes = [Outcome.ADDED, Outcome.PRESENT, Outcome.ALREADY_PRESENT, Outcome.UNCONFIRMED, Outcome.REJECTED]
    numbers = [Number(number, number, "") for number in NUMBERS]
    batch = Batch(tuple(Intent(Kind.ADD, number, Why.NEW) for number in numbers[:5]), 1)
    results = [
        NumberResult(number, outcome, "", 1, may_be_ours=outcome is Outcome.UNCONFIRMED)
        for number, outcome in zip(numbers, outcomes)
    ]
    recorder.keep(batch, results, True, 7, False)
    assert asked == ["rows", "rows", "upsert", "rows_among"]
    asked.clear()
    recorder.keep(batch, results[4:], True, 7, False)
    assert asked == ["upsert"]
    ledger = Ledger(store, runner.account, lambda expiry: False)
    found = ledger.look_up("Fraud", [*NUMBERS[:3], f"+91{NUMBERS[3]}", NUMBERS[4]])
    assert [of.contested for of in found.values()].count(True) == 3
    assert {number for number, of in found.items() if of.contested} == {*NUMBERS[:2], f"+91{NUMBERS[3]}"}
    assert all((of.outcome is Outcome.UNCONFIRMED) is of.contested for of in found.values())
    removal = Batch(tuple(Intent(Kind.REMOVE, number, Why.LISTED) for number in numbers[4:5]), 2)
    recorder.keep(removal, [NumberResult(numbers[4], Outcome.UNCONFIRMED, "", 2, may_be_ours=True)], True, 7, False)
    assert ledger.look_up("Fraud", NUMBERS[4:5])[NUMBERS[4]].outcome is not Outcome.UNCONFIRMED
    store.close()


def test_what_was_contested_stays_so_while_it_is_unconfirmed_and_keeps_its_expiry(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS[:2], expiry_date="2099-12-31 23:59:59")
    runner.group(name="Fraud", block_numbers=NUMBERS[:1])
    runner.simulator.fault("status", call="update", times=9, status=500)
    assert runner.group(block_numbers=NUMBERS[:2], refresh=False).failure is not None
    store = open_store(runner.location, False, FakeClock())
    ledger = Ledger(store, runner.account, lambda expiry: False)
    assert ledger.look_up("Nuisance", NUMBERS[:1])[NUMBERS[0]].contested
    runner.simulator.server.faults.faults.clear()
    runner.group(block_numbers=NUMBERS[:2], refresh=False)
    found = ledger.look_up("Nuisance", NUMBERS[:1])[NUMBERS[0]]
    assert (found.contested, found.in_group, found.expiry) == (False, True, "2099-12-31 23:59:59")
    store.close()


def test_c17_numbers_of_other_groups_are_found_by_look_ups_and_not_by_comparing_each_with_each(
    runner_on_each_engine: Runner,
) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS)
    runner.group(name="Fraud", block_numbers=[f"0{number}" for number in NUMBERS])
    store = open_store(runner.location, False, FakeClock())
    counting, asked = _counting(store)
    ledger = Ledger(counting, runner.account, lambda expiry: False)
    assert ledger.elsewhere("Nuisance", dict.fromkeys(NUMBERS, 0.0)) == dict.fromkeys(NUMBERS, ("Fraud",))
    assert asked == ["rows_among"]
    store.close()


# -- prediction --------------------------------------------------------------------------------------------------------

_numbers = st.lists(st.sampled_from(NUMBERS[:12]), max_size=8)
_history = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Nuisance", "Fraud"]),
            "state": st.sampled_from(["present", "present", "absent"]),
            "block_numbers": _numbers,
            "exempt_numbers": st.lists(st.sampled_from(NUMBERS[:12]), max_size=2),
            "description": st.sampled_from(["Reported", "Reported twice"]),
            "expiry_date": st.sampled_from([None, "2099-01-01 00:00:00", "2099-06-01 00:00:00"]),
            "refresh": st.booleans(),
            "purge": st.booleans(),
            "remove_shared": st.booleans(),
            "batch_size": st.sampled_from([1, 3, 100]),
        }
    ),
    min_size=1,
    max_size=6,
)


def _sound(options: Dict[str, Any], scope: str) -> Dict[str, Any]:
    purge = options["purge"] and options["state"] == "present"
    # Whether a removal reaches other groups is the server's secret: what is recorded of them is right only if it does.
    remove_shared = scope == "account_wide" and options["remove_shared"]
    return {**options, "purge": purge, "allow_empty": purge, "remove_shared": remove_shared}


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    history=_history,
    switches=st.fixed_dictionaries(
        {
            "counters": st.sampled_from(["truthful", "full", "absent"]),
            "present_listed": st.sampled_from(["succes", "error", "nowhere"]),
            "delete_scope": st.sampled_from(["by_name", "needs_id", "account_wide"]),
            "create_confirms": st.just("succes"),
        }
    ),
)
def test_check_mode_predicts_exactly_and_a_second_run_plans_nothing(
    simulator: Simulator,
    tmp_path_factory: pytest.TempPathFactory,
    history: List[Dict[str, Any]],
    switches: Dict[str, Any],
) -> None:
    simulator.reset(**switches)
    runner = Runner(simulator, Location(directory=str(tmp_path_factory.mktemp("store") / "state")))
    runner.wire = InProcess(simulator)
    for drawn in history:
        options = _sound(drawn, switches["delete_scope"])
        predicted = runner.group(check_mode=True, **options)
        done = runner.group(**options)
        assert (predicted.failure is None) == (done.failure is None), (predicted.failure, done.failure)
        if done.failure is not None:
            continue
        if predicted.result["change_source"] == "ledger":
            assert predicted.result["changed"] == done.result["changed"]
            if not predicted.result["counts"]["present"] + predicted.result["counts"]["absent"]:
                assert predicted.result["counts"] == done.result["counts"]
        again = runner.group(**{**options, "refresh": False})
        assert again.result["requests_sent"] == 0
        assert not again.result["changed"]
        on_server = set(simulator.numbers(options["name"]))
        present = set(_present(runner, options["name"]))
        # What another group was given since may have been moved there.
        open_ones = {f"+91{n}" for n, outcome in _recorded(runner, options["name"]).items() if outcome == "unconfirmed"}
        assert present <= on_server <= present | open_ones


def test_the_ledger_outlives_a_rotated_key(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS[:3])
    report = runner.group(block_numbers=NUMBERS[:3], refresh=False, api_key="KK" + "f" * 32)
    assert (report.failure, report.result["requests_sent"]) == (None, 0)
