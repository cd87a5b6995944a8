# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first contact with a group from which numbers are removed, exchange by exchange."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Answered, RefusedNumber
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import Contact, Opened
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    Refused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.tests.unit.openings import (
    FORM,
    LOST,
    MISSING,
    NO_TOKEN,
    UNKNOWN,
    Opening,
    doubtful,
    parts,
    rest,
    words,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import (
    delete,
    listed,
    update,
)

DELETED = Answer(7, succeeded=listed("abc"), deleted=3)
NEEDS_ID = Refused("DELETE /delete", "Parameters are mandatory", documented=True)
ADDED = Answer(group_id=7, succeeded=listed("a"), inserted=1)


def test_numbers_are_removed_by_the_id_that_is_known_and_by_name() -> None:
    opened = Opening(delete("abc", DELETED, 5)).remove("abc", Contact(Habits(), group_id=5))
    assert parts(opened) == [("delete", "abc")]
    assert opened.contact == Contact(Habits(), group_id=5, exists=True)


@pytest.mark.parametrize(
    ("contact", "given_id", "error"),
    [
        (Contact(Habits(), exists=True), False, NEEDS_ID),
        (Contact(Habits()), True, NEEDS_ID),
        (Contact(Habits()), False, NO_TOKEN),
        (Contact(Habits()), False, MISSING),
        (Contact(Habits()), False, doubtful(words("x"))),
    ],
)
def test_an_error_that_does_not_ask_for_the_id_ends_it(contact: Contact, given_id: bool, error: Any) -> None:
    opened = Opening(delete("a", error), given_id=given_id).remove("a", contact)
    assert (opened.sent.error, opened.contact) == (error, contact)


def test_a_removal_that_was_answered_in_part_asks_for_no_id() -> None:
    opened = Opening(delete("ab", FORM), delete("a", DELETED), delete("b", NEEDS_ID)).remove("ab")
    assert (parts(opened), rest(opened), opened.sent.error) == ([("delete", "a")], ("b", ""), NEEDS_ID)
    assert opened.contact.exists


@pytest.mark.parametrize("asks", [NEEDS_ID, UNKNOWN, words("x", "DELETE /delete")])
def test_an_update_with_one_number_tells_the_id(asks: CallFailed) -> None:
    answer = replace(ADDED, inserted=0)
    opened = Opening(delete("abc", asks), update("a", answer), delete("abc", DELETED, 7)).remove("abc")
    assert (parts(opened), rest(opened), opened.sent.error) == ([("delete", "abc")], ("", ""), None)
    assert opened.contact == Contact(Habits(), group_id=7, exists=True)


def _deleted(opened: Opened) -> List[Optional[int]]:
    return [part.answer.deleted for part in opened.sent.parts if isinstance(part, Answered)]


@pytest.mark.parametrize(
    ("habits", "answer", "deleted"),
    [
        (Habits(counts_inserted=True), ADDED, 2),
        (Habits(counts_inserted=True), replace(ADDED, inserted=0), 3),
        (Habits(), replace(ADDED, inserted=0), 3),
        (Habits(counts_inserted=False), ADDED, None),
        (Habits(), replace(ADDED, inserted=None), None),
        (Habits(counts_inserted=True), replace(ADDED, repeated=True), None),
    ],
)
def test_the_number_that_was_added_to_learn_the_id_is_not_counted(
    habits: Habits, answer: Answer, deleted: Optional[int]
) -> None:
    opened = Opening(delete("abc", NEEDS_ID), update("a", answer), delete("abc", DELETED, 7)).remove(
        "abc", Contact(habits)
    )
    assert _deleted(opened) == [deleted]


def test_a_counter_that_was_never_tested_is_tested_before_it_is_relied_on() -> None:
    opened = Opening(
        delete("abc", NEEDS_ID),
        update("a", ADDED),
        update("a", replace(ADDED, inserted=0)),
        delete("abc", DELETED, 7),
    ).remove("abc")
    assert (_deleted(opened), opened.contact.habits.counts_inserted) == ([2], True)


@pytest.mark.parametrize("said", [LOST, FORM])
def test_a_test_that_fails_leaves_the_counter_open(said: CallFailed) -> None:
    opened = Opening(delete("abc", NEEDS_ID), update("a", ADDED), update("a", said), delete("abc", DELETED, 7)).remove(
        "abc"
    )
    assert (_deleted(opened), opened.contact.habits) == ([None], Habits())


def test_a_test_for_which_there_is_no_token_ends_it() -> None:
    opened = Opening(delete("abc", NEEDS_ID), update("a", ADDED), update("a", NO_TOKEN)).remove("abc")
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("a", "bc"))
    assert (opened.contact.exists, opened.contact.group_id) == (True, 7)


