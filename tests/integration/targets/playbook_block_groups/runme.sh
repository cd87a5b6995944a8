#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The playbook by its name, on the example inventory: changed, unchanged, and in check mode without a request.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eux
source ../setup_simulator/simulator.sh
inventory=$simulator_code/examples/inventory.yml

ansible-playbook -i "$inventory" ozonetel.cloudagent.block_groups --check "$@" | tee "$work/log"
grep -q 'failed=0' "$work/log"
[ "$(admin GET requests)" = '[]' ]

ansible-playbook -i "$inventory" ozonetel.cloudagent.block_groups --diff "$@" | tee "$work/log"
grep -q 'changed=2 .*failed=0' "$work/log"
grep -q '^+.*919999900001' "$work/log"

ansible-playbook -i "$inventory" ozonetel.cloudagent.block_groups "$@" | tee "$work/log"
grep -q 'changed=0 .*failed=0' "$work/log"

[ "$(admin GET groups | python -c 'import json, sys; print([len(g["numbers"]) for g in json.load(sys.stdin)])')" = '[240, 120]' ]

# Defect D12: an entry that fails is told with its message, not with its numbers.
admin PUT switches '{"refused_numbers": ".*140[0-9]+"}' >/dev/null
cat >"$work/failing.yml" <<'PLAYBOOK'
- hosts: cloudagent_accounts
  connection: local
  gather_facts: false
  roles:
    - role: ozonetel.cloudagent.block_groups
      vars:
        block_groups_list:
          - name: Nuisance callers
            description: Reported by the service desk
            block_numbers: "{{ ['1400000001'] + range(9999910001, 9999910400) | map('string') | list }}"
PLAYBOOK
if ansible-playbook -i "$inventory" "$work/failing.yml" "$@" >"$work/log"; then exit 1; fi
grep -q '1400000001): rejected' "$work/log"
grep -q 'failed: .*(item=Nuisance callers)' "$work/log"
if sed 's/"numbers": .*//' "$work/log" | grep -q 9999910300; then exit 1; fi
