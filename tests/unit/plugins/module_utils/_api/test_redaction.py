# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret, no user name and no number of the account comes out of what is written down, wherever it stands."""

from __future__ import annotations

import json
from typing import Any, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.redaction import Redaction, with_token
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    EXPIRY,
    JWT,
    NEW,
    OPAQUE_TOKEN,
    OWN_NUMBERS,
    PAST,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets

USERNAME, KEY, OPAQUE = "demo_user", "KK" + "0123456789abcdef" * 2, "q7Zk-unsigned-token-9"
SIGNED = f"eyJhbGciOiJIUzUxMiJ9.{'c2Vjb25k' * 4}.{'dGhpcmQ' * 4}"
HIDDEN = [USERNAME, USERNAME.upper(), KEY, KEY.lower(), OPAQUE, SIGNED]
FOREIGN = ["+919876543210", "9876543210", "+442079460000", "02079460000", "919876543211"]
SEPARATED = ["98765 43210", "98765-43210", "+91 (98765) 43210", "9876.543.210", "98765\u00a043210", "98765\u201343210"]
SEPARATED += ["98765 - 43210", "98765/43210", "9\u200b8\u200b7\u200b6\u200b5\u200b4\u200b3\u200b2\u200b1\u200b0"]
SEPARATED += ["\u096f\u096e\u096d\u096c\u096b\u096a\u0969\u0968\u0967\u0966", "\uff19876543210", "9876-54-3210"]


def _redaction(username: str = USERNAME) -> Redaction:
    return Redaction(username, Secrets([KEY, OPAQUE]), OWN_NUMBERS)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


# -- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("around", ["{}", "the {} is", "x{}x", "{}{}", "https://{}.example.com/?a={}"])
def test_neither_the_user_name_nor_a_secret_is_in_a_text(hidden: str, around: str) -> None:
    shown = _redaction().text(around.replace("{}", hidden))
    assert hidden.lower() not in shown.lower()
    assert ("(user name)" in shown) is (hidden.lower() == USERNAME)
    assert (MASK in shown) is (hidden.lower() != USERNAME)


@pytest.mark.parametrize("hidden", [USERNAME, KEY, OPAQUE])
def test_not_even_with_something_in_it_that_is_not_seen(hidden: str) -> None:
    assert _redaction().text("\u200b".join(hidden)) == _redaction().text(hidden)


@pytest.mark.parametrize(
    ("username", "text", "shown"),
    [
        ("abc", "abc, abcd and ABC", "(user name), abcd and (user name)"),
        ("abc", "abc_abc", "(user name)_(user name)"),
        ("a.c", "abc a.c", "abc (user name)"),
        ("demo", "a demonstration", "a (user name)nstration"),
        ("me@example.com", "to me@example.com now", "to (user name) now"),
    ],
)
def test_a_short_user_name_is_masked_where_it_stands_alone(username: str, text: str, shown: str) -> None:
    assert _redaction(username).text(text) == shown


@pytest.mark.parametrize("number", [*FOREIGN, *SEPARATED])
@pytest.mark.parametrize("around", ["{}", "number {}.", "x{}x", "({})", "{} and {}", "{},{}", "2026-11-26 {}"])
def test_no_number_of_the_account_is_in_a_text(number: str, around: str) -> None:
    shown = _redaction().text(around.replace("{}", number))
    assert "(a number)" in shown
    assert _digits(shown.replace("2026-11-26", "")) == ""


@pytest.mark.parametrize("number", sorted(OWN_NUMBERS))
@pytest.mark.parametrize("around", ["{}", "number {}.", "{},{}", "{} refused"])
def test_the_probes_own_numbers_stay(number: str, around: str) -> None:
    text = around.replace("{}", number)
    assert _redaction().text(text) == text


