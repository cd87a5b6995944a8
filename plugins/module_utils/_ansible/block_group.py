# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_block_group: validate, plan, apply."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Optional, Tuple
from zoneinfo import ZoneInfo

from .._domain.apply import Applied, Applier
from .._domain.errors import Fault, InvalidInput
from .._domain.expiry import expiry_by_policy, instant, is_past_everywhere, read_date, read_span, read_zone
from .._domain.numbers import Reading, canonicaliser, lines_of, possible_lines, read_numbers
from .._domain.plan import Desired, Options, Plan, Recorded, State, plan, predict
from .._state.ledger import GroupRecorder, Ledger
from .block_group_report import Done, report_of
from .number_report import report_faults
from .options import Spec, number_in_range, read_option, shared_faults, with_shared
from .run import Parts, Report

SPEC = with_shared(
    Spec(
        options={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "description": {"type": "str"},
            "group_id": {"type": "int"},
            "block_numbers": {"type": "list", "elements": "str", "required": True},
            "exempt_numbers": {"type": "list", "elements": "str", "default": []},
            "default_region": {"type": "str"},
            "expiry_date": {"type": "str"},
            "expires_in": {"type": "str"},
            "renew_before": {"type": "str"},
            "server_time_zone": {"type": "str", "default": "Asia/Kolkata"},
            "refresh": {"type": "bool", "default": True},
            "purge": {"type": "bool", "default": False},
            "allow_empty": {"type": "bool", "default": False},
            "max_removals": {"type": "int"},
            "remove_shared": {"type": "bool", "default": False},
            "batch_size": {"type": "int", "default": 100},
            "on_unconfirmed": {"type": "str", "choices": ["warn", "fail", "ignore"], "default": "warn"},
            "report_path": {"type": "path"},
        },
        required_by={"renew_before": ("expires_in",)},
        mutually_exclusive=(("expiry_date", "expires_in"),),
    )
)

Params = Dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """The options as read and found sound."""

    reading: Reading
    exempt: Reading
    zone: ZoneInfo
    expiry: Optional[str]
    span: Optional[int]
    renew_before: int


def block_group_task(parts: Parts) -> Report:
    """Makes a block number group match a list, or removes listed numbers from it."""
    wanted = validated(parts.params, parts.clock.now())
    with _turn(parts):
        recorded, desired, made = _planned(parts, wanted)
        done = Done(wanted.reading, desired, recorded, made)
        if parts.check_mode:
            return report_of(parts, replace(done, prediction=predict(made, recorded)))
        return report_of(parts, replace(done, applied=_apply(parts, desired, recorded, made)))


def _apply(parts: Parts, desired: Desired, recorded: Optional[Recorded], made: Plan) -> Applied:
    forget_elsewhere = parts.params["remove_shared"]
    recorder = GroupRecorder(parts.store, parts.account, desired, recorded, parts.clock, forget_elsewhere)
    applier = Applier(parts.client, parts.facts, recorder, desired, recorded, parts.params["group_id"])
    return applier.apply(made)


@contextlib.contextmanager
def _turn(parts: Parts) -> Iterator[None]:
    """One writer per group: waits for its turn. Check mode writes nothing and waits for nobody."""
    if parts.check_mode:
        yield
        return
    with parts.store.lock(f"the group {parts.params['name']} of {parts.account}", parts.params["lock_timeout"]):
        yield


def _planned(parts: Parts, wanted: Wanted) -> Tuple[Optional[Recorded], Desired, Plan]:
    params, now = parts.params, parts.clock.now()
    options = Options(
        refresh=params["refresh"],
        purge=params["purge"],
        remove_shared=params["remove_shared"],
        max_removals=params["max_removals"],
        batch_size=params["batch_size"],
    )
    ledger = Ledger(parts.store, parts.account, lambda expiry: instant(expiry, wanted.zone) <= now)
    recorded = ledger.recorded(params["name"], with_elsewhere=params["state"] == "absent" or params["purge"])
    desired = Desired(
        state=State(params["state"]),
        name=params["name"],
        numbers=wanted.reading.numbers,
        description=_description(params, recorded),
        expiry=_expiry(wanted, recorded, now),
        exempt=lines_of(number.canonical for number in wanted.exempt.numbers),
    )
    return recorded, desired, plan(desired, recorded, options)


