#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Shows the main job on the files in examples/, against a simulated CloudAgent, with the collection as users install it.
set -euo pipefail
demo=$PWD/.build/demo
bin=$PWD/.build/venv/bin
rm -rf "$demo"
mkdir -p "$demo"

say() { printf '\n== %s\n' "$*"; }

# shellcheck source=tests/make/simulated_account.sh
source tests/make/simulated_account.sh

say "The collection is built and installed from its tarball"
export ANSIBLE_HOME=$demo/ansible ANSIBLE_COLLECTIONS_PATH=$demo/collections ANSIBLE_LOCALHOST_WARNING=false
export PATH=$bin:$PATH
"$bin/python" -m ansible galaxy collection build --output-path "$demo" >/dev/null
"$bin/python" -m ansible galaxy collection install --offline -p "$demo/collections" "$demo"/ozonetel-cloudagent-*.tar.gz | tail -n 1

say "A simulated CloudAgent is started"
simulate_account "$demo"
echo "$OZONETEL_DOMAIN"

# as JSON, which takes any folder name
"$bin/python" -c 'import json, sys; json.dump({"block_groups_report_folder": sys.argv[1], "report": sys.argv[1] + "/mixed.csv", "page": sys.argv[1] + "/page.html"}, sys.stdout)' \
  "$demo" >"$demo/variables.json"
play() { "$bin/python" -m ansible playbook -i examples/inventory.yml -e "@$demo/variables.json" "$@"; }

say "First run: two groups with 363 entries are made"
play ozonetel.cloudagent.block_groups | tee "$demo/first"
grep -q 'changed=2 ' "$demo/first"  # the token and the groups

say "Second run: nothing changes"
play ozonetel.cloudagent.block_groups | tee "$demo/second"
grep -q 'changed=0 ' "$demo/second"

say "A mixed outcome: the server refuses two of six numbers; the play fails and tells everything"
if play examples/mixed_outcome.yml; then
  echo "this play was expected to fail" >&2
  exit 1
fi

say "Its report ($demo/mixed.csv)"
cat "$demo/mixed.csv"

say "A page of what is on record is written"
play examples/page.yml | tee "$demo/written"
grep -q 'changed=1 ' "$demo/written"

say "A support desk asks: why is 099999-01002 blocked, since when, until when?"
play examples/support_desk.yml -e 'caller="099999-01002"' | tee "$demo/answer"
grep -q 'in Fraud attempts since ' "$demo/answer"

say "Open the page in a browser: $demo/page.html"
