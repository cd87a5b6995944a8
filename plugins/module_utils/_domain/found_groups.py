# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe has found out about groups and numbers (contract C, U, X, N1 to N4)."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional

from .calls import Answer
from .errors import GroupUnknown, NumbersRefused, Refused
from .exchange import (
    ABSENT,
    BESIDE_BAD,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    NEW,
    TEN_DIGITS,
    TEN_DIGITS_91,
    TWELVE_DIGITS,
    TWICE,
    Exchange,
    Target,
    lacks_something,
)
from .habits import Place
from .leftovers import known_id, second_id
from .seen import Found, Seen, both, listed, told

_BY_LIST = ("create_list", "create_list_dated")
_BY_STRING = ("create_string", "create_string_dated", "second_group", "second_name")
_NAMES = {True: "true", False: "not true", None: "not shown to be true"}
_PLACES = {
    Place.SUCCES: "among those that are taken",
    Place.ERROR: "among those that have failed",
    Place.NOWHERE: "nowhere",
}


# -- create ------------------------------------------------------------------------------------------------------------


def _c1(seen: Seen) -> Optional[Found]:
    made = seen.taken(*_BY_LIST, *_BY_STRING)
    return None if made is None else Found(True)


def _c2(seen: Seen) -> Optional[Found]:
    asked = seen.taken(*_BY_STRING) or seen.get(*_BY_STRING)
    if asked is None or (asked.answer is None and not isinstance(asked.error, NumbersRefused)):
        return None
    return Found(asked.answer is not None, told(asked))


def _c3(seen: Seen) -> Optional[Found]:
    made = seen.taken(*_BY_LIST, *_BY_STRING)
    if made is None or made.answer is None:
        return None
    told_id = made.answer.group_id is not None
    return Found(told_id and made.answer.lists, f"{'with' if told_id else 'without'} an id, {_lists(made)}")


def _lists(exchange: Exchange) -> str:
    return "with lists of numbers" if exchange.answer is not None and exchange.answer.lists else "without such lists"


def _c4(seen: Seen) -> Optional[Found]:
    made = seen.taken(*_BY_LIST, "create_string", "create_string_dated")
    was_missing = seen.new("after_create", CREATED)
    if made is None or was_missing is None:
        return None
    state = "was not in the group then" if was_missing else "was in the group then"
    return Found(was_missing, f"its number was {listed(made, CREATED)}, and {state}")


def _c5(seen: Seen) -> Optional[Found]:
    made, after = seen.taken(*_BY_LIST, "create_string", "create_string_dated"), seen.taken("after_create")
    if made is None or after is None or made.answer is None or after.answer is None:
        return None
    by_create, by_update = made.answer.group_id, after.answer.group_id
    if by_create is None or by_update is None:
        return None
    return Found(by_create == by_update, "" if by_create == by_update else f"{by_create}, and update says {by_update}")


def _c6(seen: Seen) -> Optional[Found]:
    found = [exchange for exchange in seen.refusals() if _is_documented(exchange)]
    return Found(True, both(*sorted({told(exchange) for exchange in found}))) if found else None


def _is_documented(exchange: Exchange) -> bool:
    error = exchange.error
    return isinstance(error, NumbersRefused) or (isinstance(error, Refused) and error.documented)


def _c9(seen: Seen) -> Optional[Found]:
    parts: List[str] = []
    lists = seen.taken(*_BY_LIST) or seen.get(*_BY_LIST)
    if lists is not None and (lists.answer is not None or not lacks_something(lists)):
        parts.append(f"a list: {told(lists)}")
    for undated in filter(None, map(seen.get, ("create_list", "create_string"))):
        if undated.answer is not None or lacks_something(undated):
            parts.append(f"no date: {told(undated)}")
    parts += _name_that_exists(seen)
    return Found(None, both(*parts)) if parts else None


def _name_that_exists(seen: Seen) -> List[str]:
    taken = seen.taken("second_name", "second_group")
    if taken is None:
        refused = seen.get("second_group") or seen.get("second_name")
        return [f"a name that exists: {told(refused)}"] if refused is not None and not _is_documented(refused) else []
    first, second = known_id(seen.transcript), second_id(seen.transcript)
    if None in (first, second):
        return ["a name that exists: taken, and it is not told whether that has made a second group"]
    return [f"a name that exists: {'the same group' if first == second else 'a second group'}"]


# -- update ------------------------------------------------------------------------------------------------------------


def _u1(seen: Seen) -> Optional[Found]:
    newer, older = (_served_or_not(seen, question) for question in ("update", "update_older_path"))
    if newer is None or older is None:
        return None
    served = [not exchange.missing for exchange in (newer, older)]
    words = {
        (True, True): "both paths are served",
        (True, False): "the newer path is served, the older is not",
        (False, True): "the older path is served, the newer is not",
        (False, False): "neither path is served",
    }
    return Found(served[0], f"{words[served[0], served[1]]}{_status_of_missing([newer, older])}")


