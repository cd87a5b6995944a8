# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account whose tasks are watched, and everything that may befall a request."""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import Wire, network
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import MOST_AT_ONCE
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.faults import KINDS, LATE
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import (
    IN_GROUP,
    NOT_IN_GROUP,
    HeldGroup,
    Record,
    Told,
    numbers_of,
    snapshot,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner


class Interrupted:
    """A wire on which something may happen before a request goes out, and after it was answered."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.close = wire.close
        self.before: Optional[Callable[[], None]] = None
        self.after: Optional[Callable[[], None]] = None

    def send(self, request: Any, *options: Any, **named: Any) -> Any:
        """Sends a request."""
        if self.before is not None:
            self.before()
        answer = self._wire.send(request, *options, **named)
        try:
            if self.after is not None:
                self.after()
        except BaseException:
            answer.close()  # a killed process holds no connection
            raise
        return answer


class WatchedAccount:
    """Runs tasks on a simulated account, and notes what the server and the record hold before and after each."""

    def __init__(self, simulator: Simulator, location: Location, over_sockets: bool = False) -> None:
        self.simulator = simulator
        self.runner = Runner(simulator, location)
        self.wire = Interrupted(network(MOST_AT_ONCE) if over_sockets else InProcess(simulator))
        self.runner.wire = self.wire
        self.generations: List[float] = []
        self._own: Dict[str, FrozenSet[str]] = {}
        self._open: Dict[str, FrozenSet[str]] = {}

    def form(self, number: str) -> str:
        """A number in the server's own form."""
        return str(self.simulator.server.account.canonical(number))

    def record(self) -> Record:
        """What is on record of all groups."""
        groups = self.runner.info(include_numbers=True).result["groups"]
        return {
            group["name"]: HeldGroup(
                group["name"],
                group["description"],
                group["expiry_date"],
                frozenset(number["number"] for number in group["numbers"] if number["state"] == "present"),
            )
            for group in groups
        }

    def group(self, **options: Any) -> Told:
        """Runs ozonetel_block_group."""
        self.simulator.forget_requests()
        before, record_before = snapshot(self.simulator), self.record()
        secrets = {self.simulator.api_key, *self.simulator.server.account.tokens}
        report = self.runner.group(**options)
        told = Told(
            options=options,
            result=report.result,
            failure=report.failure,
            warnings=report.warnings,
            before=before,
            after=snapshot(self.simulator),
            record_before=record_before,
            record_after=self.record(),
            requests=self.simulator.requests(),
            secrets=secrets | set(self.simulator.server.account.tokens),
            form=self.form,
        )
        told.own = self._note(told)
        return told

    def _note(self, told: Told) -> FrozenSet[str]:
        """Notes what this collection has put where; gives what was its own before."""
        self.note_generations()
        was, held = numbers_of(told.before, told.name), numbers_of(told.after, told.name)
        open_before = self._open.get(told.name, frozenset())
        still_open = frozenset(map(self.form, open_before))
        own = (self._own.get(told.name, frozenset()) & was) | told.recorded(told.record_before, told.name) | still_open
        # Of what was sent to be added and lost, or that create did not confirm, nobody knows whose it is: it is the
        # list's, too, until a later task tells where it is; in the same spelling, since it knows of no other.
        rows = {row["canonical"]: row["outcome"] for row in told.result.get("numbers", [])}
        lost = {number for number, outcome in rows.items() if outcome == "unconfirmed"}
        open_ended = any(request["fault"] or request["call"] == "create" for request in told.requests)
        settled = {number for number, outcome in rows.items() if outcome in (*IN_GROUP, *NOT_IN_GROUP)}
        self._open[told.name] = (open_before - settled) | (lost if open_ended else set())
        # A number that is listed and was there before is recorded as present, and so is the list's from then on.
        self._own[told.name] = held & (own | (held - was) | told.recorded(told.record_after, told.name))
        return own

    def note_late(self, name: str, before: Any) -> None:
        """Notes what a task has put into a group that did not live to see it."""
        held = numbers_of(snapshot(self.simulator), name)
        self._own[name] = self._own.get(name, frozenset()) | (held - numbers_of(before, name))

    def note_generations(self) -> None:
        """Notes when tokens were asked for."""
        self.generations += [request["time"] for request in self.simulator.requests("generate")]


Fault = Dict[str, Any]
JSON = {"kind": "status", "content_type": "application/json"}


def _json(body: str, status: int = 200) -> Fault:
    return {**JSON, "status": status, "body": body}


def _unanswered() -> Iterator[Fault]:
    """What is no whole answer of the application."""
    for kind in sorted(set(KINDS) - {"reset_before", "delay", "status", "packed", "redirect"} - REFUSING_KINDS):
        yield {"kind": kind}
    yield {"kind": "packed", "mebibytes": 9}
    yield from ({"kind": "redirect", "location": to} for to in ("https://login.example.com/", "http://[::1", ""))
    yield from ({"kind": "redirect", "status": status, "location": "/elsewhere"} for status in (301, 302, 303, 308))
    yield from ({"kind": "status", "status": status, "body": "<html>"} for status in (200, 201, 202, 204, 206))
    yield from ({"kind": "status", "status": status} for status in (500, 501, 502, 503, 504, 520, 599))
    yield from ({"kind": "status", "status": status} for status in (400, 403, 408, 409, 410, 413, 418, 499))
    yield _json('{"status":"error","message":"internal"}', 500)
    yield _json('{"status":"error","message":"Forbidden"}', 403)
    for body in (
        '{"status":"pending","message":"later"}',
        '{"message":"no status"}',
        '{"status":"succ',
        '{"status":null}',
        '{"status":["success"]}',
        '{"status":{"status":"success"}}',
        "null",
        "true",
        "0",
        "[]",
        '"success"',
        "{}",
        "NaN",
        "",
        "\ufeff",
    ):
        yield _json(body)


REFUSING_KINDS = {"revoke_tokens", "rate_limited", "echo_secrets"}
UNDOCUMENTED = ("Temporarily unavailable", "x", "")


def _refusals() -> Iterator[Fault]:
    """What the application says of a call that it has not done. When it lies, nobody can know."""
    yield from ({"kind": kind} for kind in sorted(REFUSING_KINDS))
    yield from ({"kind": "echo_secrets", **more} for more in ({"field": "name"}, {"pad": 290}))
    yield from ({"kind": "status", "status": status} for status in (401, 404, 405, 429))
    yield from (refusal(words) for words in UNDOCUMENTED)
    for words in ("Invalid group id", "Token Expired", "Invalid Token", "Parameters are mandatory"):
        yield refusal(words)
    yield _json('{"status":"error","message":"invalid data","errors":{"blockNumbers":"bad"}}')
    yield _json('{"status":"error","message":"invalid data","errors":{"name":"bad"}}')
    yield _json('{"status":"false","message":"Invalid userName or apiKey","data":null}')
    yield _json('{"status":"error","message":"Already one process is running"}', 200)


def refusal(words: str) -> Fault:
    """An answer that refuses in these words."""
    return _json(f'{{"status":"error","message":"{words}"}}')


def _odd_successes() -> Iterator[Fault]:
    """The server says success, and less or other than usual besides."""
    for more in ("", ',"output":{}', ',"output":null', ',"output":{"succes":null,"error":null}', ',"output":[]'):
        yield _json(f'{{"status":"success","message":"done"{more}}}')
    yield _json('{"status":"success","input":{"id":"x"},"output":{"succes":"all","inserted":"many","deleted":-1}}')
    yield _json('{"status":"success","output":{"succes":[null,{},[]],"error":[7],"inserted":1e99,"deleted":1e99}}')


UNANSWERED: List[Fault] = [{**fault, "commit": commit} for fault in _unanswered() for commit in (False, True, LATE)]
REFUSALS: List[Fault] = list(_refusals())
ODD_SUCCESSES: List[Fault] = [{**fault, "commit": True} for fault in _odd_successes()]
FAULTS: List[Fault] = [*UNANSWERED, *REFUSALS, *ODD_SUCCESSES]
