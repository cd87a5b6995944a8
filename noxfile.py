# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that need environments of their own; the Makefile has a target for each. `nox --list` shows the sessions."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import antsibull_nox
import nox

nox.options.default_venv_backend = "venv"
nox.options.download_python = "never"
nox.options.envdir = ".build/nox"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = []

CHECKOUT = Path(__file__).resolve().parent
BUILD = CHECKOUT / ".build"
TREE = Path("ansible_collections", "ozonetel", "cloudagent")
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

# lint, extra-checks, docs-check, license-check and build-import-check, as antsibull-nox.toml has them
antsibull_nox.load_antsibull_nox_toml()

# make matrix: each ansible-core on a Python, and what runs there; the sessions that take longest come first, so that
# none is left to run alone. Sanity looks at what users get and leaves out tests/, which they never run (make sanity
# looks at all of it). On the oldest and on the newest, where what Ansible does differs most, all of tests/integration
# runs, as make integration does on 2.19; between these, the target that depends most on Ansible: the role, with its
# templates, its loops and what it makes of their results, and of sanity all but pylint, which takes as long as the rest
# together.
FOR_USERS = ("docs/", "examples/", "extensions/", "meta/", "playbooks/", "plugins/", "roles/")
BETWEEN = ("role_block_groups",)
MATRIX = {"2.16": "3.11", "2.22": "3.13", "2.21": "3.13", "2.18": "3.11", "2.19": "3.12", "2.20": "3.12"}
WHOLE = ("2.16", "2.22")
# The unit tests of what meets Ansible run on each, those of the playbooks that integration does not play on the oldest
# and on the newest. The rest depends on Python alone, and most of that on its libraries for networks, files and
# databases: the tests of what meets these run once on the newest, without those that draw their cases or try every one.
# make unit runs them all.
MEETS_ANSIBLE = (
    *(f"plugins/module_utils/_ansible/test_{name}.py" for name in ("options", "run", "secrets")),
    "plugins/action",
)
PLAYED = ("playbooks",)
MEETS_PYTHON = (
    *(f"plugins/module_utils/_api/test_{name}.py" for name in ("causes", "transport", "workers")),
    "plugins/module_utils/_state",
)
ONCE_ON_PYTHON_3_13 = "2.21"
# On these, the modules run without an ansible-core beside them.
TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13")
# make privacy, load and soak run on the oldest, on the one of make venv, and on the newest.
MEASURED = ("2.16", "2.19", "2.22")


def install(session: nox.Session, environment: str) -> None:
    """Installs what tests/requirements/ENVIRONMENT.txt pins."""
    session.install(
        "--disable-pip-version-check", "-r", str(CHECKOUT / "tests" / "requirements" / f"{environment}.txt")
    )


def in_tree(session: nox.Session, *command: str, place: Path = BUILD, folder: str = ".") -> None:
    """Runs a command in a folder of the collection's copy below a place, where Ansible finds it.

    Nothing lands in the user's home.
    """
    session.chdir(place / TREE / folder)
    places = {"HOME": str(place / "home"), "PYTHONPATH": str(place), "ANSIBLE_COLLECTIONS_PATH": str(place)}
    session.run(*command, env=places)


@nox.session
def pipelines(session: nox.Session) -> None:
    """The CI recipes, played."""
    install(session, "pipelines")
    in_tree(session, *PYTEST, "tests/pipelines")


@nox.session
def events(session: nox.Session) -> None:
    """The rulebook, run by ansible-rulebook."""
    install(session, "events")
    in_tree(session, *PYTEST, "tests/events")


@nox.session
def molecule(session: nox.Session) -> None:
    """The Molecule scenario."""
    install(session, "molecule")
    in_tree(session, "molecule", "test", *session.posargs, folder="extensions")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation: what antsibull-docs finds wrong in it, then the site."""
    install(session, "docs")
    lint = ["lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs", "--validate-collection-refs", "all"]
    in_tree(session, "antsibull-docs", *lint, "--disallow-unknown-collection-refs", ".")
    in_tree(session, "python", "tests/make/docs_site.py", str(BUILD / "docs-sources"), str(BUILD / "docs"))


@nox.session
def awx(session: nox.Session) -> None:
    """Execution environment, extensions/awx and ansible-runner."""
    install(session, "awx")
    in_tree(session, *PYTEST, "tests/awx")


@nox.session
def judges(session: nox.Session) -> None:
    """Runs a module of Python, with its arguments, beside what tests/requirements/judges.txt pins."""
    install(session, "judges")
    session.run("python", "-m", *session.posargs, env={"HOME": str(BUILD / "home")})


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


def on_ansible_core(version: str) -> None:
    """Makes the session that tests the collection on a version of ansible-core: sanity, integration, units."""
    integration = () if version in WHOLE else BETWEEN

    @nox.session(name=f"matrix-{version}", python=interpreter(MATRIX[version]), tags=["matrix"], allow_parallel=True)
    def matrix(session: nox.Session) -> None:
        install(session, f"ansible-core-{version}")
        place = BUILD / "matrix" / version
        session.run("python", "tests/make/collection_tree.py", ".", str(place / TREE))
        ansible_test = {"PLACE": str(place), "VENV": str(session.virtualenv.location)}
        sanity = FOR_USERS if version in WHOLE else ("--skip-test", "pylint", *FOR_USERS)
        for command, named in (("sanity", sanity), ("integration", integration)):
            session.run("tests/make/ansible_test.sh", command, "--color", "no", *named, env=ansible_test, external=True)
        meeting = [f"tests/unit/{part}" for part in (*MEETS_ANSIBLE, *(PLAYED if version in WHOLE else ()))]
        in_tree(session, *PYTEST, "--ignore-glob=*_in_chromium.py", *meeting, place=place)
        if version == ONCE_ON_PYTHON_3_13:
            fewer = ("-m", "not hypothesis and not unmeasured")
            in_tree(session, *PYTEST, *fewer, *(f"tests/unit/{part}" for part in MEETS_PYTHON), place=place)


def on_target(version: str) -> None:
    """Makes the session that has the modules run on a Python of a target, with the controller of make venv."""

    @nox.session(name=f"target-{version}", python=interpreter(version), tags=["matrix"], allow_parallel=True)
    def target(session: nox.Session) -> None:
        install(session, "target")
        session.run("tests/make/target.sh", f"{session.bin}/python", version, external=True)


def measured(name: str, tests: str, version: str) -> None:
    """Makes the session that runs tests on a version of ansible-core, in the tree of make collection-tree."""

    @nox.session(name=f"{name}-{version}", python=interpreter(MATRIX[version]), tags=[name])
    def measure(session: nox.Session) -> None:
        install(session, f"ansible-core-{version}")
        in_tree(session, *PYTEST, *tests.split())


for version in MATRIX:
    on_ansible_core(version)
for version in TARGETS:
    on_target(version)
for version in MEASURED:
    measured("privacy", "tests/privacy", version)
    measured("load", "tests/load/test_storm.py tests/load/test_long_list.py", version)
    measured("soak", "tests/load/test_soak.py", version)
