# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport: TLS, redirects, netrc, proxies, sizes, times, and what counts as sent."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import socket
import sys
import threading
import time
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple, Type, Union

import pytest
import requests

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.address import verification
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.answers import kept_headers
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import (
    Transport,
    library_version,
    look_for_library,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CannotBeSent,
    MissingLibrary,
    NoAnswer,
    NotSent,
    TlsFailed,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.certificates import self_signed
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock

KEY = ("apiKey", "KK" + "0" * 32)
PATH = "/ca_apis/updateBlockNumber"


def _transport(url: str, timeout: float, verify: Union[bool, str]) -> Transport:
    return Transport(url, timeout, verify, FakeClock(), Secrets([KEY[1]]))


@pytest.fixture
def transport(simulator: Simulator) -> Iterator[Transport]:
    made = _transport(simulator.url, 20.0, True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tuple[str, str]:
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_exactly_one_credential_is_sent_and_the_connection_is_kept(transport: Transport, simulator: Simulator) -> None:
    transport.send("PUT", PATH, {}, KEY)
    transport.send("PUT", PATH, {}, ("Authorization", "Bearer x"))
    assert [list(record["credentials"]) for record in simulator.requests()] == [["apiKey"], ["Authorization"]]
    assert transport.sent == 2


def test_netrc_is_never_read(
    transport: Transport, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(
        "ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport.is_loopback", lambda host: False
    )
    transport.send("PUT", PATH, {}, KEY)
    (record,) = simulator.requests()
    assert list(record["credentials"]) == ["apiKey"]


def test_a_redirect_is_not_followed_and_only_its_host_is_told(transport: Transport, simulator: Simulator) -> None:
    simulator.fault("redirect", location="https://elsewhere.example.com/login?key=secret")
    answer = transport.send("PUT", PATH, {}, KEY)
    assert (answer.status, answer.location) == (307, "https://elsewhere.example.com")
    assert len(simulator.requests()) == 1


def test_an_oversized_answer_is_not_read_to_its_end(transport: Transport, simulator: Simulator) -> None:
    simulator.fault("oversized")
    with pytest.raises(NoAnswer, match="larger than 8 MiB"):
        transport.send("PUT", PATH, {}, KEY)


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_a_connection_that_breaks_after_sending_is_no_answer(
    transport: Transport, simulator: Simulator, fault: str
) -> None:
    simulator.fault(fault)
    with pytest.raises(NoAnswer):
        transport.send("PUT", PATH, {}, KEY)
    assert transport.sent == 1


def test_an_answer_that_does_not_come_in_time_is_no_answer(simulator: Simulator) -> None:
    transport = _transport(simulator.url, 0.2, True)
    simulator.fault("delay", seconds=1)
    with pytest.raises(NoAnswer, match=r"no complete answer within 0\.2 s"):
        transport.send("PUT", PATH, {}, KEY)
    transport.close()


def test_a_connection_that_is_refused_was_never_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    transport = _transport(f"http://127.0.0.1:{port}", 2.0, True)
    with pytest.raises(NotSent, match="Connection refused"):
        transport.send("PUT", PATH, {}, KEY)
    assert transport.sent == 0
    transport.close()


def test_a_host_that_is_not_known_was_never_sent_and_the_kinds_of_domain_are_told() -> None:
    transport = _transport("https://cloudagent.invalid", 2.0, True)
    with pytest.raises(NotSent, match=r"domestic.*international.*partner"):
        transport.send("PUT", PATH, {}, KEY)
    transport.close()


def test_a_proxy_of_the_environment_is_used_for_others_and_never_for_loopback(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(5)

        def serve() -> None:
            connection = proxy.accept()[0]
            seen.append(connection.recv(100).split(b" HTTP")[0])
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        loopback = _transport(simulator.url, 2.0, True)
        assert loopback.send("PUT", PATH, {}, KEY).status == 200
        assert seen == []
        other = _transport("https://cloudagent.invalid", 2.0, True)
        with pytest.raises(NotSent, match="proxy"):
            other.send("PUT", PATH, {}, KEY)
        thread.join()
    assert seen == [b"CONNECT cloudagent.invalid:443"]
    loopback.close()
    other.close()


def test_a_certificate_is_checked_against_ca_path_and_the_check_can_be_turned_off(
    certificate: Tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulator(certificate=certificate) as simulator:
        strict = _transport(simulator.url, 2.0, verification(True, None))
        with pytest.raises(TlsFailed, match="ca_path"):
            strict.send("PUT", PATH, {}, KEY)
        assert simulator.requests() == []
        for verify in (verification(True, certificate[0]), verification(False, None)):
            # An authority of the environment must not overrule what the options say.
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
            made = _transport(simulator.url, 2.0, verify)
            assert made.send("PUT", PATH, {}, KEY).status == 200
            made.close()
        strict.close()


def test_a9_tls_that_breaks_after_the_request_went_out_is_no_answer(certificate: Tuple[str, str]) -> None:
    with Simulator(certificate=certificate) as simulator:
        transport = _transport(simulator.url, 2.0, verification(True, certificate[0]))
        assert transport.send("PUT", PATH, {}, KEY).status == 200
        for _count in range(2):  # on a connection that was kept, and on a new one
            simulator.fault("break_tls")
            with pytest.raises(NoAnswer) as caught:
                transport.send("PUT", PATH, {}, KEY)
            assert caught.value.maybe_done
        assert len(simulator.requests()) == transport.sent == 3
        transport.close()


@pytest.mark.parametrize("first", [b"HTTP/1.0 200 OK\r\n\r\n", b"220 mail.example.com ESMTP\r\n", b""])
def test_c15_a_port_that_does_not_speak_tls_is_told_as_a_matter_of_domain(first: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection = server.accept()[0]
            connection.recv(100)
            connection.sendall(first)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        transport = _transport(f"https://127.0.0.1:{server.getsockname()[1]}", 2.0, True)
        with pytest.raises(CallFailed, match="domain") as caught:
            transport.send("PUT", PATH, {}, KEY)
        thread.join()
    assert not caught.value.maybe_done
    assert not first or "does not answer with TLS" in str(caught.value)
    assert transport.sent == 0
    transport.close()


def test_the_headers_that_tell_something_are_kept_without_secrets(transport: Transport, simulator: Simulator) -> None:
    simulator.set(retry_after="7", rate_limit_status=429)
    simulator.fault("rate_limited")
    headers = transport.send("PUT", PATH, {}, KEY).headers
    assert (headers["Retry-After"], headers["Content-Type"]) == ("7", "application/json")
    assert set(headers) == {"Date", "Content-Type", "Retry-After"}
    kept = kept_headers({"Allow": f"PUT {KEY[1]}", "Date": "x" * 500, "Content-Type": "a\nb"}, Secrets([KEY[1]]))
    assert kept == {"Allow": "PUT ********", "Date": "x" * 200}


def _within(seconds: float, action: Callable[[], Any]) -> Any:
    """What an action gives or raises; fails if it never ends."""
    ended: List[Any] = []

    def work() -> None:
        try:
            ended.append(action())
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert ended, "it did not end"
    return ended[0]


@pytest.mark.parametrize("kind", ["drip", "drip_continue"])
def test_c1_the_timeout_is_for_the_whole_answer(simulator: Simulator, kind: str) -> None:
    transport = _transport(simulator.url, 0.5, True)
    simulator.fault(kind, seconds=0.1)
    error = _within(20, lambda: transport.send("PUT", PATH, {}, KEY))
    assert isinstance(error, NoAnswer)
    assert "no complete answer within 0.5 s" in str(error)
    assert transport.send("PUT", PATH, {}, KEY).status == 200  # and the next request has its own time
    transport.close()


def test_c1_a_body_that_drips_is_cut_off_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            with server.accept()[0] as connection, contextlib.suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not over.wait(0.1):
                    connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        transport = _transport(f"http://127.0.0.1:{server.getsockname()[1]}", 0.5, True)
        error = _within(20, lambda: transport.send("PUT", PATH, {}, KEY))
        over.set()
        thread.join()
    assert isinstance(error, NoAnswer)
    assert "no complete answer within 0.5 s" in str(error)
    transport.close()


def _served(replies: List[bytes]) -> Tuple[socket.socket, threading.Thread]:
    """A listening socket that answers one connection, each time after it has read something."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as connection, contextlib.suppress(OSError):
            for reply in replies:
                connection.recv(65536)
                connection.sendall(reply)
            connection.recv(65536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return server, thread


def test_what_only_announces_an_answer_is_none() -> None:
    """And the answer that follows is not taken for that of the next request."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    first, second = (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + digit for digit in (b"1", b"2"))
    server, thread = _served([hints + first, second])
    transport = _transport(f"http://127.0.0.1:{server.getsockname()[1]}", 5.0, True)
    # The body may come in a piece of its own, so each request reads until it is there.
    assert transport.send("PUT", PATH, {}, KEY).body == b"1"
    transport.close()
    thread.join(5)


def test_c5_a_handshake_that_takes_too_long_has_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # nobody answers
        transport = _transport(f"https://127.0.0.1:{server.getsockname()[1]}", 0.3, True)
        with pytest.raises(NotSent, match=r"no connection to 127\.0\.0\.1:[0-9]+ within 0\.3 s"):
            transport.send("PUT", PATH, {}, KEY)
        assert transport.sent == 0
        transport.close()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "did not connect: HTTP 407"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "did not connect: HTTP 503"),
        (b"garbage\r\n\r\n", "through the proxy of the environment"),
    ],
)
def test_c5_what_a_proxy_says_is_told_as_that(monkeypatch: pytest.MonkeyPatch, reply: bytes, says: str) -> None:
    server, thread = _served([reply])
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    transport = _transport("https://cloudagent.invalid", 2.0, True)
    with pytest.raises(NotSent, match=says):
        transport.send("PUT", PATH, {}, KEY)
    transport.close()
    thread.join(5)


def test_a_slow_answer_that_comes_in_time_is_an_answer_and_so_is_the_next(simulator: Simulator) -> None:
    transport = _transport(simulator.url, 5.0, True)
    simulator.fault("drip", seconds=0.0005)
    assert transport.send("PUT", PATH, {}, KEY).status == 200
    assert transport.send("PUT", PATH, {}, KEY).status == 200
    transport.close()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "bad_chunk"},
        {"kind": "status", "status": 200, "content_type": "application/json", "body": "{"},
        {"kind": "redirect", "location": "http://[::1"},
        {"kind": "redirect", "location": "//"},
        {"kind": "redirect", "location": "\u00fc://x"},
    ],
    ids=str,
)
def test_c2_whatever_comes_is_an_answer_or_no_answer(
    transport: Transport, simulator: Simulator, fault: Dict[str, Any]
) -> None:
    simulator.fault(**fault)
    try:
        answer = transport.send("PUT", PATH, {}, KEY)
    except NoAnswer as error:
        assert error.maybe_done
    else:
        assert answer.location == ""
    assert transport.sent == 1


