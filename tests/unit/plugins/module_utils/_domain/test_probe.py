# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of a probe's questions, and where it asks no more, against small accounts."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import ProbeStopped, StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    ALONE,
    CREATED,
    GROUP,
    MOST_REQUESTS,
    NEW,
    USUAL,
    Credential,
    Request,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.probe import probe
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.questions import QUESTIONS
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    DONE,
    HTML,
    LOST,
    MANDATORY,
    Account,
    Notes,
    Server,
    added,
    made,
    refused,
)

NONE_SERVED: Dict[str, Any] = dict.fromkeys(("update", "update_older_path"), (b"", 404))
NOT_KNOWN = refused("there is no Ansible probe"), refused("there is no no such group 5f3a9c21")


_ANYWHERE = ("unknown_group", "refused_create", "remove", "second_name", "second_group")


def _base(question: str) -> str:
    """The question to which one belongs that is asked of each number, such as remove_letters."""
    return next((name for name in ("clean", "remove") if question.startswith(name)), question)


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
def test_each_question_is_one_of_the_list_asked_in_its_order(server: Server, notes: Notes) -> None:
    account = Account(server, notes)
    probing = account.probing(second_group=True)
    probe(probing)
    names = [_base(question) for question in account.asked]
    assert set(names) <= {question.name for question in QUESTIONS}
    if account.requests.get("add_new"):  # else what delete counts is asked first, while the number is there
        order = [question.name for question in QUESTIONS if question.name in names and question.name not in _ANYWHERE]
        assert [name for name in dict.fromkeys(names) if name not in _ANYWHERE] == order
    assert account.sent <= MOST_REQUESTS
    assert list(probing.transcript) == list(dict.fromkeys(account.asked))


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
    assert reached == {question.name for question in QUESTIONS} - {"generate"}


def test_credentials_that_cannot_be_had_are_not_asked_about() -> None:
    account = Account(Server())
    account.credentials = frozenset({Credential.MADE_UP})
    probe(account.probing())
    assert account.asked[:3] == ["status", "made_up_credential", "update"]
    assert account.requests["made_up_credential"].credential is Credential.MADE_UP


def test_without_an_update_call_only_removals_are_asked_about() -> None:
    account = Account(Server(there=True, **NONE_SERVED), Notes({"probe_group": "made 1 20"}))
    assert probe(account.probing()) is None
    assert not [question for question in account.asked if question.startswith(("add_", "after_", "past_", "wrong_"))]
    assert account.requests["delete_by_name"].body["blockNumbers"] == [CREATED]
    assert account.requests["delete_by_id"].body["id"] == 20


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
    account.sent = MOST_REQUESTS - 10 - 14
    stopped = probe(account.probing())
    assert isinstance(stopped, ProbeStopped)
    assert f"the rest of {MOST_REQUESTS} is for removals" in str(stopped)
    assert account.asked[13:] == ["add_again", "remove"]


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
    assert names == {GROUP, "no such group 5f3a9c21", "no such group 8e1d04b7", None}
    sent = [request.body.get("blockNumbers", []) for request in account.requests.values()]
    flat = {number for numbers in sent for number in ([numbers] if isinstance(numbers, str) else numbers)}
    assert flat <= {*USUAL, *ALONE}
    assert NEW in flat


@pytest.mark.parametrize("fails_at", ["status", "add_twice", "remove"])
def test_an_error_that_nobody_foresaw_ends_the_questions_and_is_told(fails_at: str) -> None:
    server = Server()

    def answers(question: str, request: Request) -> Any:
        if question == fails_at:
            raise ZeroDivisionError
        return server(question, request)

    account = Account(answers)
    stopped = probe(account.probing())
    assert "ZeroDivisionError" in str(stopped)
    assert ("remove" in account.asked) == (fails_at != "status")
