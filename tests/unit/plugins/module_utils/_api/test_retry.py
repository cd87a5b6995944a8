# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The retry table of the design, literally."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.retry import (
    MAX_TRIES,
    Action,
    Attempts,
    next_step,
    parse_retry_after,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import Failure
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import Call

STOP, AGAIN, RENEW, WAIT = Action.STOP, Action.AGAIN, Action.RENEW, Action.WAIT
COLUMNS = [Failure.NEVER_SENT, Failure.NO_ANSWER, Failure.TOKEN_REFUSED, Failure.RATE_LIMITED, Failure.SERVER_FAULT]
ROWS = {
    Call.GENERATE: [AGAIN, STOP, STOP, STOP, STOP],
    Call.UPDATE: [AGAIN, AGAIN, RENEW, WAIT, AGAIN],
    Call.DELETE: [AGAIN, AGAIN, RENEW, WAIT, AGAIN],
    Call.CREATE: [AGAIN, STOP, RENEW, WAIT, STOP],
}


@pytest.mark.parametrize("call", Call)
@pytest.mark.parametrize("column", range(5))
def test_the_table(call: Call, column: int) -> None:
    assert next_step(call, COLUMNS[column], Attempts()).action is ROWS[call][column]


@pytest.mark.parametrize("call", Call)
def test_what_is_refused_for_good_is_never_tried_again(call: Call) -> None:
    assert next_step(call, Failure.FINAL, Attempts()).action is STOP


@pytest.mark.parametrize("call", Call)
def test_trying_again_is_bounded_and_slows_down(call: Call) -> None:
    pauses = [next_step(call, Failure.NEVER_SENT, Attempts(made=made)).pause for made in range(1, MAX_TRIES)]
    assert pauses == sorted(pauses)
    assert next_step(call, Failure.NEVER_SENT, Attempts(made=MAX_TRIES)).action is STOP


def test_a_token_is_replaced_once() -> None:
    assert next_step(Call.UPDATE, Failure.TOKEN_REFUSED, Attempts(renewed=True)).action is STOP


@given(st.integers(0, 1000), st.none() | st.floats(0, 3600))
def test_a_wait_is_never_none_and_never_endless(waits: int, retry_after: "float | None") -> None:
    pause = next_step(Call.UPDATE, Failure.RATE_LIMITED, Attempts(waits=waits), retry_after).pause
    assert 1.0 <= pause <= 3600.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("999999", 3600.0),
        ("-1", None),
        ("soon", None),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: "str | None", seconds: "float | None") -> None:
    assert parse_retry_after(value, now=1_800_000_000.0) == seconds


@given(st.text())
def test_any_other_retry_after_is_harmless(value: str) -> None:
    seconds = parse_retry_after(value, now=1_800_000_000.0)
    assert seconds is None or 0.0 <= seconds <= 3600.0
