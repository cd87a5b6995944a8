# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that blocks what the event filter has put on disk: nothing is lost, nothing is tried for ever."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, List
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.ozonetel.cloudagent.extensions.eda.plugins.event_filter import alerts_on_disk
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner

ALERT = {"reason": "200 calls in a minute", "ticket": "INC-1", "hours": 2}


class Desk:
    """A folder of alerts, and the playbook that blocks them."""

    def __init__(self, runner: Runner, simulator: Simulator, folder: Path) -> None:
        self.runner = runner
        self.simulator = simulator
        self.folder = folder
        self.new = folder / "new"
        self.variables: Dict[str, Any] = {"block_groups_exempt_numbers": ["+91 99999 09999"]}
        self.new.mkdir(parents=True)

    def alert(self, number: str, ends_in: timedelta = timedelta(hours=2), **fields: Any) -> None:
        """An alert as the filter writes it, whose block ends in so long a time."""
        end = datetime.now(ZoneInfo("Asia/Kolkata")) + ends_in
        alerts_on_disk.write(self.new, {**ALERT, "number": number, **fields}, end)

    def play(self) -> subprocess.CompletedProcess[str]:
        """Runs the playbook."""
        options = self.runner.options
        return subprocess.run(
            [
                *(sys.executable, "-m", "ansible", "playbook", "ozonetel.cloudagent.block_alerts", "-i", "account,"),
                *("-e", json.dumps({"ansible_python_interpreter": sys.executable, "block_groups_hosts": "all"})),
                *("-e", json.dumps(self.variables)),
            ],
            env={
                **os.environ,
                "OZONETEL_ALERT_FOLDER": str(self.folder),
                "OZONETEL_USERNAME": options["username"],
                "OZONETEL_API_KEY": options["api_key"],
                "OZONETEL_DOMAIN": options["domain"],
                "OZONETEL_STATE_STORE": options["state_store"],
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def on_disk(self) -> List[str]:
        """The rows that wait, by their numbers."""
        return sorted(file.stem for file in self.folder.glob("*/[1-9]*.row"))

    def blocked(self) -> List[str]:
        """The numbers in the group."""
        return sorted(number for group in self.simulator.groups() for number in group.numbers)


@pytest.fixture
def desk(runner: Runner, simulator: Simulator, tmp_path: Path) -> Desk:
    """A folder of alerts and the playbook."""
    return Desk(runner, simulator, tmp_path / "alerts")


def test_what_waits_is_blocked_with_its_note_and_end_and_then_forgotten(desk: Desk, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    evil = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}, \"quoted\"" % trap
    desk.alert("+919999900001", reason=evil)
    desk.alert("+919999900002", timedelta(hours=3), ticket="INC-2")
    desk.alert("+919999909999")
    desk.alert("+9109999909999")
    done = desk.play()
    assert done.returncode == 0, done.stdout + done.stderr
    assert desk.on_disk() == []
    assert desk.blocked() == ["+919999900001", "+919999900002"]
    (group,) = desk.runner.info(include_numbers=True).result["groups"]
    present = {number["number"]: number for number in group["numbers"] if number["state"] == "present"}
    assert present["+919999900001"]["note"] == f"INC-1: {evil}"
    assert present["+919999900002"]["note"] == "INC-2: 200 calls in a minute"
    assert present["+919999900001"]["expiry_date"] < present["+919999900002"]["expiry_date"]
    assert not trap.exists()


def test_an_exempt_number_without_its_country_code_is_one_of_the_country_that_the_inventory_says(desk: Desk) -> None:
    desk.variables = {"block_groups_exempt_numbers": ["07700 900123"], "block_groups_default_region": "GB"}
    desk.alert("+447700900123")
    desk.alert("+447700900124")
    done = desk.play()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (desk.on_disk(), desk.blocked()) == ([], ["+447700900124"])


def test_the_settings_of_the_account_are_those_of_the_other_playbooks() -> None:
    folder = Path(__file__).resolve().parents[3] / "playbooks"
    settings = {
        name: set(
            re.findall(r"(\w+): \"{{ block_groups_\w+ \| default\(omit\) }}\"", (folder / name).read_text("utf-8"))
        )
        for name in ("preflight.yml", "probe.yml", "block_alerts.yml")
    }
    assert settings["block_alerts.yml"] - {"default_region"} == settings["preflight.yml"] == settings["probe.yml"]
    assert "ca_path" in settings["probe.yml"]


def test_what_could_not_be_sent_is_kept_and_done_by_the_next_run(desk: Desk) -> None:
    desk.alert("+919999900001", ticket="INC-1")
    desk.simulator.fault("status", call="any", status=403, body="{}", times=1000)
    assert desk.play().returncode != 0
    assert desk.on_disk() == ["919999900001"]
    desk.alert("+919999900001", ticket="INC-2")
    desk.simulator.reset()
    done = desk.play()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (desk.on_disk(), desk.blocked()) == ([], ["+919999900001"])
    (found,) = desk.runner.info(block_numbers=["+919999900001"]).result["found"]
    assert [group["note"] for group in found["groups"]] == ["INC-2: 200 calls in a minute"]


def test_what_the_server_refuses_fails_once_and_keeps_nobody_from_being_blocked(desk: Desk) -> None:
    desk.simulator.set(refused_numbers=r"\+919999900002")
    for number in ("+919999900001", "+919999900002", "+919999900003"):
        desk.alert(number)
    done = desk.play()
    assert done.returncode != 0
    assert "+919999900002): rejected" in done.stdout + done.stderr
    assert (desk.on_disk(), desk.blocked()) == ([], ["+919999900001", "+919999900003"])


def test_a_block_that_would_have_ended_by_now_is_dropped_without_a_request(desk: Desk) -> None:
    desk.alert("+919999900001", -timedelta(minutes=1))
    done = desk.play()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (desk.on_disk(), desk.simulator.requests()) == ([], [])


def test_without_a_word_on_exempt_numbers_nothing_is_taken(desk: Desk) -> None:
    desk.variables = {}
    desk.alert("+919999900001")
    done = desk.play()
    assert done.returncode != 0
    assert "block_groups_exempt_numbers" in done.stdout + done.stderr
    assert (desk.on_disk(), desk.simulator.requests()) == (["919999900001"], [])
