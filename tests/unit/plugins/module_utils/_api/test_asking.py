# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each question is asked once, with the credential that it is about, and each exchange is written down."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.asking import Asker, Line
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.transport import Transport
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    CredentialsRefused,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    ServerFault,
    StoreError,
    TokenNotObtained,
    TokenRefused,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.exchange import (
    GROUP,
    JWT,
    NEW,
    OPAQUE_TOKEN,
    Credential,
    Request,
    Target,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.protocols import TokenSource
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.secrets import MASK, Secrets
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.waiting import WaitingBudget
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.store import Store
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.tokens import FixedToken, TokenBroker
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.in_process import InProcess
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import opened

STATUS = Request(Target.STATUS, {"campaignName": GROUP})
UPDATE = Request(Target.UPDATE, {"groupName": GROUP, "blockNumbers": [NEW], "description": "A probe"})
MADE_UP = ("Authorization", "Bearer made-up-by-a-probe-of-this-account"), ("apiKey", "KK" + "0" * 32)


class Asking:
    """An asker of a simulated account, and what it has written down."""

    def __init__(self, simulator: Simulator, api_key: Optional[str] = None) -> None:
        self.simulator = simulator
        self.clock = FakeClock(simulator.server.account.now())
        self.secrets = Secrets([api_key])
        self.lines: List[Line] = []
        transport = Transport("http://127.0.0.1", 5.0, True, self.clock, self.secrets, InProcess(simulator))
        self.asker = Asker(transport, simulator.username, api_key, self.secrets, self.clock, self.lines.append)

    def issued(self) -> str:
        """A token that the server takes, from a generation that is none of the probe's."""
        return str(self.simulator.server.account.generate())

    def use(self, tokens: TokenSource) -> None:
        """Has tokens of one's own."""
        self.asker.tokens = tokens

    def broker(self, store: Store) -> TokenBroker:
        """The account's broker, by which the probe would generate."""
        budget = WaitingBudget(0.0, self.clock)
        return TokenBroker(store, "account", self.asker.generate, self.clock, budget, 1.0, self.secrets)

    @property
    def calls(self) -> List[Any]:
        """What the server was asked."""
        return [record["call"] for record in self.simulator.requests()]


@pytest.fixture
def asking(simulator: Simulator) -> Asking:
    """With the account's key and a good token."""
    asking = Asking(simulator, simulator.api_key)
    asking.use(FixedToken(asking.issued()))
    return asking


def _digests(*headers: "tuple[str, str]") -> Dict[str, str]:
    return {name: hashlib.sha256(value.encode()).hexdigest()[:8] for name, value in headers}


# -- requests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "older", "method", "path"),
    [
        (Target.STATUS, False, "GET", "/ca_apis/campaignStatus"),
        (Target.CREATE, False, "POST", "/ca_apis/createBlockNumber"),
        (Target.UPDATE, False, "PUT", "/ca_apis/updateBlockNumber"),
        (Target.UPDATE, True, "PUT", "/ca_apis/updateBlockNumbers"),
        (Target.DELETE, False, "DELETE", "/ca_apis/deleteBlockNumber"),
        (Target.WRONG_METHOD, False, "POST", "/ca_apis/updateBlockNumber"),
        (Target.WRONG_METHOD, True, "POST", "/ca_apis/updateBlockNumbers"),
    ],
)
def test_a_request_goes_to_its_call_with_the_user_name(
    asking: Asking, target: Target, older: bool, method: str, path: str
) -> None:
    exchange = asking.asker.ask("question", Request(target, {"x": 1}, older=older))
    (record,), (line,) = asking.simulator.requests(), asking.lines
    assert (record["method"], record["path"], record["body"]) == (method, path, {"userName": "demo_user", "x": 1})
    assert (line["method"], line["path"], line["sent"]) == (method, path, {"userName": "(user name)", "x": 1})
    assert (exchange.question, exchange.request.target) == ("question", target)
    assert asking.asker.sent == 1


