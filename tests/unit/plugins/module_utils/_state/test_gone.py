# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers that are gone are dropped from the record, and results stay true: on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.gone import drop_gone
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

DAY = 86400.0
FEW = [f"99999{n:05d}" for n in range(1, 6)]
_GROUP = "INSERT INTO groups (id, account, name, seen, recorded_at) VALUES ({}, '{}', '{}', 1, 1.0)"
_NUMBER = "INSERT INTO numbers (group_ref, number, outcome, recorded_at, ours) VALUES ({}, '{}', '{}', {}, 0)"
_NOTE = "INSERT INTO notes VALUES ({}, '{}', 'ticket')"


def _kept(store: Store, table: str) -> List[Tuple[Any, ...]]:
    return sorted(store.rows(f"SELECT group_ref, number FROM {table}"))


def test_only_what_is_gone_for_long_enough_is_dropped_with_its_notes(location: Location) -> None:
    opened(location).close()
    outcomes = ["added", "already_present", "present", "unconfirmed", "rejected", "removed", "not_found", "absent"]
    numbers = [(1, f"{outcome} {at:g}", outcome, at) for outcome in outcomes for at in (9.0, 10.0)]
    numbers += [(2, "of another group", "removed", 1.0), (3, "of another account", "rejected", 1.0)]
    tampered(
        location,
        *(_GROUP.format(*of) for of in ((1, "me", "Nuisance"), (2, "me", "Fraud"), (3, "you", "Nuisance"))),
        *(_NUMBER.format(*number) for number in numbers),
        *(_NOTE.format(*number) for number in numbers),
    )
    store = opened(location)
    drop_gone(store, "me", "Nuisance", 10.0)
    dropped = {(1, f"{outcome} 9") for outcome in ("removed", "not_found", "absent", "rejected")}
    left = sorted({(row[0], row[1]) for row in numbers} - dropped)
    assert (_kept(store, "numbers"), _kept(store, "notes")) == (left, left)
    store.close()


@pytest.mark.parametrize("count", [1, 4999, 5000, 5001, 10001])
def test_many_numbers_are_dropped_with_their_notes_and_no_other(location: Location, count: int) -> None:
    opened(location).close()
    numbers = [(f"9{at:09d}", "removed" if at else "added") for at in range(count + 1)]
    tampered(location, _GROUP.format(1, "me", "Nuisance"))
    store = opened(location)
    columns = {"group_ref": "int", "number": "text", "outcome": "text", "recorded_at": "float8", "ours": "int"}
    store.upsert("numbers", columns, ("group_ref", "number"), [(1, *number, 1.0, 0) for number in numbers])
    note = {"group_ref": "int", "number": "text", "note": "text"}
    store.upsert("notes", note, ("group_ref", "number"), [(1, number, "ticket") for number, _outcome in numbers])
    drop_gone(store, "me", "Nuisance", 10.0)
    assert (_kept(store, "numbers"), _kept(store, "notes")) == ([(1, "9000000000")], [(1, "9000000000")])
    store.close()


