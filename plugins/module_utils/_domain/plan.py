# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All decisions together: what is sent, what changes besides, and what that will bring.

The numbers stand in the worklist; what is done here goes over them in parts, and is the same for all of which the same
is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import AbstractSet, Dict, List, Mapping, Optional, Sequence, Tuple

from .decide import (
    EXEMPT,
    STAYS,
    Decision,
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
    Wish,
    Work,
    decide,
    decide_shared,
)
from .errors import TooManyRemovals
from .lines import spellings, spellings_among
from .outcome import NOT_IN_GROUP, Evidence, Outcome, Source
from .protocols import Record, Worklist


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


def of_another_expiry(recorded: Optional[RecordedNumber], expiry: Optional[str], group: RecordedGroup) -> Evidence:
    """The evidence that a number is sent with another expiry; where it has none of its own, the group's may be its."""
    of_group = recorded is not None and recorded.expiry is None
    same = of_group and (group.unsure or expiry == group.expiry)
    return Evidence(True, Source.ASSUMED if same else Source.LEDGER)


@dataclass(frozen=True)
class Plan:
    """What changes besides the numbers of the worklist, and what is told."""

    changes: Tuple[AttributeChange, ...] = ()
    warnings: Tuple[str, ...] = ()


# -- deciding ----------------------------------------------------------------------------------------------------------


def draw_up(wish: Wish, group: RecordedGroup, record: Record, worklist: Worklist) -> Plan:
    """Decides about every number of a worklist. Raises TooManyRemovals, StoreError."""
    for listed in worklist.listed():
        if not _all_stay(listed, wish, group, record):
            _decide_listed(listed, wish, group, record, worklist)
    if wish.purge:
        _decide_unlisted(wish, record, worklist)
    _check_removals(worklist.waiting(Kind.REMOVE), wish.max_removals)
    changes = attribute_changes(wish, group)
    if changes and not worklist.waiting(Kind.ADD):
        changes = _with_a_bearer(changes, wish, record, worklist)
    return Plan(changes, (*_exempt_but_held(wish, record), *_shared_left(worklist)))


def _all_stay(listed: Mapping[str, Optional[str]], wish: Wish, group: RecordedGroup, record: Record) -> bool:
    """Whether nothing is to be done with any of these numbers: asked first, since it is the usual case."""
    if wish.exempt or wish.state is State.ABSENT:
        return False
    alike = record.alike(wish.name, list(listed))
    if alike is None or not alike.in_group:
        return False
    return all(decide(alike, own or wish.expiry, wish, group) == STAYS for own in set(listed.values()))


def _decide_listed(
    listed: Mapping[str, Optional[str]], wish: Wish, group: RecordedGroup, record: Record, worklist: Worklist
) -> None:
    exempt = [canonical for canonical in listed if canonical in wish.exempt]
    worklist.settle(EXEMPT, exempt)
    canonicals = [canonical for canonical in listed if canonical not in wish.exempt] if exempt else list(listed)
    recorded = _recorded(canonicals, wish, group, record, worklist)
    decided: Dict[Decision, List[str]] = {}
    for (_identity, own), of in _alike(canonicals, listed, recorded).items():
        decision = decide(recorded.get(of[0]), own or wish.expiry, wish, group)
        decided.setdefault(decision, []).extend(of)
    if wish.state is State.ABSENT:
        decided = _shared_decided(decided, wish, record)
    _enter(decided, worklist)


def _alike(
    canonicals: Sequence[str], listed: Mapping[str, Optional[str]], recorded: Mapping[str, RecordedNumber]
) -> Dict[Tuple[int, Optional[str]], List[str]]:
    """Numbers of which the very same is recorded, and that have the same expiry of their own."""
    found: Dict[Tuple[int, Optional[str]], List[str]] = {}
    for canonical in canonicals:
        found.setdefault((id(recorded.get(canonical)), listed[canonical]), []).append(canonical)
    return found


def _enter(decided: Mapping[Decision, List[str]], worklist: Worklist) -> None:
    for decision, of in decided.items():
        if isinstance(decision, Work):
            worklist.send(decision, of)
        elif decision != STAYS:
            worklist.settle(decision, of)


_PERHAPS = RecordedNumber(Outcome.UNCONFIRMED)


def _recorded(
    canonicals: Sequence[str], wish: Wish, group: RecordedGroup, record: Record, worklist: Worklist
) -> Mapping[str, RecordedNumber]:
    """What is recorded of listed numbers. Of those that are to be removed, the worklist is told other spellings.

    One that is held in another spelling only, or may be, counts as unconfirmed: whether that is the same number to the
    server is not known. So does one of which nothing is recorded in a group that is not complete.
    """
    found = record.look_up(wish.name, canonicals)
    if not group.known:
        return found
    not_held = [canonical for canonical in canonicals if canonical not in found or not found[canonical].in_group]
    forms = {c: others - {c} for c, others in spellings_among(not_held, record.shapes()).items()} if not_held else {}
    same = record.look_up(wish.name, sorted({form for others in forms.values() for form in others}))
    held = {form for form, recorded in same.items() if recorded.in_group}
    if wish.state is State.ABSENT and held:
        worklist.tell_forms(_other_forms(forms, held, worklist))
    perhaps = {
        canonical: replace(found.get(canonical, _PERHAPS), outcome=Outcome.UNCONFIRMED)
        for canonical, others in forms.items()
        if others & held
        or (canonical not in found and not group.complete)
        or _is_open_since(found.get(canonical), [same[form] for form in others & same.keys()])
    }
    return {**found, **perhaps}


