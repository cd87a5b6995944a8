# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any, List

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import LockTimeout, StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.schema import CURRENT_VERSION
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import (
    Holder,
    Store,
    habits_of,
    keep_habits,
    look_at_place,
    note,
    noted,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened

ONE, OTHER = Habits(update_path="/somewhere"), Habits(update_path="/elsewhere", counts_inserted=True)


def test_what_is_written_is_there_when_the_store_is_opened_again(location: Location) -> None:
    first = opened(location)
    keep_habits(first, "me", ONE)
    first.close()
    second = opened(location)
    assert habits_of(second, "me") == ONE
    assert habits_of(second, "somebody else") == Habits()
    second.close()


def test_habits_can_be_changed(location: Location) -> None:
    store = opened(location)
    keep_habits(store, "me", ONE)
    keep_habits(store, "me", OTHER)
    assert habits_of(store, "me") == OTHER
    keep_habits(store, "me", Habits())  # nothing to write
    store.close()


def test_a_transaction_that_fails_leaves_nothing(location: Location) -> None:
    store = opened(location)
    with pytest.raises(RuntimeError), store.transaction():
        keep_habits(store, "me", OTHER)
        raise RuntimeError
    assert habits_of(store, "me") == Habits()
    store.close()


@pytest.mark.parametrize("count", [0, 1, 2, 1200])
def test_many_rows_are_written_in_one_statement_and_found_again(location: Location, count: int) -> None:
    columns = {"account": "text", "name": "text", "value": "text"}
    store = opened(location)
    for value in ("first", "second"):
        store.upsert("facts", columns, ("account", "name"), [("me", f"n{n}", value) for n in range(count)])
    asked = [f"n{n}" for n in range(-5, count, 2)]
    found = store.rows_among("SELECT name, value FROM facts WHERE account = ? AND name {among}", asked, "me")
    assert sorted(found) == sorted((f"n{n}", "second") for n in range(-5, count, 2) if n >= 0)
    assert store.rows_among("SELECT name FROM facts WHERE name {among}", []) == []
    store.close()


@pytest.mark.parametrize("count", [1, 1200])
def test_a_column_may_be_merged_with_what_a_row_of_the_same_key_has(location: Location, count: int) -> None:
    columns = {"account": "text", "name": "text", "value": "text"}
    merged = {"value": "CASE WHEN excluded.value = 'keep' THEN facts.value ELSE excluded.value END"}
    store = opened(location)
    for value in ("keep", "first", "keep"):
        rows = [("me", f"n{n}", value if n % 2 else "odd one") for n in range(count + 1)]
        store.upsert("facts", columns, ("account", "name"), rows, merged)
        kept = "keep" if value == "keep" and not store.rows("SELECT 1 FROM facts WHERE value = 'first'") else "first"
        expected = sorted((f"n{n}", kept if n % 2 else "odd one") for n in range(count + 1))
        assert sorted(store.rows("SELECT name, value FROM facts")) == expected
    store.close()


def test_rows_that_are_written_at_once_are_all_there_or_none(location: Location) -> None:
    columns = {"account": "text", "name": "text", "value": "text"}
    store = opened(location)
    with pytest.raises(StoreError):
        store.upsert("facts", columns, ("account", "name"), [("me", "one", "1"), ("me", "two", None)])
    assert store.rows("SELECT * FROM facts") == []
    store.close()


def test_a_lock_keeps_another_process_out_and_says_who_holds_it(location: Location) -> None:
    first, second = opened(location), opened(location)
    with first.lock("the group", 1.0):
        for limit in (0.0, 0.2):
            held = rf"process {os.getpid()} on .* has held it since 2027-01-15T08:00:00Z"
            with pytest.raises(LockTimeout, match=held), second.lock("the group", limit):
                pass
        with second.lock("another group", 0.0):
            pass
    with second.lock("the group", 0.0):
        pass
    first.close()
    second.close()


def test_the_holder_of_a_lock_is_on_record_with_how_far_it_has_come_and_no_longer(location: Location) -> None:
    first, second = opened(location), opened(location)
    assert second.holder("the group") is None
    with first.lock("the group", 1.0):
        name = f"process {os.getpid()} on {socket.gethostname()}"
        assert second.holder("the group") == Holder(name, 1_800_000_000.0, None)
        first.note_progress("the group", "Nuisance: 100 of 300 numbers")
        first.note_progress("another group", "nothing")
        assert second.holder("the group") == Holder(name, 1_800_000_000.0, "Nuisance: 100 of 300 numbers")
        assert second.holder("another group") is None
        told = r"has held it since 2027-01-15T08:00:00Z \(Nuisance: 100 of 300 numbers\)\. Wait for that run"
        with pytest.raises(LockTimeout, match=told), second.lock("the group", 0.0):
            pass
    assert second.holder("the group") is None
    with second.lock("the group", 0.0):
        found = first.holder("the group")
        assert found is not None
        assert found.progress is None
    first.close()
    second.close()


def _is_durable(store: Store) -> bool:
    """Whether what is committed now survives a power cut, as the database itself tells."""
    try:
        return store.rows("PRAGMA synchronous") == [(2,)]
    except StoreError:
        return store.rows("SHOW synchronous_commit") == [("on",)]


def test_only_what_is_to_survive_a_power_cut_waits_for_the_disk(location: Location) -> None:
    store = opened(location)
    assert not _is_durable(store)
    with store.durable():
        assert _is_durable(store)
        keep_habits(store, "me", ONE)
    assert not _is_durable(store)
    with pytest.raises(RuntimeError), store.durable():
        raise RuntimeError
    assert not _is_durable(store)
    assert habits_of(store, "me") == ONE
    store.close()


def test_a_note_is_there_when_the_store_is_opened_again_and_can_be_changed(location: Location) -> None:
    first = opened(location)
    assert noted(first, "me", "probe_group") is None
    note(first, "me", "probe_group", "sent as a list")
    note(first, "me", "probe_group", "made 20")
    note(first, "me", "probe_odd_numbers", "")
    first.close()
    second = opened(location)
    assert (noted(second, "me", "probe_group"), noted(second, "me", "probe_odd_numbers")) == ("made 20", "")
    assert noted(second, "somebody else", "probe_group") is None
    assert noted(second, "me", "another") is None
    second.close()


def test_notes_and_habits_leave_each_other_alone(location: Location) -> None:
    store = opened(location)
    keep_habits(store, "me", OTHER)
    note(store, "me", "probe_group", "made 20")
    assert habits_of(store, "me") == OTHER
    keep_habits(store, "me", ONE)
    assert noted(store, "me", "probe_group") == "made 20"
    store.close()


def test_a_power_cut_loses_no_note(location: Location) -> None:
    store = opened(location)
    durable: List[bool] = []
    upsert = store.upsert

    def watched(*arguments: Any) -> None:
        durable.append(_is_durable(store))
        upsert(*arguments)

    store.upsert = watched  # type: ignore[assignment]
    note(store, "me", "probe_group", "made 20")
    assert (durable, _is_durable(store)) == ([True], False)
    store.close()


def test_a_note_that_cannot_be_written_is_an_error(location: Location) -> None:
    store = opened(location)
    note(store, "me", "probe_group", "made 20")
    view = opened(location, read_only=True)
    with pytest.raises(StoreError):
        note(view, "me", "probe_group", "made 21")
    view.close()
    assert noted(store, "me", "probe_group") == "made 20"
    store.close()


def test_a_lock_is_waited_for(location: Location) -> None:
    first, second = opened(location), opened(location)
    order = []

    def hold() -> None:
        store = opened(location)
        with store.lock("the group", 5.0):
            held.set()
            time.sleep(0.3)
            order.append("first")
        store.close()

    held = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    with second.lock("the group", 10.0):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    first.close()
    second.close()


def test_a_lock_is_free_when_its_holder_dies(location: Location) -> None:
    child = os.fork()
    if child == 0:
        store = opened(location)
        store.lock("the group", 1.0).__enter__()
        os._exit(9)  # no clean-up of any kind
    os.waitpid(child, 0)
    store = opened(location)
    with store.lock("the group", 5.0):
        pass
    store.close()


def test_opened_read_only_it_shows_one_moment_and_takes_no_change(location: Location) -> None:
    store = opened(location)
    keep_habits(store, "me", ONE)
    view = opened(location, read_only=True)
    assert habits_of(view, "me") == ONE
    with pytest.raises(StoreError):
        keep_habits(view, "me", OTHER)
    view.close()
    view = opened(location, read_only=True)
    assert habits_of(view, "me") == ONE
    keep_habits(store, "me", OTHER)  # a writer does not wait for a reader
    assert habits_of(view, "me") == ONE
    with view.lock("anything", 0.0):  # nobody is kept out, and nobody is on record
        assert store.rows("SELECT * FROM lock_holders") == []
    assert habits_of(store, "me") == OTHER
    store.close()
    view.close()


def test_opened_read_only_a_store_that_was_never_made_is_empty_and_is_not_made(location: Location) -> None:
    view = opened(location, read_only=True)
    assert habits_of(view, "me") == Habits()
    assert view.rows("SELECT COUNT(*) FROM numbers") == [(0,)]
    view.close()
    if location.url is not None:
        with psycopg.connect(location.url, password=location.password) as connection:
            found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'ozonetel_cloudagent'").fetchall()
        assert found == []
    else:
        assert not Path(str(location.directory)).exists()


def test_a_store_in_memory_is_forgotten() -> None:
    store = opened(Location())
    assert not store.persistent
    with store.lock("anything", 0.0):
        keep_habits(store, "me", ONE)
    store.close()
    another = opened(Location())
    assert habits_of(another, "me") == Habits()
    another.close()


def test_a_place_is_looked_at_and_nothing_is_made_there(location: Location) -> None:
    before = look_at_place(location)
    assert (before.engine, before.version) == ("SQLite" if location.directory else "PostgreSQL", 0)
    assert look_at_place(location) == before
    assert location.directory is None or not os.path.exists(location.directory)
    opened(location).close()
    assert look_at_place(location).version == CURRENT_VERSION
    assert "password" not in before.shown


def test_everybody_who_holds_a_lock_is_on_record(location: Location) -> None:
    store = opened(location)
    assert store.holders() == {}
    with store.lock("one", 1.0), store.lock("two", 1.0):
        store.note_progress("two", "half")
        assert {name: holder.progress for name, holder in store.holders().items()} == {"one": None, "two": "half"}
        assert store.holders()["one"] == store.holder("one")
    assert store.holders() == {}
    store.close()
