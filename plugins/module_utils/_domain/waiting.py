# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for the server's limits: how long a task may do so, and the pace at which an account need not be waited for.

The public reference names no figure for block numbers (contract G4), so the pace is measured.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Deque, Optional

from .habits import Limit
from .protocols import MOST_AT_ONCE, Clock

WEEK = 7 * 86400.0
"""After so many seconds a pace is measured again: the limit may be another one, or something else shared it then."""
SLOWEST = 60.0
"""Seconds for a request: a pace below that is not believed. The slowest sibling call takes two requests a minute."""
_ALIKE = 0.75


def still_holds(found_at: float, clock: Clock) -> bool:
    """Whether what was found of an account's limits (seconds since the epoch, UTC) is not too old."""
    return 0 <= clock.now() - found_at < WEEK


class WaitingBudget:
    """Waits no longer than ``limit`` seconds in all (the option rate_limit_wait)."""

    def __init__(self, limit: float, clock: Clock) -> None:
        self._left = limit
        self._clock = clock
        self.ended = -math.inf
        """When the last wait has ended (steady)."""
        self.spent = 0.0

    def wait(self, seconds: float) -> bool:
        """Waits if that still fits; says whether it did. What does not fit is not waited for at all."""
        return self.wait_until(self._clock.steady() + seconds)

    def wait_until(self, due: float) -> bool:
        """The same until a time (steady), which may have passed while another one was waited for."""
        seconds = due - self._clock.steady()
        if seconds <= 0:
            return True
        if seconds > self._left:
            return False
        self._clock.sleep(seconds)
        self.ended = self._clock.steady()
        self._left -= seconds
        self.spent += seconds
        return True


class Pace:
    """Lets requests go at the pace that an account was found to bear; ``known``: what an earlier run has measured.

    It is measured from the end of one wait for the limit to that of the next: how many requests were answered in that
    time. The first wait tells nothing, since nobody knows what was sent before this task; and what one such time tells
    may be chance, so that two in a row must agree. All times within a run are steady.
    """

    def __init__(self, known: Optional[Limit], clock: Clock) -> None:
        self._clock = clock
        self._sent: Deque[float] = deque()
        self._waited_until = self._resumed_after = -math.inf
        self._resumed_at: Optional[float] = None
        self._answered = 0
        self._seen: Optional[Limit] = None
        holds = known is not None and still_holds(known.measured_at, clock) and _is_likely(known)
        self.limit = known if holds else None

    def before(self) -> float:
        """To be called before each request: waits until it may go, and gives the time."""
        limit = self.limit
        if limit is None:
            if len(self._sent) >= MOST_AT_ONCE:
                self._sent.popleft()
        else:
            self._wait_for_room(limit)
        now = self._clock.steady()
        self._sent.append(now)
        return now

    def waited(self, until: float) -> None:
        """To be called when a refused request was waited for, which may be by the wait of another one."""
        self._waited_until = until

    def answered(self, sent_at: float) -> None:
        """To be called after each answer that no limit refuses. ``sent_at``: as given by ``before``.

        Of several requests at once some are answered late: only one that was sent after the wait shows that it is over.
        """
        if sent_at >= self._waited_until > self._resumed_after:
            self._resumed_after = self._waited_until
            self._measure()
        self._answered += 1

    def _wait_for_room(self, limit: Limit) -> None:
        while self._sent and self._sent[0] <= self._clock.steady() - limit.seconds:
            self._sent.popleft()
        if len(self._sent) >= limit.requests:
            self._clock.sleep(max(0.0, self._sent[-limit.requests] + limit.seconds - self._clock.steady()))

    def _measure(self) -> None:
        now = self._clock.steady()
        if self._resumed_at is not None and self._answered:
            before, seen = self._seen, Limit(self._answered, max(1.0, now - self._resumed_at), self._clock.now())
            if before is not None and _are_alike(before, seen) and _is_likely(seen):
                self.limit = seen
                self._sent = deque(at for at in self._sent if at >= self._resumed_after)
            self._seen = seen
        self._resumed_at, self._answered = now, 0


def _are_alike(one: Limit, other: Limit) -> bool:
    ratio = one.requests * other.seconds / (other.requests * one.seconds)
    return _ALIKE <= ratio <= 1 / _ALIKE


def _is_likely(limit: Limit) -> bool:
    return limit.seconds <= SLOWEST * limit.requests
