# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module does its work on the bench's own server, so that what is measured is the real thing."""

from __future__ import annotations

from typing import Iterator

import pytest

from ansible_collections.ozonetel.cloudagent.tests.bench.stand import Stand


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """One for all."""
    with Stand() as ready:
        yield ready


def test_a_first_run_puts_every_number_onto_the_server_and_a_second_finds_nothing_to_do(stand: Stand) -> None:
    account = stand.account()
    assert stand.task(250, account)["changed"]
    seen = stand.asked(account.username)
    assert (seen["numbers"], seen["generations"]) == (250, 1)
    again = stand.task(250, account, refresh=False)
    assert (again["changed"], again["requests"]) == (False, 0)


def test_what_was_put_there_can_be_removed(stand: Stand) -> None:
    account = stand.account()
    stand.task(250, account)
    assert stand.task(250, account, state="absent")["changed"]
    assert stand.asked(account.username)["numbers"] == 0


def test_a_user_that_is_forgotten_holds_nothing(stand: Stand) -> None:
    account = stand.account()
    stand.task(1, account)
    stand.forget(account)
    assert stand.asked(account.username) == {"requests": 0, "generations": 0, "numbers": 0}


def test_nothing_is_left_when_it_is_done() -> None:
    with Stand() as short:
        folder = short.folder
        assert folder.exists()
    assert not folder.exists()
