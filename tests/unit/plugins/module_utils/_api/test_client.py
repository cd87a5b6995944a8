# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method per call of the API, against the simulator."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator, List, Optional, Sequence

import pytest
import requests

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.client import (
    Caller,
    Client,
    RefusingClient,
    bearer,
    generate_token,
    greeted,
    try_credential,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import Transport, Wire
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.workers import (
    Gate,
    Threads,
    Workers,
    workers,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Sent, send_batch
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Call, GroupText
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CheckModeWrite,
    CredentialsRefused,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    NumbersRefused,
    RateLimited,
    Refused,
    TokenNotObtained,
    TokenRefused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits, Limit, recorded_habits
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import Secrets
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.waiting import Pace, WaitingBudget
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock

GROUP = GroupText("Nuisance", "Reported", "2099-01-01 00:00:00")
ONE = ["9999900001"]
SINGULAR, PLURAL = "/ca_apis/updateBlockNumber", "/ca_apis/updateBlockNumbers"


class Tokens:
    """Generates a token when it is asked for one, and another for one that was refused."""

    def __init__(self, generate: Callable[[], str]) -> None:
        self._generate = generate
        self.value: Optional[str] = None
        self.replaced: List[str] = []

    def current(self) -> str:
        """The token."""
        self.value = self.value or self._generate()
        return self.value

    def replace(self, refused: str) -> str:
        """Another."""
        self.replaced.append(refused)
        self.value = self._generate()
        return self.value


class Connected:
    """A client with all that it works with."""

    def __init__(self, simulator: Simulator, wait: float = 0.0) -> None:
        self.simulator = simulator
        self.clock = FakeClock()
        secrets = Secrets()
        self.transport = Transport(simulator.url, 5.0, True, self.clock, secrets, InProcess(simulator))
        self.caller = Caller(self.transport, WaitingBudget(wait, self.clock), self.clock, secrets)
        self.tokens = Tokens(lambda: generate_token(self.caller, simulator.username, simulator.api_key).value)
        self.client = self.made()

    def made(self, update_path: Optional[str] = None, tokens: Any = None) -> Client:
        """A client that knows a path."""
        return Client(self.caller, self.simulator.username, tokens or self.tokens, None, update_path)

    def calls(self) -> List[str]:
        """What was asked: the call, or the path where none is served."""
        return [record["call"] or record["path"] for record in self.simulator.requests()]


@pytest.fixture
def connected(simulator: Simulator) -> Iterator[Connected]:
    """A client of an account with an empty group."""
    simulator.preset("Nuisance", [])
    made = Connected(simulator)
    yield made
    made.transport.close()


def test_each_call_is_made_in_its_documented_form(connected: Connected) -> None:
    simulator = connected.simulator
    simulator.set(duplicate_group="second")
    assert connected.client.create(GROUP, ONE[0]).group_id == 21
    assert connected.client.update(GROUP, ONE).group_id == 20
    connected.client.delete(GROUP, 20, ONE)
    connected.client.delete(GroupText("Nuisance"), None, ONE)
    connected.client.update(GroupText("Nuisance", "Reported"), ONE)
    bodies = [record["body"] for record in simulator.requests() if record["call"] != "generate"]
    texts = {"description": "Reported", "expiryDate": "2099-01-01 00:00:00"}
    assert bodies == [
        {"userName": "demo_user", "name": "Nuisance", **texts, "blockNumbers": "9999900001"},
        {"userName": "demo_user", "groupName": "Nuisance", **texts, "blockNumbers": ONE},
        {"userName": "demo_user", "groupName": "Nuisance", "id": 20, "blockNumbers": ONE},
        {"userName": "demo_user", "groupName": "Nuisance", "blockNumbers": ONE},
        {"userName": "demo_user", "groupName": "Nuisance", "description": "Reported", "blockNumbers": ONE},
    ]
    assert connected.calls().count("generate") == 1


# -- the path of update ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("served", "path"), [("singular", SINGULAR), ("plural", PLURAL), ("both", SINGULAR)])
@pytest.mark.parametrize("status", [404, 405])
def test_the_path_that_answers_is_found_and_used_from_then_on(
    connected: Connected, served: str, path: str, status: int
) -> None:
    connected.simulator.set(update_path=served, missing_endpoint_status=status)
    assert connected.client.update_path is None
    connected.client.update(GROUP, ONE)
    assert connected.client.update_path == path
    connected.simulator.forget_requests()
    connected.client.update(GROUP, ONE)
    assert connected.calls() == ["update"]


def test_a_path_that_is_known_is_tried_first_and_the_other_where_it_is_gone(connected: Connected) -> None:
    connected.simulator.set(update_path="singular")
    client = connected.made(PLURAL)
    client.update(GROUP, ONE)
    assert connected.calls() == ["generate", PLURAL, "update"]
    assert client.update_path == SINGULAR


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({"unknown_group_words": "Invalid group id"}, GroupUnknown),
        ({"unknown_group_words": "No such one"}, Refused),
    ],
)
def test_an_error_of_the_application_shows_the_path_too(connected: Connected, switches: Any, kind: type) -> None:
    connected.simulator.set(**switches)
    with pytest.raises(kind):
        connected.client.update(GroupText("Gone", "Reported"), ONE)
    assert connected.client.update_path == SINGULAR


