# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first contact with a group, exchange by exchange."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Answered
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import Contact
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CloudAgentError,
    EndpointMissing,
    NoAnswer,
    Refused,
    UnexpectedError,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.opening import PAUSE, open_to_add
from ansible_collections.ozonetel.cloudagent.tests.unit.openings import (
    DONE,
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
    Exchange,
    create,
    letters,
    listed,
    numbers,
    update,
    update_of_none,
)

# -- a group that is there ---------------------------------------------------------------------------------------------


def test_a_group_that_answers_exists_and_was_not_made() -> None:
    opened = Opening(update("abc", DONE)).add("abc")
    assert (parts(opened), rest(opened), opened.sent.error) == ([("update", "abc")], ("", ""), None)
    assert opened.contact == Contact(Habits(), exists=True)


@pytest.mark.parametrize(
    ("error", "lost", "left"),
    [
        (NO_TOKEN, "", "ab"),
        (Refused("PUT /update", "Parameters are mandatory", documented=True), "", "ab"),
        (NoAnswer("PUT /update", "the connection was lost"), "ab", ""),
        (doubtful(words("x")), "ab", ""),
        (doubtful(EndpointMissing("PUT /update", "404")), "ab", ""),
    ],
)
def test_an_error_that_does_not_mean_an_unknown_group_ends_it(error: Any, lost: str, left: str) -> None:
    opening = Opening(update("ab", error))
    opened = opening.add("ab")
    assert (opened.sent.error, rest(opened)) == (error, (lost, left))
    assert opened.contact == Contact(Habits())
    assert opening.done == []


def test_numbers_that_are_all_refused_for_their_form_make_no_group() -> None:
    opened = Opening(update("ab", FORM), update("a", FORM), update("b", FORM)).add("ab")
    assert (parts(opened), opened.sent.error) == ([("R", "a"), ("R", "b")], None)
    assert not opened.contact.exists


def test_a_group_that_has_answered_once_is_not_made_whatever_it_says_then() -> None:
    opened = Opening(update("ab", FORM), update("a", DONE), update("b", UNKNOWN)).add("ab")
    assert (parts(opened), rest(opened), opened.sent.error) == ([("update", "a")], ("b", ""), UNKNOWN)
    assert opened.contact.exists
    assert not opened.contact.gone


# -- a group that is not there -----------------------------------------------------------------------------------------


def test_a_group_is_made_with_one_number_and_gets_the_others_by_update() -> None:
    made = Answer(group_id=9, succeeded=listed("a"))
    opening = Opening(update("abc", UNKNOWN), create("a", made), update("bc", DONE))
    opened = opening.add("abc")
    assert parts(opened) == [("create", "a"), ("update", "bc")]
    assert (opened.sent.error, rest(opened)) == (None, ("", ""))
    seen = Contact(Habits(), group_id=9, exists=True, created=True, gone=True)
    assert opened.contact == replace(seen, id_is_sure=True, told_ids=frozenset({9}))
    assert opening.done == ["forget"]


def test_a_group_with_a_single_number_needs_no_update() -> None:
    opened = Opening(update("a", UNKNOWN), create("a", Answer(succeeded=listed("a")))).add("a")
    assert (parts(opened), opened.contact.created) == ([("create", "a")], True)


def test_a_number_that_create_does_not_confirm_goes_alone_as_one_that_may_be_there() -> None:
    opening = Opening(update("abc", UNKNOWN), create("a", Answer(9)), update("a", DONE), update("bc", DONE))
    opened = opening.add("abc")
    assert parts(opened) == [("update", "a"), ("update", "bc")]
    alone, others = (part for part in opened.sent.parts if isinstance(part, Answered))
    assert (alone.answer.repeated, others.answer.repeated) == (True, False)
    assert opened.contact.created


