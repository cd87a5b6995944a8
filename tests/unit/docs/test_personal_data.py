# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/personal-data.md prints does what it says there, on both engines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import SPEC as INFO
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_options import SPEC as GROUP
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import tampered

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "personal-data.md").read_text(encoding="utf-8")
ACCOUNT = "demo_user at https://in1-ccaas-api.ozonetel.com"
NAME = "Nuisance callers"
FEW = ["9999900001", "9999900002", "9999900003"]
TABLES = ("groups", "numbers", "notes", "shapes", "runs")


def _block(language: str, begins: str) -> str:
    (found,) = (text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if text.startswith(begins))
    return str(found)


def _with_notes(runner: Runner, folder: Path, name: str) -> None:
    file = folder / "list.csv"
    file.write_text("Number,Ticket\n" + "".join(f"{number},ticket\n" for number in FEW))
    runner.group(name=name, block_numbers_file=str(file), number_column="Number", note_column="Ticket")


def test_the_statements_take_a_group_out_of_the_ledger_and_nothing_else(
    runner_on_each_engine: Runner, tmp_path: Path
) -> None:
    runner = runner_on_each_engine
    for name in ("Fraud", NAME):
        _with_notes(runner, tmp_path, name)
    statements = (
        _block("sql", "-- forget_group.sql").replace(ACCOUNT, runner.account).replace("-- forget_group.sql", "")
    )
    assert runner.account in statements
    tampered(runner.location, *(statement for statement in statements.split(";") if statement.strip()))
    left = {table: len(tampered(runner.location, f"SELECT * FROM {table}")) for table in TABLES}
    assert left == {"groups": 1, "numbers": 3, "notes": 3, "shapes": 1, "runs": 1}
    (group,) = runner.info(runs=5).result["groups"]
    assert (group["name"], group["counts"]["unconfirmed"], len(group["runs"])) == ("Fraud", 3, 1)


def test_the_steps_of_the_playbook_leave_nothing_of_a_number(runner_on_each_engine: Runner, tmp_path: Path) -> None:
    runner = runner_on_each_engine
    _with_notes(runner, tmp_path, NAME)
    (play,) = yaml_load(_block("yaml", "# forget_number.yml"))
    find, unblock, wait, forget, see = play["tasks"]
    steps = [step["ozonetel.cloudagent.ozonetel_block_group"] for step in (unblock, forget)]
    (found,) = runner.info(name=NAME, block_numbers=[play["vars"]["number"]]).result["found"]
    recorded = [group["number"] for group in found["groups"]]
    assert recorded == [FEW[1]]
    for step in steps:
        assert runner.group(**{**step, "name": NAME, "block_numbers": recorded}).failure is None
        runner.clock.time += wait["ansible.builtin.pause"]["seconds"]
    assert runner.info(block_numbers=FEW[1:2]).result["found"][0]["groups"] == []
    assert runner.info().result["recorded"] == {"groups": 1, "numbers": 2, "removed": 0, "notes": 2, "runs": 3}
    assert find["ozonetel.cloudagent.ozonetel_block_group_info"] == see["ozonetel.cloudagent.ozonetel_block_group_info"]


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`([a-z]+_[a-z_]+)(?:: [^`]*)?`", PAGE))))
def test_what_is_written_like_an_option_or_a_name_is_one(option: str) -> None:
    others = {"lock_holders", "block_groups_page", "ozonetel_cloudagent", "change_source", "no_log", "group_name"}
    assert option in {*GROUP, *INFO, *others}
