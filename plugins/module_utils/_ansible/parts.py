# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the parts of a task and introduces them to each other; those that talk to the server when they are needed."""

from __future__ import annotations

import contextlib
import functools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Iterator, List, Optional

from .._domain.errors import StoreUnavailable
from .._domain.protocols import Clock
from .._domain.secrets import Secrets
from .._state.location import Location
from .._state.store import Store, open_store
from .options import Shared

if TYPE_CHECKING:
    from .._api.transport import Wire
    from .sending import Sending

_MOST_PATIENCE = 30.0


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def steady(self) -> float:
        """Seconds since some time, which nobody can set."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Surroundings:
    """What a task stands in. ``secrets`` is known before any part is built; ``wire``: in the place of the network.

    ``only_reads``: the task is about what is recorded, so it neither writes nor can do without a store.
    ``opens_store``: the task looks at the store and opens it itself; until then it has one in memory.
    """

    check_mode: bool
    secrets: Secrets
    clock: Clock = field(default_factory=SystemClock)
    wire: Optional[Wire] = None
    only_reads: bool = False
    opens_store: bool = False


@dataclass
class Parts:
    """The parts of a task. The store is open; nothing is sent by making them."""

    shared: Shared
    around: Surroundings
    store: Store
    warnings: List[str]

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.around.clock

    @property
    def check_mode(self) -> bool:
        """Whether nothing may be changed."""
        return self.around.check_mode

    @property
    def secrets(self) -> Secrets:
        """What is masked."""
        return self.around.secrets

    @functools.cached_property
    def sending(self) -> Sending:
        """What talks to the server. A task with nothing to send does not even import it."""
        from .sending import Sending

        return Sending(self.shared, self.around, self.store)

    @property
    def sent(self) -> int:
        """How many requests the server may have seen."""
        return self.sending.transport.sent if self._talks else 0

    @property
    def all_warnings(self) -> List[str]:
        """What is to be told besides the task's own warnings."""
        return [*self.warnings, *(self.sending.broker.warnings if self._talks else ())]

    def close(self) -> None:
        """Closes the connections, and the store."""
        with contextlib.closing(self.store):
            if self._talks:
                self.sending.transport.close()

    @property
    def _talks(self) -> bool:
        return "sending" in self.__dict__


@contextlib.contextmanager
def assembled(shared: Shared, around: Surroundings) -> Iterator[Parts]:
    """Opens the store and builds what works with it; closes all of it. Raises StoreError, MissingLibrary."""
    warnings: List[str] = []
    with contextlib.closing(Parts(shared, around, _opened(shared, around, warnings), warnings)) as parts:
        yield parts


def patience(shared: Shared) -> float:
    """Seconds to wait for another process that is just writing the store; on PostgreSQL, for a connection."""
    if shared.location.url is not None:
        return shared.lock_timeout
    return min(_MOST_PATIENCE, max(1.0, shared.lock_timeout))


def _opened(shared: Shared, around: Surroundings, warnings: List[str]) -> Store:
    """The store; where the default place cannot be used, one in memory, with a warning."""
    read_only = around.check_mode or around.only_reads
    if around.opens_store:
        return open_store(Location(), read_only, around.clock)
    try:
        return open_store(shared.location, read_only, around.clock, patience(shared))
    except StoreUnavailable as error:
        if shared.named or around.only_reads:
            raise
        warnings.append(
            f"{error} This task goes on without a store: its token is not shared with other tasks and nothing is"
            " remembered. Set state_store to a directory that can be written, or to none."
        )
        return open_store(Location(), read_only, around.clock)