@pytest.mark.parametrize("status", [200, 302, 500])
def test_c3_no_answer_unpacks_to_more_than_may_be_read(transport: Transport, simulator: Simulator, status: int) -> None:
    transport.send("PUT", PATH, {}, KEY)
    simulator.fault("packed", mebibytes=24, status=status)
    tracemalloc.start()
    with pytest.raises(NoAnswer, match="larger than 8 MiB"):
        transport.send("PUT", PATH, {}, KEY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


def test_an_answer_that_is_packed_is_unpacked(transport: Transport, simulator: Simulator) -> None:
    simulator.fault("packed", mebibytes=1)
    assert transport.send("PUT", PATH, {}, KEY).body == bytes(1024 * 1024)


def test_an_answer_in_an_encoding_of_its_own_is_not_read(simulator: Simulator, transport: Transport) -> None:
    simulator.set(set_cookie="x")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection = server.accept()[0]
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx")
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        other = _transport(f"http://127.0.0.1:{server.getsockname()[1]}", 2.0, True)
        with pytest.raises(NoAnswer, match="not asked for"):
            other.send("PUT", PATH, {}, KEY)
        thread.join()
        other.close()


def test_c14_a_cookie_is_not_sent_back(transport: Transport, simulator: Simulator) -> None:
    simulator.set(set_cookie="crumb=1; Path=/")
    for _count in range(2):
        transport.send("PUT", PATH, {}, KEY)
    assert [record["cookie"] for record in simulator.requests()] == [None, None]


def test_b5_the_host_of_a_redirect_holds_no_secret_and_is_cut(transport: Transport, simulator: Simulator) -> None:
    simulator.fault("redirect", location="https://{credential}.example.com/")
    assert transport.send("PUT", PATH, {}, KEY).location == "https://********.example.com"
    simulator.fault("redirect", location="https://" + "a" * 5000 + ".example.com/")
    assert len(transport.send("PUT", PATH, {}, KEY).location) == 100


def test_b5_a_secret_of_which_only_a_part_would_stand_in_the_host_of_a_redirect_is_masked(
    simulator: Simulator,
) -> None:
    key = "KK" + "0" * 32 + "/odd"
    transport = Transport(simulator.url, 20.0, True, FakeClock(), Secrets([key]))
    simulator.fault("redirect", location="https://{credential}.example.com/")
    assert transport.send("PUT", PATH, {}, ("apiKey", key)).location == "https://********.example.com"
    transport.close()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HTTPS_PROXY", "http://", "HTTPS_PROXY"),
        ("HTTPS_PROXY", "http://user:hidden-word@[::1", "HTTPS_PROXY"),
        ("HTTPS_PROXY", "http://a..b:1", "HTTPS_PROXY"),
        ("HTTPS_PROXY", "socks5://127.0.0.1:1", "PySocks"),
        ("HTTPS_PROXY", "nonsense://user:hidden-word@proxy.invalid", "HTTPS_PROXY"),
        (
            "REQUESTS_CA_BUNDLE",
            "/nowhere/ca.pem",
            "REQUESTS_CA_BUNDLE of the environment: /nowhere/ca.pem does not exist",
        ),
        ("CURL_CA_BUNDLE", "/dev/null", "CURL_CA_BUNDLE of the environment: /dev/null is neither a file nor a folder"),
    ],
)
def test_c5_what_keeps_a_request_from_being_sent_is_told_and_nothing_counts_as_sent(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    transport = _transport("https://cloudagent.invalid", 2.0, True)
    with pytest.raises((CannotBeSent, NotSent), match=says) as caught:
        transport.send("PUT", PATH, {}, KEY)
    assert "hidden-word" not in str(caught.value)
    assert not caught.value.sent
    assert transport.sent == 0
    transport.close()


def test_authorities_of_the_environment_are_used_where_the_user_names_none(
    certificate: Tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate[0])
    transport = _transport("https://cloudagent.invalid", 2.0, True)
    with pytest.raises(NotSent):
        transport.send("PUT", PATH, {}, KEY)
    transport.close()


class Strange:
    """A wire that raises what nobody foresaw, before or after it has taken the body of the request."""

    def __init__(self, takes_body: bool, error: Type[BaseException]) -> None:
        self._takes_body = takes_body
        self._error = error

    def send(self, request: Any, *options: Any, **named: Any) -> Any:
        """Raises."""
        if self._takes_body:
            b"".join(request.body)
        raise self._error("hidden words")

    def close(self) -> None:
        """Nothing."""


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
@pytest.mark.parametrize(("takes_body", "kind"), [(True, NoAnswer), (False, CannotBeSent)])
def test_c2_an_exception_that_nobody_foresaw_is_no_answer_from_the_first_byte_sent_on(
    takes_body: bool, kind: type, error: Type[BaseException]
) -> None:
    transport = Transport("http://127.0.0.1:1", 1.0, True, FakeClock(), Secrets(), Strange(takes_body, error))
    with pytest.raises(kind, match=error.__name__) as caught:
        transport.send("PUT", PATH, {}, KEY)
    assert "hidden words" not in str(caught.value)
    assert transport.sent == int(takes_body)
    transport.close()


# -- several threads ---------------------------------------------------------------------------------------------------

THREADS, EACH = 8, 25


@pytest.fixture
def restless() -> Iterator[None]:
    """Has threads take turns as often as can be."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def _sent_by(transport: Transport, simulator: Simulator, number: str) -> str:
    """Has a number added, and tells how that was answered."""
    text = {"userName": simulator.username, "groupName": "Nuisance", "description": "Reported"}
    body = {**text, "expiryDate": "2099-01-01 00:00:00", "blockNumbers": [number]}
    try:
        answer = transport.send("PUT", PATH, body, ("apiKey", simulator.api_key))
    except NoAnswer:
        return "none"
    with contextlib.suppress(ValueError):
        return "its own" if json.loads(answer.body)["input"]["blockNumbers"] == [number] else "of another"
    return "cut"


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("connections", [1, 3, THREADS])
def test_several_threads_get_each_its_own_answer_and_what_was_sent_is_counted(
    simulator: Simulator, connections: int
) -> None:
    simulator.set(auth_mode="BASIC_AUTH")
    simulator.preset("Nuisance", [])
    for place, kind in enumerate(("reset_before", "truncated", "reset_after", "bad_chunk", "delay") * 3):
        simulator.fault(kind, after=7 * place, **({"seconds": 0.01} if kind == "delay" else {}))
    transport = Transport(simulator.url, 20.0, True, FakeClock(), Secrets(), connections=connections)
    numbers = [f"99999{count:05d}" for count in range(THREADS * EACH)]
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda number: _sent_by(transport, simulator, number), numbers))
    transport.close()
    assert Counter(answers) == {"its own": THREADS * EACH - 12, "none": 9, "cut": 3}
    assert transport.sent == len(simulator.requests()) == THREADS * EACH
    confirmed = {f"+91{number}" for number, answer in zip(numbers, answers) if answer == "its own"}
    assert confirmed <= set(simulator.numbers("Nuisance"))


@pytest.mark.usefixtures("restless")
def test_one_credential_goes_with_each_request_of_several_threads(transport: Transport, simulator: Simulator) -> None:
    def send(count: int) -> None:
        transport.send("PUT", PATH, {"count": count}, ("Authorization", f"Bearer token-{count % 40}"))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(send, range(120)))
    seen = {(record["body"]["count"], *record["credentials"].items()) for record in simulator.requests()}
    tokens = {count: hashlib.sha256(f"Bearer token-{count % 40}".encode()).hexdigest()[:8] for count in range(120)}
    assert seen == {(count, ("Authorization", digest)) for count, digest in tokens.items()}


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("connections", [1, 3])
def test_there_are_never_more_connections_than_were_asked_for(connections: int) -> None:
    opened = []

    class Connection(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            """One more."""
            opened.append(self)
            super().setup()

        def do_PUT(self) -> None:
            """Answers."""
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(0.01)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with ThreadingHTTPServer(("127.0.0.1", 0), Connection) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        url = f"http://127.0.0.1:{server.server_port}"
        transport = Transport(url, 20.0, True, FakeClock(), Secrets(), connections=connections)
        at_once = threading.Barrier(THREADS)

        def send(_thread: int) -> List[bytes]:
            at_once.wait()
            return [transport.send("PUT", PATH, {}, KEY).body for _count in range(4)]

        with ThreadPoolExecutor(THREADS) as threads:
            assert list(threads.map(send, range(THREADS))) == [[b"{}"] * 4] * THREADS
        transport.close()
        server.shutdown()
        serving.join()
    assert len(opened) == connections
    assert transport.sent == 4 * THREADS


def test_a15_a_library_that_will_be_needed_is_looked_for_without_loading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    look_for_library()
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "requests" else found(name))
    with pytest.raises(MissingLibrary, match="requests"):
        look_for_library()


class BrokenImport:
    """Finds a library that breaks when it is imported, as one does that was built for another Python."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Raises."""
        if name == "requests":
            raise AttributeError("module 'lib' has no attribute 'X509_V_FLAG'")
        return None


def test_c2_a_library_that_cannot_be_imported_is_told_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "requests")
    monkeypatch.setattr(sys, "meta_path", [BrokenImport(), *sys.meta_path])
    with pytest.raises(MissingLibrary, match="requests"):
        _transport("http://127.0.0.1:1", 1.0, True).send("PUT", PATH, {}, KEY)


def test_a_library_that_is_missing_when_it_is_needed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(MissingLibrary, match="requests"):
        _transport("http://127.0.0.1:1", 1.0, True).send("PUT", PATH, {}, KEY)


def test_the_version_of_the_library_is_told_or_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library_version() == requests.__version__
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(MissingLibrary, match="requests"):
        library_version()


def test_a_request_may_carry_no_credential(transport: Transport, simulator: Simulator) -> None:
    answer = transport.send("GET", "/ca_apis/campaignStatus", {})
    assert answer.status == 200
    assert simulator.requests()[0]["credentials"] == {}


def test_whether_a_proxy_is_in_between_is_known_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert not _transport("https://ccaas.example.com", 1.0, True).by_proxy()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    assert _transport("https://ccaas.example.com", 1.0, True).by_proxy()
    assert not _transport("https://127.0.0.1:1", 1.0, True).by_proxy()
