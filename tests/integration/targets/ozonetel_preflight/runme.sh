#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The module by itself and the playbook by its name: all well, in check mode, and broken with its table still printed.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eux
source ../setup_simulator/simulator.sh
inventory=$simulator_code/examples/inventory.yml
preflight() { ansible-playbook -i "$inventory" ozonetel.cloudagent.preflight "$@" >"$work/log" 2>&1; }
fails() { if "$@"; then exit 1; fi; }
told() { grep -Eq "$1" "$work/log" || { cat "$work/log"; exit 1; }; }
generated() { admin GET tokens | python -c 'import json, sys; print(json.load(sys.stdin)["generated"])'; }

# Check mode sends nothing and makes no store.
preflight --check
told '"python  *ok '
told '"account  *skipped '
told 'failed=0'
[ "$(admin GET requests)" = '[]' ]
[ ! -e "$work/state" ]

# The first run generates the one token, the second uses it.
preflight
told '"token  *ok  *One was generated, and stored'
told 'changed=1 .*failed=0'
preflight
told '"account  *ok  *The account takes the stored token'
told 'changed=0 .*failed=0'
[ "$(generated)" = 1 ]

# Half of it broken: the table is printed, then the playbook fails.
touch "$work/file"
fails preflight -e "block_groups_state_store=$work/file" -e block_groups_domain=https://nowhere.invalid
told '"store  *failed '
told '"dns  *failed '
told '"token  *skipped '
told 'A run could not work. Failed: store, dns.'
told 'failed=1'

# Options that are wrong leave nothing to be looked at, and are told.
fails preflight -e block_groups_timeout=0
told 'timeout: 0 is not between'

# The account in the other setting, in one file with the module itself.
admin PUT switches '{"auth_mode": "BASIC_AUTH"}' >/dev/null
fails preflight
told 'use auth=api_key'
preflight -e block_groups_auth=api_key
told '"account  *ok .*API key'
admin POST reset '{}' >/dev/null
rm -rf "$work/state"

cat >"$work/module.yml" <<'PLAYBOOK'
- hosts: localhost
  gather_facts: false
  tasks:
    - ozonetel.cloudagent.ozonetel_preflight:
      check_mode: true
      register: predicted
    - ozonetel.cloudagent.ozonetel_preflight:
      register: first
    - ozonetel.cloudagent.ozonetel_preflight:
      register: second
    - ozonetel.cloudagent.ozonetel_preflight:
        api_key: KK00000000000000000000000000000000
        state_store: "{{ lookup('ansible.builtin.env', 'OZONETEL_STATE_STORE') }}/other"
      register: wrong_key
      ignore_errors: true
    - ozonetel.cloudagent.ozonetel_preflight:
        domain: http://cloudagent.example.com
        lock_timeout: -1
      register: bad_options
      ignore_errors: true
    - assert:
        that:
          - predicted is not changed and predicted.ready and predicted.requests_sent == 0
          - predicted.checks | map(attribute='verdict') | unique | sort == ['ok', 'skipped']
          - first is changed and first.generated and first.requests_sent == 3
          - first.auth_setting == 'TOKEN_AUTH'
          - first.clock_offset | abs <= 2
          - first.generations_left == 9
          - first.next_generation_at is none
          - first.token_expires_at is search('Z$')
          - second is not changed and second.requests_sent == 2
          - second.token_expires_at == first.token_expires_at
          - second.checks | map(attribute='name') | list ==
            ['python', 'store', 'lock', 'dns', 'reach', 'tls', 'clock', 'token', 'account']
          - wrong_key is failed and not wrong_key.ready
          - wrong_key.msg is search('Failed. token')
          - wrong_key.table | select('search', 'Invalid userName or apiKey') | list | length == 1
          - bad_options is failed and bad_options.checks is not defined
          - bad_options.faults | map(attribute='where') | sort == ['domain', 'lock_timeout']
PLAYBOOK
ansible-playbook "$work/module.yml" -c local -e ansible_python_interpreter="$(command -v python)" -vvv "$@" >"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
if grep -q "$OZONETEL_API_KEY" "$work/log"; then exit 1; fi
