# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ozonetel_account_probe against the simulator: what it finds out, leaves behind, writes and shows."""

from __future__ import annotations

import json
import os
from itertools import product
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.account_probe import TranscriptFile
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import GROUP
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.questions import QUESTIONS
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import tampered

ACCOUNTS: List[Dict[str, Any]] = [
    {},
    {"malformed": "list_alone", "fewest_digits": 1, "most_digits": 20, "present_listed": "error"},
    {"create_accepts": "any", "unknown_group_words": "there is no {name}", "counters": "absent"},
    {"update_path": "plural", "unknown_group_words": "x", "delete_scope": "account_wide", "create_blocks": False},
    {"update_path": "none", "duplicate_group": "second", "absent_listed": "error"},
    {"absent_listed": "error", "delete_scope": "needs_id"},
    {"expiry_required": True, "delete_scope": "needs_id", "counters": "full", "present_listed": "nowhere"},
    {"expired_numbers_vanish": True, "duplicate_group": "merge", "create_confirms": "nowhere", "error_http": 400},
]

# Before a request, a probe is killed in these alone, unless FUZZ is set: what was done and is not on record can be
# left, what was never sent cannot.
KILLED_BEFORE = ACCOUNTS if os.environ.get("FUZZ") else ACCOUNTS[1:4]


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def probed(runner: Runner) -> Runner:
    """Runs tasks in this process."""
    runner.wire = InProcess(runner.simulator)
    return runner


def _dying(runner: Runner, request: int, answered: bool) -> None:
    """Has the process end before a request, or once it is done."""
    wire, count = InProcess(runner.simulator), iter(range(1, 1000))

    def die() -> None:
        if next(count) == request:
            raise Killed

    if answered:
        wire.after_answering = die
    else:
        wire.before_sending = die
    runner.wire = wire


def _own_groups(simulator: Simulator) -> int:
    return len([group for group in simulator.groups() if group.name == GROUP])


def _everywhere(simulator: Simulator) -> List[str]:
    return [number for group in simulator.groups() for number in group.numbers]


def _verdicts(report: Any) -> Dict[str, str]:
    return {finding["statement"]: finding["verdict"] for finding in report.result["findings"]}


@pytest.mark.parametrize("switches", ACCOUNTS)
def test_everything_is_asked_and_nothing_is_left(probed: Runner, switches: Dict[str, Any]) -> None:
    simulator = probed.simulator
    simulator.set(**switches)
    for _again in range(3):
        simulator.forget_requests()
        report = probed.probe()
        assert (report.failure, report.warnings, report.result["left"]) == (None, [], [])
        assert report.result["requests_sent"] == len(simulator.requests()) <= 60
        assert len(simulator.requests("generate")) == 1
        assert (_own_groups(simulator), len(simulator.groups()), _everywhere(simulator)) == (1, 1, [])


@pytest.mark.unmeasured
@pytest.mark.parametrize(("switches", "answered"), [*product(ACCOUNTS, [True]), *product(KILLED_BEFORE, [False])])
def test_a_probe_that_is_killed_anywhere_leaves_nothing_that_the_next_one_does_not_remove(
    probed: Runner, switches: Dict[str, Any], answered: bool
) -> None:
    simulator = probed.simulator
    simulator.set(**switches)
    probed.probe()
    requests = len(simulator.requests())
    for request in range(1, requests + 1):
        simulator.reset(**switches)
        simulator.preset("Nuisance", ["+919999900077"])
        _forget_store(probed)
        _dying(probed, request, answered)
        with pytest.raises(Killed):
            probed.probe()
        probed.wire = InProcess(simulator)
        report = probed.probe()
        if report.failure is not None:  # the group may be about to be made
            assert "An earlier probe was making the group" in report.failure, (request, report.failure)
            probed.clock.time += 600
            report = probed.probe()
        assert report.failure is None, (request, report.failure)
        assert _own_groups(simulator) <= 1, request
        assert _everywhere(simulator) == ["+919999900077"], (request, simulator.groups())