def _served_or_not(seen: Seen, question: str) -> Optional[Exchange]:
    """An answer that tells whether a path is served: one that something before the application gave does not."""
    exchange = seen.get(question)
    return exchange if exchange is not None and exchange.missing else seen.answered(question)


def _status_of_missing(exchanges: List[Exchange]) -> str:
    statuses = {exchange.status for exchange in exchanges if exchange.missing}
    return f" (HTTP {', '.join(map(str, sorted(filter(None, statuses))))})" if statuses else ""


def _u2(seen: Seen) -> Optional[Found]:
    taken = next((exchange for exchange in seen.of(Target.UPDATE) if exchange.answer is not None), None)
    return None if taken is None else Found(True)


def _u3(seen: Seen) -> Optional[Found]:
    exchange = seen.taken("add_new")
    if exchange is None or exchange.answer is None:
        return None
    answer = exchange.answer
    parts = [
        "with the group's id" if answer.group_id is not None else "without the group's id",
        _lists(exchange),
        "with counters" if answer.inserted is not None else "without counters",
    ]
    whole = answer.group_id is not None and answer.lists and None not in (answer.inserted, answer.new)
    return Found(whole, ", ".join(parts))


def _u4(seen: Seen) -> Optional[Found]:
    first, again = seen.taken("add_new"), seen.taken("add_again")
    if first is None or again is None or first.answer is None or again.answer is None:
        return None
    if first.answer.inserted is None and first.answer.new is None:
        return Found(False, "there are no counters")
    readded = seen.taken("after_delete_by_name")
    parts = [_counters("a new number", first.answer), _counters("the same again", again.answer)]
    if readded is not None and readded.answer is not None and seen.new("after_delete_by_name", NEW):
        parts.append(_counters("the same after it was removed", readded.answer))
    return Found(
        seen.habits.counts_inserted, f"{both(*parts)}, so that inserted is {_NAMES[seen.habits.counts_inserted]}"
    )


def _counters(what: str, answer: Answer) -> str:
    return f"{what}: new {_shown(answer.new)}, inserted {_shown(answer.inserted)}"


def _shown(count: Optional[int]) -> str:
    return "none" if count is None else str(count)


def _u5(seen: Seen) -> Optional[Found]:
    unknown = seen.answered("unknown_group")
    parts = [
        "" if unknown is None else f"a group that does not exist: {told(unknown)}",
        _one(seen, "without_description", "no description"),
        _one(seen, "without_expiry", "no expiry"),
    ]
    if unknown is None:
        return None
    return Found(isinstance(unknown.error, GroupUnknown), both(*parts))


def _one(seen: Seen, question: str, what: str) -> str:
    exchange = seen.get(question)
    return "" if exchange is None else f"{what}: {told(exchange)}"


def _u6(seen: Seen) -> Optional[Found]:
    parts: List[str] = []
    unknown = seen.answered("unknown_group")
    if unknown is not None and unknown.refused:
        parts.append(f"an unknown group: {told(unknown)}")
    place = seen.habits.present_listed
    if place is not None:
        parts.append(f"a number that is in the group is listed {_PLACES[place]}")
    twice = seen.taken("add_twice")
    if twice is not None and twice.answer is not None:
        parts.append(f"{_counters('a number twice', twice.answer)}, {listed(twice, TWICE)}")
    beside = seen.get("add_beside_bad")
    if beside is not None:
        parts.append(f"one good number and one malformed: {told(beside)}{_apart(beside)}")
    past = seen.new("after_past_expiry", NEW)
    if past is not None and seen.taken("past_expiry") is not None:
        parts.append("a date that is past empties the group" if past else "a date that is past empties nothing")
    return Found(None, both(*parts)) if parts else None


def _apart(exchange: Exchange) -> str:
    if exchange.answer is None:
        return ""
    return f", the good one {listed(exchange, BESIDE_BAD)}, the malformed one {listed(exchange, BESIDE_GOOD)}"


# -- delete ------------------------------------------------------------------------------------------------------------


def _x1(seen: Seen) -> Optional[Found]:
    exchange = seen.answered("delete_without_group")
    return None if exchange is None else Found(exchange.answer is not None, told(exchange))


def _x2(seen: Seen) -> Optional[Found]:
    first, again = seen.taken("delete_by_id"), seen.taken("delete_again")
    if first is None or first.answer is None:
        return None
    parts = [
        f"one that was there and one that was not: deleted {_shown(first.answer.deleted)}",
        f"the one that was not {listed(first, ABSENT)}",
        "" if again is None or again.answer is None else f"again: deleted {_shown(again.answer.deleted)}",
    ]
    return Found(seen.habits.counts_deleted, both(*parts))


