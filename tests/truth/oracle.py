# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds a result against what the simulated server really holds and was really asked.

It knows nothing of the module but what its documentation says of a result.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

IN_GROUP = ("added", "already_present", "present")
NOT_IN_GROUP = ("removed", "not_found", "absent")


@dataclass(frozen=True)
class HeldGroup:
    """A group as the server holds it, or as it is on record: then with the canonical numbers that are present."""

    name: str
    description: Optional[str]
    expiry_date: Optional[str]
    numbers: FrozenSet[str]


Snapshot = Dict[int, HeldGroup]
Record = Dict[str, HeldGroup]


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

    ``form``: gives a number in the server's form. ``own``: numbers in that form that this collection has put into the
    group, or had on record.
    """

    options: Dict[str, Any]
    result: Dict[str, Any]
    failure: Optional[str]
    warnings: List[str]
    before: Snapshot
    after: Snapshot
    record_before: Record
    record_after: Record
    requests: List[Dict[str, Any]]
    secrets: Set[str]
    form: Callable[[str], str]
    own: FrozenSet[str] = frozenset()

    @property
    def name(self) -> str:
        """The group's name."""
        return str(self.options["name"])

    @property
    def groups(self) -> Snapshot:
        """The groups of that name that were on the server before."""
        return {group_id: group for group_id, group in self.before.items() if group.name == self.name}

    @property
    def record_is_true(self) -> bool:
        """Whether all that was on record of numbers agreed with the server, so that what rests on it must be so."""
        on_server = {group.name for group in self.before.values()}
        return set(self.record_before) == on_server and all(
            self.recorded(self.record_before, name) == numbers_of(self.before, name) for name in on_server
        )

    @property
    def attributes_are_true(self) -> bool:
        """Whether the description and the expiry on record of the group agreed with the server."""
        of_group = {(group.description, group.expiry_date) for group in self.groups.values()}
        recorded = self.record_before.get(self.name)
        return recorded is not None and of_group == {(recorded.description, recorded.expiry_date)}

    def recorded(self, record: Record, name: str) -> FrozenSet[str]:
        """What a record holds as present in a group, in the server's form."""
        return frozenset(map(self.form, record[name].numbers)) if name in record else frozenset()

    def is_sound(self, record: Record, state: Snapshot) -> bool:
        """Whether everything on record as present is on the server, as far as anybody could know."""
        names = set(record) - ({self.name} if self.has_an_end_unknown else set())
        return all(self.recorded(record, name) <= numbers_of(state, name) for name in names)

    @property
    def has_an_end_unknown(self) -> bool:
        """Whether the group has an expiry of which nothing is on record, and so may drop at once what is added."""
        recorded = self.record_before.get(self.name)
        ends = [group for group in self.after.values() if group.name == self.name and group.expiry_date is not None]
        return (recorded is None or recorded.expiry_date is None) and any(not group.numbers for group in ends)


def violations(told: Told) -> List[str]:
    """Everything that a result says and is not so."""
    return [*_requests(told), *untrue(told)]


def untrue(told: Told) -> List[str]:
    """The same but for how many requests were sent, which nobody can tell where several tasks work at once."""
    found = [*_secrets(told), *_record(told)]
    if "counts" not in told.result:
        return [*found, *_stopped_before(told)]
    return [*found, *_rows(told), *_changed(told), *_sums(told), *_report(told), *_group(told), *_protected(told)]


def _secrets(told: Told) -> Iterator[str]:
    text = json.dumps([told.result, told.failure, told.warnings]).lower()
    for secret in told.secrets:
        if secret.lower() in text:
            yield "a secret is shown"


def _requests(told: Told) -> Iterator[str]:
    if told.result["requests_sent"] != len(told.requests):
        yield f"requests_sent is {told.result['requests_sent']}, the server saw {len(told.requests)}"
    for request, following in zip(told.requests, told.requests[1:]):
        if request["call"] == "generate" and "token" not in json.dumps(request["answer"]).lower():
            yield f"after a failed generation a {following['call']} was sent"
    created = [request for request in told.requests if request["call"] == "create"]
    if sum(request["status"] is None or request["status"] >= 500 for request in created) > 1:
        yield "create was repeated after an answer that was lost"


def _record(told: Told) -> Iterator[str]:
    if told.is_sound(told.record_before, told.before) and not told.is_sound(told.record_after, told.after):
        yield f"on record as present and not on the server: {told.record_after}"


