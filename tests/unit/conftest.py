# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulated CloudAgent, and tasks run against it."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """A simulated CloudAgent as at its beginning."""
    _simulator.reset()
    return _simulator


@pytest.fixture
def runner(simulator: Simulator, tmp_path: Path) -> Runner:
    """Runs tasks against the simulator, with a store of their own."""
    return Runner(simulator, str(tmp_path / "state"))
