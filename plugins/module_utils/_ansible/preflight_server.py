# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight sees of the server: the way there, its clock, and whether the account takes the credential."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, List, Optional, Tuple, Union
from urllib.parse import urlsplit

from .._api import contract
from .._api.address import DOMAIN_KINDS, addresses
from .._api.answers import RawAnswer, json_object
from .._api.client import bearer, greeted, try_credential
from .._api.retry import parse_date
from .._api.transport import Credential
from .._domain.checks import Check, Verdict, check_clock
from .._domain.errors import (
    CallFailed,
    CredentialsRefused,
    EndpointMissing,
    NoAnswer,
    NotByTheApplication,
    RateLimited,
    Refused,
    ServerFault,
    TlsFailed,
    TokenRefused,
)
from .parts import Parts

SETTINGS = {contract.ACCOUNT_IN_BASIC_AUTH: "BASIC_AUTH", contract.ACCOUNT_IN_TOKEN_AUTH: "TOKEN_AUTH"}
"""The account's setting by the words that tell it (contract A4)."""
_FIREWALL = (
    "A firewall, or the account's list of allowed addresses, may refuse this machine, or only this kind of request: a"
    " GET with a body."
)
# Words that are not documented, and may be about the credential all the same.
_MAY_BE_ABOUT_CREDENTIALS = re.compile(r"auth|token|key|user|credential|permi|denied|login|account")


@dataclass(frozen=True)
class Reached:
    """What the way to the server has come to. ``offset``: seconds by which its clock is ahead of this machine's.

    ``answered``: it may be sent a credential.
    """

    checks: Tuple[Check, ...]
    answered: bool = False
    offset: Optional[int] = None


def reach(parts: Parts) -> Reached:
    """Looks the host up and sends one request without a credential: no key goes to a host that is not there."""
    by_proxy = parts.sending.transport.by_proxy()
    dns = look_up(parts.shared.url, by_proxy)
    if dns.verdict is Verdict.FAILED:
        return Reached((dns, *skipped("the host name is not known", "reach", "tls", "clock")))
    outcome: Union[RawAnswer, CallFailed]
    try:
        outcome = greeted(parts.sending.caller())
    except CallFailed as error:
        outcome = error
    now = parts.clock.now()
    way = (_connection(outcome, by_proxy), _tls(parts, outcome))
    if isinstance(outcome, CallFailed):
        return Reached((dns, *way, *skipped("the server has not answered", "clock")))
    date = parse_date(outcome.headers.get("Date"))
    # A date has no fractions: the answer was made within the second that it names.
    offset = None if date is None else date + 0.5 - now
    answered = way[0].verdict is not Verdict.FAILED
    return Reached((dns, *way, check_clock(offset)), answered, None if offset is None else round(offset))


def skipped(why: str, *names: str) -> List[Check]:
    """Checks that could not be looked at."""
    return [Check(name, Verdict.SKIPPED, f"Not looked at, since {why}.") for name in names]


def look_up(url: str, by_proxy: bool) -> Check:
    """Whether the host of a URL has an address."""
    if by_proxy:
        return Check("dns", Verdict.SKIPPED, "The proxy of the environment looks the host up.")
    host = urlsplit(url).hostname
    try:
        found = addresses(url)
    except OSError as error:
        return Check(
            "dns",
            Verdict.FAILED,
            f"The host name {host} is not known: {error.strerror or error}.",
            f"Check domain, and the name server of this machine: {DOMAIN_KINDS}.",
        )
    told = f"{host} is an address, not a name." if found == [host] else f"{host} is {', '.join(found)}."
    return Check("dns", Verdict.OK, told)


def _connection(outcome: Union[RawAnswer, CallFailed], by_proxy: bool) -> Check:
    if isinstance(outcome, TlsFailed):
        return Check("reach", Verdict.OK, "The host takes connections.")
    if isinstance(outcome, CallFailed):
        return Check("reach", Verdict.FAILED, outcome.told, outcome.advice)
    through = " through the proxy of the environment" if by_proxy else ""
    said = f"The host answers{through}, with HTTP {outcome.status} to a request without a credential."
    if 300 <= outcome.status < 400:
        target = f" to {outcome.location}" if outcome.location else ""
        said = f"The host answers{through} with a redirect{target}, which is never followed."
        return Check("reach", Verdict.FAILED, said, f"Check domain: {DOMAIN_KINDS}.")
    if 200 <= outcome.status < 300 and json_object(outcome.body) is None:
        said = f"The host answers{through}, with HTTP {outcome.status} and something that is not of CloudAgent."
        advice = "Check domain, and whether this network wants you to sign in first. No credential was sent there."
        return Check("reach", Verdict.FAILED, said, advice)
    if outcome.status == 403:
        return Check("reach", Verdict.WARNING, said, f"If the account answers so too: {_FIREWALL}")
    if outcome.status >= 500:
        return Check("reach", Verdict.WARNING, said, "The server may be failing at present; if so, run later.")
    if outcome.status in (404, 405):
        advice = "Is domain right? The path of the campaign status, which is asked for, is not served there."
        return Check("reach", Verdict.WARNING, said, advice)
    return Check("reach", Verdict.OK, said)


