# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of a country: the short way gives what the library gives, and common forms do take it."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Callable, List, Tuple

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberDesc, PhoneNumberFormat, PhoneNumberType

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import MissingLibrary
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.regions import (
    in_region,
    library_version,
    long_way,
    short_way,
)

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = sorted(set(PhoneNumberType.values()) - {PhoneNumberType.UNKNOWN})
FORMATS = (
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.E164,
    PhoneNumberFormat.RFC3966,
)
TO_ANOTHER_COUNTRY = ("00", "011", "010", "0011", "009", "810", "119", "0014", "000")
WITHIN_A_COUNTRY = ("", "", "0", "1", "8", "06", "00", "180020", "0031", "015")

digits = st.text("0123456789", min_size=1, max_size=17)
short_way_of = lru_cache(maxsize=None)(short_way)
long_way_of = lru_cache(maxsize=None)(long_way)


@lru_cache(maxsize=None)
def examples(region: str) -> Tuple[PhoneNumber, ...]:
    """The library's example numbers of a region, one for each type it has there."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in TYPES)
    return tuple(number for number in found if number is not None)


def dialled(text: str) -> str:
    return "".join(c for c in text if c in "+0123456789")


def forms(number: PhoneNumber, region: str) -> List[str]:
    """The digits of a number in every form of the library's, and behind what may be dialled before it."""
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
    beginnings = [*WITHIN_A_COUNTRY, prefix, code, f"{prefix}{code}", f"{code}{prefix}", f"+{code}", f"+{code}{prefix}"]
    beginnings += [f"{abroad}{code}" for abroad in TO_ANOTHER_COUNTRY]
    formatted = [dialled(phonenumbers.format_number(number, form)) for form in FORMATS]
    return [*formatted, *(f"{beginning}{national}" for beginning in beginnings)]


@st.composite
def written(draw: st.DrawFn, region: str) -> str:
    """An example number of a region in some form, with digits added, dropped and replaced."""
    text = draw(st.sampled_from(forms(draw(st.sampled_from(examples(region))), region)))
    for _change in range(draw(st.integers(0, 2))):
        at, kept = draw(st.integers(0, len(text))), draw(st.integers(0, 1))
        text = text[:at] + draw(st.sampled_from(["", *"0123456789"])) + text[at + kept :]
    cut = draw(st.integers(0, len(text)))  # other digits behind it, half of the time
    return text[:cut] + draw(st.text("0123456789", min_size=len(text) - cut, max_size=len(text) - cut))


def same_both_ways(region: str, text: str) -> bool:
    """Whether the short way gives what the long one gives, or leaves it to that."""
    return short_way_of(region)(text) in (None, long_way_of(region)(text))


@settings(deadline=None, max_examples=500)
@given(st.data(), st.sampled_from(REGIONS))
def test_the_short_way_gives_what_the_library_gives_for_forms_of_example_numbers(
    data: st.DataObject, region: str
) -> None:
    text = data.draw(written(data.draw(st.sampled_from([region, "IN", "US"]))))
    assert same_both_ways(region, text)


@settings(deadline=None, max_examples=500)
@given(st.sampled_from(REGIONS), st.builds("{}{}".format, st.sampled_from(["", "+"]), digits))
def test_the_short_way_gives_what_the_library_gives_for_any_digits(region: str, text: str) -> None:
    assert same_both_ways(region, text)


@settings(deadline=None, max_examples=200)
@given(st.data(), st.sampled_from(REGIONS), st.sampled_from(["\n", " ", "-", "\u0967", "\uff11", "+", "x1", "a"]))
def test_the_short_way_leaves_all_but_a_plus_and_ascii_digits_alone(data: st.DataObject, region: str, odd: str) -> None:
    text = data.draw(written(region))
    at = data.draw(st.integers(1, len(text))) if text else 0
    assert short_way_of(region)(text[:at] + odd + text[at:]) is None


@pytest.mark.parametrize("region", REGIONS)
def test_the_short_way_gives_what_the_library_gives_in_every_region(region: str) -> None:
    texts = [text for number in examples(region) for text in forms(number, region)]
    assert [text for text in texts if not same_both_ways(region, text)] == []


