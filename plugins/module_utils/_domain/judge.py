# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of the server says about each number of its batch. Pure functions over plain data.

The lists of an answer tell who is meant, the counters how many were really new or gone (contract U3, U4, X2). What
neither they nor the ledger tell is said to be not known: `present`, `absent` or `unconfirmed`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import AbstractSet, Dict, FrozenSet, Iterable, List, Optional, Tuple

from .batch import Answered, RefusedNumber
from .calls import Answer
from .habits import Habits, Place
from .lines import Listing
from .numbers import Number
from .outcome import COUNTED_MORE, Before, Evidence, Outcome, Source


@dataclass(frozen=True)
class Judged:
    """What became of one number, why, and what that says of `changed`. ``may_be_ours``: see NumberResult."""

    outcome: Outcome
    reason: str
    evidence: Evidence
    may_be_ours: bool = False


@dataclass(frozen=True)
class Verdict:
    """What an answer says: the outcome of each number, in their order, and whether it shows a change."""

    numbers: Tuple[Tuple[Number, Judged], ...]
    evidence: Tuple[Evidence, ...]


SERVER, LEDGER, ASSUMED = Source.SERVER, Source.LEDGER, Source.ASSUMED


@dataclass(frozen=True)
class _Count:
    """What a counter is worth. ``value``: None where there is none that can be relied on. ``gainsaid``: it was never
    tested, and says that nothing changed where the record says otherwise."""

    value: Optional[int]
    gainsaid: bool = False


def _weighed(counted: Optional[int], is_true: Optional[bool], most: int, as_recorded: bool) -> _Count:
    """A counter that was never tested is believed only where it says that nothing changed, as the record does."""
    if counted is None or counted > most or is_true is False:
        return _Count(None)
    if is_true or (counted == 0 and as_recorded):
        return _Count(counted)
    return _Count(None, gainsaid=counted == 0)


def _evidence(judged: Iterable[Judged], count: _Count, answer: Answer) -> Tuple[Evidence, ...]:
    """A counter that can be relied on tells of the whole batch, but of a repeated request only what it changed now."""
    by_server = () if count.value is None else (Evidence(count.value > 0, SERVER),)
    if by_server and not answer.repeated:
        return by_server
    distinct = {id(item): item for item in judged}  # most numbers share what they are judged
    by_numbers = tuple(item.evidence for item in distinct.values())
    return (*by_numbers, *by_server) if count.value else by_numbers


def _alike(canonicals: FrozenSet[str], *sets: AbstractSet[str]) -> List[FrozenSet[str]]:
    """Divides numbers by the sets that they are in, so that those which are judged alike are judged once."""
    parts = [canonicals] if canonicals else []
    for one in sets:
        parts = [part for whole in parts for part in (whole & one, whole - one) if part]
    return parts


def _added(reason: str, source: Source) -> Judged:
    return Judged(Outcome.ADDED, reason, Evidence(True, source))


def _already_present(reason: str, source: Source) -> Judged:
    return Judged(Outcome.ALREADY_PRESENT, reason, Evidence(False, source))


def _removed(reason: str, source: Source) -> Judged:
    return Judged(Outcome.REMOVED, reason, Evidence(True, source))


def _not_found(reason: str, source: Source) -> Judged:
    return Judged(Outcome.NOT_FOUND, reason, Evidence(False, source))


def _unsure(outcome: Outcome, reason: str) -> Judged:
    return Judged(outcome, reason, Evidence(True, ASSUMED))


_BY_LEDGER = "by what is recorded"
_SPLIT = "the server counted as many as are not on record"
_SPLIT_GONE = "the server counted as many as are on record"
_WIDE = f"{COUNTED_MORE}, {{count}}: it may have removed them from other groups"
_WITH_THE_GROUP = "with the new group"
_WHICH = "the server counted {count} of {named} numbers as {what} and does not say which"
_REPEATED = (
    "an earlier request with it was not answered, or refused for another number, so it is not known whether this run"
    " has {what} it"
)
_GAINSAID = "the server counts nothing as {what}, the record says otherwise, and the counter was never tested"
_RECORDED_AS_OPEN = "the server gives no usable count, and the record does not tell whether it was there"
_PERHAPS_MERGED = "the server took it with the group, and it is not certain that there was none before"
_ENDED = (
    "the expiry of the group on record has passed and this task sets no other, so the number may not be blocked; set"
    " expiry_date or expires_in"
)
_NO_COUNT = "the server gives no usable count, and nothing is recorded of the group for certain"


