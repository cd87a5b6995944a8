# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections on the wire, and what the admin interface records, takes and refuses."""

from __future__ import annotations

import json
import socket
from email.utils import parsedate_to_datetime
from typing import Any, Dict, Iterator, List, Optional
from urllib.parse import urlsplit

import pytest
import requests

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.simulator.test_contract import FIVE, GENERATE, UPDATE, Caller

PROBE = b"GET /_admin/tokens HTTP/1.1\r\nHost: x\r\n\r\n"
PUT = b"PUT /ca_apis/updateBlockNumber HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
EMPTY = b'{"generated":0,"valid":0,"generations":[]}'


def _connect(simulator: Simulator) -> socket.socket:
    port = urlsplit(simulator.url).port
    return socket.create_connection(("127.0.0.1", port or 0), timeout=5)


@pytest.fixture
def connection(simulator: Simulator) -> Iterator[socket.socket]:
    with _connect(simulator) as made:
        yield made


def _read_until(connection: socket.socket, end: bytes, times: int = 1) -> bytes:
    received = b""
    while received.count(end) < times:
        more = connection.recv(65536)
        assert more, received
        received += more
    return received


def test_a_connection_is_kept_for_the_next_request(connection: socket.socket) -> None:
    for _count in range(3):
        connection.sendall(PROBE)
        answer = _read_until(connection, EMPTY)
        assert b"Connection: close" not in answer
        assert b"Content-Length: " in answer


def test_requests_sent_at_once_are_answered_one_after_the_other(connection: socket.socket) -> None:
    connection.sendall(PROBE * 3)
    assert _read_until(connection, EMPTY, times=3).count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize("start", ["OPTIONS /ca_apis/createBlockNumber", "PUT /nowhere", "TRACE /", "GET /_admin/x"])
def test_a_body_that_nobody_wants_is_not_taken_for_the_next_request(connection: socket.socket, start: str) -> None:
    connection.sendall(f"{start} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwaste".encode() + PROBE)
    assert b"HTTP/1.1 400" not in _read_until(connection, EMPTY)


