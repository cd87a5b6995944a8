# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact with a group to which numbers are added: does it exist, or is it to be made, and how.

Update comes first: it can be repeated, and it tells whether the group is missing (contract U5). All other batches rest
on what is found here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Union

from .batch import Answered, Numbers, RefusedNumber, Sent, not_answered, send_batch
from .calls import Answer, Call
from .contact import Contact, Opened, World, after_both, doubting, has_words, says_unknown, with_id
from .errors import (
    CallFailed,
    CloudAgentError,
    EndpointMissing,
    GroupUnknown,
    NumbersRefused,
    Refused,
    TokenNotObtained,
    UnexpectedError,
)
from .habits import Habits
from .lines import listing
from .numbers import Number

PAUSE = 5.0
"""Seconds before an update that was refused in words which nobody has documented is sent again."""


def open_to_add(numbers: Numbers, contact: Contact, world: World) -> Opened:
    """Adds numbers to a group of which this run does not know yet whether it exists; makes it if need be."""
    sent = send_batch(Call.UPDATE, numbers, world.update)
    missing = sent.error
    if _was_made_without_update(missing, contact.habits, world):
        return Opened(Sent(left=numbers), replace(contact, takes_no_more=True))
    unknown = isinstance(missing, GroupUnknown)
    if not unknown and not sent.answered and _may_be_missing(missing, contact.habits, world):
        world.pause(PAUSE)
        again = send_batch(Call.UPDATE, sent.remaining(), world.update)
        unknown = isinstance(again.error, GroupUnknown) or _says_the_same(missing, again.error)
        sent = Sent(sent.parts).followed_by(again)
    if sent.answered or not unknown or not isinstance(sent.error, CallFailed):
        return Opened(sent, replace(contact, exists=sent.answered))
    if isinstance(sent.error, EndpointMissing) and not world.lasting:
        return Opened(Sent(sent.parts, _would_be_made_again(sent.error), left=sent.remaining()), contact)
    contact = replace(contact, gone=True, group_id=None)
    try:
        world.forget()  # whatever is made now starts with a clean record, even if this run is killed before it ends
    except CloudAgentError as error:
        return Opened(Sent(sent.parts, error, left=sent.remaining()), contact)
    if isinstance(sent.error, EndpointMissing):
        alone = _create_alone(sent.remaining(), sent.error, contact, world)
        gone = alone.contact.exists  # else nobody has said that there is no such group
        return Opened(Sent(sent.parts).followed_by(alone.sent), replace(alone.contact, gone=gone))
    return _create(sent, sent.error, contact, world)


def _was_made_without_update(error: Optional[CloudAgentError], habits: Habits, world: World) -> bool:
    """Whether there is no update call, and was none when the group was made: the application never answered to it."""
    return isinstance(error, EndpointMissing) and not error.maybe_done and world.known and habits.update_path is None


def _may_be_missing(error: Optional[CloudAgentError], habits: Habits, world: World) -> bool:
    """Whether an answer means, if it comes twice, that there is no such group, or no update call.

    In words that nobody has documented; once the account's own are known, only those do.
    """
    if error is None or error.maybe_done:
        return False
    if isinstance(error, EndpointMissing):
        return habits.update_path is None and not world.known
    own = habits.unknown_group_words
    if not isinstance(error, Refused) or error.documented:
        return False
    return has_words(error, own, world) if own else not world.known


def _says_the_same(first: Optional[CloudAgentError], second: Optional[CloudAgentError]) -> bool:
    if second is None or second.maybe_done:
        return False
    if isinstance(first, Refused) and isinstance(second, Refused):
        return first.words == second.words
    return isinstance(first, EndpointMissing) and isinstance(second, EndpointMissing)


def _would_be_made_again(missing: EndpointMissing) -> CallFailed:
    """Neither the server nor a record could tell the next run that there is such a group."""
    return CallFailed(
        missing.call,
        f"{missing.said}; so there is no update call to ask whether the server has this group, and no state store",
        "The group was not made: each run would make one more. Give a state_store that is kept.",
        missing.status,
    )


def _create(sent: Sent, missing: CallFailed, contact: Contact, world: World) -> Opened:
    """Makes the group with one number, the one documented form (C2); the others, and an unconfirmed one, by update.

    ``missing`` is what update said.
    """
    parts, numbers = sent.parts, sent.remaining()
    while numbers:
        first, rest = numbers[0], numbers[1:]
        made = _try_to_create(world, first.canonical)
        if isinstance(made, Answer):
            contact = with_id(replace(contact, exists=True, group_id=None), [made.group_id])
            filled = _made_for_certain(missing, first, _fill(first, rest, made, world), contact, world)
            return replace(filled, sent=Sent(parts).followed_by(filled.sent))
        if not isinstance(made, NumbersRefused):
            failed = _see_if_created(first, rest, made, missing, contact, world)
            return replace(failed, sent=Sent(parts).followed_by(failed.sent))
        parts = (*parts, RefusedNumber(first, made.said))
        numbers = rest
    return Opened(Sent(parts), contact)


