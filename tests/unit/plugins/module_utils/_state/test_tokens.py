# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token broker: by its rules over random histories, and between real processes, on both engines."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List, Optional

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import IssuedToken
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CannotBeSent,
    CredentialsRefused,
    GenerationLimitReached,
    NoAnswer,
    NotSent,
    RateLimited,
    StoreError,
    TlsFailed,
    TokenNotObtained,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.waiting import WaitingBudget
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store, open_store
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.tokens import (
    MARGIN,
    FixedToken,
    TokenBroker,
    account_key,
)
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database

HOUR = 3600.0


class Server:
    """The rules of contract T3, in memory: ten an hour, each new token revokes the earlier ones."""

    def __init__(self, clock: FakeClock, lifetime: float = HOUR) -> None:
        self.clock = clock
        self.lifetime = lifetime
        self.sent: List[float] = []
        self.valid: Optional[str] = None
        self.failure: Optional[CallFailed] = None

    def generate(self) -> IssuedToken:
        """One generation."""
        if self.failure is not None and not self.failure.sent:
            raise self.failure
        self.sent.append(self.clock.time)
        if self.failure is not None:
            raise self.failure
        self.valid = f"token-{len(self.sent)}"
        return IssuedToken(self.valid, self.lifetime)


def _broker(store: Store, server: Server, budget: float = 0.0, account: str = "me") -> TokenBroker:
    waiting = WaitingBudget(budget, server.clock)
    return TokenBroker(store, account, server.generate, server.clock, waiting, lock_limit=5.0, secrets=Secrets())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Server:
    return Server(clock)


@pytest.fixture
def opened(location: Location, clock: FakeClock, request: pytest.FixtureRequest) -> Callable[[], Store]:
    def once_more() -> Store:
        store = open_store(location, False, clock)
        request.addfinalizer(store.close)
        return store

    return once_more


def test_a_stored_token_serves_every_other_broker(opened: Callable[[], Store], server: Server) -> None:
    first = _broker(opened(), server).get()
    second = _broker(opened(), server).get()
    assert (first.value, first.generated) == ("token-1", True)
    assert (second.value, second.generated) == ("token-1", False)


def test_a_token_that_ends_too_soon_is_replaced(opened: Callable[[], Store], server: Server) -> None:
    _broker(opened(), server).get()
    server.clock.time += HOUR - 200
    assert _broker(opened(), server).get(min_validity=100).value == "token-1"
    assert _broker(opened(), server).get(min_validity=300).value == "token-2"


def test_a_held_token_is_renewed_when_it_ends_during_the_task(opened: Callable[[], Store], server: Server) -> None:
    broker = _broker(opened(), server)
    assert broker.current() == "token-1"
    server.clock.time += HOUR
    assert broker.current() == "token-2"


@pytest.mark.parametrize("lifetime", [5.0, 59.0, 119.0])
def test_c7_a_token_that_lives_but_shortly_is_used_until_it_is_refused(
    opened: Callable[[], Store], clock: FakeClock, lifetime: float
) -> None:
    server = Server(clock, lifetime)
    broker = _broker(opened(), server)
    for _count in range(5):
        assert broker.current() == "token-1"
        clock.time += lifetime
    assert broker.replace("token-1") == "token-2"
    clock.time += lifetime - 1
    assert _broker(opened(), server).current() == "token-2"  # another task takes it while it lasts
    clock.time += 1
    assert _broker(opened(), server).current() == "token-3"


def test_c8_generations_that_a_clock_which_was_ahead_has_recorded_do_not_count(
    opened: Callable[[], Store], server: Server
) -> None:
    server.clock.time += 86400
    for _count in range(10):
        _broker(opened(), server).renewed()
    server.clock.time -= 86400
    assert _broker(opened(), server).usage().last_hour == 0
    assert _broker(opened(), server).renewed().value == "token-11"


def test_c8_generations_that_the_clock_of_another_machine_has_recorded_count(
    opened: Callable[[], Store], server: Server
) -> None:
    for _count in range(10):
        _broker(opened(), server).renewed()
    server.clock.time -= 2
    assert _broker(opened(), server).usage().last_hour == 10


