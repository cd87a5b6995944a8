# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of a task calls what it hands over as the module does.

It is not imported here: whatever imports Ansible's controller changes how modules in the same process print. What it
does is tested by the integration targets block_numbers_file and progress.
"""

from __future__ import annotations

import ast
from pathlib import Path

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import HANDED

ACTION = Path(__file__).resolve().parents[4] / "plugins" / "action" / "ozonetel_block_group.py"


def test_both_sides_call_by_the_same_names_what_is_handed_over() -> None:
    named = {
        node.value
        for node in ast.walk(ast.parse(ACTION.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("_")
    }
    assert named - {"_"} == set(HANDED)
