# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a transcript shows of groups and numbers."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    ABSENT,
    BESIDE_BAD,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    LETTERS,
    NEW,
    TEN_DIGITS,
    TEN_DIGITS_91,
    TWELVE_DIGITS,
    TWICE,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.found_groups import FOUND
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.seen import Found, Seen
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    HTML,
    LIMIT,
    LOST,
    MANDATORY,
    UNKNOWN,
    added,
    asked,
    deleted,
    made,
    refused,
    transcript,
)

NUMBERS: Dict[str, Any] = {
    "create_list": [CREATED],
    "create_list_dated": [CREATED],
    "create_string": CREATED,
    "create_string_dated": CREATED,
    "second_name": CREATED,
    "second_group": CREATED,
    "after_create": [CREATED],
    "add_twice": [TWICE, TWICE],
    "add_beside_bad": [BESIDE_BAD, BESIDE_GOOD],
    "letters": [LETTERS],
    "without_plus": [TEN_DIGITS, TEN_DIGITS_91, TWELVE_DIGITS],
    "delete_by_id": [NEW, ABSENT],
    **{f"digits_{length}": [number] for length, number in BY_LENGTH.items()},
}
Verdict = Optional[Tuple[Optional[bool], str]]
NO_LISTS = {"status": "success"}
# Accounts whose counter tells whether a number was new.
COUNTED: Dict[str, Any] = {
    "add_new": added([NEW], inserted=1, new=1),
    "add_again": added([NEW], inserted=0, new=0),
}
ONE_MORE, NONE_MORE = added([NEW], inserted=1), added([NEW], inserted=0)


def _found(statement: str, said: Dict[str, Any]) -> Verdict:
    """What is found of a statement; an answer may have its status with it."""
    exchanges = []
    for question, answer in said.items():
        body, status = answer if isinstance(answer, tuple) else (answer, 200)
        exchanges.append(asked(question, body, status, NUMBERS.get(question, [NEW]), older="older" in question))
    found: Optional[Found] = FOUND[statement](Seen(transcript(*exchanges), True))
    return None if found is None else (found.as_documented, found.words)


@pytest.mark.parametrize("statement", sorted(FOUND))
@pytest.mark.parametrize("said", [LOST, LIMIT, HTML, (HTML, 502), (HTML, 403)])
def test_nothing_is_shown_by_what_the_application_has_not_answered(statement: str, said: Any) -> None:
    assert _found(statement, {}) is None
    questions = ["update", "update_older_path", "unknown_group", *NUMBERS, "add_new", "add_again", "delete_by_name"]
    questions += ["delete_without_group", "delete_again", "past_expiry", "after_past_expiry"]
    found = _found(statement, dict.fromkeys(questions, said))
    assert found is None or found[0] is None, found  # of what nobody documents, the words are told


# -- create ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "c1", "c2", "c3"),
    [
        ({"create_list": made()}, (True, ""), None, (True, "with an id, with lists of numbers")),
        (
            {"create_list": BAD_FORM, "create_string": made()},
            (True, ""),
            (True, "taken (HTTP 200)"),
            (True, "with an id, with lists of numbers"),
        ),
        (
            {"create_list": BAD_FORM, "create_string": MANDATORY, "create_string_dated": made(group_id=None)},
            (True, ""),
            (True, "taken (HTTP 200)"),
            (False, "without an id, with lists of numbers"),
        ),
        ({"create_list": NO_LISTS}, (True, ""), None, (False, "without an id, without such lists")),
        (
            {"create_list": {**NO_LISTS, "output": {"lastInsertId": "20", "succes": "x"}}},
            (True, ""),
            None,
            (False, "with an id, without such lists"),
        ),
        ({"create_string": BAD_FORM}, None, (False, 'refused (HTTP 200, "invalid data: invalid format")'), None),
        ({"create_string": refused("no more groups")}, None, None, None),
        ({"second_group": made()}, (True, ""), (True, "taken (HTTP 200)"), (True, "with an id, with lists of numbers")),
    ],
)
def test_what_create_takes_and_answers_is_told(said: Dict[str, Any], c1: Verdict, c2: Verdict, c3: Verdict) -> None:
    assert (_found("C1", said), _found("C2", said), _found("C3", said)) == (c1, c2, c3)


