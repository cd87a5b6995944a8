# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends several batches at once. What they share is only touched by the main thread: token, waiting, pace, store."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from queue import SimpleQueue
from typing import Any, Callable, ContextManager, Deque, List, Optional, Tuple, TypeVar, Union

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
    """Sends up to ``size`` batches at once, each in a thread of its own.

    An interrupt ends whatever the main thread is doing, between any two steps. So that it leaves nothing locked for
    which another thread waits for ever, the main thread meets the others only in queues, each step of which is whole.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.failed = False
        self._main = threading.get_ident()
        self._threads: List[threading.Thread] = []
        self._to_send: SimpleQueue[Optional[_Batch]] = SimpleQueue()
        self._asked: Deque[_Asked] = deque()
        self._news: SimpleQueue[None] = SimpleQueue()
        self._closed = False

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Begins to send; what it gives waits for the end and gives what became of it."""
        self.stop_if_closed()
        if len(self._threads) < self.size:
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        batch = _Batch(send)
        self._to_send.put(batch)
        return lambda: self._ended(batch)

    def in_main(self, ask: Callable[[], Result]) -> Result:
        """Has the main thread ask, which does so while it waits; gives or raises what it is told."""
        if threading.get_ident() == self._main:
            return ask()
        asked = _Asked(ask)
        self._asked.append(asked)
        self._news.put(None)
        self.stop_if_closed()  # the main thread looks no more
        result: Result = asked.answer()
        return result

    def stop_if_closed(self) -> None:
        """Raises RuntimeError once nothing more is to be sent."""
        if self._closed:
            raise _stopped()

    def close(self) -> None:
        """Waits for requests that are under way, which cannot be called back; whoever asks for more is refused."""
        self._closed = True
        while self._asked:
            self._asked.popleft().refuse()
        for _thread in self._threads:
            self._to_send.put(None)
        for thread in self._threads:
            if thread.is_alive():  # an interrupt may have kept it from starting
                thread.join()

    def _work(self) -> None:
        while True:
            batch = self._to_send.get()
            if batch is None:
                return
            batch.go()
            self.failed = self.failed or batch.error is not None or batch.sent.error is not None
            batch.ended = True
            self._news.put(None)

    def _ended(self, batch: _Batch) -> Sent:
        while not batch.ended:
            while self._asked:
                self._asked[0].ask()
                self._asked.popleft()  # only now: what an interrupt keeps from being asked is asked the next time
            if not batch.ended:
                self._news.get()
        if batch.error is not None:
            raise batch.error
        return batch.sent


class _Batch:
    """A batch on its way, and what became of it: known once it has ended."""

    def __init__(self, send: Callable[[], Sent]) -> None:
        self._send = send
        self.ended = False
        self.sent = Sent()
        self.error: Optional[BaseException] = None

    def go(self) -> None:
        """Sends, and keeps what it is told."""
        try:
            self.sent = self._send()
        except BaseException as error:  # it belongs to the main thread
            self.error = error


class _Asked:
    """What the main thread is asked by another; the first answer counts."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._ask = ask
        self._begun = False
        self._told: SimpleQueue[Tuple[Any, Optional[BaseException]]] = SimpleQueue()

    def ask(self) -> None:
        """Asks once, however often an interrupt brings the main thread back here."""
        if self._begun:
            self.refuse()  # this counts where the interrupt came before the answer was told
            return
        try:
            self._begun = True
            self._told.put((self._ask(), None))
        except BaseException as error:  # it belongs to the thread that has asked
            self._told.put((None, error))
            if not isinstance(error, Exception):
                raise

    def refuse(self) -> None:
        """The main thread has stopped."""
        self._told.put((None, _stopped()))

    def answer(self) -> Any:
        """Waits for the answer, and gives or raises it."""
        result, error = self._told.get()
        if error is not None:
            raise error
        return result


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
