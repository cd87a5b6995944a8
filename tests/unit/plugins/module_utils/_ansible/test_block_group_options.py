# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of ozonetel_block_group become a wish, or every fault at once; nothing is opened or sent for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_options import (
    SPEC,
    BlockGroupOptions,
    read_block_group,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import Faults
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import State
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import InvalidInput
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.expiry import FIXED
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import closed_after

NOW = 1_800_000_000.0  # in January 2027
ONE = ["9999900001"]


def _read(faults: Faults, **options: Any) -> BlockGroupOptions:
    params: Dict[str, Any] = {name: option.get("default") for name, option in SPEC.items()}
    params.update(name="Nuisance", description="Reported", block_numbers=ONE)
    read = read_block_group({**params, **options}, NOW, faults)
    closed_after(read, read.worklist)
    return read


def _found(**options: Any) -> List[str]:
    faults = Faults()
    _read(faults, **options)
    return [str(fault) for fault in faults.found]


def _sound(**options: Any) -> BlockGroupOptions:
    faults = Faults()
    read = _read(faults, **options)
    faults.stop_if_any()
    return read


def test_sound_options_are_read_as_they_are() -> None:
    read = _sound(group_id=7, exempt_numbers=["9999900002"], max_removals=0, batch_size=1)
    assert (read.state, read.name, read.description, read.group_id) == (State.PRESENT, "Nuisance", "Reported", 7)
    assert [list(listed) for listed in read.worklist.listed()] == [ONE]
    assert {"9999900002", "+919999900002", "09999900002"} < read.exempt
    assert (read.refresh, read.purge, read.remove_shared, read.on_unconfirmed) == (True, False, False, "warn")
    assert (read.max_removals, read.batch_size, read.report_path, read.warnings) == (0, 1, None, ())
    assert read.expiry.recorded_span is None


@pytest.mark.parametrize("option", ["name", "description"])
@pytest.mark.parametrize("text", ["ab", "नमस्\u200dते", "മലയാ\u200cളം", "Größe & Co. #1 🙂"])
def test_d13_texts_of_any_script_are_taken_with_the_joiners_that_belong_to_them(option: str, text: str) -> None:
    assert _found(**{option: text}) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": None}, "name: is not set; give the name of the group"),
        ({"name": ""}, "name: has a length of 0; 2 to 50 characters are allowed"),
        ({"name": "x"}, "name: has a length of 1"),
        ({"name": "x" * 51}, "name: has a length of 51"),
        ({"name": "a@b"}, "name: has an @, which the web console refuses"),
        ({"name": "two\nlines"}, "name: has the character U+000A, which cannot be printed"),
        ({"name": "no\u00a0break"}, "name: has the character U+00A0"),
        ({"name": " edge"}, "name: begins or ends with a blank"),
        ({"description": "x" * 101}, "description: has a length of 101; 2 to 100 characters are allowed"),
        ({"description": "x"}, "description: has a length of 1"),
        ({"group_id": 0}, "group_id: 0 is not between 1 and 9223372036854775807"),
        ({"batch_size": 0}, "batch_size: 0 is not between 1 and 100"),
        ({"batch_size": 101}, "batch_size: 101 is not between 1 and 100"),
        ({"max_removals": -1}, "max_removals: -1 is not between 0 and"),
        ({"default_region": "XX"}, "default_region: 'XX' is not a country"),
        ({"block_numbers": None}, "block_numbers: is not set; give the list of numbers"),
        ({"block_numbers": []}, "block_numbers: holds no number; to empty a group, use purge with allow_empty"),
        (
            {"block_numbers": [], "state": "absent"},
            "block_numbers: holds no number, so there is nothing to remove",
        ),
        ({"block_numbers": [], "allow_empty": True}, "block_numbers: holds no number"),
        ({"block_numbers": [], "purge": True}, "block_numbers: holds no number"),
        ({"block_numbers": ["9.19E+11"]}, "block_numbers, entry 1: '9.19E+11' is in scientific notation"),
        ({"exempt_numbers": ["x"]}, "exempt_numbers, entry 1: 'x' holds letters"),
        ({"purge": True, "exempt_numbers": ["+919999900001"]}, "block_numbers: names exempt numbers only, so purge"),
        ({"state": "absent", "purge": True}, "purge: can only be used with state=present"),
        ({"expiry_date": "2020-01-01 00:00:00"}, "expiry_date: 2020-01-01 00:00:00 has passed in every time zone"),
        ({"expiry_date": "31.12.2099"}, "expiry_date: '31.12.2099' is not in the form YYYY-MM-DD HH:MM:SS"),
        ({"expiry_date": "2099-02-30 00:00:00"}, "expiry_date: '2099-02-30 00:00:00' is not a date in the calendar"),
        ({"expires_in": "soon"}, "expires_in: 'soon' is not a span"),
        ({"expires_in": "0d"}, "expires_in: '0d' is not a span: give a whole number of at least 1 and m, h, d or w"),
        ({"expires_in": "1d", "renew_before": "2d"}, "renew_before: is not shorter than expires_in"),
        ({"expires_in": "1d", "renew_before": "1d"}, "renew_before: is not shorter than expires_in"),
        ({"expires_in": "1d", "expiry_date": "2099-01-01 00:00:00"}, "expires_in: cannot be combined with expiry_date"),
        ({"renew_before": "1d"}, "renew_before: can only be used with expires_in"),
        ({"server_time_zone": "Mars/Olympus"}, "server_time_zone: 'Mars/Olympus'"),
        ({"report_path": "/nowhere/report.csv"}, "report_path: the folder /nowhere does not exist"),
        ({"parallel": 0}, "parallel: 0 is not between 1 and 16"),
        ({"parallel": 17}, "parallel: 17 is not between 1 and 16"),
        ({"keep_removed": "for ever"}, "keep_removed: 'for ever' is not a span"),
        ({"keep_removed": "0d"}, "keep_removed: '0d' is not a span"),
        ({"refresh_after": "often"}, "refresh_after: 'often' is not a span"),
        ({"refresh_after": "1d", "refresh": False}, "refresh_after: can only be used with refresh=true"),
        ({"number_column": "Caller"}, "number_column: can only be used with block_numbers_file"),
        ({"expiry_column": "Until"}, "expiry_column: can only be used with block_numbers_file"),
        ({"note_column": "Ticket"}, "note_column: can only be used with block_numbers_file"),
        ({"block_numbers_file": ""}, "block_numbers_file: is empty; give the name of a file"),
        ({"block_numbers_file": "/nowhere/list.txt"}, "block_numbers_file: /nowhere/list.txt does not exist"),
    ],
)
def test_each_fault_is_told_with_its_option(options: Dict[str, Any], says: str) -> None:
    (fault,) = _found(**options)
    assert fault.startswith(says)


