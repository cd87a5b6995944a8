# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of the server says about each number of its batch. Pure functions over plain data.

The lists of an answer tell who is meant, the counters how many were really new (contract U3, U4, X2); where numbers
already present stand is not documented (U6) and is a fact to be learned about the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .numbers import AnswerIndex, Number
from .outcome import PRESENT_OUTCOMES, Evidence, NumberResult, Outcome, Source
from .protocols import Answer, Facts

INSERTED_FACT = "inserted_counter"
DELETED_FACT = "deleted_counter"
TRUE, UNTRUE = "true", "untrue"
PRESENT_LISTED_FACT = "present_listed"
IN_SUCCES, IN_ERROR, NOWHERE = "succes", "error", "nowhere"

_MIXED = "{count} of {named} numbers of this batch were {what}; the server does not say which"


@dataclass(frozen=True)
class Batch:
    """Numbers of one request, its ordinal (from 1), and what the ledger holds of them.

    ``recorded``: outcome by canonical number, None where nothing at all is recorded of the group. ``by_create``: the
    number that the group was just made with; if it is in it now, it is this run that put it there. ``shared``: some are
    in other groups too, so that a count of removed rows may count them more than once (contract X3).
    """

    numbers: Tuple[Number, ...]
    ordinal: int
    recorded: Optional[Mapping[str, Outcome]] = None
    by_create: FrozenSet[str] = frozenset()
    shared: bool = False

    def held(self) -> FrozenSet[str]:
        """The canonical numbers that the ledger holds as being in the group before this request."""
        recorded = self.recorded or {}
        return frozenset(n.canonical for n in self.numbers if recorded.get(n.canonical) in PRESENT_OUTCOMES)


@dataclass(frozen=True)
class Verdict:
    """The result of each number of a batch, whether something changed, and ``surplus`` as outcome.count takes it."""

    results: Tuple[NumberResult, ...]
    evidence: Evidence
    surplus: int = 0


@dataclass(frozen=True)
class Listing:
    """The numbers of a batch as an answer lists them."""

    confirmed: FrozenSet[str]
    failed: FrozenSet[str]


def listing(batch: Batch, answer: Answer) -> Listing:
    """Finds the batch's numbers in the lists; one that stands in both counts as failed."""
    index = AnswerIndex([number.canonical for number in batch.numbers])
    failed = index.find(answer.failed)
    return Listing(index.find(answer.succeeded) - failed, failed)


def trusted_count(value: Optional[int], batch: Batch, facts: Facts, fact: str) -> Optional[int]:
    """A counter of an answer, or None where there is none or it cannot be true."""
    if value is None or value > len(batch.numbers) or facts.get(fact) == UNTRUE:
        return None
    return value


def judge_update(batch: Batch, answer: Answer, facts: Facts) -> Verdict:
    """Judges an answer to update."""
    listed = listing(batch, answer)
    inserted = trusted_count(answer.inserted, batch, facts, INSERTED_FACT)
    if inserted is not None:
        inserted = min(len(batch.numbers), inserted + len(batch.by_create & listed.confirmed))
    held = batch.held()
    outcomes, surplus = _added(batch, listed, inserted, held)
    for number in batch.numbers:
        canonical = number.canonical
        if canonical in outcomes:
            continue
        place = facts.get(PRESENT_LISTED_FACT)
        outcomes[canonical] = _not_confirmed(canonical in listed.failed, canonical in held, place)
        if canonical in batch.by_create and outcomes[canonical][0] is Outcome.ALREADY_PRESENT:
            outcomes[canonical] = (Outcome.ADDED, "with the new group")
    results = _results(batch, outcomes)
    return Verdict(results, _evidence(batch, inserted, results, Outcome.ADDED), surplus)


Judged = Dict[str, Tuple[Outcome, str]]


def _added(batch: Batch, listed: Listing, inserted: Optional[int], held: FrozenSet[str]) -> Tuple[Judged, int]:
    """The numbers that the answer confirms as being in the group now, as added or already present."""
    everyone = frozenset(number.canonical for number in batch.numbers)
    named = everyone if inserted == len(everyone) else listed.confirmed
    return _changed_or_not(named, inserted, named - held, Outcome.ADDED, Outcome.ALREADY_PRESENT, "new")


def _changed_or_not(
    named: FrozenSet[str],
    counted: Optional[int],
    expected: FrozenSet[str],
    changed: Outcome,
    unchanged: Outcome,
    what: str,
) -> Tuple[Judged, int]:
    """Divides the numbers a server names into changed and unchanged ones, by its counter and by what was expected."""
    if counted is None:
        reason = "by what is recorded, the server gives no usable count"
        return {c: (changed if c in expected else unchanged, reason) for c in named}, 0
    if counted >= len(named):
        return dict.fromkeys(named, (changed, "")), 0
    if counted == 0:
        return dict.fromkeys(named, (unchanged, "")), 0
    if counted == len(expected):
        return {c: (changed if c in expected else unchanged, "") for c in named}, 0
    mixed = expected if counted < len(expected) else named - expected
    sure = counted - len(expected) if counted > len(expected) else counted
    reason = _MIXED.format(count=counted, named=len(named), what=what)
    judged: Judged = {c: (changed if c in expected else unchanged, "") for c in named}
    judged.update(dict.fromkeys(mixed, (changed, reason)))
    return judged, len(mixed) - sure


