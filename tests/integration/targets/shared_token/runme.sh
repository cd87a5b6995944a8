#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# One token for all: forks and processes that start at once make exactly one generation. There are more of them at once in
# tests/load.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eux
source ../setup_simulator/simulator.sh

ansible-playbook -i hosts.yml --forks 12 many_hosts.yml "$@"
[ "$(admin GET tokens | python -c 'import json, sys; print(json.load(sys.stdin)["generated"])')" = 1 ]

admin POST reset
rm -rf "$OZONETEL_STATE_STORE"
for _ in $(seq 8); do
  ansible localhost -c local -e ansible_python_interpreter="$(command -v python)" \
    -m ozonetel.cloudagent.ozonetel_token -a return_token=false >>"$work/log" 2>&1 &
  processes+=("$!")
done
for process in "${processes[@]}"; do wait "$process"; done
grep -c SUCCESS "$work/log" || true
[ "$(admin GET tokens | python -c 'import json, sys; print(json.load(sys.stdin)["generated"])')" = 1 ]
