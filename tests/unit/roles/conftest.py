# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tests of the role block_groups_page: pages that Ansible has made, and a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator, List

import pytest
from playwright.sync_api import Browser

from ansible_collections.ozonetel.cloudagent.tests.unit.chromium import Opened, started
from ansible_collections.ozonetel.cloudagent.tests.unit.pages import RolePlayer, busy_groups

Open = Callable[..., Opened]


@pytest.fixture
def player(tmp_path: Path) -> RolePlayer:
    """Plays the role."""
    return RolePlayer(tmp_path)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    yield from started()


@pytest.fixture(scope="session")
def searchable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of busy groups, with their numbers."""
    return RolePlayer(tmp_path_factory.mktemp("searchable")).play(busy_groups(), numbers=True).path


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of busy groups, without their numbers."""
    return RolePlayer(tmp_path_factory.mktemp("plain")).play(busy_groups()).path


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens pages in the browser: a file, and the ``width`` and ``scheme`` to show it in."""
    pages: List[Opened] = []

    def open_page(file: Path, width: int = 1280, scheme: str = "light") -> Opened:
        pages.append(Opened(browser, file, width, scheme))
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()
