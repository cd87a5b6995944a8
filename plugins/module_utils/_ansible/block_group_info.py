# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_block_group_info: what is recorded, without any request."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from zoneinfo import ZoneInfo

from .._domain.expiry import instant, read_span, read_zone, utc_text
from .._domain.numbers import Number, dialled_digits, reader
from .._domain.outcome import IN_GROUP, Outcome
from .._state.inquiry import Found, GroupRecord, find, groups_on_record, how_much
from .._state.ledger import Ledger, NumberRecord
from .._state.runs import MOST_KEPT, RunRecord, id_shown_as, last_runs, runs_by_id, shown_id
from .._state.store import lock_of
from .found_numbers import found_numbers, in_words, told_run
from .number_lists import read_listed
from .options import SHARED, Faults, Params, Spec
from .parts import Parts
from .run import Report, Task

SPEC: Spec = {
    **SHARED,
    "name": {"type": "str"},
    "include_numbers": {"type": "bool", "default": False},
    "expiring_within": {"type": "str"},
    "server_time_zone": {"type": "str", "default": "Asia/Kolkata"},
    "block_numbers": {"type": "list", "elements": "raw"},
    "default_region": {"type": "str"},
    "runs": {"type": "int", "default": 0},
}


@dataclass(frozen=True)
class InfoOptions:
    """The options as read: of which group, how far ahead (seconds) is soon, the server's zone, which numbers are asked
    for (None: none) and for which country they were read, and how many of the last runs of a group.
    """

    name: Optional[str]
    soon: Optional[int]
    zone: ZoneInfo
    include_numbers: bool
    asked: Optional[Tuple[Number, ...]]
    region: Optional[str]
    runs: int


def _read(params: Params, now: float, faults: Faults) -> InfoOptions:
    zone = faults.read("server_time_zone", lambda: read_zone(params["server_time_zone"]))
    within = params["expiring_within"]
    soon = None if within is None else faults.read("expiring_within", lambda: read_span(within))
    if params["state_store"] == "none":
        faults.add("state_store", "is none, so nothing is recorded; give the store that the other tasks use")
    faults.in_range(params, "runs", 0, MOST_KEPT)
    region, listed = params["default_region"], params["block_numbers"]
    read = faults.read("default_region", lambda: reader(region)) or dialled_digits
    asked = None if listed is None else read_listed(listed, read, faults)
    zone = zone or read_zone("UTC")
    return InfoOptions(params["name"], soon, zone, params["include_numbers"], asked, region, params["runs"])


@dataclass(frozen=True)
class _View:
    """How to look at what is recorded, and when."""

    now: float
    options: InfoOptions

    def state(self, outcome: Outcome, expiry: Optional[str]) -> str:
        """present, expired, or the outcome that keeps a number from being either."""
        if outcome not in IN_GROUP:
            return outcome.value
        return "expired" if self._ends_before(expiry, self.now) else "present"

    def ends_soon(self, expiry: Optional[str]) -> bool:
        """Whether an expiry lies ahead, but not further than what counts as soon."""
        if self.options.soon is None or self._ends_before(expiry, self.now):
            return False
        return self._ends_before(expiry, self.now + self.options.soon)

    def _ends_before(self, expiry: Optional[str], time: float) -> bool:
        return expiry is not None and instant(expiry, self.options.zone) <= time


def _work(parts: Parts, options: InfoOptions) -> Report:
    """Tells what the ledger holds of the account's groups."""
    view = _View(parts.clock.now(), options)
    account = parts.shared.account
    ledger = Ledger(parts.store, account, lambda expiry: instant(expiry, options.zone) <= view.now)
    on_record = groups_on_record(parts.store, ledger, account)
    groups = [group for group in on_record if options.name in (None, group.name)]
    told = [_group(group, ledger, view, parts) for group in groups]
    if options.soon is not None:
        told = [group for group in told if group["counts"]["expiring"] or view.ends_soon(group["expiry_date"])]
    result: Dict[str, Any] = {
        "changed": False,
        "groups": told,
        "recorded": how_much(parts.store, account),
        "source": "ledger",
        "msg": _in_words(len(told), options.name, on_record),
    }
    if options.include_numbers:
        result["runs_of_numbers"] = _runs_of_numbers(told, parts)
    if options.asked is not None:
        canonicals = [number.canonical for number in options.asked]
        found = find(parts.store, ledger, account, canonicals, options.name)
        result["found"] = found_numbers(options.asked, found, _runs_of(found, parts), view.state)
        result["msg"] = in_words(result["found"], options.name, options.region)
    return Report(result)


