# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the transcript of a probe shows of how an account answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Dict, Optional, Set

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import NotSent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    ABSENT,
    NEW,
    NO_GROUP,
    NO_GROUP_EITHER,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits, Place
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.learned import learned, looked_at, was_new
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    BAD_TOKEN,
    HTML,
    LIMIT,
    LOST,
    MANDATORY,
    UNKNOWN,
    added,
    asked,
    deleted,
    refused,
    transcript,
)

PATHS = ("/newer", "/older")
IN_ANOTHER_FORM = "447700900901"


def test_nothing_is_learned_of_nothing() -> None:
    assert learned({}, PATHS) == Habits()


# -- the path of update ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newer", "older", "path"),
    [
        (added([NEW]), (b"", 404), "/newer"),
        ((b"", 404), added([NEW]), "/older"),
        (UNKNOWN, (b"", 405), "/newer"),
        ((b"", 404), UNKNOWN, "/older"),
        (refused("no such group"), (b"", 404), None),  # it may be said whatever the request was
        (BAD_FORM, (b"", 404), None),
        (MANDATORY, added([NEW]), "/older"),
        (added([NEW]), added([NEW]), "/newer"),
        (UNKNOWN, UNKNOWN, "/newer"),
        (UNKNOWN, added([NEW]), "/older"),  # it knows the group, and the other does not
        ((HTML, 502), UNKNOWN, "/older"),
        (LOST, added([NEW]), "/older"),
        ((b"", 404), (b"", 404), None),
        (LOST, (HTML, 500), None),
        # None of these is the application's answer to update.
        (NotSent("PUT /update", "no connection"), None, None),
        (LIMIT, None, None),
        ((HTML, 429), None, None),
        (BAD_TOKEN, None, None),
        ((HTML, 403), None, None),
    ],
)
def test_the_path_is_one_on_which_the_application_itself_has_answered(
    newer: Any, older: Any, path: Optional[str]
) -> None:
    said = transcript(_said("update", newer), *([] if older is None else [_said("update_older_path", older)]))
    assert learned(said, PATHS).update_path == path
    assert learned(said).update_path is None


def _said(question: str, said: Any) -> Any:
    body, status = said if isinstance(said, tuple) else (said, 200)
    return asked(question, body, status, older="older" in question)


def test_a_path_that_has_taken_something_is_believed_before_one_that_has_refused() -> None:
    said = transcript(
        _said("update", UNKNOWN), _said("update_older_path", UNKNOWN), _said("after_create", added([NEW]))
    )
    assert learned(said, PATHS).update_path == "/newer"


# -- words for an unknown group ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (refused("No such one."), "no such one"),
        (refused(f"No group {NO_GROUP} here"), "no group {name} here"),
        (UNKNOWN, None),
        (MANDATORY, None),
        (refused("invalid data", errors={"name": "too long"}), None),
        (BAD_FORM, None),
        (refused(""), None),
        (added([NEW]), None),
        (LOST, None),
        (HTML, None),
        (BAD_TOKEN, None),
    ],
)
def test_an_accounts_own_words_are_learned_and_no_documented_ones(said: Any, words: Optional[str]) -> None:
    assert _learned_words(said, _of_the_other(said)) == words


def _of_the_other(said: Any) -> Any:
    """The same words about another group."""
    return json.loads(json.dumps(said).replace(NO_GROUP, NO_GROUP_EITHER)) if isinstance(said, dict) else said


def _learned_words(said: Any, again: Any, **more: Any) -> Optional[str]:
    before = {"add_new": added([NEW]), **more}
    return learned(
        transcript(unknown_group=said, **before, unknown_again=again, add_later=added([NEW]))
    ).unknown_group_words


@pytest.mark.parametrize("again", [refused("Another"), UNKNOWN, added([NEW]), LOST, HTML, refused("")])
def test_words_are_learned_that_two_groups_get(again: Any) -> None:
    assert _learned_words(refused("No such one"), refused("No such one")) == "no such one"
    assert _learned_words(refused("No such one"), again) is None


