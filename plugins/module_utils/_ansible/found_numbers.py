# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to the question in which groups numbers are: as data, and in words for whoever asks."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from .._domain.expiry import utc_text
from .._domain.numbers import Number
from .._domain.outcome import Outcome
from .._state.inquiry import Found
from .._state.runs import RunRecord, shown_id

_SHOWN = 3

State = Callable[[Outcome, Optional[str]], str]
"""What a number is told to be, by its outcome and its expiry (in the server's time)."""


def found_numbers(
    asked: Sequence[Number], found: Mapping[str, Sequence[Found]], runs: Mapping[int, RunRecord], state: State
) -> List[Dict[str, Any]]:
    """Of each number that is asked for, in their order, the groups that have it on record. ``runs``: by their id."""
    return [
        {
            "number": number.given,
            "canonical": number.canonical,
            "groups": [_in_group(one, runs, state) for one in found[number.canonical]],
        }
        for number in asked
    ]


def _in_group(found: Found, runs: Mapping[int, RunRecord], state: State) -> Dict[str, Any]:
    record = found.number
    expiry = record.expiry or found.group_expiry
    return {
        "group": found.group,
        "number": record.number,
        "state": state(record.outcome, expiry),
        "since": None if record.since is None else utc_text(record.since),
        "expiry_date": expiry,
        "note": record.note,
        "recorded_at": utc_text(record.recorded_at),
        "batch": record.batch,
        "run": None if record.run is None else told_run(record.run, runs.get(record.run)),
    }


def told_run(run_id: int, run: Optional[RunRecord]) -> Dict[str, Any]:
    """The run that has put a number somewhere. Of one that is no longer on record only its id is known."""
    return {
        "id": shown_id(run_id),
        "started_at": None if run is None else utc_text(run.started_at),
        "user": None if run is None else run.user,
        "machine": None if run is None else run.machine,
    }


def in_words(found: Sequence[Mapping[str, Any]], name: Optional[str], region: Optional[str]) -> str:
    """The answer for people, for the first few numbers.

    ``name``: of the one group that was looked at, if any. ``region``: the country that numbers were read for, if any.
    """
    if not found:
        return "No number was asked for."
    nowhere = "in no group on record" if name is None else f"not on record in {name}"
    told = [_of_number(number, nowhere) for number in found[:_SHOWN]]
    more = [f"And {len(found) - _SHOWN} more, see found."] if len(found) > _SHOWN else []
    hint = [_OTHER_COUNTRIES] if region is None and any(map(_may_be_of_another_country, found)) else []
    return " ".join([*told, *more, *hint])


def _may_be_of_another_country(number: Mapping[str, Any]) -> bool:
    return not number["groups"] and not number["canonical"].startswith("+")


def _of_number(number: Mapping[str, Any], nowhere: str) -> str:
    groups = number["groups"]
    forms = {group["number"] for group in groups}
    if len(forms) > 1:  # each is told where it stands, since a group may have more than one
        told = [_of_group(group, f"{group['group']} (as {group['number']})") for group in groups]
        return f"{number['number']}: {'; '.join(told)}."
    other = sorted(forms - {number["number"], number["canonical"]})
    recorded = f" (as {other[0]})" if other else ""
    told = [_of_group(group, group["group"]) for group in groups]
    return f"{number['number']}{recorded}: {'; '.join(told) or nowhere}."


def _of_group(group: Mapping[str, Any], name: str) -> str:
    state, since, expiry = group["state"], group["since"], group["expiry_date"]
    words = _WORDS[state].format(group=name, at=group["recorded_at"])
    if state in _BLOCKED:
        words += f" since {since}" if since else _SINCE_UNKNOWN
        words += f" until {expiry} (server time)" if expiry else ""
        words += ", which has passed" if state == "expired" else ""
    return words.rstrip(",") + (f", {group['note'].rstrip('.')}" if group["note"] else "")


_OTHER_COUNTRIES = (
    "A number of another country than India is found with its country code only (such as +44), or with default_region."
)
_SINCE_UNKNOWN = ", since when is not on record,"
_BLOCKED = ("present", "expired", "unconfirmed")
_WORDS = {
    "present": "in {group}",
    "expired": "in {group}",
    "unconfirmed": "perhaps in {group} (unconfirmed)",
    "absent": "not in {group}, recorded at {at}",
    "not_found": "not in {group}, recorded at {at}",
    "rejected": "refused by the server for {group}, recorded at {at}",
    "removed": "removed from {group}, recorded at {at}",
}
