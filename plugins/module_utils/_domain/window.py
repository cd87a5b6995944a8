# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which batches may be under way at once: only where it makes no difference which of them comes first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Callable, FrozenSet, Iterator, Sequence

from .contact import Contact, Opened
from .decide import Batch, Kind
from .lines import lines_of


@dataclass(frozen=True)
class UnderWay:
    """A batch that is being sent. ``wait`` waits for the end; what is known of the group by then is its argument."""

    batch: Batch
    wait: Callable[[Contact], Opened]

    @cached_property
    def lines(self) -> FrozenSet[str]:
        """The possible lines of its numbers."""
        return _lines_of(self.batch)


class Waiting:
    """The batches that were not started yet; the next one can be looked at."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self.next = next(batches, None)

    def take(self) -> Batch:
        """The next one, which is then no longer here."""
        taken, self.next = self.next, next(self._batches, None)
        if taken is None:
            raise LookupError("no batch is left")
        return taken


def is_open(kind: Kind, contact: Contact, given_id: bool) -> bool:
    """Whether the first contact with the group is made: it answered, or its id for removals is the user's business."""
    return contact.exists or (kind is Kind.REMOVE and given_id)


def may_start(
    batch: Batch, under_way: Sequence[UnderWay], contact: Contact, given_id: bool, size: int, several_ways: bool
) -> bool:
    """Whether a batch may be sent beside those that are under way, of which there are at most ``size``.

    Only once the first contact with the group is made, with others of its kind, and with none that may hold the same
    telephone: the answers would depend on which comes first. ``several_ways``: see Worklist.
    """
    if not under_way:
        return True
    if len(under_way) >= size or under_way[0].batch.kind is not batch.kind:
        return False
    if not is_open(batch.kind, contact, given_id):
        return False
    if not several_ways:
        return True
    lines = _lines_of(batch)
    return not any(lines & other.lines for other in under_way)


def _lines_of(batch: Batch) -> FrozenSet[str]:
    return lines_of(number.canonical for number in batch.numbers)
