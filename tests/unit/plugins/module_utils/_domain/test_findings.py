# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a probe, and the page that they make."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.findings import (
    TESTS,
    Finding,
    findings,
    summary,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.statements import STATEMENTS, Statement
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    BAD_TOKEN,
    DONE,
    HTML,
    LOST,
    UNKNOWN,
    added,
    asked,
    refused,
    transcript,
)

ODD_ANSWERS: Dict[str, Any] = {
    "nothing": {},
    "no parts": {"status": "success"},
    "parts that are none": {"status": "success", "input": None, "output": []},
    "lists that are none": {"status": "success", "input": {"id": []}, "output": {"succes": {}, "error": "+44"}},
    "strange entries": added([None, True, 1.5, {}, [], ""], ["", "x", -1], group_id=None, inserted=-1, new="x"),
    "a refusal without words": {"status": "error"},
    "a refusal of odd words": {"status": "error", "message": ["x"], "errors": ["x"]},
    "another status": {"status": ["success"], "message": {"x": 1}},
    "HTML": HTML,
    "no body": b"",
    "a list": b"[]",
    "a number": b"1e999",
    "no UTF-8": b'{"status": "\xff"}',
    "lost": LOST,
}


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 405, 429, 500, 504])
@pytest.mark.parametrize("odd", sorted(ODD_ANSWERS))
@pytest.mark.parametrize("by_token", [True, False])
def test_whatever_is_answered_each_statement_has_a_finding(odd: str, status: int, by_token: bool) -> None:
    names = ["generate", "status", "made_up_credential", "other_kind", "both_headers", "earlier_token", "update"]
    names += ["update_older_path", "unknown_group", "create_list", "create_string", "after_create", "add_new"]
    names += ["add_again", "add_twice", "add_beside_bad", "letters", "digits_3", "without_plus", "without_expiry"]
    names += ["delete_by_name", "after_delete_by_name", "delete_by_id", "delete_again", "delete_without_group"]
    names += ["wrong_method", "second_name", "past_expiry", "after_past_expiry", "remove"]
    found = findings(transcript(*(asked(name, ODD_ANSWERS[odd], status) for name in names)), by_token)
    assert [finding.statement for finding in found] == list(STATEMENTS)
    assert {finding.verdict for finding in found} <= {"as documented", "otherwise", "found", "not shown"}
    rows = [line for line in summary(found, []).splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(STATEMENTS)


def test_an_empty_transcript_shows_nothing_and_says_why_where_that_is_known() -> None:
    for finding in findings({}, by_token=True):
        why = "" if finding.statement.name in TESTS else finding.statement.cannot
        assert (finding.verdict, finding.words) == ("not shown", why)
        assert bool(why) is (finding.statement.name in ("T2", "C7", "C8", "X4", "N3"))


def test_the_verdicts_are_told_apart() -> None:
    said = transcript(status=DONE, made_up_credential=BAD_TOKEN, unknown_group=refused("what?"), letters=BAD_FORM)
    verdicts = {finding.statement.name: finding.verdict for finding in findings(said, by_token=True)}
    assert (verdicts["A1"], verdicts["U5"], verdicts["T6"], verdicts["X4"]) == (
        "as documented",
        "otherwise",
        "found",
        "not shown",
    )


def _row(words: str, verdict: str = "found") -> str:
    statement = Statement("A1", "D", "Words | of the statement.")
    return summary([Finding(statement, verdict, words)], []).splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("", "found"),
        ("taken", "found: taken"),
        ("a | b", "found: a \\| b"),
        ("a \\| b", "found: a \\\\\\| b"),
        ("<img src=x>", "found: &lt;img src=x>"),
        ("`x`", "found: \\`x\\`"),
        ("@somebody", "found: @\u200bsomebody"),
        ("one\ntwo\r\n\tthree", "found: one two three"),
    ],
)
def test_the_servers_words_end_no_cell_and_are_no_html(words: str, cell: str) -> None:
    assert _row(words) == f"| A1 | D | Words \\| of the statement. | {cell} |"


def test_a_page_begins_with_what_is_told_of_the_probe() -> None:
    page = summary([], ["Asked at noon.", 'It stopped: "<b>\nno"']).splitlines()
    assert page[0].startswith("# ")
    assert page[2:4] == ["* Asked at noon.", '* It stopped: "&lt;b> no"']


def test_a_refusal_is_told_with_the_servers_words() -> None:
    (u5,) = [finding for finding in findings(transcript(unknown_group=UNKNOWN), True) if finding.statement.name == "U5"]
    assert u5.words == 'a group that does not exist: refused (HTTP 200, "Invalid group id")'
