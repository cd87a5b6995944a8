# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts one program and writes what it took. To Linux a program is at least as large as the one that started it, so
this one is as small as Python can be (run it with -I -S).

    launch.py FIGURES PROGRAM ARGUMENT…         FIGURES: status, seconds, CPU seconds and peak memory in KiB
"""

from __future__ import annotations

import os
import sys
import time


def main(figures: str, program: str, *arguments: str) -> None:
    """Starts the program, waits for it, and writes the figures."""
    start = time.perf_counter()
    started = os.posix_spawn(program, [program, *arguments], os.environ)
    _started, status, usage = os.wait4(started, 0)
    seconds = time.perf_counter() - start
    with open(figures, "w", encoding="ascii") as file:
        code = os.waitstatus_to_exitcode(status)
        file.write(f"{code} {seconds} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")


if __name__ == "__main__":
    main(*sys.argv[1:])
