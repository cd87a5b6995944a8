# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks to their one exit, whatever happens; and whole modules, as Ansible runs them."""

from __future__ import annotations

import importlib
import json
from typing import Any, Callable, ContextManager, Dict, Optional
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import parameters

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import BLOCK_GROUP_INFO
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import SHARED
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.parts import Parts, Surroundings
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report, Task, performed, run
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    InvalidInput,
    MissingLibrary,
    StoreError,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets
from ansible_collections.ozonetel.cloudagent.plugins.modules import (
    ozonetel_block_group,
    ozonetel_block_group_info,
    ozonetel_token,
)
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

KEY = "KK" + "0123456789abcdef" * 2


def _params(**options: Any) -> Dict[str, Any]:
    given = {name: option.get("default") for name, option in SHARED.items()}
    return {**given, "username": "demo_user", "api_key": KEY, "state_store": "none", **options}


def _task(work: Callable[[Parts, Any], Report], read: Any = lambda params, now, faults: None) -> Task[Any]:
    return Task(SHARED, read, work)


def _performed(task: Task[Any], **options: Any) -> Report:
    return performed(task, _params(**options), Surroundings(check_mode=True, secrets=Secrets([KEY])))


def _raising(error: BaseException) -> Callable[..., Any]:
    def raises(*_arguments: Any) -> Any:
        raise error

    return raises


def test_what_a_task_tells_is_its_report_with_the_warnings_of_its_parts() -> None:
    def work(parts: Parts, _wish: Any) -> Report:
        parts.warnings.append("of the parts")
        parts.sending.broker.warnings.append("of the broker")
        return Report({"changed": True}, ["its own"])

    report = _performed(_task(work))
    assert (report.result, report.failure) == ({"changed": True}, None)
    assert report.warnings == ["of the parts", "of the broker", "its own"]


def test_every_fault_of_shared_and_own_options_is_told_before_any_part_is_built() -> None:
    def read(_params: Any, _now: float, faults: Any) -> None:
        faults.add("own", "is wrong")

    report = _performed(_task(_raising(ZeroDivisionError()), read), username=None)
    assert report.result == {
        "changed": False,
        "requests_sent": 0,
        "faults": [
            {
                "where": "username",
                "problem": "is not set; give the option username or the environment variable OZONETEL_USERNAME",
            },
            {"where": "own", "problem": "is wrong"},
        ],
    }
    assert str(report.failure).endswith("; own: is wrong")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StoreError("the store is full"), "the store is full"),
        (InvalidInput([]), ""),
        (MissingLibrary("phonenumbers", "for this"), "Failed to import the required Python library (phonenumbers)"),
        (ZeroDivisionError("hidden words"), "An unexpected error of the class ZeroDivisionError"),
        (SystemExit("hidden words"), "An unexpected error of the class SystemExit"),
    ],
)
@pytest.mark.parametrize("where", ["read", "work", "without_parts"])
def test_c2_no_exception_ends_a_task_without_its_report(error: BaseException, says: str, where: str) -> None:
    task = _task(_raising(error) if where == "work" else lambda parts, wish: Report())
    if where == "read":
        task = _task(lambda parts, wish: Report(), _raising(error))
    elif where == "without_parts":
        task = Task(SHARED, lambda params, now, faults: None, task.work, _raising(error))
    report = _performed(task)
    assert report.failure is not None
    assert says in report.failure
    assert "hidden words" not in report.failure
    assert report.result["changed"] is False


class Unclosable:
    """A wire that cannot be closed."""

    def send(self, *options: Any, **named: Any) -> Any:
        """Nothing is sent."""

    def close(self) -> None:
        """Fails."""
        raise OSError("gone")


def test_c2_what_fails_while_all_is_closed_takes_no_report_away() -> None:
    around = Surroundings(check_mode=True, secrets=Secrets(), wire=Unclosable())
    report = performed(_task(lambda parts, wish: Report({"changed": True})), _params(), around)
    assert (report.result, report.failure) == ({"changed": True}, None)


def test_a_task_without_parts_opens_nothing() -> None:
    task: Task[Any] = Task(
        SHARED,
        lambda params, now, faults: None,
        _raising(ZeroDivisionError()),
        without_parts=lambda shared, wish: Report({"changed": False, "msg": "nothing to do"}),
    )
    assert _performed(task, state_store="/proc/nowhere").result["msg"] == "nothing to do"


# -- whole modules -----------------------------------------------------------------------------------------------------


def _called_with(options: Dict[str, Any]) -> ContextManager[Any]:
    """Inside of it, a module finds what Ansible hands to it: since 2.19, that has a profile.

    The result has the options as well. Since 2.21, that is so only on demand, which earlier versions refuse.
    """
    on_demand = {"_ansible_inject_invocation": True} if "inject_invocation" in parameters.PASS_VARS else {}
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {**options, **on_demand}}).encode()
    return mock.patch.multiple(basic, create=True, _ANSIBLE_ARGS=arguments, _ANSIBLE_PROFILE="legacy")


