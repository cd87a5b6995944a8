# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections: kept open between requests as a real server keeps them, reset on purpose, closed at the end."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any, Optional, Set

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from .faults import reset_on_close
from .server import RESET


class Handler(WSGIRequestHandler):
    """Serves one connection. Werkzeug's own closes it after each answer; the application here leaves nothing unread."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or an answer waits for the acknowledgement of its headers

    def run_wsgi(self) -> None:
        """Answers one request, or resets the connection."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._to_be_reset = False
        environ = {**self.make_environ(), RESET: self._reset_later}
        body, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        if self._to_be_reset:
            self._reset()
            return
        code, _space, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"".join(body))

    def _reset_later(self) -> None:
        self._to_be_reset = True

    def _reset(self) -> None:
        """Closes the socket here and now: later the server would say goodbye first."""
        self.close_connection = True
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
