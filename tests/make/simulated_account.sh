# shellcheck shell=bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Starts a simulated CloudAgent for a script that sources this, with the account of its environment, and stops it when
# the script ends. Two numbers are none to it, for a mixed outcome. Its URL and the state store lie in DIRECTORY.
#   simulate_account DIRECTORY
simulator=
stop() { [ -z "$simulator" ] || { kill "$simulator" 2>/dev/null && wait "$simulator" 2>/dev/null; } || true; }
trap stop EXIT
trap 'exit 130' INT TERM

simulate_account() {
  export OZONETEL_USERNAME=demo_user OZONETEL_API_KEY OZONETEL_DOMAIN OZONETEL_STATE_STORE=$1/state
  OZONETEL_API_KEY=KK$(head -c 16 /dev/urandom | od -An -vtx1 | tr -d ' \n')
  python tests/simulator --port 0 --username "$OZONETEL_USERNAME" --switch 'refused_numbers=\+91999990200[23]' >"$1/url" &
  simulator=$!
  for _ in $(seq 100); do
    [ ! -s "$1/url" ] || break
    kill -0 "$simulator" 2>/dev/null || { echo "the simulator did not start" >&2; exit 1; }
    sleep 0.1
  done
  OZONETEL_DOMAIN=$(cat "$1/url")
}
