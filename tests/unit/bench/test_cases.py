# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures made of medians, and whether they keep their targets."""

from __future__ import annotations

import pytest

from ansible_collections.ozonetel.cloudagent.tests.bench.cases import CASES, TARGETS, Target, rows
from ansible_collections.ozonetel.cloudagent.tests.bench.measurements import MEASUREMENTS


def test_every_case_is_made_of_measurements_that_there_are() -> None:
    assert {needed for case in CASES.values() for needed in case.needs} <= set(MEASUREMENTS)


def test_no_case_has_the_name_of_a_measurement_so_that_a_name_means_one_thing() -> None:
    assert not set(CASES) & set(MEASUREMENTS)


def test_a_target_may_be_a_least_or_a_most() -> None:
    assert Target(25, at_least=True).met(25)
    assert not Target(25, at_least=True).met(24.9)
    assert Target(1.5).met(1.5)
    assert not Target(1.5).met(1.51)


@pytest.mark.parametrize(("ours", "shown", "met"), [(2.0, "22 ×", "no"), (1.0, "44 ×", "yes")])
def test_a_row_tells_figure_target_and_whether_it_is_met(ours: float, shown: str, met: str) -> None:
    medians = {"uri": {"seconds": 44.0}, "first": {"seconds": ours}}
    (row,) = rows({"uri_loop": TARGETS["uri_loop"]}, medians, {})
    assert (row.measured, row.target, row.met) == (shown, "at least 25 ×", met)


def test_a_row_whose_measurement_is_missing_tells_why() -> None:
    missing = {"first_50_parallel": "the module has no option parallel"}
    (row,) = rows({"parallel_bare": TARGETS["parallel_bare"]}, {"bare_50": {"seconds": 5.0}}, missing)
    assert (row.measured, row.met) == ("not available: the module has no option parallel", "")


def test_the_time_a_request_is_what_99_more_requests_take() -> None:
    medians = {
        "module_first_100": {"seconds": 0.5},
        "module_first_10000": {"seconds": 0.5 + 99 * 0.003},
        "bare_100": {"inside": 0.1},
        "bare": {"inside": 0.1 + 99 * 0.002},
    }
    assert TARGETS["request"].figure(medians) == pytest.approx(1.5)


def test_a_batch_on_postgresql_is_what_90_more_batches_take() -> None:
    medians = {
        "batches_postgresql_1000": {"store": 2.0, "trips": 40.0},
        "batches_postgresql_10000": {"store": 2.0 + 90 * 0.003, "trips": 310.0},
    }
    assert TARGETS["postgresql_time"].figure(medians) == pytest.approx(3.0)
    assert TARGETS["postgresql_trips"].figure(medians) == pytest.approx(3.0)
