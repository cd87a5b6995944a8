# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every switch changes what it says, every fault does what it says, and the command line and admin refuse nonsense."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
import requests

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.simulator.faults import KINDS, ON_THE_WIRE
from ansible_collections.ozonetel.cloudagent.tests.simulator.switches import SWITCHES, UnknownSwitch
from ansible_collections.ozonetel.cloudagent.tests.unit.simulator.test_contract import (
    CREATE,
    DELETE,
    FIVE,
    UPDATE,
    Caller,
)

FOLDER = Path(__file__).resolve().parents[2] / "simulator"


def _create(caller: Caller, numbers: Any = FIVE[0]) -> Any:
    return caller.call(CREATE, name="Nuisance", description="Reported", blockNumbers=numbers)


def _duplicate(caller: Caller) -> Any:
    _create(caller)
    answer = _create(caller, FIVE[1])
    return answer["message"], len(caller.simulator.groups())


def _create_list(caller: Caller) -> Any:
    return _create(caller, FIVE)["status"], len(caller.simulator.numbers("Nuisance"))


def _created(caller: Caller) -> Any:
    return _create(caller)["output"], caller.simulator.numbers("Nuisance")


def _paths(caller: Caller) -> Any:
    caller.group()
    caller.token = caller.generate().json()["token"]
    sent = [
        caller.send((UPDATE[0], path), {"Authorization": f"Bearer {caller.token}"}, userName="demo_user")
        for path in ("/ca_apis/updateBlockNumber", "/ca_apis/updateBlockNumbers")
    ]
    return [answer.status_code for answer in sent]


def _missing_path(caller: Caller) -> Any:
    return caller.send(("PUT", "/ca_apis/updateBlockNumbers"), {}).status_code


def _unknown_group(caller: Caller) -> Any:
    return caller.update(FIVE)["message"]


def _once_more(caller: Caller) -> Any:
    caller.group(FIVE[0])
    return caller.update(FIVE[:2])["output"]


def _with_a_bad_one(caller: Caller) -> Any:
    caller.group()
    return caller.update([FIVE[0], "7"]).get("output")


def _with_a_refused_one(caller: Caller) -> Any:
    caller.group()
    return caller.update(FIVE).get("errors"), caller.simulator.numbers("Nuisance")


def _campaign(caller: Caller) -> Any:
    token = caller.generate().json()["token"]
    path = ("GET", "/ca_apis/campaignStatus")
    return caller.send(path, {"Authorization": f"Bearer {token}"}, userName="demo_user").json()["status"]


def _short_and_long(caller: Caller) -> Any:
    caller.group()
    return [caller.update([number])["status"] for number in ("77", FIVE[0])]


def _deleted(caller: Caller) -> Any:
    seen = []
    for counters in ("absent", "full"):
        caller.simulator.set(counters=counters)
        caller.group(*FIVE)
        answers = [caller.call(DELETE, groupName="Nuisance", blockNumbers=FIVE[:count]) for count in (1, 3)]
        seen += [answer["output"].get("deleted") for answer in answers]
    return seen


def _past(caller: Caller) -> Any:
    caller.group()
    return caller.update(FIVE, expiryDate="2020-01-01 00:00:00")["status"]


def _lifetime(caller: Caller) -> Any:
    caller.group()
    caller.update(FIVE)
    caller.simulator.advance(3)
    return caller.update(FIVE)["message"]


def _cookie(caller: Caller) -> Any:
    return caller.generate().headers.get("Set-Cookie")


def _of_another_group(caller: Caller) -> Any:
    caller.group()
    caller.simulator.preset("Fraud", FIVE[:1])
    return caller.update(FIVE[:1])["output"], caller.simulator.numbers("Fraud")


def _attributes(caller: Caller) -> Any:
    caller.group()
    caller.update(FIVE, expiryDate="2099-01-01 00:00:00")
    group = caller.simulator.groups()[0]
    return group.description, group.expiry_date


def _no_description(caller: Caller) -> Any:
    caller.group()
    return caller.call(UPDATE, groupName="Nuisance", blockNumbers=FIVE)["status"]


def _no_expiry(caller: Caller) -> Any:
    return _create(caller)["status"]


