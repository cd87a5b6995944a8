# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a transcript shows of credentials, tokens and answers in general."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import JWT, OPAQUE_TOKEN
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.found_account import FOUND, auth_setting
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.seen import Found, Seen
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    BAD_TOKEN,
    DONE,
    HTML,
    LIMIT,
    LOST,
    NO_CAMPAIGN,
    UNKNOWN,
    added,
    asked,
    refused,
    transcript,
)

WANTS_KEY = {"status": "false", "message": "Api Key Should Not be Null or Empty.", "data": None}
WANTS_TOKEN = {"status": "false", "message": "Token Should Not be Null or Empty.", "data": None}
HOUR = JWT.format(seconds=3600)
Verdict = Optional[Tuple[Optional[bool], str]]


def _found(statement: str, by_token: bool = True, **said: Any) -> Optional[Found]:
    """What is found of a statement; an answer may have its status with it."""
    exchanges = [
        asked(question, *(answer if isinstance(answer, tuple) else (answer,))) for question, answer in said.items()
    ]
    return FOUND[statement](Seen(transcript(*exchanges), by_token))


@pytest.mark.parametrize("statement", sorted(FOUND))
@pytest.mark.parametrize("said", [{}, {"status": LOST, "wrong_method": LOST}, {"remove": LOST}])
def test_a_transcript_without_answers_shows_nothing(statement: str, said: Dict[str, Any]) -> None:
    assert _found(statement, **said) is None


NOT_OF_THE_APPLICATION = [LOST, HTML, (HTML, 502), (HTML, 302), (HTML, 403), (b"", 404), LIMIT, (HTML, 429)]


@pytest.mark.parametrize("said", NOT_OF_THE_APPLICATION)
def test_what_something_else_has_answered_shows_nothing_of_host_setting_and_credentials(said: Any) -> None:
    for statement in ("A1", "A2", "N5"):
        assert _found(statement, status=said) is None
    for statement, question in (
        ("A3", "both_headers"),
        ("A4", "other_kind"),
        ("T3", "earlier_token"),
        ("T6", "made_up_credential"),
        ("T6", "earlier_token"),
        ("G3", "made_up_credential"),
    ):
        assert _found(statement, **{"status": DONE, question: said}) is None


@pytest.mark.parametrize(
    ("said", "by_token", "setting"),
    [
        (DONE, True, "TOKEN_AUTH"),
        (DONE, False, "BASIC_AUTH"),
        (NO_CAMPAIGN, True, "TOKEN_AUTH"),
        (NO_CAMPAIGN, False, "BASIC_AUTH"),
        (WANTS_KEY, True, "BASIC_AUTH"),
        (WANTS_TOKEN, False, "TOKEN_AUTH"),
        (BAD_TOKEN, True, None),
        ({"status": "false", "message": "Invalid userName or apiKey"}, True, None),
    ],
)
def test_the_accounts_setting_is_told_by_what_ones_own_credentials_are_answered(
    said: Any, by_token: bool, setting: Optional[str]
) -> None:
    assert auth_setting(Seen(transcript(status=said), by_token)) == setting
    found = _found("A2", by_token, status=said)
    assert found == (None if setting is None else Found(True, f"the account is set to {setting}"))
    assert _found("A1", by_token, status=said) == Found(True)
    assert _found("N5", by_token, status=said) is not None


@pytest.mark.parametrize(("statement", "question"), [("A3", "both_headers"), ("T3", "earlier_token")])
@pytest.mark.parametrize(
    ("own", "said", "verdict"),
    [
        (DONE, BAD_TOKEN, True),
        (DONE, (HTML, 401), True),
        (DONE, refused("Not with both"), True),
        (DONE, DONE, False),
        # One's own credentials are taken, and there is no such campaign.
        (NO_CAMPAIGN, BAD_TOKEN, True),
        (NO_CAMPAIGN, NO_CAMPAIGN, False),
        (NO_CAMPAIGN, refused("Not with both"), True),
        (LOST, BAD_TOKEN, True),
    ],
)
def test_credentials_that_are_answered_as_ones_own_are_taken_whatever_the_answer(
    statement: str, question: str, own: Any, said: Any, verdict: Optional[bool]
) -> None:
    found = _found(statement, **{"status": own, question: said})
    assert found is not None
    assert found.as_documented is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(WANTS_KEY, True), (WANTS_TOKEN, True), (BAD_TOKEN, False), (DONE, False), (refused("nothing"), False)],
)
def test_credentials_of_the_other_kind_are_told_by_the_documented_words(said: Any, verdict: bool) -> None:
    found = _found("A4", other_kind=said)
    assert found is not None
    assert found.as_documented is verdict


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (BAD_TOKEN, 'refused (HTTP 200, "Token Expired")'),
        ((HTML, 401), "refused (HTTP 401)"),
    ],
)
def test_what_is_said_of_a_token_that_is_not_valid_is_told(said: Any, words: str) -> None:
    assert _found("T6", made_up_credential=said) == Found(None, f"one that is made up: {words}")
    assert _found("T6", earlier_token=said) == Found(None, f"one that is superseded: {words}")
    both = _found("T6", made_up_credential=said, earlier_token=said)
    assert both == Found(None, f"one that is made up: {words}; one that is superseded: {words}")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(BAD_TOKEN, True), ((HTML, 401), True), (refused("Bad luck"), False), (NO_CAMPAIGN, None), (DONE, None)],
)
def test_refused_credentials_are_told_by_the_documented_messages(said: Any, verdict: Optional[bool]) -> None:
    found = _found("G3", status=NO_CAMPAIGN, made_up_credential=said)
    assert (None if found is None else found.as_documented) is verdict


