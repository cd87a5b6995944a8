# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks against a simulated CloudAgent as the modules run them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group import BLOCK_GROUP
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import BLOCK_GROUP_INFO
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import SECRETS, presentable
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.parts import Surroundings, SystemClock
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report, Task, performed
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.token import TOKEN
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import Clock
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location

if TYPE_CHECKING:  # measurements run tasks without these
    from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import Wire
    from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator


class FakeClock:
    """A clock that only moves when it is told to, or slept on."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self._set_by = 0.0
        self.slept: List[float] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        """The time."""
        return self.time

    def set(self, seconds: float) -> None:
        """Somebody sets the clock, by so many seconds."""
        self.time += seconds
        self._set_by += seconds

    def steady(self) -> float:
        """The time, however the clock was set."""
        return self.time - self._set_by

    def sleep(self, seconds: float) -> None:
        """Notes the wait and moves on."""
        with self._lock:  # several threads may wait
            self.slept.append(seconds)
            self.time += seconds


class RealRunner:
    """Runs tasks with the options of a playbook, without the process around a module."""

    def __init__(self, url: str, username: str, api_key: str, store: str, password: Optional[str] = None) -> None:
        """``store`` and ``password``: the options state_store and state_store_password."""
        self.options: Dict[str, Any] = {
            "username": username,
            "api_key": api_key,
            "domain": url,
            "state_store": store,
            "state_store_password": password,
            "rate_limit_wait": 0.0,
        }
        self.wire: Optional[Wire] = None
        self.around_clock: Clock = SystemClock()

    def run(self, task: Task[Any], check_mode: bool, options: Dict[str, Any]) -> Report:
        """One task, with the defaults of its argument spec."""
        given = {**self.options, **options}
        presentable(given, task.spec)
        params = {**{name: option.get("default") for name, option in task.spec.items()}, **given}
        secrets = Secrets(params[name] for name in SECRETS)
        around = Surroundings(
            check_mode, secrets, self.around_clock, self.wire, task.only_reads, opens_store=task.opens_store
        )
        return performed(task, params, around)

    def group(self, check_mode: bool = False, **options: Any) -> Report:
        """Runs ozonetel_block_group."""
        return self.run(BLOCK_GROUP, check_mode, {"name": "Nuisance", "description": "Reported", **options})

    def token(self, check_mode: bool = False, **options: Any) -> Report:
        """Runs ozonetel_token."""
        return self.run(TOKEN, check_mode, options)

    def probe(self, check_mode: bool = False, **options: Any) -> Report:
        """Runs ozonetel_account_probe, which loads what other tasks may not need."""
        from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.account_probe import ACCOUNT_PROBE

        return self.run(ACCOUNT_PROBE, check_mode, {"confirm": True, **options})

    def info(self, **options: Any) -> Report:
        """Runs ozonetel_block_group_info."""
        return self.run(BLOCK_GROUP_INFO, False, options)

    def preflight(self, check_mode: bool = False, **options: Any) -> Report:
        """Runs ozonetel_preflight, which does so, too."""
        from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.preflight import PREFLIGHT

        return self.run(PREFLIGHT, check_mode, options)


class Runner(RealRunner):
    """Runs tasks against a simulator in this process, on a clock that only moves when it is told to."""

    def __init__(self, simulator: Simulator, location: Location) -> None:
        store = location.url or location.directory or "none"
        super().__init__(simulator.url, simulator.username, simulator.api_key, store, location.password)
        self.simulator = simulator
        self.location = location
        self.clock = FakeClock(simulator.server.account.now())
        self.around_clock = self.clock

    @property
    def account(self) -> str:
        """The account's name in the ledger."""
        return f"{self.options['username']} at {self.options['domain']}"
