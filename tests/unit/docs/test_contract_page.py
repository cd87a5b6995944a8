# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that is made from the statements of the contract is up to date, and tells of each of them."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.statements import STATEMENTS
from ansible_collections.ozonetel.cloudagent.tests.make.contract_page import page

PAGE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "what_the_api_does_not_tell_us.rst"


def test_the_page_is_what_make_contract_page_would_write() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_tells_of_each_statement_what_the_probe_asks_or_why_it_does_not() -> None:
    rows = {row.partition("\n")[0]: row for part in page().split("\n\n") for row in part.split("   * - ")}
    for statement in STATEMENTS:
        *_before, asked = rows[statement.name].rstrip().split("\n     - ")
        assert asked not in ("", "nothing:")
