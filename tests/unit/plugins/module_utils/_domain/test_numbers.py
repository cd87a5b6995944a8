# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phone numbers: what is read, what is a fault, and what is the same number."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import (
    Entry,
    Read,
    dialled_digits,
    entry_text,
    long_reading,
    read_entries,
    reader,
    short_reading,
)

CANONICAL = re.compile(r"\+?[0-9]+")
PREFIXES = ("", "+", "0", "00", "91", "+91", "0091", "091", "+910", "+91091", "1800", "+44", "+1")
INVISIBLE = "\u00ad\u200b\u200e\u202a\u202c\u2060\ufeff"
SEPARATING = "-\u2010\u2011\u2013\u2014\u2212()"
BLANKS = " \t\u00a0\u202f"
NOT_AT_THE_BEGINNING = "-\u2010\u2011\u2013\u2014\u2212"

# Much of what tells a number from a date, a decimal, a range or two numbers.
TELLING = "0011929 -+()./,;xeE\u00a0\u2013\u200b\u0967\uff0b\n'"
GROUPS = ("0", "1", "12", "19", "31", "91", "201", "555", "0123", "2024", "99999", "1234567", "00001", "9999900001")
BETWEEN = ("", " ", "-", "  ", " - ", "(", ")", ") ", " (", "(0)", ")-", ".", "/", " / ", "..", "T", "x", "E+", ",")
BEGINNINGS = ("", "", "+", "(", "(+", "+(", "-", "(-", "'", " ", "tel:", "tel ", "0", "00", "(0)", "((", "+-", "++")

digits = st.text("0123456789", min_size=3, max_size=10)
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
        ("+91 (0) 9999900012", "+919999900012"),
        ("+91(0)99999-00012", "+919999900012"),
        ("(+91) (0) 99999 00012", "+919999900012"),
        ("0091 (0) 9999900012", "00919999900012"),
        ("(0) 9999900012", "09999900012"),
        ("+91 ( 0 ) 9999900012", "+919999900012"),
        ("+ 91 (0) 9999900012", "+919999900012"),
        ("+(91)(0)9999900012", "+919999900012"),
        ("91 (0) 9999900012", "919999900012"),
        ("Tel. 99999 00012", "9999900012"),
        ("callto:+919999900012", "+919999900012"),
        ("+49 30 123456-78", "+493012345678"),
        ("01-23-45-67-89", "0123456789"),
        ("tel:+91-99999-00012", "+919999900012"),
        ("TEL: 9999900012", "9999900012"),
        ("'tel:9999900012", "9999900012"),
        ("99999.00012", "9999900012"),
        ("0221.12345", "022112345"),
        ("1234567890123456", "1234567890123456"),
        ("+123", "+123"),
    ],
)
def test_d4_d5_formatting_is_dropped_and_digits_are_kept(given_text: str, expected: str) -> None:
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
        ("99999O0001", "the letter 'O' where a digit is meant"),
        ("98765o3210", "the letter 'o' where a digit is meant"),
        ("9876543l10", "the letter 'l' where a digit is meant"),
        ("99999 00001 ext 4", "has an extension"),
        ("9999900001 x4", "has an extension"),
        ("9999900001x4", "has an extension"),
        ("9999900001 Extn. 12", "has an extension"),
        ("tel:+919999900001;ext=4", "has an extension"),
        ("tel:9999900001;phone-context=+91", "has a parameter after a semicolon"),
        ("99999\u041e0001", "the letter '\u041e' where a digit is meant"),
        ("text 4", "letters"),
        ("sip:9999900001", "letters"),
        ("9.19E+11", "scientific notation"),
        ("9.19e11", "scientific notation"),
        ("9,19E+11", "scientific notation"),
        ("9E+11", "scientific notation"),
        ("919000000000.0", "decimal"),
        ("9999900001.00", "decimal"),
        ("99999 00001.5", "decimal"),
        ("9999900001,0", "decimal"),
        ("9999900001.125", "decimal"),
        ("9999900001.123456", "decimal"),
        ("1234.567", "decimal"),
        ("2024-01-01", "is a date"),
        ("2024-01-01 00:00:00", "is a date"),
        ("2024-01-01T00:00:00", "is a date"),
        ("2024/1/31", "is a date"),
        ("31.12.2024", "is a date"),
        ("1-1-2024", "is a date"),
        ("12/31/2024", "is a date"),
        ("01-01-24", "is a date"),
        ("31.12.24", "is a date"),
        ("-919999900001", "begins with a minus sign"),
        ("\u2212919999900001", "begins with a minus sign"),
        ("- 9999900001", "begins with a minus sign"),
        ("-(99999) 00001", "begins with a minus sign"),
        ("-+919999900001", "begins with a minus sign"),
        ("(-9999900001)", "begins with a minus sign"),
        ("7", "has too few digits (1); a number has 3 to 16"),
        ("+12", "has too few digits (2)"),
        (
            "12345678901234567",
            "has too many digits (17); a number has 3 to 16. It looks like two numbers glued together",
        ),
        ("99999000099999900010", "has too many digits (20)"),
        ("999990001 999990002", "more than one number"),
        ("22334455 66778899", "more than one number"),
        ("9999900001/02", "or a range"),
        ("+91 99999 00001/2", "or a range"),
        ("9999900001..05", "or a range"),
        ("+44 20 7946 0018 / 9", "or a range"),
        ("\u202e1000099999", "reverses the order of its digits"),
        ("9999900001,9999900002", "more than one number"),
        ("+91 99999 00001\n+91 99999 00002\n", "more than one number"),
        ("+919999900001+919999900002", "more than one number"),
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
def test_d2_d3_d5_what_cannot_be_dialled_is_named_as_what_it_is(given_text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        dialled_digits(given_text)


def test_a_decimal_in_other_digits_is_a_decimal_too() -> None:
    with pytest.raises(ValueError, match="decimal"):
        dialled_digits("\u096f\u096f\u096f\u096f\u096f\u0966\u0966\u0966\u0966\u0967.\u0966")


pieces = st.lists(st.tuples(st.sampled_from(GROUPS), st.sampled_from(BETWEEN)), min_size=1, max_size=5)
grouped = st.builds(
    lambda beginning, parts: beginning + "".join(group + between for group, between in parts),
    st.sampled_from(BEGINNINGS),
    pieces,
)
spaced = st.builds("{}{}".format, st.sampled_from(["", "+"]), st.text("0123456789 -()", max_size=20))


def outcome(read: Callable[[str], str], text: str) -> str:
    """What reading gives, or the words of its fault."""
    try:
        return read(text)
    except ValueError as problem:
        return f"fault: {problem}"


@settings(deadline=None, max_examples=2000)
@given(st.text(TELLING, max_size=20) | grouped | spaced | st.text(max_size=12))
@example("99999 00001\n")
@example("9999900001\n")
@example("01-02-45 67 89")
@example("2024-01-01 000")
@example("1234567 1234567")
@example("(12)(0)3456789")
def test_the_short_reading_gives_what_the_long_one_gives(text: str) -> None:
    expected = outcome(long_reading, text)
    assert outcome(dialled_digits, text) == expected
    assert short_reading(text) in (None, expected)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("+91 99999 00001", "+919999900001"),
        ("+91-99999-00001", "+919999900001"),
        ("099999-00001", "09999900001"),
        ("(0) 9999900001", "09999900001"),
        ("(+91) 99999 00001", "+919999900001"),
        ("(201) 555-0123", "2015550123"),
        ("+1 (201) 555-0123", "+12015550123"),
        ("201-555-0123", "2015550123"),
        ("01 99 00 00 01", "0199000001"),
        ("+49 1512 3456789", "+4915123456789"),
    ],
)
def test_common_ways_to_write_a_number_take_the_short_reading(given_text: str, expected: str) -> None:
    assert short_reading(given_text) == expected


