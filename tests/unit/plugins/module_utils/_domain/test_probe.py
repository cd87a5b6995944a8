# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of a probe's questions, and where it asks no more, against small accounts."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import ProbeStopped, StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    CREATED,
    GROUP,
    MOST_REQUESTS,
    NEW,
    ODD,
    WELL_FORMED,
    Credential,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.probe import PAUSE, probe
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.questions import BY_NAME, QUESTIONS
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    DONE,
    HTML,
    LOST,
    MANDATORY,
    UNKNOWN,
    Account,
    Notes,
    Server,
    added,
    made,
    refused,
)

MISSING = (b"", 404)
NONE_SERVED: Dict[str, Any] = {"update": MISSING, "update_older_path": MISSING}
NOT_KNOWN = refused("there is no Ansible probe"), refused("there is no no such group 5f3a9c21")
CREATES = ("create_list", "create_list_dated", "create_string", "create_string_dated")


def _base(question: str) -> str:
    """The question to which one belongs that is asked of each number, such as remove_letters."""
    return next((name for name in ("clean", "remove") if question.startswith(name)), question)


def _creates(account: Account) -> List[str]:
    return [question for question in account.asked if question in CREATES]


@pytest.mark.parametrize(
    ("server", "notes"),
    [
        (Server(), Notes()),
        (Server(there=True), Notes()),
        (Server(there=True), Notes({"probe_odd_numbers": "asked"})),
        (Server(there=True), Notes(lasting=False)),
        (Server(create_list=MANDATORY, create_list_dated=BAD_FORM), Notes()),
        (Server(create_string=MANDATORY), Notes()),
        (Server(unknown_group=added([CREATED])), Notes()),
        (Server(second_name=MANDATORY, second_group=made(group_id=21)), Notes()),
        (Server(update=NOT_KNOWN[0], unknown_group=NOT_KNOWN[1], group_gone=NOT_KNOWN[0]), Notes()),
        (Server(**NONE_SERVED, create_list=made([CREATED])), Notes()),
    ],
)
def test_each_question_is_one_of_the_list_asked_in_its_order_and_as_often_as_it_says(
    server: Server, notes: Notes
) -> None:
    account = Account(server, notes)
    probing = account.probing(second_group=True)
    probe(probing)
    names = [_base(question) for question in account.asked]
    assert set(names) <= set(BY_NAME)
    for name in set(names):
        assert names.count(name) <= BY_NAME[name].requests
    if account.requests.get("add_new"):  # else what delete counts is asked first, while the number is there
        order = [question.name for question in QUESTIONS if question.name in names]
        assert list(dict.fromkeys(names)) == order
    assert account.sent <= MOST_REQUESTS
    assert list(probing.transcript) == list(dict.fromkeys(account.asked))


def test_all_questions_together_are_no_more_than_may_be_sent() -> None:
    assert sum(question.requests for question in QUESTIONS) <= MOST_REQUESTS


def test_every_question_but_that_of_the_token_can_be_reached() -> None:
    reached = set()
    for server in (
        Server(create_list=MANDATORY),
        Server(create_list=MANDATORY, create_list_dated=BAD_FORM, second_name=MANDATORY),
        Server(there=True),
        Server(update=NOT_KNOWN[0], unknown_group=NOT_KNOWN[1], group_gone=NOT_KNOWN[0]),
    ):
        account = Account(server)
        assert probe(account.probing(second_group=True)) is None, account.asked
        reached |= {_base(question) for question in account.asked}
    assert reached == {*BY_NAME} - {"generate"}


def test_credentials_that_cannot_be_had_are_not_asked_about() -> None:
    account = Account(Server())
    account.credentials = frozenset({Credential.MADE_UP})
    probe(account.probing())
    assert account.asked[:3] == ["status", "made_up_credential", "update"]
    assert account.requests["made_up_credential"].credential is Credential.MADE_UP


# -- the group ---------------------------------------------------------------------------------------------------------


