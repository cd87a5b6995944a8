# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the module ozonetel_block_group become a typed wish, or every fault at once."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import Any, FrozenSet, Optional, Tuple

from .._domain.decide import State
from .._domain.expiry import ExpiryPolicy, is_past_everywhere, read_date, read_span, read_zone
from .._domain.numbers import Read, dialled_digits, reader
from .._domain.protocols import MOST_AT_ONCE
from .._state.worklist import Worklist
from .number_file import NumberFile
from .number_lists import read_exempt, read_lists
from .number_report import readable_report_path
from .options import SHARED, Faults, Params, Spec

SPEC: Spec = {
    **SHARED,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str"},
    "description": {"type": "str"},
    "group_id": {"type": "int"},
    "block_numbers": {"type": "list", "elements": "raw"},
    "block_numbers_file": {"type": "path"},
    "number_column": {"type": "str"},
    "expiry_column": {"type": "str"},
    "note_column": {"type": "str"},
    "remote_src": {"type": "bool", "default": False},
    "exempt_numbers": {"type": "list", "elements": "raw", "default": []},
    "default_region": {"type": "str"},
    "expiry_date": {"type": "str"},
    "expires_in": {"type": "str"},
    "renew_before": {"type": "str"},
    "server_time_zone": {"type": "str", "default": "Asia/Kolkata"},
    "refresh": {"type": "bool", "default": True},
    "refresh_after": {"type": "str"},
    "purge": {"type": "bool", "default": False},
    "allow_empty": {"type": "bool", "default": False},
    "max_removals": {"type": "int"},
    "remove_shared": {"type": "bool", "default": False},
    "batch_size": {"type": "int", "default": 100},
    "parallel": {"type": "int", "default": 1},
    "on_unconfirmed": {"type": "str", "choices": ["warn", "fail", "ignore"], "default": "warn"},
    "report_path": {"type": "path"},
    "keep_removed": {"type": "str", "default": "90d"},
}

# In Hindi, Malayalam and other scripts these belong to the words.
_JOINERS = "\u200c\u200d"
_SHOWN_PAIRS = 3
_EMPTY = {
    "present": "holds no number; to empty a group, use purge with allow_empty",
    "absent": "holds no number, so there is nothing to remove; skip the task if the list is empty",
}
_COLUMNS = ("number_column", "expiry_column", "note_column")


@dataclass(frozen=True)
class BlockGroupOptions:
    """The options as read and found sound. What rests on the ledger (expiry, description) is not decided yet.

    ``exempt``: see Wish. ``refresh_after`` and ``keep_removed`` in seconds.
    """

    state: State
    name: str
    description: Optional[str]
    group_id: Optional[int]
    worklist: Worklist
    region: Optional[str]
    exempt: FrozenSet[str]
    expiry: ExpiryPolicy
    refresh: bool
    refresh_after: Optional[int]
    purge: bool
    allow_empty: bool
    remove_shared: bool
    max_removals: Optional[int]
    batch_size: int
    parallel: int
    on_unconfirmed: str
    report_path: Optional[str]
    keep_removed: int
    progress_path: Optional[str]
    warnings: Tuple[str, ...]


def read_block_group(params: Params, now: float, faults: Faults) -> BlockGroupOptions:
    """Checks every option and every number; opens and sends nothing. ``now``: seconds since the epoch, UTC."""
    state = State(params["state"])
    _check_texts(params, faults)
    _check_ranges(params, faults)
    expiry = _read_expiry(params, now, faults)
    refresh_after = _read_refresh_after(params, faults)
    report_path = _read_given(params, "report_path", readable_report_path, faults)
    keep_removed = faults.read("keep_removed", lambda: read_span(params["keep_removed"]))
    region = params["default_region"]
    read = faults.read("default_region", lambda: reader(region)) or dialled_digits
    worklist = _read_worklist(params, report_path, read, expiry, now, faults)
    exempt = read_exempt(params["exempt_numbers"], read, faults)
    _check_lists(params, worklist, exempt, faults)
    warnings = (*_several_ways(worklist, region), *_purge_without_store(params))
    return BlockGroupOptions(
        state=state,
        name=params["name"] or "",
        description=params["description"],
        group_id=params["group_id"],
        worklist=worklist,
        region=region,
        exempt=exempt,
        expiry=expiry,
        refresh=params["refresh"],
        refresh_after=refresh_after,
        purge=params["purge"],
        allow_empty=params["allow_empty"],
        remove_shared=params["remove_shared"],
        max_removals=params["max_removals"],
        batch_size=params["batch_size"],
        parallel=params["parallel"],
        on_unconfirmed=params["on_unconfirmed"],
        report_path=report_path,
        keep_removed=keep_removed or 0,
        progress_path=params.get("_progress_path"),
        warnings=warnings,
    )


