# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which token a preflight tries: the one that is given or stored, else one that it generates, if that may be done."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Optional

from .._domain.checks import Check, Verdict
from .._domain.errors import (
    CallFailed,
    CloudAgentError,
    RateLimited,
    StoreError,
    StoreUnavailable,
    TokenNotObtained,
    foreseen,
)
from .._domain.expiry import utc_text
from .._state.store import Store, open_store
from .._state.tokens import GENERATIONS_AN_HOUR, SPARE_SECONDS, Token, Usage
from .parts import Parts, patience
from .preflight_local import Kept, Local, is_in_memory, kept_in, what_is_kept
from .preflight_server import Tried, a_token

_GIVEN = "the token that is given"
_STORED = "the stored token"
_NEW = "the token that was generated just now"


@dataclass(frozen=True)
class Had:
    """What became of the token. ``tried``: what to try with the account; ``refused``: why the server gave none."""

    check: Check
    token: Optional[Token] = None
    tried: Optional[Tried] = None
    usage: Optional[Usage] = None
    refused: Optional[CallFailed] = None


def without_generating(parts: Parts, local: Local, why_not: str) -> Had:
    """What is there already; ``why_not``: why no token is generated, if there is none."""
    return _there_already(parts, local) or _none(local, why_not)


def obtained(parts: Parts, local: Local) -> Had:
    """What is there already, else a token that is generated: the only thing that a preflight writes."""
    had = _there_already(parts, local)
    if had is not None:
        return had
    if not local.store_usable:
        return _none(local, "it could not be stored: it would be lost, and would make those of others invalid")
    if is_in_memory(parts.shared):
        return _generated(parts, parts.store)
    try:
        store = open_store(parts.shared.location, False, parts.clock, patience(parts.shared))
    except StoreError as error:
        goes_on = isinstance(error, StoreUnavailable) and not parts.shared.named
        advice = "No token was generated: it could not be stored. Repair the store, or give another one in state_store."
        return Had(Check("token", Verdict.SKIPPED if goes_on else Verdict.FAILED, str(error), advice))
    with contextlib.closing(store):
        return _generated(parts, store)


def _none(local: Local, why_not: str) -> Had:
    usage = local.kept.usage if local.kept is not None else None
    said = f"No token is stored. None is generated, since {why_not}.{_with_usage(usage)}"
    return Had(Check("token", Verdict.SKIPPED, said), usage=usage)


def _there_already(parts: Parts, local: Local) -> Optional[Had]:
    """The key or the token that a run would use, or that it could have none; None where it would generate one."""
    shared, kept = parts.shared, local.kept
    usage = kept.usage if kept is not None else None
    if not shared.by_token:
        key = Tried(("apiKey", shared.api_key or ""), "the API key")
        return Had(Check("token", Verdict.OK, "None is needed with auth=api_key."), tried=key, usage=usage)
    if shared.token is not None:
        said = "The option token is given; it is used as it is, and neither stored nor renewed."
        return Had(Check("token", Verdict.OK, said), tried=a_token(shared.token, _GIVEN, False), usage=usage)
    if kept is not None and kept.token is not None:
        return _stored(parts, kept, kept.token)
    if usage is not None and usage.next_at is not None:
        return Had(_used_up(parts, usage), usage=usage)
    return None


def _tried(parts: Parts, token: Token, usage: Optional[Usage]) -> Tried:
    """A token of the store, for which a newer one may have been stored in the meantime."""

    def newer() -> Optional[str]:
        found = None if is_in_memory(parts.shared) else what_is_kept(parts).token
        return found.value if found is not None and found.value != token.value else None

    why_not = ""
    if usage is not None and usage.next_at is not None and not _waits(parts, usage.next_at):
        why_not = (
            f"No other can be generated before {utc_text(usage.next_at)}. {_told(usage)} Run then, or let a run wait"
            " with rate_limit_wait. Or give a token that is still good."
        )
    return a_token(token.value, _NEW if token.generated else _STORED, not token.generated, why_not, newer)


def _stored(parts: Parts, kept: Kept, token: Token) -> Had:
    said = f"One is stored and good until {utc_text(token.expires_at)}.{_with_usage(kept.usage)}"
    return Had(Check("token", Verdict.OK, said), token, _tried(parts, token, kept.usage), kept.usage)


def _generated(parts: Parts, store: Store) -> Had:
    """Generates one, once; another process may have been quicker."""
    broker = parts.sending.broker_on(store)
    try:
        token = broker.get(SPARE_SECONDS)
    except Exception as error:
        return _not_generated(parts, foreseen(error), _usage(parts, store))
    usage = _usage(parts, store)
    until = f"good until {utc_text(token.expires_at)}.{_with_usage(usage)}"
    how = "was generated, and stored" if token.generated else "was just stored by another run"
    how = "was generated, and is kept nowhere, since state_store is none" if is_in_memory(parts.shared) else how
    check = Check("token", Verdict.OK, f"One {how}; it is {until}")
    if broker.warnings:
        advice = "The store has failed in the meantime: repair it."
        check = Check("token", Verdict.WARNING, " ".join([*broker.warnings, f"It is {until}"]), advice)
    return Had(check, token, _tried(parts, token, usage), usage)


def _not_generated(parts: Parts, error: CloudAgentError, usage: Optional[Usage]) -> Had:
    cause = error.__cause__ if isinstance(error, TokenNotObtained) else None
    if not isinstance(cause, CallFailed):
        return Had(Check("token", Verdict.FAILED, str(error)), usage=usage)
    advice = cause.advice
    if isinstance(cause, RateLimited):
        advice = (
            f"The server allows {GENERATIONS_AN_HOUR} token generations an hour, and something else may have used them"
            " up. Give a token that is still good, or run later."
        )
    elif cause.maybe_done:
        advice = f"{advice} The generation may have counted, and may have made an earlier token invalid."
    return Had(Check("token", Verdict.FAILED, cause.told, advice), usage=usage, refused=cause)


def _usage(parts: Parts, store: Store) -> Optional[Usage]:
    """None where it is not on record, or cannot be read any more."""
    if is_in_memory(parts.shared):
        return None
    try:
        return kept_in(store, parts).usage
    except StoreError:
        return None


def _used_up(parts: Parts, usage: Usage) -> Check:
    """Ten were sent within the hour, and no token is stored: nothing is sent, and a preflight does not wait."""
    next_at = usage.next_at or 0.0
    waits = _waits(parts, next_at)
    then = "A run waits for it (rate_limit_wait)." if waits else "Run then, or let a run wait with rate_limit_wait."
    return Check(
        "token",
        Verdict.WARNING if waits else Verdict.FAILED,
        f"No token is stored, and none can be generated before {utc_text(next_at)}. {_told(usage)}",
        f"{then} Or give a token that is still good.",
    )


def _waits(parts: Parts, next_at: float) -> bool:
    """Whether a run would wait for the next generation."""
    return next_at - parts.clock.now() <= parts.shared.rate_limit_wait


def _with_usage(usage: Optional[Usage]) -> str:
    return "" if usage is None else f" {_told(usage)}"


def _told(usage: Usage) -> str:
    left = max(0, GENERATIONS_AN_HOUR - usage.last_hour)
    return f"Generations within the last hour: {usage.last_hour} on record, {left} left."
