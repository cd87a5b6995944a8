# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections: kept open between requests as a real server keeps them, reset on purpose, closed at the end."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import ssl
import time
from typing import Any, Iterable, List, Optional, Set

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from .faults import Fault, reset_on_close
from .server import BEFALL


class Handler(WSGIRequestHandler):
    """Serves one connection. Werkzeug's own closes it after each answer; the application here leaves nothing unread."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or an answer waits for the acknowledgement of its headers

    def run_wsgi(self) -> None:
        """Answers one request, or has a fault befall the connection."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        faults: List[Fault] = []
        environ = {**self.make_environ(), BEFALL: faults.append}
        body, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        code, _space, reason = status.partition(" ")
        lines = [f"Server: {self.version_string()}"]
        lines += [] if any(name == "Date" for name, _value in headers) else [f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += ["Connection: close"] if self.close_connection else []
        answer = f"HTTP/1.1 {code} {reason}\r\n" + "".join(f"{line}\r\n" for line in lines) + "\r\n"
        whole = answer.encode("latin-1") + b"".join(body)
        if faults:
            self._befall(faults[0], whole)
        else:
            self.wfile.write(whole)

    def _befall(self, fault: Fault, whole: bytes) -> None:
        self.close_connection = self.close_connection or fault.kind != "drip"
        seconds = float(fault.more.get("seconds", 0))
        with contextlib.suppress(OSError):  # nobody reads to the end
            if fault.kind == "drip":
                self._drip((whole[at : at + 1] for at in range(len(whole))), seconds)
            elif fault.kind == "drip_continue":
                self._drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), seconds)
            elif fault.kind == "break_tls":
                os.write(self.connection.fileno(), b"this is no record of TLS\r\n")
            elif fault.kind == "bad_chunk":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n")
            else:
                self._reset()

    def _drip(self, pieces: Iterable[bytes], seconds: float) -> None:
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(seconds)

    def _reset(self) -> None:
        """Closes the socket here and now: later the server would say goodbye first."""
        reset_on_close(self.connection)
        self.connection.close()

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are recorded elsewhere, and errors of the application are Flask's to report."""


class HttpServer(ThreadedWSGIServer):
    """A server that knows its open connections."""

    block_on_close = False

    def __init__(self, host: str, port: int, app: Any, context: Optional[ssl.SSLContext]) -> None:
        self._open: Set[socket.socket] = set()
        super().__init__(host, port, app, Handler, ssl_context=context)
        if isinstance(self.socket, ssl.SSLSocket):
            # in the connection's own thread: a client that is slow to greet would stop all others
            self.socket.do_handshake_on_connect = False  # type: ignore[attr-defined]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Starts a connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Ends a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Ends every connection that a client keeps for its next request."""
        for connection in self._open.copy():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
