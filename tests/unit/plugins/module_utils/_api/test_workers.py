# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several batches at once: what they ask of the main thread, and what becomes of them when something goes wrong.

Nothing here waits for time to pass: threads wait for each other, and one that waits in vain fails after PATIENCE.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.workers import OneByOne, Threads, workers
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import CloudAgentError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number

PATIENCE = 20.0


def _batch(place: int) -> Sent:
    """What became of a batch, unlike that of any other."""
    return Sent(left=(Number(f"99999{place:05d}", f"99999{place:05d}", "entry"),))


def _until(event: threading.Event) -> None:
    if not event.wait(PATIENCE):
        raise TimeoutError("waited in vain")


@contextlib.contextmanager
def _threads(size: int) -> Iterator[Threads]:
    with contextlib.closing(Threads(size)) as threads:
        yield threads


# -- one by one --------------------------------------------------------------------------------------------------------


def test_one_worker_is_the_main_thread_itself() -> None:
    alone = workers(1)
    assert isinstance(alone, OneByOne)
    assert alone.size == 1
    where: List[int] = []

    def send() -> Sent:
        where.append(threading.get_ident())
        return _batch(1)

    ended = alone.start(send)
    assert where == []  # nothing is sent before its end is waited for
    assert ended() == _batch(1)
    assert where == [threading.get_ident()]
    assert alone.in_main(threading.get_ident) == threading.get_ident()
    alone.close()


@pytest.mark.parametrize("size", [2, 16])
def test_several_workers_are_threads(size: int) -> None:
    with contextlib.closing(workers(size)) as several:
        assert isinstance(several, Threads)
        assert several.size == size


# -- at once, and no more ----------------------------------------------------------------------------------------------


def test_as_many_batches_as_there_are_workers_are_under_way_at_once_and_no_more() -> None:
    everybody = threading.Barrier(3)
    lock, now, most = threading.Lock(), [0], [0]

    def send() -> Sent:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        everybody.wait(PATIENCE)  # which breaks where fewer than three are ever under way together
        with lock:
            now[0] -= 1
        return Sent()

    with _threads(3) as threads:
        for ended in [threads.start(send) for _batch in range(9)]:
            assert ended() == Sent()
    assert most == [3]


