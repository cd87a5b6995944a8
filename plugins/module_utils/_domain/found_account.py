# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe has found out about hosts, credentials, tokens and answers in general (contract A, T, N5, G)."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .errors import CredentialsRefused, RateLimited, ServerFault, TokenRefused
from .exchange import JWT, OPAQUE_TOKEN, Exchange
from .seen import Found, Seen, both, told

_AS_DOCUMENTED_TOKEN = JWT.format(seconds=3600)  # T4
_TOKENS = (JWT.partition("{")[0], OPAQUE_TOKEN)  # how what stands for a token begins
_SIGNS = {"api key should not be": "BASIC_AUTH", "token should not be": "TOKEN_AUTH"}  # A4
_OTHER_PLACES = ("authToken", "data.token", "data.authToken")  # T5
_ERROR_WORDS = ("error", "false", "fail", "fails", "failure")  # G2


def auth_setting(seen: Seen) -> Optional[str]:
    """TOKEN_AUTH or BASIC_AUTH; None where the answers do not tell."""
    own = seen.answered("status")
    if own is None:
        return None
    for sign, setting in _SIGNS.items():
        if sign in own.message.lower():
            return setting
    made_up = seen.answered("made_up_credential")
    if own.refused and made_up is not None and not _is_not_taken(seen, made_up):
        return None  # it says the same to any credential
    if isinstance(own.error, (CredentialsRefused, TokenRefused)):
        return None
    return "TOKEN_AUTH" if seen.by_token else "BASIC_AUTH"


def _a1(seen: Seen) -> Optional[Found]:
    return Found(True) if seen.answered("status") is not None else None


def _a2(seen: Seen) -> Optional[Found]:
    setting = auth_setting(seen)
    return None if setting is None else Found(True, f"the account is set to {setting}")


def _a3(seen: Seen) -> Optional[Found]:
    exchange = _answered(seen, "both_headers")
    return None if exchange is None else Found(_is_not_taken(seen, exchange), told(exchange))


def _is_not_taken(seen: Seen, exchange: Exchange) -> bool:
    """Whether an answer is about the credential: it is not the one that the account's own gets."""
    own = seen.answered("status")
    same = own is not None and (own.refused, own.message) == (exchange.refused, exchange.message)
    return exchange.refused and not same


def _a4(seen: Seen) -> Optional[Found]:
    exchange = _answered(seen, "other_kind")
    if exchange is None:
        return None
    return Found(any(sign in exchange.message.lower() for sign in _SIGNS), told(exchange))


def _answered(seen: Seen, question: str) -> Optional[Exchange]:
    """What the application itself has answered; None where it does not look at credentials in such a request."""
    exchange, made_up = seen.answered(question), seen.answered("made_up_credential")
    if exchange is None:
        return None
    if question != "status" and made_up is not None and not _is_not_taken(seen, made_up):
        return None
    return exchange


def _token(seen: Seen) -> Optional[Tuple[str, str]]:
    """The place of a generated token in its answer, and what stands for it."""
    exchange = seen.get("generate")
    if exchange is None or exchange.body is None or exchange.error is not None:
        return None
    for place in ("token", *_OTHER_PLACES):
        value: Any = exchange.body
        for key in place.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str) and value.startswith(_TOKENS):
            return place, value
    return None


def _t1(seen: Seen) -> Optional[Found]:
    token, exchange = _token(seen), seen.get("generate")
    if token is None or exchange is None or exchange.body is None:
        return None
    has_status = "status" in exchange.body
    beside = f"with the status {exchange.body['status']}" if has_status else "without a status"
    return Found(token[0] == "token" and not has_status, f"it comes under {token[0]}, {beside}")


def _t3(seen: Seen) -> Optional[Found]:
    earlier = _answered(seen, "earlier_token")
    if earlier is None:
        return None
    return Found(_is_not_taken(seen, earlier), f"an earlier token, after a newer one was generated: {told(earlier)}")


def _t4(seen: Seen) -> Optional[Found]:
    token = _token(seen)
    return None if token is None else Found(token[1] == _AS_DOCUMENTED_TOKEN, f"it is {token[1].strip('()')}")


def _t5(seen: Seen) -> Optional[Found]:
    token = _token(seen)
    return None if token is None or token[0] not in _OTHER_PLACES else Found(True, f"it comes under {token[0]}")


def _t6(seen: Seen) -> Optional[Found]:
    words = {"made up": _answered(seen, "made_up_credential"), "superseded": _answered(seen, "earlier_token")}
    parts = [f"one that is {name}: {told(exchange)}" for name, exchange in words.items() if exchange is not None]
    return Found(None, both(*parts)) if parts else None


def _n5(seen: Seen) -> Optional[Found]:
    exchange = _answered(seen, "status")
    return None if exchange is None else Found(True, told(exchange))


def _g1(seen: Seen) -> Optional[Found]:
    statuses = sorted({exchange.status for exchange in seen.refusals() if exchange.status is not None})
    return Found(True, f"refusals came with HTTP {_listed(statuses)}") if statuses else None


def _g2(seen: Seen) -> Optional[Found]:
    taken = _status_words(exchange for exchange in seen.transcript.values() if exchange.answer is not None)
    refused = _status_words(seen.refusals())
    if not taken and not refused:
        return None
    known = {word.lower() for word in taken} <= {"success"} and {word.lower() for word in refused} <= {*_ERROR_WORDS}
    words = [f"taken: {_listed(taken)}" if taken else "", f"refused: {_listed(refused)}" if refused else ""]
    return Found(known, both(*words))


def _status_words(exchanges: Any) -> List[str]:
    return sorted({str(exchange.body["status"]) for exchange in exchanges if "status" in (exchange.body or {})})


def _g3(seen: Seen) -> Optional[Found]:
    exchange = _answered(seen, "made_up_credential")
    if exchange is None:
        return None
    known = isinstance(exchange.error, (CredentialsRefused, TokenRefused))
    return Found(known, told(exchange))


def _g4(seen: Seen) -> Optional[Found]:
    for place, exchange in enumerate(seen.transcript.values(), 1):
        if isinstance(exchange.error, RateLimited):
            return Found(True, f"question {place} of this probe: {told(exchange)}")
    return None


def _g5(seen: Seen) -> Optional[Found]:
    exchange = seen.get("wrong_method")
    if exchange is None or isinstance(exchange.error, (RateLimited, ServerFault)):
        return None
    return Found(exchange.status == 405 and exchange.body is None, told(exchange))


def _listed(values: Any) -> str:
    return ", ".join(map(str, values))


FOUND: Dict[str, Callable[[Seen], Optional[Found]]] = {
    "A1": _a1,
    "A2": _a2,
    "A3": _a3,
    "A4": _a4,
    "T1": _t1,
    "T3": _t3,
    "T4": _t4,
    "T5": _t5,
    "T6": _t6,
    "N5": _n5,
    "G1": _g1,
    "G2": _g2,
    "G3": _g3,
    "G4": _g4,
    "G5": _g5,
}
"""What is found out about each statement; None where the transcript does not show it."""
