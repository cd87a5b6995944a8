# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe's group is found or made, and never made twice, against small accounts."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import ProbeStopped
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import ALONE, CREATED, USUAL
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.meeting import (
    PAUSE,
    SETTLED,
    Group,
    create_request,
    meet_group,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    HTML,
    LOST,
    MANDATORY,
    UNKNOWN,
    Account,
    Notes,
    Server,
    added,
    deleted,
    made,
    refused,
)

MISSING = (b"", 404)
NONE_SERVED: Dict[str, Any] = {"update": MISSING, "update_older_path": MISSING}
NOT_KNOWN = refused("there is no Ansible probe"), refused("there is no no such group 5f3a9c21")
CREATES = ("create_list", "create_list_dated", "create_string", "create_string_dated")
NOW = 1_800_000_000


def _creates(account: Account) -> List[str]:
    return [question for question in account.asked if question in CREATES]


def _met(account: Account) -> "tuple[Optional[Group], str]":
    """The group, or why there is none."""
    try:
        return meet_group(account.probing()), ""
    except ProbeStopped as stopped:
        return None, str(stopped)


def _noted(text: Optional[str]) -> Notes:
    return Notes({} if text is None else {"probe_group": text})


# -- what update says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newer", "older", "by_older"),
    [
        (added([CREATED]), MISSING, False),
        (MISSING, added([CREATED]), True),
        (added([CREATED]), added([CREATED]), False),
        # The newer path may want other parameters than the group's name, and refuse every request in the same words.
        (UNKNOWN, added([CREATED]), True),
        (MANDATORY, added([CREATED]), True),
        ((HTML, 502), added([CREATED]), True),
        (LOST, added([CREATED]), True),
    ],
)
def test_a_group_that_one_path_of_update_knows_is_there(newer: Any, older: Any, by_older: bool) -> None:
    account = Account(Server(there=True, update=newer, update_older_path=older))
    assert _met(account) == (Group(20, by_older), "")
    assert _creates(account) == []
    assert account.asked[2:] == ["clean"]


@pytest.mark.parametrize(
    ("newer", "older", "by_older"),
    [
        (UNKNOWN, MISSING, False),
        (MISSING, UNKNOWN, True),
        (UNKNOWN, UNKNOWN, False),
        (refused("not here"), UNKNOWN, True),
        ((refused("not found"), 404), refused("not here"), True),
        (refused("not here"), (refused("no such method"), 405), False),
        ((refused("not found"), 404), (refused("not found"), 404), False),
    ],
)
def test_of_two_paths_that_refuse_one_that_speaks_of_the_group_is_asked(newer: Any, older: Any, by_older: bool) -> None:
    account = Account(Server(update=newer, update_older_path=older, unknown_group=UNKNOWN))
    _met(account)
    assert account.requests["unknown_group"].older is by_older


@pytest.mark.parametrize(("newer", "older"), [(refused("no"), refused("not here")), (MANDATORY, refused("not here"))])
def test_two_paths_that_refuse_in_different_ways_tell_nothing(newer: Any, older: Any) -> None:
    account = Account(Server(update=newer, update_older_path=older))
    assert "The two paths of update refuse in different ways" in _met(account)[1]
    assert account.asked == ["update", "update_older_path"]


@pytest.mark.parametrize(
    ("newer", "older"), [((HTML, 502), MISSING), (MISSING, (HTML, 502)), (LOST, MISSING), (HTML, (HTML, 500))]
)
def test_where_no_path_of_update_was_answered_by_the_application_nothing_is_made(newer: Any, older: Any) -> None:
    account = Account(Server(update=newer, update_older_path=older))
    assert _met(account) == (None, "Neither path of update was answered by the application.")
    assert _creates(account) == []


@pytest.mark.parametrize(
    ("update", "unknown", "again", "makes"),
    [
        (UNKNOWN, UNKNOWN, None, True),
        (*NOT_KNOWN, NOT_KNOWN[0], True),
        (*NOT_KNOWN, refused("there is one now"), False),
        (*NOT_KNOWN, added([CREATED]), False),
        (*NOT_KNOWN, (HTML, 502), False),
        (UNKNOWN, refused("no"), None, False),
        (refused("no"), UNKNOWN, None, False),
        (UNKNOWN, added([CREATED]), None, False),
        (UNKNOWN, (HTML, 504), None, False),
        (BAD_FORM, BAD_FORM, None, False),
        (MANDATORY, MANDATORY, None, False),  # what is missing is not the group
        (refused(""), refused(""), refused(""), True),
    ],
)
def test_a_group_is_made_only_where_it_is_refused_as_one_that_nobody_has_made_and_twice_in_words_of_its_own(
    update: Any, unknown: Any, again: Optional[Any], makes: bool
) -> None:
    account = Account(Server(update=update, unknown_group=unknown, group_gone=again))
    group, stopped = _met(account)
    assert bool(_creates(account)) is makes
    assert account.pauses == ([] if again is None else [PAUSE])
    assert (group == Group(20, False)) is makes
    assert ("so that it is not known whether there is Ansible probe" in stopped) is not makes