@pytest.mark.parametrize(
    ("create", "after", "expected"),
    [
        (made(), ONE_MORE, (True, "its number was listed as failed, and was not in the group then")),
        (made([CREATED], []), NONE_MORE, (False, "its number was listed as taken, and was in the group then")),
        (made([], []), NONE_MORE, (False, "its number was listed nowhere, and was in the group then")),
        (made(), added([CREATED]), None),
        (made(), LOST, None),
        (LOST, ONE_MORE, None),
        (BAD_FORM, ONE_MORE, None),
    ],
)
def test_whether_create_has_put_its_number_into_the_group_is_told(create: Any, after: Any, expected: Verdict) -> None:
    assert _found("C4", {"create_list": create, "after_create": after, **COUNTED}) == expected


@pytest.mark.parametrize(
    ("create", "after", "expected"),
    [
        (20, 20, (True, "")),
        (20, 21, (False, "20, and update says 21")),
        (None, 20, None),
        (20, None, None),
    ],
)
def test_whether_create_tells_the_groups_id_is_told(
    create: Optional[int], after: Optional[int], expected: Verdict
) -> None:
    said = {"create_string": made(group_id=create), "after_create": added([CREATED], group_id=after)}
    assert _found("C5", said) == expected
    assert _found("C5", {**said, "after_create": UNKNOWN}) is None
    assert _found("C5", {**said, "create_string": LOST}) is None


def test_documented_refusals_are_told_each_once() -> None:
    said = {"letters": BAD_FORM, "digits_1": BAD_FORM, "without_expiry": MANDATORY, "add_new": refused("what?")}
    words = 'refused (HTTP 200, "Parameters are mandatory"); refused (HTTP 200, "invalid data: invalid format")'
    assert _found("C6", said) == (True, words)
    assert _found("C6", {"add_new": refused("what?"), "letters": UNKNOWN}) is None


WANTS_DATE = 'no date: refused (HTTP 200, "Parameters are mandatory")'
NO_LIST = 'a list: refused (HTTP 200, "invalid data: invalid format")'


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"create_list": made()}, "a list: taken (HTTP 200); no date: taken (HTTP 200)"),
        ({"create_list": MANDATORY, "create_list_dated": made()}, f"a list: taken (HTTP 200); {WANTS_DATE}"),
        ({"create_list": MANDATORY, "create_list_dated": LOST}, WANTS_DATE),
        ({"create_list": BAD_FORM, "create_string": made()}, f"{NO_LIST}; no date: taken (HTTP 200)"),
        ({"create_list": BAD_FORM, "create_string": MANDATORY}, f"{NO_LIST}; {WANTS_DATE}"),
        ({"create_list": BAD_FORM}, NO_LIST),
        ({"create_string": made()}, "no date: taken (HTTP 200)"),
        ({"create_list": LOST}, None),
        ({"second_group": refused("It exists")}, 'a name that exists: refused (HTTP 200, "It exists")'),
        ({"second_name": refused("It exists")}, 'a name that exists: refused (HTTP 200, "It exists")'),
        ({"second_name": MANDATORY, "second_group": BAD_FORM}, None),  # documented words are not about the name
        ({"second_name": MANDATORY, "second_group": LOST}, None),
        (
            {"second_group": made(group_id=21)},
            "a name that exists: taken, and it is not told whether that has made a second group",
        ),
        ({"after_create": added(group_id=20), "second_group": made(group_id=21)}, "a name that exists: a second group"),
        ({"after_create": added(group_id=20), "second_name": made(group_id=20)}, "a name that exists: the same group"),
    ],
)
def test_what_nobody_documents_of_create_is_told(said: Dict[str, Any], words: Optional[str]) -> None:
    assert _found("C9", said) == (None if words is None else (None, words))


# -- update ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newer", "older", "expected"),
    [
        (added([]), UNKNOWN, (True, "both paths are served")),
        (UNKNOWN, (b"", 404), (True, "the newer path is served, the older is not (HTTP 404)")),
        ((b"", 405), UNKNOWN, (False, "the older path is served, the newer is not (HTTP 405)")),
        ((b"", 404), (b"", 405), (False, "neither path is served (HTTP 404, 405)")),
        ((b"", 404), (HTML, 502), None),
        ((HTML, 502), UNKNOWN, None),
        (LOST, UNKNOWN, None),
    ],
)
def test_which_path_of_update_is_served_is_told(newer: Any, older: Any, expected: Verdict) -> None:
    assert _found("U1", {"update": newer, "update_older_path": older}) == expected
    assert _found("U1", {"update": newer}) is None


