# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method per call of the API: a typed answer, or an error of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, TypeVar, Union

from .._domain.errors import CallFailed, CheckModeWrite, EndpointMissing, RateLimited
from .._domain.protocols import Answer, Call, Clock, Facts, GroupText, IssuedToken, TokenSource
from .._domain.waiting import WaitingBudget
from . import contract
from .answers import RawAnswer, numbers_answer, token_answer
from .retry import Action, Attempts, next_step
from .transport import Transport

Result = TypeVar("Result")
Credential = Tuple[str, str]
UPDATE_PATH_FACT = "update_path"


class Caller:
    """Makes one request as often as the retry table allows."""

    def __init__(self, transport: Transport, waiting: WaitingBudget, clock: Clock) -> None:
        self._transport = transport
        self._waiting = waiting
        self._clock = clock

    def call(
        self,
        call: Call,
        request: Tuple[str, str, Dict[str, Any]],
        credential: Credential,
        read: Callable[[str, RawAnswer], Result],
        renew: Optional[Callable[[], Credential]] = None,
    ) -> Result:
        """Sends ``request`` (method, path, body) and reads the answer with ``read``.

        ``renew`` gives another credential after the token was refused. Raises what transport and ``read`` raise.
        """
        method, path, body = request
        attempts = Attempts()
        while True:
            try:
                return read(f"{method} {path}", self._transport.send(method, path, body, credential))
            except CallFailed as error:
                retry_after = error.retry_after if isinstance(error, RateLimited) else None
                step = next_step(call, error.failure, attempts, retry_after)
                if step.action is Action.RENEW and renew is not None:
                    credential = renew()
                    attempts = replace(attempts, renewed=True)
                elif step.action is Action.AGAIN:
                    self._clock.sleep(step.pause)
                    attempts = replace(attempts, made=attempts.made + 1)
                elif step.action is Action.WAIT and self._waiting.wait(step.pause):
                    attempts = replace(attempts, waits=attempts.waits + 1)
                else:
                    raise


def generate_token(caller: Caller, username: str, api_key: str) -> IssuedToken:
    """Generates a token (contract T1). Raises CallFailed; after a lost answer it may have counted and revoked."""
    request = ("POST", contract.GENERATE_TOKEN_PATH, {"userName": username})
    return caller.call(Call.GENERATE, request, ("apiKey", api_key), token_answer)


class Client:
    """The calls on block number groups, with a bearer token from ``tokens``, or with ``api_key`` (contract A2)."""

    def __init__(
        self, caller: Caller, username: str, tokens: Optional[TokenSource], api_key: Optional[str], facts: Facts
    ) -> None:
        self._caller = caller
        self._username = username
        self._tokens = tokens
        self._api_key = api_key
        self._facts = facts

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """Makes a group (contract C1 to C3)."""
        body = {**_texts(name=group.name, description=group.description, expiryDate=group.expiry)}
        return self._call(Call.CREATE, "POST", contract.CREATE_PATH, {**body, "blockNumbers": numbers})

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """Adds numbers to a group (contract U1 to U3). Raises EndpointMissing when no known path is served."""
        body = {**_texts(groupName=group.name, description=group.description, expiryDate=group.expiry)}
        body["blockNumbers"] = list(numbers)
        missing: Optional[EndpointMissing] = None
        for path in self._update_paths():
            try:
                answer = self._call(Call.UPDATE, "PUT", path, body)
            except EndpointMissing as error:
                missing = missing or error
            except CallFailed:
                # Any other answer comes from the application itself, so the path is served.
                raise
            else:
                self._facts[UPDATE_PATH_FACT] = path
                return answer
        raise missing or EndpointMissing("PUT", "no path for update is known")

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """Removes numbers (contract X1 to X3): the id, when known, and the name of the group are sent."""
        body: Dict[str, Any] = {"groupName": group.name, "blockNumbers": list(numbers)}
        if group_id is not None:
            body["id"] = group_id
        return self._call(Call.DELETE, "DELETE", contract.DELETE_PATH, body)

    def _update_paths(self) -> List[str]:
        known = self._facts.get(UPDATE_PATH_FACT)
        return sorted(contract.UPDATE_PATHS, key=lambda path: path != known)

    def _call(self, call: Call, method: str, path: str, body: Dict[str, Any]) -> Answer:
        by_token = self._tokens is not None

        def read(request: str, raw: RawAnswer) -> Answer:
            return numbers_answer(call, request, raw, by_token)

        request = (method, path, {"userName": self._username, **body})
        if self._tokens is None:
            return self._caller.call(call, request, ("apiKey", self._api_key or ""), read)
        tokens = self._tokens
        used = tokens.current()

        def renew() -> Credential:
            return _bearer(tokens.replace(used))

        return self._caller.call(call, request, _bearer(used), read, renew)


def _bearer(token: str) -> Credential:
    return ("Authorization", f"Bearer {token}")


def _texts(**fields: Optional[str]) -> Dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class RefusingClient:
    """The client of check mode: whatever is asked of it is refused, so that nothing can slip through."""

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """Raises CheckModeWrite."""
        raise CheckModeWrite(f"The group {group.name} was to be created {_DEFECT}")

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """Raises CheckModeWrite."""
        raise CheckModeWrite(f"{len(numbers)} numbers were to be added to {group.name} {_DEFECT}")

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """Raises CheckModeWrite."""
        raise CheckModeWrite(f"{len(numbers)} numbers were to be removed from {group.name} {_DEFECT}")


_DEFECT = "in check mode; please report this as a defect of the collection."
