# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulated CloudAgent, a place for playbooks, and the figures that are told at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.load.playbooks import Playbooks
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.conftest import _simulator, location, postgresql, simulator

__all__ = ["_simulator", "location", "postgresql", "simulator"]

_FIGURES: List[str] = []


@pytest.fixture
def figure() -> Callable[[str], None]:
    """Takes one line, told when all tests have ended."""
    return _FIGURES.append


@pytest.fixture
def playbooks(simulator: Simulator, location: Location, tmp_path: Path) -> Playbooks:
    """Runs playbooks for the simulator's account, with a store on each engine."""
    return Playbooks(simulator, location, tmp_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells the figures."""
    for line in _FIGURES:
        terminalreporter.write_line(line)
