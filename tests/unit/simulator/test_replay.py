# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator that is started from the transcript of a probe answers tasks as the one that was probed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.replay import READ, NoTranscript, Replay, read
from ansible_collections.ozonetel.cloudagent.tests.simulator.switches import SWITCHES
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    BAD_TOKEN,
    DONE,
    LIMIT,
    MANDATORY,
    NO_CAMPAIGN,
    UNKNOWN,
    added,
    deleted,
    made,
    refused,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock, Runner

COMBINATIONS = 208
PARTS = 8
NOW = 1_800_000_000.0
# What a probe can tell with one group and one generation.
CHOICES: Dict[str, List[Any]] = {
    "duplicate_group": ["refuse", "second", "merge"],
    "duplicate_group_words": ["Group name already exists", "Duplicate entry"],
    "create_accepts": ["string", "any"],
    "create_confirms": ["succes", "error", "nowhere"],
    "create_blocks": [True, False],
    "update_path": ["singular", "singular", "plural", "both", "none"],
    "missing_endpoint_status": [404, 405],
    "unknown_group_words": ["Invalid group id", "Invalid group id", "no group {name} here", "x"],
    "present_listed": ["succes", "error", "nowhere"],
    "counters": ["truthful", "full", "absent"],
    "deleted_counter": ["as counters", "truthful", "full", "absent"],
    "malformed": ["refuse_batch", "list_alone"],
    "fewest_digits": [1, 2, 3, 4],
    "most_digits": [15, 16, 17, 20],
    "description_required_on_update": [True, False],
    "expiry_required": [True, False],
    "past_expiry": ["take", "refuse"],
    "expired_numbers_vanish": [True, False],
    "delete_scope": ["by_name", "needs_id", "account_wide"],
    "delete_of_unknown_id": ["refuse", "nothing"],
    "absent_listed": ["success", "error"],
    "number_form": ["domestic", "as_given"],
    "unknown_campaign": ["success", "error"],
    "auth_mode": ["TOKEN_AUTH", "TOKEN_AUTH", "BASIC_AUTH"],
    "auth_failure_status": [200, 401],
    "auth_failure_words": ["Token Expired", "Invalid Token", "Authentication failed", "Missing userName or apiKey"],
    "token_lifetime": [3600, 1800],
    "token_field": ["token", "authToken", "data.token", "data.authToken"],
    "token_form": ["jwt", "opaque"],
    "token_message": ["", "welcome"],
    "error_http": [200, 400],
    "success_word": ["success", "SUCCESS"],
    "error_word": ["error", "Fail", "false-boolean"],
}
GOOD = [f"+9199999000{n:02d}" for n in range(12)]
TASKS: List[Dict[str, Any]] = [
    {"block_numbers": GOOD[:3]},
    {"block_numbers": GOOD[:3]},
    {"block_numbers": GOOD[:5], "description": "Something else"},
    {"block_numbers": GOOD[2:5], "purge": True, "expiry_date": "2099-01-01 00:00:00"},
    {"block_numbers": GOOD[4:5], "state": "absent"},
    {"block_numbers": [*GOOD[6:8], "9999900009", "919999900010"], "expiry_date": "2098-01-01 00:00:00"},
    {"name": "Made in the console", "block_numbers": GOOD[8:10]},
    {"name": "Nobody has it", "block_numbers": GOOD[:2], "state": "absent"},
    {"name": "Fraud", "block_numbers": [*GOOD[:4], "900", "1234567890123456"]},
    {"name": "Fraud", "block_numbers": ["900", "1234567890123456"], "state": "absent"},
    {"name": "Another id", "group_id": 12345, "block_numbers": GOOD[:2], "state": "absent"},
    {"name": "Fraud", "block_numbers": GOOD[10:], "refresh": False},
]


def _combination(seed: int) -> Dict[str, Any]:
    chance = random.Random(seed)  # nothing secret
    chosen = {name: chance.choice(values) for name, values in CHOICES.items()}
    if chosen["update_path"] == "none":  # which lengths are taken is asked of update
        chosen.update(fewest_digits=3, most_digits=16)
    return chosen


