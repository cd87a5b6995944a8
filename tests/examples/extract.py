# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code that documentation shows, taken from Markdown, reStructuredText, modules, and comments of YAML files."""

from __future__ import annotations

import ast
import posixpath
import re
import textwrap
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from markdown_it import MarkdownIt

# commands that stand in a sentence and are run like those that stand alone
_IN_A_SENTENCE = re.compile(r"(ansible-doc|make) \S")
_DIRECTIVE = re.compile(r"^(?P<indent> *)\.\. (?P<name>[a-z-]+)::(?: +(?P<argument>.*))?$")
_CODE = ("code-block", "code", "sourcecode", "parsed-literal")
_OPTION = re.compile(r"^:(?P<name>[a-z-]+):(?: +(?P<value>.*))?$")
_LITERAL = re.compile(r"``([^`]+)``")
_COMMAND_IN_COMMENT = re.compile(r"^#\s+(ansible-[a-z]+ .+)$")


@dataclass(frozen=True)
class Block:
    """A piece of code: the file that shows it, relative to the checkout, and the line of its first line, from 1."""

    path: str
    line: int
    language: str
    text: str
    name: str = ""  # the file that it is to be, if a caption says so
    included: str = ""  # the file whose content is shown, relative to the checkout; then there is no text


Extractor = Callable[[str, str], List[Block]]


def _command(path: str, line: int, command: str) -> Block:
    """Of make in a sentence only whether there is such a target."""
    words = command.split()
    return Block(path, line, "console", f"$ {' '.join(words[:1] + ['-n'] * (words[0] == 'make') + words[1:])}\n")


def markdown(path: str, text: str) -> List[Block]:
    """Fenced and indented code, and commands in sentences."""
    blocks = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        first = (token.map or [0])[0] + 1
        if token.type == "fence":
            blocks.append(Block(path, first + 1, token.info.strip(), token.content))
        elif token.type == "code_block":
            blocks.append(Block(path, first, "", token.content))
        for child in token.children or []:
            if child.type == "code_inline" and _IN_A_SENTENCE.match(child.content):
                blocks.append(_command(path, first, child.content))
    return blocks


def _indented(lines: Sequence[str], start: int, outside: int) -> Tuple[int, int]:
    """From which to before which line something is indented by more than ``outside``, beginning at ``start``."""
    end = start
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > outside):
        end += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    while start < end and not lines[start].strip():
        start += 1
    return start, end


def _options(lines: Sequence[str]) -> Dict[str, str]:
    """The options below a directive, of which each takes one line."""
    options: Dict[str, str] = {}
    for line in lines:
        option = _OPTION.match(line.strip())
        if option is None:
            break
        options[option["name"]] = option["value"] or ""
    return options


def _directive(path: str, lines: Sequence[str], number: int, found: re.Match[str]) -> Tuple[int, Block]:
    """What a directive shows, and before which line it ends."""
    start, end = _indented(lines, number + 1, len(found["indent"]))
    options = _options(lines[number + 1 : end])
    argument = (found["argument"] or "").strip()
    if found["name"] == "literalinclude":
        shown = posixpath.normpath(posixpath.join(posixpath.dirname(path), argument))
        return end, Block(path, number + 1, options.get("language", ""), "", included=shown)
    body, end = _indented(lines, (number + 1 if options else start) + len(options), len(found["indent"]))
    text = textwrap.dedent("\n".join(lines[body:end])) + "\n"
    return end, Block(path, body + 1, argument, text, options.get("caption", ""))


def _in_sentences(path: str, lines: Sequence[str], number: int) -> List[Block]:
    found = _LITERAL.findall(lines[number])
    return [_command(path, number + 1, literal) for literal in found if _IN_A_SENTENCE.match(literal)]


def restructured(path: str, text: str) -> List[Block]:
    """Directives that show code or a file, literal blocks, and commands in sentences."""
    lines = text.expandtabs().splitlines()
    blocks: List[Block] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        directive = _DIRECTIVE.match(line)
        if directive is not None and directive["name"] in (*_CODE, "literalinclude"):
            number, block = _directive(path, lines, number, directive)
            blocks.append(block)
            continue
        blocks += _in_sentences(path, lines, number)
        number += 1
        if line.rstrip().endswith("::") and not line.lstrip().startswith(".. "):
            start, end = _indented(lines, number, len(line) - len(line.lstrip()))
            if start < end:
                blocks.append(Block(path, start + 1, "", textwrap.dedent("\n".join(lines[start:end])) + "\n"))
            number = max(number, end)
    return blocks


def module(path: str, text: str) -> List[Block]:
    """EXAMPLES of a module."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["EXAMPLES"]:
            return [Block(path, node.value.lineno, "yaml", str(ast.literal_eval(node.value)))]
    return []


def header(path: str, text: str) -> List[Block]:
    """Commands in the comments of a YAML file."""
    found = enumerate(map(_COMMAND_IN_COMMENT.match, text.splitlines()), start=1)
    return [_command(path, line, command[1]) for line, command in found if command is not None]


EXTRACTORS: Dict[str, Extractor] = {
    "*.md": markdown,
    "roles/*/README.md": markdown,
    "docs/docsite/rst/*.rst": restructured,
    "docs/site/index.rst": restructured,
    "plugins/modules/*.py": module,
    "playbooks/*.yml": header,
    "examples/*.yml": header,
}


def matches(path: str, pattern: str) -> bool:
    """Whether a path is one of a pattern, in which an asterisk does not reach into folders, but two do."""
    if pattern.endswith("/**"):
        return path.startswith(pattern[:-2])
    return path.count("/") == pattern.count("/") and fnmatch(path, pattern)


def extractor_of(path: str) -> Optional[Extractor]:
    """What takes the examples out of a file."""
    return next((take for pattern, take in EXTRACTORS.items() if matches(path, pattern)), None)


def is_documentation(path: str) -> bool:
    """Whether people read a file of the checkout to learn how the collection is used."""
    shown = ("docs/", "examples/", "extensions/", "playbooks/", "plugins/modules/")
    return path.endswith((".md", ".rst")) or path.startswith(shown)
