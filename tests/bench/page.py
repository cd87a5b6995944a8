# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that keeps what was measured: its middle is made anew, the prose around it stays."""

from __future__ import annotations

BEGIN = ".. What follows is written by make bench."
END = ".. What was written by make bench ends here."


def with_measured(page: str, measured: str) -> str:
    """The page with another part between the markers; raises ValueError if each does not stand there once, in order."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"the page needs the line {BEGIN} and after it the line {END}, each once")
    return f"{before}{BEGIN}\n\n{measured.strip()}\n\n{END}{after}"
