# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that need environments of their own; the Makefile has a target for each. `nox --list` shows the sessions."""

from __future__ import annotations

from pathlib import Path

import antsibull_nox
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

# lint, extra-checks, docs-check, license-check and build-import-check, as antsibull-nox.toml has them
antsibull_nox.load_antsibull_nox_toml()


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


@nox.session
def judges(session: nox.Session) -> None:
    """Runs a module of Python, with its arguments, beside what tests/requirements/judges.txt pins."""
    install(session, "judges")
    session.run("python", "-m", *session.posargs)