@pytest.mark.parametrize(
    ("question", "means_more"),
    [("letters", True), ("without_expiry", True), ("create_list", True), ("update", False), ("delete_by_name", False)],
)
def test_words_that_are_said_of_something_else_are_not_learned(question: str, means_more: bool) -> None:
    words = _learned_words(refused("No"), refused("No"), **{question: refused("No")})
    assert words == (None if means_more else "no")


def test_words_are_learned_only_where_the_probes_own_group_was_there_afterwards() -> None:
    no = refused("No such one")
    assert learned(transcript(unknown_group=no, add_new=added([NEW]), unknown_again=no)).unknown_group_words is None
    assert learned(transcript(unknown_group=no, add_later=added([NEW]))).unknown_group_words is None


# -- counters and places -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        (added([NEW], inserted=1), added([NEW], inserted=0), Habits(counts_inserted=True, present_listed=Place.SUCCES)),
        (
            added([NEW], inserted=1),
            added([], [NEW], inserted=0),
            Habits(counts_inserted=True, present_listed=Place.ERROR),
        ),
        (added([NEW], inserted=1), added(inserted=0), Habits(counts_inserted=True, present_listed=Place.NOWHERE)),
        (
            added([NEW], inserted=1),
            added([NEW], inserted=1),
            Habits(counts_inserted=False, present_listed=Place.SUCCES),
        ),
        (added([NEW]), added([NEW]), Habits(present_listed=Place.SUCCES)),
        (added([IN_ANOTHER_FORM]), added([], [IN_ANOTHER_FORM]), Habits(present_listed=Place.ERROR)),
        (added([NEW]), added(["something else"]), Habits()),
        (added([NEW]), {"status": "success"}, Habits()),
        (added([NEW]), {"status": "success", "output": {"succes": "x", "error": None, "inserted": -1}}, Habits()),
        (
            added([NEW], inserted="1"),
            added([NEW], inserted="0"),
            Habits(counts_inserted=True, present_listed=Place.SUCCES),
        ),
        (added([], inserted=1), added([], [NEW]), Habits()),
        (added([NEW], inserted=1), LOST, Habits()),
        (added([NEW], inserted=1), HTML, Habits()),
        (LOST, added([NEW], inserted=0), Habits()),
        (UNKNOWN, UNKNOWN, Habits()),
    ],
)
def test_one_number_that_is_added_again_shows_the_place_and_the_counter(
    first: Any, again: Any, expected: Habits
) -> None:
    assert learned(transcript(add_new=first, add_again=again, add_later=again)) == expected
    assert learned(transcript(add_new=first, add_again=again)) == replace(expected, present_listed=None)
    assert learned(transcript(add_new=first)) == Habits()
    assert learned(transcript(add_again=again, add_later=again)) == Habits()


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (added([NEW], inserted=0), Habits(counts_inserted=True, present_listed=Place.SUCCES)),
        (added([], [NEW], inserted=0), Habits(counts_inserted=True)),
        (added(inserted=0), Habits(counts_inserted=True)),
        (added([NEW], inserted=1), Habits(counts_inserted=False, present_listed=Place.SUCCES)),
        (LOST, Habits(counts_inserted=True)),
    ],
)
def test_a_place_is_believed_where_it_is_the_same_later(later: Any, expected: Habits) -> None:
    first, again = added([NEW], inserted=1), added([NEW], inserted=0)
    assert learned(transcript(add_new=first, add_again=again, add_later=later)) == expected


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({}, set()),
        ({"add_new": added([NEW]), "add_again": UNKNOWN}, {"inserted_counter"}),
        ({"add_new": added([NEW]), "add_again": LOST}, set()),
        (
            {"add_new": added([NEW]), "add_again": added([NEW]), "add_later": added([NEW])},
            {"inserted_counter", "present_listed"},
        ),
        ({"delete_by_id": deleted(1), "delete_again": deleted(0)}, {"deleted_counter"}),
        ({"unknown_group": UNKNOWN, "unknown_again": UNKNOWN}, {"unknown_group_words"}),
        ({"unknown_group": UNKNOWN, "unknown_again": HTML}, set()),
    ],
)
def test_what_was_looked_at_is_known_whatever_it_has_shown(said: Dict[str, Any], names: Set[str]) -> None:
    assert looked_at(transcript(**said)) == names