def _not_confirmed(failed: bool, held: bool, place: Optional[str]) -> Tuple[Outcome, str]:
    """A number that a success answer does not name under succes. ``place``: where present numbers stand, if known."""
    where = "the server listed it under error" if failed else "the server did not list it"
    if failed and place in (IN_SUCCES, NOWHERE):
        return Outcome.REJECTED, f"{where}, where it does not list numbers that are already present"
    if held and place != IN_SUCCES:
        return Outcome.ALREADY_PRESENT, "recorded as present"
    if not failed and place == NOWHERE:
        return Outcome.ALREADY_PRESENT, f"{where}, as it does with numbers that are already present"
    if failed:
        return Outcome.UNCONFIRMED, f"{where}: it may be already present, in another group, or not accepted"
    return Outcome.UNCONFIRMED, where


def judge_delete(batch: Batch, answer: Answer, facts: Facts) -> Verdict:
    """Judges an answer to delete; its list seems to echo the request, only the counter counts (contract X2)."""
    listed = listing(batch, answer)
    deleted = trusted_count(answer.deleted, batch, facts, DELETED_FACT)
    everyone = frozenset(number.canonical for number in batch.numbers)
    held = batch.held()
    expected = everyone if batch.recorded is None else held
    named = everyone if deleted == len(everyone) and not batch.shared else everyone - listed.failed
    per_number = None if batch.shared and deleted else deleted
    outcomes, surplus = _changed_or_not(
        named, per_number, expected & named, Outcome.REMOVED, Outcome.NOT_FOUND, "there and removed"
    )
    for canonical in everyone - named:
        outcomes[canonical] = (Outcome.UNCONFIRMED, "the server listed it under error")
    results = _results(batch, outcomes)
    return Verdict(results, _evidence(batch, deleted, results, Outcome.REMOVED), surplus)


def _results(batch: Batch, outcomes: Judged) -> Tuple[NumberResult, ...]:
    return tuple(NumberResult(number, *outcomes[number.canonical], batch.ordinal) for number in batch.numbers)


def _evidence(batch: Batch, counted: Optional[int], results: Sequence[NumberResult], changed: Outcome) -> Evidence:
    if counted is not None:
        return Evidence(counted > 0, Source.SERVER)
    if batch.recorded is None:
        return Evidence(True, Source.ASSUMED)
    recorded = batch.recorded
    news = [
        result
        for result in results
        if result.outcome is changed
        or (result.outcome is Outcome.UNCONFIRMED and recorded.get(result.number.canonical) is not Outcome.UNCONFIRMED)
    ]
    return Evidence(bool(news), Source.LEDGER)


@dataclass(frozen=True)
class Probe:
    """One number to send once more: it is in the group (or gone from it), so the answer shows how the account answers.

    ``fact``: the counter's fact that is tested.
    """

    number: Number
    fact: str


def probe_after_update(batch: Batch, answer: Answer, facts: Facts, created_now: bool) -> Optional[Probe]:
    """Which number to add once more before this answer is believed; None where nothing is open.

    A counter is tested when it claims new numbers and was never tested, or when it claims more than can be new by the
    ledger. Numbers under error ask for a test where it is not known if present numbers stand there.
    """
    listed = listing(batch, answer)
    inserted = trusted_count(answer.inserted, batch, facts, INSERTED_FACT)
    certain = _certain_numbers(batch, listed, inserted)
    if not certain:
        return None
    unclear_error = bool(listed.failed) and PRESENT_LISTED_FACT not in facts
    if unclear_error or _claim_is_open(
        inserted, len(batch.numbers) - len(batch.held()), facts, INSERTED_FACT, created_now
    ):
        return Probe(certain[0], INSERTED_FACT)
    return None


def _certain_numbers(batch: Batch, listed: Listing, inserted: Optional[int]) -> List[Number]:
    if inserted == len(batch.numbers):
        return list(batch.numbers)
    return [number for number in batch.numbers if number.canonical in listed.confirmed]


def _claim_is_open(counted: Optional[int], plausible: int, facts: Facts, fact: str, group_is_new: bool) -> bool:
    if not counted:
        return False
    return (fact not in facts and not group_is_new) or counted > plausible


def probe_after_delete(batch: Batch, answer: Answer, facts: Facts) -> Optional[Probe]:
    """Which number to delete once more before the counter is believed; None where nothing is open."""
    deleted = trusted_count(answer.deleted, batch, facts, DELETED_FACT)
    plausible = len(batch.numbers) if batch.recorded is None else len(batch.held())
    if _claim_is_open(deleted, plausible, facts, DELETED_FACT, group_is_new=False):
        return Probe(batch.numbers[0], DELETED_FACT)
    return None


def learned(probe: Probe, answer: Answer) -> Dict[str, str]:
    """The facts that the answer to a probe shows."""
    counted = answer.inserted if probe.fact == INSERTED_FACT else answer.deleted
    facts = {} if counted is None else {probe.fact: TRUE if counted == 0 else UNTRUE}
    if probe.fact == INSERTED_FACT:
        seen = listing(Batch((probe.number,), 0), answer)
        canonical = probe.number.canonical
        place = IN_SUCCES if canonical in seen.confirmed else IN_ERROR if canonical in seen.failed else NOWHERE
        facts[PRESENT_LISTED_FACT] = place
    return facts