@pytest.mark.parametrize("credential", list(Credential))
@pytest.mark.parametrize("by_token", [True, False])
def test_each_credential_is_sent_in_its_header(simulator: Simulator, by_token: bool, credential: Credential) -> None:
    asking = Asking(simulator, simulator.api_key)
    token, key = ("Authorization", f"Bearer {asking.issued()}"), ("apiKey", simulator.api_key)
    if by_token:
        asking.use(FixedToken(token[1][len("Bearer ") :]))
        asking.asker.earlier = "an-earlier-token"
    expected = {
        (True, Credential.OWN): [token],
        (True, Credential.MADE_UP): [MADE_UP[0]],
        (True, Credential.OTHER_KIND): [key],
        (True, Credential.BOTH): [token, key],
        (True, Credential.EARLIER): [("Authorization", "Bearer an-earlier-token")],
        (False, Credential.MADE_UP): [MADE_UP[1]],
        (False, Credential.OTHER_KIND): [MADE_UP[0]],
    }.get((by_token, credential), [key])
    asking.asker.ask("question", Request(Target.STATUS, {}, credential))
    (record,), (line,) = simulator.requests(), asking.lines
    assert record["credentials"] == _digests(*expected)
    assert line["credential"] == "+".join(name for name, _value in expected)


@pytest.mark.parametrize(
    ("by_token", "api_key", "earlier", "expected"),
    [
        (True, True, True, {"MADE_UP", "OTHER_KIND", "BOTH", "EARLIER"}),
        (True, True, False, {"MADE_UP", "OTHER_KIND", "BOTH"}),
        (True, False, False, {"MADE_UP"}),
        (False, True, False, {"MADE_UP", "OTHER_KIND"}),
        (False, False, False, {"MADE_UP", "OTHER_KIND"}),
    ],
)
def test_credentials_are_those_that_can_be_had(
    simulator: Simulator, by_token: bool, api_key: bool, earlier: bool, expected: Any
) -> None:
    asking = Asking(simulator, simulator.api_key if api_key else None)
    if by_token:
        asking.use(FixedToken("a-token-as-given"))
    asking.asker.earlier = "an-earlier-token" if earlier else None
    assert {credential.name for credential in asking.asker.credentials} == expected


# -- answers -----------------------------------------------------------------------------------------------------------


def test_an_answer_is_read_and_written_down(asking: Asking) -> None:
    exchange = asking.asker.ask("unknown_group", UPDATE)
    assert (exchange.status, exchange.body) == (200, {"status": "error", "message": "Invalid group id"})
    assert isinstance(exchange.error, GroupUnknown)
    (line,) = asking.lines
    assert line.pop("headers")["Content-Type"] == "application/json"
    assert line == {
        "question": "unknown_group",
        "method": "PUT",
        "path": "/ca_apis/updateBlockNumber",
        "credential": "Authorization",
        "sent": {"userName": "(user name)", "groupName": GROUP, "blockNumbers": [NEW], "description": "A probe"},
        "status": 200,
        "answer": {"status": "error", "message": "Invalid group id"},
        "seconds": 0.0,
    }


def test_a_success_is_an_answer(asking: Asking) -> None:
    status = asking.asker.ask("status", STATUS)
    assert (status.answer is not None, status.error) == (True, None)
    asking.simulator.preset(GROUP, [])
    update = asking.asker.ask("add_new", UPDATE)
    assert update.answer is not None
    assert (update.answer.succeeded, update.answer.inserted) == ((NEW,), 1)


@pytest.mark.parametrize(
    ("fault", "status", "instead", "error"),
    [
        ({"kind": "reset_before"}, None, "the connection was lost before the answer was complete: ", NoAnswer),
        ({"kind": "reset_after"}, None, "the connection was lost before the answer was complete: ", NoAnswer),
        ({"kind": "drip", "seconds": 9}, None, "no complete answer within 5 s", NoAnswer),
        ({"kind": "oversized"}, None, "the answer is larger than 8 MiB and was not read", NoAnswer),
        ({"kind": "html"}, 200, " bytes that are no JSON object", NoAnswer),
        ({"kind": "truncated"}, 200, " bytes that are no JSON object", NoAnswer),
        ({"kind": "status", "status": 504, "body": "<html>"}, 504, "6 bytes that are no JSON object", ServerFault),
        ({"kind": "status", "status": 405, "body": ""}, 405, "0 bytes that are no JSON object", EndpointMissing),
        ({"kind": "status", "status": 200, "body": "[1]"}, 200, "3 bytes that are no JSON object", NoAnswer),
    ],
)
def test_what_came_in_the_place_of_json_is_written_down(
    asking: Asking, fault: Dict[str, Any], status: Optional[int], instead: str, error: Any
) -> None:
    asking.simulator.fault(**fault)
    exchange = asking.asker.ask("add_new", UPDATE)
    (line,) = asking.lines
    assert isinstance(exchange.error, error)
    assert (exchange.status, exchange.body, exchange.answer) == (status, None, None)
    assert (line["status"], line["answer"]) == (status, None)
    assert instead in line["instead"]
    assert (line["headers"] == {}) is (status is None)


