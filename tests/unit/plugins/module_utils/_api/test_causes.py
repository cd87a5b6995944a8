# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Causes: what lies beneath an exception."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.causes import (
    cause_of,
    said_by_proxy,
    system_reason,
)

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "hidden words")


class WithReason(Exception):
    """As urllib3 tells what it wraps."""

    def __init__(self, reason: Exception) -> None:
        super().__init__("hidden words")
        self.reason = reason


def _raised_from(cause: Exception) -> Exception:
    try:
        raise ValueError("hidden words") from cause
    except ValueError as error:
        return error


def _raised_during(context: Exception) -> Exception:
    try:
        try:
            raise context
        except OSError:
            raise ValueError("hidden words")  # noqa: B904
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    "wrapped", [REFUSED, ValueError("x", REFUSED), WithReason(REFUSED), _raised_from(REFUSED), _raised_during(REFUSED)]
)
def test_a_cause_is_found_however_it_is_wrapped(wrapped: Exception) -> None:
    assert cause_of(wrapped, OSError) is REFUSED
    assert cause_of(WithReason(wrapped), OSError) is REFUSED
    assert cause_of(wrapped, socket.gaierror) is None
    assert system_reason(wrapped) == os.strerror(errno.ECONNREFUSED)


def test_the_innermost_cause_counts_and_a_circle_ends() -> None:
    outer = OSError(errno.EPIPE, "outer")
    outer.__cause__ = REFUSED
    assert cause_of(outer, OSError) is REFUSED
    circle = ValueError("circle")
    circle.__cause__ = WithReason(circle)
    assert cause_of(circle, OSError) is None


def test_what_the_operating_system_has_no_number_for_has_no_words() -> None:
    assert system_reason(socket.timeout("timed out")) == ""
    assert system_reason(ssl.SSLError(1, "hidden words")) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tunnel connection failed: 407 Proxy Authentication Required", ": HTTP 407"),
        ("Tunnel connection failed: 5031", ""),
        ("something else: 407", ""),
    ],
)
def test_the_status_with_which_a_proxy_refuses_is_told(text: str, said: str) -> None:
    assert said_by_proxy(WithReason(OSError(text))) == said