def _other_forms(forms: Mapping[str, AbstractSet[str]], held: AbstractSet[str], worklist: Worklist) -> Dict[str, str]:
    """In which other spelling the group holds a number, where that one is not listed itself."""
    others = held - worklist.holds(sorted(held))
    return {canonical: min(of & others) for canonical, of in forms.items() if of & others}


def _is_open_since(own: Optional[RecordedNumber], others: Sequence[RecordedNumber]) -> bool:
    """Whether a number may have come into the group in another spelling since it was recorded itself."""
    return any(
        other.outcome is Outcome.UNCONFIRMED and (own is None or other.recorded_at > own.recorded_at)
        for other in others
    )


def _decide_unlisted(wish: Wish, record: Record, worklist: Worklist) -> None:
    """A purge removes what is held and may be the same line as no listed or exempt number."""
    for held in record.ours(wish.name):
        listed = worklist.holds(held)
        forms = {c: spellings(c) for c in held if c not in listed and c not in wish.exempt}
        listed = worklist.holds(sorted({form for others in forms.values() for form in others}))
        unlisted = [canonical for canonical, others in forms.items() if not others & listed]
        recorded = record.look_up(wish.name, unlisted)
        decided: Dict[Decision, List[str]] = {}
        for canonical in unlisted:
            removal = Work(Kind.REMOVE, Why.NOT_LISTED, recorded=recorded[canonical])
            decided.setdefault(removal, []).append(canonical)
        worklist.add_unlisted(unlisted)
        _enter(_shared_decided(decided, wish, record), worklist)


def _shared_decided(decided: Mapping[Decision, List[str]], wish: Wish, record: Record) -> Dict[Decision, List[str]]:
    """Decides about removals of numbers that other groups hold too."""
    removals = {work: of for work, of in decided.items() if isinstance(work, Work)}
    gone_at = {canonical: _gone_at(work.recorded) for work, of in removals.items() for canonical in of}
    elsewhere = record.elsewhere(wish.name, gone_at) if removals else {}
    after = {decision: of for decision, of in decided.items() if decision not in removals}
    for work, of in removals.items():
        for canonical in of:
            decision = decide_shared(work, elsewhere.get(canonical, ()), wish.remove_shared)
            after.setdefault(decision, []).append(canonical)
    return after


def _gone_at(recorded: Optional[RecordedNumber]) -> float:
    """Since when a number is on record as not in the group; 0 where it is not."""
    return recorded.recorded_at if recorded is not None and recorded.outcome in NOT_IN_GROUP else 0.0


def _check_removals(removals: int, most: Optional[int]) -> None:
    if most is not None and removals > most:
        raise TooManyRemovals(
            f"max_removals: this would remove {removals} of the numbers, and at most {most} may be; nothing was sent."
            " Check the list, or raise max_removals."
        )


def _with_a_bearer(
    changes: Tuple[AttributeChange, ...], wish: Wish, record: Record, worklist: Worklist
) -> Tuple[AttributeChange, ...]:
    """Has one settled number sent where a changed description would otherwise be carried by no request."""
    bearer = worklist.staying()
    if bearer is None:
        return ()
    canonical, own = bearer
    recorded = record.look_up(wish.name, [canonical])[canonical]
    worklist.send(Work(Kind.ADD, Why.DESCRIPTION, own or wish.expiry, recorded), [canonical])
    return changes


def _shared_left(worklist: Worklist) -> Tuple[str, ...]:
    """A warning about numbers that are not removed because of other groups."""
    count = worklist.counts()[Outcome.SHARED]
    if not count:
        return ()
    first = next(iter(worklist.results(frozenset({Outcome.SHARED}), None)))[0]
    warning = (
        f"Not removed, because other groups hold them too: {count} of the numbers, such as {first.number.given}, which"
        f" is {first.reason}. See numbers, and remove_shared."
    )
    return (warning,)


def _exempt_but_held(wish: Wish, record: Record) -> Tuple[str, ...]:
    """A warning about exempt numbers that are on record as blocked in the group."""
    if wish.state is State.ABSENT or not wish.exempt:
        return ()
    found = sorted(c for c, of in record.look_up(wish.name, sorted(wish.exempt)).items() if of.in_group)
    if not found:
        return ()
    warning = (
        f"Exempt numbers are recorded as blocked in the group ({len(found)} in all, such as {found[0]}). They are left"
        " as they are: to unblock them, run state=absent without naming them in exempt_numbers."
    )
    return (warning,)


def after_the_group_was_gone(worklist: Worklist, wish: Wish) -> None:
    """What is left to do once it shows that the group was gone: nothing that was recorded of it holds.

    Numbers that counted as present are to be sent.
    """
    worklist.forget_records()
    worklist.send_staying(Why.GROUP_WAS_GONE, wish.expiry)
