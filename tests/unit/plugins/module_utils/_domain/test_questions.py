# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The questions as data: each has a name of its own, and is about statements that there are."""

from __future__ import annotations

import re

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.questions import QUESTIONS
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.statements import STATEMENTS


def test_each_question_has_a_name_of_its_own() -> None:
    names = [question.name for question in QUESTIONS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_0-9]+", question.name) for question in QUESTIONS)


def test_each_question_is_one_for_people_and_about_statements_that_there_are() -> None:
    known = {statement.name for statement in STATEMENTS}
    for question in QUESTIONS:
        assert question.words.endswith("?")
        about = question.statements.split(", ")
        assert set(about) <= known, question
        assert len(set(about)) == len(about)


def test_no_question_begins_as_the_removals_that_are_asked_for_each_number() -> None:
    for name in ("clean", "remove"):
        assert [other for other in (question.name for question in QUESTIONS) if other.startswith(name)] == [name]
