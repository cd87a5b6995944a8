# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: what is sent, why, and what is never sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import InvalidInput
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number, lines_of
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Evidence, Outcome, Source
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import (
    Desired,
    Kind,
    Options,
    Plan,
    Recorded,
    RecordedNumber,
    State,
    plan,
    predict,
)

ONE, TWO, THREE = "9999900001", "9999900002", "9999900003"
NEW_YEAR, EASTER = "2099-01-01 00:00:00", "2099-04-12 00:00:00"
ADDED, PRESENT = Outcome.ADDED, Outcome.ALREADY_PRESENT
IN_GROUP = (ADDED, PRESENT)
RECORDABLE = [ADDED, PRESENT, Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.REJECTED, Outcome.UNCONFIRMED]

# Forms of the same telephone, as somebody may write it without a region; the telephone is their last four digits.
FORMS = ("999990{:04d}", "0999990{:04d}", "91999990{:04d}", "+91999990{:04d}", "0091999990{:04d}")
POOL = [form.format(telephone) for telephone in range(1, 6) for form in FORMS]


def _numbers(*canonicals: str) -> Tuple[Number, ...]:
    return tuple(Number(c, c, f"block_numbers, entry {p}") for p, c in enumerate(canonicals, start=1))


def _desired(*canonicals: str, state: State = State.PRESENT, **rest: Any) -> Desired:
    return Desired(state, "Nuisance", _numbers(*canonicals), **{"description": "Reported", **rest})


def _recorded(held: Dict[str, Outcome], expiry: Optional[str] = None, **rest: Any) -> Recorded:
    numbers = {canonical: RecordedNumber(outcome, expiry) for canonical, outcome in held.items()}
    return Recorded(numbers=numbers, expiry=expiry, **{"group_id": 20, "description": "Reported", **rest})


def _steps(made: Plan) -> List[Tuple[Kind, List[str], str]]:
    return [(step.kind, [n.canonical for n in step.numbers], step.reason) for step in made.steps]


def _settled(made: Plan) -> Dict[str, Outcome]:
    return {result.number.canonical: result.outcome for result in made.settled}


def test_where_nothing_is_recorded_everything_is_sent() -> None:
    made = plan(_desired(ONE, TWO), None, Options())
    assert _steps(made) == [(Kind.ADD, [ONE, TWO], "nothing is recorded of the group")]
    assert made.settled == ()
    assert made.warnings == ()


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize("outcome", [o for o in RECORDABLE if o not in IN_GROUP])
def test_a_number_that_is_not_recorded_as_present_is_sent(outcome: Outcome, refresh: bool) -> None:
    made = plan(_desired(ONE, TWO), _recorded({ONE: outcome}), Options(refresh=refresh))
    assert _steps(made) == [(Kind.ADD, [ONE, TWO], "not recorded as present")]


@pytest.mark.parametrize("outcome", IN_GROUP)
def test_a_recorded_number_is_sent_again_only_to_refresh(outcome: Outcome) -> None:
    recorded = _recorded({ONE: outcome})
    refreshed = plan(_desired(ONE), recorded, Options(refresh=True))
    assert _steps(refreshed) == [(Kind.ADD, [ONE], "sent again to repair changes made elsewhere (refresh)")]
    trusted = plan(_desired(ONE), recorded, Options(refresh=False))
    assert _steps(trusted) == []
    assert _settled(trusted) == {ONE: PRESENT}


def test_another_expiry_is_sent() -> None:
    made = plan(_desired(ONE, expiry=EASTER), _recorded({ONE: ADDED}, NEW_YEAR), Options(refresh=False))
    assert _steps(made) == [(Kind.ADD, [ONE], "the expiry changes")]
    assert made.steps[0].expiry == EASTER
    assert made.attributes == {"expiry_date": (NEW_YEAR, EASTER)}


@pytest.mark.parametrize("expiry", [None, NEW_YEAR])
def test_no_expiry_or_the_same_is_no_change(expiry: Optional[str]) -> None:
    made = plan(_desired(ONE, expiry=expiry), _recorded({ONE: ADDED}, NEW_YEAR), Options(refresh=False))
    assert (made.steps, made.attributes) == ((), {})


