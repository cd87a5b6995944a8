# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the transcript of a probe is looked at: single answers, in words for people."""

from __future__ import annotations

from functools import cached_property
from typing import Iterator, NamedTuple, Optional

from .errors import RateLimited
from .exchange import Credential, Exchange, Target, Transcript, numbers
from .habits import Habits
from .learned import learned, was_new
from .lines import listing


class Found(NamedTuple):
    """What is found out about a statement: as documented, otherwise, or (None) where nothing is documented."""

    as_documented: Optional[bool]
    words: str = ""


class Seen:
    """A transcript, and what it shows. ``by_token``: one's own credential is a bearer token, else the API key."""

    def __init__(self, transcript: Transcript, by_token: bool) -> None:
        self.transcript = transcript
        self.by_token = by_token

    @cached_property
    def habits(self) -> Habits:
        """How the account answers."""
        return learned(self.transcript)

    def get(self, *questions: str) -> Optional[Exchange]:
        """The first of these that was asked and answered by the server."""
        asked = (self.transcript[name] for name in questions if name in self.transcript)
        return next((exchange for exchange in asked if exchange.status is not None), None)

    def answered(self, question: str) -> Optional[Exchange]:
        """What the application itself has taken or refused; to be asked too often is neither."""
        exchange = self.get(question)
        if exchange is None or isinstance(exchange.error, RateLimited):
            return None
        return exchange if exchange.answered else None

    def taken(self, *questions: str) -> Optional[Exchange]:
        """The first of these that was answered with success."""
        asked = (self.transcript[name] for name in questions if name in self.transcript)
        return next((exchange for exchange in asked if exchange.answer is not None), None)

    def refusals(self) -> Iterator[Exchange]:
        """What the application has refused."""
        return (exchange for exchange in self.transcript.values() if exchange.refused and exchange.status is not None)

    def of(self, target: Target) -> Iterator[Exchange]:
        """What was asked of a call, with one's own credentials, and answered."""
        return (
            exchange
            for exchange in self.transcript.values()
            if exchange.request.target is target
            and exchange.request.credential is Credential.OWN
            and exchange.status is not None
        )

    def new(self, question: str, number: str) -> Optional[bool]:
        """Whether an update with one number has found it missing."""
        return was_new(self.transcript.get(question), number, self.habits)


def listed(exchange: Exchange, number: str) -> str:
    """Where an answer lists a number."""
    if exchange.answer is None:
        return "not listed"
    found, answer = listing(numbers([number]), exchange.answer), exchange.answer
    if found.failed or number in answer.failed:
        return "listed as failed"
    return "listed as taken" if found.named or number in answer.succeeded else "listed nowhere"


def told(exchange: Optional[Exchange]) -> str:
    """What became of a request, with the status and the server's words."""
    if exchange is None:
        return "not asked"
    if exchange.status is None:
        return "no whole answer"
    if exchange.answer is not None:
        return f"taken (HTTP {exchange.status})"
    what = "not served" if exchange.missing else "refused" if exchange.refused else "answered by something else"
    return f"{what} (HTTP {exchange.status}{said(exchange)})"


def said(exchange: Exchange) -> str:
    """The server's own words of a refusal, if it has said any."""
    return f', "{exchange.message}"' if exchange.message else ""


def both(*parts: str) -> str:
    """Parts of a finding, one after the other."""
    return "; ".join(part for part in parts if part)
