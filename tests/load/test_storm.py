# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many playbooks with many forks on one account and one store, at once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable, Dict, List

from ansible_collections.ozonetel.cloudagent.tests.load.playbooks import Playbooks, Run
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

PLAYBOOKS = int(os.environ.get("PLAYBOOKS", "20"))
FORKS = 30
NUMBERS = 5
"""That a host of one playbook puts into the group that the same host of every other playbook fills, too."""


def _numbers(playbook: int, host: int) -> List[str]:
    """In the form of Indian numbers; a zero after the country code: nobody can have them."""
    first = (playbook * FORKS + host) * NUMBERS
    return [f"+910{number:09d}" for number in range(first, first + NUMBERS)]


def _inventory(folder: Path) -> Path:
    common = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts: Dict[str, Any] = {f"host{host:02}": {} for host in range(FORKS)}
    path = folder / "inventory.json"
    path.write_text(json.dumps({"all": {"hosts": hosts, "vars": common}}), encoding="utf-8")
    return path


def test_many_playbooks_with_thirty_forks_each_make_one_token_and_lose_no_number(
    playbooks: Playbooks, simulator: Simulator, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    inventory = _inventory(tmp_path)
    runs = [
        Run(
            "storm.yml",
            {"numbers": {f"host{host:02}": _numbers(playbook, host) for host in range(FORKS)}},
            ["-i", str(inventory), "--forks", str(FORKS)],
        )
        for playbook in range(PLAYBOOKS)
    ]
    taken = playbooks.at_once(runs)

    assert simulator.generated == 1
    assert sorted(group.name for group in simulator.groups()) == [f"Group of host{host:02}" for host in range(FORKS)]
    for host in range(FORKS):
        wanted = [number for playbook in range(PLAYBOOKS) for number in _numbers(playbook, host)]
        assert sorted(simulator.numbers(f"Group of host{host:02}")) == wanted
    assert taken.output.count("failed=0") == PLAYBOOKS * FORKS
    assert taken.most > 1, "there is not enough memory for two playbooks at the same time"
    assert taken.met == taken.most, "not all that there is memory for were at work at the same time"
    for unwanted in ("WARNING", "DEPRECAT", "locked", "Traceback"):
        assert unwanted not in taken.output
    figure(
        f"{PLAYBOOKS} playbooks × {FORKS} forks on {playbooks.engine}, {taken.met} of them at the same time:"
        f" {taken.seconds:.0f} s, {taken.cpu:.0f} s of CPU, {taken.memory / 2**30:.1f} GiB at most,"
        f" {simulator.generated} generation, {len(simulator.requests())} requests"
    )