def test_numbers_that_are_refused_show_the_path_too(connected: Connected) -> None:
    with pytest.raises(NumbersRefused):
        connected.client.update(GROUP, ["7"])
    assert connected.client.update_path == SINGULAR


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 403}, {"kind": "reset_before", "times": 9}])
def test_an_error_on_the_way_shows_no_path(connected: Connected, fault: Any) -> None:
    connected.simulator.fault(call="update", **fault)
    with pytest.raises(CallFailed):
        connected.client.update(GROUP, ONE)
    assert connected.client.update_path is None


def test_where_no_path_is_served_that_of_the_first_is_told(connected: Connected) -> None:
    connected.simulator.set(update_path="none")
    with pytest.raises(EndpointMissing, match=SINGULAR) as caught:
        connected.client.update(GROUP, ONE)
    assert not caught.value.maybe_done
    assert connected.calls() == ["generate", SINGULAR, PLURAL]


# -- trying again ------------------------------------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for_again_and_marks_the_next(connected: Connected) -> None:
    connected.simulator.fault("reset_after", call="update")
    answer = connected.client.update(GROUP, ONE)
    assert (answer.inserted, answer.repeated) == (0, True)
    assert connected.clock.slept == [0.5]


def test_a_lost_answer_marks_the_answer_on_the_other_path_too(connected: Connected) -> None:
    connected.simulator.set(update_path="both")
    connected.simulator.fault("status", call="update", status=502, commit=True)
    connected.simulator.fault("status", call="update", status=404)
    assert connected.client.update(GROUP, ONE).repeated


def test_a_lost_answer_leaves_nothing_open_where_the_group_is_unknown_by_now(connected: Connected) -> None:
    connected.simulator.fault("status", call="update", status=502)
    with pytest.raises(GroupUnknown) as caught:
        connected.client.update(GroupText("Gone", "Reported"), ONE)
    assert not caught.value.maybe_done


def test_a_lost_answer_marks_the_error_after_it(connected: Connected) -> None:
    connected.simulator.fault("status", call="update", status=502, commit=True)
    connected.simulator.fault("status", call="update", status=401, times=2)
    with pytest.raises(TokenRefused) as caught:
        connected.client.update(GROUP, ONE)
    assert caught.value.maybe_done


def test_create_is_never_repeated_after_it_was_sent(connected: Connected) -> None:
    connected.simulator.fault("reset_after", call="create", times=9)
    with pytest.raises(NoAnswer):
        connected.client.create(GROUP, ONE[0])
    assert connected.calls().count("create") == 1