@pytest.mark.parametrize(
    ("first", "again", "is_true"),
    [
        (deleted(1), deleted(0), True),
        (deleted(1), deleted(1), False),
        (deleted(2), deleted(0), False),  # one of the two was not there
        (deleted(0), deleted(0), None),
        (deleted(), deleted(), None),
        (deleted(1), deleted(), None),
        (deleted(1), LOST, None),
        (UNKNOWN, deleted(0), None),
    ],
)
def test_one_number_that_is_removed_again_shows_the_counter(first: Any, again: Any, is_true: Optional[bool]) -> None:
    asked_first = asked("delete_by_id", first, numbers=[NEW, ABSENT])
    assert learned(transcript(asked_first, delete_again=again)).counts_deleted is is_true
    assert learned(transcript(asked_first)).counts_deleted is None


# -- whether a number was new ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "inserted", "new", "expected"),
    [
        (True, 1, 1, True),
        (True, 1, None, True),
        (True, 0, 1, True),
        (True, 0, 0, False),
        (True, None, 1, None),
        (False, 1, 1, None),
        (None, 1, 1, None),
        (None, 0, 0, None),
    ],
)
def test_a_counter_tells_whether_a_number_was_new_where_it_is_true(
    counts: Optional[bool], inserted: Optional[int], new: Optional[int], expected: Optional[bool]
) -> None:
    counters: Dict[str, Any] = {
        name: count for name, count in (("inserted", inserted), ("new", new)) if count is not None
    }
    exchange = asked("after_create", added([NEW], **counters))
    assert was_new(exchange, NEW, Habits(counts_inserted=counts, present_listed=Place.SUCCES)) is expected


LISTED: Dict[str, Any] = {
    "named": added([NEW]),
    "named in another form": added([IN_ANOTHER_FORM]),
    "failed": added([], [NEW]),
    "nowhere": added(),
    "both": added([NEW], [NEW]),
    "strange": added([NEW, "something else"]),
    "no lists": {"status": "success", "output": {}},
    "no output": {"status": "success", "output": None},
}


@pytest.mark.parametrize(
    ("listed", "by_place"),
    [
        ("named", {None: None, Place.SUCCES: None, Place.ERROR: True, Place.NOWHERE: True}),
        ("named in another form", {None: None, Place.SUCCES: None, Place.ERROR: True, Place.NOWHERE: True}),
        ("failed", {None: None, Place.SUCCES: None, Place.ERROR: False, Place.NOWHERE: None}),
        ("nowhere", {None: None, Place.SUCCES: None, Place.ERROR: None, Place.NOWHERE: False}),
        ("both", dict.fromkeys([None, *Place])),
        ("strange", dict.fromkeys([None, *Place])),
        ("no lists", dict.fromkeys([None, *Place])),
        ("no output", dict.fromkeys([None, *Place])),
    ],
)
def test_the_place_tells_whether_a_number_was_new_where_present_ones_stand_elsewhere(
    listed: str, by_place: Dict[Optional[Place], Optional[bool]]
) -> None:
    exchange = asked("after_create", LISTED[listed])
    for place, expected in by_place.items():
        for counts in (None, False, True):
            assert was_new(exchange, NEW, Habits(counts_inserted=counts, present_listed=place)) is expected


@pytest.mark.parametrize("said", [LOST, UNKNOWN, HTML, BAD_FORM])
def test_what_was_not_taken_does_not_tell_whether_a_number_was_new(said: Any) -> None:
    assert was_new(asked("after_create", said), NEW, Habits(counts_inserted=True, present_listed=Place.ERROR)) is None
    assert was_new(None, NEW, Habits()) is None


def test_an_answer_without_success_has_no_lists() -> None:
    assert asked("after_create", {"status": "success"}).answer == Answer(lists=False)
