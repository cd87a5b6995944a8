# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What galaxy-importer warns of is a fault unless it is accepted by name, and so is its own failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ozonetel.cloudagent.tests.make.importer_log import faults

CHECKOUT = Path(__file__).resolve().parents[3]
LOG = [
    "Importing with galaxy-importer 0.4.44\n",
    "WARNING: plugins/module_utils/_domain/plan.py:168:9: W503 line break before binary operator\n",
    "WARNING: plugins/module_utils/_state/sqlite.py:139:27: E203 whitespace before ':'\n",
    "WARNING: ERROR    Failed to find ozonetel.cloudagent.preflight playbook.\n",
    "Importer processing completed successfully\n",
]


def test_accepted_warnings_are_no_faults() -> None:
    assert faults(LOG) == []


def test_any_other_warning_or_error_is_a_fault() -> None:
    for line in ("WARNING: No changelog found.", "ERROR: flake8 is missing"):
        assert faults([*LOG, line + "\n"]) == [line]


def test_an_import_that_was_not_completed_is_a_fault() -> None:
    assert faults(LOG[:-1]) == ["the import was not completed"]


def test_what_is_accepted_in_vain_is_a_fault() -> None:
    (fault,) = faults([line for line in LOG if "E203" not in line])
    assert "E203" in fault


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 2)])
def test_make_fails_if_galaxy_importer_does_however_good_its_log_is(tmp_path: Path, status: int, code: int) -> None:
    (tmp_path / "log").write_text("".join(LOG), encoding="utf-8")
    importer = tmp_path / "importer.sh"
    importer.write_text(f"cat {tmp_path / 'log'}\nexit {status}\n", encoding="utf-8")
    given = [f"in_antsibull_nox=sh {importer}", f"VENV={sys.executable}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--assume-old", "collection-tree", "galaxy-importer", *given],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, "galaxy-importer: nothing but what is accepted")
