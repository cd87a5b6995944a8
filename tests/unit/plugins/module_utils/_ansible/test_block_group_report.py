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
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.applied import Applied
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Kind,
    RecordedGroup,
    Settled,
    State,
    Why,
    Wish,
    Work,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import MissingLibrary, NoAnswer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    Evidence,
    NumberResult,
    Outcome,
    Source,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import AttributeChange, Plan
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.predict import Prediction
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import closed_after

KEY = "KK" + "0123456789abcdef" * 2
ONE, TWO, THREE, FOUR = (Number(f"999990000{n}", f"999990000{n}", f"block_numbers, entry {n}") for n in (1, 2, 3, 4))
CHANGED = Evidence(True, Source.SERVER)
BOTH = [ONE.given, TWO.given]


def _result(number: Number, outcome: Outcome, reason: str = "", batch: Optional[int] = 1) -> NumberResult:
    return NumberResult(number, outcome, reason, batch)


class Teller:
    """Has something told, with the parts of a task that has sent three requests.

    ``results``: what became of numbers; of those of the list that are not named, that they stay.
    """

    def __init__(self, *results: NumberResult, **options: Any) -> None:
        params: Dict[str, Any] = {name: option.get("default") for name, option in SPEC.items()}
        params.update(username="demo_user", api_key=KEY, state_store="none", name="Nuisance", description="Reported")
        params.update({"block_numbers": [result.number.given for result in results], **options})
        params["allow_empty"] = params["purge"] = not params["block_numbers"]
        faults = Faults()
        self.shared = read_shared(params, faults)
        self.options = read_block_group(params, 1_800_000_000.0, faults)
        faults.stop_if_any()
        closed_after(self, self.options.worklist)
        self.options = replace(self.options, warnings=())
        self._enter(results)
        self.wish = Wish(State.PRESENT, "Nuisance", "Reported")
        self.group = RecordedGroup(known=True, group_id=7)
        self.plan = Plan()

    def _enter(self, results: Sequence[NumberResult]) -> None:
        """As a run does it: numbers in no request are settled, the others sent, and their outcomes kept."""
        worklist = self.options.worklist
        listed = worklist.holds([result.number.canonical for result in results])
        worklist.add_unlisted([r.number.canonical for r in results if r.number.canonical not in listed])
        for result in results:
            if result.batch is None:
                worklist.settle(Settled(result.outcome, result.reason), [result.number.canonical])
            else:
                worklist.send(Work(Kind.ADD, Why.NEW), [result.number.canonical])
                worklist.keep([result])

    def tell(self, done: Any) -> Report:
        """The report."""
        with assembled(self.shared, Surroundings(check_mode=True, secrets=Secrets([KEY]))) as parts:
            parts.sending.transport.sent = 3
            return self.tell_with(parts, done)

    def tell_with(self, parts: Parts, done: Any) -> Report:
        """The report, with these parts."""
        return report_of(parts, Told(self.options, self.wish, self.group, self.plan, done))


def _applied(**more: Any) -> Applied:
    return Applied(**{"evidence": {CHANGED}, "group_id": 7, **more})


def test_rows_stand_in_the_order_of_the_list_and_those_of_a_purge_behind_them() -> None:
    purged = Number("9999900009", "9999900009", "the ledger")
    teller = Teller(
        _result(purged, Outcome.REMOVED, batch=2),
        _result(THREE, Outcome.ADDED),
        _result(ONE, Outcome.ADDED),
        block_numbers=[ONE.given, TWO.given, THREE.given],
    )
    result = teller.tell(_applied()).result
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


def test_the_summary_tells_that_the_group_is_new() -> None:
    change = AttributeChange("expiry_date", None, "2099-12-31 23:59:59")
    told = {
        created: Teller(_result(ONE, Outcome.ADDED)).tell(_applied(created=created, changes=(change,))).result["msg"]
        for created in (True, False, None)
    }
    assert told == {
        True: "Group Nuisance: 1 added; changed (new group), by the server's answers.",
        False: "Group Nuisance: 1 added; changed (expiry), by the server's answers.",
        None: "Group Nuisance: 1 added; changed (expiry), by the server's answers.",
    }


