# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time a task may spend waiting, and the pace at which it need not."""

from __future__ import annotations

from typing import List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Limit
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.waiting import WEEK, Pace, WaitingBudget
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


# -- one wait for all --------------------------------------------------------------------------------------------------


def test_what_was_due_while_another_was_waited_for_is_not_waited_for_once_more() -> None:
    clock = FakeClock()
    waiting = WaitingBudget(10.0, clock)
    refused_at = clock.steady()
    assert waiting.wait_until(refused_at + 4.0)
    assert waiting.wait_until(refused_at + 4.0)
    assert waiting.wait_until(refused_at + 1.0)
    assert (clock.slept, waiting.spent, waiting.ended) == ([4.0], 4.0, refused_at + 4.0)


def test_who_is_to_wait_for_longer_than_the_others_does_so() -> None:
    clock = FakeClock()
    waiting = WaitingBudget(10.0, clock)
    refused_at = clock.steady()
    assert waiting.wait_until(refused_at + 1.0)
    assert waiting.wait_until(refused_at + 7.0)
    assert not waiting.wait_until(refused_at + 11.0)
    assert (clock.slept, waiting.spent) == ([1.0, 6.0], 7.0)


@pytest.mark.parametrize("set_by", [-3600.0, 3600.0])
def test_a_clock_that_is_set_neither_ends_a_wait_nor_makes_one(set_by: float) -> None:
    clock = FakeClock()
    waiting = WaitingBudget(10.0, clock)
    due = clock.steady() + 4.0
    clock.set(set_by)
    assert waiting.wait_until(due)
    clock.set(set_by)
    assert waiting.wait_until(due + 1.0)
    assert clock.slept == [4.0, 1.0]


# -- the pace ----------------------------------------------------------------------------------------------------------


class Paced:
    """A pace, and what a client does with it."""

    def __init__(self, known: Optional[Limit] = None, clock: Optional[FakeClock] = None) -> None:
        self.clock = clock or FakeClock()
        self.pace = Pace(known, self.clock)

    def answered(self, times: int = 1, seconds: float = 0.0) -> None:
        """Requests, each of which takes so many seconds."""
        for _time in range(times):
            sent_at = self.pace.before()
            self.clock.time += seconds
            self.pace.answered(sent_at)

    def refused(self, seconds: float) -> None:
        """A request that is refused, and the wait for it."""
        self.pace.before()
        self.clock.sleep(seconds)
        self.pace.waited(self.clock.steady())

    def measured(self, times: int, seconds: float, wait: float) -> None:
        """So many requests between two waits, and that once more: which makes a pace."""
        for _time in range(2):
            self.answered(times, seconds)
            self.refused(wait)


def test_a_pace_is_measured_from_one_wait_to_the_next_if_two_in_a_row_agree() -> None:
    paced = Paced()
    paced.answered(7)
    paced.refused(30.0)  # after the first wait nothing is known: others may have sent before this task
    paced.answered(5, seconds=2.0)
    paced.refused(50.0)
    paced.answered(5, seconds=2.0)
    assert paced.pace.limit is None  # it may have been chance
    paced.refused(50.0)
    paced.answered()
    # From the first answer after the one wait to the first after the other.
    assert paced.pace.limit == Limit(5, 4 * 2.0 + 50.0, paced.clock.now())


@pytest.mark.parametrize(
    ("first", "second", "agree"),
    [((6, 60.0), (8, 60.0), True), ((5, 60.0), (8, 60.0), False), ((3, 30.0), (6, 60.0), True)],
)
def test_of_two_that_agree_the_later_one_is_the_pace(
    first: Tuple[int, float], second: Tuple[int, float], agree: bool
) -> None:
    paced = Paced()
    paced.refused(1.0)
    for times, seconds in (first, second):
        paced.answered(times)
        paced.refused(seconds)
    paced.answered()
    assert paced.pace.limit == (Limit(*second, paced.clock.now()) if agree else None)


@pytest.mark.parametrize(("times", "wait", "likely"), [(2, 120.0, True), (1, 61.0, False), (2, 3600.0, False)])
def test_less_than_a_request_a_minute_is_not_believed(times: int, wait: float, likely: bool) -> None:
    paced = Paced()
    paced.refused(wait)
    paced.measured(times, 0.0, wait)
    paced.answered()
    assert (paced.pace.limit is not None) is likely
    known = Limit(times, wait, paced.clock.now())
    assert (Paced(known, paced.clock).pace.limit is not None) is likely


def test_waits_that_pass_make_no_pace() -> None:
    paced = Paced()
    for seconds in (1.0, 20.0, 3.0, 300.0, 1.0):
        paced.answered(1)
        paced.refused(seconds)
    paced.clock.slept.clear()
    paced.answered(50)
    assert (paced.pace.limit, paced.clock.slept) == (None, [])


def test_waits_between_which_nothing_was_answered_are_one() -> None:
    paced = Paced()
    paced.refused(1.0)
    paced.refused(2.0)
    for _time in range(2):
        paced.answered(5)
        for seconds in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0):
            paced.refused(seconds)
    paced.answered()
    assert paced.pace.limit == Limit(5, 63.0, paced.clock.now())


def test_a_pace_is_of_a_second_at_least() -> None:
    paced = Paced()
    paced.refused(0.25)
    paced.measured(3, 0.0, 0.25)
    paced.answered()
    assert paced.pace.limit == Limit(3, 1.0, paced.clock.now())


