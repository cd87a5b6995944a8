# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs and documentation are each other's mirror, and shared options are checked before anything else."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.doc_fragments.cloudagent import ModuleDocFragment
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import block_group, block_group_info, token
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import (
    SHARED,
    Spec,
    number_in_range,
    read_option,
    shared_faults,
    with_shared,
    without_credentials,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import Fault

Documented = Dict[str, Any]
MODULES = {
    "ozonetel_token": token.SPEC,
    "ozonetel_block_group": block_group.SPEC,
    "ozonetel_block_group_info": block_group_info.SPEC,
}
MIRRORED = ("type", "elements", "choices", "default", "required")
FRAGMENT: Documented = yaml_load(ModuleDocFragment.DOCUMENTATION)["options"]
ROOT = Path(__file__).parents[5]
KEY = "KK" + "0" * 32


def _documented(module: str) -> Documented:
    """The options of a module's documentation, with those of the fragment that it names."""
    source = importlib.import_module(f"ansible_collections.ozonetel.cloudagent.plugins.modules.{module}")
    documentation = yaml_load(source.DOCUMENTATION)
    assert documentation["module"] == module
    assert "ozonetel.cloudagent.cloudagent" in documentation["extends_documentation_fragment"]
    options = {name: dict(option) for name, option in FRAGMENT.items()}
    for name, option in documentation["options"].items():
        options[name] = {**options.get(name, {}), **option}
    return options


def _mirrored(option: Any) -> Dict[str, Any]:
    found = {key: option[key] for key in MIRRORED if key in option}
    return {key: value for key, value in found.items() if (key, value) != ("required", False)}


def _text(option: Documented) -> str:
    description = option["description"]
    return description if isinstance(description, str) else " ".join(description)


def test_the_fragment_documents_exactly_the_shared_options() -> None:
    assert list(FRAGMENT) == list(SHARED.options)


@pytest.mark.parametrize("name", list(SHARED.options))
def test_the_fragment_says_of_a_shared_option_what_the_spec_does(name: str) -> None:
    option = SHARED.options[name]
    assert _mirrored(FRAGMENT[name]) == _mirrored(option)
    assert type(FRAGMENT[name].get("default")) is type(option.get("default"))
    variables = option["fallback"][1] if "fallback" in option else []
    assert variables in ([], [f"OZONETEL_{name.upper()}"])
    for variable in variables:
        assert f"E({variable})" in _text(FRAGMENT[name])
    assert _text(FRAGMENT[name]).count("E(OZONETEL_") == len(variables)


@pytest.mark.parametrize("module", list(MODULES))
def test_a_module_documents_exactly_the_options_that_it_takes(module: str) -> None:
    documented, taken = _documented(module), MODULES[module].options
    assert {name: _mirrored(option) for name, option in documented.items()} == {
        name: _mirrored(option) for name, option in taken.items()
    }
    assert all(_text(option).strip() for option in documented.values())


@pytest.mark.parametrize("spec", [SHARED, *MODULES.values()])
def test_secrets_are_masked_and_stand_at_the_top(spec: Spec) -> None:
    hidden = {name for name, option in spec.options.items() if option.get("no_log")}
    assert hidden == {"api_key", "token"}
    assert not [name for name, option in spec.options.items() if "options" in option or option["type"] == "dict"]


@pytest.mark.parametrize("spec", [SHARED, *MODULES.values()])
def test_constraints_name_options_that_exist(spec: Spec) -> None:
    named = [name for rule in (*spec.required_one_of, *spec.mutually_exclusive) for name in rule]
    named += [name for rule in spec.required_if for name in (rule[0], *rule[2])]
    named += [name for key, needed in spec.required_by.items() for name in (key, *needed)]
    assert set(named) <= set(spec.options)


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["cloudagent"] == sorted(MODULES)
    assert sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")) == sorted(MODULES)


def test_the_role_takes_every_option_of_the_module_that_makes_sense_in_a_group() -> None:
    specs = yaml_load((ROOT / "roles" / "block_groups" / "meta" / "argument_specs.yml").read_text())
    groups = specs["argument_specs"]["main"]["options"]["block_groups_list"]["options"]
    own = {name: option for name, option in block_group.SPEC.options.items() if name not in SHARED.options}
    kinds = ("type", "choices", "elements")
    assert {name: [option.get(key) for key in kinds] for name, option in groups.items()} == {
        name: [option.get(key) for key in kinds] for name, option in own.items()
    }


def test_a_module_that_talks_to_the_server_needs_credentials_and_one_that_does_not_needs_none() -> None:
    own = Spec(options={"name": {"type": "str"}}, mutually_exclusive=(("name", "domain"),))
    talking, reading = with_shared(own), without_credentials(own)
    assert talking.options.keys() == reading.options.keys() == SHARED.options.keys() | {"name"}
    assert ("api_key", "token") in talking.required_one_of
    assert reading.required_one_of == reading.required_if == ()
    assert talking.mutually_exclusive == reading.mutually_exclusive == (("name", "domain"),)


def _params(**changed: Any) -> Dict[str, Any]:
    defaults = {name: option.get("default") for name, option in SHARED.options.items()}
    return {**defaults, "username": "demo_user", "api_key": KEY, **changed}


def _where(faults: List[Fault]) -> List[str]:
    return [fault.where for fault in faults]


def test_sound_options_have_no_faults() -> None:
    assert shared_faults(_params()) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("username", ""),
        ("username", "  "),
        ("api_key", ""),
        ("api_key", "two words"),
        ("api_key", "line\r\nX-Injected: 1"),
        ("api_key", "k\u00e9y"),
        ("token", ""),
        ("token", "tab\tbed"),
        ("domain", "http://example.com"),
        ("domain", "https://demo:word@example.com"),
        ("domain", "not a host"),
        ("ca_path", "/nowhere/ca.pem"),
        ("timeout", 0.0),
        ("timeout", 3601.0),
        ("timeout", float("nan")),
        ("rate_limit_wait", -1.0),
        ("rate_limit_wait", float("inf")),
        ("lock_timeout", -0.1),
    ],
)
def test_what_is_wrong_with_a_shared_option_is_told_with_its_name(option: str, value: Any) -> None:
    assert _where(shared_faults(_params(**{option: value}))) == [option]


def test_all_faults_are_told_at_once_and_no_secret_is_shown() -> None:
    secret = "sesame open"
    faults = shared_faults(
        _params(api_key=secret, token=secret, username="", timeout=-1.0, domain=f"https://u:{secret}@h")
    )
    assert _where(faults) == ["domain", "api_key", "token", "username", "timeout"]
    assert not [fault for fault in faults if "sesame" in fault.problem]


@pytest.mark.parametrize(
    ("value", "fault"),
    [(None, None), (1, None), (100, None), (0, "0 is not between 1 and 100"), (101, "101 is not between 1 and 100")],
)
def test_a_number_is_held_against_its_range(value: Any, fault: Any) -> None:
    found = number_in_range({"batch_size": value}, "batch_size", 1, 100)
    assert found == ([] if fault is None else [Fault("batch_size", fault)])


def test_an_option_is_read_or_its_fault_is_kept() -> None:
    faults: List[Fault] = []
    assert read_option(faults, "count", "5", int) == 5
    assert read_option(faults, "count", None, int) is None
    assert read_option(faults, "count", None, str, read_none=True) == "None"
    assert faults == []
    assert read_option(faults, "count", "x", int) is None
    assert _where(faults) == ["count"]
