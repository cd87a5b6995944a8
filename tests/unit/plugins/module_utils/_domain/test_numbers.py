# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phone numbers: what is read, what is a fault, what is the same number, and what an answer names."""

from __future__ import annotations

import re
from typing import List, Optional, Set

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import (
    AnswerIndex,
    as_it_stands,
    batches,
    canonicaliser,
    dialled_digits,
    lines_of,
    possible_lines,
    read_numbers,
)

CANONICAL = re.compile(r"\+?[0-9]+")
PREFIXES = ("", "+", "0", "00", "91", "+91", "0091", "091", "+910", "+91091", "1800", "+44", "+1")
INVISIBLE = "\u00ad\u200b\u200e\u202a\u202c\u2060\ufeff"
SEPARATING = " \t\u00a0\u202f-\u2010\u2011\u2013\u2014\u2212()/"

digits = st.text("0123456789", min_size=1, max_size=15)
dialled = st.builds("{}{}".format, st.sampled_from(PREFIXES), digits)
bad = st.sampled_from(["", " ", "+", "abc", "9.19E+11", "919000000000.0", "9999900001,9999900002", "99999+00001", "?"])


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("9999900001", "9999900001"),
        ("+91 99999 00001", "+919999900001"),
        ("+91-99999-00001", "+919999900001"),
        ("(+91) 99999.00001", "+919999900001"),
        ("0 (99999) 00001", "09999900001"),
        ("  9999900001\t", "9999900001"),
        ("9999900001\n", "9999900001"),
        ("'9999900001", "9999900001"),
        ("'+919999900001", "+919999900001"),
        ("\u202a+919999900001\u202c", "+919999900001"),
        ("\ufeff9999900001", "9999900001"),
        ("99999\u00a000001", "9999900001"),
        ("99999\u201300001", "9999900001"),
        ("\uff0b919999900001", "+919999900001"),
        ("\u096f\u096f\u096f\u096f\u096f\u0966\u0966\u0966\u0966\u0967", "9999900001"),
        ("+\u096f\u0967 99999 0000\u0967", "+919999900001"),
        ("\uff19\uff19\uff19\uff19\uff1900001", "9999900001"),
        ("100", "100"),
        ("0000000000", "0000000000"),
    ],
)
def test_formatting_is_dropped_and_digits_are_kept(given_text: str, expected: str) -> None:
    assert dialled_digits(given_text) == expected


@pytest.mark.parametrize(
    ("given_text", "words"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("\u200b", "is empty"),
        ("+", "is empty"),
        ("--", "is empty"),
        ("anonymous", "letters"),
        ("99999O0001", "letters"),
        ("tel:+919999900001", "letters"),
        ("9.19E+11", "scientific notation"),
        ("9.19e11", "scientific notation"),
        ("9,19E+11", "scientific notation"),
        ("9E+11", "scientific notation"),
        ("919000000000.0", "decimal"),
        ("9999900001.00", "decimal"),
        ("9999900001,0", "decimal"),
        ("9999900001,9999900002", "more than one number"),
        ("9999900001, 9999900002", "more than one number"),
        ("9999900001;9999900002", "more than one number"),
        ("9999900001|9999900002", "more than one number"),
        ("9999900001 9999900002", "more than one number"),
        ("9999900001\n+919999900002", "more than one number"),
        ("9999900001/9999900002", "more than one number"),
        ("99999 00001 / 99999 00002", "more than one number"),
        ("99999+00001", "not at its beginning"),
        ("++919999900001", "not at its beginning"),
        ("9999900001+", "not at its beginning"),
        ("99999#0001", "'#'"),
        ("=9999900001", "'='"),
        ("*21*9999900001#", "'*'"),
    ],
)
def test_what_cannot_be_dialled_is_named_as_what_it_is(given_text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        dialled_digits(given_text)


def test_a_decimal_in_other_digits_is_a_decimal_too() -> None:
    with pytest.raises(ValueError, match="decimal"):
        dialled_digits("\u096f\u096f\u096f\u096f\u096f\u0966\u0966\u0966\u0966\u0967.\u0966")


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=30))
def test_any_text_gives_digits_or_a_value_error(text: str) -> None:
    try:
        read = dialled_digits(text)
    except ValueError as problem:
        assert str(problem)
    else:
        assert CANONICAL.fullmatch(read)
        assert read.isascii()


@settings(deadline=None, max_examples=200)
@given(dialled, st.data())
def test_formatting_characters_do_not_change_a_number(number: str, data: st.DataObject) -> None:
    between = st.text(SEPARATING + INVISIBLE, max_size=2)
    decorated = "".join(data.draw(between) + character for character in number) + data.draw(between)
    assert dialled_digits(decorated) == number


@settings(deadline=None, max_examples=200)
@given(dialled)
@example("234567")
@example("00919999900001")
@example("+9109999900001")
def test_canonical_numbers_stay_as_they_are(number: str) -> None:
    for region in (None, "IN", "US"):
        canonicalise = canonicaliser(region)
        once = canonicalise(dialled_digits(number))
        assert CANONICAL.fullmatch(once)
        assert canonicalise(dialled_digits(once)) == once


