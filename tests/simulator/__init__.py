# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stateful CloudAgent on loopback, for tests and demonstrations. Never imported by the plugins."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from types import TracebackType
from typing import Any, Dict, List, Optional, Tuple, Type

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .account import Group
from .server import Server, application

DEMO_USERNAME = "demo_user"
DEMO_API_KEY = "KK" + "0123456789abcdef" * 2


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # for keep-alive

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Requests are recorded elsewhere."""

    def connection_dropped(self, error: BaseException, environ: Optional[Dict[str, Any]] = None) -> None:
        """Ends a connection that was reset on purpose, or left by the client."""
        self.close_connection = True


class Simulator:
    """A running server. Use it in a `with` statement, or call start and stop."""

    def __init__(
        self,
        switches: Optional[Dict[str, Any]] = None,
        username: str = DEMO_USERNAME,
        api_key: str = DEMO_API_KEY,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Optional[Tuple[str, str]] = None,
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address")
        self.server = Server(username, api_key)
        self.username = username
        self.api_key = api_key
        self.server.account.set(**(switches or {}))
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
        self._http: BaseWSGIServer = make_server(
            host, port, application(self.server), threaded=True, request_handler=_Handler, ssl_context=context
        )
        self._http.daemon_threads = True  # type: ignore[attr-defined]
        self._http.block_on_close = False  # type: ignore[attr-defined]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http{'s' if context else ''}://{shown}:{self._http.server_port}"

    def start(self) -> Simulator:
        """Serves in a thread."""
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def serve(self) -> None:
        """Serves in this thread, until it is interrupted."""
        self._http.serve_forever()

    def stop(self) -> None:
        """Stops serving."""
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.stop()

    # -- for tests in the same process ---------------------------------------------------------------------------------

    def set(self, **switches: Any) -> None:
        """Sets switches."""
        with self.server.lock:
            self.server.account.set(**switches)

    def reset(self, **switches: Any) -> None:
        """Everything as at the beginning, then sets switches."""
        with self.server.lock:
            self.server._admin_post_reset(None)
            self.server.account.set(**switches)

    def fault(self, kind: str, **more: Any) -> None:
        """Queues a fault."""
        with self.server.lock:
            self.server.faults.add({"kind": kind, **more})

    def advance(self, seconds: float) -> None:
        """Moves the server's clock."""
        with self.server.lock:
            self.server.account.advance(seconds)

    def revoke_tokens(self) -> None:
        """Makes every token invalid."""
        with self.server.lock:
            self.server.account.tokens.clear()

    def requests(self, call: Optional[str] = None) -> List[Dict[str, Any]]:
        """The requests received, all or those of one call."""
        with self.server.lock:
            return [dict(record) for record in self.server.requests if call in (None, record["call"])]

    def forget_requests(self) -> None:
        """Empties the list of requests received."""
        with self.server.lock:
            self.server.requests.clear()

    @property
    def generated(self) -> int:
        """How many tokens were generated."""
        with self.server.lock:
            return self.server.account.generated

    def groups(self) -> List[Group]:
        """The groups as they are now."""
        with self.server.lock:
            return list(self.server.account.groups)

    def numbers(self, name: str) -> List[str]:
        """The numbers that the first group of a name holds now, in the server's form."""
        with self.server.lock:
            group = self.server.account.named(name)
            return list(self.server.account.held(group)) if group else []

    def preset(self, name: str, numbers: List[str], description: str = "preset") -> None:
        """Makes a group as if somebody had done so in the web console."""
        with self.server.lock:
            self.server._admin_post_groups({"name": name, "numbers": numbers, "description": description})

    def take_away(self, name: str, numbers: List[str]) -> None:
        """Removes numbers from a group as if somebody had done so in the web console."""
        with self.server.lock:
            account = self.server.account
            groups = [group for group in account.groups if group.name == name]
            account.remove_everywhere([account.canonical(number) for number in numbers], groups)
