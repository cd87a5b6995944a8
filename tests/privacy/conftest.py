# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a life of an account whose secrets are recognised, lived in two ways."""

from __future__ import annotations

from typing import List

import pytest

from ansible_collections.ozonetel.cloudagent.tests.privacy.scene import Scene
from ansible_collections.ozonetel.cloudagent.tests.unit.conftest import postgresql
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer

__all__ = ["postgresql"]

_FIGURES: List[str] = []
LIVES = {"variables": (True, "jwt"), "environment": (False, "opaque")}
"""Where key and password come from, and the form of the tokens."""


@pytest.fixture(scope="session", params=LIVES)
def life(
    request: pytest.FixtureRequest, postgresql: PostgreSQLServer, tmp_path_factory: pytest.TempPathFactory
) -> Scene:
    """A life, lived to its end."""
    in_variables, token_form = LIVES[request.param]
    scene = Scene(postgresql, tmp_path_factory.mktemp(request.param), token_form)
    scene.live(in_variables)
    searched = sum(map(len, scene.places().values()))
    _FIGURES.append(
        f"credentials in {request.param}: {searched / 2**20:.1f} MiB searched in {len(scene.places())} places,"
        f" {len(scene.secrets)} secrets; {len(scene.watch.seen['cmdline']):,} command lines seen in"
        f" {scene.watch.looks:,} looks"
    )
    return scene


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells the figures."""
    for line in _FIGURES:
        terminalreporter.write_line(line)
