# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options for the domain and for TLS become a base URL and what the connection is verified with."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
from typing import List, Optional, Union
from urllib.parse import SplitResult, urlsplit

from . import contract

DOMAIN_KINDS = (
    "domain is 'domestic', 'international', the host name of a partner such as ccaas.example.com,"
    " or a full URL such as https://ccaas.example.com"
)
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_BARE = re.compile(r"[A-Za-z0-9_.-]+\.[A-Za-z0-9_.-]*(:[0-9]+)?/?")
_OF_THE_API = "/ca_apis"
_LONGEST_HOST = 253
_PORTS = {"https": 443, "http": 80}


def base_url(domain: str) -> str:
    """Gives scheme and host (and port, path) for the option domain; raises ValueError that says what it may be.

    However a host is written (capitals, a final dot, the usual port), it has one form: accounts are told apart by it.
    """
    if domain.lower() in contract.HOSTS:
        return f"https://{contract.HOSTS[domain.lower()]}"
    # The value is not shown: what stands in it may be a password.
    if re.search(r"[\s\x00-\x1f\\]", domain):
        raise ValueError(f"is not a host or an https URL; {DOMAIN_KINDS}")
    url = _split(f"https://{domain}" if _BARE.fullmatch(domain) else domain)
    if "@" in url.netloc or "?" in domain or "#" in domain:
        raise ValueError(f"has user information, a query or a fragment, which are not taken; {DOMAIN_KINDS}")
    if url.scheme not in _PORTS or not url.hostname:
        raise ValueError(f"is not a host or an https URL; {DOMAIN_KINDS}")
    if _OF_THE_API in f"{url.path}/".lower():
        raise ValueError(f"has the path {_OF_THE_API}, which each call has anyway; leave it out")
    host, port = _host(url.hostname), _port(url)
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError(f"{host} by plain http would show the API key; use https")
    shown = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{shown}{'' if port is None else f':{port}'}{url.path.rstrip('/')}"


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError(f"is not a URL; {DOMAIN_KINDS}") from None


def _host(name: str) -> str:
    """A host name in lower case and without a final dot, or an address as it is written shortest."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(name)
        if "%" not in name:
            return str(address)
    host = name.lower()
    host = host[:-1] if host.endswith(".") else host
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host) or re.fullmatch(r"[0-9.]+", host):
        raise ValueError(f"is not the name of a host; {DOMAIN_KINDS}")
    return host


def _port(url: SplitResult) -> Optional[int]:
    """The port, None for the usual one of the scheme."""
    try:
        port = url.port
    except ValueError:
        raise ValueError("has a port that is not a number from 1 to 65535") from None
    if port == 0 or url.netloc.endswith(":"):
        raise ValueError("has a port that is not a number from 1 to 65535")
    return None if port == _PORTS[url.scheme] else port


def addresses(url: str) -> List[str]:
    """The addresses of the host of a URL, as this machine looks them up. Raises OSError."""
    parts = urlsplit(url)
    found = socket.getaddrinfo(parts.hostname, parts.port or _PORTS[parts.scheme], type=socket.SOCK_STREAM)
    return sorted({str(address[0]) for *_kind, address in found})


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def verification(validate_certs: bool, ca_path: Optional[str]) -> Union[bool, str]:
    """What a connection is verified with: the usual authorities (True), nothing (False), or those at a path.

    Raises ValueError for a ca_path that cannot be used.
    """
    if not validate_certs:
        return False
    if ca_path is None:
        return True
    path = os.path.expanduser(ca_path)
    if not os.path.isfile(path) and not os.path.isdir(path):
        problem = "is neither a file nor a folder" if os.path.lexists(path) else "does not exist"
        raise ValueError(f"{ca_path} {problem}; give a PEM file or a folder of certificates")
    if not os.access(path, os.R_OK):
        raise ValueError(f"{ca_path} cannot be read by this user; change its permissions")
    if os.path.isfile(path):
        import ssl  # takes a while, and most tasks give no path

        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        except (ssl.SSLError, OSError):
            raise ValueError(f"{ca_path} holds no certificate in PEM form") from None
    return path
