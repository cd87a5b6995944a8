# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output that is shown is found in what came, but for what is another each time."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.tests.examples.output import missing

LINES = st.lists(st.text("abc :", min_size=1), max_size=6)


@given(LINES, LINES, LINES)
def test_an_excerpt_is_found(before: List[str], shown: List[str], after: List[str]) -> None:
    assert missing("\n".join(shown), "\n".join([*before, *shown, *after])) is None


@given(LINES, LINES, LINES)
def test_what_is_left_out_may_be_anything(first: List[str], out: List[str], last: List[str]) -> None:
    assert missing("\n".join([*first, "...", *last]), "\n".join([*first, *out, *last])) is None


@given(LINES, LINES)
def test_a_line_that_did_not_come_is_named(shown: List[str], came: List[str]) -> None:
    assert missing("\n".join([*shown, "xyz"]), "\n".join(came)) is not None


@pytest.mark.parametrize(
    ("shown", "came"),
    [
        ("since 2027-01-01T12:00:00Z", "since 2026-11-26T23:04:05Z"),
        ("until 2027-04-01 17:30:00", "until 2027-02-24 04:34:05"),
        ("http://127.0.0.1:43817", "http://127.0.0.1:1"),
        ("about 35 s left", "about 2 s left"),
        ("by run 0123456789ab", "by run ba9876543210"),
        ("ok: [x] ****", "ok: [x] ***************"),
        ("one;\ntwo", "[ERROR]: one; two."),
        ("a, 'b'", '    "msg": "first\\na, \'b\'"'),
    ],
)
def test_what_is_another_each_time_does_not_matter(shown: str, came: str) -> None:
    assert missing(shown, came) is None


@pytest.mark.parametrize(
    ("shown", "came", "line"),
    [
        ("a\nb", "a\nc\nb", "a"),
        ("a\n...\nb", "b\na", "b"),
        ("12 numbers", "13 numbers", "12 numbers"),
        ("12 numbers", "112 numbers", "12 numbers"),
        ("a", "", "a"),
    ],
)
def test_what_came_in_another_way_does(shown: str, came: str, line: str) -> None:
    assert missing(shown, came) == line
