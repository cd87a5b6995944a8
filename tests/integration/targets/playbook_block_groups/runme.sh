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
