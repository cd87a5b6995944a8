# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several requests at once: what a task tells and keeps does not depend on how many, nor on which is answered first."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock, Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import tampered

PATIENCE = 20.0
NUMBERS = [f"99999{place:05d}" for place in range(1, 41)]
WORDS = '{"status":"error","message":"Temporarily unavailable"}'
REFUSED: Dict[str, Any] = {"kind": "status", "content_type": "application/json", "status": 200, "body": WORDS}

_HELD = "name, number, outcome, n.expiry, batch, ours, contested"
KEPT = (
    "SELECT account, name, seen, group_id, complete, description, expiry, span, unsure FROM groups ORDER BY name",
    f"SELECT {_HELD} FROM numbers AS n, groups WHERE id = group_ref ORDER BY name, number",
    "SELECT name, number, note FROM notes, groups WHERE id = group_ref ORDER BY name, number",
    "SELECT name, value FROM facts ORDER BY name",
)
"""Asks a store for all that is in it of groups and of the account but times."""


class Wire:
    """The simulator without sockets, with what may happen on the way there and back.

    ``before`` and ``after`` are told the numbers of a request. ``log``: what was sent and answered, in order.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._inner = InProcess(simulator)
        self.close = self._inner.close
        self.before: Callable[[List[str]], None] = lambda numbers: None
        self.after: Callable[[List[str]], None] = lambda numbers: None
        self.log: List[Tuple[str, str, List[str]]] = []

    def send(self, request: requests.PreparedRequest, *options: Any, **named: Any) -> requests.Response:
        """Answers a request."""
        body = json.loads(b"".join(request.body or []))  # type: ignore[arg-type]
        numbers = list(body.get("blockNumbers", []))
        method = str(request.method)
        self.log.append(("sent", method, numbers))
        self.before(numbers)
        try:
            return self._inner.send(request, *options, **named)
        finally:
            self.after(numbers)
            self.log.append(("answered", method, numbers))


@pytest.fixture
def wire(runner: Runner) -> Wire:
    """The wire of the runner's tasks."""
    made = Wire(runner.simulator)
    runner.wire = made
    return made


def _ledger(location: Location) -> List[Any]:
    """All that is kept but times."""
    if not os.path.isdir(str(location.directory)):
        return []
    return [tampered(location, statement) for statement in KEPT]


def _outcomes(result: Dict[str, Any]) -> List[str]:
    return [row["outcome"] for row in result["numbers"]]


# -- the same whatever comes first -------------------------------------------------------------------------------------

TELEPHONES = NUMBERS[:6]
SPELLINGS = ("{}", "+91{}", "0{}", "91{}")
BAD = "1400000001"  # refused for its form
PASSING = [
    {"kind": "reset_after"},
    {"kind": "reset_before"},
    {"kind": "truncated"},
    {"kind": "status", "status": 502, "commit": True},
    {"kind": "status", "status": 502},
]  # not the loss of the token, which others may meet as well: how often it is refused depends on what is under way

entries = st.lists(
    st.builds(str.format, st.sampled_from(SPELLINGS), st.sampled_from(TELEPHONES)) | st.just(BAD),
    min_size=1,
    max_size=14,
)
switches = st.fixed_dictionaries(
    {
        "counters": st.sampled_from(["truthful", "full", "absent"]),
        "present_listed": st.sampled_from(["succes", "error", "nowhere"]),
        "number_form": st.sampled_from(["domestic", "domestic", "as_given"]),
        "malformed": st.sampled_from(["refuse_batch", "list_alone"]),
        "update_path": st.sampled_from(["singular", "plural"]),
        "delete_scope": st.sampled_from(["by_name", "by_name", "needs_id", "account_wide"]),
    }
)
wishes = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["present", "present", "absent"]),
        "block_numbers": entries,
        "exempt_numbers": st.lists(st.sampled_from(TELEPHONES), max_size=1),
        "refresh": st.booleans(),
        "purge": st.booleans(),
        "remove_shared": st.booleans(),
        "batch_size": st.integers(1, 4),
        "default_region": st.sampled_from([None, None, "IN"]),
    }
)


