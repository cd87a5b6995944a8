# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader who does what a file shows, against a simulated CloudAgent, and says what did not go as told."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

from .checkout import clone
from .extract import matches
from .output import missing
from .presumed import BEFORE, FAILING, FILES, PLACEHOLDERS, VARIABLES, Failing
from .shell import Done, Shell
from .stand import Stand
from .steps import Kind, Step, installs
from .stories import CHECKOUT

_SECONDS = 400.0
_LAST_LINES = 60
_REAL_SERVICE = re.compile(
    r"(domain: *|OZONETEL_DOMAIN=)(domestic|international)\b|https://[\w-]*api[\w-]*\.ozonetel\.com"
)
_CHANGED = re.compile(r"\bchanged=(\d+)")
_PLAYED = (Kind.PLAYS, Kind.TASKS, Kind.ROLE_VARIABLES)


def _failing(step: Step) -> Optional[Failing]:
    """What is known of how a step is to fail."""
    return next(
        (entry for entry in FAILING if matches(step.path, entry.path) and re.search(entry.code, step.text)), None
    )


def to_fail(step: Step) -> bool:
    """Whether the documentation says that a step fails."""
    return step.kind is not Kind.FILE and (_failing(step) is not None or step.comment.startswith("fails"))


def with_values(text: str, values: Mapping[str, str]) -> str:
    """A text of the table with its values."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text of the documentation with what its placeholders stand for."""
    for placeholder in PLACEHOLDERS:
        text = re.sub(placeholder.written, with_values(placeholder.meant, values).replace("\\", r"\\"), text)
    return text


def wrapped(tasks: str) -> str:
    """Tasks as a play on this machine."""
    return f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{textwrap.indent(tasks, '    ')}"


def _of_roles(variables: str) -> str:
    page = "block_groups_page_" in variables
    role = "ozonetel.cloudagent.block_groups_page" if page else "ozonetel.cloudagent.block_groups"
    play = f"- hosts: localhost\n  gather_facts: false\n  roles: [{role}]\n  vars:\n"
    return play + textwrap.indent(variables, "    ")


