# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport: hosts, TLS, redirects, netrc, proxies, sizes, and what counts as sent."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path
from typing import Iterator, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import (
    Transport,
    base_url,
    is_loopback,
    verification,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    InvalidInput,
    NoAnswer,
    NotSent,
    TlsFailed,
)
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock

KEY = ("apiKey", "KK" + "0" * 32)
PATH = "/ca_apis/updateBlockNumber"


@pytest.fixture
def transport(simulator: Simulator) -> Iterator[Transport]:
    made = Transport(simulator.url, 5.0, True, FakeClock())
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    files = str(folder / "certificate.pem"), str(folder / "key.pem")
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-out",
        files[0],
        "-keyout",
        files[1],
        *subject,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return files


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("domestic", "https://in1-ccaas-api.ozonetel.com"),
        ("international", "https://api.ccaas.ozonetel.com"),
        ("ccaas.example.com", "https://ccaas.example.com"),
        ("ccaas.example.com:8443", "https://ccaas.example.com:8443"),
        ("https://ccaas.example.com/", "https://ccaas.example.com"),
        ("https://ccaas.example.com/prefix/", "https://ccaas.example.com/prefix"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:1", "http://localhost:1"),
    ],
)
def test_a_domain_becomes_a_url(domain: str, url: str) -> None:
    assert base_url(domain) == url


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "domestik",
        "http://ccaas.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@evil.example.com",
        "https://user:pass@ccaas.example.com",
        "https://ccaas.example.com?x=y",
        "https://ccaas.example.com/#top",
        "ftp://ccaas.example.com",
        "https://",
        "https://[::1",
        "https://ccaas.example.com:port",
        "-ccaas.example.com",
        "ccaas.example.com/path",
        "https://cc aas.example.com",
        "https://ccaas.example.com\\@evil.example.com",
    ],
)
def test_what_is_no_host_or_not_safe_is_refused_and_the_kinds_are_told(domain: str) -> None:
    with pytest.raises(InvalidInput, match=r"domestic|https"):
        base_url(domain)


def test_userinfo_is_not_repeated_in_the_error() -> None:
    with pytest.raises(InvalidInput) as caught:
        base_url("https://user:pass@ccaas.example.com")
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback_is_known(host: str, is_it: bool) -> None:
    assert is_loopback(host) is is_it


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
    transport = Transport(simulator.url, 0.2, True, FakeClock())
    simulator.fault("delay", seconds=1)
    with pytest.raises(NoAnswer, match=r"no answer within 0\.2 s"):
        transport.send("PUT", PATH, {}, KEY)
    transport.close()


def test_a_connection_that_is_refused_was_never_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    transport = Transport(f"http://127.0.0.1:{port}", 2.0, True, FakeClock())
    with pytest.raises(NotSent, match="Connection refused"):
        transport.send("PUT", PATH, {}, KEY)
    assert transport.sent == 0
    transport.close()


def test_a_host_that_is_not_known_was_never_sent_and_the_kinds_of_domain_are_told() -> None:
    transport = Transport("https://cloudagent.invalid", 2.0, True, FakeClock())
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
        loopback = Transport(simulator.url, 2.0, True, FakeClock())
        assert loopback.send("PUT", PATH, {}, KEY).status == 200
        assert seen == []
        other = Transport("https://cloudagent.invalid", 2.0, True, FakeClock())
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
        strict = Transport(simulator.url, 2.0, verification(True, None), FakeClock())
        with pytest.raises(TlsFailed, match="ca_path"):
            strict.send("PUT", PATH, {}, KEY)
        assert simulator.requests() == []
        for verify in (verification(True, certificate[0]), verification(False, None)):
            # An authority of the environment must not overrule what the options say.
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
            made = Transport(simulator.url, 2.0, verify, FakeClock())
            assert made.send("PUT", PATH, {}, KEY).status == 200
            made.close()
        strict.close()


def test_a_ca_path_that_does_not_exist_is_bad_input() -> None:
    with pytest.raises(InvalidInput, match="ca_path: /nowhere"):
        verification(True, "/nowhere")