def test_an_account_that_bears_less_by_now_is_measured_again() -> None:
    known = Limit(100, 60.0, FakeClock().now())
    paced = Paced(known)
    paced.refused(60.0)
    for _time in range(2):
        paced.answered(10)
        assert paced.pace.limit == known
        paced.refused(60.0)
    paced.answered()
    assert paced.pace.limit == Limit(10, 60.0, paced.clock.now())


def test_an_answer_that_was_late_does_not_end_a_wait() -> None:
    paced = Paced()
    paced.refused(60.0)
    paced.answered(6)
    paced.refused(60.0)
    paced.answered(4)
    # Of four at once two are answered, one of them only after the others were refused and waited for.
    sent_at = [paced.pace.before() for _request in range(4)]
    paced.pace.answered(sent_at[0])
    paced.clock.sleep(60.0)
    ended = paced.clock.steady()
    paced.pace.waited(ended)
    paced.pace.answered(sent_at[3])
    assert paced.pace.limit is None
    paced.answered()
    measured = Limit(6, 60.0, ended)
    assert paced.pace.limit == measured
    paced.pace.waited(ended)  # the other one that was refused: that wait was for it, too
    paced.answered(3)
    assert paced.pace.limit == measured


def test_what_else_went_at_once_after_the_wait_counts_against_the_pace() -> None:
    paced = Paced()
    paced.refused(60.0)
    paced.measured(4, 0.0, 60.0)
    sent_at = [paced.pace.before() for _request in range(3)]
    for each in sent_at:
        paced.pace.answered(each)
    assert paced.pace.limit is not None and paced.pace.limit.requests == 4
    paced.clock.slept.clear()
    paced.answered()
    assert paced.clock.slept == []
    paced.answered()
    assert paced.clock.slept == [60.0]


def test_more_that_went_after_the_wait_than_the_pace_has_are_counted_from_the_last() -> None:
    paced = Paced()
    paced.refused(60.0)
    paced.measured(2, 0.0, 90.0)
    sent_at = []
    for _request in range(3):
        sent_at.append(paced.pace.before())
        paced.clock.time += 10.0
    for each in sent_at:
        paced.pace.answered(each)
    assert paced.pace.limit == Limit(2, 120.0, paced.clock.now())
    paced.clock.slept.clear()
    paced.answered()
    assert paced.clock.slept == [100.0]  # 120 s after the second of the three


@pytest.mark.parametrize("set_by", [-3600.0, 3600.0])
def test_the_pace_is_kept_however_the_clock_is_set(set_by: float) -> None:
    clock = FakeClock()
    paced = Paced(Limit(3, 60.0, clock.now()), clock)
    paced.answered(3)
    clock.set(set_by)
    paced.answered()
    assert clock.slept == [60.0]


@pytest.mark.parametrize(
    ("ago", "holds"), [(0.0, True), (WEEK - 1.0, True), (WEEK, False), (2 * WEEK, False), (-1.0, False)]
)
def test_a_pace_that_an_earlier_run_has_measured_holds_from_the_start_for_a_week(ago: float, holds: bool) -> None:
    clock = FakeClock()
    paced = Paced(Limit(3, 60.0, clock.now() - ago), clock)
    assert (paced.pace.limit is not None) is holds
    paced.answered(4)
    assert clock.slept == ([60.0] if holds else [])


def test_the_pace_is_that_of_any_span_of_its_length() -> None:
    clock = FakeClock()
    paced = Paced(Limit(3, 60.0, clock.now()), clock)
    paced.answered(3, seconds=10.0)  # sent at 0, 10 and 20
    paced.answered()  # must wait from 30 until that of 0 is a minute ago
    assert clock.slept == [30.0]
    paced.answered()
    assert clock.slept == [30.0, 10.0]
    clock.time += 1000.0
    paced.answered(3)
    assert clock.slept == [30.0, 10.0]


def test_requests_go_at_any_time_where_no_pace_is_known() -> None:
    paced = Paced()
    paced.answered(500)
    assert paced.clock.slept == []
    assert paced.pace.limit is None


steps = st.lists(
    st.tuples(st.just("idle"), st.integers(1, 40))
    | st.tuples(st.just("answered"), st.integers(1, 12))
    | st.tuples(st.just("refused"), st.integers(1, 60)),
    max_size=30,
)


@settings(deadline=None, max_examples=300)
@given(st.none() | st.tuples(st.integers(1, 6), st.integers(1, 90)), steps)
def test_never_more_go_than_the_pace_has_in_any_span_of_its_length(
    known: Optional[Tuple[int, int]], taken: List[Tuple[str, int]]
) -> None:
    clock = FakeClock()
    paced = Paced(Limit(known[0], float(known[1]), clock.now()) if known else None, clock)
    limit = paced.pace.limit
    sent: List[float] = []
    for step, amount in taken:
        for _time in range(amount if step == "answered" else 1):
            if step == "idle":
                clock.time += amount
                continue
            sent.append(paced.pace.before())
            if limit is not None:
                assert sum(at > sent[-1] - limit.seconds for at in sent) <= limit.requests
            if step == "refused":
                clock.sleep(amount)
                paced.pace.waited(clock.steady())
            else:
                paced.pace.answered(sent[-1])
            if paced.pace.limit is not limit:  # measured anew: what went before went at another pace
                limit, sent = paced.pace.limit, sent[-1:]
