# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls on groups as a script: what is expected, and what is answered."""

from __future__ import annotations

from typing import Any, List, NamedTuple, Optional, Sequence, Tuple, Union

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Limit
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number

Said = Union[Answer, BaseException]


class Exchange(NamedTuple):
    """One call with its numbers, and the answer or the error."""

    call: str
    numbers: Union[str, List[str]]
    said: Said
    group_id: Optional[int] = None
    of_none: bool = False  # of a group that certainly does not exist


class Script:
    """Answers each call as it is written, and fails on any other; so does ``finish``, also where one was not made."""

    def __init__(self, *exchanges: Exchange, update_path: Optional[str] = "/update") -> None:
        self._left = list(exchanges)
        self._others: List[Any] = []
        self.update_path = update_path
        self.limit: Optional[Limit] = None
        self.one_at_a_time: Optional[float] = None
        self.texts: List[GroupText] = []

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """As written."""
        return self._answer("create", group, numbers, None)

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """As written."""
        return self._answer("update", group, list(numbers), None)

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """As written."""
        return self._answer("delete", group, list(numbers), group_id)

    def _answer(self, call: str, group: GroupText, numbers: Any, group_id: Optional[int]) -> Answer:
        made = (call, numbers, group_id, group.name.startswith("no such group"))
        expected = self._left.pop(0) if self._left else None
        if expected is None or made != (expected.call, expected.numbers, expected.group_id, expected.of_none):
            self._others.append(made)  # what is raised here may be caught as a defect
            raise AssertionError(f"{made} was not expected")
        self.texts.append(group)
        if isinstance(expected.said, Answer):
            return expected.said
        raise expected.said

    def finish(self) -> None:
        """To be called at the end."""
        assert (self._left, self._others) == ([], [])


def update(numbers: str, said: Said) -> Exchange:
    """An update with one-letter numbers, see number()."""
    return Exchange("update", [number(letter).canonical for letter in numbers], said)


def update_of_none(numbers: str, said: Said) -> Exchange:
    """An update of a group that nobody has made."""
    return update(numbers, said)._replace(of_none=True)


def create(numbers: Union[str, List[str]], said: Said) -> Exchange:
    """A create with one number, or with a list."""
    if isinstance(numbers, str):
        return Exchange("create", number(numbers).canonical, said)
    return Exchange("create", [number(letter).canonical for letter in numbers], said)


def delete(numbers: str, said: Said, group_id: Optional[int] = None) -> Exchange:
    """A delete with one-letter numbers."""
    return Exchange("delete", [number(letter).canonical for letter in numbers], said, group_id)


def number(letter: str) -> Number:
    """A number that is named by one letter."""
    digits = f"+9199999{ord(letter):05d}"
    return Number(digits, digits, f"entry {letter}")


def numbers(letters: str) -> Tuple[Number, ...]:
    """Numbers that are named by one letter each."""
    return tuple(map(number, letters))


def letters(found: Sequence[Number]) -> str:
    """The letters of numbers."""
    return "".join(chr(int(each.canonical[-5:])) for each in found)


def listed(letters: str) -> Tuple[str, ...]:
    """Numbers as a server lists them."""
    return tuple(number(letter).canonical for letter in letters)
