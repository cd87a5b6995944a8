# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight sees of the server, and what it makes of every answer."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.run import Report
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.location import Location
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.certificates import self_signed
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner


def _found(report: Report, *names: str) -> List[str]:
    checks = {check["name"]: check["verdict"] for check in report.result["checks"]}
    return [checks[name] for name in names]


def _check(report: Report, name: str) -> Dict[str, str]:
    return next(check for check in report.result["checks"] if check["name"] == name)


def _nothing_listens() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tuple[str, str]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate: Tuple[str, str], tmp_path: Path) -> Iterator[Runner]:
    with Simulator(certificate=certificate) as simulator:
        yield Runner(simulator, Location(directory=str(tmp_path / "state")))


# -- the way there -----------------------------------------------------------------------------------------------------


def test_a_host_name_that_nobody_knows(runner: Runner) -> None:
    report = runner.preflight(domain="https://nowhere.invalid")
    assert _found(report, "dns", "reach", "tls", "clock", "token", "account") == ["failed", *["skipped"] * 5]
    assert "international" in _check(report, "dns")["advice"]


def test_a_port_where_nothing_listens(runner: Runner) -> None:
    report = runner.preflight(domain=_nothing_listens())
    assert _found(report, "dns", "reach", "clock", "token", "account") == ["ok", "failed", *["skipped"] * 3]
    assert "Connection refused" in _check(report, "reach")["said"]
    assert report.result["generated"] is False


def test_a_port_where_no_tls_is_spoken(runner: Runner) -> None:
    report = runner.preflight(domain=runner.simulator.url.replace("http:", "https:"))
    assert _found(report, "reach", "tls", "token", "account") == ["ok", "failed", "skipped", "skipped"]
    assert "does not answer with TLS" in _check(report, "tls")["said"]
    assert "port" in _check(report, "tls")["advice"]


@pytest.mark.parametrize("options", [{}, {"auth": "api_key"}, {"token": "a-token-that-is-given"}])
def test_a_page_where_an_answer_of_the_application_should_be_gets_no_credential(
    runner: Runner, options: Dict[str, Any]
) -> None:
    runner.simulator.fault("html", times=9)
    report = runner.preflight(**options)
    assert _found(report, "reach", "account") == ["failed", "skipped"]
    assert (report.result["ready"], "sign in" in _check(report, "reach")["advice"]) == (False, True)
    assert [record["credentials"] for record in runner.simulator.requests()] == [{}]


def test_a_certificate_that_nobody_vouches_for(secure: Runner, certificate: Tuple[str, str]) -> None:
    report = secure.preflight()
    assert _found(report, "reach", "tls", "token") == ["ok", "failed", "skipped"]
    assert "self-signed" in _check(report, "tls")["said"].replace("self signed", "self-signed")
    assert "ca_path" in _check(report, "tls")["advice"]
    assert secure.simulator.requests() == []
    assert _found(secure.preflight(ca_path=certificate[0]), "tls", "account") == ["ok", "ok"]
    assert _found(secure.preflight(validate_certs=False), "tls", "account") == ["warning", "ok"]


