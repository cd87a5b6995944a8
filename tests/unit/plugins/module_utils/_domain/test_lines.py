# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines: which numbers may be the same telephone, and which numbers an answer names."""

from __future__ import annotations

import itertools
from typing import Iterable, List, Set, Tuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import (
    AnswerIndex,
    lines_of,
    listing,
    may_share_lines,
    possible_lines,
    shape_of,
    spellings,
    spellings_among,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import MOST_DIGITS, Number

PREFIXES = (
    "",
    "+",
    "0",
    "00",
    "91",
    "+91",
    "0091",
    "091",
    "+910",
    "+91091",
    "+0091",
    "9191",
    "+9191",
    "1800",
    "+44",
    "+1",
)
digits = st.text("0123456789", min_size=3, max_size=10)
dialled = st.builds("{}{}".format, st.sampled_from(PREFIXES), digits)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9999900001", "+919999900001"),
        ("9999900001", "919999900001"),
        ("09999900001", "9999900001"),
        ("09999900001", "+919999900001"),
        ("00919999900001", "+919999900001"),
        ("0919999900001", "919999900001"),
        ("+00919999900001", "+919999900001"),
        ("+09999900001", "+919999900001"),
        ("+91919999900001", "+919999900001"),  # as 091 99999 00001 is read with default_region IN
        ("+91919999900001", "09999900001"),
    ],
)
def test_forms_that_may_be_the_same_telephone_share_a_line(one: str, other: str) -> None:
    assert possible_lines(one) & possible_lines(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("9999900001", "9999900002"), ("+919999900001", "+449999900001"), ("+12025550100", "912025550100")],
)
def test_different_telephones_share_no_line(one: str, other: str) -> None:
    assert not possible_lines(one) & possible_lines(other)


def test_a_trunk_zero_behind_the_country_code_is_the_same_line() -> None:
    assert possible_lines("+9109999900001") & possible_lines("+919999900001")


def test_lines_of_a_list_are_those_of_all_its_numbers() -> None:
    assert lines_of(["9999900001", "+919999900002"]) == {"9999900001", "919999900001", "919999900002"}
    assert lines_of([]) == frozenset()


@pytest.mark.parametrize(
    ("batch", "listed", "found"),
    [
        (["9999900001"], ["+919999900001"], {"9999900001"}),
        (["9999900001"], ["9999900001"], {"9999900001"}),
        (["9999900001"], ["919999900001"], {"9999900001"}),
        (["919999900001"], ["+919999900001"], {"919999900001"}),
        (["+919999900001"], ["+919999900001"], {"+919999900001"}),
        (["+919999900001"], ["919999900001"], {"+919999900001"}),
        (["9999900001", "9999900002"], ["+919999900002"], {"9999900002"}),
        (["9999900001", "9999900002"], ["9999900001,9999900002"], {"9999900001", "9999900002"}),
        (["9999900001", "+919999900001"], ["+919999900001"], {"9999900001", "+919999900001"}),
        (["9999900001", "+919999900001"], ["9999900001"], {"9999900001"}),
        (["9999900001", "919999900001"], ["919999900001"], {"919999900001"}),
        (["9199999000"], ["+919199999000"], {"9199999000"}),
        (["9199999000"], ["+9199999000"], {"9199999000"}),
        (["+919999900001"], ["9999900001"], {"+919999900001"}),
        (["+919999900001"], ["09999900001"], {"+919999900001"}),
        (["+919999900001"], ["00919999900001"], {"+919999900001"}),
        (["+919999900001", "+449999900001"], ["9999900001"], {"+919999900001"}),
        (["9199999000", "+9199999000"], ["+9199999000"], {"+9199999000"}),
        (["100"], ["100"], {"100"}),
        (["100"], ["+100"], {"100"}),
        (["9999900001"], [], set()),
    ],
)
def test_an_answers_list_names_numbers_in_the_servers_form(
    batch: List[str], listed: List[str], found: Set[str]
) -> None:
    assert AnswerIndex(batch).find(listed) == (frozenset(found), False)


@pytest.mark.parametrize(
    ("batch", "entry"),
    [
        (["9999900001"], "9999900002"),
        (["9999900001"], ""),
        (["9999900001"], "+"),
        (["9999900001"], "none"),
        (["+919999900001", "919999900001"], "09999900001"),  # either
    ],
)
def test_what_is_no_number_of_the_batch_for_certain_makes_a_list_strange(batch: List[str], entry: str) -> None:
    assert AnswerIndex(batch).find([entry]) == (frozenset(), True)
    seen = listing(_numbers(*batch), Answer(failed=(entry,)))
    assert (seen.failed, seen.strange) == (frozenset(), True)


