# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Habits: when an answer is doubted, what one repeat shows, and how they are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, FrozenSet, Iterable, List, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import (
    Habits,
    Limit,
    Place,
    after_repeated_delete,
    after_repeated_update,
    delete_is_doubted,
    recorded_habits,
    update_is_doubted,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import Listing
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Before, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.waiting import Pace
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock

ONE, TWO = "9999900001", "9999900002"
NOTHING, TWO_HELD = Before(), Before({ONE: Outcome.ADDED, TWO: Outcome.ADDED}, on_record=True)
NONE_HELD, ONE_HELD = Before({}, on_record=True), Before({ONE: Outcome.ADDED}, on_record=True)


def _seen(numbers: Iterable[str] = (ONE, TWO), named: Iterable[str] = (), failed: Iterable[str] = ()) -> Listing:
    return Listing(frozenset(numbers), frozenset(named), frozenset(failed))


@pytest.mark.parametrize(
    ("is_true", "counted", "before", "doubted"),
    [
        (None, None, NOTHING, False),
        (None, 0, NOTHING, False),
        (None, 1, NOTHING, True),
        (None, 2, NONE_HELD, True),
        (None, 3, NOTHING, False),  # cannot be true anyway
        (None, 1, Before(new_group=True), False),
        (True, 2, NOTHING, False),
        (True, 2, NONE_HELD, False),
        (True, 1, TWO_HELD, True),
        (True, 0, TWO_HELD, False),
        (False, 1, TWO_HELD, False),
        (False, 1, NOTHING, False),
    ],
)
def test_a_counter_of_new_numbers_is_doubted_when_untested_or_against_the_record(
    is_true: Optional[bool], counted: Optional[int], before: Before, doubted: bool
) -> None:
    habits = Habits(counts_inserted=is_true, present_listed=Place.SUCCES)
    answer = Answer(inserted=counted)
    assert update_is_doubted(habits, _seen(named=[ONE, TWO]), answer, before, False) is doubted


def test_a_counter_that_counts_no_more_than_can_be_new_is_believed() -> None:
    before = Before({ONE: Outcome.ADDED}, on_record=True)
    habits = Habits(counts_inserted=True)
    assert not update_is_doubted(habits, _seen(), Answer(inserted=1), before, False)
    assert update_is_doubted(habits, _seen(), Answer(inserted=2), before, False)


@pytest.mark.parametrize("place", [None, *Place])
@pytest.mark.parametrize("new_group", [True, False])
def test_failed_numbers_ask_for_a_test_until_the_place_of_present_ones_is_known(
    place: Optional[Place], new_group: bool
) -> None:
    habits = Habits(counts_inserted=True, present_listed=place)
    seen = _seen(named=[ONE], failed=[TWO])
    for lasting in (True, False):
        doubted = update_is_doubted(habits, seen, Answer(inserted=0), Before(new_group=new_group), lasting)
        assert doubted is (place is None)


@pytest.mark.parametrize("place", [None, *Place])
@pytest.mark.parametrize("lasting", [True, False])
@pytest.mark.parametrize("named", [[], [ONE]])
def test_the_place_is_found_out_with_the_first_named_number_where_that_is_kept(
    place: Optional[Place], lasting: bool, named: List[str]
) -> None:
    habits = Habits(counts_inserted=True, present_listed=place)
    doubted = update_is_doubted(habits, _seen(named=named), Answer(inserted=0), Before(), lasting)
    assert doubted is (place is None and lasting and bool(named))


@pytest.mark.parametrize(
    ("is_true", "counted", "before", "doubted"),
    [
        (None, None, NOTHING, False),
        (None, 0, TWO_HELD, False),
        (None, 1, NOTHING, True),
        (None, 3, NOTHING, False),
        (True, 2, NOTHING, False),
        (True, 2, TWO_HELD, False),
        (True, 1, NONE_HELD, True),
        (False, 1, NONE_HELD, False),
    ],
)
def test_a_counter_of_removed_numbers_is_doubted_when_untested_or_against_the_record(
    is_true: Optional[bool], counted: Optional[int], before: Before, doubted: bool
) -> None:
    habits = Habits(counts_deleted=is_true)
    assert delete_is_doubted(habits, _seen(), Answer(deleted=counted), before) is doubted