@pytest.fixture
def simulators() -> Iterator[List[Simulator]]:
    """One that is probed, one that answers as it does, and one that is started from the transcript."""
    made = [Simulator() for _each in range(3)]
    yield made
    for simulator in made:
        simulator.stop()


def _runner(simulator: Simulator, switches: Dict[str, Any], folder: Path) -> Runner:
    simulator.reset(**switches)
    simulator.advance(NOW - simulator.server.account.now())
    runner = Runner(simulator, Location(directory=str(folder)))
    runner.wire, runner.around_clock = InProcess(simulator), FakeClock(NOW)
    runner.options["domain"] = "http://127.0.0.1"
    runner.options["auth"] = "token" if switches.get("auth_mode", "TOKEN_AUTH") == "TOKEN_AUTH" else "api_key"
    return runner


def _told(runner: Runner) -> List[Any]:
    """Everything that the tasks tell, run after run."""
    reports: List[Report] = []
    runner.simulator.preset("Made in the console", GOOD[8:9])
    for options in TASKS:
        reports.append(runner.group(**{"expiry_date": "2099-12-31 23:59:59", **options}))
    runner.simulator.revoke_tokens()
    reports.append(runner.group(block_numbers=GOOD))
    reports.append(runner.token(return_token=False))
    return [(report.result, report.warnings, report.failure) for report in reports]


@pytest.mark.unmeasured
@pytest.mark.parametrize("part", range(PARTS))
def test_a_simulator_started_from_a_transcript_answers_tasks_as_the_one_that_was_probed(
    part: int, simulators: List[Simulator], tmp_path: Path
) -> None:
    probed, first, second = simulators
    for seed in range(part, COMBINATIONS, PARTS):
        switches, folder = _combination(seed), tmp_path / str(seed)
        folder.mkdir()
        transcript = folder / "transcript.jsonl"
        report = _runner(probed, switches, folder / "probed").probe(second_group=True, transcript_path=str(transcript))
        assert report.result["requests_sent"] <= 60, switches
        assert report.result["left"] == [] or report.failure, (switches, report.result["left"])
        replay = read(str(transcript))
        told = _told(_runner(first, switches, folder / "first"))
        assert _told(_runner(second, replay.switches, folder / "second")) == told, (seed, switches, replay)


# -- transcripts made by hand ------------------------------------------------------------------------------------------

NUMBERS: Dict[str, Any] = {
    "create_string": "+447700900900",
    "second_group": "+447700900900",
    "after_create": ["+447700900900"],
    "add_beside_bad": ["+447700900903", "447700900908000000000"],
    "letters": ["abcdefgh"],
    "digits_1": ["7"],
    "digits_3": ["770"],
    "digits_16": ["4477009009070000"],
    "digits_17": ["44770090090700000"],
    "without_plus": ["9999900002", "9199999000", "919999900001"],
    "unknown_group": ["+447700900900"],
}
HEADER = {"transcript": 1, "auth": "token"}
COUNTED = {"add_new": added(["+447700900901"], inserted=1), "add_again": added(["+447700900901"], inserted=0)}


def _line(question: str, answer: Any, status: Optional[int] = 200, **more: Any) -> Dict[str, Any]:
    sent = {"blockNumbers": NUMBERS.get(question, ["+447700900901"]), "groupName": "Ansible probe"}
    if question == "unknown_group":
        sent["groupName"] = "no such group 5f3a9c21"
    return {"question": question, "status": status, "sent": sent, "headers": {}, "answer": answer, **more}


def _written(folder: Path, *lines: Any) -> str:
    path = folder / "transcript.jsonl"
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )
    return str(path)


def _read(folder: Path, auth: str = "token", **said: Any) -> Replay:
    """A transcript of questions with their answers, which may have their status with them."""
    lines = [_line(name, *(told if isinstance(told, tuple) else (told,))) for name, told in said.items()]
    return read(_written(folder, {**HEADER, "auth": auth}, *lines))