def _forget_store(runner: Runner) -> None:
    for file in Path(str(runner.location.directory)).glob("*"):
        file.unlink()


@pytest.mark.unmeasured
@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncated", "html"])
@pytest.mark.parametrize("switches", ACCOUNTS[:4])
def test_whatever_answer_is_lost_no_second_group_is_made_and_what_may_be_left_is_told(
    probed: Runner, switches: Dict[str, Any], fault: str
) -> None:
    simulator = probed.simulator
    simulator.set(**switches)
    probed.probe()
    for after in range(len(simulator.requests())):
        simulator.reset(**switches)
        _forget_store(probed)
        simulator.fault(fault, after=after, times=2)
        report = probed.probe()
        held = {number.removeprefix("+91").lstrip("+") for number in _everywhere(simulator)}
        told = {number.lstrip("+") for number in report.result.get("left", [])}
        assert held <= told | {number.removeprefix("91") for number in told}, (after, held, report.failure)
        assert bool(told) == any("may still be in its groups" in warning for warning in report.warnings)
        simulator.server.faults.faults.clear()
        probed.clock.time += 600
        assert probed.probe().failure is None
        assert (_own_groups(simulator) <= 1, _everywhere(simulator)) == (True, []), after


def test_a_create_that_was_carried_out_late_makes_no_second_group(probed: Runner) -> None:
    simulator = probed.simulator
    simulator.set(duplicate_group="second", create_accepts="any")
    simulator.fault("reset_after", call="create", commit="late")
    report = probed.probe()
    assert "Run the probe again" in str(report.failure)
    assert probed.probe().failure is None
    assert (_own_groups(simulator), _everywhere(simulator)) == (1, [])


def test_a_create_that_is_carried_out_later_still_makes_no_second_group(probed: Runner) -> None:
    simulator = probed.simulator
    simulator.set(duplicate_group="second")
    _dying(probed, 9, answered=False)  # before create
    with pytest.raises(Killed):
        probed.probe()
    probed.wire = InProcess(simulator)
    for _again in range(2):
        report = probed.probe()
        assert "An earlier probe was making the group" in str(report.failure)
    simulator.preset(GROUP, ["+447700900900"])
    assert probed.probe().failure is None
    assert (_own_groups(simulator), _everywhere(simulator)) == (1, [])


def test_a_group_that_was_deleted_in_the_web_console_is_made_again(probed: Runner) -> None:
    simulator = probed.simulator
    simulator.set(unknown_group_words="nothing like that")
    probed.probe()
    simulator.delete_group(GROUP)
    report = probed.probe()
    assert (report.failure, report.result["group"]["created"], _own_groups(simulator)) == (None, True, 1)


@pytest.mark.parametrize("request_number", range(0, 36, 4))
def test_the_first_sign_of_a_limit_ends_the_questions(probed: Runner, request_number: int) -> None:
    simulator = probed.simulator
    simulator.fault("rate_limited", after=request_number)
    report = probed.probe(rate_limit_wait=60)
    assert report.failure is not None
    assert "Max limit exceeded" in report.failure
    faulty = [record["fault"] for record in simulator.requests()].index("rate_limited")
    after = [record["call"] for record in simulator.requests()[faulty + 1 :]]
    assert (set(after) <= {"delete"}, len(after) <= 3) == (True, True)
    assert (report.result["left"], _everywhere(simulator)) == ([], [])
    assert _verdicts(report)["G4"] == "as documented"


def test_a_limit_that_does_not_end_leaves_what_the_next_probe_removes(probed: Runner) -> None:
    simulator = probed.simulator
    simulator.fault("rate_limited", after=20, times=5)
    report = probed.probe()
    assert set(report.result["left"]) >= {"+447700900900", "+447700900901"}
    assert any("Run the probe again" in warning for warning in report.warnings)
    simulator.server.faults.faults.clear()
    assert probed.probe().result["left"] == []
    assert _everywhere(simulator) == []


