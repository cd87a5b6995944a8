# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks as their users run them, any number at once, with what they take."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.bench.processes import LAUNCH, Finished, finished
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

HERE = Path(__file__).resolve().parent
_COLLECTIONS = HERE.parents[4]
_KIB = 1 << 10
_MIB = 1 << 20
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

    ``most``: how many of them there was memory for at the same time; ``met``: how many were at the line at which they
    wait for each other when the first went on from there.
    """

    seconds: float
    memory: int
    most: int
    met: int
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

    def run_measured(self, run: Run) -> Tuple[Finished, float]:
        """Runs one whose variable ``measured`` is the Python of a module; gives that one's peak of memory in MiB, too.

        The module is the largest process only where its list is long, so its peak does not show among those of all.
        """
        figures, python = self._folder / "figures", self._folder / "measured-python"
        launch = [sys.executable, "-I", "-S", str(LAUNCH), str(figures), sys.executable]
        python.write_text(f'#!/bin/sh\nexec {shlex.join(launch)} "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        figures.unlink(missing_ok=True)
        done = self.run(replace(run, variables={**run.variables, "measured": str(python)}))
        _status, _seconds, _cpu, peak = figures.read_text(encoding="ascii").split()
        return done, float(peak) * _KIB / _MIB

    def at_once(self, runs: Sequence[Run]) -> Together:
        """Runs all of them at once, or as many as there is memory for.

        Each has a variable ``line``, a folder: it puts a file ``at.…`` there, and waits for the file ``go``. That comes
        when as many are there as run at once, or one has ended before.
        """
        line = Path(tempfile.mkdtemp(prefix="line-", dir=self._folder))
        before = least = available()
        most = max(1, min(len(runs), int((before - _SPARE) / _EACH)))
        begun, met = time.perf_counter(), 0
        with ThreadPoolExecutor(most) as threads:
            to_line = [replace(run, variables={**run.variables, "line": str(line)}) for run in runs]
            started = [threads.submit(self.run, run) for run in to_line]
            while not all(one.done() for one in started):
                least = min(least, available())
                at_line = len(list(line.glob("at.*")))
                if not met and (at_line == most or any(one.done() for one in started)):
                    met = at_line
                    (line / "go").touch()
                time.sleep(0.2)
        return Together(time.perf_counter() - begun, before - least, most, met, [one.result() for one in started])
