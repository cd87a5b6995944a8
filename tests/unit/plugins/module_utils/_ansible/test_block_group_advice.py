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


def test_the_spelling_on_record_is_in_doubt_from_then_on(runner: Runner) -> None:
    runner.simulator.set(number_form="as_given")
    _removed(runner, ["099999 00181"])
    msg = runner.info(block_numbers=["099999 00181"]).result["msg"]
    assert f"perhaps in Forms (as {ON_RECORD}) (unconfirmed)" in msg


@pytest.mark.parametrize(
    ("listed", "options"),
    [
        (["099999 00181"], {"default_region": "IN"}),
        (["099999 00181", ON_RECORD], {}),
        (["99999-00181"], {}),  # which this server takes for the same
    ],
)
def test_nothing_is_told_where_the_number_is_removed(
    runner: Runner, listed: List[str], options: Dict[str, Any]
) -> None:
    for _time in range(3):
        report = _removed(runner, listed, **options)
        assert ON_RECORD not in runner.simulator.numbers("Forms")
        assert "another spelling" not in str(report.warnings)


@pytest.mark.parametrize(("recorded", "listed"), [("9999900003", "+919999900003"), ("09999900003", "9999900003")])
def test_what_is_advised_helps_where_the_record_has_a_national_form(runner: Runner, recorded: str, listed: str) -> None:
    runner.simulator.set(number_form="as_given")
    runner.group(name="Forms", block_numbers=[recorded])
    (warning,) = _removed(runner, [listed]).warnings
    assert warning.endswith(
        f"as {recorded}. To remove such a number, list it as it is on record, in a task without default_region."
    )
    _removed(runner, [recorded])
    assert recorded not in runner.simulator.numbers("Forms")


def test_what_is_advised_helps_where_the_record_has_the_international_form(runner: Runner) -> None:
    runner.simulator.set(number_form="as_given")
    (warning,) = _removed(runner, ["099999 00181"]).warnings
    assert warning.endswith(WITHOUT_REGION)
    _removed(runner, ["099999 00181"], default_region="IN")
    assert ON_RECORD not in runner.simulator.numbers("Forms")


def test_of_many_the_first_are_named(runner: Runner) -> None:
    held = [f"+9199999002{n:02d}" for n in range(5)]
    runner.simulator.set(number_form="as_given")
    runner.group(name="Forms", block_numbers=held)
    report = _removed(runner, [f"0{number[3:]}" for number in held])
    assert "entry 3 (09999900202) as +919999900202; and 2 more, see numbers and report_path." in report.warnings[-1]
    assert len([reason for reason in _reasons(report.result) if "it may be in the group as" in reason]) == 5


def test_with_a_region_it_is_to_be_listed_as_it_is_on_record(runner: Runner) -> None:
    runner.simulator.set(number_form="as_given")
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
        f"Group {name}: no earlier run has seen a group of this name on the server; check name (on record: 'Forms')."
    ]


def test_it_is_told_too_where_another_group_keeps_the_number(runner: Runner) -> None:
    report = _removed(runner, [ON_RECORD], name="Fomrs")
    assert report.result["counts"]["shared"] == 1
    assert "Group Fomrs: no earlier run has seen a group of this name on the server" in report.warnings[-1]


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


def test_a_group_that_this_run_has_seen_is_not_doubted(runner: Runner) -> None:
    runner.simulator.set(delete_scope="needs_id")
    runner.simulator.preset("Made in the console", ["+919999900088"])
    options = {"description": "As it is there", "expiry_date": "2099-12-31 23:59:59"}
    report = _removed(runner, ["+919999900077"], name="Made in the console", **options)
    assert (report.failure, report.result["counts"]["removed"]) == (None, 0)
    assert "check name" not in str(report.warnings)


def test_a_name_that_is_nearly_one_on_record_is_told_where_a_description_is_missing(runner: Runner) -> None:
    report = runner.group(name="forms", description=None, block_numbers=["+919999900077"])
    assert str(report.failure).endswith("so it may have to be made (on record: 'Forms')")


def test_a_group_that_is_made_again_has_to_be_assigned_again(runner: Runner) -> None:
    runner.simulator.delete_group("Forms")
    (warning,) = runner.group(name="Forms", block_numbers=[ON_RECORD]).warnings
    assert warning == (
        "Group Forms: it was on record, the server knew it no more, and it was made again. Assign it to its campaigns"
        " in the web console; until then it blocks nobody."
    )
    assert runner.group(name="Forms", block_numbers=[ON_RECORD]).warnings == []


def test_without_a_store_nothing_is_ever_on_record(simulator: Simulator) -> None:
    runner = Runner(simulator, Location())
    assert _removed(runner, ["+919999900077"], name="Fomrs").warnings == []


@pytest.mark.parametrize("name", ["FORMS", "For-ms", "for ms"])
def test_a_new_group_of_nearly_the_same_name_is_asked_about_once(runner: Runner, name: str) -> None:
    (warning,) = runner.group(name=name, block_numbers=["+919999900099"]).warnings
    assert warning == (
        f"Group {name}: no group of this name was on record; 'Forms' is, which is nearly the same. If that is the one"
        " that you mean, correct name."
    )
    assert runner.group(name=name, block_numbers=["+919999900099"]).warnings == []


def test_a_new_group_of_another_name_is_nothing_to_ask_about(runner: Runner) -> None:
    assert runner.group(name="Forms 2", block_numbers=["+919999900099"]).warnings == []
