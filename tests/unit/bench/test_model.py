# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run takes, by the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict

import pytest

from ansible_collections.ozonetel.cloudagent.tests.bench.model import Fleet, Model, fitted, parts, points

MODEL = Model(
    start=2.0,
    module_start=0.1,
    read=0.00001,
    own=0.002,
    opening=5,
    memory_base=30.0,
    memory_each=0.0001,
    store_each=70.0,
)
MEDIANS: Dict[str, Dict[str, float]] = {
    "converged_1": {"seconds": 2.0},
    "module_first_100": {"seconds": 0.2, "requests": 6.0},
    "module_first_10000": {"seconds": 0.2 + 99 * 0.002, "requests": 105.0},
    "module_first_1000000": {"seconds": 30.0, "peak": 200.0, "bytes": 70_000_000.0},
    "module_converged_1": {"seconds": 0.1, "peak": 30.0},
    "module_converged_10000": {"seconds": 0.2, "peak": 31.0},
    "module_converged_1000000": {"seconds": 0.2 + 990_000 * 0.00001, "peak": 130.0},
}


def test_a_first_run_takes_a_request_for_each_hundred_numbers_and_the_opening() -> None:
    assert MODEL.requests(10_001) == 106
    assert MODEL.first(10_000) == pytest.approx(2.0 + 105 * 0.002)


def test_latency_is_shared_among_parallel_requests_until_the_own_work_is_all_there_is() -> None:
    assert MODEL.first(10_000, 0.05) == pytest.approx(2.0 + 105 * 0.052)
    assert MODEL.first(10_000, 0.05, 8) == pytest.approx(2.0 + 105 * 0.0065)
    assert MODEL.first(10_000, 0.001, 8) == pytest.approx(2.0 + 105 * 0.002)


def test_the_accounts_limit_holds_however_many_requests_are_under_way() -> None:
    assert MODEL.first(10_000, 0.05, 16, limit=2.0) == pytest.approx(2.0 + 105 * 0.5)


def test_the_coefficients_are_found_in_the_measurements() -> None:
    model = fitted(MEDIANS)
    assert model is not None
    assert (model.start, model.module_start, model.opening, model.store_each) == (2.0, 0.1, 5.0, 70.0)
    assert [model.own, model.read, model.memory_base, model.memory_each] == pytest.approx([0.002, 0.00001, 30, 0.0001])


@pytest.mark.parametrize("name", MEDIANS)
def test_there_is_no_model_without_one_of_its_measurements(name: str) -> None:
    assert fitted({other: figures for other, figures in MEDIANS.items() if other != name}) is None


def test_predictions_stand_beside_what_was_measured_and_nothing_else() -> None:
    (shown,) = points(MODEL, {"first": {"seconds": 2.5}})
    assert [shown.predicted, shown.measured] == pytest.approx([2.21, 2.5])


def test_the_part_of_a_fleet_that_is_busy_longest_stands_first() -> None:
    medians = {
        "accounts_sqlite_10_0": {"converged_cpu": 10.0},
        "accounts_sqlite_100_0": {"converged_cpu": 100.0},
        "batches_postgresql_1000": {"store": 1.0},
        "batches_postgresql_10000": {"store": 1.0 + 90 * 0.002},
    }
    fleet = Fleet(accounts=10, numbers=10_000, nodes=2, cores=2, forks=5, latency=0.05, limit=1.0)
    model = replace(MODEL, opening=0)
    shown = {part.name: part.first for part in parts(fleet, model, medians)}
    assert list(shown.values()) == sorted(shown.values(), reverse=True)
    assert shown["the accounts' limits"] == pytest.approx(10 * 100 / 10)
    assert shown["processors of the nodes"] == pytest.approx(10 * (1.0 + 100 * 0.002) / 4)
    assert shown["waiting for answers, one at a time"] == pytest.approx(10 * 100 * 0.052 / 10)
    assert shown["PostgreSQL, 4 batches at a time"] == pytest.approx(10 * 100 * 0.002 / 4)