def _x3(seen: Seen) -> Optional[Found]:
    asked = {
        "delete_by_name": "with the group's name alone",
        "delete_other_name": "with the name of no group",
        "delete_unknown_id": "with the id of no group",
        "delete_without_group": "without a group",
    }
    added = ["add_again", *(f"after_{question}" for question in asked)]
    gone = [_gone(seen, before, question) for before, question in zip(added, asked)]
    parts = [_removal(seen, question, words, effect) for (question, words), effect in zip(asked.items(), gone)]
    return Found(None, both(*parts, _reach(*gone))) if any(parts) else None


def _gone(seen: Seen, before: str, question: str) -> Optional[bool]:
    """Whether a removal was one. ``before``: what put the number into the group, else it may not have been there."""
    asked = seen.get(question) is not None and seen.taken(before) is not None
    return seen.new(f"after_{question}", NEW) if asked else None


def _removal(seen: Seen, question: str, words: str, gone: Optional[bool]) -> str:
    exchange = seen.get(question)
    effect = {True: ", and the number was gone", False: ", and the number was still there", None: ""}
    return "" if exchange is None else f"{words}: {told(exchange)}{effect[gone]}"


def _reach(by_name: Optional[bool], *by_no_group: Optional[bool]) -> str:
    """What the removals say together, as far as they do."""
    if any(by_no_group):
        return "so a number is removed whatever group is named"
    if by_name is False:
        return "so the name alone does not do"
    return "so the name decides" if by_name and None not in by_no_group else ""


# -- numbers -----------------------------------------------------------------------------------------------------------


def _n1(seen: Seen) -> Optional[Found]:
    exchange = seen.taken("without_plus")
    if exchange is None or exchange.answer is None:
        return None
    entries = {*exchange.answer.succeeded, *exchange.answer.failed}
    forms = {TEN_DIGITS: f"+91{TEN_DIGITS}", TEN_DIGITS_91: f"+91{TEN_DIGITS_91}", TWELVE_DIGITS: f"+{TWELVE_DIGITS}"}
    back = [_form(number, entries) for number in forms]
    if not any(back):
        return None
    words = [f"{number} as {form or 'nothing'}" for number, form in zip(forms, back)]
    return Found(back == list(forms.values()), both(*words))


def _form(number: str, entries: Any) -> str:
    """How a number is written in an answer, with no more than a prefix before it."""
    written = re.compile(rf"\+?[0-9]{{0,4}}{number}").fullmatch
    return min(filter(written, entries), key=lambda entry: (len(entry), entry), default="")


def _n2(seen: Seen) -> Optional[Found]:
    asked = {"letters": False, **{f"digits_{length}": 3 <= length <= 16 for length in BY_LENGTH}}
    found = {question: _is_taken(seen, question) for question in asked}
    known = {question: taken for question, taken in found.items() if taken is not None}
    if not known:
        return None
    words = [
        f"{question.replace('digits_', 'digits: ')} {'taken' if taken else 'refused'}"
        for question, taken in known.items()
    ]
    return Found(all(taken == asked[question] for question, taken in known.items()), both(*words))


def _is_taken(seen: Seen, question: str) -> Optional[bool]:
    exchange = seen.answered(question)
    if exchange is None or isinstance(exchange.error, GroupUnknown):
        return None
    if exchange.answer is None:
        return False
    number = str(exchange.request.body["blockNumbers"][0])
    where = listed(exchange, number)
    if where == "listed as taken":
        return True
    return False if where == "listed as failed" and seen.habits.present_listed is not Place.ERROR else None


def _n4(seen: Seen) -> Optional[Found]:
    exchange = seen.answered("past_expiry")
    if exchange is None:
        return None
    gone = seen.new("after_past_expiry", NEW)
    effect = {True: "and the numbers were gone with it", False: "and the numbers stayed", None: ""}
    shown = effect[gone] if exchange.answer is not None else ""  # else nothing was added with that date
    return Found(None, both(f"a date that is past: {told(exchange)}", shown))


FOUND: Dict[str, Callable[[Seen], Optional[Found]]] = {
    "C1": _c1,
    "C2": _c2,
    "C3": _c3,
    "C4": _c4,
    "C5": _c5,
    "C6": _c6,
    "C9": _c9,
    "U1": _u1,
    "U2": _u2,
    "U3": _u3,
    "U4": _u4,
    "U5": _u5,
    "U6": _u6,
    "X1": _x1,
    "X2": _x2,
    "X3": _x3,
    "N1": _n1,
    "N2": _n2,
    "N4": _n4,
}
"""What is found out about each statement; None where the transcript does not show it."""