@pytest.mark.parametrize("text", ["+44 7700 900901", "+91 99999 08902", "919999908902"])
def test_they_do_so_in_other_spellings(text: str) -> None:
    assert _redaction().text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"{NEW}1",
        f"1{NEW.lstrip('+')}",
        "9199999089021234",
        "9999908902 9876543210",
    ],
)
def test_a_number_that_only_holds_one_of_them_does_not(text: str) -> None:
    assert _redaction().text(text).lstrip("+") == "(a number)"


@pytest.mark.parametrize(
    "text",
    [
        EXPIRY,
        PAST,
        "2026-11-26",
        "Thu, 26 Nov 2026 20:55:10 GMT",
        "expires 2026-11-26 10:00 or 2026-12-31T23:59:59.",
        "between 2026-11-26 and 2026-12-31",
        "Numbers have 3 to 16 digits, 100 at most; try again in 3600 s",
        "HTTP/1.1 404",
    ],
)
def test_texts_with_dates_and_small_numbers_stay_readable(text: str) -> None:
    assert _redaction().text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-26 98765 43210", "2026-11-26 (a number)"),
        ("2026-11-26 10:00:00 98765 43210", "2026-11-26 10:00:(a number)"),
        ("2026-11-2698765", "(a number)"),
        ("12026-11-26", "(a number)"),
        ("31-12-2026", "(a number)"),
        ("2026-13-26", "(a number)"),
        ("9876-12-26", "(a number)"),
    ],
)
def test_what_only_begins_like_a_date_is_none(text: str, shown: str) -> None:
    assert _redaction().text(text) == shown


def test_a_text_is_cut_once_it_is_safe() -> None:
    shown = _redaction().text(f"{'x' * 295}{KEY}")
    assert shown == f"{'x' * 295}{MASK}"[:300]
    assert len(_redaction().text("x" * 10_000)) == 300


# -- requests and answers ----------------------------------------------------------------------------------------------


def test_of_a_request_only_the_user_name_is_hidden() -> None:
    body = {"userName": USERNAME, "groupName": "Ansible probe", "blockNumbers": [NEW], "expiryDate": EXPIRY}
    assert _redaction().request(body) == {**body, "userName": "(user name)"}


def test_what_is_documented_of_an_answer_stays() -> None:
    answer = {
        "status": "success",
        "message": "updated",
        "errors": {"name": "Name (x) allows 2 to 50 characters only", "count": 8, "more": None},
        "input": {"id": 20, "blockNumbers": [NEW, "770", 770], "expiryDate": EXPIRY},
        "output": {"succes": [NEW], "error": [], "new": 0, "inserted": "1", "deleted": None, "affectedRows": True},
    }
    assert _redaction().answer(answer) == answer


def test_of_what_nobody_has_documented_only_the_kind_is_shown() -> None:
    answer = {"a": "x", "b": 1, "c": 1.5, "d": [1], "e": {"f": 1}, "g": None, "h": True, "input": [1], "output": "x"}
    assert _redaction().answer(answer) == {
        "a": "(a text)",
        "b": "(a number)",
        "c": "(a number)",
        "d": "(a list)",
        "e": "(an object)",
        "g": None,
        "h": True,
        "input": "(a list)",
        "output": "(a text)",
    }


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("status", 200, "(a number)"),
        ("message", 9876543210.0, "(a number)"),
        ("message", {"text": "x"}, "(an object)"),
        ("id", 999_999_999, 999_999_999),
        ("id", 9876543210, "(a number)"),
        ("id", -9876543210, "(a number)"),
        ("id", "999999", "999999"),
        ("id", "9999999", "(a number)"),
        ("id", "9876543210", "(a number)"),
        ("id", 20.5, "(a number)"),
        ("id", [20], [20]),
        ("new", {}, "(an object)"),
        (
            "succes",
            [9876543210, 9876543210.0, 447700900901, None, True],
            ["(a number)"] * 2 + [447700900901, None, True],
        ),
        ("succes", [["9876543210"], {"n": "9876543210"}], ["(a list)", "(an object)"]),
        ("succes", "9876543210", "(a number)"),
    ],
)
def test_a_value_of_another_kind_than_is_documented_shows_no_number(name: str, value: Any, shown: Any) -> None:
    assert _redaction().answer({"output": {name: value}}) == {"output": {name: shown}}
    assert _redaction().answer({name: value}) == {name: shown}


