# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time a task may spend waiting for the server's limits, shared by everything in the task that waits."""

from __future__ import annotations

from .protocols import Clock


class WaitingBudget:
    """Waits no longer than ``limit`` seconds in all (the option rate_limit_wait)."""

    def __init__(self, limit: float, clock: Clock) -> None:
        self._left = limit
        self._clock = clock
        self.spent = 0.0

    def wait(self, seconds: float) -> bool:
        """Waits if that still fits; says whether it did. What does not fit is not waited for at all."""
        if seconds > self._left:
            return False
        self._clock.sleep(seconds)
        self._left -= seconds
        self.spent += seconds
        return True
