# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe may have left in its group, and what it removes, by its transcript."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    ALONE,
    BESIDE_BAD,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    GROUP,
    LETTERS,
    MOST_REQUESTS,
    NEW,
    NO_GROUP,
    NO_GROUP_EITHER,
    TWICE,
    USUAL,
    Exchange,
    Target,
    Transcript,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.leftovers import (
    NAMES,
    ODD_ASKED,
    ODD_NOTE,
    ODD_REMOVED,
    known_id,
    left,
    left_behind,
    remove,
    second_id,
    told_ids,
    was_made,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    DONE,
    HTML,
    LIMIT,
    LOST,
    MANDATORY,
    UNKNOWN,
    Account,
    Notes,
    added,
    asked,
    deleted,
    made,
    refused,
    transcript,
)

ONE = BY_LENGTH[1]
WENT_IN = asked("add_new", added([NEW]))


def _habit(again: Any) -> Transcript:
    """An account that shows where numbers stand that are in the group."""
    return transcript(asked("add_new", added([NEW])), asked("add_again", again), asked("add_later", again))


# -- what may be there -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status", "may_be_there"),
    [
        (added([NEW]), 200, True),
        (added([]), 200, True),
        (added([], [NEW]), 200, True),  # where those stand that are there
        ({"status": "success"}, 200, True),
        (LOST, 200, True),
        (HTML, 200, True),
        (HTML, 504, True),
        (HTML, 302, True),
        (HTML, 403, True),
        (b"", 404, False),
        (UNKNOWN, 200, False),
        (BAD_FORM, 200, False),
        (MANDATORY, 200, False),
        (LIMIT, 200, False),
        (HTML, 429, False),
        (refused("what?"), 200, False),
    ],
)
def test_a_number_may_be_in_the_group_unless_its_request_was_refused(
    said: Any, status: int, may_be_there: bool
) -> None:
    assert left_behind(transcript(asked("add_new", said, status))) == ([NEW] if may_be_there else [])
    wrongly = asked("wrong_method", said, status)
    assert left_behind(transcript(wrongly)) == ([NEW] if may_be_there else [])


@pytest.mark.parametrize(
    ("again", "may_be_there"),
    [
        (added([NEW]), False),
        (added([]), False),
        (added([], [NEW]), True),
        (added([NEW, "something else"]), True),
        (LOST, True),
    ],
)
def test_an_odd_number_that_is_listed_as_failed_is_not_there_where_present_ones_stand_elsewhere(
    again: Any, may_be_there: bool
) -> None:
    said = _habit(again)
    for number in (LETTERS, ONE):
        remaining = left_behind({**said, "letters": asked("letters", added([], [number]), numbers=[number])})
        assert remaining == ([NEW, number] if may_be_there else [NEW])


def test_of_a_request_with_two_each_is_looked_at_alone() -> None:
    both = asked("add_beside_bad", added([BESIDE_BAD], [BESIDE_GOOD]), numbers=[BESIDE_BAD, BESIDE_GOOD])
    assert left_behind({**_habit(added([NEW])), "add_beside_bad": both}) == [NEW, BESIDE_BAD]
    assert left_behind({"add_beside_bad": both}) == [BESIDE_BAD, BESIDE_GOOD]


def test_a_number_that_create_was_given_as_a_string_or_in_a_list_may_be_there() -> None:
    for numbers in (CREATED, [CREATED]):
        assert left_behind(transcript(asked("create_string", made(), numbers=numbers))) == [CREATED]
        assert left_behind(transcript(asked("create_string", BAD_FORM, numbers=numbers))) == []


def test_they_are_told_once_in_the_order_in_which_they_were_sent() -> None:
    said = transcript(
        asked("update", added([CREATED]), numbers=[CREATED]),
        asked("add_twice", added([NEW]), numbers=[NEW, NEW]),
        asked("past_expiry", added([CREATED]), numbers=[CREATED]),
    )
    assert left_behind(said) == [CREATED, NEW]


@pytest.mark.parametrize("question", ["status", "generate", "delete_by_name", "delete_again"])
def test_other_questions_add_and_remove_nothing(question: str) -> None:
    assert left_behind(transcript(WENT_IN, asked(question, DONE))) == [NEW]
    assert left_behind(transcript(asked(question, DONE))) == []