def test_d11_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = _found(
        name="x",
        description="y",
        group_id=-1,
        batch_size=0,
        parallel=99,
        max_removals=-1,
        expires_in="soon",
        expiry_date="later",
        renew_before="never",
        refresh_after="-1d",
        report_path=str(tmp_path),
        keep_removed="90",
        block_numbers=[7, "9999900001", None],
        exempt_numbers=[True],
        default_region="zz",
        server_time_zone="here",
    )
    assert [fault.partition(":")[0] for fault in found] == [
        "name",
        "description",
        "group_id",
        "batch_size",
        "parallel",
        "max_removals",
        "server_time_zone",
        "expires_in",
        "renew_before",
        "expiry_date",
        "expires_in",
        "refresh_after",
        "report_path",
        "keep_removed",
        "default_region",
        "block_numbers, entry 1",
        "block_numbers, entry 3",
        "exempt_numbers, entry 1",
    ]


def test_a_date_that_is_past_does_no_harm_to_a_removal() -> None:
    assert _found(state="absent", expiry_date="2020-01-01 00:00:00") == []


def test_an_empty_list_may_empty_a_group_on_demand() -> None:
    assert _sound(block_numbers=[], purge=True, allow_empty=True).worklist.entries == 0


def test_a_purge_that_leaves_a_number_needs_no_permission() -> None:
    assert _found(purge=True, block_numbers=[*ONE, "9999900002"], exempt_numbers=ONE) == []


@pytest.mark.parametrize(
    ("options", "span"),
    [({"expires_in": "90d"}, 90 * 86400), ({"expiry_date": "2099-01-01 00:00:00"}, FIXED), ({}, None)],
)
def test_a14_the_policy_is_read_so_that_it_can_be_recorded(options: Dict[str, Any], span: Optional[int]) -> None:
    assert _sound(**options).expiry.recorded_span == span


def test_d6_numbers_that_may_be_one_telephone_are_named_with_the_option_that_helps() -> None:
    spellings = ["9999900001", "+919999900001", "09999900002", "+919999900002", "919999900002", "9999900003"]
    (warning,) = _sound(block_numbers=spellings).warnings
    assert "The list may name telephones in several ways (3 in all)" in warning
    assert "9999900001 and +919999900001; 09999900002 and +919999900002; 09999900002 and 919999900002" in warning
    assert "Set default_region" in warning
    assert _sound(block_numbers=spellings, default_region="IN").warnings == ()


