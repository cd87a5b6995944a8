# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks pip-audit whether anything that tests/requirements pins has a published vulnerability.

It asks PyPI, and OSV for what PyPI does not tell. A finding fails. Packages of which no service tells are named and do
not fail; pip-audit itself would call them free of vulnerabilities. How many they are also goes to the file that the
environment variable NOT_DONE names, from which all.sh takes it into its summary.

``python advisories.py REQUIREMENTS...``
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SERVICES = ("pypi", "osv")
UNREACHABLE = "ConnectionError|ConnectTimeout|ReadTimeout|Could not connect|HTTPError"
# accepted vulnerabilities by their id, each with its reason and the date of the decision
ACCEPTED: Dict[str, str] = {}


@dataclass
class Verdict:
    """What the services told: packages with their version, as requirements name them."""

    audited: List[str] = field(default_factory=list)
    unknown: List[str] = field(default_factory=list)
    vulnerable: Dict[str, List[str]] = field(default_factory=dict)


def pinned(requirements: List[Path]) -> List[str]:
    """What the files pin, each version of a package once, without the options of pip."""
    lines = [line.strip() for path in requirements for line in path.read_text(encoding="utf-8").splitlines()]
    needed = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return sorted({f"{canonicalize_name(one.name)}{one.specifier}" for one in needed if one.specifier})


def audit(packages: List[str]) -> Verdict:
    """Asks one service after the other for what those before it did not know."""
    verdict = Verdict(unknown=packages)
    for service in SERVICES:
        # two versions of a package cannot stand in one file
        for of_one_file in _apart(verdict.unknown):
            take(verdict, ask(service, of_one_file))
    return verdict


def ask(service: str, packages: List[str]) -> str:
    """What pip-audit tells of the packages, as JSON; nothing if the service does not answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(packages))
        listed.flush()
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
        command += ["--format", "json", "--vulnerability-service", service, "--requirement", listed.name]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
    if not ran.stdout:
        *_before, last = ran.stderr.strip().splitlines()
        if not re.search(UNREACHABLE, ran.stderr):
            raise SystemExit(f"pip-audit failed with {service}: {last}")
        print(f"{service} does not answer: {last}")
    return ran.stdout


def take(verdict: Verdict, told: str) -> None:
    """Sorts what a service told into the verdict."""
    for package in json.loads(told)["dependencies"] if told else []:
        if "version" not in package:  # it was left out
            continue
        name = f"{canonicalize_name(package['name'])}=={package['version']}"
        verdict.unknown = [other for other in verdict.unknown if other != name]
        verdict.audited.append(name)
        found = [vulnerability["id"] for vulnerability in package["vulns"] if vulnerability["id"] not in ACCEPTED]
        if found:
            verdict.vulnerable[name] = found


def _apart(packages: List[str]) -> List[List[str]]:
    files: List[Dict[str, str]] = []
    for package in packages:
        name = package.partition("==")[0]
        free = next((file for file in files if name not in file), None)
        if free is None:
            files.append(free := {})
        free[name] = package
    return [list(file.values()) for file in files]


def main(requirements: List[Path]) -> int:
    """Tells the verdict."""
    packages = pinned(requirements)
    verdict = audit(packages)
    for name, found in sorted(verdict.vulnerable.items()):
        print(f"{name} is vulnerable: {', '.join(found)}")
    if verdict.unknown:
        print(
            f"NOT AUDITED, since no service told of them: {len(verdict.unknown)} packages, {', '.join(verdict.unknown)}"
        )
        if os.environ.get("NOT_DONE"):
            told = f"{len(verdict.unknown)} of {len(packages)} packages not audited\n"
            Path(os.environ["NOT_DONE"]).write_text(told, encoding="utf-8")
    print(f"{len(verdict.audited)} packages audited, {len(verdict.vulnerable)} vulnerable")
    return 1 if verdict.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main([Path(path) for path in sys.argv[1:]]))