@pytest.mark.parametrize("waits_for", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
@pytest.mark.parametrize("ends", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_what_is_waited_for_is_that_batch_whichever_ends_first(waits_for: List[int], ends: List[int]) -> None:
    may_end = [threading.Event() for _place in ends]
    following = dict(zip(ends, ends[1:]))
    may_end[ends[0]].set()

    def sending(place: int) -> Callable[[], Sent]:
        def send() -> Sent:
            _until(may_end[place])
            if place in following:
                may_end[following[place]].set()
            return _batch(place)

        return send

    with _threads(4) as threads:
        started = [threads.start(sending(place)) for place in range(4)]
        for place in waits_for:
            assert started[place]() == _batch(place)


def test_what_a_batch_raises_is_raised_where_it_is_waited_for_and_spares_the_others() -> None:
    def breaks() -> Sent:
        raise OverflowError("a defect")

    with _threads(2) as threads:
        broken, sound = threads.start(breaks), threads.start(lambda: _batch(2))
        with pytest.raises(OverflowError, match="a defect"):
            broken()
        assert sound() == _batch(2)


# -- asking the main thread --------------------------------------------------------------------------------------------


def test_the_main_thread_answers_all_that_ask_while_it_waits_for_another() -> None:
    asked: List[int] = []
    others_have_asked = threading.Event()

    def ask() -> int:
        asked.append(threading.get_ident())
        if len(asked) == 30:
            others_have_asked.set()
        return len(asked)

    def waits() -> Sent:
        _until(others_have_asked)
        return _batch(0)

    with _threads(4) as threads:

        def asks() -> Sent:
            told = [threads.in_main(ask) for _time in range(10)]
            return _batch(len({*told}))

        first = threads.start(waits)
        others = [threads.start(asks) for _batch in range(3)]
        assert first() == _batch(0)
        assert asked == [threading.get_ident()] * 30
        assert [ended() for ended in others] == [_batch(10)] * 3


def test_the_main_thread_asks_itself_without_waiting_for_itself() -> None:
    with _threads(2) as threads:
        assert threads.in_main(lambda: threads.in_main(lambda: 7)) == 7
        # … nor does it while it answers somebody else.
        ended = threads.start(lambda: _batch(threads.in_main(lambda: threads.in_main(lambda: 5))))
        assert ended() == _batch(5)


@pytest.mark.parametrize("raised", [CloudAgentError("no token"), OverflowError("a defect")])
def test_an_error_goes_to_the_thread_that_has_asked_and_to_nobody_else(raised: Exception) -> None:
    caught: List[Exception] = []

    def fails() -> None:
        raise raised

    with _threads(2) as threads:

        def asks() -> Sent:
            try:
                threads.in_main(fails)
            except Exception as error:
                caught.append(error)
            return _batch(threads.in_main(lambda: 1))

        assert threads.start(asks)() == _batch(1)
        assert threads.start(lambda: _batch(threads.in_main(lambda: 2)))() == _batch(2)
        with pytest.raises(type(raised)):
            threads.in_main(fails)
    assert caught == [raised]


# -- the end -----------------------------------------------------------------------------------------------------------


def test_closing_waits_for_all_that_is_under_way_and_lets_none_of_it_go_on() -> None:
    told: List[str] = []
    answered, asking = threading.Event(), threading.Barrier(3)
    threads = Threads(3)

    def asks() -> Sent:
        with pytest.raises(RuntimeError, match="has stopped"):
            asking.wait(PATIENCE)
            threads.in_main(lambda: told.append("asked"))
        told.append("refused")
        answered.set()
        return Sent()

    def is_answered_late() -> Sent:
        asking.wait(PATIENCE)
        _until(answered)
        with pytest.raises(RuntimeError, match="has stopped"):
            threads.stop_if_closed()
        told.append("answered")
        return Sent()

    threads.stop_if_closed()
    for send in (asks, asks, is_answered_late):
        threads.start(send)
    threads.close()
    assert sorted(told) == ["answered", "refused", "refused"]


def test_closing_tells_nobody_what_a_batch_has_raised() -> None:
    threads = Threads(2)

    def breaks() -> Sent:
        raise OverflowError

    threads.start(breaks)
    threads.close()


def test_after_closing_nothing_can_be_started() -> None:
    threads = Threads(2)
    threads.close()
    with pytest.raises(RuntimeError):
        threads.start(Sent)


@pytest.mark.parametrize("interrupted", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_main_thread_while_it_answers_is_told_to_both(interrupted: type) -> None:
    caught: List[Optional[BaseException]] = []
    others_may_go = threading.Event()
    threads = Threads(2)

    def ends() -> None:
        raise interrupted

    def asks() -> Sent:
        try:
            threads.in_main(ends)
        except BaseException as error:
            caught.append(error)
            raise
        return Sent()

    def another() -> Sent:
        _until(others_may_go)
        return _batch(threads.in_main(lambda: 8))

    other = threads.start(another)
    threads.start(asks)
    with pytest.raises(interrupted):
        other()
    others_may_go.set()
    assert other() == _batch(8)
    threads.close()
    assert [type(error) for error in caught] == [interrupted]


def test_no_interrupt_loses_what_is_asked() -> None:
    threads, main, over = Threads(4), threading.get_ident(), threading.Event()
    armed: List[bool] = []

    def interrupts(_signal: int, _frame: Any) -> None:
        if armed:
            armed.clear()
            raise KeyboardInterrupt

    def asks_again() -> int:
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # what was being asked just then
                return threads.in_main(lambda: 1)

    def keeps_interrupting() -> None:
        end, drawn = time.monotonic() + PATIENCE, random.Random(7)
        while not over.wait(drawn.random() / 2000) and time.monotonic() < end:
            signal.pthread_kill(main, signal.SIGINT)

    def result_of(ended: Callable[[], Sent]) -> Sent:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                armed.append(True)
                result = ended()
                armed.clear()
                return result

    before = signal.signal(signal.SIGINT, interrupts)
    interrupter = threading.Thread(target=keeps_interrupting)
    try:
        started = [threads.start(lambda: _batch(sum(asks_again() for _time in range(2000)))) for _place in range(4)]
        interrupter.start()
        assert [result_of(ended) for ended in started] == [_batch(2000)] * 4
    finally:
        over.set()
        interrupter.join()
        armed.clear()
        signal.signal(signal.SIGINT, before)
    threads.close()


def test_wherever_the_main_thread_is_interrupted_nobody_waits_for_ever() -> None:
    step = 0
    while _interrupted_at(step):
        step += 1
    assert step > 50


def _interrupted_at(step: int) -> bool:
    """Interrupts the main thread at a step of its waiting, counted in instructions, and closes.

    Gives whether it came so far.
    """
    came: List[bool] = []

    def main() -> None:
        threads, steps = Threads(2), itertools.count()
        started = [threads.start(lambda: _batch(threads.in_main(lambda: 1))) for _place in range(2)]

        def interrupts(frame: Any, _event: str, _arg: Any) -> Any:
            if frame.f_code.co_filename not in (Threads.start.__code__.co_filename, threading.__file__):
                return None  # what is raised where something is thrown away reaches nobody
            frame.f_trace_opcodes = True
            if next(steps) == step:
                came.append(True)
                raise KeyboardInterrupt
            return interrupts

        before = sys.gettrace()
        sys.settrace(interrupts)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                assert [ended() for ended in started] == [_batch(1)] * 2
        finally:
            sys.settrace(before)
        threads.close()
        closed.set()

    closed = threading.Event()
    threading.Thread(target=main, daemon=True).start()
    assert closed.wait(PATIENCE), step
    return bool(came)


def test_after_an_interrupt_nobody_waits_for_an_answer() -> None:
    threads = Threads(3)
    told: List[str] = []

    def interrupts() -> None:
        raise KeyboardInterrupt

    def asks() -> Sent:
        try:
            threads.in_main(interrupts)
        except BaseException as error:
            told.append(type(error).__name__)
        return Sent()

    ended = [threads.start(asks) for _batch in range(3)]
    with pytest.raises(KeyboardInterrupt):
        ended[0]()
    threads.close()
    assert sorted(told) == ["KeyboardInterrupt", "RuntimeError", "RuntimeError"]


def test_who_asks_when_all_is_closed_is_refused_at_once() -> None:
    threads = Threads(2)
    threads.close()
    with ThreadPoolExecutor(1) as another, pytest.raises(RuntimeError, match="has stopped"):
        another.submit(threads.in_main, lambda: 1).result(PATIENCE)
