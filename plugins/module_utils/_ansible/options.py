# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options shared by all modules: their argument spec, and how they are read; every fault is told at once."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar, Union

from ansible.module_utils.basic import AnsibleFallbackNotFound

from .._api.address import base_url, verification
from .._domain.errors import Fault, InvalidInput
from .._domain.secrets import MASK, SHORTEST
from .._state.location import Location, read_location, without_password

Params = Dict[str, Any]
Spec = Mapping[str, Mapping[str, Any]]
Value = TypeVar("Value")


_UNREADABLE = "\ufffd"
"""Stands for each byte of a text that is no UTF-8, which Ansible could neither log nor return."""


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _from_environment(name: str) -> str:
    """The value of a variable; one that is empty or blank counts as not set."""
    value = os.environ.get(name, "")
    if not value.strip():
        raise AnsibleFallbackNotFound
    return _readable(value)


def _location_from_environment(name: str) -> str:
    """The same for the state store, without a password that may stand in it: Ansible shows its options."""
    return without_password(_from_environment(name))


def _domain_from_environment(name: str) -> str:
    """The same for the domain, without what may be a secret in it."""
    return _shown_domain(_from_environment(name))


def _shown_domain(text: str) -> str:
    return _QUERY.sub(rf"\1{MASK}", _USER_INFORMATION.sub(f"{MASK}@", text))


def _env(name: str, read: Callable[[str], str] = _from_environment) -> Tuple[Any, List[str]]:
    return (read, [name])


# Mirrored by plugins/doc_fragments/cloudagent.py; a test holds the two together. What is needed, or excludes another,
# is checked in read_shared and not by Ansible, which would stop at the first fault.
SHARED: Spec = {
    "username": {"type": "str", "fallback": _env("OZONETEL_USERNAME")},
    "api_key": {"type": "str", "no_log": True, "fallback": _env("OZONETEL_API_KEY")},
    "token": {"type": "str", "no_log": True, "fallback": _env("OZONETEL_TOKEN")},
    "auth": {"type": "str", "choices": ["token", "api_key"], "default": "token"},
    "domain": {"type": "str", "default": "domestic", "fallback": _env("OZONETEL_DOMAIN", _domain_from_environment)},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 60.0},
    "rate_limit_wait": {"type": "float", "default": 300.0},
    "state_store": {"type": "str", "fallback": _env("OZONETEL_STATE_STORE", _location_from_environment)},
    "state_store_password": {"type": "str", "no_log": True, "fallback": _env("OZONETEL_STATE_STORE_PASSWORD")},
    "lock_timeout": {"type": "float", "default": 300.0},
}
SECRETS = ("api_key", "token", "state_store_password")
# What an action plugin hands to its module: no options, so that nobody sees them in a result or a message.
HANDED = ("_numbers_place", "_numbers_copy", "_numbers_problem", "_progress_path")

_USER_INFORMATION = re.compile(r"(?:(?<=//)|\A(?!https?://)).*@", re.DOTALL)
_QUERY = re.compile(r"([?#]).+", re.DOTALL)


def presentable(params: Params, spec: Spec) -> None:
    """Makes options safe to be shown and keeps them as they were written, before Ansible looks at them.

    It prints them when it refuses them, so that a password must not stand there; and it would turn a lone number that
    stands for a list into a text, in which nobody sees any more that YAML has changed it. An option that is null counts
    as not set, and so does one that is blank where an environment variable may stand for it.
    """
    _drop_blanks(params, spec)
    location, domain = params.get("state_store"), params.get("domain")
    if location is not None:
        params["state_store"] = without_password(location) if isinstance(location, str) else MASK
    if isinstance(domain, str):
        params["domain"] = _shown_domain(domain)
    for name, value in params.items():
        if isinstance(value, str):
            params[name] = _readable(value)
    for name in set(params) - set(spec):
        if not name.startswith("_ansible_"):  # a misspelt option, perhaps of a secret
            params[name] = MASK
    for name, option in spec.items():
        value = params.get(name)
        if option.get("type") == "list" and value is not None and not isinstance(value, (str, list)):
            params[name] = [value]


def _drop_blanks(params: Params, spec: Spec) -> None:
    for name, option in spec.items():
        value = params.get(name)
        if value is None or ("fallback" in option and isinstance(value, str) and not value.strip()):
            params.pop(name, None)