def _made_for_certain(missing: CallFailed, number: Number, filled: Sent, contact: Contact, world: World) -> Opened:
    """After create: whether it has made the group, or the words for which it was tried meant something else.

    Undocumented words are those for a group that does not exist if the account, now that an update of this one is
    taken, still has them for one that nobody has made. Then they are learned, and the group was made for certain.
    """
    if says_unknown(missing, contact.habits, world) and not says_unknown(filled.error, contact.habits, world):
        return Opened(filled, replace(contact, created=True))
    contact = replace(contact, created=None)
    if filled.error is not None or not isinstance(missing, Refused) or not missing.words:
        return Opened(filled, contact)
    updated = any(part.call is Call.UPDATE for part in filled.answers)
    try:
        words = world.words_for_none(number) if updated or world.takes(number) else None
    except TokenNotObtained as error:
        return Opened(replace(filled, error=error), contact)
    habits = replace(contact.habits, unknown_group_words=words)
    learned = has_words(missing, words, world)
    return Opened(filled, replace(contact, created=True, habits=habits) if learned else contact)


def _try_to_create(world: World, numbers: Union[str, List[str]]) -> Union[Answer, CloudAgentError]:
    try:
        return world.client.create(world.text, numbers)
    except CloudAgentError as error:
        return error
    except Exception as error:  # a defect must not lose what was done before
        return UnexpectedError(error)


def _fill(first: Number, rest: Numbers, made: Answer, world: World) -> Sent:
    """Adds the numbers that the new group was not made with, and the first if create did not confirm it."""
    created = Sent((Answered(Call.CREATE, (first,), made),))
    if listing((first,), made).named:
        return created.followed_by(send_batch(Call.UPDATE, rest, world.update)) if rest else created
    return _first_alone(first, rest, world, maybe_done=False)


def _first_alone(first: Number, rest: Numbers, world: World, maybe_done: bool) -> Sent:
    """Adds the number that create may have put into the group, alone, so that the count tells of it; then the others.

    ``maybe_done``: an earlier try with these had no answer.
    """
    alone = send_batch(Call.UPDATE, (first,), world.update, maybe_done=True)
    if alone.error is not None:
        return alone.followed_by(not_answered(rest, alone.error, maybe_done))
    return alone.followed_by(send_batch(Call.UPDATE, rest, world.update, maybe_done)) if rest else alone


def _see_if_created(
    first: Number, rest: Numbers, failed: CloudAgentError, missing: CallFailed, contact: Contact, world: World
) -> Opened:
    """After create has failed. It is never repeated; where its answer was lost, update tells whether it landed."""
    if not failed.maybe_done:
        return Opened(Sent(error=after_both(missing, failed), left=(first, *rest)), contact)
    if not isinstance(failed, CallFailed):
        return Opened(Sent(error=failed, lost=(first,), left=rest), replace(contact, created=None))
    # In words that nobody has documented the server may have meant something else than that there was no such group.
    sure = says_unknown(missing, contact.habits, world)
    asked = _first_alone(first, rest, world, maybe_done=not sure)
    if asked.answered:
        return _made_for_certain(missing, first, asked, replace(contact, exists=True), world)
    if says_unknown(asked.error, contact.habits, world) or _says_the_same(missing, asked.error):
        said = asked.error.said if isinstance(asked.error, CallFailed) else ""
        not_made = CallFailed(
            failed.call,
            f"{failed.said}; asked for the group after that, the server said: {said}",
            "The group was most likely not made. Run again in some minutes.",
            failed.status,
        )
        unsure = doubting((first,), Sent(asked.parts, not_made, left=asked.remaining()))
        return Opened(unsure, replace(contact, created=None))  # the server may still be at it (contract G5)
    return Opened(doubting((first,), asked), replace(contact, created=None))


def _create_alone(numbers: Numbers, missing: EndpointMissing, contact: Contact, world: World) -> Opened:
    """Where there is no update call: one create with the numbers as a list, and if that is refused, as one string.

    Numbers that are left without an error cannot be sent any more.
    """
    canonicals = [number.canonical for number in numbers]
    made = _try_to_create(world, canonicals) if len(numbers) > 1 else NumbersRefused("", "")
    if isinstance(made, NumbersRefused):  # a list may not be taken at all (C2, C9)
        made = _try_to_create(world, ",".join(canonicals))
    if isinstance(made, Answer):
        contact = replace(contact, exists=True, created=None, group_id=made.group_id, takes_no_more=True)
        return Opened(Sent((Answered(Call.CREATE, numbers, made),)), contact)
    if not isinstance(made, NumbersRefused):
        failed = not_answered(numbers, after_both(missing, made), made.maybe_done)
        return Opened(failed, replace(contact, created=None) if made.maybe_done else contact)
    if len(numbers) == 1:
        return Opened(Sent((RefusedNumber(numbers[0], made.said),)), contact)
    middle = len(numbers) // 2
    first = _create_alone(numbers[:middle], missing, contact, world)
    if first.sent.error is not None or first.contact.takes_no_more:
        return replace(first, sent=first.sent.followed_by(Sent(error=first.sent.error, left=numbers[middle:])))
    second = _create_alone(numbers[middle:], missing, first.contact, world)
    return replace(second, sent=first.sent.followed_by(second.sent))
