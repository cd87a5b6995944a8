# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long list of which the server refuses one number in a hundred, while one request in a hundred goes wrong."""

from __future__ import annotations

import csv
import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, List

from ansible_collections.ozonetel.cloudagent.tests.load.playbooks import Playbooks, Run
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import IN_GROUP

NUMBERS = int(os.environ.get("NUMBERS", "100000"))
REFUSED = r"\+910[0-9]{7}77"
FAULTS: List[Dict[str, Any]] = [
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "html"},
    {"kind": "truncated"},
    {"kind": "bad_chunk"},
    {"kind": "status", "status": 503, "body": "busy"},
    {"kind": "status", "status": 502, "body": "bad gateway", "commit": True},
    {"kind": "rate_limited"},
]
SHORT = 1000
# Megabytes. Rows are in a temporary database (listed.py in plugins/module_utils/_state), which has a cache of 32, and
# as much again for what it sorts. Until these are full, a number takes 250 bytes there. An object for each row, in a
# list or a dictionary, would take 300 besides, at any length.
EACH, CACHES, ANYWAY = 300 / (1 << 20), 64.0, 3.0


def _numbers(count: int) -> List[str]:
    """In the form of Indian numbers; a zero after the country code: nobody can have them."""
    numbers = [f"+910{number:09d}" for number in range(count)]
    random.Random(1).shuffle(numbers)
    return numbers


def _befall(simulator: Simulator) -> None:
    """Has a fault of each kind in turn befall one update in every hundred, at places that are the same in every run."""
    drawn = random.Random(2)
    for hundred in range(NUMBERS // 500):
        simulator.fault(call="update", after=100 * hundred + drawn.randrange(100), **FAULTS[hundred % len(FAULTS)])


def _kept_out(group: str, numbers: List[str], folder: Path) -> Run:
    """The playbook that puts numbers into a group."""
    (folder / "list.txt").write_text("\n".join(numbers), encoding="ascii")
    files = {"list": "list.txt", "report": "report.csv", "result": "result.json"}
    return Run("long_list.yml", {"group": group, **{name: str(folder / file) for name, file in files.items()}})


def _rows(report: Path) -> List[Dict[str, str]]:
    with report.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_long_list_with_faults_is_told_as_the_server_holds_it(
    playbooks: Playbooks, simulator: Simulator, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    simulator.set(refused_numbers=REFUSED, retry_after="1")
    _short, short_peak = playbooks.run_measured(_kept_out("Short list", _numbers(SHORT), tmp_path))
    simulator.forget_requests()
    _befall(simulator)
    numbers, report, result = _numbers(NUMBERS), tmp_path / "report.csv", tmp_path / "result.json"
    taken, peak = playbooks.run_measured(_kept_out("Long list", numbers, tmp_path))

    held, told = set(simulator.numbers("Long list")), json.loads(result.read_text(encoding="utf-8"))
    assert held == {number for number in numbers if not re.fullmatch(REFUSED, number)}
    rows = _rows(report)
    assert [row["number"].lstrip("'") for row in rows] == numbers
    counts = Counter(row["outcome"] for row in rows)
    assert counts == {name: count for name, count in told["counts"].items() if count}
    assert set(counts) <= {*IN_GROUP, "rejected"}
    for row in rows:
        assert (row["outcome"] in IN_GROUP) == (row["number"].lstrip("'") in held), row
    assert told["changed"] is True and told["failed"] is True
    assert peak - short_peak < min(NUMBERS * EACH, CACHES) + ANYWAY
    befallen = Counter(request["fault"] for request in simulator.requests() if request["fault"])
    assert len(befallen) == len({fault["kind"] for fault in FAULTS})
    figure(
        f"{NUMBERS:,} numbers on {playbooks.engine}: {taken.seconds:.0f} s, {taken.cpu:.0f} s of CPU,"
        f" {peak:.0f} MB, {short_peak:.0f} MB with {SHORT:,}; {len(simulator.requests()):,} requests,"
        f" {sum(befallen.values())} of them befallen; {dict(counts)}"
    )