@pytest.mark.parametrize(("wait", "waited"), [(10.0, [1.0, 2.0]), (0.0, [])])
def test_a_limit_is_waited_for_within_the_budget(simulator: Simulator, wait: float, waited: List[float]) -> None:
    simulator.preset("Nuisance", [])
    connected = Connected(simulator, wait)
    simulator.fault("rate_limited", call="update", times=2)
    if waited:
        assert not connected.client.update(GROUP, ONE).repeated
    else:
        with pytest.raises(RateLimited):
            connected.client.update(GROUP, ONE)
    assert connected.clock.slept == waited


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_a_refused_token_is_replaced_once_a_request(connected: Connected) -> None:
    connected.client.update(GROUP, ONE)
    first = connected.tokens.value
    connected.simulator.revoke_tokens()
    connected.client.update(GROUP, ONE)
    assert connected.tokens.replaced == [first]
    connected.simulator.fault("revoke_tokens", call="update", times=9)
    with pytest.raises(TokenRefused):
        connected.client.update(GROUP, ONE)
    assert len(connected.tokens.replaced) == 2


def test_a1_a_generation_that_fails_is_no_answer_of_the_call(connected: Connected) -> None:
    def fails() -> str:
        raise TokenNotObtained("none to be had")

    with pytest.raises(TokenNotObtained):
        connected.made(tokens=Tokens(fails)).update(GROUP, ONE)
    assert connected.calls() == []


def test_a_token_that_cannot_be_replaced_leaves_open_what_was_lost_before(connected: Connected) -> None:
    def fails() -> str:
        raise TokenNotObtained("none to be had")

    connected.client.update(GROUP, ONE)
    connected.simulator.fault("status", call="update", status=502, commit=True)
    connected.simulator.fault("status", call="update", status=401)
    tokens = Tokens(fails)
    tokens.value = connected.tokens.value
    with pytest.raises(TokenNotObtained) as caught:
        connected.made(tokens=tokens).update(GROUP, ONE)
    assert caught.value.maybe_done


def test_c2_an_exception_that_nobody_foresaw_leaves_the_call_untried(connected: Connected) -> None:
    def breaks() -> str:
        raise OverflowError("hidden words")

    with pytest.raises(TokenNotObtained, match="class OverflowError") as caught:
        connected.made(tokens=Tokens(breaks)).update(GROUP, ONE)
    assert not caught.value.maybe_done
    assert "hidden words" not in str(caught.value)
    assert connected.calls() == []


def test_the_key_itself_authenticates_where_there_are_no_tokens(connected: Connected) -> None:
    simulator = connected.simulator
    simulator.set(auth_mode="BASIC_AUTH")
    client = Client(connected.caller, simulator.username, None, simulator.api_key, None)
    assert client.update(GROUP, ONE).added == 1
    simulator.set(auth_mode="TOKEN_AUTH")
    with pytest.raises(CredentialsRefused, match="TOKEN_AUTH"):
        client.update(GROUP, ONE)


# -- check mode --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create(GROUP, ONE[0]),
        lambda client: client.update(GROUP, ONE),
        lambda client: client.delete(GROUP, 7, ONE),
    ],
)
def test_the_client_of_check_mode_refuses_whatever_is_asked(call: Callable[[RefusingClient], Any]) -> None:
    with pytest.raises(CheckModeWrite, match="please report this as a defect"):
        call(RefusingClient())


