# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request, and whatever becomes of it. The only file that imports requests."""

from __future__ import annotations

import http.client
import importlib.util
import io
import json
import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Protocol, Tuple, Union, cast
from urllib.parse import urlsplit

from .._domain.errors import CallFailed, CannotBeSent, MissingLibrary, NoAnswer, NotSent, TlsFailed
from .._domain.protocols import Clock
from .._domain.secrets import Secrets
from . import contract
from .address import DOMAIN_KINDS, is_loopback, verification
from .answers import RawAnswer, kept_headers, shown_host
from .causes import cause_of, said_by_proxy, system_reason
from .retry import parse_retry_after

if TYPE_CHECKING:
    import requests

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "ozonetel.cloudagent (Ansible collection)",
}
_ENCODINGS = ("", "identity", "gzip", "deflate")
# One piece of so many bytes unpacks to some 4 MiB at most.
_PIECE = 4096
_UNPACKED_PIECE = 64 * 1024
_MOST_PREPARED = 16
_NEED = "to talk to CloudAgent"
_CHECK_DOMAIN = "Check domain and the network."
_CHECK_PROXY = "Check HTTPS_PROXY and NO_PROXY."
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

Credential = Tuple[str, str]
"""The name and the value of the one credential header (contract A3)."""
Credentials = Tuple[Credential, ...]


