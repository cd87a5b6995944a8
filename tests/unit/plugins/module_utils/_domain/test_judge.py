# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer says of each number: where present numbers stand × what counters tell × what is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Answered, RefusedNumber
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, Call
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits, Place
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.judge import (
    Judged,
    Verdict,
    judge_create,
    judge_delete,
    judge_lost,
    judge_refused,
    judge_update,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    IN_GROUP,
    NOT_IN_GROUP,
    Before,
    Evidence,
    Outcome,
    Source,
    overall,
)

A, S, P = Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.PRESENT
R, N, B = Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT
U, X = Outcome.UNCONFIRMED, Outcome.REJECTED
SERVER, LEDGER, ASSUMED = Source.SERVER, Source.LEDGER, Source.ASSUMED
SUCCES, ERROR, NOWHERE = Place.SUCCES, Place.ERROR, Place.NOWHERE
NEW, HELD, BY_OTHERS = "9999900001", "9999900002", "9999900003"
THREE = [NEW, HELD, BY_OTHERS]
TRUTHFUL, FULL, ABSENT = "truthful", "full", "absent"

Ledger = Optional[Dict[str, Outcome]]


def _numbers(canonicals: Sequence[str]) -> Tuple[Number, ...]:
    return tuple(Number(c, c, "") for c in canonicals)


def _before(recorded: Ledger) -> Before:
    """What was known: None is a group that is not on record at all."""
    return Before() if recorded is None else Before(recorded, on_record=True)


def _listed(canonicals: Sequence[str]) -> Tuple[str, ...]:
    return tuple(f"+91{canonical}" for canonical in canonicals)


def _counter(counting: str, truth: int, most: int) -> Optional[int]:
    return {TRUTHFUL: truth, FULL: most, ABSENT: None}[counting]


def _habits(counting: str, place: Optional[Place] = None) -> Habits:
    """What tests have shown of an account that answers like this."""
    is_true = {TRUTHFUL: True, FULL: False, ABSENT: None}[counting]
    return Habits(counts_inserted=is_true, counts_deleted=is_true, present_listed=place)


def _update_answer(
    canonicals: Sequence[str],
    present: FrozenSet[str],
    place: Place,
    counting: str,
    refused: FrozenSet[str] = frozenset(),
) -> Answer:
    """The answer of a server that lists numbers already present at ``place``, and refused ones under error."""
    taken = [c for c in canonicals if c not in refused]
    new = [c for c in taken if c not in present]
    old = [c for c in taken if c in present]
    return Answer(
        succeeded=_listed(taken if place is SUCCES else new),
        failed=_listed([*(old if place is ERROR else []), *(c for c in canonicals if c in refused)]),
        inserted=_counter(counting, len(new), len(canonicals)),
    )


NOTHING_RECORDED, UNKNOWN = Before(), Habits()


def _updated(
    canonicals: Sequence[str], answer: Answer, before: Before = NOTHING_RECORDED, habits: Habits = UNKNOWN
) -> Verdict:
    return judge_update(Answered(Call.UPDATE, _numbers(canonicals), answer), before, habits)


def _deleted(
    canonicals: Sequence[str],
    answer: Answer,
    before: Before = NOTHING_RECORDED,
    habits: Habits = UNKNOWN,
    shared: FrozenSet[str] = frozenset(),
) -> Verdict:
    return judge_delete(Answered(Call.DELETE, _numbers(canonicals), answer), before, habits, shared)


def _outcomes(verdict: Verdict) -> List[Outcome]:
    return [judged.outcome for _number, judged in verdict.numbers]


def _sum(verdict: Verdict) -> Evidence:
    return overall(verdict.evidence, LEDGER)


# One number is new, one is in the group and recorded so, one was put there by others. "on_record": the ledger holds the
# group; without it nothing is recorded at all.
@pytest.mark.parametrize(
    ("place", "counting", "on_record", "outcomes", "source"),
    [
        (SUCCES, TRUTHFUL, True, [P, P, P], SERVER),  # one of three, two of which are not on record
        (SUCCES, FULL, True, [A, S, A], LEDGER),
        (SUCCES, ABSENT, True, [A, S, A], LEDGER),
        (ERROR, TRUTHFUL, True, [A, S, U], SERVER),
        (ERROR, FULL, True, [A, S, U], SERVER),
        (ERROR, ABSENT, True, [A, S, U], SERVER),
        (NOWHERE, TRUTHFUL, True, [A, S, U], SERVER),
        (NOWHERE, FULL, True, [A, S, U], SERVER),
        (NOWHERE, ABSENT, True, [A, S, U], SERVER),
        (SUCCES, TRUTHFUL, False, [P, P, P], SERVER),
        (SUCCES, FULL, False, [P, P, P], ASSUMED),
        (SUCCES, ABSENT, False, [P, P, P], ASSUMED),
        (ERROR, TRUTHFUL, False, [A, U, U], SERVER),
        (ERROR, FULL, False, [A, U, U], SERVER),
        (ERROR, ABSENT, False, [A, U, U], SERVER),
        (NOWHERE, TRUTHFUL, False, [A, U, U], SERVER),
        (NOWHERE, FULL, False, [A, U, U], SERVER),
        (NOWHERE, ABSENT, False, [A, U, U], SERVER),
    ],
)
def test_an_update_is_judged_by_what_is_known_of_the_account(
    place: Place, counting: str, on_record: bool, outcomes: List[Outcome], source: Source
) -> None:
    answer = _update_answer(THREE, frozenset({HELD, BY_OTHERS}), place, counting)
    verdict = _updated(THREE, answer, _before({HELD: A} if on_record else None), _habits(counting, place))
    assert _outcomes(verdict) == outcomes
    assert _sum(verdict) == Evidence(True, source)