def _stopped_before(told: Told) -> Iterator[str]:
    """A task that was stopped before it began has changed nothing."""
    if told.failure is None:
        yield "no counts, and no failure"
    if told.result["changed"]:
        yield "changed, without a word about what"
    if numbers_only(told.before) != numbers_only(told.after):
        yield "numbers changed, and the result does not say so"


def _rows(told: Told) -> Iterator[str]:
    spellings = Counter(told.form(row["canonical"]) for row in told.result["numbers"])
    sent = {number for request in told.requests for number in sent_numbers(request)}
    for row in told.result["numbers"]:
        alone = spellings[told.form(row["canonical"])] == 1
        for found in _row(row, alone, told):
            yield f"{row['number']} is told as {row['outcome']} ({row['reason']}) and {found}"
        if row["outcome"] == "exempt" and row["canonical"] in sent:
            yield f"{row['number']} is exempt and was sent"
        moved = {told.form(row["canonical"])} & (numbers_of(told.before, told.name) ^ numbers_of(told.after, told.name))
        if row["outcome"] in ("not_sent", "shared", "exempt") and moved and alone:
            yield f"{row['number']} is told as {row['outcome']} and has changed"


def _row(row: Dict[str, Any], alone: bool, told: Told) -> Iterator[str]:
    """What is not so of one number. ``alone``: the list names it in one spelling only."""
    number, outcome = told.form(row["canonical"]), row["outcome"]
    held, was = number in numbers_of(told.after, told.name), number in numbers_of(told.before, told.name)
    several = any(Counter(group.name for group in state.values())[told.name] > 1 for state in (told.before, told.after))
    if outcome in NOT_IN_GROUP and several:
        return  # from which of two groups of one name the server removes it, nobody can know
    # What rests on the record alone is as true as the record is.
    sure = told.record_is_true or (row["batch"] is not None and number not in _moved(told))
    if outcome in IN_GROUP and not held and sure and not told.has_an_end_unknown:
        yield "is not in the group"
    if outcome in NOT_IN_GROUP and held and sure:
        yield "is in the group"
    if not told.record_is_true or not alone:
        return
    recorded = told.record_before[told.name].numbers if told.name in told.record_before else frozenset()
    respelled = row["canonical"] not in recorded and number in map(told.form, recorded)
    if outcome in ("added", "not_found") and was and not (outcome == "added" and respelled):
        yield "was there before"
    if outcome in ("already_present", "removed") and not was and (outcome == "removed" or row["batch"] is not None):
        yield "was not there before"


def _moved(told: Told) -> Set[str]:
    """Numbers that the server lists as failed and holds in another group: as if they were already in this one."""
    answers = [request["answer"] for request in told.requests if isinstance(request["answer"], dict)]
    outputs = [answer["output"] for answer in answers if isinstance(answer.get("output"), dict)]
    failed = {told.form(str(number)) for output in outputs for number in output.get("error") or ()}
    return failed & {number for group in told.before.values() if group.name != told.name for number in group.numbers}


def sent_numbers(request: Dict[str, Any]) -> List[str]:
    """The numbers that a request carries."""
    numbers = request["body"].get("blockNumbers", [])
    return numbers.split(",") if isinstance(numbers, str) else list(numbers)


def _changed(told: Told) -> Iterator[str]:
    same = numbers_only(told.before) == numbers_only(told.after)
    changed, source = told.result["changed"], told.result["change_source"]
    if not changed and not same and (source == "server" or told.record_is_true):
        yield f"unchanged by the {source}, and the server's numbers have changed"
    if changed and source == "server" and same:
        yield "changed by the server, and the server's numbers are the same"
    attributes = [line for line in told.result["diff"]["after"].splitlines() if ": " in line]
    if changed and source == "ledger" and same and told.record_is_true and not attributes and not respelled(told):
        yield "changed by the ledger, and the server's numbers are the same"
    if not changed and told.attributes_are_true and _attributes(told, told.before) != _attributes(told, told.after):
        yield f"unchanged by the {source}, and an attribute has changed"


def respelled(told: Told) -> bool:
    """Whether the list names a number that is on record in another spelling, or one number twice."""
    rows = [row["canonical"] for row in told.result["numbers"]]
    recorded = told.record_before[told.name].numbers if told.name in told.record_before else frozenset()
    known = {told.form(number) for number in recorded - set(rows)}
    return any(told.form(row) in known for row in rows) or len(set(map(told.form, rows))) < len(rows)


def _attributes(told: Told, state: Snapshot) -> List[Tuple[Optional[str], Optional[str]]]:
    return [(group.description, group.expiry_date) for group in state.values() if group.name == told.name]