class Wire(Protocol):
    """What carries a prepared request to the server: an adapter of requests."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool,
        timeout: Tuple[float, float],
        verify: Union[bool, str],
        proxies: Dict[str, str],
    ) -> requests.Response:
        """Sends it and gives the answer, whose body is not read yet."""

    def close(self) -> None:
        """Closes all connections."""


@dataclass(frozen=True)
class _Way:
    """How requests get to the host: what carries them, what it is verified with, and the proxies by scheme."""

    wire: Wire
    verify: Union[bool, str]
    proxies: Dict[str, str]


def library_version() -> str:
    """The version of requests. Raises MissingLibrary where it cannot be imported."""
    try:
        import requests
    except Exception as error:  # one that is there and cannot be imported is missing, too
        raise MissingLibrary("requests", _NEED) from error
    return str(requests.__version__)


def look_for_library() -> None:
    """Raises MissingLibrary where requests will be needed and is not installed. Does not import it."""
    if importlib.util.find_spec("requests") is None:
        raise MissingLibrary("requests", _NEED)


class Transport:
    """Sends requests to one host over connections that are kept.

    Redirects are never followed, cookies never kept, ~/.netrc is never read; proxies and authorities of the environment
    are honoured except for a loopback host, as they are at the first request. ``timeout`` in seconds, for the
    connection and for the whole answer. ``sent`` counts the requests of which the server may have seen something.
    ``wire``: in the place of the network.

    Several threads may send at once; ``connections`` is how many requests may be under way, and more wait their turn.
    """

    def __init__(
        self,
        url: str,
        timeout: float,
        verify: Union[bool, str],
        clock: Clock,
        secrets: Secrets,
        wire: Optional[Wire] = None,
        connections: int = 1,
    ) -> None:
        self.url = url
        self.sent = 0
        self._timeout = timeout
        self._verify = verify
        self._clock = clock
        self._secrets = secrets
        self._wire = wire
        self._connections = connections
        self._lock = threading.Lock()
        self._way: Optional[_Way] = None
        self._requests = _Requests(url)

    def close(self) -> None:
        """Closes the connections."""
        if self._wire is not None:
            self._wire.close()

    def by_proxy(self) -> bool:
        """Whether requests go through a proxy of the environment, which then looks up the host."""
        from requests import utils

        return utils.select_proxy(self.url, self._proxies()) is not None

    def send(self, method: str, path: str, body: Dict[str, Any], *credentials: Credential) -> RawAnswer:
        """Sends one request with exactly one credential header (with none, or with both, where that is the question).

        Raises MissingLibrary; NotSent, CannotBeSent or TlsFailed where the server has seen nothing of the request;
        NoAnswer from the first byte sent on, whatever went wrong.
        """
        text = f"{method} {path}"
        content = _Content(json.dumps(body).encode())
        try:
            request = self._requests.made(method, path, credentials, content)
            way = self._way or self._found_way(text)
            with way.wire.send(
                request,
                stream=True,
                timeout=(self._timeout, self._timeout),
                verify=way.verify,
                proxies=way.proxies,
            ) as response:
                return self._answer(text, response)
        except (CallFailed, MissingLibrary):
            raise
        except (Exception, SystemExit) as error:  # of whatever library: what matters is whether something was sent
            raise (self._no_answer if content.started else self._not_sent)(text, error) from None
        finally:
            with self._lock:
                self.sent += content.started

    def _found_way(self, text: str) -> _Way:
        with self._lock:  # or two threads would open connections, each for itself
            if self._way is None:
                self._wire = self._wire or network(self._connections)
                verify, proxies = self._environment(text)
                self._way = _Way(self._wire, verify, proxies)
            return self._way

    def _environment(self, text: str) -> Tuple[Union[bool, str], Dict[str, str]]:
        """What the environment says of authorities and proxies; nothing for a loopback host."""
        proxies = self._proxies()
        if is_loopback(urlsplit(self.url).hostname or ""):
            return self._verify, proxies
        variable = next((name for name in _BUNDLE_VARIABLES if os.environ.get(name)), None)
        if self._verify is not True or variable is None:
            return self._verify, proxies
        try:
            return verification(True, os.environ[variable]), proxies
        except ValueError as problem:
            raise CannotBeSent(text, f"{variable} of the environment: {problem}", "Correct or unset it.") from None

    def _proxies(self) -> Dict[str, str]:
        from requests import utils

        return {} if is_loopback(urlsplit(self.url).hostname or "") else dict(utils.get_environ_proxies(self.url))

    def _answer(self, text: str, response: requests.Response) -> RawAnswer:
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise NoAnswer(text, "the answer is compressed in a way that was not asked for", _CHECK_DOMAIN)
        body = bytearray()
        for piece in response.iter_content(_PIECE if encoding else _UNPACKED_PIECE):
            body += piece
            if len(body) > contract.MAX_ANSWER_BYTES:
                raise NoAnswer(text, "the answer is larger than 8 MiB and was not read", "Check domain.")
        return RawAnswer(
            status=response.status_code,
            body=bytes(body),
            retry_after=parse_retry_after(response.headers.get("Retry-After"), self._clock.now()),
            location=shown_host(response.headers.get("Location", ""), self._secrets),
            headers=kept_headers(response.headers, self._secrets),
        )

    # -- what went wrong -----------------------------------------------------------------------------------------------

    def _no_answer(self, text: str, error: BaseException) -> NoAnswer:
        if cause_of(error, socket.timeout) is not None:
            return NoAnswer(
                text, f"no complete answer within {self._timeout:g} s", "Raise timeout if the server is slow."
            )
        reason = system_reason(error) or f"it broke off ({type(error).__name__})"
        return NoAnswer(text, f"the connection was lost before the answer was complete: {reason}", "Run again.")

    def _not_sent(self, text: str, error: BaseException) -> CallFailed:
        from requests import exceptions

        host, by_proxy = urlsplit(self.url).netloc, self.by_proxy()
        through = f"{host} through the proxy of the environment" if by_proxy else host
        check = _CHECK_PROXY if by_proxy else _CHECK_DOMAIN
        if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)):
            problem = "the proxy of the environment is not a URL that can be used here"  # domain was looked at before
            return CannotBeSent(text, problem, "Correct HTTPS_PROXY (a SOCKS proxy needs the Python library PySocks).")
        if isinstance(error, exceptions.ProxyError):
            return NotSent(text, f"the proxy of the environment did not connect{said_by_proxy(error)}", _CHECK_PROXY)
        if isinstance(error, exceptions.SSLError):
            return _tls_failed(host, text, error)
        if isinstance(error, exceptions.Timeout):
            return NotSent(text, f"no connection to {through} within {self._timeout:g} s", check)
        if isinstance(error, exceptions.ConnectionError):
            if cause_of(error, socket.gaierror) is not None:
                return NotSent(text, f"the host name {host} is not known", f"Check domain: {DOMAIN_KINDS}.")
            reason = system_reason(error) or "it broke off"
            return NotSent(text, f"no connection to {through}: {reason}", check)
        return CannotBeSent(
            text,
            f"it could not be sent ({type(error).__name__})",
            "Check domain, HTTPS_PROXY and the certificates; if they are right, please report this.",
        )


class _Content:
    """The body of a request, which knows whether it was asked for: before that the server cannot act on the request."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.started = False

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        self.started = True
        yield self._data


