# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done with a number: what is wished for, held against what is recorded. No clock, no requests."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import FrozenSet, Mapping, Optional, Tuple, Union

from .numbers import Number
from .outcome import IN_GROUP, NOT_IN_GROUP, Outcome


class State(enum.Enum):
    """What is wanted of the listed numbers."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True)
class Wish:
    """What the playbook says of one group besides its numbers. Most names are those of the module's options.

    ``expiry`` in the server's time; ``sets_new_expiry``: it was computed for this run and not given or kept.
    ``exempt``: every canonical number that may be the same line as one of exempt_numbers (see lines.spellings).
    """

    state: State
    name: str
    description: Optional[str] = None
    expiry: Optional[str] = None
    sets_new_expiry: bool = False
    exempt: FrozenSet[str] = frozenset()
    refresh: bool = True
    purge: bool = False
    allow_empty: bool = False
    remove_shared: bool = False
    max_removals: Optional[int] = None


@dataclass(frozen=True)
class RecordedNumber:
    """What the ledger holds of a number; one whose expiry has passed counts as unconfirmed.

    ``ours``: a list has named it and it is in the group since, or this collection may have put it there.
    ``recorded_at``: seconds since the epoch, UTC; 0 for one that is in the group. ``contested``: it was in the group,
    and is unconfirmed since another group was given it. ``fresh``: the server has confirmed it within refresh_after.
    """

    outcome: Outcome
    expiry: Optional[str] = None
    ours: bool = False
    recorded_at: float = 0.0
    contested: bool = False
    fresh: bool = False

    @property
    def in_group(self) -> bool:
        """Whether the number is in the group by the ledger."""
        return self.outcome in IN_GROUP

    @property
    def is_absent(self) -> bool:
        """Whether the number is not in the group by the ledger."""
        return not self.in_group and self.outcome is not Outcome.UNCONFIRMED


@dataclass(frozen=True)
class RecordedGroup:
    """What the ledger holds of a group. ``known``: it was seen on the server in an earlier run.

    ``span``: the expiry policy it was last sent with (see expiry.py), None where that is not on record. ``ended``:
    its expiry has passed. ``unsure``: its description and expiry may be others, since no update has carried them, or
    one that was to change them had no answer; ``expiry`` is then the earlier one. ``complete``: this collection has
    made the group, and all that its runs have done is on record, so that a number that is not recorded of it is not in
    it, as far as nobody else has added it.
    ``row_ended``: it may have ended with the date of one of its rows, which the server may take for the group's (U6).
    """

    known: bool = False
    group_id: Optional[int] = None
    description: Optional[str] = None
    expiry: Optional[str] = None
    span: Optional[int] = None
    ended: bool = False
    unsure: bool = False
    complete: bool = False
    row_ended: bool = False


class Kind(enum.Enum):
    """What is done with a number."""

    ADD = "add"
    REMOVE = "remove"


class Why(enum.Enum):
    """Why a number is sent, in words for reports."""

    NOTHING_RECORDED = "nothing is recorded of the group"
    NEW = "not recorded as present"
    UNSURE = "it may be in the group already"
    REFRESH = "sent again to repair changes made elsewhere (refresh)"
    EXPIRY = "the expiry changes"
    DESCRIPTION = "the description changes"
    GROUP_WAS_GONE = "recorded as present, but the group was gone"
    LISTED = "listed for removal"
    NOT_LISTED = "no longer listed (purge)"


@dataclass(frozen=True)
class Work:
    """What is to be done with a number: why it is sent, with which expiry, and what was recorded of it.

    ``shared``: other groups hold a number too that is to be removed, and the server may remove it there.
    """

    kind: Kind
    why: Why
    expiry: Optional[str] = None
    recorded: Optional[RecordedNumber] = None
    shared: bool = False


@dataclass(frozen=True)
class Settled:
    """What became of a number without a request, and why."""

    outcome: Outcome
    reason: str


Decision = Union[Work, Settled]
"""A number is sent, or it is settled without a request."""

STAYS = Settled(Outcome.ALREADY_PRESENT, "recorded as present")
UNTOLD = Settled(Outcome.UNCONFIRMED, "it may have been sent; what became of it could not be kept")
EXEMPT = Settled(Outcome.EXEMPT, "named in exempt_numbers")


@dataclass(frozen=True)
class Batch:
    """The numbers of one request: of one kind, with one expiry, sent for one reason.

    ``recorded``: what was recorded of each, by canonical number. ``shared``: those that other groups hold too.
    """

    kind: Kind
    why: Why
    expiry: Optional[str]
    numbers: Tuple[Number, ...]
    ordinal: int
    recorded: Mapping[str, RecordedNumber]
    shared: FrozenSet[str] = frozenset()


def decide(recorded: Optional[RecordedNumber], expiry: Optional[str], wish: Wish, group: RecordedGroup) -> Decision:
    """What is to be done with a listed number. ``recorded``: what the ledger holds of it; ``expiry``: to have."""
    if wish.state is State.ABSENT:
        if recorded is not None and recorded.outcome in NOT_IN_GROUP and (recorded.fresh or not wish.refresh):
            return Settled(Outcome.NOT_FOUND, "recorded as removed")
        return Work(Kind.REMOVE, Why.LISTED, recorded=recorded)
    why = _why_to_add(recorded, expiry, wish, group)
    return STAYS if why is None else Work(Kind.ADD, why, expiry, recorded)


def _why_to_add(
    recorded: Optional[RecordedNumber], expiry: Optional[str], wish: Wish, group: RecordedGroup
) -> Optional[Why]:
    if recorded is not None and recorded.outcome is Outcome.UNCONFIRMED:
        return Why.UNSURE  # not with those that are new: a counter could not tell which is which
    if recorded is None or not recorded.in_group:
        return Why.NEW if group.known or recorded is not None else Why.NOTHING_RECORDED
    if expiry is not None and expiry != recorded.expiry:
        return Why.EXPIRY
    return Why.REFRESH if wish.refresh and not recorded.fresh else None


def decide_shared(removal: Work, others: Tuple[str, ...], remove_shared: bool) -> Decision:
    """What is to be done with a removal whose number other groups hold too, in whatever spelling.

    The server may remove it there (contract X3). ``others``: the names of those groups.
    """
    if remove_shared or not others:
        return replace(removal, shared=bool(others))
    why = f"also in the group {', '.join(others)}; the server may remove it there too (remove_shared)"
    return Settled(Outcome.SHARED, why)
