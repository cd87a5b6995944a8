# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the simulator: `python tests/simulator --port 0` prints its URL and serves until it is stopped."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Dict, Optional, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    # The folder is run, not installed: its package has to be found first.
    simulated = importlib.import_module("simulator")
    replaying = importlib.import_module("simulator.replay")
except ModuleNotFoundError as missing:
    if str(missing.name).startswith("simulator"):
        raise
    sys.exit(f"{missing.name} is missing on {sys.executable}, which runs the simulator: pip install flask")


def _stop(_signal: int, _frame: Optional[FrameType]) -> None:
    sys.exit(0)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _switch(text: str) -> Tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _replayed(path: Optional[str]) -> Dict[str, Any]:
    """The switches that a transcript tells; says which it does not tell, and what no switch plays."""
    if path is None:
        return {}
    replay = replaying.read(path)
    print(f"told by {path}: {', '.join(replay.switches) or 'no switch'}", file=sys.stderr)
    print(f"not told, so as they are at the beginning: {', '.join(replay.untold) or 'no switch'}", file=sys.stderr)
    for sentence in replay.unplayable:
        print(f"not played by any switch: {sentence}", file=sys.stderr, flush=True)
    return dict(replay.switches)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulator", description="A stateful CloudAgent on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--username", default=simulated.DEMO_USERNAME)
    parser.add_argument(
        "--api-key",
        default=os.environ.get("OZONETEL_API_KEY", simulated.DEMO_API_KEY),
        help="better in OZONETEL_API_KEY, where no process list shows it",
    )
    parser.add_argument(
        "--switch", action="append", type=_switch, default=[], metavar="NAME=VALUE", help="see README.md"
    )
    parser.add_argument("--transcript", metavar="FILE", help="of a probe: answer as the account that was probed does")
    parser.add_argument("--certificate", metavar="FILE", help="a PEM file, for https")
    parser.add_argument("--key", metavar="FILE", help="the certificate's key, a PEM file")
    given = parser.parse_args()
    if (given.certificate is None) != (given.key is None):
        parser.error("--certificate and --key go together")
    certificate = (given.certificate, given.key) if given.certificate else None
    try:
        switches = {**_replayed(given.transcript), **dict(given.switch)}
        simulator = simulated.Simulator(switches, given.username, given.api_key, given.host, given.port, certificate)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    print(simulator.url, flush=True)
    simulator.serve()


if __name__ == "__main__":
    main()
