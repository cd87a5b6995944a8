#!/usr/bin/env bash
# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The unit tests and the tests of the truth, and which branches of the plugins the unit tests reach: every one of the
# core, nearly all of the rest. Those that draw their cases at random, or take long and reach nothing else, are not
# measured: nothing may be reached by chance alone, and measuring takes as long as the tests themselves.
#   coverage.sh DIRECTORY
set -uo pipefail
mkdir -p "$1"
export COVERAGE_FILE=$1/data
core=plugins/module_utils/_domain
status=0
pytest() { python -m pytest -q -n 3 --dist worksteal -p no:cacheprovider "$@" || status=1; }
reached() { python -m coverage report "$@" || status=1; }
# those that take longest come first, so that none is left to run alone
pytest tests/unit/roles tests/unit -m "not hypothesis and not unmeasured" --cov=plugins --cov-branch --cov-report=
pytest tests/truth tests/unit -m "hypothesis or unmeasured"
reached --skip-covered --show-missing --fail-under=97
reached --fail-under=100 --include="$core/apply.py,$core/batch.py,$core/contact.py,$core/decide.py,$core/guards.py,$core/judge.py,$core/opening.py,$core/plan.py,$core/predict.py,$core/record.py,$core/removal.py,$core/repeat.py,$core/window.py"
# and what a probe of an account asks, finds out, leaves and writes down
probe=(exchange findings found_account found_groups learned leftovers meeting probe probing questions seen statements)
files=$(printf "$core/%s.py," "${probe[@]}")
reached --fail-under=100 --include="${files}plugins/module_utils/_api/asking.py,plugins/module_utils/_api/redaction.py"
exit $status
