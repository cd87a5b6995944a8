# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: what is sent and in which requests, why, what is never sent, and what is predicted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Intent,
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
    Wish,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import TooManyRemovals
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import (
    lines_of,
    possible_lines,
    spellings,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    Evidence,
    NumberResult,
    Outcome,
    Source,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import (
    AttributeChange,
    Batch,
    Plan,
    Prediction,
    after_the_group_was_gone,
    batches,
    differences,
    draw_up,
    predict,
)

ONE, TWO, THREE = "9999900001", "9999900002", "9999900003"
NEW_YEAR, EASTER = "2099-01-01 00:00:00", "2099-04-12 00:00:00"
ADDED, STAYS = Outcome.ADDED, Outcome.ALREADY_PRESENT
LEDGER, ASSUMED = Source.LEDGER, Source.ASSUMED
RECORDABLE = [outcome for outcome in Outcome if outcome.value not in ("exempt", "shared", "not_sent")]

# Forms of the same telephone, as somebody may write it without a region; the telephone is their last four digits.
FORMS = ("999990{:04d}", "0999990{:04d}", "91999990{:04d}", "+91999990{:04d}", "0091999990{:04d}")
POOL = [form.format(telephone) for telephone in range(1, 6) for form in FORMS]


@dataclass(frozen=True)
class InMemory:
    """What is recorded of one group, and which others hold a number."""

    group: RecordedGroup = field(default_factory=RecordedGroup)
    numbers: Dict[str, RecordedNumber] = field(default_factory=dict)
    others: Dict[str, Tuple[str, ...]] = field(default_factory=dict)

    def look_up(self, name: str, canonicals: Sequence[str]) -> Mapping[str, RecordedNumber]:
        """What is recorded of these numbers."""
        return {canonical: self.numbers[canonical] for canonical in canonicals if canonical in self.numbers}

    def ours(self, name: str) -> Iterator[str]:
        """Those that are in the group, or were sent and lost."""
        return (c for c, recorded in self.numbers.items() if recorded.in_group or recorded.ours)

    def elsewhere(self, name: str, gone_at: Mapping[str, float]) -> Mapping[str, Tuple[str, ...]]:
        """Which other groups hold these."""
        found = {}
        for canonical in gone_at:
            lines = possible_lines(canonical)
            names = [name for other, names in self.others.items() if possible_lines(other) & lines for name in names]
            if names:
                found[canonical] = tuple(sorted(set(names)))
        return found


def _numbers(*canonicals: str) -> Tuple[Number, ...]:
    return tuple(Number(c, c, f"block_numbers, entry {p}") for p, c in enumerate(canonicals, start=1))


def _wish(*canonicals: str, state: State = State.PRESENT, exempt: Sequence[str] = (), **rest: Any) -> Wish:
    protected = {"exempt": _numbers(*exempt), "exempt_lines": lines_of(exempt)}
    return Wish(state, "Nuisance", _numbers(*canonicals), **{"description": "Reported", **protected, **rest})


def _record(held: Dict[str, Outcome], expiry: Optional[str] = None, description: str = "Reported") -> InMemory:
    numbers = {canonical: RecordedNumber(outcome, expiry) for canonical, outcome in held.items()}
    return InMemory(RecordedGroup(True, 20, description, expiry, complete=True), numbers)


def _drawn(wish: Wish, record: InMemory) -> Plan:
    return draw_up(wish, record.group, record)


def _requests(plan: Plan, size: int = 100) -> List[Tuple[Kind, List[str], Why]]:
    made = [*batches(plan.of(Kind.ADD), size), *batches(plan.of(Kind.REMOVE), size)]
    return [(batch.kind, [n.canonical for n in batch.numbers], batch.intents[0].why) for batch in made]


def _settled(plan: Plan) -> Dict[str, Outcome]:
    return {result.number.canonical: result.outcome for result in plan.settled}


def test_where_nothing_is_recorded_everything_is_sent() -> None:
    plan = _drawn(_wish(ONE, TWO), InMemory())
    assert _requests(plan) == [(Kind.ADD, [ONE, TWO], Why.NOTHING_RECORDED)]
    assert (plan.settled, plan.changes, plan.warnings) == ((), (), ())


def test_another_expiry_is_a_change_of_the_group() -> None:
    plan = _drawn(_wish(ONE, expiry=EASTER, refresh=False), _record({ONE: ADDED}, NEW_YEAR))
    assert _requests(plan) == [(Kind.ADD, [ONE], Why.EXPIRY)]
    assert [intent.expiry for intent in plan.intents] == [EASTER]
    assert plan.changes == (AttributeChange("expiry_date", NEW_YEAR, EASTER),)


@pytest.mark.parametrize("expiry", [None, NEW_YEAR])
def test_no_expiry_or_the_same_is_no_change(expiry: Optional[str]) -> None:
    plan = _drawn(_wish(ONE, expiry=expiry, refresh=False), _record({ONE: ADDED}, NEW_YEAR))
    assert (plan.intents, plan.changes) == ((), ())


@pytest.mark.parametrize(("new", "expected"), [(True, 1), (False, 0)])
def test_where_nothing_is_recorded_a_date_that_was_computed_just_now_is_a_change_and_one_that_was_given_is_not_known(
    new: bool, expected: int
) -> None:
    plan = _drawn(_wish(ONE, expiry=EASTER, sets_new_expiry=new), InMemory())
    assert len(plan.changes) == expected
    assert all(change == AttributeChange("expiry_date", None, EASTER, ASSUMED) for change in plan.changes)


def test_new_numbers_and_refreshed_ones_go_in_requests_of_their_own() -> None:
    plan = _drawn(_wish(ONE, TWO), _record({ONE: ADDED}))
    assert _requests(plan) == [(Kind.ADD, [ONE], Why.REFRESH), (Kind.ADD, [TWO], Why.NEW)]


def test_a_changed_description_is_carried_by_one_number() -> None:
    record = _record({ONE: ADDED, TWO: ADDED}, NEW_YEAR, description="Old")
    plan = _drawn(_wish(ONE, TWO, refresh=False), record)
    assert _requests(plan) == [(Kind.ADD, [ONE], Why.DESCRIPTION)]
    assert _settled(plan) == {TWO: STAYS}
    assert plan.changes == (AttributeChange("description", "Old", "Reported"),)
    assert plan.intents[0].recorded == RecordedNumber(ADDED, NEW_YEAR)


def test_a_changed_description_needs_no_request_of_its_own_beside_others() -> None:
    plan = _drawn(_wish(ONE, TWO, refresh=False), _record({ONE: ADDED}, description="Old"))
    assert _requests(plan) == [(Kind.ADD, [TWO], Why.NEW)]
    assert len(plan.changes) == 1


def test_a_description_that_no_request_carries_is_not_announced() -> None:
    plan = _drawn(_wish(ONE, exempt=[ONE], refresh=False), _record({ONE: ADDED}, description="Old"))
    assert (plan.intents, plan.changes) == ((), ())


SOON, LATER = "2098-01-01 00:00:00", "2099-01-01 00:00:00"


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (RecordedGroup(True, description="Old", expiry=SOON), [("Old", Source.LEDGER), (SOON, Source.LEDGER)]),
        (RecordedGroup(True, description="Reported", expiry=LATER), []),
        (RecordedGroup(True, description="Old"), [("Old", Source.LEDGER), (None, Source.ASSUMED)]),
        (RecordedGroup(True), [(None, Source.ASSUMED)] * 2),
        (RecordedGroup(True, description="Reported", expiry=LATER, unsure=True), [(None, Source.ASSUMED)] * 2),
    ],
)
def test_what_is_not_certainly_on_record_may_be_a_change(group: RecordedGroup, expected: List[Any]) -> None:
    found = differences(group, "Reported", LATER)
    assert [(change.old, change.source) for change in found] == expected
    assert {change.new for change in found} <= {"Reported", LATER}
    assert differences(group, None, None) == ()


