#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A file of numbers is found, decrypted and brought to where the module reads it, however the task is run; nothing of it
# is left behind.
# shellcheck disable=SC2154 # simulator.sh sets $work and $simulator_code
set -eux
source ../setup_simulator/simulator.sh
chmod 711 "$work"
mkdir -m 700 "$work/local" "$work/remote" "$work/home"
mkdir -m 1777 "$work/system"
export HOME=$work/home ANSIBLE_LOCAL_TEMP=$work/local ANSIBLE_REMOTE_TEMP=$work/remote ANSIBLE_SYSTEM_TMPDIRS=$work/system
export ANSIBLE_ASYNC_DIR=$work/async ANSIBLE_INJECT_INVOCATION=true
mkdir -m 1777 "$work/async"

echo 9999900009 >"$HOME/at_home.txt"
echo 9999900010 >"$work/more.txt"
printf '9999900005\n98x\n' >"$work/closed.txt"
echo 9999900070 >"$work/secret.txt"
printf '9999900071\n98x\n' >"$work/secret_and_faulty.txt"
chmod 600 "$work"/*.txt
echo a-password-for-tests >"$work/password"
ansible-vault encrypt --vault-password-file "$work/password" "$work/secret.txt" "$work/secret_and_faulty.txt"
echo another-password >"$work/their_password"
echo 9999900072 >"$work/secret_of_others.txt"
ansible-vault encrypt --vault-password-file "$work/their_password" "$work/secret_of_others.txt"

nothing_is_left() {
  for _ in $(seq 30); do # async_wrapper looks every five seconds whether a task has ended
    [ -n "$(find "$work/local" "$work/remote" "$work/system" -mindepth 1 -print -quit)" ] || return 0
    sleep 1
  done
  find "$work/local" "$work/remote" "$work/system" -mindepth 1
  return 1
}

# absent PATTERN FILE
absent() { if grep "$1" "$2"; then return 1; fi; }

run() { ansible-playbook -i hosts.yml -e work="$work" --vault-password-file "$work/password" "$@"; }

run here.yml "$@" -vvv >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
nothing_is_left
# in place on this machine, a copy on another
absent '^<here.*PUT .*\.txt TO ' "$work/log"
grep -q '^<there1.*PUT .*/files/list.txt TO .*/numbers' "$work/log"
# results show the name as it was given, and nothing of what the two sides of the task have between them
grep -q '"block_numbers_file": "list.txt"' "$work/log"
absent '"_numbers_place": "/\|_numbers_copy\|_progress_path' "$work/log"

admin POST reset
rm -rf "$OZONETEL_STATE_STORE"
ANSIBLE_PIPELINING=true run here.yml -l there "$@"
nothing_is_left

# Once it is read, nothing of an encrypted file is on a disk, so that a task may end in any way.
for host in here1 there1; do
  admin POST reset
  rm -rf "$OZONETEL_STATE_STORE"
  admin PUT switches '{"latency": 2}'
  run here.yml -l "$host" --tags encrypted &
  task=$!
  until [ "$(admin GET requests)" != "[]" ]; do sleep 0.1; done
  [ -n "$(find "$work/local" "$work/remote" \( -name numbers -o -name 'tmp*' \) -print -quit)" ]
  if grep -r 9999900070 "$work/local" "$work/remote"; then exit 1; fi
  admin PUT switches '{"latency": 0}'
  wait "$task"
  nothing_is_left
done

ansible localhost -c local -e ansible_python_interpreter="$(command -v python)" -m ozonetel.cloudagent.ozonetel_block_group \
  -a "name=Nuisance description=Reported block_numbers_file=$work/secret.txt" >"$work/log" 2>&1 && exit 1
grep -qi 'vault password' "$work/log"
absent Traceback "$work/log"
nothing_is_left

if [ "$(id -u)" = 0 ] && command -v su >/dev/null && [ -x /usr/bin/python3 ]; then
  for pipelining in false true; do
    admin POST reset
    rm -rf "$OZONETEL_STATE_STORE"
    ANSIBLE_PIPELINING=$pipelining run become.yml "$@"
    nothing_is_left
  done
else
  echo "another user can only be become as root, with su and /usr/bin/python3: not tested here"
fi
