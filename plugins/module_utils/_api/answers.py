# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Classifies whatever the server answers: a typed result, or one of the errors of the domain and nothing else.

Errors come in the body, often with HTTP 200: the body decides, then the status (contract G1).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from .._domain.calls import Answer, Call, IssuedToken
from .._domain.errors import (
    CallFailed,
    CredentialsRefused,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    NotByTheApplication,
    NumbersRefused,
    RateLimited,
    Refused,
    ServerFault,
    TokenRefused,
)
from .._domain.secrets import Secrets
from . import contract

KEPT_HEADERS = ("Date", "Content-Type", "Retry-After", "Allow")
"""Headers of an answer that tell something about the server."""

_LONGEST_MESSAGE = 300
_LONGEST_HOST = 100
_LONGEST_HEADER = 200
_MOST_LISTED = 1000  # of a batch of at most 100
_NUMBER_KINDS = frozenset({str, int})
# What Unicode has never shown (Default_Ignorable_Code_Point) besides the categories Cc and Cf.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_RATE_ADVICE = "Raise rate_limit_wait to let the task wait for the limit, or lower the number of runs."
_CREDENTIALS_ADVICE = (
    "Check username, api_key and domain (domestic, international, or a partner's host), and the account's setting"
    " API Authentication: TOKEN_AUTH goes with auth=token, BASIC_AUTH with auth=api_key."
)
_BASIC_AUTH_ADVICE = "The account's setting API Authentication is BASIC_AUTH: use auth=api_key, or set TOKEN_AUTH."
_TOKEN_AUTH_ADVICE = "The account's setting API Authentication is TOKEN_AUTH: use auth=token, or set BASIC_AUTH."
_DOMAIN_ADVICE = "Check domain: domestic, international, or the host name of a partner."
_FORBIDDEN_ADVICE = (
    "A firewall, or the account's list of allowed addresses, may refuse this machine."
    " The token is not renewed for that."
)


@dataclass(frozen=True)
class RawAnswer:
    """An HTTP answer as received. ``retry_after`` in seconds; ``location``: scheme and host of a redirect's target;
    ``headers``: those in KEPT_HEADERS, by name as written there, without secrets."""

    status: int
    body: bytes = b""
    retry_after: Optional[float] = None
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """The request that is answered. ``text``: method and path; ``by_token``: authenticated by a bearer token.

    ``secrets``: what is masked in the server's words, which may repeat what was sent.
    """

    call: Call
    text: str
    by_token: bool
    secrets: Secrets


def shown_host(location: str, secrets: Secrets) -> str:
    """Scheme and host of a redirect's target; no path or query, which may hold what the request held."""
    if not location:
        return ""
    try:
        url = urlsplit(secrets.mask(location))  # before it is taken apart: a part of a secret is not recognised
        host = secrets.mask(f"{url.scheme}://{url.hostname}") if url.scheme and url.hostname else ""
    except ValueError:
        return ""
    return host[:_LONGEST_HOST] if host.isprintable() else ""


def kept_headers(headers: Mapping[str, str], secrets: Secrets) -> Dict[str, str]:
    """The headers of an answer that are kept, without secrets and no longer than they need be."""
    masked = {name: secrets.mask(headers[name]) for name in KEPT_HEADERS if name in headers}
    return {name: text[:_LONGEST_HEADER] for name, text in masked.items() if text.isprintable()}


def token_answer(asked: Asked, raw: RawAnswer) -> IssuedToken:
    """Reads the answer to a token generation (contract T1 to T5)."""
    body = json_object(raw.body)
    if body is not None:
        found = place_of_token(body)
        if found is not None:
            return IssuedToken(found[1], jwt_lifetime(found[1]) or contract.TOKEN_LIFETIME)
    raise _refusal(asked, raw, body)


def check_success(asked: Asked, raw: RawAnswer) -> None:
    """Reads an answer that only matters for being a success (contract N5)."""
    body = json_object(raw.body)
    if body is None or _status_word(body) != contract.SUCCESS_WORD:
        raise _refusal(asked, raw, body)


