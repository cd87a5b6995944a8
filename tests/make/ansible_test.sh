#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs ansible-test in the collection tree, with a home directory that keeps what it installs from run to run.
#   [PLACE=...] [VENV=...] ansible_test.sh COMMAND [ARGUMENT...]
# PLACE: where the tree and the home are, VENV: what it runs in; those of the Makefile unless they are set.
set -euo pipefail
build=${PLACE:-$PWD/.build}
venv=${VENV:-$PWD/.build/venv}
python=$venv/bin/python

mkdir -p "$build/home"
# two runs of the same command at once would spoil each other's work
if command -v flock >/dev/null; then
  exec 9>"$build/home/$1.lock"
  flock 9
fi

"$python" tests/make/ansible_home.py "$build/home"

# ansible-test makes scripts that name the interpreter in their first line, where no blank may stand
if [[ $python =~ [[:space:]] ]]; then
  link=$(mktemp -d)
  trap 'rm -rf "$link"' EXIT
  ln -s "$venv" "$link/venv"
  python=$link/venv/bin/python
fi

cd "$build/ansible_collections/ozonetel/cloudagent"
export HOME=$build/home PATH=${python%/*}:$PATH
"$python" "${python%/*}/ansible-test" "$@" \
  --python "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" 9>&-