def test_distinct_expiries_go_to_distinct_steps() -> None:
    desired = _desired(ONE, TWO, THREE, expiry=EASTER, expiries={TWO: NEW_YEAR})
    made = plan(desired, None, Options())
    assert {step.expiry: [n.canonical for n in step.numbers] for step in made.steps} == {
        EASTER: [ONE, THREE],
        NEW_YEAR: [TWO],
    }


def test_of_numbers_with_expiries_of_their_own_only_those_are_sent_whose_expiry_changes() -> None:
    recorded = _recorded(dict.fromkeys((ONE, TWO, THREE), ADDED), NEW_YEAR)
    desired = _desired(ONE, TWO, THREE, expiry=EASTER, expiries={TWO: NEW_YEAR, THREE: "2099-09-09 00:00:00"})
    made = plan(desired, recorded, Options(refresh=False))
    assert [(step.expiry, [n.canonical for n in step.numbers]) for step in made.steps] == [
        (EASTER, [ONE]),
        ("2099-09-09 00:00:00", [THREE]),
    ]


def test_new_numbers_and_refreshed_ones_go_in_batches_of_their_own() -> None:
    made = plan(_desired(ONE, TWO), _recorded({ONE: ADDED}), Options())
    assert _steps(made) == [
        (Kind.ADD, [ONE], "sent again to repair changes made elsewhere (refresh)"),
        (Kind.ADD, [TWO], "not recorded as present"),
    ]


def test_a_changed_description_is_carried_by_one_number() -> None:
    recorded = _recorded({ONE: ADDED, TWO: ADDED}, description="Old")
    made = plan(_desired(ONE, TWO), recorded, Options(refresh=False))
    assert _steps(made) == [(Kind.ADD, [ONE], "the description changes")]
    assert _settled(made) == {TWO: PRESENT}
    assert made.attributes == {"description": ("Old", "Reported")}


def test_a_changed_description_needs_no_request_of_its_own_beside_others() -> None:
    made = plan(_desired(ONE, TWO), _recorded({ONE: ADDED}, description="Old"), Options(refresh=False))
    assert _steps(made) == [(Kind.ADD, [TWO], "not recorded as present")]


def test_a_description_that_no_request_carries_is_not_announced() -> None:
    recorded = _recorded({ONE: ADDED}, description="Old")
    made = plan(_desired(ONE, exempt=lines_of([ONE])), recorded, Options(refresh=False))
    assert made.steps == ()
    assert made.attributes == {}


def test_an_exempt_number_is_never_sent() -> None:
    made = plan(_desired(ONE, TWO, exempt=lines_of([f"+91{ONE}"])), None, Options())
    assert _steps(made) == [(Kind.ADD, [TWO], "nothing is recorded of the group")]
    assert _settled(made) == {ONE: Outcome.EXEMPT}


@pytest.mark.parametrize("purge", [True, False])
def test_an_exempt_number_that_is_blocked_is_left_with_a_warning(purge: bool) -> None:
    made = plan(_desired(TWO, exempt=lines_of([ONE])), _recorded({ONE: ADDED, TWO: ADDED}), Options(purge=purge))
    assert _steps(made) == [(Kind.ADD, [TWO], "sent again to repair changes made elsewhere (refresh)")]
    assert len(made.warnings) == 1
    assert "1 exempt numbers are recorded as blocked" in made.warnings[0]
    assert ONE in made.warnings[0]


def test_purge_removes_what_is_held_and_no_longer_listed() -> None:
    recorded = _recorded({ONE: ADDED, TWO: PRESENT, THREE: Outcome.REJECTED})
    made = plan(_desired(ONE), recorded, Options(refresh=False, purge=True))
    assert _steps(made) == [(Kind.REMOVE, [TWO], "no longer listed (purge)")]


def test_without_purge_nothing_is_removed() -> None:
    assert plan(_desired(ONE), _recorded({ONE: ADDED, TWO: ADDED}), Options(refresh=False)).steps == ()


