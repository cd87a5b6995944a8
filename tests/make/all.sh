#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the named targets of the Makefile one after the other, all of them even if one fails, and sums up.
#   all.sh TARGET...
set -uo pipefail
summary=
failed=0
for target in "$@"; do
  echo "== $target"
  started=$SECONDS
  if "${MAKE:-make}" --no-print-directory "$target"; then
    verdict=ok
  else
    verdict=FAILED failed=1
  fi
  summary+=$(printf '  %-12s %-7s %4d s' "$target" $verdict $((SECONDS - started)))$'\n'
done
printf '== summary\n%s' "$summary"
exit $failed
