# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer says of each number: where present numbers stand × what counters tell × what is recorded."""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Optional, Tuple

import pytest
from hypothesis import given, settings
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
    Verdict,
    judge_delete,
    judge_update,
    learned,
    listing,
    probe_after_delete,
    probe_after_update,
    trusted_count,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    Evidence,
    Outcome,
    Source,
    count,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import Answer, Facts

A, P, R, N = Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.REMOVED, Outcome.NOT_FOUND
U, X = Outcome.UNCONFIRMED, Outcome.REJECTED
SERVER, LEDGER, ASSUMED = Source.SERVER, Source.LEDGER, Source.ASSUMED
GROUP_ID = 20
NEW, HELD, BY_OTHERS = "9999900001", "9999900002", "9999900003"
TRUTHFUL, FULL, ABSENT = "truthful", "full", "absent"

Ledger = Optional[Dict[str, Outcome]]


def _batch(canonicals: List[str], recorded: Ledger = None, shared: bool = False) -> Batch:
    return Batch(tuple(Number(c, c, "") for c in canonicals), 3, recorded, shared=shared)


def _listed(canonicals: List[str]) -> Tuple[str, ...]:
    return tuple(f"+91{canonical}" for canonical in canonicals)


def _counter(counting: str, truth: int, most: int) -> Optional[int]:
    return {TRUTHFUL: truth, FULL: most, ABSENT: None}[counting]


def _known(fact: str, counting: str, place: Optional[str] = None) -> Facts:
    """What probes have shown of an account that answers like this."""
    facts = {} if counting == ABSENT else {fact: TRUE if counting == TRUTHFUL else UNTRUE}
    return facts if place is None else {**facts, PRESENT_LISTED_FACT: place}


def _update_answer(canonicals: List[str], present: FrozenSet[str], place: str, counting: str) -> Answer:
    """The answer of a server that lists numbers already present at ``place``."""
    new = [c for c in canonicals if c not in present]
    old = [c for c in canonicals if c in present]
    return Answer(
        succeeded=_listed(canonicals if place == IN_SUCCES else new),
        failed=_listed(old if place == IN_ERROR else []),
        inserted=_counter(counting, len(new), len(canonicals)),
    )


def _outcomes(verdict: Verdict) -> List[Outcome]:
    return [result.outcome for result in verdict.results]


# One number is new, one is in the group and recorded so, one was put there by others. "sure": the ledger holds the
# group; without it nothing is recorded at all.
@pytest.mark.parametrize(
    ("place", "counting", "sure", "outcomes", "surplus", "source"),
    [
        (IN_SUCCES, TRUTHFUL, True, [A, P, A], 1, SERVER),
        (IN_SUCCES, FULL, True, [A, P, A], 0, LEDGER),
        (IN_SUCCES, ABSENT, True, [A, P, A], 0, LEDGER),
        (IN_ERROR, TRUTHFUL, True, [A, P, U], 0, SERVER),
        (IN_ERROR, FULL, True, [A, P, U], 0, LEDGER),
        (IN_ERROR, ABSENT, True, [A, P, U], 0, LEDGER),
        (NOWHERE, TRUTHFUL, True, [A, P, P], 0, SERVER),
        (NOWHERE, FULL, True, [A, P, P], 0, LEDGER),
        (NOWHERE, ABSENT, True, [A, P, P], 0, LEDGER),
        (IN_SUCCES, TRUTHFUL, False, [A, A, A], 2, SERVER),
        (IN_SUCCES, FULL, False, [A, A, A], 0, ASSUMED),
        (IN_SUCCES, ABSENT, False, [A, A, A], 0, ASSUMED),
        (IN_ERROR, TRUTHFUL, False, [A, U, U], 0, SERVER),
        (IN_ERROR, FULL, False, [A, U, U], 0, ASSUMED),
        (IN_ERROR, ABSENT, False, [A, U, U], 0, ASSUMED),
        (NOWHERE, TRUTHFUL, False, [A, P, P], 0, SERVER),
        (NOWHERE, FULL, False, [A, P, P], 0, ASSUMED),
        (NOWHERE, ABSENT, False, [A, P, P], 0, ASSUMED),
    ],
)
def test_an_update_is_judged_by_what_is_known_of_the_account(
    place: str, counting: str, sure: bool, outcomes: List[Outcome], surplus: int, source: Source
) -> None:
    numbers = [NEW, HELD, BY_OTHERS]
    answer = _update_answer(numbers, frozenset({HELD, BY_OTHERS}), place, counting)
    verdict = judge_update(_batch(numbers, {HELD: A} if sure else None), answer, _known(INSERTED_FACT, counting, place))
    assert _outcomes(verdict) == outcomes
    assert verdict.surplus == surplus
    assert verdict.evidence == Evidence(True, source)