def test_attributes_do_not_change_when_numbers_are_removed() -> None:
    record = _record({ONE: ADDED}, NEW_YEAR, description="Old")
    plan = _drawn(_wish(ONE, state=State.ABSENT, expiry=EASTER), record)
    assert plan.changes == ()


@pytest.mark.parametrize("purge", [True, False])
@pytest.mark.parametrize("form", [ONE, f"+91{ONE}", f"0{ONE}"])
def test_an_exempt_number_that_is_blocked_is_left_with_a_warning(purge: bool, form: str) -> None:
    plan = _drawn(_wish(TWO, exempt=[form], purge=purge), _record({ONE: ADDED, TWO: ADDED}))
    assert _requests(plan) == [(Kind.ADD, [TWO], Why.REFRESH)]
    (warning,) = plan.warnings
    assert "Exempt numbers are recorded as blocked in the group (1 in all" in warning
    assert ONE in warning


def test_an_exempt_number_that_is_gone_or_to_be_removed_is_no_reason_to_warn() -> None:
    assert _drawn(_wish(TWO, exempt=[ONE]), _record({ONE: Outcome.REMOVED})).warnings == ()
    assert _drawn(_wish(TWO, exempt=[ONE], state=State.ABSENT), _record({ONE: ADDED})).warnings == ()


