# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changelog fragment that CONTRIBUTING.md shows is one that antsibull-changelog takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ansible_collections.ozonetel.cloudagent.tests.examples.extract import markdown

CHECKOUT = Path(__file__).resolve().parents[3]


def _lint(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    fragment = folder / "colour.yml"
    fragment.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "antsibull_changelog", "lint", str(fragment)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_the_fragment_is_one(tmp_path: Path) -> None:
    shown = markdown("CONTRIBUTING.md", (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    (text,) = (block.text for block in shown if block.text.startswith("# changelogs/fragments/"))
    linted = _lint(tmp_path, text)
    assert (linted.returncode, linted.stdout) == (0, "")

    wrong = _lint(tmp_path, text.replace("minor_changes", "small_changes"))
    assert wrong.returncode != 0
    assert "colour.yml" in wrong.stdout
