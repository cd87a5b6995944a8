# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches on the wire: every number is in a part, lost, or left; a refused batch is halved; nothing is raised."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import (
    Answered,
    Numbers,
    RefusedNumber,
    Sent,
    not_answered,
    send_batch,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, Call
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CloudAgentError,
    GroupUnknown,
    NoAnswer,
    NumbersRefused,
    TokenNotObtained,
    UnexpectedError,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number


def _numbers(count: int) -> Numbers:
    return tuple(Number(c, c, "") for c in (f"99999{n:05d}" for n in range(count)))


def _canonicals(numbers: Numbers) -> List[str]:
    return [number.canonical for number in numbers]


class Server:
    """Refuses requests that hold a bad number, and raises an error at a request of its choice."""

    def __init__(self, bad: Tuple[str, ...] = (), errors: Optional[Dict[int, Exception]] = None) -> None:
        self.bad = bad
        self.errors = errors or {}
        self.seen: List[List[str]] = []

    def __call__(self, canonicals: List[str]) -> Answer:
        """One request."""
        self.seen.append(canonicals)
        if len(self.seen) in self.errors:
            raise self.errors[len(self.seen)]
        if set(canonicals) & set(self.bad):
            raise NumbersRefused("PUT /x", "invalid format")
        return Answer(succeeded=tuple(canonicals), inserted=len(canonicals))


def test_a_batch_that_is_taken_is_one_part() -> None:
    numbers, server = _numbers(3), Server()
    sent = send_batch(Call.UPDATE, numbers, server)
    answer = Answer(succeeded=tuple(_canonicals(numbers)), inserted=3)
    assert sent == Sent((Answered(Call.UPDATE, numbers, answer),))
    assert sent.answered
    assert server.seen == [_canonicals(numbers)]


def test_a_refused_batch_is_halved_until_the_bad_numbers_stand_alone() -> None:
    numbers = _numbers(5)
    server = Server(bad=(numbers[3].canonical,))
    sent = send_batch(Call.DELETE, numbers, server)
    assert [_canonicals(part.numbers) for part in sent.parts if isinstance(part, Answered)] == [
        _canonicals(numbers[:2]),
        _canonicals(numbers[2:3]),
        _canonicals(numbers[4:]),
    ]
    assert [part for part in sent.parts if isinstance(part, RefusedNumber)] == [
        RefusedNumber(numbers[3], "invalid format")
    ]
    assert (sent.error, sent.lost, sent.left) == (None, (), ())
    assert [len(request) for request in server.seen] == [5, 2, 3, 1, 2, 1, 1]


def test_a_number_that_is_refused_alone_answers_nothing() -> None:
    (number,) = _numbers(1)
    sent = send_batch(Call.UPDATE, (number,), Server(bad=(number.canonical,)))
    assert sent.parts == (RefusedNumber(number, "invalid format"),)
    assert not sent.answered


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (NoAnswer("PUT /x", "lost"), True),
        (GroupUnknown("PUT /x", "Invalid group id"), False),
        (TokenNotObtained("no token"), False),
    ],
)
def test_an_error_leaves_the_numbers_or_loses_them(error: CloudAgentError, lost: bool) -> None:
    numbers = _numbers(3)
    sent = send_batch(Call.UPDATE, numbers, Server(errors={1: error}))
    assert sent.error is error
    assert (sent.lost, sent.left) == ((numbers, ()) if lost else ((), numbers))
    assert sent.parts == ()
    assert sent.remaining() == numbers


def test_an_exception_that_nobody_foresaw_loses_the_numbers_and_ends_nothing() -> None:
    numbers = _numbers(3)
    sent = send_batch(Call.UPDATE, numbers, Server(errors={1: KeyError("x")}))
    assert isinstance(sent.error, UnexpectedError)
    assert (sent.lost, sent.left) == (numbers, ())


def test_an_error_in_the_middle_of_halving_keeps_what_was_done() -> None:
    numbers = _numbers(4)
    error = GroupUnknown("PUT /x", "Invalid group id")
    # 4 refused, 2 taken, 2 refused, 1 refused for good, then the error
    server = Server(bad=(numbers[2].canonical,), errors={5: error})
    sent = send_batch(Call.UPDATE, numbers, server)
    assert sent.parts[1] == RefusedNumber(numbers[2], "invalid format")
    assert sent.answered
    assert (sent.error, sent.lost, sent.left) == (error, numbers[3:], ())