def numbers_answer(asked: Asked, raw: RawAnswer) -> Answer:
    """Reads the answer to create, update or delete (contract C3, U3, X2)."""
    body = json_object(raw.body)
    if body is None or _status_word(body) != contract.SUCCESS_WORD:
        raise _refusal(asked, raw, body)
    sent, output = _object_at(body, "input"), _object_at(body, "output")
    group_id = output.get("lastInsertId") if asked.call is Call.CREATE else sent.get("id")
    return Answer(
        group_id=_whole_number(group_id) or None,
        succeeded=_texts(output.get("succes")) + _texts(output.get("success")),
        failed=_texts(output.get("error")),
        inserted=_whole_number(output.get("inserted")),
        new=_whole_number(output.get("new")),
        deleted=_whole_number(output.get("deleted")),
        lists=_has_lists(output),
    )


def json_object(body: bytes) -> Optional[Dict[str, Any]]:
    """The JSON object that a body holds, if it does."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _object_at(body: Dict[str, Any], key: str) -> Dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _whole_number(value: Any) -> Optional[int]:
    """Counters and ids; also as digits in a string. A counter below nought or beyond reason counts as none given."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
        return value
    return None


def _texts(value: Any) -> Tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    listed = value[:_MOST_LISTED]
    kinds = set(map(type, listed))  # of JSON, so that there is no other kind of text or whole number than these
    if kinds <= {str}:
        return tuple(listed)
    return tuple(str(item) for item in listed if type(item) in _NUMBER_KINDS)


def _has_lists(output: Dict[str, Any]) -> bool:
    """Whether there are lists, and of numbers only."""
    lists = [output[name] for name in ("succes", "success", "error") if name in output]
    return bool(lists) and all(map(_is_list_of_numbers, lists))


def _is_list_of_numbers(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_LISTED and _NUMBER_KINDS.issuperset(map(type, value))


def place_of_token(body: Dict[str, Any]) -> Optional[Tuple[Tuple[str, ...], str]]:
    """Where a token stands in an answer (contract T5), and the token."""
    for path in contract.TOKEN_FIELDS:
        value: Any = body
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and value and value.isascii() and value.isprintable() and " " not in value:
            return path, value
    return None


def jwt_lifetime(token: str) -> Optional[float]:
    """Seconds by the token's own exp and iat (contract T4), which need not agree with this machine's clock.

    None where it has none, or none that can be believed.
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        lifetime = float(claims["exp"]) - float(claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError, binascii.Error):
        return None
    return lifetime if 0 < lifetime <= 24 * contract.TOKEN_LIFETIME else None


def _status_word(body: Dict[str, Any]) -> Optional[str]:
    """The status word in lower case; None where there is none (a number is the HTTP status of some web framework)."""
    value = body.get("status")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.strip().lower() if isinstance(value, str) else None


def _refusal(asked: Asked, raw: RawAnswer, body: Optional[Dict[str, Any]]) -> CallFailed:
    """The error that an answer without success stands for."""
    said = _said(body, asked.secrets)
    words = _words(body, asked.secrets)
    error = _refusal_by_words(asked, raw, body, said, words) if body is not None else None
    if error is None:
        error = _refusal_by_status(asked, raw, said)
    error.words = words
    return error


def _said(body: Optional[Dict[str, Any]], secrets: Secrets) -> str:
    """The server's own words, without secrets, trimmed to one printable line, with the fields it finds fault with."""
    if body is None:
        return ""
    parts = [body["message"]] if isinstance(body.get("message"), str) else []
    parts += [value for value in _object_at(body, "errors").values() if isinstance(value, str)]
    line = _one_line(": ".join(parts), secrets)
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}…"


def _one_line(text: str, secrets: Secrets) -> str:
    """Printable text without secrets. What is not seen is dropped first, since it might stand in the middle of one."""
    return " ".join("".join(c if c.isprintable() else " " for c in secrets.mask(visible(text))).split())