# -- update ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Case:
    """All that an answer to update is judged by.

    ``new``: how many named numbers are not held. ``lists``: it has lists that can be read.
    """

    seen: Listing
    new: int
    lists: bool
    count: _Count
    repeated: bool
    before: Before
    present_listed: Optional[Place]


def judge_update(answered: Answered, before: Before, habits: Habits) -> Verdict:
    """Judges an answer to update."""
    answer, seen = answered.answer, answered.listing
    count = _count_of_added(answer, seen, before, habits)
    case = _Case(
        seen,
        len(seen.named - before.held),
        answer.lists and not seen.strange,
        count,
        answer.repeated,
        before,
        habits.present_listed if _is_usual(answer, seen, habits) else None,
    )
    taken = seen.numbers - seen.failed
    if count.value == len(taken):
        judged = dict.fromkeys(taken, _added("", SERVER))  # also where the lists name nobody
    else:
        judged = {}
        for part in _alike(seen.named, before.held, before.unclear):
            judged.update(dict.fromkeys(part, _named(next(iter(part)), case)))
    if before.new_group:
        judged = dict.fromkeys(judged, _added(_WITH_THE_GROUP, SERVER))
    not_named = seen.numbers.difference(judged)
    for part in _alike(not_named, seen.failed, before.held, before.unclear, before.contested, seen.both):
        judged.update(dict.fromkeys(part, _not_named(next(iter(part)), case)))
    if before.ended:
        judged = {canonical: _in_a_group_that_ended(found, canonical, case) for canonical, found in judged.items()}
        count = count if count.value == 0 else _Count(None)
    numbers = tuple((number, judged[number.canonical]) for number in answered.numbers)
    return Verdict(numbers, _evidence(judged.values(), count, answer))


def _in_a_group_that_ended(found: Judged, canonical: str, case: _Case) -> Judged:
    """What was there before is there; what is added may be dropped at once."""
    unsure = Judged(Outcome.UNCONFIRMED, _ENDED, Evidence(True, ASSUMED), may_be_ours=True)
    if found.outcome is Outcome.ADDED:
        return unsure
    return _not_news(unsure, canonical, case.repeated, case.before) if found.outcome is Outcome.PRESENT else found


def _count_of_added(answer: Answer, seen: Listing, before: Before, habits: Habits) -> _Count:
    as_recorded = not before.on_record or seen.named <= before.held | before.contested
    count = _weighed(answer.added, habits.counts_inserted, len(seen.numbers), as_recorded)
    if before.renews and (count.value or 0) > len(seen.numbers - before.held):
        return _Count(None)  # it counts rows whose expiry has changed, too
    return count


def _is_usual(answer: Answer, seen: Listing, habits: Habits) -> bool:
    """Whether an answer has the parts that this account's have. From lists that cannot be read nobody is missing."""
    return answer.lists and not seen.strange and (answer.inserted is not None or habits.counts_inserted is None)


def _named(canonical: str, case: _Case) -> Judged:
    """A number that a success answer names: it is in the group. Whether it was before is the question."""
    seen, count, before = case.seen, case.count.value, case.before
    held = canonical in before.held
    elsewhere = case.present_listed in (Place.ERROR, Place.NOWHERE)
    if case.repeated:
        if before.on_record and (count or 0) <= case.new:
            return _present_by_ledger(canonical, before)
        return _unsure(Outcome.PRESENT, _REPEATED.format(what="added"))
    if count is None:
        return _named_without_count(canonical, elsewhere, case)
    if count == 0:
        return _already_present("", SERVER)
    if count == len(seen.named):
        return _added("", SERVER)
    if before.on_record and not elsewhere and count == case.new and not seen.named & before.unclear:
        return _already_present(_SPLIT, SERVER) if held else _added(_SPLIT, SERVER)
    return _unsure(Outcome.PRESENT, _WHICH.format(count=count, named=len(seen.named), what="new"))


def _named_without_count(canonical: str, elsewhere: bool, case: _Case) -> Judged:
    if elsewhere:
        return _added("the server lists numbers that were there before elsewhere", SERVER)
    if case.count.gainsaid and canonical not in case.before.held:
        return _unsure(Outcome.PRESENT, _GAINSAID.format(what="new"))
    if case.before.on_record:
        return _present_by_ledger(canonical, case.before)
    return _unsure(Outcome.PRESENT, _NO_COUNT)


def _present_by_ledger(canonical: str, before: Before) -> Judged:
    if canonical in before.held:
        return _already_present(_BY_LEDGER, LEDGER)
    if canonical in before.unclear:
        return _unsure(Outcome.PRESENT, _RECORDED_AS_OPEN)
    return _added(_BY_LEDGER, LEDGER)


