# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expiry: dates, spans, zones, and a policy that sets a date once and renews it in time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Optional
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.expiry import (
    FIXED,
    ExpiryPolicy,
    instant,
    is_past_everywhere,
    read_date,
    read_span,
    read_zone,
    utc_text,
)

INDIA = read_zone("Asia/Kolkata")


def _by_span(recorded: Optional[str], now: float, span: int, renew_before: int, zone: ZoneInfo) -> str:
    """The expiry by a span that is on record as the policy."""
    date = ExpiryPolicy(zone, span=span, renew_before=renew_before).expiry(recorded, span, now)
    assert date is not None
    return date


NOW = datetime(2027, 1, 15, 12, 0, 0, tzinfo=timezone.utc).timestamp()
DAY = 86400
ZONES = ["Asia/Kolkata", "UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Kiritimati"]

moments = st.floats(1_500_000_000.0, 4_000_000_000.0)
spans = st.integers(60, 100 * 366 * DAY)


@pytest.mark.parametrize("text", ["2099-12-31 23:59:59", "2099-12-31T23:59:59"])
def test_a_date_is_read_with_a_blank_or_a_t(text: str) -> None:
    assert read_date(text) == "2099-12-31 23:59:59"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2099-12-31",
        "2099-12-31 23:59",
        "31-12-2099 23:59:59",
        "2099-12-31 23:59:59Z",
        "2099-12-31 23:59:59+05:30",
        "2099-12-31  23:59:59",
        "2099-12-31 23:59:59\n",
        " 2099-12-31 23:59:59",
        "\u0968\u0966\u096f\u096f-12-31 23:59:59",
        "90d",
    ],
)
def test_another_form_of_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not in the form"):
        read_date(text)


@pytest.mark.parametrize(
    "text", ["2099-02-29 00:00:00", "2099-13-01 00:00:00", "2099-12-31 23:60:00", "0000-01-01 00:00:00"]
)
def test_a_date_that_the_calendar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a date in the calendar"):
        read_date(text)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=25) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True))
def test_any_text_is_a_date_that_reads_as_itself_or_a_value_error(text: str) -> None:
    try:
        date = read_date(text)
    except ValueError as problem:
        assert "is not" in str(problem)
    else:
        assert date == text.replace("T", " ")
        assert read_date(date) == date


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=12) | st.from_regex(r"[0-9]{1,7}[mhdwy]", fullmatch=True))
def test_any_text_is_a_span_of_a_minute_to_a_hundred_years_or_a_value_error(text: str) -> None:
    try:
        seconds = read_span(text)
    except ValueError as problem:
        assert str(problem).startswith(repr(text))
    else:
        assert 60 <= seconds <= 100 * 366 * DAY


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1m", 60), ("90m", 5400), ("12h", 43200), ("90d", 90 * DAY), ("2w", 14 * DAY), ("36600d", 36600 * DAY)],
)
def test_a_span_is_read_in_seconds(text: str, seconds: int) -> None:
    assert read_span(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "90", "d", "0d", "-1d", "1.5d", "90D", "90 d", "1y", "90s", "007d", "90d\n", "\u096f\u0966d"]
)
def test_another_form_of_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a span"):
        read_span(text)


@pytest.mark.parametrize("text", ["36601d", "999999w"])
def test_a_span_of_more_than_a_hundred_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than 100 years"):
        read_span(text)


