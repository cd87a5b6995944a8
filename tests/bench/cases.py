# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases that the project has set itself targets for, and those worth watching: figures made of medians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Mapping, Optional, Sequence, Tuple

from .samples import Figures, Medians, each

REQUESTS_BETWEEN = 99
"""How many requests more 10,000 numbers need than 100."""
BATCHES_BETWEEN = 90
"""How many batches more 10,000 numbers make than 1,000."""


@dataclass(frozen=True)
class Target:
    """A limit that a figure should keep."""

    limit: float
    at_least: bool = False

    def met(self, figure: float) -> bool:
        """Whether a figure keeps it."""
        return figure >= self.limit if self.at_least else figure <= self.limit


@dataclass(frozen=True)
class Case:
    """``figure`` makes one figure of the medians of ``needs``; ``form`` shows it, and the limit of its target."""

    title: str
    needs: Tuple[str, ...]
    figure: Callable[[Medians], float]
    form: str
    target: Optional[Target] = None


@dataclass(frozen=True)
class Row:
    """A case as it is shown. ``met``: "yes", "no", or nothing where there is no target or no figure."""

    name: str
    title: str
    measured: str
    target: str
    met: str


def rows(cases: Mapping[str, Case], medians: Medians, missing: Mapping[str, str]) -> Sequence[Row]:
    """All cases; ``missing`` tells of measurements why there are none."""
    return [_row(name, case, medians, missing) for name, case in cases.items()]


def _row(name: str, case: Case, medians: Medians, missing: Mapping[str, str]) -> Row:
    words = ""
    if case.target is not None:
        words = f"at {'least' if case.target.at_least else 'most'} {case.form.format(case.target.limit)}"
    reasons = [missing.get(needed, "not measured") for needed in case.needs if needed not in medians]
    if reasons:
        return Row(name, case.title, f"not available: {reasons[0]}", words, "")
    figure = case.figure(medians)
    met = "" if case.target is None else "yes" if case.target.met(figure) else "no"
    return Row(name, case.title, case.form.format(figure), words, met)


def _times(one: str, other: str, name: str = "seconds") -> Callable[[Medians], float]:
    return lambda medians: medians[one][name] / medians[other][name]


def _figure(measurement: str, name: str, scale: float = 1.0) -> Callable[[Medians], float]:
    return lambda medians: medians[measurement][name] * scale


def _a_request(name: str) -> Callable[[Medians], float]:
    """What of the module's time for a request a figure tells, against all of the bare script's."""

    def figure(medians: Medians) -> float:
        ours = each(medians["module_first_100"], medians["module_first_10000"], name, REQUESTS_BETWEEN)
        return ours / each(medians["bare_100"], medians["bare"], "inside", REQUESTS_BETWEEN)

    return figure


def _ping_and_eight(medians: Medians) -> float:
    return medians["first_50_parallel"]["seconds"] / (medians["ping"]["seconds"] + medians["eight_50"]["seconds"])


def batch(medians: Medians, engine: str, name: str) -> float:
    """What a batch adds to a figure of the module's first run, with its store on an engine."""
    less: Figures = medians[f"batches_{engine}_1000"]
    return each(less, medians[f"batches_{engine}_10000"], name, BATCHES_BETWEEN)


def _batches(*engines: str) -> Tuple[str, ...]:
    return tuple(f"batches_{engine}_{count}" for engine in engines for count in (1000, 10000))


_RATIO, _TIMES, _MIB, _MICROSECONDS = "{:.3g}", "{:.3g} ×", "{:.0f} MB", "{:.3g} µs"
_MILLION = ("module_converged_1000000",)
_REQUESTS = ("module_first_100", "module_first_10000", "bare_100", "bare")
_CHECK = ("module_check_1000000",)

