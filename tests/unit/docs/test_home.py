# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MAINTAINERS.md names every file in which the placeholders for the project's home stand, and no other."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import List

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
# joined here, so that this file is none of those that name them
ADDRESS = "github.com/" + "ozonetel-cloudagent"
HANDLE = "@" + "ozonetel-cloudagent"
TAG = "tag `" + "ozonetel`"


def _listed(kind: str) -> List[str]:
    text = (CHECKOUT / "MAINTAINERS.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- {kind} -->\n((?:\* .*\n)+)", text)
    return re.findall(r"^\* `(.*)`$", block, re.MULTILINE)


def _naming(words: str) -> List[str]:
    command = ["git", "grep", "--files-with-matches", "--untracked", "--fixed-strings", "-e", words]
    return sorted(subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize(("kind", "words"), [("address", ADDRESS), ("handle", HANDLE), ("tag", TAG)])
def test_each_file_that_names_the_home_is_listed(kind: str, words: str) -> None:
    assert _naming(words) == _listed(kind)
