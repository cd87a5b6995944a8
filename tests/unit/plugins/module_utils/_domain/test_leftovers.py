# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe may have left in its group, and what it removes, by its transcript."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    ABSENT,
    BESIDE_BAD,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    GROUP,
    LETTERS,
    MOST_REQUESTS,
    NEW,
    NO_GROUP,
    ODD,
    WELL_FORMED,
    Exchange,
    Target,
    Transcript,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.leftovers import (
    ODD_NAMES,
    ODD_NOTE,
    known_id,
    left_behind,
    remove,
    second_id,
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
    return transcript(asked("add_new", added([NEW])), asked("add_again", again))


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
        left = left_behind({**said, "letters": asked("letters", added([], [number]), numbers=[number])})
        assert left == ([NEW, number] if may_be_there else [NEW])


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


@pytest.mark.parametrize(("failed", "gone"), [([ABSENT], True), ([], False), ([NEW], False)])
def test_a_number_that_is_listed_as_failed_is_gone_where_absent_ones_are_listed_so(
    failed: List[str], gone: bool
) -> None:
    before = asked("delete_by_id", deleted(1, [], failed), numbers=[NEW, ABSENT])
    removed = asked("remove", deleted(0, [], [NEW]))
    assert (NEW in left_behind(transcript(before, WENT_IN, removed))) is not gone


@pytest.mark.parametrize(
    ("counts", "readded", "count", "gone"),
    [
        (deleted(0), added([NEW]), 0, False),  # a true counter, and there was something to remove
        (deleted(0), added([NEW]), 1, True),
        (deleted(0), LOST, 0, True),
        (deleted(0), None, 0, True),
        (deleted(1), added([NEW]), 0, True),  # the counter is not true
        (deleted(), added([NEW]), None, True),
    ],
)
def test_a_removal_that_has_counted_nothing_is_not_believed_where_something_was_there(
    counts: Any, readded: Any, count: Optional[int], gone: bool
) -> None:
    before = [asked("delete_by_id", deleted(1), numbers=[NEW, ABSENT]), asked("delete_again", counts)]
    before += [] if readded is None else [asked("after_past_expiry", readded)]
    assert left_behind(transcript(WENT_IN, *before, asked("remove", deleted(count)))) == ([] if gone else [NEW])


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
    [(deleted(3), True, True), (LOST, False, False), (BAD_FORM, False, True), (LIMIT, False, True)],
)
def test_what_an_earlier_probe_has_left_may_be_there_until_it_is_removed(
    said: Any, cleaned: bool, one_cleaned: bool
) -> None:
    whole = transcript(asked("clean", said, numbers=WELL_FORMED))
    assert left_behind(whole) == ([] if cleaned else list(WELL_FORMED))
    one = transcript(asked("clean_letters", said, numbers=[LETTERS]))
    assert left_behind(one) == ([] if one_cleaned else [LETTERS])


# -- several groups ----------------------------------------------------------------------------------------------------


def _second(second: Any, *removals: Exchange) -> Transcript:
    first = asked("after_create", added([CREATED], group_id=20), numbers=[CREATED])
    return transcript(first, asked("second_group", second, numbers=CREATED), *removals)


REMOVED = asked("remove", deleted(1), numbers=[CREATED])
SECOND_REMOVED = asked("remove_of_second", deleted(1), numbers=[CREATED, NEW])
SECOND_KEPT = asked("remove_of_second", LOST, numbers=[CREATED, NEW])


@pytest.mark.parametrize(
    ("second", "removals", "left"),
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
    second: Any, removals: List[Exchange], left: bool
) -> None:
    assert left_behind(_second(second, *removals)) == ([CREATED] if left else [])


def test_what_a_second_group_takes_by_the_name_of_both_is_removed_from_that_one() -> None:
    went_in = asked("past_expiry", added([NEW], group_id=21))
    said = {**_second(made(group_id=21)), "past_expiry": went_in}
    assert known_id(said) == 20
    said["remove"] = asked("remove", deleted(1), numbers=[CREATED, NEW])
    assert left_behind(said) == [CREATED, NEW]
    said["remove_of_second"] = SECOND_REMOVED
    assert left_behind(said) == []


@pytest.mark.parametrize(
    ("unknown", "removals", "left"),
    [
        (added([CREATED]), [REMOVED], True),
        (added([CREATED]), [asked("remove_of_none", deleted(1), numbers=[CREATED])], False),
        (added([CREATED]), [asked("remove_of_none", UNKNOWN, numbers=[CREATED])], False),
        (added([CREATED]), [asked("remove_of_none", MANDATORY, numbers=[CREATED])], True),
        (LOST, [REMOVED], True),
        (UNKNOWN, [], False),
    ],
)
def test_an_update_of_a_group_that_nobody_has_made_may_have_made_it(
    unknown: Any, removals: List[Exchange], left: bool
) -> None:
    said = transcript(asked("unknown_group", unknown, numbers=[CREATED]), *removals)
    assert left_behind(said) == ([CREATED] if left else [])


