# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report file: one line per number, no formula, whole or not at all, and nobody else's to read."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Iterator, List, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.number_report import (
    ReportNotWritten,
    Row,
    readable_report_path,
    report_rows,
    write_report,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome

HEADER = ["number", "canonical", "outcome", "reason", "batch", "note"]
as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def _result(given_text: str, canonical: str = "9999900001", reason: str = "", batch: Optional[int] = 1) -> NumberResult:
    return NumberResult(Number(given_text, canonical, ""), Outcome.ADDED, reason, batch)


def _write(path: Path, results: List[NumberResult]) -> None:
    write_report(str(path), report_rows(results, []))


def _rows(path: Path) -> List[List[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_report_has_a_header_and_a_line_for_each_number_in_order(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    _write(path, [_result("99999 00001"), _result("9999900002", "9999900002", "sent, not listed", None)])
    assert _rows(path) == [
        HEADER,
        ["99999 00001", "9999900001", "added", "", "1", ""],
        ["9999900002", "9999900002", "added", "sent, not listed", "", ""],
    ]


def test_a_note_stands_beside_its_number_and_is_no_formula_either(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    noted = NumberResult(Number("9999900001", "9999900001", "", "=ticket 7"), Outcome.ADDED, "", 1)
    again = Number("99999 00001", "9999900001", "block_numbers, entry 2", "ticket 8")
    write_report(str(path), report_rows([noted], [(again, "block_numbers, entry 1")]))
    assert [row[5] for row in _rows(path)] == ["note", "'=ticket 7", "ticket 8"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_takes_for_a_formula_is_marked_as_text(tmp_path: Path, start: str) -> None:
    path = tmp_path / "report.csv"
    _write(path, [_result(f"{start}9999900001", f"{start}9999900001", f'{start}HYPERLINK("x")')])
    (row,) = _rows(path)[1:]
    assert row[:4] == [f"'{start}9999900001", f"'{start}9999900001", "added", f'\'{start}HYPERLINK("x")']


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=5))
def test_any_text_comes_back_as_it_was_and_no_cell_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, texts: List[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    _write(path, [_result(text, reason=text) for text in texts])
    rows = _rows(path)[1:]
    assert [row[0].lstrip("'") for row in rows] == [text.lstrip("'") for text in texts]
    assert [row[3] for row in rows] == [row[0] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("before", [None, 0o644, 0o666])
def test_only_this_user_can_read_a_report(tmp_path: Path, before: Optional[int]) -> None:
    path = tmp_path / "report.csv"
    if before is not None:
        path.write_text("of an earlier run")
        path.chmod(before)
    _write(path, [_result("9999900001")])
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(_rows(path)) == 2


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    path = tmp_path / "report.csv"
    path.symlink_to(target)
    _write(path, [])
    assert target.read_text() == "precious"
    assert not path.is_symlink()


def test_d14_an_entry_that_repeats_a_number_has_a_row_that_says_which(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    first = NumberResult(Number("9999900001", "9999900001", "block_numbers, entry 1"), Outcome.ADDED, "", 1)
    again = Number("99999-00001", "9999900001", "block_numbers, entry 3")
    write_report(str(path), report_rows([first], [(again, "block_numbers, entry 1")]))
    assert _rows(path)[2] == [
        "99999-00001",
        "9999900001",
        "duplicate",
        "block_numbers, entry 3: the same number as block_numbers, entry 1",
        "",
        "",
    ]


def test_a_report_that_cannot_be_written_whole_leaves_the_earlier_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("of an earlier run")

    def rows() -> Iterator[Row]:
        yield ("9999900001", "9999900001", "added", "", "1", "")
        raise OSError(28, "No space left on device")

    with pytest.raises(ReportNotWritten, match="No space left"):
        write_report(str(path), rows())
    assert path.read_text() == "of an earlier run"
    assert os.listdir(tmp_path) == ["report.csv"]


def test_half_a_character_is_written_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    _write(path, [_result("\ud800")])
    assert _rows(path)[1][0] == "\\ud800"


def test_a_report_whose_place_became_a_folder_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.mkdir()
    with pytest.raises(ReportNotWritten, match=r"report_path: .*report\.csv could not be written: Is a directory\."):
        _write(path, [_result("9999900001")])
    assert os.listdir(tmp_path) == ["report.csv"]


def test_a_report_whose_folder_went_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportNotWritten, match="No such file or directory"):
        write_report(str(tmp_path / "gone" / "report.csv"), [])


def test_a_good_place_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "report.csv")
    assert readable_report_path(path) == path
    monkeypatch.chdir(tmp_path)
    assert readable_report_path("report.csv") == path
    Path(path).touch()
    assert readable_report_path(path) == path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (".", "is a folder"),
        ("new/", "is a folder"),
        ("x" * 300, "File name too long"),
        ("a\ud800b", "is not allowed in a file name"),
        ("gone/report.csv", "does not exist"),
        ("pipe", "is not a regular file"),
        ("a\0b", "is not allowed in a file name"),
    ],
)
def test_c10_a_place_where_no_report_can_be_is_a_fault(tmp_path: Path, name: str, words: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=words):
        readable_report_path(f"{tmp_path}/{name}")


def test_through_a_link_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "target.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("target.csv")
    path = readable_report_path(str(tmp_path / "link.csv"))
    write_report(path, [])
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "target.csv").read_text().startswith("number,")


def test_a_report_that_no_file_system_takes_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportNotWritten, match="UnicodeEncodeError"):
        write_report(str(tmp_path / "a\ud800b"), [])


@pytest.mark.parametrize(
    ("path", "words"), [("/dev/null", "is not a regular file"), ("", "is empty"), (" ", "is empty")]
)
def test_c10_a_device_or_an_empty_path_is_a_fault(path: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        readable_report_path(path)


@as_root
def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="cannot be written by this user"):
        readable_report_path(str(tmp_path / "report.csv"))
    tmp_path.chmod(0o700)