def test_what_was_not_known_before_is_told_in_the_diff_as_that() -> None:
    teller = Teller(_result(ONE, Outcome.PRESENT), _result(TWO, Outcome.PRESENT), _result(THREE, Outcome.ABSENT))
    diff = teller.tell(_applied()).result["diff"]
    assert diff["before"] == "1 number is not in the group now; whether it was before is not known\n"
    assert diff["after"] == "2 numbers are in the group now; whether they were before is not known\n"


def test_long_lists_are_capped_with_a_count() -> None:
    many = [Number(f"8{n:09d}", f"8{n:09d}", "") for n in range(NUMBERS_SHOWN + 5)]
    result = Teller(*(_result(number, Outcome.ADDED) for number in many)).tell(_applied()).result
    assert (len(result["numbers"]), result["numbers_truncated"]) == (NUMBERS_SHOWN, True)
    assert [row["canonical"] for row in result["numbers"]] == [number.canonical for number in many[:NUMBERS_SHOWN]]
    lines = result["diff"]["after"].splitlines()
    assert len(lines) == DIFF_NUMBERS_SHOWN + 1
    assert lines[-1] == f"and {NUMBERS_SHOWN + 5 - DIFF_NUMBERS_SHOWN} more numbers"


def test_as_many_numbers_as_are_shown_are_all_of_them() -> None:
    many = [Number(f"8{n:09d}", f"8{n:09d}", "") for n in range(NUMBERS_SHOWN)]
    result = Teller(*(_result(number, Outcome.ADDED) for number in many)).tell(_applied()).result
    assert (len(result["numbers"]), result["numbers_truncated"]) == (NUMBERS_SHOWN, False)


def test_an_entry_that_repeats_a_number_is_counted_and_has_no_row() -> None:
    result = Teller(_result(ONE, Outcome.ADDED), block_numbers=[ONE.given, "99999 00001"]).tell(_applied()).result
    assert (result["counts"]["added"], result["counts"]["duplicates"], len(result["numbers"])) == (1, 1, 1)
    assert result["msg"].startswith("Group Nuisance: 1 added, 1 duplicate; changed")


def test_a_row_tells_all_of_its_number() -> None:
    (row,) = Teller(_result(ONE, Outcome.UNCONFIRMED, "not listed", 3)).tell(_applied()).result["numbers"]
    assert row == {
        "number": ONE.given,
        "canonical": ONE.canonical,
        "outcome": "unconfirmed",
        "reason": "not listed",
        "batch": 3,
        "note": None,
    }


def test_what_is_predicted_stands_in_rows_counts_and_diff_though_it_was_in_no_request() -> None:
    predicted = [
        _result(ONE, Outcome.ADDED, "not recorded as present", None),
        _result(TWO, Outcome.ALREADY_PRESENT, "recorded as present", None),
        _result(THREE, Outcome.REMOVED, "no longer listed (purge)", None),
    ]
    result = Teller(*predicted, block_numbers=BOTH).tell(Prediction(CHANGED)).result
    assert [(row["canonical"], row["outcome"], row["batch"]) for row in result["numbers"]] == [
        (ONE.canonical, "added", None),
        (TWO.canonical, "already_present", None),
        (THREE.canonical, "removed", None),
    ]
    assert result["diff"]["before"] == f"1 number stays\n{THREE.canonical}\n"
    assert result["diff"]["after"] == f"1 number stays\n{ONE.canonical}\n"


def test_server_counts_stand_apart() -> None:
    counted = Teller(_result(ONE, Outcome.PRESENT)).tell(_applied(inserted=5, deleted=0))
    assert counted.result["server_counts"] == {"inserted": 5, "deleted": 0}
    predicted = Teller(_result(ONE, Outcome.ADDED, batch=None)).tell(Prediction(CHANGED))
    assert predicted.result["server_counts"] == {"inserted": None, "deleted": None}


