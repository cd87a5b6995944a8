# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger, through whole runs on both engines: killed, cut off, deleted, predicted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import RecordedNumber
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import IN_GROUP, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger, NumberRecord
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import open_store
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock, Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import counting, empty_database, opened, tampered

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
    assert "has held it since" in blocked.failure
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


def test_c17_numbers_of_other_groups_are_found_by_look_ups_and_not_by_comparing_each_with_each(
    runner_on_each_engine: Runner,
) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS)
    runner.group(name="Fraud", block_numbers=[f"0{number}" for number in NUMBERS])
    store = open_store(runner.location, False, FakeClock())
    counted, asked = counting(store)
    ledger = Ledger(counted, runner.account, lambda expiry: False)
    assert ledger.elsewhere("Nuisance", dict.fromkeys(NUMBERS, 0.0)) == dict.fromkeys(NUMBERS, ("Fraud",))
    assert asked == ["rows", "rows_among"]
    store.close()


def _put(location: Location, *statements: str) -> None:
    """A group with numbers on record, in an account of its own."""
    group = (
        "INSERT INTO groups (id, account, name, seen, complete, unsure, recorded_at)"
        " VALUES (1, 'me', 'Nuisance', 1, 1, 0, 0)"
    )
    opened(location).close()
    tampered(location, group, *statements)


def _row(number: str, outcome: str = "added", at: float = 100.0, ours: int = 1, expiry: Optional[str] = None) -> str:
    told = "NULL" if expiry is None else f"'{expiry}'"
    return (
        "INSERT INTO numbers (group_ref, number, outcome, expiry, recorded_at, batch, ours, contested)"
        f" VALUES (1, '{number}', '{outcome}', {told}, {at}, 1, {ours}, 0)"
    )


def test_numbers_of_which_the_same_is_recorded_share_one_object(location: Location) -> None:
    _put(location, *(_row(number, at=at) for at, number in enumerate(NUMBERS[:3])), _row(NUMBERS[3], "removed", 5.0))
    store = opened(location)
    found = Ledger(store, "me", lambda expiry: False).look_up("Nuisance", NUMBERS[:5])
    store.close()
    assert found == {
        **dict.fromkeys(NUMBERS[:3], RecordedNumber(Outcome.ADDED, ours=True)),  # whenever they were recorded
        NUMBERS[3]: RecordedNumber(Outcome.REMOVED, ours=True, recorded_at=5.0),
    }
    assert len({id(of) for of in found.values()}) == 2


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (_row(NUMBERS[2], at=300.0), True),
        (_row(NUMBERS[2], "already_present"), False),
        (_row(NUMBERS[2], ours=0), False),
        (_row(NUMBERS[2], expiry="2099-01-01 00:00:00"), False),
        (_row(NUMBERS[2], "removed"), False),
        (None, False),
    ],
)
def test_numbers_are_alike_where_the_same_is_recorded_of_each(
    location: Location, other: Optional[str], same: bool
) -> None:
    _put(location, _row(NUMBERS[0]), _row(NUMBERS[1]), *([] if other is None else [other]))
    store = opened(location)
    ledger = Ledger(store, "me", lambda expiry: False)
    recorded = RecordedNumber(Outcome.ADDED, ours=True)
    assert ledger.alike("Nuisance", NUMBERS[:2]) == recorded
    assert ledger.alike("Nuisance", NUMBERS[:3]) == (recorded if same else None)
    assert ledger.alike("Fraud", NUMBERS[:2]) is None
    store.close()


def test_of_many_numbers_it_is_found_too_that_one_is_not_alike(location: Location) -> None:
    many = [f"8{n:09d}" for n in range(1500)]  # more than one statement asks for
    _put(location, *map(_row, many))
    store = opened(location)
    ledger = Ledger(store, "me", lambda expiry: False)
    assert ledger.alike("Nuisance", many) == RecordedNumber(Outcome.ADDED, ours=True)
    assert ledger.alike("Nuisance", [*many, NUMBERS[0]]) is None
    tampered(location, f"UPDATE numbers SET outcome = 'removed' WHERE number = '{many[-1]}'")
    assert ledger.alike("Nuisance", many) is None
    store.close()


