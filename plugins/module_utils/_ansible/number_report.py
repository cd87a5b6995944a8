# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report file: CSV with one line for each entry that was given, and for each number a purge removed."""

from __future__ import annotations

import csv
import os
import tempfile
from typing import Iterable, Iterator, List, Optional, Tuple

from .._domain.errors import CloudAgentError
from .._domain.numbers import Number
from .._domain.outcome import NumberResult

HEADER = ("number", "canonical", "outcome", "reason", "batch", "note")
DUPLICATE = "duplicate"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = Tuple[str, str, str, str, str, str]


class ReportNotWritten(CloudAgentError):
    """The report file could not be written."""


def readable_report_path(path: str) -> str:
    """The path of a report file; raises ValueError where no report can be written."""
    if not path.strip():
        raise ValueError("is empty; give the name of a file")
    if "\0" in path or _cannot_be_encoded(path):
        raise ValueError("has a character that is not allowed in a file name")
    if path.endswith("/") or os.path.isdir(path):
        raise ValueError(f"{path} is a folder; give the name of a file")
    path = os.path.realpath(path)  # through a link its target is written
    folder = os.path.dirname(path)
    if _exists(path) and not os.path.isfile(path):
        raise ValueError(f"{path} is not a regular file; give the name of one, or of a new file")
    if not os.path.isdir(folder):
        raise ValueError(f"the folder {folder} does not exist; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"the folder {folder} cannot be written by this user; change its permissions")
    return path


def _cannot_be_encoded(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return True
    return False


def _exists(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ValueError(f"{path[:200]} cannot be used: {error.strerror}") from None
    return True


def report_rows(results: Iterable[NumberResult], repeated: Iterable[Tuple[Number, str]]) -> Iterator[Row]:
    """One row for each number, then one for each entry that repeats a number, with where that stood first."""
    for result in results:
        number, batch = result.number, result.batch
        shown = "" if batch is None else str(batch)
        yield (number.given, number.canonical, result.outcome.value, result.reason, shown, number.note or "")
    for number, first in repeated:
        same = f"{number.where}: the same number as {first}"
        yield (number.given, number.canonical, DUPLICATE, same, "", number.note or "")


def write_report(path: str, rows: Iterable[Row]) -> None:
    """Writes the whole report or nothing; only this user can read it, whoever could read one that was there.

    Raises ReportNotWritten.
    """
    temporary: Optional[str] = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".report-", suffix=".csv", dir=os.path.dirname(path))
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_as_text(row) for row in rows)
        os.replace(temporary, path)
        temporary = None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise ReportNotWritten(f"report_path: {path} could not be written: {reason}.") from error
    finally:
        if temporary is not None:
            os.unlink(temporary)


def _as_text(row: Row) -> List[str]:
    """Cells that a spreadsheet does not take for a formula (a number with + would lose its plus)."""
    return [f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row]
