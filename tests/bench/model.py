# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run takes, by a model of a few coefficients. The bench measures those, and holds it against other points.

    a first run = start + requests × the longest of: own, (own + latency) ÷ parallel, 1 ÷ limit
    a converged run = start + numbers × read
    memory = base + numbers × each;  store = rows × bytes

Everything in seconds, MiB (memory) and bytes (store). ``limit``: requests a second that the account takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Optional, Tuple

from .cases import BATCHES_BETWEEN, REQUESTS_BETWEEN, batch
from .samples import Figures, Medians, each

BATCH = 100


@dataclass(frozen=True)
class Model:
    """``start`` is that of a playbook with one task, ``module_start`` that of the module alone.

    ``own``: a request's and its answer's share of the module's time; ``opening``: requests besides the batches.
    """

    start: float
    module_start: float
    read: float
    own: float
    opening: float
    memory_base: float
    memory_each: float
    store_each: float

    def requests(self, numbers: int) -> float:
        """How many requests a first run sends."""
        return math.ceil(numbers / BATCH) + self.opening

    def first(
        self, numbers: int, latency: float = 0.0, parallel: int = 1, limit: Optional[float] = None, alone: bool = False
    ) -> float:
        """Seconds of a first run; ``alone``: of the module without Ansible around it."""
        pace = max(self.own, (self.own + latency) / parallel, 1 / limit if limit else 0.0)
        return (self.module_start if alone else self.start) + self.requests(numbers) * pace

    def converged(self, numbers: int, alone: bool = False) -> float:
        """Seconds of a run that has nothing to send."""
        return (self.module_start if alone else self.start) + numbers * self.read

    def memory(self, numbers: int) -> float:
        """Peak memory of the module, converged, in MiB."""
        return self.memory_base + numbers * self.memory_each

    def store(self, numbers: int) -> float:
        """Bytes of a store on SQLite."""
        return numbers * self.store_each


NEEDED = (
    "converged_1",
    "module_first_100",
    "module_first_10000",
    "module_first_1000000",
    "module_converged_1",
    "module_converged_10000",
    "module_converged_1000000",
)


def fitted(medians: Medians) -> Optional[Model]:
    """The model, from the least measurements that it takes; None where one of them is missing."""
    if any(name not in medians for name in NEEDED):
        return None
    one, small, large = (medians[f"module_converged_{count}"] for count in (1, 10_000, 1_000_000))
    hundred, first = medians["module_first_100"], medians["module_first_10000"]
    steps = 1_000_000 - 10_000
    memory_each = each(small, large, "peak", steps)
    return Model(
        start=medians["converged_1"]["seconds"],
        module_start=one["seconds"],
        read=each(small, large, "seconds", steps),
        own=each(hundred, first, "seconds", REQUESTS_BETWEEN),
        opening=hundred["requests"] - 1,
        memory_base=one["peak"],
        memory_each=memory_each,
        store_each=medians["module_first_1000000"]["bytes"] / 1_000_000,
    )


@dataclass(frozen=True)
class Point:
    """A point that the model was not fitted to. ``unit``: of both figures."""

    title: str
    predicted: float
    measured: float
    unit: str


def points(model: Model, medians: Medians) -> List[Point]:
    """What the model says beside what was measured."""
    wanted: List[Tuple[str, str, str, float, str]] = [
        ("first", "10,000, first run, 0 ms", "seconds", model.first(10_000), "s"),
        ("first_50", "10,000, first run, 50 ms", "seconds", model.first(10_000, 0.05), "s"),
        ("first_50_parallel", "10,000, 50 ms, ``parallel: 8``", "seconds", model.first(10_000, 0.05, 8), "s"),
        ("module_first_1000000", "module alone, 1,000,000, 0 ms", "seconds", model.first(1_000_000, alone=True), "s"),
        ("converged_10k", "10,000, converged", "seconds", model.converged(10_000), "s"),
        ("converged_100k", "100,000, converged", "seconds", model.converged(100_000), "s"),
        ("converged_1m", "1,000,000, converged", "seconds", model.converged(1_000_000), "s"),
        ("module_first_10000", "10,000, requests", "requests", model.requests(10_000), ""),
        ("module_converged_100000", "module alone, 100,000, peak memory", "peak", model.memory(100_000), "MB"),
        (
            "module_first_1000000",
            "module alone, 1,000,000, first run, peak memory",
            "peak",
            model.memory(1_000_000),
            "MB",
        ),
        ("module_first_100000", "100,000 in a store on SQLite", "bytes", model.store(100_000), "bytes"),
    ]
    return [
        Point(title, predicted, medians[name][figure], unit)
        for name, title, figure, predicted, unit in wanted
        if name in medians
    ]


@dataclass(frozen=True)
class Fleet:
    """Many accounts on execution nodes that share a PostgreSQL. ``limit``: requests a second an account takes.

    ``database``: how many batches PostgreSQL takes at a time.
    """

    accounts: int = 1_000
    numbers: int = 100_000
    nodes: int = 4
    cores: int = 4
    forks: int = 25
    latency: float = 0.05
    limit: float = 100 / 60
    database: int = 4

    @property
    def at_once(self) -> int:
        """How many tasks run at a time."""
        return self.nodes * self.forks


@dataclass(frozen=True)
class Part:
    """One part that the fleet leans on, and how many seconds a run keeps it busy if nothing else stands in the way."""

    name: str
    first: float
    converged: float


FLEET_NEEDED = (
    *(f"accounts_sqlite_{count}_0" for count in (10, 100)),
    *(f"batches_postgresql_{count}" for count in (1000, 10_000)),
)


def parts(fleet: Fleet, model: Model, medians: Medians) -> List[Part]:
    """How long each part is busy, the longest first: that one gives first. Nothing where a measurement is missing."""
    if any(name not in medians for name in FLEET_NEEDED):
        return []
    few, many = medians["accounts_sqlite_10_0"], medians["accounts_sqlite_100_0"]
    task = each(few, many, "converged_cpu", 90)
    requests = model.requests(fleet.numbers)
    recorded = fleet.accounts * requests * batch(medians, "postgresql", "store") / fleet.database
    cores = fleet.nodes * fleet.cores
    reading = fleet.numbers * model.read
    found = [
        Part(
            "processors of the nodes",
            fleet.accounts * (task + requests * model.own) / cores,
            fleet.accounts * (task + reading) / cores,
        ),
        Part(
            "waiting for answers, one at a time",
            fleet.accounts * requests * (model.own + fleet.latency) / fleet.at_once,
            0.0,
        ),
        Part("the accounts' limits", fleet.accounts * requests / fleet.limit / fleet.at_once, 0.0),
        Part(f"PostgreSQL, {fleet.database} batches at a time", recorded, 0.0),
    ]
    return sorted(found, key=lambda part: part.first, reverse=True)


def row_bytes(medians: Medians) -> Optional[float]:
    """Bytes of a number on record in PostgreSQL, with its index."""
    names = ("batches_postgresql_1000", "batches_postgresql_10000")
    if any(name not in medians for name in names):
        return None
    less: Figures = medians[names[0]]
    return each(less, medians[names[1]], "bytes", BATCHES_BETWEEN * BATCH)
