# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads block_numbers into the run's worklist, and exempt_numbers into a set; every fault is counted."""

from __future__ import annotations

import itertools
from typing import Any, Callable, FrozenSet, Iterable, Iterator, Optional, Sequence

from .._domain.lines import spellings
from .._domain.numbers import Canonicalise, Entry, read_entries
from .._state.listed import PART
from .._state.worklist import Worklist
from .options import Faults


def entries_of(values: Optional[Sequence[Any]]) -> Iterator[Entry]:
    """The entries of an option that is a list."""
    return (Entry(place, value) for place, value in enumerate(values or (), start=1))


def read_exempt(values: Optional[Sequence[Any]], canonicalise: Canonicalise, faults: Faults) -> FrozenSet[str]:
    """Every canonical number that may be the same line as one of exempt_numbers."""
    read = read_entries(entries_of(values), canonicalise, _fault_of("exempt_numbers, entry {}", faults))
    return frozenset().union(*(spellings(canonical) for _entry, canonical in read))


def read_lists(values: Optional[Sequence[Any]], canonicalise: Canonicalise, faults: Faults) -> Worklist:
    """The worklist of the entries of block_numbers."""
    worklist = Worklist(lambda position: f"block_numbers, entry {position}")
    _fill(worklist, entries_of(values), canonicalise, _fault_of("block_numbers, entry {}", faults))
    worklist.complete()
    for where, first in worklist.contradictions():
        faults.add(where, f"is the same number as {first}, with another expiry; keep one of the two")
    return worklist


def _fault_of(where: str, faults: Faults) -> Callable[[int, str], None]:
    return lambda place, problem: faults.add(where.format(place), problem)


def _fill(
    worklist: Worklist,
    entries: Iterable[Entry],
    canonicalise: Canonicalise,
    fault: Callable[[int, str], None],
    after: int = 0,
) -> None:
    """``after``: the position that the places of these entries follow."""
    read = read_entries(entries, canonicalise, fault)
    while part := list(itertools.islice(read, PART)):
        worklist.add(
            [(after + entry.place, canonical) for entry, canonical in part],
            [
                (after + entry.place, None if entry.given == canonical else entry.given, entry.expiry, entry.note)
                for entry, canonical in part
                if entry.given != canonical or entry.expiry is not None or entry.note is not None
            ],
        )