def test_a_single_number_that_create_does_not_confirm_goes_once_more() -> None:
    opened = Opening(update("a", UNKNOWN), create("a", Answer(9)), update("a", DONE)).add("a")
    assert (parts(opened), rest(opened)) == ([("update", "a")], ("", ""))


def test_a_number_that_create_does_not_confirm_is_lost_if_nothing_is_said_of_it() -> None:
    opened = Opening(update("abc", UNKNOWN), create("a", Answer(9)), update("a", NO_TOKEN)).add("abc")
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("a", "bc"))
    assert (opened.contact.created, opened.contact.exists) == (True, True)


def test_a_number_that_create_refuses_for_its_form_gives_way_to_the_next() -> None:
    opened = Opening(
        update("abc", UNKNOWN), create("a", FORM), create("b", Answer(9, succeeded=listed("b"))), update("c", DONE)
    ).add("abc")
    assert parts(opened) == [("R", "a"), ("create", "b"), ("update", "c")]


def test_where_create_refuses_every_number_no_group_is_made() -> None:
    opened = Opening(update("ab", UNKNOWN), create("a", FORM), create("b", FORM)).add("ab")
    assert (parts(opened), opened.sent.error) == ([("R", "a"), ("R", "b")], None)
    assert (opened.contact.created, opened.contact.gone) == (False, True)


def test_parts_that_were_refused_before_stay_with_the_new_group() -> None:
    opened = Opening(
        update("ab", FORM), update("a", FORM), update("b", UNKNOWN), create("b", Answer(9, succeeded=listed("b")))
    ).add("ab")
    assert parts(opened) == [("R", "a"), ("create", "b")]


def test_a_record_that_cannot_be_dropped_keeps_the_group_from_being_made() -> None:
    opening = Opening(update("ab", UNKNOWN))
    opening.store_fails = True
    opened = opening.add("ab")
    assert str(opened.sent.error) == "the store is full"
    assert (rest(opened), opened.contact.created, opened.contact.gone) == (("", "ab"), False, True)


def test_the_id_of_a_group_that_is_gone_is_forgotten() -> None:
    opening = Opening(update("a", UNKNOWN), create("a", words("No")))
    opened = open_to_add(numbers("a"), Contact(Habits(), group_id=5), opening.world)
    assert opened.contact.group_id is None


# -- words that nobody has documented ----------------------------------------------------------------------------------


def test_a19_undocumented_words_that_come_once_make_no_group() -> None:
    opening = Opening(update("ab", words("Later")), update("ab", DONE))
    opened = opening.add("ab")
    assert (parts(opened), opening.done) == ([("update", "ab")], [PAUSE])
    assert opened.contact == Contact(Habits(), exists=True)


@pytest.mark.parametrize(
    "again", [words("Others"), words("Busy"), NoAnswer("PUT /update", "lost"), doubtful(words("Later")), MISSING]
)
def test_a19_undocumented_words_that_change_make_no_group(again: CallFailed) -> None:
    opening = Opening(update("ab", words("Later")), update("ab", again))
    opened = opening.add("ab")
    assert (opened.sent.error, opening.done) == (again, [PAUSE])
    assert not opened.contact.gone


@pytest.mark.parametrize(
    ("said", "of_none", "learned"),
    [
        ("No such one", "No such one", "no such one"),
        ("There is no group NUISANCE", "There is no group no such group c437ef48", "there is no group {name}"),
    ],
)
def test_the_same_words_twice_are_learned_if_a_group_that_nobody_has_made_gets_them_too(
    said: str, of_none: str, learned: str
) -> None:
    made = Answer(9, listed("a"))
    opening = Opening(
        update("a", words(said)),
        update("a", words(said)),
        create("a", made),
        update("a", DONE),
        update_of_none("a", words(of_none)),
    )
    opened = opening.add("a")
    assert opening.done == [PAUSE, "forget"]
    assert (opened.contact.created, opened.contact.habits.unknown_group_words) == (True, learned)


