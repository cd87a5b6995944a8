# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: `make bench`, see docs/docsite/rst/performance.rst."""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
import time
from pathlib import Path
from typing import Dict, List, Mapping, Set, Tuple

from .cases import CASES, TARGETS, WATCHED, Case
from .ceiling import ceiling
from .machine import machine
from .measurements import MEASUREMENTS
from .page import with_measured
from .processes import Failed
from .report import case_table, length_table, measurement_table, model_text, plotted, summed_up
from .samples import Figures
from .stand import Stand
from .table import heading

_CONNECTIONS = (1, 8)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _selected(only: str) -> Tuple[Dict[str, Case], List[str]]:
    """The cases and the measurements that ``only`` names, all if it names none; raises SystemExit for another name."""
    names = only.replace(",", " ").split()
    unknown = [name for name in names if name not in CASES and name not in MEASUREMENTS]
    if unknown:
        known = "\n  ".join([*CASES, *MEASUREMENTS])
        sys.exit(f"There is no case and no measurement {unknown[0]}. There are:\n  {known}")
    if not names:
        return CASES, list(MEASUREMENTS)
    cases = {name: CASES[name] for name in names if name in CASES}
    wanted: Set[str] = {needed for case in cases.values() for needed in case.needs}.union(names)
    return cases, [name for name in MEASUREMENTS if name in wanted]


def _measured(stand: Stand, names: List[str], rounds: int) -> Tuple[Dict[str, List[Figures]], Dict[str, str]]:
    """The figures of each measurement, in interleaved rounds; and why some have none. One that fails ends for good."""
    samples: Dict[str, List[Figures]] = {}
    missing = {name: reason for name in names if (reason := MEASUREMENTS[name].missing(stand)) is not None}
    for turn in range(1, rounds + 1):
        for name in names:
            if name in missing:
                continue
            start = time.perf_counter()
            try:
                figures = MEASUREMENTS[name].run(stand)
            except Failed as error:
                _note(f"round {turn} of {rounds}: {name} failed: {error}")
                missing[name] = "it failed"
                samples.pop(name, None)
                continue
            samples.setdefault(name, []).append(figures)
            took = time.perf_counter() - start
            _note(f"round {turn} of {rounds}: {name} {figures['seconds']:.3f} s (with what it needs {took:.0f} s)")
    return samples, missing


def _ceilings(stand: Stand) -> str:
    account = stand.account()
    found = [f"{ceiling(stand.url, account.username, count):,.0f} over {count}" for count in _CONNECTIONS]
    stand.forget(account)
    return f"The bench's own server takes {' and '.join(found)} raw connections (updates of 100 numbers, a second)."


def _headline(stand: Stand, rounds: int) -> str:
    day = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    counted = "one round" if rounds == 1 else f"medians of {rounds} rounds"
    instead = "**Wherever a file is named, the list was no file:** the module has no option block_numbers_file yet."
    load = f"{os.getloadavg()[0]:.1f} programs had been at work in the minute before."
    files = "" if stand.takes_files() else f" {instead}"
    return f"{day}, {counted}; {'; '.join(machine())}. {load} {_ceilings(stand)}{files}"


def _page(headline: str, samples: Mapping[str, List[Figures]], missing: Mapping[str, str]) -> str:
    middle = summed_up(samples)
    parts = [
        headline,
        heading("Targets", "-"),
        case_table(TARGETS, middle, missing),
        heading("Worth watching", "-"),
        case_table(WATCHED, middle, missing),
        heading("Time and memory over length", "-"),
        ".. image:: performance.svg\n   :alt: Time and memory over the length of the list",
        length_table(middle),
        heading("The model against what was measured", "-"),
        model_text(middle),
        heading("All measurements", "-"),
        measurement_table(samples, missing),
    ]
    return "\n\n".join(parts)


def _keep(page: Path, measured: str, samples: Mapping[str, List[Figures]]) -> None:
    from .plot import draw  # large, so that it must not weigh on what is measured: a child begins as large as we are

    page.write_text(with_measured(page.read_text(encoding="utf-8"), measured), encoding="utf-8")
    draw(plotted(summed_up(samples)), page.with_suffix(".svg"))


def main() -> int:
    """Measures, prints, and after a whole run keeps what was measured; 1 if something has failed."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="names of cases or measurements; nothing is kept then")
    parser.add_argument("--page", type=Path, required=True, help="the page that keeps what was measured")
    given = parser.parse_args()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _frame: sys.exit(128 + number))
    cases, names = _selected(given.only)
    start = time.perf_counter()
    with Stand() as stand:
        headline = _headline(stand, given.rounds)
        _note(headline)
        MEASUREMENTS["ping"].run(stand)  # what lies on the disk is read once before it is measured
        samples, missing = _measured(stand, names, given.rounds)
    if given.only:
        middle = summed_up(samples)
        tables = [case_table(cases, middle, missing)] if cases else []
        print("\n\n".join([headline, *tables, measurement_table(samples, missing)]))
    else:
        measured = _page(headline, samples, missing)
        print(measured)
        _keep(given.page, measured, samples)
    _note(f"{time.perf_counter() - start:.0f} s in all")
    return int("it failed" in missing.values())


if __name__ == "__main__":
    sys.exit(main())