@pytest.mark.parametrize(
    ("said", "status", "unknown", "gone"),
    [
        (deleted(1), 200, UNKNOWN, True),
        (deleted(0), 200, UNKNOWN, True),
        (deleted(), 200, UNKNOWN, True),
        ({"status": "success"}, 200, UNKNOWN, True),
        (deleted(0, [], [NEW]), 200, UNKNOWN, False),  # listed as failed
        (UNKNOWN, 200, UNKNOWN, True),
        (UNKNOWN, 200, None, True),
        (refused(f"no group {GROUP}"), 200, refused(f"no group {NO_GROUP}"), True),
        (refused("something else"), 200, refused(f"no group {NO_GROUP}"), False),
        (refused(f"no group {GROUP}"), 200, None, False),
        (refused(f"no group {GROUP}"), 200, LOST, False),
        (MANDATORY, 200, MANDATORY, False),
        (BAD_FORM, 200, BAD_FORM, False),
        (LIMIT, 200, UNKNOWN, False),
        (LOST, 200, UNKNOWN, False),
        (HTML, 504, UNKNOWN, False),
        (b"", 404, UNKNOWN, False),
    ],
)
def test_a_number_is_gone_by_the_servers_word_or_with_its_group(
    said: Any, status: int, unknown: Any, gone: bool
) -> None:
    before = [] if unknown is None else [asked("unknown_group", unknown)]
    removed = asked("remove", said, status)
    assert (NEW in left_behind(transcript(*before, WENT_IN, removed))) is not gone


@pytest.mark.parametrize("create", [made(), LOST, HTML])
def test_that_the_group_is_unknown_says_nothing_where_this_probe_may_have_made_it(create: Any) -> None:
    before = [asked("unknown_group", UNKNOWN), asked("create_string", create, numbers=CREATED)]
    removed = asked("remove", UNKNOWN, numbers=[CREATED])
    assert left_behind(transcript(*before, removed)) == [CREATED]
    assert left_behind(transcript(asked("create_string", BAD_FORM), WENT_IN, asked("remove", UNKNOWN))) == []


def test_a_number_that_was_sent_after_its_removal_may_be_there_again() -> None:
    cleaned = asked("clean", deleted(1))
    assert left_behind(transcript(WENT_IN, cleaned)) == []
    assert left_behind(transcript(cleaned, WENT_IN)) == [NEW]


@pytest.mark.parametrize(
    ("said", "cleaned", "one_cleaned"),
    [(deleted(3), True, True), (LOST, False, False), (MANDATORY, False, False), (LIMIT, False, False)],
)
def test_what_an_earlier_probe_has_left_may_be_there_until_it_is_removed(
    said: Any, cleaned: bool, one_cleaned: bool
) -> None:
    whole = transcript(asked("clean", said, numbers=USUAL))
    assert left_behind(whole) == ([] if cleaned else list(USUAL))
    one = transcript(asked("clean_letters", said, numbers=[LETTERS]))
    assert left_behind(one) == ([] if one_cleaned else [LETTERS])


@pytest.mark.parametrize(("question", "known"), [("letters", True), ("clean_letters", True), ("remove", False)])
def test_an_odd_number_that_an_earlier_probe_may_have_left_is_gone_where_it_cannot_be_added(
    question: str, known: bool
) -> None:
    account = Account(lambda _question, _request: DONE, Notes({ODD_NOTE: ODD_ASKED}))
    probing = account.probing()
    assert left(probing) == list(ALONE)
    said = BAD_FORM if question == "letters" else deleted(0, [])
    probing.transcript[question] = asked(question, said, numbers=[LETTERS])
    assert (LETTERS in left(probing)) is not (known or question == "remove")
    probing.transcript["add_beside_bad"] = asked("add_beside_bad", BAD_FORM)
    assert left(probing) == []


@pytest.mark.parametrize(
    ("readded", "count", "gone"),
    [
        (added([NEW]), 0, False),  # there was something to remove
        (added([NEW]), 1, True),
        (added([NEW]), None, True),
        (LOST, 0, True),
        (None, 0, True),
    ],
)
def test_a_removal_that_has_counted_nothing_is_not_believed_where_something_was_there(
    readded: Any, count: Optional[int], gone: bool
) -> None:
    before = [] if readded is None else [asked("after_past_expiry", readded)]
    assert left_behind(transcript(WENT_IN, *before, asked("remove", deleted(count)))) == ([] if gone else [NEW])
    assert left_behind(transcript(asked("remove", deleted(count)))) == []


