# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first contact with a group from which numbers are removed, exchange by exchange."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Answered, RefusedNumber, Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, Call, GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import Contact, Opened
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    Refused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Evidence, Source
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.removal import as_sure_as_the_id
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
    numbers,
    update,
)

DELETED = Answer(7, succeeded=listed("abc"), deleted=3)
NEEDS_ID = Refused("DELETE /delete", "Parameters are mandatory", documented=True)
ADDED = Answer(group_id=7, succeeded=listed("a"), inserted=1)


def test_numbers_are_removed_by_the_id_that_is_known_and_by_name() -> None:
    opened = Opening(delete("abc", DELETED, 5)).remove("abc", Contact(Habits(), group_id=5))
    assert parts(opened) == [("delete", "abc")]
    assert opened.contact == Contact(Habits(), group_id=5)  # an answer tells the id that it was asked for
    by_name = Opening(delete("abc", DELETED)).remove("abc")
    assert by_name.contact == Contact(Habits(), exists=True)


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
    assert opened.contact == Contact(Habits(), group_id=7, exists=True, id_is_sure=True)


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
    assert "Check the name. If it is right, give group_id (the web console shows it)" in str(opened.sent.error)
    assert (rest(opened), opened.contact.exists) == (("a", "b"), True)


def test_a_number_that_update_refuses_for_its_form_gives_way_to_the_next() -> None:
    answer = Answer(7, succeeded=listed("b"), inserted=0)
    opened = Opening(delete("ab", NEEDS_ID), update("a", FORM), update("b", answer), delete("ab", DELETED, 7)).remove(
        "ab"
    )
    assert parts(opened) == [("delete", "ab")]


def test_where_update_refuses_every_number_for_its_form_the_id_stays_open() -> None:
    opened = Opening(delete("ab", NEEDS_ID), update("a", FORM), update("b", FORM)).remove("ab")
    assert "give group_id" in str(opened.sent.error)
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
        assert "give group_id" in str(opened.sent.error)
        assert opened.sent.error is not None
        assert opened.sent.error.maybe_done is error.maybe_done


# -- an id that may be stale -------------------------------------------------------------------------------------------

NOTHING = Answer(5, deleted=0)
UNTOLD = Answer(deleted=0)
RECORDED = Contact(Habits(counts_deleted=True), 5)


def _first(*answers: Answer, named: str = "ab") -> Sent:
    of_each = [named] if len(answers) == 1 else list(named)
    return Sent(tuple(Answered(Call.DELETE, numbers(of), answer) for of, answer in zip(of_each, answers)))


def _twice(first: Answer, *exchanges: Any, contact: Contact = RECORDED, holds: bool = True) -> Opened:
    return Opening(*exchanges, holds=holds).remove_by_name_too("ab", _first(first), contact)


def test_where_nothing_is_found_by_the_recorded_id_the_name_tells() -> None:
    opened = _twice(NOTHING, delete("ab", replace(DELETED, deleted=2)))
    assert ([answer.deleted for answer in _told(opened)], rest(opened)) == ([2], ("", ""))
    assert not any(answer.repeated for answer in _told(opened))
    assert opened.contact == replace(RECORDED, group_id=None)  # which has another id


def _told(opened: Opened) -> List[Answer]:
    return [part.answer for part in opened.sent.parts if isinstance(part, Answered)]


def test_an_answer_to_the_name_that_tells_the_recorded_id_makes_it_sure() -> None:
    opened = _twice(NOTHING, delete("ab", NOTHING))
    assert opened.contact == replace(RECORDED, exists=True, id_is_sure=True)
    assert _twice(NOTHING, delete("ab", UNTOLD)).contact == RECORDED
    assert _twice(NOTHING, delete("ab", replace(NOTHING, group_id=6))).contact == replace(RECORDED, group_id=None)


def test_what_a_true_counter_has_counted_makes_the_id_sure() -> None:
    opened = _twice(replace(NOTHING, deleted=1))
    assert opened.contact == replace(RECORDED, exists=True, id_is_sure=True)
    assert [answer.deleted for answer in _told(opened)] == [1]


@pytest.mark.parametrize(
    ("first", "deleted", "sum_of_both"),
    [
        (replace(NOTHING, deleted=2), 2, 4),
        (replace(NOTHING, deleted=None), 2, 2),
        (replace(NOTHING, deleted=None), None, None),
        (replace(NOTHING, repeated=True), 1, 1),
    ],
)
def test_what_the_id_and_the_name_have_counted_is_summed_up(
    first: Answer, deleted: Optional[int], sum_of_both: Optional[int]
) -> None:
    contact = Contact(Habits(counts_deleted=False), 5)
    opened = _twice(first, delete("ab", replace(UNTOLD, deleted=deleted)), contact=contact)
    assert [(answer.deleted, answer.repeated) for answer in _told(opened)] == [(sum_of_both, first.repeated)]
    assert opened.contact.group_id == (None if first.deleted == 0 and deleted else 5)


