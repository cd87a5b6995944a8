# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written to the ledger, and when: through whole runs and batch by batch, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Batch,
    Kind,
    RecordedGroup,
    RecordedNumber,
    Why,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.expiry import utc_text
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.recorder import Attributes, GroupRecorder
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import NOT_MERGED, Store
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock, Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import counting, opened

NUMBERS = [f"99999{n:05d}" for n in range(1, 61)]


def test_each_batch_is_on_record_before_the_next_is_sent(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    # After one that finds no group, the number that create did not confirm, two batches, and one number that is sent
    # again.
    runner.simulator.fault("status", call="update", after=5, times=9, status=404)
    report = runner.group(block_numbers=NUMBERS, batch_size=10)
    assert report.failure is not None
    store = opened(runner.location)
    found = list(Ledger(store, runner.account, lambda expiry: False).numbers("Nuisance"))
    store.close()
    assert [record.number for record in found] == NUMBERS[:20]
    assert {record.outcome for record in found} == {Outcome.ADDED}


def test_the_groups_id_description_and_expiry_are_on_record(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS[:3], expiry_date="2099-12-31 23:59:59")
    store = opened(runner.location)
    (group,) = store.rows("SELECT name, group_id, description, expiry FROM groups")
    numbers = store.rows("SELECT number, outcome, expiry, recorded_at, batch FROM numbers ORDER BY number")
    store.close()
    assert group == ("Nuisance", 20, "Reported", "2099-12-31 23:59:59")
    assert numbers[0] == (NUMBERS[0], "added", "2099-12-31 23:59:59", runner.clock.time, 1)


def _group(runner: Runner) -> RecordedGroup:
    store = opened(runner.location)
    found = Ledger(store, runner.account, lambda expiry: False).group("Nuisance")
    store.close()
    return found


@pytest.mark.parametrize(
    ("new", "earlier"), [("2098-01-01 00:00:00", "2098-01-01 00:00:00"), ("2100-01-01 00:00:00", "2099-12-31 23:59:59")]
)
def test_a_text_that_may_have_changed_is_not_certain_until_an_update_is_answered(
    runner_on_each_engine: Runner, new: str, earlier: str
) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=NUMBERS[:3], expiry_date="2099-12-31 23:59:59")
    assert _group(runner).unsure is False
    runner.simulator.fault("status", call="update", times=1, status=400, body='{"status":"error","message":"Busy"}')
    assert runner.group(block_numbers=NUMBERS[:3], expiry_date=new).failure is not None
    assert (_group(runner).unsure, _group(runner).expiry) == (True, earlier)
    runner.group(state="absent", block_numbers=NUMBERS[:1])
    assert _group(runner).unsure is True
    runner.group(block_numbers=NUMBERS[:3], expiry_date=new)
    assert (_group(runner).unsure, _group(runner).expiry) == (False, new)


