# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight has found: one verdict for each thing that a run needs, and all of them as a table for people."""

from __future__ import annotations

import enum
import textwrap
from dataclasses import dataclass
from typing import List, Optional, Sequence

WIDTH = 100
"""Characters of a line of the table, unless a single word is longer."""
_HEADINGS = ("check", "verdict", "what was found, and what to do")
_CLOCK_MAY_BE_OFF = 60.0


class Verdict(enum.Enum):
    """What a check has come to. ``SKIPPED``: it could not be looked at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """One thing that a run needs: what was found, and what to do about it. ``FAILED``: a run could not work."""

    name: str
    verdict: Verdict
    said: str
    advice: str = ""


def is_ready(checks: Sequence[Check]) -> bool:
    """Whether a run could work, as far as could be seen."""
    return all(check.verdict is not Verdict.FAILED for check in checks)


def summary(checks: Sequence[Check]) -> str:
    """One sentence or two: whether a run could work, and what to look at."""
    named = {verdict: ", ".join(check.name for check in checks if check.verdict is verdict) for verdict in Verdict}
    if named[Verdict.FAILED]:
        said = f"A run could not work. Failed: {named[Verdict.FAILED]}."
    else:
        said = "Nothing stands in the way of a run, as far as could be seen."
    for verdict, words in ((Verdict.WARNING, "Look at"), (Verdict.SKIPPED, "Not looked at")):
        said += f" {words}: {named[verdict]}." if named[verdict] else ""
    return said


def table(checks: Sequence[Check]) -> List[str]:
    """The checks as lines of plain text, in columns."""
    name_width = max(len(text) for text in (_HEADINGS[0], *(check.name for check in checks)))
    verdict_width = max(len(text) for text in (_HEADINGS[1], *(verdict.value for verdict in Verdict)))
    rest = WIDTH - name_width - verdict_width - 4

    def line(name: str, verdict: str, text: str) -> str:
        return f"{name:{name_width}}  {verdict:{verdict_width}}  {text}".rstrip()

    lines = [line(*_HEADINGS), line("-" * name_width, "-" * verdict_width, "-" * rest)]
    for check in checks:
        first, *more = [*_wrapped(check.said, rest), *_wrapped(check.advice, rest, "-> ")] or [""]
        lines.append(line(check.name, check.verdict.value, first))
        lines += [line("", "", text) for text in more]
    return lines


def _wrapped(text: str, width: int, mark: str = "") -> List[str]:
    indent = " " * len(mark)
    return textwrap.wrap(
        text, width, initial_indent=mark, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def check_clock(offset: Optional[float]) -> Check:
    """Judges how far the server's clock is ahead of this machine's (seconds), None where no answer has told its time.

    A run works with any: lifetimes of tokens are counted from their answers (contract T4).
    """
    if offset is None:
        return Check("clock", Verdict.SKIPPED, "No answer of the server has told its time.")
    seconds = f"{abs(offset):,.0f} s"
    if abs(offset) <= _CLOCK_MAY_BE_OFF:
        return Check("clock", Verdict.OK, f"The clocks of this machine and of the server differ by {seconds}.")
    where, effect = ("behind", "early") if offset > 0 else ("ahead of", "late")
    return Check(
        "clock",
        Verdict.WARNING,
        f"The clock of this machine is {seconds} {where} the server's.",
        "Set it, best by NTP. A run works all the same, since the lifetime of a token is counted from its answer; but"
        f" blocks with expires_in end that much too {effect}, and machines that share a store must agree on the time.",
    )
