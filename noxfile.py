# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that need environments of their own; the Makefile has a target for each. `nox --list` shows the sessions."""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.envdir = ".build/nox"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = []

CHECKOUT = Path(__file__).resolve().parent


def install(session: nox.Session, environment: str) -> None:
    """Installs what tests/requirements/ENVIRONMENT.txt pins."""
    session.install(
        "--disable-pip-version-check", "-r", str(CHECKOUT / "tests" / "requirements" / f"{environment}.txt")
    )


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site."""
    install(session, "docs")
    session.run("python", "tests/make/docs_site.py", ".", ".build/docs-sources", ".build/docs")


@nox.session
def awx(session: nox.Session) -> None:
    """Execution environment, extensions/awx and ansible-runner, in the copy of the collection."""
    install(session, "awx")
    session.chdir(".build/ansible_collections/ozonetel/cloudagent")
    session.run("python", "-m", "pytest", "-q", "tests/awx")
