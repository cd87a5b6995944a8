# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of an account: one question after the other, with a group and numbers of its own.

It never makes a second group, unless that is what it is asked to find out; and it removes what it has added, and what a
probe that was killed has left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from .errors import (
    CloudAgentError,
    Refused,
    foreseen,
)
from .exchange import (
    ABSENT,
    BESIDE_BAD,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    GROUP,
    LETTERS,
    NEW,
    NO_GROUP,
    NO_GROUP_EITHER,
    NO_ID,
    PAST,
    TEN_DIGITS,
    TEN_DIGITS_91,
    TWELVE_DIGITS,
    TWICE,
    UNDATED,
    UNDESCRIBED,
    WRONGLY_SENT,
    Credential,
    Request,
    Target,
    delete_request,
    update_request,
)
from .leftovers import ODD_ASKED, ODD_NOTE, remove, remove_own
from .meeting import Group, create_request, meet_group
from .probing import Probing

_SECOND_NOTE = "probe_second_group"
_LENGTHS_BETWEEN = (1, 2, 3, 16, 17, 20)


def probe(probing: Probing) -> Optional[CloudAgentError]:
    """Asks all questions, then removes the probe's numbers. Gives why it has not asked all."""
    stopped: Optional[CloudAgentError] = None
    try:
        _ask_about_credentials(probing)
        group = meet_group(probing)
        _ask_about_numbers(probing, group)
        _ask_about_removal(probing, group)
        _ask_for_the_rest(probing, group)
    except Exception as error:  # what was done must be removed, and told
        stopped = foreseen(error)
    try:
        remove(probing)
    except Exception as error:
        stopped = stopped or foreseen(error)
    return stopped


# -- credentials -------------------------------------------------------------------------------------------------------


def _ask_about_credentials(probing: Probing) -> None:
    asked = (
        ("status", Credential.OWN),
        ("made_up_credential", Credential.MADE_UP),
        ("other_kind", Credential.OTHER_KIND),
        ("both_headers", Credential.BOTH),
        ("earlier_token", Credential.EARLIER),
    )
    for question, credential in asked:
        if credential is Credential.OWN or credential in probing.asking.credentials:
            probing.ask(question, Request(Target.STATUS, {"campaignName": GROUP}, credential))


# -- numbers -----------------------------------------------------------------------------------------------------------


def _ask_about_numbers(probing: Probing, group: Group) -> None:
    older = group.older
    if older is None:
        return
    probing.ask("add_new", update_request([NEW], older))
    probing.ask("add_again", update_request([NEW], older))
    probing.ask("add_twice", update_request([TWICE, TWICE], older))
    probing.record.note(ODD_NOTE, ODD_ASKED)
    probing.ask("add_beside_bad", update_request([BESIDE_BAD, BESIDE_GOOD], older))
    probing.ask("letters", update_request([LETTERS], older))
    for length in _LENGTHS_BETWEEN:
        probing.ask(f"digits_{length}", update_request([BY_LENGTH[length]], older))
    probing.ask("without_plus", update_request([TEN_DIGITS, TEN_DIGITS_91, TWELVE_DIGITS], older))
    probing.ask("without_description", update_request([UNDESCRIBED], older, description=None))
    probing.ask("without_expiry", update_request([UNDATED], older, expiryDate=None))
    if "unknown_group" in probing.transcript:
        probing.ask("unknown_again", update_request([ABSENT], older, NO_GROUP_EITHER))
    probing.ask("add_later", update_request([NEW], older))


def _ask_about_removal(probing: Probing, group: Group) -> None:
    """What removes a number, which is added again each time; where that cannot be done, what is refused."""
    number = CREATED if group.older is None else NEW
    asked = (
        ("delete_by_name", delete_request([number], GROUP)),
        ("delete_other_name", delete_request([number], NO_GROUP)),
        ("delete_unknown_id", delete_request([number], None, NO_ID)),
        ("delete_without_group", delete_request([number])),
    )
    if group.older is None:
        _ask_what_is_counted(probing, group, number)
    for question, request in asked:
        probing.ask(question, request)
        if group.older is not None:
            probing.ask(f"after_{question}", update_request([number], group.older))
    if group.older is not None:
        _ask_what_is_counted(probing, group, number)


def _ask_what_is_counted(probing: Probing, group: Group, number: str) -> None:
    probing.ask("delete_by_id", delete_request([number, ABSENT], GROUP, group.group_id))
    probing.ask("delete_again", delete_request([number], GROUP, group.group_id))


def _ask_for_the_rest(probing: Probing, group: Group) -> None:
    if group.older is not None:
        probing.ask("wrong_method", replace(update_request([WRONGLY_SENT], group.older), target=Target.WRONG_METHOD))
        probing.ask("past_expiry", update_request([NEW], group.older, expiryDate=PAST))
        probing.ask("after_past_expiry", update_request([NEW], group.older))
    if probing.second_group and probing.record.lasting and probing.record.read(_SECOND_NOTE) is None:
        _ask_for_a_second_group(probing)


def _ask_for_a_second_group(probing: Probing) -> None:
    """What create does with a name that exists; first in a way that is refused for its description, if nothing else.

    It is asked once for an account: where there are two groups then, each time would make one more. It is asked last,
    and of an empty group: nobody knows to which of two an update or a removal by name would go.
    """
    remove_own(probing, "remove_first")
    dated = "create_list_dated" in probing.transcript or "create_string_dated" in probing.transcript
    probing.record.note(_SECOND_NOTE, "asked")
    avoided = probing.ask("second_name", create_request(as_list=False, dated=True, description="x"))
    if avoided.refused and (not isinstance(avoided.error, Refused) or avoided.error.documented):
        probing.ask("second_group", create_request(as_list=False, dated=dated))