@dataclass
class Case:
    """What is so before a task, the task, and what befalls it."""

    switches: Dict[str, Any]
    by_hand: List[str]
    recorded: List[str]
    wish: Dict[str, Any]
    faults: Dict[str, Dict[str, Any]]
    seed: int = field(default=0)

    def ran(self, simulator: Simulator, parallel: int) -> Dict[str, Any]:
        """All that the task tells, keeps and leaves behind, with so many requests at once."""
        shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
        folder = Path(tempfile.mkdtemp(prefix="parallel-", dir=shared))
        try:
            return self._ran(simulator, parallel, folder)
        finally:
            shutil.rmtree(folder)

    def _ran(self, simulator: Simulator, parallel: int, folder: Path) -> Dict[str, Any]:
        simulator.reset(refused_numbers="140.*", **self.switches)
        runner = Runner(simulator, Location(directory=str(folder / "state")))
        wire = Wire(simulator)
        runner.wire = wire
        if self.by_hand:
            simulator.preset("Nuisance", self.by_hand, "By hand")
        if self.recorded:
            runner.group(block_numbers=self.recorded)
        drawn, lock = random.Random(self.seed + parallel), threading.Lock()

        def dawdle(numbers: List[str]) -> None:
            with lock:
                seconds = drawn.choice((0.0, 0.0, 0.0, 0.001, 0.003))
            time.sleep(seconds)

        wire.before = wire.after = dawdle
        for number, fault in self.faults.items():
            simulator.fault(**fault, number=number)
        purge = self.wish["purge"] and self.wish["state"] == "present"
        options = {**self.wish, "purge": purge, "allow_empty": purge, "parallel": parallel}
        report = runner.group(**options, report_path=str(folder / "report.csv"))
        path = folder / "report.csv"
        msg = str(report.result.get("msg")).replace(str(folder), "FOLDER")
        return {
            "result": {**report.result, "msg": msg},
            "failure": report.failure,
            "warnings": report.warnings,
            "secret": report.secret_result,
            "file": path.read_text("utf-8") if path.exists() else None,
            "ledger": _ledger(runner.location),
            "server": [
                (group.id, group.name, group.description, group.expiry_date, sorted(group.numbers))
                for group in simulator.groups()
            ],
            "generated": simulator.generated,
        }


cases = st.builds(
    Case,
    switches,
    st.lists(st.sampled_from(TELEPHONES), max_size=4, unique=True),
    st.just([]) | entries,
    wishes,
    st.dictionaries(st.sampled_from(TELEPHONES), st.sampled_from(PASSING), max_size=2),
    st.integers(0, 10**6),
)


@settings(
    deadline=None, max_examples=60, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck)
)
@given(case=cases)
def test_what_a_task_tells_and_keeps_does_not_depend_on_what_is_answered_first(
    simulator: Simulator, case: Case
) -> None:
    alone = case.ran(simulator, 1)
    for parallel in (2, 8):
        assert case.ran(simulator, parallel) == alone


def test_a_purge_does_not_remove_one_telephone_in_two_spellings_at_once(runner: Runner, wire: Wire) -> None:
    both = [NUMBERS[0], f"+91{NUMBERS[0]}"]
    runner.group(block_numbers=[*both, NUMBERS[1]])
    wire.log.clear()
    wire.before = lambda numbers: time.sleep(0.003)
    report = runner.group(block_numbers=NUMBERS[1:3], refresh=False, purge=True, batch_size=1, parallel=8)
    assert report.failure is None
    removals = [(what, numbers[0]) for what, method, numbers in wire.log if method == "DELETE"]
    assert [what for what, _number in removals] == ["sent", "answered"] * (len(removals) // 2)
    assert {number for _what, number in removals} == set(both)


def _meeting(number: int) -> Callable[[List[str]], None]:
    """Has so many requests wait for each other, once: which fails where they are not under way at once."""
    barrier, lock, left = threading.Barrier(number), threading.Lock(), [number]

    def meet(numbers: List[str]) -> None:
        with lock:
            left[0] -= 1
            meets = left[0] >= 0
        if meets:
            barrier.wait(PATIENCE)

    return meet


def test_as_many_are_under_way_as_the_task_may_have(runner: Runner, wire: Wire) -> None:
    runner.token()
    runner.group(block_numbers=NUMBERS[:1])
    wire.log.clear()
    together = _meeting(8)
    wire.before = lambda numbers: together(numbers) if numbers != NUMBERS[:1] else None
    report = runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8)
    assert report.failure is None
    assert report.result["counts"]["added"] == len(NUMBERS) - 1
    assert _most_at_once(wire.log) == 8


