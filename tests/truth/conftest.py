# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures of the unit tests, and a folder for many small stores."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Iterator

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.conftest import (
    _simulator,
    location,
    postgresql,
    runner,
    simulator,
)

__all__ = ["_simulator", "folder", "location", "postgresql", "runner", "simulator"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is such a place."""
    made = tempfile.mkdtemp(prefix="truth-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    yield Path(made)
    shutil.rmtree(made)
