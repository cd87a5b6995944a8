# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator that is started from the transcript of a probe answers tasks as the one that was probed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.replay import read
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock, Runner

COMBINATIONS = 208
PARTS = 8
NOW = 1_800_000_000.0
# What a probe can tell with one group and one generation.
CHOICES: Dict[str, List[Any]] = {
    "duplicate_group": ["refuse", "second", "merge"],
    "duplicate_group_words": ["Group name already exists", "Duplicate entry"],
    "create_accepts": ["string", "any"],
    "create_confirms": ["succes", "error", "nowhere"],
    "create_blocks": [True, False],
    "update_path": ["singular", "singular", "plural", "both", "none"],
    "missing_endpoint_status": [404, 405],
    "unknown_group_words": ["Invalid group id", "Invalid group id", "no group {name} here", "x"],
    "present_listed": ["succes", "error", "nowhere"],
    "counters": ["truthful", "full", "absent"],
    "deleted_counter": ["as counters", "truthful", "full", "absent"],
    "malformed": ["refuse_batch", "list_alone"],
    "fewest_digits": [1, 2, 3, 4],
    "most_digits": [15, 16, 17, 20],
    "description_required_on_update": [True, False],
    "expiry_required": [True, False],
    "past_expiry": ["take", "refuse"],
    "expired_numbers_vanish": [True, False],
    "delete_scope": ["by_name", "needs_id", "account_wide"],
    "delete_of_unknown_id": ["refuse", "nothing"],
    "number_form": ["domestic", "as_given"],
    "unknown_campaign": ["success", "error"],
    "auth_mode": ["TOKEN_AUTH", "TOKEN_AUTH", "BASIC_AUTH"],
    "auth_failure_status": [200, 401],
    "auth_failure_words": ["Token Expired", "Invalid Token", "Authentication failed", "Missing userName or apiKey"],
    "token_lifetime": [3600, 1800],
    "token_field": ["token", "authToken", "data.token", "data.authToken"],
    "token_form": ["jwt", "opaque"],
    "token_message": ["", "welcome"],
    "error_http": [200, 400],
    "success_word": ["success", "SUCCESS"],
    "error_word": ["error", "Fail", "false-boolean"],
}
GOOD = [f"+9199999000{n:02d}" for n in range(12)]
TASKS: List[Dict[str, Any]] = [
    {"block_numbers": GOOD[:3]},
    {"block_numbers": GOOD[:3]},
    {"block_numbers": GOOD[:5], "description": "Something else"},
    {"block_numbers": GOOD[2:5], "purge": True, "expiry_date": "2099-01-01 00:00:00"},
    {"block_numbers": GOOD[4:5], "state": "absent"},
    {"block_numbers": [*GOOD[6:8], "9999900009", "919999900010"], "expiry_date": "2098-01-01 00:00:00"},
    {"name": "Made in the console", "block_numbers": GOOD[8:10]},
    {"name": "Nobody has it", "block_numbers": GOOD[:2], "state": "absent"},
    {"name": "Fraud", "block_numbers": [*GOOD[:4], "900", "1234567890123456"]},
    {"name": "Fraud", "block_numbers": ["900", "1234567890123456"], "state": "absent"},
    {"name": "Another id", "group_id": 12345, "block_numbers": GOOD[:2], "state": "absent"},
    {"name": "Fraud", "block_numbers": GOOD[10:], "refresh": False},
]


def _combination(seed: int) -> Dict[str, Any]:
    chance = random.Random(seed)  # nothing secret
    chosen = {name: chance.choice(values) for name, values in CHOICES.items()}
    if chosen["update_path"] == "none":  # which lengths are taken is asked of update
        chosen.update(fewest_digits=3, most_digits=16)
    return chosen


@pytest.fixture
def simulators() -> Iterator[List[Simulator]]:
    """One that is probed, one that answers as it does, and one that is started from the transcript."""
    made = [Simulator() for _each in range(3)]
    yield made
    for simulator in made:
        simulator.stop()


def _runner(simulator: Simulator, switches: Dict[str, Any], folder: Path) -> Runner:
    simulator.reset(**switches)
    simulator.advance(NOW - simulator.server.account.now())
    runner = Runner(simulator, Location(directory=str(folder)))
    runner.wire, runner.around_clock = InProcess(simulator), FakeClock(NOW)
    runner.options["domain"] = "http://127.0.0.1"
    runner.options["auth"] = "token" if switches.get("auth_mode", "TOKEN_AUTH") == "TOKEN_AUTH" else "api_key"
    return runner


def _told(runner: Runner) -> List[Any]:
    """Everything that the tasks tell, run after run."""
    reports: List[Report] = []
    runner.simulator.preset("Made in the console", GOOD[8:9])
    for options in TASKS:
        reports.append(runner.group(**{"expiry_date": "2099-12-31 23:59:59", **options}))
    runner.simulator.revoke_tokens()
    reports.append(runner.group(block_numbers=GOOD))
    reports.append(runner.token(return_token=False))
    return [(report.result, report.warnings, report.failure) for report in reports]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_simulator_started_from_a_transcript_answers_tasks_as_the_one_that_was_probed(
    part: int, simulators: List[Simulator], tmp_path: Path
) -> None:
    probed, first, second = simulators
    for seed in range(part, COMBINATIONS, PARTS):
        switches, folder = _combination(seed), tmp_path / str(seed)
        folder.mkdir()
        transcript = folder / "transcript.jsonl"
        report = _runner(probed, switches, folder / "probed").probe(second_group=True, transcript_path=str(transcript))
        assert report.result["requests_sent"] <= 60, switches
        assert report.result["left"] == [] or report.failure, (switches, report.result["left"])
        replay = read(str(transcript))
        told = _told(_runner(first, switches, folder / "first"))
        assert _told(_runner(second, replay.switches, folder / "second")) == told, (seed, switches, replay)
