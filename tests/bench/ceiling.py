# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a second the bench's server answers, asked over raw sockets: no client can be faster."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"Content-Length: ([0-9]+)")
_SECONDS = 1.0


def ceiling(url: str, user: str, connections: int) -> float:
    """Requests a second with full updates of 100 numbers, one under way on each connection."""
    create = {"userName": user, "name": "Ceiling", "description": "None", "blockNumbers": "+910000000000"}
    update = {
        "userName": user,
        "groupName": "Ceiling",
        "description": "None",
        "blockNumbers": [f"+910{number:09d}" for number in range(100)],
    }
    with contextlib.ExitStack() as closing:
        sockets = [closing.enter_context(_connected(url)) for _number in range(connections)]
        sockets[0].sendall(_request("POST", "/0/ca_apis/createBlockNumber", create))
        _read(sockets[0])
        request = _request("PUT", "/0/ca_apis/updateBlockNumber", update)
        answered, start = 0, time.perf_counter()
        while time.perf_counter() - start < _SECONDS:
            for connection in sockets:
                connection.sendall(request)
            for connection in sockets:
                _read(connection)
            answered += connections
        return answered / (time.perf_counter() - start)


def _connected(url: str) -> socket.socket:
    host, _colon, port = urlsplit(url).netloc.partition(":")
    return socket.create_connection((host, int(port)))


def _request(method: str, path: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def _read(connection: socket.socket) -> bytes:
    """One answer."""
    received = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the bench's server has closed the connection")
        received += piece
        head, found, body = received.partition(b"\r\n\r\n")
        if found:
            length = _LENGTH.search(head)
            if length and len(body) >= int(length.group(1)):
                return body
