# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method per call of the API: a typed answer, or an error of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, TypeVar, Union

from .._domain.calls import Answer, Call, GroupText, IssuedToken
from .._domain.errors import (
    CallFailed,
    CheckModeWrite,
    CloudAgentError,
    EndpointMissing,
    GroupUnknown,
    NumbersRefused,
    RateLimited,
    Refused,
    TokenNotObtained,
    TokenRefused,
    UnexpectedError,
)
from .._domain.habits import Limit
from .._domain.protocols import Clock, TokenSource
from .._domain.secrets import Secrets
from .._domain.waiting import Pace, WaitingBudget
from . import contract
from .answers import Asked, RawAnswer, check_success, numbers_answer, token_answer
from .retry import Action, Attempts, reaction
from .transport import Credential, Transport
from .workers import Gate, OneByOne, Workers

Result = TypeVar("Result")

_BEARER = "Authorization"


class Caller:
    """Makes one request as often as the retry table allows.

    ``pace``: lets each request go, None where that is not limited. ``workers``: several may be called for at once;
    ``gate``: unless the account bears one at a time only.
    """

    def __init__(
        self,
        transport: Transport,
        waiting: WaitingBudget,
        clock: Clock,
        secrets: Secrets,
        pace: Optional[Pace] = None,
        workers: Optional[Workers] = None,
        gate: Optional[Gate] = None,
    ) -> None:
        self._transport = transport
        self._waiting = waiting
        self._clock = clock
        self.secrets = secrets
        self.pace = pace
        self.workers = workers or OneByOne()
        self.gate = gate or Gate()

    def call(
        self,
        call: Call,
        request: Tuple[str, str, Dict[str, Any]],
        credential: Optional[Credential],
        read: Callable[[RawAnswer], Result],
        renew: Optional[Callable[[], Credential]] = None,
    ) -> Tuple[Result, bool]:
        """Sends ``request`` (method, path, body) and reads the answer with ``read``.

        Gives the result, and whether an earlier try may have had its effect. ``renew`` gives another credential after
        the token was refused. Raises what transport, ``read`` and ``renew`` raise; the error says whether any try may
        have had its effect.
        """
        method, path, body = request
        attempts, lost = Attempts(), False
        while True:
            sent_at = self._let_go()
            try:
                result = read(self._sent(method, path, body, credential))
                self._note_answer(sent_at)
                return result, lost
            except CallFailed as error:
                answered_at = self._clock.steady()
                retry_after = self._note_failure(error, sent_at)
                lost = _may_have_landed(error, lost)
                error.maybe_done = lost
                then = reaction(call, error.failure, attempts, retry_after)
                if then.action is Action.RENEW and renew is not None:
                    credential = _renewed(renew, lost)
                    attempts = replace(attempts, renewed=True)
                elif then.action is Action.AGAIN:
                    self._clock.sleep(then.pause)
                    attempts = replace(attempts, made=attempts.made + 1)
                elif then.action is Action.WAIT and self._waited(answered_at + then.pause, error):
                    attempts = replace(attempts, waits=attempts.waits + 1)
                else:
                    raise

    def _sent(self, method: str, path: str, body: Dict[str, Any], credential: Optional[Credential]) -> RawAnswer:
        with self.gate.passed():
            self.workers.stop_if_closed()
            return self._transport.send(method, path, body, *(() if credential is None else (credential,)))

    def _let_go(self) -> float:
        """Waits until the next request may go; gives the time."""
        return self._clock.steady() if self.pace is None else self.workers.in_main(self.pace.before)

    def _note_answer(self, sent_at: float) -> None:
        pace = self.pace
        if pace is not None:
            self.workers.in_main(lambda: pace.answered(sent_at))

    def _note_failure(self, error: CallFailed, sent_at: float) -> Optional[float]:
        """Gives for how long the server asks to wait, if it does."""
        if not isinstance(error, RateLimited):
            self._note_answer(sent_at)
            return None
        if error.at_once:
            self.gate.since = self._clock.now()
        return error.retry_after

    def _waited(self, due: float, error: CallFailed) -> bool:
        return self.workers.in_main(lambda: self._wait(due, error))

    def _wait(self, due: float, error: CallFailed) -> bool:
        """Waits if that fits; to be called by the main thread. How many go at once says nothing of the pace."""
        if not self._waiting.wait_until(due):
            return False
        if self.pace is not None and not (isinstance(error, RateLimited) and error.at_once):
            self.pace.waited(self._waiting.ended)
        return True


def _may_have_landed(error: CallFailed, lost: bool) -> bool:
    """Whether this try or one before may have had its effect; none has where the server knows no such group by now."""
    return error.maybe_done or (lost and not isinstance(error, GroupUnknown))


def _renewed(renew: Callable[[], Credential], lost: bool) -> Credential:
    try:
        return renew()
    except CloudAgentError as error:
        error.maybe_done = error.maybe_done or lost
        raise


def generate_token(caller: Caller, username: str, api_key: str) -> IssuedToken:
    """Generates a token (contract T1). Raises CallFailed; after a lost answer it may have counted and revoked."""
    path = contract.GENERATE_TOKEN_PATH
    asked = Asked(Call.GENERATE, f"POST {path}", by_token=False, secrets=caller.secrets)
    issued, _repeated = caller.call(
        Call.GENERATE, ("POST", path, {"userName": username}), ("apiKey", api_key), lambda raw: token_answer(asked, raw)
    )
    return issued


