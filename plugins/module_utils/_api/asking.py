# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the server what the probe of an account wants to know: each question once, and each exchange is written down."""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, Optional, Tuple

from .._domain.calls import Answer, Call, IssuedToken
from .._domain.errors import CallFailed, CloudAgentError, TokenNotObtained, TokenRefused
from .._domain.exchange import OWN_NUMBERS, Credential, Exchange, Request, Target
from .._domain.protocols import Clock, TokenSource
from .._domain.secrets import Secrets
from . import contract
from .answers import (
    Asked,
    RawAnswer,
    check_success,
    json_object,
    jwt_lifetime,
    numbers_answer,
    place_of_token,
    token_answer,
)
from .redaction import Redaction, with_token
from .transport import Credential as Header
from .transport import Transport

Line = Dict[str, Any]
"""One exchange as it is written down, see docs/docsite/rst/first_contact.rst."""

_MADE_UP_TOKEN = "made-up-by-a-probe-of-this-account"
_MADE_UP_KEY = "KK" + "0" * 32
_CALLS = {Target.STATUS: Call.CAMPAIGN_STATUS, Target.CREATE: Call.CREATE, Target.DELETE: Call.DELETE}
_REQUESTS = {
    Target.STATUS: ("GET", contract.CAMPAIGN_STATUS_PATH),
    Target.GENERATE: ("POST", contract.GENERATE_TOKEN_PATH),
    Target.CREATE: ("POST", contract.CREATE_PATH),
    Target.DELETE: ("DELETE", contract.DELETE_PATH),
}


