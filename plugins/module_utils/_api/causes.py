# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies beneath an exception of a library that carries requests; in words that hold nothing of the request."""

from __future__ import annotations

import os
import re
import ssl
from typing import Any, List, Optional, Type, TypeVar

_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")

Cause = TypeVar("Cause", bound=BaseException)


def _causes(error: BaseException) -> List[BaseException]:
    """An exception with everything it wraps, innermost last."""
    chain: List[BaseException] = []
    queue: List[Any] = [error]
    while queue:
        item = queue.pop(0)
        if isinstance(item, BaseException) and item not in chain:
            chain.append(item)
            queue += [getattr(item, "reason", None), *item.args, item.__cause__, item.__context__]
    return chain


def cause_of(error: BaseException, kind: Type[Cause]) -> Optional[Cause]:
    """The innermost cause of a class."""
    found = [cause for cause in _causes(error) if isinstance(cause, kind)]
    return found[-1] if found else None


def system_reason(error: BaseException) -> str:
    """The words of the operating system, such as "Connection refused"; they hold nothing of the request."""
    numbered = [
        cause
        for cause in _causes(error)
        if isinstance(cause, OSError) and isinstance(cause.errno, int) and not isinstance(cause, ssl.SSLError)
    ]
    return os.strerror(numbered[-1].errno or 0) if numbered else ""


def said_by_proxy(error: BaseException) -> str:
    """The HTTP status with which a proxy has refused, if it has."""
    statuses = [match.group(1) for cause in _causes(error) for match in [_TUNNEL_REFUSED.search(str(cause))] if match]
    return f": HTTP {statuses[-1]}" if statuses else ""
