#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The playbook by its name: in check mode, refused unless it is confirmed, and asking; then a second simulator that is
# started from the transcript, and what a run after it still has to find out.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eux
source ../setup_simulator/simulator.sh --switch present_listed=error --switch update_path=plural \
  --switch 'unknown_group_words=There is no {name}'
inventory=$simulator_code/examples/inventory.yml
probe() { ansible-playbook -i "$inventory" ozonetel.cloudagent.probe -e "probe_folder=$work" "$@" >"$work/log" 2>&1; }
told() { grep -Eq "$1" "$work/log" || { cat "$work/log"; exit 1; }; }
transcript=$work/cloudagent_probe_example_account.jsonl
summary=$work/cloudagent_probe_example_account.md

probe --check
told 'Where is a new number listed'
told 'failed=0'
if probe; then exit 1; fi
told 'probe_confirm is not true'
[ "$(admin GET requests)" = '[]' ]
[ ! -e "$transcript" ]

probe -e probe_confirm=true
told 'changed=1 .*failed=0'
told 'listed among those that have failed'
[ "$(admin GET groups | python -c 'import json, sys; print([(g["name"], g["numbers"]) for g in json.load(sys.stdin)])')" = "[('Ansible probe', [])]" ]
[ "$(admin GET tokens | python -c 'import json, sys; print(json.load(sys.stdin)["generated"])')" = 1 ]
grep -q 'otherwise: the older path is served' "$summary"
[ "$(stat -c %a "$transcript" "$summary" | sort -u)" = 600 ]
for secret in "$OZONETEL_API_KEY" "$OZONETEL_USERNAME" eyJ; do
  if grep -l "$secret" "$transcript" "$summary"; then exit 1; fi
done

# A second simulator answers as the account that was probed.
kill "$simulator"
wait "$simulator" || true
rm "$work/url"  # the address of the first
python "$simulator_code/tests/simulator" --port 0 --transcript "$transcript" >"$work/url" 2>"$work/errors" &
simulator=$!
for _ in $(seq 100); do
  [ ! -s "$work/url" ] || break
  sleep 0.1
done
OZONETEL_DOMAIN=$(cat "$work/url")
export OZONETEL_DOMAIN
grep -q '^told by .*present_listed' "$work/errors"
grep -q '^not told.*unique_numbers' "$work/errors"
[ "$(admin GET switches | python -c 'import json, sys; s = json.load(sys.stdin); print(s["present_listed"], s["update_path"], s["unknown_group_words"])')" = \
  'error plural There is no {name}' ]

# A failure is told with what was found out by then.
admin POST faults '{"kind": "rate_limited", "after": 12}' >/dev/null
if probe -e probe_confirm=true; then exit 1; fi
told 'This looks like a limit'
told 'the older path is served'
