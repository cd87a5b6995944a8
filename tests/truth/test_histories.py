# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random histories of whole tasks, with whatever may happen between and within them, held against the truth.

HISTORIES sets how many (default 300), STEPS how long; with SOCKETS every so many of them go over real sockets.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import (
    Told,
    numbers_of,
    numbers_only,
    snapshot,
    violations,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner

HISTORIES = int(os.environ.get("HISTORIES", "300"))
STEPS = int(os.environ.get("STEPS", "12"))
OVER_SOCKETS = os.environ.get("SOCKETS", "") == "yes"

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
        "update_path": st.sampled_from(["singular", "plural", "both"]),
        "missing_endpoint_status": st.sampled_from([404, 405]),
        "unknown_group_words": st.sampled_from(["Invalid group id", "No such group", "Record not found"]),
        "malformed": st.sampled_from(["refuse_batch", "list_alone"]),
        "unique_numbers": st.booleans(),
        "update_takes_expiry": st.booleans(),
        "update_takes_description": st.booleans(),
        "description_required_on_update": st.booleans(),
        "expired_numbers_vanish": st.booleans(),
        "delete_scope": st.sampled_from(["by_name", "needs_id", "account_wide"]),
        "number_form": st.sampled_from(["domestic", "domestic", "as_given"]),
        "auth_failure_status": st.sampled_from([200, 401]),
        "auth_failure_words": st.sampled_from(["Token Expired", "Invalid Token", "Authentication failed"]),
        "refused_generation_counts": st.booleans(),
        "token_form": st.sampled_from(["jwt", "opaque"]),
        "error_http": st.sampled_from([200, 400]),
        "error_word": st.sampled_from(["error", "Error", "false"]),
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
        "expiry": st.sampled_from([{}, {}, {"expires_in": "90d"}, {"expires_in": "2d", "renew_before": "1d"}])
        | st.just({"expiry_date": "2099-01-01 00:00:00"}),
        "default_region": st.sampled_from([None, None, "IN"]),
    }
)
CALLS = ["update", "delete", "create", "generate", "any"]
faults = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["reset_before", "reset_after", "truncated", "bad_chunk", "html", "status", "status"]),
        "call": st.sampled_from(CALLS),
        "after": st.sampled_from([0, 0, 1, 2]),
        "times": st.sampled_from([1, 1, 2, 9]),
        "commit": st.booleans(),
    }
)


