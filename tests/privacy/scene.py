# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole life of an account, with secrets that are easily recognised, and everything that it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Set
from urllib.parse import quote

import psycopg

from ansible_collections.ozonetel.cloudagent.tests.privacy.hostile import ANSWERS, TO_GENERATIONS
from ansible_collections.ozonetel.cloudagent.tests.privacy.processes import Watch
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.certificates import self_signed
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer

HERE = Path(__file__).resolve().parent
_COLLECTIONS = HERE.parents[4]
_ODD = '/+"&<%41\\'
"""Signs that URLs, JSON, HTML and Python write differently, so that each form can be told from the others."""
TEMPORARY = ("tmp", "ansible_local", "ansible_remote")


class Scene:
    """Servers, secrets, and a folder in which everything lies that a life leaves."""

    def __init__(self, postgresql: PostgreSQLServer, folder: Path, token_form: str) -> None:
        self._closing = contextlib.ExitStack()
        self._token_form = token_form
        self.given, self.left = folder / "given", folder / "left"
        for made in (self.given, self.left, self.left / "home", *(self.left / name for name in TEMPORARY)):
            made.mkdir()
        self.key, self.wrong_key = (f"KK{secrets.token_hex(16)}{_ODD}" for _two in range(2))
        self.password, self.wrong_password = (f"{secrets.token_hex(12)}é{_ODD}" for _two in range(2))
        self.tokens: Set[str] = set()
        self.watch = Watch()
        self.in_environment = False
        self._postgresql = postgresql
        self.database = self._database()
        self._simulator = self._serving([])

    def _database(self) -> str:
        """The URL of an empty one, for a user with the password."""
        url, user = self._postgresql.new_database(), f"watched_{secrets.token_hex(4)}"
        with psycopg.connect(url, password=self._postgresql.password, autocommit=True) as owner:
            owner.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{self.password}'".encode())
            owner.execute(f"GRANT CREATE ON DATABASE {url.rpartition('/')[2]} TO {user}".encode())
        return url.replace("owner@", f"{user}@")

    def _serving(self, faults: Sequence[Dict[str, Any]], certificate: Any = None) -> Simulator:
        """A simulated CloudAgent with these faults for ever."""
        simulator = Simulator(api_key=self.key, certificate=certificate).start(poll_interval=0.5)
        self._closing.callback(simulator.stop)
        simulator.set(token_form=self._token_form)
        simulator.server.before_answering = self._note
        for fault in faults:
            simulator.fault(times=10**6, **fault)
        return simulator

    def _note(self, record: Dict[str, Any]) -> None:
        if record["call"] == "generate" and isinstance(record["answer"], dict) and "token" in record["answer"]:
            self.tokens.add(str(record["answer"]["token"]))

    def _unreachable(self) -> List[str]:
        secure = self._serving([], self_signed(self.given)).url
        nowhere = "https://cloudagent.invalid"
        in_address = [f"https://user:{self.key}@cloudagent.invalid", f"{nowhere}/?apiKey={quote(self.key)}"]
        return [
            secure,
            self._simulator.url.replace("http", "https"),
            secure.replace("https", "http"),
            nowhere,
            *in_address,
        ]

    def live(self, in_variables: bool) -> None:
        """Runs the playbook, with key and password as variables or in its environment; all that is left lies in
        ``left`` then."""
        self.in_environment = not in_variables
        calls = ("create", "update", "delete", "probe")
        variables = {
            "url": self._simulator.url,
            "folder": str(self.left),
            "broken": str(HERE / "broken"),
            "postgresql": self.database,
            "wrong_key": self.wrong_key,
            "wrong_password": self.wrong_password,
            "unreachable": self._unreachable(),
            "hostile": [self._serving([{"call": call, **answer} for call in calls]).url for answer in ANSWERS],
            "hostile_to_generations": [
                self._serving([{"call": "generate", **answer}]).url for answer in TO_GENERATIONS
            ],
            "given": {"api_key": self.key, "password": self.password} if in_variables else {},
        }
        file = self.given / "variables.json"
        file.write_text(json.dumps(variables), encoding="utf-8")
        environment = self._environment(None if in_variables else self.key)
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(HERE / "playbooks" / "everything.yml")]
        with self._closing, self.watch, (self.left / "output").open("wb") as output:
            subprocess.run(
                [*command, "-e", f"@{file}", "-vvvv", "--diff"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        self._keep_database()

    def _environment(self, key: Optional[str]) -> Dict[str, str]:
        ours = {} if key is None else {"OZONETEL_API_KEY": key, "OZONETEL_STATE_STORE_PASSWORD": self.password}
        return {
            **{name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ},
            **ours,
            "HOME": str(self.left / "home"),
            "TMPDIR": str(self.left / "tmp"),
            "PYTHONPATH": str(HERE / "system_log"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SYSTEM_LOG_PATH": str(self.left / "system_log"),
            "EVENTS_PATH": str(self.left / "events"),
            "JUNIT_OUTPUT_DIR": str(self.left / "junit"),
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,events",
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_COLLECTIONS_PATH": str(_COLLECTIONS),
            "ANSIBLE_LOG_PATH": str(self.left / "ansible_log"),
            "ANSIBLE_LOCAL_TEMP": str(self.left / "ansible_local"),
            "ANSIBLE_REMOTE_TMP": str(self.left / "ansible_remote"),
            "ANSIBLE_ASYNC_DIR": str(self.left / "background"),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.left / "facts"),
        }

    def _keep_database(self) -> None:
        """Every row of the store on PostgreSQL, and what its server has logged."""
        with psycopg.connect(self.database, password=self.password, client_encoding="UTF8") as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'ozonetel_cloudagent'")
            with (self.left / "postgresql").open("w", encoding="utf-8") as file:
                for (table,) in tables.fetchall():
                    rows = connection.execute(f"SELECT t::text FROM ozonetel_cloudagent.{table} AS t".encode())
                    file.writelines(f"{table}: {row}\n" for (row,) in rows.fetchall())
        (self.left / "postgresql_log").write_bytes(self._postgresql.log())

    def places(self) -> Dict[str, bytes]:
        """Everything that is left, with the names of files, by what stands highest in the folder."""
        found: Dict[str, bytes] = {}
        for path in sorted(self.left.rglob("*")):
            inside = path.relative_to(self.left)
            content = path.read_bytes() if path.is_file() else b""
            found[inside.parts[0]] = found.get(inside.parts[0], b"") + f"\n{inside}\n".encode() + content
        return found

    @property
    def secrets(self) -> Dict[str, str]:
        """What must stand nowhere, and what it is called."""
        named = {self.key: "the API key", self.password: "the password"}
        wrong = {self.wrong_key: "the wrong API key", self.wrong_password: "the wrong password"}
        return {**named, **wrong, **dict.fromkeys(self.tokens, "a token")}
