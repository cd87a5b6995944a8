# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All decisions together: what is sent and in which requests, what changes besides, and what that will bring."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Dict, Iterator, List, Mapping, Optional, Protocol, Sequence, Tuple

from .decide import (
    Decision,
    Intent,
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
    Wish,
    decide,
    decide_shared,
    unlisted,
)
from .errors import TooManyRemovals
from .lines import spellings
from .numbers import Number
from .outcome import NOT_IN_GROUP, Evidence, NumberResult, Outcome, Source, overall


class Record(Protocol):
    """What is recorded of the numbers of an account's groups. Every method raises StoreError."""

    def look_up(self, name: str, canonicals: Sequence[str]) -> Mapping[str, RecordedNumber]:
        """What is recorded of these numbers in a group."""

    def ours(self, name: str) -> Iterator[str]:
        """The canonical numbers that a purge may remove from a group: see RecordedNumber."""

    def elsewhere(self, name: str, gone_at: Mapping[str, float]) -> Mapping[str, Tuple[str, ...]]:
        """Which other groups hold numbers, or may, in whatever spelling, by canonical number.

        ``gone_at``: since when each is on record as not in this group, 0 where it is not: a group that was in doubt
        before that is no longer so.
        """


@dataclass(frozen=True)
class AttributeChange:
    """Something of the group besides its numbers that changes, from ``old`` (as recorded) to ``new``."""

    name: str
    old: Optional[str]
    new: str
    source: Source = Source.LEDGER


def attribute_changes(wish: Wish, group: RecordedGroup) -> Tuple[AttributeChange, ...]:
    """What of the group changes besides its numbers, as far as the record tells.

    Where nothing is recorded that is not known; but a date that was computed just now is certainly another one.
    """
    if wish.state is State.ABSENT:
        return ()
    if not group.known:
        if wish.sets_new_expiry and wish.expiry is not None:
            return (AttributeChange("expiry_date", None, wish.expiry, Source.ASSUMED),)
        return ()
    return differences(group, wish.description, wish.expiry)


def differences(group: RecordedGroup, description: Optional[str], expiry: Optional[str]) -> Tuple[AttributeChange, ...]:
    """What an update that carries these changes of the group, or may change where the record is not certain of it."""
    recorded = (None, None) if group.unsure else (group.description, group.expiry)
    return tuple(
        AttributeChange(name, old, new, Source.ASSUMED if old is None else Source.LEDGER)
        for name, old, new in zip(("description", "expiry_date"), recorded, (description, expiry))
        if new is not None and old != new
    )


@dataclass(frozen=True)
class Plan:
    """What is to be sent, in order; results of numbers that need no request; what changes besides; what is told."""

    intents: Tuple[Intent, ...] = ()
    settled: Tuple[NumberResult, ...] = ()
    changes: Tuple[AttributeChange, ...] = ()
    warnings: Tuple[str, ...] = ()

    def of(self, kind: Kind) -> Tuple[Intent, ...]:
        """The intents of one kind."""
        return tuple(intent for intent in self.intents if intent.kind is kind)


def with_a_bearer(plan: Plan, wish: Wish, recorded: Mapping[str, RecordedNumber]) -> Plan:
    """Has one settled number sent where a changed description would otherwise be carried by no request."""
    if plan.of(Kind.ADD) or not plan.changes:
        return plan
    settled = [result for result in plan.settled if result.outcome is Outcome.ALREADY_PRESENT]
    if not settled:
        return replace(plan, changes=())
    bearer = settled[0]
    intent = Intent(Kind.ADD, bearer.number, Why.DESCRIPTION, wish.expiry, recorded[bearer.number.canonical])
    rest = tuple(result for result in plan.settled if result is not bearer)
    return replace(plan, intents=(intent, *plan.intents), settled=rest)


def checked_for_removals(plan: Plan, most: Optional[int]) -> Plan:
    """The plan; raises TooManyRemovals where it removes more than is allowed."""
    removals = len(plan.of(Kind.REMOVE))
    if most is not None and removals > most:
        raise TooManyRemovals(
            f"max_removals: this would remove {removals} of the numbers, and at most {most} may be; nothing was sent."
            " Check the list, or raise max_removals."
        )
    return plan


def after_the_group_was_gone(plan: Plan, wish: Wish) -> Plan:
    """What is left of a plan once it shows that the group was gone: nothing that was recorded of it holds.

    Numbers that counted as present are to be sent.
    """
    intents = [replace(intent, recorded=None) for intent in plan.intents]
    settled: List[NumberResult] = []
    for result in plan.settled:
        if result.outcome is Outcome.ALREADY_PRESENT:
            intents.append(Intent(Kind.ADD, result.number, Why.GROUP_WAS_GONE, wish.expiry))
        else:
            settled.append(result)
    return replace(plan, intents=tuple(intents), settled=tuple(settled))


