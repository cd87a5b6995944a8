# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes in sum: counts, and how surely something changed."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    FAILED_OUTCOMES,
    PRESENT_OUTCOMES,
    Evidence,
    NumberResult,
    Outcome,
    Source,
    count,
    overall,
)

evidences = st.builds(Evidence, st.booleans(), st.sampled_from(Source))


def _results(*outcomes: Outcome) -> List[NumberResult]:
    numbers = [f"99999{position:05d}" for position in range(len(outcomes))]
    return [NumberResult(Number(n, n, ""), outcome) for n, outcome in zip(numbers, outcomes)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], Evidence(False, Source.LEDGER)),
        ([Evidence(True, Source.SERVER)], Evidence(True, Source.SERVER)),
        ([Evidence(False, Source.SERVER)], Evidence(False, Source.SERVER)),
        ([Evidence(True, Source.ASSUMED), Evidence(True, Source.SERVER)], Evidence(True, Source.SERVER)),
        ([Evidence(True, Source.ASSUMED), Evidence(False, Source.SERVER)], Evidence(True, Source.ASSUMED)),
        ([Evidence(True, Source.LEDGER), Evidence(True, Source.ASSUMED)], Evidence(True, Source.LEDGER)),
        ([Evidence(False, Source.SERVER), Evidence(False, Source.LEDGER)], Evidence(False, Source.LEDGER)),
        ([Evidence(False, Source.ASSUMED), Evidence(False, Source.SERVER)], Evidence(False, Source.ASSUMED)),
    ],
)
def test_changed_rests_on_the_strongest_source_and_unchanged_on_the_weakest(
    seen: List[Evidence], expected: Evidence
) -> None:
    assert overall(seen, Source.LEDGER) == expected


@pytest.mark.parametrize("source", list(Source))
def test_with_nothing_sent_nothing_changed_by_the_source_that_was_named(source: Source) -> None:
    assert overall([], source) == Evidence(False, source)


@settings(deadline=None, max_examples=200)
@given(st.lists(evidences, min_size=1, max_size=6))
def test_the_sum_is_a_change_exactly_if_a_part_is_one(seen: List[Evidence]) -> None:
    summed = overall(iter(seen), Source.ASSUMED)
    assert summed.changed == any(item.changed for item in seen)
    assert summed.source in {item.source for item in seen if item.changed == summed.changed}


def test_every_outcome_is_counted_and_named_even_where_there_is_none() -> None:
    counts = count(_results(Outcome.ADDED, Outcome.ADDED, Outcome.EXEMPT), {})
    assert counts == {
        "added": 2,
        "already_present": 0,
        "removed": 0,
        "not_found": 0,
        "exempt": 1,
        "shared": 0,
        "rejected": 0,
        "unconfirmed": 0,
        "not_sent": 0,
    }


def test_a_surplus_of_added_numbers_counts_as_already_present() -> None:
    counts = count(_results(Outcome.ADDED, Outcome.ADDED, Outcome.ADDED), {Outcome.ADDED: 2})
    assert (counts["added"], counts["already_present"]) == (1, 2)


def test_a_surplus_of_removed_numbers_counts_as_not_found() -> None:
    counts = count(_results(Outcome.REMOVED, Outcome.REMOVED), {Outcome.REMOVED: 1, Outcome.ADDED: 0})
    assert (counts["removed"], counts["not_found"]) == (1, 1)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(Outcome), max_size=20), st.data())
def test_counts_always_sum_up_to_all_numbers(outcomes: List[Outcome], data: st.DataObject) -> None:
    surplus = {
        outcome: data.draw(st.integers(0, outcomes.count(outcome))) for outcome in (Outcome.ADDED, Outcome.REMOVED)
    }
    counts = count(_results(*outcomes), surplus)
    assert sum(counts.values()) == len(outcomes)
    assert min(counts.values()) >= 0


def test_no_outcome_is_both_present_and_failed() -> None:
    assert {outcome.value for outcome in PRESENT_OUTCOMES} == {"added", "already_present"}
    assert {outcome.value for outcome in FAILED_OUTCOMES} == {"rejected", "not_sent"}
