# shellcheck shell=bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Starts a simulated CloudAgent for a script: sets its environment, and stops it when the script ends.
#   source ../setup_simulator/simulator.sh [OPTION...]
simulator_code=$(python -c 'import ansible_collections.ozonetel.cloudagent as c; print(list(c.__path__)[0])' 2>/dev/null ||
  ansible-config dump --only-changed | sed -n "s/^COLLECTIONS_PATHS.*= \['\([^']*\)'.*/\1\/ansible_collections\/ozonetel\/cloudagent/p")
work=$(mktemp -d)
export OZONETEL_USERNAME=demo_user OZONETEL_API_KEY OZONETEL_DOMAIN OZONETEL_STATE_STORE=$work/state
OZONETEL_API_KEY=KK$(head -c 16 /dev/urandom | od -An -vtx1 | tr -d ' \n')
python "$simulator_code/tests/simulator" --port 0 "$@" >"$work/url" 2>"$work/errors" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  [ ! -s "$work/url" ] || break
  sleep 0.1
done
OZONETEL_DOMAIN=$(cat "$work/url")

# admin METHOD PATH [JSON] - asks the simulator's admin interface
admin() { curl --silent --show-error --fail -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "$OZONETEL_DOMAIN/_admin/$2"; }
