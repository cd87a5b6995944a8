# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional

from .._domain.expiry import utc_text
from .._state.tokens import Token
from .options import SHARED, Faults, Params, Shared, Spec
from .parts import Parts
from .run import Report, Task

SPEC: Spec = {
    **SHARED,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
    "min_validity": {"type": "int", "default": 300},
    "return_token": {"type": "bool", "default": True, "no_log": False},
}


@dataclass(frozen=True)
class TokenOptions:
    """The options as read. ``min_validity`` in seconds."""

    present: bool
    force: bool
    min_validity: int
    return_token: bool


def _read(params: Params, now: float, faults: Faults) -> TokenOptions:
    faults.in_range(params, "min_validity", 0, 3500)
    if params["auth"] == "api_key":
        faults.add("auth", "is api_key, which needs no token; use auth=token to obtain one")
    if params["state"] == "absent" and params["force"]:
        faults.add("force", "can only be used with state=present")
    return TokenOptions(params["state"] == "present", params["force"], params["min_validity"], params["return_token"])


def _given(shared: Shared, options: TokenOptions) -> Optional[Report]:
    """With a token that was given there is nothing to do."""
    if shared.token is None:
        return None
    said = "The option token is given and used as it is: nothing is generated, stored or forgotten."
    return Report({"changed": False, "generated": False, "requests_sent": 0, "msg": said})


def _work(parts: Parts, options: TokenOptions) -> Report:
    """Provides a token that is good for min_validity seconds, or forgets the stored one."""
    if not options.present:
        return _absent(parts)
    return _would_be(parts, options) if parts.check_mode else _present(parts, options)


def _present(parts: Parts, options: TokenOptions) -> Report:
    token = parts.sending.broker.renewed() if options.force else parts.sending.broker.get(options.min_validity)
    return Report(_result(parts, token), secret_result=_returned(token, options))


def _would_be(parts: Parts, options: TokenOptions) -> Report:
    """Check mode: what would be done, by what the store holds."""
    stored = parts.sending.broker.usable(options.min_validity)
    if stored is not None and not options.force:
        result = {**_result(parts, stored), "msg": "The stored token would be used."}
        return Report(result, secret_result=_returned(stored, options))
    from .._api.transport import look_for_library

    look_for_library()
    next_at = parts.sending.broker.usage().next_at
    when = "" if next_at is None else f", not before {utc_text(next_at)}"
    return Report({**_result(parts, None), "changed": True, "msg": f"A token would be generated{when}."})


def _absent(parts: Parts) -> Report:
    stored = parts.sending.broker.stored()
    if stored is not None and not parts.check_mode:
        parts.sending.broker.forget()
    return Report({**_result(parts, None), "changed": stored is not None})


def _returned(token: Token, options: TokenOptions) -> Dict[str, Any]:
    return {"token": token.value} if options.return_token else {}


def _result(parts: Parts, token: Optional[Token]) -> Dict[str, Any]:
    usage = parts.sending.broker.usage()
    generated = token is not None and token.generated
    return {
        "changed": generated,
        "generated": generated,
        "expires_at": None if token is None else utc_text(token.expires_at),
        "generated_last_hour": usage.last_hour,
        "next_generation_at": None if usage.next_at is None else utc_text(usage.next_at),
        "requests_sent": parts.sent,
    }


TOKEN: Task[TokenOptions] = Task(SPEC, _read, _work, without_parts=_given)
