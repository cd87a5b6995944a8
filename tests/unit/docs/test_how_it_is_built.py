# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide for contributors names files and names in them that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
TEXT = (CHECKOUT / "docs" / "docsite" / "rst" / "how_it_is_built.rst").read_text(encoding="utf-8")
ROOMS = CHECKOUT / "plugins" / "module_utils"
FILES = sorted(set(re.findall(r"``([\w./]+/[\w.]+\.(?:py|yml|md))``", TEXT)))
NAMES = sorted(set(re.findall(r"``([A-Z]\w+)`` in\s+``([\w./]+)``", TEXT)))
ELSEWHERE = sorted(set(re.findall(r"``([A-Z]\w+)``", TEXT)) - {name for name, _path in NAMES})
CODE = [
    path.read_text(encoding="utf-8") for folder in ("plugins", "tests") for path in (CHECKOUT / folder).rglob("*.py")
]


def _places(path: str) -> List[Path]:
    return [place for place in (CHECKOUT / path, ROOMS / path) if place.is_file()]


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_is_named_is_there(path: str) -> None:
    assert _places(path)


@pytest.mark.parametrize(("name", "path"), NAMES)
def test_a_name_that_is_said_to_be_in_a_file_is_defined_there(name: str, path: str) -> None:
    (place,) = _places(path)
    assert re.search(rf"^(class )?{name}\b", place.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_every_other_name_is_defined_somewhere(name: str) -> None:
    assert any(re.search(rf"^(class )?{name}\b", code, re.MULTILINE) for code in CODE)


def test_files_and_names_are_found() -> None:
    assert (len(FILES) > 20, len(NAMES) > 5, bool(ELSEWHERE)) == (True, True, True)