def test_only_the_part_with_the_added_number_is_counted_anew_and_never_below_nought() -> None:
    opened = Opening(
        delete("abc", NEEDS_ID),
        update("a", ADDED),
        delete("abc", FORM, 7),
        delete("a", replace(DELETED, deleted=0), 7),
        delete("bc", FORM, 7),
        delete("b", replace(DELETED, deleted=1), 7),
        delete("c", FORM, 7),
    ).remove("abc", Contact(Habits(counts_inserted=True)))
    assert _deleted(opened) == [0, 1]
    assert isinstance(opened.sent.parts[2], RefusedNumber)


def test_a_counter_that_is_not_given_stays_so() -> None:
    without = replace(DELETED, deleted=None)
    opened = Opening(delete("abc", NEEDS_ID), update("a", ADDED), delete("abc", without, 7)).remove(
        "abc", Contact(Habits(counts_inserted=True))
    )
    assert _deleted(opened) == [None]


def test_a_number_that_was_added_to_learn_the_id_is_lost_where_the_removal_fails() -> None:
    opened = Opening(delete("abc", NEEDS_ID), update("a", ADDED), delete("abc", NO_TOKEN, 7)).remove(
        "abc", Contact(Habits(counts_inserted=True))
    )
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("a", "bc"))


@pytest.mark.parametrize("said", [UNKNOWN, words("No such one")])
def test_a_group_that_does_not_exist_has_nothing_to_be_removed(said: CallFailed) -> None:
    habits = Habits(unknown_group_words="no such one")
    opened = Opening(delete("ab", NEEDS_ID), update("a", said)).remove("ab", Contact(habits))
    assert (opened.sent.error, rest(opened), opened.contact.gone) == (None, ("", "ab"), True)


def test_an_id_that_update_does_not_tell_is_asked_of_the_user() -> None:
    opened = Opening(delete("ab", NEEDS_ID), update("a", Answer())).remove("ab")
    assert "Give group_id (the web console shows it)" in str(opened.sent.error)
    assert (rest(opened), opened.contact.exists) == (("a", "b"), True)


def test_a_number_that_update_refuses_for_its_form_gives_way_to_the_next() -> None:
    answer = Answer(7, succeeded=listed("b"), inserted=0)
    opened = Opening(delete("ab", NEEDS_ID), update("a", FORM), update("b", answer), delete("ab", DELETED, 7)).remove(
        "ab"
    )
    assert parts(opened) == [("delete", "ab")]


def test_where_update_refuses_every_number_for_its_form_the_id_stays_open() -> None:
    opened = Opening(delete("ab", NEEDS_ID), update("a", FORM), update("b", FORM)).remove("ab")
    assert "Give group_id" in str(opened.sent.error)
    assert (rest(opened), opened.contact.exists) == (("", "ab"), False)


MANDATORY = Refused("PUT /update", "Parameters are mandatory", documented=True)


def test_description_and_expiry_are_sent_only_to_a_server_that_insists_on_them() -> None:
    answer = replace(ADDED, inserted=0)
    opening = Opening(delete("a", NEEDS_ID), update("a", answer), delete("a", DELETED, 7))
    assert opening.remove("a").carried is False
    assert opening.script.texts[1] == GroupText("Nuisance")
    opening = Opening(delete("a", NEEDS_ID), update("a", MANDATORY), update("a", answer), delete("a", DELETED, 7))
    assert opening.remove("a").carried is True
    assert opening.script.texts[2] == GroupText("Nuisance", "Reported")