_ERROR = "the server listed it under error"
_OPEN = f"{_ERROR}: it may be already present, in another group, or not accepted"
_UNLISTED = "the server did not list it"
_AS_PRESENT = "as it does with numbers that are already present"
_REFUSED = Judged(
    Outcome.REJECTED,
    f"{_ERROR}, where it does not list numbers that are already present",
    Evidence(False, SERVER),
)

# A number that a success answer does not name, by: listed under error, where this account lists numbers that are
# already present, held by the ledger. A number that is held and stays unconfirmed is none that this run has changed.
_NOT_NAMED: Dict[Tuple[bool, Optional[Place], bool], Judged] = {
    (True, Place.SUCCES, True): _REFUSED,
    (True, Place.SUCCES, False): _REFUSED,
    (True, Place.NOWHERE, True): _REFUSED,
    (True, Place.NOWHERE, False): _REFUSED,
    (True, Place.ERROR, True): _already_present(f"recorded as present; {_ERROR}, {_AS_PRESENT}", LEDGER),
    (True, Place.ERROR, False): _unsure(Outcome.UNCONFIRMED, _OPEN),
    (True, None, True): Judged(Outcome.UNCONFIRMED, _OPEN, Evidence(False, LEDGER)),
    (True, None, False): _unsure(Outcome.UNCONFIRMED, _OPEN),
    (False, Place.SUCCES, True): Judged(Outcome.UNCONFIRMED, _UNLISTED, Evidence(False, LEDGER)),
    (False, Place.SUCCES, False): _unsure(Outcome.UNCONFIRMED, _UNLISTED),
    (False, Place.ERROR, True): Judged(Outcome.UNCONFIRMED, _UNLISTED, Evidence(False, LEDGER)),
    (False, Place.ERROR, False): _unsure(Outcome.UNCONFIRMED, _UNLISTED),
    (False, Place.NOWHERE, True): _already_present(f"recorded as present; {_UNLISTED}, {_AS_PRESENT}", LEDGER),
    (False, Place.NOWHERE, False): _unsure(
        Outcome.UNCONFIRMED, f"{_UNLISTED}: it may be already present, or not taken"
    ),
    (False, None, True): _already_present(f"recorded as present; {_UNLISTED}", LEDGER),
    (False, None, False): _unsure(Outcome.UNCONFIRMED, _UNLISTED),
}


def _not_named(canonical: str, case: _Case) -> Judged:
    failed = canonical in case.seen.failed
    # One that was moved to another group is new again, and named; so this one stands where those do that are present.
    stayed = canonical in case.before.contested and case.present_listed is (Place.ERROR if failed else Place.NOWHERE)
    found = _NOT_NAMED[(failed, case.present_listed, stayed or canonical in case.before.held)]
    if found.outcome is Outcome.UNCONFIRMED:
        # Lists name what was added, and not under error; nor was anything added where the server counts nothing.
        is_open = case.before.new_group or (not case.lists and case.count.value != 0)
        maybe = case.repeated or canonical in case.seen.both or (is_open and not failed)
        return _not_news(replace(found, may_be_ours=maybe), canonical, maybe, case.before)
    if found.outcome is Outcome.REJECTED and case.repeated:
        return replace(found, evidence=Evidence(True, ASSUMED))
    count = case.count.value or 0
    if found.outcome is Outcome.ALREADY_PRESENT and not failed and count > len(case.seen.named):
        return _unsure(Outcome.PRESENT, _WHICH.format(count=count, named=len(case.seen.numbers), what="new"))
    return found


def _not_news(judged: Judged, canonical: str, maybe: bool, before: Before) -> Judged:
    """That a number is unconfirmed is a change only where it was not on record as that before.

    ``maybe``: this run may have changed it all the same.
    """
    if maybe or canonical not in before.unclear:
        return judged
    return replace(judged, evidence=Evidence(False, LEDGER))


# -- delete ------------------------------------------------------------------------------------------------------------