def test_purge_removes_what_is_held_and_no_longer_listed() -> None:
    record = _record({ONE: ADDED, TWO: Outcome.PRESENT, THREE: Outcome.REJECTED})
    plan = _drawn(_wish(ONE, refresh=False, purge=True), record)
    assert _requests(plan) == [(Kind.REMOVE, [TWO], Why.NOT_LISTED)]
    assert plan.intents[0].recorded == RecordedNumber(Outcome.PRESENT)


def test_without_purge_nothing_is_removed() -> None:
    assert _drawn(_wish(ONE, refresh=False), _record({ONE: ADDED, TWO: ADDED})).intents == ()


def test_purge_keeps_what_may_be_the_same_telephone_as_a_listed_number() -> None:
    plan = _drawn(_wish(f"+91{ONE}", refresh=False, purge=True), _record({ONE: ADDED, f"0{ONE}": ADDED}))
    assert _requests(plan) == [(Kind.ADD, [f"+91{ONE}"], Why.NEW)]


@pytest.mark.parametrize("remove_shared", [True, False])
@pytest.mark.parametrize("form", ["{}", "+91{}", "0{}"])
def test_a_number_of_another_group_is_removed_only_on_demand(remove_shared: bool, form: str) -> None:
    record = replace(_record({ONE: ADDED, TWO: ADDED}), others={form.format(ONE): ("Fraud",)})
    listed = _wish(ONE, TWO, state=State.ABSENT, remove_shared=remove_shared)
    purged = _wish(purge=True, remove_shared=remove_shared, refresh=False)
    for wish in (listed, purged):
        plan = _drawn(wish, record)
        ((_kind, removed, _why),) = _requests(plan)
        assert removed == ([ONE, TWO] if remove_shared else [TWO])
        assert _settled(plan) == ({} if remove_shared else {ONE: Outcome.SHARED})
        assert len(plan.warnings) == (0 if remove_shared else 1)
        assert all(
            "Not removed because other groups hold them too: 1 of the numbers" in warning for warning in plan.warnings
        )


def test_that_a_number_of_another_group_is_not_there_does_not_tell_that_nothing_changes() -> None:
    """The server may remove it from the other group."""
    record = replace(_record({ONE: Outcome.REMOVED}), others={ONE: ("Fraud",)})
    wish = _wish(ONE, state=State.ABSENT, remove_shared=True)
    prediction = predict(_drawn(wish, record), record.group)
    assert [result.outcome for result in prediction.results] == [Outcome.NOT_FOUND]
    assert prediction.evidence == Evidence(True, ASSUMED)


def test_an_added_number_of_another_group_is_added_all_the_same() -> None:
    record = replace(_record({}), others={ONE: ("Fraud",)})
    assert _requests(_drawn(_wish(ONE, purge=True), record)) == [(Kind.ADD, [ONE], Why.NEW)]


@pytest.mark.parametrize(("most", "refused"), [(None, False), (2, False), (1, True), (0, True)])
def test_more_removals_than_allowed_are_refused(most: Optional[int], refused: bool) -> None:
    record = _record({ONE: ADDED, TWO: ADDED, THREE: ADDED})
    wish = _wish(ONE, purge=True, max_removals=most)
    if not refused:
        assert len(_drawn(wish, record).of(Kind.REMOVE)) == 2
        return
    with pytest.raises(
        TooManyRemovals, match=f"max_removals: this would remove 2 of the numbers, and at most {most} may be"
    ):
        _drawn(wish, record)


