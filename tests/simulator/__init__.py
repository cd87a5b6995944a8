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

from .account import Group
from .server import Server, application
from .wire import HttpServer

DEMO_USERNAME = "demo_user"
DEMO_API_KEY = "KK" + "0123456789abcdef" * 2


def _loopback(host: str) -> str:
    address = "127.0.0.1" if host == "localhost" else host
    try:
        if ipaddress.ip_address(address).is_loopback:
            return address
    except ValueError:
        pass
    raise ValueError(f"{host} is not a loopback address")


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
        host = _loopback(host)
        self.server = Server(username, api_key)
        self.username = username
        self.api_key = api_key
        self.server.account.set(**(switches or {}))
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
        self._http = HttpServer(host, port, application(self.server), context)
        self._thread: Optional[threading.Thread] = None
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http{'s' if context else ''}://{shown}:{self._http.server_port}"

    def start(self, poll_interval: float = 0.01) -> Simulator:
        """Serves in a thread, which looks every ``poll_interval`` seconds whether it is to stop."""
        poll = {"poll_interval": poll_interval}
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs=poll, daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serves in this thread, until it is interrupted."""
        self._http.serve_forever()

    def stop(self) -> None:
        """Stops serving, on connections that clients keep open as well."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()  # which closes the listening socket: until then a client could still connect
        self._http.server_close()
        self._http.close_connections()

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
            self.server.reset()
            self.server.account.set(**switches)

    def fault(self, kind: str, **more: Any) -> None:
        """Queues a fault."""
        with self.server.lock:
            self.server.faults.add({"kind": kind, **more})

    def catch_up(self) -> None:
        """Has the server do what faults have put off."""
        with self.server.lock:
            self.server.catch_up()

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
            self.server.account.preset(name, numbers, description, None, None)

    def put_in(self, name: str, numbers: List[str]) -> None:
        """Adds numbers to the first group of a name as if somebody had done so in the web console."""
        with self.server.lock:
            group = self.server.account.named(name)
            if group is not None:
                held = self.server.account.held(group)
                held += [n for n in map(self.server.account.canonical, numbers) if n not in held]

    def delete_group(self, name: str) -> None:
        """Deletes a group as if somebody had done so in the web console."""
        with self.server.lock:
            self.server.account.delete_groups(name)

    def take_away(self, name: str, numbers: List[str]) -> None:
        """Removes numbers from a group as if somebody had done so in the web console."""
        with self.server.lock:
            account = self.server.account
            groups = [group for group in account.groups if group.name == name]
            account.remove_everywhere([account.canonical(number) for number in numbers], groups)