def test_c8_a_token_that_a_clock_which_was_ahead_has_recorded_is_not_relied_on(
    opened: Callable[[], Store], server: Server
) -> None:
    server.clock.time += 86400
    _broker(opened(), server).get()
    server.clock.time -= 86400
    assert _broker(opened(), server).get().value == "token-2"


def test_a_token_that_lives_for_less_than_is_asked_for_is_used_for_half_its_life_with_a_warning(
    opened: Callable[[], Store], clock: FakeClock
) -> None:
    server = Server(clock, 600.0)
    for wait, value in ((0, "token-1"), (299, "token-1"), (2, "token-2")):
        clock.time += wait
        broker = _broker(opened(), server)
        assert broker.get(3500).value == value
        assert broker.warnings == ["The server's tokens live for 600 s only, so that none is good for 3500 s."]


@pytest.mark.parametrize(("expires_at", "issued_at"), [("1e300", "1.0"), ("-1.0", "1.0"), ("1.0", "1e300")])
def test_c2_a_stored_token_with_damaged_times_is_told_as_that(
    opened: Callable[[], Store], server: Server, expires_at: str, issued_at: str
) -> None:
    store = opened()
    _broker(store, server).get()
    store.rows(f"UPDATE tokens SET expires_at = {expires_at}, issued_at = {issued_at}")
    with pytest.raises(StoreError, match="is damaged"):
        _broker(opened(), server).get()


def test_a_token_that_cannot_be_stored_serves_its_task_all_the_same(server: Server, tmp_path: Path) -> None:
    store = open_store(Location(directory=str(tmp_path / "state")), False, server.clock)
    store.rows("CREATE TRIGGER full BEFORE INSERT ON tokens BEGIN SELECT RAISE(ABORT, 'no room'); END")
    broker = _broker(store, server)
    assert broker.current() == "token-1"
    assert broker.current() == "token-1"
    (warning,) = broker.warnings
    assert "could not be stored" in warning
    assert "no room" in warning
    assert store.rows("SELECT outcome FROM generations") == [("unanswered",)]  # it counts in any case
    store.close()


def test_a_refused_token_is_replaced_by_a_newer_stored_one_first(opened: Callable[[], Store], server: Server) -> None:
    slow = _broker(opened(), server)
    old = slow.current()
    _broker(opened(), server).renewed()
    assert slow.replace(old) == "token-2"
    assert len(server.sent) == 2
    assert slow.replace("token-2") == "token-3"


def test_another_account_or_a_rotated_key_never_meets_anothers_token(
    opened: Callable[[], Store], server: Server
) -> None:
    keys = {
        account_key("https://a", "me", "key"),
        account_key("https://a", "me", "other key"),
        account_key("https://a", "you", "key"),
        account_key("https://b", "me", "key"),
    }
    assert len(keys) == 4
    assert all("key" not in key and "me" not in key for key in keys)
    assert {_broker(opened(), server, account=key).get().generated for key in keys} == {True}


def test_the_eleventh_within_an_hour_is_never_sent_and_the_error_says_when(
    opened: Callable[[], Store], server: Server
) -> None:
    broker = _broker(opened(), server)
    start = server.clock.time
    for _count in range(10):
        broker.renewed()
        server.clock.time += 60
    with pytest.raises(GenerationLimitReached, match=r"10 granted.*2027-01-15T09:00:05Z") as caught:
        broker.renewed()
    assert caught.value.next_at == start + HOUR + MARGIN
    assert len(server.sent) == 10
    assert broker.get().value == "token-10"  # what there is still serves
    server.clock.time = start + HOUR + MARGIN
    assert broker.renewed().value == "token-11"


def test_a_task_waits_for_the_next_free_generation_if_it_may(opened: Callable[[], Store], server: Server) -> None:
    for _count in range(10):
        _broker(opened(), server).renewed()
    assert _broker(opened(), server, budget=4000.0).renewed().value == "token-11"
    assert server.clock.slept == [HOUR + MARGIN]


