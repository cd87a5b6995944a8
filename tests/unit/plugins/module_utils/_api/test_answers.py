# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the server answers becomes a typed result or one of the errors of the domain."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, Optional, Type

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.answers import (
    Asked,
    RawAnswer,
    numbers_answer,
    token_answer,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, Call, IssuedToken
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CredentialsRefused,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    NotByTheApplication,
    NumbersRefused,
    RateLimited,
    Refused,
    ServerFault,
    TokenRefused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets

UPDATE = "PUT /ca_apis/updateBlockNumber"
GENERATE = "POST /ca_apis/CAToken/generateToken"
HTML = b"<html><body><h1>504 Gateway Time-out</h1></body></html>"
Json = Dict[str, Any]


def _raw(body: Any, status: int = 200, **rest: Any) -> RawAnswer:
    return RawAnswer(status, body if isinstance(body, bytes) else json.dumps(body).encode(), **rest)


def _asked(call: Call = Call.UPDATE, by_token: bool = True, secrets: Optional[Secrets] = None) -> Asked:
    text = GENERATE if call is Call.GENERATE else UPDATE
    return Asked(call, text, by_token and call is not Call.GENERATE, secrets or Secrets())


def _read(body: Any, status: int = 200, call: Call = Call.UPDATE, by_token: bool = True) -> Answer:
    return numbers_answer(Asked(call, UPDATE, by_token, Secrets()), _raw(body, status))


def _refused(body: Any, status: int = 200, call: Call = Call.UPDATE, by_token: bool = True) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        _read(body, status, call, by_token)
    assert caught.value.call == UPDATE
    assert caught.value.status == status
    return caught.value


def _not_issued(body: Any, status: int = 200) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        token_answer(_asked(Call.GENERATE), _raw(body, status))
    return caught.value


def _jwt(claims: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS512'})}.{part(claims)}.{'c2lnbmVk' * 4}"


def test_create_gives_the_groups_id_and_what_it_lists_under_error() -> None:
    # C3: one joined string under error, and still a success
    joined = "9999900001,9999900002"
    answer = _read(
        {
            "status": "success",
            "message": "created",
            "input": {"name": "Nuisance", "description": "Reported", "blockNumbers": [joined]},
            "output": {"affectedRows": 1, "lastInsertId": 20, "succes": [], "error": [joined]},
        },
        call=Call.CREATE,
    )
    assert answer == Answer(group_id=20, failed=(joined,))


def test_update_gives_the_groups_id_the_lists_and_the_count() -> None:
    # U3
    answer = _read(
        {
            "status": "success",
            "message": "updated",
            "input": {"id": 20, "blockNumbers": ["9999900001", "9999900002"]},
            "output": {"succes": ["+919999900001"], "error": ["+919999900002"], "new": 3, "inserted": 1},
        }
    )
    assert answer == Answer(20, ("+919999900001",), ("+919999900002",), inserted=1, new=3)
    assert answer.added == 3


def test_delete_gives_the_lists_and_the_count() -> None:
    # X2: the key is "success" here
    answer = _read(
        {
            "status": "success",
            "message": "deleted",
            "input": {"id": 1, "blockNumbers": ["9999900001", "9999900001"]},
            "output": {"success": ["9999900001", "9999900001"], "error": [], "deleted": 1},
        },
        call=Call.DELETE,
    )
    assert answer == Answer(1, ("9999900001", "9999900001"), (), deleted=1)


@pytest.mark.parametrize("word", ["success", "Success", "SUCCESS", " success "])
def test_the_success_word_is_read_without_case(word: str) -> None:
    assert _read({"status": word}) == Answer(lists=False)


@pytest.mark.parametrize(
    "word", ["error", "Error", "false", "False", "fail", "Fail", "fails", "failure", False, "FAILURE", " error "]
)
@pytest.mark.parametrize("status", [200, 400, 404])
def test_every_failure_word_is_a_refusal_with_the_servers_words(word: Any, status: int) -> None:
    error = _refused({"status": word, "message": "Name exists"}, status)
    assert isinstance(error, Refused)
    assert not error.documented
    assert error.said == "Name exists"


@pytest.mark.parametrize("word", ["ok", "succes", "successful", "not success", "true", True, 200, 1, None, [], {}, ""])
def test_no_other_word_is_success_or_refusal(word: Any) -> None:
    assert _refused({"status": word, "message": "done"}).__class__ is NoAnswer
    assert _refused({"message": "done"}).__class__ is NoAnswer


def test_a_success_in_the_body_outweighs_the_status() -> None:
    # G1
    assert _read({"status": "success", "output": {"inserted": 2}}, status=500).inserted == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(3, 3), ("3", 3), (0, 0), ("0", 0)],
        *((value, None) for value in (-1, True, 3.0, "", "3x", None, [3], "\u0663", 10**30, "9" * 30)),
    ],
)
def test_a_counter_is_a_whole_number_or_none(value: Any, expected: Optional[int]) -> None:
    answer = _read({"status": "success", "output": {"inserted": value, "deleted": value}})
    assert (answer.inserted, answer.deleted) == (expected, expected)