class _Requests:
    """Makes requests to one host: all but the body is prepared once for a path and a credential."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._prepared: Dict[Tuple[str, str, Credentials], requests.PreparedRequest] = {}

    def made(self, method: str, path: str, credentials: Credentials, content: _Content) -> requests.PreparedRequest:
        """A request that is nobody else's. Raises MissingLibrary, and what requests raises where it makes none."""
        key = (method, path, credentials)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepare(method, path, credentials)
            # Replaced as a whole, for other threads; what was kept for the last token is of no more use.
            self._prepared = (
                {**self._prepared, key: prepared} if len(self._prepared) < _MOST_PREPARED else {key: prepared}
            )
        request = prepared.copy()
        request.body = content  # type: ignore[assignment]
        request.headers["Content-Length"] = str(len(content))
        return request

    def _prepare(self, method: str, path: str, credentials: Credentials) -> requests.PreparedRequest:
        library_version()  # or it raises MissingLibrary
        import requests

        return requests.Request(method, self._url + path, headers={**_HEADERS, **dict(credentials)}).prepare()


def _tls_failed(host: str, text: str, error: Exception) -> TlsFailed:
    cause = cause_of(error, ssl.SSLError)
    reason = getattr(cause, "reason", "") or ""
    if reason in _NO_TLS:
        return TlsFailed(text, f"{host} does not answer with TLS", "Check the port in domain.")
    words = getattr(cause, "verify_message", "") or reason or "the handshake failed"
    return TlsFailed(text, f"no secure connection to {host}: {words}", "Check domain and ca_path.")


# -- connections -------------------------------------------------------------------------------------------------------


class _Timed(io.RawIOBase):
    """Reads from a socket until a time is up: its timeout is for all that is read, not for each piece."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._timeout = connection.gettimeout()
        self._end = time.monotonic() + (self._timeout or 0.0)
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        """Reads what has come."""
        if self._timeout is not None:
            left = self._end - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Lets go of the socket, which may serve for the next request."""
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedAnswer(http.client.HTTPResponse):
    """An answer that has come as a whole within the timeout, or not at all."""

    def __init__(self, sock: socket.socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock))

    def _read_status(self) -> Tuple[str, int, str]:
        """The status of the answer itself, after whatever only announces it (RFC 9110, 15.2)."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 102 <= status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


def _pools() -> Dict[str, Any]:
    """Pools of connections by scheme, whose timeout is for the whole answer."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        response_class = _TimedAnswer

    class Secure(HTTPSConnection):
        response_class = _TimedAnswer

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def network(connections: int = 1) -> Wire:
    """An adapter of requests whose timeout is for the whole answer, for so many requests at once."""
    import urllib3
    from requests import Response
    from requests.adapters import HTTPAdapter

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user has set validate_certs to false

    pools, making_manager = _pools(), threading.Lock()

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
            super().init_poolmanager(*arguments, **more)
            self.poolmanager.pool_classes_by_scheme = pools

        def build_response(self, _request: requests.PreparedRequest, answer: Any) -> requests.Response:
            """Without looking for cookies, which are never kept."""
            response = Response()
            response.status_code, response.headers, response.raw = answer.status, answer.headers, answer
            return response

        def proxy_manager_for(self, *arguments: Any, **more: Any) -> Any:
            with making_manager:  # two threads would make two, each with connections of its own
                manager = super().proxy_manager_for(*arguments, **more)
                manager.pool_classes_by_scheme = pools
                return manager

    # One host, so one pool of connections; a request that finds none free waits for one.
    return cast(Wire, Adapter(pool_connections=1, pool_maxsize=connections, pool_block=True))
