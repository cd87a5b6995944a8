# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The retry table, literally as in the design, and how long is waited."""

from __future__ import annotations

import math
from typing import List, Optional

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.retry import (
    LONGEST_PAUSE,
    MAX_TRIES,
    Action,
    Attempts,
    parse_date,
    parse_retry_after,
    reaction,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Call
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import Failure

STOP, AGAIN, RENEW, WAIT = Action.STOP, Action.AGAIN, Action.RENEW, Action.WAIT
COLUMNS = [
    Failure.NEVER_SENT,
    Failure.NO_ANSWER,
    Failure.TOKEN_REFUSED,
    Failure.RATE_LIMITED,
    Failure.SERVER_FAULT,
    Failure.FINAL,
]
#                 never sent, no answer, token refused, too many, 5xx, refused for good
ROWS = {
    Call.GENERATE: [AGAIN, STOP, STOP, STOP, STOP, STOP],
    Call.UPDATE: [AGAIN, AGAIN, RENEW, WAIT, AGAIN, STOP],
    Call.DELETE: [AGAIN, AGAIN, RENEW, WAIT, AGAIN, STOP],
    Call.CREATE: [AGAIN, STOP, RENEW, WAIT, STOP, STOP],
    Call.CAMPAIGN_STATUS: [AGAIN, AGAIN, RENEW, STOP, AGAIN, STOP],
}
CELLS = [(call, failure, action) for call, row in ROWS.items() for failure, action in zip(COLUMNS, row)]
NOON = 1_800_000_000.0
NOON_AS_DATE = "Fri, 15 Jan 2027 08:00:00 GMT"


@pytest.mark.parametrize(("call", "failure", "action"), CELLS)
def test_what_follows_a_first_failure(call: Call, failure: Failure, action: Action) -> None:
    assert reaction(call, failure, Attempts()).action is action


def test_the_table_above_is_whole() -> None:
    assert set(COLUMNS) == set(Failure)
    assert set(ROWS) == set(Call)


@pytest.mark.parametrize(("call", "failure"), [(c, f) for c, f, action in CELLS if action is AGAIN])
def test_a_repeatable_call_is_tried_four_times_with_growing_pauses(call: Call, failure: Failure) -> None:
    steps = [reaction(call, failure, Attempts(made=made)) for made in (1, 2, 3, 4, 5)]
    assert [step.action for step in steps] == [AGAIN, AGAIN, AGAIN, STOP, STOP]
    assert [step.pause for step in steps] == [0.5, 1.0, 2.0, 0.0, 0.0]
    assert MAX_TRIES == 4


@pytest.mark.parametrize("call", [Call.UPDATE, Call.DELETE, Call.CREATE])
def test_a_token_is_replaced_once_and_at_once(call: Call) -> None:
    first = reaction(call, Failure.TOKEN_REFUSED, Attempts())
    assert (first.action, first.pause) == (RENEW, 0.0)
    assert reaction(call, Failure.TOKEN_REFUSED, Attempts(renewed=True)).action is STOP


@pytest.mark.parametrize("call", [Call.UPDATE, Call.DELETE, Call.CREATE])
def test_without_a_hint_waits_for_a_limit_double_up_to_a_minute(call: Call) -> None:
    pauses = [reaction(call, Failure.RATE_LIMITED, Attempts(waits=waits)).pause for waits in (0, 1, 2, 5, 6, 7, 5000)]
    assert pauses == [1.0, 2.0, 4.0, 32.0, 60.0, 60.0, 60.0]


@pytest.mark.parametrize(("retry_after", "pause"), [(30.0, 30.0), (3600.0, 3600.0), (0.2, 1.0), (0.0, 1.0)])
def test_the_servers_hint_is_followed_but_for_a_second_at_least(retry_after: float, pause: float) -> None:
    step = reaction(Call.UPDATE, Failure.RATE_LIMITED, Attempts(waits=3), retry_after)
    assert (step.action, step.pause) == (WAIT, pause)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 1000), st.none() | st.floats(0, 3600))
def test_a_wait_takes_between_a_second_and_an_hour(waits: int, retry_after: Optional[float]) -> None:
    pause = reaction(Call.UPDATE, Failure.RATE_LIMITED, Attempts(waits=waits), retry_after).pause
    assert 1.0 <= pause <= 3600.0


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(CELLS), st.integers(1, 10**6), st.integers(0, 10**6), st.booleans())
def test_no_call_is_repeated_forever_without_a_budget(
    cell: tuple[Call, Failure, Action], made: int, waits: int, renewed: bool
) -> None:
    call, failure, action = cell
    step = reaction(call, failure, Attempts(made, waits, renewed))
    assert step.action in (action, STOP)
    assert 0.0 <= step.pause <= LONGEST_PAUSE
    if step.action is AGAIN:
        assert made < MAX_TRIES
    if step.action is WAIT:
        assert step.pause >= 1.0
    if step.action is RENEW:
        assert not renewed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0663\u0660", None),
        ("0", 0.0),
        ("30", 30.0),
        (" 30 ", 30.0),
        ("007", 7.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        (NOON_AS_DATE, 0.0),
        ("Fri, 15 Jan 2027 08:02:00 GMT", 120.0),
        ("Fri, 15 Jan 2027 08:02:00 -0000", 120.0),
        ("Fri, 15 Jan 2027 13:32:00 +0530", 120.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("Sat, 16 Jan 2027 08:00:00 GMT", 3600.0),
        ("Fri, 99 Jan 2027 08:00:00 GMT", None),
        ("Fri, 15 Jan 99999 08:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: Optional[str], seconds: Optional[float]) -> None:
    assert parse_retry_after(value, NOON) == seconds


DATE_PARTS: List[str] = [
    "Fri,",
    "15",
    "Jan",
    "2027",
    "0001",
    "9999",
    "08:00:00",
    "99:99",
    "GMT",
    "+9999",
    "-2400",
    "x",
    ":",
]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40) | st.lists(st.sampled_from(DATE_PARTS), max_size=8).map(" ".join))
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
def test_any_text_is_none_or_at_most_an_hour(value: str) -> None:
    seconds = parse_retry_after(value, NOON)
    assert seconds is None or (0.0 <= seconds <= 3600.0 and math.isfinite(seconds))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(NOON_AS_DATE, NOON), ("Fri, 15 Jan 2027 08:00:00", NOON), (None, None), ("", None), ("soon", None), ("5", None)],
)
def test_a_date_of_http_is_read_as_utc(text: Optional[str], seconds: Optional[float]) -> None:
    assert parse_date(text) == seconds