@pytest.mark.parametrize(
    ("said", "u2", "u3"),
    [
        (added([NEW], inserted=1, new=1), True, (True, "with the group's id, with lists of numbers, with counters")),
        (added([NEW], inserted=1), True, (False, "with the group's id, with lists of numbers, with counters")),
        (added([NEW], group_id=None), True, (False, "without the group's id, with lists of numbers, without counters")),
        (NO_LISTS, True, (False, "without the group's id, without such lists, without counters")),
        (UNKNOWN, None, None),
        (LOST, None, None),
    ],
)
def test_what_update_answers_is_told(said: Any, u2: Optional[bool], u3: Verdict) -> None:
    assert _found("U2", {"add_new": said}) == (None if u2 is None else (u2, ""))
    assert _found("U3", {"add_new": said}) == u3


@pytest.mark.parametrize(
    ("first", "again", "readded", "expected"),
    [
        (COUNTED["add_new"], COUNTED["add_again"], None, (True, "is true")),
        (added([NEW], inserted=1), added([NEW], inserted=1), None, (False, "is not true")),
        (added([NEW], inserted=0), added([NEW], inserted=0), None, (None, "is not shown to be true")),
        (added([NEW], new=1), added([NEW], new=0), None, (None, "a new number: new 1, inserted none")),
        (added([NEW]), added([NEW]), None, (False, "there are no counters")),
        (NO_LISTS, NO_LISTS, None, (False, "there are no counters")),
        (COUNTED["add_new"], COUNTED["add_again"], ONE_MORE, (True, "after it was removed: new none, inserted 1")),
        (COUNTED["add_new"], LOST, None, None),
        (UNKNOWN, UNKNOWN, None, None),
    ],
)
def test_what_the_counters_of_update_count_is_told(first: Any, again: Any, readded: Any, expected: Verdict) -> None:
    said = {"add_new": first, "add_again": again}
    found = _found("U4", said if readded is None else {**said, "after_delete_by_name": readded})
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found[0], expected[1] in found[1]) == (expected[0], True), found


def test_a_number_that_was_not_removed_is_not_counted_as_one_that_was() -> None:
    found = _found("U4", {**COUNTED, "after_delete_by_name": NONE_MORE})
    assert found is not None
    assert "after it was removed" not in found[1]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"unknown_group": UNKNOWN}, (True, 'a group that does not exist: refused (HTTP 200, "Invalid group id")')),
        ({"unknown_group": refused("what?")}, (False, 'a group that does not exist: refused (HTTP 200, "what?")')),
        ({"unknown_group": added([])}, (False, "a group that does not exist: taken (HTTP 200)")),
        ({"unknown_group": LOST, "without_expiry": MANDATORY}, None),
        ({"without_description": MANDATORY}, None),
    ],
)
def test_the_words_for_a_group_that_does_not_exist_are_told(said: Dict[str, Any], expected: Verdict) -> None:
    assert _found("U5", said) == expected


def test_what_may_be_left_out_is_told_beside_them() -> None:
    found = _found("U5", {"unknown_group": UNKNOWN, "without_description": MANDATORY, "without_expiry": added([NEW])})
    assert found is not None
    assert found[1].endswith(
        'no description: refused (HTTP 200, "Parameters are mandatory"); no expiry: taken (HTTP 200)'
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"unknown_group": UNKNOWN}, 'an unknown group: refused (HTTP 200, "Invalid group id")'),
        ({"unknown_group": added([])}, None),
        (
            {"add_new": added([NEW]), "add_again": added([]), "add_later": added([])},
            "a number that is in the group is listed nowhere",
        ),
        ({"add_twice": added([TWICE], inserted=1)}, "a number twice: new none, inserted 1, listed as taken"),
        (
            {"add_beside_bad": added([BESIDE_BAD], [BESIDE_GOOD])},
            (
                "one good number and one malformed: taken (HTTP 200), the good one listed as taken, the malformed one"
                " listed as failed"
            ),
        ),
        (
            {"add_beside_bad": BAD_FORM},
            'one good number and one malformed: refused (HTTP 200, "invalid data: invalid format")',
        ),
        ({"add_beside_bad": LOST}, None),
    ],
)
def test_what_nobody_documents_of_update_is_told(said: Dict[str, Any], words: Optional[str]) -> None:
    assert _found("U6", said) == (None if words is None else (None, words))


