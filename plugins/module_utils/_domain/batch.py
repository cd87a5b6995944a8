# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends the numbers of one batch, halves one that is refused for its form; shares no state with another batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Callable, FrozenSet, List, Optional, Sequence, Tuple, Union

from .calls import Answer, Call
from .errors import CloudAgentError, NumbersRefused, UnexpectedError
from .lines import Listing, listing
from .numbers import Number

Numbers = Tuple[Number, ...]
Send = Callable[[List[str]], Answer]
"""Sends canonical numbers in one request; raises CloudAgentError."""


@dataclass(frozen=True)
class Answered:
    """Numbers of one request to which the server said success, and its answer."""

    call: Call
    numbers: Numbers
    answer: Answer

    @cached_property
    def listing(self) -> Listing:
        """Which of the numbers its lists name."""
        return listing(self.numbers, self.answer)


@dataclass(frozen=True)
class RefusedNumber:
    """A number that the server refused for its form when it stood alone.

    ``maybe_done``: an earlier try with this number in it had no answer.
    """

    number: Number
    said: str
    maybe_done: bool = False


Part = Union[Answered, RefusedNumber]


@dataclass(frozen=True)
class Sent:
    """What became of a batch on the wire: every number is in a part, in ``lost`` or in ``left``.

    ``error``: what stopped it. ``lost``: sent, and the error leaves open what became of them. ``left``: the server has
    done nothing with them.
    """

    parts: Tuple[Part, ...] = ()
    error: Optional[CloudAgentError] = None
    lost: Numbers = ()
    left: Numbers = ()

    @property
    def answers(self) -> Tuple[Answered, ...]:
        """The parts to which the server said success."""
        return tuple(part for part in self.parts if isinstance(part, Answered))

    @property
    def answered(self) -> bool:
        """Whether the server said success to anything."""
        return bool(self.answers)

    @property
    def group_ids(self) -> FrozenSet[int]:
        """The ids of groups that the answers tell: one that removes from all groups may tell none (contract X3)."""
        return frozenset(part.answer.group_id for part in self.answers if part.answer.group_id is not None)

    def followed_by(self, after: Sent) -> Sent:
        """Both in sum, where ``after`` was sent after this."""
        return Sent((*self.parts, *after.parts), after.error, (*self.lost, *after.lost), (*self.left, *after.left))

    def remaining(self) -> Numbers:
        """The numbers that are in no part."""
        return (*self.lost, *self.left)


def send_batch(call: Call, numbers: Numbers, send: Send, maybe_done: bool = False, halved: bool = False) -> Sent:
    """Sends a batch; a part that is refused for its form is halved until the bad numbers stand alone (contract C6).

    Raises nothing: an error is in the result. ``maybe_done``: an earlier try with these numbers had no answer.
    ``halved``: a request with these and others was refused; whether that has stored the good ones is not documented
    (contract U6).
    """
    try:
        answer = send([number.canonical for number in numbers])
    except NumbersRefused as refused:
        doubt = maybe_done or refused.maybe_done
        if len(numbers) == 1:
            return Sent((RefusedNumber(numbers[0], refused.said, doubt),))
        middle = len(numbers) // 2
        first = send_batch(call, numbers[:middle], send, doubt, halved=True)
        if first.error is not None:
            return first.followed_by(not_answered(numbers[middle:], first.error, maybe_done=True))
        return first.followed_by(send_batch(call, numbers[middle:], send, doubt, halved=True))
    except CloudAgentError as error:
        return not_answered(numbers, error, maybe_done or halved or error.maybe_done)
    except Exception as error:  # a defect must not lose what was done before
        return not_answered(numbers, UnexpectedError(error), maybe_done=True)
    if maybe_done or halved:
        answer = replace(answer, repeated=True)
    return Sent((Answered(call, numbers, answer),))


def not_answered(numbers: Sequence[Number], error: CloudAgentError, maybe_done: bool) -> Sent:
    """Numbers to which nothing was said but an error."""
    return Sent(error=error, lost=tuple(numbers)) if maybe_done else Sent(error=error, left=tuple(numbers))