def test_several_threads_make_calls_over_one_transport_whatever_befalls_some(simulator: Simulator) -> None:
    simulator.set(auth_mode="BASIC_AUTH")
    simulator.preset("Nuisance", [])
    batches = [[f"99999{batch:03d}{entry:02d}" for entry in range(10)] for batch in range(160)]
    for batch, kind in zip(batches[::8], ("reset_before", "status", "reset_after", "truncated", "html") * 4):
        simulator.fault(kind, number=batch[0])
    clock, secrets = FakeClock(), Secrets([simulator.api_key])
    transport = Transport(simulator.url, 20.0, True, clock, secrets, connections=8)
    caller = Caller(transport, WaitingBudget(0.0, clock), clock, secrets)
    client = Client(caller, simulator.username, None, simulator.api_key, SINGULAR)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda batch: client.update(GROUP, batch), batches))
    transport.close()
    requests = simulator.requests()
    assert len([record for record in requests if record["fault"]]) == 20
    for place, (batch, answer) in enumerate(zip(batches, answers)):
        assert answer.repeated == (place % 8 == 0)
        assert {*answer.succeeded, *answer.failed} == {f"+91{number}" for number in batch}
    assert transport.sent == len(requests) == len(batches) + 20
    assert len(simulator.numbers("Nuisance")) == 1600


# -- limits, for several at once ---------------------------------------------------------------------------------------


class Watched(Threads):
    """Threads of which it can be awaited that none works: in the time of a real wait all get their answers."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._lock = threading.Lock()
        self._working = 0

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Begins to send."""
        self._note(1)

        def counted() -> Sent:
            try:
                return send()
            finally:
                self._note(-1)

        return super().start(counted)

    def in_main(self, ask: Callable[[], Any]) -> Any:
        """Asks; a worker that does so works on once it is answered."""
        if threading.current_thread() is threading.main_thread():
            return super().in_main(ask)

        def answered() -> Any:
            try:
                return ask()
            finally:
                self._note(1)

        self._note(-1)
        return super().in_main(answered)

    def _note(self, working: int) -> None:
        """More of them neither ask nor have ended, or less."""
        with self._lock:
            self._working += working

    def settle(self) -> None:
        """Waits until none works."""
        while self._working:
            time.sleep(0.0002)


class TiedClock(FakeClock):
    """A clock that the simulator's goes with, and on which all others get their answers while one waits."""

    def __init__(self, simulator: Simulator, sending: Workers, passed: float) -> None:
        super().__init__()
        self.time += passed
        self._simulator = simulator
        self._sending = sending

    def sleep(self, seconds: float) -> None:
        """Waits."""
        if isinstance(self._sending, Watched):
            self._sending.settle()
        super().sleep(seconds)
        self._simulator.advance(seconds)


class Run:
    """A run that adds numbers, several batches at once, as apply does; its clock and the simulator's go together."""

    def __init__(
        self,
        simulator: Simulator,
        size: int,
        wait: float,
        habits: Optional[Habits] = None,
        passed: float = 0.0,
        wire: Optional[Wire] = None,
    ) -> None:
        simulator.set(auth_mode="BASIC_AUTH")
        self.sending = workers(1) if size == 1 else Watched(size)
        self.clock = TiedClock(simulator, self.sending, passed)
        secrets = Secrets([simulator.api_key])
        self.wire = InProcess(simulator)
        self._transport = Transport(simulator.url, 5.0, True, self.clock, secrets, wire or self.wire)
        self.waiting = WaitingBudget(wait, self.clock)
        pace = Pace(habits.limit if habits else None, self.clock)
        gate = Gate(habits.one_at_a_time if habits else None)
        caller = Caller(self._transport, self.waiting, self.clock, secrets, pace, self.sending, gate)
        self.client = Client(caller, simulator.username, None, simulator.api_key, SINGULAR)

    def add(self, batches: Sequence[str]) -> List[Sent]:
        """Adds numbers, one in each batch."""
        ended: List[Sent] = []
        under_way: List[Callable[[], Sent]] = []
        with contextlib.closing(self.sending), contextlib.closing(self._transport):
            for number in batches:
                if len(under_way) == self.sending.size:
                    ended.append(under_way.pop(0)())
                under_way.append(self.sending.start(self._sending(number)))
            return [*ended, *(wait() for wait in under_way)]

    def _sending(self, number: str) -> Callable[[], Sent]:
        numbers = (Number(number, number, "entry"),)
        return lambda: send_batch(Call.UPDATE, numbers, lambda canonicals: self.client.update(GROUP, canonicals))