def _description(params: Params, recorded: Optional[Recorded]) -> Optional[str]:
    """The description as given, else as recorded; without one a group cannot be made (contract C6)."""
    description: Optional[str] = params["description"] or (recorded.description if recorded else None)
    if description is None and params["state"] == "present":
        raise InvalidInput(
            [Fault("description", "is needed: nothing is recorded of the group, so it may have to be made")]
        )
    return description


def _expiry(wanted: Wanted, recorded: Optional[Recorded], now: float) -> Optional[str]:
    if wanted.span is None:
        return wanted.expiry
    known = recorded.expiry if recorded else None
    return expiry_by_policy(known, now, wanted.span, wanted.renew_before, wanted.zone)


def validated(params: Params, now: float) -> Wanted:
    """Checks every option and every number; raises InvalidInput with all faults at once. Sends and opens nothing."""
    faults = shared_faults(params)
    faults += _text_faults("name", params["name"], 50)
    if "@" in params["name"]:
        faults.append(Fault("name", "has an @, which the web console refuses"))
    if params["description"] is not None:
        faults += _text_faults("description", params["description"], 100)
    faults += number_in_range(params, "group_id", 1, 2**63 - 1)
    faults += number_in_range(params, "batch_size", 1, 100)
    faults += number_in_range(params, "max_removals", 0, 2**31)
    zone = read_option(faults, "server_time_zone", params["server_time_zone"], read_zone)
    span = read_option(faults, "expires_in", params["expires_in"], read_span)
    renew_before = read_option(faults, "renew_before", params["renew_before"], read_span)
    if span is not None and renew_before is not None and renew_before >= span:
        faults.append(Fault("renew_before", "is not shorter than expires_in, so every run would renew"))
    expiry = read_option(faults, "expiry_date", params["expiry_date"], read_date)
    faults += _past_faults(params, expiry, now)
    if params["report_path"] is not None:
        faults += report_faults(params["report_path"])
    faults += _purge_faults(params)
    canonicalise = read_option(faults, "default_region", params["default_region"], canonicaliser, read_none=True)
    canonicalise = canonicalise or canonicaliser(None)
    reading = read_numbers(params["block_numbers"], "block_numbers", canonicalise)
    exempt = read_numbers(params["exempt_numbers"], "exempt_numbers", canonicalise)
    faults += [*_list_faults(params, reading, exempt), *reading.faults, *exempt.faults]
    if faults:
        raise InvalidInput(faults)
    return Wanted(reading, exempt, zone, expiry, span, renew_before or 0)


def _text_faults(option: str, value: str, longest: int) -> List[Fault]:
    if not value.isprintable():
        return [Fault(option, "has a line break or another character that cannot be printed")]
    if value != value.strip():
        return [Fault(option, "begins or ends with a blank")]
    if not 2 <= len(value) <= longest:
        return [Fault(option, f"has {len(value)} characters; 2 to {longest} are allowed")]
    return []


def _past_faults(params: Params, expiry: Optional[str], now: float) -> List[Fault]:
    if expiry is None or params["state"] == "absent" or not is_past_everywhere(expiry, now):
        return []
    return [Fault("expiry_date", f"{expiry} is past in every time zone; give a date to come")]


def _purge_faults(params: Params) -> List[Fault]:
    if params["state"] == "absent" and params["purge"]:
        return [Fault("purge", "goes with state=present: with absent only the listed numbers are removed")]
    return []


def _list_faults(params: Params, reading: Reading, exempt: Reading) -> List[Fault]:
    """An empty list is never what is meant, unless a purge is to empty the group."""
    if params["purge"] and params["allow_empty"]:
        return []
    if not params["block_numbers"]:
        return [Fault("block_numbers", "is empty; to empty a group, use purge with allow_empty")]
    if params["purge"] and not reading.faults:
        spared = lines_of(number.canonical for number in exempt.numbers)
        if all(possible_lines(number.canonical) & spared for number in reading.numbers):
            problem = "names exempt numbers only, so purge would empty the group; that needs allow_empty"
            return [Fault("block_numbers", problem)]
    return []
