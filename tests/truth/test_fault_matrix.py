# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault × every call × once or always × done or not, held against the rules of truth."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.faults import KINDS
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import Told, snapshot, violations
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner

FEW = [f"99999{n:05d}" for n in range(1, 7)]
JSON = {"kind": "status", "content_type": "application/json"}


def _answer(body: str, status: int = 200) -> Dict[str, Any]:
    return {**JSON, "status": status, "body": body}


def _faults() -> Iterator[Dict[str, Any]]:
    """Every kind of fault, with each answer that a server may give in the place of the right one."""
    plain = set(KINDS) - {"status", "html", "packed", "redirect", "echo_secrets"}
    yield from ({"kind": kind} for kind in sorted(plain))
    for commit in (False, True):
        yield {"kind": "html", "commit": commit}
        yield {"kind": "packed", "mebibytes": 9, "commit": commit}
        yield from ({"kind": "status", "status": status, "commit": commit} for status in (500, 502, 503, 504))
        yield {**_answer('{"status":"pending","message":"later"}'), "commit": commit}
        yield {**_answer('{"message":"no status"}'), "commit": commit}
        yield {**_answer('{"status":"error","message":"internal"}', 500), "commit": commit}
        yield {**_answer("null"), "commit": commit}
    # An answer that refuses, by the application or on the way, is never given after the call was done.
    yield from ({"kind": "status", "status": status} for status in (400, 401, 403, 404, 405, 413, 418, 429))
    yield from ({"kind": "redirect", "location": to} for to in ("https://login.example.com/", "http://[::1"))
    yield from ({"kind": "echo_secrets", **more} for more in ({}, {"field": "name"}, {"pad": 290}))
    for words in ("Temporarily unavailable", "x", "Invalid group id", "Token Expired", "Parameters are mandatory"):
        yield _answer(f'{{"status":"error","message":"{words}"}}')
    yield _answer('{"status":"error","message":"invalid data","errors":{"blockNumbers":"bad"}}')
    yield _answer('{"status":"error","message":"invalid data","errors":{"name":"bad"}}')
    yield _answer('{"status":"false","message":"Invalid userName or apiKey","data":null}')


FAULTS = list(_faults())


class Case:
    """One account with a group in some state, and one task."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self.simulator = simulator
        self.runner = Runner(simulator, Location(directory=str(folder / "state")))
        self.runner.wire = InProcess(simulator)
        self.own: set[str] = set()

    def prepared(self, call: str, recorded: bool, exists: bool, store: bool) -> Dict[str, Any]:
        """Brings the group into its state; gives the options of the task that makes this call."""
        options: Dict[str, Any] = {"name": "Nuisance", "description": "Reported", "block_numbers": FEW}
        if not store:
            options["state_store"] = "none"
        if exists and recorded and store:
            assert self.runner.group(**{**options, "block_numbers": FEW[:4]}).failure is None
            self.own = {f"+91{number}" for number in FEW[:4]}
        elif exists:
            self.simulator.preset("Nuisance", FEW[:4], "Reported")
        if call == "generate":
            self.runner.token(state="absent")
            return options
        if store and not recorded:
            self.runner.token()
        if call == "delete":
            return {**options, "state": "absent", "block_numbers": FEW[2:]}
        if call == "purge":
            return {**options, "purge": True, "block_numbers": FEW[3:], "refresh": False}
        return options

    def told(self, options: Dict[str, Any], record_is_true: bool) -> Told:
        """Runs the task and notes all that happened."""
        self.simulator.forget_requests()
        before = snapshot(self.simulator)
        report = self.runner.group(**options)
        tokens = set(self.simulator.server.account.tokens)
        return Told(
            options,
            report.result,
            report.failure,
            report.warnings,
            before,
            snapshot(self.simulator),
            self.simulator.requests(),
            {self.simulator.api_key, *tokens},
            record_is_true,
            self.own,
        )


STATES = {
    # call: (the group is recorded, it is on the server, there is a store)
    "generate": [(False, True, True), (False, False, True), (True, True, True), (False, True, False)],
    "create": [(False, False, True), (False, False, False)],
    "update": [(False, True, True), (True, True, True), (False, True, False), (False, False, True)],
    "delete": [(True, True, True), (False, True, True), (False, True, False)],
    "purge": [(True, True, True)],
}
HABITS = list(itertools.product(("truthful", "full", "absent"), ("succes", "error", "nowhere")))
ALL_HABITS = os.environ.get("ALL_HABITS") == "yes"  # else each case meets one of them, in turn


def _name(fault: Dict[str, Any]) -> str:
    return " ".join(f"{value}" for value in fault.values())


def _duplicate_group(fault: Dict[str, Any], times: int) -> str:
    """Whoever is told again and again, or in the documented words, that there is no group has to make it."""
    return "refuse" if times > 1 or "Invalid group id" in fault.get("body", "") else "second"


@pytest.mark.parametrize(("call", "state"), [(call, n) for call, states in STATES.items() for n in range(len(states))])
def test_every_single_fault_is_told_truly(simulator: Simulator, tmp_path: Path, call: str, state: int) -> None:
    recorded, exists, store = STATES[call][state]
    wrong: List[str] = []
    for number, (fault, times) in enumerate(itertools.product(FAULTS, (1, 9))):
        for habits in HABITS if ALL_HABITS else [HABITS[(number + state) % len(HABITS)]]:
            counters, present = habits
            duplicate = _duplicate_group(fault, times)
            simulator.reset(counters=counters, present_listed=present, duplicate_group=duplicate)
            case = Case(simulator, tmp_path / f"{number}-{counters}-{present}")
            options = case.prepared(call, recorded, exists, store)
            simulator.fault(call="delete" if call == "purge" else call, times=times, **fault)
            found = violations(case.told(options, record_is_true=recorded or not exists), simulator)
            if found:
                name = f"{_name(fault)} ×{times}, recorded={recorded} exists={exists} store={store} {habits}"
                wrong.append(f"{name}: {'; '.join(found)}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])