def _check_ranges(params: Params, faults: Faults) -> None:
    faults.in_range(params, "group_id", 1, 2**63 - 1)
    faults.in_range(params, "batch_size", 1, 100)
    faults.in_range(params, "parallel", 1, MOST_AT_ONCE)
    faults.in_range(params, "max_removals", 0, 2**31)


def _read_worklist(
    params: Params, report_path: Optional[str], read: Read, expiry: ExpiryPolicy, now: float, faults: Faults
) -> Worklist:
    file = _read_file(params, faults)
    _check_report_path(report_path, file, params, faults)
    try:
        return read_lists(params["block_numbers"], file, read, expiry.date, now, faults)
    finally:
        _empty_copy(params)


def _read_file(params: Params, faults: Faults) -> Optional[NumberFile]:
    """The file of numbers, where the action plugin has brought it, or where it is on this machine (remote_src).

    None where there is none, or where it cannot be read because of what the options say of it.
    """
    name, problem = params["block_numbers_file"], params.get("_numbers_problem")
    number, expiry, note = (_read_column(params, column, faults) for column in _COLUMNS)
    if name is not None and not name.strip():
        faults.add("block_numbers_file", "is empty; give the name of a file")
    elif problem is not None:
        faults.add("block_numbers_file", problem)
    elif name is not None and (number is not None or params["number_column"] is None):
        # A removal carries no date, so that one that is past does no harm to it.
        expiry = expiry if params["state"] == "present" else None
        path = params.get("_numbers_copy") or params.get("_numbers_place") or name
        return NumberFile(path, name, number, expiry, note)
    return None


def _check_report_path(path: Optional[str], file: Optional[NumberFile], params: Params, faults: Faults) -> None:
    """A report never takes the place of the list. Where that was brought from another machine, it cannot."""
    place = params.get("_numbers_place") or ("" if file is None or params.get("_numbers_copy") else file.path)
    with contextlib.suppress(OSError, ValueError):
        if path is not None and place and os.path.samefile(path, place):
            faults.add("report_path", f"{path} is the file of block_numbers_file; give another name")


def _empty_copy(params: Params) -> None:
    """A copy for this task may be a decrypted one: once it is read, nothing of it is left, whatever ends the task."""
    with contextlib.suppress(OSError):
        if params.get("_numbers_copy"):
            os.truncate(params["_numbers_copy"], 0)


def _read_column(params: Params, option: str, faults: Faults) -> Optional[str]:
    """The name of a column, None if it is not given or makes no sense."""
    column: Optional[str] = params[option]
    if column is None:
        return None
    if params["block_numbers_file"] is None:
        faults.add(option, "can only be used with block_numbers_file")
    elif not column.strip():
        faults.add(option, "is empty; give the name of a column")
    elif params["number_column"] is None:
        faults.add(
            option, "can only be used with number_column: a file without it has one number per line and nothing else"
        )
    else:
        return column
    return None


def _check_texts(params: Params, faults: Faults) -> None:
    if params["name"] is None:
        faults.add("name", "is not set; give the name of the group")
    else:
        _check_text(params["name"], "name", 50, faults)
        if "@" in params["name"]:
            faults.add("name", "has an @, which the web console refuses")
    if params["description"] is not None:
        _check_text(params["description"], "description", 100, faults)


