# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide "CI pipelines" says of a database user for plans is so."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import psycopg
import pytest

from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.unit.postgresql_server import PostgreSQLServer
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import Runner
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import empty_database, tampered

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "ci_pipelines.rst"
USER, PASSWORD = "cloudagent_plan", "of-the-plan"


def test_a_user_who_reads_the_record_but_no_token_makes_an_exact_plan_without_the_key(
    postgresql: PostgreSQLServer, simulator: Simulator
) -> None:
    runner = Runner(simulator, empty_database(postgresql))
    assert runner.group(name="Fraud", block_numbers=["+919999900001"]).failure is None
    simulator.forget_requests()
    (statements,) = re.findall(r"\.\. code-block:: sql\n\n((?:   .*\n)+)", GUIDE.read_text(encoding="utf-8"))
    tampered(runner.location, *textwrap.dedent(statements).strip().rstrip(";").split(";"))

    url = str(runner.location.url).replace("owner@", f"{USER}@")
    with psycopg.connect(url, password=PASSWORD) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM ozonetel_cloudagent.tokens")
    runner.options.update(
        state_store=url, state_store_password=PASSWORD, api_key="not-needed-for-a-plan", auth="api_key"
    )
    planned = runner.group(check_mode=True, name="Fraud", block_numbers=["+919999900001", "+919999900002"])
    assert planned.failure is None
    outcomes = {number["number"]: number["outcome"] for number in planned.result["numbers"]}
    assert outcomes == {"+919999900001": "already_present", "+919999900002": "added"}
    assert (planned.result["change_source"], simulator.requests()) == ("ledger", [])
