# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers: each documented one, and whatever else may come."""

from __future__ import annotations

import base64
import json
from typing import Any, Optional, Type

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.answers import (
    RawAnswer,
    numbers_answer,
    token_answer,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CredentialsRefused,
    EndpointMissing,
    Failure,
    GroupUnknown,
    NoAnswer,
    NumbersRefused,
    RateLimited,
    Redirected,
    Refused,
    ServerFault,
    TokenRefused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import Answer, Call, IssuedToken

REQUEST = "PUT /ca_apis/updateBlockNumber"


def _read(body: Any, status: int = 200, call: Call = Call.UPDATE, by_token: bool = True) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return numbers_answer(call, REQUEST, RawAnswer(status, text), by_token)


def _failure(body: Any, status: int = 200, by_token: bool = True) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        _read(body, status, by_token=by_token)
    return caught.value


def test_the_founding_pages_create_answer_confirms_nothing() -> None:
    """C3, C4."""
    joined = "9999900001,9999900002,9999900003,9999900004,9999900005"
    body = {
        "status": "success",
        "message": "created",
        "input": {"name": "n", "description": "d", "blockNumbers": [joined]},
        "output": {"affectedRows": 1, "lastInsertId": 20, "succes": [], "error": [joined]},
    }
    assert _read(body, call=Call.CREATE) == Answer(20, (), (joined,), None, None)


def test_an_update_answer_gives_id_lists_and_counters() -> None:
    """U3."""
    body = {
        "status": "success",
        "message": "updated",
        "input": {"id": 7, "blockNumbers": ["9999900001"]},
        "output": {"succes": ["+919999900001"], "error": [], "new": 3, "inserted": 3},
    }
    assert _read(body) == Answer(7, ("+919999900001",), (), 3, None)


def test_a_delete_answer_has_another_key_and_counter() -> None:
    """X2."""
    numbers = ["9999900001", "9999900001"]
    body = {
        "status": "success",
        "message": "deleted",
        "input": {"id": 1, "blockNumbers": numbers},
        "output": {"success": numbers, "error": [], "deleted": 1},
    }
    assert _read(body, call=Call.DELETE) == Answer(1, tuple(numbers), (), None, 1)


@pytest.mark.parametrize("word", ["success", "Success", "SUCCESS"])
def test_the_success_word_is_compared_without_case(word: str) -> None:
    assert _read({"status": word}) == Answer()


@pytest.mark.parametrize("word", ["error", "Error", "false", "fail", "Fail", "fails", "failure", False])
@pytest.mark.parametrize("status", [200, 400, 404])
def test_every_failure_word_is_a_refusal(word: Any, status: int) -> None:
    assert isinstance(_failure({"status": word, "message": "Strange"}, status), Refused)


@pytest.mark.parametrize("word", ["succeeded", "ok", "true", True, 1, None, ["success"]])
def test_no_other_word_is_success(word: Any) -> None:
    assert isinstance(_failure({"status": word, "message": ""}), NoAnswer)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"status": "error", "message": "Parameters are mandatory"}, Refused),
        ({"status": "error", "message": "Invalid group id"}, GroupUnknown),
        (
            {
                "status": "error",
                "message": "invalid data",
                "errors": {"blockNumbers": "Blocknumbers data contains invalid format of numbers"},
            },
            NumbersRefused,
        ),
        (
            {
                "status": "error",
                "message": "invalid data",
                "errors": {"name": "Name (X) allows 2 to 50 characters only"},
            },
            Refused,
        ),
        ({"status": "error", "message": "Authentication failed"}, TokenRefused),
        ({"status": "false", "message": "Token Expired", "data": None}, TokenRefused),
        ({"status": "false", "message": "Invalid Token", "data": None}, TokenRefused),
        ({"status": "false", "message": "Invalid User Details", "data": None}, TokenRefused),
        ({"status": "false", "message": "Username Should Not be Null or Empty.", "data": None}, CredentialsRefused),
        ({"status": "false", "message": "Api Key Should Not be Null or Empty.", "data": None}, CredentialsRefused),
        ({"status": "error", "message": "Max limit exceeded"}, RateLimited),
        ({"status": "Error", "message": "Max limit exceeded"}, RateLimited),
        ({"status": "error", "message": "Already one process is running, try later"}, RateLimited),
    ],
)
def test_each_documented_error_is_known_by_its_words(body: Any, kind: Type[CallFailed], status: int) -> None:
    assert type(_failure(body, status)) is kind


