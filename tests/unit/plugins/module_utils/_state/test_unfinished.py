# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run that adds leaves on record if it is killed, through the recorder and on both engines."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import Batch, Kind, Why
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.recorder import Attributes, GroupRecorder
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened

NUMBERS = [f"99999{n:05d}" for n in range(1, 6)]
EASTER = "2099-04-12 00:00:00"
ONE = Number(NUMBERS[0], NUMBERS[0], "")


def _recorder(store: Store) -> GroupRecorder:
    return GroupRecorder(store, "me", "Nuisance", Attributes("Reported", None, None), FakeClock(), False)


def _rows(store: Store) -> Dict[str, Tuple[Any, ...]]:
    rows = store.rows("SELECT number, outcome, expiry, recorded_at, batch, ours FROM numbers ORDER BY number")
    return {row[0]: row[1:] for row in rows}


def test_what_is_on_record_as_gone_is_in_doubt_from_when_it_is_sent_until_its_outcome_is_there(
    location: Location,
) -> None:
    store, clock = opened(location), FakeClock()
    removed, again, held, open_, new = (Number(number, number, "") for number in NUMBERS[:5])
    recorder = GroupRecorder(store, "me", "Nuisance", Attributes(None, None, None), clock, False)
    for ordinal, number, outcome in (
        (1, removed, Outcome.REMOVED),
        (2, again, Outcome.NOT_FOUND),
        (3, held, Outcome.ADDED),
        (4, open_, Outcome.UNCONFIRMED),
    ):
        batch = Batch(Kind.ADD, Why.NEW, None, (number,), ordinal, {})
        recorder.keep(batch, [NumberResult(number, outcome, "", ordinal)], True, 7)
    before = _rows(store)
    clock.time += 1.0
    recorded = Ledger(store, "me", lambda expiry: False).look_up("Nuisance", NUMBERS[:5])
    doubted = {
        number.canonical: (Outcome.UNCONFIRMED.value, None, clock.time, ordinal, 0)
        for ordinal, number in enumerate((removed, again), start=1)
    }
    for number_of_run in range(2):
        batch = Batch(Kind.ADD, Why.NEW, EASTER, (removed, again, held, open_, new), number_of_run, recorded)
        later = GroupRecorder(store, "me", "Nuisance", Attributes(None, None, None), clock, False)
        later.begin(batch)
        assert _rows(store) == {**before, **doubted}
        if number_of_run == 0:  # nothing was sent
            later.keep(batch, [], False, None)
            assert _rows(store) == before
    # One was added, of the others nothing was sent.
    later.keep(batch, [NumberResult(again, Outcome.ADDED, "", 6)], True, 7)
    assert _rows(store) == {**before, again.canonical: (Outcome.ADDED.value, EASTER, clock.time, 6, 1)}
    store.close()


def _is_complete(store: Store) -> bool:
    return Ledger(store, "me", lambda expiry: False).group("Nuisance").complete


def _added(ordinal: int) -> Tuple[Batch, List[NumberResult]]:
    return Batch(Kind.ADD, Why.NEW, None, (ONE,), ordinal, {}), [NumberResult(ONE, Outcome.ADDED, "", ordinal)]


def _run(store: Store, made: bool = False, ends: bool = True) -> None:
    """A run that adds a number."""
    recorder = _recorder(store)
    batch, results = _added(1)
    recorder.begin(batch)
    recorder.keep(batch, results, True, 7)
    assert not _is_complete(store)
    if ends:
        recorder.finish(made)


def test_a_group_is_complete_when_a_run_that_made_it_or_found_it_so_has_ended(location: Location) -> None:
    store = opened(location)
    _run(store, made=True)
    assert _is_complete(store)
    _recorder(store).finish(made=False)  # of a run that had nothing to add
    assert _is_complete(store)
    _run(store)
    assert _is_complete(store)
    _run(store, ends=False)
    _run(store)  # what the run that was killed has added is not on record
    assert not _is_complete(store)
    store.close()


@pytest.mark.parametrize("befalls", ["another id", "doubt", "forgotten"])
def test_a_group_that_may_be_another_one_is_not_complete(location: Location, befalls: str) -> None:
    store = opened(location)
    _run(store, made=True)
    batch, results = _added(1)
    recorder = _recorder(store)
    recorder.begin(batch)
    if befalls == "doubt":
        recorder.doubt_all()
    if befalls == "forgotten":
        recorder.forget()
    recorder.keep(batch, results, True, 8 if befalls == "another id" else 7)
    recorder.finish(made=befalls == "doubt")
    assert not _is_complete(store)
    store.close()
