#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Real playbooks with the store on a real PostgreSQL: shared by hosts, and its password printed nowhere.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eu
source ../setup_simulator/simulator.sh

python serve.py "$simulator_code" >"$work/postgresql" &
server=$!
trap 'kill "$server" "$simulator" 2>/dev/null; wait "$server"; rm -rf "$work"' EXIT
for _ in $(seq 150); do
  [ ! -s "$work/postgresql" ] || break
  sleep 0.2
done
OZONETEL_STATE_STORE=$(cat "$work/postgresql")
if [ "$OZONETEL_STATE_STORE" = none ]; then
  [ -z "${CI:-}" ] || exit 1
  echo "PostgreSQL's server binaries are missing here (Debian: apt-get install postgresql): nothing was tested"
  exit 0
fi
password=$(python -c 'import sys, urllib.parse; print(urllib.parse.urlsplit(sys.argv[1]).password)' "$OZONETEL_STATE_STORE")

run() { ansible-playbook -i ../shared_token/hosts.yml -l 'host01,host02,host03' "$@" >>"$work/log" 2>&1 || { grep -v "$password" "$work/log"; exit 1; }; }
run ../shared_token/many_hosts.yml -vvvv
run ../shared_token/many_hosts.yml -vvvv
[ "$(admin GET tokens | python -c 'import json, sys; print(json.load(sys.stdin)["generated"])')" = 1 ]
[ "$(grep -c 'changed=0 ' "$work/log")" = 3 ] # the second run, on each host

# As an option of a task, and where the server cannot be reached.
ansible localhost -c local -e ansible_python_interpreter="$(command -v python)" -vvvv \
  -m ozonetel.cloudagent.ozonetel_block_group_info -a "state_store=$OZONETEL_STATE_STORE" >>"$work/log" 2>&1
if ansible localhost -c local -e ansible_python_interpreter="$(command -v python)" -vvvv \
  -m ozonetel.cloudagent.ozonetel_block_group_info -a "state_store=postgresql://owner:$password@127.0.0.1:1/nowhere" \
  >>"$work/log" 2>&1; then
  exit 1
fi
grep -q 'cannot be reached' "$work/log"
grep -q 'Group of host03' "$work/log"
if grep -q "$password" "$work/log"; then
  echo "the password of the database was printed in: $(grep -n "$password" "$work/log" | cut -c1-60)" >&2
  exit 1
fi
