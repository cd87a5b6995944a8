#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the named targets of the Makefile one after the other, all of them even if one fails, and sums up.
#   all.sh TARGET[+TARGET...]...
# Targets joined by + run at once, and what they print is shown one after the other. A target that could not do
# something, and does not fail for that, writes a line to the file that NOT_DONE names; the summary shows it.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
  local started=$SECONDS verdict=ok not_done=$work/$1.not_done reason
  : >"$not_done"
  NOT_DONE=$not_done "${MAKE:-make}" --no-print-directory "$1" || verdict=FAILED
  reason=$(paste -s -d ';' "$not_done")
  if [ $verdict = ok ] && [ -n "$reason" ]; then verdict="NOT DONE"; fi
  printf '  %-15s %-8s %4d s%s\n' "$1" "$verdict" $((SECONDS - started)) "${reason:+  $reason}" >"$work/$1.verdict"
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
[ -z "${NOT_DONE:-}" ] || cat "$work"/*.not_done >"$NOT_DONE"
! grep -q FAILED "$work/summary"
