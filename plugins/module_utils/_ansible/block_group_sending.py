# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out the plan of a task of ozonetel_block_group. Only imported where something is to be sent."""

from __future__ import annotations

import contextlib

from .._api.workers import workers
from .._domain.applied import Applied
from .._domain.apply import Job, apply
from .._domain.decide import Kind, RecordedGroup, Wish
from .._domain.errors import StoreError
from .._domain.plan import Plan
from .._state.recorder import GroupRecorder
from .._state.store import habits_of, lock_of
from .block_group_options import BlockGroupOptions
from .parts import Parts
from .progress import Progress, line


def sent(
    parts: Parts, options: BlockGroupOptions, wish: Wish, group: RecordedGroup, plan: Plan, recorder: GroupRecorder
) -> Applied:
    """What was done. Raises StoreError before anything was sent."""
    habits = habits_of(parts.store, parts.shared.account)
    total = sum(map(options.worklist.waiting, Kind))
    progress = Progress(options.progress_path, wish.name, total, parts.clock)

    def advance(numbers: int) -> None:
        figures = progress.advance(numbers, parts.sent)
        if figures is not None:
            with contextlib.suppress(StoreError):  # it is only told to others
                parts.store.note_progress(lock_of(wish.name, parts.shared.account), line(figures))

    with contextlib.closing(workers(options.parallel)) as sending:
        job = Job(
            wish=wish,
            group=group,
            worklist=options.worklist,
            client=parts.sending.client(habits, sending),
            recorder=recorder,
            workers=sending,
            pause=parts.clock.sleep,
            batch_size=options.batch_size,
            given_id=options.group_id,
            lasting=parts.store.persistent,
            advance=advance,
        )
        return apply(plan, job, habits)
