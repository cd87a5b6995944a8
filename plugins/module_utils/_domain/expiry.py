# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expiry: dates as the API takes them, spans, and the policy that sets a date once and renews it in time.

The API takes "YYYY-MM-DD HH:MM:SS" without a zone (contract C1); which zone the server means is not documented (N4).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DATE_FORM = "%Y-%m-%d %H:%M:%S"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})")
_SPAN = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LONGEST_SPAN = 100 * 366 * 86400
# The time zone that is furthest behind: what is past there is past everywhere.
_LAST_ZONE = timezone(timedelta(hours=-12))


def read_date(text: str) -> str:
    """Gives a date in the form of the API; raises ValueError that says what is wrong.

    A T between day and time is taken too: ansible-core makes one of a date that is not quoted in YAML.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not in the form YYYY-MM-DD HH:MM:SS")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date in the calendar") from None
    return f"{match.group(1)} {match.group(2)}"


def is_past_everywhere(date: str, now: float) -> bool:
    """Whether a date is past in every time zone. ``now``: seconds since the epoch, UTC."""
    return datetime.fromisoformat(date).replace(tzinfo=_LAST_ZONE).timestamp() <= now


def read_span(text: str) -> int:
    """Seconds of a span such as 90d (m, h, d, w); raises ValueError."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a span: give a whole number of at least 1 and m, h, d or w, such as 90d")
    seconds = int(match.group(1)) * _UNITS[match.group(2)]
    if seconds > _LONGEST_SPAN:
        raise ValueError(f"{text!r} is longer than 100 years")
    return seconds


def read_zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a time zone that this machine knows; give an IANA name such as Asia/Kolkata"
            " (the Python library tzdata brings them where the system has none)"
        ) from None


@functools.lru_cache(maxsize=4096)  # the numbers of a group share few dates
def instant(date: str, zone: ZoneInfo) -> float:
    """Seconds since the epoch (UTC) of a date in the server's zone."""
    return datetime.fromisoformat(date).replace(tzinfo=zone).timestamp()


@dataclass(frozen=True)
class ExpiryPolicy:
    """When a block is to end: at a date, or a span from now that is set once and renewed in time, or nothing is said.

    ``span`` and ``renew_before`` in seconds; ``zone`` is the one in which the server reads dates.
    """

    zone: ZoneInfo
    date: Optional[str] = None
    span: Optional[int] = None
    renew_before: int = 0

    @property
    def recorded_span(self) -> Optional[int]:
        """What is recorded of the policy: its span, FIXED for a date, None where nothing is said."""
        return self.span if self.span is not None else FIXED if self.date is not None else None

    def expiry(self, recorded: Optional[str], recorded_span: Optional[int], now: float) -> Optional[str]:
        """The expiry to have, in the server's time.

        With a span the recorded one is kept while more than ``renew_before`` of it is left; under another policy it is
        set again. ``recorded_span`` is None where the record does not say under which policy it was set.
        """
        if self.span is None:
            return self.date
        same_policy = recorded_span in (None, self.span)
        if recorded is not None and same_policy and instant(recorded, self.zone) - now > self.renew_before:
            return recorded
        return _date_in(self.span, now, self.zone)


FIXED = 0
"""Recorded in the place of a span where the expiry is a fixed date."""


def _date_in(span: float, now: float, zone: ZoneInfo) -> str:
    date = datetime.fromtimestamp(now + span, zone)
    if date.fold:  # an hour that comes twice: written without a zone it would be read as the first, an hour too soon
        date = datetime.fromtimestamp(now + span + 3600, zone)
    return date.strftime(DATE_FORM)


def utc_text(seconds: float) -> str:
    """A time for people and results: ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
