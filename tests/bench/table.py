# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables and headings in reStructuredText."""

from __future__ import annotations

from typing import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, of cells in reStructuredText, each a line; raises ValueError for a row of another length."""
    if any(len(row) != len(heads) for row in rows):
        raise ValueError("a row has more or fewer cells than the table has columns")
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for first, *others in (heads, *rows):
        lines += [f"   * - {first}", *(f"     - {cell}" for cell in others)]
    return "\n".join(line.rstrip() for line in lines)


def heading(title: str, line: str = "=") -> str:
    """A heading, underlined."""
    return f"{title}\n{line * len(title)}"


def short(value: float) -> str:
    """A figure with three digits that tell something: 0.0123, 1.23, 12.3, 123, 1,234."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
