# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of each number, and of all of them in sum."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property
from typing import Dict, FrozenSet, Iterable, Mapping, NamedTuple, Optional

from .numbers import Number


class Outcome(enum.Enum):
    """What became of one number.

    ``PRESENT`` and ``ABSENT``: it is in the group (not in it) now, and whether it was before is not known.
    """

    ADDED = "added"
    ALREADY_PRESENT = "already_present"
    PRESENT = "present"
    REMOVED = "removed"
    NOT_FOUND = "not_found"
    ABSENT = "absent"
    EXEMPT = "exempt"
    SHARED = "shared"
    REJECTED = "rejected"
    UNCONFIRMED = "unconfirmed"
    NOT_SENT = "not_sent"


IN_GROUP = frozenset({Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.PRESENT})
"""After these the number is in the group."""

NOT_IN_GROUP = frozenset({Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT})
"""After these the number is not in the group."""

FAILED = frozenset({Outcome.REJECTED, Outcome.NOT_SENT})
"""With any of these the task fails."""

COUNTED_MORE = "the server counted more rows than are on record"
"""So begins the reason of a number that was sent to be removed, where other rows may be gone, too."""


@dataclass(frozen=True)
class Before:
    """What was known of a batch's numbers before it was sent.

    ``recorded``: the recorded outcome by canonical number. ``on_record``: the group itself is on record, so that a
    number that is not recorded as in it counts as not in it. ``new_group``: this run has made the group, so that this
    run has put there whatever is in it. ``renews``: what is recorded is sent with another expiry. ``ended``: the
    group's expiry on record has passed and no other is sent, so that what is added may not stay. ``contested``:
    canonical numbers that were in the group until another group was given them.
    """

    recorded: Mapping[str, Outcome] = field(default_factory=dict)
    on_record: bool = False
    new_group: bool = False
    renews: bool = False
    ended: bool = False
    contested: FrozenSet[str] = frozenset()

    @cached_property
    def held(self) -> FrozenSet[str]:
        """The canonical numbers that are recorded as being in the group."""
        return frozenset(canonical for canonical, outcome in self.recorded.items() if outcome in IN_GROUP)

    @cached_property
    def unclear(self) -> FrozenSet[str]:
        """The canonical numbers of which the record does not tell whether they are in the group."""
        return frozenset(canonical for canonical, outcome in self.recorded.items() if outcome is Outcome.UNCONFIRMED)

    @cached_property
    def absent(self) -> FrozenSet[str]:
        """The canonical numbers that are recorded as not being in the group."""
        return frozenset(canonical for canonical, outcome in self.recorded.items() if outcome in NOT_IN_GROUP)


class Source(enum.Enum):
    """What a statement about `changed` rests on, strongest first."""

    SERVER = "server"
    LEDGER = "ledger"
    ASSUMED = "assumed"


class NumberResult(NamedTuple):
    """The outcome of one number, why, and in which batch (counted from 1; None if it was in no request).

    ``may_be_ours``: it is unconfirmed, and this run may have put it into the group.
    """

    number: Number
    outcome: Outcome
    reason: str = ""
    batch: Optional[int] = None
    may_be_ours: bool = False


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
    seen = set(evidence)
    changes = sorted(strength.index(item.source) for item in seen if item.changed)
    if changes:
        return Evidence(True, strength[changes[0]])
    if not seen:
        return Evidence(False, nothing_sent)
    return Evidence(False, strength[max(strength.index(item.source) for item in seen)])


def by_name(counts: Mapping[Outcome, int]) -> Dict[str, int]:
    """How many numbers have each outcome; every outcome is named."""
    return {outcome.value: counts.get(outcome, 0) for outcome in Outcome}
