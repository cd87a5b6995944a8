# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_token."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .._domain.errors import Fault, InvalidInput
from .._state.store import utc_text
from .._state.tokens import Token, TokenBroker
from .options import Spec, number_in_range, shared_faults, with_shared
from .run import Parts, Report

SPEC = with_shared(
    Spec(
        options={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "force": {"type": "bool", "default": False},
            "min_validity": {"type": "int", "default": 300},
            "return_token": {"type": "bool", "default": True, "no_log": False},
        }
    )
)


def token_task(parts: Parts) -> Report:
    """Provides a token that is good for min_validity seconds, or forgets the stored one."""
    params = parts.params
    faults = shared_faults(params) + _faults(params)
    if faults:
        raise InvalidInput(faults)
    if params["token"] is not None:
        said = "The option token is given and used as it is: nothing is generated, stored or forgotten."
        return Report({"changed": False, "generated": False, "requests_sent": 0, "msg": said})
    if params["state"] == "absent":
        return _absent(parts)
    return _would_be(parts) if parts.check_mode else _present(parts)


def _faults(params: Dict[str, Any]) -> List[Fault]:
    faults = number_in_range(params, "min_validity", 0, 3500)
    if params["auth"] == "api_key":
        faults.append(Fault("auth", "api_key goes without a token; use auth=token to obtain one"))
    if params["state"] == "absent" and params["force"]:
        faults.append(Fault("force", "goes with state=present only"))
    return faults


def _present(parts: Parts) -> Report:
    broker = parts.broker
    token = broker.renewed() if parts.params["force"] else broker.get(parts.params["min_validity"])
    report = Report(_result(parts, broker, token))
    if parts.params["return_token"]:
        report.secret_result["token"] = token.value
    return report


def _would_be(parts: Parts) -> Report:
    """Check mode: what would be done, by what the store holds."""
    broker = parts.broker
    stored = broker.stored()
    lasts = stored is not None and stored.expires_at - parts.clock.now() >= parts.params["min_validity"]
    if lasts and not parts.params["force"]:
        report = Report({**_result(parts, broker, stored), "msg": "The stored token would be used."})
        if stored is not None and parts.params["return_token"]:
            report.secret_result["token"] = stored.value
        return report
    next_at = broker.usage().next_at
    when = "" if next_at is None else f", not before {utc_text(next_at)}"
    result = {**_result(parts, broker, None), "changed": True, "msg": f"A token would be generated{when}."}
    return Report(result)


def _absent(parts: Parts) -> Report:
    stored = parts.broker.stored()
    if stored is not None and not parts.check_mode:
        parts.broker.forget()
    return Report({**_result(parts, parts.broker, None), "changed": stored is not None})


def _result(parts: Parts, broker: TokenBroker, token: Optional[Token]) -> Dict[str, Any]:
    usage = broker.usage()
    generated = token is not None and token.generated
    return {
        "changed": generated,
        "generated": generated,
        "expires_at": None if token is None else utc_text(token.expires_at),
        "generated_last_hour": usage.last_hour,
        "next_generation_at": None if usage.next_at is None else utc_text(usage.next_at),
        "requests_sent": parts.requests_sent(),
    }
