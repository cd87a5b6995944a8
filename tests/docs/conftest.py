# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site as `make docs` has built it, and a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.chromium import ARTEFACTS, browser, opened

__all__ = ["browser", "opened"]


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    folder = ARTEFACTS.parent / "docs"
    assert (folder / "index.html").is_file(), "the site is not built: make docs"
    return folder
