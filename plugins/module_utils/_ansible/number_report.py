# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report file: CSV with one line per number."""

from __future__ import annotations

import csv
import os
import tempfile
from typing import List, Sequence

from .._domain.errors import CloudAgentError, Fault
from .._domain.outcome import NumberResult

HEADER = ("number", "canonical", "outcome", "reason", "batch")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ReportNotWritten(CloudAgentError):
    """The report file could not be written."""


def report_faults(path: str) -> List[Fault]:
    """What would keep a report from being written at ``path``, as far as that can be known before."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        return [Fault("report_path", f"{path} is a folder; give the name of a file")]
    if not os.path.isdir(folder):
        return [Fault("report_path", f"the folder {folder} does not exist; make it first")]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [Fault("report_path", f"the folder {folder} cannot be written by this user")]
    return []


def write_report(path: str, results: Sequence[NumberResult]) -> None:
    """Writes the whole report or nothing; only this user can read it. Raises ReportNotWritten."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(prefix=".report-", suffix=".csv", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(HEADER)
                rows.writerows(_row(result) for result in results)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise ReportNotWritten(f"report_path: {path} could not be written: {error.strerror}.") from error


def _row(result: NumberResult) -> List[str]:
    number = result.number
    batch = "" if result.batch is None else str(result.batch)
    cells = (number.given, number.canonical, result.outcome.value, result.reason, batch)
    return [_as_text(cell) for cell in cells]


def _as_text(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula (a number with + would lose its plus)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
