# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and CSV files are read as they are written, in whatever form; every line at fault is told, and no other."""

from __future__ import annotations

import csv
import io
import os
import tracemalloc
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.number_file import NumberFile
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Entry

FROM_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
Fault = Tuple[int, str]
COLUMNS = {"number_column": "number", "expiry_column": "until", "note_column": "why"}


def _read(folder: Path, content: Any, **columns: Optional[str]) -> Tuple[List[Entry], List[Fault]]:
    path = folder / "numbers"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    faults: List[Fault] = []
    file = NumberFile(str(path), "list.txt", **columns)
    return list(file.entries(lambda line, problem: faults.append((line, problem)))), faults


def _sound(folder: Path, content: Any, **columns: Optional[str]) -> List[Entry]:
    entries, faults = _read(folder, content, **columns)
    assert faults == []
    return entries


def _given(folder: Path, content: Any, **columns: Optional[str]) -> List[Tuple[int, str]]:
    return [(entry.place, entry.given) for entry in _sound(folder, content, **columns)]


def _refused(folder: Path, content: Any, **columns: Optional[str]) -> str:
    with pytest.raises(ValueError, match=r"^list\.txt ") as caught:
        _read(folder, content, **columns)
    return str(caught.value)


def _csv(*rows: List[str], **form: Any) -> str:
    text = io.StringIO()
    csv.writer(text, **form).writerows(rows)
    return text.getvalue()


def test_a_list_has_one_number_a_line_with_comments_and_blank_lines(tmp_path: Path) -> None:
    text = "# ours\n\n 9999900001 \n\t# more\n+91 99999 00002\n   \n9999900003"
    assert _sound(tmp_path, text) == [
        Entry(3, "9999900001", None, None),
        Entry(5, "+91 99999 00002", None, None),
        Entry(7, "9999900003", None, None),
    ]


