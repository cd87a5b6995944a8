# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token broker: one token for all tasks, forks, hosts and runs that share a store.

A token is scarce and exclusive (contract T3): at most 10 generations an hour, and each new token makes every earlier
one of the account invalid.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Tuple

from .._domain.calls import IssuedToken
from .._domain.errors import (
    CallFailed,
    CloudAgentError,
    Failure,
    GenerationLimitReached,
    RateLimited,
    StoreError,
    TokenNotObtained,
)
from .._domain.expiry import utc_text
from .._domain.protocols import Clock
from .._domain.secrets import Secrets
from .._domain.waiting import WaitingBudget
from .store import SKEW, Store

HOUR = 3600.0
MARGIN = 5.0
"""Seconds that a generation counts for longer: the server counts it from when it came in, not from when it was sent."""
GENERATIONS_AN_HOUR = 10  # T3
_LAST_TIME = 32503680000.0  # the year 3000
SPARE_SECONDS = 60.0  # a token that ends sooner is not started with
_UNANSWERED = "unanswered"
_COLUMNS = {"account": "text", "token": "text", "expires_at": "float8", "issued_at": "float8"}


@dataclass(frozen=True)
class Token:
    """A token, when it was issued and when it ends (seconds since the epoch, UTC).

    ``generated``: by this task. ``issued_at`` is None where an earlier version has stored it.
    """

    value: str
    expires_at: float
    issued_at: Optional[float] = None
    generated: bool = False

    @property
    def lifetime(self) -> float:
        """Seconds for which it lives, as far as that is known."""
        return math.inf if self.issued_at is None else self.expires_at - self.issued_at

    @property
    def short_lived(self) -> bool:
        """Whether it lives for so short a time that another one would be no better: it is used while it serves."""
        return self.lifetime < 2 * SPARE_SECONDS


@dataclass(frozen=True)
class Usage:
    """Generations sent within the last hour, and when the next one is free (None: at once)."""

    last_hour: int
    next_at: Optional[float]


def account_key(url: str, username: str, api_key: str) -> str:
    """Names an account in the store by a digest: another account or a rotated key never meets another's token."""
    return hashlib.sha256(json.dumps([url, username, api_key]).encode()).hexdigest()


def token_lock(account: str) -> str:
    """The name of the lock inside which the token of an account (its key) is generated."""
    return f"the token of account {account[:12]}"


