# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The law of the rooms: who may import whom, and the size of what stands in them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

import pytest

ROOT = Path(__file__).parents[2]
COLLECTION = "ansible_collections.ozonetel.cloudagent"
MAY_IMPORT = {
    "modules": {"_ansible"},
    "action": set(),
    "_ansible": {"_ansible", "_api", "_state", "_domain"},
    "_api": {"_api", "_domain"},
    "_state": {"_state", "_domain"},
    "_domain": {"_domain"},
    "doc_fragments": set(),
}
# The one file of ours that runs on the controller besides the action plugins.
ON_BOTH_SIDES = "plugins/module_utils/_ansible/progress.py"
# What the domain may use: nothing that reads, writes, waits, or asks for the time.
PURE = {
    "__future__",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "re",
    "typing",
}
PURE |= {"base64", "difflib", "html", "json", "textwrap", "unicodedata", "zlib", "zoneinfo", "phonenumbers"}
PURE_PARTS = ("urllib.parse.",)
HTTP = {"http", "httpx", "aiohttp"}
# The one file that may know how a request travels, and whether a library is installed.
WIRE = "plugins/module_utils/_api/transport.py"
ONLY_ON_THE_WIRE = ("http.client", "importlib.util")
# Libraries that users may lack, and the one file that may import each, when it is needed.
OPTIONAL = {
    "requests": "plugins/module_utils/_api/transport.py",
    "urllib3": "plugins/module_utils/_api/transport.py",
    "psycopg": "plugins/module_utils/_state/postgresql.py",
    "phonenumbers": "plugins/module_utils/_domain/regions.py",
}
LONGEST_FILE, LONGEST_CLASS, LONGEST_FUNCTION = 400, 150, 40

Import = Tuple[ast.stmt, str]


def room_of(path: str) -> Optional[str]:
    """The room of a file, by its path below the collection's root."""
    parts = Path(path).parts
    if parts[:2] == ("plugins", "module_utils"):
        return parts[2]
    return parts[1] if parts[0] == "plugins" else None


def imports_of(path: str, tree: ast.AST) -> Iterator[Import]:
    """Every import of a file with the full dotted name of what it imports."""
    package = [COLLECTION, *Path(path).parent.parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            start = [*above, *([node.module] if node.module else [])]
            yield from ((node, ".".join([*start, alias.name])) for alias in node.names)


def violations(path: str, source: str) -> List[str]:
    """Everything in a file that breaks the law."""
    tree = ast.parse(source)
    deferred = _deferred(tree)
    found = []
    for node, name in imports_of(path, tree):
        problem = _problem_of_import(path, name, node in deferred)
        if problem:
            found.append(f"{path}:{node.lineno}: {problem}")
    return [*found, *_sizes(path, source, tree), *_statements(path, tree)]


def _deferred(tree: ast.AST) -> List[ast.AST]:
    """Everything inside functions or under TYPE_CHECKING: not run when the file is imported."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    blocks = [node for node in ast.walk(tree) if isinstance(node, kinds) or _is_type_checking(node)]
    return [inner for block in blocks for inner in ast.walk(block)]


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and not node.orelse and ast.unparse(node.test) == "TYPE_CHECKING"


def _problem_of_import(path: str, name: str, deferred: bool) -> Optional[str]:
    room, top = room_of(path), name.split(".")[0]
    if top == "ansible_collections":
        return _problem_within_the_collection(path, name)
    if top == "ansible":
        return None if room in ("_ansible", "action", "modules") else f"imports {name}"
    if room == "_domain" and top not in PURE and not name.startswith(PURE_PARTS):
        return f"imports {name}, which is not pure"
    if path == WIRE and name in ONLY_ON_THE_WIRE:
        return None
    if top in HTTP or (top in OPTIONAL and path != OPTIONAL[top]):
        return f"imports {name}, which is another file's business"
    if top in OPTIONAL and not deferred:
        return f"imports {name} when it is itself imported"
    return "imports by a name that cannot be followed" if top == "importlib" else None


def _problem_within_the_collection(path: str, name: str) -> Optional[str]:
    inside = name[len(COLLECTION) + 1 :].split(".") if name.startswith(f"{COLLECTION}.") else []
    target = room_of("/".join(inside)) if len(inside) > (2 if inside[1:2] == ["module_utils"] else 1) else None
    if target in MAY_IMPORT.get(room_of(path) or "", set()):
        return None
    if room_of(path) == "action" and "/".join(inside).startswith(f"{ON_BOTH_SIDES[:-3]}/"):
        return None
    return f"imports {name}"


def _statements(path: str, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield f"{path}:{node.lineno}: asserts"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            impure = called in ("open", "print", "input") or called.startswith(("datetime.now", "datetime.utcnow"))
            if called == "__import__" or (room_of(path) == "_domain" and (impure or called == "date.today")):
                yield f"{path}:{node.lineno}: calls {called}"


def undocumented(tree: ast.Module) -> List[str]:
    """Every public function and class without a docstring, but for what stands inside functions."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inside = [inner for node in ast.walk(tree) if isinstance(node, kinds[:2]) for inner in ast.walk(node)]
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node not in inside]
    bodies = [tree.body, *(node.body for node in classes)]
    found = [node for body in bodies for node in body if isinstance(node, kinds)]
    return [node.name for node in found if not node.name.startswith("_") and not ast.get_docstring(node)]