@pytest.mark.parametrize(
    ("switch", "said", "value"),
    [
        ("duplicate_group", {"after_create": added(group_id=20), "second_group": made(group_id=20)}, "merge"),
        ("duplicate_group", {"after_create": added(group_id=20), "second_group": made(group_id=21)}, "second"),
        ("duplicate_group", {"create_list": made(group_id=20), "second_name": made(group_id=21)}, "second"),
        ("duplicate_group", {"second_group": made(group_id=21)}, None),
        (
            "duplicate_group",
            {
                "after_create": {**added(), "input": {"id": "(a number)"}},
                "second_group": {**made(), "output": {"lastInsertId": "(a number)"}},
            },
            None,
        ),
        ("duplicate_group", {"second_group": refused("It exists")}, "refuse"),
        ("duplicate_group_words", {"second_name": refused("It exists")}, "It exists"),
        ("duplicate_group", {"second_name": MANDATORY, "second_group": BAD_FORM}, None),
        ("create_accepts", {"create_list_dated": made()}, "any"),
        ("create_accepts", {"create_list": BAD_FORM}, "string"),
        ("create_accepts", {"create_list": MANDATORY}, None),
        ("create_confirms", {"create_string": made(["+447700900900"], [])}, "succes"),
        ("create_confirms", {"create_string": made([], [447700900900])}, "nowhere"),
        ("create_confirms", {"create_string": {"status": "success", "output": {"error": "+447700900900"}}}, "nowhere"),
        ("create_blocks", {"create_string": made(), **COUNTED, "after_create": added(inserted=1)}, False),
        ("create_blocks", {"create_string": made(), **COUNTED, "after_create": added(inserted=0)}, True),
        ("create_blocks", {"create_string": made(), "after_create": added(inserted=1)}, None),
        ("update_path", {"update": UNKNOWN, "update_older_path": ({}, 404)}, "singular"),
        ("update_path", {"update": (None, 404), "update_older_path": added()}, "plural"),
        ("update_path", {"update": UNKNOWN, "update_older_path": UNKNOWN}, "both"),
        ("update_path", {"update": (None, 404), "update_older_path": (None, 405)}, "none"),
        ("update_path", {"update": (None, None), "update_older_path": UNKNOWN}, None),
        ("update_path", {"update": (None, 502), "update_older_path": UNKNOWN}, None),
        ("update_path", {"update": UNKNOWN}, None),
        ("missing_endpoint_status", {"update": UNKNOWN, "update_older_path": (None, 405)}, 405),
        ("unknown_group_words", {"unknown_group": refused("no no such group 5f3a9c21")}, "no {name}"),
        ("unknown_group_words", {"unknown_group": BAD_FORM}, None),
        ("present_listed", {"add_again": added([], ["447700900901"])}, "error"),
        ("present_listed", {"add_again": added()}, "nowhere"),
        ("present_listed", {"add_again": UNKNOWN}, None),
        ("counters", COUNTED, "truthful"),
        ("counters", {"add_new": added(inserted=1), "add_again": added(inserted="1")}, "full"),
        ("counters", {"add_new": added(), "add_again": added()}, "absent"),
        ("counters", {"add_new": added(inserted=0), "add_again": added(inserted=0)}, None),
        ("deleted_counter", {"delete_by_id": deleted(1), "delete_again": deleted(0)}, "truthful"),
        ("deleted_counter", {"delete_by_id": deleted(2), "delete_again": deleted(1)}, "full"),
        ("deleted_counter", {"delete_by_id": deleted(), "delete_again": deleted()}, "absent"),
        ("deleted_counter", {"delete_by_id": deleted(1)}, None),
        ("malformed", {"add_beside_bad": BAD_FORM}, "refuse_batch"),
        ("malformed", {"add_beside_bad": added(["+447700900903"], ["447700900908000000000"])}, "list_alone"),
        ("malformed", {"add_beside_bad": added(["+447700900903"])}, None),
        ("fewest_digits", {"digits_1": added(["7"]), "digits_3": added(["770"])}, 1),
        ("fewest_digits", {"digits_1": BAD_FORM, "digits_3": added(["770"])}, 3),
        ("fewest_digits", {"digits_3": BAD_FORM}, 4),
        ("fewest_digits", {"digits_3": ({}, 502)}, None),
        ("most_digits", {"digits_16": added(["4477009009070000"]), "digits_17": BAD_FORM}, 16),
        ("most_digits", {"digits_16": added([], ["4477009009070000"])}, 15),
        ("refused_numbers", {"add_new": BAD_FORM}, r"\+447700900901"),
        ("refused_numbers", {"add_new": added(["+447700900901"])}, ""),
        ("number_form", {"without_plus": added(["+919999900002"])}, "domestic"),
        ("number_form", {"without_plus": added([], ["9999900002"])}, "as_given"),
        ("number_form", {"without_plus": added(["09999900002"])}, None),
        ("number_form", {"without_plus": added([])}, None),
        ("description_required_on_update", {"without_description": MANDATORY}, True),
        ("description_required_on_update", {"without_description": added()}, False),
        ("description_required_on_update", {"without_description": UNKNOWN}, None),
        ("expiry_required", {"without_expiry": UNKNOWN, "create_list": MANDATORY}, True),
        ("expiry_required", {"without_expiry": added(), "create_list": MANDATORY}, False),
        ("past_expiry", {"past_expiry": refused("it is past")}, "refuse"),
        ("past_expiry", {"past_expiry": added()}, "take"),
        ("past_expiry", {"past_expiry": (None, 502)}, None),
        ("expired_numbers_vanish", {**COUNTED, "past_expiry": added(), "after_past_expiry": added(inserted=1)}, True),
        ("expired_numbers_vanish", {**COUNTED, "past_expiry": BAD_FORM, "after_past_expiry": added(inserted=1)}, None),
        ("delete_scope", {"delete_other_name": deleted(1)}, "account_wide"),
        ("delete_scope", {"delete_by_name": deleted(1), "delete_other_name": UNKNOWN}, "by_name"),
        ("delete_scope", {"delete_by_name": MANDATORY, "delete_by_id": deleted(1)}, "needs_id"),
        ("delete_scope", {"delete_by_name": MANDATORY}, None),
        ("delete_of_unknown_id", {"delete_unknown_id": UNKNOWN}, "refuse"),
        (
            "delete_of_unknown_id",
            {"delete_by_name": deleted(1), "delete_other_name": UNKNOWN, "delete_unknown_id": deleted(0)},
            "nothing",
        ),
        ("delete_of_unknown_id", {"delete_unknown_id": deleted(0)}, None),
        ("auth_mode", {"status": DONE}, "TOKEN_AUTH"),
        ("auth_mode", {"status": NO_CAMPAIGN, "made_up_credential": BAD_TOKEN}, "TOKEN_AUTH"),
        ("auth_mode", {"status": NO_CAMPAIGN, "made_up_credential": NO_CAMPAIGN}, None),
        ("auth_mode", {"status": NO_CAMPAIGN}, None),
        ("auth_mode", {"status": BAD_TOKEN}, None),  # which ends the questions
        ("auth_mode", {"status": LIMIT}, None),
        ("auth_failure_words", {"made_up_credential": BAD_TOKEN}, "Token Expired"),
        ("auth_failure_status", {"made_up_credential": (BAD_TOKEN, 401)}, 401),
        ("auth_failure_words", {"made_up_credential": DONE}, None),
        ("token_field", {"generate": {"token": "(a token that is no JWT)"}}, "token"),
        (
            "token_field",
            {"generate": {"token": "(a text)", "data": {"token": "(a token that is no JWT)"}}},
            "data.token",
        ),
        ("token_field", {"generate": {"data": "(a list)"}}, None),
        ("token_form", {"generate": {"token": "(a token that is no JWT)"}}, "opaque"),
        ("token_form", {"generate": {"authToken": "(a JWT that lives for 60 s)"}}, "jwt"),
        ("token_lifetime", {"generate": {"authToken": "(a JWT that lives for 60 s)"}}, 60),
        ("token_message", {"generate": {"token": "(a token that is no JWT)", "message": "hi"}}, "hi"),
        ("success_word", {"status": {"status": "SUCCESS"}}, "SUCCESS"),
        ("error_word", {"update": {"status": False, "message": "no"}}, "false-boolean"),
        ("error_word", {"update": {"status": "Fail", "message": "no"}}, "Fail"),
        ("error_word", {"made_up_credential": BAD_TOKEN}, None),
        ("error_http", {"update": (UNKNOWN, 400)}, 400),
        ("rate_limit_status", {"update": (refused("Max limit exceeded"), 200)}, 200),
        ("rate_limit_status", {"update": (None, 429)}, 429),
    ],
)
def test_a_switch_is_told_by_answers_or_left_as_it_is(
    tmp_path: Path, switch: str, said: Dict[str, Any], value: Any
) -> None:
    replay = _read(tmp_path, **said)
    assert replay.switches.get(switch) == value
    assert (switch in replay.untold) is (value is None)