def test_a_firewall_ends_the_questions(probed: Runner) -> None:
    probed.simulator.fault("status", status=403, body="<html>no</html>", after=5)
    report = probed.probe()
    assert "firewall" in str(report.failure)
    assert len(probed.simulator.requests()) <= 7


# -- what is found out -------------------------------------------------------------------------------------------------


def test_an_account_as_documented_is_told_to_be_so(probed: Runner) -> None:
    verdicts = _verdicts(probed.probe())
    assert set(verdicts.values()) <= {"as documented", "otherwise", "found", "not shown"}
    documented = [
        "A1",
        "A2",
        "A3",
        "A4",
        "T1",
        "T4",
        "C1",
        "C2",
        "C3",
        "C5",
        "C6",
        "U1",
        "U2",
        "U3",
        "U4",
        "U5",
        "X2",
        "N1",
        "N2",
        "N5",
        "G1",
        "G2",
        "G3",
        "G5",
    ]
    assert {name for name, verdict in verdicts.items() if verdict == "as documented"} == set(documented)
    assert {name for name, verdict in verdicts.items() if verdict == "found"} == {"T6", "C9", "U6", "X3", "N4"}


@pytest.mark.parametrize(
    ("switches", "statement", "verdict", "words"),
    [
        ({"update_path": "plural"}, "U1", "otherwise", "the older path is served, the newer is not (HTTP 404)"),
        ({"update_path": "both"}, "U1", "as documented", "both paths are served"),
        ({"counters": "full"}, "U4", "otherwise", "inserted is not true"),
        ({"counters": "absent"}, "U4", "otherwise", "there are no counters"),
        ({"present_listed": "error"}, "U6", "found", "in the group is listed among those that have failed"),
        ({"present_listed": "nowhere"}, "U6", "found", "in the group is listed nowhere"),
        (
            {"malformed": "list_alone"},
            "U6",
            "found",
            "the good one listed as taken, the malformed one listed as failed",
        ),
        ({"unknown_group_words": "no {name}"}, "U5", "otherwise", "no no such group 5f3a9c21"),
        ({"create_accepts": "any"}, "C9", "found", "a list: taken"),
        ({"expiry_required": True}, "C9", "found", "no date: refused"),
        ({"create_blocks": False}, "C4", "as documented", "was not in the group then"),
        (
            {"delete_scope": "account_wide"},
            "X3",
            "found",
            "with the name of no group: taken (HTTP 200), and the number was",
        ),
        ({"delete_scope": "account_wide"}, "X3", "found", "; so a number is removed whatever group is named"),
        ({}, "X3", "found", "; so the name decides"),
        ({"delete_scope": "needs_id"}, "X3", "found", "with the group's name alone: refused"),
        ({"delete_scope": "needs_id"}, "X3", "found", "; so the name alone does not do"),
        (
            {"delete_of_unknown_id": "nothing"},
            "X3",
            "found",
            "the id of no group: taken (HTTP 200), and the number was still",
        ),
        ({"deleted_counter": "full"}, "X2", "otherwise", "again: deleted 1"),
        ({"number_form": "as_given"}, "N1", "otherwise", "9999908902 as 9999908902"),
        ({"fewest_digits": 1}, "N2", "otherwise", "digits: 1 taken"),
        ({"past_expiry": "refuse"}, "N4", "found", "a date that is past: refused"),
        ({"expired_numbers_vanish": True}, "N4", "found", "the numbers were gone with it"),
        ({"token_form": "opaque"}, "T4", "otherwise", "a token that is no JWT"),
        ({"token_lifetime": 600}, "T4", "otherwise", "lives for 600 s"),
        ({"token_field": "data.token"}, "T5", "as documented", "data.token"),
        ({"token_field": "data.token"}, "T1", "otherwise", "data.token"),
        ({"auth_failure_words": "Nope"}, "G3", "otherwise", "Nope"),
        ({"auth_failure_status": 401}, "T6", "found", "HTTP 401"),
        ({"error_http": 400}, "G1", "as documented", "HTTP 200, 400"),
        ({"error_word": "Fail"}, "G2", "as documented", "refused: Fail"),
        ({"error_word": "oops"}, "G2", "otherwise", "oops"),
        ({"missing_endpoint_status": 405}, "U1", "as documented", "HTTP 405"),
    ],
)
def test_what_an_account_does_in_its_own_way_is_told(
    probed: Runner, switches: Dict[str, Any], statement: str, verdict: str, words: str
) -> None:
    probed.simulator.set(**switches)
    (finding,) = [found for found in probed.probe().result["findings"] if found["statement"] == statement]
    assert finding["verdict"] == verdict
    assert words in finding["found"]


