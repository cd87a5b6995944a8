# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown tables."""

from __future__ import annotations

from typing import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a vertical bar in a cell stays what it is. Raises ValueError for a row of another length."""
    if any(len(row) != len(heads) for row in rows):
        raise ValueError("a row has more or fewer cells than the table has columns")
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def short(value: float) -> str:
    """A figure with three digits that tell something: 0.0123, 1.23, 12.3, 123, 1,234."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
