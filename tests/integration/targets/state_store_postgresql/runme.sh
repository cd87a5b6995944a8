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
for _ in $(seq 600); do
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
cat >"$work/info.yml" <<'PLAYBOOK'
- hosts: localhost
  gather_facts: false
  tasks:
    - ozonetel.cloudagent.ozonetel_block_group_info:
        state_store: "{{ state_store | default(omit) }}"
        state_store_password: "{{ password | default(omit) }}"
PLAYBOOK
cat >"$work/role.yml" <<'PLAYBOOK'
- hosts: localhost
  gather_facts: false
  roles: [ozonetel.cloudagent.block_groups]
  vars:
    block_groups_state_store: "{{ state_store }}"
    block_groups_state_store_password: "{{ password | default(omit) }}"
    block_groups_list: [{name: By the role, description: By the role, block_numbers: ["9999900001"]}]
PLAYBOOK
# Ansible prints the variables that its command line sets, so they come from a file.
play() {
  printf '%s\n' "$2" >"$work/variables.json"
  ansible-playbook "$work/$1.yml" -c local -e @"$work/variables.json" -e ansible_python_interpreter="$(command -v python)" -vvvv \
    >>"$work/log" 2>&1
}
fails() { if "$@"; then exit 1; fi; }
url=$OZONETEL_STATE_STORE
(
  unset OZONETEL_STATE_STORE_PASSWORD OZONETEL_STATE_STORE
  play info "{\"state_store\": \"$url\", \"password\": \"$password\"}"
  play role "{\"state_store\": \"$url\", \"password\": \"$password\"}"
  fails play info "{\"state_store\": \"postgresql://owner@127.0.0.1:1/nowhere\", \"password\": \"$password\"}"
)
grep -q 'cannot be reached' "$work/log"

# Defect B1: Ansible's own errors show the options; a URL with a password comes from the environment, a task, the role.
cat >"$work/refused.yml" <<'PLAYBOOK'
- hosts: localhost
  gather_facts: false
  tasks:
    - ozonetel.cloudagent.ozonetel_block_group_info:
      register: from_environment
      ignore_errors: true
    - ozonetel.cloudagent.ozonetel_block_group_info:
        nonsense: 1
      register: from_environment_with_a_typing_error
      ignore_errors: true
    - ozonetel.cloudagent.ozonetel_block_group_info:
        state_store: "{{ state_store }}"
      register: from_task
      ignore_errors: true
    - ozonetel.cloudagent.ozonetel_token:
        state_store: "{{ state_store }}"
        state: nonsense
      register: from_task_with_a_typing_error
      ignore_errors: true
    - block:
        - include_role:
            name: ozonetel.cloudagent.block_groups
          vars: &role
            block_groups_state_store: "{{ state_store }}"
            block_groups_list: [{name: By the role, description: By the role, block_numbers: ["9999900001"]}]
        - fail:
      rescue:
        - set_fact:
            by_role: "{{ ansible_failed_result }}"
    - block:
        - include_role:
            name: ozonetel.cloudagent.block_groups
          vars:
            <<: *role
            block_groups_auth: nonsense
        - fail:
      rescue:
        - set_fact:
            by_role_with_a_typing_error: "{{ ansible_failed_result }}"
    - assert:
        that:
          - from_environment is failed and 'is neither a directory, nor a URL' in from_environment.msg
          - from_environment_with_a_typing_error is failed and 'nonsense' in from_environment_with_a_typing_error.msg
          - from_task is failed and 'is neither a directory, nor a URL' in from_task.msg
          - from_task_with_a_typing_error is failed and 'nonsense' in from_task_with_a_typing_error.msg
          - "'is neither a directory, nor a URL' in by_role.results[0].msg"
          - "'block_groups_auth' in by_role_with_a_typing_error.msg"
PLAYBOOK
with_password=postgresql://owner:$password@127.0.0.1/database
for state_store in "$with_password" "${with_password/@/#?@}" "host=127.0.0.1 password=$password"; do
  export OZONETEL_STATE_STORE=$state_store
  play refused "{\"state_store\": \"$state_store\"}" || { grep -v "$password" "$work/log" | tail -n 40; exit 1; }
done
grep -q 'Group of host03' "$work/log"
if grep -q "$password" "$work/log"; then
  echo "the password of the database was printed in: $(grep -n "$password" "$work/log" | cut -c1-60)" >&2
  exit 1
fi
