# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks against a simulated CloudAgent as the modules run them."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible import block_group, block_group_info, token
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import Spec
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Parts, Report, failed
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import CloudAgentError
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator


class FakeClock:
    """A clock that only moves when it is told to, or slept on."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.slept: List[float] = []

    def now(self) -> float:
        """The time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Notes the wait and moves on."""
        self.slept.append(seconds)
        self.time += seconds


class RealRunner:
    """Runs tasks with the options of a playbook, without the process around a module."""

    clock: Optional[FakeClock] = None
    last_warnings: Sequence[str] = ()

    def __init__(self, url: str, username: str, api_key: str, store: str) -> None:
        self.options: Dict[str, Any] = {
            "username": username,
            "api_key": api_key,
            "domain": url,
            "state_store": store,
            "rate_limit_wait": 0.0,
        }

    def run(
        self,
        spec: Spec,
        task: Callable[[Parts], Report],
        check_mode: bool,
        options: Dict[str, Any],
        only_reads: bool = False,
    ) -> Report:
        """One task, with the defaults of its argument spec."""
        params = {name: option.get("default") for name, option in spec.options.items()}
        params.update(self.options)
        params.update(options)
        parts = Parts(params, check_mode, only_reads)
        if self.clock is not None:
            parts.clock = self.clock  # type: ignore[assignment]
        try:
            return task(parts)
        except CloudAgentError as error:
            return failed(error, parts)
        finally:
            self.last_warnings = parts.warnings
            parts.close()

    def group(self, check_mode: bool = False, **options: Any) -> Report:
        """Runs ozonetel_block_group."""
        whole = {"name": "Nuisance", "description": "Reported", **options}
        return self.run(block_group.SPEC, block_group.block_group_task, check_mode, whole)

    def token(self, check_mode: bool = False, **options: Any) -> Report:
        """Runs ozonetel_token."""
        return self.run(token.SPEC, token.token_task, check_mode, options)

    def info(self, **options: Any) -> Report:
        """Runs ozonetel_block_group_info."""
        return self.run(block_group_info.SPEC, block_group_info.block_group_info_task, False, options, only_reads=True)


class Runner(RealRunner):
    """Runs tasks against a simulator in this process, on a clock that only moves when it is told to."""

    clock: FakeClock

    def __init__(self, simulator: Simulator, store: str) -> None:
        super().__init__(simulator.url, simulator.username, simulator.api_key, store)
        self.simulator = simulator
        self.clock = FakeClock(simulator.server.account.now())
