# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs and documentation are each other's mirror, and shared options are checked before anything else."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible.module_utils.basic import AnsibleFallbackNotFound
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.doc_fragments.cloudagent import ModuleDocFragment
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.account_probe import ACCOUNT_PROBE
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group import BLOCK_GROUP
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import BLOCK_GROUP_INFO
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import (
    SECRETS,
    SHARED,
    Faults,
    Spec,
    presentable,
    read_shared,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.preflight import PREFLIGHT
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.token import TOKEN
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import Fault, InvalidInput
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location

Documented = Dict[str, Any]
MODULES = {
    "ozonetel_account_probe": ACCOUNT_PROBE.spec,
    "ozonetel_token": TOKEN.spec,
    "ozonetel_block_group": BLOCK_GROUP.spec,
    "ozonetel_block_group_info": BLOCK_GROUP_INFO.spec,
    "ozonetel_preflight": PREFLIGHT.spec,
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
    for name, option in documentation.get("options", {}).items():
        options[name] = {**options.get(name, {}), **option}
    return options


def _mirrored(option: Any) -> Dict[str, Any]:
    found = {key: option[key] for key in MIRRORED if key in option}
    return {key: value for key, value in found.items() if (key, value) != ("required", False)}


def _text(option: Documented) -> str:
    description = option["description"]
    return description if isinstance(description, str) else " ".join(description)


def test_the_fragment_documents_exactly_the_shared_options() -> None:
    assert list(FRAGMENT) == list(SHARED)


@pytest.mark.parametrize("name", list(SHARED))
def test_the_fragment_says_of_a_shared_option_what_the_spec_does(name: str) -> None:
    option = SHARED[name]
    assert _mirrored(FRAGMENT[name]) == _mirrored(option)
    assert type(FRAGMENT[name].get("default")) is type(option.get("default"))
    variables = option["fallback"][1] if "fallback" in option else []
    assert variables in ([], [f"OZONETEL_{name.upper()}"])
    for variable in variables:
        assert f"E({variable})" in _text(FRAGMENT[name])
    assert _text(FRAGMENT[name]).count("E(OZONETEL_") == len(variables)


@pytest.mark.parametrize("module", list(MODULES))
def test_a_module_documents_exactly_the_options_that_it_takes(module: str) -> None:
    documented, taken = _documented(module), MODULES[module]
    assert {name: _mirrored(option) for name, option in documented.items()} == {
        name: _mirrored(option) for name, option in taken.items()
    }
    assert all(_text(option).strip() for option in documented.values())


@pytest.mark.parametrize("spec", [SHARED, *MODULES.values()])
def test_secrets_are_masked_and_stand_at_the_top(spec: Spec) -> None:
    hidden = {name for name, option in spec.items() if option.get("no_log")}
    assert hidden == set(SECRETS) == {"api_key", "token", "state_store_password"}
    assert not [name for name, option in spec.items() if "options" in option or option["type"] == "dict"]


@pytest.mark.parametrize("spec", [SHARED, *MODULES.values()])
def test_d11_nothing_is_left_to_ansible_that_would_hide_other_faults(spec: Spec) -> None:
    assert not [name for name, option in spec.items() if option.get("required")]


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["cloudagent"] == sorted(MODULES)
    assert sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")) == sorted(MODULES)


# -- what Ansible may show ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://u:hidden-word@h/d",
        "postgresql://u@h/d?password=hidden-word",
        "host=h password=hidden-word",
        "POSTGRESQL://u:hidden-word@h/d",
        " postgresql://u:hidden-word@h/d",
    ],
)
def test_b1_a_password_in_state_store_is_masked_before_ansible_looks_at_the_options(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = {"state_store": value}
    presentable(params, SHARED)
    assert params == {"state_store": MASK}
    monkeypatch.setenv("OZONETEL_STATE_STORE", value)
    read, (name,) = SHARED["state_store"]["fallback"]
    assert read(name) == MASK
    assert _where(_faults(state_store=MASK)) == ["state_store"]


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("state_store", ["postgresql://u:hidden@h/d"], MASK),
        ("state_store", {"url": "hidden"}, MASK),
        ("api_keys", "hidden", MASK),
        ("state_store_pass", "hidden", MASK),
        ("domain", "https://user:hidden@example.com/x", f"https://{MASK}@example.com/x"),
        ("domain", "user:hid@den@example.com", f"{MASK}@example.com"),
        ("domain", "https://example.com", "https://example.com"),
        ("domain", "https://example.com/?apiKey=hidden", f"https://example.com/?{MASK}"),
        ("domain", "example.com#hidden", f"example.com#{MASK}"),
        ("description", "Repo\udce9rted", "Repo\ufffd\ufffd\ufffdrted"),
        ("_ansible_check_mode", True, True),
    ],
)
def test_b1_what_may_be_a_secret_in_the_wrong_place_is_masked_too(option: str, value: Any, shown: Any) -> None:
    params = {option: value}
    presentable(params, BLOCK_GROUP.spec)
    assert params == {option: shown}


