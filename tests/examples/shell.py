# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A shell that keeps its folder and its environment from command to command, as a reader's does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Dict, NamedTuple


class Done(NamedTuple):
    """How a command ended, and what it printed, errors included."""

    code: int
    output: str


class Shell:
    """A bash; what it needs besides lies in the folder ``notes``."""

    def __init__(self, folder: Path, notes: Path, environment: Dict[str, str]) -> None:
        self._notes = notes
        self._count = 0
        self.folder = folder
        command = ["bash", "--noprofile", "--norc"]
        self._bash = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def run(self, command: str, seconds: float) -> Done:
        """Runs a command as it is written; what takes longer than so many seconds ends with the shell."""
        self._count += 1
        script, output, code, folder = (self._notes / f"{self._count}.{kind}" for kind in ("sh", "out", "code", "pwd"))
        script.write_text(f"{command}\n", encoding="utf-8")
        assert self._bash.stdin is not None
        ended = f"echo $? >'{code}.part'; pwd >'{folder}'; mv '{code}.part' '{code}'"
        self._bash.stdin.write(f". '{script}' </dev/null >'{output}' 2>&1; {ended}\n")
        self._bash.stdin.flush()
        end = time.monotonic() + seconds
        while not code.exists() and self._bash.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        printed = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        if not code.exists():
            self.close()
            return Done(124, f"{printed}\nthe shell ended, or the command took longer than {seconds:.0f} s")
        self.folder = Path(folder.read_text(encoding="utf-8").strip())
        return Done(int(code.read_text(encoding="utf-8")), printed)

    def close(self) -> None:
        """Ends the shell and what it has started."""
        if self._bash.poll() is None:
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait()
        if self._bash.stdin is not None:
            self._bash.stdin.close()
