# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact with a group as a script of exchanges, for the tests of opening and removal."""

from __future__ import annotations

from typing import Any, List, Optional

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Answered, Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import Contact, Opened, World
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    NumbersRefused,
    Refused,
    StoreError,
    TokenNotObtained,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.opening import open_to_add
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.removal import (
    open_to_remove,
    remove_by_name_too,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import (
    Exchange,
    Script,
    letters,
    listed,
    numbers,
)

UNKNOWN = GroupUnknown("PUT /update", "Invalid group id")
DONE = Answer(group_id=7, succeeded=listed("abc"))
LOST = NoAnswer("POST /create", "the connection was lost")
FORM = NumbersRefused("PUT /update", "invalid data")
MISSING = EndpointMissing("PUT /update", "no message", status=404)
NO_TOKEN = TokenNotObtained("no token")


def words(said: str, call: str = "PUT /update") -> Refused:
    """A refusal in words that nobody has documented."""
    error = Refused(call, said)
    error.words = said.lower()
    return error


def doubtful(error: CallFailed) -> CallFailed:
    """The same, after a try that may have landed."""
    error.maybe_done = True
    return error


class Opening:
    """A group to be opened, and what was done besides calls."""

    def __init__(
        self,
        *exchanges: Exchange,
        known: bool = False,
        given_id: bool = False,
        holds: bool = False,
        lasting: bool = True,
    ) -> None:
        self.script = Script(*exchanges)
        self.done: List[Any] = []
        self.store_fails = False
        text = GroupText("Nuisance", "Reported")
        self.world = World(self.script, text, known, given_id, holds, lasting, self.done.append, self._forget)

    def _forget(self) -> None:
        self.done.append("forget")
        if self.store_fails:
            raise StoreError("the store is full")

    def add(self, named: str, habits: Optional[Habits] = None) -> Opened:
        """Opens to add; every exchange must have been made."""
        opened = open_to_add(numbers(named), Contact(habits or Habits()), self.world)
        self.script.finish()
        return opened

    def remove(self, named: str, contact: Optional[Contact] = None) -> Opened:
        """Opens to remove."""
        opened = open_to_remove(numbers(named), contact or Contact(Habits()), self.world)
        self.script.finish()
        return opened

    def remove_by_name_too(self, named: str, sent: Sent, contact: Contact) -> Opened:
        """Removes by name what was removed by the id on record."""
        opened = remove_by_name_too(numbers(named), Opened(sent, contact), self.world)
        self.script.finish()
        return opened


def parts(opened: Opened) -> List[Any]:
    """The parts of what was sent: call and letters, with an R for what was refused."""
    return [
        (part.call.value, letters(part.numbers)) if isinstance(part, Answered) else ("R", letters([part.number]))
        for part in opened.sent.parts
    ]


def rest(opened: Opened) -> Any:
    """What was lost and what is left."""
    return letters(opened.sent.lost), letters(opened.sent.left)