@pytest.mark.parametrize("place", [IN_SUCCES, IN_ERROR, NOWHERE])
@pytest.mark.parametrize(("counting", "source"), [(TRUTHFUL, SERVER), (FULL, LEDGER), (ABSENT, LEDGER)])
def test_an_update_that_repeats_what_is_recorded_changes_nothing(place: str, counting: str, source: Source) -> None:
    numbers = [NEW, HELD]
    answer = _update_answer(numbers, frozenset(numbers), place, counting)
    verdict = judge_update(_batch(numbers, {NEW: A, HELD: P}), answer, _known(INSERTED_FACT, counting, place))
    assert _outcomes(verdict) == [P, P]
    assert verdict.evidence == Evidence(False, source)


@pytest.mark.parametrize("place", [IN_SUCCES, IN_ERROR, NOWHERE])
@pytest.mark.parametrize(("counting", "source"), [(TRUTHFUL, SERVER), (FULL, LEDGER), (ABSENT, LEDGER)])
def test_an_update_of_new_numbers_adds_them(place: str, counting: str, source: Source) -> None:
    answer = _update_answer([NEW, HELD], frozenset(), place, counting)
    verdict = judge_update(_batch([NEW, HELD], {}), answer, _known(INSERTED_FACT, counting, place))
    assert _outcomes(verdict) == [A, A]
    assert verdict.evidence == Evidence(True, source)


def test_a_counter_that_was_never_tested_is_believed_and_a_counter_found_untrue_is_not() -> None:
    answer = _update_answer([NEW], frozenset({NEW}), IN_SUCCES, FULL)
    assert judge_update(_batch([NEW], {NEW: A}), answer, {}).evidence == Evidence(True, SERVER)
    assert judge_update(_batch([NEW], {NEW: A}), answer, {INSERTED_FACT: UNTRUE}).evidence == Evidence(False, LEDGER)


@pytest.mark.parametrize(
    ("value", "facts", "expected"),
    [
        (0, {}, 0),
        (2, {}, 2),
        (2, {INSERTED_FACT: TRUE}, 2),
        (3, {}, None),
        (None, {}, None),
        (1, {INSERTED_FACT: UNTRUE}, None),
    ],
)
def test_a_counter_is_trusted_unless_it_cannot_be_true(
    value: Optional[int], facts: Facts, expected: Optional[int]
) -> None:
    assert trusted_count(value, _batch([NEW, HELD]), facts, INSERTED_FACT) == expected


def test_the_facts_of_one_counter_say_nothing_of_the_other() -> None:
    assert trusted_count(1, _batch([NEW]), {DELETED_FACT: UNTRUE}, INSERTED_FACT) == 1


def test_a_number_in_both_lists_counts_as_failed() -> None:
    seen = listing(_batch([NEW, HELD]), Answer(succeeded=_listed([NEW, HELD]), failed=_listed([HELD])))
    assert seen.confirmed == {NEW}
    assert seen.failed == {HELD}