@pytest.mark.parametrize(("own", "made_up"), [(NO_CAMPAIGN, NO_CAMPAIGN), (DONE, DONE)])
def test_an_account_that_says_the_same_to_any_credential_shows_nothing_of_them(own: Any, made_up: Any) -> None:
    said = {"status": own, "made_up_credential": made_up, "both_headers": BAD_TOKEN, "other_kind": WANTS_KEY}
    said["earlier_token"] = BAD_TOKEN
    for statement in ("A3", "A4", "T3", "T6", "G3"):
        assert _found(statement, **said) is None
    assert (_found("A2", **said) is None) is (own is NO_CAMPAIGN)


# -- tokens ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "t1", "t4", "t5"),
    [
        (
            {"token": HOUR, "message": ""},
            (True, "it comes under token, without a status"),
            (True, "it is a JWT that lives for 3600 s"),
            None,
        ),
        (
            {"token": OPAQUE_TOKEN, "status": "success"},
            (False, "it comes under token, with the status success"),
            (False, "it is a token that is no JWT"),
            None,
        ),
        (
            {"token": "(a text)", "data": {"authToken": JWT.format(seconds=60)}},  # something else stands there
            (False, "it comes under data.authToken, without a status"),
            (False, "it is a JWT that lives for 60 s"),
            (True, "it comes under data.authToken"),
        ),
        (
            {"token": None, "authToken": HOUR, "status": None},
            (False, "it comes under authToken, with the status None"),
            (True, "it is a JWT that lives for 3600 s"),
            (True, "it comes under authToken"),
        ),
        ({"token": "(a text)"}, None, None, None),
        ({"data": "(a list)"}, None, None, None),
        ({"data": ["token"]}, None, None, None),
        ({}, None, None, None),
    ],
)
def test_where_a_token_stands_and_how_long_it_lives_is_told(
    body: Dict[str, Any], t1: Verdict, t4: Verdict, t5: Verdict
) -> None:
    for statement, expected in (("T1", t1), ("T4", t4), ("T5", t5)):
        assert _found(statement, generate=body) == (None if expected is None else Found(*expected))


def test_a_generation_that_was_refused_shows_no_token() -> None:
    exchange = asked("generate", {"token": HOUR})
    refusal = asked("status", BAD_TOKEN).error
    failed = type(exchange)("generate", exchange.request, 200, exchange.body, error=refusal)
    for statement in ("T1", "T4", "T5"):
        assert FOUND[statement](Seen(transcript(failed), True)) is None
        assert _found(statement, generate=HTML) is None


# -- answers in general ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"add_new": UNKNOWN}, "refusals came with HTTP 200"),
        (
            {"add_new": (refused("no"), 422), "letters": BAD_FORM, "digits_1": BAD_FORM},
            "refusals came with HTTP 200, 422",
        ),
        ({"add_new": added([]), "letters": (HTML, 502), "digits_1": (b"", 404)}, None),
    ],
)
def test_with_which_status_refusals_came_is_told(said: Dict[str, Any], words: Optional[str]) -> None:
    assert _found("G1", **said) == (None if words is None else Found(True, words))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"add_new": UNKNOWN, "add_again": added([])}, (True, "taken: success; refused: error")),
        ({"add_again": {**added([]), "status": "SUCCESS"}}, (True, "taken: SUCCESS")),
        ({"add_new": {"status": False, "message": "no"}}, (True, "refused: False")),
        ({"add_new": {"status": "Fails", "message": "no"}, "letters": BAD_FORM}, (True, "refused: Fails, error")),
        ({"add_new": {"status": "oops", "message": "Invalid group id"}}, (False, "refused: oops")),
        ({"add_new": {"status": 7, "message": "Invalid group id"}}, (False, "refused: 7")),
        ({"add_new": {"status": {}, "message": "Invalid group id"}}, (False, "refused: {}")),
        ({"add_new": {"message": "Invalid group id"}}, None),
        ({"add_new": (HTML, 401)}, None),
        ({"add_new": {"status": "strange"}}, None),  # neither taken nor refused
    ],
)
def test_the_status_words_are_told(said: Dict[str, Any], expected: Verdict) -> None:
    assert _found("G2", **said) == (None if expected is None else Found(*expected))


def test_a_limit_is_told_with_the_question_that_has_met_it() -> None:
    said: Dict[str, Any] = {"status": DONE, "update": UNKNOWN, "add_new": LIMIT, "remove": DONE}
    assert _found("G4", **said) == Found(True, 'question 3 of this probe: refused (HTTP 200, "Max limit exceeded")')
    assert _found("G4", status=DONE, update=(HTML, 429)) == Found(True, "question 2 of this probe: refused (HTTP 429)")
    assert _found("G4", status=DONE, update=(HTML, 403)) is None


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ((b"", 405), True),
        ((HTML, 405), True),
        ((refused("no such method"), 405), False),
        ((b"", 404), False),
        ((HTML, 502), None),
        (LIMIT, None),
        (DONE, False),
    ],
)
def test_a_wrong_method_is_answered_without_json(said: Any, verdict: Optional[bool]) -> None:
    found = _found("G5", wrong_method=said)
    assert (None if found is None else found.as_documented) is verdict
