# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the API: hosts, paths, and words in the form in which they are compared."""

from __future__ import annotations

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api import contract

SETS = [contract.FAILURE_WORDS, contract.TOKEN_REFUSALS, contract.CREDENTIAL_REFUSALS]
SINGLE = [
    contract.SUCCESS_WORD,
    contract.ACCOUNT_IN_BASIC_AUTH,
    contract.ACCOUNT_IN_TOKEN_AUTH,
    contract.TOO_MANY_CALLS,
    contract.TOO_MANY_AT_ONCE,
    contract.UNKNOWN_GROUP,
    contract.MANDATORY_MISSING,
    contract.INVALID_DATA,
    contract.NUMBERS_FIELD,
]


@pytest.mark.parametrize("word", [*SINGLE, *(word for words in SETS for word in sorted(words))])
def test_words_stand_as_they_are_compared_in_lower_case_without_a_final_stop(word: str) -> None:
    assert word == word.strip().rstrip(".").lower()


def test_no_words_mean_two_things() -> None:
    words = [*contract.TOKEN_REFUSALS, *contract.CREDENTIAL_REFUSALS, *SINGLE]
    assert len(set(words)) == len(words)


def test_the_documented_hosts_and_paths() -> None:
    assert contract.HOSTS == {"domestic": "in1-ccaas-api.ozonetel.com", "international": "api.ccaas.ozonetel.com"}
    assert contract.GENERATE_TOKEN_PATH == "/ca_apis/CAToken/generateToken"
    assert contract.CREATE_PATH == "/ca_apis/createBlockNumber"
    assert contract.UPDATE_PATHS == ("/ca_apis/updateBlockNumber", "/ca_apis/updateBlockNumbers")
    assert contract.DELETE_PATH == "/ca_apis/deleteBlockNumber"
    assert contract.CAMPAIGN_STATUS_PATH == "/ca_apis/campaignStatus"