def test_the_setting_is_that_of_the_credential_that_was_taken(tmp_path: Path) -> None:
    assert _read(tmp_path, auth="api_key", status=DONE).switches["auth_mode"] == "BASIC_AUTH"


def test_how_long_to_wait_for_a_limit_is_in_its_headers(tmp_path: Path) -> None:
    line = _line("update", None, 429, headers={"Retry-After": "7"})
    assert read(_written(tmp_path, HEADER, line)).switches["retry_after"] == "7"


def test_without_an_update_call_a_removal_tells_whether_create_has_blocked_its_number(tmp_path: Path) -> None:
    said: Dict[str, Any] = {"update": (None, 404), "update_older_path": (None, 404), "create_string": made()}
    for count, blocks in ((1, True), (0, False)):
        told = {**said, "delete_by_id": deleted(count), "delete_again": deleted(0)}
        assert _read(tmp_path, **told).switches["create_blocks"] is blocks
    untold = {**said, "delete_by_id": deleted(2), "delete_again": deleted(1)}
    assert "create_blocks" in _read(tmp_path, **untold).untold


def test_a_transcript_that_tells_nothing_leaves_every_switch_as_it_is(tmp_path: Path) -> None:
    replay = _read(tmp_path)
    assert (replay.switches, replay.unplayable) == ({"refused_numbers": ""}, [])
    assert set(replay.untold) == set(SWITCHES) - {"refused_numbers", "latency", "set_cookie", "read_only"}
    assert set(READ) <= set(SWITCHES)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"unknown_group": added()}, "U5: an update of a group that does not exist is taken"),
        ({"letters": added(["abcdefgh"])}, "N2: letters are taken"),
        ({"both_headers": DONE}, "A3: both headers are taken"),
        (
            {"delete_by_name": deleted(1), "delete_other_name": UNKNOWN, "delete_without_group": deleted(1)},
            "X3: a delete without a group is taken, and one with another name is not",
        ),
        # What an account does and no switch takes.
        ({"update": (UNKNOWN, 422)}, "G1: error_http takes 200, 400, not 422"),
        ({"made_up_credential": (BAD_TOKEN, 400)}, "T6, G3: auth_failure_status takes 200, 401, not 400"),
        (
            {"unknown_group": refused("two\nlines")},
            "U5, U6: unknown_group_words takes one line of text, not 'two\\nlines'",
        ),
    ],
)
def test_what_no_switch_plays_is_told_and_the_rest_is_played(
    tmp_path: Path, said: Dict[str, Any], sentence: str
) -> None:
    replay = _read(tmp_path, status=DONE, **said)
    assert sentence in replay.unplayable
    assert replay.switches["auth_mode"] == "TOKEN_AUTH"


