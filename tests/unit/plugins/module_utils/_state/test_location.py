# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the state store lies, and that no password stands there."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import (
    Location,
    default_directory,
    read_location,
    shown_url,
    without_password,
)


def _read(text: Optional[str], password: Optional[str] = None) -> Location:
    return read_location(text, password, {"XDG_STATE_HOME": "/x"})


@pytest.mark.parametrize(
    ("text", "location"),
    [
        (None, Location(directory="/x/ozonetel.cloudagent")),
        ("none", Location()),
        ("/var/state", Location(directory="/var/state")),
        ("/var/with = and : in it", Location(directory="/var/with = and : in it")),
        ("~/state", Location(directory="~/state")),
        ("~deploy/state", Location(directory="~deploy/state")),
    ],
)
def test_a_directory_is_read(text: Optional[str], location: Location) -> None:
    assert _read(text) == location
    assert _read(text, "word") == location  # a password that is set for other tasks does no harm


@pytest.mark.parametrize("text", ["state", "./my state/one+two", "../state", ".", "state/"])
def test_a_relative_path_is_refused_since_it_is_another_store_in_each_working_directory(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is a relative path, .*; give an absolute path, or one that begins with ~$"):
        _read(text)
    assert without_password(text) == text  # so that the message is this one, and no password


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user@host/database",
        "postgres://user@host:5432/database",
        "postgresql://host/database",
        "postgresql:///database?host=/var/run/postgresql",
        "postgresql://%2Fvar%2Frun/database",
        "postgresql://user@[::1]:5432/database",
        "postgresql://user@one:5432,two:5433/database?target_session_attrs=read-write",
        "postgresql://us%40er@host/data%20base?sslmode=verify-full&passfile=/home/me/.pgpass",
    ],
)
@pytest.mark.parametrize("password", [None, "p@ss/w?rd"])
def test_a_url_of_postgresql_is_read_with_the_password_beside_it(url: str, password: Optional[str]) -> None:
    assert _read(url, password) == Location(url=url, password=password)
    assert without_password(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user:hidden@host/database",
        "postgresql://user:@host/database",
        "postgresql://:hidden@host/database",
        "postgresql://user:hid#den@host/database",
        "postgresql://user:hid?den@host/database",
        "postgresql://user:hid/den@host/database",
        "postgresql://user:12/hidden@host/database",
        "postgresql://user:12?hidden@host/database",
        "postgresql://user:hid%2Fden@host/database",
        "postgresql://user:hid+den@host/database",
        "postgresql://user:hid@den@host/database",
        "postgresql://user@host/database?password=hidden",
        "postgresql://user@host/database?sslpassword=hidden",
        "postgresql://user@host/database?PASSWORD=hidden",
        "postgresql://user@host/database?oauth_client_secret=hidden",
        "postgresql://user@host/database?scram_client_key=hidden",
        "postgresql://user@host/database?hidden",
        "postgresql://user@host/database#hidden",
        "postgresql://user@host/data base",
        "POSTGRESQL://user@host/database",
        "Postgres://user:hidden@host/database",
        " postgresql://user@host/database",
        "postgresql://user@host/database ",
        " /var/state",
        "postgresql:/user:hidden@host/database",
        "postgresql://user%3Ahidden@host/database",
        "postgresql://user%3ahidden@host/database",
        "postgresql://user@host/database;password=hidden",
        "postgresql://user@host/database&password=hidden",
        "postgresql://user;hidden@host/database",
        "postgresql://user@host/database?passwd=hidden",
        "postgresql://user@host/database?pwd=hidden",
        "postgresql://user@host/database?token=hidden",
        "postgresql://user@host/database?options=-c%20hidden",
        "postgresql://user@host/database?sslmode=require;hidden",
        "//user:hidden@host/database",
        "//host/hidden",
        "/host=h password=hidden",
        "~/postgresql://user:hidden@host",
        "/var/user:hidden@host",
        "None",
        "NONE",
        "mysql://user:hidden@host/database",
        "host=h password=hidden",
        "dbname = d password = hidden",
        "password='hidden'",
        "user:hidden@host",
        "file:state?x=hidden",
        "/var/hid\0den",
        "/var/hid\nden",
        "",
        MASK,
    ],
)
def test_b2_b6_what_may_hold_a_password_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(ValueError, match="state_store_password") as caught:
        _read(text)
    assert "hid" not in str(caught.value)
    assert without_password(text) == MASK


@settings(deadline=None, max_examples=500)
@given(st.text(min_size=1, max_size=12), st.sampled_from(["postgresql", "postgres", "POSTGRESQL", "psql"]))
@example("a@b", "postgresql")
@example("a/b@c/d?e", "postgresql")
def test_no_url_with_any_password_in_it_is_taken(password: str, scheme: str) -> None:
    with pytest.raises(ValueError, match="without a password"):
        _read(f"{scheme}://user:{password}@host/database")
    with pytest.raises(ValueError, match="without a password"):
        _read(f"{scheme}://user@host/database?password={password}")


def test_a_url_is_shown_with_its_hosts_and_database_only() -> None:
    assert shown_url("postgresql://user@host:5432/database?sslmode=require") == "postgresql://host:5432/database"
    assert shown_url("postgres://one,two") == "postgresql://one,two"
    assert shown_url("postgresql://u:p@h/d") == "postgresql://"


def test_the_default_place_follows_the_environment() -> None:
    assert default_directory({"XDG_STATE_HOME": "/x"}) == "/x/ozonetel.cloudagent"
    assert default_directory({"XDG_STATE_HOME": "relative"}) == default_directory({})
    assert default_directory({}).endswith("/.local/state/ozonetel.cloudagent")
