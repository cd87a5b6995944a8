# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for the server's limits: how long a task may do so, and the pace at which an account need not be waited for.

The public reference names no figure for block numbers (contract G4), so the pace is measured.
"""

from __future__ import annotations

from collections import deque
from typing import Deque, Optional

from .habits import Limit
from .protocols import MOST_AT_ONCE, Clock

WEEK = 7 * 86400.0
"""After so many seconds a pace is measured anew: the limit may be another one, or something else shared it then."""


class WaitingBudget:
    """Waits no longer than ``limit`` seconds in all (the option rate_limit_wait)."""

    def __init__(self, limit: float, clock: Clock) -> None:
        self._left = limit
        self._clock = clock
        self.ended = -1.0
        """When the last wait has ended (seconds since the epoch)."""
        self.spent = 0.0

    def wait(self, seconds: float, since: Optional[float] = None) -> bool:
        """Waits if that still fits; says whether it did. What does not fit is not waited for at all.

        ``since``: when the request was sent that was refused; where a wait has ended after that it was for this one,
        too, since a limit is for all requests of an account.
        """
        if since is not None and since < self.ended:
            return True
        if seconds > self._left:
            return False
        self._clock.sleep(seconds)
        self.ended = self._clock.now()
        self._left -= seconds
        self.spent += seconds
        return True


class Pace:
    """Lets requests go at the pace that an account was found to bear; ``known``: what an earlier run has measured.

    It is measured from the end of one wait for the limit to that of the next: how many requests were answered in that
    time. The first wait tells nothing, since nobody knows what was sent before this task.
    """

    def __init__(self, known: Optional[Limit], clock: Clock) -> None:
        self._clock = clock
        self._sent: Deque[float] = deque()
        self._waited_until = self._resumed_after = -1.0
        self._resumed_at: Optional[float] = None
        self._answered = 0
        self.limit = known if known is not None and 0 <= clock.now() - known.measured_at < WEEK else None

    def before(self) -> float:
        """To be called before each request: waits until it may go, and gives the time."""
        limit = self.limit
        if limit is None:
            if len(self._sent) >= MOST_AT_ONCE:
                self._sent.popleft()
        else:
            self._wait_for_room(limit)
        now = self._clock.now()
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
        while self._sent and self._sent[0] <= self._clock.now() - limit.seconds:
            self._sent.popleft()
        if len(self._sent) >= limit.requests:
            self._clock.sleep(max(0.0, self._sent[-limit.requests] + limit.seconds - self._clock.now()))

    def _measure(self) -> None:
        now = self._clock.now()
        if self._resumed_at is not None and self._answered:
            self.limit = Limit(self._answered, max(1.0, now - self._resumed_at), now)
            self._sent = deque(at for at in self._sent if at >= self._resumed_after)
        self._resumed_at, self._answered = now, 0