MANY = [f"99999{place:05d}" for place in range(45)]


def _refused(simulator: Simulator) -> int:
    """How many requests met the limit."""
    return sum("Max limit" in str(record["answer"]) for record in simulator.requests())


@pytest.fixture
def limited(simulator: Simulator) -> Simulator:
    """An account that bears ten requests a minute, and says how long to wait."""
    simulator.preset("Nuisance", [])
    simulator.set(rate_limit=10, retry_after="61")
    return simulator


@pytest.mark.parametrize("size", [1, 2, 8])
@pytest.mark.parametrize("status", [200, 429])
def test_a_limit_slows_all_workers_down_at_once_as_if_they_were_one(limited: Simulator, status: int, size: int) -> None:
    limited.set(rate_limit_status=status)
    run = Run(limited, size, wait=300.0)
    ended = run.add(MANY)
    assert [sent.error for sent in ended] == [None] * len(MANY)
    assert set(limited.numbers("Nuisance")) == {f"+91{number}" for number in MANY}
    # Three times ten and a wait; from then on at the pace that was found, which is no waiting for a limit that was met.
    assert run.waiting.spent == 3 * 61.0
    assert run.clock.slept == [61.0] * 4
    assert _refused(limited) <= 3 * size
    assert run.client.limit == Limit(10, 61.0, run.clock.now() - 61.0)


def test_more_workers_than_the_account_bears_requests_meet_the_limit_together_and_all_arrives(
    limited: Simulator,
) -> None:
    limited.set(rate_limit=3)
    run = Run(limited, 16, wait=10_000.0)
    assert [sent.error for sent in run.add(MANY)] == [None] * len(MANY)
    assert set(limited.numbers("Nuisance")) == {f"+91{number}" for number in MANY}
    assert len(run.clock.slept) < len(MANY)


@pytest.mark.parametrize("size", [1, 8])
def test_the_next_run_keeps_to_the_pace_that_was_found_and_meets_no_limit(limited: Simulator, size: int) -> None:
    first = Run(limited, size, wait=300.0)
    first.add(MANY)
    habits = recorded_habits(Habits(limit=first.client.limit).record())
    limited.advance(61.0)
    limited.forget_requests()
    second = Run(limited, size, wait=0.0, habits=habits, passed=sum(first.clock.slept) + 61.0)
    ended = second.add(MANY)
    assert [sent.error for sent in ended] == [None] * len(MANY)
    assert _refused(limited) == 0
    assert second.clock.slept == [61.0] * 4
    assert second.client.limit == first.client.limit


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize(("wait", "waits"), [(0.0, 0), (60.0, 0), (61.0, 1), (121.0, 1)])
def test_all_workers_together_wait_no_longer_than_the_task_may(
    limited: Simulator, size: int, wait: float, waits: int
) -> None:
    run = Run(limited, size, wait)
    ended = run.add(MANY[:30])
    assert sum(run.clock.slept) == run.waiting.spent == waits * 61.0
    taken = [sent.answers[0].numbers[0].canonical for sent in ended if sent.answered]
    assert set(limited.numbers("Nuisance")) == {f"+91{number}" for number in taken}
    assert len(taken) == 10 * (1 + waits)
    assert all(isinstance(sent.error, RateLimited) and len(sent.left) == 1 for sent in ended if not sent.answered)


