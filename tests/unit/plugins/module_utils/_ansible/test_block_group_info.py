# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_block_group_info: from the ledger only."""

from __future__ import annotations

import os
import socket
from typing import Any, Dict, List, Optional

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import lock_of
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened

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
