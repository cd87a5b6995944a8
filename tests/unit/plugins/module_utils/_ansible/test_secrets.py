# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked wherever they stand in a result."""

from __future__ import annotations

import json
from typing import Any, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.secrets import masked
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets

KEY = "KK" + "0123456789abcdef" * 2
TOKEN = "an.example.token"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (KEY, MASK),
        (f"apiKey: {KEY}; token: {TOKEN}", f"apiKey: {MASK}; token: {MASK}"),
        (f"{KEY}{KEY}", f"{MASK}{MASK}"),
        ([KEY, "9999900001"], [MASK, "9999900001"]),
        ((KEY, 1), [MASK, 1]),
        ({"said": KEY, "count": 3}, {"said": MASK, "count": 3}),
        ({f"of {KEY}": {"deep": [{"er": [f"<{TOKEN}>"]}]}}, {f"of {MASK}": {"deep": [{"er": [f"<{MASK}>"]}]}}),
        ("nothing secret", "nothing secret"),
        (None, None),
        (True, True),
        (1.5, 1.5),
        ({}, {}),
    ],
)
def test_secrets_are_masked_and_all_else_is_kept(value: Any, expected: Any) -> None:
    assert masked(value, Secrets([KEY, TOKEN])) == expected


def test_a_secret_that_holds_another_is_masked_as_a_whole() -> None:
    assert masked(f"Bearer {TOKEN}.signed", Secrets([TOKEN, f"{TOKEN}.signed"])) == f"Bearer {MASK}"


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_secrets_nothing_is_masked(secrets: List[str]) -> None:
    assert masked({"a": ["b", ""]}, Secrets(secrets)) == {"a": ["b", ""]}


def test_what_is_masked_is_a_copy() -> None:
    result = {"said": [KEY]}
    assert masked(result, Secrets([KEY])) == {"said": [MASK]}
    assert result == {"said": [KEY]}


names = st.text("abc", max_size=3)
nested = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.builds("{}{}{}".format, names, st.sampled_from([KEY, TOKEN, ""]), names),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.just(KEY), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(nested)
def test_no_secret_is_left_in_any_structure(value: Any) -> None:
    shown = json.dumps(masked(value, Secrets([KEY, TOKEN])))
    assert KEY not in shown
    assert TOKEN not in shown


@settings(deadline=None, max_examples=200)
@given(nested)
def test_what_holds_no_secret_stays_as_it_is(value: Any) -> None:
    assert masked(value, Secrets(["another-secret"])) == value
