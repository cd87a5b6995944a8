# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What task.py is asked to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Dict


@dataclass(frozen=True)
class Job:
    """``numbers_file`` is given to the module, or where it takes no file (``as_list``), read into a list before."""

    numbers_file: str
    as_list: bool
    check_mode: bool = False
    options: Dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """As the program takes it."""
        return json.dumps(asdict(self))


def read_job(text: str) -> Job:
    """The other way round."""
    return Job(**json.loads(text))