def test_a_token_on_record_shows_what_is_said_of_one_that_a_newer_one_has_replaced(probed: Runner) -> None:
    probed.token()
    report = probed.probe()
    assert len(probed.simulator.requests("generate")) == 2
    (t3,) = [found for found in report.result["findings"] if found["statement"] == "T3"]
    assert (t3["verdict"], "Token Expired" in t3["found"]) == ("as documented", True)
    assert probed.group(block_numbers=["+919999900001"]).failure is None
    assert len(probed.simulator.requests("generate")) == 2  # the newer one is on record


@pytest.mark.parametrize("duplicate", ["refuse", "second", "merge"])
def test_a_name_that_exists_is_asked_for_once_and_only_where_that_is_wanted(probed: Runner, duplicate: str) -> None:
    simulator = probed.simulator
    simulator.set(duplicate_group=duplicate)
    probed.probe()
    creates = len(simulator.requests("create"))
    assert _own_groups(simulator) == 1
    report = probed.probe(second_group=True)
    (c9,) = [found for found in report.result["findings"] if found["statement"] == "C9"]
    said = {"refuse": "Group name already exists", "second": "a second group", "merge": "the same group"}
    assert said[duplicate] in c9["found"]
    assert len(simulator.requests("create")) == creates + 2
    probed.probe(second_group=True)
    assert len(simulator.requests("create")) == creates + 2
    assert (_own_groups(simulator), _everywhere(simulator)) == (2 if duplicate == "second" else 1, [])


