# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many accounts in one playbook, ten at a time, on one store: does one wait for another?"""

from __future__ import annotations

import json
from typing import Any, Dict, List

from . import engines
from .processes import Failed
from .samples import Figures
from .stand import Account, Stand

ENGINES = ("sqlite", "postgresql")
NUMBERS = 1_000
FORKS = 10
SLOW = 200
"""Milliseconds an answer takes where one account alone is compared with ten at once: far more than a fork's work."""
RUNS = ((10, 0), (100, 0), (1, SLOW), (10, SLOW))
"""How many accounts, and the milliseconds of an answer."""


def inventory(engine: str, count: int, milliseconds: int, stand: Stand) -> Figures:
    """A first run (``seconds``) and a converged one (``converged``) over an inventory, with the CPU seconds of both."""
    shared = engines.account_on(engine, stand)
    names = [f"{shared.username}_{number:03}" for number in range(count)]
    inventory_file = stand.folder / "inventory.json"
    inventory_file.write_text(json.dumps(_inventory(names)), encoding="utf-8")
    more = ["-i", str(inventory_file), "--forks", str(FORKS)]
    variables: Dict[str, Any] = {"accounts": "accounts", "numbers_file": str(stand.numbers_file(NUMBERS))}
    if not stand.takes_files():
        path = variables.pop("numbers_file")
        variables["block_numbers"] = f"{{{{ lookup('ansible.builtin.file', '{path}').splitlines() }}}}"
    playbook = "playbooks/block_group.yml"
    first = stand.playbook(playbook, shared, variables, milliseconds, more)
    served = _served(stand, names)
    requests = sum(account["requests"] for account in served)
    again = stand.playbook(playbook, shared, {**variables, "refresh": False}, milliseconds, more)
    if sum(stand.asked(name)["requests"] for name in names) != requests:
        raise Failed("a converged run has sent something")
    _forget(stand, shared, names)
    return {
        "seconds": first.seconds,
        "cpu": first.cpu,
        "peak": first.peak,
        "requests": float(requests),
        "generations": float(max(account["generations"] for account in served)),
        "converged": again.seconds,
        "converged_cpu": again.cpu,
    }


def _inventory(names: List[str]) -> Dict[str, Any]:
    hosts = {name: {"account_name": name} for name in names}
    common = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"accounts": {"hosts": hosts, "vars": common}}


def _served(stand: Stand, names: List[str]) -> List[Dict[str, int]]:
    """What each account has asked for; raises Failed unless each has all its numbers."""
    seen = [stand.asked(name) for name in names]
    if any(account["numbers"] != NUMBERS for account in seen):
        raise Failed("an account has not all its numbers")
    return seen


def _forget(stand: Stand, shared: Account, names: List[str]) -> None:
    for name in names:
        stand.asked(name, "DELETE")
    stand.forget(shared)
