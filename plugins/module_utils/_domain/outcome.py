# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of each number, and of all of them in sum."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass
from typing import Dict, Iterable, Optional

from .numbers import Number


class Outcome(enum.Enum):
    """What became of one number."""

    ADDED = "added"
    ALREADY_PRESENT = "already_present"
    REMOVED = "removed"
    NOT_FOUND = "not_found"
    EXEMPT = "exempt"
    SHARED = "shared"
    REJECTED = "rejected"
    UNCONFIRMED = "unconfirmed"
    NOT_SENT = "not_sent"


PRESENT_OUTCOMES = frozenset({Outcome.ADDED, Outcome.ALREADY_PRESENT})
"""After these the number is in the group."""

FAILED_OUTCOMES = frozenset({Outcome.REJECTED, Outcome.NOT_SENT})
"""With any of these the task fails."""


class Source(enum.Enum):
    """What a statement about `changed` rests on, strongest first."""

    SERVER = "server"
    LEDGER = "ledger"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class NumberResult:
    """The outcome of one number, why, and in which batch (counted from 1; None if it was in no request)."""

    number: Number
    outcome: Outcome
    reason: str = ""
    batch: Optional[int] = None


@dataclass(frozen=True)
class Evidence:
    """Whether something changed, and how that is known."""

    changed: bool
    source: Source


def overall(evidence: Iterable[Evidence], nothing_sent: Source) -> Evidence:
    """Sums up: changed by the strongest source that says so; unchanged only as surely as the weakest source says so.

    ``nothing_sent``: the source where there is no evidence at all.
    """
    strength = list(Source)
    seen = list(evidence)
    changes = sorted((strength.index(item.source) for item in seen if item.changed))
    if changes:
        return Evidence(True, strength[changes[0]])
    if not seen:
        return Evidence(False, nothing_sent)
    return Evidence(False, strength[max(strength.index(item.source) for item in seen)])


def count(results: Iterable[NumberResult], surplus: Dict[Outcome, int]) -> Dict[str, int]:
    """How many numbers have each outcome.

    ``surplus``: where the server counted fewer new (or removed) numbers in a batch than it named, without telling
    which: so many of the outcome were already there (or not there).
    """
    counts = Counter(result.outcome for result in results)
    for outcome, number in surplus.items():
        counts[outcome] -= number
        counts[OPPOSITE[outcome]] += number
    return {outcome.value: counts[outcome] for outcome in Outcome}


OPPOSITE = {Outcome.ADDED: Outcome.ALREADY_PRESENT, Outcome.REMOVED: Outcome.NOT_FOUND}
"""What a number is that was thought to be changed by a request and was not."""
