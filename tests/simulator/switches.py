# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The switches of the simulator: everything that the vendor does not document, with each way the server may be.

Each entry: name → (default, what it takes, contract lines). A tuple is a choice; a type is any value of it; "pattern"
is a regular expression.
"""

from __future__ import annotations

import math
import re
from typing import Any, Dict, Tuple

Kind = Any
SWITCHES: Dict[str, Tuple[Any, Kind, str]] = {
    # create
    "duplicate_group": ("refuse", ("refuse", "second", "merge"), "C9"),
    "duplicate_group_words": ("Group name already exists", str, "C9"),
    "create_accepts": ("string", ("string", "any"), "C2, C9"),
    "create_confirms": ("error", ("succes", "error", "nowhere"), "C3, C4"),
    "create_blocks": (True, bool, "C4"),
    # update
    "update_path": ("singular", ("singular", "plural", "both", "none"), "U1, U6"),
    "missing_endpoint_status": (404, (404, 405), "G5"),
    "unknown_group_words": ("Invalid group id", str, "U5, U6"),
    "present_listed": ("succes", ("succes", "error", "nowhere"), "U6"),
    "counters": ("truthful", ("truthful", "full", "absent"), "U4, U6, X2"),
    "deleted_counter": ("as counters", ("as counters", "truthful", "full", "absent"), "X2"),
    "malformed": ("refuse_batch", ("refuse_batch", "list_alone"), "U6"),
    "fewest_digits": (3, int, "N2"),
    "most_digits": (16, int, "N2"),
    "refused_numbers": ("", "pattern", "N2, C6"),
    "unique_numbers": ("no", ("no", "refuse", "move"), "N2, U6"),
    "update_takes_expiry": (True, bool, "U6"),
    "update_takes_description": (True, bool, "U6"),
    "description_required_on_update": (True, bool, "U5"),
    "expiry_required": (False, bool, "C9, U5"),
    "past_expiry": ("take", ("take", "refuse"), "N4"),
    "expired_numbers_vanish": (False, bool, "N4"),
    # delete
    "delete_scope": ("by_name", ("by_name", "needs_id", "account_wide"), "X3"),
    "delete_of_unknown_id": ("refuse", ("refuse", "nothing"), "X3"),
    "absent_listed": ("success", ("success", "error"), "X2"),
    # numbers
    "number_form": ("domestic", ("domestic", "as_given"), "N1"),
    # campaign status
    "unknown_campaign": ("success", ("success", "error"), "N5"),
    # authentication
    "auth_mode": ("TOKEN_AUTH", ("TOKEN_AUTH", "BASIC_AUTH"), "A2, A4"),
    "auth_failure_status": (200, (200, 401), "T6, G3"),
    "auth_failure_words": ("Token Expired", str, "T6, G3, C6"),
    "generation_failure_status": (200, (200, 401), "T6"),
    "generation_limit": (10, int, "T3"),
    "generation_limit_status": (200, (200, 429), "T6"),
    "refused_generation_counts": (False, bool, "T6"),
    "token_lifetime": (3600, int, "T3, T4"),
    "token_field": ("token", ("token", "authToken", "data.token", "data.authToken"), "T1, T5"),
    "token_form": ("jwt", ("jwt", "opaque"), "T4"),
    "token_message": ("", str, "T1"),
    # answers in general
    "error_http": (200, (200, 400), "G1"),
    "success_word": ("success", str, "G2"),
    "error_word": ("error", str, "G2"),
    "rate_limit": (0, int, "G4"),
    "rate_limit_status": (429, (200, 429), "G4"),
    "retry_after": ("", str, "G4"),
    "latency": (0.0, float, "G5"),
    # for tests
    "set_cookie": ("", str, ""),
    "read_only": (False, bool, ""),
}


class UnknownSwitch(ValueError):
    """There is no such switch, or it does not take such a value."""


def defaults() -> Dict[str, Any]:
    """All switches as they are at the beginning."""
    return {name: default for name, (default, _kind, _lines) in SWITCHES.items()}


def checked(name: str, value: Any) -> Any:
    """A value for a switch, from JSON or from the text of a command line; raises UnknownSwitch."""
    if name not in SWITCHES:
        raise UnknownSwitch(f"there is no switch {name!r}; there are {', '.join(sorted(SWITCHES))}")
    _default, kind, _lines = SWITCHES[name]
    if isinstance(kind, tuple):
        for choice in kind:
            if value == choice or str(value) == str(choice):
                return choice
        raise UnknownSwitch(f"{name} takes {', '.join(map(str, kind))}, not {value!r}")
    if kind is bool:
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise UnknownSwitch(f"{name} takes true or false, not {value!r}")
    if kind == "pattern":
        return _pattern(name, value)
    return _text(name, value) if kind is str else _amount(name, kind, value)


def _pattern(name: str, value: Any) -> str:
    try:
        re.compile(_text(name, value))
    except re.error as error:
        raise UnknownSwitch(f"{name} takes a regular expression, and {value!r} is none: {error}") from None
    return str(value)


def _text(name: str, value: Any) -> str:
    """One line: the text may become a header."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).isprintable():
        return str(value)
    raise UnknownSwitch(f"{name} takes one line of text, not {value!r}")


def _amount(name: str, kind: Kind, value: Any) -> Any:
    try:
        amount = kind(str(value))
    except ValueError:
        amount = -1
    if amount < 0 or not math.isfinite(amount):
        raise UnknownSwitch(f"{name} takes {'a whole number' if kind is int else 'seconds'} from 0 up, not {value!r}")
    return amount