@pytest.mark.parametrize("content", ["", "\n \n", "# nothing\n", b"\xef\xbb\xbf"])
def test_a_list_may_be_empty(tmp_path: Path, content: Any) -> None:
    assert _sound(tmp_path, content) == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_lines_and_byte_order_marks_of_any_machine_are_understood(tmp_path: Path, line_end: str, encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    content = (mark + line_end.join(["9999900001", "", "९९९९९००००२", "# x", ""])).encode(encoding)
    assert _given(tmp_path, content) == [(1, "9999900001"), (3, "९९९९९००००२")]
    content = (mark + line_end.join(["why;number", "x;9999900001", "", '"y;";9999900002'])).encode(encoding)
    assert _given(tmp_path, content, number_column="number") == [(2, "9999900001"), (4, "9999900002")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_csv_is_found_out(tmp_path: Path, delimiter: str) -> None:
    rows = [["why", "number", "until"], ["a, b; c | d\te", "9999900001", "2099-12-31 23:59:59"], ["", "9999900002", ""]]
    entries = _sound(tmp_path, _csv(*rows, delimiter=delimiter), number_column="number", expiry_column="until")
    assert entries == [Entry(2, "9999900001", "2099-12-31 23:59:59", None), Entry(3, "9999900002", None, None)]


@pytest.mark.parametrize(
    ("first", "delimiter"), [("sep=;", ";"), ("SEP=|", "|"), ('"sep=;"', ";"), ("sep=~", "~"), ("sep=\t", "\t")]
)
def test_the_line_in_which_excel_tells_the_delimiter_is_understood(tmp_path: Path, first: str, delimiter: str) -> None:
    rows = delimiter.join(["a,b", "number", "why"]) + "\r\n" + delimiter.join(["x", "9999900001", "y"])
    entries = _sound(tmp_path, f"{first}\r\n{rows}", number_column="number", note_column="why")
    assert entries == [Entry(3, "9999900001", None, "y")]
    entries = _sound(tmp_path, f"# a list\n\n{first}\n{rows}", number_column="number", note_column="why")
    assert entries == [Entry(5, "9999900001", None, "y")]
    _entry, entry = _sound(tmp_path, f"{first}\n{rows}\n{first}", number_column="a,b")
    assert entry.given.lower().startswith("sep=")  # below the header it is a row


@pytest.mark.parametrize("header", ["number", '"number"', " number ", "number;", '"a, b";number', '"a\nb";number'])
def test_a_header_may_be_short_quoted_and_of_several_lines(tmp_path: Path, header: str) -> None:
    row = "x;9999900001" if ";number" in header else "9999900001"
    (entry,) = _sound(tmp_path, f"# list\n\n{header}\n{row}\n", number_column="number")
    assert entry == Entry(4 + header.count("\n"), "9999900001", None, None)


def test_a_column_is_found_by_its_name_else_without_case_where_that_is_unique(tmp_path: Path) -> None:
    assert _given(tmp_path, "NUMBER,number\n1,9999900001", number_column="number") == [(2, "9999900001")]
    assert _given(tmp_path, "Number,why\n9999900001,x", number_column=" number ") == [(2, "9999900001")]
    assert _given(tmp_path, "STRASSE,why\n9999900001,x", number_column="straße") == [(2, "9999900001")]
    refused = _refused(tmp_path, "Number,NUMBER\n9999900001,1", number_column="number")
    assert "has 2 columns that may be 'number'" in refused
    assert "has 2 columns that may be 'number'" in _refused(tmp_path, "number,number\n1,1", number_column="number")


def test_a_header_may_begin_as_a_comment_does(tmp_path: Path) -> None:
    text = "# our callers, by number\n#;Caller;Ticket\n1;9999900001;T-1\n# that is all\n"
    columns = {"number_column": "Caller", "note_column": "Ticket"}
    assert _sound(tmp_path, text, **columns) == [Entry(3, "9999900001", None, "T-1")]
    assert _given(tmp_path, "#Caller;Ticket\n9999900001;T-1\n", number_column="#Caller") == [(2, "9999900001")]


def test_a_row_that_would_be_lost_as_a_comment_is_told(tmp_path: Path) -> None:
    text = 'Ticket,Caller\n#4711,9999900001\n"#4712",9999900002\n# seen, by Anna\n#4713,unknown\n#4714,9999900003,x\n'
    entries, faults = _read(tmp_path, text, number_column="Caller")
    assert [entry.given for entry in entries] == ["9999900002"]
    ((place, problem),) = faults
    assert (place, problem.partition(",")[0]) == (2, "begins with #")
    # Where the number comes first, it stands behind the sign itself.
    assert _given(tmp_path, "Caller,Ticket\n#9999900001,4711\n9999900002,\n", number_column="Caller") == [
        (3, "9999900002")
    ]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("9999900001\n" * 100_000, encoding="ascii")
    entries = NumberFile(str(path), "callers.txt").entries(lambda place, problem: None)
    next(entries)
    path.write_text("9999900002\n" * 50_000, encoding="ascii")
    with pytest.raises(ValueError, match="was changed while it was read; run again"):
        list(entries)


def test_comments_and_blank_rows_of_csv_are_passed_over_and_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    text = (
        "# a list\n"
        "# don't read, \"this\n"
        "number,why,until\n"
        "\n"
        '  # nor, "that\n'
        "9999900001,\n"
        " , ,\n"
        '9999900002,x,"in two\n'
        '# lines"\n'
        "9999900003,# not a comment,\n"
    )
    entries = _sound(tmp_path, text, number_column="number", expiry_column="until", note_column="why")
    assert entries == [
        Entry(6, "9999900001", None, None),
        Entry(8, "9999900002", "in two\n# lines", "x"),
        Entry(10, "9999900003", None, "# not a comment"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",until,why", "has no number"),
        (" ,,x", "has no number"),
        ("9999900001,,why,more", "has 4 cells where the header has 3"),
        ('9999900001,,"one\ntwo"', "has a note with a line break, which cannot be printed"),
        ("9999900001,,\x1b[31m", "has a note with the character U+001B, which cannot be printed"),
        (f"9999900001,,{'x' * 501}", "has a note of 501 characters"),
        ('9999900001,,"a" b', "has something between a closing quote and the next delimiter"),
        ('9999900001,"" ,why', "has something between a closing quote and the next delimiter, if only a blank"),
    ],
)
def test_each_row_at_fault_is_told_with_its_line_and_the_others_are_read(tmp_path: Path, row: str, says: str) -> None:
    text = f"number,until,why\n9999900000,,\n{row}\n9999900009,,\n"
    entries, faults = _read(tmp_path, text, **COLUMNS)
    assert faults[0][0] == 3
    assert says in faults[0][1]
    assert len(faults) == 1
    assert entries == [
        Entry(2, "9999900000", None, None),
        Entry(text.count("\n"), "9999900009", None, None),
    ]


def test_a_quote_that_is_never_closed_swallows_no_number_unseen(tmp_path: Path) -> None:
    text = 'number,ignored\n9999900001,x\n9999900002,"y\n9999900003,z\n'
    entries, faults = _read(tmp_path, text, number_column="number")
    assert [entry.given for entry in entries] == ["9999900001"]
    assert faults == [(3, "has a quote that opens a cell and no quote that closes it")]


def test_a_cell_over_too_many_lines_is_a_fault(tmp_path: Path) -> None:
    text = f'number,why\n9999900001,x\n9999900002,"{("x" * 60000 + chr(10)) * 3}"\n9999900003,x'
    entries, faults = _read(tmp_path, text, number_column="number")
    assert [entry.given for entry in entries] == ["9999900001"]
    assert faults[0] == (3, "has a cell that is too long; look for a quote that is not closed")


def test_empty_surplus_cells_and_missing_optional_ones_are_no_fault(tmp_path: Path) -> None:
    text = "number,until,why\n9999900001,,,,\n9999900002\n9999900003,x\n"
    assert _sound(tmp_path, text, **COLUMNS) == [
        Entry(2, "9999900001", None, None),
        Entry(3, "9999900002", None, None),
        Entry(4, "9999900003", "x", None),
    ]


def test_a_note_is_text_of_any_script_up_to_500_characters(tmp_path: Path) -> None:
    for note in ("टिकट\u200d १२", "സ്പാം", "x" * 500):
        (entry,) = _sound(tmp_path, f"number,why\n9999900001,{note}", number_column="number", note_column="why")
        assert entry.note == note


def test_what_is_not_in_utf_8_is_a_fault_of_the_line_where_it_is_read(tmp_path: Path) -> None:
    entries, faults = _read(tmp_path, b"9999900001\n\xb79999900002\n9999900003\n")
    assert [entry.place for entry in entries] == [1, 3]
    ((line, problem),) = faults
    assert line == 2
    assert "save it as UTF-8" in problem
    text = b"number,until,why,name\n9999900001,,M\xfcller,\n9999900002,,,M\xfcller\n9999900003,\xfc,,\n\xfc,,,\n"
    entries, faults = _read(tmp_path, text, **COLUMNS)
    assert [entry.place for entry in entries] == [3]
    assert [line for line, _problem in faults] == [2, 4, 5]
    cut = "9999900001\n9999900002\n".encode("utf-16")[:-1]
    assert [line for line, _problem in _read(tmp_path, cut)[1]] == [2]


@pytest.mark.parametrize("length", [65536, 65537, 131071, 131072, 131073, 400_000])
def test_a_line_that_is_too_long_is_a_fault_wherever_it_stands(tmp_path: Path, length: int) -> None:
    long = "9" * length
    for before in (0, 1, 9000):
        text = "9999900001\n" * before + long + "\n9999900002\n" + long
        entries, faults = _read(tmp_path, text)
        expected = [] if length == 65536 else [before + 1, before + 3]
        assert [line for line, _problem in faults] == expected
        assert Entry(before + 2, "9999900002", None, None) in entries
        assert len(entries) == before + (3 if length == 65536 else 1)


@pytest.mark.parametrize("columns", [{}, {"number_column": "number"}])
def test_a_long_line_or_a_long_file_takes_no_more_memory_than_a_short_one(
    tmp_path: Path, columns: Dict[str, str]
) -> None:
    path = tmp_path / "numbers"
    path.write_text("number\n" * bool(columns) + "9999900001\n" * 300_000 + "9" * 8_000_000)
    tracemalloc.start()
    try:
        count = sum(1 for _entry in NumberFile(str(path), "list.txt", **columns).entries(lambda line, problem: None))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 300_000
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ("number", "looks like a header; name the column of the numbers in number_column"),
        ("Phone;Note", "looks like a header"),
        ("sep=;", "looks like a header"),
        ("9999900001,Spam", "has several cells in its first line"),
        ("99999 00001; 99999 00002", "has several cells in its first line"),
        ("9999900001\tSpam", "has several cells in its first line"),
        ("+91 99999,00001", "number_column"),
    ],
)
def test_csv_is_not_taken_for_a_list(tmp_path: Path, first: str, says: str) -> None:
    assert says in _refused(tmp_path, f"# list\n{first}\n9999900002\n")


