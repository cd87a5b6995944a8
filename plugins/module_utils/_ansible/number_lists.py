# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads block_numbers and block_numbers_file into the worklist, exempt_numbers into a set; every fault is counted."""

from __future__ import annotations

import contextlib
import functools
import itertools
from typing import Any, Callable, FrozenSet, Iterable, Iterator, Optional, Sequence, Tuple

from .._domain.expiry import is_past_everywhere, read_date
from .._domain.lines import spellings
from .._domain.numbers import Entry, Number, Read, read_entries
from .._state.listed import PART
from .._state.worklist import Worklist
from .number_file import NumberFile
from .options import Faults


def entries_of(values: Optional[Sequence[Any]]) -> Iterator[Entry]:
    """The entries of an option that is a list."""
    return (Entry(place, value) for place, value in enumerate(values or (), start=1))


def read_listed(values: Sequence[Any], read: Read, faults: Faults) -> Tuple[Number, ...]:
    """The numbers of block_numbers, each as often as it stands there, for a task that only looks them up."""
    where = "block_numbers, entry {}"
    entries = read_entries(entries_of(values), read, _fault_of(where, faults))
    return tuple(Number(entry.given, canonical, where.format(entry.place)) for entry, canonical in entries)


def read_exempt(values: Optional[Sequence[Any]], read: Read, faults: Faults) -> FrozenSet[str]:
    """Every canonical number that may be the same line as one of exempt_numbers."""
    entries = read_entries(entries_of(values), read, _fault_of("exempt_numbers, entry {}", faults))
    return frozenset().union(*(spellings(canonical) for _entry, canonical in entries))


def read_lists(
    values: Optional[Sequence[Any]],
    file: Optional[NumberFile],
    read: Read,
    date: Optional[str],
    now: float,
    faults: Faults,
) -> Worklist:
    """The worklist of the entries of block_numbers, and of the rows of block_numbers_file after them.

    ``date``: what entries without an expiry of their own get, if that is known by now. ``now``: seconds since the
    epoch, UTC; a row whose expiry has passed is at fault.
    """
    after, shown = len(values or ()), "" if file is None else file.shown
    worklist = Worklist(
        lambda at: f"block_numbers, entry {at}" if at <= after else f"{shown}, line {at - after}",
        after if file is not None and file.note_column is not None else None,
    )
    with contextlib.ExitStack() as unless_read:
        unless_read.callback(worklist.close)
        _fill(worklist, entries_of(values), read, _fault_of("block_numbers, entry {}", faults))
        if file is not None:
            fault = _fault_of(f"{shown.replace('{', '{{').replace('}', '}}')}, line {{}}", faults)
            try:
                rows = _with_dates(file.entries(fault), now, read, fault) if file.expiry_column else file.entries(fault)
                _fill(worklist, rows, read, fault, after)
            except ValueError as problem:
                faults.add("block_numbers_file", str(problem))
        worklist.complete()
        for where, first in worklist.contradictions(date):
            faults.add(where, f"is the same number as {first}, with another expiry; keep one of the two")
        unless_read.pop_all()
    return worklist


def _with_dates(
    entries: Iterable[Entry], now: float, number: Read, fault: Callable[[int, str], None]
) -> Iterator[Entry]:
    """The same entries with their own expiry in the form of the API; one that has none that can be used is left out."""
    read = functools.lru_cache(maxsize=4096)(lambda text: _date(text, now))  # numbers share few dates
    for entry in entries:
        if entry.expiry is None:
            yield entry
            continue
        date, problem = read(entry.expiry)
        if not problem:
            yield entry._replace(expiry=date)
            continue
        fault(entry.place, problem)
        for _entry in read_entries((entry,), number, fault):  # its number may be at fault, too
            pass


def _date(text: str, now: float) -> Tuple[Optional[str], str]:
    """A date, and what is wrong with it."""
    try:
        date = read_date(text)
    except ValueError as problem:
        return None, f"expiry {problem}"
    return date, (
        f"expiry {date} has passed in every time zone; give a future date" if is_past_everywhere(date, now) else ""
    )


def _fault_of(where: str, faults: Faults) -> Callable[[int, str], None]:
    return lambda place, problem: faults.add(where.format(place), problem)


def _fill(
    worklist: Worklist,
    entries: Iterable[Entry],
    read: Read,
    fault: Callable[[int, str], None],
    after: int = 0,
) -> None:
    """``after``: the position that the places of these entries follow."""
    readable = read_entries(entries, read, fault)
    while part := list(itertools.islice(readable, PART)):
        worklist.add(
            [(after + entry.place, canonical) for entry, canonical in part],
            [
                (after + entry.place, None if entry.given == canonical else entry.given, entry.expiry, entry.note)
                for entry, canonical in part
                if entry.given != canonical or entry.expiry is not None or entry.note is not None
            ],
        )