def test_a_group_of_which_only_a_removal_knows_has_no_certain_text(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.simulator.preset("Nuisance", NUMBERS[:3])
    runner.group(state="absent", block_numbers=NUMBERS[:1])
    assert (_group(runner).known, _group(runner).unsure) == (True, True)
    runner.group(block_numbers=NUMBERS[1:3])
    assert (_group(runner).unsure, _group(runner).description) == (False, "Reported")


@pytest.mark.parametrize("count", [1, 100])
def test_the_outcomes_of_a_batch_are_one_statement(location: Location, count: int) -> None:
    store = opened(location)
    counted, asked = counting(store)
    recorder = GroupRecorder(counted, "me", "Nuisance", Attributes("Reported", None, None), FakeClock(), False)
    numbers = [Number(f"9{at:09d}", f"9{at:09d}", "") for at in range(count)]
    batch = Batch(Kind.ADD, Why.NEW, None, tuple(numbers), 1, {})
    results = [NumberResult(number, Outcome.ADDED, "", 1) for number in numbers]
    recorder.keep(batch, results, True, 7)
    # The group itself and the shape of its numbers, once; and which shapes others have, which may change.
    assert asked == ["rows", "rows", "upsert", "upsert", "rows"]
    asked.clear()
    recorder.keep(batch, results, True, 7)
    assert asked == ["upsert", "rows"]
    assert len(list(Ledger(store, "me", lambda expiry: False).numbers("Nuisance"))) == count
    store.close()


def _two_recorders(location: Location) -> Tuple[Store, FakeClock, GroupRecorder, GroupRecorder]:
    """Of the groups Nuisance and Fraud, which two tasks are at, at the same time."""
    store, clock = opened(location), FakeClock()
    told = Attributes("Reported", None, None)
    nuisance = GroupRecorder(store, "me", "Nuisance", told, clock, True)
    return store, clock, nuisance, GroupRecorder(store, "me", "Fraud", told, clock, False)


def _outcome(store: Store, name: str, number: Number) -> Outcome:
    return Ledger(store, "me", lambda expiry: False).look_up(name, [number.canonical])[number.canonical].outcome


def _batch(kind: Kind, ordinal: int, outcome: Outcome) -> Tuple[Batch, List[NumberResult]]:
    why = Why.NEW if kind is Kind.ADD else Why.LISTED
    return Batch(kind, why, None, (ONE,), ordinal, {}), [NumberResult(ONE, outcome, "", ordinal)]


def test_what_another_group_was_told_of_while_it_was_under_way_is_certain_in_neither(location: Location) -> None:
    store, clock, nuisance, fraud = _two_recorders(location)
    added, results = _batch(Kind.ADD, 1, Outcome.ADDED)
    nuisance.begin(added)
    clock.time += 1.0
    fraud.begin(added)
    fraud.keep(added, results, True, 8)
    clock.time += 1.0
    nuisance.keep(added, results, True, 7)
    assert [_outcome(store, name, ONE) for name in ("Nuisance", "Fraud")] == [Outcome.UNCONFIRMED] * 2
    assert store.rows("SELECT since, run FROM numbers WHERE group_ref = 2") == [(None, None)]
    store.close()


def test_what_another_group_was_told_of_before_it_was_sent_has_come_from_there(location: Location) -> None:
    store, clock, nuisance, fraud = _two_recorders(location)
    nuisance.keep(Batch(Kind.ADD, Why.NEW, None, (), 1, {}), [], True, 7)  # when it is the only group yet
    added, results = _batch(Kind.ADD, 2, Outcome.ADDED)
    fraud.begin(added)
    fraud.keep(added, results, True, 8)
    clock.time += 1.0
    nuisance.begin(added)
    nuisance.keep(added, results, True, 7)
    assert (_outcome(store, "Nuisance", ONE), _outcome(store, "Fraud", ONE)) == (Outcome.ADDED, Outcome.UNCONFIRMED)
    store.close()


def test_what_another_group_was_told_of_while_a_removal_from_all_was_under_way_is_not_certain(
    location: Location,
) -> None:
    store, clock, nuisance, fraud = _two_recorders(location)
    removed, results = _batch(Kind.REMOVE, 1, Outcome.REMOVED)
    nuisance.begin(removed)
    clock.time += 1.0
    added, of_fraud = _batch(Kind.ADD, 1, Outcome.ADDED)
    fraud.begin(added)
    fraud.keep(added, of_fraud, True, 8)
    nuisance.keep(removed, results, True, 7)
    assert (_outcome(store, "Nuisance", ONE), _outcome(store, "Fraud", ONE)) == (Outcome.REMOVED, Outcome.UNCONFIRMED)
    store.close()


_UNSURE = RecordedNumber(Outcome.UNCONFIRMED, recorded_at=1.0)


@pytest.mark.parametrize(
    ("recorded", "outcome", "contested"),
    [
        (None, Outcome.ALREADY_PRESENT, False),
        (RecordedNumber(Outcome.ADDED), Outcome.ALREADY_PRESENT, False),
        (_UNSURE, Outcome.ALREADY_PRESENT, True),
        (_UNSURE, Outcome.UNCONFIRMED, False),
        (_UNSURE, Outcome.REJECTED, False),
        (replace(_UNSURE, contested=True), Outcome.ALREADY_PRESENT, False),
        (RecordedNumber(Outcome.UNCONFIRMED), Outcome.ALREADY_PRESENT, True),
        (RecordedNumber(Outcome.UNCONFIRMED), Outcome.UNCONFIRMED, True),
        (RecordedNumber(Outcome.UNCONFIRMED), Outcome.REJECTED, False),
        (RecordedNumber(Outcome.UNCONFIRMED, ours=True), Outcome.ALREADY_PRESENT, False),  # its expiry has passed
    ],
)
def test_what_a_killed_run_may_have_moved_here_is_in_doubt_elsewhere(
    location: Location, recorded: Optional[RecordedNumber], outcome: Outcome, contested: bool
) -> None:
    store, _clock, nuisance, fraud = _two_recorders(location)
    fraud.keep(*_batch(Kind.ADD, 1, Outcome.ADDED), True, 8)
    batch = Batch(Kind.ADD, Why.NEW, None, (ONE,), 1, {ONE.canonical: recorded} if recorded else {})
    nuisance.keep(batch, [NumberResult(ONE, outcome, "", 1)], True, 7)
    assert _outcome(store, "Fraud", ONE) is (Outcome.UNCONFIRMED if contested else Outcome.ADDED)
    store.close()


def test_what_other_groups_have_on_record_is_in_doubt(runner_on_each_engine: Runner) -> None:
    """Once for a batch, of those numbers only that have come into this group, in whatever spelling."""
    runner = runner_on_each_engine
    runner.group(name="Fraud", block_numbers=[*NUMBERS[:3], f"+91{NUMBERS[3]}", NUMBERS[4]])
    store = opened(runner.location)
    counted, asked = counting(store)
    recorder = GroupRecorder(
        counted, runner.account, "Nuisance", Attributes("Reported", None, None), FakeClock(), False
    )
    outcomes = [Outcome.ADDED, Outcome.PRESENT, Outcome.ALREADY_PRESENT, Outcome.UNCONFIRMED, Outcome.REJECTED]
    numbers = [Number(number, number, "") for number in NUMBERS]
    batch = Batch(Kind.ADD, Why.NEW, None, tuple(numbers[:5]), 1, {})
    results = [
        NumberResult(number, outcome, "", 1, may_be_ours=outcome is Outcome.UNCONFIRMED)
        for number, outcome in zip(numbers, outcomes)
    ]
    recorder.keep(batch, results, True, 7)
    # The shapes that others have, what those were told of meanwhile, the doubt, no more.
    assert asked == ["rows", "rows", "upsert", "upsert", "rows", *["rows_among"] * 3]
    asked.clear()
    recorder.keep(batch, results[4:], True, 7)
    assert asked == ["upsert"]
    ledger = Ledger(store, runner.account, lambda expiry: False)
    found = ledger.look_up("Fraud", [*NUMBERS[:3], f"+91{NUMBERS[3]}", NUMBERS[4]])
    assert [of.contested for of in found.values()].count(True) == 3
    assert {number for number, of in found.items() if of.contested} == {*NUMBERS[:2], f"+91{NUMBERS[3]}"}
    assert all((of.outcome is Outcome.UNCONFIRMED) is of.contested for of in found.values())
    removal = Batch(Kind.REMOVE, Why.LISTED, None, (numbers[4],), 2, {})
    recorder.keep(removal, [NumberResult(numbers[4], Outcome.UNCONFIRMED, "", 2, may_be_ours=True)], True, 7)
    assert ledger.look_up("Fraud", NUMBERS[4:5])[NUMBERS[4]].outcome is not Outcome.UNCONFIRMED
    store.close()


def test_what_was_contested_stays_so_while_it_is_unconfirmed_and_keeps_its_expiry(runner: Runner) -> None:
    runner.group(block_numbers=NUMBERS[:2], expiry_date="2099-12-31 23:59:59")
    runner.group(name="Fraud", block_numbers=NUMBERS[:1])
    runner.simulator.fault("status", call="update", times=9, status=500)
    assert runner.group(block_numbers=NUMBERS[:2], refresh=False).failure is not None
    store = opened(runner.location)
    ledger = Ledger(store, runner.account, lambda expiry: False)
    assert ledger.look_up("Nuisance", NUMBERS[:1])[NUMBERS[0]].contested
    runner.simulator.server.faults.faults.clear()
    runner.group(block_numbers=NUMBERS[:2], refresh=False)
    found = ledger.look_up("Nuisance", NUMBERS[:1])[NUMBERS[0]]
    assert (found.contested, found.in_group, found.expiry) == (False, True, "2099-12-31 23:59:59")
    store.close()


EASTER, NEW_YEAR = "2099-04-12 00:00:00", "2099-01-01 00:00:00"
ONE = Number(NUMBERS[0], NUMBERS[0], "block_numbers, entry 1")


def _recorder(store: Store, name: str = "Nuisance", expiry: Optional[str] = None) -> GroupRecorder:
    return GroupRecorder(store, "me", name, Attributes("Reported", expiry, None), FakeClock(), False)


def _recorded_of_one(store: Store) -> Dict[str, RecordedNumber]:
    return Ledger(store, "me", lambda expiry: False).look_up("Nuisance", [ONE.canonical])


def _kept(
    location: Location, kind: Kind, outcome: Outcome, expiry: Optional[str], before: Optional[RecordedNumber]
) -> RecordedNumber:
    """What stands on record of a number after a batch with it."""
    store = opened(location)
    recorded = {} if before is None else {ONE.canonical: before}
    batch = Batch(kind, Why.NEW, expiry, (ONE,), 1, recorded)
    _recorder(store).keep(batch, [NumberResult(ONE, outcome, "", 1)], True, 7)
    found = _recorded_of_one(store)[ONE.canonical]
    store.close()
    return found


@pytest.mark.parametrize(
    ("before", "outcome", "expiry", "kept"),
    [
        (None, Outcome.ADDED, EASTER, EASTER),
        (None, Outcome.ADDED, None, None),
        (RecordedNumber(Outcome.ADDED, NEW_YEAR), Outcome.ALREADY_PRESENT, EASTER, EASTER),
        (RecordedNumber(Outcome.ADDED, NEW_YEAR), Outcome.ALREADY_PRESENT, None, NEW_YEAR),
        (RecordedNumber(Outcome.ADDED, NEW_YEAR), Outcome.PRESENT, None, NEW_YEAR),
        (RecordedNumber(Outcome.ADDED, NEW_YEAR), Outcome.UNCONFIRMED, None, NEW_YEAR),
        (RecordedNumber(Outcome.ADDED, NEW_YEAR), Outcome.ADDED, None, None),
        (RecordedNumber(Outcome.ADDED, NEW_YEAR), Outcome.REJECTED, None, None),
        (RecordedNumber(Outcome.REMOVED, NEW_YEAR), Outcome.PRESENT, None, None),
        (RecordedNumber(Outcome.UNCONFIRMED, NEW_YEAR), Outcome.PRESENT, None, None),
        (RecordedNumber(Outcome.UNCONFIRMED, NEW_YEAR, contested=True), Outcome.PRESENT, None, NEW_YEAR),
    ],
)
def test_a_number_has_the_expiry_of_its_batch_or_keeps_its_own(
    location: Location, before: Optional[RecordedNumber], outcome: Outcome, expiry: Optional[str], kept: Optional[str]
) -> None:
    assert _kept(location, Kind.ADD, outcome, expiry, before).expiry == kept


@pytest.mark.parametrize(
    ("before", "outcome", "ours", "contested"),
    [
        (None, Outcome.ADDED, True, False),
        (None, Outcome.ALREADY_PRESENT, True, False),
        (None, Outcome.UNCONFIRMED, False, False),
        (None, Outcome.REJECTED, False, False),
        (RecordedNumber(Outcome.ADDED, ours=True), Outcome.UNCONFIRMED, True, False),
        (RecordedNumber(Outcome.ADDED, ours=True), Outcome.REMOVED, False, False),
        (RecordedNumber(Outcome.UNCONFIRMED, ours=True, contested=True), Outcome.UNCONFIRMED, True, True),
        (RecordedNumber(Outcome.UNCONFIRMED, ours=True, contested=True), Outcome.ADDED, True, False),
    ],
)
def test_what_is_ours_or_contested_follows_from_the_outcome_and_what_was_recorded(
    location: Location, before: Optional[RecordedNumber], outcome: Outcome, ours: bool, contested: bool
) -> None:
    found = _kept(location, Kind.ADD, outcome, None, before)
    assert (found.ours, found.contested) == (ours, contested)


def test_where_nothing_is_to_be_kept_of_a_group_that_was_not_seen_nothing_is_written(location: Location) -> None:
    store = opened(location)
    counted, asked = counting(store)
    _recorder(counted).keep(Batch(Kind.ADD, Why.NEW, None, (ONE,), 1, {}), [], False, None)
    assert asked == []
    assert not Ledger(store, "me", lambda expiry: False).group("Nuisance").known
    store.close()


def test_of_a_group_that_is_forgotten_nothing_holds_and_what_comes_after_is_kept(location: Location) -> None:
    store = opened(location)
    recorder = _recorder(store)
    batch = Batch(Kind.ADD, Why.NEW, None, (ONE,), 1, {})
    for _time in range(2):
        recorder.keep(batch, [NumberResult(ONE, Outcome.ADDED, "", 1)], True, 7)
        assert _recorded_of_one(store)[ONE.canonical].in_group
        recorder.forget()
        assert _recorded_of_one(store) == {}
        assert Ledger(store, "me", lambda expiry: False).group("Nuisance") == RecordedGroup()
    store.close()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_before_a_removal_all_spellings_are_in_doubt_and_only_if_need_be_those_of_other_groups(
    location: Location, elsewhere: bool
) -> None:
    store = opened(location)
    other_spelling = Number(f"0{ONE.canonical}", f"0{ONE.canonical}", "")
    numbers = (ONE, other_spelling, Number(NUMBERS[1], NUMBERS[1], ""))
    for name in ("Fraud", "Nuisance"):
        batch = Batch(Kind.ADD, Why.NEW, None, numbers, 1, {})
        _recorder(store, name).keep(batch, [NumberResult(n, Outcome.ALREADY_PRESENT, "", 1) for n in numbers], True, 7)
    recorder = GroupRecorder(store, "me", "Nuisance", Attributes(None, None, None), FakeClock(), elsewhere)
    recorder.begin(Batch(Kind.REMOVE, Why.LISTED, None, (ONE,), 1, {}))
    ledger = Ledger(store, "me", lambda expiry: False)
    doubted = {
        name: {number for number, of in ledger.look_up(name, [n.canonical for n in numbers]).items() if not of.in_group}
        for name in ("Fraud", "Nuisance")
    }
    both = {ONE.canonical, other_spelling.canonical}
    assert doubted == {"Fraud": both if elsewhere else set(), "Nuisance": both}
    store.close()


# -- notes -------------------------------------------------------------------------------------------------------------


def _with_numbers(store: Store, *canonicals: str, name: str = "Nuisance") -> None:
    numbers = tuple(Number(canonical, canonical, "") for canonical in canonicals)
    batch = Batch(Kind.ADD, Why.NEW, None, numbers, 1, {})
    _recorder(store, name).keep(batch, [NumberResult(n, Outcome.ADDED, "", 1) for n in numbers], True, 7)


def _notes(store: Store, name: str = "Nuisance") -> Dict[str, Optional[str]]:
    return {found.number: found.note for found in Ledger(store, "me", lambda expiry: False).numbers(name)}


A, B, C = NUMBERS[:3]


def test_notes_are_kept_changed_and_dropped_and_only_what_differs_is_written(location: Location) -> None:
    store = opened(location)
    _with_numbers(store, A, B, C)
    for notes in (
        [(A, "one"), (B, "two"), (C, None)],
        [(A, "one"), (B, "other"), (C, None)],
        [(A, None), (B, "other")],
    ):
        _recorder(store).keep_notes(notes)
        assert {number: note for number, note in _notes(store).items() if number in dict(notes)} == dict(notes)
    counted, asked = counting(store)
    written: List[Any] = []
    upsert = counted.upsert

    def noted(table: str, columns: Any, key: Any, rows: Any, merged: Any = NOT_MERGED) -> None:
        written.extend(rows)
        upsert(table, columns, key, rows, merged)

    counted.upsert = noted
    _recorder(counted).keep_notes([(A, None), (B, "other"), (C, "new")])
    ((reference,),) = store.rows("SELECT id FROM groups")
    assert written == [(reference, C, "new")]
    assert _notes(store) == {A: None, B: "other", C: "new"}
    assert asked == ["rows", "rows_among", "upsert", "rows_among"]
    store.close()


def test_notes_that_are_kept_again_are_not_written_at_all(location: Location) -> None:
    writer = opened(location)
    _with_numbers(writer, A, B)
    _recorder(writer).keep_notes([(A, "one"), (B, None)])
    view = opened(location, read_only=True)  # which would refuse to write
    with pytest.raises(StoreError):
        _recorder(view).keep_notes([(A, "two")])
    view.close()
    view = opened(location, read_only=True)
    _recorder(view).keep_notes([(A, "one"), (B, None)])
    view.close()
    writer.close()


def test_a_note_is_kept_of_numbers_on_record_only_and_of_this_group_alone(location: Location) -> None:
    store = opened(location)
    _recorder(store).keep_notes([(A, "of a group that is not on record")])
    _with_numbers(store, A)
    _with_numbers(store, A, B, name="Fraud")
    _recorder(store).keep_notes([(A, "one"), (B, "not in this group")])
    assert (_notes(store), _notes(store, "Fraud")) == ({A: "one"}, {A: None, B: None})
    _recorder(store, "Fraud").keep_notes([(A, "two")])
    _recorder(store).keep_notes([(A, None)])
    assert (_notes(store), _notes(store, "Fraud")) == ({A: None}, {A: "two", B: None})
    assert store.rows("SELECT number, note FROM notes") == [(A, "two")]
    store.close()


def test_the_notes_of_a_group_that_is_forgotten_are_gone(location: Location) -> None:
    store = opened(location)
    for name in ("Nuisance", "Fraud"):
        _with_numbers(store, A, name=name)
        _recorder(store, name).keep_notes([(A, name)])
    _recorder(store).forget()
    assert store.rows("SELECT note FROM notes") == [("Fraud",)]
    store.close()


@pytest.mark.parametrize("count", [1, 1200])
def test_many_notes_are_kept_and_dropped(location: Location, count: int) -> None:
    store = opened(location)
    numbers = [f"9{at:09d}" for at in range(count)]
    _with_numbers(store, *numbers)
    _recorder(store).keep_notes([(number, f"of {number}") for number in numbers])
    assert _notes(store) == {number: f"of {number}" for number in numbers}
    _recorder(store).keep_notes([(number, None) for number in numbers])
    assert set(_notes(store).values()) == {None}
    store.close()


def _since(store: Store, number: str = A) -> Tuple[Any, ...]:
    ((since, run),) = store.rows("SELECT since, run FROM numbers WHERE number = ?", number)
    return (since, run)


def _run(store: Store, clock: FakeClock, run: Optional[int]) -> GroupRecorder:
    return GroupRecorder(store, "me", "Nuisance", Attributes("Reported", None, None), clock, False, run)


def _keep(recorder: GroupRecorder, outcome: Outcome, recorded: Optional[RecordedNumber] = None) -> None:
    removes = outcome in (Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT)
    kind, why = (Kind.REMOVE, Why.LISTED) if removes else (Kind.ADD, Why.NEW)
    number = Number(A, A, "")
    batch = Batch(kind, why, None, (number,), 1, {A: recorded} if recorded else {})
    recorder.begin(batch)
    recorder.keep(batch, [NumberResult(number, outcome, "", 1)], True, 7)


_IN = (Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.PRESENT)
_OUT = (Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT)
_OPEN = (Outcome.UNCONFIRMED, Outcome.REJECTED)


@pytest.mark.parametrize("outcome", [*_IN, *_OUT, *_OPEN])
def test_only_of_a_number_that_was_added_it_is_known_since_when_it_is_there(
    location: Location, outcome: Outcome
) -> None:
    store, clock = opened(location), FakeClock(1000.0)
    _keep(_run(store, clock, 1), outcome)
    assert _since(store) == ((1000.0, 1) if outcome is Outcome.ADDED else (None, None))
    store.close()


@pytest.mark.parametrize("between", [*_IN, *_OUT, *_OPEN])
@pytest.mark.parametrize("outcome", _IN)
def test_since_when_a_number_is_there_is_kept_as_long_as_it_may_be_there(
    location: Location, between: Outcome, outcome: Outcome
) -> None:
    """Through whatever it is recorded as in between, also while it is being sent."""
    store, clock = opened(location), FakeClock(1000.0)
    for run, told in ((1, Outcome.ADDED), (2, between), (3, outcome)):
        found = Ledger(store, "me", lambda expiry: False).look_up("Nuisance", [A])
        _keep(_run(store, clock, run), told, found.get(A))
        clock.time += 10
    came = [(1000.0, 1), (1010.0, 2), (1020.0, 3)]
    if outcome is Outcome.ADDED:
        expected: Tuple[Any, ...] = came[2]
    elif between is Outcome.ADDED:
        expected = came[1]
    elif between in (*_OUT, Outcome.REJECTED) or (between, outcome) == (Outcome.UNCONFIRMED, Outcome.PRESENT):
        expected = (None, None)  # it was not there, or may have come only now
    else:
        expected = came[0]
    assert _since(store) == expected
    store.close()


def test_a_number_that_is_gone_is_there_since_no_time(location: Location) -> None:
    store, clock = opened(location), FakeClock(1000.0)
    _keep(_run(store, clock, 1), Outcome.ADDED)
    for outcome in _OUT:
        _keep(_run(store, clock, 2), outcome)
        assert _since(store) == (None, None)
        _keep(_run(store, clock, 3), Outcome.ADDED)
        assert _since(store) == (1000.0, 3)
    store.close()


def test_a_removal_that_did_not_take_place_leaves_since_when_a_number_is_there(location: Location) -> None:
    store, clock = opened(location), FakeClock(1000.0)
    _keep(_run(store, clock, 1), Outcome.ADDED)
    number, recorder = Number(A, A, ""), _run(store, FakeClock(2000.0), 2)
    batch = Batch(Kind.REMOVE, Why.LISTED, None, (number,), 1, {A: RecordedNumber(Outcome.ADDED)})
    recorder.begin(batch)
    assert store.rows("SELECT outcome, since, run FROM numbers") == [("unconfirmed", 1000.0, 1)]
    recorder.keep(batch, [NumberResult(number, Outcome.ALREADY_PRESENT, "", None)], True, 7)
    assert _since(store) == (1000.0, 1)
    store.close()


def _days_pass(runner: Runner, days: int) -> None:
    runner.clock.time += days * 86400
    runner.simulator.advance(days * 86400)


def _told_since(runner: Runner, group: str) -> Tuple[Any, ...]:
    ((told,),) = [
        [(one["state"], one["since"], one["run"]) for one in found["groups"] if one["group"] == group]
        for found in runner.info(block_numbers=[A]).result["found"]
    ]
    return told


def _moved_away_and_back(runner: Runner) -> None:
    runner.group(name="Fraud", block_numbers=[B])
    runner.group(name="Fraud", block_numbers=[A])
    _days_pass(runner, 1)
    assert runner.group(block_numbers=[A, C]).failure is None


def _removed_without_an_answer_and_added(runner: Runner) -> None:
    runner.simulator.fault("reset_after", call="delete", times=9)
    assert runner.group(state="absent", block_numbers=[A]).failure is not None
    runner.simulator.server.faults.faults.clear()
    assert runner.simulator.numbers("Nuisance") == [f"+91{C}"]
    _days_pass(runner, 1)
    assert runner.group(block_numbers=[A, C]).failure is None


def _expired_and_added(runner: Runner) -> None:
    _days_pass(runner, 6)
    assert runner.simulator.numbers("Nuisance") == []
    assert runner.group(block_numbers=[A, C], expires_in="30d").failure is None


@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
@pytest.mark.parametrize("left", [_moved_away_and_back, _removed_without_an_answer_and_added, _expired_and_added])
def test_of_a_number_that_may_have_gone_in_between_nobody_knows_since_when_it_is_there(
    runner_on_each_engine: Runner, counters: str, left: Callable[[Runner], None]
) -> None:
    """Unless the server's counters tell that it came now."""
    runner = runner_on_each_engine
    runner.simulator.set(counters=counters, unique_numbers="move", expired_numbers_vanish=True)
    expiry: Dict[str, Any] = {"expires_in": "5d"} if left is _expired_and_added else {}
    runner.group(block_numbers=[A, C], **expiry)
    _days_pass(runner, 1)
    runner.group(block_numbers=[A, C], **expiry)
    first = _told_since(runner, "Nuisance")
    left(runner)
    state, since, run = _told_since(runner, "Nuisance")
    assert (state, since) == ("present", utc_text(runner.clock.time) if counters == "truthful" else None)
    assert (run is None) is (since is None)
    assert (since, run) != first[1:]


def test_a_number_that_another_group_was_given_and_that_the_server_still_has_is_there_since_before(
    runner_on_each_engine: Runner,
) -> None:
    runner = runner_on_each_engine
    began = runner.clock.time
    runner.group(block_numbers=[A, C])
    _days_pass(runner, 1)
    runner.group(name="Fraud", block_numbers=[A])
    assert _told_since(runner, "Nuisance")[:2] == ("unconfirmed", utc_text(began))
    _days_pass(runner, 1)
    runner.group(block_numbers=[A, C])
    assert _told_since(runner, "Nuisance")[:2] == ("present", utc_text(began))


def test_what_a_killed_run_may_have_added_again_is_there_since_a_time_that_is_not_known(
    runner_on_each_engine: Runner,
) -> None:
    """Though the server tells the run after it, truly, that the number is there already."""
    runner = runner_on_each_engine
    runner.simulator.set(unique_numbers="move")
    runner.group(block_numbers=[A, C])
    runner.group(name="Fraud", block_numbers=[A])
    wire = InProcess(runner.simulator)

    def killed() -> None:
        raise KeyboardInterrupt

    wire.after_answering = killed
    runner.wire = wire
    with pytest.raises(KeyboardInterrupt):
        runner.group(block_numbers=[A, C])
    runner.wire = None
    assert sorted(runner.simulator.numbers("Nuisance")) == [f"+91{A}", f"+91{C}"]
    runner.group(block_numbers=[A, C])
    assert _told_since(runner, "Nuisance") == ("present", None, None)


def test_what_was_not_sent_after_all_is_there_since_before(location: Location) -> None:
    store, clock = opened(location), FakeClock(1000.0)
    _keep(_run(store, clock, 1), Outcome.ADDED)
    recorder = _run(store, FakeClock(2000.0), 2)
    number, unsure = Number(A, A, ""), RecordedNumber(Outcome.UNCONFIRMED, ours=True)
    batch = Batch(Kind.ADD, Why.NEW, None, (number,), 1, {A: unsure})
    recorder.begin(batch)
    assert _since(store) == (None, None)
    recorder.keep(batch, [], True, 7)
    assert _since(store) == (1000.0, 1)
    store.close()


def test_what_another_group_was_given_while_it_was_sent_is_there_since_a_time_that_is_not_known(
    location: Location,
) -> None:
    store, clock, nuisance, fraud = _two_recorders(location)
    added, results = _batch(Kind.ADD, 1, Outcome.ADDED)
    nuisance.keep(added, results, True, 7)
    held, kept = _batch(Kind.ADD, 2, Outcome.ALREADY_PRESENT)
    nuisance.begin(held)
    clock.time += 1.0
    fraud.begin(added)
    fraud.keep(added, results, True, 8)
    nuisance.keep(held, kept, True, 7)
    sinces = store.rows("SELECT g.name, n.since FROM numbers AS n JOIN groups AS g ON g.id = n.group_ref ORDER BY name")
    assert sinces == [("Fraud", clock.time), ("Nuisance", None)]
    store.close()


def test_in_a_group_that_may_be_another_one_nobody_knows_since_when_a_number_is_there(location: Location) -> None:
    store, clock = opened(location), FakeClock(1000.0)
    _with_numbers(store, B, name="Fraud")
    store.rows("UPDATE numbers SET since = 1.0, run = 47")
    recorder = _run(store, clock, 1)
    _keep(recorder, Outcome.ADDED)
    recorder.doubt_all()
    assert (_since(store), _since(store, B)) == ((None, None), (1.0, 47))
    store.close()


def test_since_when_a_number_is_there_is_told_of_whole_runs(runner_on_each_engine: Runner) -> None:
    """One was there before; of one that the server has lost and takes anew, it is there since then."""
    runner = runner_on_each_engine
    runner.simulator.preset("Nuisance", [A])
    times = []
    for numbers in ([A, B], [A, B, C], [A, B, C]):
        times.append(runner.clock.time)
        assert runner.group(block_numbers=numbers, batch_size=1).failure is None
        runner.clock.time += 100
    runner.simulator.take_away("Nuisance", [B])
    again = runner.clock.time
    runner.group(block_numbers=[A, B, C], batch_size=1)
    store = opened(runner.location)
    runs = [row[0] for row in store.rows("SELECT id FROM runs ORDER BY started_at")]
    assert [_since(store, number) for number in (A, B, C)] == [(None, None), (again, runs[3]), (times[1], runs[1])]
    store.close()


def test_what_a_killed_run_was_about_to_send_is_there_since_it_is_told_as_added(runner: Runner) -> None:
    """It was on record as removed, and so is open while it is sent."""
    runner.group(block_numbers=[A, B])
    runner.group(state="absent", block_numbers=[A])
    wire = InProcess(runner.simulator)

    def killed() -> None:
        raise KeyboardInterrupt

    wire.before_sending = killed
    runner.wire = wire
    with pytest.raises(KeyboardInterrupt):
        runner.group(block_numbers=[A, B])
    store = opened(runner.location)
    assert store.rows("SELECT outcome, since, run FROM numbers WHERE number = ?", A) == [("unconfirmed", None, None)]
    runner.wire = None
    runner.clock.time += 60
    runner.group(block_numbers=[A, B])
    ((run, ended),) = store.rows("SELECT id, ended_at FROM runs ORDER BY started_at DESC LIMIT 1")
    assert _since(store) == (runner.clock.time, run)
    assert ended == runner.clock.time
    assert store.rows("SELECT COUNT(*) FROM runs WHERE ended_at IS NULL") == [(1,)]
    store.close()
