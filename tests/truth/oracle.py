# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds a result against what the simulated server really holds and was really asked. It knows nothing of the module."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

IN_GROUP = ("added", "already_present", "present")
NOT_IN_GROUP = ("removed", "not_found", "absent")


@dataclass(frozen=True)
class HeldGroup:
    """A group as the server holds it."""

    name: str
    description: str
    expiry_date: Optional[str]
    numbers: FrozenSet[str]


Snapshot = Dict[int, HeldGroup]


def snapshot(simulator: Simulator) -> Snapshot:
    """What the server holds now, by the groups' ids."""
    account = simulator.server.account
    return {
        group.id: HeldGroup(group.name, group.description, group.expiry_date, frozenset(account.held(group)))
        for group in simulator.groups()
    }


def numbers_of(state: Snapshot, name: str) -> FrozenSet[str]:
    """The numbers of all groups of a name."""
    return frozenset(number for group in state.values() if group.name == name for number in group.numbers)


def numbers_only(state: Snapshot) -> Dict[int, FrozenSet[str]]:
    """The numbers of each group."""
    return {group_id: group.numbers for group_id, group in state.items()}


@dataclass
class Told:
    """One task: its options, what it told, and what happened meanwhile.

    ``record_is_true``: what was on record of all groups' numbers agreed with the server, so that what rests on the
    record must be so, too; ``attributes_are_true``: the same of the group's description and expiry. ``own``: numbers
    that this collection has put into the group, or has on record. ``recorded``: canonical numbers on record as present.
    """

    options: Dict[str, Any]
    result: Dict[str, Any]
    failure: Optional[str]
    warnings: List[str]
    before: Snapshot
    after: Snapshot
    requests: List[Dict[str, Any]]
    secrets: Set[str]
    record_is_true: bool = True
    own: Set[str] = field(default_factory=set)
    attributes_are_true: bool = False
    recorded: Set[str] = field(default_factory=set)


def violations(told: Told, simulator: Simulator) -> List[str]:
    """Everything that a result says and is not so."""
    found = [*_secrets(told), *_requests(told)]
    if "counts" not in told.result:
        return [*found, *_stopped_before(told)]
    return [
        *found,
        *_rows(told, simulator),
        *_changed(told),
        *_sums(told),
        *_group(told),
        *_protected(told, simulator),
    ]


def _secrets(told: Told) -> Iterator[str]:
    text = json.dumps([told.result, told.failure, told.warnings]).lower()
    for secret in told.secrets:
        if secret.lower() in text:
            yield "a secret is shown"


def _requests(told: Told) -> Iterator[str]:
    if told.result["requests_sent"] != len(told.requests):
        yield f"requests_sent is {told.result['requests_sent']}, the server saw {len(told.requests)}"
    for number, request in enumerate(told.requests):
        if request["call"] == "generate" and "token" not in json.dumps(request["answer"]).lower():
            if number + 1 < len(told.requests):
                yield f"after a failed generation a {told.requests[number + 1]['call']} was sent"
    created = [request for request in told.requests if request["call"] == "create"]
    done = [request for request in created if request["status"] is None or request["status"] >= 500]
    if len(done) > 1:
        yield "create was repeated after an answer that was lost"


def _stopped_before(told: Told) -> Iterator[str]:
    """A task that was stopped before it began has changed nothing."""
    if told.failure is None:
        yield "no counts, and no failure"
    if told.result["changed"]:
        yield "changed, without a word about what"
    if numbers_only(told.before) != numbers_only(told.after):
        yield "numbers changed, and the result does not say so"


def _form(canonical: str, simulator: Simulator) -> str:
    return simulator.server.account.canonical(canonical)


def _canonical(row: Dict[str, Any], simulator: Simulator) -> str:
    return _form(row["canonical"], simulator)