def test_b1_a_secret_in_the_variable_of_the_domain_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OZONETEL_DOMAIN", "https://user:hidden@example.com?key=hidden")
    read, (variable,) = SHARED["domain"]["fallback"]
    assert read(variable) == f"https://{MASK}@example.com?{MASK}"
    assert _where(_faults(domain=read(variable))) == ["domain"]


def test_a_variable_that_is_no_utf8_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OZONETEL_USERNAME", "d\udce9mo")
    read, (variable,) = SHARED["username"]["fallback"]
    (fault,) = _faults(username=read(variable))
    assert str(fault) == "username: has a byte that is not UTF-8; write it in UTF-8"


@pytest.mark.parametrize("value", [" ", "\t", "\n"])
def test_d7_a_variable_that_is_blank_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OZONETEL_TOKEN", value)
    read, (variable,) = SHARED["token"]["fallback"]
    with pytest.raises(AnsibleFallbackNotFound):
        read(variable)


@pytest.mark.parametrize("value", [None, "", " "])
@pytest.mark.parametrize("name", [name for name, option in SHARED.items() if "fallback" in option])
def test_d7_an_option_that_is_blank_leaves_its_place_to_the_variable_and_the_default(name: str, value: Any) -> None:
    params = {name: value, "timeout": None, "ca_path": ""}
    presentable(params, SHARED)
    assert params == {"ca_path": ""}


@pytest.mark.parametrize("value", ["/var/state", "state", "postgresql://u@h/d", "none"])
def test_a_state_store_without_a_password_is_left_as_it_is(value: Any) -> None:
    params = {"state_store": value}
    presentable(params, SHARED)
    assert params == {"state_store": value}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (271174584, [271174584]),
        (5.5, [5.5]),
        (True, [True]),
        ({"a": 1}, [{"a": 1}]),
        ("9999900001,9999900002", "9999900001,9999900002"),
        (["9999900001", 5], ["9999900001", 5]),
    ],
)
def test_d1_a_lone_number_in_the_place_of_a_list_stays_what_yaml_has_made_of_it(value: Any, kept: Any) -> None:
    params = {"block_numbers": value}
    presentable(params, MODULES["ozonetel_block_group"])
    assert params == {"block_numbers": kept}


@pytest.mark.parametrize("name", [name for name, option in SHARED.items() if "fallback" in option])
def test_d7_a_variable_that_is_empty_counts_as_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, (variable,) = SHARED[name]["fallback"]
    monkeypatch.setenv(variable, "")
    with pytest.raises(AnsibleFallbackNotFound):
        read(variable)
    monkeypatch.setenv(variable, "none")
    assert read(variable) == "none"
    monkeypatch.delenv(variable)
    with pytest.raises(AnsibleFallbackNotFound):
        read(variable)


# -- reading -----------------------------------------------------------------------------------------------------------


def _params(**changed: Any) -> Dict[str, Any]:
    defaults = {name: option.get("default") for name, option in SHARED.items()}
    return {**defaults, "username": "demo_user", "api_key": KEY, **changed}


def _faults(sends: bool = True, **changed: Any) -> List[Fault]:
    faults = Faults()
    read_shared(_params(**changed), faults, sends)
    return faults.found


def _where(faults: List[Fault]) -> List[str]:
    return [fault.where for fault in faults]


