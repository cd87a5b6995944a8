# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done: a pure function of what is desired, what is recorded, and the options. No I/O, no clock."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .errors import Fault, InvalidInput
from .numbers import Number, batches, lines_of, possible_lines
from .outcome import PRESENT_OUTCOMES, Evidence, NumberResult, Outcome, Source, overall


class State(enum.Enum):
    """What is wanted of the listed numbers."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True)
class Desired:
    """What the playbook says. ``expiry`` in the server's time; ``expiries`` where a number has one of its own."""

    state: State
    name: str
    numbers: Tuple[Number, ...]
    description: Optional[str] = None
    expiry: Optional[str] = None
    exempt: FrozenSet[str] = frozenset()
    expiries: Mapping[str, str] = field(default_factory=dict)

    def expiry_of(self, canonical: str) -> Optional[str]:
        """The expiry that a number is to have."""
        return self.expiries.get(canonical, self.expiry)


@dataclass(frozen=True)
class RecordedNumber:
    """What the ledger holds of a number; one whose expiry has passed is recorded as not found."""

    outcome: Outcome
    expiry: Optional[str] = None


@dataclass(frozen=True)
class Recorded:
    """What the ledger holds of a group, and which groups besides hold a number (canonical → their names).

    ``known``: the group itself was seen on the server (numbers are also recorded of a removal that found no group).
    """

    known: bool = True
    group_id: Optional[int] = None
    description: Optional[str] = None
    expiry: Optional[str] = None
    numbers: Mapping[str, RecordedNumber] = field(default_factory=dict)
    elsewhere: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)

    @property
    def of_this_group(self) -> bool:
        """Whether anything at all is recorded of the group itself, and not of others only."""
        return self.known or bool(self.numbers)

    def present(self) -> Tuple[str, ...]:
        """The canonical numbers that are in the group by the ledger."""
        return tuple(c for c, number in self.numbers.items() if number.outcome in PRESENT_OUTCOMES)


@dataclass(frozen=True)
class Options:
    """What governs a plan; the names are those of the module's options."""

    refresh: bool = True
    purge: bool = False
    remove_shared: bool = False
    max_removals: Optional[int] = None
    batch_size: int = 100


class Kind(enum.Enum):
    """What a step does with its numbers."""

    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True)
class Step:
    """One request's worth of numbers, and why it is made."""

    kind: Kind
    numbers: Tuple[Number, ...]
    reason: str
    expiry: Optional[str] = None


@dataclass(frozen=True)
class Plan:
    """Steps in their order; results of numbers that need no request; what is to be told; attributes that change."""

    steps: Tuple[Step, ...] = ()
    settled: Tuple[NumberResult, ...] = ()
    warnings: Tuple[str, ...] = ()
    attributes: Mapping[str, Tuple[Optional[str], Optional[str]]] = field(default_factory=dict)

    def changes_attributes(self, step: Step) -> bool:
        """Whether a step changes something that is recorded besides which numbers there are."""
        return step.kind is Kind.ADD and (bool(self.attributes) or step.reason == CHANGED_EXPIRY)


NEW = "not recorded as present"
NOTHING_RECORDED = "nothing is recorded of the group"
REFRESH = "sent again to repair changes made elsewhere (refresh)"
CHANGED_EXPIRY = "the expiry changes"
CHANGED_DESCRIPTION = "the description changes"
LISTED_FOR_REMOVAL = "listed for removal"
NO_LONGER_LISTED = "no longer listed (purge)"


def plan(desired: Desired, recorded: Optional[Recorded], options: Options) -> Plan:
    """Compares what is desired with what is recorded (None: nothing is recorded of the group).

    Raises InvalidInput where a guard rail forbids it: more removals than max_removals.
    """
    exempt = [n for n in desired.numbers if possible_lines(n.canonical) & desired.exempt]
    spared = {number.canonical for number in exempt}
    listed = [number for number in desired.numbers if number.canonical not in spared]
    settled = [NumberResult(n, Outcome.EXEMPT, "named in exempt_numbers") for n in exempt]
    make = _plan_present if desired.state is State.PRESENT else _plan_absent
    made = make(desired, listed, recorded, options)
    _keep_to_max_removals(made.steps, options)
    return Plan(made.steps, (*settled, *made.settled), made.warnings, made.attributes)


def _plan_present(desired: Desired, listed: Sequence[Number], recorded: Optional[Recorded], options: Options) -> Plan:
    held = recorded.present() if recorded else ()
    attributes = _changed_attributes(desired, recorded)
    reasons: Dict[Tuple[str, Optional[str]], List[Number]] = {}
    settled = []
    for number in listed:
        reason = _reason_to_send(number, desired, recorded, options)
        if reason is None:
            settled.append(NumberResult(number, Outcome.ALREADY_PRESENT, "recorded as present"))
        else:
            reasons.setdefault((reason, desired.expiry_of(number.canonical)), []).append(number)
    if "description" in attributes and not reasons and settled:
        # One update carries the new description for the whole group.
        bearer = settled.pop(0).number
        reasons[(CHANGED_DESCRIPTION, desired.expiry_of(bearer.canonical))] = [bearer]
    steps = [
        step
        for (reason, expiry), numbers in reasons.items()
        for step in _steps(Kind.ADD, numbers, reason, expiry, options)
    ]
    purge = _plan_purge(desired, held, recorded, options) if options.purge and recorded else Plan()
    warnings = _exempt_but_held(desired, held)
    if not steps:
        attributes = {}  # no request carries them
    return Plan((*steps, *purge.steps), (*settled, *purge.settled), (*warnings, *purge.warnings), attributes)


