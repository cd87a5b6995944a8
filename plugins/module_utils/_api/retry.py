# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a failed call is made again: the table of the design as data, and the pure functions that read it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Optional

from .._domain.calls import Call
from .._domain.errors import Failure

MAX_TRIES = 4
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0


class Action(enum.Enum):
    """What follows a failure."""

    STOP = "stop"
    AGAIN = "again"
    RENEW = "with another token, once"
    WAIT = "wait within rate_limit_wait"


# Create is never repeated after it may have been done: update tells whether it landed. Generate is never repeated once
# it was sent: it may have counted and may have revoked (contract T3). The campaign status changes nothing (N5), and is
# only asked for to see how the account answers: a limit is an answer to that.
TABLE = {
    Call.GENERATE: {Failure.NEVER_SENT: Action.AGAIN},
    Call.CREATE: {
        Failure.NEVER_SENT: Action.AGAIN,
        Failure.TOKEN_REFUSED: Action.RENEW,
        Failure.RATE_LIMITED: Action.WAIT,
    },
    Call.UPDATE: {
        Failure.NEVER_SENT: Action.AGAIN,
        Failure.NO_ANSWER: Action.AGAIN,
        Failure.TOKEN_REFUSED: Action.RENEW,
        Failure.RATE_LIMITED: Action.WAIT,
        Failure.SERVER_FAULT: Action.AGAIN,
    },
    Call.CAMPAIGN_STATUS: {
        Failure.NEVER_SENT: Action.AGAIN,
        Failure.NO_ANSWER: Action.AGAIN,
        Failure.TOKEN_REFUSED: Action.RENEW,
        Failure.SERVER_FAULT: Action.AGAIN,
    },
}
TABLE[Call.DELETE] = TABLE[Call.UPDATE]


@dataclass(frozen=True)
class Attempts:
    """What was tried of one request: how often, how often it waited for a limit, whether the token was replaced."""

    made: int = 1
    waits: int = 0
    renewed: bool = False


@dataclass(frozen=True)
class Reaction:
    """What to do about a failure, after ``pause`` seconds."""

    action: Action
    pause: float = 0.0


def reaction(call: Call, failure: Failure, attempts: Attempts, retry_after: Optional[float] = None) -> Reaction:
    """Reads the table. ``retry_after``: seconds the server asked to wait, if it did."""
    action = TABLE[call].get(failure, Action.STOP)
    if action is Action.AGAIN:
        if attempts.made >= MAX_TRIES:
            return Reaction(Action.STOP)
        return Reaction(action, min(LONGEST_PAUSE, 0.5 * 2.0 ** (attempts.made - 1)))
    if action is Action.RENEW and attempts.renewed:
        return Reaction(Action.STOP)
    if action is Action.WAIT:
        own = min(LONGEST_PAUSE, 2.0 ** min(attempts.waits, 6))
        return Reaction(action, own if retry_after is None else max(1.0, retry_after))
    return Reaction(action)


def parse_retry_after(value: Optional[str], now: float) -> Optional[float]:
    """Seconds to wait by a Retry-After header (RFC 9110: seconds or a date), clamped to an hour; None if unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER)
    date = parse_date(text)
    return None if date is None else min(max(0.0, date - now), LONGEST_RETRY_AFTER)


def parse_date(text: Optional[str]) -> Optional[float]:
    """Seconds since the epoch by a date of HTTP (RFC 9110, 5.6.7); None if unreadable, or there is none."""
    try:
        date = parsedate_to_datetime(text or "")
        return (date if date.tzinfo is not None else date.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
