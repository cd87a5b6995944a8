# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reader would do with the code that a file shows: write files, run commands, play what is to be played."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Callable, Dict, List, Sequence, Tuple

import yaml

from .extract import Block


class Kind(Enum):
    """What is done with a piece of code."""

    COMMAND = "a command"
    FILE = "a file"
    PLAYS = "plays"
    TASKS = "tasks"
    ROLE_VARIABLES = "a role's variables"
    INVENTORY = "an inventory"
    OUTPUT = "output"
    INCLUDED = "a file that is shown"
    UNCLEAR = "nothing: the text says why"


@dataclass(frozen=True)
class Step:
    """One thing that a reader does; ``shown`` is what the documentation says that the command prints."""

    path: str
    line: int
    kind: Kind
    text: str
    name: str = ""  # of a file
    comment: str = ""  # behind a command
    shown: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.path}:{self.line}"


def _unclear(path: str, line: int, problem: str) -> Step:
    return Step(path, line, Kind.UNCLEAR, problem)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Takes tags such as !vault for null."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)

_FILE_NAME = re.compile(r"^(?:#|--|//|;) *(?P<name>[\w./-]*\w\.\w+)$")
_HEREDOC = re.compile(r"<<-? *['\"]?(\w+)")
_COMMENT = re.compile(r"[ \t]# *")
_READ_UNASKED = re.compile(r"(^|/)(ansible\.cfg|(group|host)_vars/.*)$")
_PREFIX = "block_groups_"


def _file_name(block: Block) -> str:
    found = _FILE_NAME.match(block.text.split("\n", 1)[0].strip())
    return block.name or (found["name"] if found else "")


def _open_quote(command: str) -> bool:
    quote = ""
    for sign in command:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
    return bool(quote)


def _comment(command: str) -> str:
    """The comment behind a command of one line or the last line of several."""
    for found in _COMMENT.finditer(command):
        if not _open_quote(command[: found.start()]):
            return command[found.end() :]
    return ""


def _continues(command: str) -> bool:
    """Whether the next line belongs to a command as well."""
    heredoc = _HEREDOC.search(command)
    if heredoc is not None:
        return heredoc[1] not in command.split("\n")[1:]
    comment = _comment(command)
    return command.endswith("\\") or _open_quote(command[: len(command) - len(comment)])


def console(block: Block) -> List[Step]:
    """Commands behind a prompt, each with what it is said to print."""
    steps: List[Step] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if steps and not steps[-1].shown and _continues(steps[-1].text):
            more = line[2:] if line.startswith("> ") else line
            steps[-1] = replace(steps[-1], text=f"{steps[-1].text}\n{more}")
        elif line.startswith("$ "):
            steps.append(Step(block.path, number, Kind.COMMAND, line[2:]))
        elif steps:
            steps[-1] = replace(steps[-1], shown=f"{steps[-1].shown}{line}\n")
        elif line.strip():
            return [_unclear(block.path, number, "a console begins with a command behind '$ '")]
    return [replace(step, comment=_comment(step.text), shown=step.shown.strip("\n")) for step in steps]


def _script(block: Block) -> List[Step]:
    return [Step(block.path, block.line, Kind.COMMAND, block.text)]


def _is_inventory(document: Dict[str, Any]) -> bool:
    words = {"hosts", "children", "vars"}
    return all(isinstance(group, dict) and group and set(group) <= words for group in document.values())


def kind_of_yaml(text: str) -> Kind:
    """What a YAML document is; ValueError if it is nothing whole."""
    try:
        document = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"this is no YAML: {error}") from error
    if isinstance(document, list) and document and all(isinstance(entry, dict) for entry in document):
        if all("hosts" in entry or any("import_playbook" in key for key in entry) for entry in document):
            return Kind.PLAYS
        if all(any("." in key or key in ("block", "meta") for key in entry) for entry in document):
            return Kind.TASKS
    elif isinstance(document, dict) and document:
        if all(key.startswith(_PREFIX) for key in document):
            return Kind.ROLE_VARIABLES
        if _is_inventory(document):
            return Kind.INVENTORY
    raise ValueError(
        "this is neither plays, tasks, an inventory nor a role's variables: write it whole, or name the file that it "
        "is in a comment on its first line"
    )


def _yaml(block: Block) -> List[Step]:
    try:
        return [Step(block.path, block.line, kind_of_yaml(block.text), block.text)]
    except ValueError as error:
        return [_unclear(block.path, block.line, str(error))]


def _output(block: Block) -> List[Step]:
    return [Step(block.path, block.line, Kind.OUTPUT, block.text)]


_OF_LANGUAGE: Dict[str, Callable[[Block], List[Step]]] = {
    **dict.fromkeys(("console", "shell-session"), console),
    **dict.fromkeys(("bash", "sh", "shell"), _script),
    **dict.fromkeys(("yaml", "yaml+jinja"), _yaml),
    **dict.fromkeys(("text", "diff", ""), _output),
}


def steps_of(block: Block) -> List[Step]:
    """What is done with a piece of code."""
    if block.included:
        return [Step(block.path, block.line, Kind.INCLUDED, block.included)]
    name = _file_name(block)
    if name and _OF_LANGUAGE.get(block.language) is not console:
        return [Step(block.path, block.line, Kind.FILE, block.text, name)]
    if block.language not in _OF_LANGUAGE:
        problem = f"nothing is known of the language {block.language!r}: name the file that it is in a first comment"
        return [_unclear(block.path, block.line, problem)]
    return _OF_LANGUAGE[block.language](block)


def _uses(step: Step, file: Step) -> bool:
    """Whether a step has to do with a file that an earlier one writes."""
    if _READ_UNASKED.search(file.name):
        return step.kind is Kind.COMMAND and "ozonetel.cloudagent.block_groups" in step.text
    return file.name.rsplit("/", 1)[-1] in step.text


def _itself(file: Step, earlier: Sequence[Step]) -> Step:
    """What is done with a file that no later step uses: the command that took its earlier form, or what it is."""
    again = [step for step in earlier if step.kind is Kind.COMMAND and _uses(step, file)]
    if again and any(step.name == file.name for step in earlier):
        return replace(again[-1], line=file.line, comment="", shown="")
    try:
        return replace(file, kind=kind_of_yaml(file.text))
    except ValueError:
        return _unclear(file.path, file.line, f"nothing that follows uses {file.name}")


def with_unused_files(steps: Sequence[Step]) -> List[Step]:
    """The steps, and behind each file that no later one uses what it is good for."""
    story: List[Step] = []
    for number, step in enumerate(steps):
        story.append(step)
        later = steps[number + 1 :]
        rewritten = next((place for place, other in enumerate(later) if other.name == step.name), len(later))
        is_settings = step.name.endswith("ansible.cfg")
        if step.kind is Kind.FILE and not is_settings and not any(_uses(other, step) for other in later[:rewritten]):
            story.append(_itself(step, steps[:number]))
    return story


_INSTALLS = re.compile(r"ansible-galaxy collection install")


def teasers_last(steps: Sequence[Step]) -> List[Step]:
    """The steps in the order in which they can be done: what is shown before the installation comes last."""
    first = next((place for place, step in enumerate(steps) if installs(step)), 0)
    early: Tuple[List[Step], List[Step]] = ([], [])
    for step in steps[:first]:
        early[step.kind in (Kind.TASKS, Kind.PLAYS, Kind.ROLE_VARIABLES)].append(step)
    return [*early[0], *steps[first:], *early[1]]


def installs(step: Step) -> bool:
    """Whether a command installs the collection."""
    return step.kind is Kind.COMMAND and _INSTALLS.search(step.text) is not None