def _expired(caller: Caller) -> Any:
    caller.group()
    caller.update(FIVE, expiryDate="2020-01-01 00:00:00")
    return caller.simulator.numbers("Nuisance")


def _deleted_by_name(caller: Caller) -> Any:
    caller.group(*FIVE)
    caller.simulator.preset("Fraud", FIVE)
    caller.call(DELETE, groupName="Nuisance", blockNumbers=FIVE)
    return len(caller.simulator.numbers("Nuisance")), len(caller.simulator.numbers("Fraud"))


def _absent(caller: Caller) -> Any:
    caller.group(FIVE[0])
    return caller.call(DELETE, groupName="Nuisance", blockNumbers=FIVE[:2])["output"]["error"]


def _deleted_by_unknown_id(caller: Caller) -> Any:
    caller.group(*FIVE)
    return caller.call(DELETE, groupName="Nuisance", id=999, blockNumbers=FIVE)["status"]


def _refused_token(caller: Caller) -> Any:
    caller.group()
    answer = caller.send(UPDATE, {"Authorization": "Bearer x"}, userName="demo_user")
    return answer.status_code, answer.json()


def _refused_generation(caller: Caller) -> Any:
    return caller.generate(userName="nobody").status_code


def _eleventh(caller: Caller) -> Any:
    return [caller.generate().status_code for _count in range(11)][-1]


def _tokens_of_eleven(caller: Caller) -> Any:
    return len(["token" for _count in range(11) if "token" in caller.generate().json()])


def _after_refused_ones(caller: Caller) -> Any:
    for _count in range(10):
        caller.generate(userName="nobody")
    return "token" in caller.generate().json()


def _generated(caller: Caller) -> Any:
    body = caller.generate().json()
    return sorted(body), body["message"], str(body).count(".")


def _generated_in_basic_auth(caller: Caller) -> Any:
    return caller.generate().json().get("message")


def _error_status(caller: Caller) -> Any:
    caller.token = caller.generate().json()["token"]
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.send(UPDATE, headers, userName="demo_user").status_code


def _words(caller: Caller) -> Any:
    return _unknown_group_status(caller), _create(caller)["status"]


def _unknown_group_status(caller: Caller) -> Any:
    return caller.update(FIVE)["status"]


def _third_call(caller: Caller) -> Any:
    caller.token = caller.generate().json()["token"]
    answers = [
        caller.send(UPDATE, {"Authorization": f"Bearer {caller.token}"}, userName="demo_user") for _count in range(3)
    ]
    return answers[-1].status_code, answers[-1].headers.get("Retry-After")


def _duration(caller: Caller) -> Any:
    started = time.monotonic()
    caller.generate()
    return time.monotonic() - started > 0.2


def _changes_anything(caller: Caller) -> Any:
    caller.group()
    caller.update(FIVE)
    return caller.simulator.numbers("Nuisance")


def _form(caller: Caller) -> Any:
    caller.group()
    return caller.update(FIVE)["output"]["succes"]


# For each switch: what to look at, and which others must be set for it to matter.
LOOKS: Dict[str, Callable[[Caller], Any]] = {
    "duplicate_group": _duplicate,
    "duplicate_group_words": _duplicate,
    "create_accepts": _create_list,
    "create_confirms": _created,
    "create_blocks": _created,
    "update_path": _paths,
    "missing_endpoint_status": _missing_path,
    "unknown_group_words": _unknown_group,
    "present_listed": _once_more,
    "counters": _once_more,
    "deleted_counter": _deleted,
    "malformed": _with_a_bad_one,
    "fewest_digits": _short_and_long,
    "most_digits": _short_and_long,
    "refused_numbers": _with_a_refused_one,
    "unique_numbers": _of_another_group,
    "update_takes_expiry": _attributes,
    "update_takes_description": _attributes,
    "description_required_on_update": _no_description,
    "expiry_required": _no_expiry,
    "past_expiry": _past,
    "expired_numbers_vanish": _expired,
    "delete_scope": _deleted_by_name,
    "delete_of_unknown_id": _deleted_by_unknown_id,
    "absent_listed": _absent,
    "number_form": _form,
    "unknown_campaign": _campaign,
    "auth_mode": _generated_in_basic_auth,
    "auth_failure_status": _refused_token,
    "auth_failure_words": _refused_token,
    "generation_failure_status": _refused_generation,
    "generation_limit": _tokens_of_eleven,
    "generation_limit_status": _eleventh,
    "refused_generation_counts": _after_refused_ones,
    "token_lifetime": _lifetime,
    "token_field": _generated,
    "token_form": _generated,
    "token_message": _generated,
    "error_http": _error_status,
    "success_word": _words,
    "error_word": _words,
    "rate_limit": _third_call,
    "rate_limit_status": _third_call,
    "retry_after": _third_call,
    "latency": _duration,
    "set_cookie": _cookie,
    "read_only": _changes_anything,
}
BESIDES = {
    "rate_limit_status": {"rate_limit": 2},
    "retry_after": {"rate_limit": 2},
}
OTHER_VALUES = {str: "other", int: 2, float: 0.3, "pattern": "99999.*"}