@pytest.mark.parametrize(
    ("failing", "says"),
    [
        (
            [_result(ONE, Outcome.REJECTED, "no number")],
            "Group Nuisance: 1 rejected. block_numbers, entry 1 (9999900001): rejected, no number.",
        ),
        (
            [_result(number, Outcome.NOT_SENT, "stopped") for number in (ONE, TWO, THREE, FOUR)],
            "entry 3 (9999900003): not_sent, stopped; and 1 more, see numbers and report_path.",
        ),
        (
            [_result(ONE, Outcome.ADDED), _result(TWO, Outcome.NOT_SENT, "not tried", None)],
            "Group Nuisance: 1 added, 1 not sent. block_numbers, entry 2 (9999900002): not_sent, not tried.",
        ),
        (
            [_result(ONE, Outcome.NOT_SENT, "stopped"), _result(TWO, Outcome.REJECTED, "no number")],
            "entry 1 (9999900001): not_sent, stopped; block_numbers, entry 2 (9999900002): rejected, no number.",
        ),
    ],
)
def test_numbers_that_were_refused_or_not_sent_fail_the_task_with_examples(
    failing: Sequence[NumberResult], says: str
) -> None:
    report = Teller(*failing).tell(_applied())
    assert report.failure is not None
    assert says in report.failure
    assert "msg" not in report.result


def test_whatever_the_task_fails_for_its_message_tells_the_counts() -> None:
    results = (_result(ONE, Outcome.ADDED), _result(TWO, Outcome.UNCONFIRMED, "sent"))
    error = NoAnswer("PUT /update", "the connection was lost", "Run again.")
    counts = "Group Nuisance: 1 added, 1 unconfirmed."
    assert Teller(*results).tell(_applied(error=error)).failure == f"{error} {counts}"
    assert str(Teller(*results, on_unconfirmed="fail").tell(_applied()).failure).endswith(counts)


def test_an_error_and_what_could_not_be_recorded_are_told_before_the_numbers() -> None:
    error = NoAnswer("PUT /update", "the connection was lost", "Run again.")
    report = Teller(_result(ONE, Outcome.ADDED)).tell(_applied(error=error, unrecorded=1))
    assert str(report.failure).startswith("PUT /update: the connection was lost. Run again. What was done with 1 of")
    missing = Teller().tell(_applied(error=MissingLibrary("requests", "to talk to CloudAgent")))
    assert "Failed to import the required Python library (requests)" in str(missing.failure)


@pytest.mark.parametrize(("choice", "fails", "warned"), [("warn", False, 1), ("fail", True, 0), ("ignore", False, 0)])
def test_what_unconfirmed_numbers_do_is_the_users_choice(choice: str, fails: bool, warned: int) -> None:
    report = Teller(_result(ONE, Outcome.UNCONFIRMED, "not listed"), on_unconfirmed=choice).tell(_applied())
    assert (report.failure is not None, len(report.warnings)) == (fails, warned)
    said = report.failure or "".join(report.warnings)
    assert choice == "ignore" or "Group Nuisance: 1 not confirmed by the server. block_numbers, entry 1" in said


def test_warnings_of_options_plan_and_run_are_told() -> None:
    teller = Teller(_result(ONE, Outcome.PRESENT))
    teller.options = replace(teller.options, warnings=("of the list",))
    teller.plan = Plan(warnings=("of the plan",))
    report = teller.tell(_applied(created=None, warnings=["of the run"]))
    assert report.warnings[:3] == ["of the list", "of the plan", "of the run"]
    assert "It is not certain whether this run has made the group Nuisance" in report.warnings[3]


@pytest.mark.parametrize("predicted", [True, False])
def test_a17_what_changed_besides_numbers_is_named(predicted: bool) -> None:
    changes = (AttributeChange("description", None, "Reported"), AttributeChange("expiry_date", "old", "new"))
    teller = Teller(_result(ONE, Outcome.ALREADY_PRESENT))
    teller.plan = Plan(changes=changes)
    done: Any = Prediction(CHANGED) if predicted else _applied(changes=changes)
    result = teller.tell(done).result
    assert ("would be " if predicted else "") + "changed (description and expiry), by" in result["msg"]
    assert result["diff"]["before"].splitlines() == ["description: ", "expiry_date: old", "1 number stays"]
    assert result["diff"]["after"].splitlines() == ["description: Reported", "expiry_date: new", "1 number stays"]