@pytest.mark.parametrize(("value", "expected"), [(20, 20), ("20", 20), (0, None), ("x", None), (None, None)])
def test_an_id_is_a_number_above_nought_or_none(value: Any, expected: Optional[int]) -> None:
    assert _read({"status": "success", "input": {"id": value}}).group_id == expected
    assert _read({"status": "success", "output": {"lastInsertId": value}}, call=Call.CREATE).group_id == expected


def test_a_list_may_hold_numbers_and_only_texts_and_numbers_are_taken_from_it() -> None:
    listed = ["+919999900001", 9999900002, True, None, 1.5, ["9999900003"]]
    answer = _read({"status": "success", "output": {"succes": listed, "error": "+919999900004"}})
    assert answer == Answer(succeeded=("+919999900001", "9999900002"), lists=False)


@pytest.mark.parametrize(
    ("output", "usable"),
    [
        ({"succes": [], "error": []}, True),
        ({"success": ["1"]}, True),
        ({"succes": [9999900001]}, True),
        ({"succes": [{"number": "9999900001"}], "error": []}, False),
        ({"succes": [], "error": None}, False),
        ({"succes": "9999900001"}, False),
        ({"inserted": 1}, False),
    ],
)
def test_lists_can_be_read_if_they_are_lists_of_numbers(output: Json, usable: bool) -> None:
    assert _read({"status": "success", "output": output}).lists is usable


@pytest.mark.parametrize("part", [None, [], "x", 5])
def test_an_answer_without_its_parts_tells_nothing(part: Any) -> None:
    assert _read({"status": "success", "input": part, "output": part}) == Answer(lists=False)


@pytest.mark.parametrize("field", [("token",), ("authToken",), ("data", "token"), ("data", "authToken")])
@pytest.mark.parametrize("message", ["", "Token generated", "Invalid userName or apiKey"])
def test_a_token_is_found_in_each_of_its_places_whatever_the_message(field: tuple[str, ...], message: str) -> None:
    body: Json = {field[-1]: "an.example.token"}
    for key in reversed(field[:-1]):
        body = {key: body}
    assert token_answer(_asked(Call.GENERATE), _raw({**body, "message": message})) == IssuedToken(
        "an.example.token", 3600.0
    )


@pytest.mark.parametrize("value", ["", None, 5, [], "two words", "line\nbreak", "t\u00f6ken", "nul\0"])
def test_what_cannot_stand_in_a_header_is_no_token(value: Any) -> None:
    assert _not_issued({"token": value}).__class__ is NoAnswer


def test_a_token_in_a_later_place_is_taken_where_the_first_is_empty() -> None:
    body = {"token": None, "data": {"token": "an.example.token"}}
    assert token_answer(_asked(Call.GENERATE), _raw(body)).value == "an.example.token"


@pytest.mark.parametrize(
    ("claims", "lifetime"),
    [
        ({"sub": "demo_user", "iat": 1_800_000_000, "exp": 1_800_003_600}, 3600.0),
        ({"iat": 1_800_000_000, "exp": 1_800_001_800}, 1800.0),
        ({"iat": "1800000000", "exp": "1800000600"}, 600.0),
        ({"iat": 1_800_000_000.5, "exp": 1_800_000_001.0}, 0.5),
        ({"exp": 1_800_003_600}, 3600.0),
        ({"iat": 1_800_003_600, "exp": 1_800_000_000}, 3600.0),
        ({"iat": 5, "exp": 5}, 3600.0),
        ({"iat": 0, "exp": 10**12}, 3600.0),
        ({"iat": "NaN", "exp": 5}, 3600.0),
        ({"iat": 0, "exp": 10**400}, 3600.0),
        ({"iat": None, "exp": []}, 3600.0),
        ([], 3600.0),
        ("exp", 3600.0),
    ],
)
def test_a_token_lives_as_long_as_it_says_by_its_own_clock_else_an_hour(claims: Any, lifetime: float) -> None:
    assert token_answer(_asked(Call.GENERATE), _raw({"token": _jwt(claims)})).lifetime == lifetime


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.!!!.c", "..", "a.eyJ.c"])
def test_a_token_that_is_no_jwt_lives_an_hour(token: str) -> None:
    assert token_answer(_asked(Call.GENERATE), _raw({"token": token})) == IssuedToken(token, 3600.0)


