# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the parts, runs a task, turns its report or an error into the module's result: the one exit."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Dict, List, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._api.client import Caller, Client, RefusingClient, generate_token
from .._api.transport import Transport, base_url, verification
from .._domain.errors import CheckModeWrite, CloudAgentError, InvalidInput, MissingLibrary, StoreUnavailable
from .._domain.protocols import BlockNumbers, IssuedToken
from .._domain.waiting import WaitingBudget
from .._state.postgresql import secrets_of
from .._state.store import Store, StoredFacts, default_directory, is_postgresql, open_store
from .._state.tokens import FixedToken, TokenBroker, account_key
from .options import Spec
from .secrets import masked, register


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@dataclass
class Report:
    """What a task has to say. ``failure``: why the task fails, if it does; ``secret_result``: returned unmasked."""

    result: Dict[str, Any] = field(default_factory=dict)
    warnings: List[str] = field(default_factory=list)
    failure: Optional[str] = None
    secret_result: Dict[str, Any] = field(default_factory=dict)


class Parts:
    """What a task is built from; each part is made when it is first asked for."""

    def __init__(self, params: Dict[str, Any], check_mode: bool, only_reads: bool = False) -> None:
        """``only_reads``: the task is about what is recorded, so it neither writes nor can do without a store."""
        self.params = params
        self.check_mode = check_mode
        self._only_reads = only_reads
        self.clock = SystemClock()
        self.warnings: List[str] = []
        self._closing = contextlib.ExitStack()

    def close(self) -> None:
        """Closes what was opened."""
        self._closing.close()

    @cached_property
    def url(self) -> str:
        """Scheme and host of the API."""
        return base_url(self.params["domain"])

    @property
    def account(self) -> str:
        """Names the account in the ledger; unlike a token, what is recorded outlives a rotated API key."""
        return f"{self.params['username']} at {self.url}"

    @cached_property
    def store(self) -> Store:
        """The state store; in check mode a copy that nothing can be written to."""
        store = self._opened_store()
        self._closing.callback(store.close)
        return store

    def _opened_store(self) -> Store:
        place = self.params["state_store"]
        read_only = self.check_mode or self._only_reads
        if place == "none":
            return open_store(None, read_only, self.clock)
        if place:
            return open_store(place, read_only, self.clock)
        try:
            return open_store(default_directory(os.environ), read_only, self.clock)
        except StoreUnavailable as error:
            if self._only_reads:
                raise
            self.warnings.append(
                f"{error} This task goes on without a store: its token is not shared with other tasks and nothing is"
                " remembered. Set state_store to a directory that can be written, or to none."
            )
            return open_store(None, read_only, self.clock)

    @cached_property
    def facts(self) -> StoredFacts:
        """How the account was found to answer."""
        return StoredFacts(self.store, self.account)

    @cached_property
    def transport(self) -> Transport:
        """The connection to the server, which is made with the first request."""
        verify = verification(self.params["validate_certs"], self.params["ca_path"])
        transport = Transport(self.url, self.params["timeout"], verify, self.clock)
        self._closing.callback(transport.close)
        return transport

    @cached_property
    def waiting(self) -> WaitingBudget:
        """How long this task may still wait for limits of the server."""
        return WaitingBudget(self.params["rate_limit_wait"], self.clock)

    @cached_property
    def broker(self) -> TokenBroker:
        """The token broker of the account."""
        key = account_key(self.url, self.params["username"], self.params["api_key"])
        return TokenBroker(self.store, key, self._generate, self.clock, self.waiting, self.params["lock_timeout"])

    def _generate(self) -> IssuedToken:
        if self.check_mode:
            raise CheckModeWrite("A token was to be generated in check mode; please report this as a defect.")
        return generate_token(
            Caller(self.transport, self.waiting, self.clock), self.params["username"], self.params["api_key"]
        )

    @cached_property
    def client(self) -> BlockNumbers:
        """The calls on block number groups; in check mode one that refuses them all."""
        if self.check_mode:
            return RefusingClient()
        caller = Caller(self.transport, self.waiting, self.clock)
        if self.params["auth"] == "api_key":
            return Client(caller, self.params["username"], None, self.params["api_key"], self.facts)
        tokens = FixedToken(self.params["token"]) if self.params["token"] else self.broker
        return Client(caller, self.params["username"], tokens, None, self.facts)

    def requests_sent(self) -> int:
        """How many requests this task has sent, token generations among them."""
        return self.transport.sent if "transport" in self.__dict__ else 0

    def secrets(self) -> List[str]:
        """Every secret that this task has come across."""
        tokens = self.broker.seen if "broker" in self.__dict__ else set()
        place = self.params["state_store"] or ""
        passwords = secrets_of(place) if is_postgresql(place) else []
        return [value for value in (self.params["api_key"], self.params["token"], *tokens, *passwords) if value]


def run(spec: Spec, task: Callable[[Parts], Report], only_reads: bool = False) -> None:
    """Runs a module's task and ends the process with its result. ``only_reads`` as in Parts."""
    module = AnsibleModule(
        argument_spec={name: dict(option) for name, option in spec.options.items()},
        required_if=list(spec.required_if),
        required_by=dict(spec.required_by),
        required_one_of=list(spec.required_one_of),
        mutually_exclusive=list(spec.mutually_exclusive),
        supports_check_mode=True,
    )
    parts = Parts(module.params, module.check_mode, only_reads)
    try:
        report = task(parts)
    except CloudAgentError as error:
        report = failed(error, parts)
    parts.close()
    _exit(module, parts, report)


def failed(error: CloudAgentError, parts: Parts) -> Report:
    """The report of a task that was stopped before it changed anything."""
    result: Dict[str, Any] = {"changed": False, "requests_sent": parts.requests_sent()}
    if isinstance(error, InvalidInput):
        result["faults"] = [{"where": fault.where, "problem": fault.problem} for fault in error.faults]
    return Report(result, failure=explained(error))


def explained(error: CloudAgentError) -> str:
    """The message of an error, in Ansible's usual words for a missing library."""
    if isinstance(error, MissingLibrary):
        return str(missing_required_lib(error.library, reason=error.reason))
    return str(error)


def _exit(module: AnsibleModule, parts: Parts, report: Report) -> None:
    secrets = parts.secrets()
    returned = set(map(str, report.secret_result.values()))
    register(module, [secret for secret in secrets if secret not in returned])
    for warning in [*parts.warnings, *report.warnings]:
        module.warn(masked(warning, secrets))
    result = {**masked(report.result, secrets), **report.secret_result}
    if report.failure is not None:
        module.fail_json(msg=masked(report.failure, secrets), **result)
    module.exit_json(**result)