@pytest.mark.parametrize(
    ("past", "after", "n4", "u6"),
    [
        (ONE_MORE, ONE_MORE, "and the numbers were gone with it", "a date that is past empties the group"),
        (ONE_MORE, NONE_MORE, "and the numbers stayed", "a date that is past empties nothing"),
        (ONE_MORE, LOST, "", ""),
        (refused("Expiry date is past"), ONE_MORE, "", ""),  # the number was not added, so that it is new
        (LOST, ONE_MORE, None, ""),
        (LIMIT, ONE_MORE, None, ""),
    ],
)
def test_what_a_date_does_that_is_past_is_told_where_it_was_taken(
    past: Any, after: Any, n4: Optional[str], u6: str
) -> None:
    said = {**COUNTED, "past_expiry": past, "after_past_expiry": after}
    found, besides = _found("N4", said), _found("U6", said)
    shown = "" if besides is None else besides[1]
    assert ("a date that is past" in shown, u6 in shown) == (bool(u6), True)
    if n4 is None:
        assert found is None
    else:
        assert found is not None
        assert found[0] is None
        assert found[1].startswith("a date that is past: ")
        assert found[1].endswith(n4 or ")")


# -- delete ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (deleted(1), (True, "taken (HTTP 200)")),
        (MANDATORY, (False, 'refused (HTTP 200, "Parameters are mandatory")')),
        ((b"", 404), None),
        ((HTML, 502), None),
    ],
)
def test_whether_delete_does_without_a_group_is_told(said: Any, expected: Verdict) -> None:
    assert _found("X1", {"delete_without_group": said}) == expected


@pytest.mark.parametrize(
    ("first", "again", "verdict", "words"),
    [
        (
            deleted(1, [NEW, ABSENT]),
            deleted(0),
            True,
            "deleted 1; the one that was not listed as taken; again: deleted 0",
        ),
        (deleted(1, [NEW], [ABSENT]), deleted(0), True, "deleted 1; the one that was not listed as failed"),
        (deleted(2, [NEW, ABSENT]), deleted(0), False, "deleted 2"),
        (deleted(2, [NEW, ABSENT]), deleted(1), False, "again: deleted 1"),
        (deleted(None, [NEW, ABSENT]), deleted(), None, "deleted none"),
        (deleted(1), LOST, None, "deleted 1; the one that was not listed nowhere"),
        (NO_LISTS, NO_LISTS, None, "deleted none; the one that was not listed nowhere; again: deleted none"),
    ],
)
def test_what_delete_counts_is_told(first: Any, again: Any, verdict: Optional[bool], words: str) -> None:
    found = _found("X2", {"delete_by_id": first, "delete_again": again})
    assert found is not None
    assert (found[0], words in found[1]) == (verdict, True), found


def test_a_delete_that_was_refused_shows_nothing_of_its_counter() -> None:
    assert _found("X2", {"delete_by_id": UNKNOWN, "delete_again": deleted(0)}) is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"delete_by_name": deleted(1)}, "with the group's name alone: taken (HTTP 200)"),
        (
            {"delete_by_name": deleted(1), "after_delete_by_name": ONE_MORE},
            "with the group's name alone: taken (HTTP 200), and the number was gone",
        ),
        (
            {"delete_by_name": deleted(1), "after_delete_by_name": NONE_MORE},
            (
                "with the group's name alone: taken (HTTP 200), and the number was still there;"
                " so the name alone does not do"
            ),
        ),
        (
            {"delete_by_name": MANDATORY, "after_delete_by_name": NONE_MORE},
            (
                'with the group\'s name alone: refused (HTTP 200, "Parameters are mandatory"),'
                " and the number was still there; so the name alone does not do"
            ),
        ),
        (
            # Nobody has put it back after the first one, so that the second one did not remove it.
            {
                "delete_by_name": deleted(1),
                "after_delete_by_name": LOST,
                "delete_other_name": deleted(0),
                "after_delete_other_name": ONE_MORE,
                "delete_unknown_id": deleted(1),
                "after_delete_unknown_id": ONE_MORE,
            },
            (
                "with the group's name alone: taken (HTTP 200); with the name of no group: taken (HTTP 200);"
                " with the id of no group: taken (HTTP 200), and the number was gone;"
                " so a number is removed whatever group is named"
            ),
        ),
        ({"delete_without_group": UNKNOWN}, 'without a group: refused (HTTP 200, "Invalid group id")'),
    ],
)
def test_what_a_removal_does_is_told_where_the_number_was_there_before(said: Dict[str, Any], words: str) -> None:
    assert _found("X3", {**COUNTED, **said}) == (None, words)