def _others(name: str) -> "list[Any]":
    default, kind, _lines = SWITCHES[name]
    if isinstance(kind, tuple):
        return [value for value in kind if value != default]
    return [not default] if kind is bool else [OTHER_VALUES[kind]]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in SWITCHES for value in _others(name)])
def test_each_value_of_each_switch_makes_a_difference(simulator: Simulator, name: str, value: Any) -> None:
    besides = BESIDES.get(name, {})
    simulator.set(**besides)
    before = LOOKS[name](Caller(simulator))
    simulator.reset(**besides, **{name: value})
    if name == "token_field":
        assert value.split(".")[0] in Caller(simulator).generate().json()
    else:
        assert LOOKS[name](Caller(simulator)) != before


def test_every_switch_is_looked_at() -> None:
    assert set(LOOKS) == set(SWITCHES)


@pytest.mark.parametrize(
    "switches",
    [
        {"nonsense": 1},
        {"counters": "sometimes"},
        {"unique_numbers": "maybe"},
        {"latency": "x"},
        {"latency": -1},
        {"latency": "nan"},
        {"rate_limit": 2.5},
        {"retry_after": None},
        {"retry_after": "1\nX: y"},
        {"refused_numbers": "("},
    ],
)
def test_an_unknown_switch_or_value_is_refused(simulator: Simulator, switches: Dict[str, Any]) -> None:
    with pytest.raises(UnknownSwitch):
        simulator.set(**switches)
    answer = requests.put(f"{simulator.url}/_admin/switches", json=switches, timeout=5)
    assert answer.status_code == 400
    assert next(iter(switches)) in answer.json()["error"]


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ({"kind": "reset_before"}, False),
        ({"kind": "reset_after"}, True),
        ({"kind": "delay", "seconds": 0.01}, True),
        ({"kind": "status", "status": 503}, False),
        ({"kind": "status", "status": 503, "commit": True}, True),
        ({"kind": "html"}, False),
        ({"kind": "html", "commit": True}, True),
        ({"kind": "reset_after", "commit": False}, False),
        ({"kind": "truncated", "commit": "late"}, False),
        ({"kind": "drip", "seconds": 0.0}, True),
        ({"kind": "break_tls"}, True),
        ({"kind": "truncated"}, True),
        ({"kind": "bad_chunk"}, True),
        ({"kind": "packed", "mebibytes": 1, "status": 302}, False),
        ({"kind": "packed", "mebibytes": 1, "commit": True}, True),
        ({"kind": "oversized"}, True),
        ({"kind": "redirect", "location": "https://elsewhere.example.com"}, False),
        ({"kind": "revoke_tokens"}, False),
        ({"kind": "rate_limited"}, False),
        ({"kind": "echo_secrets"}, False),
    ],
    ids=lambda value: str(value.get("kind")) if isinstance(value, dict) else str(value),
)
def test_a_fault_befalls_one_call_and_does_or_does_not_let_it_through(
    simulator: Simulator, fault: Dict[str, Any], done: bool
) -> None:
    caller = Caller(simulator)
    caller.group()
    caller.token = caller.generate().json()["token"]
    simulator.fault(call="update", **fault)
    headers = {"Authorization": f"Bearer {caller.token}"}
    body = {"userName": "demo_user", "groupName": "Nuisance", "description": "Reported", "blockNumbers": FIVE}
    try:
        answer = requests.put(simulator.url + UPDATE[1], json=body, headers=headers, allow_redirects=False, timeout=5)
    except (requests.RequestException, ValueError):
        assert fault["kind"] in ON_THE_WIRE
    else:
        assert fault["kind"] not in ON_THE_WIRE or fault["kind"] == "drip"
        assert answer.status_code in (200, 302, 307, 429, 503)
    assert (len(simulator.numbers("Nuisance")) == 5) is done
    assert simulator.requests("update")[-1]["fault"] == fault["kind"]
    assert simulator.server.faults.faults == []


