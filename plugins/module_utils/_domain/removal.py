# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact with a group from which numbers are removed: which id has it, if the server insists on one (X3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Tuple, Union

from .batch import Answered, Numbers, RefusedNumber, Sent, send_batch
from .calls import Answer, Call, GroupText
from .contact import Contact, Opened, World, after_both, doubting, ends_the_run, says_unknown
from .errors import CallFailed, CloudAgentError, GroupUnknown, Refused
from .habits import Habits, after_repeated_update
from .lines import listing
from .numbers import Number

_ID_ADVICE = "Give group_id (the web console shows it), or description and expiry_date as the group has them."


def open_to_remove(numbers: Numbers, contact: Contact, world: World) -> Opened:
    """Removes numbers by the group's id, when it is known, and by its name (contract X3).

    Finds out the id if the server insists on it.
    """
    sent = _delete(numbers, contact.group_id, world)
    if _by_an_id_that_may_be_stale(sent, contact, world):
        by_name = _delete(numbers, None, world)
        sent = by_name if by_name.error is None else Sent(error=ends_the_run(by_name), lost=numbers)
    refused = sent.error
    asks_for_id = isinstance(refused, (GroupUnknown, Refused)) and not refused.maybe_done
    if sent.answered or contact.exists or world.given_id or not asks_for_id or not isinstance(refused, CallFailed):
        return Opened(sent, replace(contact, exists=contact.exists or _tells_a_group(sent)))
    learned = _learn_id(sent.remaining(), refused, contact, world)
    return replace(learned, sent=Sent(sent.parts).followed_by(learned.sent))


def _tells_a_group(sent: Sent) -> bool:
    """Whether an answer has a group's id: one that removes from all groups may answer for a name that none has (X3)."""
    return any(part.answer.group_id is not None for part in sent.parts if isinstance(part, Answered))


def _by_an_id_that_may_be_stale(sent: Sent, contact: Contact, world: World) -> bool:
    """Whether nothing was removed although the record holds something, by an id that nobody has told in this run.

    The group may have been made anew in the web console, with another id.
    """
    if contact.group_id is None or contact.exists or world.given_id or not world.holds or sent.error is not None:
        return False
    answers = [part.answer for part in sent.parts if isinstance(part, Answered)]
    return bool(answers) and all(answer.deleted == 0 and not answer.repeated for answer in answers)


def _delete(numbers: Numbers, group_id: Optional[int], world: World) -> Sent:
    return send_batch(Call.DELETE, numbers, lambda canonicals: world.client.delete(world.text, group_id, canonicals))


def _learn_id(numbers: Numbers, refused: CallFailed, contact: Contact, world: World) -> Opened:
    """An update with a number that is to be removed tells the group's id (U3), or that there is no such group.

    The number may be added by that, and is removed with the others. Description and expiry, which the group may have
    otherwise, are sent only to a server that insists on them.
    """
    asking = replace(world, text=GroupText(world.text.name))
    number, asked = _asked_with_one(numbers, asking)
    unknown = says_unknown(asked.error, contact.habits, world)
    carries = isinstance(asked.error, Refused) and not unknown and not asked.lost and asking.text != world.text
    if carries:
        asking = world
        number, asked = _asked_with_one(numbers, asking)
    if says_unknown(asked.error, contact.habits, world):
        return Opened(Sent(left=numbers), replace(contact, gone=True))
    if asked.error is not None:
        failed = after_both(refused, asked.error, _ID_ADVICE)
        lost = doubting(asked.lost, Sent(error=failed, left=numbers))
        return Opened(lost, contact, carries and bool(asked.lost))
    answer = next((part.answer for part in asked.parts if isinstance(part, Answered)), None)
    if answer is None or answer.group_id is None:
        untold = Sent(error=CallFailed(refused.call, refused.said, _ID_ADVICE, refused.status), left=numbers)
        exists = answer is not None
        unsure = doubting((number,) if exists else (), untold)
        return Opened(unsure, replace(contact, exists=exists), carries and exists)
    contact = replace(contact, exists=True, group_id=answer.group_id)
    habits, error = _tested_once_more(number, answer, contact.habits, asking)
    if error is not None:
        return Opened(doubting((number,), Sent(error=error, left=numbers)), contact, carries)
    removed = doubting((number,), _delete(numbers, answer.group_id, world))
    freed = _without_the_added(removed, number, _was_new(answer, habits))
    return Opened(freed, replace(contact, habits=habits), carries)


def _asked_with_one(numbers: Numbers, world: World) -> Tuple[Number, Sent]:
    """An update with the first number that is not refused for its form."""
    for number in numbers:
        asked = send_batch(Call.UPDATE, (number,), world.update)
        if not any(isinstance(part, RefusedNumber) for part in asked.parts):
            break
    return number, asked


def _tested_once_more(
    number: Number, answer: Answer, habits: Habits, world: World
) -> Tuple[Habits, Optional[CloudAgentError]]:
    """Whether the number was new depends on a counter that may never have been tested; then it is now."""
    if habits.counts_inserted is not None or not answer.added:
        return habits, None
    named = bool(listing((number,), answer).named)
    again = send_batch(Call.UPDATE, (number,), world.update)
    for part in again.parts:
        if isinstance(part, Answered):
            habits = after_repeated_update(habits, answer, listing((number,), part.answer), part.answer, named)
    return habits, ends_the_run(again)


def _was_new(answer: Answer, habits: Habits) -> Optional[bool]:
    """Whether an update of one number has added it; None where that is not known."""
    if answer.added is None or answer.repeated or habits.counts_inserted is False:
        return None
    return bool(answer.added) if habits.counts_inserted or answer.added == 0 else None


def _without_the_added(sent: Sent, number: Number, was_new: Optional[bool]) -> Sent:
    """The same, with the count of removals freed of the number that was added only to learn the id."""

    def freed(part: Union[Answered, RefusedNumber]) -> Union[Answered, RefusedNumber]:
        if not isinstance(part, Answered) or number not in part.numbers or part.answer.deleted is None:
            return part
        deleted = None if was_new is None else max(0, part.answer.deleted - was_new)
        return replace(part, answer=replace(part.answer, deleted=deleted))

    return replace(sent, parts=tuple(freed(part) for part in sent.parts))