def _masked(printed: str) -> str:
    """What the controller makes of it: since 2.22, that masks the secrets which the module has registered."""
    try:
        secrets = importlib.import_module("ansible.module_utils.secrets")
    except ModuleNotFoundError:
        return printed
    return str(secrets.mask_secrets(printed))


def _run(module: Any, capsys: pytest.CaptureFixture[str], check_mode: bool = False, **options: Any) -> Dict[str, Any]:
    """What a module prints."""
    with _called_with({**options, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
        module.main()
    result: Dict[str, Any] = json.loads(_masked(capsys.readouterr().out))
    result.pop("_ansible_new_secrets", None)
    assert KEY not in json.dumps(result)
    return result


@pytest.fixture
def options(simulator: Simulator) -> Dict[str, Any]:
    """The shared options of a task on the simulator."""
    return {
        "username": simulator.username,
        "api_key": simulator.api_key,
        "domain": simulator.url,
        "state_store": "none",
    }


NUISANCE = {"name": "Nuisance", "description": "Reported", "block_numbers": ["9999900001"]}


def test_a_module_prints_its_result_and_ends(options: Dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    result = _run(ozonetel_block_group, capsys, False, **options, **NUISANCE)
    assert (result["changed"], result["counts"]["added"]) == (True, 1)
    assert result["invocation"]["module_args"]["block_numbers"] == ["9999900001"]


def test_a_module_that_fails_prints_that_with_its_result(
    options: Dict[str, Any], simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.preset("Nuisance", [])
    simulator.fault("echo_secrets", call="update", field="name")
    result = _run(ozonetel_block_group, capsys, False, **options, **NUISANCE)
    assert result["failed"] is True
    assert MASK in result["msg"]
    assert result["counts"]["not_sent"] == 1


def test_a_token_is_returned_and_only_on_demand(options: Dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert len(_run(ozonetel_token, capsys, **options)["token"]) > 20
    assert "token" not in _run(ozonetel_token, capsys, **options, return_token=False)
    assert _run(ozonetel_token, capsys, check_mode=True, **options)["changed"] is True


def test_the_info_module_needs_no_credentials(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    result = _run(ozonetel_block_group_info, capsys, username="demo_user", state_store=str(tmp_path / "state"))
    assert (result["changed"], result["groups"]) == (False, [])
    assert BLOCK_GROUP_INFO.only_reads


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"state_store": "postgresql://u:hidden-word@h/d"}, "state_store: is neither a directory"),
        ({"state_store": "postgresql://u:hidden-word@h/d", "nonsense": 1}, "nonsense"),
        ({"api_keys": "hidden-word"}, "api_keys"),
        ({"domain": "https://user:hidden-word@example.com"}, "domain: has user information"),
        ({"description": "Repo\udce9rted"}, "description: has a byte that is not UTF-8"),
        ({"block_numbers": ["99999\udca000002"]}, "block_numbers, entry 1"),
        ({"block_numbers": 9999900001}, "block_numbers, entry 1: 9999900001 is a whole number"),
    ],
)
def test_b1_c2_what_is_refused_is_printed_without_what_may_be_a_secret(
    options: Dict[str, Any], capsys: pytest.CaptureFixture[str], more: Dict[str, Any], says: str
) -> None:
    result = _run(ozonetel_block_group, capsys, **{**options, **NUISANCE, **more})
    assert result["failed"] is True
    assert says in result["msg"]
    assert "hidden-word" not in json.dumps(result)


def test_a_secret_that_stands_anywhere_in_the_options_is_printed_nowhere(
    options: Dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    result = _run(
        ozonetel_block_group,
        capsys,
        **{**options, **NUISANCE, "api_key": KEY, "block_numbers": [{KEY: "x"}], "description": KEY},
    )
    assert result["failed"] is True
    assert KEY not in json.dumps(result)


def test_c2_a_result_that_cannot_be_printed_is_told_as_a_defect(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_parts: Parts, _wish: Any) -> Report:
        return Report({"changed": True, "cannot": {1, 2}, "be": object()})

    task = _task(work)
    with _called_with(_params()), pytest.raises(SystemExit):
        run(task)
    result = json.loads(capsys.readouterr().out)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "An unexpected error of the class" in result["msg"]


def test_warnings_are_printed_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_parts: Parts, _wish: Optional[str]) -> Report:
        return Report({"changed": False}, [f"not {KEY}"])

    with _called_with({**_params(), "_ansible_check_mode": True}), pytest.raises(SystemExit):
        run(_task(work))
    assert f"not {MASK}" in capsys.readouterr().out