@pytest.mark.parametrize(
    ("place", "held", "listed", "expected"),
    [
        (None, False, False, U),
        (None, True, False, P),
        (IN_SUCCES, True, False, U),
        (IN_SUCCES, False, False, U),
        (IN_ERROR, False, False, U),
        (IN_ERROR, True, False, P),
        (NOWHERE, False, False, P),
        (NOWHERE, True, False, P),
        (None, False, True, U),
        (None, True, True, P),
        (IN_SUCCES, False, True, X),
        (IN_SUCCES, True, True, X),
        (IN_ERROR, False, True, U),
        (IN_ERROR, True, True, P),
        (NOWHERE, False, True, X),
        (NOWHERE, True, True, X),
    ],
)
def test_a_number_that_is_not_confirmed_is_judged_by_where_present_numbers_stand(
    place: Optional[str], held: bool, listed: bool, expected: Outcome
) -> None:
    facts = {} if place is None else {PRESENT_LISTED_FACT: place}
    answer = Answer(failed=_listed([NEW] if listed else []))
    verdict = judge_update(_batch([NEW], {NEW: A} if held else {}), answer, facts)
    assert _outcomes(verdict) == [expected]


@pytest.mark.parametrize(
    ("answer", "ledger", "outcomes", "evidence"),
    [
        (Answer(GROUP_ID, _listed([NEW]), (), 1), {HELD: A}, [A, P], Evidence(True, SERVER)),
        (Answer(GROUP_ID, _listed([NEW]), (), 1), None, [A, U], Evidence(True, SERVER)),
        (Answer(GROUP_ID, _listed([NEW, HELD]), (), 1), {NEW: A}, [P, A], Evidence(True, SERVER)),
        (Answer(GROUP_ID, _listed([NEW, HELD]), (), 0), None, [P, P], Evidence(False, SERVER)),
        (Answer(GROUP_ID, (), _listed([NEW, HELD]), 0), None, [U, U], Evidence(False, SERVER)),
        (Answer(GROUP_ID, _listed([NEW]), _listed([NEW]), 0), None, [U, U], Evidence(False, SERVER)),
        (Answer(GROUP_ID, _listed([NEW, HELD]), (), 9), None, [A, A], Evidence(True, ASSUMED)),
    ],
)
def test_an_update_of_an_account_that_nothing_is_known_of(
    answer: Answer, ledger: Ledger, outcomes: List[Outcome], evidence: Evidence
) -> None:
    verdict = judge_update(_batch([NEW, HELD], ledger), answer, {})
    assert _outcomes(verdict) == outcomes
    assert verdict.evidence == evidence


def test_where_the_server_does_not_say_which_the_reason_says_so() -> None:
    numbers = [NEW, HELD, BY_OTHERS]
    verdict = judge_update(_batch(numbers), Answer(succeeded=_listed(numbers), inserted=1), {})
    assert verdict.surplus == 2
    assert all("1 of 3" in result.reason for result in verdict.results)


def test_a_full_true_count_outweighs_lists_that_name_nobody() -> None:
    verdict = judge_update(_batch([NEW, HELD]), Answer(inserted=2), {INSERTED_FACT: TRUE})
    assert _outcomes(verdict) == [A, A]


@pytest.mark.parametrize("place", [IN_SUCCES, IN_ERROR, NOWHERE])
def test_the_number_a_group_was_just_made_with_was_added_by_this_run(place: str) -> None:
    batch = Batch((Number(NEW, NEW, ""), Number(HELD, HELD, "")), 1, {}, by_create=frozenset({NEW}))
    answer = _update_answer([NEW, HELD], frozenset({NEW}), place, TRUTHFUL)
    verdict = judge_update(batch, answer, {INSERTED_FACT: TRUE, PRESENT_LISTED_FACT: place})
    expected = [U, A] if place == IN_ERROR else [A, A]
    assert _outcomes(verdict) == expected
    assert verdict.surplus == 0


