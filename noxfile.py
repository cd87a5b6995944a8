# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that need environments of their own; the Makefile has a target for each. `nox --list` shows the sessions."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.envdir = ".build/nox"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = []

CHECKOUT = Path(__file__).resolve().parent
BUILD = CHECKOUT / ".build"
TREE = BUILD / "ansible_collections" / "ozonetel" / "cloudagent"
# where Ansible finds the collection; nothing lands in the user's home
PLACES = {"HOME": str(BUILD / "home"), "PYTHONPATH": str(BUILD), "ANSIBLE_COLLECTIONS_PATH": str(BUILD)}

# make privacy, load and soak: the oldest ansible-core, the one of make venv, and the newest, each on a Python.
MEASURED = {"2.16": "3.11", "2.19": "3.12", "2.22": "3.13"}


def install(session: nox.Session, environment: str) -> None:
    """Installs what tests/requirements/ENVIRONMENT.txt pins."""
    session.install(
        "--disable-pip-version-check", "-r", str(CHECKOUT / "tests" / "requirements" / f"{environment}.txt")
    )


def in_tree(session: nox.Session, folder: str, *command: str) -> None:
    """Runs a command in a folder of the collection's copy."""
    session.chdir(TREE / folder)
    session.run(*command, env=PLACES)


@nox.session
def pipelines(session: nox.Session) -> None:
    """The CI recipes, played."""
    install(session, "pipelines")
    in_tree(session, ".", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/pipelines")


@nox.session
def events(session: nox.Session) -> None:
    """The rulebook, run by ansible-rulebook."""
    install(session, "events")
    in_tree(session, ".", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/events")


@nox.session
def molecule(session: nox.Session) -> None:
    """The Molecule scenario."""
    install(session, "molecule")
    in_tree(session, "extensions", "molecule", "test", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation: what antsibull-docs finds wrong in it, then the site."""
    install(session, "docs")
    lint = ["lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs", "--validate-collection-refs", "all"]
    in_tree(session, ".", "antsibull-docs", *lint, "--disallow-unknown-collection-refs", ".")
    in_tree(session, ".", "python", "tests/make/docs_site.py", str(BUILD / "docs-sources"), str(BUILD / "docs"))


@nox.session
def awx(session: nox.Session) -> None:
    """Execution environment, extensions/awx and ansible-runner."""
    install(session, "awx")
    in_tree(session, ".", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/awx")


def interpreter(version: str) -> str:
    """The newest Python of a version that pyenv has, otherwise the one of its name.

    Where there is none it gives what nox is to say that it has not found: what to do about it.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    pythons = pyenv.glob(f"versions/{version}.*/bin/python{version}")
    found = {int(path.parts[-3].split(".")[2]): path for path in pythons}
    if found:
        return str(found[max(found)])
    return shutil.which(f"python{version}") or f"{version} (install it, for instance with: pyenv install {version})"


def measured(name: str, tests: str, version: str) -> None:
    """Makes the session that runs tests on a version of ansible-core, in the tree of make collection-tree."""

    @nox.session(name=f"{name}-{version}", python=interpreter(MEASURED[version]), tags=[name])
    def measure(session: nox.Session) -> None:
        install(session, f"ansible-core-{version}")
        in_tree(session, ".", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests.split())


for core in MEASURED:
    measured("privacy", "tests/privacy", core)
    measured("load", "tests/load/test_storm.py tests/load/test_long_list.py", core)
    measured("soak", "tests/load/test_soak.py", core)
