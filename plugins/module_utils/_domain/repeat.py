# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts a doubtful answer to the test: one number is sent once more, and what that shows is a habit of the account."""

from __future__ import annotations

from dataclasses import replace
from typing import FrozenSet, Optional, Tuple

from .batch import Answered, Sent, send_batch
from .calls import Call
from .contact import Contact, World, ends_the_run
from .decide import Kind
from .errors import CloudAgentError
from .habits import Habits, after_repeated_delete, after_repeated_update, delete_is_doubted, update_is_doubted
from .numbers import Number
from .outcome import Before
from .removal import open_to_remove


def tested(
    sent: Sent, kind: Kind, before: Before, contact: Contact, world: World
) -> Tuple[Contact, Optional[CloudAgentError]]:
    """Sends one number once more where an answer is doubtful, once a run for each kind; what that shows is a habit.

    If that fails, it stays open how the account answers; only that no token could be had ends the run.
    """
    if sent.error is not None or kind in contact.tested or contact.takes_no_more or before.ended:
        return contact, None
    # First one that was counted: that shows what the counter is worth, and where present numbers stand.
    for part in sorted(sent.answers, key=lambda part: -(part.answer.added or part.answer.deleted or 0)):
        number = _to_be_sent_again(part, before, contact, world.lasting)
        if number is None:
            continue
        contact = replace(contact, tested=contact.tested | {kind})
        if kind is Kind.ADD:
            again = send_batch(Call.UPDATE, (number,), world.update)
        else:
            again = open_to_remove((number,), contact, world).sent
        for shown in again.answers:
            contact = replace(contact, habits=_after_test(number, part, shown, contact.habits))
        return contact, ends_the_run(again)
    return contact, None


def _to_be_sent_again(part: Answered, before: Before, contact: Contact, lasting: bool) -> Optional[Number]:
    """A number of a doubtful answer that is in the group now, or gone from it, if there is one."""
    seen, answer = part.listing, part.answer
    taken = seen.numbers - seen.failed
    likely: FrozenSet[str] = frozenset()
    if part.call is Call.DELETE:
        if delete_is_doubted(contact.habits, seen, answer, before):
            likely = taken
    elif update_is_doubted(contact.habits, seen, answer, before, lasting):
        likely = seen.named or (taken if answer.added == len(taken) else likely)
    return next((number for number in part.numbers if number.canonical in likely), None)


def _after_test(number: Number, first: Answered, again: Answered, habits: Habits) -> Habits:
    if again.call is Call.DELETE:
        return after_repeated_delete(habits, first.answer, again.answer)
    named = number.canonical in first.listing.named
    return after_repeated_update(habits, first.answer, again.listing, again.answer, named)
