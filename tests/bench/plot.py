# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time and memory over the length of the list, as a drawing that is the same for the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import matplotlib as mpl
from matplotlib.figure import Figure

from .samples import Line

_STYLE: Any = {
    "svg.hashsalt": "ozonetel.cloudagent",  # or each drawing has ids of its own
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_DRAWN_BY = {"Date": None, "Creator": None}


def draw(lines: List[Line], path: Path) -> None:
    """Writes the drawing (SVG): seconds on the left, memory on the right, both over the length."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10, 4), layout="constrained")
        time, memory = figure.subplots(1, 2)
        for line in lines:
            lengths = [point[0] for point in line.points]
            time.plot(lengths, [point[1] for point in line.points], marker="o", label=line.name)
            memory.plot(lengths, [point[2] for point in line.points], marker="o", label=line.name)
        _label(time, "seconds in the module")
        _label(memory, "peak memory of the module, MB")
        time.set_yscale("log")
        time.minorticks_off()
        memory.set_ylim(bottom=0)
        figure.savefig(path, format="svg", metadata=_DRAWN_BY)
    # matplotlib ends lines with blanks, which the checks of the repository do not like
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def _label(axes: Any, title: str) -> None:
    axes.set_xscale("log")
    axes.set_xlabel("numbers in the list")
    axes.set_title(title)
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