def visible(text: str) -> str:
    """A text without what is not seen of it."""
    return "".join(c for c in _IGNORABLE.sub("", text) if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))


def _words(body: Optional[Dict[str, Any]], secrets: Secrets) -> str:
    """The message alone, in the form in which words are compared."""
    message = body.get("message") if body is not None else None
    return _one_line(message, secrets).rstrip(".").strip().lower() if isinstance(message, str) else ""


def _refusal_by_words(
    asked: Asked, raw: RawAnswer, body: Dict[str, Any], said: str, words: str
) -> Optional[CallFailed]:
    text, status = asked.text, raw.status
    if words.startswith((contract.TOO_MANY_CALLS, contract.TOO_MANY_AT_ONCE)):
        at_once = words.startswith(contract.TOO_MANY_AT_ONCE)
        return RateLimited(text, said, _RATE_ADVICE, status, raw.retry_after, at_once)
    credentials = _refusal_of_credentials(asked, raw, said, words)
    if credentials is not None:
        return credentials
    if words == contract.UNKNOWN_GROUP:
        return GroupUnknown(text, said, "Check name and group_id.", status)
    if words == contract.MANDATORY_MISSING:
        advice = "Give description and expiry_date if they were left out: the server wants them."
        return Refused(text, said, advice, status, documented=True)
    if words == contract.INVALID_DATA:
        fields = {key.lower() for key in _object_at(body, "errors")}
        if fields == {contract.NUMBERS_FIELD}:
            return NumbersRefused(text, said, "The web console takes 3 to 16 digits with an optional +.", status)
        return Refused(text, said, "Change what the message names.", status, documented=True)
    if _status_word(body) in contract.FAILURE_WORDS and status < 500 and status not in (401, 403, 405, 429):
        return Refused(text, said or "no message", status=status)
    return None


def _refusal_of_credentials(asked: Asked, raw: RawAnswer, said: str, words: str) -> Optional[CallFailed]:
    text, status = asked.text, raw.status
    if words == contract.ACCOUNT_IN_BASIC_AUTH:
        return CredentialsRefused(text, said, _BASIC_AUTH_ADVICE, status)
    if words == contract.ACCOUNT_IN_TOKEN_AUTH:
        return CredentialsRefused(text, said, _TOKEN_AUTH_ADVICE, status)
    if words in contract.CREDENTIAL_REFUSALS or (words in contract.TOKEN_REFUSALS and not asked.by_token):
        return CredentialsRefused(text, said, _CREDENTIALS_ADVICE, status)
    if words in contract.TOKEN_REFUSALS:
        return TokenRefused(text, said, _CREDENTIALS_ADVICE, status)
    return None


def _refusal_by_status(asked: Asked, raw: RawAnswer, message: str) -> CallFailed:
    text, status = asked.text, raw.status
    said = message or "no message"
    if status == 429:
        return RateLimited(text, said, _RATE_ADVICE, status, raw.retry_after)
    if status == 401:
        refused = TokenRefused if asked.by_token else CredentialsRefused
        return refused(text, said, _CREDENTIALS_ADVICE, status)
    if status == 403:
        return NotByTheApplication(text, said, _FORBIDDEN_ADVICE, status)
    if status in (404, 405):
        return EndpointMissing(text, said, f"The path is not served there. {_DOMAIN_ADVICE}", status)
    if 300 <= status < 400:
        target = f"a redirect to {raw.location}" if raw.location else "a redirect"
        return NotByTheApplication(text, f"{target}, which is not followed", _DOMAIN_ADVICE, status)
    if status >= 500:
        return ServerFault(text, said, "The server failed; run again later.", status)
    if 200 <= status < 300:
        return NoAnswer(text, message or "the answer is not one of this API", f"{_DOMAIN_ADVICE}", status)
    return NotByTheApplication(text, said, _DOMAIN_ADVICE, status)