# One number is in the group and recorded so, one is not in it. The list of a delete echoes the request.
@pytest.mark.parametrize(
    ("counting", "sure", "outcomes", "surplus", "source"),
    [
        (TRUTHFUL, True, [R, N], 0, SERVER),
        (FULL, True, [R, N], 0, LEDGER),
        (ABSENT, True, [R, N], 0, LEDGER),
        (TRUTHFUL, False, [R, R], 1, SERVER),
        (FULL, False, [R, R], 0, ASSUMED),
        (ABSENT, False, [R, R], 0, ASSUMED),
    ],
)
def test_a_delete_is_judged_by_its_counter_then_by_what_is_recorded(
    counting: str, sure: bool, outcomes: List[Outcome], surplus: int, source: Source
) -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=_counter(counting, 1, 2))
    verdict = judge_delete(_batch([HELD, NEW], {HELD: A} if sure else None), answer, _known(DELETED_FACT, counting))
    assert _outcomes(verdict) == outcomes
    assert verdict.surplus == surplus
    assert verdict.evidence == Evidence(True, source)


def test_a_delete_that_found_nothing_removed_nothing_even_where_nothing_is_recorded() -> None:
    verdict = judge_delete(_batch([HELD, NEW]), Answer(succeeded=_listed([HELD, NEW]), deleted=0), {})
    assert _outcomes(verdict) == [N, N]
    assert verdict.evidence == Evidence(False, SERVER)


@pytest.mark.parametrize(("counting", "source"), [(TRUTHFUL, SERVER), (FULL, LEDGER), (ABSENT, LEDGER)])
def test_a_delete_of_what_is_recorded_as_gone_changes_nothing(counting: str, source: Source) -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=_counter(counting, 0, 2))
    verdict = judge_delete(_batch([HELD, NEW], {HELD: R, NEW: N}), answer, _known(DELETED_FACT, counting))
    assert _outcomes(verdict) == [N, N]
    assert verdict.evidence == Evidence(False, source)


def test_a_number_that_a_delete_lists_under_error_is_unconfirmed() -> None:
    answer = Answer(succeeded=_listed([HELD]), failed=_listed([NEW]), deleted=1)
    verdict = judge_delete(_batch([HELD, NEW], {HELD: A, NEW: A}), answer, {DELETED_FACT: TRUE})
    assert _outcomes(verdict) == [R, U]


def test_rows_of_several_groups_are_not_counted_as_numbers() -> None:
    answer = Answer(succeeded=_listed([HELD, NEW]), deleted=2)
    verdict = judge_delete(_batch([HELD, NEW], {HELD: A}, shared=True), answer, {DELETED_FACT: TRUE})
    assert _outcomes(verdict) == [R, N]
    assert verdict.evidence == Evidence(True, SERVER)


subsets = st.frozensets(st.sampled_from([f"99999{n:05d}" for n in range(8)]))
numbers_of_a_batch = st.lists(st.sampled_from([f"99999{n:05d}" for n in range(8)]), min_size=1, unique=True)
ledgers = st.none() | st.dictionaries(
    st.sampled_from([f"99999{n:05d}" for n in range(8)]), st.sampled_from([A, P, R, N, U, X])
)
places = st.sampled_from([IN_SUCCES, IN_ERROR, NOWHERE])


def _counted(verdict: Verdict, changed: Outcome) -> int:
    return count(verdict.results, {changed: verdict.surplus})[changed.value]


def _covers(verdict: Verdict, batch: Batch) -> bool:
    return [(r.number, r.batch) for r in verdict.results] == [(n, batch.ordinal) for n in batch.numbers]


@settings(deadline=None, max_examples=200)
@given(numbers_of_a_batch, subsets, places, ledgers, st.booleans())
def test_after_an_update_the_counts_are_the_servers_even_where_the_ledger_is_wrong(
    canonicals: List[str], present: FrozenSet[str], place: str, ledger: Ledger, place_is_known: bool
) -> None:
    batch = _batch(canonicals, ledger)
    answer = _update_answer(canonicals, present, place, TRUTHFUL)
    verdict = judge_update(batch, answer, _known(INSERTED_FACT, TRUTHFUL, place if place_is_known else None))
    assert _covers(verdict, batch)
    assert _counted(verdict, A) == answer.inserted
    assert verdict.evidence == Evidence(answer.inserted != 0, SERVER)
    assert not [r for r in verdict.results if r.number.canonical not in present and r.outcome not in (A, P)]
    assert X not in _outcomes(verdict)


