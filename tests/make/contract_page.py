# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the page "What the API does not tell us" from the statements of the contract and the questions of the probe.

A test holds the page to them. ``python contract_page.py``: prints the page; run it in the collection tree.
"""

from __future__ import annotations

import sys
from typing import Iterator, List

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.findings import TESTS
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.questions import QUESTIONS, Question
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.statements import STATEMENTS, Statement
from ansible_collections.ozonetel.cloudagent.tests.bench.table import heading, table

HEAD = """\
..
  Copyright (c) 2026, ozonetel.cloudagent contributors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. _ansible_collections.ozonetel.cloudagent.docsite.what_the_api_does_not_tell_us:

*****************************
What the API does not tell us
*****************************

This page is made by ``make contract-page``. It lists what the collection knows of the CloudAgent API, on what that
rests, and what the :ref:`probe <ansible_collections.ozonetel.cloudagent.docsite.first_contact.probe>` of an account can
show of it. Whatever is open here, the collection is right either way; what an account does is shown in each result
(:ansretval:`ozonetel.cloudagent.ozonetel_block_group#module:change_source`,
:ansretval:`ozonetel.cloudagent.ozonetel_block_group#module:numbers[].reason`).

"""
STANDINGS = (
    ("D, R", 'documented in the vendor\'s public reference: on the page "Create Block Number Group", or on another'),
    ("C", "seen in public client code that talks to the service"),
    ("U", "seen in a public test suite of the vendor's web console, of 2021"),
    ("I", "inferred from those"),
    ("?", "not known"),
)
PARTS = (
    ("Hosts and authentication", "A"),
    ("Generate Token", "T"),
    ("Create", "C"),
    ("Update, which adds numbers", "U"),
    ("Delete, which removes numbers", "X"),
    ("Numbers, and what a block does", "N"),
    ("Answers in general", "G"),
)
SEEN_ALL_ALONG = "What do all answers have in common?"


def page() -> str:
    """The page, in reStructuredText."""
    parts = [table(["standing", "what it means"], STANDINGS), *_parts(), *_questions()]
    return HEAD + "\n\n".join(parts) + "\n"


def _parts() -> Iterator[str]:
    for title, letter in PARTS:
        yield heading(title)
        rows = [
            (statement.name, statement.standing, statement.words, _asked(statement))
            for statement in STATEMENTS
            if statement.name.startswith(letter)
        ]
        yield table(["name", "standing", "statement", "what the probe asks"], rows)


def _asked(statement: Statement) -> str:
    if statement.name not in TESTS:
        return f"nothing: {statement.cannot}"
    asked = [question.words for question in QUESTIONS if statement.name in _about(question)] or [SEEN_ALL_ALONG]
    besides = [f"Not shown: {statement.cannot}."] if statement.cannot else []
    return " ".join([*asked, *besides])


def _about(question: Question) -> List[str]:
    return question.statements.split(", ")


def _questions() -> Iterator[str]:
    yield heading("The questions of the probe, in their order")
    yield "Each has a name, which the transcript uses."
    rows = [
        (f"``{question.name}``", question.words, question.only or "always", question.statements)
        for question in QUESTIONS
    ]
    yield table(["name", "question", "asked", "about"], rows)


if __name__ == "__main__":
    sys.stdout.write(page())