def test_a_group_that_only_one_path_of_update_knows_is_not_made_again() -> None:
    """The newer path may want other parameters than the group's name, and refuse every request in the same words."""
    changed: Dict[str, Any] = dict.fromkeys(("update", "unknown_group"), UNKNOWN)
    account = Account(Server(there=True, **{**changed, "update_older_path": added([CREATED])}))
    probe(account.probing())
    assert _creates(account) == []
    assert account.requests["unknown_group"].older
    assert account.requests["add_new"].older


def test_documented_words_for_something_else_do_not_tell_that_a_group_is_missing() -> None:
    account = Account(Server(there=True, update=MANDATORY, unknown_group=MANDATORY, group_gone=MANDATORY))
    stopped = probe(account.probing())
    assert _creates(account) == []
    assert "it is not known whether there is Ansible probe" in str(stopped)


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
        (refused(""), refused(""), refused(""), True),
    ],
)
def test_a_group_is_made_only_where_it_is_refused_as_one_that_nobody_has_made_and_twice_in_words_of_its_own(
    update: Any, unknown: Any, again: Optional[Any], makes: bool
) -> None:
    account = Account(Server(update=update, unknown_group=unknown, group_gone=again))
    stopped = probe(account.probing())
    assert bool(_creates(account)) is makes
    assert account.pauses == ([] if again is None else [PAUSE])
    assert (stopped is None) is makes


@pytest.mark.parametrize(
    ("newer", "older"), [((HTML, 502), MISSING), (MISSING, (HTML, 502)), (LOST, MISSING), (HTML, (HTML, 500))]
)
def test_where_no_path_of_update_was_answered_by_the_application_nothing_is_made(newer: Any, older: Any) -> None:
    account = Account(Server(update=newer, update_older_path=older))
    assert "Neither path of update" in str(probe(account.probing()))
    assert account.asked[-1] == "remove"
    assert _creates(account) == []


