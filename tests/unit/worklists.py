# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worklists as a run has them: made from numbers, or from what is to be done with each, and read back."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import STAYS, Decision, Why, Work
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.worklist import Worklist

Task = Tuple[Number, Decision]
"""A number, and what is to be done with it."""
_TO_CLOSE: Deque[Callable[[], object]] = deque()


def closed_after(owner: Any, worklist: Worklist) -> None:
    """Has a worklist closed once its owner is gone: with the next one, since only the thread that made it can do so.

    Any thread may find out that the owner is gone.
    """
    while _TO_CLOSE:
        _TO_CLOSE.popleft()()
    weakref.finalize(owner, _TO_CLOSE.append, worklist.close)


def worklist_of(listed: Sequence[Number], expiries: Optional[Mapping[str, str]] = None) -> Worklist:
    """The worklist of these numbers in their order.

    ``expiries``: those that entries have of their own, by canonical number.
    """
    worklist = Worklist(lambda position: listed[position - 1].where)
    closed_after(worklist, worklist)
    places = list(enumerate(listed, start=1))
    details = [
        (place, None if n.given == n.canonical else n.given, (expiries or {}).get(n.canonical), n.note)
        for place, n in places
    ]
    worklist.add(
        [(place, n.canonical) for place, n in places],
        [row for row in details if any(detail is not None for detail in row[1:])],
    )
    worklist.complete()
    worklist.written_in_several_ways(shown=0)
    return worklist


def worklist_to_do(tasks: Sequence[Task]) -> Worklist:
    """A worklist in which it is decided already; what is no longer listed comes from the ledger."""
    purged = {n.canonical for n, decision in tasks if isinstance(decision, Work) and decision.why is Why.NOT_LISTED}
    worklist = worklist_of([n for n, _decision in tasks if n.canonical not in purged])
    worklist.add_unlisted([n.canonical for n, _decision in tasks if n.canonical in purged])
    for n, decision in tasks:
        if isinstance(decision, Work):
            worklist.send(decision, [n.canonical])
        elif decision != STAYS:
            worklist.settle(decision, [n.canonical])
    return worklist


def results_of(worklist: Worklist) -> List[NumberResult]:
    """What became of every number, in the order in which they were sent; those that were in no request come last."""
    found = worklist.all_results()
    return sorted(found, key=lambda result: (result.batch is None, result.batch or 0))


def outcomes_of(worklist: Worklist) -> Dict[str, Outcome]:
    """The outcome of every number, by canonical number, in the order of the list."""
    return {result.number.canonical: result.outcome for result in worklist.all_results()}
