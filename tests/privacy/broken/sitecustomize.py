# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the library for requests break in the middle of one, and show it."""

from __future__ import annotations

import os
import signal
from typing import Any

import requests


def _broken(*parts: Any, **named: Any) -> None:
    shown = repr((parts, named))
    if os.environ["BROKEN"] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    raise {"exit": SystemExit, "error": RuntimeError}[os.environ["BROKEN"]](shown)


requests.Request = _broken  # type: ignore[assignment,misc]
