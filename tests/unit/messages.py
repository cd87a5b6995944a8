# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every text in the collection's sources that might be shown to a user, and every message of the troubleshooting guide.

Both have one form: ``<>`` stands for each part that varies. A text counts unless it is a docstring, documentation, a
statement of a database, or has no two parts with a blank between them, so that a new message cannot be overlooked.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple, Union

from ansible.module_utils.common.yaml import yaml_load

VARIES = "<>"
_DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
_FORMAT_FIELD = re.compile(r"\{\w*\}|%s")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_STATEMENT = re.compile(
    r"(ALTER|BEGIN|COALESCE|CREATE|DELETE|DROP|FROM|IN|INSERT|NOT|ON|PRAGMA|SELECT|SET|UPDATE|VALUES)\b"
)
_MAY_BE_TOLD = re.compile(r"(?=.*[^\W\d_]{2})\S.*\s.*\S", re.DOTALL)
_NO_MESSAGE_UNDER = ("name", "that", "when")
_MESSAGE_LINE = re.compile(r"\s*(?:\* )?``(?P<message>\S(?:[^`]*[^`\s])?)``")
_PLACEHOLDER = re.compile(r"<[a-z][a-z ]*>")

Value = Union[str, int]


class Text(NamedTuple):
    """A text, the file in which it stands, and its line (in YAML 0)."""

    words: str
    file: Path
    line: int


def texts_of_python(folder: Path) -> List[Text]:
    """The texts of all Python files below a folder, but for those that only document."""
    files = [file for file in sorted(folder.rglob("*.py")) if file.parent.name != "doc_fragments"]
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    constants = _Constants(trees)
    return [text for file, tree in trees.items() for text in _Reader(file, constants).texts(tree)]


def texts_of_yaml(file: Path) -> Iterator[Text]:
    """The texts of a file of tasks, plays or variables."""
    for value in _values(yaml_load(file.read_text(encoding="utf-8"))):
        yield from _told(_JINJA.sub(VARIES, value), file, 0)


def messages_of_guide(guide: str) -> List[str]:
    """The messages of the guide: what stands alone on a line, as a literal of more than one word."""
    found = (_MESSAGE_LINE.fullmatch(line) for line in guide.splitlines())
    messages = [_PLACEHOLDER.sub(VARIES, message["message"]) for message in found if message]
    return [message for message in messages if _MAY_BE_TOLD.fullmatch(message)]


def raises(file: Path) -> bool:
    """Whether a Python file raises anything, or warns of anything."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return any(isinstance(node, ast.Raise) for node in nodes) or bool(names & {"warn", "fail_json", "warnings"})


def _told(text: str, file: Path, line: int) -> Iterator[Text]:
    words = " ".join(text.split())
    if _MAY_BE_TOLD.fullmatch(words) and not ("_state" in file.parts and _STATEMENT.match(words)):
        yield Text(words, file, line)


def _values(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        for key, value in item.items():
            if key not in _NO_MESSAGE_UNDER:
                yield from _values(value)
    elif isinstance(item, list):
        for value in item:
            yield from _values(value)


class _Constants:
    """The texts and whole numbers that modules give names to, by file and name.

    ``pieces``: texts that only ever stand within other texts, so that they are no messages by themselves.
    """

    def __init__(self, trees: Dict[Path, ast.Module]) -> None:
        self._imported = {file: dict(_imports(tree, file)) for file, tree in trees.items()}
        self._defined = {file: dict(_assigned(tree)) for file, tree in trees.items()}
        whole: Dict[Path, Set[str]] = defaultdict(set)
        within: Dict[Path, Set[str]] = defaultdict(set)
        for file, tree in trees.items():
            fields = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    origin, name = self._origin(file, node.id)
                    (within if id(node) in fields else whole)[origin].add(name)
        self.pieces: Set[int] = {
            id(self._defined[file][name])
            for file, names in within.items()
            for name in names - whole[file]
            if name in self._defined.get(file, {})
        }

    def value(self, file: Path, name: str) -> Optional[Value]:
        """What a name stands for in a file, None where it is no such constant."""
        origin, name = self._origin(file, name)
        node = self._defined.get(origin, {}).get(name)
        if isinstance(node, ast.JoinedStr):
            return rendered(node, origin, self)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)) else None

    def _origin(self, file: Path, name: str) -> Tuple[Path, str]:
        return self._imported[file].get(name, (file, name))


def _imports(tree: ast.Module, importing: Path) -> Iterator[Tuple[str, Tuple[Path, str]]]:
    """The names that a file imports from others of the collection, each with its origin."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and node.module:
            folder = importing.parents[node.level - 1]
            file = folder.joinpath(*node.module.split(".")).with_suffix(".py")
            for alias in node.names:
                yield alias.asname or alias.name, (file, alias.name)


def _assigned(tree: ast.Module) -> Iterator[Tuple[str, ast.expr]]:
    """The names that are given a value once and for all, with the value."""
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                names = [name.id for name in target.elts if isinstance(name, ast.Name)]
                yield from zip(names, node.value.elts)


def rendered(node: ast.JoinedStr, file: Path, constants: _Constants) -> str:
    """A formatted text with ``<>`` for what varies; a constant that stands in it is none of that."""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            value = constants.value(file, part.value.id) if isinstance(part.value, ast.Name) else None
            parts.append(VARIES if value is None else format(value, _format_of(part)))
    return "".join(parts)


def _format_of(part: ast.FormattedValue) -> str:
    specification = part.format_spec
    if isinstance(specification, ast.JoinedStr) and all(isinstance(v, ast.Constant) for v in specification.values):
        return "".join(str(v.value) for v in specification.values if isinstance(v, ast.Constant))
    return ""


class _Reader(ast.NodeVisitor):
    """Collects the texts of one file."""

    def __init__(self, file: Path, constants: _Constants) -> None:
        self._file = file
        self._constants = constants
        self._found: List[Text] = []

    def texts(self, tree: ast.Module) -> List[Text]:
        """All of them, in their order."""
        self.visit(tree)
        return self._found

    def visit_Expr(self, node: ast.Expr) -> None:
        """Passes over docstrings."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Passes over documentation."""
        if not any(isinstance(target, ast.Name) and target.id in _DOCUMENTATION for target in node.targets):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Takes a formatted text as a whole, and what stands in the expressions within."""
        self._add(node, rendered(node, self._file, self._constants))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Takes a text."""
        if isinstance(node.value, str):
            self._add(node, node.value)

    def _add(self, node: Union[ast.JoinedStr, ast.Constant], text: str) -> None:
        if id(node) not in self._constants.pieces:
            self._found += _told(_FORMAT_FIELD.sub(VARIES, text), self._file, node.lineno)
