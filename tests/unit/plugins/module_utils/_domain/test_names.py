# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of groups that people may take for one another."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.names import nearly_the_same, similar_names


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Fraud", "fraud", True),
        ("Web forms", "Web-Forms", True),
        ("Straße", "STRASSE", True),
        ("Fraud", "Fraud 2", False),
        ("***", "---", False),
        ("\u0926\u093e\u0928", "\u0926\u093f\u0928", False),  # two words in Hindi, which differ in a vowel sign
        ("Caf\u00e9", "Cafe\u0301", True),
        ("Group A+", "Group A-", False),
        ("Team 1-2", "Team 12", False),
    ],
)
def test_names_that_differ_in_case_blanks_and_punctuation_are_nearly_the_same(
    name: str, other: str, same: bool
) -> None:
    assert nearly_the_same(name, other) is same


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Farud", ["Fraud"]),
        ("nuisance caller", ["Nuisance callers", "Nuisance Callers"]),
        ("Nothing like it", []),
    ],
)
def test_the_names_that_may_be_meant_are_found(name: str, found: List[str]) -> None:
    assert similar_names(name, ["Fraud", "Nuisance callers", "Nuisance Callers", "VIP"]) == found


@given(st.text(min_size=1), st.lists(st.text(min_size=1)))
def test_never_more_than_three_are_named_and_only_those_that_there_are(name: str, names: List[str]) -> None:
    found = similar_names(name, names)
    assert len(found) <= 3
    assert set(found) <= set(names)
