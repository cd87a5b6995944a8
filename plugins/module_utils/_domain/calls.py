# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of the API as values: what is written in a request, and what an answer tells."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Optional, Tuple


class Call(enum.Enum):
    """The calls of the API (the rows of the retry table)."""

    GENERATE = "generate"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CAMPAIGN_STATUS = "campaign status"


@dataclass(frozen=True)
class IssuedToken:
    """A token as generated: its value and its lifetime in seconds, counted from when it was asked for."""

    value: str
    lifetime: float


@dataclass(frozen=True)
class GroupText:
    """What is written of a group in a request. ``expiry``: "YYYY-MM-DD HH:MM:SS" in the server's time."""

    name: str
    description: Optional[str] = None
    expiry: Optional[str] = None


@dataclass(frozen=True)
class Answer:
    """A success answer of create, update or delete (contract C3, U3, X2), reduced to what it tells.

    ``succeeded`` and ``failed`` are numbers as the server writes them; the counters are None where it gives none.
    ``new`` and ``inserted``: numbers that are new to the account and rows that were added, or so they seem (U4).
    ``lists``: whether there are lists at all, if only empty ones; else nobody can be missing from them.
    ``repeated``: an earlier try of the same request may have had its effect, so that the answer tells what holds now
    and not what this run has changed.
    """

    group_id: Optional[int] = None
    succeeded: Tuple[str, ...] = ()
    failed: Tuple[str, ...] = ()
    inserted: Optional[int] = None
    new: Optional[int] = None
    deleted: Optional[int] = None
    lists: bool = True
    repeated: bool = False

    @property
    def added(self) -> Optional[int]:
        """How many rows were added, by the counters: what is new to the account is added, whichever of them tells."""
        return None if self.inserted is None else max(self.inserted, self.new or 0)