@pytest.mark.parametrize(("named", "failed", "doubted"), [([], [], True), ([ONE], [], True), ([ONE], [TWO], False)])
def test_in_a_group_that_this_run_has_made_a_counter_is_tested_where_the_lists_do_not_tell_all(
    named: List[str], failed: List[str], doubted: bool
) -> None:
    habits = Habits(present_listed=Place.SUCCES)
    seen = _seen(named=named, failed=failed)
    assert update_is_doubted(habits, seen, Answer(inserted=1), Before(new_group=True), False) is doubted


@pytest.mark.parametrize(
    ("place", "is_true", "counted", "before", "doubted"),
    [
        (Place.ERROR, None, None, ONE_HELD, True),
        (Place.NOWHERE, False, 1, ONE_HELD, True),
        (Place.SUCCES, None, None, ONE_HELD, False),
        (Place.ERROR, True, 1, ONE_HELD, False),
        (Place.ERROR, True, None, ONE_HELD, True),
        (Place.ERROR, None, None, NONE_HELD, False),
    ],
)
def test_where_present_numbers_stand_is_doubted_when_one_on_record_stands_among_the_new(
    place: Place, is_true: Optional[bool], counted: Optional[int], before: Before, doubted: bool
) -> None:
    habits = Habits(counts_inserted=is_true, present_listed=place)
    seen = _seen([ONE, TWO], named=[ONE])
    assert update_is_doubted(habits, seen, Answer(inserted=counted), before, lasting=True) is doubted


NEW_ONE, BOTH_COUNTED = Answer(inserted=1), Answer(deleted=1)


@pytest.mark.parametrize(("listed", "place"), [("named", Place.SUCCES), ("failed", Place.ERROR), ("", Place.NOWHERE)])
@pytest.mark.parametrize(("counted", "is_true"), [(0, True), (1, False), (None, None)])
def test_one_repeat_of_a_named_number_shows_the_place_and_the_counter(
    listed: str, place: Place, counted: Optional[int], is_true: Optional[bool]
) -> None:
    seen = _seen([ONE], **({listed: [ONE]} if listed else {}))
    shown = after_repeated_update(Habits(update_path="/x"), NEW_ONE, seen, Answer(inserted=counted), named=True)
    assert shown == Habits(update_path="/x", counts_inserted=is_true, present_listed=place)


@pytest.mark.parametrize(
    ("counted", "listed", "expected"),
    [
        (0, {"failed": [ONE]}, Habits(counts_inserted=True, present_listed=Place.ERROR)),
        (0, {}, Habits(counts_inserted=True)),  # lists that named nobody before show nothing by naming nobody
        (1, {"failed": [ONE]}, Habits(counts_inserted=False)),
        (None, {"failed": [ONE]}, Habits()),
    ],
)
def test_a_number_that_was_only_counted_shows_the_place_once_the_counter_is_true(
    counted: Optional[int], listed: Dict[str, List[str]], expected: Habits
) -> None:
    seen = _seen([ONE], **listed)
    assert after_repeated_update(Habits(), NEW_ONE, seen, Answer(inserted=counted), named=False) == expected


@pytest.mark.parametrize("again", [Answer(inserted=0, lists=False), Answer(inserted=0)])
def test_lists_that_cannot_be_read_do_not_show_where_present_numbers_stand(again: Answer) -> None:
    seen = replace(_seen([ONE]), strange=again.lists)
    assert after_repeated_update(Habits(), NEW_ONE, seen, again, named=True) == Habits(counts_inserted=True)