@pytest.mark.parametrize("of_none", [words("No such one"), DONE, UNKNOWN, LOST])
def test_words_that_only_this_group_got_are_not_learned_and_it_may_have_been_there(of_none: Any) -> None:
    """They were those of an outage, as it seems, which is over."""
    said = words("Later")
    opened = Opening(
        update("a", said),
        update("a", said),
        create("a", Answer(9, listed("a"))),
        update("a", DONE),
        update_of_none("a", of_none),
    ).add("a")
    assert (opened.contact.created, opened.contact.exists, opened.contact.habits) == (None, True, Habits())


def test_a_group_that_create_has_made_and_update_does_not_know_was_perhaps_not_made() -> None:
    opened = Opening(update("ab", UNKNOWN), create("a", DONE), update("b", UNKNOWN)).add("ab")
    assert (opened.contact.created, rest(opened)) == (None, ("", "b"))


def test_nothing_is_learned_where_the_new_group_did_not_take_its_numbers() -> None:
    said = words("Later")
    opened = Opening(
        update("ab", said), update("ab", said), create("a", Answer(9, listed("a"))), update("b", NO_TOKEN)
    ).add("ab")
    assert (opened.contact.created, opened.contact.habits) == (None, Habits())


@pytest.mark.parametrize("still", [words("Later"), LOST, NO_TOKEN])
def test_words_are_not_learned_while_an_update_of_the_new_group_gets_them_too(still: CloudAgentError) -> None:
    """An outage of update, or a permission that is missing, tells nothing of whether there was such a group."""
    said = words("Later")
    opening = Opening(update("a", said), update("a", said), create("a", Answer(9, listed("a"))), update("a", still))
    opened = opening.add("a")
    assert (opened.contact.created, opened.contact.habits) == (None, Habits())
    assert str(opened.sent.error) == (str(still) if isinstance(still, type(NO_TOKEN)) else "None")


def test_where_there_is_no_token_to_learn_words_the_run_ends_with_what_was_done() -> None:
    said = words("Later")
    opened = Opening(
        update("a", said),
        update("a", said),
        create("a", Answer(9, listed("a"))),
        update("a", DONE),
        update_of_none("a", NO_TOKEN),
    ).add("a")
    assert (parts(opened), opened.sent.error) == ([("create", "a")], NO_TOKEN)
    assert (opened.contact.created, opened.contact.exists) == (None, True)


def test_words_that_are_empty_are_not_learned() -> None:
    said = words("")
    opened = Opening(update("a", said), update("a", said), create("a", Answer(9, listed("a")))).add("a")
    assert (opened.contact.created, opened.contact.habits) == (None, Habits())


def test_documented_words_after_others_are_certain() -> None:
    opened = Opening(update("a", words("Later")), update("a", UNKNOWN), create("a", Answer(9, listed("a")))).add("a")
    assert opened.contact.created is True


@pytest.mark.parametrize("known", [False, True])
def test_the_accounts_own_words_are_certain_when_they_come_twice(known: bool) -> None:
    own = Habits(unknown_group_words="no such one")
    said = words("No such one")
    opening = Opening(update("a", said), update("a", said), create("a", Answer(9, listed("a"))), known=known)
    opened = opening.add("a", own)
    assert (opened.contact.created, opened.contact.habits) == (True, own)


def test_the_accounts_own_words_may_hold_the_name() -> None:
    own = Habits(unknown_group_words="there is no group {name}")
    said = words("There is no group Nuisance")
    opened = Opening(update("a", said), update("a", said), create("a", Answer(9, listed("a")))).add("a", own)
    assert opened.contact.created is True


def test_a19_once_the_accounts_own_words_are_known_others_mean_nothing() -> None:
    for said in ("Later", "Try again"):  # before and after the known words in the alphabet
        opening = Opening(update("a", words(said)))
        opened = opening.add("a", Habits(unknown_group_words="no such one"))
        assert (str(opened.sent.error), opening.done) == (f"PUT /update: {said}.", [])


