# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run puts on record of itself, on both engines."""

from __future__ import annotations

import os
import pwd
import socket
from typing import Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import State
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.runs import (
    MOST_KEPT,
    MOST_KEPT_CHANGES,
    CurrentRun,
    Ending,
    RunRecord,
    id_shown_as,
    last_runs,
    runs_by_id,
    shown_id,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

ENDING = Ending(True, "server", {"added": 3}, 4, None)


def _begun(store: Store, clock: FakeClock, group: str = "Nuisance", account: str = "me") -> CurrentRun:
    run = CurrentRun(store, account, group, State.PRESENT, clock)
    run.begin()
    return run


def _ended(store: Store, clock: FakeClock, changed: bool) -> int:
    run = _begun(store, clock)
    run.end(Ending(changed, "server", {}, 1, None))
    return run.id


def test_a_run_is_on_record_from_its_beginning_and_has_an_end_when_it_ends(location: Location) -> None:
    store, clock = opened(location), FakeClock(1000.0)
    run = _begun(store, clock)
    user = pwd.getpwuid(os.geteuid()).pw_name
    begun = RunRecord(run.id, 1000.0, None, user, socket.gethostname(), "present")
    assert last_runs(store, "me", "Nuisance", 5) == [begun]
    assert store.rows("SELECT pid FROM runs") == [(os.getpid(),)]
    clock.time += 2.5
    run.end(ENDING)
    (ended,) = last_runs(store, "me", "Nuisance", 5)
    assert (ended.id, ended.started_at, ended.ended_at, ended.state) == (run.id, 1000.0, 1002.5, "present")
    assert (ended.changed, ended.change_source, ended.counts) == (True, "server", {"added": 3})
    assert (ended.requests_sent, ended.error) == (4, None)
    store.close()


@pytest.mark.parametrize(
    ("error", "kept"), [(None, None), ("x" * 1001, "x" * 1000), ("no \0 text", "no  text"), ("नहीं", "नहीं")]
)
def test_why_a_run_failed_is_kept_in_part(location: Location, error: Optional[str], kept: Optional[str]) -> None:
    store = opened(location)
    _begun(store, FakeClock()).end(Ending(False, None, {}, 0, error))
    (run,) = last_runs(store, "me", "Nuisance", 1)
    assert (run.changed, run.change_source, run.counts, run.error) == (False, None, {}, kept)
    store.close()


def test_the_last_runs_of_each_group_are_kept(location: Location) -> None:
    store, clock = opened(location), FakeClock()
    for group, account in (("Fraud", "me"), ("Nuisance", "you")):
        _begun(store, clock, group, account)
    ids = []
    for _time in range(MOST_KEPT + 2):
        clock.time += 1
        ids.append(_ended(store, clock, changed=False))
    assert [run.id for run in last_runs(store, "me", "Nuisance", 1000)] == ids[:1:-1]
    assert [run.id for run in last_runs(store, "me", "Nuisance", 2)] == [ids[-1], ids[-2]]
    assert [len(last_runs(store, *of, 1000)) for of in (("me", "Fraud"), ("you", "Nuisance"))] == [1, 1]
    store.close()


def test_runs_that_have_changed_a_group_or_were_killed_are_kept_for_longer(location: Location) -> None:
    store, clock = opened(location), FakeClock()
    changed = [_ended(store, clock, changed=True) for _time in range(MOST_KEPT_CHANGES + 2)]
    killed = _begun(store, clock).id
    for _time in range(MOST_KEPT + 2):
        _ended(store, clock, changed=False)
    ids = [run.id for run in last_runs(store, "me", "Nuisance", 1000)]
    assert ids[MOST_KEPT:] == [killed, *reversed(changed[-MOST_KEPT_CHANGES + 2 :])]
    store.close()


def test_the_latest_run_is_the_last_one_also_where_the_clock_was_ahead_before(location: Location) -> None:
    store, clock = opened(location), FakeClock(2_000_000_000.0)
    ids = [_ended(store, clock, changed=False) for _time in range(MOST_KEPT)]
    run = _begun(store, FakeClock(1_000_000_000.0))
    assert [run.id for run in last_runs(store, "me", "Nuisance", 1000)] == [run.id, *ids[:0:-1]]
    store.close()


def test_runs_are_found_by_their_ids_as_far_as_they_are_on_record(location: Location) -> None:
    store, clock = opened(location), FakeClock()
    one, other = _begun(store, clock), _begun(store, clock, "Fraud")
    assert set(runs_by_id(store, [one.id, other.id, 47])) == {one.id, other.id}
    assert runs_by_id(store, []) == {}
    store.close()


def test_a_user_without_a_name_is_told_by_number(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(location)
    monkeypatch.setattr(os, "geteuid", lambda: 4711_4711)
    _begun(store, FakeClock())
    monkeypatch.undo()
    assert last_runs(store, "me", "Nuisance", 1)[0].user == "47114711"
    store.close()


@pytest.mark.parametrize("counts", ["[1]", "{", "7"])
def test_counts_that_nobody_has_written_are_told_as_damage(location: Location, counts: str) -> None:
    store = opened(location)
    _begun(store, FakeClock())
    tampered(location, f"UPDATE runs SET counts = '{counts}'")
    with pytest.raises(StoreError, match="is damaged: the counts of a run"):
        last_runs(store, "me", "Nuisance", 1)
    store.close()


@pytest.mark.parametrize(
    ("run", "shown"), [(0, "000000000000"), (0x0B1C5A7D9E21, "0b1c5a7d9e21"), (2**48 - 1, "f" * 12)]
)
def test_a_run_is_shown_as_twelve_digits_from_which_its_id_can_be_read(run: int, shown: str) -> None:
    assert (shown_id(run), id_shown_as(shown)) == (shown, run)