def test_a_client_that_wants_the_connection_closed_gets_it_closed(connection: socket.socket) -> None:
    connection.sendall(PROBE.replace(b"Host: x", b"Host: x\r\nConnection: close"))
    assert b"Connection: close" in _read_until(connection, EMPTY)
    assert connection.recv(1) == b""


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_reset_is_a_reset_and_no_goodbye(
    simulator: Simulator, connection: socket.socket, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    simulator.fault(kind)
    connection.sendall(PUT)
    with pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert simulator.requests()[-1]["status"] is None
    assert capfd.readouterr() == ("", "")


def test_a_stopped_simulator_answers_on_no_connection() -> None:
    with Simulator() as simulator:
        kept = _connect(simulator)
        kept.sendall(PROBE)
        _read_until(kept, EMPTY)
    with kept:
        assert kept.recv(1) == b""
    with pytest.raises(ConnectionError):
        _connect(simulator)


def test_a_simulator_that_was_never_started_can_be_stopped() -> None:
    Simulator().stop()


@pytest.mark.parametrize(
    ("fault", "status", "answer"),
    [
        (None, 200, {"status": "error", "message": "Invalid group id"}),
        ({"kind": "delay"}, 200, {"status": "error", "message": "Invalid group id"}),
        ({"kind": "status", "status": 503, "commit": True}, 503, None),
        ({"kind": "html"}, 200, None),
        ({"kind": "truncated"}, 200, None),
        ({"kind": "oversized"}, 200, None),
        ({"kind": "redirect", "status": 302}, 302, None),
        ({"kind": "rate_limited"}, 429, {"status": "error", "message": "Max limit exceeded"}),
        ({"kind": "revoke_tokens"}, 200, {"status": "false", "message": "Token Expired", "data": None}),
    ],
    ids=lambda value: str(value.get("kind", "")) if isinstance(value, dict) else None,
)
def test_the_record_tells_what_was_really_answered(
    simulator: Simulator, fault: Optional[Dict[str, Any]], status: int, answer: Any
) -> None:
    caller = Caller(simulator)
    caller.token = caller.generate().json()["token"]
    if fault is not None:
        simulator.fault(call="update", **fault)
    body = {"userName": "demo_user", "groupName": "Nuisance", "description": "Reported", "blockNumbers": FIVE}
    headers = {"Authorization": f"Bearer {caller.token}"}
    received = requests.put(simulator.url + UPDATE[1], json=body, headers=headers, allow_redirects=False, timeout=5)
    record = simulator.requests("update")[-1]
    assert (record["status"], record["answer"]) == (status, answer)
    assert received.status_code == status
    assert (record["method"], record["path"], record["body"]) == (*UPDATE, body)
    assert record["fault"] == (fault["kind"] if fault else None)


def test_the_length_of_a_cut_answer_is_that_of_what_is_left(simulator: Simulator) -> None:
    simulator.fault("truncated")
    cut = Caller(simulator).generate()
    assert int(cut.headers["Content-Length"]) == len(cut.content)
    with pytest.raises(ValueError, match=r".+"):
        cut.json()


def test_an_oversized_answer_is_json_of_more_than_nine_mebibytes(simulator: Simulator) -> None:
    simulator.fault("oversized")
    large = Caller(simulator).generate()
    assert len(large.content) > 9 * 1024 * 1024
    assert "token" in large.json()


def test_a_packed_answer_is_small_and_unpacks_to_what_was_asked_for(simulator: Simulator) -> None:
    simulator.fault("packed", mebibytes=3, status=302)
    with requests.Session() as session:
        request = requests.Request("POST", simulator.url + GENERATE[1]).prepare()
        answer = session.get_adapter(simulator.url).send(request, stream=True)
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (302, "gzip")
        assert len(answer.raw.read(decode_content=False)) < 10_000
    simulator.fault("packed", call="generate", mebibytes=3)
    assert Caller(simulator).generate().content == bytes(3 * 1024 * 1024)


def test_a_connection_that_drips_sends_the_whole_answer_a_byte_at_a_time(
    simulator: Simulator, connection: socket.socket
) -> None:
    simulator.fault("drip", seconds=0.0001)
    connection.sendall(PUT.replace(b"Host: x", b"Host: x\r\nConnection: close"))
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    assert b"HTTP/1.1 200" in b"".join(pieces)
    assert b"Username Should Not be Null" in b"".join(pieces) or b"Token Should Not" in b"".join(pieces)
    assert len(pieces) > 20


def test_a_connection_that_drips_continues_sends_nothing_else(simulator: Simulator, connection: socket.socket) -> None:
    simulator.fault("drip_continue", seconds=0.001)
    connection.sendall(PUT)
    received = _read_until(connection, b"100 Continue\r\n\r\n", times=5)
    assert received == b"HTTP/1.1 100 Continue\r\n\r\n" * (len(received) // 25)


def test_a_cookie_that_comes_back_is_on_record(simulator: Simulator) -> None:
    simulator.set(set_cookie="crumb=1")
    with requests.Session() as session:
        for _count in range(2):
            session.get(f"{simulator.url}/ca_apis/campaignStatus", timeout=5)
    assert [record["cookie"] for record in simulator.requests()] == [None, "crumb=1"]


def test_a_test_can_look_on_before_an_answer(simulator: Simulator) -> None:
    seen: List[Any] = []
    simulator.server.before_answering = lambda record: seen.append((record["call"], record["status"]))
    Caller(simulator).generate()
    assert seen == [("generate", 200)]
    simulator.reset()
    Caller(simulator).generate()
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ({}, {"status": "error", "message": "bad request from KEY"}),
        ({"pad": 3}, {"status": "error", "message": "bad request from ...KEY"}),
        (
            {"field": "name"},
            {"status": "error", "message": "invalid data", "errors": {"name": "bad request from KEY"}},
        ),
    ],
)
def test_a_secret_is_repeated_on_demand(simulator: Simulator, fault: Dict[str, Any], answer: Any) -> None:
    simulator.fault("echo_secrets", **fault)
    said = Caller(simulator).generate().text
    assert json.loads(said.replace(simulator.api_key, "KEY")) == answer


