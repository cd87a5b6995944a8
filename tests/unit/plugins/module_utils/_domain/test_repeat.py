# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which number is sent once more, when none is, and what that shows; see test_apply for what a run makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain import repeat
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Answered, RefusedNumber, Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, Call
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import Contact
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import Kind
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import CloudAgentError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits, Place
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Before, Outcome
from ansible_collections.ozonetel.cloudagent.tests.unit.openings import FORM, LOST, NO_TOKEN, Opening
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import (
    Exchange,
    delete,
    listed,
    number,
    numbers,
    update,
)

UNTESTED = Contact(Habits(), group_id=7, exists=True)
LEARNED = Habits(counts_inserted=True, present_listed=Place.SUCCES)


def added(named: str, count: Optional[int] = None, **more: Any) -> Answer:
    """An answer to update that names numbers and counts them as new."""
    return Answer(7, succeeded=listed(named), inserted=len(named) if count is None else count, **more)


def deleted(named: str, count: Optional[int] = None) -> Answer:
    """An answer to delete."""
    return Answer(7, succeeded=listed(named), deleted=len(named) if count is None else count)


def answered(named: str, answer: Answer, call: Call = Call.UPDATE) -> Answered:
    """Numbers to which the server has said success."""
    return Answered(call, numbers(named), answer)


class Doubted(Opening):
    """Answers that are put to the test."""

    def of(
        self, *parts: Any, kind: Kind = Kind.ADD, contact: Contact = UNTESTED, before: Optional[Before] = None
    ) -> Contact:
        """What is known after the test; every exchange must have been made, and no error ends the run."""
        contact, error = self.with_error(Sent(parts), kind, contact, before)
        assert error is None
        return contact

    def with_error(
        self, sent: Sent, kind: Kind = Kind.ADD, contact: Contact = UNTESTED, before: Optional[Before] = None
    ) -> Any:
        """The same, with the error that ends the run."""
        found = repeat.tested(sent, kind, before or Before(), contact, self.world)
        self.script.finish()
        return found


def test_one_number_that_was_named_is_sent_once_more() -> None:
    contact = Doubted(update("a", added("a", 0))).of(answered("ab", added("ab")))
    assert contact == replace(UNTESTED, habits=LEARNED, tested=frozenset({Kind.ADD}))


def test_one_that_was_counted_is_preferred() -> None:
    answers = answered("a", added("a", 0)), answered("bc", added("bc", 1)), answered("de", added("de", 2))
    assert Doubted(update("d", added("d", 0))).of(*answers).habits == LEARNED


def test_where_the_first_is_not_doubtful_another_is() -> None:
    """A counter that claims more than it can is doubtful in itself, and is no test."""
    answers = answered("a", Answer(7, inserted=5)), answered("b", Answer(7, inserted=1))
    assert Doubted(update("b", Answer(7, inserted=0))).of(*answers).habits == Habits(counts_inserted=True)


def test_a_number_that_was_refused_is_not_sent_again() -> None:
    parts = RefusedNumber(number("a"), "bad"), answered("b", added("b"))
    assert Doubted(update("b", added("b", 0))).of(*parts).habits == LEARNED


@pytest.mark.parametrize(
    ("error", "ends"), [(LOST, False), (NO_TOKEN, True)]  # that no token can be had is true of what follows, too
)
def test_a_test_that_fails_is_not_made_again_and_shows_nothing(error: CloudAgentError, ends: bool) -> None:
    contact, found = Doubted(update("a", error)).with_error(Sent((answered("a", added("a")),)))
    assert (contact, found) == (replace(UNTESTED, tested=frozenset({Kind.ADD})), error if ends else None)
    assert Doubted().of(answered("b", added("b")), contact=contact) == contact


def test_a_number_that_is_refused_when_it_is_sent_again_shows_nothing() -> None:
    assert Doubted(update("a", FORM)).of(answered("a", added("a"))).habits == Habits()


