# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchanges as values: what a refusal is, what was said, and the numbers that a probe may use."""

from __future__ import annotations

import re
from typing import Any, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CannotBeSent,
    CloudAgentError,
    CredentialsRefused,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    NotByTheApplication,
    NumbersRefused,
    RateLimited,
    Refused,
    ServerFault,
    TokenNotObtained,
    TokenRefused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    ALONE,
    BY_LENGTH,
    DESCRIPTION,
    GROUP,
    NEW,
    NO_GROUP,
    NO_GROUP_EITHER,
    OWN_NUMBERS,
    USUAL,
    Exchange,
    Request,
    Target,
    delete_request,
    numbers,
    words_for_none,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    DONE,
    HTML,
    MANDATORY,
    UNKNOWN,
    added,
    asked,
    refused,
)

UPDATE = Request(Target.UPDATE)


@pytest.mark.parametrize(
    ("kind", "is_refused", "is_missing"),
    [
        (Refused, True, False),
        (GroupUnknown, True, False),
        (NumbersRefused, True, False),
        (CredentialsRefused, True, False),
        (TokenRefused, True, False),
        (RateLimited, True, False),
        (EndpointMissing, False, True),
        (NoAnswer, False, False),
        (ServerFault, False, False),
        (NotByTheApplication, False, False),
        (CannotBeSent, True, False),
    ],
)
def test_what_is_refused_has_had_no_effect(kind: "type[CallFailed]", is_refused: bool, is_missing: bool) -> None:
    exchange = Exchange("add_new", UPDATE, error=kind("PUT /update", "no"))
    assert (exchange.refused, exchange.missing) == (is_refused, is_missing)


@pytest.mark.parametrize("error", [None, TokenNotObtained("no token"), CloudAgentError("no")])
def test_what_is_no_failure_of_a_call_is_no_refusal(error: Optional[CloudAgentError]) -> None:
    exchange = Exchange("add_new", UPDATE, error=error)
    assert (exchange.refused, exchange.missing) == (False, False)


@pytest.mark.parametrize(
    ("said", "status", "message"),
    [
        (refused("no"), 200, "no"),
        (BAD_FORM, 200, "invalid data: invalid format"),
        ({"status": "error", "errors": {"name": "too long", "other": "too short"}}, 200, "too long: too short"),
        ({"status": "error", "message": 7, "errors": ["x"]}, 200, ""),
        ({"status": "error", "message": None, "errors": {"name": ["x"], "other": ""}}, 200, ""),
        ({"status": "error", "message": "", "errors": None}, 200, ""),
        (HTML, 502, ""),
        ({}, 500, ""),
        (NoAnswer("PUT /update", "it broke off"), None, "PUT /update: it broke off."),
        (DONE, 200, ""),
    ],
)
def test_the_message_is_what_the_server_has_said_or_why_there_is_none(
    said: Any, status: Optional[int], message: str
) -> None:
    assert asked("add_new", said, status or 200).message == message


def test_of_what_was_not_sent_and_has_no_error_there_is_no_message() -> None:
    assert Exchange("add_new", UPDATE).message == ""


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (UNKNOWN, 200, "invalid group id"),
        (refused(f"There is no {GROUP}."), 200, "there is no {name}"),
        (refused(""), 200, ""),
        (refused(f"{GROUP} is not {GROUP}"), 400, "{name} is not {name}"),
        (MANDATORY, 200, None),
        (refused("invalid data", errors={"name": "too long"}), 200, None),
        (BAD_FORM, 200, None),
        (DONE, 200, None),
        (HTML, 404, None),
        (HTML, 502, None),
    ],
)
def test_words_are_those_of_a_refusal_that_nobody_has_documented_or_of_an_unknown_group(
    said: Any, status: int, words: Optional[str]
) -> None:
    assert words_for_none(asked("update", said, status), GROUP) == words


def test_a_delete_says_no_more_than_it_is_given() -> None:
    assert delete_request([NEW]).body == {"blockNumbers": [NEW]}
    assert delete_request((NEW,), GROUP).body == {"groupName": GROUP, "blockNumbers": [NEW]}
    assert delete_request([NEW], None, 0).body == {"id": 0, "blockNumbers": [NEW]}
    assert delete_request([NEW]).target is Target.DELETE


def test_the_numbers_of_a_probe_are_reserved_ones_placeholders_or_none_at_all() -> None:
    drama, placeholder = re.compile(r"\+?447700900\d*"), re.compile(r"(91)?99999\d*|9199999\d+|7{1,2}0?|abcdefgh")
    for number in OWN_NUMBERS:
        assert drama.fullmatch(number) or placeholder.fullmatch(number), number
    assert len(OWN_NUMBERS) == len(USUAL) + len(ALONE)
    for number in USUAL:
        assert re.fullmatch(r"\+?[0-9]{10,12}", number)
    assert all(len(number) == length for length, number in BY_LENGTH.items())
    assert set(BY_LENGTH.values()) <= set(ALONE)


def test_the_groups_of_a_probe_keep_to_the_documented_limits() -> None:
    assert 2 <= len(GROUP) <= 50
    assert 2 <= len(NO_GROUP) <= 50
    assert 2 <= len(NO_GROUP_EITHER) <= 50
    assert len({GROUP, NO_GROUP, NO_GROUP_EITHER}) == 3
    assert 2 <= len(DESCRIPTION) <= 100
    assert "@" not in GROUP + NO_GROUP + NO_GROUP_EITHER


def test_numbers_are_taken_as_they_stand() -> None:
    assert [(number.given, number.canonical) for number in numbers([NEW, "7"])] == [(NEW, NEW), ("7", "7")]


def test_an_answer_that_was_taken_is_no_refusal() -> None:
    assert asked("add_new", added([NEW])).refused is False
