# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run has done, as far as it does not stand in the worklist."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import List, Optional, Set, Tuple

from .calls import Answer
from .errors import CloudAgentError, UnexpectedError
from .outcome import Evidence, Outcome
from .plan import AttributeChange


@dataclass
class Applied:
    """What was done, kept as it is done. ``error`` is what stopped the run before its end, if anything did.

    The outcomes stand in the worklist; ``counts`` tells how many of those that were sent have which. ``inserted``,
    ``deleted``: what the server counted, None where it never gave a count. ``created``: None is: perhaps. ``changes``:
    what changed besides numbers. ``renewed``: a number is in the group that was sent with another expiry.
    ``unknown``: the server knew no group to remove from. ``unrecorded``: how many results could not be written to the
    ledger; ``unkept``: to the worklist.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    evidence: Set[Evidence] = field(default_factory=set)
    inserted: Optional[int] = None
    deleted: Optional[int] = None
    group_id: Optional[int] = None
    created: Optional[bool] = False
    changes: Tuple[AttributeChange, ...] = ()
    renewed: bool = False
    unknown: bool = False
    unrecorded: int = 0
    unkept: int = 0
    warnings: List[str] = field(default_factory=list)
    error: Optional[CloudAgentError] = None

    def add_counts(self, answer: Answer) -> None:
        """Takes what the server has counted."""
        self.inserted = _sum(self.inserted, answer.inserted)
        self.deleted = _sum(self.deleted, answer.deleted)

    def stop(self, error: Exception) -> None:
        """Takes an error that ends the run; the first one is told."""
        self.error = self.error or (error if isinstance(error, CloudAgentError) else UnexpectedError(error))


def _sum(total: Optional[int], counted: Optional[int]) -> Optional[int]:
    return total if counted is None else (total or 0) + counted
