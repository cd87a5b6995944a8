# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook, run by ansible-rulebook: a storm becomes few requests, and no alert that was taken is lost."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Set

import pytest
import requests
import yaml

from ansible_collections.ozonetel.cloudagent.extensions.eda.plugins.event_filter import alerts_on_disk
from ansible_collections.ozonetel.cloudagent.tests.simulator import DEMO_API_KEY, DEMO_USERNAME, Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.account import end_of

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = CHECKOUT / "docs" / "docsite" / "rst" / "event_driven.rst"
NAME = "ozonetel.cloudagent.block_alerts"
RULEBOOK = CHECKOUT / "extensions" / "eda" / "rulebooks" / "block_alerts.yml"
EXEMPT = "+919999909999"
HOUR = 3600


def _shown(beginning: str) -> str:
    """The code of the guide that begins with these words: a file, or a command with the lines that continue it."""
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.startswith(f"   {beginning}")]
    code = []
    for line in lines[first:]:
        if line and not line.startswith("   "):
            break
        code.append(line[3:])
        if beginning.startswith("$ ") and not line.endswith("\\"):
            break
    return "\n".join(code).replace("\\\n", " ").removeprefix("$ ")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until(happened: Callable[[], bool], what: str, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail(f"in {seconds} s not: {what}")
        time.sleep(0.2)


class Engine:
    """ansible-rulebook with the rulebook, on a free port, and somebody who sends alerts."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.simulator = simulator
        self.alerts = folder / "alerts"
        self.token = secrets.token_hex(12)
        self._port = _free_port()
        self._process: Optional[subprocess.Popen[bytes]] = None
        (folder / "inventory").mkdir()
        (folder / "inventory" / "hosts.yml").write_text(_shown("# inventory/hosts.yml"))
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "TMPDIR": str(folder),
            "OZONETEL_ALERT_TOKEN": self.token,
            "OZONETEL_ALERT_PORT": str(self._port),
            "OZONETEL_ALERT_FOLDER": str(self.alerts),
            "OZONETEL_USERNAME": DEMO_USERNAME,
            "OZONETEL_API_KEY": DEMO_API_KEY,
            "OZONETEL_DOMAIN": simulator.url,
            "OZONETEL_STATE_STORE": str(folder / "state"),
        }

    def start(self, rulebook: str = NAME) -> None:
        """Starts the engine and waits until its webhook answers."""
        command = f"{_shown('$ ansible-rulebook')},OZONETEL_ALERT_PORT".replace(NAME, rulebook)
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                shlex.split(command),
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _until(self._answers, "the webhook answers")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        try:
            return self.send({}, token="wrong").status_code == 401
        except requests.ConnectionError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the engine and what it runs."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, how)
            self._process.wait(timeout=120)

    def send(self, alert: Any, token: Optional[str] = None) -> requests.Response:
        """Sends one alert."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return requests.post(f"http://127.0.0.1:{self._port}/", json=alert, headers=headers, timeout=60)

    def send_as_shown(self) -> str:
        """Sends the alert of the guide with its command, for this port and token; gives the status."""
        command = _shown("$ curl").replace("a-long-random-word", self.token).replace(":5000/", f":{self._port}/")
        asked = [*shlex.split(command), "--silent", "--output", os.devnull, "--write-out", "%{http_code}"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout

    def storm(self, alerts: List[Dict[str, Any]]) -> Set[int]:
        """Sends many alerts at once; gives the status codes."""
        with ThreadPoolExecutor(16) as senders:
            return {answer.status_code for answer in senders.map(self.send, alerts)}

    def blocked(self) -> Set[str]:
        """The numbers that are in groups."""
        return {number for group in self.simulator.groups() for number in group.numbers}

    def expiries(self) -> Dict[str, str]:
        """The expiry date with which each number was sent."""
        sent = {}
        for body in (request["body"] for request in self.simulator.requests() if "expiryDate" in request["body"]):
            numbers = body["blockNumbers"]  # of the call that makes a group one, and no list
            sent.update(dict.fromkeys([numbers] if isinstance(numbers, str) else numbers, body["expiryDate"]))
        return sent

    def copy_with_example(self) -> str:
        """A copy of the rulebook whose source is the one that the filter's documentation shows, on this port."""
        (example,) = yaml.safe_load(alerts_on_disk.EXAMPLES)
        example["eda.builtin.webhook"]["port"] = self._port
        (rules,) = yaml.safe_load(RULEBOOK.read_text(encoding="utf-8"))
        rules["sources"][0] = {"name": "alerts", **example}
        copy = self.folder / "copy.yml"
        copy.write_text(yaml.safe_dump([rules], sort_keys=False), encoding="utf-8")
        return str(copy)

    def waiting(self) -> List[Path]:
        """The rows that are on disk."""
        return sorted(self.alerts.glob("*/[1-9]*.row"))

    def recorded(self) -> Dict[str, Dict[str, Any]]:
        """What is on record of each number."""
        asked = json.dumps({"name": "Alerts", "include_numbers": True})
        module = "ozonetel.cloudagent.ozonetel_block_group_info"
        here = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
        told = subprocess.run(
            ["ansible", "localhost", *here, "-m", module, "-a", asked],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        (group,) = json.loads(told.partition(" => ")[2])["groups"]
        return {number["number"]: number for number in group["numbers"]}

    def log(self) -> str:
        """What the engine has printed."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulated CloudAgent."""
    with Simulator() as running:
        yield running


@pytest.fixture
def stopped(tmp_path: Path, simulator: Simulator) -> Iterator[Engine]:
    """The engine, to be started."""
    if shutil.which("java") is None:
        # In CI a missing Java is a failure; on somebody's laptop it only narrows what is tested.
        if os.environ.get("CI"):
            pytest.fail("Java is missing: apt-get install default-jre-headless")
        pytest.skip("Java is missing (Debian: default-jre-headless)")
    engine = Engine(tmp_path, simulator)
    yield engine
    engine.stop()


@pytest.fixture
def engine(stopped: Engine) -> Engine:
    """The engine, running."""
    stopped.start()
    return stopped


def _alert(index: int, **fields: Any) -> Dict[str, Any]:
    return {
        "number": f"+9199999{index:05d}",
        "reason": f"{index} calls in a minute",
        "ticket": f"INC-{index}",
        "hours": 24,
        **fields,
    }


def _ends_at(expiry: str, hours: int, begun: float, ended: float) -> bool:
    """Whether a block of so many hours, asked for in this time, ends at the next full hour of the server."""
    return expiry.endswith(":00:00") and begun + hours * HOUR <= end_of(expiry) < ended + (hours + 1) * HOUR


def test_a_storm_becomes_few_requests_and_hostile_alerts_do_nothing(engine: Engine) -> None:
    trap = engine.folder / "trap"
    evil = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % trap
    storm = [_alert(index, hours=[2, 24][index % 2]) for index in range(500)]
    storm[7]["reason"] = evil
    hostile = [
        _alert(600, number="+../../../../tmp/600"),
        _alert(600, number=evil),
        _alert(600, ticket=evil),
        _alert(600, hours=100000),
        [evil],
    ]
    assert {engine.send(alert).status_code for alert in hostile} == {400}
    assert engine.send(_alert(600), token="of-somebody-else").status_code == 401
    assert engine.waiting() == []
    assert engine.send(_alert(601, number=EXEMPT)).status_code == 200
    assert engine.send_as_shown() == "200"
    begun = time.time()
    assert engine.storm(storm) == {200}
    ended = time.time()
    wanted = {alert["number"] for alert in storm}
    assert "+919999900001" in wanted  # the guide's, too
    _until(lambda: engine.blocked() == wanted and not engine.waiting(), "all are blocked and none waits")
    assert len(engine.simulator.requests()) < 20
    assert not trap.exists()
    recorded = engine.recorded()
    assert {number: recorded[number]["note"] for number in wanted} == {
        alert["number"]: f"{alert['ticket']}: {alert['reason']}" for alert in storm
    }
    expiries = engine.expiries()
    assert {number: recorded[number]["expiry_date"] for number in wanted} == expiries
    assert [alert for alert in storm if not _ends_at(expiries[alert["number"]], alert["hours"], begun, ended)] == []
    assert DEMO_API_KEY not in engine.log()
    assert engine.token not in engine.log()


def test_alerts_that_were_taken_outlive_the_engine(engine: Engine) -> None:
    alerts = [_alert(index) for index in range(20)]
    assert engine.storm(alerts) == {200}
    engine.stop(signal.SIGKILL)
    assert (len(engine.waiting()), engine.blocked()) == (20, set())
    engine.start()
    _until(lambda: engine.blocked() == {alert["number"] for alert in alerts}, "all are blocked")


def test_a_copy_of_the_rulebook_with_the_filter_as_its_documentation_shows_it_takes_no_longer_blocks(
    stopped: Engine,
) -> None:
    stopped.start(stopped.copy_with_example())
    refused = stopped.send(_alert(1, hours=73))
    assert (refused.status_code, refused.text) == (400, "hours: a whole number from 1 to 72")
    begun = time.time()
    assert stopped.send(_alert(2, hours=72)).status_code == 200
    ended = time.time()
    _until(lambda: stopped.blocked() == {"+919999900002"}, "it is blocked")
    assert _ends_at(stopped.expiries()["+919999900002"], 72, begun, ended)
