# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact with a group from which numbers are removed: which id has it, if the server insists on one (X3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable, List, Optional, Tuple

from .batch import Answered, Numbers, Part, RefusedNumber, Sent, send_batch
from .calls import Answer, Call, GroupText
from .contact import Contact, Opened, World, after_both, doubting, ends_the_run, says_unknown
from .errors import CallFailed, CloudAgentError, GroupUnknown, Refused
from .habits import Habits, after_repeated_update
from .lines import listing
from .numbers import Number
from .outcome import Evidence, Source

_ID_ADVICE = (
    "Check the name. If it is right, give group_id (the web console shows it), or description and expiry_date as the"
    " group has them."
)


def open_to_remove(numbers: Numbers, contact: Contact, world: World) -> Opened:
    """Removes numbers by the group's id, when it is known, and by its name (contract X3).

    Finds out the id if the server insists on it.
    """
    sent = delete_batch(numbers, contact.group_id, world)
    refused = _refused_for_its_id(sent)
    if contact.exists or world.given_id or refused is None:
        told = contact.group_id is None and bool(sent.group_ids)
        return Opened(sent, replace(contact, exists=contact.exists or told))
    learned = _learn_id(sent.remaining(), refused, contact, world)
    return replace(learned, sent=Sent(sent.parts).followed_by(learned.sent))


def remove_by_name_too(numbers: Numbers, opened: Opened, world: World) -> Opened:
    """Removes numbers without the id as well where that is only on record, and nothing shows that it was the right one.

    The group may have been re-created in the web console, with another id; what a server says to one that no group has
    is not documented. Not where nothing is on record as in the group: without an id a server may remove the numbers
    from all groups (X3).
    """
    sent, contact = opened.sent, opened.contact
    if not _is_only_on_record(contact, world) or sent.error is not None or not sent.answered:
        return opened
    removed = _counted(sent)
    if removed and contact.habits.counts_deleted:
        return replace(opened, contact=replace(contact, exists=True, id_is_sure=True))
    if not world.holds:
        return opened
    by_name = Opened(delete_batch(numbers, None, world), contact)
    refused = _refused_for_its_id(by_name.sent)
    if refused is not None:
        by_name = _learn_id(by_name.sent.remaining(), refused, contact, world)
    elif by_name.sent.group_ids == {contact.group_id}:
        by_name = replace(by_name, contact=replace(contact, exists=True, id_is_sure=True))
    elif by_name.sent.group_ids or (removed == 0 and _counted(by_name.sent)):
        by_name = replace(by_name, contact=replace(contact, group_id=None))
    if by_name.contact.gone and not by_name.sent.answered and removed != 0:  # what was answered by the id stands
        return replace(by_name, sent=sent)
    if by_name.sent.error is not None:
        return replace(by_name, sent=Sent(error=ends_the_run(by_name.sent), lost=numbers))
    none_gone = removed == 0 and contact.habits.counts_deleted is True and not _is_repeated(sent)
    return replace(by_name, sent=_after(sent, by_name.sent, none_gone))


def as_sure_as_the_id(evidence: Iterable[Evidence], contact: Contact, world: World) -> Tuple[Evidence, ...]:
    """That nothing was there to be removed by an id that is only on record is no more certain than the record."""
    if not _is_only_on_record(contact, world) or world.holds:
        return tuple(evidence)
    by_record = Evidence(False, Source.LEDGER)
    return tuple(by_record if found == Evidence(False, Source.SERVER) else found for found in evidence)


def _is_only_on_record(contact: Contact, world: World) -> bool:
    """Whether no answer of this run, nor the user, has named the id that is known."""
    return contact.group_id is not None and not contact.id_is_sure and not world.given_id


def _is_repeated(sent: Sent) -> bool:
    return any(part.answer.repeated for part in sent.answers)


def _after(first: Sent, sent: Sent, none_gone: bool) -> Sent:
    """The second of two, with the sum of what both have counted.

    What it refuses the first may have removed, unless that has certainly removed nothing (``none_gone``).
    """
    gone = set() if none_gone else {number for part in first.answers for number in part.numbers}
    repeated = _is_repeated(first)
    before = sum(part.answer.deleted or 0 for part in first.answers)
    parts: List[Part] = []
    for part in sent.parts:
        if not isinstance(part, Answered):
            parts.append(replace(part, maybe_done=part.maybe_done or part.number in gone))
            continue
        answer = replace(part.answer, repeated=part.answer.repeated or repeated)
        if answer.deleted is not None:
            answer, before = replace(answer, deleted=answer.deleted + before), 0
        parts.append(replace(part, answer=answer))
    return replace(sent, parts=tuple(parts))


def _refused_for_its_id(sent: Sent) -> Optional[CallFailed]:
    """The refusal of a removal that may have been for want of the right id."""
    error = sent.error
    if isinstance(error, (GroupUnknown, Refused)) and not error.maybe_done and not sent.answered:
        return error
    return None


def _counted(sent: Sent) -> Optional[int]:
    """How many rows the server counted as removed, None where it did not count all."""
    counts = [part.answer.deleted for part in sent.answers]
    return None if None in counts else sum(count for count in counts if count is not None)


def delete_batch(numbers: Numbers, group_id: Optional[int], world: World) -> Sent:
    """Removes the numbers of one batch by the group's name, and by its id if that is known."""
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
    answer = next((part.answer for part in asked.answers), None)
    if answer is None or answer.group_id is None:
        untold = Sent(error=CallFailed(refused.call, refused.said, _ID_ADVICE, refused.status), left=numbers)
        exists = answer is not None
        unsure = doubting((number,) if exists else (), untold)
        return Opened(unsure, replace(contact, exists=exists), carries and exists)
    contact = replace(contact, exists=True, group_id=answer.group_id, id_is_sure=True)
    habits, error = _tested_once_more(number, answer, contact.habits, asking)
    if error is not None:
        return Opened(doubting((number,), Sent(error=error, left=numbers)), contact, carries)
    removed = doubting((number,), delete_batch(numbers, answer.group_id, world))
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
    for part in again.answers:
        habits = after_repeated_update(habits, answer, listing((number,), part.answer), part.answer, named)
    return habits, ends_the_run(again)


def _was_new(answer: Answer, habits: Habits) -> Optional[bool]:
    """Whether an update of one number has added it; None where that is not known."""
    if answer.added is None or answer.repeated or habits.counts_inserted is False:
        return None
    return bool(answer.added) if habits.counts_inserted or answer.added == 0 else None


def _without_the_added(sent: Sent, number: Number, was_new: Optional[bool]) -> Sent:
    """The same, with the count of removals freed of the number that was added only to learn the id."""

    def freed(part: Part) -> Part:
        if not isinstance(part, Answered) or number not in part.numbers or part.answer.deleted is None:
            return part
        deleted = None if was_new is None else max(0, part.answer.deleted - was_new)
        return replace(part, answer=replace(part.answer, deleted=deleted))

    return replace(sent, parts=tuple(freed(part) for part in sent.parts))
