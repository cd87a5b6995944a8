# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a run stops between two batches. What becomes of the run is in test_apply.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    Batch,
    Kind,
    Settled,
    State,
    Why,
    Wish,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.guards import (
    emptied_by_purge,
    nothing_accepted,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import Outcome
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import number
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import worklist_to_do

WISH = Wish(State.PRESENT, "Nuisance", purge=True)


def _batch(ordinal: int, kind: Kind = Kind.ADD, why: Why = Why.NEW) -> Batch:
    return Batch(kind, why, None, (), ordinal, {})


@pytest.mark.parametrize(
    ("ordinal", "counts", "stops"),
    [
        (1, {Outcome.REJECTED: 100}, False),
        (2, {Outcome.REJECTED: 99}, False),
        (2, {Outcome.REJECTED: 100}, True),
        (9, {Outcome.REJECTED: 100}, True),
        (2, {Outcome.REJECTED: 199, Outcome.ADDED: 1}, False),
        (2, {Outcome.REJECTED: 199, Outcome.UNCONFIRMED: 1}, False),
        (2, {}, False),
    ],
)
def test_a_list_of_which_the_server_takes_nothing_is_stopped(
    ordinal: int, counts: Dict[Outcome, int], stops: bool
) -> None:
    error = nothing_accepted(_batch(ordinal), counts)
    assert (error is not None) is stops
    assert error is None or f"refused each of the first {counts[Outcome.REJECTED]} numbers" in str(error)


@pytest.mark.parametrize(
    ("outcome", "why", "allow_empty", "stops"),
    [
        (Outcome.REJECTED, Why.NOT_LISTED, False, True),
        (Outcome.UNCONFIRMED, Why.NOT_LISTED, False, True),
        (Outcome.ADDED, Why.NOT_LISTED, False, False),
        (Outcome.PRESENT, Why.NOT_LISTED, False, False),
        (Outcome.REJECTED, Why.NOT_LISTED, True, False),
        (Outcome.REJECTED, Why.LISTED, False, False),
    ],
)
def test_a_purge_that_would_empty_the_group_is_stopped(
    outcome: Outcome, why: Why, allow_empty: bool, stops: bool
) -> None:
    worklist = worklist_to_do([(number("a"), Settled(outcome, ""))])
    error = emptied_by_purge(_batch(2, Kind.REMOVE, why), replace(WISH, allow_empty=allow_empty), worklist)
    assert (error is not None) is stops
    assert error is None or "nothing was removed" in str(error)
    worklist.close()