def test_what_was_never_sent_is_written_down_and_not_counted(simulator: Simulator) -> None:
    asking = Asking(simulator, simulator.api_key)
    lines: List[Line] = []
    transport = Transport("http://127.0.0.1:9", 5.0, True, asking.clock, asking.secrets)
    asker = Asker(transport, "demo_user", simulator.api_key, asking.secrets, asking.clock, lines.append)
    exchange = asker.ask("status", STATUS)
    assert isinstance(exchange.error, CallFailed)
    assert (exchange.error.sent, asker.sent) == (False, 0)
    assert lines[0]["instead"].startswith("no connection to 127.0.0.1:9")


def test_neither_the_answer_nor_its_headers_show_what_they_repeat(asking: Asking) -> None:
    simulator = asking.simulator
    told = f"{simulator.username}: {simulator.api_key}, +919876543210"
    body = json.dumps({"status": "error", "message": told, "data": told, told: told, "errors": {told: told}})
    simulator.fault("status", status=200, body=body, content_type=f"application/json; {told}")
    exchange = asking.asker.ask("add_new", UPDATE)
    safe = f"(user name): {MASK}, (a number)"
    assert exchange.body == {
        "status": "error",
        "message": safe,
        "data": "(a text)",
        safe: "(a text)",
        "errors": {safe: safe},
    }
    assert asking.lines[0]["headers"]["Content-Type"] == f"application/json; {safe}"


def test_how_long_an_answer_took_is_written_down(asking: Asking) -> None:
    def later(_record: Any) -> None:
        asking.clock.sleep(1.23456)

    asking.simulator.server.before_answering = later
    asking.asker.ask("status", STATUS)
    assert asking.lines[0]["seconds"] == 1.235


def test_a_text_beside_the_transcript_is_made_safe(asking: Asking) -> None:
    assert asking.asker.shown(f"demo_user {asking.simulator.api_key}") == f"(user name) {MASK}"


# -- generation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "shown"),
    [
        ({}, {"message": "", "token": JWT.format(seconds=3600)}),
        ({"token_lifetime": 600}, {"message": "", "token": JWT.format(seconds=600)}),
        ({"token_form": "opaque", "token_field": "data.token"}, {"message": "", "data": {"token": OPAQUE_TOKEN}}),
    ],
)
def test_a_token_is_generated_with_the_key_and_not_shown(
    simulator: Simulator, switches: Dict[str, Any], shown: Dict[str, Any]
) -> None:
    simulator.set(**switches)
    asking = Asking(simulator, simulator.api_key)
    token = asking.asker.generate()
    (record,), (line,) = simulator.requests(), asking.lines
    assert record["credentials"] == _digests(("apiKey", simulator.api_key))
    assert (record["call"], record["body"]) == ("generate", {"userName": "demo_user"})
    assert (line["question"], line["credential"], line["answer"]) == ("generate", "apiKey", shown)
    assert asking.asker.generated is not None
    assert (asking.asker.generated.answer, asking.asker.generated.error) == (None, None)
    assert simulator.server.account.accepts(token.value)
    assert token.value not in json.dumps(asking.lines)


def test_a_token_that_its_own_answer_repeats_is_not_shown_there(simulator: Simulator) -> None:
    asking = Asking(simulator, simulator.api_key)
    body = {"token": "an-unsigned-token", "message": "Welcome, an-unsigned-token", "errors": {"an-unsigned-token": ""}}
    simulator.fault("status", status=200, body=json.dumps(body), content_type="application/json; an-unsigned-token")
    assert asking.asker.generate().value == "an-unsigned-token"
    assert "an-unsigned-token" not in json.dumps(asking.lines)
    assert asking.lines[0]["answer"]["message"] == f"Welcome, {MASK}"


@pytest.mark.parametrize(
    ("fault", "key", "error"),
    [
        (None, "KK" + "f" * 32, CredentialsRefused),
        ({"kind": "reset_after"}, None, NoAnswer),
        ({"kind": "html"}, None, NoAnswer),
        ({"kind": "status", "status": 500, "body": "{}"}, None, ServerFault),
        ({"kind": "status", "status": 200, "body": '{"token": "two words"}'}, None, NoAnswer),
    ],
)
def test_a_generation_that_fails_is_written_down_and_never_tried_again(
    simulator: Simulator, fault: Optional[Dict[str, Any]], key: Optional[str], error: Any
) -> None:
    asking = Asking(simulator, key or simulator.api_key)
    if fault is not None:
        simulator.fault(**fault)
    with pytest.raises(error):
        asking.asker.generate()
    assert asking.asker.generated is not None
    assert isinstance(asking.asker.generated.error, error)
    with pytest.raises(TokenNotObtained, match="A probe generates one at most"):
        asking.asker.generate()
    assert (asking.calls, len(asking.lines)) == (["generate"], 1)


