# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/docsite/rst/surprises.rst says of Ansible is so, and the lines that it shows help."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Dict, List

import pytest

from ansible_collections.ozonetel.cloudagent.tests.examples.extract import restructured
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs" / "docsite" / "rst" / "surprises.rst").read_text(encoding="utf-8")
BLOCKS = [block.text for block in restructured("docs/docsite/rst/surprises.rst", PAGE)]
IN_ENVIRONMENT = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ozonetel.cloudagent.ozonetel_token:
        return_token: false
      environment:
        OZONETEL_API_KEY: "{{ vault_ozonetel_api_key }}"
"""
FROM_OUTSIDE = """\
- hosts: all
  gather_facts: false
  tasks:
    - ozonetel.cloudagent.ozonetel_token:
        return_token: false
"""


def _shown(begins: str) -> str:
    """The code of the page that begins with these words."""
    (found,) = (text for text in BLOCKS if text.startswith(begins))
    return found


def _exported(value: str) -> str:
    """The variable that the page has exported with a value that begins so."""
    (found,) = (name for text in BLOCKS for name in re.findall(rf"^\$ export (\w+)={value}", text, re.MULTILINE))
    return str(found)


class Machine:
    """Where somebody runs playbooks: an empty home, the system's programs, and an account."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "tmp"
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT.parents[2]),
            "ANSIBLE_REMOTE_TMP": str(self.temporary),
            "OZONETEL_DOMAIN": simulator.url,
            "OZONETEL_USERNAME": simulator.username,
        }
        (folder / "home").mkdir()
        (folder / "vault.json").write_text(json.dumps({"vault_ozonetel_api_key": simulator.api_key}))

    def play(self, plays: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs plays."""
        (self.folder / "play.yml").write_text(plays, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "play.yml", *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def printed(self, plays: str, *arguments: str, **environment: str) -> str:
        """What plays print that get the key from a vault, and end well."""
        done = self.play(plays, "-e", "@vault.json", *arguments, **environment)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def files_with(self, text: str) -> List[Path]:
        """The temporary files that hold a text."""
        files = (path for path in self.temporary.rglob("*") if path.is_file())
        return [path for path in files if text.encode() in path.read_bytes()]

    def with_homes(self, *hosts: str) -> str:
        """An inventory of these hosts, each of which has a home of its own, as machines have."""
        inventory: Dict[str, Any] = {}
        for host in hosts:
            python = self.folder / f"python-of-{host}"
            python.write_text(f'#!/bin/sh\nHOME={self.folder / host} exec {sys.executable} "$@"\n', encoding="utf-8")
            python.chmod(0o755)
            inventory[host] = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
        path = self.folder / "hosts.json"
        path.write_text(json.dumps({"all": {"hosts": inventory}}), encoding="utf-8")
        return str(path)

    def stores(self) -> List[str]:
        """Who has a store at the default place."""
        return sorted(path.parents[2].name for path in self.folder.glob("*/.local/state/ozonetel.cloudagent"))


@pytest.fixture
def machine(simulator: Simulator, tmp_path: Path) -> Machine:
    """A machine with Ansible."""
    return Machine(simulator, tmp_path)


def test_environment_is_printed_and_neither_an_option_nor_a_variable_from_outside(
    machine: Machine, simulator: Simulator
) -> None:
    key = simulator.api_key
    assert key not in machine.printed(IN_ENVIRONMENT, "-vv")
    assert key in machine.printed(IN_ENVIRONMENT, "-vvv")
    assert key not in machine.printed(_shown("# masked.yml"), "-vvvv")
    from_outside = FROM_OUTSIDE.replace("all", "localhost")
    assert key not in machine.printed(from_outside, "-vvvv", **{_exported("your_api_key"): key})
    assert simulator.generated == 1


def test_debugging_ansible_prints_and_keeps_secret_options(machine: Machine, simulator: Simulator) -> None:
    masked = _shown("# masked.yml")
    assert simulator.api_key in machine.printed(masked, ANSIBLE_DEBUG="1")
    assert machine.files_with(simulator.api_key) == []
    assert simulator.api_key not in machine.printed(masked, ANSIBLE_KEEP_REMOTE_FILES="1")
    assert machine.files_with(simulator.api_key) != []
    assert {"ANSIBLE_DEBUG=1", "ANSIBLE_KEEP_REMOTE_FILES=1"} <= set(re.findall(r"``([^`]*)``", PAGE))


def _looked_for() -> List[str]:
    """The Pythons that Ansible looks for; it is asked in a process of its own, since it makes a controller of one."""
    asking = "from ansible import constants; print(*constants.config.get_config_value('INTERPRETER_PYTHON_FALLBACK'))"
    return subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True).stdout.split()


def _bare_python(folder: Path) -> Path:
    """A folder with Pythons without libraries, under each name that Ansible looks for."""
    venv.create(folder, with_pip=False)
    for name in _looked_for():
        if "/" not in name and not (folder / "bin" / name).exists():
            (folder / "bin" / name).symlink_to("python3")
    return folder / "bin"


def test_a_host_of_the_inventory_gets_a_python_without_requests_unless_the_line_is_there(
    machine: Machine, simulator: Simulator
) -> None:
    python = _bare_python(machine.folder / "bare")
    machine.environment.update(PATH=f"{python}:/usr/bin:/bin", OZONETEL_API_KEY=simulator.api_key)
    inventory = machine.folder / "inventory.yml"
    with_line = _shown("# inventory.yml")
    inventory.write_text(re.sub(r"\n *ansible_python_interpreter:.*", "", with_line), encoding="utf-8")
    failed = machine.play(FROM_OUTSIDE, "-i", str(inventory))
    assert failed.returncode != 0
    said = _shown("Failed to import").strip().partition(" on ")[0]
    assert f"{said} on " in failed.stdout, failed.stdout
    assert f"'s Python {python}/python3" in failed.stdout

    inventory.write_text(with_line, encoding="utf-8")
    assert machine.play(FROM_OUTSIDE, "-i", str(inventory)).returncode == 0
    implicit = machine.play(FROM_OUTSIDE.replace("all", "localhost"))
    assert implicit.returncode == 0, implicit.stdout
    assert simulator.generated == 1


def _on_each_host() -> str:
    """The play of the page without the lines that have one machine do the work; what is on record is not sent again."""
    on_each = re.sub(r"\n *(delegate_to|run_once):.*", "", _shown("# delegated.yml"))
    return re.sub(r"^( *)(block_numbers:.*)", r"\1\2\n\1refresh: false", on_each, flags=re.MULTILINE)


def _calls(simulator: Simulator) -> List[str]:
    """The calls since this was asked last."""
    calls = [request["call"] for request in simulator.requests()]
    simulator.forget_requests()
    return calls


def test_two_hosts_have_two_stores_know_nothing_of_each_other_and_make_two_tokens(
    machine: Machine, simulator: Simulator
) -> None:
    machine.environment["OZONETEL_API_KEY"] = simulator.api_key
    hosts = ["-i", machine.with_homes("one", "two"), "--limit"]
    machine.printed(_on_each_host(), *hosts, "one")
    assert _calls(simulator)[0] == "generate"
    machine.printed(_on_each_host(), *hosts, "one")
    assert _calls(simulator) == []
    machine.printed(_on_each_host(), *hosts, "two")
    assert _calls(simulator)[:2] == ["generate", "update"]
    assert machine.stores() == ["one", "two"]
    machine.printed(_on_each_host().replace("00031", "00032"), *hosts, "one")
    assert _calls(simulator)[:2] == ["update", "generate"]  # its token has become invalid


def test_one_machine_that_does_the_work_has_one_store_and_one_token(machine: Machine, simulator: Simulator) -> None:
    machine.environment["OZONETEL_API_KEY"] = simulator.api_key
    machine.printed(_shown("# delegated.yml"), "-i", machine.with_homes("one", "two"))
    assert (machine.stores(), simulator.generated) == (["home"], 1)


def test_two_hosts_share_what_is_in_a_store_on_postgresql(
    machine: Machine, simulator: Simulator, postgresql: PostgreSQLServer
) -> None:
    machine.environment.update(
        {
            _exported("postgresql://"): postgresql.new_database(),
            "OZONETEL_STATE_STORE_PASSWORD": postgresql.password,
            "OZONETEL_API_KEY": simulator.api_key,
        }
    )
    hosts = ["-i", machine.with_homes("one", "two"), "--limit"]
    machine.printed(_on_each_host(), *hosts, "one")
    assert _calls(simulator)[0] == "generate"
    machine.printed(_on_each_host(), *hosts, "two")
    assert (_calls(simulator), machine.stores()) == ([], [])
    machine.printed(_on_each_host().replace("00031", "00032"), *hosts, "two")
    assert (_calls(simulator)[0], simulator.generated) == ("update", 1)
