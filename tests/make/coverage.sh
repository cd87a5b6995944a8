#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Which branches of the plugins the unit tests reach: every one of the core, nearly all of the rest. Those that draw
# their cases or try every one there is, and the tests of the truth, run afterwards and are not measured: nothing may be
# reached by chance alone, and measuring them takes most of the time.
#   coverage.sh DIRECTORY
set -euo pipefail
mkdir -p "$1"
export COVERAGE_FILE=$1/data
core=plugins/module_utils/_domain
pytest() { python -m pytest -q -n 3 --dist worksteal -p no:cacheprovider "$@"; }
pytest tests/unit -m "not hypothesis and not exhaustive" --cov=plugins --cov-branch --cov-report=
python -m coverage report --skip-covered --show-missing --fail-under=97
python -m coverage report --fail-under=100 --include="$core/apply.py,$core/batch.py,$core/contact.py,$core/decide.py,$core/guards.py,$core/judge.py,$core/opening.py,$core/plan.py,$core/predict.py,$core/record.py,$core/removal.py,$core/repeat.py,$core/window.py"
# and what a probe of an account asks, finds out, leaves and writes down
probe=(exchange findings found_account found_groups learned leftovers meeting probe probing questions seen statements)
files=$(printf "$core/%s.py," "${probe[@]}")
python -m coverage report --fail-under=100 --include="${files}plugins/module_utils/_api/asking.py,plugins/module_utils/_api/redaction.py"
pytest tests/unit tests/truth -m "hypothesis or exhaustive"