@pytest.mark.parametrize("place", list(Place))
@pytest.mark.parametrize(("counting", "source"), [(TRUTHFUL, SERVER), (FULL, LEDGER), (ABSENT, LEDGER)])
@pytest.mark.parametrize("outcome", [A, S, P])
def test_an_update_that_repeats_what_is_recorded_changes_nothing(
    place: Place, counting: str, source: Source, outcome: Outcome
) -> None:
    numbers = [NEW, HELD]
    answer = _update_answer(numbers, frozenset(numbers), place, counting)
    verdict = _updated(numbers, answer, _before(dict.fromkeys(numbers, outcome)), _habits(counting, place))
    assert _outcomes(verdict) == [S, S]
    assert _sum(verdict) == Evidence(False, source)


@pytest.mark.parametrize("place", list(Place))
@pytest.mark.parametrize("counting", [TRUTHFUL, FULL, ABSENT])
def test_an_update_of_new_numbers_adds_them(place: Place, counting: str) -> None:
    answer = _update_answer([NEW, HELD], frozenset(), place, counting)
    verdict = _updated([NEW, HELD], answer, _before({}), _habits(counting, place))
    assert _outcomes(verdict) == [A, A]
    # Where present numbers stand elsewhere, the listing itself tells that these are new (A13).
    source = LEDGER if place is SUCCES and counting != TRUTHFUL else SERVER
    assert _sum(verdict) == Evidence(True, source)


@pytest.mark.parametrize("place", [ERROR, NOWHERE])
def test_a13_a_named_number_is_new_where_present_ones_stand_elsewhere_even_if_the_ledger_holds_it(place: Place) -> None:
    verdict = _updated([HELD], Answer(succeeded=_listed([HELD])), _before({HELD: A}), Habits(present_listed=place))
    assert _outcomes(verdict) == [A]
    assert _sum(verdict) == Evidence(True, SERVER)


def test_a10_where_the_server_does_not_say_which_nothing_more_is_said_of_any() -> None:
    numbers = [f"99999{n:05d}" for n in range(100)]
    verdict = _updated(
        numbers,
        Answer(succeeded=_listed(numbers), inserted=1),
        _before(dict.fromkeys(numbers, A)),
        _habits(TRUTHFUL, SUCCES),
    )
    assert set(_outcomes(verdict)) == {P}
    assert all("counted 1 of 100 numbers as new" in judged.reason for _number, judged in verdict.numbers)
    assert _sum(verdict) == Evidence(True, SERVER)


def test_as_many_as_were_not_held_are_divided_by_the_ledger() -> None:
    answer = Answer(succeeded=_listed(THREE), inserted=2)
    verdict = _updated(THREE, answer, _before({HELD: A}), _habits(TRUTHFUL, SUCCES))
    assert _outcomes(verdict) == [A, S, A]
    assert verdict.evidence == (Evidence(True, SERVER),)


def test_what_is_held_and_not_named_is_not_among_the_counted() -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=1)
    verdict = _updated(THREE, answer, _before({HELD: A, BY_OTHERS: A}), _habits(TRUTHFUL, SUCCES))
    assert _outcomes(verdict) == [A, S, U]


@pytest.mark.parametrize("place", [ERROR, NOWHERE])
def test_a_count_that_goes_against_the_listing_leaves_it_open(place: Place) -> None:
    answer = Answer(succeeded=_listed(THREE), inserted=2)
    verdict = _updated(THREE, answer, _before({HELD: A}), _habits(TRUTHFUL, place))
    assert _outcomes(verdict) == [P, P, P]


@pytest.mark.parametrize(
    ("counted", "is_true", "outcomes", "evidence"),
    [
        (2, None, [P, P], Evidence(True, ASSUMED)),  # never tested
        (1, None, [P, P], Evidence(True, ASSUMED)),
        (0, None, [S, S], Evidence(False, SERVER)),
        (9, None, [P, P], Evidence(True, ASSUMED)),  # cannot be
        (9, True, [P, P], Evidence(True, ASSUMED)),
        (2, True, [A, A], Evidence(True, SERVER)),
        (1, True, [P, P], Evidence(True, SERVER)),
        (0, True, [S, S], Evidence(False, SERVER)),
        (2, False, [P, P], Evidence(True, ASSUMED)),
        (0, False, [P, P], Evidence(True, ASSUMED)),
        (None, True, [P, P], Evidence(True, ASSUMED)),
    ],
)
def test_a_counter_is_believed_when_it_was_tested_or_claims_nothing(
    counted: Optional[int], is_true: Optional[bool], outcomes: List[Outcome], evidence: Evidence
) -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=counted)
    verdict = _updated([NEW, HELD], answer, Before(), Habits(counts_inserted=is_true))
    assert _outcomes(verdict) == outcomes
    assert _sum(verdict) == evidence


