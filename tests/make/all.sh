#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the named targets of the Makefile one after the other, all of them even if one fails, and sums up.
#   all.sh TARGET[+TARGET...]...
# Targets joined by + run at once, and what they print is shown one after the other.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
  local started=$SECONDS verdict=ok
  "${MAKE:-make}" --no-print-directory "$1" || verdict=FAILED
  printf '  %-15s %-7s %4d s\n' "$1" $verdict $((SECONDS - started)) >"$work/$1.verdict"
}

for group in "$@"; do
  IFS=+ read -ra targets <<<"$group"
  echo "== $group"
  for target in "${targets[@]:1}"; do run "$target" >"$work/$target.log" 2>&1 & done
  run "${targets[0]}"
  wait
  for target in "${targets[@]:1}"; do printf '== %s\n' "$target" && cat "$work/$target.log"; done
  for target in "${targets[@]}"; do cat "$work/$target.verdict"; done >>"$work/summary"
done
printf '== summary\n' && cat "$work/summary"
! grep -q FAILED "$work/summary"
