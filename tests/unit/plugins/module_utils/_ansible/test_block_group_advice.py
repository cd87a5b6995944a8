# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings about what the user of a task may have meant, against the simulator."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner

ON_RECORD = "+919999900181"
OTHER_SPELLINGS = ["099999 00181", "0091 99999 00181", "91-99999-00181", "9999900181"]
WITHOUT_REGION = (
    "To have both spellings read as one number, set default_region (such as IN); or list it as it is on record."
)


@pytest.fixture
def runner(runner_on_each_engine: Runner) -> Runner:
    """Runs tasks with a store on each engine, in which a group is on record."""
    made = runner_on_each_engine.group(name="Forms", block_numbers=[ON_RECORD, "+919999900001"])
    assert made.failure is None
    return runner_on_each_engine


def _removed(runner: Runner, numbers: List[str], **options: Any) -> Any:
    return runner.group(
        **{"state": "absent", "name": "Forms", "description": None, "block_numbers": numbers, **options}
    )


def _reasons(result: Dict[str, Any]) -> List[str]:
    return [number["reason"] for number in result["numbers"]]


# -- another spelling --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("spelling", OTHER_SPELLINGS)
def test_a_number_that_is_on_record_in_another_spelling_is_not_passed_over(
    runner: Runner, spelling: str, check_mode: bool
) -> None:
    runner.simulator.set(number_form="as_given")
    report = _removed(runner, [spelling], check_mode=check_mode)
    assert ON_RECORD in runner.simulator.numbers("Forms")
    assert report.failure is None
    assert report.warnings[-1] == (
        "Group Forms: numbers that were to be removed may still be in it in another spelling: block_numbers, entry 1"
        f" ({spelling}) as {ON_RECORD}. {WITHOUT_REGION}"
    )
    (reason,) = _reasons(report.result)
    assert reason.endswith(f"it may be in the group as {ON_RECORD}")


def test_it_is_told_again_by_the_next_run(runner: Runner) -> None:
    _removed(runner, ["099999 00181"])
    assert f"as {ON_RECORD}" in str(_removed(runner, ["099999 00181"]).warnings)


@pytest.mark.parametrize("options", [{"default_region": "IN"}, {}])
def test_nothing_is_told_where_the_number_is_removed(runner: Runner, options: Dict[str, Any]) -> None:
    listed = ["099999 00181"] if options else ["099999 00181", ON_RECORD]
    report = _removed(runner, listed, **options)
    assert ON_RECORD not in runner.simulator.numbers("Forms")
    assert "another spelling" not in str(report.warnings)


def test_of_many_the_first_are_named(runner: Runner) -> None:
    held = [f"+9199999002{n:02d}" for n in range(5)]
    runner.group(name="Forms", block_numbers=held)
    report = _removed(runner, [f"0{number[3:]}" for number in held])
    assert "entry 3 (09999900202) as +919999900202; and 2 more, see numbers and report_path." in report.warnings[-1]
    assert len([reason for reason in _reasons(report.result) if "it may be in the group as" in reason]) == 5


def test_with_a_region_it_is_to_be_listed_as_it_is_on_record(runner: Runner) -> None:
    runner.group(name="Forms", block_numbers=["09999900003"])
    report = _removed(runner, ["+91 99999 00003"], default_region="IN")
    assert report.warnings[-1].endswith(
        "(+91 99999 00003) as 09999900003. To remove such a number, list it as it is on record, in a task without"
        " default_region."
    )


# -- another name ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("name", ["Form", "forms", "Fomrs"])
def test_a_removal_from_a_group_that_nothing_is_recorded_of_names_those_that_may_be_meant(
    runner: Runner, name: str, check_mode: bool
) -> None:
    report = _removed(runner, ["+919999900077"], name=name, check_mode=check_mode)
    assert report.warnings == [
        f"Group {name}: nothing is recorded of a group of this name; check name (on record: 'Forms')."
    ]


def test_it_is_told_too_where_another_group_keeps_the_number(runner: Runner) -> None:
    report = _removed(runner, [ON_RECORD], name="Fomrs")
    assert report.result["counts"]["shared"] == 1
    assert "Group Fomrs: nothing is recorded of a group of this name" in report.warnings[-1]


def test_a_server_that_knows_no_such_group_says_so(runner: Runner) -> None:
    runner.simulator.set(delete_scope="needs_id")
    report = _removed(
        runner, ["+919999900077"], name="Fomrs", description="As the others", expiry_date="2099-12-31 23:59:59"
    )
    assert (report.failure, report.result["counts"]["not_found"]) == (None, 1)
    assert report.warnings == ["Group Fomrs: the server knows no group of this name; check name (on record: 'Forms')."]


def test_a_failure_for_want_of_an_id_names_the_name_first(runner: Runner) -> None:
    runner.simulator.set(delete_scope="needs_id")
    report = _removed(runner, ["+919999900077"], name="Fomrs")
    told = f"{report.failure} {report.warnings}"
    assert "check name (on record: 'Forms')" in told


def test_a_group_that_was_made_elsewhere_is_not_doubted_where_the_server_has_removed_a_number(runner: Runner) -> None:
    runner.simulator.preset("Made in the console", ["+919999900088"])
    report = _removed(runner, ["+919999900088"], name="Made in the console")
    assert (report.result["counts"]["removed"], report.warnings) == (1, [])


def test_without_a_store_nothing_is_ever_on_record(simulator: Simulator) -> None:
    runner = Runner(simulator, Location())
    assert _removed(runner, ["+919999900077"], name="Fomrs").warnings == []


@pytest.mark.parametrize("name", ["FORMS", "For-ms", "for ms"])
def test_a_new_group_of_nearly_the_same_name_is_asked_about_once(runner: Runner, name: str) -> None:
    (warning,) = runner.group(name=name, block_numbers=["+919999900099"]).warnings
    assert warning == (
        f"Group {name}: nothing is recorded of a group of this name, but of 'Forms', which is nearly the same. If that"
        " group is meant, correct name."
    )
    assert runner.group(name=name, block_numbers=["+919999900099"]).warnings == []


def test_a_new_group_of_another_name_is_nothing_to_ask_about(runner: Runner) -> None:
    assert runner.group(name="Forms 2", block_numbers=["+919999900099"]).warnings == []
