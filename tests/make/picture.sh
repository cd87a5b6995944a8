#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the picture of the page in the README: the lists in examples/ and two more groups are applied to a simulated
# CloudAgent, one of them with numbers that it refuses, and the role block_groups_page tells of it. To be run in the
# collection tree.
#   picture.sh DIRECTORY PICTURE
set -euo pipefail
work=$1
picture=$2
rm -rf "$work"
mkdir -p "$work"

# shellcheck source=tests/make/simulated_account.sh
source tests/make/simulated_account.sh
simulate_account "$work"
export ANSIBLE_HOME=$work/ansible

python -c 'import json, sys; json.dump({"report": sys.argv[1] + "/mixed.csv", "block_groups_page_path": sys.argv[1] + "/page.html"}, sys.stdout)' \
  "$work" >"$work/variables.json"
play() { python -m ansible playbook -i examples/inventory.yml -e "@$work/variables.json" "$@" >"$work/log" 2>&1; }

told() { cat "$work/log" >&2; exit 1; }
play tests/make/picture.yml --tags groups || told
if play examples/mixed_outcome.yml; then told; fi # it is meant to fail
play tests/make/picture.yml --tags page || told
python tests/make/picture.py "$work/page.html" "$picture"