# -- several groups ----------------------------------------------------------------------------------------------------


def _second(second: Any, *removals: Exchange) -> Transcript:
    first = asked("after_create", added([CREATED], group_id=20), numbers=[CREATED])
    return transcript(first, asked("second_group", second, numbers=CREATED), *removals)


REMOVED = asked("remove", deleted(1), numbers=[CREATED])
SECOND_REMOVED = asked("remove_of_second", deleted(1), numbers=[CREATED, NEW])
SECOND_KEPT = asked("remove_of_second", LOST, numbers=[CREATED, NEW])


@pytest.mark.parametrize(
    ("second", "removals", "may_be_left"),
    [
        (made(group_id=21), [REMOVED], True),
        (made(group_id=21), [REMOVED, SECOND_REMOVED], False),
        (made(group_id=21), [REMOVED, SECOND_KEPT], True),
        (made(group_id=21), [SECOND_REMOVED], True),  # the first group has it still
        (made(group_id=20), [REMOVED], False),
        (made(group_id=None), [REMOVED], True),  # nobody knows where it is
        (LOST, [REMOVED], True),
        (refused("Group name already exists"), [REMOVED], False),
    ],
)
def test_a_second_group_may_keep_what_was_removed_from_the_first(
    second: Any, removals: List[Exchange], may_be_left: bool
) -> None:
    assert left_behind(_second(second, *removals)) == ([CREATED] if may_be_left else [])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"update": added(group_id=20)}, 20),
        ({"update": added(group_id=20), "after_create": added(group_id=21)}, 21),
        ({"update": added(group_id=20), "add_new": added(group_id=None)}, 20),
        ({"create_list": made(group_id=22), "after_create": UNKNOWN}, 22),
        ({"unknown_group": added(group_id=23)}, None),
        ({"second_group": made(group_id=24)}, None),
        ({"update": added(group_id=20), "second_name": made(group_id=24)}, 20),
        ({"unknown_again": added(group_id=23)}, None),
        ({"delete_by_name": deleted(1)}, None),
        ({"wrong_method": added(group_id=25)}, None),
    ],
)
def test_the_groups_id_is_the_last_that_was_told(said: Dict[str, Any], expected: Optional[int]) -> None:
    assert known_id(transcript(**said)) == expected


@pytest.mark.parametrize("question", ["unknown_group", "unknown_again"])
@pytest.mark.parametrize(
    ("unknown", "removal", "may_be_left"),
    [
        (added([CREATED]), None, True),
        (added([CREATED]), deleted(1), False),
        (added([CREATED]), MANDATORY, True),
        (added([CREATED]), LOST, True),
        (LOST, None, True),
        (LOST, deleted(0), False),
        (UNKNOWN, None, False),
        (b"", None, True),
    ],
)
def test_an_update_of_a_group_that_nobody_has_made_may_have_made_it(
    question: str, unknown: Any, removal: Any, may_be_left: bool
) -> None:
    said = transcript(asked(question, unknown, numbers=[CREATED]), REMOVED)
    if removal is not None:
        said[f"remove_of_{question}"] = asked(f"remove_of_{question}", removal, numbers=[CREATED])
    assert left_behind(said) == ([CREATED] if may_be_left else [])


def test_a_removal_from_another_group_removes_nothing_from_the_probes_own() -> None:
    other = asked("remove_of_unknown_group", deleted(1), numbers=[CREATED])
    own = asked("update", added([CREATED]), numbers=[CREATED])
    assert left_behind(transcript(own, other)) == [CREATED]


def test_all_ids_of_the_group_that_were_told_are_known() -> None:
    said = {"update": added(group_id=20), "after_create": added(group_id=21), "unknown_group": added(group_id=22)}
    assert told_ids(transcript(**said, second_name=made(group_id=23), add_new=added(group_id=None))) == {20, 21}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, False),
        ({"second_group": made()}, False),
        ({"update": UNKNOWN, "create_list": made(), "after_create": added([CREATED])}, True),
        ({"update": UNKNOWN, "create_list": LOST, "after_create": added([CREATED])}, True),
        ({"update": UNKNOWN, "create_list": LOST, "after_create": UNKNOWN}, None),
        ({"update": UNKNOWN, "create_list": made(), "after_create": LOST}, None),
        ({"update": UNKNOWN, "create_list": BAD_FORM, "refused_create": added([CREATED])}, True),
        ({"update": UNKNOWN, "create_list": BAD_FORM, "refused_create": UNKNOWN, "create_string": BAD_FORM}, False),
        ({"create_list": made()}, True),
        ({"create_list": LOST}, None),
    ],
)
def test_whether_the_group_was_made_is_told_as_far_as_it_is_known(
    said: Dict[str, Any], expected: Optional[bool]
) -> None:
    assert was_made(transcript(**said)) is expected


