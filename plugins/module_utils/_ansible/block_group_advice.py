# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user of a task that did as it was told may have meant: another spelling, a group of another name."""

from __future__ import annotations

from typing import Optional, Tuple, Union

from .._domain.applied import Applied
from .._domain.decide import RecordedGroup, State, Wish
from .._domain.errors import StoreError, UnexpectedError
from .._domain.outcome import Outcome
from .._domain.predict import Prediction
from .._state.ledger import Ledger
from .._state.worklist import Worklist
from .block_group_report import EXAMPLES, and_more

_SET_A_REGION = (
    "To have both spellings read as one number, set default_region (such as IN); or list it as it is on record."
)
_AS_RECORDED = "To remove such a number, list it as it is on record, in a task without default_region."


def advice(
    wish: Wish,
    group: RecordedGroup,
    worklist: Worklist,
    ledger: Ledger,
    done: Union[Prediction, Applied],
    region: Optional[str],
) -> Tuple[str, ...]:
    """Warnings about what may have been meant. ``group``: as it was on record before the run; ``region``: the country
    that the list was read for, if any.

    Raises nothing, since what was done must be told; where the store cannot be read any more there are none.
    """
    try:
        if not group.known:
            return _other_name(wish, worklist, ledger, done)
        return _other_spelling(wish, worklist, region)
    except StoreError:
        return ()
    except Exception as error:
        return (str(UnexpectedError(error)),)


def _other_spelling(wish: Wish, worklist: Worklist, region: Optional[str]) -> Tuple[str, ...]:
    """A removal of a number that is on record in another spelling only may have removed nothing."""
    count, shown = worklist.held_otherwise(EXAMPLES)
    if not count:
        return ()
    named = "; ".join(f"{number.where} ({number.given}) as {form}" for number, form in shown)
    international = region is None and all(form.startswith("+") for _number, form in shown)
    warning = (
        f"Group {wish.name}: numbers that were to be removed may still be in it in another spelling:"
        f" {named}{and_more(count)}. {_SET_A_REGION if international else _AS_RECORDED}"
    )
    return (warning,)


def _other_name(wish: Wish, worklist: Worklist, ledger: Ledger, done: Union[Prediction, Applied]) -> Tuple[str, ...]:
    """No earlier run has seen the group, so that its name may be misspelt."""
    from .._domain.names import nearly_the_same, those_on_record  # of a group that is known nothing of it is needed

    names = [name for name in ledger.names() if name != wish.name]
    if wish.state is State.PRESENT:
        alike = next((name for name in names if nearly_the_same(name, wish.name)), None)
        warning = (
            f"Group {wish.name}: no group of this name was on record; {alike!r} is, which is nearly the same. If that"
            " is the one that you mean, correct name."
        )
        return () if alike is None else (warning,)
    similar = those_on_record(wish.name, names)
    if isinstance(done, Applied) and done.unknown:
        return (f"Group {wish.name}: the server knows no group of this name; check name{similar}.",)
    seen = isinstance(done, Applied) and (worklist.counts()[Outcome.REMOVED] or ledger.group(wish.name).known)
    if seen or not names:
        return ()
    return (f"Group {wish.name}: no earlier run has seen a group of this name on the server; check name{similar}.",)