def test_a_counter_that_claims_nothing_untested_against_the_record_leaves_it_open() -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=0)
    verdict = _updated([NEW, HELD], answer, _before({HELD: A}), Habits())
    assert _outcomes(verdict) == [P, S]
    assert _sum(verdict) == Evidence(True, ASSUMED)
    believed = _updated([NEW, HELD], answer, _before({HELD: A}), Habits(counts_inserted=True))
    assert _outcomes(believed) == [S, S]


def test_a_counter_that_claims_nothing_untested_and_agrees_with_the_record_is_believed() -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=0)
    verdict = _updated([NEW, HELD], answer, _before({HELD: A, NEW: A, BY_OTHERS: R}), Habits())
    assert _outcomes(verdict) == [S, S]
    assert _sum(verdict) == Evidence(False, SERVER)
    one_unnamed = replace(answer, succeeded=_listed([NEW]))
    verdict = _updated([NEW, HELD], one_unnamed, _before({HELD: A, NEW: A}), Habits(present_listed=SUCCES))
    assert _outcomes(verdict) == [S, U]
    assert _sum(verdict) == Evidence(False, SERVER)


def test_a_count_of_more_than_are_named_leaves_open_which_they_are() -> None:
    answer = Answer(succeeded=_listed([NEW]), inserted=2)
    verdict = _updated(THREE, answer, Before(), Habits(counts_inserted=True))
    assert _outcomes(verdict) == [P, U, U]
    assert _sum(verdict) == Evidence(True, SERVER)


def test_the_habits_of_one_counter_say_nothing_of_the_other() -> None:
    answer = Answer(succeeded=_listed([NEW]), inserted=1)
    assert _outcomes(_updated([NEW], answer, Before(), Habits(counts_deleted=True))) == [P]


def test_a_full_true_count_outweighs_lists_that_name_nobody() -> None:
    verdict = _updated([NEW, HELD], Answer(inserted=2), Before(), Habits(counts_inserted=True))
    assert _outcomes(verdict) == [A, A]


def test_a11_a_number_that_is_listed_as_failed_is_never_in_the_group_whatever_a_counter_says() -> None:
    answer = Answer(succeeded=_listed([NEW]), failed=_listed([HELD]), inserted=2)
    for before in (Before(), Before(new_group=True), _before({})):
        for place in (None, *Place):
            verdict = _updated([NEW, HELD], answer, before, _habits(TRUTHFUL, place))
            assert _outcomes(verdict)[1] in (U, X)


@pytest.mark.parametrize(
    ("place", "held", "failed", "expected", "evidence"),
    [
        (None, False, False, U, Evidence(True, ASSUMED)),
        (None, True, False, S, Evidence(False, LEDGER)),
        (SUCCES, False, False, U, Evidence(True, ASSUMED)),
        (SUCCES, True, False, U, Evidence(False, LEDGER)),
        (ERROR, False, False, U, Evidence(True, ASSUMED)),
        (ERROR, True, False, U, Evidence(False, LEDGER)),
        (NOWHERE, False, False, U, Evidence(True, ASSUMED)),  # it may not have been taken at all
        (NOWHERE, True, False, S, Evidence(False, LEDGER)),
        (None, False, True, U, Evidence(True, ASSUMED)),
        (None, True, True, U, Evidence(False, LEDGER)),
        (SUCCES, False, True, X, Evidence(False, SERVER)),
        (SUCCES, True, True, X, Evidence(False, SERVER)),
        (ERROR, False, True, U, Evidence(True, ASSUMED)),
        (ERROR, True, True, S, Evidence(False, LEDGER)),
        (NOWHERE, False, True, X, Evidence(False, SERVER)),
        (NOWHERE, True, True, X, Evidence(False, SERVER)),
    ],
)
def test_a_number_that_is_not_named_is_judged_by_the_table(
    place: Optional[Place], held: bool, failed: bool, expected: Outcome, evidence: Evidence
) -> None:
    answer = Answer(failed=_listed([NEW] if failed else []))
    verdict = _updated([NEW], answer, _before({NEW: A} if held else {}), Habits(present_listed=place))
    assert _outcomes(verdict) == [expected]
    assert _sum(verdict) == evidence
    assert verdict.numbers[0][1].reason


def test_a18_that_a_number_is_unconfirmed_is_a_change_once_and_assumed() -> None:
    answer = Answer(failed=_listed([NEW]))
    assert _sum(_updated([NEW], answer, _before({NEW: N}))) == Evidence(True, ASSUMED)
    assert _sum(_updated([NEW], answer, _before({NEW: U}))) == Evidence(False, LEDGER)
    repeated = Answer(failed=_listed([NEW]), repeated=True)
    assert _sum(_updated([NEW], repeated, _before({NEW: U}))) == Evidence(True, ASSUMED)


@pytest.mark.parametrize("place", [None, *Place])
@pytest.mark.parametrize("counted", [None, 0, 1, 2])
def test_whatever_is_named_in_a_group_that_this_run_has_made_was_added_by_it(
    place: Optional[Place], counted: Optional[int]
) -> None:
    answer = Answer(succeeded=_listed([NEW]), inserted=counted)
    verdict = _updated([NEW, HELD], answer, Before(new_group=True), Habits(present_listed=place))
    assert _outcomes(verdict) == [A, U]


