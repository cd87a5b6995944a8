# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transcripts of a probe, made by hand: what was asked, and the JSON or whatever else came back, read as ever."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Sequence, Union

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.answers import (
    Asked,
    RawAnswer,
    check_success,
    numbers_answer,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, Call
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CloudAgentError,
    NoAnswer,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    CREATED,
    NEW,
    NO_GROUP,
    Credential,
    Exchange,
    Request,
    Target,
    Transcript,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.probing import Probing
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets

Json = Dict[str, Any]
Said = Union[Json, bytes, CloudAgentError]
"""The JSON of an answer, another body, or what came in the place of an answer."""

LOST = NoAnswer("PUT /update", "the connection was lost")
HTML = b"<html><h1>Gateway</h1></html>"
LIMIT: Json = {"status": "error", "message": "Max limit exceeded"}
UNKNOWN: Json = {"status": "error", "message": "Invalid group id"}
MANDATORY: Json = {"status": "error", "message": "Parameters are mandatory"}
BAD_FORM: Json = {"status": "error", "message": "invalid data", "errors": {"blockNumbers": "invalid format"}}
BAD_TOKEN: Json = {"status": "false", "message": "Token Expired", "data": None}
NO_CAMPAIGN: Json = {"status": "error", "message": "No record found"}
DONE: Json = {"status": "success", "message": ""}

_TARGETS = {
    ("status", "made_up", "other_kind", "both_headers", "earlier_token"): Target.STATUS,
    ("generate",): Target.GENERATE,
    ("create", "second"): Target.CREATE,
    ("delete", "remove", "clean"): Target.DELETE,
    ("wrong_method",): Target.WRONG_METHOD,
}
_CREDENTIALS = {
    "made_up_credential": Credential.MADE_UP,
    "other_kind": Credential.OTHER_KIND,
    "both_headers": Credential.BOTH,
    "earlier_token": Credential.EARLIER,
}
_CALLS = {Target.STATUS: Call.CAMPAIGN_STATUS, Target.CREATE: Call.CREATE, Target.DELETE: Call.DELETE}


def refused(message: str, **more: Any) -> Json:
    """A refusal in words of one's own."""
    return {"status": "error", "message": message, **more}


def added(succes: Sequence[Any] = (), error: Sequence[Any] = (), group_id: Optional[int] = 20, **counters: Any) -> Json:
    """What update says when it has taken a request (contract U3)."""
    output = {"succes": list(succes), "error": list(error), **counters}
    return {"status": "success", "message": "updated", "input": {"id": group_id}, "output": output}


def made(succes: Sequence[Any] = (), error: Sequence[Any] = (CREATED,), group_id: Optional[int] = 20) -> Json:
    """What create says when it has made the group (contract C3)."""
    output = {"affectedRows": 1, "lastInsertId": group_id, "succes": list(succes), "error": list(error)}
    return {"status": "success", "message": "created", "output": output}


def deleted(count: Any = None, success: Sequence[Any] = (NEW,), error: Sequence[Any] = ()) -> Json:
    """What delete says when it has taken a request (contract X2)."""
    output: Json = {"success": list(success), "error": list(error)}
    return {
        "status": "success",
        "message": "deleted",
        "output": output if count is None else {**output, "deleted": count},
    }


def request_of(question: str, numbers: Any = (NEW,), older: bool = False) -> Request:
    """The request of a question, as far as it matters."""
    target = next((found for names, found in _TARGETS.items() if question.startswith(names)), Target.UPDATE)
    sent = numbers if isinstance(numbers, str) else list(numbers)
    return Request(target, {"blockNumbers": sent}, _CREDENTIALS.get(question, Credential.OWN), older)


def exchanged(question: str, request: Request, said: Said, status: int = 200) -> Exchange:
    """What became of a request, read as an answer of the server."""
    if isinstance(said, CloudAgentError):
        return Exchange(question, request, error=said)
    body = said if isinstance(said, dict) else None
    if request.target is Target.GENERATE:
        return Exchange(question, request, status, body)
    raw = RawAnswer(status, said if isinstance(said, bytes) else json.dumps(said).encode())
    asked = Asked(_CALLS.get(request.target, Call.UPDATE), "PUT /update", True, Secrets())
    try:
        if asked.call is Call.CAMPAIGN_STATUS:
            check_success(asked, raw)
            return Exchange(question, request, status, body, Answer())
        return Exchange(question, request, status, body, numbers_answer(asked, raw))
    except CallFailed as error:
        return Exchange(question, request, status, body, error=error)


def asked(question: str, said: Said, status: int = 200, numbers: Any = (NEW,), older: bool = False) -> Exchange:
    """One exchange."""
    return exchanged(question, request_of(question, numbers, older), said, status)


def transcript(*exchanges: Exchange, **said: Said) -> Transcript:
    """Exchanges in their order, then those that nothing matters of but what was said."""
    all_of_them = [*exchanges, *(asked(question, answer) for question, answer in said.items())]
    return {exchange.question: exchange for exchange in all_of_them}


class Notes:
    """What outlives a probe, in memory."""

    def __init__(self, notes: Optional[Dict[str, str]] = None, lasting: bool = True) -> None:
        self.lasting = lasting
        self.notes = {} if notes is None else dict(notes)

    def read(self, name: str) -> Optional[str]:
        """What was noted."""
        return self.notes.get(name)

    def note(self, name: str, text: str) -> None:
        """Notes something."""
        self.notes[name] = text


class Account:
    """An account that says what a function says; it may be an answer with its status. Keeps what it was asked."""

    def __init__(self, answers: Callable[[str, Request], Any], notes: Optional[Notes] = None) -> None:
        self.answers = answers
        self.notes = notes or Notes()
        self.requests: Dict[str, Request] = {}
        self.asked: List[str] = []
        self.pauses: List[float] = []
        self.waits: List[float] = []
        self.time = 1_800_000_000.0
        self.may_wait = True
        self.sent = 0
        self.credentials: FrozenSet[Credential] = frozenset(Credential)

    def ask(self, question: str, request: Request) -> Exchange:
        """As the function says; what it raises is raised."""
        self.sent += 1
        self.asked.append(question)
        self.requests[question] = request
        said = self.answers(question, request)
        body, status = said if isinstance(said, tuple) else (said, 200)
        return exchanged(question, request, body, status)

    def _wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.may_wait

    def _now(self) -> float:
        return self.time

    def probing(self, second_group: bool = False, **said: Said) -> Probing:
        """A probe of this account, with what it was told before."""
        return Probing(self, self.notes, self._now, self.pauses.append, self._wait, second_group, transcript(**said))


class Server:
    """A small account as documented. ``there``: it has the group; ``changed``: what it says to questions instead."""

    def __init__(self, there: bool = False, **changed: Any) -> None:
        self.there = there
        self.changed = changed
        self.held: Dict[str, None] = {}

    def __call__(self, question: str, request: Request) -> Any:
        """What it says."""
        if question in self.changed:
            return self.changed[question]
        numbers = request.body.get("blockNumbers", ())
        if request.target is Target.STATUS:
            return DONE if request.credential is Credential.OWN else BAD_TOKEN
        if request.target is Target.WRONG_METHOD or request.older:
            return b"", 405
        if request.target is Target.CREATE:
            return self._create(numbers)
        if request.body.get("groupName", NO_GROUP if "id" not in request.body else "") == NO_GROUP or not self.there:
            return UNKNOWN
        return self._delete(numbers) if request.target is Target.DELETE else self._update(request.body, numbers)

    def _create(self, numbers: Any) -> Json:
        if isinstance(numbers, list):
            return BAD_FORM
        self.there = True
        return made([], [numbers])

    def _update(self, body: Any, numbers: Sequence[str]) -> Json:
        if any(not number.lstrip("+").isdecimal() or not 3 <= len(number.lstrip("+")) <= 16 for number in numbers):
            return BAD_FORM
        if "description" not in body:
            return MANDATORY
        new = [number for number in dict.fromkeys(numbers) if number not in self.held]
        self.held.update(dict.fromkeys(new))
        return added(numbers, inserted=len(new), new=len(new))

    def _delete(self, numbers: Sequence[str]) -> Json:
        gone = [number for number in numbers if number in self.held]
        for number in gone:
            del self.held[number]
        return deleted(len(gone), numbers)