def test_an_entry_that_is_odd_is_left_to_the_one_who_reads_numbers(tmp_path: Path) -> None:
    lines = ["tel:9999900001", "'9999900002", "(0) 99999/00003", "9999900004,", "99999 00005; 99999 00006", "'"]
    assert [given for _place, given in _given(tmp_path, "\n".join(lines))] == lines


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("number,why\n9999900001,x", "has no column 'phone' for number_column; its first line names 'number', 'why'"),
        ("", "has no header"),
        ("# only this\n\n", "has no header"),
        (
            "# a comment\n" * 6000 + "phone\n9999900001",
            "has no header, a first line that names its columns, in its first",
        ),
        ('"number\n9999900001', "has a header that has a quote that opens a cell"),
        ('"phone";"why\n9999900001;x', "has a header that has a quote that opens a cell and no quote that closes it"),
        ('"phone" ,"why"\n9999900001,x', "has a header that has something between a closing quote"),
        (",".join(f"column {place}" for place in range(25)), "'column 19' and 5 more"),
    ],
)
def test_a_column_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path, content: str, says: str) -> None:
    assert says in _refused(tmp_path, content, number_column="phone")


@pytest.mark.parametrize("column", ["Nummer für", "Grund"])
def test_a_header_that_is_not_in_utf_8_is_told_as_that_and_not_as_a_missing_column(tmp_path: Path, column: str) -> None:
    said = _refused(tmp_path, "Nummer für;Notiz\n9999900001;x".encode("latin-1"), number_column=column)
    assert "has a header that cannot be read, since the file is not in UTF-8; save it as CSV or text in UTF-8" in said


