# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts pip into an empty virtual environment, in the place of the script that ansible-test would download."""

from __future__ import annotations

import subprocess
import sys
from typing import List


def main(arguments: List[str]) -> None:
    """Installs pip as it comes with Python, then what the arguments ask for."""
    wanted = [argument for argument in arguments if argument not in ("--no-setuptools", "--no-wheel")]
    subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