@pytest.mark.parametrize(("given", "span"), [({}, 90 * 86400), ({"keep_removed": "30m"}, 1800)])
def test_what_is_gone_is_kept_for_ninety_days_unless_told_otherwise(given: Dict[str, Any], span: int) -> None:
    assert _sound(**given).keep_removed == span


@pytest.mark.parametrize(("given", "span"), [({}, None), ({"refresh_after": "12h"}, 12 * 3600)])
def test_the_span_of_a_refresh_is_read_in_seconds(given: Dict[str, Any], span: Optional[int]) -> None:
    assert _sound(**given).refresh_after == span


@pytest.mark.parametrize("parallel", [1, 16])
def test_up_to_sixteen_requests_may_be_under_way(parallel: int) -> None:
    assert _sound(parallel=parallel).parallel == parallel


# -- files -------------------------------------------------------------------------------------------------------------

COLUMNS = {"number_column": "Caller", "expiry_column": "Until", "note_column": "Ticket"}


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _listed(read: BlockGroupOptions) -> Dict[str, Optional[str]]:
    return {canonical: expiry for part in read.worklist.listed() for canonical, expiry in part.items()}


@pytest.mark.parametrize("beside", [None, [], ["9999900003", "99999-00001"]])
def test_a_file_is_read_alone_or_after_the_list(tmp_path: Path, beside: Optional[List[str]]) -> None:
    file = _file(tmp_path, "# reported\n\n99999 00001\n9999900002\n")
    read = _sound(block_numbers=beside, block_numbers_file=file)
    assert set(_listed(read)) == {"9999900001", "9999900002", *(["9999900003"] if beside else [])}
    assert read.worklist.duplicates == (1 if beside else 0)
    numbers = [(result.number.given, result.number.where) for result in read.worklist.all_results()]
    assert numbers[-1] == ("9999900002", f"{file}, line 4")
    if beside:
        assert numbers[1] == ("99999-00001", "block_numbers, entry 2")
        ((number, first),) = read.worklist.repeated()
        assert (number.given, number.where, first) == ("99999 00001", f"{file}, line 3", "block_numbers, entry 2")


def test_the_columns_of_a_file_are_found_by_their_names(tmp_path: Path) -> None:
    file = _file(tmp_path, "Ticket;Until;Caller\nT-1;2099-01-01 00:00:00;9999900001\n;;9999900002\n")
    read = _sound(block_numbers=None, block_numbers_file=file, **COLUMNS)
    assert _listed(read) == {"9999900001": "2099-01-01 00:00:00", "9999900002": None}
    assert [result.number.note for result in read.worklist.all_results()] == ["T-1", None]


def test_a_file_is_read_where_it_was_brought_and_named_as_it_was_given(tmp_path: Path) -> None:
    place = _file(tmp_path, "9999900001\nnobody\n")
    (fault,) = _found(block_numbers=None, block_numbers_file="callers.txt", _numbers_place=place)
    assert fault.startswith("callers.txt, line 2: 'nobody' holds letters")


def test_a_copy_is_read_once_and_is_empty_after_that(tmp_path: Path) -> None:
    copy = _file(tmp_path, "9999900001\n")
    read = _sound(block_numbers=None, block_numbers_file="callers.txt", _numbers_place="/nowhere", _numbers_copy=copy)
    assert set(_listed(read)) == {"9999900001"}
    assert Path(copy).read_bytes() == b""


def test_why_there_is_no_file_is_told_with_all_other_faults() -> None:
    faults = _found(block_numbers=None, block_numbers_file="callers.txt", _numbers_problem="it is lost", batch_size=0)
    assert [fault.partition(":")[0] for fault in faults] == ["batch_size", "block_numbers_file"]
    assert faults[1] == "block_numbers_file: it is lost"


@pytest.mark.parametrize("place", ["given", "_numbers_place", "copy"])
def test_a_report_does_not_take_the_place_of_the_list(tmp_path: Path, place: str) -> None:
    file = _file(tmp_path, "9999900001\n")
    (tmp_path / "link").symlink_to(file)
    handed = {} if place == "given" else {"_numbers_place": file}
    if place == "copy":
        (tmp_path / "copy").write_text("9999900001\n", "ascii")
        handed["_numbers_copy"] = str(tmp_path / "copy")
    name = file if place == "given" else "callers.txt"
    (fault,) = _found(block_numbers=None, block_numbers_file=name, report_path=str(tmp_path / "link"), **handed)
    assert fault == f"report_path: {file} is the file of block_numbers_file; give another name"