@settings(deadline=None, max_examples=200)
@given(numbers_of_a_batch, subsets, ledgers)
def test_after_a_delete_the_counts_are_the_servers_even_where_the_ledger_is_wrong(
    canonicals: List[str], present: FrozenSet[str], ledger: Ledger
) -> None:
    batch = _batch(canonicals, ledger)
    deleted = len(present & set(canonicals))
    verdict = judge_delete(batch, Answer(succeeded=_listed(canonicals), deleted=deleted), {DELETED_FACT: TRUE})
    assert _covers(verdict, batch)
    assert _counted(verdict, R) == deleted
    assert verdict.evidence == Evidence(deleted > 0, SERVER)
    assert set(_outcomes(verdict)) <= {R, N}


@settings(deadline=None, max_examples=200)
@given(numbers_of_a_batch, subsets, places, st.booleans())
def test_without_a_usable_count_a_true_ledger_tells_who_is_new(
    canonicals: List[str], present: FrozenSet[str], place: str, counts: bool
) -> None:
    batch = _batch(canonicals, dict.fromkeys(present, P))
    counting = FULL if counts else ABSENT
    answer = _update_answer(canonicals, present, place, counting)
    verdict = judge_update(batch, answer, _known(INSERTED_FACT, counting, place))
    assert _outcomes(verdict) == [P if c in present else A for c in canonicals]
    assert verdict.evidence == Evidence(not set(canonicals) <= present, LEDGER)


@settings(deadline=None, max_examples=200)
@given(
    numbers_of_a_batch,
    subsets,
    subsets,
    st.none() | st.integers(0, 12),
    ledgers,
    st.fixed_dictionaries(
        {},
        optional={
            INSERTED_FACT: st.sampled_from([TRUE, UNTRUE]),
            DELETED_FACT: st.sampled_from([TRUE, UNTRUE]),
            PRESENT_LISTED_FACT: places,
        },
    ),
    st.booleans(),
)
def test_whatever_an_answer_says_every_number_of_the_batch_gets_one_result(
    canonicals: List[str],
    succeeded: FrozenSet[str],
    failed: FrozenSet[str],
    counter: Optional[int],
    ledger: Ledger,
    facts: Facts,
    shared: bool,
) -> None:
    answer = Answer(None, _listed(sorted(succeeded)), _listed(sorted(failed)), counter, counter)
    batch = _batch(canonicals, ledger, shared)
    for verdict, changed in ((judge_update(batch, answer, facts), A), (judge_delete(batch, answer, facts), R)):
        assert _covers(verdict, batch)
        assert 0 <= verdict.surplus <= _outcomes(verdict).count(changed)
        if verdict.evidence.source is SERVER and not shared:
            # never more than the server says; less only where it names fewer than it counts
            assert _counted(verdict, changed) <= (counter or 0)
        usable = counter is not None and counter <= len(canonicals)
        fact = INSERTED_FACT if changed is A else DELETED_FACT
        source = SERVER if usable and facts.get(fact) != UNTRUE else ASSUMED if ledger is None else LEDGER
        assert verdict.evidence.source is source