@pytest.mark.parametrize("predicted", [True, False])
@pytest.mark.parametrize("renewed", [True, False])
def test_a17_an_expiry_that_changes_for_numbers_only_is_named(renewed: bool, predicted: bool) -> None:
    done: Any = Prediction(CHANGED, renewed) if predicted else _applied(renewed=renewed)
    result = Teller(_result(ONE, Outcome.ALREADY_PRESENT)).tell(done).result
    assert ("changed (expiry)" in result["msg"]) is renewed


def test_a17_an_expiry_that_changes_for_the_group_and_for_numbers_is_named_once() -> None:
    changes = (AttributeChange("expiry_date", "old", "new"),)
    result = Teller(_result(ONE, Outcome.ALREADY_PRESENT)).tell(_applied(changes=changes, renewed=True)).result
    assert "changed (expiry), by" in result["msg"]


def test_of_the_group_it_tells_what_is_given_recorded_or_found_out() -> None:
    teller = Teller(group_id=8)
    teller.group = replace(teller.group, expiry="2099-01-01 00:00:00")
    predicted = teller.tell(Prediction(Evidence(False, Source.LEDGER))).result["group"]
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
    result = Teller(report_path=str(path)).tell(Prediction(CHANGED)).result
    assert result["msg"].endswith("The file in report_path is not written in check mode.")
    assert not path.exists()


def test_the_summary_says_where_the_report_is(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    result = Teller(_result(ONE, Outcome.ADDED), report_path=str(path)).tell(_applied()).result
    assert path.exists()
    assert result["msg"].endswith(f" The report is in {path}.")
    assert "report" not in Teller(_result(ONE, Outcome.ADDED)).tell(_applied()).result["msg"]


def test_b3_the_report_file_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    Teller(_result(ONE, Outcome.REJECTED, f"refused by the server: {KEY}"), report_path=str(path)).tell(_applied())
    assert KEY not in path.read_text()
    assert MASK in path.read_text()


def test_d14_the_report_file_has_a_line_for_every_entry_however_many_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    many = [Number(f"8{n:09d}", f"8{n:09d}", "") for n in range(NUMBERS_SHOWN + 5)]
    given = [*(number.given for number in many), "80000-00003", "8000000001"]
    Teller(*(_result(n, Outcome.ADDED) for n in many), block_numbers=given, report_path=str(path)).tell(_applied())
    lines = path.read_text().splitlines()
    assert len(lines) == 1 + len(given)
    assert lines[len(many)] == f"{many[-1].given},{many[-1].canonical},added,,1,"
    last = f"block_numbers, entry {len(given) - 1}: the same number as block_numbers, entry 4"
    assert lines[-2] == f'80000-00003,8000000003,duplicate,"{last}",,'


def test_a_report_file_that_cannot_be_written_fails_the_task_with_its_whole_result(tmp_path: Path) -> None:
    teller = Teller(_result(ONE, Outcome.ADDED), report_path=str(tmp_path / "report.csv"))
    teller.options = replace(teller.options, report_path=str(tmp_path / "gone" / "report.csv"))
    report = teller.tell(_applied())
    assert "could not be written: No such file or directory" in str(report.failure)
    assert str(report.failure).endswith("Group Nuisance: 1 added.")
    assert (report.result["changed"], report.result["counts"]["added"]) == (True, 1)


def test_c2_a_report_that_breaks_still_tells_whether_something_changed() -> None:
    broken: List[Any] = [None]
    report = Teller().tell(_applied(changes=tuple(broken)))
    assert report.result == {"changed": True, "change_source": "server", "requests_sent": 3}
    assert "An unexpected error of the class AttributeError" in str(report.failure)


def test_c2_where_the_worklist_cannot_be_read_it_says_what_to_do_and_what_had_stopped_the_run() -> None:
    teller = Teller(_result(ONE, Outcome.ADDED))
    teller.options.worklist.close()
    unread = teller.tell(_applied())
    assert unread.result == {"changed": True, "change_source": "server", "requests_sent": 3}
    assert str(unread.failure).startswith("The temporary database for the list of numbers cannot be used:")
    error = NoAnswer("PUT /update", "the connection was lost", "Run again.")
    assert str(teller.tell(_applied(error=error)).failure) == f"{error} {unread.failure}"
    assert str(teller.tell(Prediction(CHANGED)).failure) == unread.failure