def test_a_redirect_can_lead_to_a_place_that_holds_the_credential(simulator: Simulator) -> None:
    simulator.fault("redirect", location="https://{credential}.example.com/")
    url = simulator.url + GENERATE[1]
    answer = requests.post(url, headers={"apiKey": "KEY"}, allow_redirects=False, timeout=5)
    assert answer.headers["Location"] == "https://KEY.example.com/"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "faults", {"kind": "nonsense"}),
        ("POST", "faults", {"kind": "delay", "call": "updat"}),
        ("POST", "faults", {"kind": "delay", "times": 0}),
        ("POST", "faults", {"kind": "delay", "after": "x"}),
        ("POST", "faults", {"kind": "delay", "number": 9999900001}),
        ("POST", "faults", {"kind": "delay", "secnds": 1}),
        ("POST", "faults", {"kind": "delay", "seconds": -1}),
        ("POST", "faults", {"kind": "status", "status": "503"}),
        ("POST", "faults", {"kind": "packed", "mebibytes": -1}),
        ("POST", "faults", {"kind": "echo_secrets", "pad": "x"}),
        ("POST", "faults", []),
        ("POST", "clock", {"advance": "nan"}),
        ("POST", "clock", {}),
        ("POST", "groups", {}),
        ("POST", "groups", {"name": "Nuisance", "expiry_date": "soon"}),
        ("POST", "groups", {"name": "Nuisance", "numbers": FIVE[0]}),
        ("DELETE", "groups/Nuisance/numbers", {}),
        ("DELETE", "groups/Nuisance/numbers", FIVE),
        ("PUT", "switches", []),
    ],
)
def test_the_admin_interface_refuses_nonsense(simulator: Simulator, method: str, path: str, body: Any) -> None:
    answer = requests.request(method, f"{simulator.url}/_admin/{path}", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert simulator.groups() == []
    assert simulator.server.faults.faults == []


def test_a_preset_group_is_made_as_given_and_replaced_under_its_id(simulator: Simulator) -> None:
    group = {"id": 77, "name": "a/b", "description": "Old", "expiry_date": "2099-01-01 00:00:00", "numbers": FIVE[:2]}
    admin = f"{simulator.url}/_admin/groups"
    whole = {**group, "numbers": [f"+91{number}" for number in FIVE[:2]]}
    assert requests.post(admin, json=group, timeout=5).json() == whole
    assert requests.get(admin, timeout=5).json() == [whole]
    assert requests.post(admin, json={"name": "a/b", "numbers": FIVE}, timeout=5).json()["id"] == 77
    assert requests.post(admin, json={"name": "Fraud"}, timeout=5).json()["id"] == 78
    assert requests.post(admin, json={"name": "Third", "id": 77}, timeout=5).status_code == 400
    gone = requests.delete(f"{admin}/a%2Fb/numbers", json={"numbers": FIVE[:3]}, timeout=5)
    assert gone.json() == {"removed": 3}


def test_a_reset_brings_everything_back(simulator: Simulator) -> None:
    caller = Caller(simulator)
    caller.group(*FIVE)
    caller.generate()
    requests.put(f"{simulator.url}/_admin/switches", json={"counters": "absent"}, timeout=5)
    requests.post(f"{simulator.url}/_admin/faults", json={"kind": "html"}, timeout=5)
    requests.post(f"{simulator.url}/_admin/reset", timeout=5)
    seen = {path: requests.get(f"{simulator.url}/_admin/{path}", timeout=5).json() for path in ("groups", "requests")}
    assert seen == {"groups": [], "requests": []}
    assert requests.get(f"{simulator.url}/_admin/faults", timeout=5).json() == []
    assert requests.get(f"{simulator.url}/_admin/switches", timeout=5).json()["counters"] == "truthful"
    assert requests.get(f"{simulator.url}/_admin/tokens", timeout=5).content.strip() == EMPTY


def test_an_answer_tells_the_time_of_the_account(simulator: Simulator) -> None:
    simulator.advance(-86400.0)
    answer = requests.get(f"{simulator.url}/ca_apis/campaignStatus", timeout=5)
    assert answer.raw.headers.getlist("Date") == [answer.headers["Date"]]
    told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert abs(told - simulator.server.account.now()) < 10