def test_purge_keeps_what_may_be_the_same_telephone_as_a_listed_number() -> None:
    made = plan(_desired(f"+91{ONE}"), _recorded({ONE: ADDED, f"0{ONE}": ADDED}), Options(refresh=False, purge=True))
    assert _steps(made) == [(Kind.ADD, [f"+91{ONE}"], "not recorded as present")]


@pytest.mark.parametrize("remove_shared", [True, False])
@pytest.mark.parametrize("other_form", ["{}", "+91{}", "0{}"])
def test_a_number_of_another_group_is_removed_only_on_demand(remove_shared: bool, other_form: str) -> None:
    recorded = _recorded({ONE: ADDED, TWO: ADDED}, elsewhere={other_form.format(ONE): ("Fraud",)})
    options = Options(remove_shared=remove_shared, purge=True, refresh=False)
    listed = _desired(ONE, TWO, state=State.ABSENT)
    for made in (plan(listed, recorded, replace(options, purge=False)), plan(_desired(), recorded, options)):
        (step,) = made.steps
        assert [n.canonical for n in step.numbers] == ([ONE, TWO] if remove_shared else [TWO])
        assert _settled(made) == ({} if remove_shared else {ONE: Outcome.SHARED})
        assert len(made.warnings) == (0 if remove_shared else 1)
        assert all("Fraud" in result.reason for result in made.settled)


@pytest.mark.parametrize(
    ("held", "refresh", "sent"),
    [
        (ADDED, True, True),
        (ADDED, False, True),
        (Outcome.UNCONFIRMED, False, True),
        (Outcome.REJECTED, False, True),
        (None, False, True),
        (Outcome.REMOVED, True, True),
        (Outcome.REMOVED, False, False),
        (Outcome.NOT_FOUND, False, False),
    ],
)
def test_a_listed_number_is_removed_unless_it_is_trusted_to_be_gone(
    held: Optional[Outcome], refresh: bool, sent: bool
) -> None:
    recorded = _recorded({} if held is None else {ONE: held})
    made = plan(_desired(ONE, state=State.ABSENT), recorded, Options(refresh=refresh))
    assert _steps(made) == ([(Kind.REMOVE, [ONE], "listed for removal")] if sent else [])
    assert _settled(made) == ({} if sent else {ONE: Outcome.NOT_FOUND})


def test_where_nothing_is_recorded_listed_numbers_are_removed_all_the_same() -> None:
    made = plan(_desired(ONE, state=State.ABSENT), None, Options(refresh=False))
    assert _steps(made) == [(Kind.REMOVE, [ONE], "listed for removal")]


@pytest.mark.parametrize(("most", "refused"), [(None, False), (2, False), (1, True), (0, True)])
def test_more_removals_than_allowed_are_refused(most: Optional[int], refused: bool) -> None:
    recorded = _recorded({ONE: ADDED, TWO: ADDED, THREE: ADDED})
    options = Options(purge=True, max_removals=most)
    if not refused:
        assert len(plan(_desired(ONE), recorded, options).steps) == 2
        return
    with pytest.raises(InvalidInput, match=f"max_removals: 2 numbers would be removed, {most} are allowed"):
        plan(_desired(ONE), recorded, options)


def test_steps_are_as_large_as_a_batch_may_be() -> None:
    listed = [f"99999{n:05d}" for n in range(250)]
    made = plan(_desired(*listed), None, Options())
    assert [len(step.numbers) for step in made.steps] == [100, 100, 50]


def test_adding_goes_before_removing() -> None:
    made = plan(_desired(ONE), _recorded({TWO: ADDED}), Options(purge=True))
    assert [step.kind for step in made.steps] == [Kind.ADD, Kind.REMOVE]