class OneAtATime:
    """The simulator without sockets, for an account that bears one request at a time."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._inner = InProcess(simulator)
        self.close = self._inner.close
        self._lock = threading.Lock()
        self._under_way = 0
        self.refused = 0

    def send(self, request: requests.PreparedRequest, *options: Any, **named: Any) -> requests.Response:
        """Answers a request, or refuses it beside another one."""
        (number,) = json.loads(b"".join(request.body or []))["blockNumbers"]  # type: ignore[arg-type]
        with self._lock:
            if self._under_way:
                words = '{"status": "error", "message": "Already one process is running, please wait"}'
                kind = {"status": 200, "body": words, "content_type": "application/json", "commit": False}
                self._simulator.fault("status", number=number, **kind)
                self.refused += 1
            self._under_way += 1
        try:
            time.sleep(0.002)
            return self._inner.send(request, *options, **named)
        finally:
            with self._lock:
                self._under_way -= 1


@pytest.mark.parametrize("size", [1, 2, 8])
def test_an_account_that_bears_one_at_a_time_is_sent_one_at_a_time_from_then_on(
    simulator: Simulator, size: int
) -> None:
    simulator.preset("Nuisance", [])
    wire = OneAtATime(simulator)
    first = Run(simulator, size, wait=300.0, wire=wire)
    assert [sent.error for sent in first.add(MANY)] == [None] * len(MANY)
    assert set(simulator.numbers("Nuisance")) == {f"+91{number}" for number in MANY}
    assert wire.refused < 2 * size
    assert first.client.limit is None  # that is no pace
    assert (first.client.one_at_a_time is not None) is (wire.refused > 0) is (size > 1)
    habits = recorded_habits(Habits(one_at_a_time=first.client.one_at_a_time).record())
    wire.refused = 0
    second = Run(simulator, size, wait=0.0, habits=habits, wire=wire)
    assert [sent.error for sent in second.add(MANY)] == [None] * len(MANY)
    assert (wire.refused, second.clock.slept) == (0, [])


@pytest.mark.parametrize("size", [1, 8])
def test_where_the_server_does_not_say_how_long_all_wait_longer_each_time(simulator: Simulator, size: int) -> None:
    simulator.preset("Nuisance", [])
    run = Run(simulator, size, wait=300.0)
    together = threading.Barrier(size)

    def all_at_once() -> None:
        together.wait(20.0)

    run.wire.before_sending = all_at_once  # so that all meet the limit each time
    simulator.fault("rate_limited", call="update", times=3 * size)
    assert all(sent.answered for sent in run.add(MANY[:size]))
    assert run.clock.slept == [1.0, 2.0, 4.0]
    assert len(simulator.requests()) == 4 * size


# -- the campaign status, as a probe (N5) ------------------------------------------------------------------------------


def test_a_greeting_takes_any_answer_and_shows_no_credential(connected: Connected) -> None:
    connected.simulator.fault("status", call="probe", status=503)
    assert [greeted(connected.caller).status for _count in range(2)] == [503, 200]
    assert [(record["credentials"], record["body"]) for record in connected.simulator.requests()] == [({}, {})] * 2


def test_a_credential_is_tried_in_the_documented_form(connected: Connected) -> None:
    try_credential(connected.caller, "demo_user", bearer(connected.tokens.current()))
    record = connected.simulator.requests("probe")[0]
    assert (record["method"], record["path"]) == ("GET", "/ca_apis/campaignStatus")
    assert record["body"] == {"userName": "demo_user", "campaignName": "ozonetel.cloudagent preflight"}
    assert list(record["credentials"]) == ["Authorization"]


def test_for_a_token_that_is_refused_a_newer_one_is_tried_once(connected: Connected) -> None:
    old = connected.tokens.current()
    new = connected.tokens.replace(old)
    try_credential(connected.caller, "demo_user", bearer(old), lambda: new)
    connected.simulator.forget_requests()
    with pytest.raises(TokenRefused, match="Token Expired"):
        try_credential(connected.caller, "demo_user", bearer(old), lambda: old)
    with pytest.raises(TokenRefused, match="Token Expired"):
        try_credential(connected.caller, "demo_user", bearer(old))
    assert connected.calls() == ["probe"] * 3


def test_a_key_that_is_refused_is_not_renewed(connected: Connected) -> None:
    with pytest.raises(CredentialsRefused, match="TOKEN_AUTH"):
        try_credential(connected.caller, "demo_user", ("apiKey", connected.simulator.api_key), lambda: "x")
    assert connected.calls() == ["probe"]
