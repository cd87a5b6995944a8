# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of an account: one question after the other, with a group and numbers of its own.

It never makes a second group, unless that is what it is asked to find out; and it removes what it has added, and what a
probe that was killed has left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Optional, Sequence

from .errors import (
    CloudAgentError,
    GroupUnknown,
    ProbeStopped,
    Refused,
)
from .exchange import (
    ABSENT,
    BESIDE_BAD,
    BESIDE_GOOD,
    BY_LENGTH,
    CREATED,
    DESCRIPTION,
    EXPIRY,
    GROUP,
    LETTERS,
    NEW,
    NO_GROUP,
    NO_ID,
    ODD,
    PAST,
    TEN_DIGITS,
    TEN_DIGITS_91,
    TWELVE_DIGITS,
    TWICE,
    UNDATED,
    UNDESCRIBED,
    WELL_FORMED,
    WRONGLY_SENT,
    Credential,
    Exchange,
    Request,
    Target,
    delete_request,
    words_for_none,
)
from .leftovers import ODD_NAMES, ODD_NOTE, remove
from .probing import Probing

PAUSE = 5.0
"""Seconds before words that nobody has documented are asked for again."""

_MANDATORY = "parameters are mandatory"  # C6, as compared
_GROUP_NOTE, _SECOND_NOTE = "probe_group", "probe_second_group"
_AS_LIST, _AS_STRING, _MADE = "sent as a list", "sent as a string", "made"
_LENGTHS_BETWEEN = (1, 2, 3, 16, 17, 20)


@dataclass(frozen=True)
class Group:
    """The probe's group, as it was met. ``older``: the path of update that is used; None where there is no update."""

    group_id: Optional[int]
    older: Optional[bool]


def probe(probing: Probing) -> Optional[CloudAgentError]:
    """Asks all questions, then removes the probe's numbers. Gives why it has not asked all."""
    stopped: Optional[CloudAgentError] = None
    try:
        _ask_about_credentials(probing)
        group = _meet_group(probing)
        _ask_about_numbers(probing, group)
        _ask_about_removal(probing, group)
        _ask_for_the_rest(probing, group)
    except CloudAgentError as error:
        stopped = error
    try:
        remove(probing)
    except CloudAgentError as error:
        stopped = stopped or error
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


# -- the group ---------------------------------------------------------------------------------------------------------


def _update(numbers: Sequence[str], older: bool, name: str = GROUP, **changed: Optional[str]) -> Request:
    """An update; what is changed to None is left out."""
    body: Dict[str, Any] = {"groupName": name, "description": DESCRIPTION, "expiryDate": EXPIRY, **changed}
    kept = {key: value for key, value in body.items() if value is not None}
    return Request(Target.UPDATE, {**kept, "blockNumbers": list(numbers)}, older=older)


def _meet_group(probing: Probing) -> Group:
    """Finds the probe's group, or makes it. Raises ProbeStopped where that cannot be done, or not for certain."""
    exchanges = [
        probing.ask("update", _update([CREATED], older=False)),
        probing.ask("update_older_path", _update([CREATED], older=True)),
    ]
    served = [exchange for exchange in exchanges if exchange.answer is not None or exchange.refused]
    if not served:
        if not all(exchange.missing for exchange in exchanges):
            raise ProbeStopped("Neither path of update was answered by the application.")
        return _meet_without_update(probing)
    first = next((exchange for exchange in served if exchange.answer is not None), served[0])
    older = first.request.older
    unknown = probing.ask("unknown_group", _update([CREATED], older, NO_GROUP))
    if first.answer is not None:
        group = Group(first.answer.group_id, older)
        _clean(probing, group)
        return group
    if not _is_unknown(probing, first, unknown):
        raise ProbeStopped(
            f"An update of the group {GROUP} was refused ({first.message}), and not in words that are only said of a"
            f" group that does not exist ({unknown.message or 'none'}), so that it is not known whether there is"
            f" {GROUP}."
        )
    created = _create(probing)
    return _see_what_create_did(probing, created, older)


def _clean(probing: Probing, group: Group) -> None:
    """Removes what a probe that was killed may have left, before anything is asked that rests on an empty group."""
    probing.ask("clean", delete_request(WELL_FORMED, GROUP, group.group_id))
    if not probing.record.lasting or probing.record.read(ODD_NOTE) == "asked":
        for number in ODD:
            probing.ask(f"clean_{ODD_NAMES[number]}", delete_request([number], GROUP, group.group_id))


def _is_unknown(probing: Probing, first: Exchange, unknown: Exchange) -> bool:
    """Whether the answer means that there is no such group: as that of a group which nobody has made, and twice."""
    words = words_for_none(first, GROUP)
    if words is None or words != words_for_none(unknown, NO_GROUP):
        return False
    if isinstance(first.error, GroupUnknown):
        return True
    probing.pause(PAUSE)
    again = probing.ask("group_gone", _update([CREATED], first.request.older))
    return words_for_none(again, GROUP) == words