@pytest.mark.parametrize("message", ["UserName is null", "Invalid userName or apiKey"])
def test_a_refused_generation_is_about_the_credentials(message: str) -> None:
    # T2: the status is the string "false"
    error = _not_issued({"status": "false", "message": message, "data": None})
    assert isinstance(error, CredentialsRefused)
    assert error.said == message
    assert "username, api_key" in error.advice


@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize(
    "message",
    [
        "Token Expired",
        "Invalid Token",
        "Invalid User Details",
        "Authentication failed",
        "Missing userName or apiKey",
        "token expired.",
    ],
)
def test_words_that_a_token_is_refused_with(message: str, status: int) -> None:
    body = {"status": "false", "message": message, "data": None}
    assert _refused(body, status).__class__ is TokenRefused
    assert _refused(body, status, by_token=False).__class__ is CredentialsRefused
    assert _not_issued(body, status).__class__ is CredentialsRefused


@pytest.mark.parametrize(
    "message", ["UserName is null", "Invalid userName or apiKey", "Username Should Not be Null or Empty."]
)
@pytest.mark.parametrize("by_token", [True, False])
def test_words_that_no_new_token_would_cure(message: str, by_token: bool) -> None:
    assert _refused({"status": "false", "message": message}, by_token=by_token).__class__ is CredentialsRefused


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Api Key Should Not be Null or Empty.", "is BASIC_AUTH: use auth=api_key"),
        ("Token Should Not be Null or Empty.", "is TOKEN_AUTH: use auth=token"),
    ],
)
def test_the_other_mode_of_authentication_is_told(message: str, advice: str) -> None:
    # A4
    body = {"status": "error", "message": message}
    for error in (_refused(body), _refused(body, by_token=False), _not_issued(body)):
        assert error.__class__ is CredentialsRefused
        assert advice in error.advice


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"status": "error", "message": "Invalid group id"}, GroupUnknown, "Invalid group id"),
        ({"status": "error", "message": "Parameters are mandatory"}, Refused, "Parameters are mandatory"),
        (
            {
                "status": "error",
                "message": "invalid data",
                "errors": {"blockNumbers": "Blocknumbers data contains invalid format of numbers"},
            },
            NumbersRefused,
            "invalid data: Blocknumbers data contains invalid format of numbers",
        ),
        (
            {
                "status": "error",
                "message": "invalid data",
                "errors": {"name": "Name (X) allows 2 to 50 characters only"},
            },
            Refused,
            "invalid data: Name (X) allows 2 to 50 characters only",
        ),
        (
            {"status": "error", "message": "invalid data", "errors": {"name": "too long", "blockNumbers": "bad"}},
            Refused,
            "invalid data: too long: bad",
        ),
        ({"status": "error", "message": "invalid data"}, Refused, "invalid data"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_documented_refusals_are_known_by_their_words(
    body: Json, kind: Type[CallFailed], said: str, status: int
) -> None:
    error = _refused(body, status)
    assert error.__class__ is kind
    assert error.said == said
    assert not isinstance(error, Refused) or error.documented


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "error", "message": "Max limit exceeded"}, 200),
        ({"status": "Error", "message": "Max limit exceeded"}, 429),
        ({"status": "error", "message": "Already one process is running, try later"}, 200),
        (HTML, 429),
        (b"", 429),
        ({"status": "error", "message": "slow down"}, 429),
    ],
)
def test_too_many_calls_are_known_by_words_or_status(body: Any, status: int) -> None:
    error = _refused(body, status)
    assert error.__class__ is RateLimited


def test_the_servers_hint_how_long_to_wait_is_kept() -> None:
    for body in (b"", {"status": "error", "message": "Max limit exceeded"}):
        with pytest.raises(RateLimited) as caught:
            numbers_answer(_asked(), _raw(body, 429, retry_after=30.0))
        assert caught.value.retry_after == 30.0


