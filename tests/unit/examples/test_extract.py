# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Code is found wherever documentation shows it, as it stands there."""

from __future__ import annotations

import textwrap
from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.tests.examples.extract import (
    Block,
    extractor_of,
    header,
    is_documentation,
    markdown,
    matches,
    module,
    restructured,
)

LINES = st.from_regex(r"[a-z$#:] ?[a-z0-9: {}\"'-]{0,20}[a-z0-9]", fullmatch=True)
CODE = st.lists(LINES, min_size=1, max_size=4).map(lambda lines: "\n".join(lines) + "\n")
SHOWN = st.lists(st.tuples(st.sampled_from(["yaml", "console", "text"]), CODE), max_size=4)


def _placed(text: str, blocks: List[Block]) -> List[str]:
    """The lines of the file from which each block begins."""
    return [text.splitlines()[block.line - 1].strip() for block in blocks]


@given(SHOWN)
def test_every_fence_of_markdown_is_found_with_its_line(shown: List[Tuple[str, str]]) -> None:
    text = "".join(f"# A title\n\nA sentence.\n\n```{language}\n{code}```\n\n" for language, code in shown)
    blocks = markdown("a.md", text)
    assert [(block.language, block.text) for block in blocks] == shown
    assert _placed(text, blocks) == [code.splitlines()[0] for _language, code in shown]


@given(SHOWN, st.sampled_from(["", "   "]), st.booleans())
def test_every_directive_with_code_is_found_with_its_line(
    shown: List[Tuple[str, str]], indent: str, option: bool
) -> None:
    text = ".. note::\n\n   A note.\n\n"
    for language, code in shown:
        options = "   :emphasize-lines: 1\n" if option else ""
        directive = f".. code-block:: {language}\n{options}\n{textwrap.indent(code, '   ')}\n"
        text += f"A sentence.\n\n{textwrap.indent(directive, indent)}\n"
    blocks = restructured("a.rst", text)
    assert [(block.language, block.text) for block in blocks] == shown
    assert _placed(text, blocks) == [code.splitlines()[0] for _language, code in shown]


def test_blank_lines_within_code_stay_and_those_around_go() -> None:
    text = ".. code-block:: yaml\n\n   one: 1\n\n     two: 2\n\n\nText.\n"
    assert restructured("a.rst", text) == [Block("a.rst", 3, "yaml", "one: 1\n\n  two: 2\n")]


def test_a_caption_names_the_file() -> None:
    (block,) = restructured("a.rst", ".. code-block:: text\n   :caption: list.txt\n\n   1\n")
    assert (block.name, block.text, block.line) == ("list.txt", "1\n", 4)


def test_a_literal_block_has_no_language_and_a_directive_that_is_no_code_has_no_block() -> None:
    text = ".. note::\n\n   Such as::\n\n      a line\n\n   More.\n"
    assert restructured("a.rst", text) == [Block("a.rst", 5, "", "a line\n")]


def test_a_file_that_is_shown_is_named_from_the_checkout() -> None:
    text = ".. literalinclude:: ../../../examples/ci/gitlab.yml\n   :language: yaml\n"
    assert restructured("docs/docsite/rst/a.rst", text) == [
        Block("docs/docsite/rst/a.rst", 1, "yaml", "", included="examples/ci/gitlab.yml")
    ]


@pytest.mark.parametrize(
    ("extract", "text"),
    [(markdown, "Run `ansible-doc a.b.c`, not `-e x`."), (restructured, "Run ``ansible-doc a.b.c``.")],
)
def test_documentation_that_is_asked_for_in_a_sentence_is_a_command(extract: object, text: str) -> None:
    assert callable(extract)
    assert extract("a", text) == [Block("a", 1, "console", "$ ansible-doc a.b.c\n")]


def test_a_target_in_a_sentence_is_not_made() -> None:
    assert markdown("a.md", "Run `make docs`.") == [Block("a.md", 1, "console", "$ make -n docs\n")]


def test_indented_code_of_markdown_is_found() -> None:
    assert markdown("a.md", "Text.\n\n    a line\n") == [Block("a.md", 3, "", "a line\n")]


def test_examples_of_a_module_are_found_on_their_lines() -> None:
    text = '"""A module."""\nDOCUMENTATION = r"""\n- x\n"""\nEXAMPLES = r"""\n- name: One\n"""\n'
    assert module("m.py", text) == [Block("m.py", 5, "yaml", "\n- name: One\n")]
    assert module("m.py", "RETURN = ''\n") == []


def test_commands_in_comments_are_found_and_sentences_are_not() -> None:
    text = "# Runs it: ansible-playbook is needed\n#   ansible-playbook -i  x y.yml\n- name: ansible-playbook z\n"
    assert header("p.yml", text) == [Block("p.yml", 2, "console", "$ ansible-playbook -i x y.yml\n")]


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("README.md", "*.md", True),
        ("roles/a/README.md", "*.md", False),
        ("examples/ci/a.yml", "examples/*.yml", False),
        ("examples/ci/a.yml", "examples/**", True),
        ("examples.yml", "examples/**", False),
    ],
)
def test_an_asterisk_stays_in_its_folder(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, pattern) is expected


def test_a_new_kind_of_documentation_has_no_extractor() -> None:
    assert is_documentation("docs/guide.adoc") and extractor_of("docs/guide.adoc") is None
    assert is_documentation("extensions/eda/README.txt") and not is_documentation("tests/unit/conftest.py")