@pytest.mark.parametrize(
    "name", ["", "India", "Asia/Nowhere", "../../etc/passwd", "/etc/localtime", "Asia", "a\0b", "\ud800"]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        read_zone(name)


def test_a_date_is_an_instant_of_the_servers_zone() -> None:
    assert instant("2027-01-15 17:30:00", INDIA) == NOW
    assert instant("2027-01-15 12:00:00", read_zone("UTC")) == NOW


@pytest.mark.parametrize(
    ("date", "past"),
    [
        ("2027-01-14 23:59:59", True),
        ("2027-01-15 00:00:00", True),
        ("2027-01-15 00:00:01", False),
        ("2027-01-15 12:00:00", False),
        ("2027-01-16 00:00:00", False),
        ("0001-01-01 00:00:00", True),
        ("9999-12-31 23:59:59", False),
    ],
)
def test_a_date_is_past_only_when_it_is_past_in_the_last_zone(date: str, past: bool) -> None:
    assert is_past_everywhere(date, NOW) is past


@settings(deadline=None, max_examples=200)
@given(st.datetimes(datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30")), st.sampled_from(ZONES))
def test_what_is_past_everywhere_is_past_in_each_zone(date: datetime, zone: str) -> None:
    text = read_date(date.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0"))
    moment = instant(text, read_zone(zone))
    assert is_past_everywhere(text, moment + 27 * 3600)
    assert not is_past_everywhere(text, moment - 1)


def test_without_a_recorded_date_a_new_one_is_set_in_the_servers_time() -> None:
    assert _by_span(None, NOW, 90 * DAY, 0, INDIA) == "2027-04-15 17:30:00"


@pytest.mark.parametrize(
    ("recorded", "kept"),
    [
        ("2027-02-15 17:30:00", True),
        ("2027-01-22 17:30:01", True),
        ("2027-01-22 17:30:00", False),
        ("2027-01-15 17:30:01", False),
        ("2020-01-01 00:00:00", False),
    ],
)
def test_a_recorded_date_is_kept_until_less_than_renew_before_is_left(recorded: str, kept: bool) -> None:
    chosen = _by_span(recorded, NOW, 90 * DAY, 7 * DAY, INDIA)
    assert chosen == (recorded if kept else "2027-04-15 17:30:00")


@pytest.mark.parametrize(("recorded", "kept"), [("2027-01-15 17:30:01", True), ("2027-01-15 17:30:00", False)])
def test_without_renew_before_a_date_is_kept_until_it_has_come(recorded: str, kept: bool) -> None:
    assert (_by_span(recorded, NOW, DAY, 0, INDIA) == recorded) is kept


@settings(deadline=None, max_examples=200)
@given(moments, spans, st.data(), st.sampled_from(ZONES))
def test_a_second_run_keeps_the_date_and_no_date_is_past(now: float, span: int, data: st.DataObject, name: str) -> None:
    zone = read_zone(name)
    renew_before = data.draw(st.integers(0, span // 60 - 1)) * 60
    recorded = data.draw(st.none() | st.integers(-DAY, 2 * span).map(lambda s: _written(now + s, name)))
    date = _by_span(recorded, now, span, renew_before, zone)
    assert read_date(date) == date
    assert not is_past_everywhere(date, now)
    assert _by_span(date, now, span, renew_before, zone) == date


@settings(deadline=None, max_examples=200)
@given(moments, spans, st.sampled_from(ZONES))
# The clocks of New York go back at 06:00 UTC on 7 November 2027: 01:15 comes twice.
@example(datetime(2027, 11, 7, 5, 50, tzinfo=timezone.utc).timestamp(), 1500, "America/New_York")
def test_a_new_date_lies_ahead_in_the_servers_zone(now: float, span: int, name: str) -> None:
    zone = read_zone(name)
    date = _by_span(None, now, span, 0, zone)
    assert instant(date, zone) > now
    assert abs(instant(date, zone) - (now + span)) <= 3600


def _written(moment: float, zone: str) -> str:
    return (
        (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=int(moment)))
        .astimezone(read_zone(zone))
        .strftime("%Y-%m-%d %H:%M:%S")
    )


def test_a_new_date_has_no_fraction_and_no_zone() -> None:
    date = _by_span(None, NOW + 0.75, DAY, 0, INDIA)
    assert re.fullmatch(r"[0-9-]{10} [0-9:]{8}", date)
    assert date == "2027-01-16 17:30:00"


@pytest.mark.parametrize(
    ("recorded_span", "kept"), [(90 * DAY, True), (None, True), (30 * DAY, False), (91 * DAY, False), (FIXED, False)]
)
def test_a14_a_span_under_another_policy_is_set_anew(recorded_span: Optional[int], kept: bool) -> None:
    recorded = "2027-03-15 17:30:00"
    chosen = ExpiryPolicy(INDIA, span=90 * DAY).expiry(recorded, recorded_span, NOW)
    assert chosen == (recorded if kept else "2027-04-15 17:30:00")


@pytest.mark.parametrize("recorded", [None, "2027-03-15 17:30:00"])
def test_a_date_is_the_policy_whatever_is_recorded(recorded: Optional[str]) -> None:
    assert ExpiryPolicy(INDIA, date="2099-12-31 23:59:59").expiry(recorded, None, NOW) == "2099-12-31 23:59:59"
    assert ExpiryPolicy(INDIA).expiry(recorded, None, NOW) is None


def test_a_policy_is_recorded_as_its_span_or_as_fixed_or_not_at_all() -> None:
    assert ExpiryPolicy(INDIA, span=90 * DAY).recorded_span == 90 * DAY
    assert ExpiryPolicy(INDIA, date="2099-12-31 23:59:59").recorded_span == FIXED
    assert ExpiryPolicy(INDIA).recorded_span is None


def test_a_time_is_told_in_utc_to_the_second() -> None:
    assert utc_text(NOW + 0.75) == "2027-01-15T12:00:00Z"
