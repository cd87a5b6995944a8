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
read -r OZONETEL_STATE_STORE password <"$work/postgresql" || true
if [ "$OZONETEL_STATE_STORE" = none ]; then
  [ -z "${CI:-}" ] || exit 1
  echo "PostgreSQL's server binaries are missing here (Debian: apt-get install postgresql): nothing was tested"
  exit 0
fi
export OZONETEL_STATE_STORE_PASSWORD=$password

run() { ansible-playbook -i ../shared_token/hosts.yml -l 'host01,host02,host03' "$@" >>"$work/log" 2>&1 || { grep -v "$password" "$work/log"; exit 1; }; }
run ../shared_token/many_hosts.yml -vvvv
run ../shared_token/many_hosts.yml -vvvv
[ "$(admin GET tokens | python -c 'import json, sys; print(json.load(sys.stdin)["generated"])')" = 1 ]
[ "$(grep -c 'changed=0 ' "$work/log")" = 3 ] # the second run, on each host

# As an option of a task; where the server cannot be reached; through the role; and as it must not be given.
info() {
  ansible localhost -c local -e ansible_python_interpreter="$(command -v python)" -vvvv \
    -m ozonetel.cloudagent.ozonetel_block_group_info "$@" >>"$work/log" 2>&1
}
fails() { if "$@"; then exit 1; fi; }
info -a "state_store=$OZONETEL_STATE_STORE state_store_password=$password"
fails info -a "state_store=postgresql://owner@127.0.0.1:1/nowhere state_store_password=$password"
grep -q 'cannot be reached' "$work/log"
cat >"$work/role.yml" <<PLAYBOOK
- hosts: localhost
  gather_facts: false
  roles: [ozonetel.cloudagent.block_groups]
PLAYBOOK
role() { ansible-playbook "$work/role.yml" -c local -e ansible_python_interpreter="$(command -v python)" -vvvv "$@" >>"$work/log" 2>&1; }
given='block_groups_list=[{"name": "By the role", "description": "By the role", "block_numbers": ["9999900001"]}]'
(
  unset OZONETEL_STATE_STORE_PASSWORD
  role -e "{${given/=/: }, block_groups_state_store_password: $password}"
)

# Defect B1: Ansible's own errors show the options; the URL with a password comes from the environment, from a task, by the role.
url=postgresql://owner:$password@127.0.0.1/database
for state_store in "$url" "${url/owner/own%2Fer}" "${url/:$password/:$password#?}" "host=127.0.0.1 password=$password" " $url"; do
  export OZONETEL_STATE_STORE=$state_store
  fails info
  fails info -a 'nonsense=1'
  fails info -a "{\"state_store\": \"$state_store\"}"
  fails info -a "{\"state_store\": \"$state_store\", \"nonsense\": 1}"
  fails role -e "{${given/=/: }, block_groups_state_store: '$state_store'}"
  fails role -e "{${given/=/: }, block_groups_state_store: '$state_store', block_groups_auth: nonsense}"
done
grep -q 'is neither a directory, nor a URL' "$work/log"
grep -q 'Group of host03' "$work/log"
if grep -q "$password" "$work/log"; then
  echo "the password of the database was printed in: $(grep -n "$password" "$work/log" | cut -c1-60)" >&2
  exit 1
fi
