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
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.expiry import FIXED

NOW = 1_800_000_000.0  # in January 2027
ONE = ["9999900001"]


def _read(faults: Faults, **options: Any) -> BlockGroupOptions:
    params: Dict[str, Any] = {name: option.get("default") for name, option in SPEC.items()}
    params.update(name="Nuisance", description="Reported", block_numbers=ONE)
    return read_block_group({**params, **options}, NOW, faults)


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
        ({"block_numbers": []}, "block_numbers: is empty; to empty a group, use purge with allow_empty"),
        ({"block_numbers": [], "allow_empty": True}, "block_numbers: is empty"),
        ({"block_numbers": [], "purge": True}, "block_numbers: is empty"),
        ({"block_numbers": ["9.19E+11"]}, "block_numbers, entry 1: '9.19E+11' is in scientific notation"),
        ({"exempt_numbers": ["x"]}, "exempt_numbers, entry 1: 'x' holds letters"),
        ({"purge": True, "exempt_numbers": ["+919999900001"]}, "block_numbers: names exempt numbers only, so purge"),
        ({"state": "absent", "purge": True}, "purge: goes with state=present"),
        ({"expiry_date": "2020-01-01 00:00:00"}, "expiry_date: 2020-01-01 00:00:00 is past in every time zone"),
        ({"expiry_date": "31.12.2099"}, "expiry_date: '31.12.2099' is not of the form YYYY-MM-DD HH:MM:SS"),
        ({"expiry_date": "2099-02-30 00:00:00"}, "expiry_date: '2099-02-30 00:00:00' is not a date of the calendar"),
        ({"expires_in": "soon"}, "expires_in: 'soon' is not a span"),
        ({"expires_in": "1d", "renew_before": "2d"}, "renew_before: is not shorter than expires_in"),
        ({"expires_in": "1d", "renew_before": "1d"}, "renew_before: is not shorter than expires_in"),
        ({"expires_in": "1d", "expiry_date": "2099-01-01 00:00:00"}, "expires_in: cannot be combined with expiry_date"),
        ({"renew_before": "1d"}, "renew_before: goes with expires_in only"),
        ({"server_time_zone": "Mars/Olympus"}, "server_time_zone: 'Mars/Olympus'"),
        ({"report_path": "/nowhere/report.csv"}, "report_path: the folder /nowhere does not exist"),
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
        max_removals=-1,
        expires_in="soon",
        expiry_date="later",
        renew_before="never",
        report_path=str(tmp_path),
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
        "max_removals",
        "server_time_zone",
        "expires_in",
        "renew_before",
        "expiry_date",
        "expires_in",
        "report_path",
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