@pytest.mark.parametrize(
    ("desired", "recorded", "outcomes", "evidence"),
    [
        (_desired(ONE), None, [ADDED], Evidence(True, Source.ASSUMED)),
        (_desired(ONE), _recorded({}), [ADDED], Evidence(True, Source.LEDGER)),
        (_desired(ONE), _recorded({ONE: ADDED}), [PRESENT], Evidence(False, Source.LEDGER)),
        (_desired(ONE), _recorded({ONE: ADDED}, description="Old"), [PRESENT], Evidence(True, Source.LEDGER)),
        (_desired(ONE, expiry=EASTER), _recorded({ONE: ADDED}, NEW_YEAR), [PRESENT], Evidence(True, Source.LEDGER)),
        (_desired(ONE, state=State.ABSENT), None, [Outcome.REMOVED], Evidence(True, Source.ASSUMED)),
        (_desired(ONE, state=State.ABSENT), _recorded({ONE: ADDED}), [Outcome.REMOVED], Evidence(True, Source.LEDGER)),
        (_desired(ONE, state=State.ABSENT), _recorded({}), [Outcome.NOT_FOUND], Evidence(False, Source.LEDGER)),
        (_desired(), _recorded({}), [], Evidence(False, Source.LEDGER)),
        (_desired(), None, [], Evidence(False, Source.ASSUMED)),
    ],
)
def test_a_prediction_rests_on_the_ledger_or_is_assumed(
    desired: Desired, recorded: Optional[Recorded], outcomes: List[Outcome], evidence: Evidence
) -> None:
    prediction = predict(plan(desired, recorded, Options()), recorded)
    assert [result.outcome for result in prediction.results] == outcomes
    assert prediction.evidence == evidence


def test_an_expiry_of_a_number_of_its_own_is_a_predicted_change() -> None:
    recorded = _recorded({ONE: ADDED, TWO: ADDED}, NEW_YEAR)
    desired = _desired(ONE, TWO, expiry=NEW_YEAR, expiries={TWO: EASTER})
    made = plan(desired, recorded, Options(refresh=False))
    assert _steps(made) == [(Kind.ADD, [TWO], "the expiry changes")]
    assert predict(made, recorded).evidence == Evidence(True, Source.LEDGER)


@pytest.mark.parametrize("state", list(State))
def test_what_is_recorded_of_other_groups_alone_tells_nothing_of_this_one(state: State) -> None:
    only_elsewhere = Recorded(known=False, elsewhere={TWO: ("Fraud",)})
    options = Options(purge=state is State.PRESENT)
    desired = _desired(ONE, state=state)
    expected = predict(plan(desired, None, options), None)
    found = predict(plan(desired, only_elsewhere, options), only_elsewhere)
    assert found.evidence == expected.evidence == Evidence(True, Source.ASSUMED)
    assert [result.outcome for result in found.results] == [result.outcome for result in expected.results]


pool = st.sampled_from(POOL)
expiries = st.sampled_from([None, NEW_YEAR, EASTER])
desires = st.builds(
    lambda state, listed, exempt, description, expiry, own: Desired(
        state, "Nuisance", _numbers(*listed), description, expiry, lines_of(exempt), own
    ),
    st.sampled_from(State),
    st.lists(pool, unique=True, max_size=10),
    st.lists(pool, max_size=2),
    st.sampled_from(["Reported", "Old"]),
    expiries,
    st.dictionaries(pool, st.sampled_from([NEW_YEAR, EASTER]), max_size=5),
)
records = st.none() | st.builds(
    Recorded,
    known=st.booleans(),
    group_id=st.sampled_from([None, 20]),
    description=st.sampled_from([None, "Reported", "Old"]),
    expiry=expiries,
    numbers=st.dictionaries(pool, st.builds(RecordedNumber, st.sampled_from(RECORDABLE), expiries), max_size=10),
    elsewhere=st.dictionaries(pool, st.just(("Fraud",)), max_size=2),
)
choices = st.builds(
    Options, refresh=st.booleans(), purge=st.booleans(), remove_shared=st.booleans(), batch_size=st.integers(1, 4)
)


def _telephone(canonical: str) -> str:
    return canonical[-4:]


def _telephones_of_lines(lines: FrozenSet[str]) -> FrozenSet[str]:
    return frozenset(map(_telephone, lines))


