# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact with a group: does it exist, is it to be made, which id has it, is there an update call at all.

Update comes first: it can be repeated, and it tells whether the group is missing (contract U5). All other batches rest
on what is found here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Callable, FrozenSet, List, Optional, Tuple, Union

from .batch import Answered, Numbers, RefusedNumber, Sent, not_answered, send_batch
from .calls import Answer, Call, GroupText
from .decide import Kind
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
from .habits import Habits, after_repeated_update
from .lines import listing
from .numbers import Number
from .protocols import BlockNumbers

PAUSE = 5.0
"""Seconds before an update that was refused in words which nobody has documented is sent again."""


@dataclass(frozen=True)
class Contact:
    """What this run has found out about the group on the server.

    ``exists``: the server has answered for it. ``created``: this run has made it; None is: perhaps, since the answer to
    create was lost, or nobody could tell before whether there was such a group. ``gone``: the server knew no such
    group, so that nothing recorded of it holds; it may have been made since. ``takes_no_more``: it was made, and there
    is no update call. ``tested``: kinds of work whose answers were put to a test.
    """

    habits: Habits
    group_id: Optional[int] = None
    exists: bool = False
    created: Optional[bool] = False
    gone: bool = False
    takes_no_more: bool = False
    tested: FrozenSet[Kind] = frozenset()


@dataclass(frozen=True)
class World:
    """What an opening needs besides its numbers.

    ``known``: the group was seen on the server in an earlier run; ``given_id``: the user has named its id. ``holds``:
    some of the numbers that are to be removed are on record as present. ``pause`` waits that many seconds. ``forget``
    drops what is recorded of the group, and raises StoreError.
    """

    client: BlockNumbers
    text: GroupText
    known: bool
    given_id: bool
    holds: bool
    pause: Callable[[float], None]
    forget: Callable[[], None]

    def update(self, canonicals: List[str]) -> Answer:
        """Adds numbers to the group."""
        return self.client.update(self.text, canonicals)

    def words_for_none(self, number: Number) -> Optional[str]:
        """What the server says of a group that certainly does not exist; None where it does not refuse it.

        Raises TokenNotObtained.
        """
        nobody = replace(self.text, name=f"no such group {zlib.crc32(self.text.name.encode()):08x}")
        try:
            self.client.update(nobody, [number.canonical])
        except Refused as refused:
            return _words(refused, nobody.name)
        except TokenNotObtained:
            raise
        except CloudAgentError:
            pass
        return None


@dataclass(frozen=True)
class Opened:
    """What became of the batch that the group was opened with, and what is known of the group since."""

    sent: Sent
    contact: Contact


def ends_the_run(sent: Sent) -> Optional[CloudAgentError]:
    """The error of something that was only tried, if nothing may follow it."""
    return sent.error if isinstance(sent.error, TokenNotObtained) else None


# -- to add ------------------------------------------------------------------------------------------------------------


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
    contact = replace(contact, gone=True, group_id=None)
    try:
        world.forget()  # whatever is made now starts with a clean record, even if this run is killed before it ends
    except CloudAgentError as error:
        return Opened(Sent(sent.parts, error, left=sent.remaining()), contact)
    if isinstance(sent.error, EndpointMissing):
        alone = _create_alone(sent.remaining(), sent.error, contact, world)
        return replace(alone, sent=Sent(sent.parts).followed_by(alone.sent))
    return _create(sent, sent.error, contact, world)


def _was_made_without_update(error: Optional[CloudAgentError], habits: Habits, world: World) -> bool:
    """Whether there is no update call, and was none when the group was made: the application never answered to it."""
    return isinstance(error, EndpointMissing) and not error.maybe_done and world.known and habits.update_path is None


def _says_unknown(error: Optional[CloudAgentError], habits: Habits, world: World) -> bool:
    """Whether an answer says that there is no such group, in the documented words or in the account's own (U5, U6)."""
    if isinstance(error, GroupUnknown):
        return True
    own = habits.unknown_group_words
    if own is None or not isinstance(error, Refused) or error.maybe_done:
        return False
    return _words(error, world.text.name) == own


def _words(refused: Refused, name: str) -> Optional[str]:
    """The words of a refusal as they are for a group of any name."""
    return refused.words.replace(name.lower(), "{name}") or None


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
    return _words(error, world.text.name) == own if own else not world.known


def _says_the_same(first: Optional[CloudAgentError], second: Optional[CloudAgentError]) -> bool:
    if second is None or second.maybe_done:
        return False
    if isinstance(first, Refused) and isinstance(second, Refused):
        return first.words == second.words
    return isinstance(first, EndpointMissing) and isinstance(second, EndpointMissing)