def _reason_to_send(number: Number, desired: Desired, recorded: Optional[Recorded], options: Options) -> Optional[str]:
    if recorded is None or not recorded.of_this_group:
        return NOTHING_RECORDED
    found = recorded.numbers.get(number.canonical)
    if found is None or found.outcome not in PRESENT_OUTCOMES:
        return NEW
    wanted = desired.expiry_of(number.canonical)
    if wanted is not None and wanted != found.expiry:
        return CHANGED_EXPIRY
    return REFRESH if options.refresh else None


def _changed_attributes(
    desired: Desired, recorded: Optional[Recorded]
) -> Dict[str, Tuple[Optional[str], Optional[str]]]:
    if recorded is None:
        return {}
    pairs = {
        "description": (recorded.description, desired.description),
        "expiry_date": (recorded.expiry, desired.expiry),
    }
    return {name: (old, new) for name, (old, new) in pairs.items() if new is not None and old != new}


def _exempt_but_held(desired: Desired, held: Sequence[str]) -> Tuple[str, ...]:
    found = sorted(c for c in held if possible_lines(c) & desired.exempt)
    if not found:
        return ()
    return (
        (
            f"{len(found)} exempt numbers are recorded as blocked in the group, such as {found[0]}; they are left as"
            " they are: to unblock them, run state=absent without naming them in exempt_numbers."
        ),
    )


def _plan_purge(desired: Desired, held: Sequence[str], recorded: Recorded, options: Options) -> Plan:
    """Removes what the ledger holds and the list does not name, but nothing that may be the same line."""
    kept = lines_of(number.canonical for number in desired.numbers) | desired.exempt
    surplus = [Number(c, c, "the ledger") for c in held if not possible_lines(c) & kept]
    return _removal(surplus, NO_LONGER_LISTED, recorded, options)


def _plan_absent(desired: Desired, listed: Sequence[Number], recorded: Optional[Recorded], options: Options) -> Plan:
    settled, sent = [], []
    for number in listed:
        found = recorded.numbers.get(number.canonical) if recorded else None
        if found is not None and found.outcome in (Outcome.REMOVED, Outcome.NOT_FOUND) and not options.refresh:
            settled.append(NumberResult(number, Outcome.NOT_FOUND, "recorded as removed"))
        else:
            sent.append(number)
    removal = _removal(sent, LISTED_FOR_REMOVAL, recorded, options)
    return Plan(removal.steps, (*settled, *removal.settled), removal.warnings)


def _removal(numbers: Sequence[Number], reason: str, recorded: Optional[Recorded], options: Options) -> Plan:
    """Steps that remove. The server may remove from every group (contract X3), so numbers of other groups stay."""
    elsewhere: Dict[str, Tuple[str, ...]] = {}
    for canonical, groups in (recorded.elsewhere if recorded and not options.remove_shared else {}).items():
        elsewhere.update(dict.fromkeys(possible_lines(canonical), groups))
    settled, removed = [], []
    for number in numbers:
        others = [elsewhere[line] for line in sorted(possible_lines(number.canonical)) if line in elsewhere]
        if others:
            why = f"also in the group {', '.join(others[0])}; the server may remove it there too (remove_shared)"
            settled.append(NumberResult(number, Outcome.SHARED, why))
        else:
            removed.append(number)
    warnings = (
        (f"{len(settled)} numbers were not removed because other groups hold them too; see numbers.",)
        if settled
        else ()
    )
    return Plan(tuple(_steps(Kind.REMOVE, removed, reason, None, options)), tuple(settled), warnings)


def _steps(kind: Kind, numbers: Sequence[Number], reason: str, expiry: Optional[str], options: Options) -> List[Step]:
    return [Step(kind, part, reason, expiry) for part in batches(numbers, options.batch_size)]


def _keep_to_max_removals(steps: Sequence[Step], options: Options) -> None:
    removals = sum(len(step.numbers) for step in steps if step.kind is Kind.REMOVE)
    if options.max_removals is not None and removals > options.max_removals:
        raise InvalidInput(
            [
                Fault(
                    "max_removals",
                    f"{removals} numbers would be removed, {options.max_removals} are allowed; nothing was sent."
                    " Check the list, or raise max_removals",
                )
            ]
        )


@dataclass(frozen=True)
class Prediction:
    """What a run would bring, as far as the ledger tells."""

    results: Tuple[NumberResult, ...]
    evidence: Evidence


def predict(made: Plan, recorded: Optional[Recorded]) -> Prediction:
    """What applying a plan will bring if the server holds what is recorded; assumed where nothing is recorded."""
    source = Source.LEDGER if recorded is not None and recorded.of_this_group else Source.ASSUMED
    results = list(made.settled)
    for step in made.steps:
        results += [NumberResult(n, _predicted(step, n, recorded), step.reason) for n in step.numbers]
    changed = any(result.outcome in (Outcome.ADDED, Outcome.REMOVED) for result in results)
    changed = changed or any(made.changes_attributes(step) for step in made.steps)
    evidence = [Evidence(changed, source)] if made.steps else []
    return Prediction(tuple(results), overall(evidence, source))


def _predicted(step: Step, number: Number, recorded: Optional[Recorded]) -> Outcome:
    found = recorded.numbers.get(number.canonical) if recorded else None
    held = found is not None and found.outcome in PRESENT_OUTCOMES
    if step.kind is Kind.ADD:
        return Outcome.ALREADY_PRESENT if held else Outcome.ADDED
    known_absent = recorded is not None and recorded.of_this_group and not held
    return Outcome.NOT_FOUND if known_absent else Outcome.REMOVED
