# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CloudAgent that is as fast as Python can be: no check, no fault, the answers' bytes put together and not encoded.

Unlike the simulator it is there to be measured against, so it must be no bottleneck. It answers as the API does
(statements T1, C3, U3, U5, X2) and keeps the least state with which its counters are true: which numbers each user's
groups hold.

    python server.py         prints its URL, and serves until its standard input ends

The first part of a path is how many milliseconds each answer waits, as in http://127.0.0.1:8000/50/ca_apis/…; a wait
stops nobody else. GET /_bench gives what was asked and is held, by user; DELETE /_bench/USER forgets a user.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Set

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_TEXT = re.compile(rb'"(userName|groupName|name|description)": *"([^"]*)"')
_LIST = re.compile(rb'"blockNumbers": *(\[[^\]]*\]|"[^"]*")')
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_FIRST_GROUP_ID = 20
_LIFETIME = 3600


@dataclass
class Group:
    """A group as the server holds it; its numbers as JSON strings."""

    id: int
    numbers: Set[bytes] = field(default_factory=set)


@dataclass
class User:
    """What one user has asked for, and the groups by name."""

    groups: Dict[bytes, Group] = field(default_factory=dict)
    requests: int = 0
    generations: int = 0


class Account:
    """All users. ``answer`` gives the body for one request."""

    def __init__(self) -> None:
        self.users: Dict[bytes, User] = {}
        self._calls: Dict[bytes, Callable[[User, Dict[bytes, bytes], bytes], bytes]] = {
            b"/ca_apis/CAToken/generateToken": self._generate,
            b"/ca_apis/createBlockNumber": self._create,
            b"/ca_apis/updateBlockNumber": self._update,
            b"/ca_apis/deleteBlockNumber": self._delete,
        }

    def answer(self, path: bytes, body: bytes) -> bytes:
        """Performs a call of the API."""
        texts = dict(_TEXT.findall(body))
        user = self.users.setdefault(texts.get(b"userName", b""), User())
        user.requests += 1
        found = _LIST.search(body)
        call = self._calls.get(path)
        if call is None:
            return b'{"status": "error", "message": "the bench does not know this call"}'
        return call(user, texts, found.group(1) if found else b"")

    def _generate(self, user: User, _texts: Dict[bytes, bytes], _numbers: bytes) -> bytes:
        user.generations += 1
        issued = int(time.time())
        claims = {"sub": "bench", "iat": issued, "exp": issued + _LIFETIME, "jti": user.generations}
        parts = [
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS512"}, claims)
        ]
        return b'{"token": "%s.bench", "message": ""}' % b".".join(parts)

    def _create(self, user: User, texts: Dict[bytes, bytes], number: bytes) -> bytes:
        group = Group(_FIRST_GROUP_ID + len(user.groups), {number})
        user.groups[texts[b"name"]] = group
        return (
            b'{"status": "success", "message": "created", "input": {"name": "%s", "description": "%s", "blockNumbers":'
            b' [%s]}, "output": {"affectedRows": 1, "lastInsertId": %d, "succes": [], "error": [%s]}}'
        ) % (texts[b"name"], texts.get(b"description", b""), number, group.id, number)

    def _update(self, user: User, texts: Dict[bytes, bytes], numbers: bytes) -> bytes:
        group = user.groups.get(texts.get(b"groupName", b""))
        if group is None:
            return b'{"status": "error", "message": "Invalid group id"}'
        before = len(group.numbers)
        group.numbers.update(_elements(numbers))
        added = len(group.numbers) - before
        return (
            b'{"status": "success", "message": "updated", "input": {"id": %d, "blockNumbers": %s}, "output": {"succes":'
            b' %s, "error": [], "new": %d, "inserted": %d}}'
        ) % (group.id, numbers, numbers, added, added)

    def _delete(self, user: User, texts: Dict[bytes, bytes], numbers: bytes) -> bytes:
        group = user.groups.get(texts.get(b"groupName", b""))
        if group is None:
            return b'{"status": "error", "message": "Invalid group id"}'
        before = len(group.numbers)
        group.numbers.difference_update(_elements(numbers))
        return (
            b'{"status": "success", "message": "deleted", "input": {"id": %d, "blockNumbers": %s}, "output":'
            b' {"success": %s, "error": [], "deleted": %d}}'
        ) % (group.id, numbers, numbers, before - len(group.numbers))

    def administer(self, method: bytes, path: bytes) -> bytes:
        """What the bench asks: what was asked and is held by user, or that a user be forgotten."""
        if method == b"DELETE":
            self.users.pop(path[len(b"/_bench/") :], None)
        seen = {
            name.decode(): {
                "requests": user.requests,
                "generations": user.generations,
                "numbers": sum(len(group.numbers) for group in user.groups.values()),
            }
            for name, user in self.users.items()
        }
        return json.dumps(seen).encode()


def _elements(numbers: bytes) -> List[bytes]:
    return numbers[1:-1].replace(b" ", b"").split(b",")


class Connection(asyncio.Protocol):
    """One connection, kept open: a request at a time."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._received = b""
        self._transport: Optional[asyncio.Transport] = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A part of a request, or a whole one."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end]
        length = _LENGTH.search(head)
        whole = end + 4 + (int(length.group(1)) if length else 0)
        if len(self._received) >= whole:
            body, self._received = self._received[end + 4 : whole], self._received[whole:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        method, path, _rest = head.split(b" ", 2)
        if path.startswith(b"/_bench"):
            self._write(self._account.administer(method, path))
            return
        _empty, milliseconds, call = path.split(b"/", 2)
        answer = self._account.answer(b"/" + call, body)
        if milliseconds == b"0":
            self._write(answer)
        else:
            asyncio.get_running_loop().call_later(int(milliseconds) / 1000, self._write, answer)

    def _write(self, body: bytes) -> None:
        if self._transport is not None:
            self._transport.write(_HEAD % len(body) + body)


async def serve() -> None:
    """Serves on a free loopback port until the standard input ends, as it does when the bench does."""
    loop = asyncio.get_running_loop()
    account, ended = Account(), asyncio.Event()
    server = await loop.create_server(lambda: Connection(account), "127.0.0.1", 0, backlog=256)
    loop.add_reader(sys.stdin.fileno(), ended.set)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve())