def test_the_last_of_several_lines_about_a_question_counts(tmp_path: Path) -> None:
    lines = [_line("status", BAD_TOKEN), _line("status", DONE)]
    assert read(_written(tmp_path, HEADER, *lines)).switches["auth_mode"] == "TOKEN_AUTH"


def test_empty_lines_and_what_is_no_exchange_are_left_out(tmp_path: Path) -> None:
    path = _written(tmp_path, b"", HEADER, b"  ", {"ended": "x", "sent": 5}, _line("status", DONE))
    assert "auth_mode" in read(path).switches


GOOD_LINE = _line("update", UNKNOWN)


@pytest.mark.parametrize(
    ("present", "after", "blocks"),
    [
        (added([], ["+447700900901"]), added(["+447700900900"]), False),
        (added([], ["+447700900901"]), added([], ["+447700900900"]), True),
        (added([], ["+447700900901"]), added(), None),
        (added(), added(), True),
        (added(), added([], ["+447700900900"]), None),
        (added(["+447700900901"]), added(["+447700900900"]), None),
        (None, added(["+447700900900"]), None),
    ],
)
def test_without_counters_the_place_of_a_number_tells_whether_it_was_new(
    tmp_path: Path, present: Any, after: Any, blocks: Optional[bool]
) -> None:
    said = {"create_string": made(), "add_new": added(["+447700900901"]), "add_again": present, "after_create": after}
    assert _read(tmp_path, **said).switches.get("create_blocks") is blocks


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([HEADER, b"{"], "line 2 is no JSON object"),
        ([HEADER, b"", b"[]"], "line 3 is no JSON object"),
        ([HEADER, GOOD_LINE, b"\xff\xfe"], "line 3 is no JSON object"),
        ([HEADER, b"[" * 100_000], "line 2 is no JSON object"),
        ([HEADER, GOOD_LINE, json.dumps(GOOD_LINE).encode()[:-9]], "line 3 is no JSON object"),  # a disk that was full
        ([HEADER, {**GOOD_LINE, "status": "200"}], "line 2 is no exchange of a probe: status"),
        ([HEADER, {**GOOD_LINE, "sent": None}], "line 2 is no exchange of a probe: sent"),
        ([HEADER, {**GOOD_LINE, "answer": []}], "line 2 is no exchange of a probe: answer"),
        ([HEADER, {**GOOD_LINE, "headers": "x"}], "line 2 is no exchange of a probe: headers"),
        ([HEADER, {**GOOD_LINE, "question": 5}], "line 2 is no exchange of a probe: question"),
        ([HEADER, {"question": "update"}], "line 2 is no exchange of a probe: sent"),
        ([HEADER, {**GOOD_LINE, "sent": {"blockNumbers": []}}], "blockNumbers is neither a text nor a list of texts"),
        ([HEADER, {**GOOD_LINE, "sent": {"blockNumbers": [7]}}], "blockNumbers is neither a text nor a list of texts"),
        ([GOOD_LINE], "is no transcript of a probe: its first line does not say so"),
        ([{"transcript": 2}], "is no transcript of a probe: its first line does not say so"),
        ([], "is no transcript of a probe: its first line does not say so"),
    ],
)
def test_a_file_that_is_no_transcript_is_refused_with_the_line(tmp_path: Path, lines: List[Any], said: str) -> None:
    with pytest.raises(NoTranscript) as caught:
        read(_written(tmp_path, *lines))
    assert said in str(caught.value)


QUESTIONS = st.sampled_from(
    sorted({*NUMBERS, *COUNTED, "generate", "status", "update", "update_older_path", "create_list", "delete_by_id"})
)
KEYS = st.sampled_from(["id", "succes", "success", "error", "inserted", "deleted", "blockNumbers", "token"])
ODD: Any = st.none() | st.booleans() | st.integers() | st.sampled_from(["success", "+447700900901", "(a number)", ""])
ODD = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
ANSWERS = st.fixed_dictionaries(
    {"status": st.sampled_from(["success", "error", False, None]) | ODD},
    optional={"message": ODD, "errors": ODD, "input": ODD, "output": ODD, "token": ODD, "data": ODD},
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(QUESTIONS, st.tuples(st.none() | ANSWERS, st.sampled_from([None, 200, 404, 422, 429, 504]))))
def test_any_answer_of_an_odd_account_can_be_read(tmp_path: Path, said: Dict[str, Any]) -> None:
    replay = _read(tmp_path, **said)
    assert set(replay.switches) | set(replay.untold) == set(SWITCHES) - {"latency", "set_cookie", "read_only"}
