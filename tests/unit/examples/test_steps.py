# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reader does with each kind of code, and what is told where that is not clear."""

from __future__ import annotations

from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.tests.examples.extract import Block
from ansible_collections.ozonetel.cloudagent.tests.examples.steps import (
    Kind,
    Step,
    steps_of,
    teasers_last,
    with_unused_files,
)

PLAY = "# play.yml\n- name: Play\n  hosts: localhost\n"
VARIABLES = "# group_vars/all.yml\nblock_groups_list: []\n"


def _steps(language: str, text: str) -> List[Step]:
    return steps_of(Block("guide.rst", 10, language, text))


def _command(text: str) -> Step:
    return Step("guide.rst", 1, Kind.COMMAND, text)


def _file(text: str, line: int = 1) -> Step:
    (step,) = steps_of(Block("guide.rst", line, "yaml", text))
    assert step.kind is Kind.FILE
    return step


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("- hosts: all\n  tasks: []\n", Kind.PLAYS),
        ("- ansible.builtin.import_playbook: a.b.c\n", Kind.PLAYS),
        ("- name: One\n  ansible.builtin.debug:\n- block: []\n", Kind.TASKS),
        ("block_groups_list: []\nblock_groups_api_key: !vault |\n  1\n", Kind.ROLE_VARIABLES),
        ("accounts:\n  hosts:\n    one:\n  vars: {}\n", Kind.INVENTORY),
        ("state_store: none\n", Kind.UNCLEAR),
        ("- one\n", Kind.UNCLEAR),
        ("- name: One\n  debug:\n", Kind.UNCLEAR),
        ("a: b: c\n", Kind.UNCLEAR),
        ("", Kind.UNCLEAR),
    ],
)
def test_yaml_is_told_apart_by_what_it_is(text: str, kind: Kind) -> None:
    assert [step.kind for step in _steps("yaml", text)] == [kind]


@pytest.mark.parametrize(
    ("language", "first", "name"),
    [
        ("yaml", "# three.yml", "three.yml"),
        ("yaml", "# group_vars/all.yml", "group_vars/all.yml"),
        ("sql", "-- forget.sql", "forget.sql"),
        ("ini", "; ansible.cfg", "ansible.cfg"),
        ("text", "# list.txt", "list.txt"),
    ],
)
def test_a_first_comment_names_the_file(language: str, first: str, name: str) -> None:
    (step,) = _steps(language, f"{first}\nmore\n")
    assert (step.kind, step.name, step.text) == (Kind.FILE, name, f"{first}\nmore\n")


def test_a_language_of_which_nothing_is_known_is_told() -> None:
    (step,) = _steps("perl", "print 1\n")
    assert (step.kind, step.place) == (Kind.UNCLEAR, "guide.rst:10")
    assert "'perl'" in step.text


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,8}( -[a-z]){0,2}", fullmatch=True), st.text("xyz \n")), min_size=1))
def test_a_console_has_each_command_with_what_it_prints(pairs: List[Tuple[str, str]]) -> None:
    text = "".join(f"$ {command}\n{printed}\n" for command, printed in pairs)
    steps = _steps("console", text)
    assert [step.text for step in steps] == [command for command, _printed in pairs]
    assert [step.shown for step in steps] == [printed.strip("\n") for _command, printed in pairs]


@pytest.mark.parametrize(
    "command",
    ["one \\\n  two", "cat > a <<'EOF'\n$ no prompt\nEOF", "echo 'one\n$ two'", 'echo "it\'s\ntwo"'],
)
def test_a_command_goes_over_several_lines(command: str) -> None:
    steps = _steps("console", f"$ {command}\nprinted\n$ next\n")
    assert [(step.text, step.shown) for step in steps] == [(command, "printed"), ("next", "")]


def test_the_prompt_of_a_further_line_is_none_of_the_command() -> None:
    assert [step.text for step in _steps("console", "$ one \\\n>   two\n")] == ["one \\\n  two"]


@pytest.mark.parametrize(
    ("command", "comment"),
    [
        ("run -e x     # changes nothing", "changes nothing"),
        ("run # a support desk's question", "a support desk's question"),
        ("run '# no comment'", ""),
        ("run a#b", ""),
    ],
)
def test_a_comment_stands_behind_a_command(command: str, comment: str) -> None:
    assert [(step.text, step.comment) for step in _steps("console", f"$ {command}\n")] == [(command, comment)]


def test_a_console_without_a_prompt_is_told() -> None:
    assert [step.kind for step in _steps("console", "ansible-playbook x.yml\n")] == [Kind.UNCLEAR]


def test_a_file_that_a_later_command_names_is_only_written() -> None:
    steps = [_file(PLAY), _command("ansible-playbook play.yml")]
    assert with_unused_files(steps) == steps


def test_a_playbook_that_no_command_names_is_played() -> None:
    assert [step.kind for step in with_unused_files([_file(PLAY)])] == [Kind.FILE, Kind.PLAYS]


def test_variables_that_no_command_reads_are_given_to_their_role() -> None:
    assert [step.kind for step in with_unused_files([_file(VARIABLES)])] == [Kind.FILE, Kind.ROLE_VARIABLES]


def test_a_file_that_is_written_anew_is_read_by_the_command_that_read_it_before() -> None:
    run = _command("ansible-playbook -i x ozonetel.cloudagent.block_groups   # changes nothing")
    story = with_unused_files([_file(VARIABLES), run, _file(f"{VARIABLES}block_groups_auth: token\n", line=9)])
    assert (story[-1].text, story[-1].line, story[-1].comment) == (run.text, 9, "")


def test_a_file_that_nothing_uses_is_told() -> None:
    (step,) = steps_of(Block("guide.rst", 3, "sql", "-- drop.sql\nDROP TABLE x;\n"))
    assert [step.kind for step in with_unused_files([step])] == [Kind.FILE, Kind.UNCLEAR]


def test_what_is_shown_before_the_installation_is_done_last() -> None:
    teaser, install, more = (
        Step("a", 1, Kind.TASKS, "-"),
        _command("ansible-galaxy collection install x"),
        _command("more"),
    )
    assert teasers_last([teaser, install, more]) == [install, more, teaser]
    assert teasers_last([teaser, more]) == [teaser, more]
