#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Has every module run on a Python that has no ansible-core, against a simulated CloudAgent, with the store on SQLite and
# on PostgreSQL where its server is installed (it must be in CI).
#   target.sh PYTHON VERSION
set -euo pipefail
build=$PWD/.build
work=$(mktemp -d)
export HOME=$build/home PATH=$build/venv/bin:$PATH ANSIBLE_COLLECTIONS_PATH=$build ANSIBLE_HOME=$work/ansible
cd "$build/ansible_collections/ozonetel/cloudagent"

# shellcheck source=tests/make/simulated_account.sh
source tests/make/simulated_account.sh
simulate_account "$work"
python tests/integration/targets/state_store_postgresql/serve.py . >"$work/postgresql" &
postgresql=$!
trap 'stop; kill "$postgresql" && wait "$postgresql" || true; rm -rf "$work"' EXIT
until [ -s "$work/postgresql" ]; do
  kill -0 "$postgresql" 2>/dev/null || { echo "PostgreSQL did not start" >&2; exit 1; }
  sleep 0.1
done
read -r url OZONETEL_STATE_STORE_PASSWORD <"$work/postgresql" || true
export OZONETEL_STATE_STORE_PASSWORD
stores=sqlite,postgresql
if [ "$url" = none ]; then
  [ -z "${CI:-}" ] || { echo "PostgreSQL's server binaries are missing: apt-get install postgresql" >&2; exit 1; }
  stores=sqlite,
fi

python -m ansible playbook -i "$stores" tests/make/target.yml \
  -e python="$1" -e version="$2" -e folder="$work" -e url="$url" | tee "$work/log"
if grep -E 'DEPRECATION|Traceback' "$work/log"; then exit 1; fi
