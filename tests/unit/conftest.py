# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a simulated CloudAgent, tasks run against it, and places for the state store on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer, server_for_tests
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """A simulated CloudAgent as at its beginning."""
    _simulator.reset()
    return _simulator


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """A running PostgreSQL server."""
    yield from server_for_tests()


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """A place for a state store that was never used, on each engine."""
    if request.param == "sqlite":
        return Location(directory=str(tmp_path / "state"))
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    return empty_database(server)


@pytest.fixture
def runner(simulator: Simulator, tmp_path: Path) -> Runner:
    """Runs tasks against the simulator, with a store of their own."""
    return Runner(simulator, Location(directory=str(tmp_path / "state")))


@pytest.fixture
def runner_on_each_engine(simulator: Simulator, location: Location) -> Runner:
    """Runs tasks against the simulator, with a store on each engine."""
    return Runner(simulator, location)