# -- what was noted ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noted", "update", "said"),
    [
        (None, UNKNOWN, ""),
        ("refused 1799999999", UNKNOWN, ""),
        ("met 1799999999", UNKNOWN, ""),  # it was there, so that somebody has deleted it
        ("met 1799999999", NOT_KNOWN[0], ""),
        ("made 1799999999 20", UNKNOWN, "was making the group Ansible probe at 2027-01-15T07:59:59Z"),
        (f"made {NOW - SETTLED:.0f} 20", UNKNOWN, ""),
        (f"made {NOW + 1} 20", UNKNOWN, ""),  # the clock was wrong then
        ("made 1 20", NOT_KNOWN[0], "has made the group Ansible probe, and update does not know it"),
        ("sent-list 1799999999", UNKNOWN, "Run the probe again after 2027-01-15T08:09:59Z"),
        ("sent-string 1799999999", NOT_KNOWN[0], "was making the group"),
        ("sent-list 1", UNKNOWN, ""),
        ("sent-list", UNKNOWN, ""),
        ("made x y", UNKNOWN, ""),
    ],
)
def test_a_group_that_an_earlier_probe_may_have_made_is_not_made_again(
    noted: Optional[str], update: Any, said: str
) -> None:
    unknown = NOT_KNOWN[1] if update is NOT_KNOWN[0] else UNKNOWN
    account = Account(Server(update=update, unknown_group=unknown, group_gone=update), _noted(noted))
    stopped = _met(account)[1]
    assert said in stopped
    assert bool(_creates(account)) is not bool(said)
    assert bool(stopped) is bool(said)


@pytest.mark.parametrize(("noted", "asks"), [(None, False), ("refused 1", False), ("made 1 20", True), ("met 1", True)])
def test_a_group_that_nobody_has_made_is_only_named_where_one_was_made_before(noted: Optional[str], asks: bool) -> None:
    account = Account(Server(there=True), _noted(noted))
    assert _met(account)[0] == Group(20, False)
    assert ("unknown_group" in account.asked) is asks
    assert (account.notes.read("probe_group") == f"met {NOW}") is asks


def test_odd_numbers_of_an_earlier_probe_are_removed_one_by_one_where_they_may_be_left() -> None:
    for notes, cleaned in (
        (Notes({"probe_odd_numbers": "asked"}), len(ALONE)),
        (Notes({"probe_odd_numbers": "removed"}), 0),
        (Notes(lasting=False), len(ALONE)),
    ):
        account = Account(Server(there=True), notes)
        _met(account)
        assert account.requests["clean"].body["blockNumbers"] == list(USUAL)
        assert len([question for question in account.asked if question.startswith("clean_")]) == cleaned


@pytest.mark.parametrize(
    ("said", "emptied"),
    [
        (LOST, False),
        ((HTML, 504), False),
        (refused("no"), False),
        (deleted(0, [], [CREATED]), False),
        (deleted(1), True),
    ],
)
def test_a_group_that_cannot_be_emptied_shows_nothing(said: Any, emptied: bool) -> None:
    changed = dict.fromkeys(("clean", "clean_by_name", "clean_by_id"), said)
    group, stopped = _met(Account(Server(there=True, **changed)))
    assert (group == Group(20, False)) is emptied
    assert ("could not be emptied" in stopped) is not emptied


# -- create ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "noted", "asked"),
    [
        ({}, None, ["create_list", "create_string"]),
        ({}, "sent-list 1", ["create_string"]),
        ({}, "sent-string 1", ["create_list", "create_string"]),
        ({"create_list": MANDATORY}, None, ["create_list", "create_list_dated", "create_string_dated"]),
        ({"create_list": MANDATORY, "create_list_dated": made()}, None, ["create_list", "create_list_dated"]),
        ({"create_string": MANDATORY}, None, ["create_list", "create_string", "create_string_dated"]),
        ({"create_list": LOST}, None, ["create_list"]),
        ({"create_string": refused("no more groups")}, None, ["create_list", "create_string"]),
        ({"create_list": MISSING}, None, ["create_list"]),
    ],
)
def test_create_is_tried_in_another_way_only_after_a_refusal(
    changed: Dict[str, Any], noted: Optional[str], asked: List[str]
) -> None:
    account = Account(Server(**changed), _noted(noted))
    _met(account)
    assert _creates(account) == asked
    assert ("expiryDate" in account.requests[asked[-1]].body) is asked[-1].endswith("dated")


