# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the playbooks tells what playbooks there are, and what can be set in each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Set

import pytest
from ansible.module_utils.common.yaml import yaml_load

CHECKOUT = Path(__file__).resolve().parents[3]
PLAYBOOKS = CHECKOUT / "playbooks"
NAMES = sorted(file.stem for file in PLAYBOOKS.glob("*.yml"))
PAGE = (CHECKOUT / "docs" / "docsite" / "rst" / "playbooks.rst").read_text(encoding="utf-8")
LABEL = "ansible_collections.ozonetel.cloudagent.docsite.playbooks"
DEFAULT_HOSTS = "cloudagent_accounts"


def _section(name: str) -> str:
    (section,) = re.findall(rf"^\.\. _{re.escape(LABEL)}\.{name}:\n(.*?)(?=^\.\. _|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(section)


def _told(name: str) -> Set[str]:
    """The variables in the first column of the section's table."""
    (table,) = re.findall(r"^\.\. list-table::\n.*?(?=^\S|\Z)", _section(name), re.MULTILINE | re.DOTALL)[-1:]
    return {variable for row in table.split("\n   * - ")[2:] for variable in _first(row)}


def _first(row: str) -> Set[str]:
    return set(re.findall(r"``(\w+)``", row.partition("\n     - ")[0]))


def test_every_playbook_has_a_section_and_a_line_in_the_table() -> None:
    assert sorted(re.findall(rf"^\.\. _{re.escape(LABEL)}\.(\w+):$", PAGE, re.MULTILINE)) == NAMES
    assert sorted(re.findall(rf"   \* - :ref:`ozonetel\.cloudagent\.(\w+) <{re.escape(LABEL)}\.\1>`", PAGE)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_variable_of_a_playbook_is_told_of_and_no_other(name: str) -> None:
    text = (PLAYBOOKS / f"{name}.yml").read_text()
    taken = set(re.findall(r"\b((?:block_groups|block_alerts|probe)_\w+) (?:\| default|is defined)", text))
    taken -= set(re.findall(r"register: (\w+)", text))
    assert _told(name) == taken


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_runs_where_the_page_says(name: str) -> None:
    (play,) = yaml_load((PLAYBOOKS / f"{name}.yml").read_text())
    assert play["hosts"] == f"{{{{ block_groups_hosts | default('{DEFAULT_HOSTS}') }}}}"
    assert play["connection"] == "local"
    assert f"``{DEFAULT_HOSTS}`` by default" in _section(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_section_shows_how_its_playbook_is_run(name: str) -> None:
    assert re.search(rf"^   \$ .*ansible-playbook -i inventory.yml ozonetel\.cloudagent\.{name}", _section(name), re.M)
