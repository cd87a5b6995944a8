# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of several targets tells which failed, and what was not done."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import List, Tuple

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "make" / "all.sh"
# stands for make: "both" runs two targets as `make judges` does
MAKE = f"""#!/bin/sh
case "$2" in
  good | fine) echo well done ;;
  bad) exit 2 ;;
  partly) echo "7 of 9 packages not audited" >"$NOT_DONE" ;;
  both) exec {PROGRAM} partly good ;;
esac
"""


@pytest.fixture
def make(tmp_path: Path) -> Path:
    """A program in the place of make."""
    program = tmp_path / "make"
    program.write_text(MAKE, encoding="utf-8")
    program.chmod(0o755)
    return program


def _summed_up(make: Path, *targets: str) -> Tuple[int, List[str]]:
    """The exit code, and the lines of the summary without their seconds."""
    environment = {name: value for name, value in os.environ.items() if name != "NOT_DONE"}
    environment["MAKE"] = str(make)
    done = subprocess.run([str(PROGRAM), *targets], env=environment, capture_output=True, text=True, check=False)
    _before, lines = done.stdout.rsplit("== summary\n", 1)
    return done.returncode, [" ".join(re.sub(r"\d+ s\b", "", line).split()) for line in lines.splitlines()]


def test_all_that_ends_well_is_ok(make: Path) -> None:
    assert _summed_up(make, "good", "fine+good") == (0, ["good ok", "fine ok", "good ok"])


def test_one_that_fails_is_told_and_fails_and_keeps_none_from_running(make: Path) -> None:
    assert _summed_up(make, "bad", "good+bad", "good") == (1, ["bad FAILED", "good ok", "bad FAILED", "good ok"])


@pytest.mark.parametrize("together", ["partly good", "good+partly"])
def test_what_was_not_done_is_told_and_does_not_fail(make: Path, together: str) -> None:
    code, lines = _summed_up(make, *together.split())
    assert (code, sorted(lines)) == (0, ["good ok", "partly NOT DONE 7 of 9 packages not audited"])


def test_what_was_not_done_within_a_target_is_told_of_that_target(make: Path) -> None:
    assert _summed_up(make, "both", "good") == (0, ["both NOT DONE 7 of 9 packages not audited", "good ok"])
