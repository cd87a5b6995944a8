# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tests of the role block_groups_page: pages that Ansible has made, and a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.chromium import browser, opened
from ansible_collections.ozonetel.cloudagent.tests.unit.pages import RolePlayer, busy_groups

__all__ = ["browser", "opened"]


@pytest.fixture
def player(tmp_path: Path) -> RolePlayer:
    """Plays the role."""
    return RolePlayer(tmp_path)


@pytest.fixture(scope="session")
def searchable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of busy groups, with their numbers."""
    return RolePlayer(tmp_path_factory.mktemp("searchable")).play(busy_groups(), numbers=True).path


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of busy groups, without their numbers."""
    return RolePlayer(tmp_path_factory.mktemp("plain")).play(busy_groups()).path
