# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures of one run, and what stands for several."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Dict, List, Mapping, Sequence, Tuple

Figures = Dict[str, float]
"""What one run has shown: ``seconds``, and besides what a measurement tells (``cpu`` seconds, ``peak`` MiB, …)."""

Medians = Mapping[str, Figures]
"""The medians of each measurement, by its name."""


@dataclass(frozen=True)
class Line:
    """One line of the plot: its name, and (numbers in the list, seconds, MiB) of each point."""

    name: str
    points: List[Tuple[int, float, float]]


def medians(samples: Sequence[Figures]) -> Figures:
    """The median of each figure; raises ValueError for samples that do not have the same figures."""
    if len({frozenset(sample) for sample in samples}) != 1:
        raise ValueError("the samples differ in their figures, or there are none")
    return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}


def spread(samples: Sequence[Figures], name: str) -> List[float]:
    """The least and the greatest value of a figure."""
    values = [sample[name] for sample in samples]
    return [min(values), max(values)]


def each(less: Figures, more: Figures, name: str, steps: int) -> float:
    """What one of so many more steps adds to a figure: whatever both runs have in common falls out."""
    return (more[name] - less[name]) / steps