def test_what_a_fault_has_put_off_is_done_after_the_next_request(simulator: Simulator) -> None:
    caller = Caller(simulator)
    caller.group()
    caller.token = caller.generate().json()["token"]
    simulator.fault("status", call="update", status=504, body="{}", commit="late")
    caller.update(["9999900001"])
    assert simulator.numbers("Nuisance") == []
    assert caller.update(["9999900002"])["output"]["inserted"] == 1
    assert simulator.numbers("Nuisance") == ["+919999900002", "+919999900001"]
    simulator.fault("status", call="update", status=504, body="{}", commit="late")
    caller.update(["9999900003"])
    simulator.catch_up()
    assert len(simulator.numbers("Nuisance")) == 3


@pytest.mark.parametrize("commit", [1, 0, "later", []])
def test_a_fault_is_done_or_not_or_late(simulator: Simulator, commit: Any) -> None:
    with pytest.raises(ValueError, match="commit is true, false or late"):
        simulator.fault("html", commit=commit)


def test_a_fault_can_wait_and_repeat(simulator: Simulator) -> None:
    caller = Caller(simulator)
    simulator.fault("status", call="generate", after=1, times=2, status=503)
    assert [caller.generate().status_code for _count in range(4)] == [200, 503, 503, 200]


def test_the_admin_interface_is_not_on_record_and_shows_no_credential(simulator: Simulator) -> None:
    caller = Caller(simulator)
    caller.generate()
    shown = requests.get(f"{simulator.url}/_admin/requests", timeout=5)
    assert [record["call"] for record in shown.json()] == ["generate"]
    assert simulator.api_key not in shown.text
    tokens = requests.get(f"{simulator.url}/_admin/tokens", timeout=5).json()
    assert (tokens["generated"], tokens["valid"]) == (1, 1)
    requests.post(f"{simulator.url}/_admin/tokens/revoke", timeout=5)
    assert requests.get(f"{simulator.url}/_admin/tokens", timeout=5).json()["valid"] == 0
    requests.post(f"{simulator.url}/_admin/groups", json={"name": "Set up", "numbers": FIVE}, timeout=5)
    gone = requests.delete(f"{simulator.url}/_admin/groups/Set up/numbers", json={"numbers": FIVE[:2]}, timeout=5)
    assert gone.json() == {"removed": 2}
    deleted = requests.delete(f"{simulator.url}/_admin/groups/Set up", timeout=5)
    assert deleted.json() == {"deleted": 1}
    assert simulator.groups() == []
    for method, path in (("GET", "nonsense"), ("POST", "nonsense"), ("DELETE", "clock")):
        assert requests.request(method, f"{simulator.url}/_admin/{path}", timeout=5).status_code == 404


def test_one_command_starts_it_prints_its_url_and_ends_on_a_signal() -> None:
    command = [sys.executable, str(FOLDER), "--port", "0", "--switch", "counters=absent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", url)
        assert requests.get(f"{url}/_admin/switches", timeout=5).json()["counters"] == "absent"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--switch", "nonsense=1"], "nonsense"),
        (["--switch", "counters"], "NAME=VALUE"),
        (["--host", "0.0.0.0"], "loopback"),
        (["--host", "example.com"], "loopback"),
        (["--port", "65536"], "port"),
        (["--certificate", "x"], "--key"),
    ],
)
def test_the_command_line_refuses_nonsense_and_other_hosts_than_loopback(arguments: "list[str]", said: str) -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER), *arguments], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]


def test_the_readme_names_every_switch_and_fault() -> None:
    text = (FOLDER / "README.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == set(SWITCHES) | set(KINDS)