def test_there_are_never_two_generations(simulator: Simulator) -> None:
    asking = Asking(simulator, simulator.api_key)
    asking.asker.generate()
    with pytest.raises(TokenNotObtained):
        asking.asker.generate()
    assert asking.calls == ["generate"]


# -- a newer token of the store ----------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that others share."""
    return opened(Location(directory=str(tmp_path / "state")))


def _newer(asking: Asking, store: Store) -> str:
    """Another task generates a token, which makes the earlier one invalid, and stores it."""
    other = Asking(asking.simulator, asking.simulator.api_key)
    return other.broker(store).renewed().value


def test_a_newer_token_of_the_store_is_taken_over_once(simulator: Simulator, store: Store) -> None:
    asking = Asking(simulator, simulator.api_key)
    asking.use(asking.broker(store))
    assert asking.asker.ask("status", STATUS).error is None
    newer = _newer(asking, store)
    assert asking.asker.ask("update", UPDATE).error.__class__ is GroupUnknown
    assert asking.calls == ["generate", "probe", "generate", "update", "update"]
    assert simulator.requests()[-1]["credentials"] == _digests(("Authorization", f"Bearer {newer}"))
    assert [line["question"] for line in asking.lines] == ["generate", "status", "update", "update"]
    _newer(asking, store)
    assert isinstance(asking.asker.ask("add_new", UPDATE).error, TokenRefused)
    assert asking.calls[5:] == ["generate", "update"]
    store.close()


def test_none_is_generated_for_one_that_is_refused(simulator: Simulator, store: Store) -> None:
    asking = Asking(simulator, simulator.api_key)
    asking.use(asking.broker(store))
    asking.asker.ask("status", STATUS)
    simulator.revoke_tokens()
    for _each in range(2):
        assert isinstance(asking.asker.ask("update", UPDATE).error, TokenRefused)
    assert asking.calls == ["generate", "probe", "update", "update"]
    store.close()


@pytest.mark.parametrize("credential", [Credential.MADE_UP, Credential.EARLIER])
def test_nothing_is_taken_over_for_a_token_that_is_not_ones_own(
    simulator: Simulator, store: Store, credential: Credential
) -> None:
    asking = Asking(simulator, simulator.api_key)
    asking.use(asking.broker(store))
    asking.asker.earlier = "an-earlier-token"
    asking.asker.ask("status", STATUS)
    _newer(asking, store)
    assert isinstance(asking.asker.ask("other", Request(Target.STATUS, {}, credential)).error, TokenRefused)
    assert asking.calls == ["generate", "probe", "generate", "probe"]
    assert asking.asker.ask("status", STATUS).error is None  # the own one is taken over when it is refused
    store.close()


def test_nothing_is_taken_over_for_a_token_as_given_or_a_key(simulator: Simulator) -> None:
    for tokens in (FixedToken("a-token-as-given"), None):
        simulator.forget_requests()
        asking = Asking(simulator, "KK" + "f" * 32)
        simulator.set(auth_mode="BASIC_AUTH" if tokens is None else "TOKEN_AUTH")
        asking.asker.tokens = tokens
        exchange = asking.asker.ask("status", STATUS)
        assert isinstance(exchange.error, (TokenRefused, CredentialsRefused))
        assert asking.calls == ["probe"]


def test_a_store_that_fails_leaves_the_answer_that_there_is(simulator: Simulator) -> None:
    class Failing:
        def current(self) -> str:
            return "a-token-that-is-refused"

        def replace(self, refused: str) -> str:
            raise StoreError("the store is full")

    asking = Asking(simulator, simulator.api_key)
    asking.use(Failing())
    assert isinstance(asking.asker.ask("status", STATUS).error, TokenRefused)
    assert asking.calls == ["probe"]


def test_without_a_token_nothing_is_asked(simulator: Simulator, store: Store) -> None:
    asking = Asking(simulator, "KK" + "f" * 32)
    asking.use(asking.broker(store))
    for _each in range(2):
        with pytest.raises(TokenNotObtained):
            asking.asker.ask("status", STATUS)
    assert asking.calls == ["generate"]
    store.close()