def test_requests_are_as_large_as_they_may_be_and_counted_from_one() -> None:
    plan = _drawn(_wish(*[f"99999{n:05d}" for n in range(250)]), InMemory())
    made = batches(plan.intents, 100)
    assert [len(batch.numbers) for batch in made] == [100, 100, 50]
    assert [batch.ordinal for batch in made] == [1, 2, 3]
    assert [batch.ordinal for batch in batches(plan.intents, 200, first=7)] == [7, 8]


def test_distinct_expiries_go_in_distinct_requests() -> None:
    one, two = _numbers(ONE, TWO)
    intents = [Intent(Kind.ADD, one, Why.NEW, EASTER), Intent(Kind.ADD, two, Why.NEW, NEW_YEAR)]
    assert [batch.expiry for batch in batches(intents, 100)] == [EASTER, NEW_YEAR]


@pytest.mark.parametrize(("state", "outcome"), [(State.PRESENT, Outcome.PRESENT), (State.ABSENT, Outcome.ABSENT)])
def test_of_a_group_that_was_made_elsewhere_what_is_not_recorded_is_not_known(state: State, outcome: Outcome) -> None:
    record = _record({TWO: ADDED, THREE: Outcome.NOT_FOUND})
    adopted = replace(record, group=replace(record.group, complete=False))
    plan = _drawn(_wish(ONE, TWO, THREE, state=state), adopted)
    before = [intent.recorded.outcome for intent in plan.intents if intent.recorded is not None]
    assert before == [Outcome.UNCONFIRMED, ADDED, Outcome.NOT_FOUND]
    predicted = predict(plan, adopted.group)
    assert predicted.results[0].outcome is outcome
    assert predict(_drawn(_wish(ONE, state=state), adopted), adopted.group).evidence == Evidence(True, ASSUMED)


def test_a20_when_the_group_was_gone_nothing_that_was_recorded_of_it_holds() -> None:
    wish = _wish(ONE, TWO, THREE, exempt=[THREE], expiry=EASTER, refresh=False, purge=True)
    record = InMemory(
        RecordedGroup(True, 20, "Reported", EASTER),
        {ONE: RecordedNumber(ADDED, EASTER), "9999900009": RecordedNumber(ADDED, EASTER)},
    )
    plan = after_the_group_was_gone(_drawn(wish, record), wish)
    assert [(i.kind, i.number.canonical, i.why, i.expiry, i.recorded) for i in plan.intents] == [
        (Kind.ADD, TWO, Why.NEW, EASTER, None),
        (Kind.REMOVE, "9999900009", Why.NOT_LISTED, None, None),
        (Kind.ADD, ONE, Why.GROUP_WAS_GONE, EASTER, None),
    ]
    assert _settled(plan) == {THREE: Outcome.EXEMPT}


