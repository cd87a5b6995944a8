# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures of the unit tests."""

from __future__ import annotations

from ansible_collections.ozonetel.cloudagent.tests.unit.conftest import (  # noqa: F401
    _simulator,
    postgresql,
    simulator,
)
