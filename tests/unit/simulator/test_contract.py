# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each documented answer, word for word, by the line of the contract it rests on."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, List, Optional

import pytest
import requests

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator

GENERATE = ("POST", "/ca_apis/CAToken/generateToken")
CREATE = ("POST", "/ca_apis/createBlockNumber")
UPDATE = ("PUT", "/ca_apis/updateBlockNumber")
DELETE = ("DELETE", "/ca_apis/deleteBlockNumber")
FIVE = [f"99999{n:05d}" for n in range(1, 6)]
BAD_NUMBERS = {
    "status": "error",
    "message": "invalid data",
    "errors": {"blockNumbers": "Blocknumbers data contains invalid format of numbers"},
}


class Caller:
    """Makes calls as a client does, with a token of its own."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.token: Optional[str] = None

    def send(self, call: "tuple[str, str]", headers: Dict[str, str], **body: Any) -> requests.Response:
        """One request as it is."""
        return requests.request(call[0], self.simulator.url + call[1], json=body, headers=headers, timeout=5)

    def generate(self, **body: Any) -> requests.Response:
        """One generation, with the right key."""
        whole = {"userName": self.simulator.username, **body}
        return self.send(GENERATE, {"apiKey": self.simulator.api_key}, **whole)

    def call(self, call: "tuple[str, str]", **body: Any) -> Any:
        """The JSON of one call with a good token."""
        self.token = self.token or self.generate().json()["token"]
        answer = self.send(call, {"Authorization": f"Bearer {self.token}"}, userName=self.simulator.username, **body)
        return answer.json()

    def group(self, *numbers: str) -> None:
        """A group with numbers."""
        self.simulator.preset("Nuisance", list(numbers))

    def update(self, numbers: List[str], **body: Any) -> Any:
        """The JSON of an update."""
        return self.call(UPDATE, groupName="Nuisance", description="Reported", blockNumbers=numbers, **body)


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return Caller(simulator)


def test_t1_a_generation_answers_token_and_message_without_a_status(caller: Caller) -> None:
    answer = caller.generate()
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "message"}
    assert answer.json()["message"] == ""
    assert answer.json()["token"].count(".") == 2


def test_t2_a_failed_generation_has_the_string_false(caller: Caller) -> None:
    assert caller.generate(userName=None).json() == {"status": "false", "message": "UserName is null", "data": None}
    wrong = caller.send(GENERATE, {"apiKey": "KK" + "f" * 32}, userName=caller.simulator.username)
    assert wrong.json() == {"status": "false", "message": "Invalid userName or apiKey", "data": None}


def test_t3_ten_an_hour_and_the_window_moves(caller: Caller) -> None:
    assert all("token" in caller.generate().json() for _count in range(10))
    assert caller.generate().json() == {"status": "error", "message": "Max limit exceeded"}
    caller.simulator.advance(3601)
    assert "token" in caller.generate().json()


def test_t3_a_new_token_makes_every_earlier_one_invalid(caller: Caller) -> None:
    caller.group()
    assert caller.update(FIVE)["status"] == "success"
    caller.generate()
    assert caller.update(FIVE) == {"status": "false", "message": "Token Expired", "data": None}


def test_t3_a_token_ends_after_an_hour(caller: Caller) -> None:
    caller.group()
    assert caller.update(FIVE)["status"] == "success"
    caller.simulator.advance(3601)
    assert caller.update(FIVE)["message"] == "Token Expired"


def test_t3_a_refused_generation_may_count(caller: Caller) -> None:
    caller.simulator.set(refused_generation_counts=True, generation_limit=1)
    assert "token" in caller.generate().json()
    caller.simulator.advance(3000)
    assert caller.generate().json() == {"status": "error", "message": "Max limit exceeded"}
    caller.simulator.advance(3000)
    assert caller.generate().json() == {"status": "error", "message": "Max limit exceeded"}


def test_t4_a_token_says_whose_it_is_and_that_it_ends_in_an_hour_of_the_servers_time(caller: Caller) -> None:
    caller.simulator.advance(86400)
    part = caller.generate().json()["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["sub"] == "demo_user"
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - caller.simulator.server.account.now()) < 5


@pytest.mark.parametrize("field", ["token", "authToken", "data.token", "data.authToken"])
def test_t5_the_token_stands_in_the_field_that_was_chosen(caller: Caller, field: str) -> None:
    caller.simulator.set(token_field=field, token_form="opaque", token_message="made")
    answer = caller.generate().json()
    (token,) = caller.simulator.server.account.tokens
    *outer, last = field.split(".")
    assert answer == {**({outer[0]: {last: token}} if outer else {last: token}), "message": "made"}


def test_c3_c4_a_joined_string_makes_a_group_with_no_number_in_it(caller: Caller) -> None:
    joined = ",".join(FIVE)
    answer = caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=joined)
    assert answer == {
        "status": "success",
        "message": "created",
        "input": {"name": "Nuisance", "description": "Reported", "blockNumbers": [joined]},
        "output": {"affectedRows": 1, "lastInsertId": 20, "succes": [], "error": [joined]},
    }
    assert caller.simulator.numbers("Nuisance") == []


@pytest.mark.parametrize(("malformed", "status"), [("refuse_batch", "error"), ("list_alone", "success")])
def test_c4_a_joined_string_with_a_bad_number_is_bad_or_listed_whole(
    caller: Caller, malformed: str, status: str
) -> None:
    caller.simulator.set(malformed=malformed)
    answer = caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=f"{FIVE[0]},7")
    assert answer["status"] == status
    assert answer.get("output", {}).get("error", []) == ([f"{FIVE[0]},7"] if status == "success" else [])


def test_n2_a_number_of_another_group_is_not_put_in_by_create_where_numbers_are_unique(caller: Caller) -> None:
    caller.simulator.preset("Fraud", FIVE[:1])
    caller.simulator.set(unique_numbers="refuse", create_confirms="succes")
    answer = caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=FIVE[0])
    listed = {"succes": [], "error": [f"+91{FIVE[0]}"]}
    assert answer["output"] == {"affectedRows": 1, "lastInsertId": 21, **listed}
    assert caller.simulator.numbers("Nuisance") == []


def test_n2_a_number_of_another_group_moves_where_numbers_are_unique_and_move(caller: Caller) -> None:
    caller.simulator.preset("Fraud", FIVE[:2])
    caller.simulator.set(unique_numbers="move")
    caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=FIVE[0])
    answer = caller.update(FIVE[1:2])
    assert (answer["output"]["new"], answer["output"]["inserted"]) == (0, 1)
    assert caller.simulator.numbers("Fraud") == []
    assert caller.simulator.numbers("Nuisance") == [f"+91{number}" for number in FIVE[:2]]


def test_c2_one_number_as_a_string_is_the_documented_form(caller: Caller) -> None:
    caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=FIVE[0])
    assert caller.simulator.numbers("Nuisance") == [f"+91{FIVE[0]}"]


@pytest.mark.parametrize("missing", ["name", "description"])
def test_c6_missing_parameters(caller: Caller, missing: str) -> None:
    body = {"name": "Nuisance", "description": "Reported", "blockNumbers": FIVE[0]}
    del body[missing]
    assert caller.call(CREATE, **body) == {"status": "error", "message": "Parameters are mandatory"}


@pytest.mark.parametrize("name", ["x", "x" * 51, "a@b"])
def test_c6_c8_a_bad_name(caller: Caller, name: str) -> None:
    answer = caller.call(CREATE, name=name, description="Reported", blockNumbers=FIVE[0])
    said = f"Name ({name}) allows 2 to 50 characters only"
    assert answer == {"status": "error", "message": "invalid data", "errors": {"name": said}}


def test_c7_a_bad_description_gets_the_answer_for_the_name(caller: Caller) -> None:
    answer = caller.call(CREATE, name="Nuisance", description="x", blockNumbers=FIVE[0])
    said = "Name (Nuisance) allows 2 to 50 characters only"
    assert answer == {"status": "error", "message": "invalid data", "errors": {"name": said}}


@pytest.mark.parametrize("number", ["x", "7", "99999000019999900002", "12-34"])
def test_c6_n2_bad_numbers(caller: Caller, number: str) -> None:
    assert caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=number) == BAD_NUMBERS
    caller.group()
    assert caller.update([*FIVE, number]) == BAD_NUMBERS
    assert caller.simulator.numbers("Nuisance") == []


def test_c1_u2_at_most_a_hundred(caller: Caller) -> None:
    caller.group()
    assert caller.update([f"99999{n:05d}" for n in range(100)])["status"] == "success"
    assert caller.update([f"99999{n:05d}" for n in range(101)]) == BAD_NUMBERS


def test_c6_a_bad_token_may_be_an_authentication_failure(caller: Caller) -> None:
    caller.simulator.set(auth_failure_words="Authentication failed")
    answer = caller.send(CREATE, {"Authorization": "Bearer x"}, userName=caller.simulator.username)
    assert answer.json() == {"status": "error", "message": "Authentication failed"}


def test_u3_u4_an_update_adds_and_counts(caller: Caller) -> None:
    caller.group(FIVE[0])
    caller.simulator.preset("Fraud", [FIVE[1]])
    assert caller.update(FIVE[:3]) == {
        "status": "success",
        "message": "updated",
        "input": {"id": 20, "blockNumbers": FIVE[:3]},
        "output": {"succes": [f"+91{number}" for number in FIVE[:3]], "error": [], "new": 1, "inserted": 2},
    }


def test_u5_an_unknown_group_and_missing_parameters(caller: Caller) -> None:
    assert caller.update(FIVE) == {"status": "error", "message": "Invalid group id"}
    mandatory = {"status": "error", "message": "Parameters are mandatory"}
    assert caller.call(UPDATE, groupName="Nuisance", blockNumbers=FIVE) == mandatory
    assert caller.call(UPDATE, description="Reported", blockNumbers=FIVE) == mandatory
    assert caller.update([]) == mandatory


def test_x2_a_delete_echoes_and_counts_what_was_there(caller: Caller) -> None:
    caller.group(*FIVE[:4])
    sent = [FIVE[0], FIVE[0], FIVE[1], FIVE[2], FIVE[3]]
    assert caller.call(DELETE, groupName="Nuisance", blockNumbers=sent) == {
        "status": "success",
        "message": "deleted",
        "input": {"id": 20, "blockNumbers": sent},
        "output": {"success": sent, "error": [], "deleted": 4},
    }
    assert caller.simulator.numbers("Nuisance") == []


def test_x3_neither_id_nor_name_is_an_unknown_group(caller: Caller) -> None:
    caller.simulator.preset("None", FIVE)
    assert caller.call(DELETE, blockNumbers=FIVE) == {"status": "error", "message": "Invalid group id"}
    caller.simulator.set(delete_scope="needs_id")
    mandatory = {"status": "error", "message": "Parameters are mandatory"}
    assert caller.call(DELETE, groupName="None", blockNumbers=FIVE) == mandatory
    assert caller.call(DELETE, id=20, blockNumbers=FIVE)["output"]["deleted"] == 5


def test_a2_a4_the_wrong_kind_of_authentication_names_what_is_missing(caller: Caller) -> None:
    by_key = caller.send(UPDATE, {"apiKey": caller.simulator.api_key}, userName=caller.simulator.username)
    said = "Token Should Not be Null or Empty."
    assert by_key.json() == {"status": "false", "message": said, "data": None}
    caller.simulator.set(auth_mode="BASIC_AUTH")
    said = "Api Key Should Not be Null or Empty."
    assert caller.generate().json() == {"status": "false", "message": said, "data": None}
    by_token = caller.send(UPDATE, {"Authorization": "Bearer x"}, userName=caller.simulator.username)
    assert by_token.json() == {"status": "false", "message": said, "data": None}
    caller.group()
    body = {"groupName": "Nuisance", "description": "Reported", "blockNumbers": FIVE}
    good = caller.send(UPDATE, {"apiKey": caller.simulator.api_key}, userName=caller.simulator.username, **body)
    assert good.json()["status"] == "success"


def test_a3_two_credentials_are_refused(caller: Caller) -> None:
    token = caller.generate().json()["token"]
    both = {"Authorization": f"Bearer {token}", "apiKey": caller.simulator.api_key}
    refused = caller.send(UPDATE, both, userName=caller.simulator.username).json()
    assert refused == {"status": "false", "message": "Token Expired", "data": None}
    generation = caller.send(GENERATE, both, userName=caller.simulator.username).json()
    assert generation == {"status": "false", "message": "Invalid userName or apiKey", "data": None}


@pytest.mark.parametrize("scheme", ["", "Basic ", "bearer", "Digest "])
def test_a2_a_token_without_the_word_bearer_is_refused(caller: Caller, scheme: str) -> None:
    token = caller.generate().json()["token"]
    answer = caller.send(UPDATE, {"Authorization": f"{scheme}{token}"}, userName=caller.simulator.username)
    assert answer.json() == {"status": "false", "message": "Token Expired", "data": None}


@pytest.mark.parametrize("call", [CREATE, UPDATE, DELETE, ("GET", "/ca_apis/campaignStatus")])
def test_read_only_every_call_but_a_generation_is_a_server_error(caller: Caller, call: "tuple[str, str]") -> None:
    caller.simulator.set(read_only=True)
    assert caller.send(call, {}).status_code == 500
    assert "token" in caller.generate().json()


def test_g3_a_missing_user_name(caller: Caller) -> None:
    token = caller.generate().json()["token"]
    answer = caller.send(UPDATE, {"Authorization": f"Bearer {token}"})
    said = "Username Should Not be Null or Empty."
    assert answer.json() == {"status": "false", "message": said, "data": None}


def test_g4_too_many_calls(caller: Caller) -> None:
    caller.group()
    caller.simulator.set(rate_limit=1, retry_after="7")
    assert caller.update(FIVE)["status"] == "success"
    again = caller.send(UPDATE, {"Authorization": f"Bearer {caller.token}"}, userName=caller.simulator.username)
    assert again.json() == {"status": "error", "message": "Max limit exceeded"}
    assert (again.status_code, again.headers["Retry-After"]) == (429, "7")
    caller.simulator.advance(61)
    assert caller.update(FIVE)["status"] == "success"


def test_g5_a_wrong_method_gets_a_bare_405(caller: Caller) -> None:
    answer = caller.send(("GET", UPDATE[1]), {})
    assert (answer.status_code, answer.text) == (405, "")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("9999900001", "+919999900001"),
        ("9199900001", "+919199900001"),
        ("919999900001", "+919999900001"),
        ("+919999900001", "+919999900001"),
        ("1909", "1909"),
    ],
)
def test_n1_numbers_get_the_country_code(caller: Caller, given: str, kept: str) -> None:
    caller.group()
    assert caller.update([given])["output"]["succes"] == [kept]


def test_n5_the_harmless_probe(caller: Caller) -> None:
    assert caller.call(("GET", "/ca_apis/campaignStatus"), campaignName="any")["status"] == "success"
