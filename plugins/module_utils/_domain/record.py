# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a batch's outcomes is worth recording: more than what was known of its numbers before."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Sequence, Set

from .batch import RefusedNumber, Sent
from .decide import Batch, Kind, RecordedNumber
from .lines import spellings
from .outcome import NumberResult, Outcome


def worth_keeping(
    batch: Batch,
    sent: Sent,
    results: Sequence[NumberResult],
    gone: bool,
    doubted: bool,
    touched: Callable[[Sequence[str]], Set[str]],
) -> List[NumberResult]:
    """The results of a batch that are to be recorded.

    ``gone``: the group was not there, so that nothing that was recorded holds; ``doubted``: nor does it for certain.
    ``touched``: which of some canonical numbers this run has changed, or may have: of a line that it has removed in one
    spelling, another may be gone, too.
    """
    before = {} if gone else held(batch)
    perhaps = {part.number for part in sent.parts if isinstance(part, RefusedNumber) and part.maybe_done}
    perhaps.update(batch.numbers if doubted else ())
    if batch.kind is Kind.REMOVE and any(result.outcome in _UNTOUCHED for result in results):
        forms = {number: spellings(number.canonical) for number in batch.numbers}
        removed = touched(sorted({form for others in forms.values() for form in others}))
        perhaps.update(number for number, others in forms.items() if others & removed)
    found = [_to_be_kept(r, before.get(r.number.canonical), batch, r.number in perhaps) for r in results]
    return [result for result in found if result is not None]


_UNTOUCHED = (Outcome.NOT_SENT, Outcome.REJECTED)


def _to_be_kept(
    result: NumberResult, before: Optional[RecordedNumber], batch: Batch, perhaps: bool
) -> Optional[NumberResult]:
    """A number that was in the group is so still if its form was refused, or nothing was sent; its record was doubted
    before a removal. Nor does an addition that is not confirmed tell anything new, unless it was to set an expiry.

    ``before``: what was recorded of it, if that is that it was in the group. ``perhaps``: it may be gone all the same.
    """
    if before is None:
        return None if result.outcome is Outcome.NOT_SENT else result
    untouched = result.outcome in _UNTOUCHED
    if batch.kind is Kind.REMOVE:
        stays = Outcome.UNCONFIRMED if perhaps else Outcome.ALREADY_PRESENT
        return result._replace(outcome=stays, batch=None) if untouched else result  # no answer has confirmed it
    nothing_new = result.outcome is Outcome.UNCONFIRMED and batch.expiry in (None, before.expiry)
    return None if untouched or nothing_new else result


def held(batch: Batch) -> Dict[str, RecordedNumber]:
    """What is recorded of those numbers that are on record as in the group, by canonical number."""
    return {canonical: recorded for canonical, recorded in batch.recorded.items() if recorded.in_group}