def _create(sent: Sent, missing: CallFailed, contact: Contact, world: World) -> Opened:
    """Makes the group with one number, the one documented form (C2); the others, and an unconfirmed one, by update.

    ``missing`` is what update said.
    """
    parts, numbers = sent.parts, sent.remaining()
    while numbers:
        first, rest = numbers[0], numbers[1:]
        made = _try_to_create(world, first.canonical)
        if isinstance(made, Answer):
            contact = replace(contact, exists=True, group_id=made.group_id)
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

    Undocumented words are those for a group that does not exist if the account, now that it has taken a number, still
    has them for one that nobody has made. Then they are learned, and the group was made for certain.
    """
    if _says_unknown(missing, contact.habits, world):
        return Opened(filled, replace(contact, created=True))
    contact = replace(contact, created=None)
    words = _words(missing, world.text.name) if isinstance(missing, Refused) else None
    if filled.error is not None or words is None:
        return Opened(filled, contact)
    try:
        learned = world.words_for_none(number) == words
    except TokenNotObtained as error:
        return Opened(replace(filled, error=error), contact)
    habits = replace(contact.habits, unknown_group_words=words)
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
    # Alone, so that the count tells of it; and as something that create may have done.
    alone = send_batch(Call.UPDATE, (first,), world.update, maybe_done=True)
    if alone.error is not None:
        return alone.followed_by(not_answered(rest, alone.error, maybe_done=False))
    return alone.followed_by(send_batch(Call.UPDATE, rest, world.update)) if rest else alone


def _doubting(doubtful: Numbers, sent: Sent) -> Sent:
    """The same, with numbers that were sent before counted as lost if nothing was said of them."""
    lost = tuple(number for number in sent.left if number in doubtful)
    return replace(sent, lost=(*lost, *sent.lost), left=tuple(n for n in sent.left if n not in lost))


def _see_if_created(
    first: Number, rest: Numbers, failed: CloudAgentError, missing: CallFailed, contact: Contact, world: World
) -> Opened:
    """After create has failed. It is never repeated; where its answer was lost, update tells whether it landed."""
    if not failed.maybe_done:
        return Opened(Sent(error=_after(missing, failed), left=(first, *rest)), contact)
    if not isinstance(failed, CallFailed):
        return Opened(Sent(error=failed, lost=(first,), left=rest), replace(contact, created=None))
    # In words that nobody has documented the server may have meant something else than that there was no such group.
    sure = _says_unknown(missing, contact.habits, world)
    asked = send_batch(Call.UPDATE, (first, *rest), world.update, maybe_done=not sure)
    if asked.answered:
        return _made_for_certain(missing, first, asked, replace(contact, exists=True), world)
    if _says_unknown(asked.error, contact.habits, world) or _says_the_same(missing, asked.error):
        said = asked.error.said if isinstance(asked.error, CallFailed) else ""
        not_made = CallFailed(
            failed.call,
            f"{failed.said}; asked for the group after that, the server said: {said}",
            "The group was most likely not made. Run again in some minutes.",
            failed.status,
        )
        unsure = _doubting((first,), Sent(asked.parts, not_made, left=asked.remaining()))
        return Opened(unsure, replace(contact, created=None))  # the server may still be at it (contract G5)
    return Opened(_doubting((first,), asked), replace(contact, created=None))


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
        failed = not_answered(numbers, _after(missing, made), made.maybe_done)
        return Opened(failed, replace(contact, created=None) if made.maybe_done else contact)
    if len(numbers) == 1:
        return Opened(Sent((RefusedNumber(numbers[0], made.said),)), contact)
    middle = len(numbers) // 2
    first = _create_alone(numbers[:middle], missing, contact, world)
    if first.sent.error is not None or first.contact.takes_no_more:
        return replace(first, sent=first.sent.followed_by(Sent(error=first.sent.error, left=numbers[middle:])))
    second = _create_alone(numbers[middle:], missing, first.contact, world)
    return replace(second, sent=first.sent.followed_by(second.sent))


def _after(first: CallFailed, second: CloudAgentError, advice: str = "") -> CloudAgentError:
    """Reports two answers that only together explain a failure."""
    if not isinstance(second, CallFailed):
        return second
    said = f"{second.said}. Before that, {first.call} was answered: {first.said}"
    both = CallFailed(second.call, said, advice or second.advice, second.status)
    both.maybe_done = second.maybe_done
    return both


# -- to remove ---------------------------------------------------------------------------------------------------------

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
        return Opened(sent, replace(contact, exists=contact.exists or sent.answered))
    learned = _learn_id(sent.remaining(), refused, contact, world)
    return replace(learned, sent=Sent(sent.parts).followed_by(learned.sent))


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

    The number may be added by that, and is removed with the others.
    """
    number, asked = _asked_with_one(numbers, world)
    if _says_unknown(asked.error, contact.habits, world):
        return Opened(Sent(left=numbers), replace(contact, gone=True))
    if asked.error is not None:
        failed = _after(refused, asked.error, _ID_ADVICE)
        return Opened(_doubting(asked.lost, Sent(error=failed, left=numbers)), contact)
    answer = next((part.answer for part in asked.parts if isinstance(part, Answered)), None)
    if answer is None or answer.group_id is None:
        untold = Sent(error=CallFailed(refused.call, refused.said, _ID_ADVICE, refused.status), left=numbers)
        return Opened(_doubting((number,) if answer else (), untold), replace(contact, exists=answer is not None))
    contact = replace(contact, exists=True, group_id=answer.group_id)
    habits, error = _tested_once_more(number, answer, contact.habits, world)
    if error is not None:
        return Opened(_doubting((number,), Sent(error=error, left=numbers)), contact)
    removed = _doubting((number,), _delete(numbers, answer.group_id, world))
    return Opened(_without_the_added(removed, number, _was_new(answer, habits)), replace(contact, habits=habits))


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
