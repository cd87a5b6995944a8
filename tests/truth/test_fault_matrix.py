# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault × every call × once or always × done, not done or done late, held against the rules of truth.

After the fault the task is run once more, undisturbed: what the first run left open must not mislead the second. Each
fault meets one state of the group and one way of counting and listing, in turn; with FUZZ it meets them all.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import Told, numbers_of, violations
from ansible_collections.ozonetel.cloudagent.tests.truth.watched import FAULTS, UNDOCUMENTED, Fault, WatchedAccount

pytestmark = pytest.mark.unmeasured

FEW = [f"99999{n:05d}" for n in range(1, 7)]
TASK = {"name": "Nuisance", "description": "Reported", "block_numbers": FEW}
EVERYTHING = bool(os.environ.get("FUZZ"))

# Several at once means several requests for each case; one fault in so many is tried with that, unless all are.
_EVERY = 1 if EVERYTHING else 5

# What the task does, and how the group stands before: recorded, on the server, with a store.
CASES = {
    "generate": [(False, True, True), (False, False, True), (True, True, True), (False, True, False)],
    "create": [(False, False, True), (False, False, False)],
    "update": [(False, True, True), (True, True, True), (False, True, False), (False, False, True)],
    "delete": [(True, True, True), (False, True, True), (False, True, False)],
    "purge": [(True, True, True)],
}
WAYS = list(itertools.product(("truthful", "full", "absent"), ("succes", "error", "nowhere")))


def _prepared(account: WatchedAccount, call: str, recorded: bool, exists: bool, store: bool) -> Dict[str, Any]:
    """Brings the group into its state; gives the options of the task."""
    options: Dict[str, Any] = {**TASK, **({} if store else {"state_store": "none"})}
    if exists and recorded:
        assert account.group(**{**options, "block_numbers": FEW[:4]}).failure is None
    elif exists:
        account.simulator.preset("Nuisance", FEW[:4], "Reported")
    if call == "generate":
        account.runner.token(state="absent")
    elif store and not recorded:
        account.runner.token()
    if call == "delete":
        return {**options, "state": "absent", "block_numbers": FEW[2:]}
    if call == "purge":
        return {**options, "purge": True, "block_numbers": FEW[3:], "refresh": False}
    return options


def _duplicate_group(fault: Fault, times: int) -> str:
    """Whoever is told again and again, or in the documented words, that there is no group has to make it."""
    body = fault.get("body", "")
    documented = "Invalid group id" in body or fault.get("status") in (404, 405)
    undocumented = fault["kind"] == "echo_secrets" or any(f'"{words}"' in body for words in UNDOCUMENTED)
    return "refuse" if documented or (undocumented and times > 1) else "second"


def _wrong(account: WatchedAccount, told: Told, again: Told) -> List[str]:
    found = [f"first run: {each}" for each in violations(told)] + [f"second run: {each}" for each in violations(again)]
    wanted = {account.form(number) for number in again.options["block_numbers"]}
    held = numbers_of(again.after, again.name)
    if again.failure is not None:
        found.append(f"the second run failed: {again.failure}")
    elif again.options.get("state") == "absent" and wanted & held:
        found.append("the second run has not removed the numbers")
    elif again.options.get("state") != "absent" and not wanted <= held:
        found.append("the second run has not added the numbers")
    return found


@pytest.mark.parametrize("times", [1, 9], ids=["once", "always"])
@pytest.mark.parametrize("call", CASES)
@pytest.mark.parametrize(("parallel", "batch_size"), [(1, 100), (2, 2), (8, 1)], ids=["alone", "two", "eight"])
def test_every_single_fault_is_told_truly(
    simulator: Simulator, folder: Path, call: str, times: int, parallel: int, batch_size: int
) -> None:
    wrong: List[str] = []
    for number, fault in enumerate(FAULTS):
        if parallel > 1 and number % _EVERY != parallel % _EVERY:
            continue
        cases = list(itertools.product(CASES[call], WAYS))
        for (recorded, exists, store), (counters, present) in cases if EVERYTHING else [cases[number % len(cases)]]:
            duplicate = _duplicate_group(fault, times)
            simulator.reset(counters=counters, present_listed=present, duplicate_group=duplicate)
            account = WatchedAccount(simulator, Location(directory=tempfile.mkdtemp(dir=folder)))
            options = {
                **_prepared(account, call, recorded, exists, store),
                "batch_size": batch_size,
                "parallel": parallel,
            }
            simulator.fault(call="delete" if call == "purge" else call, times=times, **fault)
            told = account.group(**options)
            simulator.server.faults.faults.clear()
            simulator.catch_up()
            account.runner.clock.time += 3700
            simulator.advance(3700)
            found = _wrong(account, told, account.group(**options))
            if found:
                case = f"{fault}, recorded={recorded} exists={exists} store={store} {counters} {present}"
                wrong.append(f"{case}:\n  " + "\n  ".join(found))
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:30])