@dataclass(frozen=True)
class Batch:
    """The numbers of one request: of one kind, with one expiry, sent for one reason."""

    intents: Tuple[Intent, ...]
    ordinal: int

    @property
    def kind(self) -> Kind:
        """What is done with its numbers."""
        return self.intents[0].kind

    @property
    def expiry(self) -> Optional[str]:
        """The expiry that is sent with them."""
        return self.intents[0].expiry

    @property
    def numbers(self) -> Tuple[Number, ...]:
        """Its numbers."""
        return tuple(intent.number for intent in self.intents)


def batches(intents: Sequence[Intent], size: int, first: int = 1) -> List[Batch]:
    """Divides what is to be sent into requests of at most ``size`` numbers, numbered from ``first``.

    Numbers that are sent for different reasons go in different requests, so that a counter tells of one kind only.
    """
    alike: Dict[Tuple[Why, Optional[str]], List[Intent]] = {}
    for intent in intents:
        alike.setdefault((intent.why, intent.expiry), []).append(intent)
    parts = [tuple(group[start : start + size]) for group in alike.values() for start in range(0, len(group), size)]
    return [Batch(part, ordinal) for ordinal, part in enumerate(parts, start=first)]


@dataclass(frozen=True)
class Prediction:
    """What a run would bring, as far as the ledger tells."""

    results: Tuple[NumberResult, ...]
    evidence: Evidence


def predict(plan: Plan, group: RecordedGroup) -> Prediction:
    """What carrying out a plan will bring if the server holds what is recorded; assumed where nothing is recorded."""
    results = list(plan.settled)
    evidence = [Evidence(False, Source.LEDGER) for result in plan.settled if result.outcome not in _BY_WISH]
    for intent in plan.intents:
        outcome, proof = _PREDICTED[(intent.kind, _recorded_as(intent, group))]
        if intent.shared and not proof.changed:
            proof = Evidence(True, Source.ASSUMED)
        if group.ended and intent.expiry is None and outcome in (Outcome.ADDED, Outcome.PRESENT):
            outcome, proof = Outcome.UNCONFIRMED, Evidence(True, Source.ASSUMED)  # see judge
        results.append(NumberResult(intent.number, outcome, intent.why.value))
        evidence.append(proof)
    if plan.of(Kind.ADD):
        evidence += [Evidence(True, change.source) for change in plan.changes]
        evidence += [of_another_expiry(intent, group) for intent in plan.intents if intent.why is Why.EXPIRY]
    return Prediction(tuple(results), overall(evidence, Source.LEDGER if group.known else Source.ASSUMED))


def of_another_expiry(intent: Intent, group: RecordedGroup) -> Evidence:
    """The evidence that a number is sent with another expiry; where it has none of its own, the group's may be its."""
    of_group = intent.recorded is not None and intent.recorded.expiry is None
    same = of_group and (group.unsure or intent.expiry == group.expiry)
    return Evidence(True, Source.ASSUMED if same else Source.LEDGER)


_BY_WISH = frozenset({Outcome.EXEMPT, Outcome.SHARED})


class _Record(enum.Enum):
    """What the record says of a number: in the group, not in it, perhaps, or nothing at all."""

    IN = "in"
    OUT = "out"
    PERHAPS = "perhaps"
    NOTHING = "nothing"


_PREDICTED: Dict[Tuple[Kind, _Record], Tuple[Outcome, Evidence]] = {
    (Kind.ADD, _Record.IN): (Outcome.ALREADY_PRESENT, Evidence(False, Source.LEDGER)),
    (Kind.ADD, _Record.OUT): (Outcome.ADDED, Evidence(True, Source.LEDGER)),
    (Kind.ADD, _Record.PERHAPS): (Outcome.PRESENT, Evidence(True, Source.ASSUMED)),
    (Kind.ADD, _Record.NOTHING): (Outcome.ADDED, Evidence(True, Source.ASSUMED)),
    (Kind.REMOVE, _Record.IN): (Outcome.REMOVED, Evidence(True, Source.LEDGER)),
    (Kind.REMOVE, _Record.OUT): (Outcome.NOT_FOUND, Evidence(False, Source.LEDGER)),
    (Kind.REMOVE, _Record.PERHAPS): (Outcome.ABSENT, Evidence(True, Source.ASSUMED)),
    (Kind.REMOVE, _Record.NOTHING): (Outcome.REMOVED, Evidence(True, Source.ASSUMED)),
}