@pytest.mark.parametrize(
    ("failure", "counted", "outcome"),
    [
        (NotSent("POST /x", "no connection"), 0, None),
        (TlsFailed("POST /x", "no secure connection"), 0, None),
        (CannotBeSent("POST /x", "no proxy"), 0, None),
        (CredentialsRefused("POST /x", "Invalid userName or apiKey"), 1, "refused"),
        (NoAnswer("POST /x", "lost"), 1, "unanswered"),
    ],
)
def test_what_was_sent_counts_whatever_came_of_it(
    opened: Callable[[], Store], server: Server, failure: CallFailed, counted: int, outcome: Optional[str]
) -> None:
    store = opened()
    server.failure = failure
    with pytest.raises(TokenNotObtained, match=failure.said):
        _broker(store, server).get()
    assert _broker(store, server).usage().last_hour == counted
    assert store.rows("SELECT outcome FROM generations") == ([(outcome,)] if outcome else [])


@pytest.mark.parametrize("failure", [None, NoAnswer("POST /x", "lost")])
def test_a_token_and_its_generation_survive_a_power_cut_and_no_more(
    opened: Callable[[], Store], server: Server, failure: Optional[CallFailed], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    durable: List[bool] = []
    in_force: List[bool] = []
    rows, upsert, set_durable = store.rows, store.upsert, store._engine.set_durable

    def written(statement: str, *values: Any) -> Any:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")) and "lock_holders" not in statement:
            in_force.append(durable[-1])
        return rows(statement, *values)

    def kept(table: str, *more: Any) -> None:
        if table != "lock_holders":
            in_force.append(durable[-1])
        upsert(table, *more)

    def noted(wanted: bool) -> None:
        durable.append(wanted)
        set_durable(wanted)

    noted(False)
    monkeypatch.setattr(store, "rows", written)
    monkeypatch.setattr(store, "upsert", kept)
    monkeypatch.setattr(store._engine, "set_durable", noted)
    server.failure = failure
    with contextlib.suppress(TokenNotObtained):
        _broker(store, server).get()
    assert in_force
    assert all(in_force)
    assert durable == [False, True, False]


@pytest.mark.parametrize("failure", [None, NoAnswer("POST /x", "lost")])
def test_a_generation_counts_from_when_its_answer_came_since_it_may_have_come_in_late(
    opened: Callable[[], Store], server: Server, failure: Optional[CallFailed], monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = server.generate

    def slowly() -> IssuedToken:
        server.clock.time += 30
        return generate()

    monkeypatch.setattr(server, "generate", slowly)
    server.failure = failure
    start = server.clock.time
    for _count in range(10):
        with contextlib.suppress(TokenNotObtained):
            _broker(opened(), server).renewed()
    assert _broker(opened(), server).usage().next_at == start + 30 + HOUR + MARGIN
    server.failure = None
    assert _broker(opened(), server, budget=4000.0).renewed().value == "token-11"
    assert server.sent[-1] - server.sent[0] > HOUR


def test_a_lost_answer_says_when_the_next_generation_is_free(opened: Callable[[], Store], server: Server) -> None:
    server.failure = NoAnswer("POST /x", "lost")
    with pytest.raises(TokenNotObtained, match=r"counts as one of 10 .*\(1 sent\).* free at once"):
        _broker(opened(), server).get()


def test_a_limit_of_the_server_that_the_record_does_not_know_says_when_at_the_latest(
    opened: Callable[[], Store], server: Server
) -> None:
    server.failure = RateLimited("POST /x", "Max limit exceeded")
    with pytest.raises(GenerationLimitReached) as caught:
        _broker(opened(), server).get()
    assert caught.value.next_at == server.clock.time + HOUR


def test_forgetting_makes_the_next_one_generate(opened: Callable[[], Store], server: Server) -> None:
    broker = _broker(opened(), server)
    broker.get()
    broker.forget()
    assert broker.stored() is None
    assert broker.get().value == "token-2"


def test_a_fixed_token_is_never_replaced() -> None:
    fixed = FixedToken("given")
    assert fixed.current() == "given"
    with pytest.raises(TokenNotObtained) as caught:
        fixed.replace("given")
    assert "given" not in str(caught.value).replace("was given", "")


class Histories(RuleBasedStateMachine):
    """Several tasks on one store, time, revocations and failures, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.server = Server(self.clock)
        self.store = open_store(Location(), False, self.clock)
        self.brokers = [_broker(self.store, self.server) for _count in range(3)]

    def teardown(self) -> None:
        """Closes the store."""
        self.store.close()

    @rule(who=st.integers(0, 2))
    def work(self, who: int) -> None:
        """A task uses its token as a client does: replaced once when the server refuses it."""
        broker = self.brokers[who]
        before = len(self.server.sent)
        try:
            used = broker.current()
            if used != self.server.valid:
                used = broker.replace(used)
        except GenerationLimitReached as limit:
            assert limit.next_at > self.clock.time
            return
        except TokenNotObtained:
            assert self.server.failure is not None
            return
        # Only a token that was taken over may be bad (somebody outside revoked it): then the next request replaces it.
        assert used == self.server.valid or len(self.server.sent) == before
        assert len(self.server.sent) - before <= 2

    @rule(who=st.integers(0, 2))
    def force(self, who: int) -> None:
        """A task generates a token of its own."""
        with contextlib.suppress(TokenNotObtained):
            self.brokers[who].renewed()

    @rule(seconds=st.sampled_from([1.0, 100.0, 1000.0, 3599.0, 3600.0, 7300.0]))
    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.clock.time += seconds

    @rule()
    def revoke(self) -> None:
        """Somebody else generates a token."""
        self.server.valid = "somebody else's"

    @rule(who=st.integers(0, 2))
    def new_task(self, who: int) -> None:
        """A task ends and another begins."""
        self.brokers[who] = _broker(self.store, self.server)

    @precondition(lambda self: self.server.failure is None)
    @rule(lost=st.booleans())
    def break_down(self, lost: bool) -> None:
        """The server stops answering, or cannot be reached."""
        self.server.failure = NoAnswer("POST /x", "lost") if lost else NotSent("POST /x", "refused")

    @precondition(lambda self: self.server.failure is not None)
    @rule()
    def recover(self) -> None:
        """It answers again."""
        self.server.failure = None

    @invariant()
    def never_more_than_ten_an_hour(self) -> None:
        """In no window of an hour were more than ten sent."""
        sent = self.server.sent
        assert all(len([at for at in sent if start <= at < start + HOUR]) <= 10 for start in sent)


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestHistories = Histories.TestCase


PROGRAM = """
import sys
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import RealRunner
report = RealRunner(*sys.argv[1:]).token()
print(report.failure or report.secret_result["token"])
"""


def _start(simulator: Simulator, location: Location, home: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["PGPASSWORD"] = location.password or ""
    store = location.url or location.directory or ""
    command = [sys.executable, "-c", PROGRAM, simulator.url, simulator.username, simulator.api_key, store]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _printed(processes: "List[subprocess.Popen[str]]") -> List[str]:
    return [process.communicate(timeout=120)[0].strip() for process in processes]


def test_c4_twenty_processes_at_once_make_one_generation(
    simulator: Simulator, location: Location, tmp_path: Path
) -> None:
    simulator.set(latency=0.3)
    printed = _printed([_start(simulator, location, tmp_path) for _count in range(20)])
    assert len(set(printed)) == 1
    assert simulator.generated == 1


def test_three_workers_on_each_of_three_nodes_that_share_a_server_make_one_generation(
    simulator: Simulator, postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    location = empty_database(postgresql)
    simulator.set(latency=0.3)
    homes = [tmp_path / f"node{number}" for number in range(3)]
    for home in homes:
        home.mkdir()
    printed = _printed([_start(simulator, location, home) for home in homes for _count in range(3)])
    assert len(set(printed)) == 1
    assert simulator.generated == 1
    assert [list(home.iterdir()) for home in homes] == [[], [], []]
