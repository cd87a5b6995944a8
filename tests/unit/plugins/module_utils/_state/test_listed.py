# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a list: kept in order, repeated, contradictory, written in several ways."""

from __future__ import annotations

import contextlib
import itertools
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import possible_lines
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.listed import PART, Listed

EASTER, NEW_YEAR = "2099-04-12 00:00:00", "2099-01-01 00:00:00"
Entry = Tuple[int, str, Optional[str], Optional[str], Optional[str]]
"""Position, canonical number, and what differs from the rule: the number as given, an expiry, a note."""


@contextlib.contextmanager
def _listed(*entries: Entry) -> Iterator[Listed]:
    with contextlib.closing(Listed(_where)) as listed:
        listed.add([entry[:2] for entry in entries], [(e[0], *e[2:]) for e in entries if any(e[2:])])
        listed.complete()
        yield listed


def _where(position: int) -> str:
    return f"entry {position}"


def _entries(*canonicals: str) -> List[Entry]:
    return [(position, canonical, None, None, None) for position, canonical in enumerate(canonicals, start=1)]


def _parts(listed: Listed) -> List[Dict[str, Optional[str]]]:
    return [dict(part) for part in listed.listed()]


def test_a_number_is_listed_once_with_the_expiry_of_its_first_entry() -> None:
    with _listed(
        (1, "9999900002", None, None, None),
        (3, "9999900001", None, EASTER, "ticket 7"),
        (4, "9999900002", None, None, "again"),
    ) as listed:
        assert _parts(listed) == [{"9999900001": EASTER, "9999900002": None}]
        assert (listed.entries, listed.duplicates) == (2, 1)


def test_a_long_list_comes_in_parts_by_number() -> None:
    canonicals = [f"{8_000_000_000 + n * 7919 % 100_003}" for n in range(2 * PART + 1)]
    with _listed(*_entries(*canonicals)) as listed:
        parts = _parts(listed)
        assert [len(part) for part in parts] == [PART, PART, 1]
        assert [canonical for part in parts for canonical in part] == sorted(canonicals)


def test_entries_may_be_added_in_several_parts_of_which_only_some_have_details() -> None:
    with contextlib.closing(Listed(_where, notes_after=0)) as listed:
        listed.add([(1, "9999900001")], [])
        listed.add([(2, "9999900002")], [(2, None, EASTER, "ticket 7")])
        listed.add([(3, "9999900003")], [])
        listed.complete()
        assert _parts(listed) == [{"9999900001": None, "9999900002": EASTER, "9999900003": None}]
        (noted,) = listed.notes()
        assert noted == [("9999900001", None), ("9999900002", "ticket 7"), ("9999900003", None)]


def test_an_empty_list_holds_nothing() -> None:
    with _listed() as listed:
        assert (listed.entries, listed.duplicates, _parts(listed)) == (0, 0, [])
        assert listed.holds(["9999900001"]) == set()
        assert list(listed.repeated()) == []
        assert listed.written_in_several_ways(3) == (0, [])


def test_of_many_numbers_it_tells_which_are_listed() -> None:
    canonicals = [f"8{n:09d}" for n in range(2500)]
    with _listed(*_entries(*canonicals[::2])) as listed:
        assert listed.holds(canonicals) == set(canonicals[::2])
        assert listed.holds([]) == set()


@pytest.mark.parametrize(("notes_after", "told"), [(None, []), (0, ["1", "2"]), (1, ["2"]), (2, [])])
def test_of_notes_only_those_entries_tell_that_may_have_one(notes_after: Optional[int], told: List[str]) -> None:
    with contextlib.closing(Listed(_where, notes_after)) as listed:
        listed.add([(1, "1"), (2, "2")], [(2, None, EASTER, None)])
        listed.complete()
        assert [row for part in listed.notes() for row in part] == [(canonical, None) for canonical in told]


def test_an_entry_that_repeats_a_number_is_told_with_where_that_stood_first() -> None:
    with _listed(
        (1, "9999900002", None, None, None),
        (2, "9999900001", "99999 00001", None, "first"),
        (3, "9999900001", None, None, "second"),
        (4, "9999900002", "99999-00002", None, None),  # the last entry of all
    ) as listed:
        assert list(listed.repeated()) == [
            (Number("9999900001", "9999900001", "entry 3", "second"), "entry 2"),
            (Number("99999-00002", "9999900002", "entry 4"), "entry 1"),
        ]