@pytest.mark.parametrize("asked", [3, 4])
def test_that_the_name_decides_is_concluded_once_all_other_removals_have_removed_nothing(asked: int) -> None:
    others = ("delete_other_name", "delete_unknown_id", "delete_without_group")
    said = {"delete_by_name": deleted(1), "after_delete_by_name": ONE_MORE}
    for question in others[: asked - 1]:
        said.update({question: UNKNOWN, f"after_{question}": NONE_MORE})
    found = _found("X3", {**COUNTED, **said})
    assert found is not None
    assert found[1].endswith("; so the name decides") is (asked == 4)


# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("succes", "error", "expected"),
    [
        (
            ["+919999908902", "+919199999000", "+919999908901"],
            [],
            (True, "9999908902 as +919999908902; 9199999000 as +919199999000; 919999908901 as +919999908901"),
        ),
        (
            ["9999908902"],
            ["9199999000", 919999908901],
            (False, "9999908902 as 9999908902; 9199999000 as 9199999000; 919999908901 as 919999908901"),
        ),
        (["09999908902"], [], (False, "9999908902 as 09999908902; 9199999000 as nothing; 919999908901 as nothing")),
        # What somebody else's number, or a text, ends in is no form of one's own.
        (["98765432109999908902", "demo_user: 9999908902", "9199999000,919999908901"], [], None),
        ([], [], None),
    ],
)
def test_in_which_form_numbers_come_back_is_told(succes: Any, error: Any, expected: Verdict) -> None:
    assert _found("N1", {"without_plus": added(succes, error)}) == expected
    assert _found("N1", {"without_plus": BAD_FORM}) is None


def _lengths(**said: Any) -> Verdict:
    return _found("N2", {"add_new": added([NEW]), "add_again": added([NEW]), **said})


@pytest.mark.parametrize(
    ("question", "said", "taken"),
    [
        ("letters", BAD_FORM, "refused"),
        ("letters", refused("no letters"), "refused"),
        ("letters", added([LETTERS]), "taken"),
        ("letters", added([], [LETTERS]), "refused"),
        ("digits_3", added(["770"]), "taken"),
        ("digits_3", added(["+91770"]), None),  # in a form that is not known
        ("digits_3", added([]), None),
        ("digits_3", NO_LISTS, None),
        ("digits_3", LIMIT, None),
        ("digits_3", UNKNOWN, None),  # the group is gone
        ("digits_3", LOST, None),
        ("digits_3", (HTML, 502), None),
        ("digits_3", (b"", 404), None),
    ],
)
def test_which_numbers_are_taken_is_told(question: str, said: Any, taken: Optional[str]) -> None:
    found = _lengths(**{question: said})
    if taken is None:
        assert found is None
    else:
        shown = question.replace("digits_", "digits: ")
        as_it_should_be = taken == ("taken" if question == "digits_3" else "refused")
        assert found == (as_it_should_be, f"{shown} {taken}")


def test_a_number_that_is_listed_where_present_ones_are_may_be_taken() -> None:
    present = added([], [NEW])
    said = {"add_new": added([NEW]), "add_again": present, "add_later": present}
    said["digits_17"] = added([], [BY_LENGTH[17]])
    assert _found("N2", said) is None
    assert _found("N2", {**said, "digits_1": BAD_FORM}) == (True, "digits: 1 refused")