@pytest.mark.parametrize(
    "number", ["9999900001", "09999900001", "919999900001", "+919999900001", "00919999900001", "+9109999900001"]
)
def test_with_a_region_all_forms_of_a_number_are_one(number: str) -> None:
    assert canonicaliser("IN")(number) == "+919999900001"


def test_ten_digits_that_begin_with_the_country_code_are_a_whole_number() -> None:
    assert canonicaliser("IN")("9199999000") == "+919199999000"


@pytest.mark.parametrize("number", ["100", "12345", "+0", "000", "12345678901234567890"])
def test_a_short_or_odd_number_is_left_as_it_stands(number: str) -> None:
    assert canonicaliser("IN")(number) == number


@pytest.mark.parametrize("number", ["234567", "2345678"])
def test_a_number_without_its_area_code_is_no_international_number(number: str) -> None:
    assert canonicaliser("IN")(number) == number


def test_without_a_region_digits_stay_as_they_stand() -> None:
    assert canonicaliser(None) is as_it_stands
    assert as_it_stands("09999900001") == "09999900001"


@pytest.mark.parametrize("region", ["in", "India", "", "XX", "001"])
def test_an_unknown_region_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match="not a country"):
        canonicaliser(region)


def test_a_list_is_read_in_order_with_every_fault_and_its_place() -> None:
    entries = ["99999 00001", "nobody", "9999900002", "9999900001", "9.19E+11"]
    reading = read_numbers(entries, "block_numbers", as_it_stands)
    assert [(n.given, n.canonical, n.where) for n in reading.numbers] == [
        ("99999 00001", "9999900001", "block_numbers, entry 1"),
        ("9999900002", "9999900002", "block_numbers, entry 3"),
    ]
    assert [fault.where for fault in reading.faults] == ["block_numbers, entry 2", "block_numbers, entry 5"]
    assert "'nobody' holds letters" in reading.faults[0].problem
    assert reading.duplicates == 1


def test_a_fault_shows_only_the_beginning_of_a_long_entry() -> None:
    (fault,) = read_numbers(["x" * 5000], "block_numbers", as_it_stands).faults
    assert len(fault.problem) < 200


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(dialled, bad, st.text(max_size=12)), max_size=20), st.sampled_from([None, "IN"]))
def test_every_entry_is_a_number_a_duplicate_or_a_fault(entries: List[str], region: Optional[str]) -> None:
    canonicalise = canonicaliser(region)
    reading = read_numbers(entries, "block_numbers", canonicalise)
    assert len(reading.numbers) + len(reading.faults) + reading.duplicates == len(entries)
    canonicals = [number.canonical for number in reading.numbers]
    assert len(set(canonicals)) == len(canonicals)
    first_seen = {number.where: number for number in reading.numbers}
    faulty = {fault.where for fault in reading.faults}
    for position, entry in enumerate(entries, start=1):
        where = f"block_numbers, entry {position}"
        if where in faulty:
            with pytest.raises(ValueError):
                dialled_digits(entry)
        else:
            assert canonicalise(dialled_digits(entry)) in canonicals
        if where in first_seen:
            assert first_seen[where].given == entry
            assert first_seen[where].canonical == canonicalise(dialled_digits(entry))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(), max_size=60), st.integers(1, 100))
def test_batches_hold_every_item_once_in_order_and_none_is_too_large(items: List[int], size: int) -> None:
    parts = list(batches(items, size))
    assert [item for part in parts for item in part] == items
    assert all(1 <= len(part) <= size for part in parts)
    assert all(len(part) == size for part in parts[:-1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9999900001", "+919999900001"),
        ("9999900001", "919999900001"),
        ("09999900001", "9999900001"),
        ("09999900001", "+919999900001"),
        ("00919999900001", "+919999900001"),
        ("0919999900001", "919999900001"),
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
    written = dialled_digits("+91 (0) 99999 00001")
    assert possible_lines(written) & possible_lines("+919999900001")


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
        (["9199999000"], ["+9199999000"], set()),
        (["9199999000", "+9199999000"], ["+9199999000"], {"+9199999000"}),
        (["100"], ["100"], {"100"}),
        (["100"], ["+100"], {"100"}),
        (["9999900001"], ["9999900002", "", "+", "none"], set()),
        (["9999900001"], [], set()),
    ],
)
def test_an_answers_list_names_numbers_in_the_servers_form(
    batch: List[str], listed: List[str], found: Set[str]
) -> None:
    assert AnswerIndex(batch).find(listed) == found


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
        assert number in index.find([number])
        assert number in index.find([_as_the_server_writes(number)])
    assert index.find(map(_as_the_server_writes, batch)) == set(batch)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 99), min_size=1, max_size=8, unique=True), st.sampled_from(["", "0", "91", "+91"]))
def test_a_number_is_not_found_by_the_name_of_another(endings: List[int], prefix: str) -> None:
    batch = [f"{prefix}99999000{ending:02d}" for ending in endings]
    for number in batch:
        assert AnswerIndex(batch).find([_as_the_server_writes(number)]) == {number}
