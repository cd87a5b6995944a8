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
    if isinstance(own.error, (CredentialsRefused, TokenRefused)):
        return None
    return "TOKEN_AUTH" if seen.by_token else "BASIC_AUTH"


def _a1(seen: Seen) -> Optional[Found]:
    return Found(True) if seen.answered("status") is not None else None


def _a2(seen: Seen) -> Optional[Found]:
    setting = auth_setting(seen)
    return None if setting is None else Found(True, f"the account is set to {setting}")


def _a3(seen: Seen) -> Optional[Found]:
    exchange = seen.answered("both_headers")
    return None if exchange is None else _of_credentials(seen, exchange)


def _a4(seen: Seen) -> Optional[Found]:
    exchange = seen.answered("other_kind")
    if exchange is None:
        return None
    return Found(any(sign in exchange.message.lower() for sign in _SIGNS), told(exchange))


def _of_credentials(seen: Seen, exchange: Exchange, what: str = "") -> Found:
    """What is said of credentials that should not be taken."""
    kept_out = _is_kept_out(seen, exchange)
    own = ", as with one's own credentials" if kept_out is False and exchange.refused else ""
    return Found(kept_out, f"{what}{told(exchange)}{own}")


def _is_kept_out(seen: Seen, exchange: Exchange) -> Optional[bool]:
    """Whether credentials are not taken; None where a refusal may be for something else than them.

    What one's own are answered with may be a refusal, too: that there is no such campaign.
    """
    if exchange.answer is not None:
        return False
    if isinstance(exchange.error, (CredentialsRefused, TokenRefused)):
        return True
    own = seen.answered("status")
    if own is None:
        return None
    return own.answer is not None or own.message != exchange.message


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
    return Found(token[0] == "token" and not has_status, f"it stands under {token[0]}, {beside}")


def _t3(seen: Seen) -> Optional[Found]:
    earlier = seen.answered("earlier_token")
    if earlier is None:
        return None
    return _of_credentials(seen, earlier, "an earlier token, after a newer one was generated: ")


def _t4(seen: Seen) -> Optional[Found]:
    token = _token(seen)
    return None if token is None else Found(token[1] == _AS_DOCUMENTED_TOKEN, f"it is {token[1].strip('()')}")


def _t5(seen: Seen) -> Optional[Found]:
    token = _token(seen)
    return None if token is None or token[0] not in _OTHER_PLACES else Found(True, f"it stands under {token[0]}")


def _t6(seen: Seen) -> Optional[Found]:
    words = {"made up": seen.answered("made_up_credential"), "superseded": seen.answered("earlier_token")}
    parts = [f"one that is {name}: {told(exchange)}" for name, exchange in words.items() if exchange is not None]
    return Found(None, both(*parts)) if parts else None


def _n5(seen: Seen) -> Optional[Found]:
    exchange = seen.answered("status")
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
    exchange = seen.answered("made_up_credential")
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