def _as_the_server_writes(number: str) -> str:
    """By contract N1, which is inferred."""
    if len(number) == 10 and not number.startswith("+"):
        return f"+91{number}"
    return f"+{number}" if len(number) == 12 and number.startswith("91") else number


@settings(deadline=None, max_examples=200)
@given(st.lists(dialled, min_size=1, max_size=8, unique=True))
def test_every_number_is_found_as_sent_and_as_the_server_writes_it(batch: List[str]) -> None:
    index = AnswerIndex(batch)
    for number in batch:
        assert number in index.find([number])[0]
        assert number in index.find([_as_the_server_writes(number)])[0]
    assert index.find(map(_as_the_server_writes, batch)) == (frozenset(batch), False)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 99), min_size=1, max_size=8, unique=True), st.sampled_from(["", "0", "91", "+91"]))
def test_a_number_is_not_found_by_the_name_of_another(endings: List[int], prefix: str) -> None:
    batch = [f"{prefix}99999000{ending:02d}" for ending in endings]
    for number in batch:
        assert AnswerIndex(batch).find([_as_the_server_writes(number)]) == (frozenset({number}), False)


STARTS = ("919", "9109", "449", "9", "0", "09", "00919")
"""Of twelve digits, of ten, and of what may be read as such: behind each come nine more."""
WAYS = ("{}", "+{}", "0{}", "91{}", "+91{}", "+0{}", "910{}", "+910{}", "+ {}", "{},")
starts_and_endings = st.tuples(st.sampled_from(STARTS), st.integers(0, 2))


@settings(deadline=None, max_examples=1000)
@given(
    st.sampled_from(["", "+"]),
    st.lists(starts_and_endings, min_size=1, max_size=4, unique=True),
    st.lists(st.tuples(st.sampled_from(WAYS), starts_and_endings), max_size=4),
)
@example("+", [("919", 0), ("9109", 0)], [("+{}", ("919", 0))])
@example("", [("919", 0), ("9109", 0)], [("{}", ("919", 0)), ("+{}", ("919", 0))])
@example("", [("919", 0), ("9", 0)], [("+{}", ("919", 0))])
@example("", [("919", 0), ("00919", 0)], [("+{}", ("919", 0))])
@example("+", [("919", 0), ("00919", 0)], [("+{}", ("919", 0))])
def test_numbers_of_one_form_are_found_as_they_are_among_others(
    plus: str, numbers: List[Tuple[str, int]], entries: List[Tuple[str, Tuple[str, int]]]
) -> None:
    batch = [f"{plus}{start}99999000{ending}" for start, ending in numbers]
    listed = [way.format(f"{start}99999000{ending}") for way, (start, ending) in entries]
    # With two more of forms that may be read in several ways, each entry is looked for in any form.
    assert AnswerIndex(batch).find(listed) == AnswerIndex([*batch, "+0123", "0123"]).find(listed)


@pytest.mark.parametrize(
    ("batch", "ways"),
    [
        (["+919999900001", "+449999900002"], ["919999900001", "449999900002"]),
        (["9999900001", "9999900002"], ["+919999900001", "919999900002"]),
        (["919999900001", "100"], ["+919999900001", "+100"]),
    ],
)
def test_numbers_of_one_form_are_found_however_a_server_writes_them(batch: List[str], ways: List[str]) -> None:
    assert AnswerIndex(batch).find(ways) == (frozenset(batch), False)
    assert AnswerIndex(batch).find([batch[0], ways[1]]) == (frozenset(batch), False)
    assert AnswerIndex(batch).find([batch[0], ways[1], "none"]) == (frozenset(batch), True)


def _numbers(*canonicals: str) -> List[Number]:
    return [Number(canonical, canonical, "") for canonical in canonicals]


def test_a_number_in_both_lists_counts_as_failed_and_the_lists_as_strange() -> None:
    seen = listing(
        _numbers("9999900001", "9999900002", "9999900003"),
        Answer(succeeded=("+919999900001", "+919999900002"), failed=("+919999900002",)),
    )
    assert seen.numbers == {"9999900001", "9999900002", "9999900003"}
    assert seen.named == {"9999900001"}
    assert seen.failed == {"9999900002"}
    assert seen.strange
    # The one under error may be either of two spellings, of which the other was taken.
    seen = listing(_numbers("9999900003", "09999900003"), Answer(succeeded=("09999900003",), failed=("+919999900003",)))
    assert not seen.named
    assert seen.failed == {"9999900003", "09999900003"}
    assert seen.strange


