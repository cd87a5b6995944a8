# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""extensions/awx is applied with the modules of awx.awx, and says what AWX takes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import jsonschema
import pytest
from dateutil.rrule import rrulestr

from ansible_collections.ozonetel.cloudagent.tests.awx.conftest import BIN, CHECKOUT, EXTENSION, surroundings
from ansible_collections.ozonetel.cloudagent.tests.awx.controller import JOB_TEMPLATES, SCHEMAS, RunningController

API_KEY = "KK" + "0123456789abcdef" * 2
STORE_PASSWORD = "made-up-for-this-test"


def configure(controller: RunningController, awx_modules: Path, secrets: Path, *more: str) -> Tuple[int, str]:
    """Runs configure.yml; gives its return code and all that it prints."""
    secrets.write_text(
        json.dumps({"cloudagent_api_key": API_KEY, "cloudagent_state_store_password": STORE_PASSWORD}), encoding="utf-8"
    )
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), str(EXTENSION / "configure.yml"), "-e", f"@{secrets}", *more],
        env={
            **surroundings(awx_modules, awx_modules),
            "CONTROLLER_HOST": controller.url,
            "CONTROLLER_OAUTH_TOKEN": "made-up",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    for secret in (API_KEY, STORE_PASSWORD):
        assert secret not in done.stdout
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def configured(awx_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningController]:
    """A controller to which extensions/awx was applied, with all that Ansible can print."""
    controller = RunningController()
    code, printed = configure(controller, awx_modules, tmp_path_factory.mktemp("vault") / "secrets.json", "-vvvv")
    assert code == 0, printed
    yield controller
    controller.stop()


def test_everything_is_made_once_and_a_second_run_changes_nothing(
    configured: RunningController, awx_modules: Path, controller_variables: Dict[str, Any], tmp_path: Path
) -> None:
    state = configured.state
    for variable, endpoint in (
        ("controller_credential_types", "credential_types"),
        ("controller_credentials", "credentials"),
        ("controller_execution_environments", "execution_environments"),
        ("controller_notifications", "notification_templates"),
        ("controller_projects", "projects"),
        ("controller_inventories", "inventories"),
        ("controller_inventory_sources", "inventory_sources"),
        ("controller_templates", JOB_TEMPLATES),
        ("controller_schedules", "schedules"),
    ):
        assert [item["name"] for item in state.objects[endpoint]] == [
            item["name"] for item in controller_variables[variable]
        ]
    written = state.writes
    code, printed = configure(configured, awx_modules, tmp_path / "secrets.json")
    assert (code, "changed=0 " in printed) == (0, True)
    assert state.writes == written


@pytest.mark.parametrize("more", [[], ["-vvvv"]], ids=["quiet", "verbose"])
def test_a_controller_that_refuses_an_account_is_told_of_without_its_secrets(
    awx_modules: Path, tmp_path: Path, more: List[str]
) -> None:
    controller = RunningController()
    controller.state.refused.add("credentials")
    code, printed = configure(controller, awx_modules, tmp_path / "secrets.json", *more)
    controller.stop()
    assert code != 0
    assert "You don't have permission to POST" in printed


def test_what_is_written_arrives_whole(configured: RunningController, controller_variables: Dict[str, Any]) -> None:
    state = configured.state
    (kind,) = controller_variables["controller_credential_types"]
    arrived = state.one("credential_types", kind["name"])
    assert {key: arrived[key] for key in kind} == kind
    for template in controller_variables["controller_templates"]:
        arrived = state.one(JOB_TEMPLATES, template["name"])
        for key in ("job_type", "playbook", "diff_mode", "ask_job_type_on_launch", "survey_enabled"):
            assert arrived[key] == template.get(key, False), key
        survey = state.surveys.get(f"/{JOB_TEMPLATES}/{arrived['id']}/survey_spec/")
        assert survey == template.get("survey_spec")
        told = state.associated[f"/{JOB_TEMPLATES}/{arrived['id']}/notification_templates_error/"]
        assert len(told) == len(template.get("notification_templates_error", []))


def test_the_secrets_are_kept_as_secrets_and_reach_jobs_as_environment_variables_only(
    configured: RunningController, controller_variables: Dict[str, Any]
) -> None:
    assert configured.state.secrets == {"api_key": API_KEY, "state_store_password": STORE_PASSWORD}
    (kind,) = controller_variables["controller_credential_types"]
    assert list(kind["injectors"]) == ["env"]
    assert {"OZONETEL_API_KEY", "OZONETEL_STATE_STORE_PASSWORD"} <= set(kind["injectors"]["env"])


def test_a_credential_that_injected_a_variable_of_ansible_would_be_refused(
    controller_variables: Dict[str, Any],
) -> None:
    (kind,) = controller_variables["controller_credential_types"]
    jsonschema.validate(kind, SCHEMAS["credential_types"])
    with_extra_vars = {**kind, "injectors": {**kind["injectors"], "extra_vars": {"key": "{{ api_key }}"}}}
    with pytest.raises(jsonschema.ValidationError, match="extra_vars"):
        jsonschema.validate(with_extra_vars, SCHEMAS["credential_types"])


def test_the_schedule_is_a_rule_that_has_a_next_time(controller_variables: Dict[str, Any]) -> None:
    for schedule in controller_variables["controller_schedules"]:
        start, rule = schedule["rrule"].split(" ", 1)
        times = rrulestr(f"{start}\n{rule}")
        assert (times[1] - times[0]).days == 1


def test_a_schedule_answers_only_what_the_survey_of_its_template_asks(controller_variables: Dict[str, Any]) -> None:
    templates = {template["name"]: template for template in controller_variables["controller_templates"]}
    for schedule in controller_variables["controller_schedules"]:
        questions = templates[schedule["unified_job_template"]]["survey_spec"]["spec"]
        asked: Dict[str, List[str]] = {question["variable"]: question["choices"] for question in questions}
        assert all(answer in asked[variable] for variable, answer in schedule["extra_data"].items())


def test_the_playbooks_are_files_that_awx_takes_for_playbooks(controller_variables: Dict[str, Any]) -> None:
    for template in controller_variables["controller_templates"]:
        lines = (CHECKOUT / "examples" / template["playbook"]).read_text(encoding="utf-8").splitlines()
        begun = [line.strip().removeprefix("- ") for line in lines]
        assert any(line.startswith(("hosts:", "ansible.builtin.import_playbook:")) for line in begun)