def judge_delete(answered: Answered, before: Before, habits: Habits, shared: FrozenSet[str]) -> Verdict:
    """Judges an answer to delete; its list seems to echo the request, only the counter counts (contract X2).

    ``shared``: canonical numbers that other groups hold too, so that rows may be counted more than once, and one that
    is not found in this group may be gone from another one (X3).
    """
    answer, seen = answered.answer, answered.listing
    gone = seen.numbers - seen.failed
    as_recorded = not before.on_record or not gone & (before.held | before.unclear)
    count = _weighed(answer.deleted, habits.counts_deleted, len(seen.numbers), as_recorded)
    of_numbers = replace(count, value=None) if shared and count.value else count
    judged: Dict[str, Judged] = {}
    for part in _alike(gone, before.held, before.unclear, before.absent):
        judged.update(dict.fromkeys(part, _gone(next(iter(part)), gone, of_numbers, answer.repeated, before)))
    more_than_gone = habits.counts_deleted is not False and (answer.deleted or 0) > len(gone)
    maybe = answer.repeated or more_than_gone
    for canonical in seen.failed:
        judged[canonical] = _not_gone(canonical, maybe, before)
    for canonical in shared:
        if judged[canonical].evidence == Evidence(False, LEDGER):
            judged[canonical] = replace(judged[canonical], evidence=Evidence(True, ASSUMED))
    numbers = tuple((number, judged[number.canonical]) for number in answered.numbers)
    return Verdict(numbers, _evidence(judged.values(), count, answer))


def _not_gone(canonical: str, maybe: bool, before: Before) -> Judged:
    """A number that an answer to delete lists under error. ``maybe``: it may be gone all the same."""
    if canonical in before.absent and not maybe:
        return _not_found(f"recorded as not in the group; {_ERROR}", LEDGER)
    return _not_news(_unsure(Outcome.UNCONFIRMED, _ERROR), canonical, maybe, before)


def _gone(canonical: str, gone: FrozenSet[str], weighed: _Count, repeated: bool, before: Before) -> Judged:
    """A number that is not in the group now. Whether it was before is the question.

    A count of more than is on record does not answer it: it may be of rows in other groups (contract X3).
    """
    count, held, there = weighed.value, canonical in before.held, len(gone & before.held)
    if before.on_record and count is not None and count > there and not repeated:
        return _unsure(Outcome.ABSENT, _WIDE.format(count=count))
    if count == len(gone) and (count == there or not before.on_record):
        return _removed("", SERVER)
    if repeated:
        return _gone_after_a_repeat(canonical, (count or 0) <= there, not count, before)
    if count == 0:
        return _not_found("", SERVER)
    if count is None:
        return _gone_without_count(canonical, weighed.gainsaid, before)
    if count == there and not gone & before.unclear:
        return _removed(_SPLIT_GONE, SERVER) if held else _not_found(_SPLIT_GONE, SERVER)
    return _unsure(Outcome.ABSENT, _WHICH.format(count=count, named=len(gone), what="removed"))


def _gone_after_a_repeat(canonical: str, as_recorded: bool, none_counted: bool, before: Before) -> Judged:
    """``as_recorded``: the repeat has removed no more numbers than were on record; ``none_counted``: none at all."""
    if canonical in before.held and as_recorded:
        return _removed(_BY_LEDGER, LEDGER)
    if canonical in before.absent and none_counted:
        return _not_found(_BY_LEDGER, LEDGER)
    return _unsure(Outcome.ABSENT, _REPEATED.format(what="removed"))


def _gone_without_count(canonical: str, gainsaid: bool, before: Before) -> Judged:
    held = canonical in before.held
    if gainsaid and held:
        return _unsure(Outcome.ABSENT, _GAINSAID.format(what="removed"))
    if canonical in before.unclear:
        return _unsure(Outcome.ABSENT, _RECORDED_AS_OPEN)
    if held:
        return _removed(_BY_LEDGER, LEDGER)
    if before.on_record or canonical in before.absent:
        return _not_found(_BY_LEDGER, LEDGER)
    return _unsure(Outcome.ABSENT, _NO_COUNT)


# -- create, and what was not answered ---------------------------------------------------------------------------------


def judge_create(answered: Answered, before: Before) -> Verdict:
    """Judges an answer to create: only what it names is known to be in the group (contract C4).

    Where it was not certain that there was no such group, the server may have taken the number into one (C9).
    """
    named = answered.listing.named
    unsure = judge_lost("the server took the group without confirming the number")
    there = _added(_WITH_THE_GROUP, SERVER) if before.new_group else _unsure(Outcome.PRESENT, _PERHAPS_MERGED)
    numbers = tuple((number, there if number.canonical in named else unsure) for number in answered.numbers)
    return Verdict(numbers, (there.evidence,))


def judge_lost(reason: str) -> Judged:
    """A number that was sent, and nobody knows what became of it."""
    return Judged(Outcome.UNCONFIRMED, reason, Evidence(True, ASSUMED), may_be_ours=True)


def judge_refused(refused: RefusedNumber) -> Judged:
    """A number that was refused for its form when it stood alone."""
    evidence = Evidence(True, ASSUMED) if refused.maybe_done else Evidence(False, SERVER)
    return Judged(Outcome.REJECTED, f"refused by the server: {refused.said}", evidence)
