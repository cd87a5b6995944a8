# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, as the part of the page that is made anew each time."""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence

from .cases import Case, rows
from .measurements import LENGTHS, MEASUREMENTS
from .model import Fleet, Model, fitted, parts, points, row_bytes
from .samples import Figures, Line, Medians, medians, spread
from .table import short, table

Samples = Mapping[str, Sequence[Figures]]
_NONE = "–"
_HOUR = 3600.0


def summed_up(samples: Samples) -> Dict[str, Figures]:
    """The medians of each measurement."""
    return {name: medians(runs) for name, runs in samples.items()}


def case_table(cases: Mapping[str, Case], middle: Medians, missing: Mapping[str, str]) -> str:
    """The cases with their targets."""
    shown = rows(cases, middle, missing)
    cells = [[f"``{row.name}``", row.title, row.measured, row.target or _NONE, row.met or _NONE] for row in shown]
    return table(["name", "case", "measured", "target", "met"], cells)


def measurement_table(samples: Samples, missing: Mapping[str, str]) -> str:
    """All measurements: the median of the time with the least and the greatest, CPU, peak memory."""
    cells: List[List[str]] = []
    for name, measurement in MEASUREMENTS.items():
        if name in samples:
            least, greatest = spread(samples[name], "seconds")
            middle = medians(samples[name])
            seconds = f"{short(middle['seconds'])} ({short(least)} to {short(greatest)})"
            cells.append([f"``{name}``", measurement.title, seconds, short(middle["cpu"]), f"{middle['peak']:.0f}"])
        elif name in missing:
            cells.append([f"``{name}``", measurement.title, f"not available: {missing[name]}", _NONE, _NONE])
    return table(["name", "measurement", "seconds", "CPU seconds", "peak MB"], cells)


def length_table(middle: Medians) -> str:
    """Time and memory over length: what the plot is drawn from."""
    cells = []
    for count in LENGTHS:
        found = [middle.get(f"module_{kind}_{count}") for kind in ("first", "converged")]
        figures = [short(one[name]) if one else _NONE for one in found for name in ("seconds", "peak")]
        cells.append([f"{count:,}", *figures])
    return table(["numbers", "first run, s", "peak MB", "converged, s", "peak MB"], cells)


def plotted(middle: Medians) -> List[Line]:
    """The lines of the plot."""
    found = []
    for kind, title in (("first", "first run, 0 ms a request"), ("converged", "converged, refresh: false")):
        names = [(count, f"module_{kind}_{count}") for count in LENGTHS]
        measured = [(count, middle[name]["seconds"], middle[name]["peak"]) for count, name in names if name in middle]
        found.append(Line(title, measured))
    return found


def model_text(middle: Medians) -> str:
    """The model's coefficients, its predictions beside what was measured, and what it says of a fleet."""
    model = fitted(middle)
    if model is None:
        return "The model needs measurements that are missing here."
    coefficients = [
        ["start, playbook", f"{short(model.start)} s"],
        ["start, module alone", f"{short(model.module_start)} s"],
        ["own: a request's share of the module's time", f"{short(model.own * 1000)} ms"],
        ["read: a number's share of a converged run", f"{short(model.read * 1e6)} µs"],
        ["requests besides the batches", f"{model.opening:.0f}"],
        ["memory, base", f"{model.memory_base:.0f} MB"],
        ["memory, a number", f"{short(model.memory_each * 1024 * 1024)} bytes"],
        ["a number in a store on SQLite", f"{short(model.store_each)} bytes"],
    ]
    size = row_bytes(middle)
    coefficients += [["a number in a store on PostgreSQL, with its index", f"{short(size)} bytes"]] if size else []
    checked = [
        [point.title, *(f"{short(value)} {point.unit}".strip() for value in (point.predicted, point.measured))]
        for point in points(model, middle)
    ]
    return "\n\n".join(
        [
            table(["coefficient", "measured"], coefficients),
            table(["point", "the model says", "measured"], checked),
            fleet_text(Fleet(), model, middle),
        ]
    )


def _hours(seconds: float) -> str:
    return f"{short(seconds / _HOUR)} h" if seconds else _NONE


def fleet_text(fleet: Fleet, model: Model, middle: Medians) -> str:
    """How long each part of a fleet is busy, and what the store holds then."""
    busy = parts(fleet, model, middle)
    if not busy:
        return "What the model says of many accounts needs measurements that are missing here."
    cells = [[part.name, _hours(part.first), _hours(part.converged)] for part in busy]
    rows_kept = fleet.accounts * fleet.numbers
    size = row_bytes(middle) or 0.0
    memory = fleet.forks * model.memory(fleet.numbers) / 1024
    words = (
        f"{fleet.accounts:,} accounts × {fleet.numbers:,} numbers on {fleet.nodes} nodes of {fleet.cores} cores with"
        f" ``forks: {fleet.forks}`` each, {fleet.latency * 1000:.0f} ms a request, ``parallel: 1``, an account that"
        f" takes {fleet.limit * 60:.0f} requests a minute. What each part is busy for, the longest first; a run takes"
        " at least about as long as the first line says:"
    )
    kept = (
        f"The store has {rows_kept:,} rows then, {short(rows_kept * size / 2**30)} GiB with their index; the modules"
        f" that run at once take {short(memory)} GiB on each node, besides Ansible's own forks; they"
        f" hold {fleet.at_once} connections to PostgreSQL."
    )
    return "\n\n".join([words, table(["part", "first run", "converged run"], cells), kept])
