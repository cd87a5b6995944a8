#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# After ten seconds a task tells how far it has come: in a pipe for two hosts at once, on a terminal, and as root; not
# where it is asynchronous or hides its output. All at once, since each takes its time.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eux
source ../setup_simulator/simulator.sh --switch latency=0.35
mkdir "$work/local"
export ANSIBLE_LOCAL_TEMP=$work/local ANSIBLE_ASYNC_DIR=$work/jobs ANSIBLE_NOCOLOR=1

# play KIND HOSTS [OPTION...]
play() {
  ansible-playbook -i ../shared_token/hosts.yml -l "$2" -e kind="$1" progress.yml "${@:3}"
}
on_a_terminal() {
  python -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' \
    ansible-playbook -i ../shared_token/hosts.yml -l host03 -e kind=terminal progress.yml
}
# absent PATTERN FILE
absent() { if grep "$1" "$2"; then return 1; fi; }

play pipe host01,host02 2> >(cat >"$work/pipe.errors") | cat >"$work/pipe" & runs=("$!")
on_a_terminal >"$work/terminal" </dev/null & runs+=("$!")
play async host04 >"$work/async" 2>&1 & runs+=("$!")
play secret host05 >"$work/secret" 2>&1 & runs+=("$!")
if [ "$(id -u)" = 0 ] && command -v su >/dev/null; then
  play root host06 -b --become-method ansible.builtin.su >"$work/root" 2>&1 & runs+=("$!")
fi
failed=
for run in "${runs[@]}"; do wait "$run" || failed=yes; done
tail -n 20 "$work"/{pipe,pipe.errors,terminal,async,secret}
[ -z "$failed" ]
grep -q 'failed=0' "$work/pipe"

figures='[1-9][0-9]* of 40 numbers, [0-9]* requests\? a \(second\|minute\), about [0-9]* \(s\|min\) left'
for host in host01 host02; do grep "^\[$host\] Group of $host pipe: $figures" "$work/pipe.errors"; done
absent ' a second' "$work/pipe" # what a program may read stays as it was
grep "Group of host03 terminal: $figures" "$work/terminal"
absent '\[host03\] Group' "$work/terminal"
absent ' of 40 numbers' "$work/async"
absent ' of 40 numbers' "$work/secret"
[ ! -e "$work/root" ] || grep "Group of host06 root: $figures" "$work/root"
[ -z "$(ls -A "$work/local")" ]
