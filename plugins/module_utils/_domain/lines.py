# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which canonical numbers may be the same telephone, and which numbers of a batch an answer of the server names.

A *line* is what a number may reach: digits, with the country code where one can be meant. Wide on purpose, since it is
used where a mistake would hurt: ten digits are also read as Indian (contract N1, inferred), leading zeros as a trunk or
international prefix, and so is the zero in "+91 (0) …"; a country code that is doubled counts once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Pattern,
    Sequence,
    Set,
    Tuple,
)

from .numbers import MOST_DIGITS, Number

if TYPE_CHECKING:
    from .calls import Answer


def possible_lines(canonical: str) -> FrozenSet[str]:
    """Every line that this number might reach. Two numbers that share one may be the same telephone."""
    lines = _lines_as_written(canonical)
    doubled = [line[2:] for line in lines if len(line) == 14 and line.startswith("9191")]
    return lines.union(doubled)


def _lines_as_written(canonical: str) -> FrozenSet[str]:
    digits = canonical.lstrip("+")
    forms = {digits}
    if not canonical.startswith("+") or digits.startswith("0"):  # no country code begins with a zero
        forms.add(digits.lstrip("0") or digits)
        forms.update([f"91{form}" for form in forms if len(form) == 10])
    forms.update([f"91{form[3:]}" for form in forms if len(form) == 13 and form.startswith("910")])
    return frozenset(forms)


def lines_of(numbers: Iterable[str]) -> FrozenSet[str]:
    """All possible lines of many canonical numbers."""
    return frozenset(line for number in numbers for line in possible_lines(number))


def spellings(canonical: str) -> FrozenSet[str]:
    """Every canonical number of at most 16 digits that shares a line with this one (itself in any case).

    With it the same telephone is found by an index, in whatever form it was recorded.
    """
    found = {canonical}
    for line in possible_lines(canonical):
        found.update((line, f"+{line}"))
        cores = [line]
        if len(line) == 12 and line.startswith("91"):
            cores += [line[2:], f"910{line[2:]}", f"91{line}"]
            found.update((*cores, f"+910{line[2:]}", f"+91{line}"))
        for core in cores:
            if core.startswith("0"):
                found.add(f"+{core}")  # no country code, so that it may be dialled as it stands
            else:
                padded = [core.zfill(length) for length in range(len(core) + 1, MOST_DIGITS + 1)]
                found.update(padded, [f"+{number}" for number in padded])
    return frozenset(found)


def shape_of(canonical: str) -> str:
    """What tells apart numbers that can share no line: with a plus or without, a leading zero or none, the length."""
    digits = canonical.lstrip("+")
    return f"{'-' if digits is canonical else '+'}{'0' if digits.startswith('0') else 'n'}{len(canonical)}"


def shapes_in(canonicals: Iterable[str]) -> Set[str]:
    """The shapes of many numbers: those of one length that begin with the same two characters have the same."""
    return set(map(shape_of, {(len(canonical), canonical[:2]): canonical for canonical in canonicals}.values()))


def may_share_lines(shapes: Iterable[str]) -> bool:
    """Whether two different canonical numbers may share a line, by their shapes alone.

    The lines of a number differ in length, by what is added or dropped at its beginning; two numbers without leading
    zeros and with the same shape share none.
    """
    lengths: List[FrozenSet[int]] = []
    for shape in set(shapes):
        plus, zero, length = shape[0] == "+", shape[1] == "0", int(shape[2:])
        if zero and (length > 11 or plus):
            return True  # behind the zeros there may be a country code, or not
        lengths.append(_lengths_of_lines(length - plus, plus, zero))
    return sum(map(len, lengths)) > len(frozenset().union(*lengths))


def spellings_among(canonicals: Iterable[str], shapes: FrozenSet[str]) -> Dict[str, FrozenSet[str]]:
    """The spellings of these numbers that have one of some shapes: where nothing has another shape, none is missed."""
    wanted = list(canonicals)
    if may_share_lines(shapes | shapes_in(wanted)):
        return {c: frozenset(s for s in spellings(c) if shape_of(s) in shapes) for c in wanted}
    return {c: frozenset((c,)) for c in wanted}


def _lengths_of_lines(digits: int, plus: bool, zero: bool) -> FrozenSet[int]:
    """How long the lines of a number of so many digits may be."""
    if zero:
        return frozenset({*range(1, digits + 1), 12})
    prefixed = {12} if digits in (13, 14) or (digits == 10 and not plus) else set()
    return frozenset({digits, *prefixed})