def _most_at_once(log: List[Tuple[str, str, List[str]]]) -> int:
    now = most = 0
    for what, _method, _numbers in log:
        now += 1 if what == "sent" else -1
        most = max(most, now)
    return most


def test_the_first_contact_with_a_group_is_one_at_a_time(runner: Runner, wire: Wire) -> None:
    assert runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8).failure is None
    others = [[number] for number in NUMBERS[1:]]  # whichever thread is the first
    begin = next(place for place, (_what, _method, numbers) in enumerate(wire.log) if numbers in others)
    assert _most_at_once(wire.log[:begin]) == 1
    # A token, an update that finds no group, create; and its answer is there before anything else is sent.
    assert [method for what, method, _numbers in wire.log[:begin] if what == "answered"][:3] == ["POST", "PUT", "POST"]


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parallel", [1, 2, 8])
@pytest.mark.parametrize("place", [1, 5, 20, 39])
def test_after_a_fatal_error_nothing_is_started_and_what_is_under_way_is_awaited_and_told(
    runner: Runner, wire: Wire, parallel: int, place: int
) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    wire.log.clear()
    runner.simulator.fault(**REFUSED, number=NUMBERS[place])
    report = runner.group(block_numbers=NUMBERS, batch_size=1, parallel=parallel)
    # Judged in the order of the list: when it is this one's turn, at most so many have been started beyond it.
    started = len({numbers[0] for _what, _method, numbers in wire.log})
    assert place < started <= min(len(NUMBERS), place + parallel)
    assert {numbers[0] for _what, _method, numbers in wire.log} == set(NUMBERS[:started])
    assert len([what for what, _method, _numbers in wire.log if what == "sent"]) == len(wire.log) / 2
    assert report.failure is not None and "Temporarily unavailable" in report.failure
    expected = ["already_present", *["added"] * (started - 1), *["not_sent"] * (len(NUMBERS) - started)]
    expected[place] = "not_sent"
    assert _outcomes(report.result) == expected
    reasons = [row["reason"] for row in report.result["numbers"]]
    assert reasons[place] == "an error stopped the run"
    assert set(reasons[started:]) <= {"not tried: an error had stopped the run"}
    assert report.result["changed"] == ("added" in expected)
    held = {f"+91{number}" for number, outcome in zip(NUMBERS, expected) if outcome != "not_sent"}
    assert set(runner.simulator.numbers("Nuisance")) == held
    recorded = runner.info(include_numbers=True).result["groups"][0]["numbers"]
    assert {f"+91{row['number']}" for row in recorded} == held


def test_what_comes_after_a_fatal_error_is_not_started_though_an_earlier_one_is_awaited(
    runner: Runner, wire: Wire
) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    refused = threading.Event()

    def order(numbers: List[str]) -> None:
        if numbers == NUMBERS[2:3] and not refused.wait(PATIENCE):  # the second, and with it all that is to be judged
            raise TimeoutError

    def note(numbers: List[str]) -> None:
        if numbers == NUMBERS[5:6]:
            threading.Timer(0.5, refused.set).start()  # far more than it takes to read the refusal

    wire.before = order
    runner.simulator.fault(**REFUSED, number=NUMBERS[5])
    wire.after = note
    report = runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8)
    assert report.failure is not None and "Temporarily unavailable" in report.failure
    outcomes = _outcomes(report.result)
    assert outcomes[:6] == ["already_present", *["added"] * 4, "not_sent"]
    # Nothing but what was under way when the refusal came: the window of eight from the one that was awaited.
    assert set(outcomes[2 + 8 :]) == {"not_sent"}