def test_numbers_that_are_not_in_the_group_are_alike_only_if_recorded_at_one_time(location: Location) -> None:
    _put(location, _row(NUMBERS[0], "removed", 5.0), _row(NUMBERS[1], "removed", 5.0), _row(NUMBERS[2], "removed", 6.0))
    store = opened(location)
    ledger = Ledger(store, "me", lambda expiry: False)
    assert ledger.alike("Nuisance", NUMBERS[:2]) == RecordedNumber(Outcome.REMOVED, ours=True, recorded_at=5.0)
    assert ledger.alike("Nuisance", NUMBERS[:3]) is None
    store.close()


def test_numbers_whose_expiry_has_passed_are_alike_as_unconfirmed(location: Location) -> None:
    _put(location, *(_row(number, expiry="2020-01-01 00:00:00") for number in NUMBERS[:2]))
    store = opened(location)
    (alike,) = {Ledger(store, "me", lambda expiry: True).alike("Nuisance", NUMBERS[:2])}
    assert alike == RecordedNumber(Outcome.UNCONFIRMED, "2020-01-01 00:00:00", ours=True)
    store.close()


def test_numbers_are_counted_by_their_outcome_and_their_own_expiry(location: Location) -> None:
    _put(location, _row("1"), _row("2"), _row("3", expiry="2099-01-01 00:00:00"), _row("4", "removed"))
    store = opened(location)
    ledger = Ledger(store, "me", lambda expiry: True)
    assert sorted(ledger.tally("Nuisance"), key=str) == sorted(
        [
            (Outcome.ADDED, None, 2),
            (Outcome.ADDED, "2099-01-01 00:00:00", 1),
            (Outcome.REMOVED, None, 1),
        ],
        key=str,
    )
    assert ledger.tally("Fraud") == []
    store.close()
    tampered(location, "UPDATE numbers SET outcome = 'odd' WHERE number = '1'")
    store = opened(location)
    with pytest.raises(StoreError, match="is damaged: 'odd' in it is not an outcome"):
        Ledger(store, "me", lambda expiry: True).tally("Nuisance")
    store.close()


def test_what_was_recorded_since_a_time_is_fresh(location: Location) -> None:
    _put(location, _row(NUMBERS[0], at=99.0), _row(NUMBERS[1], at=100.0), _row(NUMBERS[2], "removed", 101.0))
    store = opened(location)

    def fresh(*between: Tuple[float, float]) -> List[bool]:
        found = Ledger(store, "me", lambda expiry: False, *between).look_up("Nuisance", NUMBERS[:3])
        return [found[number].fresh for number in NUMBERS[:3]]

    assert fresh() == [False, False, False]
    assert fresh((99.5, 101.0)) == [False, True, True]
    assert fresh((100.0, 101.0)) == [False, False, True]
    assert fresh((99.5, 100.5)) == [False, True, False]  # a clock that was ahead has confirmed nothing
    assert Ledger(store, "me", lambda expiry: False, (99.5, 101.0)).alike("Nuisance", NUMBERS[:2]) is None
    store.rows("UPDATE numbers SET batch = NULL WHERE number = ?", NUMBERS[1])
    assert fresh((99.5, 101.0)) == [False, False, True]  # nor has a request that was not answered
    store.close()


def test_what_a_purge_may_remove_comes_in_parts_in_its_order(location: Location) -> None:
    statement = (
        "WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 10000)"
        " INSERT INTO numbers (group_ref, number, outcome, recorded_at, batch, ours, contested)"
        " SELECT 1, CAST(8000000000 + n AS TEXT), 'added', 0, 1, CASE WHEN n = 7 THEN 0 ELSE 1 END, 0 FROM counted"
    )
    _put(location, statement)
    store = opened(location)
    ledger = Ledger(store, "me", lambda expiry: False)
    parts = list(ledger.ours("Nuisance"))
    assert [number for part in parts for number in part] == [f"{8000000000 + n}" for n in range(10001) if n != 7]
    assert len(parts) > 1
    assert all(parts)
    assert [record.number for record in ledger.numbers("Nuisance")] == [f"{8000000000 + n}" for n in range(10001)]
    assert list(ledger.ours("Fraud")) == []
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
