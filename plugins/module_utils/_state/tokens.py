# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token broker: one token for all tasks, forks, hosts and runs that share a store.

A token is scarce and exclusive (contract T3): at most 10 generations an hour, and each new token makes every earlier
one of the account invalid.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Callable, List, Optional, Set

from .._domain.errors import CallFailed, Failure, GenerationLimitReached, RateLimited, TokenRefused
from .._domain.protocols import Clock, IssuedToken
from .._domain.waiting import WaitingBudget
from .store import Store, utc_text

HOUR = 3600.0
GENERATIONS_AN_HOUR = 10  # T3
SPARE_SECONDS = 60.0  # a token that ends sooner is not started with


@dataclass(frozen=True)
class Token:
    """A token, when it ends (seconds since the epoch, UTC), and whether it was generated just now."""

    value: str
    expires_at: float
    generated: bool = False


@dataclass(frozen=True)
class Usage:
    """Generations sent within the last hour, and when the next one is free (None: at once)."""

    last_hour: int
    next_at: Optional[float]


def account_key(url: str, username: str, api_key: str) -> str:
    """Names an account in the store by a digest: another account or a rotated key never meets another's token."""
    return hashlib.sha256(json.dumps([url, username, api_key]).encode()).hexdigest()


class TokenBroker:
    """Hands out the account's token, generating one only where the store has none that will do.

    ``generate`` asks the server for a token and raises CallFailed. Errors of every method: what ``generate`` raises,
    GenerationLimitReached, StoreError.
    """

    def __init__(
        self,
        store: Store,
        account: str,
        generate: Callable[[], IssuedToken],
        clock: Clock,
        waiting: WaitingBudget,
        lock_limit: float,
    ) -> None:
        self._store = store
        self._account = account
        self._generate = generate
        self._clock = clock
        self._waiting = waiting
        self._lock_limit = lock_limit
        self._held: Optional[Token] = None
        self.seen: Set[str] = set()  # every token that passed through here, to be masked in all output

    def stored(self) -> Optional[Token]:
        """The stored token, whatever is left of it."""
        rows = self._store.rows("SELECT token, expires_at FROM tokens WHERE account = ?", self._account)
        if not rows:
            return None
        self.seen.add(str(rows[0][0]))
        return Token(str(rows[0][0]), float(rows[0][1]))

    def get(self, min_validity: float = SPARE_SECONDS) -> Token:
        """A token that is good for at least ``min_validity`` seconds."""
        found = self._held or self.stored()
        if found is None or not self._lasts(found, min_validity):
            found = self._obtain(lambda token: self._lasts(token, min_validity))
        self._held = found
        return found

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

    def usage(self) -> Usage:
        """How many generations were sent within the last hour, and when the next one is free."""
        sent = self._sent_within_hour()
        if len(sent) < GENERATIONS_AN_HOUR:
            return Usage(len(sent), None)
        return Usage(len(sent), sent[-GENERATIONS_AN_HOUR] + HOUR)

    def _lasts(self, token: Token, seconds: float) -> bool:
        return token.expires_at - self._clock.now() >= seconds

    def _sent_within_hour(self) -> List[float]:
        since = self._clock.now() - HOUR
        return [
            float(row[0])
            for row in self._store.rows(
                "SELECT sent_at FROM generations WHERE account = ? AND sent_at > ? ORDER BY sent_at",
                self._account,
                since,
            )
        ]

    def _obtain(self, acceptable: Callable[[Token], bool]) -> Token:
        while True:
            with self._store.lock(f"the token of account {self._account[:12]}", self._lock_limit):
                found = self.stored()  # read again: another process may have been quicker
                if found is not None and acceptable(found):
                    return found
                next_at = self.usage().next_at
                if next_at is None:
                    return self._generated()
            if not self._waiting.wait(max(1.0, next_at - self._clock.now())):
                raise GenerationLimitReached(self._limit_message(next_at), next_at)

    def _limit_message(self, next_at: float) -> str:
        counts = dict(
            self._store.rows(
                "SELECT outcome, COUNT(*) FROM generations WHERE account = ? AND sent_at > ? GROUP BY outcome",
                self._account,
                self._clock.now() - HOUR,
            )
        )
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        return (
            f"No token was asked for: {GENERATIONS_AN_HOUR} generations an hour are allowed and were sent ({told})."
            f" The next one is free at {utc_text(next_at)}. Run again then, let the task wait with rate_limit_wait,"
            " or give a token that is still valid."
        )

    def _generated(self) -> Token:
        """Generates, inside the lock. It is on record before it is sent, so that a killed process has counted it."""
        generation, sent_at = str(uuid.uuid4()), self._clock.now()
        with self._store.transaction():
            self._store.rows("DELETE FROM generations WHERE sent_at <= ?", sent_at - 2 * HOUR)
            self._store.rows(
                "INSERT INTO generations VALUES (?, ?, ?, ?)", generation, self._account, sent_at, "unanswered"
            )
        try:
            issued = self._generate()
        except CallFailed as error:
            self._note_failure(generation, error)
            raise self._with_next_free(error) from error
        self.seen.add(issued.value)
        expires_at = sent_at + issued.lifetime
        with self._store.transaction():
            self._note(generation, "granted")
            self._store.rows(
                "INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (account)"
                " DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at",
                self._account,
                issued.value,
                expires_at,
            )
        return Token(issued.value, expires_at, generated=True)

    def _note(self, generation: str, outcome: str) -> None:
        self._store.rows("UPDATE generations SET outcome = ? WHERE id = ?", outcome, generation)

    def _note_failure(self, generation: str, error: CallFailed) -> None:
        """Whether a refused generation counts is not documented (contract T6), so it is counted; one never sent not."""
        if error.failure is Failure.NEVER_SENT:
            self._store.rows("DELETE FROM generations WHERE id = ?", generation)
        elif not error.maybe_done:
            self._note(generation, "refused")

    def _with_next_free(self, error: CallFailed) -> Exception:
        """A limit of the server, or a lost answer, is reported with the time at which the next generation is free."""
        usage = self.usage()
        if isinstance(error, RateLimited):
            later = self._clock.now() + (HOUR if error.retry_after is None else error.retry_after)
            next_at = later if usage.next_at is None else usage.next_at
            return GenerationLimitReached(
                f"{error} The server allows {GENERATIONS_AN_HOUR} token generations an hour; by the record of this"
                f" store {usage.last_hour} were sent. The next one is free at {utc_text(next_at)} at the latest.",
                next_at,
            )
        if error.maybe_done:
            free = "at once" if usage.next_at is None else f"at {utc_text(usage.next_at)}"
            advice = (
                f"It counts as one of {GENERATIONS_AN_HOUR} generations an hour ({usage.last_hour} sent) and may have"
                f" made the earlier token invalid; the next one is free {free}. Run again then."
            )
            return type(error)(error.call, error.said, advice, error.status)
        return error


class FixedToken:
    """A token given by the user: used as it is, never renewed."""

    def __init__(self, value: str) -> None:
        self._value = value

    def current(self) -> str:
        """The token as given."""
        return self._value

    def replace(self, refused: str) -> str:
        """Raises TokenRefused: there is no other."""
        raise TokenRefused(
            "The option token",
            "the server refused the token that was given",
            "Give a newer one, or api_key instead, so that the collection can obtain one itself.",
        )