def test_sound_options_have_no_faults_and_are_read() -> None:
    faults = Faults()
    shared = read_shared(_params(domain="CCAAS.Example.com.", state_store="/var/state"), faults)
    faults.stop_if_any()
    assert (shared.url, shared.verify, shared.by_token) == ("https://ccaas.example.com", True, True)
    assert shared.account == "demo_user at https://ccaas.example.com"
    assert (shared.location, shared.named) == (Location(directory="/var/state"), True)
    assert not read_shared(_params(), faults).named
    assert read_shared(_params(auth="api_key"), faults).by_token is False
    faults.stop_if_any()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("username", "  "),
        ("username", "demo "),
        ("username", "d\ufffdmo"),
        ("username", None),
        ("username", "a\nb"),
        ("api_key", "two words"),
        ("api_key", "line\r\nX-Injected: 1"),
        ("api_key", "k\u00e9y"),
        ("api_key", "KK12345"),
        ("token", "tab\tbed"),
        ("domain", "http://example.com"),
        ("domain", "https://demo:word@example.com"),
        ("domain", "not a host"),
        ("domain", "https://example.com:99999"),
        ("ca_path", "/nowhere/ca.pem"),
        ("ca_path", "/dev/null"),
        ("timeout", 0.0),
        ("timeout", 3601.0),
        ("timeout", float("nan")),
        ("rate_limit_wait", -1.0),
        ("rate_limit_wait", float("inf")),
        ("lock_timeout", -0.1),
        ("state_store", "host=h dbname=d"),
        ("state_store", "state"),
        ("state_store_password", "p\ufffdssword"),
    ],
)
def test_what_is_wrong_with_a_shared_option_is_told_with_its_name(option: str, value: Any) -> None:
    assert _where(_faults(**{option: value})) == [option]


def test_an_option_that_is_empty_counts_as_not_set() -> None:
    assert _where(_faults(api_key="", token="", username="", state_store="")) == ["username", "api_key"]
    assert _faults(api_key="", token="a-token-from-elsewhere") == []
    assert not read_shared(_params(state_store=""), Faults()).named


def test_all_faults_are_told_at_once_and_no_secret_is_shown() -> None:
    secret = "sesame open"
    faults = _faults(
        api_key=secret,
        token=secret,
        username="",
        timeout=-1.0,
        domain=f"https://u:{secret}@h",
        state_store=f"postgresql://u:{secret}@h/d",
    )
    assert _where(faults) == ["domain", "state_store", "username", "api_key", "token", "timeout"]
    assert not [fault for fault in faults if "sesame" in fault.problem]
    collected = Faults()
    collected.found += faults
    with pytest.raises(InvalidInput) as caught:
        collected.stop_if_any()
    assert caught.value.faults == tuple(faults)


def test_d8_what_is_not_set_is_told_with_its_option_and_its_variable() -> None:
    (fault,) = _faults(username=None)
    assert "username" in fault.where
    assert "OZONETEL_USERNAME" in fault.problem
    (fault,) = _faults(api_key=None)
    assert "OZONETEL_API_KEY" in fault.problem
    assert "OZONETEL_TOKEN" in fault.problem
    (fault,) = _faults(api_key=None, token="a-given-token", auth="api_key")
    assert fault.problem == "is not set; give the option api_key or the environment variable OZONETEL_API_KEY"


def test_a_token_serves_in_the_place_of_a_key_and_a_module_that_sends_nothing_needs_neither() -> None:
    assert _faults(api_key=None, token="a-given-token") == []
    assert _faults(sends=False, api_key=None) == []
    assert _where(_faults(sends=False, username=None)) == ["username"]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, None),
        (1, None),
        (100, None),
        (0, "0 is not between 1 and 100"),
        (101, "101 is not between 1 and 100"),
        (0.5, "0.5 is not between 1 and 100"),
        (10**400, "the number is not between 1 and 100"),
        (-(10**400), "the number is not between 1 and 100"),
    ],
)
def test_c2_a_number_is_held_against_its_range_however_large_it_is(value: Any, fault: Any) -> None:
    faults = Faults()
    faults.in_range({"group_id": value}, "group_id", 1, 100)
    assert faults.found == ([] if fault is None else [Fault("group_id", fault)])


def test_an_option_is_read_or_its_fault_is_kept() -> None:
    faults = Faults()
    assert faults.read("count", lambda: int("5")) == 5
    faults.stop_if_any()
    assert faults.read("count", lambda: int("x")) is None
    assert _where(faults.found) == ["count"]