def test_on_another_machine_a_report_may_have_the_name_that_the_list_has_here(tmp_path: Path) -> None:
    copy, report = _file(tmp_path, "9999900001\n"), tmp_path / "report.csv"
    report.write_text("of an earlier run", "ascii")
    name = str(report)
    assert _sound(block_numbers=None, block_numbers_file=name, _numbers_copy=copy, report_path=name).report_path == name


def test_a_file_that_is_empty_is_refused_beside_a_list_too(tmp_path: Path) -> None:
    options = {"block_numbers_file": _file(tmp_path, "# nothing\n"), "purge": True}
    assert _found(**options) == ["block_numbers_file: holds no number; leave it out if block_numbers alone is the list"]
    assert _sound(**options, allow_empty=True).worklist.entries > 0


@pytest.mark.parametrize("column", ["expiry_column", "note_column"])
def test_a_column_without_that_of_the_numbers_is_refused(tmp_path: Path, column: str) -> None:
    (fault,) = _found(block_numbers_file=_file(tmp_path, "9999900001\n"), **{column: "Until"})
    assert fault.startswith(f"{column}: can only be used with number_column")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_without_a_name_is_told_once(tmp_path: Path, column: str) -> None:
    file = _file(tmp_path, "Caller,Until,Ticket\n9999900001,,\n")
    (fault,) = _found(block_numbers_file=file, **{**COLUMNS, column: " "})
    assert fault == f"{column}: is empty; give the name of a column"


@pytest.mark.parametrize("text", ["", "# nothing\n\n", "Caller,Until,Ticket\n"])
def test_a_file_without_numbers_is_no_list(tmp_path: Path, text: str) -> None:
    columns = COLUMNS if "Caller" in text else {}
    options = {"block_numbers": None, "block_numbers_file": _file(tmp_path, text), **columns}
    assert _found(**options) == ["block_numbers_file: holds no number; to empty a group, use purge with allow_empty"]
    assert _sound(**options, purge=True, allow_empty=True).worklist.entries == 0


def test_a_purge_with_a_file_of_exempt_numbers_only_is_refused(tmp_path: Path) -> None:
    options = {"block_numbers": None, "block_numbers_file": _file(tmp_path, "9999900001\n"), "purge": True}
    (fault,) = _found(**options, exempt_numbers=["+91 99999 00001"])
    assert fault.startswith("block_numbers_file: names exempt numbers only")


DATED = "Caller,Until,Ticket\n9999900001,2020-01-01 00:00:00,\n9999900002,31.12.2099,\n9999900001,,\n"


def test_a_row_is_told_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    file = _file(tmp_path, "Caller,Until,Ticket\n99x,2020-01-01 00:00:00,\n")
    assert _found(block_numbers=None, block_numbers_file=file, **COLUMNS) == [
        f"{file}, line 2: expiry 2020-01-01 00:00:00 has passed in every time zone; give a future date",
        f"{file}, line 2: '99x' holds letters; only digits, separators and a leading + can be dialled",
    ]


def test_dates_of_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    file = _file(tmp_path, DATED + "9999900003,2099-01-01 00:00:00,\n99999 00003,2099-06-01T00:00:00,\n")
    assert _found(block_numbers=None, block_numbers_file=file, **COLUMNS) == [
        f"{file}, line 2: expiry 2020-01-01 00:00:00 has passed in every time zone; give a future date",
        f"{file}, line 3: expiry '31.12.2099' is not in the form YYYY-MM-DD HH:MM:SS",
        f"{file}, line 6: is the same number as {file}, line 5, with another expiry; keep one of the two",
    ]


def test_dates_of_rows_do_no_harm_to_a_removal(tmp_path: Path) -> None:
    read = _sound(state="absent", block_numbers=None, block_numbers_file=_file(tmp_path, DATED), **COLUMNS)
    assert _listed(read) == {"9999900001": None, "9999900002": None}


def test_all_faults_are_counted_a_thousand_kept_and_fifty_shown(tmp_path: Path) -> None:
    file = _file(tmp_path, "".join(f"nobody {row}\n" for row in range(1, 1502)))
    faults = Faults()
    _read(faults, block_numbers=["no"], block_numbers_file=file)
    with pytest.raises(InvalidInput) as caught:
        faults.stop_if_any()
    assert (caught.value.found, len(caught.value.faults)) == (1502, 1000)
    assert caught.value.faults[-1].where == f"{file}, line 999"
    shown = str(caught.value)
    assert shown.count("holds letters") == 50
    assert shown.endswith("; and 1452 more, see faults")