def _in_words(told: int, name: Optional[str], on_record: Sequence[GroupRecord]) -> str:
    names = [group.name for group in on_record]
    if name in (None, *names):
        return f"Groups on record: {told}. The server was not asked."
    from .._domain.names import similar_names

    similar = similar_names(str(name), names)
    meant = f", such as {', '.join(map(repr, similar))}" if similar else ""
    return (
        f"Nothing is recorded of a group named {name!r}; check name. Other groups on record: {len(names)}{meant}."
        " The server was not asked."
    )


def _runs_of(found: Mapping[str, Sequence[Found]], parts: Parts) -> Mapping[int, RunRecord]:
    ids = {one.number.run for ones in found.values() for one in ones if one.number.run is not None}
    return runs_by_id(parts.store, sorted(ids))


def _runs_of_numbers(groups: Sequence[Mapping[str, Any]], parts: Parts) -> List[Dict[str, Any]]:
    """The runs that have put the numbers there that are told, as far as they are still on record, latest first."""
    shown = {number["run"] for group in groups for number in group["numbers"]} - {None}
    runs = runs_by_id(parts.store, sorted(map(id_shown_as, shown))).values()
    return [told_run(run.id, run) for run in sorted(runs, key=lambda run: (-run.started_at, run.id))]


def _running(parts: Parts, name: str) -> Optional[Dict[str, Any]]:
    """The run that is under way on a group, as it has put itself on record; one that was killed may stand there."""
    holder = parts.store.holder(lock_of(name, parts.shared.account))
    if holder is None:
        return None
    return {"holder": holder.name, "since": utc_text(holder.since), "progress": holder.progress}


def _group(group: GroupRecord, ledger: Ledger, view: _View, parts: Parts) -> Dict[str, Any]:
    states: Counter[str] = Counter()
    expiring = 0
    for outcome, own, count in ledger.tally(group.name):
        expiry = own or group.expiry
        state = view.state(outcome, expiry)
        states[state] += count
        expiring += count if state == "present" and view.ends_soon(expiry) else 0
    told: Dict[str, Any] = {
        "name": group.name,
        "seen": group.seen,
        "id": group.group_id,
        "description": group.description,
        "expiry_date": group.expiry,
        "recorded_at": utc_text(group.recorded_at),
        "counts": {**{state: states[state] for state in STATES}, "expiring": expiring},
        "running": _running(parts, group.name),
    }
    if view.options.include_numbers:
        told["numbers"] = [_number(record, group, view) for record in ledger.numbers(group.name)]
    if view.options.runs:
        last = last_runs(parts.store, parts.shared.account, group.name, view.options.runs)
        told["runs"] = [_run(run) for run in last]
    return told


_NOT_PRESENT = (Outcome.ABSENT, Outcome.NOT_FOUND, Outcome.REJECTED, Outcome.REMOVED, Outcome.UNCONFIRMED)
STATES = ("present", "expired", *(outcome.value for outcome in _NOT_PRESENT))
"""What a recorded number can be."""


def _number(record: NumberRecord, group: GroupRecord, view: _View) -> Dict[str, Any]:
    return {
        "number": record.number,
        "state": view.state(record.outcome, record.expiry or group.expiry),
        "since": None if record.since is None else utc_text(record.since),
        "run": None if record.run is None else shown_id(record.run),
        "expiry_date": record.expiry,
        "recorded_at": utc_text(record.recorded_at),
        "batch": record.batch,
        "note": record.note,
    }


def _run(run: RunRecord) -> Dict[str, Any]:
    return {
        "id": shown_id(run.id),
        "started_at": utc_text(run.started_at),
        "ended_at": None if run.ended_at is None else utc_text(run.ended_at),
        "user": run.user,
        "machine": run.machine,
        "state": run.state,
        "changed": run.changed,
        "change_source": run.change_source,
        "counts": dict(run.counts),
        "requests_sent": run.requests_sent,
        "error": run.error,
    }


BLOCK_GROUP_INFO: Task[InfoOptions] = Task(SPEC, _read, _work, only_reads=True, sends=False)