def _tls(parts: Parts, outcome: Union[RawAnswer, CallFailed]) -> Check:
    if parts.shared.url.startswith("http://"):
        return Check("tls", Verdict.SKIPPED, "Plain http, which is only taken for this machine itself.")
    if isinstance(outcome, TlsFailed):
        return Check("tls", Verdict.FAILED, outcome.told, outcome.advice)
    if isinstance(outcome, CallFailed) and not outcome.sent:
        return skipped("no connection was made", "tls")[0]
    if parts.shared.verify is False:
        said = "The certificate is not checked, since validate_certs is false: anybody may read the key on its way."
        return Check("tls", Verdict.WARNING, said, "Turn that off only in a test; give ca_path instead.")
    return Check("tls", Verdict.OK, "The certificate is valid.")


# -- account -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """What a credential is: ``renewable``: a run would replace it; ``newer`` gives a token that was stored since.

    ``why_not``: why a run could not replace it, though it is of the kind that is.
    """

    credential: Credential
    what: str
    renewable: bool = False
    why_not: str = ""
    newer: Callable[[], Optional[str]] = lambda: None


def a_token(
    value: str, what: str, renewable: bool, why_not: str = "", newer: Callable[[], Optional[str]] = lambda: None
) -> Tried:
    """A bearer token."""
    return Tried(bearer(value), what, renewable, why_not, newer)


def try_account(parts: Parts, tried: Tried) -> Tuple[Check, Optional[str]]:
    """Whether the account takes a credential; gives its setting API Authentication as well, where that was seen."""
    setting = "TOKEN_AUTH" if parts.shared.by_token else "BASIC_AUTH"
    fits = f"The account takes {tried.what}: its setting API Authentication is {setting}"
    try:
        try_credential(parts.sending.caller(), parts.shared.username, tried.credential, tried.newer)
    except Refused as error:
        return _application_error(error, fits, tried, setting)
    except CallFailed as error:
        return _not_taken(error, tried), SETTINGS.get(error.words)
    return Check("account", Verdict.OK, f"{fits}."), setting


def find_setting(parts: Parts) -> Tuple[Check, Optional[str]]:
    """The account's setting without any token: by what it says to the API key, which is what BASIC_AUTH takes."""
    try:
        try_credential(parts.sending.caller(), parts.shared.username, ("apiKey", parts.shared.api_key or ""))
    except CallFailed as error:
        setting = SETTINGS.get(error.words)
        if setting != "TOKEN_AUTH":
            said = f"There was no token to try, and what the account says to the API key tells nothing: {error.told}"
            return Check("account", Verdict.SKIPPED, said), None
        said = (
            "The account's setting API Authentication is TOKEN_AUTH, which goes with auth=token. Whether username and"
            " api_key are right could not be seen: there was no token to try."
        )
        return Check("account", Verdict.OK, said), setting
    said = "The account takes the API key itself: its setting API Authentication is BASIC_AUTH."
    return Check("account", Verdict.FAILED, said, "Use auth=api_key, or set TOKEN_AUTH."), "BASIC_AUTH"


def _application_error(error: Refused, fits: str, tried: Tried, setting: str) -> Tuple[Check, Optional[str]]:
    """An answer of the application that is not known to be about credentials."""
    unknown_user = error.words == contract.NO_RECORD and setting == "BASIC_AUTH"
    if unknown_user or _MAY_BE_ABOUT_CREDENTIALS.search(error.words):
        advice = "These words may be about the credential: check username and api_key."
        return Check("account", Verdict.WARNING, error.told, advice), None
    said = f"{fits}. It knows nothing of the campaign that was asked for, which does not matter. {error.told}"
    return Check("account", Verdict.OK, said), setting


def _not_taken(error: CallFailed, tried: Tried) -> Check:
    if isinstance(error, TokenRefused):
        return _refused_token(error, tried)
    if isinstance(error, RateLimited):
        advice = (
            "The account is in use, and bears no more requests just now. A run waits for it, up to rate_limit_wait."
        )
        return Check("account", Verdict.WARNING, error.told, advice)
    if isinstance(error, EndpointMissing):
        advice = (
            f"Whether the account takes {tried.what} is not known: the path of the campaign status is not served there."
            " Check domain."
        )
        return Check("account", Verdict.WARNING, error.told, advice)
    if isinstance(error, NotByTheApplication) and error.status == 403:
        return Check("account", Verdict.WARNING, error.told, _FIREWALL)
    lost = isinstance(error, NoAnswer) and error.status is None
    redirected = isinstance(error, NotByTheApplication) and 300 <= (error.status or 0) < 400
    if isinstance(error, CredentialsRefused) or lost or redirected or not error.sent:
        return Check("account", Verdict.FAILED, error.told, error.advice)
    unknown = f"Whether the account takes {tried.what} is not known."
    again = "" if isinstance(error, ServerFault) else " The campaign status may be served in another way there."
    return Check("account", Verdict.WARNING, error.told, f"{unknown}{again} {error.advice}")


def _refused_token(error: TokenRefused, tried: Tried) -> Check:
    if tried.renewable and tried.why_not:
        return Check("account", Verdict.FAILED, f"{error.told} That was {tried.what}.", tried.why_not)
    if tried.renewable:
        advice = (
            "A newer one was generated outside this store, or the account does not take tokens. A run generates"
            " another, once. Let everything that uses the account share one store."
        )
        return Check("account", Verdict.WARNING, f"{error.told} That was {tried.what}.", advice)
    advice = (
        "Check username and the account's setting API Authentication, and whether something else has just generated a"
        " token; or give a newer one."
    )
    return Check("account", Verdict.FAILED, f"{error.told} That was {tried.what}.", advice)
