# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time a task may spend waiting."""

from __future__ import annotations

from typing import List

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.waiting import WaitingBudget
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock


def test_a_wait_that_fits_is_waited_for() -> None:
    clock = FakeClock()
    waiting = WaitingBudget(10.0, clock)
    assert waiting.wait(4.0)
    assert waiting.wait(6.0)
    assert clock.slept == [4.0, 6.0]
    assert waiting.spent == 10.0


def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    clock = FakeClock()
    waiting = WaitingBudget(10.0, clock)
    assert not waiting.wait(10.5)
    assert clock.slept == []
    assert waiting.spent == 0.0


def test_a_shorter_wait_still_fits_after_a_longer_one_did_not() -> None:
    clock = FakeClock()
    waiting = WaitingBudget(10.0, clock)
    assert waiting.wait(8.0)
    assert not waiting.wait(3.0)
    assert waiting.wait(2.0)
    assert clock.slept == [8.0, 2.0]


def test_without_a_budget_nothing_is_waited_for() -> None:
    clock = FakeClock()
    assert not WaitingBudget(0.0, clock).wait(0.5)
    assert clock.slept == []


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 100), st.lists(st.integers(0, 60), max_size=20))
def test_all_waits_together_never_exceed_the_limit(limit: int, asked: List[int]) -> None:
    clock = FakeClock()
    waiting = WaitingBudget(limit, clock)
    for seconds in asked:
        fits = waiting.spent + seconds <= limit
        assert waiting.wait(seconds) == fits
    assert sum(clock.slept) == waiting.spent <= limit