@pytest.mark.parametrize(
    ("changed", "noted", "asked"),
    [
        ({}, None, ["create_list", "create_string"]),
        ({}, "sent as a list", ["create_string"]),
        ({}, "sent as a string", ["create_list", "create_string"]),
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
    account = Account(Server(**changed), Notes({} if noted is None else {"probe_group": noted}))
    probe(account.probing())
    assert _creates(account) == asked
    assert ("expiryDate" in account.requests[asked[-1]].body) is asked[-1].endswith("dated")


@pytest.mark.parametrize(("group_id", "noted"), [(20, "made 20"), (None, "made")])
def test_that_a_group_was_made_is_noted_with_its_id(group_id: Optional[int], noted: str) -> None:
    account = Account(Server(create_string=made(group_id=group_id), after_create=added([CREATED])))
    probe(account.probing())
    assert account.notes.notes["probe_group"] == noted


@pytest.mark.parametrize(
    ("after", "said"), [(UNKNOWN, "(Invalid group id)"), ((HTML, 504), "()"), (LOST, "the connection was lost")]
)
def test_a_group_that_cannot_be_seen_after_create_ends_the_questions(after: Any, said: str) -> None:
    account = Account(Server(after_create=after))
    stopped = str(probe(account.probing()))
    assert stopped.startswith("Create was answered (created)")
    assert said in stopped
    assert "Run the probe again" in stopped
    assert "add_new" not in account.asked


def test_of_a_create_without_an_answer_it_is_told_why() -> None:
    account = Account(Server(create_list=LOST, after_create=UNKNOWN))
    assert "Create was answered (PUT /update: the connection was lost.)" in str(probe(account.probing()))


@pytest.mark.parametrize(
    ("notes", "made_anew", "group_id"),
    [
        (Notes({"probe_group": "made 20"}), False, 20),
        (Notes({"probe_group": "made"}), False, None),
        (Notes({"probe_group": "sent as a string"}), False, None),
        (Notes(), True, 20),
    ],
)
def test_without_an_update_call_what_was_noted_tells_whether_there_is_the_group(
    notes: Notes, made_anew: bool, group_id: Optional[int]
) -> None:
    account = Account(Server(there=not made_anew, **NONE_SERVED), notes)
    assert probe(account.probing()) is None
    assert bool(_creates(account)) is made_anew
    assert ("clean" in account.asked) is not made_anew
    assert account.requests["delete_by_id"].body.get("id") == group_id
    assert not [question for question in account.asked if question.startswith(("add_", "after_", "past_", "wrong_"))]
    assert account.requests["delete_by_name"].body["blockNumbers"] == [CREATED]


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
    assert said in str(probe(account.probing()))
    assert "delete_by_name" not in account.asked


def test_odd_numbers_of_an_earlier_probe_are_removed_one_by_one_where_they_may_be_left() -> None:
    for notes, cleaned in (
        (Notes({"probe_odd_numbers": "asked"}), len(ODD)),
        (Notes({"probe_odd_numbers": "removed"}), 0),
        (Notes(lasting=False), len(ODD)),
    ):
        account = Account(Server(there=True), notes)
        probe(account.probing())
        assert account.requests["clean"].body["blockNumbers"] == list(WELL_FORMED)
        assert len([question for question in account.asked if question.startswith("clean_")]) == cleaned


# -- a second group ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "asks_again"),
    [
        (MANDATORY, True),
        (refused("invalid data", errors={"description": "too short"}), True),
        (BAD_FORM, True),
        (refused("Group name already exists"), False),
        (made(group_id=21), False),
        (LOST, False),  # it may have made one
        ((HTML, 504), False),
    ],
)
def test_a_name_that_exists_is_sent_once_more_only_where_the_first_try_has_made_nothing(
    said: Any, asks_again: bool
) -> None:
    account = Account(Server(there=True, second_name=said))
    probe(account.probing(second_group=True))
    assert ("second_group" in account.asked) is asks_again
    assert account.requests["second_name"].body["description"] == "x"
    assert account.notes.read("probe_second_group") == "asked"


def test_a_second_group_is_asked_for_once() -> None:
    account = Account(Server(there=True), Notes({"probe_second_group": "asked"}))
    probe(account.probing(second_group=True))
    assert "second_name" not in account.asked


@pytest.mark.parametrize(("needs_date", "dated"), [(MANDATORY, True), (BAD_FORM, False)])
def test_a_second_group_gets_a_date_where_the_first_has_needed_one(needs_date: Any, dated: bool) -> None:
    account = Account(Server(create_list=needs_date, create_list_dated=BAD_FORM, second_name=MANDATORY))
    probe(account.probing(second_group=True))
    assert ("expiryDate" in account.requests["second_group"].body) is dated


# -- the end -----------------------------------------------------------------------------------------------------------


def test_it_asks_nothing_more_where_the_rest_is_kept_for_removals() -> None:
    account = Account(Server())
    account.sent = MOST_REQUESTS - 20
    stopped = probe(account.probing())
    assert isinstance(stopped, ProbeStopped)
    assert f"the rest of {MOST_REQUESTS} is for removals" in str(stopped)
    assert account.asked[-1] == "remove"
    assert account.sent == MOST_REQUESTS - 10 + 1


@pytest.mark.parametrize("question", ["status", "add_new", "remove"])
def test_an_error_that_is_no_answer_ends_the_questions_and_not_the_removal(question: str) -> None:
    server = Server()

    def answers(name: str, request: Any) -> Any:
        if name == question:
            raise StoreError("the store is full")
        return server(name, request)

    account = Account(answers)
    assert str(probe(account.probing())) == "the store is full"
    assert (account.asked[-1] == "remove") is (question != "status")


def test_the_first_reason_is_told_where_the_removal_fails_too() -> None:
    def answers(name: str, _request: Any) -> Any:
        if name == "update":
            return LOST
        if name in ("update_older_path", "remove"):
            raise StoreError(f"the store is full at {name}")
        return DONE

    assert str(probe(Account(answers).probing())) == "the store is full at update_older_path"


def test_what_is_sent_names_the_group_and_the_numbers_of_the_probe_only() -> None:
    account = Account(Server())
    probe(account.probing(second_group=True))
    names = {request.body.get("groupName", request.body.get("name")) for request in account.requests.values()}
    assert names == {GROUP, "no such group 5f3a9c21", None}
    sent = [request.body.get("blockNumbers", []) for request in account.requests.values()]
    flat = {number for numbers in sent for number in ([numbers] if isinstance(numbers, str) else numbers)}
    assert flat <= {*WELL_FORMED, *ODD}
    assert NEW in flat