class Asker:
    """Asks with the account's credentials. ``write`` takes what is written down of each exchange.

    ``tokens``: None where the API key itself is sent. ``earlier``: a token that a newer one should have made invalid.
    ``generated``: the exchange that has brought the token.
    """

    def __init__(
        self,
        transport: Transport,
        username: str,
        api_key: Optional[str],
        secrets: Secrets,
        clock: Clock,
        write: Callable[[Line], None],
    ) -> None:
        self.tokens: Optional[TokenSource] = None
        self.earlier: Optional[str] = None
        self.generated: Optional[Exchange] = None
        self._transport = transport
        self._username = username
        self._api_key = api_key
        self._secrets = secrets
        self._clock = clock
        self._write = write
        self._redaction = Redaction(username, secrets, OWN_NUMBERS)
        self._adopted = False

    def shown(self, text: str) -> str:
        """A text as it may stand beside what is written down."""
        return self._redaction.text(text)

    @property
    def sent(self) -> int:
        """How many requests the server may have seen."""
        return self._transport.sent

    @property
    def credentials(self) -> FrozenSet[Credential]:
        """Those that can be had besides one's own."""
        found = {Credential.MADE_UP}
        if self.tokens is None or self._api_key is not None:
            found.add(Credential.OTHER_KIND)
        if self.tokens is not None and self._api_key is not None:
            found.add(Credential.BOTH)
        if self.earlier is not None:
            found.add(Credential.EARLIER)
        return frozenset(found)

    def generate(self) -> IssuedToken:
        """Generates a token (contract T1), once. Raises CallFailed, TokenNotObtained."""
        if self.generated is not None:
            raise TokenNotObtained("The token is refused. A probe generates one at most; run it again.")
        request = Request(Target.GENERATE)
        asked = Asked(Call.GENERATE, " ".join(_REQUESTS[Target.GENERATE]), False, self._secrets)
        self.generated, raw = self._exchanged("generate", request, asked, (("apiKey", self._api_key or ""),))
        if raw is not None and self.generated.error is None:
            return token_answer(asked, raw)
        raise self.generated.error or TokenNotObtained("No token was generated.")

    def ask(self, question: str, request: Request) -> Exchange:
        """Asks once; with a newer token of the store once more, if the own one is refused. Raises what tokens raise."""
        exchange = self._asked(question, request)
        own = request.credential is Credential.OWN
        if not own or self.tokens is None or self._adopted or not isinstance(exchange.error, TokenRefused):
            return exchange
        self._adopted = True
        try:
            self.tokens.replace(self.tokens.current())
        except CloudAgentError:
            return exchange  # which tells what is wrong
        return self._asked(question, request)

    def _asked(self, question: str, request: Request) -> Exchange:
        call = _CALLS.get(request.target, Call.UPDATE)
        headers = self._headers(request.credential)
        asked = Asked(call, " ".join(_method_and_path(request)), headers[0][0] == "Authorization", self._secrets)
        return self._exchanged(question, request, asked, headers)[0]

    def _headers(self, credential: Credential) -> Tuple[Header, ...]:
        if self.tokens is None:
            return {
                Credential.MADE_UP: (("apiKey", _MADE_UP_KEY),),
                Credential.OTHER_KIND: (_bearer(_MADE_UP_TOKEN),),
            }.get(credential, (("apiKey", self._api_key or ""),))
        own, key = _bearer(self.tokens.current()), ("apiKey", self._api_key or "")
        return {
            Credential.MADE_UP: (_bearer(_MADE_UP_TOKEN),),
            Credential.OTHER_KIND: (key,),
            Credential.BOTH: (own, key),
            Credential.EARLIER: (_bearer(self.earlier or ""),),
        }.get(credential, (own,))

    def _exchanged(
        self, question: str, request: Request, asked: Asked, headers: Tuple[Header, ...]
    ) -> Tuple[Exchange, Optional[RawAnswer]]:
        method, path = _method_and_path(request)
        body = {"userName": self._username, **request.body}
        began = self._clock.steady()
        raw: Optional[RawAnswer] = None
        try:
            raw = self._transport.send(method, path, body, *headers)
            exchange = self._understood(question, request, asked, raw)
        except CallFailed as error:
            exchange = Exchange(question, request, error=error)
        line = {
            "question": question,
            "method": method,
            "path": path,
            "credential": "+".join(name for name, _value in headers),
            "sent": self._redaction.request(body),
            "status": exchange.status,
            "headers": {} if raw is None else {n: self._redaction.text(v) for n, v in raw.headers.items()},
            "answer": exchange.body,
            "seconds": round(self._clock.steady() - began, 3),
        }
        if exchange.body is None:
            line["instead"] = self._redaction.text(_instead(exchange, raw))
        self._write(line)
        return exchange, raw

    def _understood(self, question: str, request: Request, asked: Asked, raw: RawAnswer) -> Exchange:
        body = json_object(raw.body)
        place = None
        answer: Optional[Answer] = None
        error: Optional[CallFailed] = None
        try:
            if asked.call is Call.GENERATE:
                self._secrets.add(token_answer(asked, raw).value)  # before it is shown what else the answer says
                place = place_of_token(body or {})
            elif asked.call is Call.CAMPAIGN_STATUS:
                check_success(asked, raw)
                answer = Answer()
            else:
                answer = numbers_answer(asked, raw)
        except CallFailed as refusal:
            error = refusal
        shown = None if body is None else self._redaction.answer(body)
        if place is not None and shown is not None:
            shown = with_token(shown, place[0], jwt_lifetime(place[1]))
        return Exchange(question, request, raw.status, shown, answer, error)


def _method_and_path(request: Request) -> Tuple[str, str]:
    if request.target is Target.UPDATE:
        return "PUT", contract.UPDATE_PATHS[request.older]
    if request.target is Target.WRONG_METHOD:
        return "POST", contract.UPDATE_PATHS[request.older]
    return _REQUESTS[request.target]


def _bearer(token: str) -> Header:
    return "Authorization", f"Bearer {token}"


def _instead(exchange: Exchange, raw: Optional[RawAnswer]) -> str:
    """What came in the place of a JSON object."""
    if raw is None:
        return exchange.error.said if isinstance(exchange.error, CallFailed) else "no answer"
    return f"{len(raw.body)} bytes that are no JSON object"