def _meet_without_update(probing: Probing) -> Group:
    """Without an update call only what was noted tells whether the group was made."""
    noted = probing.record.read(_GROUP_NOTE)
    if noted is not None:
        made = noted[len(_MADE) :].strip()
        group = Group(int(made) if noted.startswith(_MADE) and made.isdigit() else None, None)
        _clean(probing, group)
        return group
    if not probing.record.lasting:
        raise ProbeStopped(
            f"There is no update call to ask whether there is a group {GROUP}, and no state store to remember that one"
            " was made. Give a state_store that is kept."
        )
    created = _create(probing)
    if created.answer is None:
        raise ProbeStopped("Create had no answer, and there is no update call to ask what it did.")
    return Group(created.answer.group_id, None)


def _create(probing: Probing) -> Exchange:
    """Makes the group; first in the ways that are not documented, of which only a refusal leaves another to be tried.

    Raises ProbeStopped where it is refused in each.
    """
    noted = probing.record.read(_GROUP_NOTE)
    as_list, dated = noted != _AS_LIST, False  # a list that had no answer is not tried again
    while True:
        probing.record.note(_GROUP_NOTE, _AS_LIST if as_list else _AS_STRING)
        created = probing.ask(
            f"create_{'list' if as_list else 'string'}{'_dated' if dated else ''}", _created(as_list, dated)
        )
        if created.answer is not None:
            probing.record.note(_GROUP_NOTE, f"{_MADE} {created.answer.group_id or ''}".strip())
        if not created.refused:
            return created
        if not dated and _wants_more(created):
            dated = True
        elif as_list:
            as_list = False
        else:
            raise ProbeStopped(f"Create was refused: {created.message}")


def _created(as_list: bool, dated: bool, description: str = DESCRIPTION) -> Request:
    dates = {"expiryDate": EXPIRY} if dated else {}
    numbers: Any = [CREATED] if as_list else CREATED
    return Request(Target.CREATE, {"name": GROUP, "description": description, **dates, "blockNumbers": numbers})


def _wants_more(exchange: Exchange) -> bool:
    return isinstance(exchange.error, Refused) and exchange.error.words == _MANDATORY


def _see_what_create_did(probing: Probing, created: Exchange, older: bool) -> Group:
    after = probing.ask("after_create", _update([CREATED], older))
    if after.answer is None:
        raise ProbeStopped(
            f"Create was answered ({created.message or created.error or 'created'}), and then an update of the group"
            f" {GROUP} was not taken ({after.message}). Run the probe again: update tells whether there is the group."
        )
    made = created.answer.group_id if created.answer is not None else None
    return Group(after.answer.group_id or made, older)


# -- numbers -----------------------------------------------------------------------------------------------------------


def _ask_about_numbers(probing: Probing, group: Group) -> None:
    older = group.older
    if older is None:
        return
    probing.ask("add_new", _update([NEW], older))
    probing.ask("add_again", _update([NEW], older))
    probing.ask("add_twice", _update([TWICE, TWICE], older))
    probing.ask("add_beside_bad", _update([BESIDE_BAD, BESIDE_GOOD], older))
    probing.record.note(ODD_NOTE, "asked")
    probing.ask("letters", _update([LETTERS], older))
    for length in _LENGTHS_BETWEEN:
        probing.ask(f"digits_{length}", _update([BY_LENGTH[length]], older))
    probing.ask("without_plus", _update([TEN_DIGITS, TEN_DIGITS_91, TWELVE_DIGITS], older))
    probing.ask("without_description", _update([UNDESCRIBED], older, description=None))
    probing.ask("without_expiry", _update([UNDATED], older, expiryDate=None))


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
            probing.ask(f"after_{question}", _update([number], group.older))
    if group.older is not None:
        _ask_what_is_counted(probing, group, number)


def _ask_what_is_counted(probing: Probing, group: Group, number: str) -> None:
    probing.ask("delete_by_id", delete_request([number, ABSENT], GROUP, group.group_id))
    probing.ask("delete_again", delete_request([number], GROUP, group.group_id))


def _ask_for_the_rest(probing: Probing, group: Group) -> None:
    if group.older is not None:
        probing.ask("wrong_method", replace(_update([WRONGLY_SENT], group.older), target=Target.WRONG_METHOD))
    if probing.second_group and probing.record.read(_SECOND_NOTE) is None:
        _ask_for_a_second_group(probing)
    if group.older is not None:
        probing.ask("past_expiry", _update([NEW], group.older, expiryDate=PAST))
        probing.ask("after_past_expiry", _update([NEW], group.older))


def _ask_for_a_second_group(probing: Probing) -> None:
    """What create does with a name that exists; first in a way that is refused for its description, if nothing else.

    It is asked once for an account: where there are two groups then, each time would make one more.
    """
    dated = "create_list_dated" in probing.transcript or "create_string_dated" in probing.transcript
    probing.record.note(_SECOND_NOTE, "asked")
    avoided = probing.ask("second_name", _created(as_list=False, dated=True, description="x"))
    refused_for_name = isinstance(avoided.error, Refused) and not avoided.error.documented
    if avoided.refused and not refused_for_name:  # one that had no answer may have made a group
        probing.ask("second_group", _created(as_list=False, dated=dated))
