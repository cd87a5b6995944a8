# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The law of the rooms: who may import whom. And what else holds for every file of the plugins."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
ROOMS = {"_ansible", "_api", "_state", "_domain"}
MAY_IMPORT = {
    "modules": {"_ansible"},
    "_ansible": {"_ansible", "_api", "_state", "_domain"},
    "_api": {"_api", "_domain"},
    "_state": {"_state", "_domain"},
    "_domain": {"_domain"},
}
# What reaches out of the process; the domain must not.
OUTSIDE = {
    "os",
    "io",
    "socket",
    "ssl",
    "sqlite3",
    "subprocess",
    "time",
    "random",
    "secrets",
    "shutil",
    "tempfile",
    "pathlib",
}
# Libraries that users may lack, and the one file that may import each (inside a function or for the types only).
OPTIONAL = {
    "requests": "_api/transport.py",
    "urllib3": "_api/transport.py",
    "psycopg": "_state/postgresql.py",
    "phonenumbers": "_domain/numbers.py",
}


def _files() -> List[Path]:
    return sorted((PLUGINS / "module_utils").rglob("*.py")) + sorted((PLUGINS / "modules").glob("*.py"))


def _place(path: Path) -> str:
    """_api/client.py, or modules/ozonetel_token.py."""
    return "/".join(path.relative_to(PLUGINS).parts[-2:])


def _at_top(tree: ast.Module) -> Set[ast.AST]:
    """The statements that run when the file is imported."""
    return set(tree.body)


def _imported(tree: ast.Module) -> Iterator[Tuple[str, bool]]:
    """Each module imported anywhere in a file, in the form room.module for ours, and whether at the top of the file."""
    top = _at_top(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (("." * node.level + str(name), node in top) for name in names)


def faults_of(place: str, source: str) -> List[str]:
    """What is against the law in one file."""
    room = place.split("/")[0]
    faults = []
    for name, at_top in _imported(ast.parse(source)):
        parts = name.lstrip(".").split(".")
        ours = name.startswith(".") or parts[0] == "ansible_collections"
        if ours:
            met = [part for part in parts if part in ROOMS] or ([room] if name.startswith(".") else ["?"])
            if name.startswith(("...", "....")) and not [part for part in parts if part in ROOMS]:
                met = ["?"]
            faults += [f"{place} imports {name}" for target in met if target not in MAY_IMPORT[room]]
        elif parts[0] == "ansible" and room not in ("_ansible", "modules"):
            faults.append(f"{place} knows ansible")
        elif room == "_domain" and parts[0] in OUTSIDE:
            faults.append(f"{place} imports {name}: the domain does no I/O")
        elif parts[0] in OPTIONAL and (place != OPTIONAL[parts[0]] or at_top):
            faults.append(f"{place} imports {name}")
    return faults


@pytest.mark.parametrize("path", _files(), ids=_place)
def test_every_import_keeps_the_law(path: Path) -> None:
    assert faults_of(_place(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("_domain/plan.py", "from .._api import client"),
        ("_domain/plan.py", "from .._api.client import Client"),
        ("_domain/plan.py", "def f():\n    from .._state.store import Store"),
        ("_domain/plan.py", "import time"),
        ("_domain/plan.py", "from os import path"),
        ("_domain/plan.py", "import ansible.module_utils.basic"),
        ("_domain/numbers.py", "import phonenumbers"),
        ("_api/client.py", "from .._state.tokens import TokenBroker"),
        ("_api/client.py", "from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state import store"),
        ("_api/client.py", "import requests"),
        ("_api/transport.py", "import requests"),
        ("_state/store.py", "from .._api import contract"),
        ("_state/store.py", "from ansible.module_utils.basic import AnsibleModule"),
        ("_state/tokens.py", "from .._ansible.run import run"),
        ("modules/ozonetel_token.py", "from ..module_utils._api.client import Client"),
        ("modules/ozonetel_token.py", "from ansible_collections.ozonetel.cloudagent.tests import simulator"),
    ],
)
def test_a_file_that_breaks_the_law_is_found(place: str, source: str) -> None:
    assert len(faults_of(place, source)) == 1


def test_there_are_files_in_every_room() -> None:
    assert {_place(path).split("/")[0] for path in _files()} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", _files(), ids=_place)
def test_files_and_functions_keep_their_length_and_nothing_is_asserted(path: Path) -> None:
    source = path.read_text()
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert len(source.splitlines()) <= 400
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= 40] == []
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    for node in functions + [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        assert (
            node.name.startswith("_") or ast.get_docstring(node) or _is_inner(tree, node)
        ), f"{node.name}: no docstring"


def _is_inner(tree: ast.Module, node: ast.AST) -> bool:
    """Whether a function is defined inside another."""
    outer = [other for other in ast.walk(tree) if isinstance(other, ast.FunctionDef) and other is not node]
    return any(node in ast.walk(other) for other in outer)