@pytest.mark.parametrize(
    "body", [HTML, b"", b"null", b"[]", b'"success"', b"{", b"\xff\xfe", b'{"status":"succ', {}, {"detail": "no"}]
)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, NoAnswer),
        (204, NoAnswer),
        (302, NotByTheApplication),
        (400, NotByTheApplication),
        (401, TokenRefused),
        (403, NotByTheApplication),
        (404, EndpointMissing),
        (405, EndpointMissing),
        (413, NotByTheApplication),
        (418, NotByTheApplication),
        (429, RateLimited),
        (500, ServerFault),
        (502, ServerFault),
        (504, ServerFault),
    ],
)
def test_an_answer_that_is_not_the_applications_is_known_by_its_status(
    body: Any, status: int, kind: Type[CallFailed]
) -> None:
    assert _refused(body, status).__class__ is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, Refused),
        (422, Refused),
        (401, TokenRefused),
        (403, NotByTheApplication),
        (405, EndpointMissing),
        (503, ServerFault),
    ],
)
def test_an_unknown_refusal_by_the_application_is_weighed_with_its_status(status: int, kind: Type[CallFailed]) -> None:
    error = _refused({"status": "error", "message": "Name exists"}, status)
    assert error.__class__ is kind
    assert error.said == "Name exists"


def test_the_error_page_of_a_web_framework_is_no_answer_of_the_application() -> None:
    body = {"timestamp": 1, "status": 404, "error": "Not Found"}
    assert _refused(body, 404).__class__ is EndpointMissing


def test_a_missing_parameter_is_told_with_those_that_may_have_been_left_out() -> None:
    error = _refused({"status": "error", "message": "Parameters are mandatory"})
    assert "expiry_date" in str(error)


def test_without_a_token_an_unauthorised_call_is_about_the_credentials() -> None:
    assert _refused(HTML, 401, by_token=False).__class__ is CredentialsRefused
    assert _not_issued(HTML, 401).__class__ is CredentialsRefused


@pytest.mark.parametrize("by_token", [True, False])
def test_c6_a_forbidden_call_is_not_about_the_token_unless_its_words_say_so(by_token: bool) -> None:
    assert _refused(HTML, 403, by_token=by_token).__class__ is NotByTheApplication
    assert _not_issued(HTML, 403).__class__ is NotByTheApplication
    assert _refused({"status": "false", "message": "Token Expired"}, 403).__class__ is TokenRefused


def test_the_words_of_a_refusal_are_kept_in_the_form_in_which_they_are_compared() -> None:
    assert _refused({"status": "error", "message": " No such Group. "}).words == "no such group"
    assert _refused({"status": "error", "message": "x", "errors": {"name": "y"}}).words == "x"
    assert _refused(HTML, 503).words == ""


def test_a_redirect_tells_where_it_leads_and_is_not_followed() -> None:
    with pytest.raises(NotByTheApplication, match=r"a redirect to https://example\.com, which is not followed"):
        numbers_answer(_asked(), _raw(b"", 302, location="https://example.com"))


KEY = "KK" + "0123456789abcdef" * 2


@pytest.mark.parametrize("pad", [0, 250, 270, 290, 299, 300])
@pytest.mark.parametrize("field", [None, "name", "blockNumbers"])
def test_b3_b4_secrets_are_masked_before_a_message_is_cut(pad: int, field: Optional[str]) -> None:
    said = f"bad request from {'.' * pad}{KEY}"
    body: Json = {"status": "error", "message": said} if field is None else {"message": "invalid data"}
    if field is not None:
        body.update(status="error", errors={field: said})
    with pytest.raises(CallFailed) as caught:
        numbers_answer(_asked(secrets=Secrets([KEY])), _raw(body))
    for text in (str(caught.value), caught.value.said, caught.value.words):
        assert not [n for n in range(len(KEY) - 7) if KEY[n : n + 8].lower() in text.lower()]


def test_a_message_is_one_printable_line_of_reasonable_length() -> None:
    error = _refused({"status": "error", "message": "  a\r\nb\x1b[31m\t\u202e" + "c" * 5000})
    assert error.said.startswith("a b[31m c")
    assert error.said.isprintable()
    assert len(error.said) <= 301


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u00ad", "\x00", "\x1b", "\u2060", "\u034f", "\u3164", "\ufe0f", "\U000e0100"]
)
def test_b3_a_secret_is_masked_with_characters_in_it_that_are_not_seen(hidden: str) -> None:
    said = f"no {KEY[:9]}{hidden}{KEY[9:]}"
    with pytest.raises(CallFailed) as caught:
        numbers_answer(_asked(secrets=Secrets([KEY])), _raw({"status": "error", "message": said}))
    assert caught.value.said == caught.value.words == f"no {MASK}"