def _lines_of_documentation(tree: ast.AST) -> int:
    """The lines of what ansible-doc shows of a module, which are no code."""
    body = tree.body if isinstance(tree, ast.Module) else []
    shown = [node for node in body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _SHOWN]
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in shown)


_SHOWN = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def _sizes(path: str, source: str, tree: ast.AST) -> Iterator[str]:
    lines = len(source.splitlines()) - _lines_of_documentation(tree)
    if lines > LONGEST_FILE:
        yield f"{path}: has {lines} lines"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > (LONGEST_CLASS if isinstance(node, ast.ClassDef) else LONGEST_FUNCTION):
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines"


PLUGINS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "plugins").rglob("*.py"))


@pytest.mark.parametrize("path", PLUGINS)
def test_a_file_keeps_the_law(path: str) -> None:
    assert violations(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PLUGINS)
def test_what_is_public_is_documented(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert undocumented(tree) == []
    assert ast.get_docstring(tree)


def test_a_missing_docstring_is_found() -> None:
    source = (
        "class C:\n    def f(self): pass\n    def _g(self): pass\n"
        "def h():\n    def i(): pass\n    class J:\n        def k(self): pass"
    )
    assert undocumented(ast.parse(source)) == ["C", "h", "f"]


def test_every_room_was_visited() -> None:
    assert {room_of(path) for path in PLUGINS} == set(MAY_IMPORT)


DOMAIN = "plugins/module_utils/_domain/decide.py"
REGIONS = "plugins/module_utils/_domain/regions.py"
API = "plugins/module_utils/_api/client.py"
TRANSPORT = "plugins/module_utils/_api/transport.py"
STATE = "plugins/module_utils/_state/ledger.py"
POSTGRESQL = "plugins/module_utils/_state/postgresql.py"
ANSIBLE = "plugins/module_utils/_ansible/run.py"
MODULE = "plugins/modules/ozonetel_token.py"
ACTION = "plugins/action/ozonetel_block_group.py"
FRAGMENT = "plugins/doc_fragments/cloudagent.py"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (DOMAIN, "from .._api import contract"),
        (DOMAIN, "from .._api.contract import HOSTS"),
        (DOMAIN, "from .. import _state"),
        (DOMAIN, "from ... import module_utils"),
        (DOMAIN, f"from {COLLECTION}.plugins.module_utils._api import contract"),
        (DOMAIN, f"import {COLLECTION}.plugins.module_utils._state.store"),
        (DOMAIN, "def f():\n    from .._api import contract"),
        (DOMAIN, "class C:\n    def f(self):\n        if 1:\n            from .._state.store import Store"),
        (DOMAIN, "if TYPE_CHECKING:\n    from .._api import contract"),
        (DOMAIN, "import os"),
        (DOMAIN, "import os.path"),
        (DOMAIN, "from os import environ"),
        (DOMAIN, "def f():\n    import time"),
        (DOMAIN, "import socket"),
        (DOMAIN, "from urllib.request import urlopen"),
        (DOMAIN, "import urllib"),
        (API, "import http.client"),
        (API, "import importlib.util"),
        (TRANSPORT, "from http.server import HTTPServer"),
        (TRANSPORT, "import importlib"),
        (DOMAIN, "import sqlite3"),
        (DOMAIN, "import subprocess"),
        (DOMAIN, "import requests"),
        (DOMAIN, "def f():\n    import phonenumbers"),
        (REGIONS, "import phonenumbers"),
        (REGIONS, "try:\n    import phonenumbers\nexcept ImportError:\n    pass"),
        (DOMAIN, "from ansible.module_utils.basic import AnsibleModule"),
        (DOMAIN, "def f():\n    return open('x')"),
        (DOMAIN, "def f():\n    return datetime.now()"),
        (API, "from .._state.store import Store"),
        (API, "from .._ansible.run import Parts"),
        (API, "import requests"),
        (API, "def f():\n    import requests"),
        (API, "def f():\n    import urllib3.exceptions"),
        (API, "from ansible.module_utils.urls import open_url"),
        (API, "def f():\n    import phonenumbers"),
        (TRANSPORT, "import requests"),
        (TRANSPORT, "from urllib3 import exceptions"),
        (TRANSPORT, "try:\n    import requests\nexcept ImportError:\n    requests = None"),
        (TRANSPORT, "if TYPE_CHECKING:\n    pass\nelse:\n    import requests"),
        (STATE, "from .._api.client import Client"),
        (STATE, "from .. import _api"),
        (STATE, "def f():\n    import psycopg"),
        (POSTGRESQL, "import psycopg"),
        (STATE, "import http.client"),
        (STATE, "import ansible"),
        (ANSIBLE, "from ...modules import ozonetel_token"),
        (ANSIBLE, "import requests"),
        (ANSIBLE, f"from {COLLECTION}.tests.simulator import Simulator"),
        (ANSIBLE, "from ....tests.unit import runner"),
        (ANSIBLE, "from ansible_collections.community.general.plugins.module_utils import x"),
        (ANSIBLE, "import importlib"),
        (ANSIBLE, "__import__('requests')"),
        (MODULE, "from ..module_utils._api.client import Client"),
        (MODULE, "from ..module_utils._domain.plan import plan"),
        (MODULE, "from ..module_utils import _state"),
        (MODULE, "from . import ozonetel_block_group"),
        (ACTION, "from ..module_utils._ansible.options import SHARED"),
        (ACTION, "from ..module_utils._ansible import progress_of_another_kind"),
        (ACTION, "from ..module_utils._domain.errors import Fault"),
        (ACTION, "from ..modules import ozonetel_block_group"),
        (ACTION, "from . import ozonetel_token"),
        (ACTION, "import requests"),
        (FRAGMENT, "from ..module_utils._ansible.options import SHARED"),
        (STATE, "def f(x):\n    assert x"),
        (API, "\n" * 401),
        (API, "class C:\n" + "    x = 1\n" * 150),
        (API, "def f():\n" + "    x = 1\n" * 40),
        (API, "class C:\n    async def f(self):\n" + "        x = 1\n" * 40),
        (API, 'def f():\n    """' + "line\n" * 40 + '    """'),
    ],
)
def test_a_break_of_the_law_is_found(path: str, source: str) -> None:
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (DOMAIN, "from .numbers import Number\nfrom . import errors\nimport re"),
        (DOMAIN, f"from {COLLECTION}.plugins.module_utils._domain.numbers import Number"),
        (REGIONS, "def f():\n    import phonenumbers"),
        (API, "from .._domain.errors import CallFailed\nfrom .. import _domain\nfrom . import contract\nimport os"),
        (TRANSPORT, "def f():\n    import requests\n    import urllib3"),
        (TRANSPORT, "if TYPE_CHECKING:\n    import requests"),
        (STATE, "from .._domain.plan import Plan\nfrom .store import Store\nimport sqlite3"),
        (POSTGRESQL, "def f():\n    import psycopg"),
        (ANSIBLE, "from .._api.client import Client\nfrom .._state.store import Store\nfrom .options import Spec"),
        (ANSIBLE, "from .._domain.plan import Plan\nfrom ansible.module_utils.basic import AnsibleModule"),
        (MODULE, "from ..module_utils._ansible.run import run\nfrom ansible.module_utils.basic import AnsibleModule"),
        (ACTION, "from ..module_utils._ansible.progress import line\nfrom ansible.plugins.action import ActionBase"),
        (DOMAIN, "from urllib.parse import quote"),
        (TRANSPORT, "import http.client\nimport importlib.util"),
        (API, "\n" * 400),
        (MODULE, 'DOCUMENTATION = r"""' + "\n" * 500 + '"""\nRETURN = """' + "\n" * 500 + '"""\n'),
        (API, "class C:\n" + "    x = 1\n" * 149),
        (API, "def f():\n" + "    x = 1\n" * 39),
    ],
)
def test_what_keeps_the_law_is_let_pass(path: str, source: str) -> None:
    assert violations(path, source) == []
