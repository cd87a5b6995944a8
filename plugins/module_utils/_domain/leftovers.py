# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe of an account has added to its group, and how it is removed again."""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence

from .errors import GroupUnknown, NumbersRefused, RateLimited
from .exchange import (
    ALONE,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    GROUP,
    LETTERS,
    MOST_REQUESTS,
    NO_GROUP,
    NO_GROUP_EITHER,
    USUAL,
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

ODD_NOTE, ODD_ASKED, ODD_REMOVED = "probe_odd_numbers", "asked", "removed"
NAMES = {
    LETTERS: "letters",
    BESIDE_GOOD: "digits_21",
    **{number: f"digits_{length}" for length, number in BY_LENGTH.items()},
}
SECOND = ("second_name", "second_group")
OF_NONE = {"unknown_group": NO_GROUP, "unknown_again": NO_GROUP_EITHER}
_PAUSE = 5.0

Send = Callable[[str, Request], Optional[Exchange]]
"""Sends a removal under the name of a question; gives None where nothing more may be sent."""


def remove(probing: Probing) -> None:
    """Removes what this probe may have added, and what one before it has left. What is left then: ``left``."""
    remove_own(probing, "remove")
    for question, name in OF_NONE.items():
        exchange = probing.transcript.get(question)
        if exchange is not None and exchange.may_be_done:
            _sent_patiently(probing, f"remove_of_{question}", delete_request(_sent(exchange), name))
    second = second_id(probing.transcript)
    if second is not None and second != known_id(probing.transcript):
        _sent_patiently(probing, "remove_of_second", delete_request([CREATED], GROUP, second))
    if probing.record.read(ODD_NOTE) == ODD_ASKED and not set(ALONE).intersection(left(probing)):
        probing.record.note(ODD_NOTE, ODD_REMOVED)


def remove_own(probing: Probing, question: str) -> None:
    """Removes what may be in the probe's group."""

    def send(name: str, request: Request) -> Optional[Exchange]:
        return _sent_patiently(probing, name, request)

    there = left(probing)
    usual = [number for number in USUAL if number in there]
    if usual:
        remove_part(probing.transcript, send, question, usual)
    for number in ALONE:
        if number in there:
            remove_part(probing.transcript, send, f"{question}_{NAMES[number]}", [number])


def _sent_patiently(probing: Probing, question: str, request: Request) -> Optional[Exchange]:
    """Once more after a limit, if that may be waited for; else nothing more."""
    limited = any(q.startswith("remove") and isinstance(e.error, RateLimited) for q, e in probing.transcript.items())
    if limited or probing.asking.sent >= MOST_REQUESTS:
        return None
    exchange = probing.note(question, request)
    error = exchange.error
    if not isinstance(error, RateLimited) or probing.asking.sent >= MOST_REQUESTS:
        return exchange
    return probing.note(question, request) if probing.wait(error.retry_after or _PAUSE) else exchange


def remove_part(transcript: Transcript, send: Send, question: str, part: Sequence[str]) -> None:
    """Removes numbers with the group's id and name, as other tasks do; where that is refused, with one of them.

    Where one number is refused for its form, each is removed alone.
    """
    group_id = known_id(transcript)
    ways = {"": (GROUP, group_id), "_by_name": (GROUP, None), "_by_id": (None, group_id)}
    for suffix, (name, way_id) in ways.items() if group_id is not None else [("", (GROUP, None))]:
        exchange = send(f"{question}{suffix}", delete_request(part, name, way_id))
        if exchange is None or not exchange.refused or _gone(exchange, transcript, frozenset()):
            return
        if isinstance(exchange.error, NumbersRefused):
            for ordinal, number in enumerate(part, 1) if len(part) > 1 else ():
                remove_part(transcript, send, f"{question}_{ordinal}", [number])
            return


def known_id(transcript: Transcript) -> Optional[int]:
    """The id of the probe's group, as the last update or create told it."""
    return next(reversed(_told(transcript)), None)


def told_ids(transcript: Transcript) -> FrozenSet[int]:
    """All ids that were told of the probe's group."""
    return frozenset(_told(transcript))


def _told(transcript: Transcript) -> List[int]:
    told = [
        exchange.answer.group_id
        for question, exchange in transcript.items()
        if exchange.answer is not None
        and exchange.request.target in (Target.CREATE, Target.UPDATE)
        and question not in (*SECOND, *OF_NONE)
    ]
    return [group_id for group_id in told if group_id is not None]


def was_made(transcript: Transcript) -> Optional[bool]:
    """Whether the probe has made its group; None where it is not known whether a create has."""
    creates = [e for q, e in transcript.items() if e.request.target is Target.CREATE and q not in SECOND]
    after = transcript.get("after_create") or transcript.get("refused_create")
    if not creates:
        return False
    if after is not None and after.answer is not None:
        return True
    if not any(exchange.may_be_done for exchange in creates):
        return False
    asked = "update" in transcript and not (transcript["update"].missing and transcript["update_older_path"].missing)
    return None if asked or creates[-1].answer is None else True


def second_id(transcript: Transcript) -> Optional[int]:
    """The id that create told for the name of a group that exists."""
    answers = [transcript[name].answer for name in SECOND if name in transcript]
    return next((answer.group_id for answer in answers if answer is not None), None)


def left(probing: Probing) -> List[str]:
    """The probe's numbers that may be in its groups by now, also those of an earlier one that was not cleaned up."""
    there = left_behind(probing.transcript)
    if "add_beside_bad" not in probing.transcript and probing.record.read(ODD_NOTE) == ODD_ASKED:
        cleaned = _removed_alone(probing.transcript)
        there += [number for number in ALONE if number not in there and number not in cleaned]
    return there


def _removed_alone(transcript: Transcript) -> FrozenSet[str]:
    """Numbers of ALONE of which this probe knows itself whether they are in the group."""
    known = [e for q, e in transcript.items() if q.startswith(("remove", "clean")) or e.request.target is Target.UPDATE]
    return frozenset(number for exchange in known for number in _sent(exchange))


def left_behind(transcript: Transcript) -> List[str]:
    """The probe's numbers that may be in its groups by now by what it has sent itself, in the order of that."""
    there: Dict[str, bool] = {}  # and whether that is certain
    present_listed = learned(transcript).present_listed
    for question, exchange in transcript.items():
        if exchange.request.target in (Target.CREATE, Target.UPDATE, Target.WRONG_METHOD):
            if question not in (*OF_NONE, *SECOND):
                there = _after_addition(there, exchange, present_listed)
        elif question.startswith(("remove", "clean")) and not question.startswith("remove_of_"):
            there = _after_removal(there, exchange, transcript)
        elif exchange.answer is not None:
            there.update(dict.fromkeys(there.keys() & set(_sent(exchange)), False))
    there.update(dict.fromkeys(_left_elsewhere(transcript), False))
    return list(there)


def _after_addition(there: Mapping[str, bool], exchange: Exchange, present_listed: Optional[Place]) -> Dict[str, bool]:
    after = dict(there)
    if exchange.question == "past_expiry":  # with which the group may have been emptied
        after = dict.fromkeys(after, False)
    after.update(dict.fromkeys(_may_be_taken(exchange, present_listed), False))
    after.update(dict.fromkeys(_named(exchange), exchange.question != "past_expiry"))
    if isinstance(exchange.error, NumbersRefused):  # an earlier probe cannot have added it, either
        for number in set(ALONE).intersection(_sent(exchange)):
            after.pop(number, None)
    return after


def _after_removal(there: Mapping[str, bool], exchange: Exchange, transcript: Transcript) -> Dict[str, bool]:
    gone = _gone(exchange, transcript, frozenset(number for number, certain in there.items() if certain))
    after = {number: certain for number, certain in there.items() if number not in gone}
    if exchange.question.startswith("clean"):  # what an earlier probe has left may be there still
        after.update(dict.fromkeys((number for number in _sent(exchange) if number not in gone), False))
    return after


def _named(exchange: Exchange) -> FrozenSet[str]:
    """Numbers that an answer lists as taken."""
    return frozenset() if exchange.answer is None else listing(numbers(_sent(exchange)), exchange.answer).named


def _left_elsewhere(transcript: Transcript) -> Iterator[str]:
    """The number of a second group, or of one that an update has made, unless a removal has reached it."""
    asked = {"remove_of_second": SECOND, **{f"remove_of_{question}": (question,) for question in OF_NONE}}
    group_id = known_id(transcript)
    merged = group_id is not None and second_id(transcript) == group_id
    for removal, questions in asked.items():
        done = [transcript[name] for name in questions if name in transcript and transcript[name].may_be_done]
        cleared = "remove" if merged and questions is SECOND else removal
        if done and (cleared not in transcript or transcript[cleared].answer is None):
            yield from _sent(done[0])


def _sent(exchange: Exchange) -> List[str]:
    sent = exchange.request.body.get("blockNumbers", ())
    return [sent] if isinstance(sent, str) else list(sent)


def _may_be_taken(exchange: Exchange, present_listed: Optional[Place]) -> Iterator[str]:
    """Those that the answer leaves open, too: one that is listed as failed is in the group where present ones are."""
    if not exchange.may_be_done:
        return
    refused = _failed(exchange) if present_listed in (Place.SUCCES, Place.NOWHERE) else frozenset()
    yield from (number for number in _sent(exchange) if number not in refused or number not in ALONE)


def _failed(exchange: Exchange) -> FrozenSet[str]:
    """Numbers that an answer lists as failed, also where they are none."""
    answer = exchange.answer
    return frozenset() if answer is None else listing(numbers(_sent(exchange)), answer).failed.union(answer.failed)


def _gone(exchange: Exchange, transcript: Transcript, there: FrozenSet[str]) -> List[str]:
    """The numbers that a removal has removed, by the server's word, or that are gone with the group.

    One that it lists as failed may as well have been absent, unless it was ``there`` for certain. That the group is
    unknown says nothing where this probe may have made it; that nothing was counted where something was there says that
    nothing was removed.
    """
    sent, answer = _sent(exchange), exchange.answer
    if answer is not None:
        if answer.deleted == 0 and _some_were_there(exchange, transcript):
            return []
        still_there = _failed(exchange) & there
        return [number for number in sent if number not in still_there]
    made = any(e.request.target is Target.CREATE and e.may_be_done for e in transcript.values())
    return sent if not made and _is_of_none(exchange, transcript) else []


def _some_were_there(exchange: Exchange, transcript: Transcript) -> bool:
    """Whether a removal followed directly upon the addition of a number."""
    questions = list(transcript)
    at = questions.index(exchange.question)
    last = transcript[questions[at - 1]] if at else None
    return last is not None and last.question == "after_past_expiry" and last.answer is not None


def _is_of_none(exchange: Exchange, transcript: Transcript) -> bool:
    """Whether a removal was refused since there is no such group."""
    if isinstance(exchange.error, GroupUnknown):
        return True
    unknown = transcript.get("unknown_group")
    words = None if unknown is None else words_for_none(unknown, NO_GROUP)
    return words is not None and words_for_none(exchange, GROUP) == words
