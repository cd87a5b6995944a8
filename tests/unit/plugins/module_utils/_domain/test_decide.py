# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions about single numbers: wished for × recorded × the options that govern."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Decision,
    Intent,
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
    Wish,
    decide,
    decide_shared,
    unlisted,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import lines_of
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome

ONE = Number("99999 00001", "9999900001", "block_numbers, entry 1")
NEW_YEAR, EASTER = "2099-01-01 00:00:00", "2099-04-12 00:00:00"
KNOWN, UNKNOWN = RecordedGroup(known=True, group_id=20), RecordedGroup()
IN_GROUP = [Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.PRESENT]
GONE = [Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT]
NEITHER = [Outcome.REJECTED, Outcome.UNCONFIRMED]


def _wish(state: State = State.PRESENT, **more: Any) -> Wish:
    return Wish(state, "Nuisance", (ONE,), **{"description": "Reported", **more})


def _why(decision: Decision) -> Optional[Why]:
    return decision.why if isinstance(decision, Intent) else None


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_recorded_number_is_in_the_group_after_three_outcomes(outcome: Outcome) -> None:
    assert RecordedNumber(outcome).in_group is (outcome in IN_GROUP)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    ("outcome", "group", "why"),
    [
        (None, UNKNOWN, Why.NOTHING_RECORDED),
        (None, KNOWN, Why.NEW),
        *((outcome, KNOWN, Why.NEW) for outcome in (*GONE, *NEITHER)),
        *((outcome, UNKNOWN, Why.NEW) for outcome in (*GONE, *NEITHER)),
    ],
)
def test_a_number_that_is_not_recorded_as_present_is_added(
    outcome: Optional[Outcome], group: RecordedGroup, why: Why, refresh: bool
) -> None:
    recorded = None if outcome is None else RecordedNumber(outcome, NEW_YEAR)
    decision = decide(ONE, recorded, _wish(refresh=refresh, expiry=EASTER), group)
    assert decision == Intent(Kind.ADD, ONE, why, EASTER, recorded)


@pytest.mark.parametrize("outcome", IN_GROUP)
def test_a_number_that_is_recorded_as_present_is_sent_again_only_with_a_refresh(outcome: Outcome) -> None:
    recorded = RecordedNumber(outcome)
    assert decide(ONE, recorded, _wish(), KNOWN) == Intent(Kind.ADD, ONE, Why.REFRESH, None, recorded)
    trusted = decide(ONE, recorded, _wish(refresh=False), KNOWN)
    assert trusted == NumberResult(ONE, Outcome.ALREADY_PRESENT, "recorded as present")


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    ("wished", "recorded", "changes"),
    [(EASTER, NEW_YEAR, True), (EASTER, None, True), (EASTER, EASTER, False), (None, NEW_YEAR, False)],
)
def test_another_expiry_is_sent_whether_refreshed_or_not(
    wished: Optional[str], recorded: Optional[str], changes: bool, refresh: bool
) -> None:
    held = RecordedNumber(Outcome.ADDED, recorded)
    decision = decide(ONE, held, _wish(expiry=wished, refresh=refresh), KNOWN)
    assert _why(decision) is (Why.EXPIRY if changes else Why.REFRESH if refresh else None)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("form", ["9999900001", "+919999900001", "09999900001"])
def test_an_exempt_number_is_never_sent_however_it_is_written(form: str, state: State) -> None:
    wish = _wish(state, exempt_lines=lines_of([form]))
    assert decide(ONE, None, wish, UNKNOWN) == NumberResult(ONE, Outcome.EXEMPT, "named in exempt_numbers")
    assert isinstance(decide(ONE, None, replace(wish, exempt_lines=lines_of(["9999900002"])), UNKNOWN), Intent)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize("outcome", [None, *IN_GROUP, *NEITHER, *GONE])
def test_a_listed_number_is_removed_unless_it_is_trusted_to_be_gone(outcome: Optional[Outcome], refresh: bool) -> None:
    recorded = None if outcome is None else RecordedNumber(outcome, NEW_YEAR)
    decision = decide(ONE, recorded, _wish(State.ABSENT, refresh=refresh, expiry=EASTER), KNOWN)
    if outcome in GONE and not refresh:
        assert decision == NumberResult(ONE, Outcome.NOT_FOUND, "recorded as removed")
    else:
        assert decision == Intent(Kind.REMOVE, ONE, Why.LISTED, None, recorded)


def test_a_purge_takes_what_is_held_and_may_be_no_listed_or_exempt_number() -> None:
    wish = _wish(exempt_lines=lines_of(["+919999900005"]))
    held = ["09999900001", "+919999900001", "9999900002", "9999900005"]
    assert unlisted(held, wish) == [Number("9999900002", "9999900002", "the ledger")]


def test_a_number_of_another_group_is_not_removed() -> None:
    removal = Intent(Kind.REMOVE, ONE, Why.LISTED)
    assert decide_shared(removal, (), remove_shared=False) == removal
    assert decide_shared(removal, ("Fraud",), remove_shared=True) == replace(removal, shared=True)
    shared = decide_shared(removal, ("Fraud", "Spam"), remove_shared=False)
    assert isinstance(shared, NumberResult)
    assert (shared.number, shared.outcome) == (ONE, Outcome.SHARED)
    assert "also in the group Fraud, Spam" in shared.reason
