# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one program and tells what it took; whatever happens, nothing of it is left running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence

LAUNCH = Path(__file__).with_name("launch.py")
_GRACE = 5.0
_SHOWN = 10_000
_MIB = 1024.0  # ru_maxrss is in KiB


class Failed(Exception):
    """A program has failed, or has not done what it was measured for."""


@dataclass(frozen=True)
class Finished:
    """A program that has ended well: wall clock and CPU in seconds, its children's too; ``peak`` in MiB is that of the
    largest process among them."""

    seconds: float
    cpu: float
    peak: float
    output: str


def finished(command: Sequence[str], environment: Mapping[str, str]) -> Finished:
    """Runs a program, named by its path, to its end; raises Failed with the end of what it has printed."""
    with tempfile.TemporaryDirectory(dir=environment["TMPDIR"]) as folder:
        figures, output = Path(folder) / "figures", Path(folder) / "output"
        with output.open("wb") as printed:
            # a session of its own: an interrupt at the terminal ends the bench, and the bench ends the program
            launcher = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCH), str(figures), *command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                launcher.wait()
            except BaseException:
                end(launcher)
                raise
        text = output.read_text(encoding="utf-8", errors="replace")
        if not figures.exists():
            raise Failed(f"did not start: {text[-_SHOWN:]}")
        status, seconds, cpu, peak = figures.read_text(encoding="ascii").split()
    if status != "0":
        raise Failed(f"ended with {status}: {text[-_SHOWN:]}")
    return Finished(float(seconds), float(cpu), float(peak) / _MIB, text)


def end(program: subprocess.Popen[bytes]) -> None:
    """Ends a program that leads a session, and all that it has started there."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(_GRACE)