def test_what_follows_an_error_in_the_first_half_may_have_been_stored_by_the_whole() -> None:
    numbers = _numbers(4)
    sent = send_batch(Call.UPDATE, numbers, Server((numbers[3].canonical,), {2: TokenNotObtained("")}))
    assert (sent.lost, sent.left) == (numbers, ())


def test_whether_a_refused_request_has_stored_good_numbers_is_not_known() -> None:
    numbers = _numbers(2)
    first, second = send_batch(Call.UPDATE, numbers, Server((numbers[1].canonical,))).parts
    assert isinstance(first, Answered)
    assert first.answer.repeated
    assert second == RefusedNumber(numbers[1], "invalid format")  # a bad one it has not


def test_a_doubt_about_an_earlier_try_goes_with_every_part() -> None:
    numbers = _numbers(2)
    refused = NumbersRefused("PUT /x", "invalid format")
    refused.maybe_done = True
    sent = send_batch(Call.UPDATE, numbers, Server((numbers[1].canonical,), {1: refused}))
    first, second = sent.parts
    assert isinstance(first, Answered)
    assert first.answer.repeated
    assert second == RefusedNumber(numbers[1], "invalid format", maybe_done=True)


def test_a_doubt_about_an_earlier_try_turns_what_is_left_into_lost() -> None:
    numbers = _numbers(4)
    refused = NumbersRefused("PUT /x", "invalid format")
    refused.maybe_done = True
    error = GroupUnknown("PUT /x", "Invalid group id")
    sent = send_batch(Call.UPDATE, numbers, Server(errors={1: refused, 2: error}))
    assert (sent.error, sent.lost, sent.left) == (error, numbers, ())


def test_a_doubt_that_is_known_beforehand_marks_the_answer() -> None:
    (part,) = send_batch(Call.UPDATE, _numbers(2), Server(), maybe_done=True).parts
    assert isinstance(part, Answered)
    assert part.answer.repeated
    assert send_batch(Call.UPDATE, _numbers(2), Server(errors={1: TokenNotObtained("")}), maybe_done=True).left == ()


def test_an_answer_that_is_repeated_stays_so() -> None:
    (part,) = send_batch(Call.UPDATE, _numbers(1), lambda canonicals: Answer(repeated=True)).parts
    assert isinstance(part, Answered)
    assert part.answer.repeated


def test_what_was_sent_one_after_the_other_is_summed_in_order() -> None:
    one, two, three, four = _numbers(4)
    error = NoAnswer("PUT /x", "lost")
    first = Sent((RefusedNumber(one, "x"),), None, (), (two,))
    both = first.followed_by(not_answered((three,), error, maybe_done=True)).followed_by(
        Sent(left=(four,), error=error)
    )
    assert both == Sent((RefusedNumber(one, "x"),), error, (three,), (two, four))
    assert both.remaining() == (three, two, four)


errors: Callable[[], st.SearchStrategy[Exception]] = lambda: st.sampled_from(  # noqa: E731
    [NoAnswer("PUT /x", "lost"), GroupUnknown("PUT /x", "no"), TokenNotObtained("no"), ValueError("x")]
)


@settings(deadline=None, max_examples=300)
@given(
    st.integers(1, 20),
    st.sets(st.integers(0, 19)),
    st.dictionaries(st.integers(1, 12), errors(), max_size=2),
    st.booleans(),
)
def test_every_number_is_accounted_for_once_whatever_happens(
    count: int, bad: "set[int]", raised: Dict[int, Exception], doubt: bool
) -> None:
    numbers = _numbers(count)
    refused = tuple(f"99999{n:05d}" for n in bad)
    server = Server(refused, raised)
    sent = send_batch(Call.UPDATE, numbers, server, doubt)
    answered = [n for part in sent.parts if isinstance(part, Answered) for n in part.numbers]
    alone = [part.number for part in sent.parts if isinstance(part, RefusedNumber)]
    assert sorted(_canonicals((*answered, *alone, *sent.lost, *sent.left))) == _canonicals(numbers)
    assert not set(_canonicals(tuple(answered))) & set(refused)
    assert set(_canonicals(tuple(alone))) <= set(refused)
    assert (sent.error is None) == (not sent.remaining())
    if sent.error is None:
        assert set(_canonicals(tuple(alone))) == set(refused) & set(_canonicals(numbers))
    for part in sent.parts:
        if isinstance(part, Answered):
            assert part.answer.repeated is (doubt or len(part.numbers) < count)
