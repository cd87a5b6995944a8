# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ends the questions of a probe."""

from __future__ import annotations

from typing import Any, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CannotBeSent,
    CredentialsRefused,
    NotSent,
    ProbeStopped,
    TlsFailed,
    TokenRefused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    MOST_REQUESTS,
    Credential,
    Request,
    Target,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    BAD_TOKEN,
    DONE,
    HTML,
    LIMIT,
    LOST,
    MANDATORY,
    NO_CAMPAIGN,
    UNKNOWN,
    Account,
    request_of,
)

CALL = "PUT /update"
LOOKS_LIKE_A_LIMIT, NOT_TAKEN = "This looks like a limit, or a firewall.", "The credentials are not taken."
NOT_REACHED, UNANSWERED = "The server cannot be reached.", "The last 3 requests had no answer of the application."


def _reason(said: Any, request: Request, *before: Any) -> Optional[str]:
    """Why nothing more is asked after an answer, where there were others before it."""
    answers: List[Any] = [*before, said]
    account = Account(lambda question, _request: answers[int(question)])
    probing = account.probing()
    for number in range(len(before)):
        probing.note(str(number), request_of("update"))
    try:
        probing.ask(str(len(before)), request)
    except ProbeStopped as stopped:
        return str(stopped)
    return None


@pytest.mark.parametrize(
    ("said", "own", "others"),
    [
        (DONE, None, None),
        (MANDATORY, None, None),
        (BAD_FORM, None, None),
        (UNKNOWN, None, None),
        (NO_CAMPAIGN, None, None),
        ((b"", 404), None, None),
        ((b"", 405), None, None),
        ((HTML, 502), None, None),
        ((HTML, 302), None, None),
        (HTML, None, None),
        (LOST, None, None),
        (LIMIT, LOOKS_LIKE_A_LIMIT, LOOKS_LIKE_A_LIMIT),
        ((LIMIT, 429), LOOKS_LIKE_A_LIMIT, LOOKS_LIKE_A_LIMIT),
        ((HTML, 429), LOOKS_LIKE_A_LIMIT, LOOKS_LIKE_A_LIMIT),
        ((HTML, 403), LOOKS_LIKE_A_LIMIT, None),
        ((DONE, 403), LOOKS_LIKE_A_LIMIT, None),  # whatever it says, a firewall may be at it
        ({"status": "error", "message": "Already one process is running"}, LOOKS_LIKE_A_LIMIT, LOOKS_LIKE_A_LIMIT),
        (BAD_TOKEN, NOT_TAKEN, None),
        (TokenRefused(CALL, "Token Expired"), NOT_TAKEN, None),
        (CredentialsRefused(CALL, "Invalid userName or apiKey"), NOT_TAKEN, None),
        ((HTML, 401), NOT_TAKEN, None),
        (NotSent(CALL, "no connection"), NOT_REACHED, NOT_REACHED),
        (TlsFailed(CALL, "no certificate"), NOT_REACHED, NOT_REACHED),
        (CannotBeSent(CALL, "no proxy"), NOT_REACHED, NOT_REACHED),
    ],
)
def test_an_answer_ends_the_questions_or_not(said: Any, own: Optional[str], others: Optional[str]) -> None:
    for credential in Credential:
        reason = _reason(said, Request(Target.STATUS, {}, credential))
        expected = own if credential is Credential.OWN else others
        assert (reason is None) is (expected is None), (credential, reason)
        assert (reason or "").startswith(expected or "")


@pytest.mark.parametrize(
    ("before", "last", "ends"),
    [
        ([LOST, LOST], LOST, True),
        ([(HTML, 502), HTML], (HTML, 302), True),
        ([DONE, LOST, (HTML, 500)], LOST, True),
        ([LOST], LOST, False),
        ([], LOST, False),
        ([LOST, LOST], DONE, False),
        ([LOST, DONE], LOST, False),
        ([LOST, (b"", 404)], LOST, False),
        ([DONE, LOST], LOST, False),
    ],
)
def test_three_requests_in_a_row_without_an_answer_of_the_application_end_the_questions(
    before: List[Any], last: Any, ends: bool
) -> None:
    reason = _reason(last, request_of("update"), *before)
    assert (reason or "").startswith(UNANSWERED) is ends
    assert (reason is None) is not ends


@pytest.mark.parametrize(
    ("question", "target", "ends"),
    [
        ("update", Target.UPDATE, True),
        ("delete_by_name", Target.DELETE, True),
        ("update_older_path", Target.UPDATE, False),
        ("wrong_method", Target.WRONG_METHOD, False),
    ],
)
def test_what_no_other_task_sends_may_be_forbidden_and_ends_nothing(question: str, target: Target, ends: bool) -> None:
    account = Account(lambda _question, _request: (HTML, 403))
    probing = account.probing()
    if ends:
        with pytest.raises(ProbeStopped, match="a firewall"):
            probing.ask(question, Request(target))
    else:
        assert probing.ask(question, Request(target)).status == 403


def test_the_reason_tells_the_servers_words() -> None:
    assert str(_reason(LIMIT, request_of("update"))).startswith(
        f"{LOOKS_LIKE_A_LIMIT} PUT /update: HTTP 200: Max limit exceeded."
    )
    assert _reason((DONE, 403), request_of("status")) == LOOKS_LIKE_A_LIMIT


@pytest.mark.parametrize(("sent", "asks"), [(MOST_REQUESTS - 11, True), (MOST_REQUESTS - 10, False), (99, False)])
def test_the_last_requests_are_kept_for_removals(sent: int, asks: bool) -> None:
    account = Account(lambda _question, _request: DONE)
    account.sent = sent
    probing = account.probing()
    if asks:
        probing.ask("update", request_of("update"))
    else:
        with pytest.raises(ProbeStopped, match=f"{sent} requests were sent"):
            probing.ask("update", request_of("update"))
    assert bool(account.asked) is asks
    probing.note("remove", request_of("remove"))
    assert account.asked[-1] == "remove"


def test_what_is_asked_is_in_the_transcript_whatever_the_answer() -> None:
    account = Account(lambda _question, _request: LIMIT)
    probing = account.probing()
    with pytest.raises(ProbeStopped):
        probing.ask("update", request_of("update"))
    assert list(probing.transcript) == ["update"]
    probing.note("remove", request_of("remove"))
    assert list(probing.transcript) == ["update", "remove"]