def greeted(caller: Caller) -> RawAnswer:
    """Whatever the host answers to a request that carries no credential; raises CallFailed where it answers nothing."""
    request: Tuple[str, str, Dict[str, Any]] = ("GET", contract.CAMPAIGN_STATUS_PATH, {})
    answer, _repeated = caller.call(Call.CAMPAIGN_STATUS, request, None, lambda raw: raw)
    return answer


def try_credential(
    caller: Caller, username: str, credential: Credential, newer: Callable[[], Optional[str]] = lambda: None
) -> None:
    """Asks for the status of a campaign (contract N5), which changes nothing; raises CallFailed unless it succeeds.

    ``newer``: gives a token, if there is one, for a bearer token that the server refuses.
    """
    path = contract.CAMPAIGN_STATUS_PATH
    asked = Asked(Call.CAMPAIGN_STATUS, f"GET {path}", credential[0] == _BEARER, caller.secrets)
    refused: List[TokenRefused] = []

    def read(raw: RawAnswer) -> None:
        try:
            check_success(asked, raw)
        except TokenRefused as error:
            refused.append(error)
            raise

    def another() -> Credential:
        token = newer()
        if token is None:
            raise refused[-1]
        return bearer(token)

    body = {"userName": username, "campaignName": contract.NO_CAMPAIGN}
    caller.call(Call.CAMPAIGN_STATUS, ("GET", path, body), credential, read, another)


class Client:
    """The calls on block number groups, with a bearer token from ``tokens``, or with ``api_key`` (contract A2).

    ``update_path``: the path that answered to update before, if that is known.
    """

    def __init__(
        self,
        caller: Caller,
        username: str,
        tokens: Optional[TokenSource],
        api_key: Optional[str],
        update_path: Optional[str],
    ) -> None:
        self._caller = caller
        self._username = username
        self._tokens = tokens
        self._api_key = api_key
        self._update_path = update_path

    @property
    def update_path(self) -> Optional[str]:
        """The path on which the application answered to update."""
        return self._update_path

    @property
    def limit(self) -> Optional[Limit]:
        """How many requests the account was found to bear."""
        return None if self._caller.pace is None else self._caller.pace.limit

    @property
    def one_at_a_time(self) -> Optional[float]:
        """When the account was found to bear no more than that at once."""
        return self._caller.gate.since

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """Makes a group (contract C1 to C3)."""
        body = {**_texts(name=group.name, description=group.description, expiryDate=group.expiry)}
        return self._call(Call.CREATE, "POST", contract.CREATE_PATH, {**body, "blockNumbers": numbers})

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """Adds numbers to a group (contract U1 to U3). Raises EndpointMissing when no known path is served."""
        body = {**_texts(groupName=group.name, description=group.description, expiryDate=group.expiry)}
        body["blockNumbers"] = list(numbers)
        missing: List[EndpointMissing] = []
        lost = False
        for path in sorted(contract.UPDATE_PATHS, key=lambda path: path != self._update_path):
            try:
                answer = self._call(Call.UPDATE, "PUT", path, body)
            except CallFailed as error:
                lost = error.maybe_done = _may_have_landed(error, lost)
                if not isinstance(error, EndpointMissing):
                    if isinstance(error, (GroupUnknown, NumbersRefused, Refused)):
                        self._update_path = path  # these are answers of the application itself
                    raise
                missing.append(error)
            else:
                self._update_path = path
                return replace(answer, repeated=True) if lost else answer
        missing[0].maybe_done = lost
        raise missing[0]

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """Removes numbers (contract X1 to X3): the id, when known, and the name of the group are sent."""
        body: Dict[str, Any] = {"groupName": group.name, "blockNumbers": list(numbers)}
        if group_id is not None:
            body["id"] = group_id
        return self._call(Call.DELETE, "DELETE", contract.DELETE_PATH, body)

    def _call(self, call: Call, method: str, path: str, body: Dict[str, Any]) -> Answer:
        """A token is obtained before anything is sent, so that its failure is never read as the answer of this call."""
        tokens, in_main = self._tokens, self._caller.workers.in_main
        asked = Asked(call, f"{method} {path}", tokens is not None, self._caller.secrets)
        request = (method, path, {"userName": self._username, **body})
        renew: Optional[Callable[[], Credential]] = None
        credential: Credential = ("apiKey", self._api_key or "")
        if tokens is not None:
            used = in_main(lambda: _obtained(tokens.current))
            credential = bearer(used)

            def another() -> Credential:
                return bearer(in_main(lambda: _obtained(lambda: tokens.replace(used))))

            renew = another
        answer, repeated = self._caller.call(call, request, credential, lambda raw: numbers_answer(asked, raw), renew)
        return replace(answer, repeated=True) if repeated else answer


def _obtained(obtain: Callable[[], str]) -> str:
    """A token; whatever goes wrong, nothing of the call that needs it was sent."""
    try:
        return obtain()
    except CloudAgentError:
        raise
    except Exception as error:
        raise TokenNotObtained(str(UnexpectedError(error, maybe_done=False))) from error


def bearer(token: str) -> Credential:
    """The credential header of a token (contract A2)."""
    return (_BEARER, f"Bearer {token}")


def _texts(**fields: Optional[str]) -> Dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class RefusingClient:
    """The client of check mode: whatever is asked of it is refused, so that nothing can slip through."""

    update_path: Optional[str] = None
    limit: Optional[Limit] = None
    one_at_a_time: Optional[float] = None

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
