# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe of an account has added to its group, and how it is removed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, FrozenSet, Iterator, List, Mapping, Optional, Tuple

from .errors import GroupUnknown, RateLimited
from .exchange import (
    ABSENT,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    GROUP,
    LETTERS,
    MOST_REQUESTS,
    NEW,
    NO_GROUP,
    ODD,
    WELL_FORMED,
    Exchange,
    Request,
    Target,
    Transcript,
    delete_request,
    numbers,
    words_for_none,
)
from .habits import Place
from .learned import learned
from .lines import listing
from .probing import Probing

if TYPE_CHECKING:
    from .calls import Answer

ODD_NOTE = "probe_odd_numbers"
ODD_NAMES = {
    LETTERS: "letters",
    BESIDE_GOOD: "digits_21",
    **{number: f"digits_{length}" for length, number in BY_LENGTH.items()},
}
_PAUSE = 5.0
_SECOND_ASKED = ("second_name", "second_group")
_NONE, _SECOND = "the group that nobody has made", "a second group"
_GROUPS: Mapping[str, str] = {
    "unknown_group": _NONE,
    "remove_of_none": _NONE,
    "second_name": _SECOND,
    "second_group": _SECOND,
    "remove_of_second": _SECOND,
}
"""What a question is about, where that is not the probe's group."""


def remove(probing: Probing) -> None:
    """Removes what this probe may have added. What is left then is told by ``left_behind``."""
    for question, request in _removals(probing.transcript):
        if probing.asking.sent >= MOST_REQUESTS:
            return
        error = probing.note(question, request).error
        if not isinstance(error, RateLimited) or probing.asking.sent >= MOST_REQUESTS:
            continue
        if probing.wait(error.retry_after or _PAUSE):
            probing.note(question, request)
    odd_left = any(number in ODD for number in left_behind(probing.transcript))
    if not odd_left and probing.record.read(ODD_NOTE) is not None:
        probing.record.note(ODD_NOTE, "removed")


def _removals(transcript: Transcript) -> List[Tuple[str, Request]]:
    """Removals of what may be in the group; odd numbers each alone, since one may be refused where it is removed."""
    there = left_behind(transcript)
    well_formed = [number for number in WELL_FORMED if number in there]
    group_id = known_id(transcript)
    found = [("remove", delete_request(well_formed, GROUP, group_id))] if well_formed else []
    found += [(f"remove_{ODD_NAMES[n]}", delete_request([n], GROUP, group_id)) for n in ODD if n in there]
    unknown, second = transcript.get("unknown_group"), second_id(transcript)
    if unknown is not None and not unknown.refused and not unknown.missing:
        found.append(("remove_of_none", delete_request([CREATED], NO_GROUP)))
    if second is not None and second != group_id:
        found.append(("remove_of_second", delete_request([CREATED, NEW], GROUP, second)))
    return found


def known_id(transcript: Transcript) -> Optional[int]:
    """The id of the probe's group, as the last update or create told it before there may have been a second one."""
    found: Optional[int] = None
    for question, exchange in transcript.items():
        if question in _SECOND_ASKED:
            break
        if exchange.answer is None or question == "unknown_group":
            continue
        if exchange.request.target in (Target.CREATE, Target.UPDATE):
            found = exchange.answer.group_id or found
    return found


def second_id(transcript: Transcript) -> Optional[int]:
    """The id that create told for the name of a group that exists."""
    answers = [transcript[name].answer for name in _SECOND_ASKED if name in transcript]
    return next((answer.group_id for answer in answers if answer is not None), None)


def left_behind(transcript: Transcript) -> List[str]:
    """The probe's numbers that may be in a group by now, in the order in which they were sent."""
    there: Dict[Tuple[str, str], None] = {}
    for question, exchange in transcript.items():
        group = _group_of(question, exchange, transcript)
        if exchange.request.target in (Target.CREATE, Target.UPDATE, Target.WRONG_METHOD):
            there.update(dict.fromkeys((group, number) for number in _may_be_taken(exchange, transcript)))
        elif question.startswith(("remove", "clean")):
            if question == "clean" or (question.startswith("clean") and not exchange.refused):
                there.update(dict.fromkeys((group, number) for number in _sent(exchange)))  # an earlier probe's
            for number in _gone(exchange, transcript):
                there.pop((group, number), None)
    return list(dict.fromkeys(number for _group, number in there))


def _group_of(question: str, exchange: Exchange, transcript: Transcript) -> str:
    """Which group a question is about: "" for the probe's own, which a second one may answer for by its name."""
    own, second = known_id(transcript), second_id(transcript)
    if second is not None and exchange.request.target in (Target.CREATE, Target.UPDATE):
        told = exchange.answer.group_id if exchange.answer is not None else None
        if told == second:
            return "" if second == own else _SECOND
    return _GROUPS.get(question, "")


def _sent(exchange: Exchange) -> List[str]:
    sent = exchange.request.body.get("blockNumbers", ())
    return [sent] if isinstance(sent, str) else list(sent)


def _may_be_taken(exchange: Exchange, transcript: Transcript) -> Iterator[str]:
    """Those that the answer leaves open, too: one that is listed as failed is in the group where present ones are."""
    if exchange.refused or exchange.missing:
        return
    sent, answer = _sent(exchange), exchange.answer
    failed = frozenset() if answer is None else _listed_as_failed(sent, answer)
    present = learned(transcript).present_listed
    for number in sent:
        odd_and_failed = number in ODD and number in failed and present in (Place.SUCCES, Place.NOWHERE)
        if not odd_and_failed:
            yield number


def _gone(exchange: Exchange, transcript: Transcript) -> List[str]:
    """The numbers that a removal has removed, by the server's word, or that are gone with the group.

    One that the server lists as failed is not, unless it lists those so that are not there. That the group is unknown
    says nothing where this probe may have made it.
    """
    sent, answer = _sent(exchange), exchange.answer
    if answer is not None:
        if answer.deleted == 0 and learned(transcript).counts_deleted and _some_were_there(exchange, transcript):
            return []
        failed = frozenset() if _lists_absent_as_failed(transcript) else _listed_as_failed(sent, answer)
        return [number for number in sent if number not in failed]
    made = any(e.request.target is Target.CREATE and not e.refused for e in transcript.values())
    may_be_known = made and exchange.question != "remove_of_none"
    return sent if not may_be_known and _is_of_none(exchange, transcript) else []


def _some_were_there(exchange: Exchange, transcript: Transcript) -> bool:
    """Whether the last removal was of a number that had just been added."""
    added = transcript.get("after_past_expiry")
    return exchange.question == "remove" and added is not None and added.answer is not None


def _is_of_none(exchange: Exchange, transcript: Transcript) -> bool:
    """Whether a removal was refused since there is no such group."""
    if isinstance(exchange.error, GroupUnknown):
        return True
    unknown = transcript.get("unknown_group")
    words = None if unknown is None else words_for_none(unknown, NO_GROUP)
    return words is not None and words_for_none(exchange, GROUP) == words


def _lists_absent_as_failed(transcript: Transcript) -> bool:
    deleted = transcript.get("delete_by_id")
    return deleted is not None and deleted.answer is not None and ABSENT in _listed_as_failed([ABSENT], deleted.answer)


def _listed_as_failed(sent: List[str], answer: Answer) -> FrozenSet[str]:
    return listing(numbers(sent), answer).failed.union(answer.failed)
