# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a group on the server, and the small questions that every first contact with it asks."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Callable, FrozenSet, List, Optional, Sequence

from .batch import Numbers, Sent
from .calls import Answer, Call, GroupText
from .decide import Kind
from .errors import CallFailed, CloudAgentError, GroupUnknown, Refused, TokenNotObtained
from .habits import Habits
from .numbers import Number
from .protocols import BlockNumbers


@dataclass(frozen=True)
class Contact:
    """What this run has found out about the group on the server.

    ``exists``: the server has answered for it. ``created``: this run has made it; None is: perhaps, since the answer to
    create was lost, or nobody could tell before whether there was such a group. ``gone``: the server knew no such
    group, so that nothing recorded of it holds; it may have been made since. ``takes_no_more``: it was made, and there
    is no update call. ``id_is_sure``: the server has named ``group_id`` in this run, or removed numbers by it.
    ``told_ids``: the ids that answers have told in this run. ``went``: it was there, and then the server knew it no
    more. ``tested``: kinds of work whose answers were put to a test.
    """

    habits: Habits
    group_id: Optional[int] = None
    exists: bool = False
    created: Optional[bool] = False
    gone: bool = False
    takes_no_more: bool = False
    id_is_sure: bool = False
    told_ids: FrozenSet[int] = frozenset()
    went: bool = False
    tested: FrozenSet[Kind] = frozenset()

    @property
    def doubled(self) -> bool:
        """Whether answers in this run have told more than one id."""
        return len(self.told_ids) > 1


@dataclass(frozen=True)
class World:
    """What an opening needs besides its numbers.

    ``known``: the group was seen on the server in an earlier run; ``given_id``: the user has named its id. ``holds``:
    some of the numbers that are to be removed are on record as present. ``lasting``: later runs will know of what this
    one has made. ``pause`` waits that many seconds. ``forget`` drops what is recorded of the group, and raises
    StoreError.
    """

    client: BlockNumbers
    text: GroupText
    known: bool
    given_id: bool
    holds: bool
    lasting: bool
    pause: Callable[[float], None]
    forget: Callable[[], None]

    def update(self, canonicals: List[str]) -> Answer:
        """Adds numbers to the group."""
        return self.client.update(self.text, canonicals)

    def takes(self, number: Number) -> bool:
        """Whether the group takes a number now. Raises TokenNotObtained."""
        try:
            self.update([number.canonical])
        except TokenNotObtained:
            raise
        except CloudAgentError:
            return False
        return True

    def words_for_none(self, number: Number) -> Optional[str]:
        """What the server says of a group that certainly does not exist; None where it does not refuse it.

        Raises TokenNotObtained.
        """
        nobody = replace(self.text, name=f"no such group {zlib.crc32(self.text.name.encode()):08x}")
        try:
            self.client.update(nobody, [number.canonical])
        except Refused as refused:
            return refused.words.replace(nobody.name.lower(), _NAME) or None
        except TokenNotObtained:
            raise
        except CloudAgentError:
            pass
        return None


@dataclass(frozen=True)
class Opened:
    """What became of the batch that the group was opened with, and what is known of the group since.

    ``carried``: an update that was only to tell the id of the group may have been taken, with description and expiry.
    """

    sent: Sent
    contact: Contact
    carried: bool = False


def says_unknown(error: Optional[CloudAgentError], habits: Habits, world: World) -> bool:
    """Whether an answer says that there is no such group, in the documented words or in the account's own (U5, U6)."""
    if isinstance(error, GroupUnknown):
        return True
    return isinstance(error, Refused) and not error.maybe_done and has_words(error, habits.unknown_group_words, world)


_NAME = "{name}"
"""Stands for the group's name in the account's words for an unknown one."""


def has_words(refused: Refused, own: Optional[str], world: World) -> bool:
    """Whether a refusal is in the account's words for an unknown group, if these are known."""
    return own is not None and refused.words == own.replace(_NAME, world.text.name.lower())


def wrong_id(contact: Contact, name: str, given: Optional[int]) -> Optional[CloudAgentError]:
    """The error of an id that the user has given and the server gainsays."""
    if given is None or contact.group_id in (None, given):
        return None
    return CloudAgentError(
        f"group_id {given} was given, but the server says that the group {name} has the id {contact.group_id}. Correct"
        " group_id or name; removals with a wrong id would hit another group."
    )


def with_id(contact: Contact, told: Sequence[Optional[int]]) -> Contact:
    """With the id of the last answer that tells one. Of several, which came in whatever order, none is sure."""
    ids = [group_id for group_id in told if group_id is not None]
    if not ids:
        return contact
    told_ids = contact.told_ids.union(ids)
    return replace(contact, group_id=ids[-1], told_ids=told_ids, id_is_sure=len(told_ids) == 1)


def was_there_before(opened: Opened, contact: Contact, recorded: Optional[int]) -> bool:
    """Whether a group, made by a create without an answer, has the id that is on record."""
    confirmed = any(part.call is Call.CREATE for part in opened.sent.answers)
    return not confirmed and contact.group_id is not None and contact.group_id == recorded


def is_another_group(past: Contact, contact: Contact, recorded: Optional[int], given: Optional[int]) -> bool:
    """Whether an answer shows that the group on record was replaced by one of the same name, made in the console."""
    if past.gone or contact.created is not False or given is not None or recorded is None:
        return False
    return past.group_id == recorded and bool(contact.told_ids - {recorded})


def in_doubt_itself(past: Contact, opened: Opened, contact: Contact) -> bool:
    """Whether a batch may not be in the group that there is by now, since the ids that were told leave that open.

    Its own answers tell several, or one that was told before the last: they may be older than what was judged earlier.
    """
    if not contact.doubled:
        return False
    again = contact.group_id != past.group_id and contact.group_id in past.told_ids
    return again or not past.exists or len(opened.sent.group_ids) > 1


def two_groups(past: Contact, opened: Opened, contact: Contact, name: str) -> List[str]:
    """A warning where answers have told two ids, for the first time."""
    if past.doubled or not contact.doubled:
        return []
    made = opened.contact.group_id
    if past.exists or not contact.created or made is None:
        ids = " and ".join(map(str, sorted(contact.told_ids)))
        warning = (
            f"The server told the ids {ids} of the group {name}: it was re-created while this run was at it, or there"
            " are two of this name. What was sent before may not be in it; run again."
        )
    else:
        warning = (
            f"There are two groups named {name}: {made}, which was made by this run, and"
            f" {min(contact.told_ids - {made})}, which answers to the name. Remove one of them in the web console, and"
            " run again."
        )
    return [warning]


def ends_the_run(sent: Sent) -> Optional[CloudAgentError]:
    """The error of something that was only tried, if nothing may follow it."""
    return sent.error if isinstance(sent.error, TokenNotObtained) else None


def doubting(doubtful: Numbers, sent: Sent) -> Sent:
    """The same, with numbers that were sent before counted as lost if nothing was said of them."""
    lost = tuple(number for number in sent.left if number in doubtful)
    return replace(sent, lost=(*lost, *sent.lost), left=tuple(n for n in sent.left if n not in lost))


def after_both(first: CallFailed, second: CloudAgentError, advice: str = "") -> CloudAgentError:
    """Reports two answers that only together explain a failure."""
    if not isinstance(second, CallFailed):
        return second
    said = f"{second.said}. Before that, {first.call} was answered: {first.said}"
    both = CallFailed(second.call, said, advice or second.advice, second.status)
    both.maybe_done = second.maybe_done
    return both
