# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on the way: what can befall a request besides what the server itself answers."""

from __future__ import annotations

import json
import math
import socket
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Union

MEBIBYTE = 1024 * 1024
KINDS = {
    "reset_before": "the connection is reset without an answer, and nothing is done",
    "reset_after": "the connection is reset without an answer, once it is done",
    "delay": "the answer waits for `seconds`, once it is done",
    "drip": "the answer comes a byte at a time, every `seconds`, once it is done",
    "drip_continue": "nothing comes but `100 Continue`, every `seconds`, once it is done",
    "break_tls": "garbage comes where TLS is expected (only with https), once it is done",
    "status": "an answer with `status`, `body` and `content_type`; `{credential}` in it stands for the credential",
    "html": "HTTP 200 with a page",
    "truncated": "the JSON is cut in the middle, once it is done",
    "bad_chunk": "the answer comes in chunks, one of them of the size -5, once it is done",
    "oversized": "the answer has 9 MiB, once it is done",
    "packed": "an answer with `status` that unpacks (gzip) to `mebibytes`",
    "redirect": "HTTP 307 (or `status`) to `location`, in which `{credential}` stands for the credential",
    "revoke_tokens": "all tokens are revoked just before the request is looked at",
    "rate_limited": "the answer of a limit that was reached",
    "echo_secrets": "an error that repeats the credential behind `pad` dots in its message, or for a `field`",
}
CALLS = ("generate", "create", "update", "delete", "probe", "any")
DETAILS = ("seconds", "status", "body", "content_type", "location", "mebibytes", "field", "pad")
COMMITTING = frozenset(
    {"reset_after", "delay", "drip", "drip_continue", "break_tls", "truncated", "bad_chunk", "oversized"}
)
"""Kinds of which what was asked is done unless ``commit`` says otherwise; of the others it is not."""
LATE = "late"
ON_THE_WIRE = frozenset({"reset_before", "reset_after", "drip", "drip_continue", "break_tls", "bad_chunk"})
"""Faults that befall the connection, and not what is answered on it."""


@dataclass
class Fault:
    """One fault: for which call, with which number, after how many of them, how often, of which kind.

    ``commit``: whether what was asked is done: yes, no, only after the next request ("late"), or as the kind has it.
    """

    kind: str
    call: str = "any"
    number: Optional[str] = None
    after: int = 0
    times: int = 1
    commit: Union[bool, str, None] = None
    more: Dict[str, Any] = field(default_factory=dict)

    def commits(self) -> Union[bool, str]:
        """Whether what was asked is done."""
        return self.kind in COMMITTING if self.commit is None else self.commit


class FaultQueue:
    """The faults to come, first in, first looked at."""

    def __init__(self) -> None:
        self.faults: List[Fault] = []

    def add(self, wanted: Dict[str, Any]) -> None:
        """Adds a fault as the admin interface takes it; raises ValueError."""
        more = {name: value for name, value in wanted.items() if name in DETAILS}
        fault = Fault(**{name: value for name, value in wanted.items() if name not in DETAILS}, more=more)
        _check(fault)
        self.faults.append(fault)

    def next_for(self, call: str, numbers: Any) -> Optional[Fault]:
        """The fault that befalls this call with these numbers, if one does."""
        for fault in list(self.faults):
            if fault.call not in ("any", call) or (fault.number is not None and not _names(numbers, fault.number)):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None


def _names(numbers: Any, number: str) -> bool:
    """Whether a number is among those of a request, written like this: a list, or one alone (contract C1)."""
    return number in numbers if isinstance(numbers, list) else number == numbers


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check(fault: Fault) -> None:
    seconds, status = fault.more.get("seconds", 0), fault.more.get("status", 503)
    if fault.kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    if fault.call not in CALLS:
        raise ValueError(f"call is one of {', '.join(CALLS)}")
    if fault.number is not None and not isinstance(fault.number, str):
        raise ValueError("number is a text")
    if not _whole(fault.after) or fault.after < 0 or not _whole(fault.times) or fault.times < 1:
        raise ValueError("after is a whole number from 0 up, times is one from 1 up")
    if not _whole(status) or not 200 <= status <= 599:
        raise ValueError("status is a whole number from 200 to 599")
    if fault.commit not in (None, LATE) and not isinstance(fault.commit, bool):
        raise ValueError(f"commit is true, false or {LATE}")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < math.inf:
        raise ValueError("seconds is a number from 0 up")
    if not all(_whole(fault.more.get(name, 0)) and fault.more.get(name, 0) >= 0 for name in ("mebibytes", "pad")):
        raise ValueError("mebibytes and pad are whole numbers from 0 up")


def oversized(body: Any) -> bytes:
    """A JSON answer of more than 9 MiB."""
    return json.dumps({**(body if isinstance(body, dict) else {}), "padding": "x" * (9 * MEBIBYTE)}).encode()


def packed(mebibytes: int) -> bytes:
    """So many mebibytes of nothing, packed with gzip."""
    pack = zlib.compressobj(wbits=31)
    return b"".join([*(pack.compress(bytes(MEBIBYTE)) for _count in range(mebibytes)), pack.flush()])


def reset_on_close(connection: socket.socket) -> None:
    """Has a connection end with RST when it is closed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
