# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the role passes on every option of its modules, and documents what it takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import block_group_options, token
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import SECRETS, SHARED

ROLE = Path(__file__).resolve().parents[3] / "roles" / "block_groups"
MODULES = {
    "ozonetel.cloudagent.ozonetel_block_group": block_group_options.SPEC,
    "ozonetel.cloudagent.ozonetel_token": token.SPEC,
}
# The token is the role's own affair, and so is when one is generated.
NOT_PASSED_ON = {
    "ozonetel.cloudagent.ozonetel_block_group": set(),
    "ozonetel.cloudagent.ozonetel_token": {"token", "auth", "state", "force", "min_validity"},
}
OWN = {"token", "return_token"}
OF_AN_ENTRY = set(block_group_options.SPEC) - set(SHARED)


def _tasks(entries: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    found = []
    for entry in entries:
        found += _tasks(entry["block"] + entry.get("always", [])) if "block" in entry else [entry]
    return found


TASKS = [
    (module, task[module])
    for task in _tasks(yaml_load((ROLE / "tasks" / "main.yml").read_text()))
    for module in MODULES
    if module in task
]
ARGUMENTS: Dict[str, Any] = yaml_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
    "options"
]
ENTRY: Dict[str, Any] = ARGUMENTS["block_groups_list"]["options"]


def test_there_are_three_tasks_of_the_modules() -> None:
    assert [module.rpartition("_")[2] for module, _options in TASKS] == ["group", "token", "group"]
    assert TASKS[0][1] == TASKS[2][1]


@pytest.mark.parametrize(("module", "options"), TASKS)
def test_every_option_of_a_module_is_passed_on(module: str, options: Dict[str, str]) -> None:
    assert set(options) == set(MODULES[module]) - NOT_PASSED_ON[module]


@pytest.mark.parametrize(
    ("option", "value"),
    sorted({(option, value) for _module, options in TASKS for option, value in options.items() if option not in OWN}),
)
def test_an_option_is_filled_from_the_argument_of_its_name(option: str, value: str) -> None:
    named = set(re.findall(r"block_groups?_?[a-z_.\[\]]*", value))
    if option in SHARED:
        assert named == {f"block_groups_{option}"}
    elif option in ("block_numbers", "exempt_numbers"):
        assert f"block_groups_list[block_group_index].{option}" in named
    else:
        assert f"block_group.{option}" in named
    assert "default(" in value or option in ("auth", "name")


def test_an_entry_takes_the_options_of_the_module() -> None:
    assert set(ENTRY) == OF_AN_ENTRY
    for name, option in ENTRY.items():
        spec = block_group_options.SPEC[name]
        assert (option["type"], option.get("elements"), option.get("choices")) == (
            spec["type"],
            spec.get("elements"),
            spec.get("choices"),
        )
        assert option.get("required", False) is (name == "name")
        assert "default" not in option


def test_the_shared_arguments_are_those_of_the_modules_without_secrets() -> None:
    for_entries = {"exempt_numbers", "default_region", "refresh"}
    shared = {name[len("block_groups_") :] for name in ARGUMENTS} - {"list"} - for_entries
    assert shared == set(SHARED) - set(SECRETS)
    for name in shared:
        argument, spec = ARGUMENTS[f"block_groups_{name}"], SHARED[name]
        assert (argument["type"], argument.get("choices")) == (spec["type"], spec.get("choices"))


@pytest.mark.parametrize(
    ("name", "none"),
    [
        ("default_region", "default(omit, true)"),  # before ansible-core 2.19 null is an empty text here
        ("refresh", "default(omit)"),  # false is a value
    ],
)
def test_an_entry_without_the_option_takes_the_argument_of_its_name(name: str, none: str) -> None:
    for module, options in TASKS:
        if module.endswith("ozonetel_block_group"):
            assert options[name] == f"{{{{ block_group.{name} | default(block_groups_{name}) | {none} }}}}"


def test_d9_the_list_is_required_and_has_no_default() -> None:
    assert ARGUMENTS["block_groups_list"]["required"] is True
    defaults = yaml_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults == {
        name: option["default"] for name, option in ARGUMENTS.items() if option.get("default") is not None
    }


def test_d12_the_item_of_the_loop_holds_no_numbers() -> None:
    loops = [task["loop"] for task in _tasks(yaml_load((ROLE / "tasks" / "main.yml").read_text())) if "loop" in task]
    assert loops[:2] == ["{{ block_groups_entries }}"] * 2
    entries = yaml_load((ROLE / "vars" / "main.yml").read_text())["block_groups_entries"]
    assert "rejectattr('key', 'in', ['block_numbers', 'exempt_numbers'])" in entries.replace(
        "map('rejectattr', ", "rejectattr("
    )


def test_a_variable_that_the_collection_reads_is_none_that_is_misspelt() -> None:
    known = yaml_load((ROLE / "vars" / "main.yml").read_text())["block_groups_known"]
    assert len(known) == len(set(known))
    assert set(ARGUMENTS) <= set(known)
    root = ROLE.parents[1]
    files = [
        file for folder in ("roles", "playbooks", "examples", "extensions") for file in root.glob(f"{folder}/**/*")
    ]
    texts = [file.read_text() for file in files if file.suffix in (".yml", ".j2")]
    read = {name for text in texts for name in re.findall(r"\bblock_groups?_[a-z_]+\b", text)}
    assert {name for name in read if not name.startswith("block_groups_page")} == set(known)
