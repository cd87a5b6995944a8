# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of the role block_groups_page, made by Ansible from a record that is given, and records to give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

ROLE = Path(__file__).resolve().parents[2] / "roles" / "block_groups_page"
_STATES = ("present", "expired", "absent", "not_found", "rejected", "removed", "unconfirmed")

# Stands for the module, in this process: what it returns comes from the record, as a module's result does, and not from
# a variable, so that Ansible treats it as text of others. It forgets the record when the play is over.
_ACTION = """\
import json
from ansible.plugins.action import ActionBase

OPTIONS = {"username": {}, "domain": {}, "state_store": {}, "state_store_password": {"no_log": True},
           "server_time_zone": {}, "expiring_within": {}, "include_numbers": {"type": "bool"}, "runs": {"type": "int"}}

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _validated, params = self.validate_argument_spec(OPTIONS)
        with open(%r) as file:
            given = json.load(file)
        asked = "all" if params["include_numbers"] else "ending"
        if asked in given["errors"]:
            return {"failed": True, "msg": given["errors"][asked]}
        groups = given["groups"]
        if asked == "ending":
            groups = [{k: v for k, v in group.items() if k not in ("numbers", "runs")} for group in groups
                      if group["counts"]["expiring"]]
        else:
            groups = [{**group, "counts": {**group["counts"], "expiring": 0}} for group in groups]
        result = {"changed": False, "groups": groups, "source": "ledger", "msg": "", "asked": params}
        if params["include_numbers"]:
            result["runs_of_numbers"] = given["runs_of_numbers"]
        return result
"""

_PLAYBOOK = """\
- hosts: localhost
  connection: local
  gather_facts: false
  roles:
    - ozonetel.cloudagent.block_groups_page
"""


class Played:
    """What a play of the role gave: whether it ended well, what it printed, and the page if there is one."""

    def __init__(self, done: subprocess.CompletedProcess[str], page: Path) -> None:
        self.ok = done.returncode == 0
        self.printed = done.stdout + done.stderr
        self.path = page

    @property
    def html(self) -> str:
        """The page."""
        return self.path.read_text(encoding="utf-8")


class RolePlayer:
    """Plays the role in a folder of its own, with a record in the place of the module that reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        collection = folder / "ansible_collections" / "ozonetel" / "cloudagent"
        actions = collection / "plugins" / "action"
        actions.mkdir(parents=True)
        (collection / "roles").mkdir()
        (collection / "roles" / ROLE.name).symlink_to(ROLE)
        (collection / "galaxy.yml").write_text("namespace: ozonetel\nname: cloudagent\nversion: 0.0.1\n")
        self._record = folder / "record.json"
        (actions / "ozonetel_block_group_info.py").write_text(_ACTION % str(self._record))
        (folder / "play.yml").write_text(_PLAYBOOK)

    def play(
        self,
        groups: List[Dict[str, Any]],
        *arguments: str,
        errors: Optional[Dict[str, str]] = None,
        runs_of_numbers: Sequence[Dict[str, Any]] = (),
        **variables: Any,
    ) -> Played:
        """Makes a page of these groups. ``errors``: what fails, by "ending" or "all"; variables have no prefix."""
        page = self._folder / "page.html"
        record = {"groups": groups, "errors": errors or {}, "runs_of_numbers": list(runs_of_numbers)}
        self._record.write_text(json.dumps(record))
        named = {f"block_groups_page_{name}": value for name, value in {"path": str(page), **variables}.items()}
        given = {name: value for name, value in named.items() if value is not None}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ansible", "playbook", "play.yml", "-i", "localhost,"),
                *("-e", json.dumps({"ansible_python_interpreter": sys.executable, **given}), *arguments),
            ],
            cwd=self._folder,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(self._folder),
                "ANSIBLE_HOME": str(self._folder / "home"),
                "ANSIBLE_PIPELINING": "true",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return Played(done, page)


def number(digits: str, state: str = "present", **fields: Any) -> Dict[str, Any]:
    """A number as the module returns it."""
    return {
        "number": digits,
        "state": state,
        "expiry_date": "2027-02-15 23:59:59",
        "recorded_at": "2027-01-10T09:30:00Z",
        "batch": 1,
        "note": None,
        "since": "2027-01-02T09:30:00Z",
        "run": 1,
        **fields,
    }


def run(identity: int, started_at: str, **fields: Any) -> Dict[str, Any]:
    """A run as the module returns it."""
    return {
        "id": identity,
        "started_at": started_at,
        "ended_at": f"{started_at[:14]}59:00Z",
        "user": "deploy",
        "machine": "runner-1",
        "state": "present",
        "changed": True,
        "change_source": "server",
        "counts": {"added": 2, "already_present": 0},
        "requests_sent": 3,
        "error": None,
        **fields,
    }


def group(name: str, numbers: List[Dict[str, Any]], runs: List[Dict[str, Any]], **fields: Any) -> Dict[str, Any]:
    """A group as the module returns it, with its numbers counted; ``expiring`` is how many end soon."""
    counts = {state: sum(one["state"] == state for one in numbers) for state in _STATES}
    return {
        "name": name,
        "id": 20,
        "description": "Reported by the service desk",
        "expiry_date": "2027-02-15 23:59:59",
        "recorded_at": "2027-01-10T09:30:00Z",
        "counts": {**counts, "expiring": fields.pop("expiring", 0)},
        "running": None,
        "numbers": numbers,
        "runs": runs,
        **fields,
    }


def busy_groups() -> List[Dict[str, Any]]:
    """Three groups with everything that a page can tell."""
    nuisance = [number(f"+9199999{place:05d}") for place in range(1, 41)]
    nuisance += [number(f"+9199999{place:05d}", expiry_date="2027-01-12 08:00:00") for place in range(41, 48)]
    nuisance += [number("+919999900048", "rejected"), number("+919999900049", "unconfirmed", since=None, run=None)]
    nuisance += [number("+919999900050", "removed"), number("9999900051", "expired", expiry_date="2027-01-01 00:00:00")]
    fraud = [number("919999900002", note="FRAUD-001", expiry_date="2099-12-31 23:59:59", run=9)]
    fraud += [number("+447700900123", expiry_date=None, note="abroad")]
    runs = [
        run(
            4,
            "2027-01-10T09:10:00Z",
            error="The server refused one number (+919999900048): rejected",
            counts={"rejected": 1},
        ),
        run(3, "2027-01-09T09:10:00Z", ended_at=None, counts={}, requests_sent=None),
        run(1, "2027-01-02T09:10:00Z", change_source="assumed", counts={"added": 48, "unconfirmed": 1, "not_sent": 2}),
    ]
    under_way = {"holder": "process 4711 on runner-1", "since": "2027-01-10T09:20:00Z", "progress": "2 of 4 numbers"}
    return [
        group("Fraud attempts", fraud, [run(5, "2027-01-10T09:20:00Z", ended_at=None)], running=under_way, id=None),
        group("Nuisance callers", nuisance, runs, expiring=7),
        group("Quiet", [], [], expiry_date=None, description=None),
    ]
