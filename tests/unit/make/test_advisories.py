# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vulnerability fails the audit, a service that does not answer is told, and a defect is not taken for that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "make" / "advisories.py"
Audit = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Runs the audit of one requirement with a stand-in for pip-audit, the program given."""
    (tmp_path / "pinned.txt").write_text(
        "# a comment\n-c other.txt\nrequests==2.20.0\nphonenumbers\n", encoding="utf-8"
    )

    def audited(stand_in: str) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "pip_audit.py").write_text(stand_in, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NOT_DONE": str(tmp_path / "not_done")}
        command = [sys.executable, str(PROGRAM), str(tmp_path / "pinned.txt")]
        return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)

    return audited


def _not_done(folder: Path) -> str:
    """What the summary of all.sh would show beside the target."""
    file = folder / "not_done"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_a_vulnerability_fails(audit: Audit) -> None:
    told = audit(
        """print('{"dependencies": [{"name": "requests", "version": "2.20.0", "vulns": [{"id": "PYSEC-1"}]}]}')"""
    )
    assert told.returncode == 1
    assert told.stdout.splitlines() == ["requests==2.20.0 is vulnerable: PYSEC-1", "1 packages audited, 1 vulnerable"]


def test_what_is_free_of_them_passes(audit: Audit, tmp_path: Path) -> None:
    told = audit("""print('{"dependencies": [{"name": "requests", "version": "2.20.0", "vulns": []}]}')""")
    assert (told.returncode, told.stdout) == (0, "1 packages audited, 0 vulnerable\n")
    assert _not_done(tmp_path) == ""


def test_what_no_service_knows_is_told_and_does_not_count_as_audited(audit: Audit, tmp_path: Path) -> None:
    told = audit("""print('{"dependencies": [{"name": "requests", "skip_reason": "not found"}]}')""")
    assert told.returncode == 0
    assert told.stdout.splitlines() == [
        "NOT AUDITED, since no service told of them: 1 packages, requests==2.20.0",
        "0 packages audited, 0 vulnerable",
    ]
    assert _not_done(tmp_path) == "1 of 1 packages not audited\n"


def test_a_service_that_cannot_be_reached_is_told(audit: Audit) -> None:
    told = audit("import sys; sys.exit('requests.exceptions.ConnectionError: no route')")
    assert told.returncode == 0
    assert "osv does not answer: requests.exceptions.ConnectionError: no route" in told.stdout


def test_any_other_failure_of_pip_audit_fails(audit: Audit) -> None:
    told = audit("import sys; sys.exit('invalid requirement')")
    assert (told.returncode, "invalid requirement" in told.stderr) == (1, True)