@pytest.mark.parametrize(("create", "expected"), [(made(), True), (LOST, None), (BAD_FORM, False)])
def test_without_an_update_call_create_tells_whether_the_group_was_made(create: Any, expected: Optional[bool]) -> None:
    missing = [asked("update", b"", 404), asked("update_older_path", b"", 405)]
    assert was_made(transcript(*missing, create_string=create)) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"second_name": made(group_id=24)}, 24),
        ({"second_name": MANDATORY, "second_group": made(group_id=25)}, 25),
        ({"second_group": made(group_id=None)}, None),
        ({"second_group": LOST}, None),
    ],
)
def test_the_id_of_a_second_group_is_that_of_its_create(said: Dict[str, Any], expected: Optional[int]) -> None:
    assert second_id(transcript(**said)) == expected


# -- removals ----------------------------------------------------------------------------------------------------------


def test_each_odd_number_has_a_name() -> None:
    assert set(NAMES) >= set(ALONE)
    assert len(set(NAMES.values())) == len(NAMES)


def test_nothing_is_removed_where_nothing_was_added() -> None:
    account = Account(lambda _question, _request: DONE)
    remove(account.probing(update=UNKNOWN))
    assert (account.asked, account.notes.notes) == ([], {})


def _removing(
    answers: Any, *numbers: str, note: Optional[str] = None, group_id: Optional[int] = 20
) -> "tuple[Any, Any]":
    """A probe that has added numbers, once it has removed what it can; and its account."""
    account = Account(answers, Notes({} if note is None else {ODD_NOTE: note}))
    probing = account.probing()
    for number in numbers:
        said = added([number], group_id=group_id)
        probing.transcript[f"add {number}"] = asked("add_new", said, numbers=[number])
    remove(probing)
    return probing, account


def test_usual_numbers_are_removed_together_and_odd_ones_each_alone() -> None:
    _probing, account = _removing(lambda _question, _request: deleted(1), NEW, CREATED, LETTERS, ONE, note=ODD_ASKED)
    bodies = {question: request.body for question, request in account.requests.items()}
    assert bodies["remove"] == {"id": 20, "groupName": GROUP, "blockNumbers": [CREATED, NEW]}
    assert bodies["remove_letters"] == {"id": 20, "groupName": GROUP, "blockNumbers": [LETTERS]}
    assert bodies["remove_digits_1"] == {"id": 20, "groupName": GROUP, "blockNumbers": [ONE]}
    assert all(request.target is Target.DELETE for request in account.requests.values())
    assert account.notes.read(ODD_NOTE) == ODD_REMOVED


@pytest.mark.parametrize(
    ("noted", "odd_said", "expected"),
    [(ODD_ASKED, LOST, ODD_ASKED), (ODD_ASKED, deleted(1), ODD_REMOVED), (None, deleted(1), None)],
)
def test_that_odd_numbers_may_be_left_stays_noted(noted: Optional[str], odd_said: Any, expected: Optional[str]) -> None:
    def answers(question: str, _request: Any) -> Any:
        return odd_said if question == "remove_letters" else deleted(1)

    _probing, account = _removing(answers, LETTERS, note=noted)
    assert account.notes.read(ODD_NOTE) == expected


@pytest.mark.parametrize(
    ("group_id", "refused_ways", "ways"),
    [
        (20, [], [{"id": 20, "groupName": GROUP}]),
        (20, ["remove"], [{"id": 20, "groupName": GROUP}, {"groupName": GROUP}]),
        (20, ["remove", "remove_by_name"], [{"id": 20, "groupName": GROUP}, {"groupName": GROUP}, {"id": 20}]),
        (None, ["remove"], [{"groupName": GROUP}]),
    ],
)
def test_a_removal_that_is_refused_is_tried_with_name_or_id_alone(
    group_id: Optional[int], refused_ways: List[str], ways: List[Any]
) -> None:
    def answers(question: str, _request: Any) -> Any:
        return MANDATORY if question in refused_ways else deleted(1)

    _probing, account = _removing(answers, NEW, group_id=group_id)
    assert [request.body for request in account.requests.values()] == [{**way, "blockNumbers": [NEW]} for way in ways]


