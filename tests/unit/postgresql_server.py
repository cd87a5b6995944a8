# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real PostgreSQL server for the tests: on a loopback port, in a folder of its own, as an ordinary user."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import psycopg
import pytest


def binaries() -> Optional[Path]:
    """The folder of the newest server binaries on this machine; None where there are none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name))
    found = [place for place in places if (place / "initdb").exists()]
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).resolve().parent if on_path else None


def _ordinary_user() -> Dict[str, Any]:
    """The server refuses to run as root, so tests that run as root hand it to another user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            return {"user": pwd.getpwnam(name).pw_uid, "group": pwd.getpwnam(name).pw_gid}
        except KeyError:
            continue
    raise RuntimeError("no ordinary user to run PostgreSQL as")


class PostgreSQLServer:
    """A server that can be stopped and started again."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._as_user = _ordinary_user()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.password = secrets.token_hex(12)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        if self._as_user:
            os.chown(self._folder, self._as_user["user"], self._as_user["group"])
        password_file = self._folder / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o644)
        self._run("initdb", "-D", "data", "-U", "owner", "-A", "scram-sha-256", "--pwfile", "password", "-N")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command: List[str] = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}")

    def start(self) -> None:
        """Starts the server and waits until it takes connections."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-s", "-o", options, "start")

    def stop(self) -> None:
        """Stops the server at once; every connection breaks."""
        self._run("pg_ctl", "-D", "data", "-w", "-s", "-m", "immediate", "stop")

    def remove(self) -> None:
        """Stops the server and removes its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    def log(self) -> bytes:
        """What the server has logged since it was made."""
        return (self._folder / "log").read_bytes()

    def new_database(self) -> str:
        """Makes an empty database; gives its URL."""
        name = f"db_{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), password=self.password, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, database: str) -> str:
        """The URL of a database, without a password."""
        return f"postgresql://owner@127.0.0.1:{self.port}/{database}"


def server_for_tests() -> Iterator[PostgreSQLServer]:
    """What a fixture yields: a running server, which is removed in the end."""
    programs = binaries()
    if programs is None:
        # In CI a missing server is a failure; on somebody's laptop it only narrows what is tested.
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's server binaries are missing: apt-get install postgresql")
        pytest.skip("PostgreSQL's server binaries are missing (Debian: apt-get install postgresql)")
    server = PostgreSQLServer(programs)
    yield server
    server.remove()