def test_the_same_number_with_another_expiry_is_a_contradiction() -> None:
    with _listed(
        (1, "9999900001", None, EASTER, None),
        (2, "9999900001", "99999 00001", EASTER, "the same"),
        (3, "9999900001", None, NEW_YEAR, None),
        (4, "9999900002", None, None, None),
        (5, "9999900001", None, None, None),
        (6, "9999900002", None, EASTER, None),
        (7, "9999900003", None, NEW_YEAR, None),
    ) as listed:
        assert list(listed.contradictions()) == [
            ("entry 3", "entry 1"),
            ("entry 5", "entry 1"),
            ("entry 6", "entry 4"),
        ]


@pytest.mark.parametrize(
    "entries",
    [
        [*_entries("9999900001", "9999900001"), (3, "9999900001", "99999 00001", None, "a note")],
        [(1, "9999900001", None, EASTER, None), (2, "9999900002", None, NEW_YEAR, None)],
    ],
)
def test_where_nothing_contradicts_nothing_is_told(entries: Sequence[Entry]) -> None:
    with _listed(*entries) as listed:
        assert list(listed.contradictions()) == []


def test_d6_numbers_that_may_be_the_same_telephone_are_paired_with_the_first_of_their_line() -> None:
    canonicals = ["9999900001", "9999900002", "+919999900001", "09999900002", "9999900003", "919999900001"]
    with _listed(*_entries(*canonicals)) as listed:
        count, pairs = listed.written_in_several_ways(shown=10)
        assert [(one.canonical, other.canonical) for one, other in pairs] == [
            ("9999900001", "+919999900001"),
            ("9999900002", "09999900002"),
            ("9999900001", "919999900001"),
        ]
        assert (count, listed.several_ways) == (3, True)
        assert pairs[0][1].where == "entry 3"


def test_of_numbers_written_in_several_ways_all_are_counted_and_the_first_are_shown_as_given() -> None:
    with _listed(
        (1, "9999900001", "99999 00001", None, None),
        *((n, f"{'0' * (n - 1)}9999900001", None, None, None) for n in range(2, 6)),
    ) as listed:
        count, pairs = listed.written_in_several_ways(shown=2)
        assert (count, len(pairs)) == (4, 2)
        assert pairs[0] == (
            Number("99999 00001", "9999900001", "entry 1"),
            Number("09999900001", "09999900001", "entry 2"),
        )


@pytest.mark.parametrize(
    "canonicals",
    [
        ["9999900001", "9999900002"],
        ["9999900001", "+919999900002"],  # which might, by their shapes
        ["9999900001", "9999900001"],
    ],
)
def test_numbers_that_are_no_other_telephones_are_not_written_in_several_ways(canonicals: List[str]) -> None:
    with _listed(*_entries(*canonicals)) as listed:
        assert listed.written_in_several_ways(3) == (0, [])
        assert not listed.several_ways


_forms = st.sampled_from(["", "0", "00", "91", "+91", "0091", "910", "+910", "9191"])
_canonicals = st.builds("{}99999{:05d}".format, _forms, st.integers(0, 3))


@settings(deadline=None, max_examples=150)
@given(st.lists(_canonicals, max_size=12), st.integers(0, 12))
def test_numbers_written_in_several_ways_are_those_that_share_a_line_with_an_earlier_one(
    canonicals: List[str], shown: int
) -> None:
    distinct = list(dict.fromkeys(canonicals))
    expected = []
    for at, canonical in enumerate(distinct):
        earlier = [other for other in distinct[:at] if possible_lines(other) & possible_lines(canonical)]
        expected += [(earlier[0], canonical)] if earlier else []
    with _listed(*_entries(*canonicals)) as listed:
        count, pairs = listed.written_in_several_ways(shown)
        assert count == len(expected)
        assert [(one.canonical, other.canonical) for one, other in pairs] == expected[:shown]
        assert listed.several_ways is bool(expected)


def test_what_the_temporary_database_cannot_do_is_an_error_that_says_what_to_do() -> None:
    listed = Listed(_where)
    listed.close()
    with pytest.raises(StoreError, match=r"temporary database .* cannot be used: .*TMPDIR"):
        listed.add([(1, "9999900001")], [])
    with _listed() as listed, pytest.raises(StoreError, match="no such table"):
        listed.rows("SELECT * FROM nowhere")
    with _listed() as listed, pytest.raises(StoreError, match="no such table"):
        list(itertools.chain.from_iterable(listed.parts("SELECT * FROM nowhere")))
