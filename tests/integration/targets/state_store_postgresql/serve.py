# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serves PostgreSQL for a script: prints the URL of an empty database and its password, serves until it is stopped."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]) / "tests" / "unit"))

from postgresql_server import PostgreSQLServer, binaries  # type: ignore[import-not-found]


def main() -> None:
    """Until SIGTERM."""
    programs = binaries()
    if programs is None:
        print("none", flush=True)
        return
    server = PostgreSQLServer(programs)
    try:
        print(server.new_database(), server.password, flush=True)
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        signal.pause()
    finally:
        server.remove()


if __name__ == "__main__":
    main()