@pytest.mark.parametrize("answer", [Answer(inserted=1), Answer(inserted=0, new=1)])
def test_what_is_new_to_the_account_was_added_whichever_counter_tells(answer: Answer) -> None:
    answer = Answer(succeeded=_listed([NEW]), inserted=answer.inserted, new=answer.new)
    assert _outcomes(_updated([NEW], answer, _before({}), Habits(counts_inserted=True))) == [A]


def test_rows_whose_expiry_has_changed_are_not_counted_as_new_numbers() -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=2)
    before = Before({NEW: A, HELD: A}, on_record=True, renews=True)
    verdict = _updated([NEW, HELD], answer, before, _habits(TRUTHFUL, SUCCES))
    assert _outcomes(verdict) == [S, S]
    some = Before({HELD: A}, on_record=True, renews=True)
    one = Answer(succeeded=_listed([NEW, HELD]), inserted=1)
    told = _updated([NEW, HELD], one, some, _habits(TRUTHFUL, SUCCES))
    assert _outcomes(told) == [A, S]
    assert _sum(told) == Evidence(True, SERVER)  # no more than can be new, so it counts numbers


def test_a_count_is_not_divided_where_the_record_leaves_a_number_open() -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=1)
    verdict = _updated([NEW, HELD], answer, _before({HELD: A, NEW: U}), _habits(TRUTHFUL, SUCCES))
    assert _outcomes(verdict) == [P, P]
    gone = _deleted(THREE, Answer(deleted=1), _before({HELD: A, NEW: U}), _habits(TRUTHFUL))
    assert _outcomes(gone) == [B, B, B]


# In a group whose expiry has passed, and is not set anew. None is on record, but for HELD.
@pytest.mark.parametrize(
    ("counted", "place", "recorded", "outcomes", "evidence"),
    [
        (2, SUCCES, {}, [U, U], Evidence(True, ASSUMED)),
        (1, SUCCES, {}, [U, U], Evidence(True, ASSUMED)),
        (0, SUCCES, {}, [S, S], Evidence(False, SERVER)),
        (None, SUCCES, {}, [U, U], Evidence(True, ASSUMED)),
        (None, SUCCES, {HELD: A}, [U, S], Evidence(True, ASSUMED)),
        (None, SUCCES, {HELD: U, NEW: U}, [U, U], Evidence(False, LEDGER)),  # as they were
        (2, SUCCES, {HELD: U, NEW: U}, [U, U], Evidence(True, ASSUMED)),
        (None, ERROR, {}, [U, U], Evidence(True, ASSUMED)),
    ],
)
def test_what_is_added_to_a_group_that_has_ended_may_not_stay(
    counted: Optional[int], place: Place, recorded: Dict[str, Outcome], outcomes: List[Outcome], evidence: Evidence
) -> None:
    answer = Answer(succeeded=_listed([NEW, HELD]), inserted=counted)
    before = Before(recorded, on_record=True, ended=True)
    verdict = _updated([NEW, HELD], answer, before, replace(_habits(ABSENT, place), counts_inserted=True))
    assert _outcomes(verdict) == outcomes
    assert _sum(verdict) == evidence
    assert all(judged.may_be_ours == (judged.outcome is U) for _number, judged in verdict.numbers)


# -- repeated requests -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [None, *Place])
@pytest.mark.parametrize("counted", [None, 0])
@pytest.mark.parametrize("is_true", [None, True, False])
def test_a5_an_answer_to_a_repeated_update_is_no_evidence_that_nothing_changed(
    place: Optional[Place], counted: Optional[int], is_true: Optional[bool]
) -> None:
    habits = Habits(counts_inserted=is_true, present_listed=place)
    answer = Answer(succeeded=_listed([NEW]), inserted=counted, repeated=True)
    assert _outcomes(_updated([NEW], answer, Before(), habits)) == [P]
    assert _sum(_updated([NEW], answer, Before(), habits)) == Evidence(True, ASSUMED)
    assert _outcomes(_updated([NEW], answer, _before({}), habits)) == [A]
    assert _sum(_updated([NEW], answer, _before({}), habits)) == Evidence(True, LEDGER)
    assert _outcomes(_updated([NEW], answer, _before({NEW: A}), habits)) == [S]
    assert _sum(_updated([NEW], answer, _before({NEW: A}), habits)) == Evidence(False, LEDGER)
    assert _outcomes(_updated([NEW], answer, Before(new_group=True), habits)) == [A]


def test_what_a_repeated_update_has_added_is_evidence_of_a_change() -> None:
    habits = _habits(TRUTHFUL, SUCCES)
    everything = Answer(succeeded=_listed([NEW, HELD]), inserted=2, repeated=True)
    assert _outcomes(_updated([NEW, HELD], everything, _before({NEW: A, HELD: A}), habits)) == [A, A]
    some = Answer(succeeded=_listed([NEW, HELD]), inserted=1, repeated=True)
    # More than can be new by the ledger: it is wrong about some, and nobody knows about which.
    assert _outcomes(_updated([NEW, HELD], some, _before({NEW: A, HELD: A}), habits)) == [P, P]
    assert _sum(_updated([NEW, HELD], some, _before({NEW: A, HELD: A}), habits)) == Evidence(True, SERVER)
    assert _outcomes(_updated([NEW, HELD], some, _before({HELD: A}), habits)) == [A, S]


