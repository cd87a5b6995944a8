# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what is sent and why, what is spared, and that it comes to rest."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import InvalidInput
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import (
    Number,
    lines_of,
    possible_lines,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Outcome, Source
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import (
    CHANGED_DESCRIPTION,
    CHANGED_EXPIRY,
    NEW,
    NOTHING_RECORDED,
    REFRESH,
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

DATES = ["2099-01-01 00:00:00", "2099-06-01 00:00:00"]


def _numbers(*canonicals: str) -> Tuple[Number, ...]:
    return tuple(Number(canonical, canonical, f"entry of {canonical}") for canonical in canonicals)


def _present(*canonicals: str, expiry: Optional[str] = None) -> Dict[str, RecordedNumber]:
    return {canonical: RecordedNumber(Outcome.ADDED, expiry) for canonical in canonicals}


def _desired(*canonicals: str, state: State = State.PRESENT, **more: object) -> Desired:
    return Desired(state, "Nuisance", _numbers(*canonicals), **more)  # type: ignore[arg-type]


def _sent(made: Plan, kind: Kind = Kind.ADD) -> List[str]:
    return [number.canonical for step in made.steps if step.kind is kind for number in step.numbers]


def test_with_nothing_recorded_everything_is_sent() -> None:
    made = plan(_desired("1", "2"), None, Options())
    assert [(step.kind, step.reason) for step in made.steps] == [(Kind.ADD, NOTHING_RECORDED)]
    assert predict(made, None).evidence.source is Source.ASSUMED


def test_new_numbers_and_refreshed_ones_go_in_batches_of_their_own() -> None:
    made = plan(_desired("1", "2"), Recorded(numbers=_present("1")), Options())
    assert [(step.reason, [n.canonical for n in step.numbers]) for step in made.steps] == [
        (REFRESH, ["1"]),
        (NEW, ["2"]),
    ]


def test_without_refresh_only_differences_are_sent() -> None:
    recorded = Recorded(numbers={**_present("1"), "2": RecordedNumber(Outcome.NOT_FOUND)})
    made = plan(_desired("1", "2", "3"), recorded, Options(refresh=False))
    assert _sent(made) == ["2", "3"]
    assert [(r.number.canonical, r.outcome) for r in made.settled] == [("1", Outcome.ALREADY_PRESENT)]


def test_a_changed_expiry_is_sent_for_every_number_and_distinct_ones_in_distinct_steps() -> None:
    recorded = Recorded(numbers=_present("1", "2", "3", expiry=DATES[0]), expiry=DATES[0])
    desired = _desired("1", "2", "3", expiry=DATES[1], expiries={"2": DATES[0], "3": "2099-09-09 00:00:00"})
    made = plan(desired, recorded, Options(refresh=False))
    assert [(step.reason, step.expiry, [n.canonical for n in step.numbers]) for step in made.steps] == [
        (CHANGED_EXPIRY, DATES[1], ["1"]),
        (CHANGED_EXPIRY, "2099-09-09 00:00:00", ["3"]),
    ]
    assert made.attributes == {"expiry_date": (DATES[0], DATES[1])}


def test_a_changed_description_alone_is_carried_by_one_number() -> None:
    recorded = Recorded(description="old", numbers=_present("1", "2"))
    made = plan(_desired("1", "2", description="new"), recorded, Options(refresh=False))
    assert [(step.reason, len(step.numbers)) for step in made.steps] == [(CHANGED_DESCRIPTION, 1)]
    assert predict(made, recorded).evidence.changed


def test_more_removals_than_allowed_are_refused() -> None:
    recorded = Recorded(numbers=_present("1", "2", "3"))
    with pytest.raises(InvalidInput, match="2 numbers would be removed, 1 are allowed"):
        plan(_desired("1"), recorded, Options(purge=True, max_removals=1))
    assert _sent(plan(_desired("1"), recorded, Options(purge=True, max_removals=2)), Kind.REMOVE) == ["2", "3"]


def test_a_shared_number_is_removed_only_when_told_to() -> None:
    recorded = Recorded(numbers=_present("1", "2"), elsewhere={"2": ("Fraud",)})
    spared = plan(_desired("1", "2", state=State.ABSENT), recorded, Options())
    assert _sent(spared, Kind.REMOVE) == ["1"]
    assert [(r.outcome, "Fraud" in r.reason) for r in spared.settled] == [(Outcome.SHARED, True)]
    assert spared.warnings
    assert _sent(plan(_desired("2", state=State.ABSENT), recorded, Options(remove_shared=True)), Kind.REMOVE) == ["2"]


def test_an_exempt_number_that_is_recorded_as_blocked_is_warned_about() -> None:
    recorded = Recorded(numbers=_present("9999900001"))
    made = plan(_desired("9999900002", exempt=lines_of(["+919999900001"])), recorded, Options(purge=True))
    assert _sent(made, Kind.REMOVE) == []
    assert "exempt" in made.warnings[0]


# -- properties --------------------------------------------------------------------------------------------------------

POOL = ["9999900001", "+919999900001", "09999900001", "9999900002", "919999900002", "9999900003", "9999900004", "7"]
canonicals = st.lists(st.sampled_from(POOL), unique=True)
recorded_numbers = st.dictionaries(
    st.sampled_from(POOL),
    st.builds(
        RecordedNumber,
        st.sampled_from(
            [Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.REMOVED, Outcome.UNCONFIRMED, Outcome.NOT_FOUND]
        ),
        st.sampled_from([None, *DATES]),
    ),
)
recordings = st.none() | st.builds(
    Recorded,
    known=st.just(True),
    group_id=st.just(20),
    description=st.sampled_from([None, "old", "new"]),
    expiry=st.sampled_from([None, *DATES]),
    numbers=recorded_numbers,
    elsewhere=st.dictionaries(st.sampled_from(POOL), st.just(("Fraud",)), max_size=3),
)
desires = st.builds(
    Desired,
    state=st.sampled_from(State),
    name=st.just("Nuisance"),
    numbers=canonicals.map(lambda chosen: _numbers(*chosen)),
    description=st.sampled_from(["old", "new"]),
    expiry=st.sampled_from([None, *DATES]),
    exempt=canonicals.map(lambda chosen: lines_of(chosen[:2])),
    expiries=st.dictionaries(st.sampled_from(POOL), st.sampled_from(DATES), max_size=3),
)
choices = st.builds(Options, st.booleans(), st.booleans(), st.booleans(), st.just(None), st.integers(1, 4))


@given(desires, recordings, choices)
def test_every_listed_number_is_in_exactly_one_step_or_settled(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    made = plan(desired, recorded, options)
    accounted = [n.canonical for step in made.steps for n in step.numbers] + [r.number.canonical for r in made.settled]
    assert len(set(accounted)) == len(accounted)
    listed = {number.canonical for number in desired.numbers}
    assert listed <= set(accounted)
    purged = set(accounted) - listed
    assert not purged or (options.purge and desired.state is State.PRESENT)


@given(desires, recordings, choices)
def test_every_step_has_a_reason_and_fits_into_a_request(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    for step in plan(desired, recorded, options).steps:
        assert step.reason
        assert 1 <= len(step.numbers) <= options.batch_size
        assert step.kind is Kind.REMOVE or {desired.expiry_of(n.canonical) for n in step.numbers} == {step.expiry}


@given(desires, recordings, choices)
def test_a_purge_never_touches_an_exempt_shared_foreign_or_listed_number(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    assume(desired.state is State.PRESENT)
    removed = _sent(plan(desired, recorded, options), Kind.REMOVE)
    if not options.purge or recorded is None:
        assert removed == []
        return
    listed = lines_of(number.canonical for number in desired.numbers)
    elsewhere = lines_of(recorded.elsewhere)
    for canonical in removed:
        assert canonical in recorded.present()
        assert not possible_lines(canonical) & (listed | desired.exempt)
        assert options.remove_shared or not possible_lines(canonical) & elsewhere


@given(desires, recordings, choices)
def test_no_exempt_number_is_ever_sent(desired: Desired, recorded: Optional[Recorded], options: Options) -> None:
    made = plan(desired, recorded, options)
    assert not lines_of(_sent(made) + _sent(made, Kind.REMOVE)) & desired.exempt or not desired.exempt


def _applied(desired: Desired, recorded: Optional[Recorded], made: Plan) -> Recorded:
    """What is recorded once everything went as predicted."""
    numbers = dict(recorded.numbers) if recorded else {}
    expiries = {n.canonical: step.expiry for step in made.steps for n in step.numbers}
    for result in predict(made, recorded).results:
        canonical = result.number.canonical
        if canonical in expiries:
            old = numbers.get(canonical)
            kept = old.expiry if old and result.outcome is Outcome.ALREADY_PRESENT else None
            numbers[canonical] = RecordedNumber(result.outcome, expiries[canonical] or kept)
    adding = [step for step in made.steps if step.kind is Kind.ADD]
    return Recorded(
        description=desired.description if adding else recorded.description if recorded else None,
        expiry=(desired.expiry if adding else None) or (recorded.expiry if recorded else None),
        numbers=numbers,
        elsewhere={} if recorded is None else recorded.elsewhere,
    )


@given(desires, recordings, choices)
def test_applying_a_plan_and_planning_again_gives_an_empty_plan(
    desired: Desired, recorded: Optional[Recorded], options: Options
) -> None:
    made = plan(desired, recorded, options)
    trusting = Options(False, options.purge, options.remove_shared, None, options.batch_size)
    assert plan(desired, _applied(desired, recorded, made), trusting).steps == ()
