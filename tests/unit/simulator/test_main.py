# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the simulator: without what it needs, and with the transcript of a probe."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import requests

from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import DONE, UNKNOWN, added

FOLDER = Path(__file__).parent.parent.parent / "simulator"
HEADER = {"transcript": 1, "auth": "token"}


def _line(question: str, answer: Any, status: int = 200) -> Dict[str, Any]:
    sent = {"groupName": "Ansible probe", "blockNumbers": ["+447700900901"]}
    return {"question": question, "status": status, "sent": sent, "headers": {}, "answer": answer}


def _transcript(folder: Path, *lines: Any) -> str:
    path = folder / "transcript.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(path)


def _command(*arguments: str) -> List[str]:
    return [sys.executable, str(FOLDER), "--port", "0", *arguments]


@contextlib.contextmanager
def _running(*arguments: str) -> Iterator[Tuple[Dict[str, Any], List[str]]]:
    """A simulator that serves: its switches, and what it has told on stderr."""
    told: List[str] = []
    with subprocess.Popen(_command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        try:
            yield requests.get(f"{url}/_admin/switches", timeout=5).json(), told
        finally:
            process.send_signal(signal.SIGTERM)
            told += process.stderr.read().splitlines()
    assert process.returncode == 0


def test_it_serves_as_the_transcript_tells_and_says_what_that_tells(tmp_path: Path) -> None:
    lines = [_line("status", DONE), _line("update", {**UNKNOWN, "status": "Fail"}, 400), _line("both_headers", DONE)]
    path = _transcript(tmp_path, HEADER, *lines)
    with _running("--transcript", path) as (switches, told):
        assert (switches["error_http"], switches["error_word"], switches["auth_mode"]) == (400, "Fail", "TOKEN_AUTH")
        assert switches["counters"] == "truthful"  # as at the beginning
    first, second, third = told
    told_now = ["unknown_campaign", "auth_mode", "error_http", "success_word", "error_word"]
    assert first == f"told by {path}: refused_numbers, {', '.join(told_now)}"
    assert second.startswith("not told, so as they are at the beginning: duplicate_group, ")
    assert "counters" in second
    assert "error_http" not in second
    assert third == "not played by any switch: A3: both headers are taken"


def test_a_switch_that_is_given_outweighs_the_transcript(tmp_path: Path) -> None:
    path = _transcript(tmp_path, HEADER, _line("update", UNKNOWN, 400), _line("add_again", added()))
    with _running("--transcript", path, "--switch", "error_http=200", "--switch", "counters=full") as (switches, told):
        assert (switches["error_http"], switches["present_listed"], switches["counters"]) == (200, "nowhere", "full")
    assert "error_http" in told[0]


def test_an_account_that_does_what_no_switch_takes_is_served_as_far_as_it_can_be(tmp_path: Path) -> None:
    path = _transcript(tmp_path, HEADER, _line("update", UNKNOWN, 422), _line("add_again", added()))
    with _running("--transcript", path) as (switches, told):
        assert (switches["error_http"], switches["present_listed"]) == (200, "nowhere")
    assert told[-1] == "not played by any switch: G1: error_http takes 200, 400, not 422"


def test_without_a_transcript_nothing_is_told() -> None:
    with _running("--switch", "counters=full") as (switches, told):
        assert switches["counters"] == "full"
    assert told == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([HEADER, _line("status", DONE), 5], "line 3 is no JSON object"),
        ([HEADER, {**_line("status", DONE), "sent": 5}], "line 2 is no exchange of a probe: sent is missing"),
        ([_line("status", DONE)], "its first line does not say so"),
        ([], "its first line does not say so"),
    ],
)
def test_a_file_that_is_no_transcript_is_refused_with_its_line(tmp_path: Path, lines: List[Any], said: str) -> None:
    _assert_refused(said, "--transcript", _transcript(tmp_path, *lines))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    _assert_refused("No such file", "--transcript", str(tmp_path / "nowhere"))
    _assert_refused("Is a directory", "--transcript", str(tmp_path))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n")
    _assert_refused("line 1 is no JSON object", "--transcript", str(tmp_path / "binary"))


def test_a_switch_that_is_none_is_refused_beside_a_transcript(tmp_path: Path) -> None:
    path = _transcript(tmp_path, HEADER, _line("status", DONE))
    _assert_refused("error_http takes 200, 400", "--transcript", path, "--switch", "error_http=422")


def test_without_flask_it_says_what_to_install() -> None:
    alone = [sys.executable, "-I", "-S"]  # a Python that finds nothing but its own library
    done = subprocess.run([*alone, str(FOLDER)], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (said,) = done.stderr.splitlines()
    assert said == f"flask is missing on {sys.executable}, which runs the simulator: pip install flask"


def _assert_refused(said: str, *arguments: str) -> None:
    done = subprocess.run(_command(*arguments), capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
