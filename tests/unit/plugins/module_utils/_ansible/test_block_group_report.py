# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ozonetel_block_group tells: rows, counts, diff, message, warnings and report file, from the same outcomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_options import (
    SPEC,
    read_block_group,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_report import (
    DIFF_NUMBERS_SHOWN,
    NUMBERS_SHOWN,
    Told,
    report_of,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import Faults, read_shared
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.parts import Parts, Surroundings, assembled
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.apply import Applied
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Intent,
    Kind,
    RecordedGroup,
    State,
    Why,
    Wish,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import MissingLibrary, NoAnswer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    Evidence,
    NumberResult,
    Outcome,
    Source,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import AttributeChange, Plan, Prediction
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets

KEY = "KK" + "0123456789abcdef" * 2
ONE, TWO, THREE = (Number(f"999990000{n}", f"999990000{n}", f"block_numbers, entry {n}") for n in (1, 2, 3))
CHANGED = Evidence(True, Source.SERVER)


def _result(number: Number, outcome: Outcome, reason: str = "", batch: Optional[int] = 1) -> NumberResult:
    return NumberResult(number, outcome, reason, batch)


class Teller:
    """Has something told, with the parts of a task that has sent three requests."""

    def __init__(self, **options: Any) -> None:
        params: Dict[str, Any] = {name: option.get("default") for name, option in SPEC.items()}
        params.update(username="demo_user", api_key=KEY, state_store="none", name="Nuisance", description="Reported")
        params.update(block_numbers=[ONE.given, TWO.given, THREE.given], **options)
        faults = Faults()
        self.shared = read_shared(params, faults)
        self.options = read_block_group(params, 1_800_000_000.0, faults)
        faults.stop_if_any()
        self.wish = Wish(State.PRESENT, "Nuisance", self.options.reading.numbers, "Reported")
        self.group = RecordedGroup(known=True, group_id=7)
        self.plan = Plan()

    def tell(self, done: Any) -> Report:
        """The report."""
        with assembled(self.shared, Surroundings(check_mode=True, secrets=Secrets([KEY]))) as parts:
            parts.transport.sent = 3
            return self.tell_with(parts, done)

    def tell_with(self, parts: Parts, done: Any) -> Report:
        """The report, with these parts."""
        return report_of(parts, Told(self.options, self.wish, self.group, self.plan, done))


def _applied(*results: NumberResult, **more: Any) -> Applied:
    return Applied(**{"results": list(results), "evidence": {CHANGED}, "group_id": 7, **more})


def test_rows_stand_in_the_order_of_the_list_and_those_of_a_purge_behind_them() -> None:
    purged = Number("9999900009", "9999900009", "the ledger")
    done = _applied(
        _result(purged, Outcome.REMOVED, batch=2), _result(THREE, Outcome.ADDED), _result(ONE, Outcome.ADDED)
    )
    done.settled = (_result(TWO, Outcome.ALREADY_PRESENT, "recorded as present", None),)
    result = Teller().tell(done).result
    assert [(row["number"], row["outcome"], row["batch"]) for row in result["numbers"]] == [
        (ONE.given, "added", 1),
        (TWO.given, "already_present", None),
        (THREE.given, "added", 1),
        (purged.given, "removed", 2),
    ]
    assert {name: number for name, number in result["counts"].items() if number} == {
        "added": 2,
        "already_present": 1,
        "removed": 1,
    }
    assert result["diff"]["before"] == f"1 number stays\n{purged.given}\n"
    assert result["diff"]["after"] == f"1 number stays\n{ONE.given}\n{THREE.given}\n"
    assert result["msg"] == ("Group Nuisance: 2 added, 1 already present, 1 removed; changed, by the server's answers.")
    assert (result["requests_sent"], result["numbers_truncated"]) == (3, False)
    assert (result["changed"], result["change_source"]) == (True, "server")


def test_what_was_not_known_before_is_told_in_the_diff_as_that() -> None:
    done = _applied(_result(ONE, Outcome.PRESENT), _result(TWO, Outcome.PRESENT), _result(THREE, Outcome.ABSENT))
    diff = Teller().tell(done).result["diff"]
    assert diff["before"] == "1 number is not in the group now; whether it was before is not known\n"
    assert diff["after"] == "2 numbers are in the group now; whether they were before is not known\n"


def test_long_lists_are_capped_with_a_count() -> None:
    many = [replace(ONE, given=str(n), canonical=f"{n:010d}") for n in range(NUMBERS_SHOWN + 5)]
    result = Teller().tell(_applied(*(_result(number, Outcome.ADDED) for number in many))).result
    assert (len(result["numbers"]), result["numbers_truncated"]) == (NUMBERS_SHOWN, True)
    lines = result["diff"]["after"].splitlines()
    assert len(lines) == DIFF_NUMBERS_SHOWN + 1
    assert lines[-1] == f"and {NUMBERS_SHOWN + 5 - DIFF_NUMBERS_SHOWN} more numbers"


def test_server_counts_stand_apart() -> None:
    done = _applied(_result(ONE, Outcome.PRESENT), inserted=5, deleted=0)
    assert Teller().tell(done).result["server_counts"] == {"inserted": 5, "deleted": 0}
    predicted = Prediction((_result(ONE, Outcome.ADDED),), CHANGED)
    assert Teller().tell(predicted).result["server_counts"] == {"inserted": None, "deleted": None}


@pytest.mark.parametrize(
    ("failing", "says"),
    [
        (
            [_result(ONE, Outcome.REJECTED, "no number")],
            "Group Nuisance: 1 rejected. block_numbers, entry 1 (9999900001): rejected, no number.",
        ),
        (
            [_result(number, Outcome.NOT_SENT, "stopped") for number in (ONE, TWO, THREE)]
            + [_result(replace(ONE, canonical="9999900004"), Outcome.NOT_SENT, "stopped")],
            "; and 1 more, see numbers and report_path.",
        ),
    ],
)
def test_numbers_that_were_refused_or_not_sent_fail_the_task_with_examples(
    failing: Sequence[NumberResult], says: str
) -> None:
    report = Teller().tell(_applied(*failing))
    assert report.failure is not None
    assert says in report.failure
    assert "msg" not in report.result


def test_whatever_the_task_fails_for_its_message_tells_the_counts() -> None:
    results = (_result(ONE, Outcome.ADDED), _result(TWO, Outcome.UNCONFIRMED, "sent"))
    error = NoAnswer("PUT /update", "the connection was lost", "Run again.")
    counts = "Group Nuisance: 1 added, 1 unconfirmed."
    assert Teller().tell(_applied(*results, error=error)).failure == f"{error} {counts}"
    assert str(Teller(on_unconfirmed="fail").tell(_applied(*results)).failure).endswith(counts)


def test_an_error_and_what_could_not_be_recorded_are_told_before_the_numbers() -> None:
    error = NoAnswer("PUT /update", "the connection was lost", "Run again.")
    report = Teller().tell(_applied(_result(ONE, Outcome.ADDED), error=error, unrecorded=1))
    assert str(report.failure).startswith("PUT /update: the connection was lost. Run again. What was done could not")
    missing = Teller().tell(_applied(error=MissingLibrary("requests", "to talk to CloudAgent")))
    assert "Failed to import the required Python library (requests)" in str(missing.failure)


@pytest.mark.parametrize(("choice", "fails", "warned"), [("warn", False, 1), ("fail", True, 0), ("ignore", False, 0)])
def test_what_unconfirmed_numbers_do_is_the_users_choice(choice: str, fails: bool, warned: int) -> None:
    done = _applied(_result(ONE, Outcome.UNCONFIRMED, "not listed"))
    report = Teller(on_unconfirmed=choice).tell(done)
    assert (report.failure is not None, len(report.warnings)) == (fails, warned)
    said = report.failure or "".join(report.warnings)
    assert choice == "ignore" or "Group Nuisance: 1 not confirmed by the server. block_numbers, entry 1" in said


def test_warnings_of_options_plan_and_run_are_told() -> None:
    teller = Teller()
    teller.options = replace(teller.options, warnings=("of the list",))
    teller.plan = Plan(warnings=("of the plan",))
    report = teller.tell(_applied(_result(ONE, Outcome.PRESENT), created=None, warnings=["of the run"]))
    assert report.warnings[:3] == ["of the list", "of the plan", "of the run"]
    assert "It is not certain whether this run has made the group Nuisance" in report.warnings[3]


@pytest.mark.parametrize("predicted", [True, False])
def test_a17_what_changed_besides_numbers_is_named(predicted: bool) -> None:
    changes = (AttributeChange("description", None, "Reported"), AttributeChange("expiry_date", "old", "new"))
    results = [_result(ONE, Outcome.ALREADY_PRESENT)]
    teller = Teller()
    teller.plan = Plan(changes=changes)
    done: Any = Prediction(tuple(results), CHANGED) if predicted else _applied(*results, changes=changes)
    result = teller.tell(done).result
    assert ("would be " if predicted else "") + "changed (description and expiry), by" in result["msg"]
    assert result["diff"]["before"].splitlines() == ["description: ", "expiry_date: old", "1 number stays"]
    assert result["diff"]["after"].splitlines() == ["description: Reported", "expiry_date: new", "1 number stays"]


@pytest.mark.parametrize(("outcome", "named"), [(Outcome.ALREADY_PRESENT, True), (Outcome.UNCONFIRMED, False)])
def test_a17_an_expiry_that_changes_for_numbers_only_is_named(outcome: Outcome, named: bool) -> None:
    teller = Teller(on_unconfirmed="ignore")
    teller.plan = Plan((Intent(Kind.ADD, ONE, Why.EXPIRY, "2099-01-01 00:00:00"),))
    assert ("changed (expiry)" in teller.tell(_applied(_result(ONE, outcome))).result["msg"]) is named


def test_of_the_group_it_tells_what_is_given_recorded_or_found_out() -> None:
    teller = Teller(group_id=8)
    teller.group = replace(teller.group, expiry="2099-01-01 00:00:00")
    predicted = teller.tell(Prediction((), Evidence(False, Source.LEDGER))).result["group"]
    assert predicted == {
        "name": "Nuisance",
        "id": 8,
        "description": "Reported",
        "expiry_date": "2099-01-01 00:00:00",
        "created": False,
    }
    assert Teller().tell(_applied(created=True, group_id=9)).result["group"]["id"] == 9


@pytest.mark.parametrize(("known", "source"), [(True, "ledger"), (False, "assumed")])
def test_where_nothing_was_sent_the_record_tells_or_nobody(known: bool, source: str) -> None:
    teller = Teller()
    teller.group = RecordedGroup(known)
    result = teller.tell(_applied(evidence=set())).result
    assert (result["changed"], result["change_source"]) == (False, source)


def test_d14_check_mode_says_that_it_writes_no_report(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    result = Teller(report_path=str(path)).tell(Prediction((), CHANGED)).result
    assert result["msg"].endswith("The file in report_path is not written in check mode.")
    assert not path.exists()


def test_b3_the_report_file_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    Teller(report_path=str(path)).tell(_applied(_result(ONE, Outcome.REJECTED, f"refused by the server: {KEY}")))
    assert KEY not in path.read_text()
    assert MASK in path.read_text()


def test_a_report_file_that_cannot_be_written_fails_the_task_with_its_whole_result(tmp_path: Path) -> None:
    teller = Teller(report_path=str(tmp_path / "report.csv"))
    teller.options = replace(teller.options, report_path=str(tmp_path / "gone" / "report.csv"))
    report = teller.tell(_applied(_result(ONE, Outcome.ADDED)))
    assert "could not be written: No such file or directory" in str(report.failure)
    assert str(report.failure).endswith("Group Nuisance: 1 added.")
    assert (report.result["changed"], report.result["counts"]["added"]) == (True, 1)


def test_c2_a_report_that_breaks_still_tells_whether_something_changed() -> None:
    teller = Teller()
    broken: List[Any] = [None]
    report = teller.tell(_applied(*broken))
    assert report.result == {"changed": True, "change_source": "server", "requests_sent": 3}
    assert "An unexpected error of the class AttributeError" in str(report.failure)