def _recorded_as(intent: Intent, group: RecordedGroup) -> _Record:
    if intent.recorded is None:
        return _Record.OUT if group.known else _Record.NOTHING
    if intent.recorded.outcome is Outcome.UNCONFIRMED:
        return _Record.PERHAPS
    return _Record.IN if intent.recorded.in_group else _Record.OUT


def draw_up(wish: Wish, group: RecordedGroup, record: Record) -> Plan:
    """Decides about every number of a wish. Raises TooManyRemovals, StoreError."""
    recorded = _recorded(wish, group, record)
    decisions = [decide(number, recorded.get(number.canonical), wish, group) for number in wish.numbers]
    if wish.purge:
        decisions += _purged(wish, record)
    decisions, shared = _shared_decided(decisions, wish, record)
    intents = tuple(decision for decision in decisions if isinstance(decision, Intent))
    settled = tuple(decision for decision in decisions if isinstance(decision, NumberResult))
    plan = Plan(intents, settled, attribute_changes(wish, group), (*_exempt_but_held(wish, record), *shared))
    return checked_for_removals(with_a_bearer(plan, wish, recorded), wish.max_removals)


def _recorded(wish: Wish, group: RecordedGroup, record: Record) -> Mapping[str, RecordedNumber]:
    """What is recorded of the listed numbers.

    One that is held in another spelling only, or may be, counts as unconfirmed: whether that is the same number to the
    server is not known. So does one of which nothing is recorded in a group that this collection has not made.
    """
    found = record.look_up(wish.name, [number.canonical for number in wish.numbers])
    if not group.known:
        return found
    held = {canonical for canonical, recorded in found.items() if recorded.in_group}
    forms = {n.canonical: spellings(n.canonical) - {n.canonical} for n in wish.numbers if n.canonical not in held}
    same = record.look_up(wish.name, sorted({form for others in forms.values() for form in others}))
    held.update(form for form, recorded in same.items() if recorded.in_group)
    perhaps = {
        canonical: RecordedNumber(Outcome.UNCONFIRMED)
        for canonical, others in forms.items()
        if others & held
        or (canonical not in found and not group.complete)
        or _is_open_since(found.get(canonical), [same[form] for form in others & same.keys()])
    }
    return {**found, **perhaps}


def _is_open_since(own: Optional[RecordedNumber], others: Sequence[RecordedNumber]) -> bool:
    """Whether a number may have come into the group in another spelling since it was recorded itself."""
    return any(
        other.outcome is Outcome.UNCONFIRMED and (own is None or other.recorded_at > own.recorded_at)
        for other in others
    )


def _purged(wish: Wish, record: Record) -> List[Decision]:
    numbers = unlisted(record.ours(wish.name), wish)
    held = record.look_up(wish.name, [number.canonical for number in numbers])
    return [Intent(Kind.REMOVE, number, Why.NOT_LISTED, recorded=held[number.canonical]) for number in numbers]


def _shared_decided(
    decisions: Sequence[Decision], wish: Wish, record: Record
) -> Tuple[List[Decision], Tuple[str, ...]]:
    """Decides about removals of numbers that other groups hold too; with a warning where they are not removed."""
    removals = [d for d in decisions if isinstance(d, Intent) and d.kind is Kind.REMOVE]
    gone_at = {intent.number.canonical: _gone_at(intent.recorded) for intent in removals}
    elsewhere = record.elsewhere(wish.name, gone_at) if removals else {}
    decided = [
        (
            decide_shared(decision, elsewhere.get(decision.number.canonical, ()), wish.remove_shared)
            if isinstance(decision, Intent) and decision.kind is Kind.REMOVE
            else decision
        )
        for decision in decisions
    ]
    shared = sum(decision.outcome is Outcome.SHARED for decision in decided if isinstance(decision, NumberResult))
    if not shared:
        return decided, ()
    return decided, (f"Not removed because other groups hold them too: {shared} of the numbers; see numbers.",)


def _gone_at(recorded: Optional[RecordedNumber]) -> float:
    """Since when a number is on record as not in the group; 0 where it is not."""
    return recorded.recorded_at if recorded is not None and recorded.outcome in NOT_IN_GROUP else 0.0


def _exempt_but_held(wish: Wish, record: Record) -> Tuple[str, ...]:
    """A warning about exempt numbers that are on record as blocked in the group."""
    if wish.state is State.ABSENT or not wish.exempt:
        return ()
    forms = sorted({form for number in wish.exempt for form in spellings(number.canonical)})
    found = sorted(canonical for canonical, of in record.look_up(wish.name, forms).items() if of.in_group)
    if not found:
        return ()
    warning = (
        f"Exempt numbers are recorded as blocked in the group ({len(found)} in all, such as {found[0]}). They are left"
        " as they are: to unblock them, run state=absent without naming them in exempt_numbers."
    )
    return (warning,)