def test_undocumented_words_mean_nothing_where_the_group_is_on_record() -> None:
    opening = Opening(update("a", words("Later")), known=True)
    assert (letters(opening.add("a").sent.left), opening.done) == ("a", [])


# -- a create that fails -----------------------------------------------------------------------------------------------


def test_a_create_that_is_refused_is_told_with_what_update_said() -> None:
    refused = Refused("POST /create", "Group name already exists", "Choose another.", 200)
    opened = Opening(update("ab", UNKNOWN), create("a", refused)).add("ab")
    assert str(opened.sent.error) == (
        "POST /create: HTTP 200: Group name already exists. Before that, PUT /update was answered: Invalid group id."
        " Choose another."
    )
    assert (rest(opened), opened.contact.created) == (("", "ab"), False)


def test_a_create_for_which_there_is_no_token_is_told_as_that() -> None:
    opened = Opening(update("ab", UNKNOWN), create("a", NO_TOKEN)).add("ab")
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("", "ab"))


def test_an_exception_that_nobody_foresaw_may_have_made_the_group() -> None:
    opened = Opening(update("ab", UNKNOWN), create("a", ZeroDivisionError())).add("ab")
    assert isinstance(opened.sent.error, UnexpectedError)
    assert (rest(opened), opened.contact.created) == (("a", "b"), None)


X = words("x")


@pytest.mark.parametrize(
    ("before", "after", "created", "repeated"),
    [
        ([update("ab", UNKNOWN)], [], True, False),
        ([update("ab", X)] * 2, [update_of_none("a", X)], True, True),
        ([update("ab", X)] * 2, [update_of_none("a", UNKNOWN)], None, True),
    ],
)
def test_a_create_whose_answer_was_lost_is_found_by_update(
    before: List[Exchange], after: List[Exchange], created: Optional[bool], repeated: bool
) -> None:
    opened = Opening(*before, create("a", LOST), update("a", DONE), update("b", DONE), *after).add("ab")
    assert (parts(opened), opened.sent.error) == ([("update", "a"), ("update", "b")], None)
    assert (opened.contact.exists, opened.contact.created) == (True, created)
    first, other = opened.sent.answers
    # Create may have put the first number there; the other only where there may have been a group before.
    assert (first.answer.repeated, other.answer.repeated) == (True, repeated)


@pytest.mark.parametrize("said", [UNKNOWN, words("x")])
def test_a_create_whose_answer_was_lost_may_still_land(said: CallFailed) -> None:
    first = [update("ab", said)] * (1 if said is UNKNOWN else 2)
    opened = Opening(*first, create("a", LOST), update("a", said)).add("ab")
    assert f"the connection was lost; asked for the group after that, the server said: {said.said}. The" in str(
        opened.sent.error
    )
    assert str(opened.sent.error).endswith("The group was most likely not made. Run again in some minutes.")
    assert (opened.contact.created, opened.contact.exists) == (None, False)
    assert letters(opened.sent.lost).startswith("a")


def test_a_create_whose_answer_was_lost_stays_open_where_update_fails() -> None:
    opened = Opening(update("ab", UNKNOWN), create("a", LOST), update("a", NO_TOKEN)).add("ab")
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("a", "b"))
    assert (opened.contact.created, opened.contact.exists) == (None, False)


# -- where there is no update call -------------------------------------------------------------------------------------


def test_without_an_update_call_create_gets_all_numbers_and_nobody_knows_what_was_before() -> None:
    made = Answer(9, succeeded=listed("ab"))
    opening = Opening(update("ab", MISSING), update("ab", MISSING), create(["a", "b"], made))
    opened = opening.add("ab")
    assert (parts(opened), opening.done) == ([("create", "ab")], [PAUSE, "forget"])
    assert opened.contact == Contact(Habits(), group_id=9, exists=True, created=None, gone=True, takes_no_more=True)


