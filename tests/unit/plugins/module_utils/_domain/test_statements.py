# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statements as data: each is tested with a transcript, or says why not."""

from __future__ import annotations

import re

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain import found_account, found_groups
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.questions import QUESTIONS
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.statements import STATEMENTS

NAMES = [statement.name for statement in STATEMENTS]


def test_each_statement_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"[ATCUXNG][1-9]", name) for name in NAMES)


def test_each_statement_has_a_standing_and_is_a_sentence() -> None:
    for statement in STATEMENTS:
        assert re.fullmatch(r"[DRCUI](, [DRCUI])*|\?", statement.standing)
        assert statement.words.endswith(".")
        assert not statement.cannot.endswith(".")


def test_each_statement_is_tested_or_says_why_not() -> None:
    tested = {*found_account.FOUND, *found_groups.FOUND}
    assert not {*found_account.FOUND} & {*found_groups.FOUND}
    assert tested <= set(NAMES)
    assert [statement for statement in STATEMENTS if statement.name not in tested and not statement.cannot] == []


def test_each_statement_that_is_tested_is_one_that_a_question_is_about_or_the_answers_in_general() -> None:
    asked_about = {name for question in QUESTIONS for name in question.statements.split(", ")}
    tested = {*found_account.FOUND, *found_groups.FOUND}
    assert tested - asked_about == {"G1", "G2", "G4"}
    assert asked_about - tested == set()