# The forms of numbers: each with the other ways in which a server may write one. Where all numbers of a batch have the
# same form, as most batches do, each has a line of its own, and no other number can be meant by these.
_OTHER_WAYS: Tuple[Tuple[Pattern[str], Callable[[str], Tuple[str, ...]]], ...] = (
    (re.compile(r"(?:\+(?!0|910[0-9]{10} )[0-9]+ )*"), lambda number: (number[1:],)),
    (re.compile(r"(?:[0-9]{10} )*"), lambda number: (f"+91{number}", f"91{number}")),
    (re.compile(r"(?:(?!0|[0-9]{10} |910[0-9]{10} )[0-9]+ )*"), lambda number: (f"+{number}",)),
)


class AnswerIndex:
    """Finds the numbers of one batch in the lists of an answer, which are written in the server's own form (N1)."""

    def __init__(self, canonicals: Sequence[str]) -> None:
        self._canonicals = canonicals
        self._any_form: Optional[_AnyForm] = None

    def find(self, listed: Iterable[str]) -> Tuple[FrozenSet[str], bool]:
        """The canonical numbers of the batch that the server's list names, and whether it names anything else.

        Several numbers of a batch that the server writes alike are all found: to the server they are one.
        """
        entries = list(listed)
        if not entries:
            return frozenset(), False
        found: Set[str] = set()
        for meant in self._certain():
            found.update([meant[entry] for entry in entries if entry in meant])
            entries = [entry for entry in entries if entry not in meant]
            if not entries:
                return frozenset(found), False
        self._any_form = self._any_form or _AnyForm(self._canonicals)
        others, strange = self._any_form.find(entries)
        return frozenset(found | others), strange

    def _certain(self) -> Iterator[Mapping[str, str]]:
        """What may be listed, with the one number that is meant: first as sent, then in other ways."""
        batch = "".join([f"{canonical} " for canonical in self._canonicals])
        for form, other_ways in _OTHER_WAYS:
            if form.fullmatch(batch):
                yield dict(zip(self._canonicals, self._canonicals))
                yield {way: canonical for canonical in self._canonicals for way in other_ways(canonical)}


class _AnyForm:
    """Finds the numbers of one batch in whatever form they are listed."""

    def __init__(self, canonicals: Sequence[str]) -> None:
        self._international: Dict[str, List[str]] = {}
        self._as_sent: Dict[str, List[str]] = {}
        self._by_line: Dict[str, List[str]] = {}
        for canonical in canonicals:
            self._as_sent.setdefault(canonical.lstrip("+"), []).append(canonical)
            for line in _lines_as_written(canonical):
                self._by_line.setdefault(line, []).append(canonical)
                if len(canonical) != 10 or line != canonical:  # ten digits never become an international number as such
                    self._international.setdefault(line, []).append(canonical)

    def find(self, listed: Iterable[str]) -> Tuple[Set[str], bool]:
        """The canonical numbers that are listed, and whether anything else is."""
        found: Set[str] = set()
        strange = False
        for entry in listed:
            for text in entry.split(","):
                named = self._named(text)
                found.update(named)
                strange = strange or not named
        return found, strange

    def _named(self, text: str) -> Sequence[str]:
        bare = text.lstrip("+")
        digits = bare if bare.isdecimal() else "".join(c for c in text if c.isdecimal())
        international = self._international.get(digits, [])
        named = international if "+" in text else self._as_sent.get(digits) or international
        return named or self._in_another_form(f"+{digits}" if "+" in text else digits)

    def _in_another_form(self, canonical: str) -> Sequence[str]:
        """The one number that an entry may mean which is written neither as sent nor internationally."""
        likely = {number for line in _lines_as_written(canonical) for number in self._by_line.get(line, [])}
        return list(likely) if len(likely) == 1 else []


@dataclass(frozen=True)
class Listing:
    """Canonical numbers of a batch as an answer lists them; one that stands in both lists is failed.

    ``both``: those; in one of several spellings it may have been taken. ``strange``: the lists name something besides,
    or one in both, so that they cannot be read for certain.
    """

    numbers: FrozenSet[str]
    named: FrozenSet[str]
    failed: FrozenSet[str]
    strange: bool = False
    both: FrozenSet[str] = frozenset()


def listing(numbers: Sequence[Number], answer: Answer) -> Listing:
    """Finds the numbers of a batch in the lists of an answer."""
    canonicals = [number.canonical for number in numbers]
    index = AnswerIndex(canonicals)
    (named, one), (failed, other) = index.find(answer.succeeded), index.find(answer.failed)
    both = named & failed
    return Listing(frozenset(canonicals), named - failed, failed, one or other or bool(both), both)
