# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the transcript of a probe shows of how an account answers: its habits, and whether a number was new."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Sequence

from .errors import GroupUnknown, Refused
from .exchange import NEW, NO_GROUP, Exchange, Target, Transcript, numbers, words_for_none
from .habits import Habits, Place, after_repeated_delete, after_repeated_update
from .lines import listing


def learned(transcript: Transcript, update_paths: Sequence[str] = ("", "")) -> Habits:
    """The habits that a transcript shows. ``update_paths``: the newer and the older one (contract U1)."""
    habits = Habits(
        update_path=_path(transcript, update_paths), unknown_group_words=_words_for_unknown_group(transcript)
    )
    first, again = (transcript.get(name) for name in ("add_new", "add_again"))
    if first is not None and first.answer is not None and again is not None and again.answer is not None:
        named = NEW in listing(numbers([NEW]), first.answer).named
        seen = listing(numbers([NEW]), again.answer)
        habits = after_repeated_update(habits, first.answer, seen, again.answer, named)
    first, again = (transcript.get(name) for name in ("delete_by_id", "delete_again"))
    if first is not None and first.answer is not None and again is not None and again.answer is not None:
        habits = after_repeated_delete(habits, first.answer, again.answer)
        if (first.answer.deleted or 0) > 1:  # one of the two was not there
            habits = replace(habits, counts_deleted=False)
    return habits


def _path(transcript: Transcript, update_paths: Sequence[str]) -> Optional[str]:
    """The path on which an update was taken; where none was, the one that has known of no such group."""
    updates = [exchange for exchange in transcript.values() if exchange.request.target is Target.UPDATE]
    taken = [exchange for exchange in updates if exchange.answer is not None]
    unknown = [exchange for exchange in updates if isinstance(exchange.error, GroupUnknown)]
    found = [*taken, *unknown]
    return update_paths[found[0].request.older] or None if found else None


def _words_for_unknown_group(transcript: Transcript) -> Optional[str]:
    """The account's own, where they are not those that are documented."""
    unknown = transcript.get("unknown_group")
    if unknown is None or not isinstance(unknown.error, Refused):
        return None
    return words_for_none(unknown, NO_GROUP) or None


def was_new(exchange: Optional[Exchange], number: str, habits: Habits) -> Optional[bool]:
    """Whether a number was not in the group before an update with it alone; None where the answer leaves it open."""
    if exchange is None or exchange.answer is None:
        return None
    answer, found = exchange.answer, listing(numbers([number]), exchange.answer)
    if habits.counts_inserted and answer.added is not None:
        return answer.added > 0
    if not answer.lists or found.strange:
        return None
    if number in found.named:
        return True if habits.present_listed in (Place.ERROR, Place.NOWHERE) else None
    if number in found.failed:
        return False if habits.present_listed is Place.ERROR else None
    return False if habits.present_listed is Place.NOWHERE else None
