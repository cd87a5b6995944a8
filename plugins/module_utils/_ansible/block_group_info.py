# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_block_group_info: what is recorded, without any request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence
from zoneinfo import ZoneInfo

from .._domain.errors import Fault, InvalidInput
from .._domain.expiry import instant, read_span, read_zone
from .._domain.outcome import PRESENT_OUTCOMES, Outcome
from .._state.ledger import GroupRecord, Ledger, NumberRecord
from .._state.store import utc_text
from .options import Spec, read_option, shared_faults, without_credentials
from .run import Parts, Report

SPEC = without_credentials(
    Spec(
        options={
            "name": {"type": "str"},
            "include_numbers": {"type": "bool", "default": False},
            "expiring_within": {"type": "str"},
            "server_time_zone": {"type": "str", "default": "Asia/Kolkata"},
        }
    )
)


@dataclass(frozen=True)
class _View:
    """How to look at what is recorded: now, the server's zone, and how far ahead (seconds) is soon."""

    now: float
    zone: ZoneInfo
    soon: Optional[int]
    with_numbers: bool

    def state(self, record: NumberRecord) -> str:
        """present, expired, or the outcome that keeps a number from being either."""
        if Outcome(record.outcome) not in PRESENT_OUTCOMES:
            return record.outcome
        return "expired" if self._ends_before(record.expiry, self.now) else "present"

    def ends_soon(self, expiry: Optional[str]) -> bool:
        """Whether an expiry lies ahead, but not further than what counts as soon."""
        if self.soon is None or self._ends_before(expiry, self.now):
            return False
        return self._ends_before(expiry, self.now + self.soon)

    def _ends_before(self, expiry: Optional[str], time: float) -> bool:
        return expiry is not None and instant(expiry, self.zone) <= time


def block_group_info_task(parts: Parts) -> Report:
    """Tells what the ledger holds of the account's groups."""
    view = _view(parts)
    ledger = Ledger(parts.store, parts.account, lambda expiry: instant(expiry, view.zone) <= view.now)
    wanted = parts.params["name"]
    told = [_told(group, ledger.numbers(group.name), view) for group in ledger.groups() if wanted in (None, group.name)]
    if view.soon is not None:
        told = [group for group in told if group["counts"]["expiring"] or view.ends_soon(group["expiry_date"])]
    return Report(
        {
            "changed": False,
            "groups": told,
            "source": "ledger",
            "msg": f"{len(told)} groups by what is recorded of earlier runs; the server was not asked.",
        }
    )


def _view(parts: Parts) -> _View:
    params = parts.params
    faults = shared_faults(params)
    zone = read_option(faults, "server_time_zone", params["server_time_zone"], read_zone)
    soon = read_option(faults, "expiring_within", params["expiring_within"], read_span)
    if params["state_store"] == "none":
        faults.append(Fault("state_store", "is none, so nothing is recorded; give the store that the other tasks use"))
    if faults:
        raise InvalidInput(faults)
    return _View(parts.clock.now(), zone, soon, params["include_numbers"])


def _told(group: GroupRecord, numbers: Sequence[NumberRecord], view: _View) -> Dict[str, Any]:
    states = [view.state(record) for record in numbers]
    counts = {name: states.count(name) for name in ("present", "expired", *_OTHER)}
    expiring = [
        record for record, state in zip(numbers, states) if state == "present" and view.ends_soon(record.expiry)
    ]
    told: Dict[str, Any] = {
        "name": group.name,
        "id": group.group_id,
        "description": group.description,
        "expiry_date": group.expiry,
        "recorded_at": utc_text(group.recorded_at),
        "counts": {**counts, "expiring": len(expiring)},
    }
    if view.with_numbers:
        told["numbers"] = [_number(record, state) for record, state in zip(numbers, states)]
    return told


_OTHER: List[str] = sorted(
    outcome.value for outcome in (Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.REJECTED, Outcome.UNCONFIRMED)
)


def _number(record: NumberRecord, state: str) -> Dict[str, Any]:
    return {
        "number": record.number,
        "state": state,
        "expiry_date": record.expiry,
        "recorded_at": utc_text(record.recorded_at),
        "batch": record.batch,
    }
