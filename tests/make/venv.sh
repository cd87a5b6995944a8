#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the virtual environment DIRECTORY with what tests/requirements/development.txt pins, unless it is there already.
#   venv.sh PYTHON DIRECTORY
set -euo pipefail
python=$1
venv=$PWD/$2
requirements=tests/requirements/development.txt

"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
  { echo "$python is $("$python" --version 2>&1): Python 3.11 to 3.13 is needed, name one with PYTHON=..." >&2; exit 1; }

mkdir -p "$(dirname "$venv")"
# two makes at once would spoil each other's work
if command -v flock >/dev/null; then
  exec 9>"$venv.lock"
  flock 9
fi

key="$venv $("$python" -VV) $(cksum <$requirements)"
if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/made-for" 2>/dev/null)" = "$key" ]; then
  exit 0
fi
rm -rf "$venv"
"$python" -m venv "$venv" ||
  { echo "$python cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
"$venv/bin/python" -m pip install -qq --disable-pip-version-check -r $requirements
echo "$key" >"$venv/made-for"