def test_of_two_fatal_errors_that_of_the_first_in_the_list_is_told(runner: Runner, wire: Wire) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    first_may_end = threading.Event()

    def order(numbers: List[str]) -> None:
        if numbers == NUMBERS[3:4]:
            first_may_end.set()
        elif numbers == NUMBERS[2:3] and not first_may_end.wait(PATIENCE):
            raise TimeoutError

    wire.after = order
    another = {**REFUSED, "body": WORDS.replace("Temporarily", "Quite")}
    runner.simulator.fault(**REFUSED, number=NUMBERS[2])
    runner.simulator.fault(**another, number=NUMBERS[3])
    report = runner.group(block_numbers=NUMBERS[:10], batch_size=1, parallel=8)
    assert report.failure is not None and "Temporarily unavailable" in report.failure
    assert "Quite" not in report.failure
    outcomes = _outcomes(report.result)
    assert outcomes[:8] == ["already_present", "added", "not_sent", "not_sent", *["added"] * 4]
    assert {row["reason"] for row in report.result["numbers"][8:]} <= {"", "not tried: an error had stopped the run"}


@pytest.mark.parametrize("commit", [True, False])
def test_an_answer_that_stays_out_leaves_open_what_became_of_its_batch_alone(runner: Runner, commit: bool) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    runner.simulator.fault("status", status=502, commit=commit, number=NUMBERS[4], times=4)  # each try of this batch
    report = runner.group(block_numbers=NUMBERS[:20], batch_size=1, parallel=8)
    started = len(
        {number for record in runner.simulator.requests("update") for number in record["body"]["blockNumbers"]}
    )
    assert 4 < started <= 4 + 8
    expected = ["already_present", *["added"] * (started - 1), *["not_sent"] * (20 - started)]
    expected[4] = "unconfirmed"
    assert _outcomes(report.result) == expected
    assert report.failure is not None and report.result["changed"]
    assert runner.group(block_numbers=NUMBERS[:20], parallel=8, refresh=False).failure is None
    assert len(runner.simulator.numbers("Nuisance")) == 20


# -- tokens ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("superseded", ["by a stranger", "by another task"])
def test_a_token_that_is_superseded_while_eight_are_under_way_is_replaced_once(
    runner: Runner, wire: Wire, superseded: str
) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    other = Runner(runner.simulator, runner.location)

    def supersede() -> None:
        if superseded == "by a stranger":
            with runner.simulator.server.lock:
                runner.simulator.server.account.generate()
        else:
            assert other.token(force=True).failure is None

    barrier = threading.Barrier(8, supersede)
    wire.before = _once_each(barrier)
    runner.simulator.forget_requests()
    report = runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8)
    assert report.failure is None
    assert report.result["counts"]["added"] == len(NUMBERS) - 1
    assert len(runner.simulator.requests("generate")) == 1  # ours, or that of the other task, which is taken over
    assert runner.simulator.generated == (3 if superseded == "by a stranger" else 2)
    answers = [str(record["answer"]) for record in runner.simulator.requests("update")]
    assert len([answer for answer in answers if "Token Expired" in answer]) == 8


def _once_each(barrier: threading.Barrier) -> Callable[[List[str]], None]:
    """Has the second to ninth number wait for each other when they are sent for the first time."""
    left = [[number] for number in NUMBERS[1:9]]

    def meet(numbers: List[str]) -> None:
        if numbers in left:
            left.remove(numbers)
            barrier.wait(PATIENCE)

    return meet


def test_a_token_that_nobody_may_replace_ends_the_run_with_all_that_was_under_way_told(
    runner: Runner, wire: Wire
) -> None:
    given = runner.token().secret_result["token"]
    runner.group(block_numbers=NUMBERS[:1])
    wire.before = _once_each(threading.Barrier(8, runner.simulator.revoke_tokens))
    report = runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8, token=given)
    assert report.failure is not None and "the server refused the token that was given" in report.failure
    assert _outcomes(report.result) == ["already_present", *["not_sent"] * 39]
    assert not report.result["changed"]


