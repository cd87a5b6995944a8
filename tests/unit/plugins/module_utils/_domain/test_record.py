# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is worth recording of an outcome × what was recorded before × what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence, Set

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import RefusedNumber, Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Batch,
    Kind,
    RecordedNumber,
    Why,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import spellings
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.record import held, worth_keeping
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import number

ONE = number("a")
EASTER, NEW_YEAR = "2099-04-12 00:00:00", "2099-01-01 00:00:00"
HELD, GONE, OPEN = (RecordedNumber(o, EASTER) for o in (Outcome.ADDED, Outcome.REMOVED, Outcome.UNCONFIRMED))


def _batch(kind: Kind, recorded: Optional[RecordedNumber], expiry: Optional[str] = None) -> Batch:
    return Batch(kind, Why.LISTED, expiry, (ONE,), 1, {} if recorded is None else {ONE.canonical: recorded})


class _Touched:
    """What a run has changed by now; remembers what it was asked."""

    def __init__(self, *canonicals: str) -> None:
        self._canonicals = set(canonicals)
        self.asked: List[str] = []

    def __call__(self, canonicals: Sequence[str]) -> Set[str]:
        self.asked += canonicals
        return self._canonicals.intersection(canonicals)


def _kept(
    batch: Batch,
    outcome: Outcome,
    sent: Sent = Sent(),  # noqa: B008 # it is frozen
    gone: bool = False,
    doubted: bool = False,
) -> List[Outcome]:
    return [
        result.outcome for result in worth_keeping(batch, sent, [NumberResult(ONE, outcome)], gone, doubted, _Touched())
    ]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("recorded", [None, GONE, OPEN])
@pytest.mark.parametrize("outcome", Outcome)
def test_of_a_number_that_was_not_in_the_group_by_the_record_all_is_kept_that_was_sent(
    kind: Kind, recorded: Optional[RecordedNumber], outcome: Outcome
) -> None:
    assert _kept(_batch(kind, recorded), outcome) == ([] if outcome is Outcome.NOT_SENT else [outcome])


@pytest.mark.parametrize(
    ("outcome", "expiry", "kept"),
    [
        (Outcome.NOT_SENT, NEW_YEAR, []),
        (Outcome.REJECTED, NEW_YEAR, []),
        (Outcome.UNCONFIRMED, None, []),
        (Outcome.UNCONFIRMED, EASTER, []),
        (Outcome.UNCONFIRMED, NEW_YEAR, [Outcome.UNCONFIRMED]),  # it may end sooner now
        (Outcome.ALREADY_PRESENT, None, [Outcome.ALREADY_PRESENT]),
    ],
)
def test_an_addition_that_is_not_confirmed_leaves_a_number_on_record(
    outcome: Outcome, expiry: Optional[str], kept: List[Outcome]
) -> None:
    batch = _batch(Kind.ADD, HELD, expiry)
    assert _kept(batch, outcome) == kept
    assert _kept(batch, outcome, gone=True) == ([] if outcome is Outcome.NOT_SENT else [outcome])


@pytest.mark.parametrize(
    ("outcome", "perhaps", "kept"),
    [
        (Outcome.NOT_SENT, False, Outcome.ALREADY_PRESENT),
        (Outcome.REJECTED, False, Outcome.ALREADY_PRESENT),
        (Outcome.REJECTED, True, Outcome.UNCONFIRMED),
        (Outcome.UNCONFIRMED, False, Outcome.UNCONFIRMED),
        (Outcome.REMOVED, False, Outcome.REMOVED),
    ],
)
def test_a_removal_that_did_nothing_takes_back_the_doubt(outcome: Outcome, perhaps: bool, kept: Outcome) -> None:
    sent = Sent((RefusedNumber(ONE, "bad", perhaps),))
    assert _kept(_batch(Kind.REMOVE, HELD), outcome, sent) == [kept]


OTHER_SPELLING = f"0{ONE.canonical[3:]}"


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REJECTED])
@pytest.mark.parametrize(
    ("touched", "kept"),
    [
        ([number("b").canonical, OTHER_SPELLING], Outcome.UNCONFIRMED),
        ([ONE.canonical], Outcome.UNCONFIRMED),  # by an earlier request of the run
        ([number("b").canonical], Outcome.ALREADY_PRESENT),
        ([], Outcome.ALREADY_PRESENT),
    ],
)
def test_the_doubt_stays_where_another_spelling_may_have_been_removed(
    touched: List[str], kept: Outcome, outcome: Outcome
) -> None:
    own = NumberResult(ONE, outcome)
    (found,) = worth_keeping(_batch(Kind.REMOVE, HELD), Sent(), [own], False, False, _Touched(*touched))
    assert found.outcome is kept


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REJECTED])
def test_the_doubt_stays_where_nothing_that_is_recorded_holds_for_certain(outcome: Outcome) -> None:
    assert _kept(_batch(Kind.REMOVE, HELD), outcome, doubted=True) == [Outcome.UNCONFIRMED]
    assert _kept(_batch(Kind.REMOVE, HELD), outcome) == [Outcome.ALREADY_PRESENT]


def test_of_a_batch_the_doubt_stays_only_for_those_that_may_have_been_removed() -> None:
    two = number("b")
    batch = Batch(Kind.REMOVE, Why.LISTED, None, (ONE, two), 1, {ONE.canonical: HELD, two.canonical: HELD})
    results = [NumberResult(each, Outcome.NOT_SENT) for each in batch.numbers]
    found = worth_keeping(batch, Sent(), results, False, False, _Touched(OTHER_SPELLING))
    assert [(each.number, each.outcome) for each in found] == [
        (ONE, Outcome.UNCONFIRMED),
        (two, Outcome.ALREADY_PRESENT),
    ]


@pytest.mark.parametrize(
    ("kind", "outcome", "asks"),
    [
        (Kind.REMOVE, Outcome.NOT_SENT, True),
        (Kind.REMOVE, Outcome.REJECTED, True),
        (Kind.REMOVE, Outcome.REMOVED, False),
        (Kind.REMOVE, Outcome.UNCONFIRMED, False),
        (Kind.ADD, Outcome.NOT_SENT, False),
    ],
)
def test_what_the_run_has_removed_is_asked_only_where_a_removal_did_nothing(
    kind: Kind, outcome: Outcome, asks: bool
) -> None:
    touched = _Touched()
    worth_keeping(_batch(kind, HELD), Sent(), [NumberResult(ONE, outcome)], False, False, touched)
    assert set(touched.asked) == (spellings(ONE.canonical) if asks else set())


def test_what_is_held_is_what_is_on_record_as_in_the_group() -> None:
    assert held(_batch(Kind.ADD, HELD)) == {ONE.canonical: HELD}
    assert held(_batch(Kind.ADD, replace(HELD, outcome=Outcome.PRESENT))) != {}
    assert [held(_batch(Kind.REMOVE, recorded)) for recorded in (None, GONE, OPEN)] == [{}, {}, {}]
