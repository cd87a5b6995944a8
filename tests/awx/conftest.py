# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as users install it, the modules of awx.awx, and runs of ansible-runner read from its events."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Dict, List

import pytest
import yaml

from ansible_collections.ozonetel.cloudagent.tests.unit import conftest as of_the_unit_tests

simulator = of_the_unit_tests.simulator
_simulator = of_the_unit_tests._simulator
postgresql = of_the_unit_tests.postgresql

CHECKOUT = Path(__file__).resolve().parents[2]
EXTENSION = CHECKOUT / "extensions" / "awx"
WHEEL_WITH_AWX = CHECKOUT / "tests" / "requirements" / "awx_collection.txt"
BIN = Path(sys.executable).parent


# YAML with Ansible's `!unsafe`, and templates as they stand
_AsWritten: Any = type("AsWritten", (yaml.SafeLoader,), {})
_AsWritten.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


@pytest.fixture(scope="session")
def controller_variables() -> Dict[str, Any]:
    """What extensions/awx/controller.yml sets, as it is written."""
    return dict(yaml.load((EXTENSION / "controller.yml").read_text(encoding="utf-8"), Loader=_AsWritten))


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with ours, installed from its tarball."""
    folder = tmp_path_factory.mktemp("installed")
    galaxy = [str(BIN / "ansible-galaxy"), "collection"]
    subprocess.run([*galaxy, "build", "--output-path", str(folder)], cwd=CHECKOUT, check=True, capture_output=True)
    (tarball,) = folder.glob("*.tar.gz")
    # the copy that the tests are imported from counts as installed already
    install = [*galaxy, "install", "--offline", "--force", "-p", str(folder), str(tarball)]
    subprocess.run(install, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def awx_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with awx.awx, which is to be had in a wheel with many others."""
    folder = tmp_path_factory.mktemp("awx")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, "-r", str(WHEEL_WITH_AWX)], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder, [name for name in packed.namelist() if name.startswith("ansible_collections/awx/")])
    wheel.unlink()
    return folder


def surroundings(collections: Path, home: Path) -> Dict[str, str]:
    """The environment of a command that finds these collections and no others."""
    path = f"{BIN}:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "ANSIBLE_COLLECTIONS_PATH": str(collections)}


class PrivateDataFolder:
    """A private data folder of ansible-runner with the examples as its project, as each node makes one for a job."""

    def __init__(self, folder: Path, collections: Path) -> None:
        self.folder = folder
        shutil.copytree(CHECKOUT / "examples", folder / "project")
        (folder / "inventory").mkdir()
        shutil.copy(CHECKOUT / "examples" / "inventory.yml", folder / "inventory")
        self.surroundings = surroundings(collections, folder / "home")

    def put(self, **files: Any) -> None:
        """Writes files of env/: envvars, extravars, cmdline."""
        (self.folder / "env").mkdir(exist_ok=True)
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (self.folder / "env" / name).write_text(text, encoding="utf-8")

    def run(self, playbook: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs a playbook of the project as a job does."""
        command = [str(BIN / "ansible-runner"), "run", str(self.folder), "-p", playbook, "--ident", "job", *options]
        return subprocess.run(command, env=self.surroundings, capture_output=True, text=True, check=False)

    def events(self) -> List[Dict[str, Any]]:
        """The events of the job in their order."""
        files = sorted(self.folder.glob("artifacts/*/job_events/*.json"), key=lambda file: int(file.name.split("-")[0]))
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]

    def results(self, task: str) -> List[Dict[str, Any]]:
        """The results of a task, one for each item if it loops."""
        kinds = ("runner_item_on_ok", "runner_item_on_failed", "runner_on_ok", "runner_on_failed")
        done = [event for event in self.events() if event["event_data"].get("task") == task and event["event"] in kinds]
        items = [event for event in done if "_item_" in event["event"]]
        return [event["event_data"]["res"] for event in items or done]

    def artifacts(self) -> Dict[str, Any]:
        """What the job hands on: what set_stats has set."""
        return dict(self.events()[-1]["event_data"]["artifact_data"])

    def files_with(self, secret: str) -> List[str]:
        """The files, below the folder, that hold a secret."""
        held = [file for file in self.folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
        return sorted(str(file.relative_to(self.folder)) for file in held)
