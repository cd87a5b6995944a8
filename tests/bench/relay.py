# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands between a client and PostgreSQL and counts the round trips, whatever way the client sends its statements."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import Iterator, TypeVar


class Relay:
    """Passes everything on. ``trips``: how often the client has begun to send after the server had the word."""

    def __init__(self, port: int) -> None:
        self.trips = 0
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def through(self, url: str) -> str:
        """The URL of something at the target, by way of the relay."""
        return url.replace(f":{self._target}/", f":{self.port}/")

    def accept(self) -> None:
        """Takes connections until the relay is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _pass_on(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self._target)) as server:
            other = {client: server, server: client}
            last = server
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    self.trips += ready is client and last is server
                    last = ready
                    other[ready].sendall(data)


Kind = TypeVar("Kind", bound=Relay)


@contextlib.contextmanager
def relaying(relay: Kind) -> Iterator[Kind]:
    """A relay that takes connections, as long as it is needed."""
    thread = threading.Thread(target=relay.accept, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join()