def test_what_is_refused_by_the_name_may_have_been_removed_by_the_id() -> None:
    contact = Contact(Habits(counts_deleted=False), 5)
    exchanges = (delete("ab", FORM), delete("a", FORM), delete("b", FORM))
    opened = _twice(replace(NOTHING, deleted=1), *exchanges, contact=contact)
    assert [part.maybe_done for part in opened.sent.parts if isinstance(part, RefusedNumber)] == [True, True]
    # A true count of none tells that the id has removed nothing.
    truly = Contact(Habits(counts_deleted=True), 5)
    for first, doubted in ((NOTHING, False), (replace(NOTHING, repeated=True), True)):
        none = _twice(first, *exchanges, contact=truly)
        assert [part.maybe_done for part in none.sent.parts if isinstance(part, RefusedNumber)] == [doubted] * 2
    opening = Opening(delete("ab", FORM), delete("a", FORM), delete("b", UNTOLD), holds=True)
    refused_by_both = Sent((RefusedNumber(numbers("a")[0], "bad form"), *_first(NOTHING, named="b").parts))
    again = opening.remove_by_name_too("ab", refused_by_both, contact)
    assert [part.maybe_done for part in again.sent.parts if isinstance(part, RefusedNumber)] == [False]


def test_that_nothing_is_found_by_an_id_on_record_is_no_more_certain_than_the_record() -> None:
    evidence = (Evidence(False, Source.SERVER), Evidence(True, Source.SERVER), Evidence(False, Source.LEDGER))
    by_record = (Evidence(False, Source.LEDGER), *evidence[1:])
    assert as_sure_as_the_id(evidence, RECORDED, Opening().world) == by_record
    for contact, more in (
        (replace(RECORDED, id_is_sure=True), {}),
        (replace(RECORDED, group_id=None), {}),
        (RECORDED, {"given_id": True}),
        (RECORDED, {"holds": True}),  # then the name was tried as well
    ):
        assert as_sure_as_the_id(evidence, contact, Opening(**more).world) == evidence


def test_what_the_id_has_counted_is_added_once() -> None:
    opening = Opening(delete("ab", FORM), delete("a", FORM), delete("b", replace(UNTOLD, deleted=1)), holds=True)
    sent = _first(replace(NOTHING, deleted=2), replace(NOTHING, deleted=1))
    opened = opening.remove_by_name_too("ab", sent, Contact(Habits(counts_deleted=False), 5))
    assert parts(opened) == [("R", "a"), ("delete", "b")]
    assert [answer.deleted for answer in _told(opened)] == [4]


def test_where_the_server_insists_on_an_id_an_update_tells_it() -> None:
    answer = Answer(8, succeeded=listed("a"), inserted=0)
    found = Answer(8, deleted=2)
    opened = _twice(NOTHING, delete("ab", NEEDS_ID), update("a", answer), delete("ab", found, 8))
    assert ([answer.deleted for answer in _told(opened)], rest(opened)) == ([2], ("", ""))
    assert opened.contact == replace(RECORDED, group_id=8, exists=True, id_is_sure=True)


def test_where_no_such_group_exists_nothing_is_there() -> None:
    opened = _twice(NOTHING, delete("ab", UNKNOWN), update("a", UNKNOWN))
    assert (rest(opened), opened.sent.error, opened.contact.gone) == (("", "ab"), None, True)


@pytest.mark.parametrize("first", [Answer(5), Answer(5, deleted=2)])
def test_where_no_such_group_exists_any_more_what_the_id_has_removed_is_told(first: Answer) -> None:
    untested = Contact(Habits(counts_deleted=False), 5)
    opened = _twice(first, delete("ab", UNKNOWN), update("a", UNKNOWN), contact=untested)
    assert (_told(opened), rest(opened), opened.contact.gone) == ([first], ("", ""), True)


@pytest.mark.parametrize("error", [LOST, MISSING, NO_TOKEN])
def test_where_the_name_cannot_be_tried_nobody_knows(error: Any) -> None:
    opened = _twice(NOTHING, delete("ab", error))
    assert (parts(opened), rest(opened)) == ([], ("ab", ""))
    assert opened.sent.error is (NO_TOKEN if error is NO_TOKEN else None)
    untold = _twice(NOTHING, delete("ab", NEEDS_ID), update("a", error))
    assert (parts(untold), rest(untold)) == ([], ("ab", ""))
    assert untold.sent.error is (NO_TOKEN if error is NO_TOKEN else None)


@pytest.mark.parametrize(
    ("contact", "sent", "more"),
    [
        (replace(RECORDED, id_is_sure=True), _first(NOTHING), {"holds": True}),
        (RECORDED, _first(NOTHING), {"holds": True, "given_id": True}),
        (RECORDED, _first(NOTHING), {}),  # as recorded
        (replace(RECORDED, group_id=None), _first(NOTHING), {"holds": True}),
        (RECORDED, Sent(error=NO_TOKEN, left=numbers("ab")), {"holds": True}),
        (RECORDED, replace(_first(NOTHING), error=NO_TOKEN), {"holds": True}),
        (RECORDED, Sent((RefusedNumber(numbers("a")[0], "bad"),)), {"holds": True}),
    ],
)
def test_where_nothing_is_to_be_found_out_nothing_is_sent(contact: Contact, sent: Sent, more: Any) -> None:
    assert Opening(**more).remove_by_name_too("ab", sent, contact) == Opened(sent, contact)
