# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe of an account that is under way: how it asks, and what makes it ask nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Sequence

from .errors import CallFailed, CredentialsRefused, ProbeStopped, RateLimited, TokenRefused
from .exchange import MOST_REQUESTS, Asking, Credential, Exchange, ProbeRecord, Request, Target, Transcript

_KEPT_FOR_REMOVAL = 10
_UNANSWERED_IN_A_ROW = 3


@dataclass
class Probing:
    """A probe that is under way.

    ``now`` gives seconds since the epoch (UTC). ``pause`` and ``wait`` take seconds; ``wait`` says whether it may wait
    so long.
    """

    asking: Asking
    record: ProbeRecord
    now: Callable[[], float]
    pause: Callable[[float], None]
    wait: Callable[[float], bool]
    second_group: bool = False
    transcript: Transcript = field(default_factory=dict)

    def ask(self, question: str, request: Request) -> Exchange:
        """Asks a question. Raises ProbeStopped where nothing more is to be asked, and what asking raises."""
        if self.asking.sent >= MOST_REQUESTS - _KEPT_FOR_REMOVAL:
            raise ProbeStopped(f"{self.asking.sent} requests were sent; the rest of {MOST_REQUESTS} is for removals.")
        exchange = self.note(question, request)
        reason = _reason_to_stop(list(self.transcript.values()))
        if reason:
            raise ProbeStopped(f"{reason} {exchange.error or ''}".strip())
        return exchange

    def note(self, question: str, request: Request) -> Exchange:
        """Asks a question, whatever the answer."""
        self.transcript[question] = exchange = self.asking.ask(question, request)
        return exchange


def _reason_to_stop(exchanges: Sequence[Exchange]) -> str:
    last = exchanges[-1]
    error, own = last.error, last.request.credential is Credential.OWN
    if isinstance(error, RateLimited) or last.status == 429 or (last.status == 403 and own and _is_usual(last)):
        return "This looks like a limit, or a firewall."
    if own and isinstance(error, (TokenRefused, CredentialsRefused)):
        return "The credentials are not taken."
    if isinstance(error, CallFailed) and not error.sent:
        return "The server cannot be reached."
    unanswered = exchanges[-_UNANSWERED_IN_A_ROW:]
    if len(unanswered) == _UNANSWERED_IN_A_ROW and all(_is_lost(exchange) for exchange in unanswered):
        return f"The last {_UNANSWERED_IN_A_ROW} requests had no answer of the application."
    return ""


def _is_usual(exchange: Exchange) -> bool:
    """Whether other tasks send the like: a server may refuse what it does not serve with HTTP 403."""
    return exchange.request.target is not Target.WRONG_METHOD and exchange.question != "update_older_path"


def _is_lost(exchange: Exchange) -> bool:
    return exchange.error is not None and exchange.error.maybe_done
