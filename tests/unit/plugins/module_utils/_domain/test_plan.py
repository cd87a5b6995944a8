# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: what is sent and in which requests, why, and what is never sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, FrozenSet, Iterable, List, Optional

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Kind,
    RecordedGroup,
    RecordedNumber,
    State,
    Why,
    Work,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import TooManyRemovals
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.lines import spellings
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Outcome, Source
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import (
    AttributeChange,
    after_the_group_was_gone,
    differences,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.drawn import (
    EASTER,
    NEW_YEAR,
    ONE,
    THREE,
    TWO,
    Asked,
    Drawn,
    EachForItself,
    InMemory,
    asked,
    drawn,
    record_of,
    records,
    wishes,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import numbers
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import outcomes_of, results_of, worklist_to_do

ADDED, STAYS = Outcome.ADDED, Outcome.ALREADY_PRESENT
LEDGER, ASSUMED = Source.LEDGER, Source.ASSUMED
FIVE_THOUSAND = [f"99999{n:05d}" for n in range(5000)]


def test_where_nothing_is_recorded_everything_is_sent() -> None:
    plan = drawn(asked(ONE, TWO), InMemory())
    assert plan.requests() == [(Kind.ADD, [ONE, TWO], Why.NOTHING_RECORDED)]
    assert (plan.settled(), plan.plan.changes, plan.plan.warnings) == ({}, (), ())


def test_another_expiry_is_a_change_of_the_group() -> None:
    plan = drawn(asked(ONE, expiry=EASTER, refresh=False), record_of({ONE: ADDED}, NEW_YEAR))
    assert plan.to_send() == {ONE: (Kind.ADD, Why.EXPIRY, EASTER, RecordedNumber(ADDED, NEW_YEAR))}
    assert plan.plan.changes == (AttributeChange("expiry_date", NEW_YEAR, EASTER),)


@pytest.mark.parametrize("expiry", [None, NEW_YEAR])
def test_no_expiry_or_the_same_is_no_change(expiry: Optional[str]) -> None:
    plan = drawn(asked(ONE, expiry=expiry, refresh=False), record_of({ONE: ADDED}, NEW_YEAR))
    assert (plan.requests(), plan.plan.changes) == ([], ())


@pytest.mark.parametrize(("new", "expected"), [(True, 1), (False, 0)])
def test_where_nothing_is_recorded_a_date_that_was_computed_just_now_is_a_change_and_one_that_was_given_is_not_known(
    new: bool, expected: int
) -> None:
    plan = drawn(asked(ONE, expiry=EASTER, sets_new_expiry=new), InMemory()).plan
    assert len(plan.changes) == expected
    assert all(change == AttributeChange("expiry_date", None, EASTER, ASSUMED) for change in plan.changes)


def test_new_numbers_and_refreshed_ones_go_in_requests_of_their_own() -> None:
    plan = drawn(asked(ONE, TWO), record_of({ONE: ADDED}))
    assert plan.requests() == [(Kind.ADD, [ONE], Why.REFRESH), (Kind.ADD, [TWO], Why.NEW)]


def test_a_changed_description_is_carried_by_one_number() -> None:
    record = record_of({ONE: ADDED, TWO: ADDED}, NEW_YEAR, description="Old")
    plan = drawn(asked(ONE, TWO, refresh=False), record)
    assert plan.to_send() == {ONE: (Kind.ADD, Why.DESCRIPTION, None, RecordedNumber(ADDED, NEW_YEAR))}
    assert plan.settled() == {TWO: STAYS}
    assert plan.plan.changes == (AttributeChange("description", "Old", "Reported"),)


def test_a_changed_description_needs_no_request_of_its_own_beside_others() -> None:
    plan = drawn(asked(ONE, TWO, refresh=False), record_of({ONE: ADDED}, description="Old"))
    assert plan.requests() == [(Kind.ADD, [TWO], Why.NEW)]
    assert len(plan.plan.changes) == 1


def test_a_changed_description_is_carried_before_anything_is_removed() -> None:
    record = record_of({ONE: ADDED, TWO: ADDED}, description="Old")
    plan = drawn(asked(TWO, refresh=False, purge=True, max_removals=1), record)
    assert plan.requests() == [(Kind.ADD, [TWO], Why.DESCRIPTION), (Kind.REMOVE, [ONE], Why.NOT_LISTED)]


@pytest.mark.parametrize(("own", "expected"), [({TWO: EASTER}, EASTER), ({ONE: EASTER}, NEW_YEAR), ({}, NEW_YEAR)])
def test_what_carries_a_description_keeps_its_own_expiry(own: Any, expected: str) -> None:
    """The first number of the list that stays."""
    record = record_of({ONE: ADDED, TWO: ADDED, THREE: ADDED}, NEW_YEAR, description="Old")
    if TWO in own:
        record.numbers[TWO] = RecordedNumber(ADDED, EASTER)
    listed = asked(TWO, THREE, exempt=[ONE], expiries=own, expiry=NEW_YEAR, refresh=False)
    assert drawn(listed, record).to_send() == {TWO: (Kind.ADD, Why.DESCRIPTION, expected, record.numbers[TWO])}


def test_a_description_that_no_request_carries_is_not_announced() -> None:
    plan = drawn(asked(ONE, exempt=[ONE], refresh=False), record_of({ONE: ADDED}, description="Old"))
    assert (plan.requests(), plan.plan.changes) == ([], ())


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
    record = record_of({ONE: ADDED}, NEW_YEAR, description="Old")
    assert drawn(asked(ONE, state=State.ABSENT, expiry=EASTER), record).plan.changes == ()


@pytest.mark.parametrize("purge", [True, False])
@pytest.mark.parametrize("form", [ONE, f"+91{ONE}", f"0{ONE}"])
def test_an_exempt_number_that_is_blocked_is_left_with_a_warning(purge: bool, form: str) -> None:
    plan = drawn(asked(TWO, exempt=[form], purge=purge), record_of({ONE: ADDED, TWO: ADDED}))
    assert plan.requests() == [(Kind.ADD, [TWO], Why.REFRESH)]
    (warning,) = plan.plan.warnings
    assert "Exempt numbers are recorded as blocked in the group (1 in all" in warning
    assert ONE in warning


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("form", [ONE, f"+91{ONE}", f"0{ONE}"])
def test_an_exempt_number_is_never_sent_however_it_is_written(form: str, state: State) -> None:
    plan = drawn(asked(ONE, TWO, state=state, exempt=[form]), InMemory())
    assert [sent for _kind, sent, _why in plan.requests()] == [[TWO]]
    exempt, _other = results_of(plan.worklist)
    assert (exempt.outcome, exempt.reason) == (Outcome.EXEMPT, "named in exempt_numbers")


def test_an_exempt_number_that_is_gone_or_to_be_removed_is_no_reason_to_warn() -> None:
    assert drawn(asked(TWO, exempt=[ONE]), record_of({ONE: Outcome.REMOVED})).plan.warnings == ()
    assert drawn(asked(TWO, exempt=[ONE], state=State.ABSENT), record_of({ONE: ADDED})).plan.warnings == ()


def test_purge_removes_what_is_held_and_no_longer_listed() -> None:
    record = record_of({ONE: ADDED, TWO: Outcome.PRESENT, THREE: Outcome.REJECTED})
    plan = drawn(asked(ONE, refresh=False, purge=True), record)
    assert plan.to_send() == {TWO: (Kind.REMOVE, Why.NOT_LISTED, None, RecordedNumber(Outcome.PRESENT))}
    assert [result.number.where for result in results_of(plan.worklist)] == ["block_numbers, entry 1", "the ledger"]


def test_without_purge_nothing_is_removed() -> None:
    assert drawn(asked(ONE, refresh=False), record_of({ONE: ADDED, TWO: ADDED})).requests() == []


def test_purge_keeps_what_may_be_the_same_telephone_as_a_listed_number() -> None:
    plan = drawn(asked(f"+91{ONE}", refresh=False, purge=True), record_of({ONE: ADDED, f"0{ONE}": ADDED}))
    assert plan.requests() == [(Kind.ADD, [f"+91{ONE}"], Why.UNSURE)]


def test_what_may_be_there_goes_apart_from_what_is_new() -> None:
    """So that the server's counter tells of one kind only."""
    record = record_of({ONE: ADDED, TWO: ADDED})
    record.numbers[TWO] = RecordedNumber(Outcome.UNCONFIRMED)
    record = replace(record, group=replace(record.group, complete=True))
    plan = drawn(asked(ONE, TWO, THREE, refresh=False), record)
    assert sorted(plan.requests(), key=str) == sorted(
        [(Kind.ADD, [TWO], Why.UNSURE), (Kind.ADD, [THREE], Why.NEW)], key=str
    )


def test_what_a_purge_takes_counts_as_listed_for_no_other_number() -> None:
    """Two spellings that are no longer listed both go, whether they are read together or not."""
    held = {ONE: ADDED, TWO: ADDED, f"0{ONE}": ADDED, f"+91{ONE}": ADDED}
    plan = drawn(asked(TWO, refresh=False, purge=True), record_of(held))
    assert plan.requests() == [(Kind.REMOVE, [ONE, f"0{ONE}", f"+91{ONE}"], Why.NOT_LISTED)]


@pytest.mark.parametrize("remove_shared", [True, False])
@pytest.mark.parametrize("form", ["{}", "+91{}", "0{}"])
def test_a_number_of_another_group_is_removed_only_on_demand(remove_shared: bool, form: str) -> None:
    record = replace(record_of({ONE: ADDED, TWO: ADDED}), others={form.format(ONE): ("Fraud",)})
    listed = asked(ONE, TWO, state=State.ABSENT, remove_shared=remove_shared)
    purged = asked(purge=True, remove_shared=remove_shared, refresh=False)
    for wish in (listed, purged):
        plan = drawn(wish, record)
        ((_kind, removed, _why),) = plan.requests()
        assert removed == ([ONE, TWO] if remove_shared else [TWO])
        assert plan.settled() == ({} if remove_shared else {ONE: Outcome.SHARED})
        (batch,) = plan.worklist.batches(100)
        assert batch.shared == ({ONE} if remove_shared else set())
        assert len(plan.plan.warnings) == (0 if remove_shared else 1)
        assert all(
            "Not removed, because other groups hold them too: 1 of the numbers" in warning
            for warning in plan.plan.warnings
        )


def test_an_added_number_of_another_group_is_added_all_the_same() -> None:
    record = replace(record_of({}), others={ONE: ("Fraud",)})
    assert drawn(asked(ONE, purge=True), record).requests() == [(Kind.ADD, [ONE], Why.NEW)]


@pytest.mark.parametrize(("most", "refused"), [(None, False), (2, False), (1, True), (0, True)])
def test_more_removals_than_allowed_are_refused(most: Optional[int], refused: bool) -> None:
    record = record_of({ONE: ADDED, TWO: ADDED, THREE: ADDED})
    wish = asked(ONE, purge=True, max_removals=most)
    if not refused:
        assert drawn(wish, record).worklist.waiting(Kind.REMOVE) == 2
        return
    with pytest.raises(
        TooManyRemovals, match=f"max_removals: this would remove 2 of the numbers, and at most {most} may be"
    ):
        drawn(wish, record)


def test_requests_are_as_large_as_they_may_be_and_counted_from_one() -> None:
    worklist = drawn(asked(*FIVE_THOUSAND[:250]), InMemory()).worklist
    made = list(worklist.batches(100))
    assert [len(batch.numbers) for batch in made] == [100, 100, 50]
    assert [batch.ordinal for batch in made] == [1, 2, 3]
    assert [batch.ordinal for batch in worklist.batches(200, first=7)] == [7, 8]


def test_distinct_expiries_go_in_distinct_requests() -> None:
    worklist = drawn(asked(ONE, TWO, THREE, expiries={ONE: EASTER, THREE: EASTER}, expiry=NEW_YEAR), InMemory())
    made = worklist.worklist.batches(100)
    assert [(batch.expiry, [n.canonical for n in batch.numbers]) for batch in made] == [
        (EASTER, [ONE, THREE]),
        (NEW_YEAR, [TWO]),
    ]


def test_an_expiry_of_an_entry_goes_before_that_of_the_group() -> None:
    record = record_of({ONE: ADDED, TWO: ADDED, THREE: ADDED}, NEW_YEAR)
    record.numbers[THREE] = RecordedNumber(ADDED, EASTER)
    listed = asked(ONE, TWO, THREE, expiries={ONE: EASTER, THREE: EASTER}, expiry=NEW_YEAR, refresh=False)
    plan = drawn(listed, record)
    assert plan.to_send() == {ONE: (Kind.ADD, Why.EXPIRY, EASTER, RecordedNumber(ADDED, NEW_YEAR))}
    assert plan.settled() == {TWO: STAYS, THREE: STAYS}


@pytest.mark.parametrize(("state", "outcome"), [(State.PRESENT, Outcome.PRESENT), (State.ABSENT, Outcome.ABSENT)])
def test_of_a_group_that_was_made_elsewhere_what_is_not_recorded_is_not_known(state: State, outcome: Outcome) -> None:
    record = record_of({TWO: ADDED, THREE: Outcome.NOT_FOUND})
    adopted = replace(record, group=replace(record.group, complete=False))
    plan = drawn(asked(ONE, TWO, THREE, state=state), adopted)
    before = {canonical: held.outcome for canonical, (*_rest, held) in plan.to_send().items() if held is not None}
    assert before == {ONE: Outcome.UNCONFIRMED, TWO: ADDED, THREE: Outcome.NOT_FOUND}
    assert plan.predicted()[0][0] is outcome


@pytest.mark.parametrize(
    ("own", "other", "sent"),
    [
        (None, RecordedNumber(Outcome.UNCONFIRMED, recorded_at=5.0), RecordedNumber(Outcome.UNCONFIRMED)),
        (
            4.0,
            RecordedNumber(Outcome.UNCONFIRMED, recorded_at=5.0),
            RecordedNumber(Outcome.UNCONFIRMED, recorded_at=4.0),
        ),
        (5.0, RecordedNumber(Outcome.UNCONFIRMED, recorded_at=5.0), None),
        (4.0, RecordedNumber(Outcome.REMOVED, recorded_at=5.0), None),
        (4.0, RecordedNumber(ADDED), RecordedNumber(Outcome.UNCONFIRMED, recorded_at=4.0)),
    ],
)
def test_a_number_that_another_spelling_may_have_brought_into_the_group_is_open(
    own: Optional[float], other: RecordedNumber, sent: Optional[RecordedNumber]
) -> None:
    record = record_of({})
    record.numbers[f"+91{ONE}"] = other
    if own is not None:
        record.numbers[ONE] = RecordedNumber(Outcome.REMOVED, recorded_at=own)
    for state in State:
        ((*_rest, recorded),) = drawn(asked(ONE, state=state), record).to_send().values()
        assert recorded == (sent or record.numbers.get(ONE))


def test_a20_when_the_group_was_gone_nothing_that_was_recorded_of_it_holds() -> None:
    wish = asked(ONE, TWO, THREE, exempt=[THREE], expiry=EASTER, refresh=False, purge=True)
    record = InMemory(
        RecordedGroup(True, 20, "Reported", EASTER),
        {ONE: RecordedNumber(ADDED, EASTER), "9999900009": RecordedNumber(ADDED, EASTER)},
    )
    plan = drawn(wish, record)
    after_the_group_was_gone(plan.worklist, wish.wish)
    assert plan.to_send() == {
        TWO: (Kind.ADD, Why.UNSURE, EASTER, None),
        "9999900009": (Kind.REMOVE, Why.NOT_LISTED, None, None),
        ONE: (Kind.ADD, Why.GROUP_WAS_GONE, EASTER, None),
    }
    assert plan.settled() == {THREE: Outcome.EXEMPT}


def test_what_counted_as_present_in_a_group_that_was_gone_is_sent_with_the_expiry_of_its_entry() -> None:
    record = record_of({ONE: ADDED, TWO: ADDED}, NEW_YEAR)
    record.numbers[ONE] = RecordedNumber(ADDED, EASTER)
    wish = asked(ONE, TWO, expiries={ONE: EASTER}, expiry=NEW_YEAR, refresh=False)
    plan = drawn(wish, record)
    assert plan.requests() == []
    after_the_group_was_gone(plan.worklist, wish.wish)
    assert plan.to_send() == {
        ONE: (Kind.ADD, Why.GROUP_WAS_GONE, EASTER, None),
        TWO: (Kind.ADD, Why.GROUP_WAS_GONE, NEW_YEAR, None),
    }
    assert plan.settled() == {}


def test_a_batch_tells_what_its_numbers_have_in_common() -> None:
    held = RecordedNumber(ADDED)
    one, two, three = numbers("abc")
    first = Work(Kind.ADD, Why.NEW, EASTER)
    *_first, batch = worklist_to_do([(one, first), (two, first), (three, replace(first, recorded=held))]).batches(2)
    assert (batch.kind, batch.why, batch.expiry) == (Kind.ADD, Why.NEW, EASTER)
    assert (batch.numbers, batch.ordinal, batch.recorded) == ((three,), 2, {three.canonical: held})
    assert batch.shared == frozenset()


def test_a_long_list_is_decided_as_a_short_one() -> None:
    """Where a part of it stays as a whole, and where it does not."""
    record = record_of(dict.fromkeys(FIVE_THOUSAND[:-2], ADDED), NEW_YEAR)
    del record.numbers[FIVE_THOUSAND[1500]]
    record.numbers["9999999999"] = RecordedNumber(ADDED)
    plan = drawn(asked(*reversed(FIVE_THOUSAND), refresh=False, purge=True), record)
    assert plan.requests() == [
        (Kind.ADD, [FIVE_THOUSAND[-1], FIVE_THOUSAND[-2], FIVE_THOUSAND[1500]], Why.NEW),
        (Kind.REMOVE, ["9999999999"], Why.NOT_LISTED),
    ]
    assert plan.worklist.counts() == {STAYS: 4997}


# -- whatever is asked for ---------------------------------------------------------------------------------------------


def _telephone(canonical: str) -> str:
    return canonical[-4:]


def _telephones(canonicals: Iterable[str]) -> FrozenSet[str]:
    return frozenset(map(_telephone, canonicals))


@settings(deadline=None, max_examples=200)
@given(wishes, records, st.integers(1, 4))
def test_every_listed_number_is_in_one_request_or_settled_and_requests_are_sound(
    wish: Asked, record: InMemory, size: int
) -> None:
    worklist = drawn(wish, record).worklist
    made = list(worklist.batches(size))
    sent = [n for batch in made for n in batch.numbers]
    told = list(worklist.all_results())
    assert len(set(sent)) == len(sent)
    assert len({result.number.canonical for result in told}) == len(told)
    assert set(wish.listed) <= {result.number.canonical for result in told}
    assert [batch.ordinal for batch in made] == list(range(1, len(made) + 1))
    for batch in made:
        assert 1 <= len(batch.numbers) <= size
        dates = {wish.expiries.get(n.canonical) or wish.wish.expiry for n in batch.numbers}
        assert {batch.expiry} == (dates if batch.kind is Kind.ADD else {None})
    assert [batch.kind for batch in made] == sorted((batch.kind for batch in made), key=list(Kind).index)
    assert all(result.reason and result.batch is None for result in told)


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_nothing_is_sent_that_is_protected(wish: Asked, record: InMemory) -> None:
    held = {canonical for part in record.ours("Nuisance") for canonical in part}
    for canonical, (kind, _why, _expiry, _recorded) in drawn(wish, record).to_send().items():
        telephone = _telephone(canonical)
        assert telephone not in _telephones(wish.exempt)
        if kind is Kind.ADD:
            assert wish.wish.state is State.PRESENT
            assert canonical in wish.listed
            continue
        assert wish.wish.remove_shared or telephone not in _telephones(record.others)
        if wish.wish.state is State.PRESENT:
            assert wish.wish.purge
            assert canonical in held
            assert telephone not in _telephones(wish.listed)
        else:
            assert canonical in wish.listed


@settings(deadline=None, max_examples=200)
@given(wishes, records, st.integers(0, 6))
def test_a_plan_is_refused_exactly_if_it_removes_more_than_allowed(wish: Asked, record: InMemory, most: int) -> None:
    free = drawn(wish, record)
    removals = free.worklist.waiting(Kind.REMOVE)
    assert removals == sum(kind is Kind.REMOVE for kind, *_rest in free.to_send().values())
    if removals > most:
        with pytest.raises(TooManyRemovals, match=f"this would remove {removals} of the numbers"):
            drawn(wish.but(max_removals=most), record)
    else:
        assert _all_of(drawn(wish.but(max_removals=most), record)) == _all_of(free)


def _all_of(plan: Drawn) -> Any:
    return plan.plan, list(plan.worklist.batches(100)), results_of(plan.worklist), plan.worklist.counts()


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_what_is_the_same_of_all_is_decided_as_for_each(wish: Asked, record: InMemory) -> None:
    each = EachForItself(record.group, record.numbers, record.others)
    assert _all_of(drawn(wish, record)) == _all_of(drawn(wish, each))


def _done_as_predicted(plan: Drawn, wish: Asked, record: InMemory) -> InMemory:
    to_send = plan.to_send()
    plan.predicted()
    outcomes = outcomes_of(plan.worklist)
    numbers = dict(record.numbers)
    for canonical, (kind, *_rest) in to_send.items():
        for form in spellings(canonical) & numbers.keys() if kind is Kind.REMOVE else ():
            if numbers[form].in_group:
                numbers[form] = RecordedNumber(Outcome.UNCONFIRMED)
    for canonical, (_kind, _why, expiry, _recorded) in to_send.items():
        old = record.numbers.get(canonical)
        numbers[canonical] = RecordedNumber(outcomes[canonical], expiry or (old.expiry if old else None))
    if not plan.worklist.waiting(Kind.ADD):
        return replace(record, numbers=numbers)
    expiry = wish.wish.expiry or record.group.expiry
    group = replace(record.group, known=True, description=wish.wish.description, expiry=expiry)
    return replace(record, group=group, numbers=numbers)


@settings(deadline=None, max_examples=200)
@given(wishes, records)
def test_when_all_went_as_predicted_there_is_nothing_left_to_do(wish: Asked, record: InMemory) -> None:
    plan = drawn(wish, record)
    assume(plan.requests())
    again = drawn(wish.but(refresh=False), _done_as_predicted(plan, wish, record))
    assert again.requests() == []
