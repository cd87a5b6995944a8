# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single answers of a transcript, in words for people."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    CREATED,
    LETTERS,
    NEW,
    Exchange,
    Target,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.seen import Seen, both, listed, said, told
from ansible_collections.ozonetel.cloudagent.tests.unit.exchanges import (
    BAD_FORM,
    BAD_TOKEN,
    DONE,
    HTML,
    LIMIT,
    LOST,
    UNKNOWN,
    added,
    asked,
    refused,
    request_of,
    transcript,
)


def _seen(*exchanges: Exchange) -> Seen:
    return Seen(transcript(*exchanges), by_token=True)


@pytest.mark.parametrize(
    ("said_first", "status", "is_had", "is_answered", "is_taken"),
    [
        (added([NEW]), 200, True, True, True),
        (added([NEW]), 500, True, True, True),  # the body decides (G1)
        (UNKNOWN, 200, True, True, False),
        (refused("no"), 400, True, True, False),
        (BAD_TOKEN, 200, True, True, False),
        (LIMIT, 200, True, False, False),
        (HTML, 429, True, False, False),
        (HTML, 502, True, False, False),
        (HTML, 200, True, False, False),
        (HTML, 302, True, False, False),
        (b"", 404, True, False, False),
        (LOST, 200, False, False, False),
    ],
)
def test_an_answer_is_of_the_server_of_the_application_or_taken(
    said_first: Any, status: int, is_had: bool, is_answered: bool, is_taken: bool
) -> None:
    exchange = asked("add_new", said_first, status)
    seen = _seen(exchange)
    assert seen.get("add_new") is (exchange if is_had else None)
    assert seen.answered("add_new") is (exchange if is_answered else None)
    assert seen.taken("add_new") is (exchange if is_taken else None)


def test_of_several_questions_the_first_counts_that_was_asked_and_answered() -> None:
    lost, unknown, taken = asked("update", LOST), asked("add_new", UNKNOWN), asked("add_again", added([NEW]))
    seen = _seen(lost, unknown, taken)
    assert seen.get("nothing", "update", "add_again", "add_new") is taken
    assert seen.get("update", "add_new", "add_again") is unknown
    assert seen.taken("update", "add_new", "add_again") is taken
    assert (seen.get(), seen.taken(), seen.answered("nothing")) == (None, None, None)


def test_refusals_are_those_of_the_application() -> None:
    kept = [asked("add_new", UNKNOWN), asked("add_twice", BAD_FORM)]
    others = [asked("add_again", added([NEW])), asked("letters", HTML, 502), asked("update", b"", 404)]
    unsent = Exchange("digits_1", request_of("digits_1"), error=kept[0].error)
    assert list(_seen(*kept, *others, unsent).refusals()) == kept


def test_what_was_asked_of_a_call_is_what_ones_own_credentials_were_answered() -> None:
    own, other, lost = asked("status", DONE), asked("made_up_credential", BAD_TOKEN), asked("add_new", LOST)
    update = asked("add_again", UNKNOWN)
    seen = _seen(own, other, lost, update)
    assert list(seen.of(Target.STATUS)) == [own]
    assert list(seen.of(Target.UPDATE)) == [update]
    assert list(seen.of(Target.DELETE)) == []


def test_whether_a_number_was_new_is_told_by_the_habits_of_the_transcript() -> None:
    seen = _seen(
        asked("add_new", added([NEW], inserted=1)),
        asked("add_again", added([NEW], inserted=0)),
        asked("after_create", added([CREATED], inserted=0), numbers=[CREATED]),
    )
    assert seen.habits.counts_inserted
    assert (seen.new("add_new", NEW), seen.new("after_create", CREATED)) == (True, False)
    assert seen.new("nothing", NEW) is None


@pytest.mark.parametrize(
    ("number", "said_of_it", "where"),
    [
        (NEW, added([NEW]), "listed as taken"),
        (NEW, added(["447700900901"]), "listed as taken"),
        (NEW, added([447700900901]), "listed as taken"),
        (NEW, added([], [NEW]), "listed as failed"),
        (NEW, added([NEW], [NEW]), "listed as failed"),
        (NEW, added([], ["447700900901"]), "listed as failed"),
        (NEW, added([CREATED]), "listed nowhere"),
        (NEW, added([None, True, {}, []]), "listed nowhere"),
        (NEW, {"status": "success"}, "listed nowhere"),
        (NEW, {"status": "success", "output": {"succes": NEW}}, "listed nowhere"),
        (LETTERS, added([LETTERS]), "listed as taken"),
        (LETTERS, added([], [LETTERS]), "listed as failed"),
        (LETTERS, added([""], [""]), "listed nowhere"),
        (NEW, UNKNOWN, "not listed"),
        (NEW, LOST, "not listed"),
    ],
)
def test_where_a_number_is_listed(number: str, said_of_it: Any, where: str) -> None:
    assert listed(asked("add_new", said_of_it), number) == where


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (None, "not asked"),
        (asked("add_new", LOST), "no whole answer"),
        (asked("add_new", added([NEW])), "taken (HTTP 200)"),
        (asked("add_new", added([NEW]), 500), "taken (HTTP 500)"),
        (asked("add_new", UNKNOWN), 'refused (HTTP 200, "Invalid group id")'),
        (asked("add_new", BAD_FORM, 400), 'refused (HTTP 400, "invalid data: invalid format")'),
        (asked("add_new", refused("")), "refused (HTTP 200)"),
        (asked("add_new", b"", 405), "not served (HTTP 405)"),
        (asked("add_new", HTML, 502), "answered by something else (HTTP 502)"),
        (
            asked("add_new", {"message": "down for repair"}, 503),
            'answered by something else (HTTP 503, "down for repair")',
        ),
    ],
)
def test_what_became_of_a_request_is_told_with_the_status_and_the_servers_words(
    exchange: Optional[Exchange], words: str
) -> None:
    assert told(exchange) == words


def test_words_are_put_together() -> None:
    assert both("one", "", "two") == "one; two"
    assert both() == both("", "") == ""
    assert (said(asked("add_new", UNKNOWN)), said(asked("add_new", DONE))) == (', "Invalid group id"', "")
