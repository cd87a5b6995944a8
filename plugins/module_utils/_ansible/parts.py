# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the parts of a task and introduces them to each other."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import Iterator, List, Optional

from .._api.client import Caller, Client, RefusingClient, generate_token
from .._api.transport import Transport, Wire
from .._api.workers import MOST, Workers
from .._domain.calls import IssuedToken
from .._domain.errors import CheckModeWrite, StoreUnavailable
from .._domain.habits import Habits
from .._domain.protocols import BlockNumbers, Clock
from .._domain.secrets import Secrets
from .._domain.waiting import Pace, WaitingBudget
from .._state.location import Location
from .._state.store import Store, open_store
from .._state.tokens import FixedToken, TokenBroker, account_key
from .options import Shared

_MOST_PATIENCE = 30.0


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Surroundings:
    """What a task stands in. ``secrets`` is known before any part is built; ``wire``: in the place of the network.

    ``only_reads``: the task is about what is recorded, so it neither writes nor can do without a store.
    """

    check_mode: bool
    secrets: Secrets
    clock: Clock = field(default_factory=SystemClock)
    wire: Optional[Wire] = None
    only_reads: bool = False


@dataclass
class Parts:
    """The parts of a task. Making them sends nothing; the store is open."""

    shared: Shared
    clock: Clock
    check_mode: bool
    secrets: Secrets
    store: Store
    transport: Transport
    waiting: WaitingBudget
    broker: TokenBroker
    warnings: List[str]

    def client(self, habits: Habits, workers: Workers) -> BlockNumbers:
        """The calls on block number groups; in check mode one that refuses them all."""
        if self.check_mode:
            return RefusingClient()
        shared, pace = self.shared, Pace(habits.limit, self.clock)
        caller = Caller(self.transport, self.waiting, self.clock, self.secrets, pace, workers)
        if not shared.by_token:
            return Client(caller, shared.username, None, shared.api_key, habits.update_path)
        tokens = FixedToken(shared.token) if shared.token is not None else self.broker
        return Client(caller, shared.username, tokens, None, habits.update_path)


@contextlib.contextmanager
def assembled(shared: Shared, around: Surroundings) -> Iterator[Parts]:
    """Opens the store and builds what works with it; closes all of it. Raises StoreError, MissingLibrary."""
    warnings: List[str] = []
    waiting = WaitingBudget(shared.rate_limit_wait, around.clock)
    transport = Transport(shared.url, shared.timeout, shared.verify, around.clock, around.secrets, around.wire, MOST)
    caller = Caller(transport, waiting, around.clock, around.secrets)

    def generate() -> IssuedToken:
        if around.check_mode:
            raise CheckModeWrite("A token was to be generated in check mode; please report this as a defect.")
        return generate_token(caller, shared.username, shared.api_key or "")

    with contextlib.ExitStack() as closing:
        closing.callback(transport.close)
        store = _opened(shared, around, warnings)
        closing.callback(store.close)
        broker = TokenBroker(
            store,
            account_key(shared.url, shared.username, shared.api_key or ""),
            generate,
            around.clock,
            waiting,
            shared.lock_timeout,
            around.secrets,
        )
        yield Parts(
            shared, around.clock, around.check_mode, around.secrets, store, transport, waiting, broker, warnings
        )


def _opened(shared: Shared, around: Surroundings, warnings: List[str]) -> Store:
    """The store; where the default place cannot be used, one in memory, with a warning."""
    read_only = around.check_mode or around.only_reads
    patience = min(_MOST_PATIENCE, max(1.0, shared.lock_timeout))
    try:
        return open_store(shared.location, read_only, around.clock, patience)
    except StoreUnavailable as error:
        if shared.named or around.only_reads:
            raise
        warnings.append(
            f"{error} This task goes on without a store: its token is not shared with other tasks and nothing is"
            " remembered. Set state_store to a directory that can be written, or to none."
        )
        return open_store(Location(), read_only, around.clock)