class Reader:
    """Somebody with an empty home who reads one file."""

    def __init__(
        self, stand: Stand, simulator: Simulator, folder: Path, steps: Sequence[Step], more: Mapping[str, str]
    ) -> None:
        """``more``: the database and its password, if a step names one."""
        self._simulator = simulator
        self._work, self._home, self._notes = (folder / name for name in ("work", "home", "notes"))
        self._values = {
            "url": simulator.url,
            "key": simulator.api_key,
            "work": str(self._work),
            "checkout": str(CHECKOUT),
            "venv": sys.prefix,
            "database": more.get("database", ""),
            "database_password": more.get("database_password", ""),
        }
        self._path = steps[0].path
        self._steps = [replace(step, text=filled(step.text, self._values)) for step in steps]
        self._everything = "\n".join(step.text for step in self._steps)
        for made in (self._home, self._notes):
            made.mkdir()
        self._go_to_work(stand)
        self._shell = Shell(self._work, self._notes, self._environment(stand, folder))
        self._printed = ""

    # -- what the reader has before the first line ---------------------------------------------------------------------

    def _go_to_work(self, stand: Stand) -> None:
        commands = "\n".join(step.text for step in self._steps if step.kind is Kind.COMMAND)
        in_checkout = (
            re.search(r"\bmake demo\b|\bexamples/|\.build/", commands) and "examples/checkout.py" not in commands
        )
        if in_checkout:
            clone(self._work, Path(sys.prefix))
        else:
            self._work.mkdir()
        if "/srv/" in self._everything:
            (self._work / "srv" / "pages").mkdir(parents=True)
        self._bring_files(self._work)

    def _bring_files(self, folder: Path) -> None:
        """Files that examples presume, and that are not there."""
        for name, file in FILES.items():
            presumed = re.search(rf"(?<![\w/.]){re.escape(name)}", self._everything) and not self._writes(name)
            source = CHECKOUT / file.copy_of
            if not presumed or (folder / name).exists():
                continue
            if not file.copy_of:
                (folder / name).write_text(file.content, encoding="utf-8")
            elif source.is_dir():
                shutil.copytree(source, folder, dirs_exist_ok=True)
            else:
                shutil.copy(source, folder / name)

    def _writes(self, name: str) -> bool:
        return any(step.name == name for step in self._steps)

    def _environment(self, stand: Stand, folder: Path) -> Dict[str, str]:
        environment = stand.bare_environment(self._home)
        environment["OZONETEL_DOMAIN"] = self._simulator.url
        account = {"OZONETEL_USERNAME": self._simulator.username, "OZONETEL_API_KEY": self._simulator.api_key}
        environment.update({name: value for name, value in account.items() if f"{name}=" not in self._everything})
        if self._values["database"]:
            environment["PGPASSWORD"] = self._values["database_password"]
            environment["PSQLRC"] = str(self._notes / "psqlrc")
            (self._notes / "psqlrc").write_text("\\set QUIET on\n\\set ON_ERROR_STOP on\n", encoding="utf-8")
        if any(installs(step) for step in self._steps):
            if "ansible-core" not in self._everything:
                stand.give_ansible(environment, folder / "ansible")
        else:
            stand.give_everything(environment)
        variables = json.dumps({name: value for name, (value, _where) in VARIABLES.items() if self._presumes(name)})
        (self._notes / "variables.json").write_text(with_values(variables, self._values), encoding="utf-8")
        environment["EXAMPLES_VARIABLES"] = str(self._notes / "variables.json")
        environment["ANSIBLE_VARS_PLUGINS"] = str(Path(__file__).parent / "vars_plugins")
        return environment

    def _presumes(self, name: str) -> bool:
        return not re.search(rf"^ *{name}:", self._everything, re.MULTILINE)

    # -- what the reader does ------------------------------------------------------------------------------------------

    def problems(self) -> List[str]:
        """Does everything; what went in another way than the file says, with the place."""
        try:
            return [problem for problem in self._done() if problem]
        finally:
            self._shell.close()

    def _done(self) -> Iterator[Optional[str]]:
        for pattern, (tasks, _why) in BEFORE.items():
            if matches(self._path, pattern):
                yield self._play(Step(self._path, 0, Kind.TASKS, with_values(tasks, self._values)))
        for together, steps in groupby(self._steps, key=lambda step: step.kind is Kind.TASKS and not to_fail(step)):
            group = list(steps)
            if together:
                yield self._play(replace(group[0], text="\n".join(step.text for step in group)))
            else:
                yield from map(self._do, group)

    def _do(self, step: Step) -> Optional[str]:
        if _REAL_SERVICE.search(step.text):
            return (
                f"{step.place}: this would reach the real service; see the placeholders in tests/examples/presumed.py"
            )
        if step.kind is Kind.UNCLEAR:
            return f"{step.place}: {step.text}"
        if step.kind is Kind.FILE:
            self._write(step.name, step.text)
            return None
        if step.kind is Kind.COMMAND:
            return self._checked(step, step.text)
        if step.kind is Kind.OUTPUT:
            line = missing(step.text, self._printed)
            return line and f"{step.place}: nothing before it has printed: {line}"
        if step.kind is Kind.INVENTORY:
            self._write(f"inventory_{step.line}.yml", step.text)
            return self._checked(step, f"ansible-inventory -i inventory_{step.line}.yml --list")
        return self._play(step) if step.kind in _PLAYED else None

    def _write(self, name: str, text: str) -> None:
        path = self._shell.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _play(self, step: Step) -> Optional[str]:
        plays = {Kind.TASKS: wrapped, Kind.ROLE_VARIABLES: _of_roles}.get(step.kind, str)(step.text)
        hosts = set(re.findall(r"^-? *hosts: *(.*)$", plays, re.MULTILINE))
        name = step.name if step.kind is Kind.PLAYS and step.name else f"example_{step.line}.yml"
        self._write(name, plays)
        self._bring_files(self._shell.folder)
        inventory = "" if hosts <= {"localhost"} else "-i inventory.yml "
        return self._checked(step, f"ansible-playbook {inventory}{name}")

    def _checked(self, step: Step, command: str) -> Optional[str]:
        """Runs a command of a step; says what is wrong with how it ended, what it printed and what it sent."""
        before = len(self._simulator.requests())
        done = self._shell.run(command, _SECONDS)
        self._printed += done.output
        problem = self._ended(step, done)
        if problem is None and "ansible-playbook" in command and "--check" in command:
            sent = len(self._simulator.requests()) - before
            problem = f"with --check it has sent {sent} requests" if sent else None
        if problem is None:
            return None
        printed = "\n".join(f"    | {line}" for line in done.output.splitlines()[-_LAST_LINES:])
        return f"{step.place}: {command.strip()}\n  {problem}\n{printed}"

    @staticmethod
    def _ended(step: Step, done: Done) -> Optional[str]:
        if to_fail(step) != bool(done.code):
            return "it is said to fail, and did not" if to_fail(step) else f"it ended with {done.code}"
        changed = _CHANGED.findall(done.output)
        if "changes nothing" in step.comment and (not changed or set(changed) != {"0"}):
            return f"it is said to change nothing, and changed={', '.join(changed) or 'nothing that is told'}"
        failing = _failing(step)
        line = missing(step.shown, done.output) or missing(failing.printed if failing else "", done.output)
        return line and f"it is said to print what did not come: {line}"
