# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a task are built and introduced to each other; what cannot be had is told or done without."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Dict

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.options import (
    SHARED,
    Faults,
    Shared,
    read_shared,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.parts import (
    Surroundings,
    SystemClock,
    assembled,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.client import Client, RefusingClient
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.workers import OneByOne
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import CheckModeWrite, StoreUnavailable
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

TOKEN = "a-token-from-elsewhere"


def _shared(simulator: Simulator, **options: Any) -> Shared:
    params: Dict[str, Any] = {name: option.get("default") for name, option in SHARED.items()}
    params.update(username=simulator.username, api_key=simulator.api_key, domain=simulator.url, state_store="none")
    faults = Faults()
    shared = read_shared({**params, **options}, faults)
    faults.stop_if_any()
    return shared


def _around(check_mode: bool = False, only_reads: bool = False) -> Surroundings:
    return Surroundings(check_mode, Secrets(), only_reads=only_reads)


def _credentials(simulator: Simulator) -> "set[str]":
    return {name for record in simulator.requests("update") for name in record["credentials"]}


@pytest.mark.parametrize(
    ("options", "header", "generated"),
    [({}, "Authorization", 1), ({"token": TOKEN}, "Authorization", 0), ({"auth": "api_key"}, "apiKey", 0)],
)
def test_a_client_authenticates_as_the_options_say(
    simulator: Simulator, options: Dict[str, Any], header: str, generated: int
) -> None:
    simulator.set(auth_mode="BASIC_AUTH" if "auth" in options else "TOKEN_AUTH")
    simulator.server.account.tokens[TOKEN] = simulator.server.account.now() + 3600
    simulator.preset("Nuisance", [])
    with assembled(_shared(simulator, **options), _around()) as parts:
        client = parts.sending.client(Habits(), OneByOne())
        assert isinstance(client, Client)
        assert client.update(GroupText("Nuisance", "Reported"), ["9999900001"]).added == 1
        assert client.update_path == "/ca_apis/updateBlockNumber"
    assert _credentials(simulator) == {header}
    assert simulator.generated == generated


def test_in_check_mode_nothing_can_be_sent_and_no_token_generated(simulator: Simulator) -> None:
    with assembled(_shared(simulator), _around(check_mode=True)) as parts:
        assert isinstance(parts.sending.client(Habits(), OneByOne()), RefusingClient)
        with pytest.raises(CheckModeWrite):
            parts.sending.broker.get()
    assert simulator.requests() == []


def test_c12_without_a_usable_default_place_a_task_goes_on_with_a_warning(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    shared = _shared(simulator, state_store=None)
    with assembled(shared, _around()) as parts:
        (warning,) = parts.warnings
        assert "This task goes on without a store" in warning
        assert not parts.store.persistent
    with pytest.raises(StoreUnavailable), assembled(_shared(simulator, state_store=f"{tmp_path}/file/x"), _around()):
        pass


def test_what_only_reads_makes_no_store(simulator: Simulator, tmp_path: Path) -> None:
    with assembled(_shared(simulator, state_store=str(tmp_path / "state")), _around(only_reads=True)) as parts:
        assert parts.warnings == []
    assert os.listdir(tmp_path) == []


def test_the_clock_is_that_of_this_machine() -> None:
    clock = SystemClock()
    before = time.time()
    clock.sleep(0.01)
    assert before + 0.01 <= clock.now() <= time.time()


def test_a_task_that_opens_the_store_itself_begins_with_one_in_memory(simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    around = Surroundings(False, Secrets(), opens_store=True)
    with assembled(_shared(simulator, state_store=str(tmp_path / "file")), around) as parts:
        assert not parts.store.persistent
        assert parts.warnings == []


def test_in_check_mode_there_is_nothing_to_call_with(simulator: Simulator) -> None:
    with assembled(_shared(simulator), _around(check_mode=True)) as parts, pytest.raises(CheckModeWrite):
        parts.sending.caller()