@pytest.mark.parametrize(
    ("changed", "noted"),
    [
        ({}, f"met {NOW}"),
        ({"after_create": LOST}, f"made {NOW} 20"),
        ({"create_string": made(group_id=None), "after_create": LOST}, f"made {NOW}"),
        ({"create_list": LOST, "after_create": LOST}, f"sent-list {NOW}"),
        ({"create_string": LOST, "after_create": LOST}, f"sent-string {NOW}"),
        ({"create_string": refused("no more groups")}, f"refused {NOW}"),
    ],
)
def test_what_became_of_the_group_is_noted(changed: Dict[str, Any], noted: str) -> None:
    account = Account(Server(**changed))
    _met(account)
    assert account.notes.notes["probe_group"] == noted


def test_that_the_group_is_about_to_be_made_is_noted_before() -> None:
    notes, noted = Notes(), []
    server = Server()

    def answers(question: str, request: Any) -> Any:
        if question in CREATES:
            noted.append(notes.read("probe_group"))
        return server(question, request)

    _met(Account(answers, notes))
    assert noted == [f"sent-list {NOW}", f"sent-string {NOW}"]


def test_a_create_that_is_refused_in_each_way_ends_it() -> None:
    account = Account(Server(create_string=refused("no more groups")))
    assert _met(account) == (None, "Create was refused: no more groups")


@pytest.mark.parametrize(
    ("create", "after", "said"),
    [
        (
            made(),
            UNKNOWN,
            "answered with success; then an update of the group Ansible probe was not taken (Invalid group id)",
        ),
        (made(), (HTML, 504), "(no answer)"),
        (LOST, UNKNOWN, "answered so: PUT /update: the connection was lost.; then"),
        ((HTML, 504), UNKNOWN, "answered so: no answer; then"),
    ],
)
def test_a_group_that_cannot_be_seen_after_create_ends_it(create: Any, after: Any, said: str) -> None:
    account = Account(Server(create_string=create, after_create=after))
    group, stopped = _met(account)
    assert group is None
    assert said in stopped
    assert "Run the probe again after 2027-01-15T08:10:00Z" in stopped


@pytest.mark.parametrize(
    ("create", "after", "expected"),
    [
        (made(group_id=20), added([CREATED], group_id=21), 21),
        (made(group_id=20), added([CREATED], group_id=None), 20),
        (made(group_id=None), added([CREATED], group_id=None), None),
        (LOST, added([CREATED], group_id=21), 21),
    ],
)
def test_the_groups_id_is_that_of_update_or_of_create(create: Any, after: Any, expected: Optional[int]) -> None:
    assert _met(Account(Server(create_string=create, after_create=after)))[0] == Group(expected, False)


def test_a_create_says_what_it_is_asked_to() -> None:
    assert create_request(True, False).body["blockNumbers"] == [CREATED]
    assert create_request(False, False).body["blockNumbers"] == CREATED
    assert "expiryDate" not in create_request(False, False).body
    assert create_request(False, True, "x").body["description"] == "x"
    assert create_request(False, True).body["expiryDate"] == "2099-12-31 23:59:59"


# -- without an update call --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noted", "makes", "group_id"),
    [
        ("made 1 20", False, 20),
        ("made 1", False, None),
        ("sent-string 1", False, None),
        ("refused 1", True, 20),
        (None, True, 20),
    ],
)
def test_without_an_update_call_what_was_noted_tells_whether_there_is_the_group(
    noted: Optional[str], makes: bool, group_id: Optional[int]
) -> None:
    account = Account(Server(there=not makes, **NONE_SERVED), _noted(noted))
    assert _met(account) == (Group(group_id, None), "")
    assert bool(_creates(account)) is makes
    assert ("clean" in account.asked) is not makes


@pytest.mark.parametrize(
    ("changed", "notes", "said"),
    [
        ({}, Notes(lasting=False), "no state store to remember"),
        ({"create_list": LOST}, Notes(), "no update call to ask what it did"),
    ],
)
def test_without_an_update_call_a_group_that_nobody_would_know_of_is_not_counted_on(
    changed: Dict[str, Any], notes: Notes, said: str
) -> None:
    account = Account(Server(**NONE_SERVED, **changed), notes)
    assert said in _met(account)[1]
    assert _creates(account) == list(changed)