@pytest.mark.parametrize(
    ("wish", "record", "outcomes", "evidence"),
    [
        (_wish(ONE), InMemory(), [ADDED], Evidence(True, ASSUMED)),
        (_wish(ONE), _record({}), [ADDED], Evidence(True, LEDGER)),
        (_wish(ONE), _record({ONE: ADDED}), [STAYS], Evidence(False, LEDGER)),
        (_wish(ONE), _record({ONE: Outcome.PRESENT}), [STAYS], Evidence(False, LEDGER)),
        (_wish(ONE), _record({ONE: ADDED}, description="Old"), [STAYS], Evidence(True, LEDGER)),
        (_wish(ONE, expiry=EASTER), _record({ONE: ADDED}, NEW_YEAR), [STAYS], Evidence(True, LEDGER)),
        (_wish(ONE, state=State.ABSENT), InMemory(), [Outcome.REMOVED], Evidence(True, ASSUMED)),
        (_wish(ONE, state=State.ABSENT), _record({ONE: ADDED}), [Outcome.REMOVED], Evidence(True, LEDGER)),
        (_wish(ONE, state=State.ABSENT), _record({}), [Outcome.NOT_FOUND], Evidence(False, LEDGER)),
        (
            _wish(ONE, state=State.ABSENT),
            InMemory(numbers={ONE: RecordedNumber(Outcome.NOT_FOUND)}),
            [Outcome.NOT_FOUND],
            Evidence(False, LEDGER),
        ),
        (_wish(), _record({}), [], Evidence(False, LEDGER)),
        (_wish(), InMemory(), [], Evidence(False, ASSUMED)),
        (_wish(ONE, exempt=[ONE]), InMemory(), [Outcome.EXEMPT], Evidence(False, ASSUMED)),
        (_wish(ONE, refresh=False), _record({ONE: ADDED}), [STAYS], Evidence(False, LEDGER)),
        (_wish(ONE, expiry=EASTER, sets_new_expiry=True), InMemory(), [ADDED], Evidence(True, ASSUMED)),
    ],
)
def test_a_prediction_rests_on_the_ledger_or_is_assumed(
    wish: Wish, record: InMemory, outcomes: List[Outcome], evidence: Evidence
) -> None:
    prediction = predict(_drawn(wish, record), record.group)
    assert [result.outcome for result in prediction.results] == outcomes
    assert prediction.evidence == evidence


def test_an_expiry_of_single_numbers_is_a_predicted_change() -> None:
    record = InMemory(RecordedGroup(True, 20, "Reported", EASTER), {ONE: RecordedNumber(ADDED, NEW_YEAR)})
    plan = _drawn(_wish(ONE, expiry=EASTER, refresh=False), record)
    assert plan.changes == ()
    assert predict(plan, record.group).evidence == Evidence(True, LEDGER)


def test_what_is_recorded_of_other_groups_alone_tells_nothing_of_this_one() -> None:
    for wish in (_wish(ONE, purge=True), _wish(ONE, state=State.ABSENT)):
        found = predict(_drawn(wish, InMemory(others={TWO: ("Fraud",)})), RecordedGroup())
        assert found == predict(_drawn(wish, InMemory()), RecordedGroup())
        assert found.evidence == Evidence(True, ASSUMED)


def test_a_batch_tells_what_its_numbers_have_in_common() -> None:
    intents = tuple(Intent(Kind.ADD, number, Why.NEW, EASTER) for number in _numbers(ONE, TWO))
    batch = Batch(intents, 3)
    assert (batch.kind, batch.expiry, batch.numbers, batch.ordinal) == (Kind.ADD, EASTER, _numbers(ONE, TWO), 3)


pool = st.sampled_from(POOL)
expiries = st.sampled_from([None, NEW_YEAR, EASTER])
wishes = st.builds(
    lambda state, listed, exempt, description, expiry, refresh, purge, shared: _wish(
        *listed,
        state=state,
        exempt=exempt,
        description=description,
        expiry=expiry,
        refresh=refresh,
        purge=purge and state is State.PRESENT,
        remove_shared=shared,
    ),
    st.sampled_from(State),
    st.lists(pool, unique=True, max_size=10),
    st.lists(pool, max_size=2),
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
    st.dictionaries(pool, st.builds(RecordedNumber, st.sampled_from(RECORDABLE), expiries), max_size=10),
    st.dictionaries(pool, st.just(("Fraud",)), max_size=2),
)


def _telephone(canonical: str) -> str:
    return canonical[-4:]


def _telephones(canonicals: Iterable[str]) -> FrozenSet[str]:
    return frozenset(map(_telephone, canonicals))