@pytest.mark.parametrize(
    ("said", "carried"), [(UNKNOWN, False), (MANDATORY, False), (LOST, True), (replace(ADDED, group_id=None), True)]
)
def test_what_an_update_may_have_carried_is_told_whatever_follows(said: Any, carried: bool) -> None:
    opened = Opening(delete("ab", NEEDS_ID), update("a", MANDATORY), update("a", said)).remove("ab")
    assert (opened.carried, opened.contact.gone) == (carried, said is UNKNOWN)


def test_what_was_carried_is_told_where_there_is_no_token_for_the_test() -> None:
    opening = Opening(delete("a", NEEDS_ID), update("a", MANDATORY), update("a", ADDED), update("a", NO_TOKEN))
    assert opening.remove("a").carried is True


@pytest.mark.parametrize(
    ("error", "times", "lost", "left"), [(LOST, 1, "a", "b"), (words("x"), 2, "", "ab"), (NO_TOKEN, 1, "", "ab")]
)
def test_an_update_that_fails_to_tell_the_id_ends_it(error: Any, times: int, lost: str, left: str) -> None:
    opened = Opening(delete("ab", NEEDS_ID), *[update("a", error)] * times).remove("ab")
    assert rest(opened) == (lost, left)
    if error is NO_TOKEN:
        assert opened.sent.error is error
    else:
        assert "DELETE /delete was answered: Parameters are mandatory" in str(opened.sent.error)
        assert "Give group_id" in str(opened.sent.error)
        assert opened.sent.error is not None
        assert opened.sent.error.maybe_done is error.maybe_done


# -- an id that may be stale -------------------------------------------------------------------------------------------

NOTHING = Answer(5, deleted=0)


def test_a_removal_that_finds_nothing_by_the_recorded_id_is_tried_by_name() -> None:
    found = replace(DELETED, deleted=2)
    opened = Opening(delete("ab", NOTHING, 5), delete("ab", found), holds=True).remove("ab", Contact(Habits(), 5))
    assert (_deleted(opened), rest(opened)) == ([2], ("", ""))


def test_where_that_cannot_be_tried_by_name_nobody_knows() -> None:
    opened = Opening(delete("ab", NOTHING, 5), delete("ab", NEEDS_ID), holds=True).remove("ab", Contact(Habits(), 5))
    assert (parts(opened), rest(opened), opened.sent.error) == ([], ("ab", ""), None)


def test_where_there_is_no_token_to_try_it_by_name_the_run_ends() -> None:
    opened = Opening(delete("ab", NOTHING, 5), delete("ab", NO_TOKEN), holds=True).remove("ab", Contact(Habits(), 5))
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("ab", ""))


@pytest.mark.parametrize(
    ("contact", "answer", "more"),
    [
        (Contact(Habits(), 5, exists=True), NOTHING, {"holds": True}),  # an answer of this run has told the id
        (Contact(Habits(), 5), NOTHING, {"holds": True, "given_id": True}),
        (Contact(Habits(), 5), NOTHING, {}),  # as recorded
        (Contact(Habits(), 5), replace(NOTHING, deleted=1), {"holds": True}),
        (Contact(Habits(), 5), replace(NOTHING, deleted=None), {"holds": True}),
        (Contact(Habits(), 5), replace(NOTHING, repeated=True), {"holds": True}),  # the first try may have removed it
    ],
)
def test_a_removal_that_finds_what_can_be_expected_is_not_tried_again(
    contact: Contact, answer: Answer, more: Any
) -> None:
    opened = Opening(delete("ab", answer, 5), **more).remove("ab", contact)
    assert parts(opened) == [("delete", "ab")]


def test_a_removal_by_name_alone_has_no_id_that_could_be_stale() -> None:
    assert parts(Opening(delete("a", NOTHING), holds=True).remove("a")) == [("delete", "a")]


def test_a_removal_that_failed_is_not_tried_by_name() -> None:
    opened = Opening(delete("a", NO_TOKEN, 5), holds=True).remove("a", Contact(Habits(), 5))
    assert opened.sent.error is NO_TOKEN


def test_numbers_that_are_all_refused_for_their_form_show_no_stale_id() -> None:
    opened = Opening(delete("a", FORM, 5), holds=True).remove("a", Contact(Habits(), 5))
    assert parts(opened) == [("R", "a")]
