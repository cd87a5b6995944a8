# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/docsite/rst/personal_data.rst prints does what it says there, on both engines."""

from __future__ import annotations

import contextlib
import re
import textwrap
from pathlib import Path

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import SPEC as INFO
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_options import SPEC as GROUP
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import lock_of
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

PAGE = (Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "personal_data.rst").read_text(encoding="utf-8")
ACCOUNT = "demo_user at https://in1-ccaas-api.ozonetel.com"
NAME = "Nuisance callers"
FEW = ["9999900001", "9999900002", "9999900003"]
TABLES = ("groups", "numbers", "notes", "shapes", "runs")


def _block(language: str, begins: str) -> str:
    blocks = re.findall(rf"^\.\. code-block:: {language}\n\n((?:   .*\n|\n)+)", PAGE, re.MULTILINE)
    (found,) = (text for text in map(textwrap.dedent, blocks) if text.startswith(begins))
    return str(found)


def _with_notes(runner: Runner, folder: Path, name: str) -> None:
    file = folder / "list.csv"
    file.write_text("Number,Ticket\n" + "".join(f"{number},ticket\n" for number in FEW))
    runner.group(name=name, block_numbers_file=str(file), number_column="Number", note_column="Ticket")


def _run_statements(runner: Runner, file: str) -> None:
    statements = _block("sql", f"-- {file}").replace(ACCOUNT, runner.account).replace(f"-- {file}", "")
    tampered(runner.location, *(statement for statement in statements.split(";") if statement.strip()))


def _leave_lock(runner: Runner, name: str) -> None:
    """As a run that was killed does."""
    tampered(runner.location, f"INSERT INTO lock_holders VALUES ('{name}', 'process 4711 on runner-1', 1.0, NULL)")


def test_the_statements_take_a_group_out_of_the_ledger_and_nothing_else(
    runner_on_each_engine: Runner, tmp_path: Path
) -> None:
    runner = runner_on_each_engine
    for name in ("Fraud", NAME):
        _with_notes(runner, tmp_path, name)
        _leave_lock(runner, lock_of(name, runner.account))
    _run_statements(runner, "forget_group.sql")
    with contextlib.closing(opened(runner.location)) as store:
        assert list(store.holders()) == [lock_of("Fraud", runner.account)]
    left = {table: len(tampered(runner.location, f"SELECT * FROM {table}")) for table in TABLES}
    assert left == {"groups": 1, "numbers": 3, "notes": 3, "shapes": 1, "runs": 1}
    (group,) = runner.info(runs=5).result["groups"]
    assert (group["name"], group["counts"]["unconfirmed"], len(group["runs"])) == ("Fraud", 3, 1)


def test_the_statements_take_an_account_out_of_the_store_and_no_other(
    runner_on_each_engine: Runner, tmp_path: Path
) -> None:
    runner = runner_on_each_engine
    everything = (*TABLES, "facts", "tokens", "lock_holders")
    _with_notes(runner, tmp_path, NAME)
    tampered(runner.location, f"INSERT INTO facts VALUES ('somebody_else at {runner.options['domain']}', 'a', 'b')")
    _leave_lock(runner, lock_of(NAME, runner.account))
    _leave_lock(runner, lock_of(NAME, f"somebody_else at {runner.options['domain']}"))
    assert runner.token(state="absent").failure is None
    _run_statements(runner, "forget_account.sql")
    left = {table: len(tampered(runner.location, f"SELECT * FROM {table}")) for table in everything}
    assert left == {**dict.fromkeys(everything, 0), "facts": 1, "lock_holders": 1}


def test_the_statement_drops_the_messages_of_runs(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.simulator.set(refused_numbers=FEW[0])
    assert runner.group(block_numbers=FEW).failure is not None
    assert runner.info(runs=1).result["groups"][0]["runs"][0]["error"] is not None
    _run_statements(runner, "forget_messages.sql")
    assert runner.info(runs=1).result["groups"][0]["runs"][0]["error"] is None


def test_files_are_written_anew_when_nothing_is_deleted_after_that() -> None:
    assert PAGE.index("-- forget_messages.sql") < PAGE.index("VACUUM")
    assert "VACUUM FULL numbers, notes, runs'" in PAGE


def test_the_system_log_is_told_of() -> None:
    """Ansible logs the arguments of every module, unless it is told not to."""
    (row,) = (row for row in PAGE.split("\n   * - ") if row.startswith("**system log**"))
    given = {name for name, option in {**GROUP, **INFO}.items() if option["type"] == "list"}
    assert given == set(re.findall(r"``([a-z]+_numbers)``", row))
    assert {"no_target_syslog = true", "no_log: true"} <= set(re.findall(r"``([^`]*)``", PAGE))


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


@pytest.mark.parametrize("option", sorted(set(re.findall(r"``([a-z]+_[a-z_]+)(?:: [^`]*)?``", PAGE))))
def test_what_is_written_like_an_option_or_a_name_is_one(option: str) -> None:
    others = {"lock_holders", "block_groups_page", "ozonetel_cloudagent", "change_source", "no_log", "group_name"}
    others |= {"log_path", "ozonetel_block_group", "ozonetel_block_group_info", "ozonetel_token"}
    assert option in {*GROUP, *INFO, *others}
