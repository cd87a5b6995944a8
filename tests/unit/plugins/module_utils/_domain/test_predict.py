# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Predictions: which outcomes a run would bring, whether it would change anything, and what that rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional

import pytest
from hypothesis import given, settings

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Evidence, Outcome, Source
from ansible_collections.ozonetel.cloudagent.tests.unit.drawn import (
    EASTER,
    NEW_YEAR,
    ONE,
    THREE,
    TWO,
    Asked,
    InMemory,
    asked,
    drawn,
    record_of,
    records,
    wishes,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import outcomes_of, results_of

ADDED, STAYS = Outcome.ADDED, Outcome.ALREADY_PRESENT
LEDGER, ASSUMED = Source.LEDGER, Source.ASSUMED


@pytest.mark.parametrize(
    ("wish", "record", "outcomes", "evidence"),
    [
        (asked(ONE), InMemory(), [ADDED], Evidence(True, ASSUMED)),
        (asked(ONE), record_of({}), [ADDED], Evidence(True, LEDGER)),
        (asked(ONE), record_of({ONE: ADDED}), [STAYS], Evidence(False, LEDGER)),
        (asked(ONE), record_of({ONE: Outcome.PRESENT}), [STAYS], Evidence(False, LEDGER)),
        (asked(ONE), record_of({ONE: ADDED}, description="Old"), [STAYS], Evidence(True, LEDGER)),
        (asked(ONE, expiry=EASTER), record_of({ONE: ADDED}, NEW_YEAR), [STAYS], Evidence(True, LEDGER)),
        (asked(ONE, state=State.ABSENT), InMemory(), [Outcome.REMOVED], Evidence(True, ASSUMED)),
        (asked(ONE, state=State.ABSENT), record_of({ONE: ADDED}), [Outcome.REMOVED], Evidence(True, LEDGER)),
        (asked(ONE, state=State.ABSENT), record_of({}), [Outcome.NOT_FOUND], Evidence(False, LEDGER)),
        (
            asked(ONE, state=State.ABSENT),
            InMemory(numbers={ONE: RecordedNumber(Outcome.NOT_FOUND)}),
            [Outcome.NOT_FOUND],
            Evidence(False, LEDGER),
        ),
        (asked(), record_of({}), [], Evidence(False, LEDGER)),
        (asked(), InMemory(), [], Evidence(False, ASSUMED)),
        (asked(ONE, exempt=[ONE]), InMemory(), [Outcome.EXEMPT], Evidence(False, ASSUMED)),
        (asked(ONE, refresh=False), record_of({ONE: ADDED}), [STAYS], Evidence(False, LEDGER)),
        (asked(ONE, expiry=EASTER, sets_new_expiry=True), InMemory(), [ADDED], Evidence(True, ASSUMED)),
    ],
)
def test_a_prediction_rests_on_the_ledger_or_is_assumed(
    wish: Asked, record: InMemory, outcomes: List[Outcome], evidence: Evidence
) -> None:
    found, prediction = drawn(wish, record).predicted()
    assert found == outcomes
    assert prediction.evidence == evidence


def test_each_number_is_told_with_why_it_would_be_sent_or_not() -> None:
    record = replace(record_of({ONE: ADDED, "9999900009": ADDED}), others={"9999900009": ("Fraud",)})
    plan = drawn(asked(TWO, ONE, THREE, exempt=[THREE], purge=True), record)
    plan.predicted()
    assert [(r.number.canonical, r.outcome, r.reason, r.batch) for r in results_of(plan.worklist)] == [
        (TWO, ADDED, Why.NEW.value, None),
        (ONE, STAYS, Why.REFRESH.value, None),
        (THREE, Outcome.EXEMPT, "named in exempt_numbers", None),
        (
            "9999900009",
            Outcome.SHARED,
            "also in the group Fraud; the server may remove it there too (remove_shared)",
            None,
        ),
    ]
    assert plan.worklist.counts() == {ADDED: 1, STAYS: 1, Outcome.EXEMPT: 1, Outcome.SHARED: 1}


def test_that_a_number_of_another_group_is_not_there_does_not_tell_that_nothing_changes() -> None:
    """The server may remove it from the other group."""
    record = replace(record_of({ONE: Outcome.REMOVED}), others={ONE: ("Fraud",)})
    outcomes, prediction = drawn(asked(ONE, state=State.ABSENT, remove_shared=True), record).predicted()
    assert (outcomes, prediction.evidence) == ([Outcome.NOT_FOUND], Evidence(True, ASSUMED))


@pytest.mark.parametrize("state", list(State))
def test_of_a_group_that_was_made_elsewhere_a_change_is_assumed_where_nothing_is_recorded(state: State) -> None:
    record = record_of({TWO: ADDED})
    adopted = replace(record, group=replace(record.group, complete=False))
    assert drawn(asked(ONE, state=state), adopted).predicted()[1].evidence == Evidence(True, ASSUMED)


@pytest.mark.parametrize(
    ("own", "group", "source"),
    [
        (NEW_YEAR, RecordedGroup(True, 20, "Reported", EASTER), LEDGER),
        # One that has none of its own may have had the group's.
        (None, RecordedGroup(True, 20, "Reported", EASTER), ASSUMED),
        (None, RecordedGroup(True, 20, "Reported", NEW_YEAR), LEDGER),
    ],
)
def test_an_expiry_of_single_numbers_is_a_predicted_change(
    own: Optional[str], group: RecordedGroup, source: Source
) -> None:
    plan = drawn(asked(ONE, expiry=EASTER, refresh=False), InMemory(group, {ONE: RecordedNumber(ADDED, own)}))
    assert (plan.plan.changes == ()) == (group.expiry == EASTER)
    outcomes, prediction = plan.predicted()
    assert (outcomes, prediction.renewed) == ([STAYS], True)
    assert prediction.evidence == Evidence(True, source)


def test_where_the_groups_expiry_is_not_certain_that_of_a_number_is_assumed_to_change() -> None:
    record = InMemory(RecordedGroup(True, 20, "Reported", NEW_YEAR, unsure=True), {ONE: RecordedNumber(ADDED)})
    _outcomes, prediction = drawn(asked(ONE, description=None, expiry=EASTER, refresh=False), record).predicted()
    assert (prediction.evidence, prediction.renewed) == (Evidence(True, ASSUMED), True)


@pytest.mark.parametrize("wish", [asked(ONE), asked(TWO, expiry=EASTER), asked(ONE, state=State.ABSENT)])
def test_without_another_expiry_nothing_is_renewed(wish: Asked) -> None:
    assert not drawn(wish, record_of({ONE: ADDED}, EASTER)).predicted()[1].renewed


def test_what_is_recorded_of_other_groups_alone_tells_nothing_of_this_one() -> None:
    for wish in (asked(ONE, purge=True), asked(ONE, state=State.ABSENT)):
        found = drawn(wish, InMemory(others={TWO: ("Fraud",)})).predicted()
        assert found == drawn(wish, InMemory()).predicted()
        assert found[1].evidence == Evidence(True, ASSUMED)


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_a_prediction_covers_all_that_is_planned(wish: Asked, record: InMemory) -> None:
    plan = drawn(wish, record)
    planned = {**plan.settled(), **dict.fromkeys(plan.to_send())}
    _outcomes, prediction = plan.predicted()
    found = outcomes_of(plan.worklist)
    assert found.keys() == planned.keys()
    assert {canonical: found[canonical] for canonical, outcome in planned.items() if outcome} == {
        canonical: outcome for canonical, outcome in planned.items() if outcome
    }
    assert plan.requests() == []  # nothing waits any more
    assert sum(plan.worklist.counts().values()) == len(planned)
    if None not in planned.values():
        assert not prediction.evidence.changed
    assert all(result.reason for result in results_of(plan.worklist))
    assert prediction.renewed <= bool(plan.worklist.waiting(Kind.ADD))


def test_what_would_be_added_to_a_group_that_has_ended_is_predicted_as_open() -> None:
    held = {ONE: ADDED, TWO: Outcome.REMOVED, THREE: Outcome.UNCONFIRMED}
    record = record_of(held)
    record = replace(record, group=replace(record.group, ended=True))
    outcomes, prediction = drawn(asked(ONE, TWO, THREE), record).predicted()
    assert outcomes == [STAYS, Outcome.UNCONFIRMED, Outcome.UNCONFIRMED]
    assert prediction.evidence == Evidence(True, Source.ASSUMED)
    assert drawn(asked(TWO, expiry=NEW_YEAR), record).predicted()[0] == [ADDED]
