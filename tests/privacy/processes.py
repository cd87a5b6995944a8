# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at every process that there is while something runs: its command line and its environment."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Dict, Optional, Set, Type

_EVERY = 0.03
"""Seconds from one look to the next."""
_LOOKS = 8
"""How often a process is looked at."""


class Watch:
    """In a `with` statement. ``seen``: what was seen under /proc, by the file's name there."""

    def __init__(self) -> None:
        self.seen: Dict[str, Set[bytes]] = {"cmdline": set(), "environ": set()}
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        ages: Dict[str, int] = {}
        while not self._over.wait(_EVERY):
            # for a while each is looked at again: at first it shows what the one shows that has started it
            ages = {name: ages.get(name, 0) + 1 for name in os.listdir("/proc") if name.isdecimal()}
            for process in (name for name, age in ages.items() if age <= _LOOKS):
                for name, found in self.seen.items():
                    with contextlib.suppress(OSError):  # it has ended, or is somebody else's
                        found.add((Path("/proc") / process / name).read_bytes())
            self.looks += 1
