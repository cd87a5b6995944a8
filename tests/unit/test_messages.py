# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reader of messages overlooks none."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.messages import (
    messages_of_guide,
    raises,
    texts_of_python,
    texts_of_yaml,
)


def _read(folder: Path, source: str, name: str = "source.py") -> List[str]:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(source)
    return [text.words for text in texts_of_python(folder)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise ValueError('is empty; fill it in')", ["is empty; fill it in"]),
        ("raise ValueError(f'{path!r} is a folder' ' of yours')", ["<> is a folder of yours"]),
        (
            "raise ValueError(f'''{'a few' if few else 'many of them'} are wrong''')",
            ["<> are wrong", "a few", "many of them"],
        ),
        ("WORDS = {1: 'in {group}', 2: ('not in {}', 'of %s')}", ["in <>", "not in <>", "of <>"]),
        ("raise ValueError('  more\\n  than one line')", ["more than one line"]),
        ("def told(reason='because of that') -> str: ...", ["because of that"]),
        ("MOST = 1000\nraise ValueError(f'more than {MOST:,} of them')", ["more than 1,000 of them"]),
        ("NOW = 'in it now'\nshow(f'is {NOW}')", ["is in it now"]),
        ("NOW, THEN = 'in it now', 'not then'\nshow(f'is {NOW}, {THEN}')", ["is in it now, not then"]),
        ("NOW = 'in it now'\nshow(f'is {NOW}')\nshow(NOW)", ["in it now", "is in it now"]),
        ("ADVICE = f'do {what} first'\nshow(f'Failed: {ADVICE}')", ["Failed: do <> first"]),
    ],
)
def test_a_text_is_found_wherever_it_stands(tmp_path: Path, source: str, words: List[str]) -> None:
    assert _read(tmp_path, source) == words


@pytest.mark.parametrize(
    "source",
    [
        "'''What this does.'''",
        "LONGEST = 4\n'''In characters, of all.'''",
        "DOCUMENTATION = 'module: that does something'",
        "show('one-word', f'{one} {other}', '12 34', '', ' a ')",
    ],
)
def test_what_is_documentation_or_has_no_two_words_is_no_message(tmp_path: Path, source: str) -> None:
    assert _read(tmp_path, source) == []


def test_a_constant_of_another_file_is_part_of_the_message_and_none_by_itself(tmp_path: Path) -> None:
    _read(tmp_path, "KINDS = 'this or that'\nOTHER = 'something else'", "_api/address.py")
    source = "from .._api.address import KINDS, OTHER as ELSE\nshow(f'Give {KINDS}, or {ELSE}.', ELSE)"
    assert sorted(_read(tmp_path, source, "_state/source.py")) == [
        "Give this or that, or something else.",
        "something else",
    ]


def test_a_statement_of_the_database_is_no_message_and_its_words_in_another_place_are(tmp_path: Path) -> None:
    assert _read(tmp_path, "run('SELECT 1 FROM numbers')", "_state/source.py") == []
    assert _read(tmp_path, "run('SELECT 1 FROM numbers')", "_domain/source.py") == ["SELECT 1 FROM numbers"]


def test_texts_of_yaml_are_found_but_for_titles_and_conditions(tmp_path: Path) -> None:
    file = tmp_path / "main.yml"
    file.write_text(
        "- name: Check that it is so\n  when: this is that\n  ansible.builtin.assert:\n    that: names | length == 1\n"
        "    fail_msg: >-\n      Named are {{ names\n      | join }}.\n  vars:\n    told: ['of two words']\n"
    )
    assert [text.words for text in texts_of_yaml(file)] == ["Named are <>.", "of two words"]


def test_messages_of_the_guide_stand_alone_on_a_line() -> None:
    guide = (
        "* ``is empty``\n``<a b> is a folder``\n  * ``more: <x>``\n* see ``that is none``\n``msg``\n* ``none``, this\n"
    )
    assert messages_of_guide(guide) == ["is empty", "<> is a folder", "more: <>"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise ValueError('x')", True),
        ("module.warn('x')", True),
        ("report.warnings += 'x'", True),
        ("show('x')", False),
    ],
)
def test_what_is_raised_or_warned_of_is_seen(tmp_path: Path, source: str, found: bool) -> None:
    (tmp_path / "source.py").write_text(source)
    assert raises(tmp_path / "source.py") is found