@pytest.mark.parametrize("first", [0, None])
def test_a_counter_that_has_never_counted_anything_is_not_shown_to_be_true(first: Optional[int]) -> None:
    seen = _seen([ONE], [ONE])
    shown = after_repeated_update(Habits(), Answer(inserted=first), seen, Answer(inserted=0), named=True)
    assert shown == Habits(present_listed=Place.SUCCES)
    assert after_repeated_delete(Habits(), Answer(deleted=first), Answer(deleted=0)) == Habits()


def test_an_answer_without_a_counter_leaves_what_is_known_of_it() -> None:
    known = Habits(counts_inserted=True, counts_deleted=False)
    seen = _seen([ONE], [ONE])
    assert after_repeated_update(known, NEW_ONE, seen, Answer(), named=True).counts_inserted is True
    assert after_repeated_delete(known, BOTH_COUNTED, Answer()) == known


@pytest.mark.parametrize(("counted", "is_true"), [(0, True), (1, False), (None, None)])
def test_one_repeat_of_a_delete_shows_its_counter(counted: Optional[int], is_true: Optional[bool]) -> None:
    shown = after_repeated_delete(Habits(), BOTH_COUNTED, Answer(deleted=counted))
    assert shown == Habits(counts_deleted=is_true)


def test_what_is_not_known_is_not_kept() -> None:
    assert Habits().record() == {}
    assert recorded_habits({}) == Habits()


def test_habits_are_kept_under_the_names_that_earlier_versions_wrote() -> None:
    habits = Habits("/x", True, False, Place.NOWHERE, "no such group")
    record = {
        "update_path": "/x",
        "inserted_counter": "true",
        "deleted_counter": "untrue",
        "present_listed": "nowhere",
        "unknown_group_words": "no such group",
    }
    assert habits.record() == record
    assert recorded_habits(record) == habits


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from([*Habits("", True, True, Place.ERROR, "").record(), "other"]), st.text()))
def test_what_is_not_understood_counts_as_not_known(record: Dict[str, str]) -> None:
    habits = recorded_habits(record)
    kept: FrozenSet[str] = frozenset(habits.record().items())  # type: ignore[arg-type]
    assert kept <= frozenset(record.items())
    assert recorded_habits(habits.record()) == replace(habits)


# -- how many requests the account bears -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10**9), st.floats(1.0, 86400.0), st.floats(0.0, 32503680000.0))
def test_a_limit_is_kept_as_it_was_measured(requests: int, seconds: float, measured_at: float) -> None:
    habits = Habits(update_path="/x", limit=Limit(requests, seconds, measured_at))
    assert recorded_habits(habits.record()) == habits


def test_a_limit_is_kept_as_three_numbers() -> None:
    record = Habits(limit=Limit(100, 60.5, 1_800_000_000.25)).record()
    assert record == {"limit": "100 60.5 1800000000.25"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "100",
        "100 60.0",
        "100 60.0 1800000000.0 7",
        "many 60.0 1800000000.0",
        "1.5 60.0 1800000000.0",
        "100 soon 1800000000.0",
        "100 60.0 yesterday",
        "0 60.0 1800000000.0",
        "-1 60.0 1800000000.0",
        "100 0.5 1800000000.0",
        "100 -60.0 1800000000.0",
        "100 86400.5 1800000000.0",
        "100 nan 1800000000.0",
        "100 inf 1800000000.0",
        "inf 60.0 1800000000.0",
        "100,60.0,1800000000.0",
    ],
)
def test_a_limit_that_makes_no_sense_is_one_that_is_not_known(text: str) -> None:
    assert recorded_habits({"update_path": "/x", "limit": text}) == Habits(update_path="/x")


@pytest.mark.parametrize("measured_at", ["nan", "inf", "-inf", "-1.0"])
def test_a_limit_that_was_never_measured_is_kept_to_by_nobody(measured_at: str) -> None:
    limit = recorded_habits({"limit": f"1 60.0 {measured_at}"}).limit
    assert Pace(limit, FakeClock()).limit is None
