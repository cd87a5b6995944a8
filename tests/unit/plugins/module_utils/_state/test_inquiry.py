# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where numbers are on record, and how much is, on both engines."""

from __future__ import annotations

from typing import List, Optional, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import StoreError
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.inquiry import (
    GroupRecord,
    find,
    groups_on_record,
    how_much,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.ledger import Ledger
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened, tampered

A, B = "9999900001", "+919999900001"
WHOLE = (
    "INSERT INTO groups (id, account, name, seen, recorded_at) VALUES (1, 'me', 'Nuisance', 1, 1.0)",
    "UPDATE groups SET expiry = '2099-01-01 00:00:00'",
    "INSERT INTO groups (id, account, name, seen, recorded_at) VALUES (2, 'me', 'Fraud', 0, 1.0)",
    "INSERT INTO groups (id, account, name, seen, recorded_at) VALUES (3, 'you', 'Nuisance', 1, 1.0)",
    f"INSERT INTO numbers VALUES (1, '{A}', 'added', NULL, 7.0, 1, 1, 0, 5.0, 1)",
    f"INSERT INTO numbers VALUES (1, '{B}', 'removed', NULL, 7.0, 1, 1, 0, NULL, NULL)",
    f"INSERT INTO numbers VALUES (2, '{A}', 'unconfirmed', NULL, 8.0, NULL, 1, 0, NULL, NULL)",
    f"INSERT INTO numbers VALUES (3, '{A}', 'added', NULL, 9.0, 1, 1, 0, NULL, NULL)",
    f"INSERT INTO notes VALUES (1, '{A}', 'ticket')",
    f"INSERT INTO notes VALUES (3, '{A}', 'theirs')",
    *(f"INSERT INTO shapes VALUES ({group}, '{shape}')" for group in (1, 2, 3) for shape in ("-n10", "+n13")),
    *(
        f"INSERT INTO runs (id, account, group_name, started_at, user_name, machine, pid, state)"
        f" VALUES ({at}, '{account}', 'Nuisance', 1.0, 'u', 'm', 1, 'present')"
        for at, account in enumerate(("me", "me", "you"))
    ),
)


def _store(location: Location) -> Store:
    opened(location).close()
    tampered(location, *WHOLE)
    return opened(location, read_only=True)


def _found(store: Store, asked: str, name: Optional[str] = None) -> List[Tuple[str, str, str]]:
    found = find(store, Ledger(store, "me", lambda expiry: False), "me", [asked], name)
    return [(one.group, one.number.number, one.number.outcome.value) for one in found[asked]]


@pytest.mark.parametrize("asked", [A, B, "09999900001"])
def test_all_groups_of_the_account_that_have_a_number_on_record_are_found(location: Location, asked: str) -> None:
    store = _store(location)
    nuisance = [("Nuisance", B, "removed"), ("Nuisance", A, "added")]
    assert _found(store, asked) == [("Fraud", A, "unconfirmed"), *nuisance]
    assert _found(store, asked, "Nuisance") == nuisance
    assert _found(store, asked, "Elsewhere") == []
    store.close()


def test_a_number_is_found_with_all_that_is_on_record_of_it(location: Location) -> None:
    store = _store(location)
    ledger = Ledger(store, "me", lambda expiry: False)
    _fraud, _other, one = find(store, ledger, "me", [A, "9999900002"], None)[A]
    assert one.group_expiry == "2099-01-01 00:00:00"
    assert (one.number.since, one.number.run, one.number.note, one.number.batch) == (5.0, 1, "ticket", 1)
    assert [record for record in ledger.numbers("Nuisance") if record.number == A] == [one.number]
    store.close()


@pytest.mark.parametrize("count", [0, 1, 1200])
def test_many_numbers_are_looked_up(location: Location, count: int) -> None:
    store = _store(location)
    asked = [f"9{at:09d}" for at in range(count)] + [A]
    found = find(store, Ledger(store, "me", lambda expiry: False), "me", asked, None)
    assert list(found) == asked
    assert [len(found[number]) for number in asked] == [0] * count + [3]
    store.close()


def test_a_date_that_is_none_is_told_as_damage(location: Location) -> None:
    _store(location).close()
    tampered(location, "UPDATE groups SET expiry = 'soon' WHERE id = 1")
    store = opened(location)

    def is_past(expiry: str) -> bool:
        raise ValueError

    with pytest.raises(StoreError, match="is damaged: 'soon' in it is not a date"):
        find(store, Ledger(store, "me", is_past), "me", [A], None)
    store.close()


def test_all_groups_of_which_anything_is_on_record_are_told_by_name(location: Location) -> None:
    _store(location).close()
    begun = "INSERT INTO runs (id, account, group_name, started_at, user_name, machine, pid, state) VALUES"
    for at, (account, name, started_at) in enumerate(
        (("me", "Lost", 3.0), ("me", "Lost", 4.0), ("you", "Theirs", 5.0))
    ):
        tampered(location, f"{begun} ({at + 10}, '{account}', '{name}', {started_at}, 'u', 'm', 1, 'present')")
    store = opened(location, read_only=True)
    assert groups_on_record(store, Ledger(store, "me", lambda expiry: False), "me") == [
        GroupRecord("Fraud", False, None, None, None, 1.0),
        GroupRecord("Lost", False, None, None, None, 4.0),
        GroupRecord("Nuisance", True, None, None, "2099-01-01 00:00:00", 1.0),
    ]
    store.close()


def test_what_is_on_record_of_the_account_is_counted(location: Location) -> None:
    store = _store(location)
    assert how_much(store, "me") == {"groups": 2, "numbers": 3, "removed": 1, "notes": 1, "runs": 2}
    assert set(how_much(store, "nobody").values()) == {0}
    store.close()