@pytest.mark.parametrize(
    ("recorded", "outcome", "evidence"),
    [
        (None, U, Evidence(True, ASSUMED)),
        ({}, U, Evidence(True, ASSUMED)),
        ({NEW: S}, S, Evidence(False, LEDGER)),
    ],
)
def test_a_repeated_update_that_does_not_list_what_is_present(
    recorded: Ledger, outcome: Outcome, evidence: Evidence
) -> None:
    answer = Answer(inserted=0, repeated=True)
    verdict = _updated([NEW], answer, _before(recorded), _habits(TRUTHFUL, NOWHERE))
    assert _outcomes(verdict) == [outcome]
    assert _sum(verdict) == evidence


def test_a_number_that_is_refused_on_a_repeat_may_have_been_added_by_the_first_try() -> None:
    answer = Answer(failed=_listed([NEW]), repeated=True)
    verdict = _updated([NEW], answer, _before({}), Habits(present_listed=SUCCES))
    assert _outcomes(verdict) == [X]
    assert _sum(verdict) == Evidence(True, ASSUMED)


@pytest.mark.parametrize("counted", [None, 0])
@pytest.mark.parametrize("is_true", [None, True, False])
@pytest.mark.parametrize(
    ("recorded", "outcome", "evidence"),
    [
        (None, B, Evidence(True, ASSUMED)),
        ({}, B, Evidence(True, ASSUMED)),  # nothing is recorded of the number itself
        ({HELD: U}, B, Evidence(True, ASSUMED)),
        ({HELD: A}, R, Evidence(True, LEDGER)),
        ({HELD: N}, N, Evidence(False, LEDGER)),
        ({HELD: R}, N, Evidence(False, LEDGER)),
    ],
)
def test_a6_an_answer_to_a_repeated_delete_is_no_evidence_that_nothing_changed(
    recorded: Ledger, outcome: Outcome, evidence: Evidence, counted: Optional[int], is_true: Optional[bool]
) -> None:
    answer = Answer(succeeded=_listed([HELD]), deleted=counted, repeated=True)
    verdict = _deleted([HELD], answer, _before(recorded), Habits(counts_deleted=is_true))
    assert _outcomes(verdict) == [outcome]
    assert _sum(verdict) == evidence


def test_what_a_repeated_delete_has_removed_is_evidence_of_a_change() -> None:
    habits = _habits(TRUTHFUL)
    all_on_record = _deleted([HELD], Answer(deleted=1, repeated=True), _before({HELD: A}), habits)
    assert [judged for _number, judged in all_on_record.numbers] == [Judged(R, "", Evidence(True, SERVER))]
    everything = Answer(deleted=2, repeated=True)
    assert _outcomes(_deleted([NEW, HELD], everything, Before(), habits)) == [R, R]
    assert _outcomes(_deleted([NEW, HELD], everything, _before({NEW: N, HELD: N}), habits)) == [B, B]
    some = Answer(deleted=1, repeated=True)
    assert _outcomes(_deleted([NEW, HELD], some, _before({NEW: N, HELD: A}), habits)) == [B, R]
    assert _outcomes(_deleted([NEW, HELD], some, _before({NEW: N, HELD: N}), habits)) == [B, B]
    assert _sum(_deleted([NEW, HELD], some, _before({NEW: N, HELD: N}), habits)) == Evidence(True, SERVER)


# -- delete ------------------------------------------------------------------------------------------------------------


# One number is in the group and recorded so, one is not in it. The list of a delete echoes the request.
@pytest.mark.parametrize(
    ("counting", "on_record", "outcomes", "source"),
    [
        (TRUTHFUL, True, [R, N], SERVER),
        (FULL, True, [R, N], LEDGER),
        (ABSENT, True, [R, N], LEDGER),
        (TRUTHFUL, False, [B, B], SERVER),
        (FULL, False, [B, B], ASSUMED),
        (ABSENT, False, [B, B], ASSUMED),
    ],
)
def test_a_delete_is_judged_by_its_counter_then_by_what_is_recorded(
    counting: str, on_record: bool, outcomes: List[Outcome], source: Source
) -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=_counter(counting, 1, 2))
    verdict = _deleted([HELD, NEW], answer, _before({HELD: A} if on_record else None), _habits(counting))
    assert _outcomes(verdict) == outcomes
    assert _sum(verdict) == Evidence(True, source)


@pytest.mark.parametrize("is_true", [None, True])
def test_a_delete_that_found_nothing_removed_nothing_even_where_nothing_is_recorded(is_true: Optional[bool]) -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=0)
    verdict = _deleted([HELD, NEW], answer, Before(), Habits(counts_deleted=is_true))
    assert _outcomes(verdict) == [N, N]
    assert _sum(verdict) == Evidence(False, SERVER)


def test_a_delete_counter_that_claims_nothing_untested_against_the_record_leaves_it_open() -> None:
    answer = Answer(deleted=0)
    verdict = _deleted([HELD, NEW], answer, _before({HELD: A}), Habits())
    assert _outcomes(verdict) == [B, N]
    assert _sum(verdict) == Evidence(True, ASSUMED)
    assert _outcomes(_deleted([HELD, NEW], answer, _before({HELD: A}), _habits(TRUTHFUL))) == [N, N]


def test_a_delete_counter_that_claims_nothing_untested_and_agrees_with_the_record_is_believed() -> None:
    verdict = _deleted([NEW, HELD], Answer(deleted=0), _before({NEW: R, BY_OTHERS: A}), Habits())
    assert _outcomes(verdict) == [N, N]
    assert _sum(verdict) == Evidence(False, SERVER)