def test_where_one_number_is_refused_for_its_form_each_is_removed_alone() -> None:
    def answers(_question: str, request: Any) -> Any:
        return BAD_FORM if CREATED in request.body["blockNumbers"] else deleted(1)

    probing, account = _removing(answers, CREATED, NEW, TWICE)
    sent = {question: request.body["blockNumbers"] for question, request in account.requests.items()}
    assert sent == {
        "remove": [CREATED, NEW, TWICE],
        "remove_1": [CREATED],
        "remove_2": [NEW],
        "remove_3": [TWICE],
    }
    assert left_behind(probing.transcript) == [CREATED]


@pytest.mark.parametrize(
    ("unknown", "removes"),
    [
        (added([CREATED]), True),
        (LOST, True),
        ((HTML, 502), True),
        (UNKNOWN, False),
        (MANDATORY, False),
        ((b"", 404), False),
        (None, False),
    ],
)
@pytest.mark.parametrize(("question", "name"), [("unknown_group", NO_GROUP), ("unknown_again", NO_GROUP_EITHER)])
def test_a_number_is_removed_from_a_group_that_nobody_has_made_unless_that_was_refused(
    unknown: Any, removes: bool, question: str, name: str
) -> None:
    account = Account(lambda _question, _request: deleted(0))
    probing = account.probing()
    if unknown is not None:
        said, status = unknown if isinstance(unknown, tuple) else (unknown, 200)
        probing.transcript[question] = asked(question, said, status, [CREATED])
    remove(probing)
    removal = f"remove_of_{question}"
    assert (removal in account.asked) is removes
    if removes:
        assert account.requests[removal].body == {"groupName": name, "blockNumbers": [CREATED]}


@pytest.mark.parametrize(("second", "removes"), [(21, True), (20, False), (None, False)])
def test_a_number_is_removed_from_a_second_group_by_its_id(second: Optional[int], removes: bool) -> None:
    account = Account(lambda _question, _request: deleted(1))
    probing = account.probing()
    probing.transcript.update(_second(made(group_id=second)))
    remove(probing)
    assert ("remove_of_second" in account.asked) is removes
    if removes:
        body = account.requests["remove_of_second"].body
        assert (body["id"], body["blockNumbers"]) == (21, [CREATED])


@pytest.mark.parametrize(
    ("retry_after", "may_wait", "asked_for", "waits"),
    [
        (None, True, ["remove", "remove"], [5.0]),
        (7.0, True, ["remove", "remove"], [7.0]),
        (None, False, ["remove"], [5.0]),
    ],
)
def test_a_limit_is_waited_for_once_where_that_is_allowed_and_ends_the_removals(
    retry_after: Optional[float], may_wait: bool, asked_for: List[str], waits: List[float]
) -> None:
    limited = asked("remove", LIMIT).error
    assert limited is not None
    limited.retry_after = retry_after  # type: ignore[attr-defined]
    account = Account(lambda _question, _request: limited)
    account.may_wait = may_wait
    probing = account.probing(add_new=added([NEW]))
    probing.transcript["letters"] = asked("letters", added([LETTERS]), numbers=[LETTERS])
    remove(probing)
    assert account.asked == asked_for
    assert account.waits == waits
    assert left_behind(probing.transcript) == [NEW, LETTERS]


@pytest.mark.parametrize(("sent", "times"), [(MOST_REQUESTS, 0), (MOST_REQUESTS - 1, 1), (MOST_REQUESTS - 2, 2)])
def test_no_more_is_sent_than_a_probe_may_send_at_most(sent: int, times: int) -> None:
    account = Account(lambda _question, _request: HTML, Notes({ODD_NOTE: ODD_ASKED}))
    account.sent = sent
    probing = account.probing(add_new=added([NEW]))
    remove(probing)
    assert len(account.asked) == times
    assert account.sent <= MOST_REQUESTS
    assert account.notes.read(ODD_NOTE) == ODD_ASKED
