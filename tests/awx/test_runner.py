# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples as jobs of ansible-runner: as AWX runs them on several nodes, and so that no secret is left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import psycopg
import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.ozonetel.cloudagent.tests.awx.conftest import BIN, EXTENSION, PrivateDataFolder
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer

STORE_PASSWORD = "made-up-for-this-test"
APPLY = "Make each group match its list"


def injected(controller_variables: Dict[str, Any], inputs: Dict[str, str]) -> Dict[str, str]:
    """The environment that AWX makes of a credential."""
    (kind,) = controller_variables["controller_credential_types"]
    assert set(kind["inputs"]["required"]) <= set(inputs) <= {field["id"] for field in kind["inputs"]["fields"]}
    templates = ImmutableSandboxedEnvironment()
    return {name: templates.from_string(text).render(inputs) for name, text in kind["injectors"]["env"].items()}


class Jobs:
    """Jobs of the templates in extensions/awx, each on a node of its own, of which nothing is kept but the store."""

    def __init__(self, folder: Path, collections: Path, variables: Dict[str, Any], account: Dict[str, str]) -> None:
        self._folder = folder
        self._collections = collections
        self._templates = {template["name"]: template for template in variables["controller_templates"]}
        self._environment = injected(variables, account)
        self._nodes = 0

    def launch(self, name: str, **answers: str) -> PrivateDataFolder:
        """Runs a job of a template with answers to its survey, as strings like all of them; gives its folder."""
        template = self._templates[name]
        questions = template.get("survey_spec", {"spec": []})["spec"]
        defaults = {question["variable"]: question["default"] for question in questions if "default" in question}
        self._nodes += 1
        node = PrivateDataFolder(self._folder / f"node{self._nodes}", self._collections)
        options = (["--check"] if template["job_type"] == "check" else []) + (
            ["--diff"] if "diff_mode" in template else []
        )
        node.put(envvars=self._environment, extravars={**defaults, **answers}, cmdline=" ".join(options))
        done = node.run(template["playbook"])
        assert done.returncode == 0, done.stdout
        return node


@pytest.fixture
def store(postgresql: PostgreSQLServer) -> Iterator[str]:
    """The URL of a database that was prepared as the guide says."""
    url = postgresql.new_database()
    statements = [line for line in (EXTENSION / "state_store.sql").read_text().splitlines() if line[:2] != "--"]
    with psycopg.connect(url, password=postgresql.password, autocommit=True) as connection:
        for statement in " ".join(statements).split(";"):
            connection.execute(statement.encode())
        connection.execute(f"ALTER ROLE cloudagent PASSWORD '{STORE_PASSWORD}'".encode())
    yield url.replace("owner@", "cloudagent@")
    with psycopg.connect(url, password=postgresql.password, autocommit=True) as connection:
        connection.execute("DROP OWNED BY cloudagent CASCADE")
        connection.execute("DROP ROLE cloudagent")


@pytest.fixture
def jobs(
    tmp_path: Path, collections: Path, controller_variables: Dict[str, Any], simulator: Simulator, store: str
) -> Jobs:
    """Jobs of an account whose store is on PostgreSQL."""
    account = {
        "username": simulator.username,
        "api_key": simulator.api_key,
        "domain": simulator.url,
        "state_store": store,
        "state_store_password": STORE_PASSWORD,
    }
    return Jobs(tmp_path, collections, controller_variables, account)


def counts(node: PrivateDataFolder) -> List[Dict[str, int]]:
    """The counts of each group that are not 0."""
    return [{key: count for key, count in result["counts"].items() if count} for result in node.results(APPLY)]


def requested(simulator: Simulator) -> int:
    """How many requests the server has seen."""
    return len(simulator.server.requests)


def test_nodes_that_keep_nothing_share_one_token_and_one_record(jobs: Jobs, simulator: Simulator) -> None:
    jobs.launch("Block lists: preflight")
    checked = jobs.launch("Block lists: check")
    applied = jobs.launch("Block lists: apply")
    assert counts(checked) == counts(applied) == [{"added": 240, "exempt": 1, "duplicates": 2}, {"added": 120}]

    before = requested(simulator)
    again = jobs.launch("Block lists: apply")
    assert [result["changed"] for result in again.results(APPLY)] == [False, False]
    assert requested(simulator) == before, "without a refresh, nothing is sent"

    jobs.launch("Block lists: apply", block_groups_refresh="true")
    assert requested(simulator) > before, "with one, numbers are sent again"
    assert len(simulator.server.account.generations) == 1


def test_a_job_hands_on_what_it_did_and_looks_a_caller_up(jobs: Jobs) -> None:
    applied = jobs.launch("Block lists: apply")
    done = applied.artifacts()["block_groups"]["example_account"]
    assert done["Fraud attempts"].startswith("Group Fraud attempts: 120 added; changed")
    assert sorted(done) == ["Fraud attempts", "Nuisance callers"]
    (told,) = jobs.launch("Block lists: look a caller up", caller="099999-01002").results("Show what is known")
    assert "in Fraud attempts since " in told["msg"]


def test_no_job_stores_its_secrets_but_in_the_two_files_that_the_guide_names(jobs: Jobs, simulator: Simulator) -> None:
    applied = jobs.launch("Block lists: apply")
    for secret in (simulator.api_key, STORE_PASSWORD):
        assert applied.files_with(secret) == ["artifacts/job/command", "env/envvars"]
    assert (applied.folder / "artifacts/job/command").stat().st_mode & 0o777 == 0o600
    assert not applied.files_with(list(simulator.server.account.tokens)[-1])


@pytest.fixture
def private_data(tmp_path: Path, collections: Path, simulator: Simulator) -> PrivateDataFolder:
    """A folder whose environment names the account; it holds no secret."""
    node = PrivateDataFolder(tmp_path / "job", collections)
    account = {"OZONETEL_USERNAME": simulator.username, "OZONETEL_DOMAIN": simulator.url}
    node.put(envvars={**account, "OZONETEL_STATE_STORE": str(tmp_path / "state")})
    return node


def test_without_env_files_the_key_is_in_the_command_file_all_the_same(
    private_data: PrivateDataFolder, simulator: Simulator
) -> None:
    private_data.surroundings["OZONETEL_API_KEY"] = simulator.api_key
    assert private_data.run("block_groups.yml", "--omit-env-files").returncode == 0
    assert private_data.files_with(simulator.api_key) == ["artifacts/job/command"]


def test_with_ansible_vault_no_secret_is_left_and_the_results_are_read_from_events(
    private_data: PrivateDataFolder, simulator: Simulator, tmp_path: Path
) -> None:
    vault_password = "made-up-vault-password"
    password_file = tmp_path / "password"
    password_file.write_text(vault_password)
    secrets = private_data.folder / "project/group_vars/cloudagent_accounts/secrets.yml"
    secrets.write_text(json.dumps({"block_groups_api_key": simulator.api_key}))
    encrypt = [str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", str(password_file), str(secrets)]
    subprocess.run(encrypt, env=private_data.surroundings, check=True, capture_output=True)

    command = [sys.executable, "project/with_ansible_runner.py", str(private_data.folder)]
    done = subprocess.run(
        command,
        cwd=private_data.folder,
        env=private_data.surroundings,
        input=vault_password,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("Nuisance callers changed {'added': 240, ")
    assert second.startswith("Fraud attempts changed {'added': 120, ")
    for secret in (simulator.api_key, vault_password):
        assert private_data.files_with(secret) == []
        assert secret not in done.stdout + done.stderr
