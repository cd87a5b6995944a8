# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares a home directory for ansible-test, which gives pip neither the user's settings nor the environment.

What ansible-test installs comes from PyPI or what stands in for it, and from nowhere else.
"""

from __future__ import annotations

import ast
import configparser
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import ansible_test  # type: ignore[import-untyped]
from ansible_test._internal.python_requirements import get_venv_packages  # type: ignore[import-untyped]


def write_pip_settings(path: Path) -> None:
    """Writes down pip's settings (index, certificates ...) as they are for the user, environment included."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    settings = configparser.RawConfigParser()
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, value = line.split("=", maxsplit=1)
        section, option = name.replace(":env:", "global").rsplit(".", maxsplit=1)
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, ast.literal_eval(value).replace("\n", "\n  "))
    if not settings.has_section("global"):
        settings.add_section("global")
    settings.set("global", "quiet", "2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as stream:  # of mode 0600
        settings.write(stream)
    Path(stream.name).replace(path)  # another run may be reading it


def place_pip_bootstrap(cache: Path) -> None:
    """Puts our bootstrap script where ansible-test keeps the one it would download otherwise."""
    python = SimpleNamespace(version=f"{sys.version_info.major}.{sys.version_info.minor}")
    version = get_venv_packages(python)["pip"].replace(".", "_")
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("get_pip.py"), cache / f"get_pip_{version}.py")


def take_releases() -> None:
    """Puts a release, the one that is installed here, where ansible-test would install an archive from GitHub."""
    for path in (Path(ansible_test.__path__[0]) / "_data" / "requirements").glob("sanity.*.txt"):
        text = path.read_text(encoding="utf-8")
        released = re.sub(
            r"^(\w+) @ .*$", lambda name: f"{name[1]}=={importlib.metadata.version(name[1])}", text, flags=re.M
        )
        if released != text:
            path.write_text(released, encoding="utf-8")


if __name__ == "__main__":
    take_releases()
    write_pip_settings(Path(sys.argv[1]) / ".config" / "pip" / "pip.conf")
    place_pip_bootstrap(Path(sys.argv[1]) / ".ansible" / "test" / "cache")