def test_the_option_is_named_whose_column_does_not_exist(tmp_path: Path) -> None:
    text = "number;why\n9999900001;x"
    assert "'until' for expiry_column" in _refused(tmp_path, text, number_column="number", expiry_column="until")
    assert "'reason' for note_column" in _refused(tmp_path, text, number_column="number", note_column="reason")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04rest", "is a spreadsheet (.xlsx, .ods) or an archive; save it as CSV or text in UTF-8"),
        (b"\xd0\xcf\x11\xe0rest", "is a spreadsheet (.xls)"),
        (b"\x1f\x8brest", "is compressed; unpack it"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n6162", "is encrypted with Ansible Vault"),
        ("9999900001\n".encode("utf-32"), "is in UTF-32"),
        ("9999900001\n".encode("utf-16-le"), "seems to be in UTF-16 without a byte-order mark"),
        ("9999900001\n".encode("utf-16-be"), "seems to be in UTF-16 without a byte-order mark"),
        (b"\x7fELF\0\1\2rest", "is not text"),
    ],
)
@pytest.mark.parametrize("columns", [{}, {"number_column": "number"}])
def test_what_is_no_text_in_a_known_encoding_is_refused_by_its_kind(
    tmp_path: Path, content: bytes, says: str, columns: Dict[str, str]
) -> None:
    assert says in _refused(tmp_path, content, **columns)


def test_what_is_no_file_is_refused_by_its_kind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_text("9999900001")
    for path, says in [
        (str(tmp_path), "is a folder"),
        (str(tmp_path / "fifo"), "is not a regular file"),
        (str(tmp_path / "nothing"), "does not exist"),
        (str(tmp_path / "file" / "nothing"), "does not exist"),
        ("", "does not exist"),
        ("x" * 300, "cannot be read: File name too long"),
        ("a\0b", "has a character that is not allowed in a file name"),
        ("\ud800", "has a character that is not allowed in a file name"),
    ]:
        with pytest.raises(ValueError, match=rf"^list\.txt {says}"):
            list(NumberFile(path, "list.txt").entries(lambda line, problem: None))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("9999900001")
    (tmp_path / "file").chmod(0)
    with pytest.raises(ValueError, match="cannot be read by this user"):
        list(NumberFile(str(tmp_path / "file"), "list.txt").entries(lambda line, problem: None))


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufffd"), max_size=20)
NOTES = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20)
ROWS = st.lists(st.tuples(st.from_regex(r"\+?[0-9]{3,16}", fullmatch=True), CELLS, NOTES, CELLS), max_size=20)


@FROM_FIXTURE
@given(rows=ROWS, delimiter=st.sampled_from(",;\t|"), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_rows_written_as_csv_are_read_as_they_were(tmp_path: Path, rows: Any, delimiter: str, quoting: int) -> None:
    text = _csv(["number", "until", "why", "rest"], *rows, delimiter=delimiter, quoting=quoting)
    entries = _sound(tmp_path, text, **COLUMNS)
    assert [entry[1:] for entry in entries] == [
        (number, until.strip() or None, why.strip() or None) for number, until, why, _rest in rows
    ]
    for entry in entries:
        assert entry.given in text.split("\n")[entry.place - 1]


PIECES = st.sampled_from(
    [
        b"\xff\xfe",
        b"\xfc",
        *map(str.encode, ["9999900001", "number", "why", "sep=;\n", "९", "\ufeff", *"\0,;\t\"' #\r\n"]),
    ]
)


@FROM_FIXTURE
@given(
    content=st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join)),
    columns=st.sampled_from([{}, {"number_column": "number"}, {"number_column": "number", "note_column": "why"}]),
)
def test_whatever_the_bytes_there_are_entries_faults_or_a_refusal(
    tmp_path: Path, content: bytes, columns: Dict[str, Optional[str]]
) -> None:
    try:
        entries, faults = _read(tmp_path, content, **columns)
    except ValueError as problem:
        assert str(problem).startswith("list.txt ")
        return
    lines = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    last = lines.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    places = [entry.place for entry in entries]
    assert places == sorted(set(places))
    assert {line for line, _problem in faults}.isdisjoint(places)
    assert all(1 <= line <= last for line in places + [line for line, _problem in faults])
    assert all(entry.given.strip() == entry.given != "" for entry in entries)