def test_the_next_task_needs_no_test_of_its_own(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.simulator.set(unknown_group_words="there is no {name}", present_listed="error", update_path="plural")
    report = runner.probe()
    assert report.result["habits"] == {
        "update_path": "/ca_apis/updateBlockNumbers",
        "inserted_counter": "true",
        "deleted_counter": "true",
        "present_listed": "error",
        "unknown_group_words": "there is no {name}",
    }
    runner.simulator.forget_requests()
    made = runner.group(block_numbers=["+919999900001", "+919999900002"])
    assert (made.failure, made.result["change_source"]) == (None, "server")
    assert [record["call"] for record in runner.simulator.requests()] == [
        "update",
        "update",
        "create",
        "update",
        "update",
    ]


# -- what must not be believed -----------------------------------------------------------------------------------------


def _says(**body: Any) -> Dict[str, Any]:
    return {"kind": "status", "status": 200, "content_type": "application/json", "body": json.dumps(body)}


def test_a_refusal_that_came_once_is_no_word_for_an_unknown_group(probed: Runner) -> None:
    probed.probe()
    probed.simulator.fault(
        call="update", number="+447700900900", after=1, **_says(status="error", message="Try again later")
    )
    report = probed.probe()
    asked = [finding["found"] for finding in report.result["findings"] if finding["statement"] == "U5"]
    assert "Try again later" in asked[0]
    assert "unknown_group_words" not in report.result["habits"]


@pytest.mark.parametrize("words", ["Parameters are mandatory", "Invalid group id"])
def test_words_that_mean_something_else_are_none_for_an_unknown_group(probed: Runner, words: str) -> None:
    probed.simulator.set(unknown_group_words=words)
    assert "unknown_group_words" not in probed.probe().result["habits"]


def test_a_place_that_was_seen_once_is_not_believed(probed: Runner) -> None:
    output = {"succes": [], "error": ["+447700900901"], "new": 0, "inserted": 0}
    probed.simulator.fault(
        call="update",
        number="+447700900901",
        after=1,
        **_says(status="success", message="updated", input={"id": 20}, output=output),
    )
    assert "present_listed" not in probed.probe().result["habits"]
    assert probed.probe().result["habits"]["present_listed"] == "succes"


def test_a_counter_that_counts_what_was_not_there_is_not_true(probed: Runner) -> None:
    output = {"success": ["+447700900901", "+447700900909"], "error": [], "deleted": 2}
    probed.simulator.fault(
        call="delete",
        number="+447700900909",
        commit=True,
        **_says(status="success", message="deleted", input={"id": 20}, output=output),
    )
    report = probed.probe()
    assert (report.result["habits"]["deleted_counter"], _verdicts(report)["X2"]) == ("untrue", "otherwise")


def test_what_is_not_shown_again_is_believed_no_more(probed: Runner) -> None:
    probed.probe()
    account = probed.account
    statement = "INSERT INTO facts (account, name, value) VALUES ('{}', 'unknown_group_words', 'try again later')"
    tampered(probed.location, statement.format(account))
    assert probed.probe().result["habits"] == {
        "update_path": "/ca_apis/updateBlockNumber",
        "inserted_counter": "true",
        "deleted_counter": "true",
        "present_listed": "succes",
    }
    assert tampered(probed.location, "SELECT value FROM facts WHERE name = 'unknown_group_words'") == []


def test_a_removal_that_removes_nothing_is_not_believed(probed: Runner) -> None:
    output = {"success": [], "error": [], "deleted": 0}
    probed.simulator.fault(
        call="delete", after=6, **_says(status="success", message="deleted", input={"id": 20}, output=output)
    )
    report = probed.probe()
    held = set(_everywhere(probed.simulator))
    assert "+447700900901" in held
    assert {number for number in held if number.startswith("+4477009009")} <= set(report.result["left"])


def test_a_create_that_was_refused_and_has_made_the_group_is_not_followed_by_another(probed: Runner) -> None:
    simulator = probed.simulator
    simulator.set(duplicate_group="second", create_accepts="any")
    refused = _says(status="error", message="invalid data", errors={"blockNumbers": "no"})
    simulator.fault(call="create", **{**refused, "commit": True})
    report = probed.probe()
    assert (report.failure, _own_groups(simulator), report.result["group"]["created"]) == (None, 1, True)
    assert len(simulator.requests("create")) == 1


@pytest.mark.parametrize(("fault", "created"), [("reset_after", True), ("reset_before", None)])
def test_whether_the_group_was_made_is_told_as_far_as_it_is_known(
    probed: Runner, fault: str, created: Optional[bool]
) -> None:
    probed.simulator.set(create_accepts="any")
    probed.simulator.fault(fault, call="create")
    assert probed.probe().result["group"]["created"] is created


def test_a_second_group_that_may_have_been_made_ends_the_question_and_may_hold_its_number(probed: Runner) -> None:
    simulator = probed.simulator
    probed.probe()
    simulator.forget_requests()
    simulator.fault("status", call="create", status=500)
    report = probed.probe(second_group=True)
    assert (len(simulator.requests("create")), report.result["left"]) == (1, ["+447700900900"])


def test_an_account_that_says_the_same_to_any_credential_tells_nothing_of_them(probed: Runner) -> None:
    probed.simulator.set(unknown_campaign="error")
    report = probed.probe()
    verdicts = _verdicts(report)
    assert (report.failure, verdicts["A2"], verdicts["A3"]) == (None, "as documented", "as documented")
    for call in range(1, 4):
        probed.simulator.fault(call="probe", after=call, **_says(status="error", message="No campaign found"))
    verdicts = _verdicts(probed.probe())
    assert {verdicts[name] for name in ("A3", "A4", "T3", "T6", "G3")} == {"not shown"}


# -- what is written ---------------------------------------------------------------------------------------------------


def _files(runner: Runner, tmp_path: Path, **options: Any) -> "tuple[Any, str, str]":
    transcript, summary = tmp_path / "t.jsonl", tmp_path / "s.md"
    report = runner.probe(transcript_path=str(transcript), summary_path=str(summary), **options)
    return report, transcript.read_text(), summary.read_text()


def test_the_transcript_has_each_exchange_and_the_summary_each_statement(probed: Runner, tmp_path: Path) -> None:
    report, transcript, summary = _files(probed, tmp_path)
    first, *lines, last = map(json.loads, transcript.splitlines())
    assert (first["transcript"], first["auth"], first["group"]) == (1, "token", GROUP)
    assert (last["requests"], last["stopped"]) == (report.result["requests_sent"], None)
    assert [line["path"] for line in lines] == [record["path"] for record in probed.simulator.requests()]
    known = {question.name for question in QUESTIONS}
    assert {line["question"] for line in lines} - known == {"remove_digits_3", "remove_digits_16"}
    assert {line["status"] for line in lines} == {200, 404, 405}
    for finding in report.result["findings"]:
        assert f"| {finding['statement']} | {finding['standing']} |" in summary
    assert ((tmp_path / "t.jsonl").stat().st_mode & 0o777, (tmp_path / "s.md").stat().st_mode & 0o777) == (0o600, 0o600)


@pytest.mark.parametrize("fault", ["echo_secrets", "status", "redirect"])
def test_no_secret_no_user_name_and_no_number_of_the_account_is_in_what_is_written(
    probed: Runner, tmp_path: Path, fault: str
) -> None:
    simulator = probed.simulator
    told = {
        "status": "error",
        "message": "demo_user: +91 98765 43210 and 919876543210",
        "data": [{"did": "9876543210"}],
    }
    more: Dict[str, Dict[str, Any]] = {"echo_secrets": {}, "redirect": {"location": "https://{credential}.example.com"}}
    if fault == "status":
        more["status"] = {"status": 200, "body": json.dumps({**told, "errors": {"demo_user": told["message"]}})}
    probed.token()
    secrets = [simulator.api_key, *simulator.server.account.tokens]
    for after in (3, 9, 15, 20, 25):
        simulator.fault(fault, after=after, **more[fault])
    _report, transcript, summary = _files(probed, tmp_path)
    secrets += [*simulator.server.account.tokens, "demo_user", "98765", "43210"]
    for text in (transcript, summary):
        assert [secret for secret in secrets if secret in text] == []
    assert len(transcript.splitlines()) > 10


def test_half_a_character_in_the_servers_words_loses_nothing(probed: Runner, tmp_path: Path) -> None:
    body = '{"status": "error", "message": "No \\ud83d such group"}'
    probed.simulator.fault("status", call="update", status=200, body=body, content_type="application/json")
    report, transcript, summary = _files(probed, tmp_path)
    assert len(report.result["findings"]) == 39
    assert ("No " in transcript, "| U1 |" in summary) == (True, True)


def test_a_probe_that_is_killed_leaves_its_transcript(probed: Runner, tmp_path: Path) -> None:
    _dying(probed, 12, answered=True)
    with pytest.raises(Killed):
        probed.probe(transcript_path=str(tmp_path / "t.jsonl"))
    assert len((tmp_path / "t.jsonl").read_text().splitlines()) == 12  # the header, and eleven that were answered


class FullDisk:
    """A file that takes nothing."""

    def write(self, _text: str) -> None:
        """Raises what a full disk does."""
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        """Has nothing to do."""


def test_a_transcript_that_cannot_be_written_is_told_and_ends_nothing() -> None:
    file = TranscriptFile(FullDisk())  # type: ignore[arg-type]
    file.write({})
    file.write({})
    assert file.problem == "The transcript is incomplete: No space left on device."


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_nothing_is_sent_unless_it_is_confirmed(probed: Runner, tmp_path: Path) -> None:
    report = probed.probe(confirm=False, transcript_path=str(tmp_path / "t.jsonl"))
    assert "confirm: is false" in str(report.failure)
    assert (probed.simulator.requests(), (tmp_path / "t.jsonl").exists()) == ([], False)


def test_check_mode_tells_the_questions_and_sends_nothing(probed: Runner, tmp_path: Path) -> None:
    report = probed.probe(check_mode=True, confirm=False, transcript_path=str(tmp_path / "t.jsonl"))
    assert report.failure is None
    assert [asked["question"] for asked in report.result["questions"]] == [question.name for question in QUESTIONS]
    assert report.result["requests_at_most"] == 60
    assert (probed.simulator.requests(), (tmp_path / "t.jsonl").exists()) == ([], False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (lambda folder: {"transcript_path": str(folder)}, "transcript_path: "),
        (lambda folder: {"summary_path": f"{folder}/nowhere/s.md"}, "summary_path: the folder"),
        (
            lambda folder: {"transcript_path": f"{folder}/a", "summary_path": f"{folder}/a"},
            "is the file of transcript_path",
        ),
        (lambda folder: {"second_group": True, "state_store": "none"}, "second_group: needs a state store"),
        (lambda folder: {"transcript_path": "/dev/null"}, "is not a regular file"),
    ],
)
def test_bad_options_are_refused_before_anything_is_sent(
    probed: Runner, tmp_path: Path, options: Callable[[Path], Dict[str, Any]], said: str
) -> None:
    report = probed.probe(**options(tmp_path))
    assert said in str(report.failure)
    assert probed.simulator.requests() == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_number_that_stands_in_a_group_of_the_account_is_not_touched(probed: Runner, check_mode: bool) -> None:
    probed.group(block_numbers=["+91 99999 08902"])
    probed.simulator.forget_requests()
    report = probed.probe(check_mode=check_mode)
    assert str(report.failure) == (
        "state_store: 9999908902, which the probe uses and removes, is on record in Nuisance as +919999908902; remove"
        " it there first, in that spelling and with state=absent: a removal of the probe may reach other groups"
    )
    assert probed.simulator.requests() == []
    probed.group(state="absent", block_numbers=["+919999908902"])
    assert probed.probe(check_mode=check_mode).failure is None


@pytest.mark.parametrize("options", [{"api_key": "KK" + "f" * 32}, {"auth": "api_key"}])
def test_credentials_that_are_not_taken_end_it_before_the_group_is_asked_for(
    probed: Runner, options: Dict[str, Any]
) -> None:
    report = probed.probe(**options)
    assert report.failure is not None
    assert {record["call"] for record in probed.simulator.requests()} <= {"generate", "probe"}
    assert len(probed.simulator.requests()) == 1


def test_a_number_that_nothing_can_remove_is_told(probed: Runner) -> None:
    """Without an update call nobody tells the id of a group whose making was interrupted, which delete insists on."""
    simulator = probed.simulator
    simulator.set(update_path="none", delete_scope="needs_id")
    _dying(probed, 9, answered=True)
    with pytest.raises(Killed):
        probed.probe()
    assert _everywhere(simulator) == ["+447700900900"]
    probed.wire = InProcess(simulator)
    assert "+447700900900" in probed.probe().result["left"]


def test_without_an_update_call_and_a_store_no_group_is_made(probed: Runner) -> None:
    probed.simulator.set(update_path="none")
    report = probed.probe(state_store="none")
    assert "no state store to remember" in str(report.failure)
    assert probed.simulator.groups() == []
