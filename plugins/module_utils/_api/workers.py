# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends several batches at once. What they share is only touched by the main thread: token, waiting, pace, store."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, ContextManager, Deque, Optional, Tuple, TypeVar, Union

from .._domain.batch import Sent

Result = TypeVar("Result")


class OneByOne:
    """Sends one batch at a time, when its end is waited for."""

    size = 1
    failed = False

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Sends when it is waited for."""
        return send

    def in_main(self, ask: Callable[[], Result]) -> Result:
        """Asks at once: there is only one thread."""
        return ask()

    def stop_if_closed(self) -> None:
        """Nothing goes on by itself."""

    def close(self) -> None:
        """Nothing is under way."""


class Threads:
    """Sends up to ``size`` batches at once, each in a thread of its own."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.failed = False
        self._pool = ThreadPoolExecutor(size)
        self._main = threading.get_ident()
        self._asked: Deque[Tuple[Callable[[], Any], Future[Any]]] = deque()
        self._news = threading.Event()
        self._closed = False

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Begins to send; what it gives waits for the end and gives what became of it."""
        future = self._pool.submit(send)
        future.add_done_callback(self._note_end)
        return lambda: self._ended(future)

    def in_main(self, ask: Callable[[], Result]) -> Result:
        """Has the main thread ask, which does so while it waits; gives or raises what it is told."""
        if threading.get_ident() == self._main:
            return ask()
        answer: Future[Result] = Future()
        self._asked.append((ask, answer))
        self._news.set()
        self.stop_if_closed()  # the main thread looks no more
        return answer.result()

    def stop_if_closed(self) -> None:
        """Raises RuntimeError once nothing more is to be sent."""
        if self._closed:
            raise _stopped()

    def close(self) -> None:
        """Waits for requests that are under way, which cannot be called back; whoever asks for more is refused."""
        self._closed = True
        for _ask, answer in list(self._asked):
            if not answer.done():
                answer.set_exception(_stopped())
        self._pool.shutdown()

    def _note_end(self, future: Future[Sent]) -> None:
        self.failed = self.failed or future.exception() is not None or future.result().error is not None
        self._news.set()

    def _ended(self, future: Future[Sent]) -> Sent:
        self._wait_for(future)
        return future.result()

    def _wait_for(self, future: Future[Sent]) -> None:
        while not future.done():
            self._news.clear()
            while self._asked:
                _answer(*self._asked[0])
                self._asked.popleft()  # only now: what an interrupt keeps from being asked is asked the next time
            if not future.done():
                self._news.wait()


Workers = Union[OneByOne, Threads]


class Gate:
    """Lets all requests go, or one at a time once the account was found to bear no more (contract G4).

    ``since``: when that was (seconds since the epoch, UTC). Who has passed needs nothing of the main thread until the
    answer is there, so that the main thread may wait here, too.
    """

    def __init__(self, since: Optional[float] = None) -> None:
        self.since = since
        self._one = threading.Lock()

    def passed(self) -> ContextManager[object]:
        """Waits until a request may go; holds the gate until it is answered."""
        return contextlib.nullcontext() if self.since is None else self._one


def workers(size: int) -> Workers:
    """What sends up to ``size`` batches at once."""
    return OneByOne() if size == 1 else Threads(size)


def _stopped() -> RuntimeError:
    return RuntimeError("the main thread has stopped")


def _answer(ask: Callable[[], Any], answer: Future[Any]) -> None:
    if answer.done():  # it was interrupted
        return
    try:
        answer.set_result(ask())
    except BaseException as error:  # it belongs to the thread that has asked
        answer.set_exception(error)
        if not isinstance(error, Exception):
            raise
