# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stops a run between two batches, before it does harm."""

from __future__ import annotations

from typing import Mapping, Optional

from .decide import Batch, Why, Wish
from .errors import CloudAgentError, NothingAccepted
from .outcome import IN_GROUP, Outcome
from .protocols import Worklist

REFUSED_BATCHES, REFUSED_NUMBERS = 2, 100
"""After so many batches with so many numbers in all, of which the server has accepted none, the run stops."""


def nothing_accepted(batch: Batch, counts: Mapping[Outcome, int]) -> Optional[CloudAgentError]:
    """The error of a list of which the server takes nothing. ``counts``: of the batches up to this one."""
    refused = counts.get(Outcome.REJECTED, 0)
    if batch.ordinal < REFUSED_BATCHES or refused < REFUSED_NUMBERS or refused < sum(counts.values()):
        return None
    return NothingAccepted(
        f"The server refused each of the first {refused} numbers and accepted none: the run was stopped."
        " Check that the list holds telephone numbers of the country that the account is in, and default_region."
    )


def emptied_by_purge(following: Batch, wish: Wish, worklist: Worklist) -> Optional[CloudAgentError]:
    """The error of a purge in a group in which no listed number is for certain: it would empty the group."""
    if following.why is not Why.NOT_LISTED or wish.allow_empty:
        return None
    if any(worklist.counts()[outcome] for outcome in IN_GROUP):
        return None
    return CloudAgentError(
        "purge: none of the listed numbers is in the group for certain, so that the purge may empty it; nothing was"
        " removed. Correct the listed numbers, or set allow_empty."
    )
