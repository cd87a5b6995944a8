# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a task that talk to the server: transport, token broker, client."""

from __future__ import annotations

from typing import Callable, Optional

from .._api.client import Caller, Client, RefusingClient, generate_token
from .._api.transport import Transport
from .._api.workers import Gate, Workers
from .._domain.calls import IssuedToken
from .._domain.errors import CheckModeWrite
from .._domain.habits import Habits
from .._domain.protocols import MOST_AT_ONCE, BlockNumbers
from .._domain.waiting import Pace, WaitingBudget, still_holds
from .._state.store import Store
from .._state.tokens import FixedToken, TokenBroker, account_key
from .options import Shared
from .parts import Surroundings


class Sending:
    """What talks to the server for one task; making it sends nothing."""

    def __init__(self, shared: Shared, around: Surroundings, store: Store) -> None:
        self._shared = shared
        self._around = around
        self.waiting = WaitingBudget(shared.rate_limit_wait, around.clock)
        clock, secrets = around.clock, around.secrets
        self.transport = Transport(shared.url, shared.timeout, shared.verify, clock, secrets, around.wire, MOST_AT_ONCE)
        self.broker = self.broker_on(store)

    def broker_on(self, store: Store, generate: Optional[Callable[[], IssuedToken]] = None) -> TokenBroker:
        """What hands out the account's token from a store. ``generate``: asks for one in another way than tasks do."""
        shared, around = self._shared, self._around
        account = account_key(shared.url, shared.username, shared.api_key or "")
        ask = generate or self._generate
        return TokenBroker(store, account, ask, around.clock, self.waiting, shared.lock_timeout, around.secrets)

    def caller(self) -> Caller:
        """What makes one request after the other. Raises CheckModeWrite in check mode."""
        if self._around.check_mode:
            raise CheckModeWrite(
                "A request was to be sent in check mode; please report this as a defect of the collection."
            )
        return Caller(self.transport, self.waiting, self._around.clock, self._around.secrets)

    def client(self, habits: Habits, workers: Workers) -> BlockNumbers:
        """The calls on block number groups; in check mode one that refuses them all."""
        if self._around.check_mode:
            return RefusingClient()
        shared, clock = self._shared, self._around.clock
        since = habits.one_at_a_time
        gate = Gate(since if since is not None and still_holds(since, clock) else None)
        pace = Pace(habits.limit, clock)
        caller = Caller(self.transport, self.waiting, clock, self._around.secrets, pace, workers, gate)
        if not shared.by_token:
            return Client(caller, shared.username, None, shared.api_key, habits.update_path)
        tokens = FixedToken(shared.token) if shared.token is not None else self.broker
        return Client(caller, shared.username, tokens, None, habits.update_path)

    def _generate(self) -> IssuedToken:
        return generate_token(self.caller(), self._shared.username, self._shared.api_key or "")