def _check_text(value: str, option: str, longest: int, faults: Faults) -> None:
    unprintable = [c for c in value if not c.isprintable() and c not in _JOINERS]
    if unprintable:
        faults.add(
            option, f"has the character U+{ord(unprintable[0]):04X}, which cannot be printed (a line break is one)"
        )
    elif value != value.strip():
        faults.add(option, "begins or ends with a blank")
    elif not 2 <= len(value) <= longest:
        faults.add(option, f"has a length of {len(value)}; 2 to {longest} characters are allowed")


def _read_expiry(params: Params, now: float, faults: Faults) -> ExpiryPolicy:
    zone = faults.read("server_time_zone", lambda: read_zone(params["server_time_zone"]))
    span = _read_given(params, "expires_in", read_span, faults)
    renew_before = _read_given(params, "renew_before", read_span, faults)
    date = _read_given(params, "expiry_date", read_date, faults)
    if params["expires_in"] is not None and params["expiry_date"] is not None:
        faults.add("expires_in", "cannot be combined with expiry_date; give one of the two")
    if params["renew_before"] is not None and params["expires_in"] is None:
        faults.add("renew_before", "can only be used with expires_in")
    if span is not None and renew_before is not None and renew_before >= span:
        faults.add("renew_before", "is not shorter than expires_in, so every run would renew")
    if date is not None and params["state"] == "present" and is_past_everywhere(date, now):
        faults.add("expiry_date", f"{date} has passed in every time zone; give a future date")
    return ExpiryPolicy(zone or read_zone("UTC"), date, span, renew_before or 0)


def _read_refresh_after(params: Params, faults: Faults) -> Optional[int]:
    if params["refresh_after"] is not None and not params["refresh"]:
        faults.add(
            "refresh_after", "can only be used with refresh=true; with false nothing that is recorded is sent again"
        )
    span: Optional[int] = _read_given(params, "refresh_after", read_span, faults)
    return span


def _read_given(params: Params, option: str, read: Any, faults: Faults) -> Any:
    value = params[option]
    return None if value is None else faults.read(option, lambda: read(value))


def _check_lists(params: Params, worklist: Worklist, exempt: FrozenSet[str], faults: Faults) -> None:
    """An empty list is never what is meant, unless a purge is to empty the group."""
    if params["state"] == "absent" and params["purge"]:
        faults.add("purge", "can only be used with state=present; with absent only the listed numbers are removed")
    option = "block_numbers" if params["block_numbers_file"] is None else "block_numbers_file"
    if params[option] is None:
        faults.add(option, "is not set; give the list of numbers, or a file in block_numbers_file")
        return
    if params["purge"] and params["allow_empty"]:
        return
    listed = len(params["block_numbers"] or ())
    if listed and params["block_numbers_file"] is not None and worklist.last <= listed and not faults.count:
        faults.add("block_numbers_file", "holds no number; leave it out if block_numbers alone is the list")
    if not worklist.entries and not faults.count:
        faults.add(option, _EMPTY[params["state"]])
    elif params["purge"] and not faults.count and len(worklist.holds(sorted(exempt))) == worklist.entries:
        faults.add(option, "names exempt numbers only, so purge would empty the group; to do that, set allow_empty")


def _purge_without_store(params: Params) -> Tuple[str, ...]:
    if not params["purge"] or params["state_store"] != "none":
        return ()
    return ("purge removes nothing with state_store=none: it removes what earlier runs have recorded.",)


def _several_ways(worklist: Worklist, region: Optional[str]) -> Tuple[str, ...]:
    """Without a region nobody knows that two spellings are one telephone: both are sent."""
    count, pairs = worklist.written_in_several_ways(_SHOWN_PAIRS)
    if not count or region is not None:
        return ()
    shown = [f"{one.given} and {other.given}" for one, other in pairs]
    warning = (
        f"The list may name telephones in several ways ({count} in all), such as {'; '.join(shown)}. They are sent"
        " as different numbers. Set default_region (such as IN) to have them read as one."
    )
    return (warning,)