class Histories(RuleBasedStateMachine):
    """One account, one store, three groups; tasks, and all that befalls them."""

    simulator: Simulator

    def __init__(self) -> None:
        super().__init__()
        shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = Path(tempfile.mkdtemp(prefix="history-", dir=shared))
        self.own: Dict[str, Set[str]] = {name: set() for name in GROUPS}
        self.log: List[str] = []

    @initialize(drawn=switches)
    def begin(self, drawn: Dict[str, Any]) -> None:
        """An account that answers in one of many ways."""
        confirms, blocks = drawn.pop("create")
        self.simulator.reset(create_confirms=confirms, create_blocks=blocks, refused_numbers="140.*", **drawn)
        self.runner = Runner(self.simulator, Location(directory=str(self.folder / "state")))
        self.wire = InProcess(self.simulator)
        self.runner.wire = None if OVER_SOCKETS else self.wire

    def teardown(self) -> None:
        """Forgets all."""
        shutil.rmtree(self.folder)

    # -- tasks ---------------------------------------------------------------------------------------------------------

    @rule(wish=wishes)
    def run_undisturbed(self, wish: Dict[str, Any]) -> None:
        """A task that nothing befalls is predicted, and a second one has nothing to do."""
        options = _sound(wish)
        foretold = self._record_is_true(options)
        predicted = self.runner.group(check_mode=True, **options)
        told = self._told(options)
        self._check(told)
        self._check_prediction(options, predicted, told, foretold)
        if told.failure is None:
            self._check_repeats(options, told)

    @rule(wish=wishes, fault=faults, second=st.none() | faults)
    def run_with_faults(self, wish: Dict[str, Any], fault: Dict[str, Any], second: Optional[Dict[str, Any]]) -> None:
        """A task whose requests are befallen by faults."""
        for each in (fault, second):
            if each is not None:
                self.simulator.fault(**{**each, **({"status": 502} if each["kind"] == "status" else {})})
        self._check(self._told(_sound(wish)))
        self.simulator.server.faults.faults.clear()

    @rule(wish=wishes, at=st.integers(0, 4), after=st.booleans())
    def run_and_be_killed(self, wish: Dict[str, Any], at: int, after: bool) -> None:
        """A task that is killed at a request, before it goes out or after it was answered."""
        left = [at]

        def count() -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        options = _sound(wish)
        before = snapshot(self.simulator)
        self.wire.before_sending, self.wire.after_answering = (None, count) if after else (count, None)
        try:
            report = self.runner.group(**options)
        except Killed:
            self._note_own(options["name"], before)
            self.log.append(f"killed {options}")
        else:
            self.log.append(f"not killed {options} {report.failure or report.result['msg']}")
            self._note_own(options["name"], before)
        self.wire.before_sending = self.wire.after_answering = None

    @rule()
    def obtain_a_token(self) -> None:
        """Another task obtains a token."""
        self.runner.token()

    # -- what others do ------------------------------------------------------------------------------------------------

    @rule()
    def a_stranger_generates_a_token(self) -> None:
        """Which makes ours invalid."""
        if self.simulator.server.account.may_generate():
            self.simulator.server.account.generate()

    @rule(name=st.sampled_from(GROUPS), numbers=st.lists(st.sampled_from(TELEPHONES), min_size=1, max_size=3))
    def numbers_are_added_in_the_console(self, name: str, numbers: List[str]) -> None:
        """To a group that exists."""
        self.simulator.put_in(name, numbers)

    @rule(name=st.sampled_from(GROUPS), numbers=st.lists(st.sampled_from(TELEPHONES), min_size=1, max_size=3))
    def numbers_are_removed_in_the_console(self, name: str, numbers: List[str]) -> None:
        """From a group."""
        self.simulator.take_away(name, numbers)

    @rule(name=st.sampled_from(GROUPS))
    def a_group_is_deleted_in_the_console(self, name: str) -> None:
        """With its numbers."""
        self.simulator.delete_group(name)

    @rule(name=st.sampled_from(GROUPS))
    def a_group_is_made_in_the_console(self, name: str) -> None:
        """Where there is none yet."""
        if name not in {group.name for group in self.simulator.groups()}:
            self.simulator.preset(name, TELEPHONES[:2], "By hand")

    @precondition(lambda self: (self.folder / "state").exists())
    @rule()
    def the_store_is_forgotten(self) -> None:
        """As on a machine that is thrown away."""
        shutil.rmtree(self.folder / "state")

    @rule(seconds=st.sampled_from([60.0, 1800.0, 3700.0, DAY, 3 * DAY, 89 * DAY, 100 * DAY]))
    def time_goes_by(self, seconds: float) -> None:
        """Here and there."""
        self.runner.clock.time += seconds
        self.simulator.advance(seconds)

    # -- checks --------------------------------------------------------------------------------------------------------

    def _told(self, options: Dict[str, Any]) -> Told:
        self.simulator.forget_requests()
        numbers_true, attributes_true = self._record_is_true(options), self._attributes_are_true(options["name"])
        recorded = self._recorded(options["name"])
        before = snapshot(self.simulator)
        secrets = {self.simulator.api_key, *self.simulator.server.account.tokens}
        report = self.runner.group(**options)
        secrets |= set(self.simulator.server.account.tokens)
        told = Told(
            options,
            report.result,
            report.failure,
            report.warnings,
            before,
            snapshot(self.simulator),
            self.simulator.requests(),
            secrets,
            numbers_true,
            self._note_own(options["name"], before),
            attributes_true,
            recorded,
        )
        self.log.append(f"{options} → {report.failure or report.result['msg']}")
        return told

    def _note_own(self, name: str, before: Any) -> Set[str]:
        """What this collection has put into a group, and is still there."""
        after = snapshot(self.simulator)
        owned = set(self.own[name])
        self.own[name] = (owned | (numbers_of(after, name) - numbers_of(before, name))) & numbers_of(after, name)
        # A number that is listed and was there before is recorded as present, and so is the list's from then on.
        self.own[name] |= numbers_of(after, name) & {
            self.simulator.server.account.canonical(n) for n in self._recorded(name)
        }
        return owned | {self.simulator.server.account.canonical(n) for n in self._recorded_before}

    _recorded_before: Set[str] = set()

    def _recorded(self, name: str) -> Set[str]:
        """The canonical numbers that are on record as present."""
        groups = self.runner.info(name=name, include_numbers=True).result["groups"]
        self._recorded_before = {
            number["number"] for group in groups for number in group["numbers"] if number["state"] == "present"
        }
        return self._recorded_before

    def _record_is_true(self, options: Dict[str, Any]) -> bool:
        """Whether the record of the groups agrees with what the server holds."""
        state = snapshot(self.simulator)
        for name in GROUPS:
            groups = self.runner.info(name=name).result["groups"]
            exists = name in {group.name for group in state.values()}
            canonical = self.simulator.server.account.canonical
            recorded = {canonical(number) for number in self._recorded(name)}
            if bool(groups) != exists or recorded != set(numbers_of(state, name)):
                return False
        self._recorded(options["name"])
        return True

    def _attributes_are_true(self, name: str) -> bool:
        state = [group for group in snapshot(self.simulator).values() if group.name == name]
        recorded = self.runner.info(name=name).result["groups"]
        return [(group.description, group.expiry_date) for group in state] == [
            (group["description"], group["expiry_date"]) for group in recorded
        ]

    def _check(self, told: Told) -> None:
        found = violations(told, self.simulator)
        assert not found, self._history(found, told)

    def _history(self, found: List[str], told: Told) -> str:
        asked = [(r["call"], r["body"].get("blockNumbers"), r["fault"], r["answer"]) for r in told.requests]
        rows = [(row["canonical"], row["outcome"], row["reason"]) for row in told.result.get("numbers", [])]
        lines = [*found, f"switches: {self.simulator.server.account.switches}", *self.log, "asked:", *map(str, asked)]
        return "\n".join([*lines, "rows:", *map(str, rows), f"before {told.before}", f"after {told.after}"])

    def _check_prediction(self, options: Dict[str, Any], predicted: Any, told: Told, foretold: bool) -> None:
        """A prediction from the ledger comes true, unless the server refuses what nobody could know."""
        if not foretold or told.failure is not None or predicted.result.get("change_source") != "ledger":
            return
        counts = told.result["counts"]
        if counts["unconfirmed"]:
            return
        assert predicted.result["changed"] == told.result["changed"], self._history(["prediction of changed"], told)
        if not _respelled(told):
            assert predicted.result["counts"] == counts, self._history(
                [f"predicted {predicted.result['counts']}"], told
            )

    def _check_repeats(self, options: Dict[str, Any], first: Told) -> None:
        """After a run without faults there is nothing left to do."""
        again = self._told(options)
        self._check(again)
        # What was not known of a number may have become known since: the server does not take it.
        open_before = first.result["counts"]["unconfirmed"]
        if again.failure is not None and again.result["counts"]["rejected"] > open_before:
            raise AssertionError(self._history(["the repeat failed"], again))
        assert not again.result["changed"], self._history(["the repeat changed something"], again)
        if not first.result["counts"]["unconfirmed"]:
            trusting = self._told({**options, "refresh": False})
            assert trusting.result["requests_sent"] == 0, self._history(["a repeat without refresh sent"], trusting)
            assert not trusting.result["changed"]
            assert numbers_only(trusting.before) == numbers_only(trusting.after)


def _respelled(told: Told) -> bool:
    """Whether the list names a number that is on record in another spelling."""
    rows = {row["canonical"] for row in told.result["numbers"]}
    ends = {canonical[-10:] for canonical in told.recorded - rows}
    return any(row[-10:] in ends for row in rows) or len({row[-10:] for row in rows}) < len(rows)


def _sound(wish: Dict[str, Any]) -> Dict[str, Any]:
    """Options that are not refused at once."""
    options = {**wish, **wish["expiry"]}
    del options["expiry"]
    purge = options["purge"] and options["state"] == "present"
    return {**options, "purge": purge, "allow_empty": purge}


def test_histories(simulator: Simulator) -> None:
    """As many as HISTORIES says."""
    Histories.simulator = simulator
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