def test_a_create_that_takes_no_list_gets_a_string() -> None:
    joined = Exchange("create", ",".join(listed("ab")), Answer(9))
    opened = Opening(update("ab", MISSING), update("ab", MISSING), create(["a", "b"], FORM), joined).add("ab")
    assert (parts(opened), opened.contact.takes_no_more) == ([("create", "ab")], True)


def test_a_create_that_takes_neither_gets_halves_until_one_is_taken() -> None:
    def joined(named: str, said: Any) -> Exchange:
        return Exchange("create", ",".join(listed(named)), said)

    opened = Opening(
        update("abcd", MISSING),
        update("abcd", MISSING),
        create(["a", "b", "c", "d"], FORM),
        joined("abcd", FORM),
        create(["a", "b"], FORM),
        joined("ab", FORM),
        joined("a", FORM),
        joined("b", Answer(9, listed("b"))),
    ).add("abcd")
    assert (parts(opened), rest(opened)) == ([("R", "a"), ("create", "b")], ("", "cd"))
    assert opened.contact.takes_no_more


def test_a_create_that_takes_no_number_at_all_leaves_each_refused() -> None:
    opened = Opening(
        update("ab", MISSING),
        update("ab", MISSING),
        create(["a", "b"], FORM),
        Exchange("create", ",".join(listed("ab")), FORM),
        create("a", FORM),
        create("b", FORM),
    ).add("ab")
    assert (parts(opened), opened.contact.takes_no_more) == ([("R", "a"), ("R", "b")], False)
    assert not opened.contact.gone  # nobody has said that there is no such group


@pytest.mark.parametrize(
    ("error", "lost", "left", "created"), [(LOST, "ab", "", None), (words("No", "POST /create"), "", "ab", False)]
)
def test_a_create_alone_that_fails_ends_it(error: CallFailed, lost: str, left: str, created: Optional[bool]) -> None:
    opened = Opening(update("ab", MISSING), update("ab", MISSING), create(["a", "b"], error)).add("ab")
    assert (rest(opened), opened.contact.created) == ((lost, left), created)
    assert "PUT /update was answered: no message" in str(opened.sent.error)


def test_an_error_in_a_half_leaves_the_other() -> None:
    opened = Opening(
        update("ab", MISSING),
        update("ab", MISSING),
        create(["a", "b"], FORM),
        Exchange("create", ",".join(listed("ab")), FORM),
        create("a", NO_TOKEN),
    ).add("ab")
    assert (opened.sent.error, rest(opened)) == (NO_TOKEN, ("", "ab"))


def test_a_group_on_record_that_was_made_without_an_update_call_takes_no_more() -> None:
    opening = Opening(update("ab", MISSING), known=True)
    opened = opening.add("ab")
    assert (opened.sent.error, rest(opened), opening.done) == (None, ("", "ab"), [])
    assert opened.contact == Contact(Habits(), takes_no_more=True)


def test_a_path_that_was_served_before_and_is_not_now_is_an_error() -> None:
    for known in (False, True):
        opened = Opening(update("a", MISSING), known=known).add("a", Habits(update_path="/update"))
        assert (opened.sent.error, opened.contact.takes_no_more) == (MISSING, False)


def test_a_path_that_is_missing_once_only_is_none_that_is_missing() -> None:
    opened = Opening(update("a", MISSING), update("a", words("x"))).add("a")
    assert (str(opened.sent.error), opened.contact.gone) == ("PUT /update: x.", False)


def test_without_a_record_that_is_kept_no_group_is_made_that_nobody_could_ask_for() -> None:
    opened = Opening(update("ab", MISSING), update("ab", MISSING), lasting=False).add("ab")
    assert rest(opened) == ("", "ab")
    assert opened.sent.error is not None
    assert "there is no update call to ask whether the server has this group" in str(opened.sent.error)
    assert "Give a state_store" in str(opened.sent.error)
    assert (opened.contact.gone, opened.contact.created) == (False, False)