def test_a_number_that_is_on_record_as_gone_is_so_although_its_group_was_never_seen() -> None:
    verdict = _deleted([NEW, HELD], Answer(deleted=2), Before({NEW: B}), _habits(FULL))
    assert _outcomes(verdict) == [N, B]


@pytest.mark.parametrize("recorded", [None, {HELD: A, NEW: S}])
def test_a_delete_that_removed_all_did_so(recorded: Ledger) -> None:
    verdict = _deleted([HELD, NEW], Answer(deleted=2), _before(recorded), _habits(TRUTHFUL))
    assert _outcomes(verdict) == [R, R]


@pytest.mark.parametrize("recorded", [{}, {HELD: A}, {HELD: A, NEW: U}])
def test_a_delete_that_removed_more_than_is_on_record_may_have_done_so_elsewhere(recorded: Ledger) -> None:
    verdict = _deleted([HELD, NEW], Answer(deleted=2), _before(recorded), _habits(TRUTHFUL))
    assert _outcomes(verdict) == [B, B]
    assert _sum(verdict) == Evidence(True, SERVER)
    assert "the server counted more rows than are on record, 2: it may" in verdict.numbers[0][1].reason


def test_where_a_delete_does_not_say_which_nothing_more_is_said_of_any() -> None:
    verdict = _deleted(THREE, Answer(deleted=1), _before({HELD: A, NEW: A}), _habits(TRUTHFUL))
    assert _outcomes(verdict) == [B, B, B]
    assert "counted 1 of 3 numbers as removed" in verdict.numbers[0][1].reason


def test_a_delete_that_finds_nothing_untested_leaves_open_what_the_record_leaves_open() -> None:
    verdict = _deleted([HELD], Answer(deleted=0), _before({HELD: U}), Habits())
    assert (_outcomes(verdict), _sum(verdict)) == ([B], Evidence(True, ASSUMED))


@pytest.mark.parametrize(("counting", "source"), [(TRUTHFUL, SERVER), (FULL, LEDGER), (ABSENT, LEDGER)])
def test_a_delete_of_what_is_recorded_as_gone_changes_nothing(counting: str, source: Source) -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=_counter(counting, 0, 2))
    verdict = _deleted([HELD, NEW], answer, _before({HELD: R, NEW: N}), _habits(counting))
    assert _outcomes(verdict) == [N, N]
    assert _sum(verdict) == Evidence(False, source)


def test_a_number_that_a_delete_lists_under_error_is_unconfirmed() -> None:
    answer = Answer(succeeded=_listed([HELD]), failed=_listed([NEW]), deleted=1)
    verdict = _deleted([HELD, NEW], answer, _before({HELD: A, NEW: A}), _habits(TRUTHFUL))
    assert _outcomes(verdict) == [R, U]
    nothing = Answer(failed=_listed([NEW]), deleted=None)
    assert _sum(_deleted([NEW], nothing, _before({NEW: A}))) == Evidence(True, ASSUMED)
    assert _sum(_deleted([NEW], nothing, _before({NEW: U}))) == Evidence(False, LEDGER)


@pytest.mark.parametrize("outcome", [R, N, B])
def test_a_number_that_is_recorded_as_gone_and_stands_under_error_is_not_there(outcome: Outcome) -> None:
    verdict = _deleted([NEW], Answer(failed=_listed([NEW])), _before({NEW: outcome}))
    assert (_outcomes(verdict), _sum(verdict)) == ([N], Evidence(False, LEDGER))
    repeated = _deleted([NEW], Answer(failed=_listed([NEW]), repeated=True), _before({NEW: outcome}))
    assert (_outcomes(repeated), _sum(repeated)) == ([U], Evidence(True, ASSUMED))


def test_rows_of_several_groups_are_not_counted_as_numbers() -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=2)
    verdict = _deleted([HELD, NEW], answer, _before({HELD: A}), _habits(TRUTHFUL), shared=frozenset({HELD}))
    assert _outcomes(verdict) == [R, N]
    assert _sum(verdict) == Evidence(True, SERVER)
    nothing = _deleted([HELD, NEW], Answer(deleted=0), _before({HELD: A}), _habits(TRUTHFUL), shared=frozenset({HELD}))
    assert _outcomes(nothing) == [N, N]


def test_a_number_of_another_group_that_is_not_found_by_the_record_may_be_gone_from_that_group() -> None:
    echoed = Answer(succeeded=_listed([HELD, NEW]))
    for shared, evidence in ((NEW, Evidence(True, ASSUMED)), (HELD, Evidence(True, LEDGER))):
        verdict = _deleted([HELD, NEW], echoed, _before({HELD: A}), shared=frozenset({shared}))
        assert _outcomes(verdict) == [R, N]
        assert evidence in verdict.evidence
    alone = _deleted([NEW], Answer(deleted=1), _before({}), _habits(FULL), shared=frozenset({NEW}))
    assert (_outcomes(alone), _sum(alone)) == ([N], Evidence(True, ASSUMED))
    certain = _deleted([NEW], Answer(deleted=0), _before({}), _habits(TRUTHFUL), shared=frozenset({NEW}))
    assert (_outcomes(certain), _sum(certain)) == ([N], Evidence(False, SERVER))


