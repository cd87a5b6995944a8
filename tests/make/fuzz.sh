#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The tests of the truth at length, in the current directory: new histories on all processors until the time is over,
# then the whole fault matrix, and probes that are killed anywhere in every account. Ends at the first violation, and
# says how many histories ran.
#   fuzz.sh MINUTES LOGS
set -euo pipefail
end=$((SECONDS + $1 * 60))
logs=$2
rm -rf "$logs"
mkdir -p "$logs"
export FUZZ=1 HISTORIES=500

histories() {
  local round=0
  while [ $SECONDS -lt $end ] && [ ! -e "$logs/violated" ]; do
    if ! python -m pytest -q -p no:cacheprovider tests/truth/test_histories.py >"$logs/$1.log" 2>&1; then
      mv "$logs/$1.log" "$logs/violated" && return 1
    fi
    round=$((round + 1))
    echo $((round * (HISTORIES + HISTORIES / 15))) >"$logs/$1.count"
  done
}

workers=()
for worker in $(seq "$(nproc)"); do
  histories "$worker" &
  workers+=("$!")
done
failed=0
for worker in "${workers[@]}"; do wait "$worker" || failed=1; done
if [ $failed = 1 ]; then
  cat "$logs/violated"
  exit 1
fi
cat "$logs"/*.count 2>/dev/null | awk -v minutes="$1" '{ sum += $1 } END { printf "%d histories in %d minutes, no violation\n", sum, minutes }'
python -m pytest -q -n auto -p no:cacheprovider tests/truth/test_fault_matrix.py \
  tests/unit/plugins/module_utils/_ansible/test_account_probe.py -k "fault_matrix or killed_anywhere"
