# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where readers work: the collection as a tarball, in a Galaxy and installed; homes, environments and checkouts."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Dict

from .galaxy import Galaxy

_BASE = Path(sys.base_prefix) / "bin"
_SYSTEM = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
_PASSED = ("PIP_", "SSL_", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TMPDIR")


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}")


class Stand:
    """The collection of a checkout, built once."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        ansible = [sys.executable, "-m", "ansible", "galaxy", "collection"]
        _run(*ansible, "build", str(checkout), "--output-path", str(folder))
        (tarball,) = folder.glob("*.tar.gz")
        self.collections = folder / "collections"
        _run(*ansible, "install", "--offline", "--force", "-p", str(self.collections), str(tarball))
        self.galaxy = Galaxy(tarball)

    def bare_environment(self, home: Path) -> Dict[str, str]:
        """Of somebody who has Python and nothing else."""
        environment = {name: value for name, value in os.environ.items() if name.upper().startswith(_PASSED)}
        settings = Path.home() / ".config" / "pip" / "pip.conf"
        if settings.exists():  # the home of the reader has none
            environment["PIP_CONFIG_FILE"] = str(settings)
        return {
            **environment,
            "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join([str(_BASE), *_SYSTEM]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ANSIBLE_GALAXY_SERVER": self.galaxy.url,
            "ANSIBLE_REMOTE_TMP": str(home / ".ansible" / "tmp"),  # Ansible asks the system where the home is
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }

    def give_ansible(self, environment: Dict[str, str], folder: Path) -> None:
        """Puts an Ansible without any library of ours on the path."""
        _run(str(_BASE / "python3"), "-m", "venv", str(folder))
        core = f"ansible-core=={version('ansible-core')}"
        subprocess.run([folder / "bin" / "pip", "install", "-q", core], check=True, env=environment)
        environment["PATH"] = os.pathsep.join([str(folder / "bin"), environment["PATH"]])

    def give_everything(self, environment: Dict[str, str]) -> None:
        """Puts Ansible with all libraries on the path, and the collection into the home."""
        environment["PATH"] = os.pathsep.join([f"{sys.prefix}/bin", environment["PATH"]])
        home = Path(environment["HOME"])
        (home / ".ansible").mkdir()
        (home / ".ansible" / "collections").symlink_to(self.collections)

    def stop(self) -> None:
        """Stops what runs."""
        self.galaxy.stop()