@pytest.mark.parametrize(
    ("contact", "before", "sent"),
    [
        (UNTESTED, Before(), Sent((answered("a", added("a")),), NO_TOKEN)),
        (UNTESTED, Before(), Sent(left=numbers("a"))),
        (replace(UNTESTED, takes_no_more=True), Before(), Sent((answered("a", added("a")),))),
        (replace(UNTESTED, tested=frozenset({Kind.ADD})), Before(), Sent((answered("a", added("a")),))),
        (UNTESTED, Before(ended=True), Sent((answered("a", added("a")),))),
        (replace(UNTESTED, habits=LEARNED), Before(), Sent((answered("a", added("a")),))),
        (UNTESTED, Before(), Sent((answered("a", Answer(7, failed=listed("a"))),))),
        (UNTESTED, Before(), Sent((answered("ab", Answer(7, inserted=1)),))),
        (UNTESTED, Before(), Sent((answered("ab", Answer(7, failed=listed("b"), inserted=2)),))),
    ],
)
def test_nothing_is_sent_again(contact: Contact, before: Before, sent: Sent) -> None:
    """After an error; where nothing was answered, or no more is taken; once tested; in a group that has ended; where
    nothing is doubtful, and where no number is certain to be in the group."""
    assert Doubted().with_error(sent, Kind.ADD, contact, before) == (contact, None)


def test_where_present_numbers_stand_is_tested_for_later_runs_only() -> None:
    counted = replace(UNTESTED, habits=Habits(counts_inserted=True))
    assert Doubted(update("a", added("a", 0))).of(answered("a", added("a")), contact=counted).habits == LEARNED
    assert Doubted(lasting=False).of(answered("a", added("a")), contact=counted) == counted


@pytest.mark.parametrize(("again", "is_true"), [(0, True), (1, False)])
def test_a_counter_that_claims_more_than_can_be_new_is_tested_again(again: int, is_true: bool) -> None:
    contact = replace(UNTESTED, habits=LEARNED)
    before = Before({number("a").canonical: Outcome.ADDED}, on_record=True)
    doubted = Doubted(update("a", added("a", again)))
    assert doubted.of(answered("a", added("a")), contact=contact, before=before).habits.counts_inserted is is_true


@pytest.mark.parametrize(("again", "is_true"), [(0, True), (1, False)])
def test_a_removal_is_tested_with_one_that_is_gone_by_the_id_of_the_group(again: int, is_true: bool) -> None:
    doubted = Doubted(delete("b", deleted("b", again), 7))
    answer = Answer(7, succeeded=listed("b"), failed=listed("a"), deleted=1)
    contact = doubted.of(answered("ab", answer, Call.DELETE), kind=Kind.REMOVE)
    assert contact == replace(UNTESTED, habits=Habits(counts_deleted=is_true), tested=frozenset({Kind.REMOVE}))


def test_a_removal_whose_numbers_have_all_failed_is_not_tested() -> None:
    answer = Answer(7, failed=listed("a"), deleted=1)
    assert Doubted().of(answered("a", answer, Call.DELETE), kind=Kind.REMOVE) == UNTESTED


def test_additions_and_removals_are_tested_each_for_itself() -> None:
    once = replace(UNTESTED, tested=frozenset({Kind.ADD}))
    contact = Doubted(delete("a", deleted("a", 0), 7)).of(
        answered("a", deleted("a"), Call.DELETE), kind=Kind.REMOVE, contact=once
    )
    assert (contact.tested, contact.habits) == (frozenset(Kind), Habits(counts_deleted=True))


def test_a_removal_in_which_no_token_can_be_had_ends_the_run() -> None:
    sent = Sent((answered("a", deleted("a"), Call.DELETE),))
    exchanges: List[Exchange] = [delete("a", NO_TOKEN, 7)]
    assert Doubted(*exchanges).with_error(sent, Kind.REMOVE)[1] is NO_TOKEN