@settings(deadline=None, max_examples=200)
@given(desires, records, choices)
def test_every_listed_number_is_in_one_step_or_settled_and_steps_are_sound(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    made = plan(desired, recorded, options)
    dealt_with = [n for step in made.steps for n in step.numbers] + [result.number for result in made.settled]
    canonicals = [number.canonical for number in dealt_with]
    assert len(set(canonicals)) == len(canonicals)
    assert set(desired.numbers) <= set(dealt_with)
    for step in made.steps:
        assert step.reason
        assert 1 <= len(step.numbers) <= options.batch_size
        if step.kind is Kind.ADD:
            assert {desired.expiry_of(n.canonical) for n in step.numbers} == {step.expiry}
    assert all(result.reason and result.batch is None for result in made.settled)


@settings(deadline=None, max_examples=200)
@given(desires, records, choices)
def test_nothing_is_sent_that_is_protected(desired: Desired, recorded: Optional[Recorded], options: Options) -> None:
    made = plan(desired, recorded, options)
    listed = {number.canonical for number in desired.numbers}
    held = set(recorded.present()) if recorded else set()
    elsewhere = _telephones_of_lines(frozenset(recorded.elsewhere)) if recorded else frozenset()
    for step in made.steps:
        for number in step.numbers:
            telephone = _telephone(number.canonical)
            assert telephone not in _telephones_of_lines(desired.exempt)
            if step.kind is Kind.ADD:
                assert desired.state is State.PRESENT
                assert number.canonical in listed
                continue
            assert options.remove_shared or telephone not in elsewhere
            if desired.state is State.PRESENT:
                assert options.purge
                assert number.canonical in held
                assert telephone not in map(_telephone, listed)
            else:
                assert number.canonical in listed


@settings(deadline=None, max_examples=200)
@given(desires, records, choices, st.integers(0, 6))
def test_a_plan_is_refused_exactly_if_it_removes_more_than_allowed(
    desired: Desired, recorded: Optional[Recorded], options: Options, most: int
) -> None:
    free = plan(desired, recorded, options)
    removals = sum(len(step.numbers) for step in free.steps if step.kind is Kind.REMOVE)
    limited = replace(options, max_removals=most)
    if removals > most:
        with pytest.raises(InvalidInput, match=f"{removals} numbers would be removed"):
            plan(desired, recorded, limited)
    else:
        assert plan(desired, recorded, limited) == free


def _done_as_predicted(made: Plan, desired: Desired, recorded: Optional[Recorded]) -> Recorded:
    before = recorded or Recorded()
    outcomes = {result.number.canonical: result.outcome for result in predict(made, recorded).results}
    numbers = dict(before.numbers)
    for step in made.steps:
        for number in step.numbers:
            old = before.numbers.get(number.canonical)
            expiry = step.expiry or (old.expiry if old else None)
            numbers[number.canonical] = RecordedNumber(outcomes[number.canonical], expiry)
    if not any(step.kind is Kind.ADD for step in made.steps):
        return replace(before, numbers=numbers)
    expiry = desired.expiry or before.expiry
    return replace(before, known=True, description=desired.description, expiry=expiry, numbers=numbers)


@settings(deadline=None, max_examples=200)
@given(desires, records, choices)
def test_when_all_went_as_predicted_there_is_nothing_left_to_do(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    made = plan(desired, recorded, options)
    assume(made.steps)
    again = plan(desired, _done_as_predicted(made, desired, recorded), replace(options, refresh=False))
    assert again.steps == ()


@settings(deadline=None, max_examples=200)
@given(desires, records, choices)
def test_a_prediction_covers_all_that_is_planned(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    made = plan(desired, recorded, options)
    prediction = predict(made, recorded)
    planned = [n for step in made.steps for n in step.numbers] + [result.number for result in made.settled]
    assert sorted(r.number.canonical for r in prediction.results) == sorted(n.canonical for n in planned)
    of_this_group = recorded is not None and (recorded.known or bool(recorded.numbers))
    assert prediction.evidence.source is (Source.LEDGER if of_this_group else Source.ASSUMED)
    if not made.steps:
        assert not prediction.evidence.changed
