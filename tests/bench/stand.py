# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all measurements stand on: a folder, the fast server, accounts, lists of numbers, and PostgreSQL if need be."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, FrozenSet, List, Optional, Type

from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer, binaries

from .job import Job
from .processes import Failed, Finished, end, finished

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE.parents[4]
_PASSED_ON = ("PATH", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Account:
    """A user of the fast server, and where what is known of it is kept."""

    username: str
    store: str
    password: str = ""


class Stand:
    """Everything in it ends, and is removed, when it is left."""

    def __init__(self) -> None:
        self._closing = contextlib.ExitStack()
        self._names = itertools.count(1)
        self._api_key = f"KK{secrets.token_hex(16)}"
        self._postgresql: Optional[PostgreSQLServer] = None
        self.converged: Dict[int, Account] = {}
        """Accounts whose groups hold so many numbers, all of them on record; what uses them must leave them so."""

    def __enter__(self) -> Stand:
        try:
            self.folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            for name in ("home", "tmp", "lists", "stores"):
                (self.folder / name).mkdir()
            self.url = self._serve()
            self.options: FrozenSet[str] = frozenset(json.loads(self._task("options", self.account()).output))
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._closing.close()

    # -- server and accounts -------------------------------------------------------------------------------------------

    def _serve(self) -> str:
        program = self._closing.enter_context(
            subprocess.Popen(
                [sys.executable, str(HERE / "server.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        )
        self._closing.callback(end, program)
        assert program.stdout is not None
        url = program.stdout.readline().decode().strip()
        if not url:
            raise Failed("the bench's server did not start")
        return url

    def asked(self, username: str, method: str = "GET") -> Dict[str, int]:
        """What a user has asked for and holds: requests, generations, numbers; with DELETE the server forgets it."""
        request = urllib.request.Request(f"{self.url}/_bench/{username}", method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            seen: Dict[str, Dict[str, int]] = json.load(answer)
        return seen.get(username, {"requests": 0, "generations": 0, "numbers": 0})

    def account(self, store: Optional[str] = None, password: str = "") -> Account:
        """One that nobody has used, with a store of its own unless another is given."""
        name = f"account_{next(self._names)}"
        return Account(name, store or str(self.folder / "stores" / name), password)

    def forget(self, account: Account) -> None:
        """The server need not hold its numbers any longer."""
        self.asked(account.username, "DELETE")

    # -- lists ---------------------------------------------------------------------------------------------------------

    def numbers_file(self, count: int) -> Path:
        """A file with so many numbers, one a line, in the form of Indian ones. A zero after the country code: nobody
        can have them."""
        path = self.folder / "lists" / f"{count}.txt"
        if not path.exists():
            with path.open("w", encoding="ascii") as lines:
                lines.writelines(f"+910{number:09d}\n" for number in range(count))
        return path

    def takes_files(self) -> bool:
        """Whether the module has the option block_numbers_file."""
        return "block_numbers_file" in self.options

    # -- PostgreSQL ----------------------------------------------------------------------------------------------------

    @staticmethod
    def has_postgresql() -> bool:
        """Whether this machine has the server's programs."""
        return binaries() is not None

    def postgresql(self) -> PostgreSQLServer:
        """A server of our own, started when it is first asked for."""
        programs = binaries()
        if self._postgresql is None:
            if programs is None:
                raise Failed("there is no PostgreSQL server")
            self._postgresql = PostgreSQLServer(programs)
            self._closing.callback(self._postgresql.remove)
        return self._postgresql

    # -- programs ------------------------------------------------------------------------------------------------------

    def environment(self, account: Account, milliseconds: int = 0) -> Dict[str, str]:
        """The environment of a program that works for an account; each answer takes so long."""
        password = {"OZONETEL_STATE_STORE_PASSWORD": account.password} if account.password else {}
        return {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",  # what pip has installed is compiled already
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "OZONETEL_DOMAIN": f"{self.url}/{milliseconds}",
            "OZONETEL_USERNAME": account.username,
            "OZONETEL_API_KEY": self._api_key,
            "OZONETEL_STATE_STORE": account.store,
            **password,
        }

    def playbook(
        self,
        path: str,
        account: Account,
        variables: Dict[str, Any],
        milliseconds: int = 0,
        more: Optional[List[str]] = None,
    ) -> Finished:
        """Runs a playbook of this folder as its users would."""
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(HERE / path), *(more or [])]
        if variables:
            given = self.folder / "variables.json"
            given.write_text(json.dumps(variables), encoding="utf-8")
            command += ["-e", f"@{given}"]
        return finished(command, self.environment(account, milliseconds))

    def script(self, path: str, account: Account, count: int, milliseconds: int = 0) -> Finished:
        """Runs a competitor's script on so many numbers."""
        command = [sys.executable, str(HERE / path), f"{self.url}/{milliseconds}", str(self.numbers_file(count))]
        return finished(command, self.environment(account, milliseconds))

    def task(self, count: int, account: Account, check_mode: bool = False, **options: Any) -> Dict[str, float]:
        """Runs one task on so many numbers in a process of its own; gives what task.py tells."""
        job = Job(str(self.numbers_file(count)), not self.takes_files(), check_mode, options)
        taken: Dict[str, float] = json.loads(self._task(job.text(), account).output.splitlines()[-1])
        return taken

    def _task(self, job: str, account: Account) -> Finished:
        environment = {**self.environment(account), "PYTHONPATH": str(COLLECTIONS)}
        return finished([sys.executable, "-m", f"{__package__}.task", job], environment)
