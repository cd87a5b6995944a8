# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the transcript of a probe shows of how an account answers: its habits, and whether a number was new."""

from __future__ import annotations

from dataclasses import replace
from typing import FrozenSet, Optional, Sequence

from .calls import Answer
from .errors import GroupUnknown, Refused
from .exchange import GROUP, NEW, NO_GROUP, NO_GROUP_EITHER, Exchange, Target, Transcript, numbers, words_for_none
from .habits import Habits, Place, after_repeated_delete, after_repeated_update
from .lines import listing


def learned(transcript: Transcript, update_paths: Sequence[str] = ("", "")) -> Habits:
    """The habits that a transcript shows, each by two answers that agree.

    ``update_paths``: the newer and the older one (contract U1).
    """
    habits = Habits(
        update_path=_path(transcript, update_paths), unknown_group_words=_words_for_unknown_group(transcript)
    )
    first, again, later = (_answer(transcript, name) for name in ("add_new", "add_again", "add_later"))
    if first is not None and again is not None:
        named = NEW in listing(numbers([NEW]), first).named
        for repeated in (again, later):
            if repeated is not None:
                habits = after_repeated_update(habits, first, listing(numbers([NEW]), repeated), repeated, named)
        if later is None or _place(again) is not _place(later):
            habits = replace(habits, present_listed=None)
    first, again = (_answer(transcript, name) for name in ("delete_by_id", "delete_again"))
    if first is not None and again is not None:
        habits = after_repeated_delete(habits, first, again)
        if (first.deleted or 0) > 1:  # of two numbers, one was not there
            habits = replace(habits, counts_deleted=False)
    return habits


def _answer(transcript: Transcript, question: str) -> Optional[Answer]:
    exchange = transcript.get(question)
    return None if exchange is None else exchange.answer


def _place(answer: Answer) -> Place:
    found = listing(numbers([NEW]), answer)
    return Place.SUCCES if found.named else Place.ERROR if found.failed else Place.NOWHERE


def looked_at(transcript: Transcript) -> FrozenSet[str]:
    """The names of the habits that a transcript has looked at, whatever it shows of them (see Habits.record)."""
    names = {
        "unknown_group_words": ("unknown_group", "unknown_again"),
        "present_listed": ("add_new", "add_again", "add_later"),
        "inserted_counter": ("add_new", "add_again"),
        "deleted_counter": ("delete_by_id", "delete_again"),
    }
    answered = {question for question, exchange in transcript.items() if exchange.answered}
    return frozenset(name for name, questions in names.items() if answered.issuperset(questions))


def _path(transcript: Transcript, update_paths: Sequence[str]) -> Optional[str]:
    """The path on which an update was taken; where none was, the one that has known of no such group."""
    updates = [exchange for exchange in transcript.values() if exchange.request.target is Target.UPDATE]
    taken = [exchange for exchange in updates if exchange.answer is not None]
    unknown = [exchange for exchange in updates if isinstance(exchange.error, GroupUnknown)]
    found = [*taken, *unknown]
    return update_paths[found[0].request.older] or None if found else None


def _words_for_unknown_group(transcript: Transcript) -> Optional[str]:
    """The account's own, where they are not those that are documented, and mean nothing else.

    They were said of two groups that do not exist, at different times and with different numbers; of nothing else; and
    an update of the probe's group was taken afterwards.
    """
    unknown, again = transcript.get("unknown_group"), transcript.get("unknown_again")
    if unknown is None or again is None or not isinstance(unknown.error, Refused) or unknown.error.documented:
        return None
    words = words_for_none(unknown, NO_GROUP)
    if not words or words != words_for_none(again, NO_GROUP_EITHER) or _is_said_of_others(words, transcript):
        return None
    questions = list(transcript)
    later = [transcript[question] for question in questions[questions.index("unknown_again") :]]
    taken = any(e.request.target is Target.UPDATE and e.answer is not None for e in later)
    return words if taken else None


def _is_said_of_others(words: str, transcript: Transcript) -> bool:
    """Whether the same words were said of a group that was there, or of something else."""
    about_none = ("update", "group_gone", "unknown", "refused_create", "delete", "clean", "remove")
    return any(
        words_for_none(exchange, GROUP) == words
        for question, exchange in transcript.items()
        if not question.startswith(about_none)
    )


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
