# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an account was found to answer where the vendor does not say: learned by sending one number once more."""

from __future__ import annotations

import enum
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Dict, Mapping, Optional

if TYPE_CHECKING:
    from .calls import Answer
    from .lines import Listing
    from .outcome import Before


class Place(enum.Enum):
    """Where an answer to update lists numbers that were in the group before (contract U6)."""

    SUCCES = "succes"
    ERROR = "error"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds, as measured at a time (seconds since the epoch, UTC)."""

    requests: int
    seconds: float
    measured_at: float


@dataclass(frozen=True)
class Habits:
    """How an account answers; None is: not known yet.

    ``counts_inserted`` and ``counts_deleted``: whether the counters of update and delete are true (U4, X2).
    ``unknown_group_words``: what it says, as compared, of a group that does not exist (U6). ``limit``: how many
    requests it bears (G4). ``one_at_a_time``: when it was found to bear no more than that at once (seconds since the
    epoch, UTC).
    """

    update_path: Optional[str] = None
    counts_inserted: Optional[bool] = None
    counts_deleted: Optional[bool] = None
    present_listed: Optional[Place] = None
    unknown_group_words: Optional[str] = None
    limit: Optional[Limit] = None
    one_at_a_time: Optional[float] = None

    def record(self) -> Dict[str, str]:
        """The habits that are known, as they are kept: texts by name."""
        texts = {
            "update_path": self.update_path,
            "inserted_counter": _TRUTH[self.counts_inserted],
            "deleted_counter": _TRUTH[self.counts_deleted],
            "present_listed": self.present_listed.value if self.present_listed else None,
            "unknown_group_words": self.unknown_group_words,
            "limit": None if self.limit is None else " ".join(str(part) for part in astuple(self.limit)),
            "one_at_a_time": None if self.one_at_a_time is None else str(self.one_at_a_time),
        }
        return {name: text for name, text in texts.items() if text is not None}


_TRUTH = {None: None, True: "true", False: "untrue"}


def recorded_habits(record: Mapping[str, str]) -> Habits:
    """The habits that were kept; what is not understood counts as not known."""
    truths = {text: truth for truth, text in _TRUTH.items() if text is not None}
    places = {place.value: place for place in Place}
    return Habits(
        update_path=record.get("update_path"),
        counts_inserted=truths.get(record.get("inserted_counter", "")),
        counts_deleted=truths.get(record.get("deleted_counter", "")),
        present_listed=places.get(record.get("present_listed", "")),
        unknown_group_words=record.get("unknown_group_words"),
        limit=_recorded_limit(record.get("limit", "")),
        one_at_a_time=_recorded_time(record.get("one_at_a_time", "")),
    )


def _recorded_time(text: str) -> Optional[float]:
    try:
        return float(text)
    except ValueError:
        return None


def _recorded_limit(text: str) -> Optional[Limit]:
    try:
        requests, seconds, measured_at = text.split()
        limit = Limit(int(requests), float(seconds), float(measured_at))
    except ValueError:
        return None
    return limit if limit.requests >= 1 and 1 <= limit.seconds <= 86400 else None


def update_is_doubted(habits: Habits, listing: Listing, answer: Answer, before: Before, lasting: bool) -> bool:
    """Whether an answer to update (or create) is to be tested with a number that it names.

    Where present numbers stand is found out once for each account whose habits are kept (``lasting``), else only when
    numbers are listed as failed; and again when a number that is on record stands where only new ones did, and no count
    tells. A counter is tested when it claims new numbers and was never tested, or when it claims more than can be new
    by the ledger.
    """
    if habits.present_listed is None and (listing.failed or (lasting and listing.named)):
        return True
    elsewhere = habits.present_listed in (Place.ERROR, Place.NOWHERE)
    if elsewhere and listing.named & before.held and not (habits.counts_inserted and answer.added is not None):
        return True
    counted = answer.added
    if not counted or counted > len(listing.numbers) or habits.counts_inserted is False:
        return False
    if before.new_group and listing.named | listing.failed == listing.numbers:
        return False  # the lists tell all there is to be told
    return habits.counts_inserted is None or (before.on_record and counted > len(listing.numbers - before.held))


def delete_is_doubted(habits: Habits, listing: Listing, answer: Answer, before: Before) -> bool:
    """Whether the counter of an answer to delete is to be tested before it is believed."""
    counted = answer.deleted
    if not counted or counted > len(listing.numbers) or habits.counts_deleted is False:
        return False
    return habits.counts_deleted is None or (before.on_record and counted > len(before.held))


def after_repeated_update(habits: Habits, first: Answer, seen: Listing, again: Answer, named: bool) -> Habits:
    """What is known once a number was added again. ``seen`` lists the one number in the answer to that.

    ``named``: the first answer named the number, so that it is in the group for certain, and its lists can be read.
    Where it only counted it, that is certain once the counter has shown to be true.
    """
    habits = replace(habits, counts_inserted=_shown(habits.counts_inserted, first.added, again.added))
    certain = named or (habits.counts_inserted and again.added is not None)
    place = Place.SUCCES if seen.named else Place.ERROR if seen.failed else Place.NOWHERE if named else None
    if not certain or not again.lists or seen.strange or place is None:
        return habits
    return replace(habits, present_listed=place)


def after_repeated_delete(habits: Habits, first: Answer, again: Answer) -> Habits:
    """What is known once a number that is gone from the group was deleted again."""
    return replace(habits, counts_deleted=_shown(habits.counts_deleted, first.deleted, again.deleted))


def _shown(is_true: Optional[bool], first: Optional[int], again: Optional[int]) -> Optional[bool]:
    """A counter is true if it has counted something, and nothing when there was nothing left to be done."""
    if again is None:
        return is_true
    if again:
        return False
    return True if first else is_true