@settings(deadline=None, max_examples=300)
@given(dialled, st.lists(dialled, max_size=10))
@example("9999900001", ["+919999900001", "0009999900001", "+9109999900001", "0919999900001", "00919999900001"])
@example("0123456789", ["123456789", "910123456789", "00123456789"])
@example("910123456789", ["+0123456789", "0123456789", "+00123456789"])
@example("910000000000", ["+0000000000"])
@example("+9109999900001", ["9999900001", "919999900001", "09109999900001"])
def test_the_spellings_of_a_number_are_all_that_share_a_line_with_it(canonical: str, others: List[str]) -> None:
    found = spellings(canonical)
    assert canonical in found
    for form in found:
        assert possible_lines(form) & possible_lines(canonical)
    for other in others:
        if len(other.lstrip("+")) <= MOST_DIGITS:
            assert (other in found) == bool(possible_lines(other) & possible_lines(canonical))


def _shapes(canonicals: Iterable[str]) -> List[str]:
    return [shape_of(canonical) for canonical in canonicals]


@st.composite
def _families(draw: st.DrawFn) -> List[str]:
    """Numbers of which some may well be the same telephone."""
    found: List[str] = draw(st.lists(dialled, max_size=4))
    for canonical in draw(st.lists(dialled, max_size=2)):
        found += [canonical, *draw(st.lists(st.sampled_from(sorted(spellings(canonical))), max_size=2))]
    return [canonical for canonical in found if len(canonical.lstrip("+")) <= MOST_DIGITS]


@settings(deadline=None, max_examples=500)
@given(_families())
@example(["9999900001", "919999900001"])
@example(["9999900001", "+919999900001"])
@example(["9199999000", "+919199999000"])
@example(["919999900001", "9109999900001"])
@example(["9109999900001", "91919999900001"])
@example(["0123456789", "123456789"])
@example(["0123456789", "910123456789"])
@example(["09999900001", "919999900001"])
@example(["000", "+000"])
@example(["000123", "0123"])
@example(["000012345678", "0012345678"])
@example(["0009999900001", "0919999900001"])
def test_where_two_numbers_share_a_line_their_shapes_tell_that_they_may(canonicals: List[str]) -> None:
    different = sorted(set(canonicals))
    shared = any(possible_lines(one) & possible_lines(other) for one, other in itertools.combinations(different, 2))
    assert may_share_lines(_shapes(different)) or not shared


@pytest.mark.parametrize(
    "canonicals",
    [
        [],
        ["9999900001"],
        ["9999900001", "8888800001", "7777700001"],
        ["+919999900001", "+918888800001"],
        ["919999900001", "129999900001"],
        ["+919999900001", "+12025550100", "100"],
        ["09999900001", "08888800001"],
        ["9109999900001", "4419999900001"],
        ["91919999900001", "12345678901234"],
        ["9999900001", "100", "12345"],
        ["+9199999000", "+919999900001"],
    ],
)
def test_where_no_two_numbers_can_share_a_line_their_shapes_tell_so(canonicals: List[str]) -> None:
    assert not may_share_lines(_shapes(canonicals))


@pytest.mark.parametrize(
    "canonicals",
    [
        ["9999900001", "919999900002"],
        ["9999900001", "+919999900002"],
        ["919999900001", "+919999900002"],
        ["919999900001", "9109999900002"],
        ["+919999900001", "+91919999900002"],
        ["9999900001", "09999900002"],
        ["00919999900001", "00919999900002"],
        ["+0919999900001", "+0919999900002"],
    ],
)
def test_numbers_of_shapes_that_may_share_a_line_are_to_be_looked_at(canonicals: List[str]) -> None:
    assert may_share_lines(_shapes(canonicals))


@settings(deadline=None)
@given(_families(), _families())
def test_of_what_is_on_record_no_spelling_of_a_number_is_missed(recorded: List[str], asked: List[str]) -> None:
    shapes = frozenset(map(shape_of, recorded))
    found = spellings_among(asked, shapes)
    assert found.keys() == set(asked)
    for canonical, forms in found.items():
        assert forms & set(recorded) == spellings(canonical) & set(recorded)


def test_a_shape_tells_plus_leading_zero_and_length() -> None:
    forms = ["9999900001", "+919999900001", "09999900001", "+0919999900001"]
    assert [shape_of(form) for form in forms] == ["-n10", "+n13", "-011", "+014"]