# -- limits ------------------------------------------------------------------------------------------------------------


class TiedClock(FakeClock):
    """A clock that the simulator's goes with."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner.clock.time)
        self._simulator = runner.simulator

    def sleep(self, seconds: float) -> None:
        """Waits."""
        super().sleep(seconds)
        self._simulator.advance(seconds)


def _limited(runner: Runner) -> List[Any]:
    """The requests that met the limit."""
    return [record for record in runner.simulator.requests() if "Max limit" in str(record["answer"])]


def test_the_pace_that_an_account_bears_is_kept_so_that_the_next_run_meets_no_limit(runner: Runner, wire: Wire) -> None:
    runner.simulator.set(rate_limit=10)
    runner.around_clock = clock = TiedClock(runner)
    many: Dict[str, Any] = {"block_numbers": NUMBERS, "batch_size": 1}
    assert runner.group(**many, rate_limit_wait=1000.0).failure is None
    assert _limited(runner)
    kept = dict(tampered(runner.location, "SELECT name, value FROM facts"))
    assert [float(part) for part in kept["limit"].split()[:2]] == [10, 63.0]  # waits of 1, 2, 4, 8, 16 and 32 seconds
    clock.sleep(100.0)
    runner.simulator.forget_requests()
    clock.slept.clear()
    assert runner.group(**many, rate_limit_wait=0.0).failure is None
    assert _limited(runner) == []
    assert clock.slept == [63.0] * 3
    clock.sleep(8 * 86400.0)  # by then it may be another one
    assert runner.group(**many, rate_limit_wait=0.0).failure is not None


def test_all_that_are_under_way_wait_for_a_limit_no_longer_than_the_task_may(runner: Runner, wire: Wire) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    runner.simulator.set(rate_limit=10, retry_after="61")
    runner.around_clock = clock = TiedClock(runner)
    clock.sleep(100.0)
    clock.slept.clear()
    report = runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8, rate_limit_wait=100.0)
    assert report.failure is not None and "Max limit exceeded" in report.failure
    assert clock.slept == [61.0]
    added = [row["canonical"] for row in report.result["numbers"] if row["outcome"] != "not_sent"]
    assert set(runner.simulator.numbers("Nuisance")) == {f"+91{number}" for number in added}
    assert report.result["counts"]["not_sent"] == len(NUMBERS) - len(added) > 0


# -- removals ----------------------------------------------------------------------------------------------------------


def test_additions_have_all_ended_before_removals_begin_and_both_go_several_at_once(runner: Runner, wire: Wire) -> None:
    runner.group(block_numbers=NUMBERS[:20])
    wire.log.clear()
    adding, removing = _meeting(8), _meeting(8)

    def meet(numbers: List[str]) -> None:
        if numbers[0] in NUMBERS[:20]:
            removing(numbers)
        elif numbers != NUMBERS[20:21]:  # the first contact
            adding(numbers)

    wire.before = meet
    report = runner.group(block_numbers=NUMBERS[20:], purge=True, batch_size=1, parallel=8)
    assert report.failure is None
    assert (report.result["counts"]["added"], report.result["counts"]["removed"]) == (20, 20)
    last_addition = max(place for place, (_what, method, _numbers) in enumerate(wire.log) if method == "PUT")
    assert {method for _what, method, _numbers in wire.log[last_addition + 1 :]} == {"DELETE"}
    assert "DELETE" not in {method for _what, method, _numbers in wire.log[:last_addition]}
    assert set(runner.simulator.numbers("Nuisance")) == {f"+91{number}" for number in NUMBERS[20:]}


def test_an_error_among_the_additions_keeps_the_removals_from_beginning(runner: Runner, wire: Wire) -> None:
    runner.group(block_numbers=NUMBERS[:20])
    wire.log.clear()
    runner.simulator.fault(**REFUSED, number=NUMBERS[39])
    report = runner.group(block_numbers=NUMBERS[20:], purge=True, batch_size=1, parallel=8)
    assert report.failure is not None
    assert {method for _what, method, _numbers in wire.log} == {"PUT"}
    assert (report.result["counts"]["added"], report.result["counts"]["not_sent"]) == (19, 21)
    assert {f"+91{number}" for number in NUMBERS[:39]} == set(runner.simulator.numbers("Nuisance"))


# -- a process that is killed ------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here, as by SIGKILL."""