@pytest.mark.parametrize(
    "given_text",
    ["01-02-2045", "2024-1-31", "1234567 1234567", "+91 (0) 99999 00001", "-9999900001", "(-9999900001)", "1", "99 "],
)
def test_what_a_rule_might_refuse_or_change_takes_the_long_reading(given_text: str) -> None:
    assert short_reading(given_text) is None


class Marked(str):
    """Text that carries more than itself, as some of Ansible's does."""


def test_what_is_read_is_plain_text() -> None:
    for text in ("9999900001", "99999 00001", "99999.00001"):
        assert not isinstance(dialled_digits(Marked(text)), Marked)


@settings(deadline=None, max_examples=300)
@given(st.one_of(dialled, bad, grouped), st.sampled_from([None, "IN", "US"]))
def test_a_reader_gives_the_canonical_number_or_the_same_fault(text: str, region: Optional[str]) -> None:
    canonicalise = reader(region)
    assert outcome(reader(region), text) == outcome(lambda text: canonicalise(long_reading(text)), text)


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
    # With blanks between them, so many digits might be two numbers.
    separators = SEPARATING if len(number) > 8 else "()"  # few digits between hyphens might be a date
    between = st.text(separators + INVISIBLE + BLANKS * (len(number) < 14), max_size=2)
    decorated = "".join(data.draw(between) + character for character in number) + data.draw(between)
    # A minus sign at the beginning, and a zero in brackets behind a country code, are no mere formatting.
    assume(not re.match(f"[(\\s{INVISIBLE}]*[{NOT_AT_THE_BEGINNING}]", decorated))
    assume(not re.search(f"\\([{INVISIBLE}{BLANKS}]*0[{INVISIBLE}{BLANKS}]*\\)", decorated))
    assert dialled_digits(decorated) == number


@settings(deadline=None, max_examples=200)
@given(dialled)
@example("234567")
@example("00919999900001")
@example("+9109999900001")
def test_canonical_numbers_stay_as_they_are(number: str) -> None:
    for region in (None, "IN", "US"):
        canonicalise = reader(region)
        once = canonicalise(dialled_digits(number))
        assert CANONICAL.fullmatch(once)
        assert canonicalise(dialled_digits(once)) == once


