# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Medians of figures."""

from __future__ import annotations

import pytest

from ansible_collections.ozonetel.cloudagent.tests.bench.samples import each, medians, spread


def test_each_figure_has_a_median_of_its_own() -> None:
    samples = [{"seconds": 3.0, "peak": 10.0}, {"seconds": 1.0, "peak": 30.0}, {"seconds": 2.0, "peak": 50.0}]
    assert medians(samples) == {"seconds": 2.0, "peak": 30.0}


def test_the_median_of_two_lies_between_them() -> None:
    assert medians([{"seconds": 1.0}, {"seconds": 2.0}]) == {"seconds": 1.5}


@pytest.mark.parametrize("samples", [[], [{"seconds": 1.0}, {"seconds": 1.0, "peak": 2.0}]])
def test_samples_that_do_not_agree_in_their_figures_have_no_median(samples: list[dict[str, float]]) -> None:
    with pytest.raises(ValueError, match="differ"):
        medians(samples)


def test_the_spread_is_from_the_least_to_the_greatest() -> None:
    assert spread([{"seconds": 3.0}, {"seconds": 1.0}, {"seconds": 2.0}], "seconds") == [1.0, 3.0]


def test_what_two_runs_have_in_common_falls_out() -> None:
    assert each({"seconds": 5.0}, {"seconds": 7.0}, "seconds", 4) == 0.5
