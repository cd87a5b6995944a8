# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions about single numbers: wished for × recorded × the options that govern."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    STAYS,
    Decision,
    Kind,
    RecordedGroup,
    RecordedNumber,
    Settled,
    State,
    Why,
    Wish,
    Work,
    decide,
    decide_shared,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Outcome

NEW_YEAR, EASTER = "2099-01-01 00:00:00", "2099-04-12 00:00:00"
KNOWN, UNKNOWN = RecordedGroup(known=True, group_id=20), RecordedGroup()
IN_GROUP = [Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.PRESENT]
GONE = [Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT]
NEITHER = [Outcome.REJECTED, Outcome.UNCONFIRMED]


def _wish(state: State = State.PRESENT, **more: Any) -> Wish:
    return Wish(state, "Nuisance", **{"description": "Reported", **more})


def _why(decision: Decision) -> Optional[Why]:
    return decision.why if isinstance(decision, Work) else None


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_recorded_number_is_in_the_group_after_three_outcomes(outcome: Outcome) -> None:
    assert RecordedNumber(outcome).in_group is (outcome in IN_GROUP)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    ("outcome", "group", "why"),
    [
        (None, UNKNOWN, Why.NOTHING_RECORDED),
        (None, KNOWN, Why.NEW),
        *((outcome, group, Why.NEW) for outcome in (*GONE, Outcome.REJECTED) for group in (KNOWN, UNKNOWN)),
        (Outcome.UNCONFIRMED, KNOWN, Why.UNSURE),
        (Outcome.UNCONFIRMED, UNKNOWN, Why.UNSURE),
    ],
)
def test_a_number_that_is_not_recorded_as_present_is_added(
    outcome: Optional[Outcome], group: RecordedGroup, why: Why, refresh: bool
) -> None:
    recorded = None if outcome is None else RecordedNumber(outcome, NEW_YEAR)
    decision = decide(recorded, EASTER, _wish(refresh=refresh), group)
    assert decision == Work(Kind.ADD, why, EASTER, recorded)


@pytest.mark.parametrize("outcome", IN_GROUP)
def test_a_number_that_is_recorded_as_present_is_sent_again_only_with_a_refresh(outcome: Outcome) -> None:
    recorded = RecordedNumber(outcome)
    assert decide(recorded, None, _wish(), KNOWN) == Work(Kind.ADD, Why.REFRESH, None, recorded)
    assert decide(recorded, None, _wish(refresh=False), KNOWN) == STAYS
    assert Settled(Outcome.ALREADY_PRESENT, "recorded as present") == STAYS


@pytest.mark.parametrize("outcome", IN_GROUP)
def test_a_number_that_was_confirmed_lately_is_not_sent_again_unless_its_expiry_changes(outcome: Outcome) -> None:
    fresh = RecordedNumber(outcome, NEW_YEAR, fresh=True)
    assert decide(fresh, None, _wish(), KNOWN) == STAYS
    assert decide(fresh, NEW_YEAR, _wish(), KNOWN) == STAYS
    assert decide(fresh, EASTER, _wish(), KNOWN) == Work(Kind.ADD, Why.EXPIRY, EASTER, fresh)


@pytest.mark.parametrize("outcome", [*GONE, *NEITHER])
def test_what_is_not_recorded_as_present_is_added_however_lately_that_was(outcome: Outcome) -> None:
    fresh = RecordedNumber(outcome, fresh=True)
    why = Why.UNSURE if outcome is Outcome.UNCONFIRMED else Why.NEW
    assert decide(fresh, None, _wish(), KNOWN) == Work(Kind.ADD, why, None, fresh)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    ("wished", "recorded", "changes"),
    [(EASTER, NEW_YEAR, True), (EASTER, None, True), (EASTER, EASTER, False), (None, NEW_YEAR, False)],
)
def test_another_expiry_is_sent_whether_refreshed_or_not(
    wished: Optional[str], recorded: Optional[str], changes: bool, refresh: bool
) -> None:
    held = RecordedNumber(Outcome.ADDED, recorded)
    decision = decide(held, wished, _wish(refresh=refresh), KNOWN)
    assert _why(decision) is (Why.EXPIRY if changes else Why.REFRESH if refresh else None)


@pytest.mark.parametrize("refresh", [True, False])
def test_the_expiry_is_that_which_the_number_is_to_have_and_not_that_of_the_wish(refresh: bool) -> None:
    held = RecordedNumber(Outcome.ADDED, NEW_YEAR)
    decision = decide(held, EASTER, _wish(refresh=refresh, expiry=NEW_YEAR), KNOWN)
    assert decision == Work(Kind.ADD, Why.EXPIRY, EASTER, held)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize("outcome", [None, *IN_GROUP, *NEITHER, *GONE])
def test_a_listed_number_is_removed_unless_it_is_trusted_to_be_gone(outcome: Optional[Outcome], refresh: bool) -> None:
    recorded = None if outcome is None else RecordedNumber(outcome, NEW_YEAR)
    decision = decide(recorded, EASTER, _wish(State.ABSENT, refresh=refresh, expiry=EASTER), KNOWN)
    if outcome in GONE and not refresh:
        assert decision == Settled(Outcome.NOT_FOUND, "recorded as removed")
    else:
        assert decision == Work(Kind.REMOVE, Why.LISTED, None, recorded)


@pytest.mark.parametrize("outcome", [*IN_GROUP, *NEITHER, *GONE])
def test_a_number_that_was_lately_confirmed_to_be_gone_is_not_removed_again(outcome: Outcome) -> None:
    fresh = RecordedNumber(outcome, fresh=True)
    decision = decide(fresh, None, _wish(State.ABSENT), KNOWN)
    if outcome in GONE:
        assert decision == Settled(Outcome.NOT_FOUND, "recorded as removed")
    else:
        assert decision == Work(Kind.REMOVE, Why.LISTED, None, fresh)


def test_a_number_of_another_group_is_not_removed() -> None:
    removal = Work(Kind.REMOVE, Why.LISTED, None, RecordedNumber(Outcome.ADDED))
    assert decide_shared(removal, (), remove_shared=False) == removal
    assert decide_shared(removal, ("Fraud",), remove_shared=True) == replace(removal, shared=True)
    shared = decide_shared(removal, ("Fraud", "Spam"), remove_shared=False)
    assert isinstance(shared, Settled)
    assert shared.outcome is Outcome.SHARED
    assert "also in the group Fraud, Spam" in shared.reason
