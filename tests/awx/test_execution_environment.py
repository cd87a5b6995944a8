# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder finds in the collection can be installed, and is enough in its lowest and newest versions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Dict

import pytest
import yaml

from ansible_collections.ozonetel.cloudagent.tests.awx.conftest import BIN, CHECKOUT, surroundings
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer

IMPORTED = ("requests", "phonenumbers", "psycopg")


@pytest.fixture(scope="session")
def found(collections: Path) -> Dict[str, Any]:
    """What ansible-builder finds in the installed collection."""
    command = [str(BIN / "ansible-builder"), "introspect", str(collections)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(yaml.safe_load(told))


def test_everything_that_plugins_import_is_found(found: Dict[str, Any]) -> None:
    names = [line.split(">=")[0] for line in found["python"]]
    assert names == list(IMPORTED)
    assert [line.split("  #")[0] for line in found["system"]] == ["libpq [platform:rpm]", "libpq5 [platform:dpkg]"]


EXAMPLE = CHECKOUT / "examples" / "execution-environment.yml"


def _create(definition: Path, context: Path) -> Dict[str, Any]:
    """Makes a build context of a definition; gives the collections that it is to install."""
    create = [str(BIN / "ansible-builder"), "create", "-f", str(definition), "-c", str(context)]
    subprocess.run([*create, "--output-filename", "Containerfile"], check=True, capture_output=True)
    (wanted,) = yaml.safe_load((context / "_build/requirements.yml").read_text(encoding="utf-8"))["collections"]
    return dict(wanted)


def test_the_example_makes_a_build_context_that_installs_the_collection(tmp_path: Path) -> None:
    assert _create(EXAMPLE, tmp_path)["name"] == "ozonetel.cloudagent"
    container_file = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert "ansible-galaxy collection install" in container_file
    assert "introspect.py introspect" in container_file


def test_with_what_the_guide_says_the_build_context_holds_the_tarball_and_installs_it(
    collections: Path, tmp_path: Path
) -> None:
    guide = (CHECKOUT / "docs/docsite/rst/awx.rst").read_text(encoding="utf-8")
    (shown,) = re.findall(
        r"^\.\. code-block:: text\n\n((?:   .*\n)*   additional_build_files:\n(?:   .*\n)+)", guide, re.M
    )
    variant = yaml.safe_load(textwrap.dedent(shown))
    definition = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    definition["dependencies"].update(variant.pop("dependencies"))
    beside = tmp_path / "execution-environment.yml"
    beside.write_text(yaml.safe_dump({**definition, **variant}), encoding="utf-8")
    (tarball,) = collections.glob("*.tar.gz")
    shutil.copy(tarball, tmp_path)

    wanted = _create(beside, tmp_path / "context")
    in_image = tmp_path / "context" / "_build"
    assert wanted["type"] == "file"
    assert (in_image / wanted["name"]).read_bytes() == tarball.read_bytes()
    # as the container file runs it, in the folder that holds the requirements
    install = [str(BIN / "ansible-galaxy"), "collection", "install", "-r", "requirements.yml", "--offline", "--force"]
    subprocess.run([*install, "-p", str(tmp_path)], cwd=in_image, check=True, capture_output=True)
    assert (tmp_path / "ansible_collections/ozonetel/cloudagent/MANIFEST.json").is_file()


@pytest.mark.parametrize("versions", ["lowest", "newest"])
def test_what_is_found_can_be_installed_and_is_enough(
    versions: str,
    found: Dict[str, Any],
    collections: Path,
    simulator: Simulator,
    postgresql: PostgreSQLServer,
    tmp_path: Path,
) -> None:
    wanted = [line.split("  #")[0] for line in found["python"]]
    if versions == "lowest":
        wanted = [line.split(",")[0].replace(">=", "==") for line in wanted]
    clean = tmp_path / "clean"
    subprocess.run([sys.executable, "-m", "venv", str(clean)], check=True)
    python = str(clean / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True)
    subprocess.run([python, "-c", f"import {', '.join(IMPORTED)}"], check=True)

    options = {
        "username": simulator.username,
        "domain": simulator.url,
        "state_store": postgresql.new_database(),
        "name": "Nuisance callers",
        "description": "Reported by the service desk",
        "block_numbers": ["099999 00001"],
        "default_region": "IN",
    }
    task = ["-m", "ozonetel.cloudagent.ozonetel_block_group", "-a", json.dumps(options)]
    done = subprocess.run(
        [str(BIN / "ansible"), "localhost", "-e", f"ansible_python_interpreter={python}", *task],
        env={
            **surroundings(collections, tmp_path),
            "OZONETEL_API_KEY": simulator.api_key,
            "OZONETEL_STATE_STORE_PASSWORD": postgresql.password,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"canonical": "+919999900001"' in done.stdout
    assert [group.numbers for group in simulator.server.account.groups] == [["+919999900001"]]
