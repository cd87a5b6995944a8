# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_preflight: whether a run could work, and if not, what stands in its way.

Every check stands alone. Nothing is written but a token, and at most one is generated.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._domain.checks import Check, Verdict, is_ready, summary, table
from .._domain.errors import CredentialsRefused, foreseen
from .._domain.expiry import utc_text
from .._state.tokens import GENERATIONS_AN_HOUR
from .options import SHARED, Faults, Params, Spec
from .parts import Parts
from .preflight_local import Local, look_around
from .preflight_server import SETTINGS, Reached, find_setting, look_up, reach, skipped, try_account
from .preflight_token import Had, obtained, without_generating
from .run import Report, Task

SPEC: Spec = SHARED


def _read(params: Params, now: float, faults: Faults) -> None:
    """There is nothing to read besides the shared options."""


def _work(parts: Parts, options: None) -> Report:
    local = look_around(parts)
    reached, why_not = _reached(parts, local)
    had = _had(parts, local, why_not)
    account, setting = _account(parts, had, why_not)
    checks = [*local.checks, *reached.checks, had.check, account]
    result = {**_result(parts, had, checks), "auth_setting": setting, "clock_offset": reached.offset}
    return Report(result, failure=None if is_ready(checks) else summary(checks))


def _reached(parts: Parts, local: Local) -> Tuple[Reached, str]:
    """The way to the server, and why nothing more is asked of it, if so."""
    if parts.check_mode:
        why_not = "check mode sends nothing"
        return Reached(tuple(skipped(why_not, "dns", "reach", "tls", "clock"))), why_not
    if not local.requests:
        why_not = "the library requests is missing"
        dns = look_up(parts.shared.url, by_proxy=False)
        return Reached((dns, *skipped(why_not, "reach", "tls", "clock"))), why_not
    try:
        reached = reach(parts)
    except Exception as error:
        failed = Check("reach", Verdict.FAILED, str(foreseen(error)))
        reached = Reached((failed, *skipped("the server was not reached", "dns", "tls", "clock")))
    return reached, "" if reached.answered else "the server cannot be reached"


def _had(parts: Parts, local: Local, why_not: str) -> Had:
    try:
        return without_generating(parts, local, why_not) if why_not else obtained(parts, local)
    except Exception as error:
        return Had(Check("token", Verdict.FAILED, str(foreseen(error))))


def _account(parts: Parts, had: Had, why_not: str) -> Tuple[Check, Optional[str]]:
    setting = SETTINGS.get(had.refused.words) if had.refused is not None else None
    if had.refused is not None and setting is not None:
        said = f"The account's setting API Authentication is {setting}, so that it gives no tokens."
        return Check("account", Verdict.FAILED, said, had.refused.advice), setting
    if why_not or isinstance(had.refused, CredentialsRefused):
        return skipped(why_not or "username or api_key was refused", "account")[0], None
    try:
        return find_setting(parts) if had.tried is None else try_account(parts, had.tried)
    except Exception as error:
        return Check("account", Verdict.FAILED, str(foreseen(error))), None


def _result(parts: Parts, had: Had, checks: Sequence[Check]) -> Dict[str, Any]:
    usage, generated = had.usage, had.token is not None and had.token.generated
    next_at = None if usage is None or usage.next_at is None else utc_text(usage.next_at)
    return {
        "changed": generated,
        "generated": generated,
        "requests_sent": parts.sent,
        "ready": is_ready(checks),
        "checks": _told(checks),
        "table": table(checks),
        "generations_last_hour": None if usage is None else usage.last_hour,
        "generations_left": None if usage is None else max(0, GENERATIONS_AN_HOUR - usage.last_hour),
        "next_generation_at": next_at,
        "token_expires_at": None if had.token is None else utc_text(had.token.expires_at),
        **({"msg": summary(checks)} if is_ready(checks) else {}),
    }


def _told(checks: Sequence[Check]) -> List[Dict[str, str]]:
    return [
        {"name": check.name, "verdict": check.verdict.value, "said": check.said, "advice": check.advice}
        for check in checks
    ]


PREFLIGHT: Task[None] = Task(SPEC, _read, _work, opens_store=True)
