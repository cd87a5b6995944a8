# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one task of ozonetel_block_group in this process, without Ansible around it, and prints what it took.

python -m …tests.bench.task JOB        JOB as Job.text() gives it; the account is in the environment
python -m …tests.bench.task options    prints the names of the module's options
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional, Sequence

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group import BLOCK_GROUP
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.progress import Progress
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import Transport
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import RealRunner

from .job import Job, read_job


def _numbers(job: Job) -> Dict[str, Any]:
    if not job.as_list:
        return {"block_numbers_file": job.numbers_file}
    return {"block_numbers": Path(job.numbers_file).read_text(encoding="utf-8").split()}


class Watch:
    """How long some calls have taken, ``seconds`` in all; one within another counts once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = False

    @contextlib.contextmanager
    def _taken(self) -> Iterator[None]:
        if self._inside:
            yield
            return
        self._inside, start = True, time.perf_counter()
        try:
            yield
        finally:
            self._inside = False
            self.seconds += time.perf_counter() - start

    def watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, with its time taken."""

        def timed(*arguments: Any, **more: Any) -> Any:
            with self._taken():
                return call(*arguments, **more)

        return timed


def _watch(place: Any, names: Sequence[str], watch: Watch) -> None:
    for name in names:
        if name in vars(place):
            setattr(place, name, watch.watched(getattr(place, name)))


def _watch_postgresql(watch: Watch) -> None:
    """Watches psycopg, whichever of its ways the store goes."""
    import psycopg

    for place in (psycopg.Connection, psycopg.Cursor):
        _watch(place, ("wait", "execute", "executemany", "fetchall", "commit"), watch)


def perform(job: Job) -> Dict[str, Any]:
    """Runs the task; gives seconds, CPU seconds, those in PostgreSQL, on the wire and for progress, peak memory in MiB,
    and what it has reported.
    """
    password: Optional[str] = os.environ.get("OZONETEL_STATE_STORE_PASSWORD")
    runner = RealRunner(
        os.environ["OZONETEL_DOMAIN"],
        os.environ["OZONETEL_USERNAME"],
        os.environ["OZONETEL_API_KEY"],
        os.environ["OZONETEL_STATE_STORE"],
        password,
    )
    group = {"name": "Nuisance callers", "description": "Reported by the service desk"}
    expiry = {} if job.options.get("state") == "absent" else {"expiry_date": "2099-12-31 23:59:59"}
    options = {**group, **expiry, **_numbers(job)}
    store, wire, progress = Watch(), Watch(), Watch()
    if os.environ["OZONETEL_STATE_STORE"].startswith("postgresql:"):
        _watch_postgresql(store)
    _watch(Transport, ("send",), wire)
    _watch(Progress, ("advance",), progress)
    _watch(Store, ("note_progress",), progress)
    start, cpu = time.perf_counter(), time.process_time()
    report = runner.group(job.check_mode, **{**options, **job.options})
    taken = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    if report.failure is not None:
        sys.exit(report.failure)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    told = {"changed": report.result["changed"], "requests": report.result["requests_sent"]}
    watched = {"store": store.seconds, "wire": wire.seconds, "progress": progress.seconds}
    return {**taken, **watched, "peak": peak, **told}


if __name__ == "__main__":
    if sys.argv[1] == "options":
        print(json.dumps(sorted(BLOCK_GROUP.spec)))
    else:
        print(json.dumps(perform(read_job(sys.argv[1]))))
