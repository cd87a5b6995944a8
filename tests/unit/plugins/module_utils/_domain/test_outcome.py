# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes in sum: counts, and how surely something changed."""

from __future__ import annotations

from collections import Counter
from typing import List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    FAILED,
    IN_GROUP,
    NOT_IN_GROUP,
    Before,
    Evidence,
    NumberResult,
    Outcome,
    Source,
    by_name,
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
    counts = by_name(Counter(result.outcome for result in _results(Outcome.ADDED, Outcome.ADDED, Outcome.EXEMPT)))
    assert counts == {
        "added": 2,
        "already_present": 0,
        "present": 0,
        "removed": 0,
        "not_found": 0,
        "absent": 0,
        "exempt": 1,
        "shared": 0,
        "rejected": 0,
        "unconfirmed": 0,
        "not_sent": 0,
    }


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(Outcome), max_size=20))
def test_counts_are_those_of_the_rows(outcomes: List[Outcome]) -> None:
    counts = by_name(Counter(result.outcome for result in _results(*outcomes)))
    assert counts == {outcome.value: outcomes.count(outcome) for outcome in Outcome}


def test_no_outcome_is_of_two_kinds() -> None:
    assert {outcome.value for outcome in IN_GROUP} == {"added", "already_present", "present"}
    assert {outcome.value for outcome in NOT_IN_GROUP} == {"removed", "not_found", "absent"}
    assert {outcome.value for outcome in FAILED} == {"rejected", "not_sent"}


def test_what_was_held_before_is_what_was_recorded_as_in_the_group() -> None:
    recorded = {outcome.value: outcome for outcome in Outcome}
    assert Before(recorded).held == {"added", "already_present", "present"}
    assert Before().held == frozenset()