@pytest.mark.parametrize(
    ("answer", "ledger", "facts", "created_now", "probed"),
    [
        # it claims new numbers and was never tested
        (Answer(succeeded=_listed([NEW, HELD]), inserted=1), None, {}, False, True),
        # a group just made can only have new numbers
        (Answer(succeeded=_listed([NEW, HELD]), inserted=2), {}, {}, True, False),
        # it was tested, and what it claims can be
        (Answer(succeeded=_listed([NEW, HELD]), inserted=1), {HELD: A}, {INSERTED_FACT: TRUE}, False, False),
        # it was tested, and claims more than can be new by the ledger
        (Answer(succeeded=_listed([NEW, HELD]), inserted=2), {HELD: A}, {INSERTED_FACT: TRUE}, False, True),
        # it claims nothing
        (Answer(succeeded=_listed([NEW, HELD]), inserted=0), {}, {}, False, False),
        # it is known to be untrue
        (Answer(succeeded=_listed([NEW, HELD]), inserted=2), {HELD: A}, {INSERTED_FACT: UNTRUE}, False, False),
        # there is none
        (Answer(succeeded=_listed([NEW, HELD])), {}, {}, False, False),
        # numbers under error, and it is not known if present ones stand there
        (Answer(succeeded=_listed([NEW]), failed=_listed([HELD])), {}, {}, False, True),
        (Answer(succeeded=_listed([NEW]), failed=_listed([HELD])), {}, {PRESENT_LISTED_FACT: IN_ERROR}, False, False),
        # nobody is certain to be in the group
        (Answer(failed=_listed([NEW, HELD])), {}, {}, False, False),
    ],
)
def test_one_certain_number_is_sent_once_more_where_an_update_leaves_something_open(
    answer: Answer, ledger: Ledger, facts: Facts, created_now: bool, probed: bool
) -> None:
    found = probe_after_update(_batch([NEW, HELD], ledger), answer, facts, created_now)
    assert found == (Probe(Number(NEW, NEW, ""), INSERTED_FACT) if probed else None)


@pytest.mark.parametrize(
    ("deleted", "ledger", "facts", "probed"),
    [
        (2, None, {}, True),
        (1, {HELD: A}, {}, True),
        (0, {HELD: A}, {}, False),
        (None, {HELD: A}, {}, False),
        (2, None, {DELETED_FACT: TRUE}, False),
        (1, {HELD: A}, {DELETED_FACT: TRUE}, False),
        (2, {HELD: A}, {DELETED_FACT: TRUE}, True),
        (2, {HELD: A}, {DELETED_FACT: UNTRUE}, False),
    ],
)
def test_one_number_is_deleted_once_more_where_the_count_of_a_delete_is_open(
    deleted: Optional[int], ledger: Ledger, facts: Facts, probed: bool
) -> None:
    found = probe_after_delete(_batch([HELD, NEW], ledger), Answer(deleted=deleted), facts)
    assert found == (Probe(Number(HELD, HELD, ""), DELETED_FACT) if probed else None)


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (Answer(succeeded=_listed([NEW]), inserted=0), {INSERTED_FACT: TRUE, PRESENT_LISTED_FACT: IN_SUCCES}),
        (Answer(succeeded=_listed([NEW]), inserted=1), {INSERTED_FACT: UNTRUE, PRESENT_LISTED_FACT: IN_SUCCES}),
        (Answer(failed=_listed([NEW]), inserted=0), {INSERTED_FACT: TRUE, PRESENT_LISTED_FACT: IN_ERROR}),
        (Answer(inserted=0), {INSERTED_FACT: TRUE, PRESENT_LISTED_FACT: NOWHERE}),
        (Answer(succeeded=_listed([NEW])), {PRESENT_LISTED_FACT: IN_SUCCES}),
    ],
)
def test_the_answer_to_a_repeated_update_tells_how_the_account_answers(answer: Answer, facts: Dict[str, str]) -> None:
    assert learned(Probe(Number(NEW, NEW, ""), INSERTED_FACT), answer) == facts


@pytest.mark.parametrize(("deleted", "facts"), [(0, {DELETED_FACT: TRUE}), (1, {DELETED_FACT: UNTRUE}), (None, {})])
def test_the_answer_to_a_repeated_delete_tells_if_its_counter_is_true(
    deleted: Optional[int], facts: Dict[str, str]
) -> None:
    answer = Answer(succeeded=_listed([NEW]), deleted=deleted)
    assert learned(Probe(Number(NEW, NEW, ""), DELETED_FACT), answer) == facts