def test_where_nothing_is_gone_nothing_is_written_and_the_group_is_not_read(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is done at the end of each run, and a group may have millions of numbers."""
    opened(location).close()
    tampered(location, _GROUP.format(1, "me", "Nuisance"))
    store = opened(location)
    asked: List[Tuple[Any, ...]] = []
    rows = store.rows

    def watched(statement: str, *values: Any) -> List[Tuple[Any, ...]]:
        asked.append((statement, *values))
        return rows(statement, *values)

    monkeypatch.setattr(store, "rows", watched)
    drop_gone(store, "me", "Nuisance", 10.0)
    monkeypatch.undo()
    assert [statement.split()[0] for statement, *_values in asked] == ["SELECT", "SELECT"]
    assert "numbers_gone" in _plan(location, store, *asked[1])
    store.close()


def _plan(location: Location, store: Store, statement: str, *values: Any) -> str:
    """How the database goes about a statement."""
    if location.url is None:
        return str(store.rows(f"EXPLAIN QUERY PLAN {statement}", *values))
    store.rows("SET enable_seqscan = off")  # which is quicker as long as there are a few rows
    return str(store.rows(f"EXPLAIN {statement}", *values))


def _outcomes(runner: Runner) -> Dict[str, str]:
    store = opened(runner.location)
    found = {
        record.number: record.outcome.value
        for record in Ledger(store, runner.account, lambda _: False).numbers("Nuisance")
    }
    store.close()
    return found


def test_a_run_drops_what_is_gone_for_longer_than_keep_removed(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.group(block_numbers=FEW)
    runner.group(state="absent", block_numbers=FEW[:1])
    runner.clock.time += 2 * DAY
    runner.group(state="absent", block_numbers=FEW[1:2])
    runner.clock.time += DAY
    runner.group(block_numbers=FEW[2:], keep_removed="4d")
    assert _outcomes(runner) == {FEW[0]: "removed", FEW[1]: "removed", **dict.fromkeys(FEW[2:], "already_present")}
    runner.group(check_mode=True, block_numbers=FEW[2:], keep_removed="2d")
    assert FEW[0] in _outcomes(runner)
    runner.group(block_numbers=FEW[2:], keep_removed="2d")
    assert set(_outcomes(runner)) == set(FEW[1:])
    runner.clock.time += 90 * DAY
    runner.group(block_numbers=FEW[2:])  # ninety days are the default
    assert set(_outcomes(runner)) == set(FEW[2:])


def test_a_number_that_was_refused_is_kept_as_long_as_a_list_names_it(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    typo, listed = "1400000001", "1400000002"
    runner.simulator.set(refused_numbers="14.*")
    for options in ({}, {"refresh": False}, {"state": "absent"}):
        runner.group(block_numbers=[*FEW, typo, listed])
        assert {typo, listed} <= set(_outcomes(runner))
        runner.clock.time += 200 * DAY
        assert runner.group(block_numbers=[FEW[0], listed], **options).failure is not None
        assert set(_outcomes(runner)) == {*FEW, listed}
        assert _outcomes(runner)[listed] == "rejected"


def test_a_run_that_fails_drops_it_too(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.group(state="absent", block_numbers=FEW[:1])
    runner.clock.time += DAY
    assert runner.group(block_numbers=FEW[:1], purge=True, max_removals=0, keep_removed="1h").failure is not None
    assert FEW[0] not in _outcomes(runner)


def _removed(runner: Runner) -> None:
    runner.group(block_numbers=FEW)
    runner.group(state="absent", block_numbers=FEW[:1])


def _refused(runner: Runner) -> None:
    runner.simulator.set(refused_numbers=FEW[0])
    assert runner.group(block_numbers=FEW).failure is not None
    assert _outcomes(runner)[FEW[0]] == "rejected"
    runner.simulator.set(refused_numbers="")


def _told(
    runner: Runner, gone: Callable[[Runner], None], keep_removed: str, complete: bool, there: bool, state: str
) -> Dict[str, Any]:
    """What is told of a number that was removed or refused two days ago, and that somebody may have put into the group
    in the console.
    """
    if not complete:
        runner.simulator.preset("Nuisance", FEW[1:3])
    gone(runner)
    runner.clock.time += 2 * DAY
    runner.group(block_numbers=FEW[1:], keep_removed=keep_removed)
    assert (FEW[0] in _outcomes(runner)) is (keep_removed == "90d")
    if there:
        runner.simulator.put_in("Nuisance", FEW[:1])
    options = {"state": state, "block_numbers": FEW[:1], "keep_removed": "90d"}
    predicted, told = (runner.group(check_mode=check, **options).result for check in (True, False))
    return {
        "predicted": (predicted["counts"], predicted["changed"], predicted["change_source"]),
        "outcome": told["numbers"][0]["outcome"],
        "changed": (told["changed"], told["change_source"]),
    }


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("counters", ["truthful", "full", "absent"])
@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("gone", [_removed, _refused])
def test_what_is_told_of_a_number_that_was_dropped_is_the_same_or_less(
    simulator: Simulator,
    tmp_path: Path,
    gone: Callable[[Runner], None],
    state: str,
    counters: str,
    complete: bool,
    there: bool,
) -> None:
    told = []
    for keep_removed in ("90d", "1d"):
        simulator.reset(counters=counters)
        runner = Runner(simulator, Location(directory=str(tmp_path / keep_removed)))
        told.append(_told(runner, gone, keep_removed, complete, there, state))
    kept, dropped = told
    if complete:
        assert dropped == kept
        return
    # present or absent: where it is now, and not where it was.
    assert dropped["predicted"][0][state] == 1
    assert dropped["predicted"][1:] == (True, "assumed")
    by_the_server = counters == "truthful" and (dropped["outcome"], dropped["changed"]) == (
        kept["outcome"],
        kept["changed"],
    )
    assert by_the_server or (dropped["outcome"], dropped["changed"]) == (state, (True, "assumed"))
