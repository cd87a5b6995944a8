# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers say about numbers: by a table, and for whatever an answer may hold."""

from __future__ import annotations

from typing import Dict, List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.judge import (
    DELETED_FACT,
    IN_ERROR,
    IN_SUCCES,
    INSERTED_FACT,
    NOWHERE,
    PRESENT_LISTED_FACT,
    TRUE,
    UNTRUE,
    Batch,
    Probe,
    judge_delete,
    judge_update,
    learned,
    probe_after_delete,
    probe_after_update,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Outcome, Source, count
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import Answer

A, B, C = "9999900001", "9999900002", "9999900003"
ADDED, PRESENT, REJECTED, UNCONFIRMED = (
    Outcome.ADDED,
    Outcome.ALREADY_PRESENT,
    Outcome.REJECTED,
    Outcome.UNCONFIRMED,
)


def _batch(*canonicals: str, recorded: Optional[Dict[str, Outcome]] = None) -> Batch:
    return Batch(tuple(Number(c, c, c) for c in canonicals), 1, recorded)


@pytest.mark.parametrize(
    ("answer", "recorded", "facts", "outcomes", "changed", "source"),
    [
        (Answer(succeeded=(A, B), inserted=2), None, {}, [ADDED, ADDED], True, Source.SERVER),
        (Answer(succeeded=(A, B), inserted=0), None, {}, [PRESENT, PRESENT], False, Source.SERVER),
        (Answer(succeeded=(A, B), inserted=1), {A: ADDED}, {}, [PRESENT, ADDED], True, Source.SERVER),
        (Answer(succeeded=(A,), inserted=1), {B: ADDED}, {}, [ADDED, PRESENT], True, Source.SERVER),
        (Answer(succeeded=(A,), inserted=1), None, {}, [ADDED, UNCONFIRMED], True, Source.SERVER),
        (
            Answer(succeeded=(A,), inserted=1),
            None,
            {PRESENT_LISTED_FACT: NOWHERE},
            [ADDED, PRESENT],
            True,
            Source.SERVER,
        ),
        (Answer(succeeded=(A,), failed=(B,), inserted=1), None, {}, [ADDED, UNCONFIRMED], True, Source.SERVER),
        (
            Answer(succeeded=(A,), failed=(B,), inserted=1),
            None,
            {PRESENT_LISTED_FACT: IN_SUCCES},
            [ADDED, REJECTED],
            True,
            Source.SERVER,
        ),
        (
            Answer(succeeded=(A,), failed=(B,), inserted=1),
            None,
            {PRESENT_LISTED_FACT: IN_ERROR},
            [ADDED, UNCONFIRMED],
            True,
            Source.SERVER,
        ),
        (Answer(succeeded=(A,), failed=(B,), inserted=1), {B: PRESENT}, {}, [ADDED, PRESENT], True, Source.SERVER),
        (Answer(failed=(A, B), inserted=0), None, {}, [UNCONFIRMED, UNCONFIRMED], False, Source.SERVER),
        (Answer(inserted=2), None, {}, [ADDED, ADDED], True, Source.SERVER),
        (Answer(succeeded=(A, B)), None, {}, [ADDED, ADDED], True, Source.ASSUMED),
        (Answer(succeeded=(A, B)), {A: ADDED, B: PRESENT}, {}, [PRESENT, PRESENT], False, Source.LEDGER),
        (Answer(succeeded=(A, B)), {A: ADDED}, {}, [PRESENT, ADDED], True, Source.LEDGER),
        (
            Answer(succeeded=(A, B), inserted=2),
            {A: ADDED, B: ADDED},
            {INSERTED_FACT: UNTRUE},
            [PRESENT, PRESENT],
            False,
            Source.LEDGER,
        ),
        (Answer(succeeded=(A, B), inserted=9), None, {}, [ADDED, ADDED], True, Source.ASSUMED),
        (Answer(succeeded=(A,), failed=(A,), inserted=0), None, {}, [UNCONFIRMED, UNCONFIRMED], False, Source.SERVER),
    ],
)
def test_an_answer_to_update(
    answer: Answer,
    recorded: Optional[Dict[str, Outcome]],
    facts: Dict[str, str],
    outcomes: List[Outcome],
    changed: bool,
    source: Source,
) -> None:
    verdict = judge_update(_batch(A, B, recorded=recorded), answer, facts)
    assert [result.outcome for result in verdict.results] == outcomes
    assert (verdict.evidence.changed, verdict.evidence.source) == (changed, source)


def test_where_the_server_does_not_say_which_the_counts_are_right_and_the_reason_says_so() -> None:
    verdict = judge_update(_batch(A, B, C), Answer(succeeded=(A, B, C), inserted=1), {})
    counts = count(verdict.results, {Outcome.ADDED: verdict.surplus})
    assert (counts["added"], counts["already_present"]) == (1, 2)
    assert all("1 of 3" in result.reason for result in verdict.results)


@pytest.mark.parametrize(
    ("answer", "recorded", "facts", "outcomes", "changed", "source"),
    [
        (Answer(succeeded=(A, B), deleted=2), None, {}, [Outcome.REMOVED] * 2, True, Source.SERVER),
        (Answer(succeeded=(A, B), deleted=0), None, {}, [Outcome.NOT_FOUND] * 2, False, Source.SERVER),
        (
            Answer(succeeded=(A, B), deleted=1),
            {B: ADDED},
            {},
            [Outcome.NOT_FOUND, Outcome.REMOVED],
            True,
            Source.SERVER,
        ),
        (Answer(succeeded=(A, B)), None, {}, [Outcome.REMOVED] * 2, True, Source.ASSUMED),
        (Answer(succeeded=(A, B)), {A: ADDED}, {}, [Outcome.REMOVED, Outcome.NOT_FOUND], True, Source.LEDGER),
        (
            Answer(succeeded=(A, B), deleted=2),
            {},
            {DELETED_FACT: UNTRUE},
            [Outcome.NOT_FOUND] * 2,
            False,
            Source.LEDGER,
        ),
        (Answer(succeeded=(A,), failed=(B,), deleted=1), None, {}, [Outcome.REMOVED, UNCONFIRMED], True, Source.SERVER),
    ],
)
def test_an_answer_to_delete(
    answer: Answer,
    recorded: Optional[Dict[str, Outcome]],
    facts: Dict[str, str],
    outcomes: List[Outcome],
    changed: bool,
    source: Source,
) -> None:
    verdict = judge_delete(_batch(A, B, recorded=recorded), answer, facts)
    assert [result.outcome for result in verdict.results] == outcomes
    assert (verdict.evidence.changed, verdict.evidence.source) == (changed, source)


@pytest.mark.parametrize(
    ("answer", "recorded", "facts", "created", "probed"),
    [
        (Answer(succeeded=(A,), inserted=1), None, {}, False, True),
        (Answer(succeeded=(A,), inserted=1), None, {INSERTED_FACT: TRUE}, False, False),
        (Answer(succeeded=(A,), inserted=1), None, {}, True, False),
        (Answer(succeeded=(A,), inserted=0), None, {}, False, False),
        (Answer(succeeded=(A,)), None, {}, False, False),
        (Answer(succeeded=(A, B), inserted=2), {A: ADDED, B: ADDED}, {INSERTED_FACT: TRUE}, False, True),
        (Answer(succeeded=(A, B), inserted=2), {A: ADDED, B: ADDED}, {INSERTED_FACT: UNTRUE}, False, False),
        (Answer(succeeded=(A,), failed=(B,), inserted=1), None, {INSERTED_FACT: TRUE}, True, True),
        (Answer(succeeded=(A,), failed=(B,)), None, {PRESENT_LISTED_FACT: IN_ERROR}, True, False),
        (Answer(failed=(A, B), inserted=0), None, {}, False, False),
    ],
)
def test_an_answer_is_tested_only_where_something_is_open(
    answer: Answer, recorded: Optional[Dict[str, Outcome]], facts: Dict[str, str], created: bool, probed: bool
) -> None:
    assert (probe_after_update(_batch(A, B, recorded=recorded), answer, facts, created) is not None) is probed


def test_a_claim_of_removals_is_tested_once() -> None:
    claim = Answer(succeeded=(A,), deleted=1)
    assert probe_after_delete(_batch(A), claim, {}) is not None
    assert probe_after_delete(_batch(A), claim, {DELETED_FACT: TRUE}) is None
    assert probe_after_delete(_batch(A, recorded={}), claim, {DELETED_FACT: TRUE}) is not None


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (Answer(succeeded=(A,), inserted=0), {INSERTED_FACT: TRUE, PRESENT_LISTED_FACT: IN_SUCCES}),
        (Answer(failed=(A,), inserted=1), {INSERTED_FACT: UNTRUE, PRESENT_LISTED_FACT: IN_ERROR}),
        (Answer(), {PRESENT_LISTED_FACT: NOWHERE}),
    ],
)
def test_a_test_shows_how_the_account_answers(answer: Answer, facts: Dict[str, str]) -> None:
    assert learned(Probe(Number(A, A, A), INSERTED_FACT), answer) == facts