def test_parts_within_parts_are_not_documented() -> None:
    answer = {"input": {"output": {"id": 20}, "input": {"x": 1}}, "errors": {"errors": {"x": "y"}}}
    assert _redaction().answer(answer) == {
        "input": {"output": "(an object)", "input": "(an object)"},
        "errors": {"errors": "(an object)"},
    }


def test_an_answer_may_be_as_deep_and_as_wide_as_it_likes() -> None:
    deep: List[Any] = []
    for _level in range(100_000):
        deep = [deep]
    wide = {"message": deep, "succes": [NEW] * 1000, **{f"key {number}": 1 for number in range(1000)}}
    shown = _redaction().answer(wide)
    assert len(shown) == 100
    assert (shown["message"], shown["succes"]) == (["(a list)"], [NEW] * 100)


WORDS = st.sampled_from([*HIDDEN, *FOREIGN, *SEPARATED, *OWN_NUMBERS, EXPIRY, "status", "message", "x", " ", ": "])
GLUED = WORDS.filter(lambda word: word != SIGNED)  # one that nobody knows ends where no letter or digit follows
TEXTS = st.lists(WORDS, max_size=5).map(" ".join) | st.lists(GLUED, max_size=3).map("".join)
KEYS = st.sampled_from(["status", "message", "errors", "input", "output", "id", "new", "inserted", "blockNumbers"])
KEYS |= st.sampled_from(["succes", "success", "error", "token", "data", "name", "userName"]) | TEXTS
VALUES: Any = TEXTS | st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-999, 999)
VALUES |= st.sampled_from([9876543210, 919876543210, -9876543210, 9876543210.0, 919876543210.5, 447700900901])
JSON: Any = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


@settings(deadline=None, max_examples=400)
@given(st.dictionaries(KEYS, JSON, max_size=6))
def test_nothing_of_the_account_comes_out_of_any_json(body: Any) -> None:
    shown = json.dumps(_redaction().answer(body), ensure_ascii=False)
    for hidden in HIDDEN:
        assert hidden.lower() not in shown.lower()
    for foreign in ("9876543210", "2079460000", "9876543211", "98765", "43210", "\u096f\u096e\u096d", "\uff19"):
        assert foreign not in _without_own(shown)


def _without_own(shown: str) -> str:
    """A text without the probe's own numbers, which others may stand in."""
    for number in sorted(OWN_NUMBERS, key=len, reverse=True):
        shown = shown.replace(number.lstrip("+"), "")
    return shown


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(sorted(OWN_NUMBERS)), max_size=8), KEYS)
def test_own_numbers_stay_in_any_list(numbers: List[str], key: str) -> None:
    shown = _redaction().answer({"output": {"succes": numbers}, key: 1})
    assert key == "output" or shown["output"] == {"succes": numbers}


# -- tokens ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "place", "lifetime", "shown"),
    [
        ({"message": ""}, ("token",), 3600.0, {"message": "", "token": JWT.format(seconds=3600)}),
        ({"token": "(a text)"}, ("token",), None, {"token": OPAQUE_TOKEN}),
        ({"data": "(an object)"}, ("data", "token"), 59.6, {"data": {"token": JWT.format(seconds=60)}}),
        ({}, ("a", "b", "c"), None, {"a": {"b": {"c": OPAQUE_TOKEN}}}),
    ],
)
def test_where_a_token_stood_is_shown(answer: Any, place: Any, lifetime: Any, shown: Any) -> None:
    assert with_token(answer, place, lifetime) == shown
