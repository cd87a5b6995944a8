# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state store on a real PostgreSQL: how it is reached, and what else lies there."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from pathlib import Path
from typing import Any, Iterator, List, Optional, Tuple

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    MissingLibrary,
    StoreError,
    StoreUnavailable,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.postgresql import library_version, look
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.schema import CURRENT_VERSION
from ansible_collections.ozonetel.cloudagent.tests.bench.relay import Relay, relaying
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database, opened


def test_a_wrong_password_is_told_without_showing_it(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        opened(Location(url=postgresql.url("postgres"), password="wrong-password"))
    assert "wrong-password" not in str(caught.value)
    assert f"postgresql://127.0.0.1:{postgresql.port}/postgres" in str(caught.value)


def test_a_url_that_postgresql_does_not_take_is_told_without_showing_it(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(StoreError, match="is not a URL that PostgreSQL takes") as caught:
        opened(Location(url="postgresql://owner@127.0.0.1/db?unheard_of=hidden"))
    assert "hidden" not in str(caught.value)


def test_the_password_may_come_from_the_environment(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = empty_database(postgresql)
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    opened(Location(url=location.url)).close()


def test_the_password_may_come_from_a_password_file(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    location = empty_database(postgresql)
    file = tmp_path / "passwords"
    file.write_text(f"127.0.0.1:{postgresql.port}:*:owner:{postgresql.password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    opened(Location(url=location.url)).close()


def test_other_tables_of_the_database_are_left_alone(postgresql: PostgreSQLServer) -> None:
    location = empty_database(postgresql)
    with psycopg.connect(str(location.url), password=location.password, autocommit=True) as connection:
        connection.execute("CREATE TABLE tokens (theirs TEXT)")
        store = opened(location)
        assert store.rows("SELECT COUNT(*) FROM tokens") == [(0,)]
        store.close()
        assert connection.execute("SELECT theirs FROM tokens").fetchall() == []


def test_many_that_open_an_empty_database_at_once_make_one_schema(postgresql: PostgreSQLServer) -> None:
    location = empty_database(postgresql)
    failures = []

    def work() -> None:
        try:
            opened(location).close()
        except StoreError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=work) for _count in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_whether_a_commit_waits_for_the_disk_is_the_matter_of_one_connection(postgresql: PostgreSQLServer) -> None:
    location = empty_database(postgresql)
    first, second = opened(location), opened(location)
    with first.durable():
        assert first.rows("SHOW synchronous_commit") == [("on",)]
        assert second.rows("SHOW synchronous_commit") == [("off",)]
    first.close()
    second.close()


def _for_another_user(server: PostgreSQLServer, made: bool, *statements: str) -> Location:
    """A database as another user than its owner sees it. ``made``: the store is there."""
    location = empty_database(server)
    if made:
        opened(location).close()
    name = f"user_{str(location.url).rpartition('_')[2]}"
    with psycopg.connect(str(location.url), password=location.password, autocommit=True) as connection:
        for statement in (f"CREATE ROLE {name} LOGIN PASSWORD 'a-password-of-it'", *statements):
            connection.execute(statement.format(user=name).encode())
    return Location(url=str(location.url).replace("owner@", f"{name}@"), password="a-password-of-it")


USAGE = "GRANT USAGE ON SCHEMA ozonetel_cloudagent TO {user}"
READS = "GRANT SELECT ON ALL TABLES IN SCHEMA ozonetel_cloudagent TO {user}"
WRITES = "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ozonetel_cloudagent TO {user}"
OLDER = "UPDATE ozonetel_cloudagent.schema_version SET version = 2"


@pytest.mark.parametrize(
    ("made", "statements"),
    [
        (False, []),
        (False, ["CREATE SCHEMA ozonetel_cloudagent", USAGE]),
        (True, []),
        (True, [USAGE, READS]),
        (True, [USAGE, READS, WRITES, "REVOKE DELETE ON ozonetel_cloudagent.tokens FROM {user}"]),
        (True, [USAGE, READS, WRITES, OLDER]),
        (True, [USAGE, READS, WRITES, OLDER, "GRANT CREATE ON SCHEMA ozonetel_cloudagent TO {user}"]),
    ],
)
def test_a_right_that_is_missing_is_seen_without_writing(
    postgresql: PostgreSQLServer, made: bool, statements: List[str]
) -> None:
    location = _for_another_user(postgresql, made, *statements)
    with pytest.raises(StoreError, match="The user needs USAGE and CREATE on the schema ozonetel_cloudagent"):
        look(str(location.url), location.password, 1.0)


@pytest.mark.parametrize(
    ("made", "statements", "version"),
    [
        (True, [USAGE, READS, WRITES], CURRENT_VERSION),
        (False, ["CREATE SCHEMA ozonetel_cloudagent AUTHORIZATION {user}"], 0),
    ],
)
def test_rights_that_are_enough_are_taken(
    postgresql: PostgreSQLServer, made: bool, statements: List[str], version: int
) -> None:
    location = _for_another_user(postgresql, made, *statements)
    assert look(str(location.url), location.password, 1.0) == version
    opened(location).close()


def test_a_server_that_takes_no_writes_is_told(postgresql: PostgreSQLServer) -> None:
    location = _for_another_user(postgresql, False, "ALTER ROLE {user} SET default_transaction_read_only = on")
    with pytest.raises(StoreUnavailable, match="can only be read"):
        look(str(location.url), location.password, 1.0)


@pytest.fixture
def one_connection(postgresql: PostgreSQLServer) -> Iterator[Tuple[Location, psycopg.Connection[Any]]]:
    """The place of a user who may have one connection, and has it."""
    alone = "CREATE SCHEMA ozonetel_cloudagent AUTHORIZATION {user}", "ALTER ROLE {user} CONNECTION LIMIT 1"
    location = _for_another_user(postgresql, False, *alone)
    with psycopg.connect(str(location.url), password=location.password) as taken:
        yield location, taken


def test_while_the_server_has_no_connection_free_it_is_waited_for(
    one_connection: Tuple[Location, psycopg.Connection[Any]],
) -> None:
    location, taken = one_connection
    threading.Timer(0.5, taken.close).start()
    opened(location, patience=30.0).close()
    assert taken.closed


def test_where_no_connection_comes_free_the_message_tells_what_to_do(
    one_connection: Tuple[Location, psycopg.Connection[Any]],
) -> None:
    location, taken = one_connection
    with pytest.raises(StoreUnavailable, match=r"has no connection free.*fewer forks"):
        opened(location, patience=0.3)
    assert not taken.closed


class _Refusing(Relay):
    """Answers the first connections with these bytes, and hangs up, or says nothing for None; passes the others on."""

    def __init__(self, port: int, answers: List[Optional[bytes]]) -> None:
        super().__init__(port)
        self.answers = answers

    def _pass_on(self, client: socket.socket) -> None:
        if not self.answers:
            super()._pass_on(client)
            return
        answer = self.answers.pop()
        with contextlib.suppress(OSError), client:
            while int.from_bytes(client.recv(1 << 16)[4:6], "big") != 3:  # the version of the protocol; before it
                client.sendall(b"N")  # encryption is asked for
            if answer is not None:
                client.sendall(answer)
            else:
                client.recv(1)  # until the client hangs up


_STARTING = b"E\0\0\0\x3eSFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"


@pytest.mark.parametrize(
    ("answers", "patience", "settings"),
    [
        ([b""], 0.0, ""),  # once more in any case
        ([b""] * 3, 30.0, ""),
        ([_STARTING] * 3, 30.0, ""),
        ([None], 30.0, "?connect_timeout=2"),
    ],
)
def test_a_server_that_does_not_take_the_connection_now_is_asked_again(
    postgresql: PostgreSQLServer, answers: List[Optional[bytes]], patience: float, settings: str
) -> None:
    with relaying(_Refusing(postgresql.port, [*answers])) as refusing:
        url = refusing.through(postgresql.new_database()) + settings
        opened(Location(url=url, password=postgresql.password), patience=patience).close()
        assert refusing.answers == []


@pytest.mark.parametrize("answer", [b"", _STARTING])
def test_a_server_that_never_takes_a_connection_is_told(postgresql: PostgreSQLServer, answer: bytes) -> None:
    with relaying(_Refusing(postgresql.port, [answer] * 100)) as refusing:
        url = refusing.through(postgresql.new_database())
        with pytest.raises(StoreUnavailable, match=r"cannot be reached: .*Check that the server runs"):
            opened(Location(url=url, password=postgresql.password), patience=0.7)  # five tries, fewer if they are slow
        assert 3 <= 100 - len(refusing.answers) <= 5


def test_the_version_of_the_library_is_told_or_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library_version() == psycopg.__version__
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingLibrary, match="psycopg"):
        library_version()