canonicals = st.lists(st.from_regex(r"\+?[0-9]{3,12}", fullmatch=True), unique=True, min_size=1, max_size=8)
facts_of_any = st.fixed_dictionaries(
    {},
    optional={
        INSERTED_FACT: st.sampled_from([TRUE, UNTRUE]),
        DELETED_FACT: st.sampled_from([TRUE, UNTRUE]),
        PRESENT_LISTED_FACT: st.sampled_from([IN_SUCCES, IN_ERROR, NOWHERE]),
    },
)


@given(canonicals, st.data(), facts_of_any)
def test_a_verdict_covers_its_batch_and_its_counts_agree_with_the_server(
    numbers: List[str], data: st.DataObject, facts: Dict[str, str]
) -> None:
    some = st.lists(st.sampled_from(numbers), unique=True).map(tuple)
    recorded = data.draw(st.none() | st.dictionaries(st.sampled_from(numbers), st.sampled_from(Outcome)))
    counter = data.draw(st.none() | st.integers(0, len(numbers)))
    answer = Answer(20, data.draw(some), data.draw(some), counter, counter)
    batch = _batch(*numbers, recorded=recorded)
    for judge, changed in ((judge_update, Outcome.ADDED), (judge_delete, Outcome.REMOVED)):
        verdict = judge(batch, answer, facts)
        assert [result.number.canonical for result in verdict.results] == numbers
        counts = count(verdict.results, {changed: verdict.surplus})
        assert all(number >= 0 for number in counts.values())
        assert sum(counts.values()) == len(numbers)
        if verdict.evidence.source is Source.SERVER and counter is not None:
            # Never more than the server says; less only where it names fewer than it counts.
            assert counts[changed.value] <= counter
            assert verdict.evidence.changed is (counter > 0)