# -- create, and what was not answered ---------------------------------------------------------------------------------


def test_a_created_group_holds_what_the_answer_names() -> None:
    answer = Answer(20, succeeded=_listed([NEW]), failed=_listed([HELD]))
    verdict = judge_create(Answered(Call.CREATE, _numbers(THREE), answer), Before(new_group=True))
    assert _outcomes(verdict) == [A, U, U]
    assert verdict.evidence == (Evidence(True, SERVER),)


def test_where_there_may_have_been_such_a_group_a_created_one_is_not_certain() -> None:
    answer = Answer(20, succeeded=_listed([NEW]), failed=_listed([HELD]))
    verdict = judge_create(Answered(Call.CREATE, _numbers(THREE), answer), Before())
    assert _outcomes(verdict) == [P, U, U]
    assert verdict.evidence == (Evidence(True, ASSUMED),)


def test_from_lists_that_are_not_there_nobody_is_missing() -> None:
    """A bare success is not read as an answer that lists numbers already present nowhere."""
    known = Habits(counts_inserted=True, present_listed=NOWHERE)
    bare = _updated([HELD, NEW], Answer(lists=False), _before({HELD: A}), known)
    assert _outcomes(bare) == [S, U]
    failed = Answer(failed=_listed([NEW]), inserted=0)
    assert _outcomes(_updated([NEW], failed, _before({}), known)) == [X]
    for odd in (replace(failed, lists=False), replace(failed, inserted=None), replace(failed, succeeded=("5550100",))):
        assert _outcomes(_updated([NEW], odd, _before({}), known)) == [U]


def test_a_number_that_another_group_was_given_since_stands_where_present_ones_do_if_it_has_stayed() -> None:
    before = replace(_before({HELD: U}), contested=frozenset({HELD}))
    for place, answer, stays in (
        (ERROR, Answer(failed=_listed([HELD])), True),
        (NOWHERE, Answer(), True),
        (ERROR, Answer(), False),
        (NOWHERE, Answer(lists=False), False),
        (SUCCES, Answer(), False),
        (None, Answer(failed=_listed([HELD])), False),
    ):
        verdict = _updated([HELD], answer, before, Habits(present_listed=place))
        assert _outcomes(verdict) == [S if stays else U]
        assert _sum(verdict) == (Evidence(False, LEDGER) if answer.lists else Evidence(True, ASSUMED))
    for counted, outcome, evidence in ((0, S, Evidence(False, SERVER)), (1, P, Evidence(True, ASSUMED))):
        untested = _updated([HELD], Answer(succeeded=_listed([HELD]), inserted=counted), before)
        assert (_outcomes(untested), _sum(untested)) == ([outcome], evidence)
    moved = _updated([HELD], Answer(succeeded=_listed([HELD])), before, Habits(present_listed=ERROR))
    assert (_outcomes(moved), _sum(moved)) == ([A], Evidence(True, SERVER))


def test_a_count_of_more_than_is_named_tells_of_numbers_that_are_not_named() -> None:
    """Which of them it counts nobody can know, so that none has stayed as it was for certain."""
    held, both = _before({HELD: A, NEW: A}), [HELD, NEW]
    counted = _updated(both, Answer(inserted=1, lists=False), held, Habits(counts_inserted=True))
    assert (_outcomes(counted), _sum(counted)) == ([P, P], Evidence(True, SERVER))
    assert counted.numbers[0][1].reason == "the server counted 1 of 2 numbers as new and does not say which"
    untested = _updated(both, Answer(inserted=1, lists=False), held)
    assert (_outcomes(untested), _sum(untested)) == ([S, S], Evidence(False, LEDGER))
    explained = Answer(succeeded=_listed([NEW]), inserted=1)
    of_new_ones = _updated(both, explained, _before({HELD: A}), Habits(counts_inserted=True, present_listed=NOWHERE))
    assert _outcomes(of_new_ones) == [S, A]


def test_a_count_of_more_than_is_named_as_removed_is_news_of_a_number_that_was_open() -> None:
    open_before, failed = _before({NEW: U}), Answer(failed=_listed([NEW]), deleted=1)
    judged = _deleted([NEW], failed, open_before)
    assert (_outcomes(judged), _sum(judged)) == ([U], Evidence(True, ASSUMED))
    assert _sum(_deleted([NEW], replace(failed, deleted=None), open_before)) == Evidence(False, LEDGER)
    assert _sum(_deleted([NEW], failed, open_before, Habits(counts_deleted=False))) == Evidence(False, LEDGER)


def test_what_was_lost_is_unconfirmed_and_a_change_is_assumed() -> None:
    lost = judge_lost("sent")
    assert (lost.outcome, lost.reason, lost.evidence) == (U, "sent", Evidence(True, ASSUMED))
    assert lost.may_be_ours


@pytest.mark.parametrize(
    ("answer", "new_group", "maybe"),
    [
        (Answer(lists=False), False, True),
        (Answer(inserted=1, lists=False), False, True),
        (Answer(inserted=1), False, False),  # lists name what was added
        (Answer(inserted=0), False, False),
        (Answer(inserted=0), True, True),  # create may have put it there
        (Answer(inserted=0, lists=False), False, False),
        (Answer(succeeded=_listed([HELD]), repeated=True), False, True),  # by the first try, perhaps
        (Answer(failed=_listed([NEW]), repeated=True), False, True),
        (Answer(failed=_listed([NEW])), False, False),
        (Answer(failed=_listed([NEW])), True, False),
    ],
)
def test_an_unconfirmed_number_may_be_ours_unless_the_server_says_that_it_added_none(
    answer: Answer, new_group: bool, maybe: bool
) -> None:
    verdict = _updated([NEW, HELD], answer, Before(new_group=new_group), Habits(counts_inserted=True))
    (_number, judged), _other = verdict.numbers
    assert (judged.outcome, judged.may_be_ours) == (U, maybe)