def test_a_proxy_that_is_not_there_is_named_and_looks_the_host_up(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", _nothing_listens())
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    report = runner.preflight(domain="https://nowhere.invalid")
    assert _found(report, "dns", "reach", "token") == ["skipped", "failed", "skipped"]
    assert "HTTPS_PROXY" in _check(report, "reach")["advice"]


def test_a_lost_answer_is_asked_for_again(runner: Runner) -> None:
    runner.simulator.fault("reset_after", call="probe", times=2)
    report = runner.preflight()
    assert _found(report, "reach", "account") == ["ok", "ok"]
    assert report.result["requests_sent"] == 5


def test_answers_that_never_come_cost_no_generation(runner: Runner) -> None:
    runner.simulator.fault("reset_after", call="probe", times=4)
    report = runner.preflight()
    assert _found(report, "reach", "clock", "token", "account") == ["failed", "skipped", "skipped", "skipped"]
    assert report.result["requests_sent"] == 4
    assert runner.simulator.generated == 0


def test_a_redirect_is_no_way_and_gets_no_key(runner: Runner) -> None:
    runner.simulator.fault("redirect", call="probe", location="https://elsewhere.example.com/x")
    report = runner.preflight()
    assert _found(report, "reach", "clock", "token", "account") == ["failed", "ok", "skipped", "skipped"]
    assert "https://elsewhere.example.com" in _check(report, "reach")["said"]
    assert len(runner.simulator.requests()) == 1


@pytest.mark.parametrize("status", [403, 404, 405, 500, 503])
def test_an_answer_that_may_be_none_of_the_application_is_warned_about_and_the_rest_looked_at(
    runner: Runner, status: int
) -> None:
    runner.simulator.fault("status", call="probe", status=status)
    report = runner.preflight()
    assert _found(report, "reach", "token", "account") == ["warning", "ok", "ok"]
    assert str(status) in _check(report, "reach")["said"]
    assert report.failure is None


# -- clock -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moved", "verdict", "says"),
    [(30, "ok", "30 s"), (100, "warning", "100 s behind"), (-5500, "warning", "5,500 s ahead of")],
)
def test_the_servers_clock_is_told_by_its_answers(runner: Runner, moved: int, verdict: str, says: str) -> None:
    runner.simulator.advance(moved)
    report = runner.preflight()
    assert _found(report, "clock", "token", "account") == [verdict, "ok", "ok"]
    assert abs(report.result["clock_offset"] - moved) <= 1
    # The last digits are not certain: a second may begin between the two clocks.
    assert says[:1] in _check(report, "clock")["said"]
    assert says.partition(" s")[2] in _check(report, "clock")["said"]


# -- account -----------------------------------------------------------------------------------------------------------


def _answering(runner: Runner, body: Any, status: int = 200, **options: Any) -> Report:
    """The report where the account answers like this, behind a first request without a credential."""
    text = body if isinstance(body, str) else json.dumps(body)
    runner.simulator.fault("status", call="probe", after=1, times=4, status=status, body=text)
    return runner.preflight(**options)


def _refusal(message: str, word: str = "failure") -> Dict[str, str]:
    return {"status": word, "message": message}


def test_with_the_api_key_the_setting_is_the_other_one_and_nothing_is_generated(runner: Runner) -> None:
    runner.simulator.set(auth_mode="BASIC_AUTH")
    report = runner.preflight(auth="api_key")
    assert _found(report, "token", "account") == ["ok", "ok"]
    assert report.result["auth_setting"] == "BASIC_AUTH"
    assert [record["call"] for record in runner.simulator.requests()] == ["probe", "probe"]
    assert report.result["changed"] is False


@pytest.mark.parametrize("status", [200, 401])
def test_a_wrong_key_where_it_is_sent_itself(runner: Runner, status: int) -> None:
    runner.simulator.set(auth_mode="BASIC_AUTH", auth_failure_status=status, auth_failure_words="Invalid User Details")
    report = runner.preflight(auth="api_key", api_key="KK" + "f" * 32)
    assert _found(report, "account") == ["failed"]
    assert "Invalid User Details" in _check(report, "account")["said"]
    assert "api_key" in _check(report, "account")["advice"]
    assert report.result["auth_setting"] is None


@pytest.mark.parametrize(
    ("answer", "status", "verdict", "setting"),
    [
        (_refusal("All parameters are mandatory"), 200, "ok", "TOKEN_AUTH"),
        (_refusal("no record found"), 200, "ok", "TOKEN_AUTH"),
        (_refusal("no such campaign", "error"), 400, "ok", "TOKEN_AUTH"),
        (_refusal("You have no permission"), 200, "warning", None),
        (_refusal("Api Key Should Not be Null or Empty."), 200, "failed", "BASIC_AUTH"),
        (_refusal("Invalid userName or apiKey"), 200, "failed", None),
        (_refusal("Max limit exceeded"), 200, "warning", None),
        ("", 429, "warning", None),
        ("", 403, "warning", None),
        ("", 404, "warning", None),
        ("", 405, "warning", None),
        ("", 418, "warning", None),
        ("", 503, "warning", None),
        ("<html></html>", 200, "warning", None),
        ("", 302, "failed", None),
        (_refusal("Token Expired"), 200, "failed", None),
        ("", 401, "failed", None),
    ],
)
def test_what_is_made_of_an_answer(runner: Runner, answer: Any, status: int, verdict: str, setting: Any) -> None:
    report = _answering(runner, answer, status)
    assert _found(report, "token", "account") == ["ok", verdict]
    assert report.result["auth_setting"] == setting
    assert runner.simulator.generated == 1
    assert (_check(report, "account")["advice"] == "") is (verdict == "ok")


