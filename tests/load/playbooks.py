# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks as their users run them, any number at once, with what they take."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.bench.processes import Finished, finished
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

HERE = Path(__file__).resolve().parent
_COLLECTIONS = HERE.parents[4]
_KIB = 1 << 10
_GIB = 1 << 30
_SPARE = 3 * _GIB
_EACH = 1.2 * _GIB
"""What a playbook with thirty forks needs at most."""


def available() -> int:
    """Bytes of memory that programs could still have."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * _KIB for line in lines if line.startswith("MemAvailable:"))


@dataclass(frozen=True)
class Run:
    """One playbook: its file beside this one, its variables, and more arguments."""

    path: str
    variables: Dict[str, Any]
    arguments: Sequence[str] = ()


@dataclass(frozen=True)
class Together:
    """What several playbooks took that ran at once: seconds, bytes of memory at most, and what each has to tell.

    ``most``: how many of them were running at the same time.
    """

    seconds: float
    memory: int
    most: int
    finished: List[Finished]

    @property
    def cpu(self) -> float:
        """CPU seconds of all of them."""
        return sum(one.cpu for one in self.finished)

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return "".join(one.output for one in self.finished)


class Playbooks:
    """Runs playbooks for a simulated account. ``location``: of the state store that they share."""

    def __init__(self, simulator: Simulator, location: Location, folder: Path) -> None:
        self._simulator = simulator
        self._folder = folder
        self.location = location
        self.engine = "SQLite" if location.directory else "PostgreSQL"
        for name in ("home", "tmp"):
            (folder / name).mkdir()

    def environment(self) -> Dict[str, str]:
        """What a playbook finds in its environment."""
        password = {"OZONETEL_STATE_STORE_PASSWORD": self.location.password} if self.location.password else {}
        return {
            **{name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ},
            "HOME": str(self._folder / "home"),
            "TMPDIR": str(self._folder / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(_COLLECTIONS),
            "OZONETEL_DOMAIN": self._simulator.url,
            "OZONETEL_USERNAME": self._simulator.username,
            "OZONETEL_API_KEY": self._simulator.api_key,
            "OZONETEL_STATE_STORE": self.location.url or str(self.location.directory),
            **password,
        }

    def run(self, run: Run) -> Finished:
        """Runs one to its end; raises Failed with the end of what it has printed."""
        variables = self._folder / f"variables-{threading.get_ident()}.json"
        variables.write_text(json.dumps(run.variables), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(HERE / run.path), *run.arguments]
        return finished([*command, "-e", f"@{variables}"], self.environment())

    def at_once(self, runs: Sequence[Run]) -> Together:
        """Runs all of them at once, or as many as there is memory for."""
        before = least = available()
        most = max(1, min(len(runs), int((before - _SPARE) / _EACH)))
        begun = time.perf_counter()
        with ThreadPoolExecutor(most) as threads:
            waiting = [threads.submit(self.run, run) for run in runs]
            while not all(one.done() for one in waiting):
                least = min(least, available())
                time.sleep(0.2)
        return Together(time.perf_counter() - begun, before - least, most, [one.result() for one in waiting])
