# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options shared by all modules, their constraints, and what is checked of them before anything else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.basic import env_fallback

from .._api.transport import base_url, verification
from .._domain.errors import Fault, InvalidInput


@dataclass(frozen=True)
class Spec:
    """An argument spec with its constraints, as AnsibleModule takes them."""

    options: Mapping[str, Mapping[str, Any]]
    required_if: Sequence[Tuple[Any, ...]] = ()
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()


# Secrets are masked wherever they occur in a result; one of a few characters would take the result apart.
SHORTEST_SECRET = 8


def _env(name: str) -> Tuple[Any, List[str]]:
    return (env_fallback, [name])


# Mirrored by plugins/doc_fragments/cloudagent.py; a test holds the two together.
SHARED = Spec(
    options={
        "username": {"type": "str", "required": True, "fallback": _env("OZONETEL_USERNAME")},
        "api_key": {"type": "str", "no_log": True, "fallback": _env("OZONETEL_API_KEY")},
        "token": {"type": "str", "no_log": True, "fallback": _env("OZONETEL_TOKEN")},
        "auth": {"type": "str", "choices": ["token", "api_key"], "default": "token"},
        "domain": {"type": "str", "default": "domestic", "fallback": _env("OZONETEL_DOMAIN")},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 60.0},
        "rate_limit_wait": {"type": "float", "default": 300.0},
        "state_store": {"type": "str", "fallback": _env("OZONETEL_STATE_STORE")},
        "lock_timeout": {"type": "float", "default": 300.0},
    },
    required_if=(("auth", "api_key", ("api_key",)),),
    required_one_of=(("api_key", "token"),),
)


def with_shared(spec: Spec) -> Spec:
    """Adds the shared options and what goes with them to those of a module that talks to the server."""
    return Spec(
        options={**SHARED.options, **spec.options},
        required_if=(*SHARED.required_if, *spec.required_if),
        required_by={**SHARED.required_by, **spec.required_by},
        required_one_of=(*SHARED.required_one_of, *spec.required_one_of),
        mutually_exclusive=(*SHARED.mutually_exclusive, *spec.mutually_exclusive),
    )


def without_credentials(spec: Spec) -> Spec:
    """Adds the shared options to those of a module that sends nothing, so that module_defaults serve it too."""
    return replace(spec, options={**SHARED.options, **spec.options})


def shared_faults(params: Dict[str, Any]) -> List[Fault]:
    """Everything wrong with the shared options; no value of a secret is shown."""
    faults: List[Fault] = []
    checks: Tuple[Callable[[], object], ...] = (
        lambda: base_url(params["domain"]),
        lambda: verification(params["validate_certs"], params["ca_path"]),
    )
    for check in checks:
        try:
            check()
        except InvalidInput as error:
            faults += error.faults
    for name in ("api_key", "token"):
        value = params[name]
        if value is not None and not (value and value.isascii() and value.isprintable() and " " not in value):
            faults.append(Fault(name, "is empty or has blanks or other characters that cannot stand in a header"))
        elif value is not None and len(value) < SHORTEST_SECRET:
            faults.append(Fault(name, f"has fewer than {SHORTEST_SECRET} characters, so it is not the whole of it"))
    if not params["username"].strip():
        faults.append(Fault("username", "is empty; give the CloudAgent user name"))
    faults += number_in_range(params, "timeout", 0.1, 3600)
    faults += number_in_range(params, "rate_limit_wait", 0, 86400)
    faults += number_in_range(params, "lock_timeout", 0, 86400)
    return faults


def number_in_range(params: Dict[str, Any], name: str, least: float, most: float) -> List[Fault]:
    """A fault if a number is given and lies outside; NaN lies outside of everything."""
    value = params[name]
    if value is None or least <= value <= most:
        return []
    return [Fault(name, f"{value:g} is not between {least:g} and {most:g}")]


def read_option(
    faults: List[Fault], option: str, value: Optional[str], read: Callable[[Any], Any], read_none: bool = False
) -> Any:
    """The value of an option as read, or None; what is wrong with it is added to the faults."""
    if value is None and not read_none:
        return None
    try:
        return read(value)
    except ValueError as problem:
        faults.append(Fault(option, str(problem)))
        return None