def _sums(told: Told) -> Iterator[str]:
    """Rows, counts, diff and message are one thing told several times."""
    result = told.result
    counts = {name: number for name, number in result["counts"].items() if name != "duplicates"}
    rows = Counter(row["outcome"] for row in result["numbers"])
    if {name: number for name, number in counts.items() if number} != dict(rows):
        yield f"counts {counts} are not those of the rows {dict(rows)}"
    if len({row["canonical"] for row in result["numbers"]}) != len(result["numbers"]):
        yield "a number has two rows"
    if counts["rejected"] + counts["not_sent"] and told.failure is None:
        yield "numbers were rejected or not sent, and the task does not fail"
    for outcome, side in (("added", "after"), ("removed", "before")):
        listed = {line for line in result["diff"][side].splitlines() if re.fullmatch(r"\+?[0-9]+", line)}
        rows_of = {row["canonical"] for row in result["numbers"] if row["outcome"] == outcome}
        if listed != rows_of and counts[outcome] <= 100:
            yield f"the diff shows {sorted(listed)} as {outcome}, the rows {sorted(rows_of)}"
    message = result["msg"] if told.failure is None else told.failure
    said = set(re.findall(r"(\d+) ([a-z ]+?)(?=[,;.])", message))
    if not {(str(number), name.replace("_", " ")) for name, number in counts.items() if number} <= said:
        yield f"the message {message!r} does not tell the counts {counts}"
    for counter in ("inserted", "deleted"):
        counted = [found for request in told.requests for found in _counted(request["answer"], counter)]
        if (result["server_counts"][counter] or 0) > sum(counted):
            yield f"server_counts tells {result['server_counts'][counter]} {counter}, the server said {counted}"


def _counted(answer: Any, counter: str) -> Iterator[int]:
    output = answer.get("output") if isinstance(answer, dict) else None
    if isinstance(output, dict) and isinstance(output.get(counter), int):
        yield max(0, output[counter])


def _report(told: Told) -> Iterator[str]:
    """The report file tells the same."""
    if "report_path" not in told.options:
        return
    with Path(told.options["report_path"]).open(newline="", encoding="utf-8") as file:
        lines = [tuple(cell.lstrip("'") for cell in line) for line in csv.reader(file)][1:]
    rows = [
        (row["number"], row["canonical"], row["outcome"], row["reason"], str(row["batch"] or ""), row["note"] or "")
        for row in told.result["numbers"]
    ]
    entries = [line for line in lines if line[2] != "duplicate"]
    if entries != rows:
        yield f"the report tells {entries}, the rows {rows}"
    if len(lines) - len(entries) != told.result["counts"]["duplicates"]:
        yield "the report tells other duplicates than the counts"


def _group(told: Told) -> Iterator[str]:
    old = set(told.groups)
    new = {group_id for group_id, group in told.after.items() if group.name == told.name}
    group = told.result["group"]
    # Where there is no update call, nobody can ask whether there is such a group.
    if len(new) > max(1, len(old)) and any(request["call"] == "update" for request in told.requests):
        yield f"there are {len(new)} groups of the name {told.name}"
    if group["created"] is True and not new - old:
        yield "a group is told as created and was not"
    if group["created"] is False and new - old:
        yield "a group was created and is not told"
    told_of = group["id"] is not None and told.options.get("group_id") is None
    if told_of and told.record_is_true and len(new) == 1 and group["id"] not in new:
        yield f"the id is told as {group['id']} and is {new}"


def _protected(told: Told) -> Iterator[str]:
    gone = numbers_of(told.before, told.name) - numbers_of(told.after, told.name)
    listed = {told.form(row["canonical"]) for row in told.result["numbers"]}
    if told.options.get("state") != "absent" and gone and not told.options.get("purge"):
        yield f"{sorted(gone)} were removed without a purge"
    if told.options.get("state") != "absent" and gone - told.own:
        yield f"a purge has removed what is foreign: {sorted(gone - told.own)}"
    if not gone <= listed:
        yield f"{sorted(gone - listed)} were removed and are in no row"
    for name in {group.name for group in told.before.values()} - {told.name}:
        moved = numbers_of(told.after, told.name) - numbers_of(told.before, told.name)
        lost = numbers_of(told.before, name) - numbers_of(told.after, name) - moved
        if lost & told.recorded(told.record_before, name) and not told.options.get("remove_shared"):
            yield f"{sorted(lost)} were removed from the group {name}"
