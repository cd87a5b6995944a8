# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives every host the variables of the file that EXAMPLES_VARIABLES names: those that examples presume."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict

from ansible.plugins.vars import BaseVarsPlugin


class VarsModule(BaseVarsPlugin):  # type: ignore[misc]
    """Of the lowest rank, so that what an example sets goes before it."""

    def get_vars(self, loader: Any, path: str, entities: Any, cache: bool = True) -> Dict[str, Any]:
        """The variables."""
        super().get_vars(loader, path, entities)
        given: Dict[str, Any] = json.loads(Path(os.environ["EXAMPLES_VARIABLES"]).read_text(encoding="utf-8"))
        return given