@pytest.mark.parametrize("region", REGIONS)
def test_a_mobile_number_of_every_region_in_e164_takes_the_short_way(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is not None:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert short_way_of(region)(e164) == e164


@pytest.mark.parametrize(
    ("region", "forms_of_one", "e164"),
    [
        ("IN", ("9999900001", "09999900001", "919999900001", "+919999900001", "00919999900001"), "+919999900001"),
        ("IN", ("9199999000", "09199999000", "+919199999000"), "+919199999000"),
        ("US", ("2015550123", "12015550123", "+12015550123", "01112015550123"), "+12015550123"),
        ("CA", ("2045550123", "12045550123", "+12045550123"), "+12045550123"),
        ("GB", ("02079460018", "442079460018", "+442079460018", "00442079460018"), "+442079460018"),
        ("DE", ("03023125000", "+493023125000", "00493023125000"), "+493023125000"),
        ("FR", ("0199000001", "33199000001", "+33199000001", "0033199000001"), "+33199000001"),
        ("AE", ("0501234567", "971501234567", "+971501234567"), "+971501234567"),
        ("SG", ("81234567", "6581234567", "+6581234567"), "+6581234567"),
        ("AU", ("0491570006", "61491570006", "+61491570006", "001161491570006"), "+61491570006"),
        ("BR", ("11961234567", "011961234567", "+5511961234567"), "+5511961234567"),
        ("ES", ("612345678", "34612345678", "+34612345678"), "+34612345678"),
        ("IT", ("3123456789", "+393123456789", "0212345678"), ""),
        ("ZA", ("0711234567", "27711234567", "+27711234567"), "+27711234567"),
        ("IN", ("+12015550123", "+442079460018", "+6581234567", "+97150123456", "+80012345678"), ""),
    ],
)
def test_common_forms_take_the_short_way(region: str, forms_of_one: Tuple[str, ...], e164: str) -> None:
    for text in forms_of_one:
        short = short_way_of(region)(text)
        assert short == long_way_of(region)(text)
        assert not e164 or short == e164


@pytest.mark.parametrize(
    ("region", "text"),
    [
        ("IN", "100"),
        ("IN", "+9109999900001"),
        ("IN", "910999990001"),
        ("IN", "0009999900001"),
        ("IN", "+0009999900001"),
        ("IN", "+2109999900001"),
        ("IN", "99999000019999"),
        ("US", "5550123"),
        ("AG", "4601234"),
        ("AR", "011152345678"),
        ("IN", ""),
        ("IN", "+"),
        ("IN", "+1"),
    ],
)
def test_what_the_metadata_alone_does_not_decide_is_left_to_the_library(region: str, text: str) -> None:
    assert short_way_of(region)(text) is None


@pytest.mark.parametrize(
    ("region", "text", "expected"),
    [
        ("CX", "51581453", "+61851581453"),
        ("CC", "95505320", "+61895505320"),
        ("CX", "183130184", "183130184"),
        ("BQ", "59936355", "59936355"),
        ("TA", "29056", "29056"),
    ],
)
def test_whoever_shares_a_country_code_may_have_prefixes_and_lengths_of_its_own(
    region: str, text: str, expected: str
) -> None:
    assert short_way(region)(text) is None
    assert in_region(region)(text) == long_way(region)(text) == expected


def test_a_length_that_may_be_local_is_no_whole_number_in_any_edition_of_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    general = PhoneNumberDesc("[2489]\\d{6,7}", possible_length=(7, 8), possible_length_local_only=(7,))
    edition = PhoneMetadata(
        "UY", general, country_code=598, international_prefix="00", national_prefix_for_parsing="0", register=False
    )
    PhoneMetadata.metadata_for_region("UY", None)  # loads what is replaced
    monkeypatch.setitem(PhoneMetadata._region_metadata, "UY", edition)
    short, long = short_way("UY"), long_way("UY")
    assert [short(text) for text in ("08001234", "5989431234", "9431234", "+5989431234")] == [None] * 4
    assert short("94312345") == long("94312345") == "+59894312345"
    assert long("08001234") == "+59808001234"


def calls_of_parse(read: Callable[[str], str], text: str) -> int:
    calls = []

    def note(frame: object, event: str, argument: object) -> None:
        code = getattr(frame, "f_code", None)
        if event == "call" and code is phonenumbers.parse.__code__:
            calls.append(event)

    sys.setprofile(note)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return len(calls)


def test_the_library_is_asked_only_where_the_short_way_ends() -> None:
    read = in_region("IN")
    assert calls_of_parse(read, "+9109999900001") > 0
    assert [calls_of_parse(read, text) for text in ("9999900001", "+919999900001", "+12015550123")] == [0, 0, 0]


def test_without_the_library_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(MissingLibrary, match="phonenumbers is needed for the option default_region"):
        in_region("IN")


@pytest.mark.parametrize("region", ["in", "India", "", "XX", "001"])
def test_an_unknown_region_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match="is not a country; give its two capital letters of ISO 3166, such as IN"):
        in_region(region)


def test_the_version_of_the_library_is_told_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library_version() == phonenumbers.__version__
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert library_version() is None
