# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On what was measured: nothing that tells whose machine it is."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import List


def machine() -> List[str]:
    """Cores, processor and versions, each as a short text."""
    return [
        f"{_cores()} cores",
        _processor(),
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"ansible-core {version('ansible-core')}",
        f"requests {version('requests')}",
        f"SQLite {sqlite3.sqlite_version}",
    ]


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _colon, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown processor"