def _killing(at: int) -> Callable[[List[str]], None]:
    """Lets so many requests pass, and none after that."""
    lock, left = threading.Lock(), [at]

    def kill(numbers: List[str]) -> None:
        with lock:
            left[0] -= 1
            killed = left[0] < 0
        if killed:
            raise Killed

    return kill


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [0, 1, 2, 5, 9, 17, 30])
@pytest.mark.parametrize("removing", [False, True], ids=["adding", "removing"])
def test_what_a_task_that_was_killed_leaves_on_record_is_repaired_by_the_next(
    runner: Runner, wire: Wire, at: int, answered: bool, removing: bool
) -> None:
    runner.group(block_numbers=NUMBERS if removing else NUMBERS[:1])
    if answered:
        wire.after = _killing(at)
    else:
        wire.before = _killing(at)
    removal: Dict[str, Any] = {"block_numbers": NUMBERS[1:], "state": "absent"}
    listed = removal if removing else {"block_numbers": NUMBERS}
    with pytest.raises(Killed):
        runner.group(**listed, batch_size=1, parallel=8)
    wire.before = wire.after = lambda numbers: None
    # What is on record as present is in the group, for certain.
    recorded = runner.info(include_numbers=True).result["groups"][0]["numbers"]
    certain = {f"+91{row['number']}" for row in recorded if row["state"] == "present"}
    assert certain <= set(runner.simulator.numbers("Nuisance"))
    # So the next run, which trusts the record, brings about what is wanted: in either direction.
    assert runner.group(block_numbers=NUMBERS, refresh=False, parallel=8, batch_size=3).failure is None
    assert set(runner.simulator.numbers("Nuisance")) == {f"+91{number}" for number in NUMBERS}
    wire.log.clear()
    again = runner.group(block_numbers=NUMBERS, refresh=False, parallel=8)
    assert (again.failure, again.result["changed"], wire.log) == (None, False, [])


def test_a_task_that_is_interrupted_while_it_waits_for_a_limit_sends_nothing_more(runner: Runner, wire: Wire) -> None:
    runner.group(block_numbers=NUMBERS[:1])
    runner.simulator.set(rate_limit=10, retry_after="61")

    class Interrupted(TiedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)  # by now the account would take more
            raise KeyboardInterrupt

    runner.around_clock = Interrupted(runner)
    runner.simulator.advance(100.0)
    wire.log.clear()
    with pytest.raises(KeyboardInterrupt):
        runner.group(block_numbers=NUMBERS, batch_size=1, parallel=8, rate_limit_wait=100.0)
    refused = [record["body"]["blockNumbers"][0] for record in _limited(runner)]
    # Whatever was answered before is on record, but for what was still being waited for.
    recorded = runner.info(include_numbers=True).result["groups"][0]["numbers"]
    certain = {f"+91{row['number']}" for row in recorded if row["state"] == "present"}
    held = set(runner.simulator.numbers("Nuisance"))
    assert certain <= held
    assert len(held - certain) <= 8
    assert refused
    assert not held & set(refused)


@pytest.mark.parametrize("at", [0, 1, 9, 20])
def test_a_removal_that_was_killed_is_completed_by_the_next(runner: Runner, wire: Wire, at: int) -> None:
    runner.group(block_numbers=NUMBERS)
    wire.after = _killing(at)
    removal: Dict[str, Any] = {"block_numbers": NUMBERS[1:], "state": "absent", "batch_size": 1, "parallel": 8}
    with pytest.raises(Killed):
        runner.group(**removal)
    wire.after = lambda numbers: None
    assert runner.group(**removal, refresh=False).failure is None
    assert runner.simulator.numbers("Nuisance") == [f"+91{NUMBERS[0]}"]
    wire.log.clear()
    again = runner.group(**removal, refresh=False)
    assert (again.failure, again.result["changed"], wire.log) == (None, False, [])
