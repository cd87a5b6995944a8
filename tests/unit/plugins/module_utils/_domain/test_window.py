# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which batches may be under way at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator, Sequence

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import Contact, Opened
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import Batch, Kind, Why
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.window import UnderWay, Waiting, may_start

EXISTS = Contact(Habits(), exists=True)


def _batch(*canonicals: str, kind: Kind = Kind.ADD) -> Batch:
    numbers = tuple(Number(canonical, canonical, "entry") for canonical in canonicals)
    return Batch(kind, Why.NEW, None, numbers, 1, {})


def _sent(*batches: Batch) -> Sequence[UnderWay]:
    return [UnderWay(batch, lambda contact: Opened(Sent(), contact)) for batch in batches]


ONE, TWO, THREE = (_batch(f"999990000{n}") for n in (1, 2, 3))
ONE_AGAIN = _batch("9999900005", "+919999900001")


@pytest.mark.parametrize("several_ways", [True, False])
@pytest.mark.parametrize("contact", [EXISTS, replace(EXISTS, exists=False)])
def test_where_nothing_is_under_way_any_batch_may_start(contact: Contact, several_ways: bool) -> None:
    assert may_start(ONE, (), contact, False, 1, several_ways)


@pytest.mark.parametrize(
    ("size", "contact", "kind", "expected"),
    [
        (3, EXISTS, Kind.ADD, True),
        (2, EXISTS, Kind.ADD, False),
        (3, replace(EXISTS, exists=False), Kind.ADD, False),
        (3, EXISTS, Kind.REMOVE, False),
    ],
)
@pytest.mark.parametrize("several_ways", [True, False])
def test_a_batch_joins_others_of_its_kind_where_there_is_room_and_a_group(
    size: int, contact: Contact, kind: Kind, expected: bool, several_ways: bool
) -> None:
    assert may_start(replace(THREE, kind=kind), _sent(ONE, TWO), contact, False, size, several_ways) is expected


@pytest.mark.parametrize(("kind", "expected"), [(Kind.ADD, False), (Kind.REMOVE, True)])
def test_removals_by_an_id_that_the_user_gave_need_no_first_contact(kind: Kind, expected: bool) -> None:
    unseen, under_way = replace(EXISTS, exists=False), [replace(_sent(TWO)[0], batch=replace(TWO, kind=kind))]
    assert may_start(replace(ONE, kind=kind), under_way, unseen, True, 3, False) is expected


def test_the_same_telephone_in_two_spellings_is_not_under_way_twice() -> None:
    for under_way in (_sent(ONE, TWO), _sent(TWO, ONE)):
        assert not may_start(ONE_AGAIN, under_way, EXISTS, False, 3, several_ways=True)
    assert may_start(ONE_AGAIN, _sent(TWO, THREE), EXISTS, False, 3, several_ways=True)
    # Where none is written in two ways this costs nothing.
    assert may_start(ONE_AGAIN, _sent(ONE), EXISTS, False, 3, several_ways=False)


def test_what_waits_can_be_looked_at_before_it_is_taken() -> None:
    waiting = Waiting(iter([ONE, TWO]))
    assert (waiting.next, waiting.take(), waiting.next, waiting.take(), waiting.next) == (ONE, ONE, TWO, TWO, None)
    with pytest.raises(LookupError):
        waiting.take()


def test_a_batch_after_which_the_next_cannot_be_read_is_not_taken() -> None:
    def breaks() -> Iterator[Batch]:
        yield ONE
        raise ZeroDivisionError

    waiting = Waiting(breaks())
    with pytest.raises(ZeroDivisionError):
        waiting.take()
    assert waiting.next is ONE