@pytest.mark.parametrize(("doubt", "evidence"), [(False, Evidence(False, SERVER)), (True, Evidence(True, ASSUMED))])
def test_a_refused_number_is_no_change_unless_an_earlier_try_may_have_landed(doubt: bool, evidence: Evidence) -> None:
    judged = judge_refused(RefusedNumber(_numbers([NEW])[0], "invalid format", doubt))
    assert (judged.outcome, judged.reason, judged.evidence) == (X, "refused by the server: invalid format", evidence)


# -- whatever the server holds -----------------------------------------------------------------------------------------

EIGHT = [f"99999{n:05d}" for n in range(8)]
subsets = st.frozensets(st.sampled_from(EIGHT))
batches = st.lists(st.sampled_from(EIGHT), min_size=1, unique=True)
recordable = st.sampled_from([A, S, P, R, N, B, U, X])
ledgers = st.none() | st.dictionaries(st.sampled_from(EIGHT), recordable)
places = st.sampled_from(Place)
countings = st.sampled_from([TRUTHFUL, FULL, ABSENT])


def _of(recorded: Ledger, canonicals: List[str]) -> Ledger:
    return None if recorded is None else {c: outcome for c, outcome in recorded.items() if c in canonicals}


@settings(deadline=None, max_examples=500)
@given(batches, subsets, subsets, places, countings, ledgers, st.booleans(), st.booleans())
def test_no_number_is_told_as_in_the_group_that_is_not_unless_the_ledger_is_wrong(
    canonicals: List[str],
    present: FrozenSet[str],
    refused: FrozenSet[str],
    place: Place,
    counting: str,
    recorded: Ledger,
    repeated: bool,
    habits_are_known: bool,
) -> None:
    """The first try of a repeated request has landed here, so that its answer finds everything present."""
    refused -= present
    after = present | (frozenset(canonicals) - refused)
    truth = after if repeated else present
    answer = _update_answer(canonicals, truth, place, counting, refused)
    answer = Answer(answer.group_id, answer.succeeded, answer.failed, answer.inserted, repeated=repeated)
    before = _before(_of(recorded, canonicals))
    habits = _habits(counting, place) if habits_are_known else Habits()
    verdict = _updated(canonicals, answer, before, habits)
    assert [number.canonical for number, _judged in verdict.numbers] == canonicals
    for number, judged in verdict.numbers:
        if judged.outcome in IN_GROUP and number.canonical not in after:
            assert number.canonical in before.held
        assert judged.outcome not in NOT_IN_GROUP
        if judged.outcome in (A, S, P) and number.canonical in refused:
            assert place is ERROR
            assert habits_are_known
    changed = bool(after - present)
    evidence = _sum(verdict)
    if evidence.source is SERVER and habits_are_known:
        assert evidence.changed == changed or repeated
        assert not (repeated and evidence.changed)
    if not evidence.changed and changed:
        # only a ledger that is wrong, or that holds what was put there by somebody else, makes this run miss a change
        assert before.held & (after - present)


@settings(deadline=None, max_examples=300)
@given(batches, subsets, countings, ledgers, st.booleans(), st.booleans())
def test_no_number_is_told_as_gone_that_is_not_and_no_change_is_missed_but_for_a_wrong_ledger(
    canonicals: List[str],
    present: FrozenSet[str],
    counting: str,
    recorded: Ledger,
    repeated: bool,
    habits_are_known: bool,
) -> None:
    there = present & set(canonicals)
    deleted = _counter(counting, 0 if repeated else len(there), len(canonicals))
    before = _before(_of(recorded, canonicals))
    answer = Answer(succeeded=_listed(canonicals), deleted=deleted, repeated=repeated)
    verdict = _deleted(canonicals, answer, before, _habits(counting) if habits_are_known else Habits())
    assert set(_outcomes(verdict)) <= NOT_IN_GROUP
    evidence = _sum(verdict)
    if evidence.source is SERVER and habits_are_known:
        assert evidence.changed == bool(there)
    if not evidence.changed and there:
        assert before.on_record
        assert there - before.held


@settings(deadline=None, max_examples=300)
@given(batches, subsets, places, ledgers)
def test_with_true_counters_rows_agree_with_the_count_or_leave_it_open(
    canonicals: List[str], present: FrozenSet[str], place: Place, recorded: Ledger
) -> None:
    answer = _update_answer(canonicals, present, place, TRUTHFUL)
    verdict = _updated(canonicals, answer, _before(_of(recorded, canonicals)), _habits(TRUTHFUL, place))
    outcomes = _outcomes(verdict)
    assert verdict.evidence == (Evidence(answer.inserted != 0, SERVER),)
    assert answer.inserted is not None
    assert outcomes.count(A) <= answer.inserted <= outcomes.count(A) + outcomes.count(P) + outcomes.count(U)
