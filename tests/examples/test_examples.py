# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example in the documentation does what is said of it, and everything that is presumed for that is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict

import pytest

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer

from .extract import extractor_of, header, matches
from .presumed import BEFORE, FAILING, FILES, LEFT_OUT, NO_EXAMPLES, PLACEHOLDERS, VARIABLES, Failing
from .reader import Reader
from .stand import Stand
from .steps import Kind, kind_of_yaml
from .stories import CHECKOUT, documentation, everything, listed, story, told

# as tests/make/simulated_account.sh has it
SWITCHES = {"refused_numbers": r"\+91999990200[23]"}
CODE = {path: "\n".join(everything(path)) for path in documentation()}


@pytest.mark.parametrize("path", told())
def test_the_examples_do_what_is_said_of_them(
    path: str, stand: Stand, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    steps = story(path)
    database: Dict[str, str] = {}
    if any("postgresql://" in step.text for step in steps):
        server: PostgreSQLServer = request.getfixturevalue("postgresql")
        database = {"database": server.new_database(), "database_password": server.password}
    with Simulator(SWITCHES) as simulator:
        problems = Reader(stand, simulator, tmp_path, steps, database).problems() if steps else []
    assert not problems, "\n\n".join(["", *problems])


def test_each_file_of_the_documentation_has_an_extractor_or_a_reason_why_not() -> None:
    assert [path for path in documentation() if extractor_of(path) is None and not listed(path)] == []


def test_each_file_that_is_shown_is_there_and_run_or_listed() -> None:
    shown = {step.text for path in told() for step in story(path) if step.kind is Kind.INCLUDED}
    assert [path for path in shown if not (CHECKOUT / path).is_file()] == []
    assert [path for path in shown if extractor_of(path) is None and not listed(path)] == []


def test_each_playbook_says_how_it_is_run() -> None:
    playbooks = [path for path in documentation() if extractor_of(path) is header and not listed(path)]
    silent = [path for path in playbooks if not everything(path)]
    assert [path for path in silent if kind_of_yaml((CHECKOUT / path).read_text(encoding="utf-8")) is Kind.PLAYS] == []


def test_tests_that_a_reason_names_are_there() -> None:
    reasons = [*NO_EXAMPLES.values(), *(entry.reason for entry in LEFT_OUT)]
    named = {path.rstrip(".") for reason in reasons for path in re.findall(r"tests/[\w./]+", reason)}
    assert named
    assert [path for path in sorted(named) if not (CHECKOUT / path).exists()] == []


def _written(code: str, paths: str = "**") -> bool:
    """Whether an example in one of these files has code that a regular expression finds."""
    found = (code for path, code in CODE.items() if paths == "**" or matches(path, paths))
    return any(re.search(code, text, re.MULTILINE) for text in found)


NEEDED = {
    "placeholder": {entry.written: _written(entry.written) for entry in PLACEHOLDERS},
    "variable": {name: _written(rf"\b{name}\b") for name in VARIABLES},
    "file": {name: _written(rf"(?<![\w/.]){re.escape(name)}") for name in FILES},
    "before": {pattern: any(matches(path, pattern) for path in told()) for pattern in BEFORE},
    "failing": {entry.code: _written(entry.code, entry.path) for entry in FAILING},
    "left out": {entry.code: _written(entry.code, entry.path) for entry in LEFT_OUT},
    "no examples": {pattern: any(matches(path, pattern) for path in documentation()) for pattern in NO_EXAMPLES},
}


@pytest.mark.parametrize(("table", "entry"), [(table, entry) for table, entries in NEEDED.items() for entry in entries])
def test_an_example_needs_each_thing_that_is_presumed(table: str, entry: str) -> None:
    assert NEEDED[table][entry]


@pytest.mark.parametrize("failing", FAILING, ids=lambda failing: failing.code)
def test_what_is_to_fail_is_said_to_fail(failing: Failing) -> None:
    said = " ".join(
        re.sub(r"^#", "", (CHECKOUT / failing.path).read_text(encoding="utf-8"), flags=re.MULTILINE).split()
    )
    assert failing.sentence in said