@pytest.mark.parametrize(
    "number", ["9999900001", "09999900001", "919999900001", "+919999900001", "00919999900001", "+9109999900001"]
)
def test_with_a_region_all_forms_of_a_number_are_one(number: str) -> None:
    assert reader("IN")(number) == "+919999900001"


def test_ten_digits_that_begin_with_the_country_code_are_a_whole_number() -> None:
    assert reader("IN")("9199999000") == "+919199999000"


@pytest.mark.parametrize("number", ["100", "12345", "+000", "000", "1234567890123456"])
def test_a_short_or_odd_number_is_left_dialled_digits(number: str) -> None:
    assert reader("IN")(number) == number


@pytest.mark.parametrize("number", ["234567", "2345678"])
def test_a_number_without_its_area_code_is_no_international_number(number: str) -> None:
    assert reader("IN")(number) == number


def test_without_a_region_digits_stay_as_they_stand() -> None:
    assert reader(None) is dialled_digits
    assert dialled_digits("09999900001") == "09999900001"


@pytest.mark.parametrize("region", ["in", "India", "", "XX", "001"])
def test_an_unknown_region_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match="not a country"):
        reader(region)


def _read(
    entries: Sequence[Any], canonicalise: Read = dialled_digits
) -> Tuple[List[Tuple[Entry, str]], List[Tuple[int, str]]]:
    """What is read of entries, and the place and problem of each fault."""
    faults: List[Tuple[int, str]] = []
    placed = (Entry(place, given_text) for place, given_text in enumerate(entries, start=1))
    read = list(read_entries(placed, canonicalise, lambda place, problem: faults.append((place, problem))))
    return read, faults


def test_a_list_is_read_in_order_with_every_fault_and_its_place() -> None:
    read, faults = _read(["99999 00001", "nobody", "9999900002", "9999900001", "9.19E+11"])
    assert read == [
        (Entry(1, "99999 00001"), "9999900001"),
        (Entry(3, "9999900002"), "9999900002"),
        (Entry(4, "9999900001"), "9999900001"),
    ]
    assert [place for place, _problem in faults] == [2, 5]
    assert "'nobody' holds letters" in faults[0][1]


def _no_fault(place: int, problem: str) -> None:
    pytest.fail(f"entry {place} {problem}")


def test_an_entry_keeps_its_expiry_and_its_note() -> None:
    entry = Entry(7, "99999 00001", "2099-01-01 00:00:00", "ticket 7")
    assert list(read_entries([entry], dialled_digits, _no_fault)) == [(entry, "9999900001")]


def test_entries_are_read_one_by_one_as_they_are_asked_for() -> None:
    asked: List[int] = []

    def entries() -> Iterator[Entry]:
        for place in range(1, 4):
            asked.append(place)
            yield Entry(place, f"999990000{place}")

    read = read_entries(entries(), dialled_digits, _no_fault)
    assert asked == []
    assert next(read)[1] == "9999900001"
    assert asked == [1]


def test_a_fault_shows_only_the_beginning_of_a_long_entry() -> None:
    ((_place, problem),) = _read(["x" * 5000])[1]
    assert len(problem) < 200


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(dialled, bad, st.text(max_size=12)), max_size=20), st.sampled_from([None, "IN"]))
def test_every_entry_is_a_number_or_a_fault(entries: List[str], region: Optional[str]) -> None:
    canonicalise = reader(region)
    read, faults = _read(entries, canonicalise)
    places = [entry.place for entry, _canonical in read]
    faulty = [place for place, _problem in faults]
    assert (places, faulty) == (sorted(places), sorted(faulty))
    assert sorted(places + faulty) == list(range(1, len(entries) + 1))
    for entry, canonical in read:
        assert entry.given == entries[entry.place - 1]
        assert canonical == canonicalise(dialled_digits(entry.given))
    for place in faulty:
        with pytest.raises(ValueError):
            dialled_digits(entries[place - 1])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (271174584, "271174584 is a whole number to YAML"),
        (919999900003, "919999900003 is a whole number to YAML"),
        (0, "0 is a whole number to YAML"),
        (9999900001.0, "9999900001.0 is a decimal number to YAML"),
        (True, "True is true or false, not a number"),
        (False, "False is true or false, not a number"),
        (None, "the entry is null; fill in a number"),
        (["9999900001"], "the entry is a list; give one number per entry"),
        ({"number": "9999900001"}, "the entry is a mapping; give one number per entry"),
    ],
)
def test_d1_what_yaml_has_made_of_an_entry_without_quotes_is_a_fault(entry: Any, words: str) -> None:
    ((place, problem),) = _read([entry])[1]
    assert place == 1
    assert problem.startswith(words)


@pytest.mark.parametrize("entry", [5, 5.5])
def test_d1_a_number_without_quotes_is_told_what_to_do(entry: Any) -> None:
    with pytest.raises(ValueError, match=r"quote it .*, or use the filter 'string'"):
        entry_text(entry)
