# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expiry: dates as the API takes them, spans, and the policy that sets a date once and renews it in time.

The API takes "YYYY-MM-DD HH:MM:SS" without a zone (contract C1); which zone the server means is not documented (N4).
"""

from __future__ import annotations

import re
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
        raise ValueError(f"{text!r} is not of the form YYYY-MM-DD HH:MM:SS")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date of the calendar") from None
    return f"{match.group(1)} {match.group(2)}"


def is_past_everywhere(date: str, now: float) -> bool:
    """Whether a date is past in every time zone. ``now``: seconds since the epoch, UTC."""
    return datetime.fromisoformat(date).replace(tzinfo=_LAST_ZONE).timestamp() <= now


def read_span(text: str) -> int:
    """Seconds of a span such as 90d (m, h, d, w); raises ValueError."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a span: give a whole number and m, h, d or w, such as 90d")
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


def instant(date: str, zone: ZoneInfo) -> float:
    """Seconds since the epoch (UTC) of a date in the server's zone."""
    return datetime.fromisoformat(date).replace(tzinfo=zone).timestamp()


def expiry_by_policy(recorded: Optional[str], now: float, span: float, renew_before: float, zone: ZoneInfo) -> str:
    """The expiry to have: the recorded one while more than ``renew_before`` seconds of it are left, else a new one
    ``span`` seconds from now, in the server's zone."""
    if recorded is not None and instant(recorded, zone) - now > renew_before:
        return recorded
    date = datetime.fromtimestamp(now + span, zone)
    if date.fold:  # an hour that comes twice: written without a zone it would be read as the first, an hour too soon
        date = datetime.fromtimestamp(now + span + 3600, zone)
    return date.strftime(DATE_FORM)
