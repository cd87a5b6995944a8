# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What errors say, and what follows from their kind."""

from __future__ import annotations

from typing import Type

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CannotBeSent,
    CloudAgentError,
    CredentialsRefused,
    EndpointMissing,
    Failure,
    Fault,
    GenerationLimitReached,
    GroupUnknown,
    InvalidInput,
    LockTimeout,
    MissingLibrary,
    NoAnswer,
    NotByTheApplication,
    NotSent,
    NumbersRefused,
    RateLimited,
    Refused,
    ServerFault,
    StoreError,
    StoreUnavailable,
    TlsFailed,
    TokenNotObtained,
    TokenRefused,
    UnexpectedError,
    foreseen,
)

CALL = "PUT /ca_apis/updateBlockNumber"


@pytest.mark.parametrize(
    ("kind", "failure", "maybe_done", "sent"),
    [
        (NotSent, Failure.NEVER_SENT, False, False),
        (CannotBeSent, Failure.FINAL, False, False),
        (TlsFailed, Failure.FINAL, False, False),
        (NoAnswer, Failure.NO_ANSWER, True, True),
        (ServerFault, Failure.SERVER_FAULT, True, True),
        (RateLimited, Failure.RATE_LIMITED, False, True),
        (TokenRefused, Failure.TOKEN_REFUSED, False, True),
        (CredentialsRefused, Failure.FINAL, False, True),
        (NotByTheApplication, Failure.FINAL, True, True),
        (EndpointMissing, Failure.FINAL, False, True),
        (GroupUnknown, Failure.FINAL, False, True),
        (NumbersRefused, Failure.FINAL, False, True),
        (Refused, Failure.FINAL, False, True),
    ],
)
def test_each_error_stands_in_its_column_and_tells_if_the_request_may_have_been_done(
    kind: Type[CallFailed], failure: Failure, maybe_done: bool, sent: bool
) -> None:
    error = kind(CALL, "said")
    assert error.failure is failure
    assert error.maybe_done is maybe_done
    assert error.sent is sent
    assert isinstance(error, CloudAgentError)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (CallFailed(CALL, "It broke"), f"{CALL}: It broke."),
        (CallFailed(CALL, "It broke."), f"{CALL}: It broke."),
        (CallFailed(CALL, "It broke", "Mend it."), f"{CALL}: It broke. Mend it."),
        (CallFailed(CALL, "It broke", "Mend it.", 500), f"{CALL}: HTTP 500: It broke. Mend it."),
    ],
)
def test_a_failed_call_is_told_in_whole_sentences(error: CallFailed, message: str) -> None:
    assert str(error) == message


def test_a_failed_call_keeps_its_parts() -> None:
    limited = RateLimited(CALL, "Max limit exceeded", "Wait.", 429, 30.0)
    assert (limited.call, limited.said, limited.advice, limited.status) == (CALL, "Max limit exceeded", "Wait.", 429)
    assert limited.retry_after == 30.0
    assert RateLimited(CALL, "Max limit exceeded").retry_after is None


def test_a_refusal_tells_if_its_words_are_documented() -> None:
    assert Refused(CALL, "Parameters are mandatory", documented=True).documented
    assert not Refused(CALL, "Whatever").documented


def test_bad_input_holds_every_fault_and_shows_fifty() -> None:
    faults = [Fault(f"entry {n}", "is empty") for n in range(1, 56)]
    error = InvalidInput(faults)
    assert error.faults == tuple(faults)
    assert error.found == 55
    assert "entry 50: is empty" in str(error)
    assert "entry 51" not in str(error)
    assert str(error).endswith("; and 5 more, see faults")


def test_fifty_faults_are_all_shown() -> None:
    error = InvalidInput([Fault(f"entry {n}", "is empty") for n in range(1, 51)])
    assert "entry 50: is empty" in str(error)
    assert "more" not in str(error)


def test_faults_that_were_counted_and_not_kept_are_told_as_more() -> None:
    kept = [Fault(f"entry {n}", "is empty") for n in range(1, 61)]
    error = InvalidInput(kept, 1_000_000)
    assert (error.faults, error.found) == (tuple(kept), 1_000_000)
    assert str(error).endswith("entry 50: is empty; and 999950 more, see faults")


def test_a_missing_library_is_named_with_what_it_is_needed_for() -> None:
    error = MissingLibrary("phonenumbers", "for the option default_region")
    assert str(error) == "The Python library phonenumbers is needed for the option default_region."
    assert (error.library, error.reason) == ("phonenumbers", "for the option default_region")


def test_a_token_that_was_not_obtained_is_never_the_answer_of_another_call() -> None:
    assert not issubclass(TokenNotObtained, CallFailed)
    assert issubclass(GenerationLimitReached, TokenNotObtained)


def test_an_unexpected_error_tells_its_class_and_place_and_not_its_words() -> None:
    with pytest.raises(KeyError) as raised:
        raise KeyError("a secret")
    told = str(UnexpectedError(raised.value))
    assert "KeyError" in told
    assert "test_errors.py, line " in told
    assert "please report" in told
    assert "a secret" not in told
    assert "class KeyError occurred. This" in str(UnexpectedError(KeyError("never raised")))
    assert UnexpectedError(KeyError()).maybe_done
    assert not UnexpectedError(KeyError(), maybe_done=False).maybe_done


def test_a_reached_limit_tells_when_the_next_generation_is_free() -> None:
    assert GenerationLimitReached("Ten an hour.", 1_800_000_000.0).next_at == 1_800_000_000.0


@pytest.mark.parametrize("kind", [StoreUnavailable, LockTimeout])
def test_every_fault_of_the_store_is_a_store_error(kind: Type[StoreError]) -> None:
    assert issubclass(kind, StoreError)
    assert issubclass(StoreError, CloudAgentError)


def test_what_was_told_stands_without_the_advice() -> None:
    error = CallFailed("GET /path", "no such thing.", "Do this.", 404)
    assert (error.told, error.advice) == ("GET /path: HTTP 404: no such thing.", "Do this.")
    assert str(error) == "GET /path: HTTP 404: no such thing. Do this."
    assert str(CallFailed("GET /path", "lost")) == CallFailed("GET /path", "lost").told == "GET /path: lost."


def test_an_error_of_ours_is_foreseen_and_any_other_is_told_by_its_class() -> None:
    ours = StoreError("The disk is full.")
    assert foreseen(ours) is ours
    told = foreseen(KeyError("a secret"))
    assert isinstance(told, UnexpectedError)
    assert "KeyError" in str(told)
