# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One session, one request. The only file that imports requests."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple, Union
from urllib.parse import urlsplit

from .._domain.errors import Fault, InvalidInput, MissingLibrary, NoAnswer, NotSent, TlsFailed
from .._domain.protocols import Clock
from . import contract
from .answers import RawAnswer
from .retry import parse_retry_after

if TYPE_CHECKING:
    import requests

_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))+\.?(:[0-9]{1,5})?")
_USER_AGENT = "ozonetel.cloudagent (Ansible collection)"
_DOMAIN_KINDS = (
    "domain is 'domestic', 'international', the host name of a partner such as ccaas.example.com,"
    " or a full URL such as https://ccaas.example.com"
)


def base_url(domain: str) -> str:
    """Gives scheme and host (and port, path) for the option domain; raises InvalidInput that says what it may be."""
    if domain in contract.HOSTS:
        return f"https://{contract.HOSTS[domain]}"
    if _HOST.fullmatch(domain):
        return f"https://{domain}"
    try:
        url = urlsplit(domain)
        port = url.port
    except ValueError:
        raise InvalidInput([Fault("domain", f"is not a URL; {_DOMAIN_KINDS}")]) from None
    # The value is not shown from here on: what stands in it may be a password.
    if "@" in url.netloc or "?" in domain or "#" in domain:
        raise InvalidInput(
            [Fault("domain", f"has user information, a query or a fragment, which are not taken; {_DOMAIN_KINDS}")]
        )
    if url.scheme not in ("https", "http") or not url.hostname or re.search(r"[\s\x00-\x1f\\]", domain):
        raise InvalidInput([Fault("domain", f"is not a host or an https URL; {_DOMAIN_KINDS}")])
    if url.scheme == "http" and not is_loopback(url.hostname):
        raise InvalidInput([Fault("domain", f"{url.hostname} by plain http would show the API key; use https")])
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{host}{f':{port}' if port else ''}{url.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def verification(validate_certs: bool, ca_path: Optional[str]) -> Union[bool, str]:
    """What requests takes as ``verify``; raises InvalidInput for a ca_path that cannot be read."""
    if not validate_certs:
        return False
    if ca_path is None:
        return True
    path = os.path.expanduser(ca_path)
    if not os.path.isfile(path) and not os.path.isdir(path):
        raise InvalidInput([Fault("ca_path", f"{ca_path} does not exist; give a PEM file or a folder of certificates")])
    if not os.access(path, os.R_OK):
        raise InvalidInput([Fault("ca_path", f"{ca_path} cannot be read by this user")])
    return path


class Transport:
    """Sends requests to one host over one session with keep-alive.

    Redirects are never followed, ~/.netrc is never read, proxies from the environment are honoured except for a
    loopback host. ``timeout`` in seconds, for the connection and for each wait for data.
    """

    def __init__(self, url: str, timeout: float, verify: Union[bool, str], clock: Clock) -> None:
        self.url = url
        self.sent = 0
        self._timeout = timeout
        self._verify = verify
        self._clock = clock
        self._session: Optional[requests.Session] = None

    def close(self) -> None:
        """Closes the connections. The transport can be used again."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def send(self, method: str, path: str, body: Dict[str, Any], credential: Tuple[str, str]) -> RawAnswer:
        """Sends one request with exactly one credential header (contract A3), a pair of its name and value.

        Raises NotSent, TlsFailed or NoAnswer when there is no whole answer.
        """
        session = self._opened()
        import requests

        text = f"{method} {path}"
        self.sent += 1
        try:
            with session.request(
                method,
                self.url + path,
                data=json.dumps(body).encode(),
                auth=_OneHeader(*credential),
                timeout=self._timeout,
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                return RawAnswer(
                    status=response.status_code,
                    body=self._read(response, text),
                    retry_after=parse_retry_after(response.headers.get("Retry-After"), self._clock.now()),
                    location=_host_of(response.headers.get("Location", "")),
                )
        except requests.exceptions.SSLError as error:
            raise self._tls_failed(text, error) from None
        except (requests.exceptions.RequestException, OSError) as error:
            if _never_sent(error):
                self.sent -= 1
                raise self._not_sent(text, error) from None
            raise self._no_answer(text, error) from None

    def _opened(self) -> requests.Session:
        if self._session is None:
            try:
                import requests
                import urllib3
            except ImportError as error:
                raise MissingLibrary("requests", "to talk to CloudAgent") from error
            if self._verify is False:
                urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            self._session = requests.Session()
            self._session.trust_env = not is_loopback(urlsplit(self.url).hostname or "")
            self._session.headers.update(
                {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": _USER_AGENT}
            )
        return self._session

    def _read(self, response: requests.Response, text: str) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > contract.MAX_ANSWER_BYTES:
                raise NoAnswer(text, "the answer is larger than 8 MiB and was not read", "Check domain.")
        return bytes(body)

    def _not_sent(self, text: str, error: Exception) -> NotSent:
        host = urlsplit(self.url).netloc
        if _cause_named(error, "NameResolutionError", "gaierror"):
            return NotSent(text, f"the host name {host} is not known", f"Check domain: {_DOMAIN_KINDS}.")
        if _cause_named(error, "ProxyError"):
            return NotSent(text, "the proxy of the environment did not connect", "Check HTTPS_PROXY and NO_PROXY.")
        reason = _system_reason(error) or f"no connection within {self._timeout:g} s"
        return NotSent(text, f"no connection to {host}: {reason}", "Check domain and the network.")

    def _no_answer(self, text: str, error: Exception) -> NoAnswer:
        if _cause_named(error, "ReadTimeout", "ReadTimeoutError"):
            return NoAnswer(text, f"no answer within {self._timeout:g} s", "Raise timeout if the server is slow.")
        reason = _system_reason(error) or "it broke off"
        return NoAnswer(text, f"the connection was lost before the whole answer came: {reason}", "Run again.")

    def _tls_failed(self, text: str, error: Exception) -> TlsFailed:
        host = urlsplit(self.url).netloc
        reason = _cause_named(error, "SSLCertVerificationError", "SSLError")
        words = getattr(reason, "verify_message", "") or getattr(reason, "reason", "") or "handshake failed"
        return TlsFailed(text, f"no secure connection to {host}: {words}", "Check domain and ca_path.")


class _OneHeader:
    """Sets the one credential header. Being handed in as ``auth`` it keeps requests from reading ~/.netrc."""

    def __init__(self, name: str, value: str) -> None:
        self._name = name
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._name] = self._value
        return request


def _causes(error: BaseException) -> list[BaseException]:
    """An exception with everything it wraps, innermost last."""
    chain: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        item = queue.pop(0)
        if isinstance(item, BaseException) and item not in chain:
            chain.append(item)
            queue += [getattr(item, "reason", None), *item.args, item.__cause__, item.__context__]
    return chain


def _cause_named(error: BaseException, *names: str) -> Optional[BaseException]:
    """The innermost cause of one of these classes. By name, since the classes moved between versions of urllib3."""
    found = [cause for cause in _causes(error) if type(cause).__name__ in names]
    return found[-1] if found else None


def _never_sent(error: BaseException) -> bool:
    return (
        _cause_named(
            error, "ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "NameResolutionError", "ProxyError"
        )
        is not None
    )


def _system_reason(error: BaseException) -> str:
    """The words of the operating system, such as "Connection refused"; they hold nothing of the request."""
    reasons = [cause.strerror for cause in _causes(error) if isinstance(cause, OSError) and cause.strerror]
    return str(reasons[-1]) if reasons else ""


def _host_of(location: str) -> str:
    """Scheme and host of a redirect's target; no path or query, which may hold what the request held."""
    try:
        url = urlsplit(location)
        return f"{url.scheme}://{url.hostname}" if url.scheme and url.hostname else ""
    except ValueError:
        return ""
