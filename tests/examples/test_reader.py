# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader notices what goes in another way than a file says, and remembers what came before."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

from .extract import Block
from .reader import Reader
from .stand import Stand
from .steps import steps_of

REQUEST = "python3 -c 'import os, urllib.request as r; r.urlopen(os.environ[\"OZONETEL_DOMAIN\"])' || true"


def _problems(stand: Stand, folder: Path, *blocks: Block) -> List[str]:
    with Simulator() as simulator:
        steps = [step for block in blocks for step in steps_of(block)]
        return Reader(stand, simulator, folder, steps, {}).problems()


def _console(text: str) -> Block:
    return Block("guide.rst", 7, "console", text)


@pytest.mark.parametrize(
    ("console", "problem"),
    [
        ("$ exit_code() { return 3; }; exit_code\n", "it ended with 3"),
        ("$ true   # fails\n", "it is said to fail, and did not"),
        ("$ echo changed=0 changed=2   # changes nothing\n", "it is said to change nothing, and changed=0, 2"),
        ("$ echo done   # changes nothing\n", "it is said to change nothing, and changed=nothing that is told"),
        ("$ echo one\ntwo\n", "it is said to print what did not come: two"),
        (f"$ {REQUEST}   # ansible-playbook --check\n", "with --check it has sent 1 requests"),
        ("$ export OZONETEL_DOMAIN=domestic\n", "this would reach the real service"),
    ],
)
def test_what_goes_in_another_way_is_told_with_its_place(
    console: str, problem: str, stand: Stand, tmp_path: Path
) -> None:
    (told,) = _problems(stand, tmp_path, _console(console))
    assert told.startswith("guide.rst:7: ") and problem in told


def test_what_is_not_clear_and_output_that_never_came_are_told(stand: Stand, tmp_path: Path) -> None:
    blocks = [Block("guide.rst", 1, "yaml", "state_store: none\n"), Block("guide.rst", 4, "text", "done\n")]
    unclear, absent = _problems(stand, tmp_path, *blocks)
    assert "write it whole" in unclear
    assert absent == "guide.rst:4: nothing before it has printed: done"


def test_folder_environment_and_files_are_kept(stand: Stand, tmp_path: Path) -> None:
    written = Block("guide.rst", 3, "text", "# list.txt\n+91 99999 00001\n")
    before = _console("$ export WORD=one\n$ mkdir deeper\n$ cd deeper\n")
    after = _console(
        "$ echo $WORD in ${PWD##*/}\none in deeper\n$ tail -n 1 list.txt\n+91 99999 00001\n$ false   # fails\n"
    )
    assert _problems(stand, tmp_path, before, written, after) == []


def test_what_was_printed_before_may_be_shown_later(stand: Stand, tmp_path: Path) -> None:
    assert _problems(stand, tmp_path, _console("$ echo done\n"), Block("guide.rst", 4, "text", "done\n")) == []


def test_the_home_is_empty_but_for_the_collection(stand: Stand, tmp_path: Path) -> None:
    assert (
        _problems(
            stand, tmp_path, _console("$ find ~ -mindepth 1 | sed s:.*/home/::\n.ansible\n.ansible/collections\n")
        )
        == []
    )
