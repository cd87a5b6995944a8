# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the playbook of the preflight takes the variables of the role."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import SHARED

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"


def _play(name: str) -> Dict[str, Any]:
    plays: List[Dict[str, Any]] = yaml_load((PLAYBOOKS / f"{name}.yml").read_text())
    return plays[0]


def test_it_runs_on_the_hosts_of_the_other_playbook() -> None:
    one, other = _play("preflight"), _play("block_groups")
    assert {name: one[name] for name in ("hosts", "connection", "gather_facts")} == {
        name: other[name] for name in ("hosts", "connection", "gather_facts")
    }


def test_every_option_comes_from_the_variable_of_the_role_or_is_left_out() -> None:
    options = _play("preflight")["tasks"][0]["ozonetel.cloudagent.ozonetel_preflight"]
    assert options == {name: f"{{{{ block_groups_{name} | default(omit) }}}}" for name in SHARED if name != "token"}
