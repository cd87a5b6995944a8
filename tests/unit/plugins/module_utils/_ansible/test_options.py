# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs and documentation are each other's mirror, and secrets are marked."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Dict

import pytest
import yaml

from ansible_collections.ozonetel.cloudagent.plugins.doc_fragments.cloudagent import ModuleDocFragment
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import block_group, block_group_info, token
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import SHARED, Spec

SPECS = {
    "ozonetel_block_group": block_group.SPEC,
    "ozonetel_block_group_info": block_group_info.SPEC,
    "ozonetel_token": token.SPEC,
}
FRAGMENT: Dict[str, Any] = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
ROOT = Path(__file__).resolve().parents[5]


def _documented(name: str) -> Dict[str, Any]:
    module = importlib.import_module(f"ansible_collections.ozonetel.cloudagent.plugins.modules.{name}")
    options: Dict[str, Any] = yaml.safe_load(module.DOCUMENTATION)["options"]
    return options


def _mirrors(spec: Dict[str, Any], documented: Dict[str, Any]) -> None:
    for key in ("type", "elements", "choices", "default"):
        assert spec.get(key) == documented.get(key), key
    assert bool(spec.get("required")) == bool(documented.get("required"))


@pytest.mark.parametrize("name", SHARED.options)
def test_each_shared_option_is_documented_as_it_is(name: str) -> None:
    _mirrors(dict(SHARED.options[name]), FRAGMENT[name])
    for variable in SHARED.options[name].get("fallback", (None, []))[1]:
        assert f"E({variable})" in "".join(FRAGMENT[name]["description"])


def test_nothing_is_documented_that_there_is_not() -> None:
    assert set(FRAGMENT) == set(SHARED.options)


@pytest.mark.parametrize("name", SPECS)
def test_each_option_of_a_module_is_documented_as_it_is(name: str) -> None:
    own = {key: dict(value) for key, value in SPECS[name].options.items() if key not in SHARED.options}
    documented = {key: value for key, value in _documented(name).items() if key not in SHARED.options}
    assert set(own) == set(documented)
    for option, spec in own.items():
        _mirrors(spec, documented[option])


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_secrets_are_masked_top_level_options_and_nothing_else_is_masked(spec: Spec) -> None:
    assert {name for name, option in spec.options.items() if option.get("no_log")} == {"api_key", "token"}
    assert not [name for name, option in spec.options.items() if "options" in option]


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["cloudagent"] == sorted(SPECS)
    assert sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")) == sorted(SPECS)


def test_the_role_takes_every_option_of_the_module_that_makes_sense_in_a_group() -> None:
    specs = yaml.safe_load((ROOT / "roles" / "block_groups" / "meta" / "argument_specs.yml").read_text())
    groups = specs["argument_specs"]["main"]["options"]["block_groups_list"]["options"]
    own = {name for name in block_group.SPEC.options if name not in SHARED.options}
    assert set(groups) == own
    for name, option in groups.items():
        spec = block_group.SPEC.options[name]
        assert (option["type"], option.get("choices"), option.get("elements")) == (
            spec["type"],
            spec.get("choices"),
            spec.get("elements"),
        )