def test_what_cannot_be_encoded_is_in_no_message_and_no_words() -> None:
    error = _refused({"status": "error", "message": "no \ud800 group\x00"})
    assert (error.said, error.words) == ("no group", "no group")


def test_a_list_beyond_all_measure_is_cut() -> None:
    answer = _read({"status": "success", "output": {"succes": ["1"] * 100_000}})
    assert len(answer.succeeded) == 1000


@pytest.mark.parametrize("status", [200, 500])
def test_neither_the_page_of_a_proxy_nor_unknown_fields_are_shown(status: int) -> None:
    for body in (b"<html>internal-host-7</html>", {"status": "error", "trace": "internal-host-7"}):
        assert "internal-host-7" not in str(_refused(body, status))


KEYS = ["status", "message", "token", "data", "errors", "input", "output", "id", "lastInsertId", "succes", "success"]
KEYS += ["error", "inserted", "deleted", "blockNumbers", "authToken"]
WORDS = [
    "success",
    "error",
    "false",
    "invalid data",
    "Max limit exceeded",
    "Invalid group id",
    "a.b.c",
    "Token Expired",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=5),
    max_leaves=12,
)
statuses = st.sampled_from([0, 100, 200, 201, 302, 400, 401, 404, 405, 429, 500, 599, 999]) | st.integers(0, 999)


def _check_whatever_comes(body: bytes, status: int, call: Call, by_token: bool) -> None:
    try:
        answer = numbers_answer(Asked(call, UPDATE, by_token, Secrets()), RawAnswer(status, body))
    except CallFailed as error:
        assert error.call == UPDATE
        assert error.said
        assert str(error).isprintable()
    else:
        assert isinstance(answer, Answer)
        assert all(isinstance(number, str) for number in (*answer.succeeded, *answer.failed))
    try:
        issued = token_answer(_asked(Call.GENERATE), RawAnswer(status, body))
    except CallFailed as error:
        assert error.call == GENERATE
        assert error.said
        assert not isinstance(error, TokenRefused)
    else:
        assert issued.value.isascii()
        assert issued.value.isprintable()
        assert 0 < issued.lifetime <= 86400


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), statuses, st.sampled_from(Call), st.booleans())
@example(b"[" * 100_000, 200, Call.UPDATE, True)
@example(b'{"status":"error","message":' + b"[" * 900 + b"]" * 900 + b"}", 200, Call.UPDATE, True)
@example(b'{"message":' + b"9" * 5000 + b"}", 200, Call.UPDATE, True)
@example(b'{"status":"success","output":{"inserted":Infinity}}', 200, Call.UPDATE, True)
@example(b'{"status":"error","message":"\\ud800"}', 200, Call.UPDATE, True)
@example(b'\xef\xbb\xbf{"status":"success"}', 200, Call.UPDATE, True)
def test_any_bytes_become_an_answer_or_a_failed_call(body: bytes, status: int, call: Call, by_token: bool) -> None:
    _check_whatever_comes(body, status, call, by_token)


@settings(deadline=None, max_examples=200)
@given(values, statuses, st.sampled_from(Call), st.booleans())
def test_any_json_becomes_an_answer_or_a_failed_call(value: Any, status: int, call: Call, by_token: bool) -> None:
    _check_whatever_comes(json.dumps(value).encode(), status, call, by_token)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=8), st.sampled_from(WORDS), statuses)
def test_any_object_with_a_known_status_word_becomes_an_answer_or_a_failed_call(
    body: Json, word: str, status: int
) -> None:
    _check_whatever_comes(json.dumps({**body, "status": word}).encode(), status, Call.UPDATE, by_token=True)


@settings(deadline=None, max_examples=200)
@given(values)
def test_any_claims_give_a_lifetime_within_a_day(claims: Any) -> None:
    for shape in (claims, {"exp": claims, "iat": 0}, {"exp": 5, "iat": claims}):
        assert 0 < token_answer(_asked(Call.GENERATE), _raw({"token": _jwt(shape)})).lifetime <= 86400