@settings(deadline=None, max_examples=200)
@given(wishes, records, st.integers(1, 4))
def test_every_listed_number_is_in_one_request_or_settled_and_requests_are_sound(
    wish: Wish, record: InMemory, size: int
) -> None:
    plan = _drawn(wish, record)
    made = batches(plan.intents, size)
    dealt_with = [n for batch in made for n in batch.numbers] + [result.number for result in plan.settled]
    canonicals = [number.canonical for number in dealt_with]
    assert len(set(canonicals)) == len(canonicals)
    assert set(wish.numbers) <= set(dealt_with)
    for batch in made:
        assert 1 <= len(batch.numbers) <= size
        assert {(intent.kind, intent.why, intent.expiry) for intent in batch.intents} == {
            (batch.kind, batch.intents[0].why, batch.expiry)
        }
        assert batch.expiry == (wish.expiry if batch.kind is Kind.ADD else None)
    assert all(result.reason and result.batch is None for result in plan.settled)


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_nothing_is_sent_that_is_protected(wish: Wish, record: InMemory) -> None:
    listed = [number.canonical for number in wish.numbers]
    held = set(record.ours("Nuisance"))
    for intent in _drawn(wish, record).intents:
        telephone = _telephone(intent.number.canonical)
        assert telephone not in _telephones(number.canonical for number in wish.exempt)
        if intent.kind is Kind.ADD:
            assert wish.state is State.PRESENT
            assert intent.number.canonical in listed
            continue
        assert wish.remove_shared or telephone not in _telephones(record.others)
        if wish.state is State.PRESENT:
            assert wish.purge
            assert intent.number.canonical in held
            assert telephone not in _telephones(listed)
        else:
            assert intent.number.canonical in listed


@settings(deadline=None, max_examples=200)
@given(wishes, records, st.integers(0, 6))
def test_a_plan_is_refused_exactly_if_it_removes_more_than_allowed(wish: Wish, record: InMemory, most: int) -> None:
    free = _drawn(wish, record)
    removals = len(free.of(Kind.REMOVE))
    if removals > most:
        with pytest.raises(TooManyRemovals, match=f"this would remove {removals} of the numbers"):
            _drawn(replace(wish, max_removals=most), record)
    else:
        assert _drawn(replace(wish, max_removals=most), record) == free


def _done_as_predicted(plan: Plan, wish: Wish, record: InMemory) -> InMemory:
    outcomes = {result.number.canonical: result.outcome for result in predict(plan, record.group).results}
    numbers = dict(record.numbers)
    for intent in plan.of(Kind.REMOVE):
        for form in spellings(intent.number.canonical) & numbers.keys():
            if numbers[form].in_group:
                numbers[form] = RecordedNumber(Outcome.UNCONFIRMED)
    for intent in plan.intents:
        canonical = intent.number.canonical
        old = record.numbers.get(canonical)
        numbers[canonical] = RecordedNumber(outcomes[canonical], intent.expiry or (old.expiry if old else None))
    if not plan.of(Kind.ADD):
        return replace(record, numbers=numbers)
    expiry = wish.expiry or record.group.expiry
    group = replace(record.group, known=True, description=wish.description, expiry=expiry)
    return replace(record, group=group, numbers=numbers)


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_when_all_went_as_predicted_there_is_nothing_left_to_do(wish: Wish, record: InMemory) -> None:
    plan = _drawn(wish, record)
    assume(plan.intents)
    again = _drawn(replace(wish, refresh=False), _done_as_predicted(plan, wish, record))
    assert again.intents == ()


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_a_prediction_covers_all_that_is_planned(wish: Wish, record: InMemory) -> None:
    plan = _drawn(wish, record)
    prediction: Prediction = predict(plan, record.group)
    planned = [intent.number for intent in plan.intents] + [result.number for result in plan.settled]
    assert sorted(r.number.canonical for r in prediction.results) == sorted(n.canonical for n in planned)
    if not plan.intents:
        assert not prediction.evidence.changed
    assert all(isinstance(result, NumberResult) for result in prediction.results)


def test_what_would_be_added_to_a_group_that_has_ended_is_predicted_as_open() -> None:
    held = {ONE: ADDED, TWO: Outcome.REMOVED, THREE: Outcome.UNCONFIRMED}
    record = _record(held)
    record = replace(record, group=replace(record.group, ended=True))
    found = predict(_drawn(_wish(ONE, TWO, THREE), record), record.group)
    open_ones = [result.number.canonical for result in found.results if result.outcome is Outcome.UNCONFIRMED]
    assert (open_ones, found.evidence) == ([TWO, THREE], Evidence(True, Source.ASSUMED))
    renewed = predict(_drawn(_wish(TWO, expiry=NEW_YEAR), record), record.group)
    assert [result.outcome for result in renewed.results] == [ADDED]
