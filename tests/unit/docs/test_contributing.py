# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changelog fragment that CONTRIBUTING.md shows is one that antsibull-changelog takes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from ansible_collections.ozonetel.cloudagent.tests.examples.extract import markdown

CHECKOUT = Path(__file__).resolve().parents[3]


def _lint(folder: Path, fragment: str) -> "subprocess.CompletedProcess[str]":
    (folder / "changelogs" / "fragments").mkdir(parents=True, exist_ok=True)
    shutil.copy(CHECKOUT / "galaxy.yml", folder)
    for name in ("changelog.yaml", "config.yaml"):
        shutil.copy(CHECKOUT / "changelogs" / name, folder / "changelogs")
    (folder / "changelogs" / "fragments" / "colour.yml").write_text(fragment, encoding="utf-8")
    command = [sys.executable, "-m", "antsibull_changelog", "lint"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_fragment_is_one(tmp_path: Path) -> None:
    shown = markdown("CONTRIBUTING.md", (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    (fragment,) = (block.text for block in shown if block.text.startswith("# changelogs/fragments/"))
    linted = _lint(tmp_path, fragment)
    assert (linted.returncode, linted.stdout) == (0, "")

    wrong = _lint(tmp_path, fragment.replace("minor_changes", "small_changes"))
    assert wrong.returncode != 0
    assert "colour.yml" in wrong.stdout
