# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the examples with ansible-runner, and leaves no secret on disk.

python with_ansible_runner.py PRIVATE_DATA_FOLDER < vault_password
"""

from __future__ import annotations

import sys

import ansible_runner

run = ansible_runner.run(
    private_data_dir=sys.argv[1],
    playbook="block_groups.yml",
    cmdline="--ask-vault-pass",
    passwords={r"^Vault password:\s*$": sys.stdin.readline().rstrip("\n")},
    suppress_env_files=True,  # or the password would be written to env/passwords
    quiet=True,
)
for event in run.events:
    if event["event"] == "runner_item_on_ok" and event["event_data"]["task"] == "Make each group match its list":
        result = event["event_data"]["res"]
        print(result["group"]["name"], "changed" if result["changed"] else "unchanged", result["counts"])
sys.exit(run.rc)
