# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes with their lists, what is on record, and plans drawn up from both, for the tests of plans and predictions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
    Wish,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import (
    possible_lines,
    shape_of,
    spellings,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import Plan, draw_up
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.predict import Prediction, predict
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.worklist import Worklist
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import outcomes_of, worklist_of

ONE, TWO, THREE = "9999900001", "9999900002", "9999900003"
NEW_YEAR, EASTER = "2099-01-01 00:00:00", "2099-04-12 00:00:00"

# Forms of the same telephone, as somebody may write it without a region; the telephone is their last four digits.
_FORMS = ("999990{:04d}", "0999990{:04d}", "91999990{:04d}", "+91999990{:04d}", "0091999990{:04d}")
_POOL = [form.format(telephone) for telephone in range(1, 6) for form in _FORMS]
_RECORDABLE = [outcome for outcome in Outcome if outcome.value not in ("exempt", "shared", "not_sent")]


@dataclass(frozen=True)
class InMemory:
    """What is recorded of one group, and which others hold a number."""

    group: RecordedGroup = field(default_factory=RecordedGroup)
    numbers: Dict[str, RecordedNumber] = field(default_factory=dict)
    others: Dict[str, Tuple[str, ...]] = field(default_factory=dict)

    def look_up(self, name: str, canonicals: Sequence[str]) -> Mapping[str, RecordedNumber]:
        """What is recorded of these numbers."""
        return {canonical: self.numbers[canonical] for canonical in canonicals if canonical in self.numbers}

    def alike(self, name: str, canonicals: Sequence[str]) -> Optional[RecordedNumber]:
        """What is recorded of each of these, where that is the same of all."""
        found = [self.numbers.get(canonical) for canonical in canonicals]
        return found[0] if found and all(recorded == found[0] for recorded in found) else None

    def ours(self, name: str) -> Iterator[List[str]]:
        """Those that are in the group, or were sent and lost; in parts of two."""
        ours = [c for c, recorded in self.numbers.items() if recorded.in_group or recorded.ours]
        return (ours[start : start + 2] for start in range(0, len(ours), 2))

    def shapes(self) -> FrozenSet[str]:
        """Those of all these."""
        return frozenset(map(shape_of, (*self.numbers, *self.others)))

    def elsewhere(self, name: str, gone_at: Mapping[str, float]) -> Mapping[str, Tuple[str, ...]]:
        """Which other groups hold these."""
        found = {}
        for canonical in gone_at:
            lines = possible_lines(canonical)
            names = [name for other, names in self.others.items() if possible_lines(other) & lines for name in names]
            if names:
                found[canonical] = tuple(sorted(set(names)))
        return found


class EachForItself(InMemory):
    """The same, but that it is the same of several numbers is never told."""

    def alike(self, name: str, canonicals: Sequence[str]) -> Optional[RecordedNumber]:
        """Never."""
        return None


def record_of(held: Dict[str, Outcome], expiry: Optional[str] = None, description: str = "Reported") -> InMemory:
    """The record of a group that this collection has made."""
    numbers = {canonical: RecordedNumber(outcome, expiry) for canonical, outcome in held.items()}
    return InMemory(RecordedGroup(True, 20, description, expiry, complete=True), numbers)


@dataclass(frozen=True)
class Asked:
    """A wish with the numbers that are listed, the expiry that some have of their own, and the exempt ones as given."""

    wish: Wish
    listed: Tuple[str, ...]
    expiries: Mapping[str, str] = field(default_factory=dict)
    exempt: Tuple[str, ...] = ()

    def but(self, **other: Any) -> Asked:
        """The same list with another wish."""
        return replace(self, wish=replace(self.wish, **other))


def asked(
    *listed: str,
    state: State = State.PRESENT,
    exempt: Sequence[str] = (),
    expiries: Optional[Mapping[str, str]] = None,
    **rest: Any,
) -> Asked:
    """What a playbook asks for."""
    protected: FrozenSet[str] = frozenset().union(*map(spellings, exempt))
    wish = Wish(state, "Nuisance", **{"description": "Reported", "exempt": protected, **rest})
    return Asked(wish, listed, expiries or {}, tuple(exempt))


@dataclass(frozen=True)
class Drawn:
    """A plan, with the worklist in which it stands what is to be done."""

    plan: Plan
    worklist: Worklist
    group: RecordedGroup

    def requests(self, size: int = 100) -> List[Tuple[Kind, List[str], Why]]:
        """What would be sent."""
        made = self.worklist.batches(size)
        return [(batch.kind, [n.canonical for n in batch.numbers], batch.why) for batch in made]

    def to_send(self) -> Dict[str, Tuple[Kind, Why, Optional[str], Optional[RecordedNumber]]]:
        """What is to be done with each number that is to be sent: kind, why, expiry, and what is recorded of it."""
        return {
            n.canonical: (batch.kind, batch.why, batch.expiry, batch.recorded.get(n.canonical))
            for batch in self.worklist.batches(100)
            for n in batch.numbers
        }

    def settled(self) -> Dict[str, Outcome]:
        """The outcome of each number that needs no request."""
        sent = self.to_send()
        return {
            canonical: outcome for canonical, outcome in outcomes_of(self.worklist).items() if canonical not in sent
        }

    def predicted(self) -> Tuple[List[Outcome], Prediction]:
        """The outcomes that are predicted, in the order of the list, and what else is."""
        prediction = predict(self.plan, self.group, self.worklist)
        return list(outcomes_of(self.worklist).values()), prediction


def drawn(what: Asked, record: InMemory) -> Drawn:
    """What is to be done."""
    listed = [Number(c, c, f"block_numbers, entry {place}") for place, c in enumerate(what.listed, start=1)]
    worklist = worklist_of(listed, what.expiries)
    return Drawn(draw_up(what.wish, record.group, record, worklist), worklist, record.group)


# -- random ones -------------------------------------------------------------------------------------------------------

pool = st.sampled_from(_POOL)
expiries = st.sampled_from([None, NEW_YEAR, EASTER])
wishes = st.builds(
    lambda state, listed, exempt, own, description, expiry, refresh, purge, shared: asked(
        *listed,
        state=state,
        exempt=exempt,
        expiries={canonical: date for canonical, date in own.items() if canonical in listed},
        description=description,
        expiry=expiry,
        refresh=refresh,
        purge=purge and state is State.PRESENT,
        remove_shared=shared,
    ),
    st.sampled_from(State),
    st.lists(pool, unique=True, max_size=10),
    st.lists(pool, max_size=2),
    st.dictionaries(pool, st.sampled_from([NEW_YEAR, EASTER]), max_size=4),
    st.sampled_from(["Reported", "Old"]),
    expiries,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
records = st.builds(
    InMemory,
    st.builds(
        RecordedGroup,
        st.booleans(),
        st.sampled_from([None, 20]),
        st.sampled_from([None, "Reported", "Old"]),
        expiries,
    ),
    st.dictionaries(pool, st.builds(RecordedNumber, st.sampled_from(_RECORDABLE), expiries), max_size=10),
    st.dictionaries(pool, st.just(("Fraud",)), max_size=2),
)