def test_with_the_api_key_no_record_may_mean_the_user(runner: Runner) -> None:
    runner.simulator.set(auth_mode="BASIC_AUTH")
    report = _answering(runner, _refusal("no record found"), auth="api_key")
    assert (_found(report, "account"), report.result["auth_setting"]) == (["warning"], None)


def test_a_limit_is_not_waited_for(runner: Runner) -> None:
    runner.token()
    _answering(runner, "", 429, rate_limit_wait=3600.0)
    assert runner.clock.slept == []
    assert len(runner.simulator.requests("probe")) == 2


def test_a_server_that_fails_is_asked_four_times(runner: Runner) -> None:
    _answering(runner, "", 503)
    assert len(runner.simulator.requests("probe")) == 5


def test_answers_that_are_lost_at_the_account_are_no_way_to_work(runner: Runner) -> None:
    runner.token()
    runner.simulator.fault("reset_after", call="probe", after=1, times=4)
    assert _found(runner.preflight(), "reach", "account") == ["ok", "failed"]


# -- a token that the account refuses ----------------------------------------------------------------------------------


def test_a_stored_token_that_is_refused_is_left_to_a_run_to_renew(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.token()
    runner.simulator.revoke_tokens()
    runner.simulator.forget_requests()
    report = runner.preflight()
    assert _found(report, "token", "account") == ["ok", "warning"]
    assert "Token Expired" in _check(report, "account")["said"]
    assert len(runner.simulator.requests("generate")) == 0
    assert len(runner.simulator.requests("probe")) == 2


def test_a_token_that_was_stored_in_the_meantime_is_taken_over(runner_on_each_engine: Runner) -> None:
    runner = runner_on_each_engine
    runner.token()
    seen: List[str] = []

    def meanwhile(record: Dict[str, Any]) -> None:
        if record["call"] == "probe" and not seen:
            seen.append("once")
            assert runner.token(force=True).result["generated"]

    runner.simulator.server.before_answering = meanwhile
    report = runner.preflight()
    assert _found(report, "token", "account") == ["ok", "ok"]
    assert report.result["generated"] is False
    assert len(runner.simulator.requests("probe")) == 3


def test_a_given_token_is_tried_as_it_is(runner: Runner) -> None:
    token = runner.token().secret_result["token"]
    runner.simulator.forget_requests()
    good = runner.preflight(token=token, api_key=None, state_store="none")
    assert _found(good, "token", "account") == ["ok", "ok"]
    assert good.result["generations_left"] is None
    bad = runner.preflight(token="a-token-from-elsewhere")
    assert _found(bad, "token", "account") == ["ok", "failed"]
    assert "a newer one" in _check(bad, "account")["advice"]
    assert runner.simulator.requests("generate") == []


# -- the setting without a token ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["TOKEN_AUTH", "BASIC_AUTH"])
def test_without_a_token_the_refusal_of_the_key_tells_the_setting(runner: Runner, tmp_path: Path, mode: str) -> None:
    (tmp_path / "file").write_text("")
    runner.simulator.set(auth_mode=mode)
    report = runner.preflight(state_store=str(tmp_path / "file"))
    assert _found(report, "token", "account") == ["skipped", "ok" if mode == "TOKEN_AUTH" else "failed"]
    assert report.result["auth_setting"] == mode


def test_without_a_token_other_words_tell_nothing(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    report = _answering(runner, _refusal("Something else"), state_store=str(tmp_path / "file"))
    assert (_found(report, "account"), report.result["auth_setting"]) == (["skipped"], None)
