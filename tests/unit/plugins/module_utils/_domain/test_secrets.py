# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked in every form in which a server may repeat them."""

from __future__ import annotations

import base64
import html
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import List
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets

KEY = "KK" + "0123456789abcdef" * 2
TOKEN = f"eyJhbGciOiJIUzUxMiJ9.{'c2Vjb25k' * 4}.{'dGhpcmQ' * 4}"


@pytest.mark.parametrize(
    "text", [KEY, KEY.lower(), KEY.upper(), f"https://{KEY.lower()}.example.com/", f"a{KEY}b", f"{KEY}{KEY}"]
)
def test_b5_a_secret_is_masked_in_any_case_and_anywhere(text: str) -> None:
    masked = Secrets([KEY]).mask(text)
    assert KEY.lower() not in masked.lower()
    assert MASK in masked


def test_a_secret_is_masked_percent_encoded_too() -> None:
    password = "p@ss/w+rd #1"
    for form in (password, quote(password), quote(password, safe=""), quote_plus(password)):
        assert Secrets([password]).mask(f"<{form}>") == f"<{MASK}>"


def test_a_secret_is_masked_in_the_forms_that_servers_and_libraries_give_it() -> None:
    password = "p'a\"ss&<w>ö rd"
    data = password.encode()
    forms = [json.dumps(password)[1:-1], html.escape(password), repr(password)[1:-1], data.hex(), data.hex().upper()]
    forms += [base64.b64encode(data).decode(), "".join(f"%{byte:02x}" for byte in data)]
    for form in forms:
        assert Secrets([password]).mask(f"<{form}>").rstrip("=>") == f"<{MASK}"


def test_a_secret_that_is_no_unicode_is_masked_too() -> None:
    assert Secrets(["p\udce9ssword"]).mask("p\udce9ssword") == MASK


def test_a_signed_token_that_nobody_knows_is_masked() -> None:
    assert Secrets().mask(f"you have the token {TOKEN} already") == f"you have the token {MASK} already"


def test_the_parts_of_a_signed_token_are_masked_one_by_one() -> None:
    for part in TOKEN.split("."):
        assert Secrets([TOKEN]).mask(f"part {part}") == f"part {MASK}"
    assert Secrets([TOKEN]).mask(TOKEN) == MASK


def test_the_longest_secret_is_masked_first() -> None:
    assert Secrets(["12345678", "1234567890"]).mask("1234567890") == MASK


def test_secrets_can_be_added_as_they_are_met() -> None:
    secrets = Secrets([None, ""])
    assert secrets.mask(KEY) == KEY
    secrets.add(KEY)
    assert secrets.mask(KEY) == MASK
    secrets.add(TOKEN)
    assert secrets.mask(f"{KEY} {TOKEN}") == f"{MASK} {MASK}"
    assert secrets.values() == {KEY, TOKEN}


def test_a_secret_that_one_thread_adds_is_masked_at_once_whatever_others_do() -> None:
    secrets = Secrets()

    def shown(thread: int) -> List[str]:
        texts = []
        for count in range(5):
            value = f"password-{thread}-{count}-"
            secrets.add(value)
            texts.append(secrets.mask(value))
        return texts

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert {text for texts in threads.map(shown, range(8)) for text in texts} == {MASK}
    finally:
        sys.setswitchinterval(interval)
    assert len(secrets.values()) == 8 * 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("kissing booths", "\u212aI\u017f\u017fING booths"),  # the sign of Kelvin is a k, the long s an s
        ("\u212ai\u017f\u017fing booths", "KISSING BOOTHS"),
        ("stra\u00dfe am see", "STRA\u1e9eE AM SEE"),
        ("kissing booths", "kissing booths in \u00e9t\u00e9"),
    ],
)
def test_a_secret_is_masked_in_any_case_that_a_letter_has(value: str, text: str) -> None:
    assert Secrets([value]).mask(text).startswith(MASK)


def test_what_is_too_short_to_be_a_secret_is_left_alone() -> None:
    secrets = Secrets(["1234567"])
    assert secrets.values() == set()
    assert secrets.mask("1234567") == "1234567"


plain = st.text(st.characters(codec="ascii", exclude_characters="*"), min_size=8, max_size=20)
words = plain | st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=8, max_size=20)


@settings(deadline=None, max_examples=200)
@given(st.lists(words, min_size=1, max_size=3), st.data())
def test_no_secret_of_any_text_is_left(values: List[str], data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(st.sampled_from(values) | st.text(max_size=5), max_size=8)))
    for rest in Secrets(values).mask(text).split(MASK):
        assert not [value for value in values if value in rest]


@settings(deadline=None, max_examples=200)
@given(st.lists(plain, min_size=1, max_size=3), st.data())
def test_no_secret_of_plain_text_is_left_in_any_case(values: List[str], data: st.DataObject) -> None:
    cases = [case for value in values for case in (value, value.lower(), value.upper(), value.swapcase())]
    text = "".join(data.draw(st.lists(st.sampled_from(cases) | st.text(st.characters(codec="ascii")), max_size=8)))
    for rest in Secrets(values).mask(text).split(MASK):
        assert not [value for value in values if value.lower() in rest.lower()]