TARGETS: Dict[str, Case] = {
    "uri_loop": Case(
        "10,000 numbers, 0 ms: how much faster than the ``uri`` loop",
        ("uri", "first"),
        _times("uri", "first"),
        _TIMES,
        Target(25, at_least=True),
    ),
    "parallel_bare": Case(
        "10,000 numbers, 50 ms, ``parallel: 8``, against the bare sequential script",
        ("first_50_parallel", "bare_50"),
        _times("first_50_parallel", "bare_50"),
        _RATIO,
        Target(0.5),
    ),
    "parallel_eight": Case(
        "the same against ``ping`` and eight aiohttp connections",
        ("first_50_parallel", "ping", "eight_50"),
        _ping_and_eight,
        _RATIO,
        Target(1.5),
    ),
    "request": Case(
        "time a request inside the module, 0 ms, with all that is done for its 100 numbers, against the bare script",
        _REQUESTS,
        _a_request("seconds"),
        _RATIO,
        Target(1.5),
    ),
    "ping_10k": Case(
        "converged, ``refresh: false``, 10,000 in a file, against ``ping``",
        ("converged_10k", "ping"),
        _times("converged_10k", "ping"),
        _RATIO,
        Target(1.2),
    ),
    "ping_100k": Case(
        "converged, 100,000 in a file, against ``ping``",
        ("converged_100k", "ping"),
        _times("converged_100k", "ping"),
        _RATIO,
        Target(1.5),
    ),
    "million_cpu": Case(
        "1,000,000 in a file, full ledger, converged: module CPU a number",
        _MILLION,
        _figure(_MILLION[0], "cpu"),
        _MICROSECONDS,
        Target(6),
    ),
    "million_memory": Case(
        "the same: peak memory of the module", _MILLION, _figure(_MILLION[0], "peak"), _MIB, Target(250)
    ),
    "check_cpu": Case(
        "the same in check mode: module CPU a number", _CHECK, _figure(_CHECK[0], "cpu"), _MICROSECONDS, Target(6)
    ),
    "check_memory": Case("the same in check mode: peak memory", _CHECK, _figure(_CHECK[0], "peak"), _MIB, Target(250)),
    "linear": Case(
        "time for 1,000,000 against 100,000, converged",
        ("module_converged_1000000", "module_converged_100000"),
        _times("module_converged_1000000", "module_converged_100000"),
        _TIMES,
        Target(11),
    ),
    "first_memory": Case(
        "first run of 1,000,000 at 0 ms: peak memory of the module",
        ("module_first_1000000",),
        _figure("module_first_1000000", "peak"),
        _MIB,
        Target(250),
    ),
    "postgresql_time": Case(
        "a batch on PostgreSQL (loopback): time in the database's client library",
        _batches("postgresql"),
        lambda medians: batch(medians, "postgresql", "store") * 1000,
        "{:.2f} ms",
        Target(3),
    ),
    "postgresql_trips": Case(
        "a batch on PostgreSQL: round trips, counted on the wire",
        _batches("postgresql"),
        lambda medians: batch(medians, "postgresql", "trips"),
        "{:.3g}",
        Target(3),
    ),
    "progress": Case(
        "first run of 100,000, 0 ms: the share of its time that telling progress takes",
        ("module_progress",),
        _figure("module_progress", "share", 100.0),
        "{:.2g} %",
        Target(2),
    ),
    "removal": Case(
        "removal of 10,000 with ``remove_shared`` against 1,000",
        ("removal_10k", "removal_1k"),
        _times("removal_10k", "removal_1k"),
        _TIMES,
        Target(12),
    ),
}

WATCHED: Dict[str, Case] = {
    "request_wire": Case("of that, sending the request and reading its answer", _REQUESTS, _a_request("wire"), _RATIO),
    "request_whole": Case(
        "the module's whole time for 10,000 numbers, 0 ms, against that of the bare script",
        ("module_first_10000", "bare"),
        _times("module_first_10000", "bare"),
        _RATIO,
    ),
    "first_bare": Case(
        "10,000 numbers, 0 ms, against the bare script", ("first", "bare"), _times("first", "bare"), _TIMES
    ),
    "sequential_bare": Case(
        "10,000 numbers, 50 ms, ``parallel: 1``, against the bare script",
        ("first_50", "bare_50"),
        _times("first_50", "bare_50"),
        _TIMES,
    ),
    "ping_1": Case(
        "converged, a single number, against ``ping``", ("converged_1", "ping"), _times("converged_1", "ping"), _TIMES
    ),
    "ping_lookup": Case(
        "converged, 10,000 in a lookup, against ``ping``",
        ("converged_lookup", "ping"),
        _times("converged_lookup", "ping"),
        _TIMES,
    ),
    "ping_variable": Case(
        "converged, 10,000 in a variable, against ``ping``",
        ("converged_variable", "ping"),
        _times("converged_variable", "ping"),
        _TIMES,
    ),
    "playbook_memory": Case(
        "1,000,000 in a file, converged: the largest process of the whole playbook",
        ("converged_1m",),
        _figure("converged_1m", "peak"),
        _MIB,
    ),
    "postgresql_sqlite": Case(
        "a batch, all that the module does, with PostgreSQL against SQLite",
        _batches("sqlite", "postgresql"),
        lambda medians: batch(medians, "postgresql", "seconds") / batch(medians, "sqlite", "seconds"),
        _TIMES,
    ),
}


def _accounts(engine: str) -> Dict[str, Case]:
    few, many = f"accounts_{engine}_10_0", f"accounts_{engine}_100_0"
    alone, ten = f"accounts_{engine}_1_200", f"accounts_{engine}_10_200"
    return {
        f"accounts_{engine}": Case(
            f"{engine}: 100 accounts × 1,000, first run, against 10 accounts",
            (many, few),
            _times(many, few),
            _TIMES,
        ),
        f"accounts_{engine}_converged": Case(
            f"{engine}: the same, converged", (many, few), _times(many, few, "converged"), _TIMES
        ),
        f"accounts_{engine}_at_once": Case(
            f"{engine}: 10 accounts at once against one alone, 200 ms a request (10 × if they waited for each other)",
            (ten, alone),
            _times(ten, alone),
            _TIMES,
        ),
        f"accounts_{engine}_generations": Case(
            f"{engine}: the most tokens that one of 100 accounts generated",
            (many,),
            _figure(many, "generations"),
            "{:.0f}",
        ),
    }


WATCHED.update(_accounts("sqlite"))
WATCHED.update(_accounts("postgresql"))
CASES: Dict[str, Case] = {**TARGETS, **WATCHED}
