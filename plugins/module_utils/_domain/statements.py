# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statements of the API's contract, for people: data, no logic.

*Standing*: D and R are documented by the vendor, C and U were seen in public code that talks to the service, I is
inferred from those, and of ``?`` nothing is known.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Statement(NamedTuple):
    """One statement. ``cannot``: why the probe does not show it, or what of it; empty where it may show all."""

    name: str
    standing: str
    words: str
    cannot: str = ""


_ONE_GENERATION = "the probe generates one token at most"
_GENERATIONS = "the eleventh generation in an hour, and whether a refused one counts"
_NOT_READ_BACK = (
    "a number that is in another group, which would take a second one; and whether numbers that are present take a new"
    " expiry, and the group a new description, since nothing reads them back"
)
_NO_SECOND = "a server that behaves in another way would make a second group"

STATEMENTS: Tuple[Statement, ...] = (
    Statement("A1", "D", "The API is served by https on the host for the account's region, or on a partner's own."),
    Statement("A2", "R", "The account is set to TOKEN_AUTH (a bearer token) or to BASIC_AUTH (the header apiKey)."),
    Statement("A3", "C, I", "A request with both credential headers is refused."),
    Statement("A4", "R, I", "Credentials of the other kind are answered with words that tell the account's setting."),
    Statement("T1", "R, C", "A generated token comes under the key token, without a status."),
    Statement("T2", "R", "A refused generation has the status false, as a string.", _ONE_GENERATION),
    Statement(
        "T3", "R", "A token is valid for an hour, ten may be generated in one, and each makes the others invalid."
    ),
    Statement("T4", "R", "A token is a JWT that lives for 3600 seconds."),
    Statement("T5", "C", "A token may come under authToken, data.token or data.authToken."),
    Statement(
        "T6",
        "?",
        "What the server says of a token that is not, or no longer, valid, and with which status.",
        _GENERATIONS,
    ),
    Statement("C1", "D", "Create takes name, description, blockNumbers and expiryDate."),
    Statement("C2", "D", "Create takes one number, as a string."),
    Statement("C3", "D", "Create answers with the status success, an id and two lists."),
    Statement("C4", "I", "A group may be created without the number that create was given."),
    Statement("C5", "I", "lastInsertId is the group's id."),
    Statement("C6", "D", "What is missing or malformed is refused with the documented words."),
    Statement("C7", "D, U", "A description of fewer than 2 or more than 100 characters is refused.", _NO_SECOND),
    Statement("C8", "U", "A name with @, or of one digit, is refused.", _NO_SECOND),
    Statement("C9", "?", "Whether create takes a list, no date, and a name that exists."),
    Statement("U1", "R, I", "Update is served at updateBlockNumber; the older path is updateBlockNumbers."),
    Statement("U2", "R", "Update takes a list and adds it to the group."),
    Statement("U3", "R", "Update answers with the status success, the group's id, two lists and two counters."),
    Statement("U4", "I", "inserted counts the rows that were added to the group, new the numbers new to the account."),
    Statement("U5", "R", "An unknown group is answered with Invalid group id; what is missing is mandatory."),
    Statement(
        "U6", "?", "Words for an unknown group; which list has present, malformed and repeated numbers.", _NOT_READ_BACK
    ),
    Statement("X1", "R", "Delete takes numbers, and no group."),
    Statement("X2", "R, I", "Delete answers with the numbers as sent; deleted counts those that were there."),
    Statement("X3", "?", "Whether delete needs an id, honours a name, or removes from every group."),
    Statement("X4", "R", "No call deletes or renames a group.", "there is no such call to be asked"),
    Statement("N1", "I", "Ten digits come back with +91 before them, and twelve that begin with 91 with a plus."),
    Statement("N2", "U", "Numbers have 3 to 16 digits; letters, one digit and 20 digits are refused."),
    Statement("N3", "U", "A group acts only through the campaigns that it is assigned to.", "no call assigns a group"),
    Statement("N4", "?", "In which time zone expiryDate is read, and what a date does that is past.", "the time zone"),
    Statement("N5", "R", "campaignStatus is a harmless test of credentials."),
    Statement("G1", "C", "Errors come in the body, often with HTTP 200."),
    Statement("G2", "R, C", "The status word is success, or one of a few for an error."),
    Statement("G3", "R, C", "Refused credentials are answered with one of a few messages, or with HTTP 401."),
    Statement("G4", "R, C", "Too many calls are answered with Max limit exceeded, or HTTP 429."),
    Statement("G5", "C", "A wrong method is answered with HTTP 405, without JSON."),
)