class Faults:
    """Collects what is wrong with the options: counts all, and keeps the first 1,000."""

    KEPT = 1000

    def __init__(self) -> None:
        self.found: List[Fault] = []
        self.count = 0

    def add(self, where: str, problem: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= self.KEPT:
            self.found.append(Fault(where, problem))

    def read(self, option: str, read: Callable[[], Value]) -> Optional[Value]:
        """What ``read`` gives; None if it raises ValueError, which is a fault of the option."""
        try:
            return read()
        except ValueError as problem:
            self.add(option, str(problem))
            return None

    def in_range(self, params: Params, option: str, least: float, most: float) -> None:
        """A number, if it is given, must lie between; NaN lies nowhere."""
        value = params[option]
        if value is not None and not least <= value <= most:
            shown = f"{value:g}" if isinstance(value, float) or abs(value) < 10**15 else "the number"
            self.add(option, f"{shown} is not between {least} and {most}")

    def stop_if_any(self) -> None:
        """Raises InvalidInput with all of them."""
        if self.found:
            raise InvalidInput(self.found, self.count)


@dataclass(frozen=True)
class Shared:
    """The shared options as read and found sound. ``url``: scheme and host; ``verify``: as transport takes it.

    ``named``: the store's place was given, so that it must be usable.
    """

    username: str
    api_key: Optional[str]
    token: Optional[str]
    by_token: bool
    url: str
    verify: Union[bool, str]
    timeout: float
    rate_limit_wait: float
    location: Location
    named: bool
    lock_timeout: float

    @property
    def account(self) -> str:
        """Names the account in the ledger; unlike a token, what is recorded outlives a rotated API key."""
        return f"{self.username} at {self.url}"


def read_shared(params: Params, faults: Faults, sends: bool = True) -> Shared:
    """Reads the shared options; a text that is empty counts as not set.

    ``sends``: the module talks to the server, and so needs credentials.
    No value of a secret is shown. What it gives must not be used before ``faults.stop_if_any()``.
    """
    for name, value in params.items():
        if isinstance(value, str) and _UNREADABLE in value:
            faults.add(name, "has a byte that is not UTF-8; write it in UTF-8")
    params = {name: None if value == "" else value for name, value in params.items()}
    url = faults.read("domain", lambda: base_url(params["domain"]))
    verify = faults.read("ca_path", lambda: verification(params["validate_certs"], params["ca_path"]))
    location = faults.read(
        "state_store", lambda: read_location(params["state_store"], params["state_store_password"], os.environ)
    )
    _check_credentials(params, faults, sends)
    faults.in_range(params, "timeout", 0.1, 3600)
    faults.in_range(params, "rate_limit_wait", 0, 86400)
    faults.in_range(params, "lock_timeout", 0, 86400)
    return Shared(
        username=params["username"] or "",
        api_key=params["api_key"],
        token=params["token"],
        by_token=params["auth"] == "token",
        url=url or "",
        verify=True if verify is None else verify,
        timeout=params["timeout"],
        rate_limit_wait=params["rate_limit_wait"],
        location=location or Location(),
        named=params["state_store"] is not None,
        lock_timeout=params["lock_timeout"],
    )


def _check_credentials(params: Params, faults: Faults, sends: bool) -> None:
    if not (params["username"] or "").strip():
        faults.add("username", "is not set; give the option username or the environment variable OZONETEL_USERNAME")
    elif not params["username"].isprintable():
        faults.add("username", "has characters that cannot be printed")
    elif params["username"] != params["username"].strip():
        faults.add("username", "begins or ends with a blank")
    for name in ("api_key", "token"):
        value = params[name]
        if value is not None and not (value.isascii() and value.isprintable() and " " not in value):
            hint = (
                "; give the token in the result of ozonetel_token, not the whole result"
                if name == "token" and "{" in value
                else ""
            )
            faults.add(name, f"has blanks or other characters that are not allowed in a header{hint}")
        elif value is not None and len(value) < SHORTEST:
            faults.add(name, f"has fewer than {SHORTEST} characters, so a part of it is missing")
    if not sends:
        return
    if params["auth"] == "api_key" and params["api_key"] is None:
        faults.add("api_key", "is not set; give the option api_key or the environment variable OZONETEL_API_KEY")
    elif params["api_key"] is None and params["token"] is None:
        faults.add(
            "api_key",
            "is not set; give the option api_key or the environment variable OZONETEL_API_KEY, or a token in the option"
            " token or OZONETEL_TOKEN",
        )