def _rows(told: Told, simulator: Simulator) -> Iterator[str]:
    name = told.options["name"]
    held, was = numbers_of(told.after, name), numbers_of(told.before, name)
    sent = {number for request in told.requests for number in _sent_numbers(request)}
    spellings = Counter(_canonical(row, simulator) for row in told.result["numbers"])
    for row in told.result["numbers"]:
        number, outcome = _canonical(row, simulator), row["outcome"]
        # What rests on the record alone is as true as the record is.
        sure = told.record_is_true or row["batch"] is not None
        if outcome in IN_GROUP and number not in held and sure:
            yield f"{row['number']} is told as {outcome} ({row['reason']}) and is not in the group"
        if outcome in NOT_IN_GROUP and number in held and sure:
            yield f"{row['number']} is told as {outcome} ({row['reason']}) and is in the group"
        if (
            outcome in ("not_sent", "shared", "exempt")
            and (number in held) != (number in was)
            and spellings[number] == 1
        ):
            yield f"{row['number']} is told as {outcome} and has changed"
        if outcome == "exempt" and row["canonical"] in sent:
            yield f"{row['number']} is exempt and was sent"
        respelled = row["canonical"] not in told.recorded and number in {_form(n, simulator) for n in told.recorded}
        if outcome == "added" and number in was and told.record_is_true and not respelled:
            yield f"{row['number']} is told as added ({row['reason']}) and was there before"
        if outcome == "already_present" and number not in was and told.record_is_true and row["batch"] is not None:
            yield f"{row['number']} is told as already present ({row['reason']}) and was not there before"
        if outcome == "removed" and number not in was and told.record_is_true:
            yield f"{row['number']} is told as removed ({row['reason']}) and was not there before"
        if outcome == "not_found" and number in was and told.record_is_true:
            yield f"{row['number']} is told as not found ({row['reason']}) and was there before"


def _sent_numbers(request: Dict[str, Any]) -> List[str]:
    numbers = request["body"].get("blockNumbers", [])
    return numbers.split(",") if isinstance(numbers, str) else list(numbers)


def _changed(told: Told) -> Iterator[str]:
    same = numbers_only(told.before) == numbers_only(told.after)
    changed, source = told.result["changed"], told.result["change_source"]
    if not changed and not same and (source == "server" or told.record_is_true):
        yield f"unchanged by the {source}, and the server's numbers have changed"
    if changed and source == "server" and same:
        yield "changed by the server, and the server's numbers are the same"
    if not changed and told.attributes_are_true and _attributes(told.before) != _attributes(told.after):
        yield f"unchanged by the {source}, and an attribute has changed"


def _attributes(state: Snapshot) -> Dict[int, Tuple[str, Optional[str]]]:
    return {group_id: (group.description, group.expiry_date) for group_id, group in state.items()}


def _sums(told: Told) -> Iterator[str]:
    """Rows, counts, diff and message are one thing told several times."""
    result = told.result
    counts = {name: number for name, number in result["counts"].items() if name != "duplicates"}
    rows = Counter(row["outcome"] for row in result["numbers"])
    if {name: number for name, number in counts.items() if number} != dict(rows):
        yield f"counts {counts} are not those of the rows {dict(rows)}"
    if len({row["canonical"] for row in result["numbers"]}) != len(result["numbers"]):
        yield "a number has two rows"
    failing = counts["rejected"] + counts["not_sent"]
    if failing and told.failure is None:
        yield "numbers were rejected or not sent, and the task does not fail"
    for outcome, side in (("added", "after"), ("removed", "before")):
        listed = {line for line in result["diff"][side].splitlines() if re.fullmatch(r"\+?[0-9]+", line)}
        rows_of = {row["canonical"] for row in result["numbers"] if row["outcome"] == outcome}
        if listed != rows_of and counts[outcome] <= 100:
            yield f"the diff shows {sorted(listed)} as {outcome}, the rows {sorted(rows_of)}"
    if told.failure is None:
        said = dict(re.findall(r"(\d+) ([a-z ]+?)(?=[,;])", result["msg"]))
        words = {str(number): name.replace("_", " ") for name, number in counts.items() if number}
        if not set(words) <= set(said):
            yield f"the message {result['msg']!r} does not tell the counts {counts}"


def _group(told: Told) -> Iterator[str]:
    name = told.options["name"]
    old = {group_id for group_id, group in told.before.items() if group.name == name}
    new = {group_id for group_id, group in told.after.items() if group.name == name}
    created = told.result["group"]["created"]
    if len(new) > max(1, len(old)):
        yield f"there are {len(new)} groups of the name {name}"
    if created is True and not new - old:
        yield "a group is told as created and was not"
    if created is False and new - old:
        yield "a group was created and is not told"
    if told.result["group"]["id"] is not None and len(new) == 1 and told.record_is_true:
        if told.result["group"]["id"] not in new and told.options.get("group_id") is None:
            yield f"the id is told as {told.result['group']['id']} and is {new}"


def _protected(told: Told, simulator: Simulator) -> Iterator[str]:
    name, options = told.options["name"], told.options
    gone = numbers_of(told.before, name) - numbers_of(told.after, name)
    listed = {_canonical(row, simulator) for row in told.result["numbers"]}
    foreign = gone - told.own
    if options.get("state") != "absent" and gone and not options.get("purge"):
        yield f"{sorted(gone)} were removed without a purge"
    if options.get("state") != "absent" and foreign:
        yield f"a purge has removed what is foreign: {sorted(foreign)}"
    if not gone <= listed:
        yield f"{sorted(gone - listed)} were removed and are in no row"
