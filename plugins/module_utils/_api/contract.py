# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths, limits and words of the CloudAgent API: data, no logic. Comments name the contract lines they rest on."""

from __future__ import annotations

# A1
HOSTS = {"domestic": "in1-ccaas-api.ozonetel.com", "international": "api.ccaas.ozonetel.com"}

GENERATE_TOKEN_PATH = "/ca_apis/CAToken/generateToken"  # T1
CREATE_PATH = "/ca_apis/createBlockNumber"  # C1
UPDATE_PATHS = ("/ca_apis/updateBlockNumber", "/ca_apis/updateBlockNumbers")  # U1, in the order to try
DELETE_PATH = "/ca_apis/deleteBlockNumber"  # X1
CAMPAIGN_STATUS_PATH = "/ca_apis/campaignStatus"  # N5

MAX_ANSWER_BYTES = 8 * 1024 * 1024

# G2, compared in lower case
SUCCESS_WORD = "success"
FAILURE_WORDS = frozenset({"error", "false", "fail", "fails", "failure"})

# T5, the paths under which a token may stand
TOKEN_FIELDS = (("token",), ("authToken",), ("data", "token"), ("data", "authToken"))
TOKEN_LIFETIME = 3600.0  # T3, seconds

# G4, compared in lower case, at the beginning of the message
TOO_MANY_CALLS = "max limit exceeded"
TOO_MANY_AT_ONCE = "already one process is running"

# A4, in lower case without the final stop
ACCOUNT_IN_BASIC_AUTH = "api key should not be null or empty"
ACCOUNT_IN_TOKEN_AUTH = "token should not be null or empty"

# C6, G3, in lower case: what a token may be refused with
TOKEN_REFUSALS = frozenset(
    {
        "token expired",
        "invalid token",
        "invalid user details",
        "authentication failed",
        "missing username or apikey",
    }
)
# T2, G3: what a new token would not cure
CREDENTIAL_REFUSALS = frozenset(
    {
        "username is null",
        "invalid username or apikey",
        "username should not be null or empty",
    }
)

NO_CAMPAIGN = "ozonetel.cloudagent preflight"  # what is asked for where any answer will do
NO_RECORD = "no record found"  # N5, documented for an unknown user name; an unknown campaign may get the same

UNKNOWN_GROUP = "invalid group id"  # U5
MANDATORY_MISSING = "parameters are mandatory"  # C6, U5
INVALID_DATA = "invalid data"  # C6
NUMBERS_FIELD = "blocknumbers"  # C6, the key under "errors", in lower case