class Generations:
    """The record of an account's token generations, by which the eleventh within an hour is never sent."""

    def __init__(self, store: Store, account: str, clock: Clock) -> None:
        self._store = store
        self._account = account
        self._clock = clock

    def usage(self) -> Usage:
        """How many generations were sent within the last hour, and when the next one is free."""
        sent = [at for at, _outcome in self._within_hour()]
        if len(sent) < GENERATIONS_AN_HOUR:
            return Usage(len(sent), None)
        return Usage(len(sent), sent[-GENERATIONS_AN_HOUR] + HOUR + MARGIN)

    def _within_hour(self) -> List[Tuple[float, str]]:
        """When each was sent and what came of it, without what a clock that was ahead has put into the future."""
        now = self._clock.now()
        rows = self._store.rows(
            "SELECT sent_at, outcome FROM generations WHERE account = ? AND sent_at > ? AND sent_at <= ?"
            " ORDER BY sent_at",
            self._account,
            now - HOUR - MARGIN,
            now + SKEW,
        )
        return [(float(row[0]), str(row[1])) for row in rows]

    def begin(self, sent_at: float) -> str:
        """Puts a generation on record before it is sent, so that a killed process has counted it; names it."""
        generation = str(uuid.uuid4())
        with self._store.transaction():
            self._store.rows("DELETE FROM generations WHERE sent_at <= ?", sent_at - 2 * HOUR)
            self._store.rows(
                "INSERT INTO generations VALUES (?, ?, ?, ?)", generation, self._account, sent_at, _UNANSWERED
            )
        return generation

    def note(self, generation: str, outcome: str) -> None:
        """What came of a generation; it counts as sent now, since nobody knows when it came in."""
        now = self._clock.now()
        self._store.rows("UPDATE generations SET outcome = ?, sent_at = ? WHERE id = ?", outcome, now, generation)

    def note_failure(self, generation: str, error: CloudAgentError) -> None:
        """Whether a refused generation counts is not documented (contract T6), so it is counted; one never sent not."""
        with contextlib.suppress(StoreError):  # left on record as unanswered it counts
            if not isinstance(error, CallFailed) or not error.sent:
                self._store.rows("DELETE FROM generations WHERE id = ?", generation)
            elif error.failure in (Failure.NO_ANSWER, Failure.SERVER_FAULT):
                self.note(generation, _UNANSWERED)
            else:
                self.note(generation, "refused" if error.status is None else f"answered with HTTP {error.status}")

    def limit_reached(self, next_at: float) -> GenerationLimitReached:
        """The error that ten were sent within the hour, and what came of them."""
        counts = Counter(outcome for _at, outcome in self._within_hour())
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        return GenerationLimitReached(
            f"No token was asked for: {GENERATIONS_AN_HOUR} generations an hour are allowed and were sent ({told})."
            f" The next one is free at {utc_text(next_at)}. Run again then, let the task wait with rate_limit_wait,"
            " or give a token that is still valid.",
            next_at,
        )

    def not_obtained(self, error: CallFailed) -> TokenNotObtained:
        """The error of a generation that failed; after a limit or a lost answer with the time of the next free one."""
        try:
            usage = self.usage()
        except StoreError:
            return TokenNotObtained(str(error))
        if isinstance(error, RateLimited):
            later = self._clock.now() + (HOUR if error.retry_after is None else error.retry_after)
            next_at = later if usage.next_at is None else usage.next_at
            return GenerationLimitReached(
                f"{error} The server allows {GENERATIONS_AN_HOUR} token generations an hour; by the record of this"
                f" store {usage.last_hour} were sent. The next one is free at {utc_text(next_at)} at the latest.",
                next_at,
            )
        if error.failure in (Failure.NO_ANSWER, Failure.SERVER_FAULT):
            free = "at once" if usage.next_at is None else f"at {utc_text(usage.next_at)}"
            advice = (
                f"It counts as one of {GENERATIONS_AN_HOUR} generations an hour ({usage.last_hour} sent) and may have"
                f" made the earlier token invalid; the next one is free {free}. Run again then."
            )
            return TokenNotObtained(str(type(error)(error.call, error.said, advice, error.status)))
        return TokenNotObtained(str(error))


def _is_time(value: Any) -> bool:
    return isinstance(value, float) and 0 <= value < _LAST_TIME


