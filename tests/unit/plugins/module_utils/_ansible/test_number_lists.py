# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of a task: read into its worklist, or into all spellings; every fault with its place."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.number_file import NumberFile
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.number_lists import (
    entries_of,
    read_exempt,
    read_listed,
    read_lists,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import Faults
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import possible_lines
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import (
    Entry,
    Number,
    Read,
    dialled_digits,
    reader,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.listed import PART
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.worklist import Worklist
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import closed_after

Repeated = Tuple[Number, str]
NOW = 1_800_000_000.0  # in January 2027


def _read(
    values: Optional[Sequence[Any]], read_text: Read = dialled_digits
) -> Tuple[List[Number], List[Repeated], Faults]:
    """The numbers of a list, the entries that repeat one, and what is wrong with others."""
    faults = Faults()
    with contextlib.closing(read_lists(values, None, read_text, None, NOW, faults)) as worklist:
        return [result.number for result in worklist.all_results()], list(worklist.repeated()), faults


def test_an_option_has_its_entries_counted_from_one() -> None:
    assert list(entries_of(["9999900001", None])) == [Entry(1, "9999900001"), Entry(2, None)]
    assert list(entries_of([])) == list(entries_of(None)) == []


def test_a_list_is_read_in_order_with_every_fault_and_what_repeats_a_number() -> None:
    numbers, repeated, faults = _read(["99999 00001", "nobody", "9999900002", "9999900001", "9.19E+11"])
    assert numbers == [
        Number("99999 00001", "9999900001", "block_numbers, entry 1"),
        Number("9999900002", "9999900002", "block_numbers, entry 3"),
    ]
    assert repeated == [(Number("9999900001", "9999900001", "block_numbers, entry 4"), "block_numbers, entry 1")]
    assert [fault.where for fault in faults.found] == ["block_numbers, entry 2", "block_numbers, entry 5"]
    assert "'nobody' holds letters" in faults.found[0].problem


def test_with_a_region_other_spellings_repeat_a_number() -> None:
    numbers, repeated, faults = _read(["9999900001", "+91 99999 00001", "099999 00001"], reader("IN"))
    assert numbers == [Number("9999900001", "+919999900001", "block_numbers, entry 1")]
    assert [number.given for number, _first in repeated] == ["+91 99999 00001", "099999 00001"]
    assert faults.found == []


@pytest.mark.parametrize("values", [None, []])
def test_a_list_that_is_empty_or_not_given_has_no_numbers(values: Optional[List[Any]]) -> None:
    assert _read(values)[:2] == ([], [])


@pytest.mark.parametrize("length", [PART - 1, PART, PART + 1, 2 * PART + 1])
def test_a_long_list_is_read_to_its_end(length: int) -> None:
    values = [f"8{n:09d}" for n in range(length)]
    values[-1] = f"+91 {values[-1]}"
    numbers, _repeated, _faults = _read(values)
    assert [number.given for number in numbers] == values
    assert numbers[-1].where == f"block_numbers, entry {length}"


def test_of_a_thousand_faults_and_more_all_are_counted() -> None:
    values = ["9999900001", *["nobody"] * (Faults.KEPT + 500), "9999900002"]
    numbers, _repeated, faults = _read(values)
    assert [number.canonical for number in numbers] == ["9999900001", "9999900002"]
    assert (faults.count, len(faults.found)) == (Faults.KEPT + 500, Faults.KEPT)


_values = st.lists(
    st.one_of(
        st.builds("{}99999{:05d}".format, st.sampled_from(["", "+91", "+91 ", "0", "91-"]), st.integers(0, 9)),
        st.sampled_from(["", "nobody", "9.19E+11", "99", None, 5, True, ["9999900001"]]),
    ),
    max_size=20,
)


@settings(deadline=None, max_examples=100)
@given(_values, st.sampled_from([None, "IN"]))
def test_every_entry_is_a_number_a_duplicate_or_a_fault(values: List[Any], region: Optional[str]) -> None:
    read_text = reader(region)
    numbers, repeated, faults = _read(values, read_text)
    canonicals = [number.canonical for number in numbers]
    assert len(set(canonicals)) == len(canonicals)
    first = {number.canonical: number.where for number in numbers}
    read = {number.where: number for number in (*numbers, *(number for number, _first in repeated))}
    faulty = {fault.where for fault in faults.found}
    assert len(read) + len(faulty) == len(numbers) + len(repeated) + len(faults.found) == len(values)
    for place, value in enumerate(values, start=1):
        where = f"block_numbers, entry {place}"
        assert (where in read) is not (where in faulty)
        if where in read:
            assert read[where] == Number(value, read_text(value), where)
    for number, where in repeated:
        assert where == first[number.canonical]


# -- files -------------------------------------------------------------------------------------------------------------


def _read_both(values: Sequence[Any], path: Path, text: str, *columns: str) -> Tuple[Worklist, Faults]:
    """A worklist of a list and of a file that is shown as callers.csv."""
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    worklist = read_lists(values, NumberFile(str(path), "callers.csv", *columns), dialled_digits, None, NOW, faults)
    closed_after(worklist, worklist)
    return worklist, faults


def test_numbers_of_a_file_come_after_those_of_the_list_with_their_own_places(tmp_path: Path) -> None:
    worklist, faults = _read_both(["9999900001", "no"], tmp_path / "list", "9999900002\nno\n\n9999900001\n9999900003")
    assert [(result.number.canonical, result.number.where) for result in worklist.all_results()] == [
        ("9999900001", "block_numbers, entry 1"),
        ("9999900002", "callers.csv, line 1"),
        ("9999900003", "callers.csv, line 5"),
    ]
    assert [(n.where, first) for n, first in worklist.repeated()] == [("callers.csv, line 4", "block_numbers, entry 1")]
    assert [fault.where for fault in faults.found] == ["block_numbers, entry 2", "callers.csv, line 2"]


def test_a_name_with_braces_is_shown_as_it_is(tmp_path: Path) -> None:
    faults = Faults()
    (tmp_path / "list").write_text("9999900001\nno\n", encoding="utf-8")
    read_lists(None, NumberFile(str(tmp_path / "list"), "{0}{a}.txt"), dialled_digits, None, NOW, faults).close()
    assert [fault.where for fault in faults.found] == ["{0}{a}.txt, line 2"]


COLUMNS = ("Caller", "Until", "Ticket")


def test_a_number_is_told_that_stands_twice_with_another_expiry(tmp_path: Path) -> None:
    rows = ["9999900001,,", "9999900001,2099-01-01 00:00:00,", "9999900002,2099-01-01 00:00:00,again", "9999900002,,"]
    rows += ["9999900003,2099-01-01 00:00:00,", "99999-00003,2099-01-01T00:00:00,the same date"]
    text = "\n".join(["Caller,Until,Ticket", *rows])
    worklist, faults = _read_both(["9999900002"], tmp_path / "list", text, *COLUMNS)
    assert [str(fault) for fault in faults.found] == [
        "callers.csv, line 3: is the same number as callers.csv, line 2, with another expiry; keep one of the two",
        "callers.csv, line 4: is the same number as block_numbers, entry 1, with another expiry; keep one of the two",
    ]
    assert (worklist.entries, worklist.duplicates) == (3, 4)


def test_the_date_of_the_task_is_no_other_than_the_same_in_a_row(tmp_path: Path) -> None:
    date, path = "2099-01-01 00:00:00", tmp_path / "list"
    path.write_text(f"Caller,Until,Ticket\n9999900001,{date},\n9999900002,{date},\n9999900002,,\n", "utf-8")
    file, found = NumberFile(str(path), "callers.csv", *COLUMNS), []
    for of_task in (date, "2098-01-01 00:00:00", None):
        faults = Faults()
        read_lists(["9999900001"], file, dialled_digits, of_task, NOW, faults).close()
        found.append(len(faults.found))
    assert found == [0, 2, 2]


def test_of_the_notes_only_the_file_tells_and_of_several_entries_the_first_that_has_one(tmp_path: Path) -> None:
    text = "Caller,Until,Ticket\n9999900001,,T-1\n9999900002,,\n9999900002,,T-2\n9999900002,,T-3\n9999900004,,\n"
    worklist, faults = _read_both(["9999900001", "9999900003"], tmp_path / "list", text, *COLUMNS)
    notes = [row for part in worklist.notes() for row in part]
    assert notes == [("9999900001", "T-1"), ("9999900002", "T-2"), ("9999900004", None)]
    shown = {result.number.canonical: result.number.note for result in worklist.all_results()}
    assert shown == {"9999900001": "T-1", "9999900002": "T-2", "9999900003": None, "9999900004": None}
    assert faults.found == []


def test_of_a_number_that_stands_twice_the_first_note_counts_and_the_other_is_still_told(tmp_path: Path) -> None:
    text = "Caller,Until,Ticket\n9999900001,,first\n9999900001,,second\n9999900002,,\n"
    worklist, faults = _read_both([], tmp_path / "list", text, *COLUMNS)
    assert [row for part in worklist.notes() for row in part] == [("9999900001", "first"), ("9999900002", None)]
    assert [number.note for number, _first in worklist.repeated()] == ["second"]
    assert faults.found == []


def test_rows_at_fault_of_every_kind_are_told_in_one_go(tmp_path: Path) -> None:
    rows = ["9999900001,soon,", "no,2020-01-01 00:00:00,", "no,,", "9999900002,,a,b", ",,nobody"]
    worklist, faults = _read_both([], tmp_path / "list", "\n".join(["Caller,Until,Ticket", *rows]), *COLUMNS)
    assert [fault.where.rpartition(" ")[2] for fault in faults.found] == ["2", "3", "3", "4", "5", "6"]
    assert worklist.entries == 0


def test_a_file_that_cannot_be_used_is_one_fault_of_its_option(tmp_path: Path) -> None:
    faults = Faults()
    worklist = read_lists(["9999900001"], NumberFile(str(tmp_path), "callers"), dialled_digits, None, NOW, faults)
    closed_after(worklist, worklist)
    assert [str(fault) for fault in faults.found] == [
        "block_numbers_file: callers is a folder; give the name of a file"
    ]
    assert worklist.entries == 1


# -- exempt numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["9999900001", "+919999900001", "09999900001", "+91 (0) 99999 00001"])
def test_an_exempt_number_is_exempt_however_it_is_written(form: str) -> None:
    faults = Faults()
    exempt = read_exempt([form], dialled_digits, faults)
    assert {"9999900001", "+919999900001", "919999900001", "09999900001", "00919999900001"} < exempt
    assert not {"9999900002", "+449999900001"} & exempt
    assert all(possible_lines(canonical) & possible_lines("9999900001") for canonical in exempt)
    assert faults.found == []


def test_all_exempt_numbers_count_but_for_those_that_cannot_be_read() -> None:
    faults = Faults()
    exempt = read_exempt(["9999900001", "nobody", "9999900002", None], dialled_digits, faults)
    assert {"+919999900001", "+919999900002"} < exempt
    assert [str(fault).partition(" holds")[0] for fault in faults.found] == [
        "exempt_numbers, entry 2: 'nobody'",
        "exempt_numbers, entry 4: the entry is null; fill in a number or remove the entry",
    ]


@pytest.mark.parametrize("values", [None, []])
def test_where_no_number_is_exempt_there_are_no_spellings(values: Optional[List[Any]]) -> None:
    assert read_exempt(values, dialled_digits, Faults()) == frozenset()


def test_numbers_that_are_looked_up_are_read_in_their_order_each_time_they_stand_there() -> None:
    faults = Faults()
    found = read_listed(["+91 99999 00001", "nobody", 9999900002, "9999900001"], reader("IN"), faults)
    assert [(number.given, number.canonical, number.where) for number in found] == [
        ("+91 99999 00001", "+919999900001", "block_numbers, entry 1"),
        ("9999900001", "+919999900001", "block_numbers, entry 4"),
    ]
    assert [fault.where for fault in faults.found] == ["block_numbers, entry 2", "block_numbers, entry 3"]
    assert read_listed([], dialled_digits, faults) == ()
