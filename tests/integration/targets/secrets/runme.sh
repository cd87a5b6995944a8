#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Neither the API key nor a token is found in any output, result, report or file name; but where a token is asked for.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eu
source ../setup_simulator/simulator.sh

ansible-playbook -i ../shared_token/hosts.yml -l host01 everything.yml -vvvv -e report="$work/report.csv" "$@" >"$work/log" 2>&1 || {
  sed "s/$OZONETEL_API_KEY/KEY/g" "$work/log"
  exit 1
}
python - "$work" "$OZONETEL_STATE_STORE" <<'PYTHON'
import os, pathlib, sqlite3, sys
work, store = map(pathlib.Path, sys.argv[1:])
tokens = [row[0] for row in sqlite3.connect(store / "state.sqlite3").execute("SELECT token FROM tokens")]
assert tokens, "no token was stored"
names = [str(path) for path in work.rglob("*")]
text = (work / "log").read_text() + (work / "report.csv").read_text() + "\n".join(names)
assert '"api_key": "********"' in text or "REDACTED" in text, "the invocation was not printed at all"
for secret in (os.environ["OZONETEL_API_KEY"], *tokens):
    found = text.find(secret)
    assert found < 0, "a secret is printed after: " + text[max(0, found - 300):found]
    for part in secret.split("."):
        assert len(part) < 20 or part not in text or part == secret.split(".")[0], "a part of a secret is printed"
PYTHON

# The return value of ozonetel_token is the one exception.
ansible localhost -c local -e ansible_python_interpreter="$(command -v python)" -m ozonetel.cloudagent.ozonetel_token >"$work/log"
grep -q '"token": "ey' "$work/log"
! grep -q "$OZONETEL_API_KEY" "$work/log"
