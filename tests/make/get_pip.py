# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts pip into an empty virtual environment, in the place of the script that ansible-test would download."""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import List


def main(arguments: List[str]) -> None:
    """Has the pip that comes with Python install what the arguments ask for, straight from its wheel."""
    wanted = [argument for argument in arguments if argument not in ("--no-setuptools", "--no-wheel")]
    folder = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled"
    (wheel,) = Path(folder).glob("pip-*.whl")
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True, env=environment)


if __name__ == "__main__":
    main(sys.argv[1:])
