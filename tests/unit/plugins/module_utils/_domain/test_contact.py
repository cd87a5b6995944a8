# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every first contact with a group asks."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer, GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.contact import (
    World,
    after_both,
    doubting,
    ends_the_run,
    has_words,
    says_unknown,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    NoAnswer,
    Refused,
    StoreError,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.tests.unit.openings import (
    DONE,
    LOST,
    MISSING,
    NO_TOKEN,
    UNKNOWN,
    doubtful,
    words,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import (
    Script,
    letters,
    number,
    numbers,
    update,
    update_of_none,
)


def _world(script: Script, name: str = "Nuisance") -> World:
    return World(script, GroupText(name, "Reported"), False, False, False, True, lambda seconds: None, lambda: None)


OWN = Habits(unknown_group_words="no group {name}")


@pytest.mark.parametrize(
    ("error", "habits", "unknown"),
    [
        (UNKNOWN, Habits(), True),
        (words("No group Nuisance"), OWN, True),
        (words("NO GROUP NUISANCE"), OWN, True),
        (words("No group Fraud"), OWN, False),
        (words("No group Nuisance"), Habits(), False),
        (words(""), Habits(), False),
        (doubtful(words("No group Nuisance")), OWN, False),
        (MISSING, OWN, False),
        (NO_TOKEN, OWN, False),
        (None, OWN, False),
    ],
)
def test_a_group_is_unknown_in_documented_words_or_in_the_accounts_own(
    error: Any, habits: Habits, unknown: bool
) -> None:
    assert says_unknown(error, habits, _world(Script())) is unknown


@pytest.mark.parametrize(
    ("name", "said", "own", "same"),
    [
        ("Nuisance", "No group Nuisance", "no group {name}", True),
        ("Nuisance", "No such one", "no such one", True),
        ("Nuisance", "No such one", "no group {name}", False),
        ("Nuisance", "No such one", None, False),
        # A name that occurs in the words themselves.
        ("No", "No group No", "no group {name}", True),
        ("No", "No such one", "no such one", True),
        ("UP", "Group not found", "group not found", True),
    ],
)
def test_words_are_those_for_a_group_of_any_name(name: str, said: str, own: Optional[str], same: bool) -> None:
    assert has_words(words(said), own, _world(Script(), name)) is same


def test_the_words_for_a_group_that_nobody_has_made_leave_its_name_open() -> None:
    nobody = f"no such group {zlib.crc32(b'Nuisance'):08x}"
    script = Script(update_of_none("a", words(f"No group {nobody}")))
    assert _world(script).words_for_none(number("a")) == "no group {name}"


def test_a_group_that_nobody_has_made_is_asked_for_with_a_name_of_its_own() -> None:
    script = Script(update_of_none("a", words("No such one")), update_of_none("a", words("No such one")))
    for name in ("Nuisance", "Fraud"):
        assert _world(script, name).words_for_none(number("a")) == "no such one"
    script.finish()
    first, second = (text.name for text in script.texts)
    assert first != second
    assert all(2 <= len(text.name) <= 50 and "@" not in text.name for text in script.texts)


@pytest.mark.parametrize("said", [DONE, UNKNOWN, LOST, MISSING, words("")])
def test_what_is_no_refusal_in_words_tells_none(said: Any) -> None:
    assert _world(Script(update_of_none("a", said))).words_for_none(number("a")) is None


def test_numbers_are_added_to_the_group_of_the_world() -> None:
    script = Script(update("a", DONE))
    assert _world(script).update([number("a").canonical]) == DONE
    assert script.texts == [GroupText("Nuisance", "Reported")]


@pytest.mark.parametrize(
    ("error", "ends"), [(NO_TOKEN, True), (LOST, False), (StoreError("full"), False), (None, False)]
)
def test_only_a_token_that_cannot_be_had_ends_a_run_by_what_was_only_tried(error: Any, ends: bool) -> None:
    assert ends_the_run(Sent(error=error)) is (error if ends else None)


def test_numbers_that_were_sent_before_are_lost_if_nothing_is_said_of_them() -> None:
    doubted = doubting(numbers("ac"), Sent(lost=numbers("d"), left=numbers("ab")))
    assert (letters(doubted.lost), letters(doubted.left)) == ("ad", "b")
    untouched = Sent(left=numbers("b"))
    assert doubting(numbers("a"), untouched) == untouched


def test_two_answers_that_only_together_explain_a_failure_are_told_together() -> None:
    second = NoAnswer("POST /create", "it broke off", "Run again.")
    both = after_both(UNKNOWN, second)
    assert (
        str(both) == "POST /create: it broke off. Before that, PUT /update was answered: Invalid group id. Run again."
    )
    assert both.maybe_done
    assert str(after_both(UNKNOWN, second, "Do this.")).endswith(" Do this.")
    assert after_both(UNKNOWN, NO_TOKEN) is NO_TOKEN
    final = after_both(UNKNOWN, Refused("POST /create", "no", status=200))
    assert isinstance(final, CallFailed)
    assert (final.status, final.maybe_done) == (200, False)


def test_an_answer_is_a_value() -> None:
    assert replace(Answer(inserted=1, new=2)).added == 2
    assert (Answer(inserted=2, new=1).added, Answer(inserted=2).added, Answer(new=2).added) == (2, 2, None)
