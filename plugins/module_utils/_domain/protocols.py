# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the domain asks of the world: ports only."""

from __future__ import annotations

from typing import List, Optional, Protocol, Sequence, Union

from .calls import Answer, GroupText
from .habits import Habits
from .outcome import NumberResult
from .plan import Batch


class Clock(Protocol):
    """Time, handed in so that tests need no waiting."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def sleep(self, seconds: float) -> None:
        """Waits that many seconds."""


class BlockNumbers(Protocol):
    """The three calls on block number groups.

    Each raises a subclass of CallFailed unless the server says success, and TokenNotObtained where it was not even
    tried.
    """

    @property
    def update_path(self) -> Optional[str]:
        """The path on which the application answered to update, once one has."""

    def create(self, group: GroupText, numbers: Union[str, List[str]]) -> Answer:
        """Makes a group (contract C1)."""

    def update(self, group: GroupText, numbers: Sequence[str]) -> Answer:
        """Adds numbers to a group (contract U2)."""

    def delete(self, group: GroupText, group_id: Optional[int], numbers: Sequence[str]) -> Answer:
        """Removes numbers (contract X1)."""


class TokenSource(Protocol):
    """Where a client gets its bearer token from. Both methods raise TokenNotObtained, StoreError."""

    def current(self) -> str:
        """A token that is good now."""

    def replace(self, refused: str) -> str:
        """Another token for the one that the server refused."""


class Recorder(Protocol):
    """Makes what was done to one group durable, after it was judged and kept. Every method raises StoreError."""

    def forget(self) -> None:
        """The group is not on the server, so nothing that is recorded of it holds."""

    def doubt(self, batch: Batch) -> None:
        """Numbers are about to be removed: until their outcomes are kept, what is held of them is not certain."""

    def doubt_text(self) -> None:
        """The group's description or expiry is about to change: until an update is answered neither is certain."""

    def keep(
        self, batch: Batch, results: Sequence[NumberResult], exists: bool, group_id: Optional[int], made: bool
    ) -> None:
        """Numbers of a batch have their outcomes.

        ``exists``: the group was seen on the server in this run; ``made``: it was made by this run.
        """

    def keep_habits(self, habits: Habits) -> None:
        """More is known of how the account answers."""
