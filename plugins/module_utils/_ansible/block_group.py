# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_block_group: decide, guard, predict or apply, report; and put the run on record."""

from __future__ import annotations

import contextlib
import math
from typing import Iterator, Optional

from .._domain.applied import Applied
from .._domain.decide import Kind, RecordedGroup, State, Wish
from .._domain.errors import CloudAgentError, Fault, InvalidInput, StoreError
from .._domain.expiry import instant
from .._domain.plan import Plan, draw_up
from .._domain.predict import predict
from .._state.gone import drop_gone
from .._state.ledger import Ledger
from .._state.recorder import Attributes, GroupRecorder
from .._state.runs import CurrentRun, Ending
from .._state.store import SKEW, lock_of
from .block_group_advice import advice
from .block_group_options import SPEC, BlockGroupOptions, read_block_group
from .block_group_report import Told, report_of
from .parts import Parts
from .run import Report, Task, attempted
from .secrets import masked


def _work(parts: Parts, options: BlockGroupOptions) -> Report:
    """Makes a block number group match a list, or removes listed numbers from it."""
    with _turn(parts, options):
        return _matched(parts, options, None) if parts.check_mode else _on_record(parts, options)


def _on_record(parts: Parts, options: BlockGroupOptions) -> Report:
    """Does the work, as a run that stands on record; what cannot be written of the run itself changes nothing else."""
    account, clock = parts.shared.account, parts.clock
    run = CurrentRun(parts.store, account, options.name, options.state, clock)
    with contextlib.suppress(StoreError):
        run.begin()
    report = attempted(lambda: _matched(parts, options, run.id), parts)
    with contextlib.suppress(StoreError):
        drop_gone(parts.store, account, options.name, clock.now() - options.keep_removed)
    with contextlib.suppress(StoreError):
        run.end(_ending(report, parts))
    return report


def _ending(report: Report, parts: Parts) -> Ending:
    told = report.result
    return Ending(
        changed=told["changed"],
        change_source=told.get("change_source"),
        counts=told.get("counts", {}),
        requests_sent=told["requests_sent"],
        error=masked(report.failure, parts.secrets),
    )


def _matched(parts: Parts, options: BlockGroupOptions, run: Optional[int]) -> Report:
    """``run``: the id of the run; None in check mode, which has none."""
    now = parts.clock.now()
    account, zone, span = parts.shared.account, options.expiry.zone, options.refresh_after
    fresh = (math.inf, math.inf) if span is None else (now - span, now + SKEW)
    ledger = Ledger(parts.store, account, lambda expiry: instant(expiry, zone) <= now, fresh)
    group = ledger.group(options.name)
    wish = _wish(options, group, ledger, now)
    plan = draw_up(wish, group, ledger, options.worklist)
    _refuse_another_id(options, group)
    if run is None and any(map(options.worklist.waiting, Kind)):
        from .._api.transport import look_for_library

        look_for_library()
    done = predict(plan, group, options.worklist) if run is None else _applied(parts, options, wish, group, plan, run)
    advised = advice(wish, group, options.worklist, ledger, done, options.region)
    return report_of(parts, Told(options, wish, group, plan, done, advised))


def _refuse_another_id(options: BlockGroupOptions, group: RecordedGroup) -> None:
    """A removal by a wrong id would hit another group; an addition goes by name, and its answer tells the id."""
    if group.group_id in (None, options.group_id) or options.group_id is None:
        return
    if options.worklist.waiting(Kind.REMOVE) and not options.worklist.waiting(Kind.ADD):
        problem = (
            f"{options.group_id} is given, and the group is on record with the id {group.group_id}. Leave group_id out;"
            " if the group was re-created in the web console, run state=present first, which finds out its id"
        )
        raise InvalidInput([Fault("group_id", problem)])


@contextlib.contextmanager
def _turn(parts: Parts, options: BlockGroupOptions) -> Iterator[None]:
    """One writer per group: waits for its turn. Check mode writes nothing and waits for nobody."""
    if parts.check_mode:
        yield
        return
    with parts.store.lock(lock_of(options.name, parts.shared.account), parts.shared.lock_timeout):
        yield


def _wish(options: BlockGroupOptions, group: RecordedGroup, ledger: Ledger, now: float) -> Wish:
    """The options with what only the record can tell: the expiry to keep, the description."""
    description = options.description or group.description
    if description is None and options.state is State.PRESENT:
        from .._domain.names import those_on_record

        meant = those_on_record(options.name, ledger.names())
        problem = f"is not set; give one: nothing is recorded of the group, so it may have to be made{meant}"
        raise InvalidInput([Fault("description", problem)])
    expiry = options.expiry.expiry(None if group.unsure else group.expiry, group.span, now)
    return Wish(
        state=options.state,
        name=options.name,
        description=description,
        expiry=expiry,
        sets_new_expiry=options.expiry.span is not None and expiry != group.expiry,
        exempt=options.exempt,
        refresh=options.refresh,
        purge=options.purge,
        allow_empty=options.allow_empty,
        remove_shared=options.remove_shared,
        max_removals=options.max_removals,
    )


def _applied(
    parts: Parts, options: BlockGroupOptions, wish: Wish, group: RecordedGroup, plan: Plan, run: int
) -> Applied:
    attributes = Attributes(wish.description, wish.expiry, options.expiry.recorded_span)
    store, account, clock = parts.store, parts.shared.account, parts.clock
    recorder = GroupRecorder(store, account, wish.name, attributes, clock, wish.remove_shared, run)
    if any(map(options.worklist.waiting, Kind)):
        from .block_group_sending import sent

        applied = sent(parts, options, wish, group, plan, recorder)
    else:
        applied = Applied(group_id=options.group_id or group.group_id)
    try:
        for notes in options.worklist.notes():
            recorder.keep_notes(notes)
    except CloudAgentError as error:  # what was done must be told
        applied.stop(error)
    return applied


BLOCK_GROUP: Task[BlockGroupOptions] = Task(
    SPEC, read_block_group, _work, release=lambda options: options.worklist.close()
)
