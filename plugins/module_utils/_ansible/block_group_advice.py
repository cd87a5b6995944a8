# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user of a task that did as it was told may have meant: another spelling, a group of another name."""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple, Union

from .._domain.applied import Applied
from .._domain.decide import RecordedGroup, State, Wish
from .._domain.errors import StoreError, UnexpectedError
from .._domain.lines import spellings_among
from .._domain.names import nearly_the_same, similar_names
from .._domain.numbers import Number
from .._domain.outcome import IN_GROUP, Outcome
from .._domain.predict import Prediction
from .._state.ledger import Ledger
from .._state.worklist import Worklist

_SHOWN = 3
_NOT_REMOVED = frozenset({Outcome.NOT_FOUND, Outcome.ABSENT})
_MAY_BE_HELD = IN_GROUP | {Outcome.UNCONFIRMED}


def advice(
    wish: Wish,
    group: RecordedGroup,
    worklist: Worklist,
    ledger: Ledger,
    done: Union[Prediction, Applied],
    region: Optional[str],
) -> Tuple[str, ...]:
    """Warnings about what may have been meant; adds the reasons of numbers that are held in another spelling.

    ``region``: the country that the list was read for, if any. Raises nothing, since what was done must be told; where
    the store cannot be read any more there are none.
    """
    try:
        if not group.known:
            return _other_name(wish, worklist, ledger, done)
        return _held_otherwise(wish, worklist, ledger, region) if wish.state is State.ABSENT else ()
    except StoreError:
        return ()
    except Exception as error:
        return (str(UnexpectedError(error)),)


# -- another spelling --------------------------------------------------------------------------------------------------


def _held_otherwise(wish: Wish, worklist: Worklist, ledger: Ledger, region: Optional[str]) -> Tuple[str, ...]:
    """A removal of a number that is on record in another spelling only may have removed nothing."""
    shapes = ledger.shapes()
    count = 0
    shown: List[Tuple[Number, str]] = []
    for results in worklist.results(_NOT_REMOVED):
        numbers = {result.number.canonical: result.number for result in results}
        held = _held(numbers, wish, worklist, ledger, shapes)
        worklist.add_reasons({canonical: f"it may be in the group as {form}" for canonical, form in held.items()})
        count += len(held)
        shown += [(numbers[canonical], form) for canonical, form in held.items()][: _SHOWN - len(shown)]
    if not count:
        return ()
    named = "; ".join(f"{number.where} ({number.given}) as {form}" for number, form in shown)
    more = f"; and {count - _SHOWN} more, see numbers and report_path" if count > _SHOWN else ""
    advised = _LIST_IT_AS_RECORDED if region else _SET_A_REGION
    warning = (
        f"Group {wish.name}: numbers that were to be removed may still be in it in another spelling: {named}{more}."
        f" {advised}"
    )
    return (warning,)


_SET_A_REGION = (
    "To have both spellings read as one number, set default_region (such as IN); or list it as it is on record."
)
_LIST_IT_AS_RECORDED = "To remove such a number, list it as it is on record, in a task without default_region."


def _held(
    numbers: Dict[str, Number], wish: Wish, worklist: Worklist, ledger: Ledger, shapes: FrozenSet[str]
) -> Dict[str, str]:
    """Another spelling that the group holds, or may, and that is not listed itself, by canonical number."""
    forms = {canonical: others - {canonical} for canonical, others in spellings_among(numbers, shapes).items()}
    every = sorted({form for others in forms.values() for form in others})
    recorded = ledger.look_up(wish.name, every) if every else {}
    listed = worklist.holds(sorted(recorded))
    held = {form for form, of in recorded.items() if of.outcome in _MAY_BE_HELD and form not in listed}
    return {canonical: min(others & held) for canonical, others in forms.items() if others & held}


# -- another name ------------------------------------------------------------------------------------------------------


def _other_name(wish: Wish, worklist: Worklist, ledger: Ledger, done: Union[Prediction, Applied]) -> Tuple[str, ...]:
    """Nothing is recorded of the group, so that its name may be misspelt."""
    names = [name for name in ledger.names() if name != wish.name]  # which this run may have made
    if wish.state is State.PRESENT:
        alike = [name for name in names if nearly_the_same(name, wish.name)]
        return tuple(
            f"Group {wish.name}: nothing is recorded of a group of this name, but of {name!r}, which is nearly the"
            " same. If that group is meant, correct name."
            for name in alike[:1]
        )
    similar = _similar(wish.name, names)
    if isinstance(done, Applied) and done.unknown:
        return (f"Group {wish.name}: the server knows no group of this name; check name{similar}.",)
    removed = isinstance(done, Applied) and worklist.counts()[Outcome.REMOVED]
    if removed or not names:
        return ()
    return (f"Group {wish.name}: nothing is recorded of a group of this name; check name{similar}.",)


def _similar(name: str, names: Sequence[str]) -> str:
    """Names on record that are like this one, in words."""
    found = similar_names(name, names)
    return f" (on record: {', '.join(map(repr, found))})" if found else ""