@pytest.mark.parametrize(
    ("status", "body", "by_token", "kind"),
    [
        (401, {"status": "false", "message": "Missing userName or apiKey"}, True, TokenRefused),
        (401, {"status": "false", "message": "Missing userName or apiKey"}, False, CredentialsRefused),
        (401, b"", True, TokenRefused),
        (403, b"<html>no</html>", False, CredentialsRefused),
        (200, {"status": "error", "message": "Authentication failed"}, False, CredentialsRefused),
        (200, {"status": "false", "message": "Token Should Not be Null or Empty."}, False, CredentialsRefused),
        (429, b"", True, RateLimited),
        (429, {"status": "error", "message": "slow down"}, True, RateLimited),
        (404, b"<html>Not Found</html>", True, EndpointMissing),
        (404, {"timestamp": 1, "status": 404, "error": "Not Found"}, True, EndpointMissing),
        (405, b"", True, EndpointMissing),
        (302, b"", True, Redirected),
        (500, {"status": "error", "message": "boom"}, True, ServerFault),
        (504, b"<html>Gateway Time-out</html>", True, ServerFault),
        (200, b"<html>Welcome</html>", True, NoAnswer),
        (200, b'{"status":"succ', True, NoAnswer),
        (204, b"", True, NoAnswer),
        (418, b"", True, Refused),
    ],
)
def test_without_known_words_the_status_decides(status: int, body: Any, by_token: bool, kind: Type[CallFailed]) -> None:
    assert type(_failure(body, status, by_token)) is kind


def test_errors_say_what_to_do() -> None:
    mode = _failure({"status": "false", "message": "Api Key Should Not be Null or Empty."})
    assert "BASIC_AUTH" in str(mode)
    assert "auth=api_key" in str(mode)
    other = _failure({"status": "false", "message": "Token Should Not be Null or Empty."}, by_token=False)
    assert "TOKEN_AUTH" in str(other)
    assert "expiry_date" in str(_failure({"status": "error", "message": "Parameters are mandatory"}))


def test_the_servers_message_is_trimmed_to_one_printable_line() -> None:
    error = _failure({"status": "error", "message": "a\nb\x1b[31m" + "x" * 1000})
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "body", [{"token": "T"}, {"authToken": "T"}, {"data": {"token": "T"}}, {"data": {"authToken": "T"}}]
)
def test_a_token_is_found_under_each_name_before_the_message_is_looked_at(body: Any) -> None:
    """T1, T5."""
    text = json.dumps({**body, "message": "beside it"}).encode()
    assert token_answer("POST /x", RawAnswer(200, text)) == IssuedToken("T", 3600.0)


@pytest.mark.parametrize("message", ["UserName is null", "Invalid userName or apiKey"])
@pytest.mark.parametrize("status", [200, 401])
def test_a_refused_generation_is_about_the_credentials(message: str, status: int) -> None:
    """T2."""
    body = json.dumps({"status": "false", "message": message, "data": None}).encode()
    with pytest.raises(CredentialsRefused):
        token_answer("POST /x", RawAnswer(status, body))


def _jwt(claims: Any) -> str:
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode() + ".sig"


@pytest.mark.parametrize(
    ("claims", "lifetime"),
    [
        ({"iat": 100, "exp": 1000}, 900.0),
        ({"iat": 1000, "exp": 100}, 3600.0),
        ({"exp": 1000}, 3600.0),
        ({"iat": "x", "exp": 1}, 3600.0),
        ([], 3600.0),
        ({"iat": 0, "exp": 10**12}, 3600.0),
    ],
)
def test_the_lifetime_is_read_from_the_token_where_it_makes_sense(claims: Any, lifetime: float) -> None:
    """T4."""
    issued = token_answer("POST /x", RawAnswer(200, json.dumps({"token": _jwt(claims)}).encode()))
    assert issued.lifetime == lifetime


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {},
        optional={
            "status": json_values | st.sampled_from(["success", "error", "false"]),
            "message": json_values | st.sampled_from(["invalid data", "Invalid group id", "Max limit exceeded"]),
            "errors": json_values,
            "input": json_values | st.fixed_dictionaries({}, optional={"id": json_values}),
            "output": json_values
            | st.fixed_dictionaries(
                {}, optional={"succes": json_values, "error": json_values, "inserted": json_values}
            ),
            "token": json_values,
            "data": json_values,
        },
    ).map(lambda value: json.dumps(value).encode()),
    st.just(b"[" * 100_000),
    st.just(b'{"status":' + b"9" * 5000 + b"}"),
)


@given(bodies, st.integers(100, 599), st.sampled_from(list(Call)), st.booleans(), st.none() | st.floats(0, 100))
def test_whatever_comes_is_an_answer_or_an_error_of_ours(
    body: bytes, status: int, call: Call, by_token: bool, retry_after: Optional[float]
) -> None:
    raw = RawAnswer(status, body, retry_after)
    try:
        assert isinstance(numbers_answer(call, REQUEST, raw, by_token), Answer)
    except CallFailed as error:
        assert isinstance(error.failure, Failure)
        assert "\n" not in str(error)
    try:
        issued = token_answer(REQUEST, raw)
        assert issued.value.isascii()
        assert issued.lifetime > 0
    except CallFailed as error:
        assert error.failure is not Failure.TOKEN_REFUSED