def test_a_removal_from_another_group_removes_nothing_from_the_probes_own() -> None:
    other = asked("remove_of_none", deleted(1), numbers=[CREATED])
    own = asked("update", added([CREATED]), numbers=[CREATED])
    assert left_behind(transcript(own, other)) == [CREATED]


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
        ({"update": added(group_id=20), "second_name": made(group_id=24), "past_expiry": added(group_id=24)}, 20),
        ({"delete_by_name": deleted(1)}, None),
        ({"wrong_method": added(group_id=25)}, None),
    ],
)
def test_the_groups_id_is_the_last_that_was_told_before_there_may_have_been_a_second_one(
    said: Dict[str, Any], expected: Optional[int]
) -> None:
    assert known_id(transcript(**said)) == expected


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
    assert set(ODD_NAMES) >= set(ODD)
    assert len(set(ODD_NAMES.values())) == len(ODD_NAMES)


def test_nothing_is_removed_where_nothing_was_added() -> None:
    account = Account(lambda _question, _request: DONE)
    remove(account.probing(update=UNKNOWN))
    assert (account.asked, account.notes.notes) == ([], {})


def test_well_formed_numbers_are_removed_together_and_odd_ones_each_alone() -> None:
    account = Account(lambda _question, _request: deleted(1), Notes({ODD_NOTE: "asked"}))
    probing = account.probing()
    for question, numbers in (("update", [NEW, CREATED]), ("letters", [LETTERS]), ("digits_1", [ONE])):
        probing.transcript[question] = asked(question, added(numbers), numbers=numbers)
    remove(probing)
    assert {question: request.body for question, request in account.requests.items()} == {
        "remove": {"id": 20, "groupName": GROUP, "blockNumbers": [CREATED, NEW]},
        "remove_letters": {"id": 20, "groupName": GROUP, "blockNumbers": [LETTERS]},
        "remove_digits_1": {"id": 20, "groupName": GROUP, "blockNumbers": [ONE]},
    }
    assert all(request.target is Target.DELETE for request in account.requests.values())
    assert account.notes.read(ODD_NOTE) == "removed"


@pytest.mark.parametrize(
    ("noted", "odd_said", "expected"),
    [("asked", LOST, "asked"), ("asked", deleted(1), "removed"), (None, deleted(1), None)],
)
def test_that_odd_numbers_may_be_left_stays_noted(noted: Optional[str], odd_said: Any, expected: Optional[str]) -> None:
    notes = Notes({} if noted is None else {ODD_NOTE: noted})
    account = Account(lambda question, _request: odd_said if question == "remove_letters" else deleted(1), notes)
    probing = account.probing()
    probing.transcript["letters"] = asked("letters", added([LETTERS]), numbers=[LETTERS])
    remove(probing)
    assert account.notes.read(ODD_NOTE) == expected


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
def test_a_number_is_removed_from_a_group_that_nobody_has_made_unless_that_was_refused(
    unknown: Any, removes: bool
) -> None:
    account = Account(lambda _question, _request: deleted(0))
    probing = account.probing()
    if unknown is not None:
        said, status = unknown if isinstance(unknown, tuple) else (unknown, 200)
        probing.transcript["unknown_group"] = asked("unknown_group", said, status, [CREATED])
    remove(probing)
    assert ("remove_of_none" in account.asked) is removes
    if removes:
        assert account.requests["remove_of_none"].body == {"groupName": NO_GROUP, "blockNumbers": [CREATED]}


@pytest.mark.parametrize(("second", "removes"), [(21, True), (20, False), (None, False)])
def test_numbers_are_removed_from_a_second_group_by_its_id(second: Optional[int], removes: bool) -> None:
    account = Account(lambda _question, _request: deleted(1))
    probing = account.probing()
    probing.transcript.update(_second(made(group_id=second)))
    remove(probing)
    assert ("remove_of_second" in account.asked) is removes
    if removes:
        body = account.requests["remove_of_second"].body
        assert (body["id"], body["blockNumbers"]) == (21, [CREATED, NEW])


@pytest.mark.parametrize(
    ("retry_after", "may_wait", "times", "waits"),
    [(None, True, 2, [5.0]), (7.0, True, 2, [7.0]), (None, False, 1, [5.0])],
)
def test_a_limit_is_waited_for_once_where_that_is_allowed(
    retry_after: Optional[float], may_wait: bool, times: int, waits: List[float]
) -> None:
    limited = asked("remove", LIMIT).error
    assert limited is not None
    limited.retry_after = retry_after  # type: ignore[attr-defined]
    account = Account(lambda _question, _request: limited)
    account.may_wait = may_wait
    probing = account.probing(add_new=added([NEW]))
    remove(probing)
    assert (account.asked, account.waits) == (["remove"] * times, waits)
    assert left_behind(probing.transcript) == [NEW]


@pytest.mark.parametrize(
    ("sent", "asked_for"),
    [
        (MOST_REQUESTS, []),
        (MOST_REQUESTS - 1, ["remove"]),
        (MOST_REQUESTS - 2, ["remove", "remove"]),
        (MOST_REQUESTS - 3, ["remove", "remove", "remove_letters"]),
    ],
)
def test_no_more_is_sent_than_a_probe_may_send_at_most(sent: int, asked_for: List[str]) -> None:
    account = Account(lambda _question, _request: LIMIT, Notes({ODD_NOTE: "asked"}))
    account.sent = sent
    probing = account.probing(add_new=added([NEW]))
    probing.transcript["letters"] = asked("letters", added([LETTERS]), numbers=[LETTERS])
    remove(probing)
    assert account.asked == asked_for
    assert account.sent <= MOST_REQUESTS
    assert account.notes.read(ODD_NOTE) == "asked"
