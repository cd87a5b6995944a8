# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random histories of whole tasks, with whatever may happen between and within them, held against the truth.

Always the same ones, so that a change is to blame for what they find. With FUZZ they are new ones each time; HISTORIES
then says how many. A third of them go over real sockets.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import IN_GROUP, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.account import end_of
from ansible_collections.ozonetel.cloudagent.tests.simulator.faults import ON_THE_WIRE
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import (
    Told,
    numbers_of,
    numbers_only,
    respelled,
    sent_numbers,
    snapshot,
    violations,
)
from ansible_collections.ozonetel.cloudagent.tests.truth.watched import (
    ODD_SUCCESSES,
    REFUSALS,
    UNANSWERED,
    WatchedAccount,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database, opened

pytestmark = pytest.mark.unmeasured

FUZZ = bool(os.environ.get("FUZZ"))
HISTORIES = int(os.environ.get("HISTORIES", "450"))
STEPS = 12

TELEPHONES = [f"99999{n:05d}" for n in range(1, 9)]
SPELLINGS = ("{}", "+91{}", "0{}", "91{}")
BAD = "1400000001"  # refused for its form, by the switch refused_numbers
GROUPS = ["Nuisance", "Fraud", "Spam"]
DAY = 86400.0


class Killed(BaseException):
    """The process ends here, as by SIGKILL."""


switches = st.fixed_dictionaries(
    {
        "counters": st.sampled_from(["truthful", "full", "absent"]),
        "present_listed": st.sampled_from(["succes", "error", "nowhere"]),
        "duplicate_group": st.sampled_from(["refuse", "second", "merge"]),
        "create_accepts": st.sampled_from(["string", "any"]),
        # Of a number that create names under succes and does not block, nobody could know.
        "create": st.sampled_from([("succes", True), ("error", True), ("error", False), ("nowhere", True)]),
        "update_path": st.sampled_from(["singular", "plural", "both", "singular", "plural", "both", "none"]),
        "missing_endpoint_status": st.sampled_from([404, 405]),
        "unknown_group_words": st.sampled_from(["Invalid group id", "No such group", "Record not found"]),
        "malformed": st.sampled_from(["refuse_batch", "list_alone"]),
        "unique_numbers": st.sampled_from(["no", "refuse", "move"]),
        "update_takes_expiry": st.booleans(),
        "update_takes_description": st.booleans(),
        "description_required_on_update": st.booleans(),
        "expiry_required": st.sampled_from([False, False, False, True]),
        "expired_numbers_vanish": st.booleans(),
        "delete_scope": st.sampled_from(["by_name", "needs_id", "account_wide"]),
        "delete_of_unknown_id": st.sampled_from(["refuse", "nothing"]),
        "number_form": st.sampled_from(["domestic", "domestic", "as_given"]),
        "auth_mode": st.sampled_from(["TOKEN_AUTH", "TOKEN_AUTH", "TOKEN_AUTH", "BASIC_AUTH"]),
        "auth_failure_status": st.sampled_from([200, 401]),
        "auth_failure_words": st.sampled_from(
            ["Token Expired", "Invalid Token", "Authentication failed", "Missing userName or apiKey"]
        ),
        "generation_failure_status": st.sampled_from([200, 401]),
        "generation_limit_status": st.sampled_from([200, 429]),
        "refused_generation_counts": st.booleans(),
        "token_lifetime": st.sampled_from([3600, 3600, 3600, 45]),
        "token_field": st.sampled_from(["token", "authToken", "data.token", "data.authToken"]),
        "token_form": st.sampled_from(["jwt", "opaque"]),
        "error_http": st.sampled_from([200, 400]),
        "error_word": st.sampled_from(["error", "Error", "false", "false-boolean"]),
        "success_word": st.sampled_from(["success", "Success", "SUCCESS"]),
        "rate_limit": st.sampled_from([0, 0, 0, 3]),
        "rate_limit_status": st.sampled_from([200, 429]),
    }
)

entries = st.lists(
    st.builds(str.format, st.sampled_from(SPELLINGS), st.sampled_from(TELEPHONES)) | st.sampled_from(TELEPHONES),
    max_size=7,
)
wishes = st.fixed_dictionaries(
    {
        "name": st.sampled_from(GROUPS),
        "state": st.sampled_from(["present", "present", "present", "absent"]),
        "block_numbers": st.tuples(entries, st.booleans()).map(lambda drawn: drawn[0] + [BAD] * drawn[1]) | entries,
        "exempt_numbers": st.lists(st.sampled_from(TELEPHONES), max_size=1),
        "description": st.sampled_from(["Reported", "Reported", "Reported twice"]),
        "refresh": st.booleans(),
        "purge": st.booleans(),
        "remove_shared": st.booleans(),
        "batch_size": st.sampled_from([1, 2, 3, 100]),
        "parallel": st.sampled_from([1, 1, 2, 8]),
        "expiry": st.sampled_from([{}, {}, {"expires_in": "90d"}, {"expires_in": "2d", "renew_before": "1d"}])
        | st.just({"expiry_date": "2099-01-01 00:00:00"}),
        "default_region": st.sampled_from([None, None, "IN"]),
        "rate_limit_wait": st.sampled_from([0.0, 0.0, 300.0]),
        "keep_removed": st.sampled_from(["90d", "90d", "1m"]),
    }
)
when = st.fixed_dictionaries(
    {
        "call": st.sampled_from(["update", "update", "delete", "create", "generate", "any"]),
        "after": st.sampled_from([0, 0, 1, 2]),
        "times": st.sampled_from([1, 1, 2, 9]),
    }
)
unanswered = st.builds(lambda fault, at: {**fault, **at}, st.sampled_from(UNANSWERED), when)
# Who is told twice in undocumented words that something is amiss may take it for "there is no such group".
refusals = st.builds(lambda fault, at: {**fault, **at, "times": 1}, st.sampled_from([*REFUSALS, *ODD_SUCCESSES]), when)


Since = Tuple[str, Optional[str], Optional[str]]
"""What a number is by the record, since when it is in its group, and by which run."""


class Histories(RuleBasedStateMachine):
    """One account, one store, three groups; tasks, and all that befalls them."""

    simulator: Simulator
    postgresql: Optional[PostgreSQLServer] = None

    def __init__(self) -> None:
        super().__init__()
        shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = Path(tempfile.mkdtemp(prefix="history-", dir=shared))
        self.over_sockets = False
        self.clock_was_wrong = False
        self.clock_was_set_back = False
        self.log: List[str] = []

    @initialize(drawn=switches, over_sockets=st.sampled_from([False, False, True]))
    def begin(self, drawn: Dict[str, Any], over_sockets: bool) -> None:
        """An account that answers in one of many ways."""
        self.over_sockets = over_sockets
        confirms, blocks = drawn.pop("create")
        # That a group does not take the expiry that was sent, and so ends before its time, nobody could know.
        drawn["expired_numbers_vanish"] = drawn["expired_numbers_vanish"] and drawn["update_takes_expiry"]
        self.simulator.reset(create_confirms=confirms, create_blocks=blocks, refused_numbers="140.*", **drawn)
        self.new_account()

    def new_account(self) -> None:
        """With an empty store."""
        location = Location(directory=str(self.folder / "state"))
        if self.postgresql is not None:
            location = empty_database(self.postgresql)
        self.account = WatchedAccount(self.simulator, location, self.over_sockets)
        basic = self.simulator.server.account.switches["auth_mode"] == "BASIC_AUTH"
        self.account.runner.options["auth"] = "api_key" if basic else "token"

    def teardown(self) -> None:
        """Forgets all."""
        self.account.wire.close()
        shutil.rmtree(self.folder)

    # -- tasks ---------------------------------------------------------------------------------------------------------

    @rule(wish=wishes)
    def run_undisturbed(self, wish: Dict[str, Any]) -> None:
        """A task that nothing befalls is predicted, and a second one has nothing to do."""
        options = self._sound(wish)
        self.simulator.forget_requests()
        predicted = self.account.runner.group(check_mode=True, **options)
        assert self.simulator.requests() == [], "check mode has sent something"
        told = self._told(options)
        self._check_prediction(predicted, told)
        if told.failure is None:
            self._check_repeats(options, told)

    @rule(wish=wishes, fault=unanswered | refusals, second=st.none() | unanswered)
    def run_with_faults(self, wish: Dict[str, Any], fault: Dict[str, Any], second: Optional[Dict[str, Any]]) -> None:
        """A task whose requests are befallen by faults."""
        if "Invalid group id" in str(fault.get("body")):
            # Of a group that is there these words are a lie, which leads to a second one where the server takes it, and
            # which one lost answer more makes perfect.
            second = None
            there = wish["name"] in {group.name for group in self.simulator.groups()}
            if there and self.simulator.server.account.switches["duplicate_group"] != "refuse":
                return
        for each in (fault, second):
            # Over sockets a fault that only time ends would take its time.
            if each is not None and not (self.over_sockets and each["kind"] in ON_THE_WIRE - {"reset_after"}):
                self.simulator.fault(**each)
        told = self._told(self._sound(wish))
        self.simulator.server.faults.faults.clear()
        self.simulator.catch_up()
        self.account.note_late(told.name, told.before)

    @rule(wish=wishes, at=st.integers(0, 4), after=st.booleans())
    def run_and_be_killed(self, wish: Dict[str, Any], at: int, after: bool) -> None:
        """A task that is killed at a request, before it goes out or after it was answered."""
        left = [at]

        def count() -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        options = self._sound(wish)
        before, wire = snapshot(self.simulator), self.account.wire
        self.simulator.forget_requests()
        wire.before, wire.after = (None, count) if after else (count, None)
        try:
            report = self.account.runner.group(**options)
            self.log.append(f"not killed {options} → {report.failure or report.result['msg']}")
        except Killed:
            self.log.append(f"killed {options}")
        wire.before = wire.after = None
        self.account.note_generations()
        self.account.note_late(options["name"], before)
        self._check_what_may_have_come(options["name"], numbers_of(before, options["name"]))

    def _check_what_may_have_come(self, name: str, before: FrozenSet[str]) -> None:
        """By the record, what a killed task has added is in the group, or may be."""
        came = numbers_of(snapshot(self.simulator), name) - before
        with contextlib.closing(opened(self.account.runner.location)) as store:
            ledger = Ledger(store, self.account.runner.account, lambda expiry: False)
            group = ledger.group(name)
            recorded = {record.number: record.outcome for record in ledger.numbers(name)}
        absent = {number for number, outcome in recorded.items() if outcome not in {*IN_GROUP, Outcome.UNCONFIRMED}}
        sent = {number for request in self.simulator.requests() for number in sent_numbers(request)}
        told = {number for number in absent & sent if self.account.form(number) in came}
        assert not told, f"added by a task that was killed, and on record as not in the group: {told}"
        missing = came - set(map(self.account.form, recorded))
        assert not group.complete or not missing, f"added by a task that was killed, and not on record: {missing}"

    @rule()
    def obtain_a_token(self) -> None:
        """Another task obtains a token."""
        if self.account.runner.options["auth"] == "token":
            self.simulator.forget_requests()
            self.account.runner.token()
            self.account.note_generations()

    # -- what others do ------------------------------------------------------------------------------------------------

    @rule()
    def a_stranger_generates_a_token(self) -> None:
        """Which makes ours invalid."""
        if self.simulator.server.account.may_generate():
            self.simulator.server.account.generate()

    @rule(name=st.sampled_from(GROUPS), numbers=st.lists(st.sampled_from(TELEPHONES), min_size=1, max_size=3))
    def numbers_are_added_in_the_console(self, name: str, numbers: List[str]) -> None:
        """To a group that exists."""
        self.log.append(f"console: {numbers} into {name}")
        self.simulator.put_in(name, numbers)

    @rule(name=st.sampled_from(GROUPS), numbers=st.lists(st.sampled_from(TELEPHONES), min_size=1, max_size=3))
    def numbers_are_removed_in_the_console(self, name: str, numbers: List[str]) -> None:
        """From a group."""
        self.log.append(f"console: {numbers} out of {name}")
        self.simulator.take_away(name, numbers)

    @rule(name=st.sampled_from(GROUPS))
    def a_group_is_deleted_in_the_console(self, name: str) -> None:
        """With its numbers."""
        self.log.append(f"console: {name} deleted")
        self.simulator.delete_group(name)

    @rule(name=st.sampled_from(GROUPS))
    def a_group_is_made_in_the_console(self, name: str) -> None:
        """Where there is none yet."""
        if name not in {group.name for group in self.simulator.groups()}:
            self.log.append(f"console: {name} made")
            self.simulator.preset(name, TELEPHONES[:2], "By hand")

    @rule()
    def the_store_is_forgotten(self) -> None:
        """As on a machine that is thrown away; the new one knows nothing of generations."""
        self.log.append("store forgotten")
        self.account.wire.close()
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        clock = self.account.runner.clock.time
        self.new_account()
        self.account.runner.clock.time = clock

    @rule(seconds=st.sampled_from([60.0, 1800.0, 3700.0, DAY, 3 * DAY, 89 * DAY, 100 * DAY]))
    def time_goes_by(self, seconds: float) -> None:
        """Here and there."""
        self.log.append(f"{seconds:g} s go by")
        self.account.runner.clock.time += seconds
        self.simulator.advance(seconds)

    @precondition(lambda self: not self.clock_was_wrong)
    @rule(seconds=st.sampled_from([-DAY, -300.0, 300.0, DAY, 3 * DAY]))
    def our_clock_is_set(self, seconds: float) -> None:
        """While the server's goes on."""
        self.log.append(f"our clock is set by {seconds:g} s")
        self.clock_was_wrong = True
        self.clock_was_set_back = seconds < 0
        self.account.runner.clock.time += seconds

    # -- checks --------------------------------------------------------------------------------------------------------

    def _told(self, options: Dict[str, Any]) -> Told:
        report_path = str(self.folder / "report.csv")
        _runs, before = self._since(options["name"])
        told = self.account.group(**options, report_path=report_path)
        self.log.append(f"{options} → {told.failure or told.result['msg']}")
        found = [*violations(told), *self._untrue_since(told, before)]
        within_hour = _most_within_an_hour(self.account.generations)
        if within_hour > 10 and not self.clock_was_wrong:
            found.append(f"{within_hour} generations were sent within an hour")
        assert not found, self._history(found, told)
        return told

    def _since(self, name: str) -> Tuple[List[str], Dict[str, Since]]:
        """The last run of a group, and since when and by which run numbers are in it, by the record."""
        for group in self.account.runner.info(include_numbers=True, name=name, runs=1).result["groups"]:
            numbers = {row["number"]: (row["state"], row["since"], row["run"]) for row in group["numbers"]}
            return [run["id"] for run in group["runs"]], numbers
        return [], {}

    def _untrue_since(self, told: Told, before: Dict[str, Since]) -> List[str]:
        """Only what was added is there since this run; what may be there is so since when it was before, if at all."""
        runs, after = self._since(told.name)
        outcomes = {row["canonical"]: row["outcome"] for row in told.result.get("numbers", [])}
        found = []
        for number, (state, since, run) in after.items():
            added = outcomes.get(number) == "added"
            known = {runs[0]} if added else {before[number][2]} if number in before else set()
            if run not in {*known, None} or (since is None) is not (run is None):
                found.append(f"{number} is told as there since {since} by the run {run}")
            if since is not None and (state not in ("present", "expired", "unconfirmed")):
                found.append(f"{number} is {state}, and told as there since {since}")
            if run is not None and not added and (since, run) != before[number][1:]:
                found.append(f"{number} was told as there since {before[number][1]}, and now since {since}")
            if outcomes.get(number) == "present" and since is not None and before[number][0] != "present":
                found.append(f"{number} may have come only now, and is told as there since {since}")
            if added and state == "present" and since is None:
                found.append(f"{number} was added, and is told as there since a time that is not known")
        return found

    def _history(self, found: List[str], told: Told) -> str:
        asked = [(r["call"], r["body"].get("blockNumbers"), r["fault"], r["answer"]) for r in told.requests]
        rows = [(row["canonical"], row["outcome"], row["reason"]) for row in told.result.get("numbers", [])]
        lines = [*found, f"switches: {self.simulator.server.account.switches}", *self.log, "asked:", *map(str, asked)]
        lines += ["rows:", *map(str, rows), f"{told.result.get('changed')} {told.result.get('change_source')}"]
        records = (f"record before {told.record_before}", f"record after {told.record_after}")
        return "\n".join([*lines, f"before {told.before}", f"after {told.after}", *records])

    def _check_prediction(self, predicted: Any, told: Told) -> None:
        """A prediction from the ledger comes true, unless the server leaves open what it has done."""
        if not told.record_is_true or told.failure is not None or predicted.result.get("change_source") != "ledger":
            return
        counts = told.result["counts"]
        if counts["unconfirmed"]:
            return
        changed = predicted.result["changed"]
        assert changed == told.result["changed"], self._history([f"predicted changed={changed}"], told)
        expected = predicted.result["counts"]
        if not respelled(told) and not expected["present"] + expected["absent"]:
            assert expected == counts, self._history([f"predicted {expected}"], told)

    def _check_repeats(self, options: Dict[str, Any], first: Told) -> None:
        """After a run without faults there is nothing left to do."""
        if self.simulator.server.account.switches["rate_limit"]:
            return  # which is a fault of its own
        if self.clock_was_set_back:
            return  # what was recorded after what is not known then, and told as assumed
        again = self._told(options)
        # What was not known of a number may have become known since: the server does not take it.
        open_before = first.result["counts"]["unconfirmed"]
        if again.failure is not None:
            # … or there is no update call to send it with again.
            tolerable = 0 < again.result["counts"]["rejected"] + again.result["counts"]["not_sent"] <= open_before
            assert tolerable, self._history(["the repeat failed"], again)
        # In a group that has ended, whatever is added may go at once; and of what was open it is known now where it is,
        # and not who has put it there.
        now_known = again.result["counts"]["unconfirmed"] < open_before
        tolerable = again.result["change_source"] == "assumed" and (now_known or self._has_ended(again))
        assert not again.result["changed"] or tolerable, self._history(["the repeat changed something"], again)
        if not open_before:
            trusting = self._told({**options, "refresh": False})
            assert trusting.result["requests_sent"] == 0, self._history(["a repeat without refresh sent"], trusting)
            assert not trusting.result["changed"], self._history(["a repeat without refresh changed"], trusting)
            assert numbers_only(trusting.before) == numbers_only(trusting.after)

    def _has_ended(self, told: Told) -> bool:
        now = self.simulator.server.account.now()
        dates = [group.expiry_date for group in told.after.values() if group.name == told.name]
        return any(date is not None and end_of(date) <= now for date in dates)

    def _sound(self, wish: Dict[str, Any]) -> Dict[str, Any]:
        """Options that are not refused at once."""
        options = {**wish, **wish["expiry"]}
        del options["expiry"]
        purge = options["purge"] and options["state"] == "present"
        return {**options, "purge": purge, "allow_empty": purge}


def _most_within_an_hour(times: List[float]) -> int:
    return max((sum(start <= time < start + 3600 for time in times) for start in times), default=0)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_histories(simulator: Simulator, request: pytest.FixtureRequest, engine: str) -> None:
    """PostgreSQL takes one in fifteen of them: what it does is the same, and is tested in the store's own tests."""
    Histories.simulator = simulator
    Histories.postgresql = request.getfixturevalue("postgresql") if engine == "postgresql" else None
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES if engine == "sqlite" else HISTORIES // 15,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FUZZ,
            database=None,
            print_blob=FUZZ,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
