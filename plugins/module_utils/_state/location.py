# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a state store lies, as the option state_store says it. A value that may hold a password is never shown."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Mapping, Optional
from urllib.parse import parse_qsl

from .._domain.secrets import MASK

_SCHEMES = ("postgresql://", "postgres://")
_HOST = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._%-]*)(:[0-9]{1,5})?"
_URL = re.compile(
    r"(postgresql|postgres)://((?P<user>(?:(?!%3[Aa])[^@/?#:;&=])*)@)?"
    rf"(?P<hosts>{_HOST}(,{_HOST})*)(?P<path>/[^@?#:;&=]*)?(\?(?P<query>[^@#;]*))?"
)
# Those of libpq that hold no secret. Whatever else is there might be meant as one.
_PARAMETERS = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "passfile",
        "channel_binding",
        "connect_timeout",
        "client_encoding",
        "application_name",
        "fallback_application_name",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "sslmode",
        "sslnegotiation",
        "sslcompression",
        "sslcert",
        "sslkey",
        "sslcertmode",
        "sslrootcert",
        "sslcrl",
        "sslcrldir",
        "sslsni",
        "requirepeer",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "krbsrvname",
        "gsslib",
        "gssencmode",
        "gssdelegation",
        "service",
        "target_session_attrs",
        "load_balance_hosts",
        "require_auth",
    ]
)
_NEVER_IN_A_DIRECTORY = re.compile(r"\A//|://|@|pass\w*\s*=", re.IGNORECASE)
_FROM_ANYWHERE = ("/", "~")
_RELATIVE = re.compile(r"[\w.+ -]+(/[\w.+ -]*)*")
_OF_THE_WORKING_DIRECTORY = (
    "is a relative path, which is another store in each working directory; give an absolute path, or one that begins"
    " with ~"
)
_REFUSED = (
    "is neither a directory, nor a URL such as postgresql://user@host/database without a password, nor 'none'. A"
    " password goes into state_store_password, or is left to PGPASSWORD or libpq's password file"
)


@dataclass(frozen=True)
class Location:
    """A directory, or a URL of PostgreSQL with the password that goes with it; neither is a store in memory."""

    directory: Optional[str] = None
    url: Optional[str] = None
    password: Optional[str] = None


def read_location(text: Optional[str], password: Optional[str], environment: Mapping[str, str]) -> Location:
    """Reads the option state_store; None is the default directory. Raises ValueError that does not show the value."""
    if text is None:
        return Location(directory=default_directory(environment))
    if not _is_safe(text):
        raise ValueError(_REFUSED)
    if text == "none":
        return Location()
    if text.startswith(_SCHEMES):
        return Location(url=text, password=password)
    if not text.startswith(_FROM_ANYWHERE):
        raise ValueError(_OF_THE_WORKING_DIRECTORY)
    return Location(directory=text)


def _is_safe(text: str) -> bool:
    """Whether a value has a form in which there is no place for a password."""
    if text.lower() == "none":
        return text == "none"
    if text.startswith(_SCHEMES):
        return _is_safe_url(text)
    if text != text.strip() or not text.isprintable() or _NEVER_IN_A_DIRECTORY.search(text):
        return False
    return text.startswith(_FROM_ANYWHERE) or _RELATIVE.fullmatch(text) is not None


def _is_safe_url(text: str) -> bool:
    """Whether a URL has the form that PostgreSQL takes, and no password in any place."""
    url = _URL.fullmatch(text)
    if url is None or not text.isprintable() or " " in text:
        return False
    if not url.group("query"):
        return True
    try:
        parameters = parse_qsl(url.group("query"), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return False
    return all(name in _PARAMETERS for name, _value in parameters)


def without_password(text: str) -> str:
    """The option as it may be shown: a value that may hold a password is masked as a whole."""
    return text if _is_safe(text) else MASK


def shown_url(url: str) -> str:
    """A URL for messages: hosts and database only."""
    match = _URL.fullmatch(url)
    return f"postgresql://{match.group('hosts')}{match.group('path') or ''}" if match else "postgresql://"


def default_directory(environment: Mapping[str, str]) -> str:
    """$XDG_STATE_HOME/ozonetel.cloudagent, or ~/.local/state/ozonetel.cloudagent."""
    base = environment.get("XDG_STATE_HOME") or ""
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "ozonetel.cloudagent")