class TokenBroker:
    """Hands out the account's token, generating one only where the store has none that will do.

    ``generate`` asks the server for a token and raises CallFailed. Every token that passes through here is added to
    ``secrets``. Errors of every method: TokenNotObtained (GenerationLimitReached is one), StoreError.
    """

    def __init__(
        self,
        store: Store,
        account: str,
        generate: Callable[[], IssuedToken],
        clock: Clock,
        waiting: WaitingBudget,
        lock_limit: float,
        secrets: Secrets,
    ) -> None:
        self._store = store
        self._account = account
        self._generate = generate
        self._clock = clock
        self._waiting = waiting
        self._lock_limit = lock_limit
        self._secrets = secrets
        self._generations = Generations(store, account, clock)
        self._held: Optional[Token] = None
        self.usage = self._generations.usage
        self.warnings: List[str] = []

    def stored(self) -> Optional[Token]:
        """The stored token, whatever is left of it."""
        rows = self._store.rows("SELECT token, expires_at, issued_at FROM tokens WHERE account = ?", self._account)
        if not rows:
            return None
        value, expires_at, issued_at = rows[0]
        self._secrets.add(str(value))
        if not isinstance(value, str) or not _is_time(expires_at) or not (issued_at is None or _is_time(issued_at)):
            raise self._store.damaged("the token in it has no time at which it ends")
        return Token(value, expires_at, issued_at)

    def usable(self, min_validity: float) -> Optional[Token]:
        """The stored token, if it is good for at least that many seconds."""
        found = self.stored()
        return found if found is not None and self._lasts(found, min_validity) else None

    def get(self, min_validity: float = SPARE_SECONDS) -> Token:
        """A token that is good for at least ``min_validity`` seconds."""
        held = self._held
        if held is not None and (held.short_lived or self._lasts(held, min_validity)):
            return held
        self._held = self.usable(min_validity) or self._obtain(lambda token: self._lasts(token, min_validity))
        if self._held.lifetime < min_validity:
            self.warnings.append(
                f"The server's tokens live for {self._held.lifetime:g} s only, so that none is good for"
                f" {min_validity:g} s."
            )
        return self._held

    def current(self) -> str:
        """The value of a token that is good now (what a client asks before each request)."""
        return self.get().value

    def renewed(self) -> Token:
        """A newly generated token, whatever is stored."""
        self._held = self._obtain(lambda token: False)
        return self._held

    def replace(self, refused: str) -> str:
        """Another token than the one the server refused: a newer stored one, else a newly generated one."""
        self._held = self._obtain(lambda token: token.value != refused and self._lasts(token, SPARE_SECONDS))
        return self._held.value

    def forget(self) -> None:
        """Forgets the stored token. It stays valid on the server until it ends or a new one is generated."""
        self._held = None
        self._store.rows("DELETE FROM tokens WHERE account = ?", self._account)

    def _lasts(self, token: Token, seconds: float) -> bool:
        now = self._clock.now()
        if token.issued_at is not None and token.issued_at > now + SKEW:
            return False  # the clock was wrong then, and nobody knows when it ends
        left = token.expires_at - now
        if token.short_lived:
            return left > 0
        return left >= (seconds if seconds <= token.lifetime else token.lifetime / 2)  # another would last no longer

    def _obtain(self, acceptable: Callable[[Token], bool]) -> Token:
        while True:
            with self._store.lock(token_lock(self._account), self._lock_limit):
                found = self.stored()  # read again: another process may have been quicker
                if found is not None and acceptable(found):
                    return found
                next_at = self.usage().next_at
                if next_at is None:
                    return self._generated()
            if not self._waiting.wait(max(1.0, next_at - self._clock.now())):
                raise self._generations.limit_reached(next_at)

    def _generated(self) -> Token:
        """Generates, inside the lock."""
        with self._store.durable():
            return self._generated_durably()

    def _generated_durably(self) -> Token:
        sent_at = self._clock.now()
        generation = self._generations.begin(sent_at)
        try:
            issued = self._generate()
        except CloudAgentError as error:
            self._generations.note_failure(generation, error)
            if isinstance(error, CallFailed):
                raise self._generations.not_obtained(error) from error
            raise
        self._secrets.add(issued.value)
        token = Token(issued.value, sent_at + issued.lifetime, sent_at, generated=True)
        try:
            self._keep(token, generation)
        except StoreError as error:  # it serves this task all the same
            self.warnings.append(
                f"A token was generated and could not be stored, so other tasks do not know it. {error}"
            )
        return token

    def _keep(self, token: Token, generation: str) -> None:
        row = (self._account, token.value, token.expires_at, token.issued_at)
        with self._store.transaction():
            self._generations.note(generation, "granted")
            self._store.upsert("tokens", _COLUMNS, ("account",), [row])


class FixedToken:
    """A token given by the user: used as it is, never renewed."""

    def __init__(self, value: str) -> None:
        self._value = value

    def current(self) -> str:
        """The token as given."""
        return self._value

    def replace(self, refused: str) -> str:
        """Raises TokenNotObtained: there is no other."""
        raise TokenNotObtained(
            "The option token: the server refused the token that was given. Give a newer one, or api_key instead, so"
            " that the collection can obtain one itself."
        )
