# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts, and the table that a person reads."""

from __future__ import annotations

from typing import List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.checks import (
    WIDTH,
    Check,
    Verdict,
    check_clock,
    is_ready,
    summary,
    table,
)

OK, WARNING, FAILED, SKIPPED = Verdict.OK, Verdict.WARNING, Verdict.FAILED, Verdict.SKIPPED


def _checks(*verdicts: Verdict) -> List[Check]:
    return [Check(f"check{index}", verdict, "Something was found.") for index, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("verdicts", "ready"),
    [([], True), ([OK, WARNING, SKIPPED], True), ([OK, FAILED], False), ([FAILED, FAILED], False)],
)
def test_a_run_could_work_unless_something_failed(verdicts: List[Verdict], ready: bool) -> None:
    assert is_ready(_checks(*verdicts)) is ready


def test_the_summary_names_what_is_to_be_looked_at() -> None:
    assert summary(_checks(OK)) == "Nothing stands in the way of a run, as far as could be seen."
    assert summary(_checks(OK, WARNING, FAILED, SKIPPED, FAILED)) == (
        "A run could not work. Failed: check2, check4. Look at: check1. Not looked at: check3."
    )


def test_the_table_stands_in_columns_with_the_advice_below_what_was_found() -> None:
    checks = [Check("dns", OK, "It is known."), Check("account", FAILED, "It is refused.", "Do this.")]
    assert table(checks) == [
        "check    verdict  what was found, and what to do",
        "-------  -------  " + "-" * (WIDTH - 18),
        "dns      ok       It is known.",
        "account  failed   It is refused.",
        "                  -> Do this.",
    ]


def test_long_texts_are_wrapped_and_no_word_is_cut() -> None:
    path = "/" + "x" * 150
    lines = table([Check("store", WARNING, "word " * 60, f"Look at {path} and " + "at more-of-it " * 20)])
    assert any(path in line for line in lines)
    assert all(len(line) <= WIDTH or path in line for line in lines)
    assert all(line[:16].strip() == "" for line in lines[3:])
    advice = next(index for index, line in enumerate(lines) if "->" in line)
    assert all(line.startswith(" " * 19) for line in lines[advice + 1 :])
    assert " ".join(" ".join(lines[2:]).split()).count("at more-of-it") == 20


def test_what_says_nothing_has_a_line_all_the_same() -> None:
    assert table([Check("dns", OK, "")])[2:] == ["dns    ok"]


@pytest.mark.parametrize(
    ("offset", "verdict", "says"),
    [
        (None, SKIPPED, "No answer"),
        (0.4, OK, "differ by 0 s"),
        (-60.0, OK, "differ by 60 s"),
        (61.0, WARNING, "61 s behind"),
        (-3700.0, WARNING, "3,700 s ahead of"),
    ],
)
def test_a_clock_is_never_a_reason_to_stop(offset: Optional[float], verdict: Verdict, says: str) -> None:
    check = check_clock(offset)
    assert check.verdict is verdict
    assert says in check.said
    assert bool(check.advice) is (verdict is WARNING)


def test_a_clock_that_is_behind_ends_blocks_early() -> None:
    assert "too early" in check_clock(100.0).advice
    assert "too late" in check_clock(-100.0).advice
