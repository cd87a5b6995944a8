# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to the question where numbers are, in words; as data it is tested with the whole task."""

from __future__ import annotations

from typing import Any, Dict, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.block_group_info import STATES
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.found_numbers import in_words

SINCE, UNTIL, AT = "2026-11-26T19:00:00Z", "2099-12-31 23:59:59", "2026-11-27T19:00:00Z"


def _group(state: str = "present", **more: Any) -> Dict[str, Any]:
    told = {"group": "Nuisance callers", "number": "9999900002", "state": state, "since": SINCE, "expiry_date": UNTIL}
    return {**told, "note": "ticket 4711", "recorded_at": AT, **more}


def _number(*groups: Dict[str, Any], given: str = "9999900002", canonical: Optional[str] = None) -> Dict[str, Any]:
    return {"number": given, "canonical": canonical or given, "groups": list(groups)}


def test_a_number_is_told_with_all_that_is_known_of_it() -> None:
    assert in_words([_number(_group(), given="+919999900002")], None, None) == (
        f"+919999900002 (as 9999900002): in Nuisance callers since {SINCE} until {UNTIL} (server time), ticket 4711."
    )


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (
            _group(since=None),
            f"in Nuisance callers, since when is not on record, until {UNTIL} (server time), ticket 4711",
        ),
        (_group(since=None, expiry_date=None), "in Nuisance callers, since when is not on record, ticket 4711"),
        (_group(since=None, expiry_date=None, note=None), "in Nuisance callers, since when is not on record"),
        (_group(expiry_date=None, note="Asked twice."), f"in Nuisance callers since {SINCE}, Asked twice"),
        (
            _group("expired", note=None),
            f"in Nuisance callers since {SINCE} until {UNTIL} (server time), which has passed",
        ),
        (
            _group("unconfirmed", note=None),
            f"perhaps in Nuisance callers (unconfirmed) since {SINCE} until {UNTIL} (server time)",
        ),
        (_group("removed", since=None), f"removed from Nuisance callers, recorded at {AT}, ticket 4711"),
        (_group("not_found", since=None, note=None), f"not in Nuisance callers, recorded at {AT}"),
        (_group("absent", since=None, note=None), f"not in Nuisance callers, recorded at {AT}"),
        (_group("rejected", since=None, note=None), f"refused by the server for Nuisance callers, recorded at {AT}"),
    ],
)
def test_no_more_is_said_of_a_number_than_is_known(group: Dict[str, Any], words: str) -> None:
    assert in_words([_number(group)], None, None) == f"9999900002: {words}."


@pytest.mark.parametrize("state", STATES)
def test_there_are_words_for_every_state(state: str) -> None:
    assert "Nuisance callers" in in_words([_number(_group(state))], None, None)


def test_several_groups_are_told_one_after_the_other_with_all_spellings() -> None:
    groups = (_group(note=None, group="Fraud"), _group(note=None, number="09999900002"))
    told = in_words([_number(*groups, given="+91 99999 00002", canonical="+919999900002")], None, None)
    until = f"since {SINCE} until {UNTIL} (server time)"
    assert told == (f"+91 99999 00002: in Fraud (as 9999900002) {until}; in Nuisance callers (as 09999900002) {until}.")


def test_a_number_that_is_recorded_in_its_canonical_form_is_told_as_given() -> None:
    told = in_words([_number(_group(note=None), given="99999-00002", canonical="9999900002")], None, None)
    assert told.startswith("99999-00002: in Nuisance callers since")


def test_a_number_that_is_nowhere_is_told_as_that() -> None:
    assert in_words([_number()], None, "IN") == "9999900002: in no group on record."
    assert in_words([_number()], "Fraud", "IN") == "9999900002: not on record in Fraud."
    assert in_words([], None, None) == "No number was asked for."


@pytest.mark.parametrize(("count", "rest"), [(3, ""), (4, " And 1 more, see found."), (9, " And 6 more, see found.")])
def test_the_first_three_numbers_are_told(count: int, rest: str) -> None:
    told = in_words([_number()] * count, None, "IN")
    assert told == " ".join(["9999900002: in no group on record."] * 3) + rest


@pytest.mark.parametrize(
    ("number", "region", "hinted"),
    [
        (_number(given="07700 900123", canonical="07700900123"), None, True),
        (_number(given="07700 900123", canonical="07700900123"), "IN", False),
        (_number(given="+44 7700 900123", canonical="+447700900123"), None, False),
        (_number(_group()), None, False),
    ],
)
def test_a_number_that_may_be_on_record_with_its_country_code_is_told_how_to_be_found(
    number: Dict[str, Any], region: Optional[str], hinted: bool
) -> None:
    hint = (
        " A number of another country than India is found with its country code only (such as +44), or with"
        " default_region."
    )
    assert in_words([number], None, region).endswith(hint) is hinted


def test_two_spellings_of_a_number_in_one_group_are_told_apart() -> None:
    groups = (_group("removed", since=None, note=None), _group(number="+919999900002", note=None))
    assert in_words([_number(*groups)], None, None) == (
        f"9999900002: removed from Nuisance callers (as 9999900002), recorded at {AT}; in Nuisance callers"
        f" (as +919999900002) since {SINCE} until {UNTIL} (server time)."
    )
