# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe's group: it is found, or made once.

Making it twice is what must never happen, whatever an account answers and however often it is probed: what was sent is
noted before, and only an answer that can be relied on is a reason to make it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional

from .errors import GroupUnknown, ProbeStopped
from .exchange import (
    ALONE,
    CREATED,
    DESCRIPTION,
    EXPIRY,
    GROUP,
    NO_GROUP,
    USUAL,
    Exchange,
    Request,
    Target,
    lacks_something,
    update_request,
    words_for_none,
)
from .expiry import utc_text
from .leftovers import NAMES, ODD_ASKED, ODD_NOTE, left_behind, remove_part
from .probing import Probing

PAUSE = 5.0
"""Seconds before words that nobody has documented are asked for again."""

SETTLED = 600.0
"""Seconds after which a create is done, or never will be: the longest answers take some 120 s (contract G5)."""

_NOTE = "probe_group"
_AS_LIST, _AS_STRING, _MADE, _MET, _REFUSED = "sent-list", "sent-string", "made", "met", "refused"
_NOT_SERVED = (404, 405)


@dataclass(frozen=True)
class Group:
    """The probe's group, as it was met. ``older``: the path of update that is used; None where there is no update."""

    group_id: Optional[int]
    older: Optional[bool]


@dataclass(frozen=True)
class Noted:
    """What a probe has noted of the group: that it was about to be made, was made, or has been met since; when."""

    kind: str
    at: float
    group_id: Optional[int] = None

    def text(self) -> str:
        """As it is kept."""
        return f"{self.kind} {int(self.at)} {'' if self.group_id is None else self.group_id}".strip()


def _noted(probing: Probing) -> Optional[Noted]:
    """None where the group was never asked for, or refused."""
    kind, at, group_id = [*(probing.record.read(_NOTE) or _REFUSED).split(" "), "", ""][:3]
    if kind == _REFUSED:
        return None
    return Noted(kind, float(at) if at.isdecimal() else 0.0, int(group_id) if group_id.isdecimal() else None)


def _note(probing: Probing, kind: str, group_id: Optional[int] = None) -> None:
    probing.record.note(_NOTE, Noted(kind, probing.now(), group_id).text())


def meet_group(probing: Probing) -> Group:
    """Finds the probe's group, or makes it. Raises ProbeStopped where that cannot be done, or not for certain."""
    exchanges = [
        probing.ask("update", update_request([CREATED], older=False)),
        probing.ask("update_older_path", update_request([CREATED], older=True)),
    ]
    served = [exchange for exchange in exchanges if exchange.answered]
    if not served:
        if not all(exchange.missing for exchange in exchanges):
            raise ProbeStopped("Neither path of update was answered by the application.")
        return _meet_without_update(probing)
    first, noted = _most_telling(served), _noted(probing)
    if first.answer is not None:
        return _meet(probing, first, noted)
    unknown = probing.ask("unknown_group", update_request([CREATED], first.request.older, NO_GROUP))
    if not _is_unknown(probing, first, unknown):
        raise ProbeStopped(
            f"An update of the group {GROUP} was refused ({first.message}), and not in words that are only said of a"
            f" group that does not exist ({unknown.message or 'none'}), so that it is not known whether there is"
            f" {GROUP}."
        )
    _refuse_to_make_another(probing, first, noted)
    return _see_what_create_did(probing, _create(probing, noted, first.request.older), first.request.older)


def _most_telling(served: List[Exchange]) -> Exchange:
    """The answer of the path that is served; of two that refuse it, one that speaks of the group."""
    for exchange in served:
        if exchange.answer is not None:
            return exchange
    found = [exchange for exchange in served if isinstance(exchange.error, GroupUnknown)] or [
        exchange for exchange in served if exchange.status not in _NOT_SERVED
    ]
    found = found or served
    if len({words_for_none(exchange, GROUP) for exchange in found}) > 1:
        said = "; ".join(exchange.message for exchange in found)
        raise ProbeStopped(f"The two paths of update refuse in different ways, so neither tells of the group: {said}")
    return found[0]


def _meet(probing: Probing, first: Exchange, noted: Optional[Noted]) -> Group:
    """The group is there.

    What is said of one that is not is only asked where a create of ours has followed such an answer: a server that
    makes whatever group an update names would make another.
    """
    group = Group(first.answer.group_id if first.answer is not None else None, bool(first.request.older))
    _clean(probing, group)
    if noted is not None:
        _note(probing, _MET)
        probing.ask("unknown_group", update_request([CREATED], first.request.older, NO_GROUP))
    return group


def _clean(probing: Probing, group: Group) -> None:
    """Removes what a probe that was killed may have left, before anything is asked that rests on an empty group.

    Raises ProbeStopped where it cannot.
    """
    parts = {"clean": USUAL}
    if not probing.record.lasting or probing.record.read(ODD_NOTE) == ODD_ASKED:
        parts.update({f"clean_{NAMES[number]}": (number,) for number in ALONE})
    for question, part in parts.items():
        remove_part(probing.transcript, probing.ask, question, part)
    if set(USUAL).intersection(left_behind(probing.transcript)):
        raise ProbeStopped(
            f"The group {GROUP} could not be emptied of what an earlier probe may have left in it, so that nothing can"
            " be found out with it. Remove the numbers in the web console."
        )


def _is_unknown(probing: Probing, first: Exchange, unknown: Exchange) -> bool:
    """Whether the answer means that there is no such group: as that of a group which nobody has made, and twice."""
    words = words_for_none(first, GROUP)
    if words is None or words != words_for_none(unknown, NO_GROUP):
        return False
    if isinstance(first.error, GroupUnknown):
        return True
    probing.pause(PAUSE)
    again = probing.ask("group_gone", update_request([CREATED], first.request.older))
    return words_for_none(again, GROUP) == words


def _refuse_to_make_another(probing: Probing, first: Exchange, noted: Optional[Noted]) -> None:
    """Raises ProbeStopped where an earlier probe may have made the group, though update does not know it."""
    if noted is None or noted.kind == _MET:  # it was known to update, so that it has been deleted since
        return
    if noted.kind == _MADE and not isinstance(first.error, GroupUnknown):
        raise ProbeStopped(
            f"An earlier probe has made the group {GROUP}, and update does not know it ({first.message}). It is not"
            " made again, since that might go on for ever. See in the web console whether it is there."
        )
    if 0 <= probing.now() - noted.at < SETTLED:
        raise ProbeStopped(
            f"An earlier probe was making the group {GROUP} at {utc_text(noted.at)}, and the server may not have done"
            f" with it. Run the probe again after {utc_text(noted.at + SETTLED)}."
        )


def _meet_without_update(probing: Probing) -> Group:
    """Without an update call only what was noted tells whether the group was made."""
    noted = _noted(probing)
    if noted is not None:
        group = Group(noted.group_id, None)
        _clean(probing, group)
        return group
    if not probing.record.lasting:
        raise ProbeStopped(
            f"There is no update call to ask whether there is a group {GROUP}, and no state store to remember that one"
            " was made. Give a state_store that is kept."
        )
    created = _create(probing, None, None)
    if created.answer is None:
        raise ProbeStopped("Create had no answer, and there is no update call to ask what it did.")
    return Group(created.answer.group_id, None)


def _create(probing: Probing, noted: Optional[Noted], older: Optional[bool]) -> Exchange:
    """Makes the group; first in the ways that are not documented, of which only a refusal leaves another to be tried.

    And only if update still knows of no such group. Raises ProbeStopped where it is refused in each way.
    """
    as_list, dated = noted is None or noted.kind != _AS_LIST, False  # a list that had no answer is not tried again
    while True:
        _note(probing, _AS_LIST if as_list else _AS_STRING)
        question = f"create_{'list' if as_list else 'string'}{'_dated' if dated else ''}"
        created = probing.ask(question, create_request(as_list, dated))
        if created.answer is not None:
            _note(probing, _MADE, created.answer.group_id)
        if not created.refused:
            return created
        if older is not None:
            still = probing.ask("refused_create", update_request([CREATED], older))
            if not still.refused:
                return created
        if not dated and lacks_something(created):
            dated = True
        elif as_list:
            as_list = False
        else:
            _note(probing, _REFUSED)
            raise ProbeStopped(f"Create was refused: {created.message}")


def create_request(as_list: bool, dated: bool, description: str = DESCRIPTION) -> Request:
    """A create of the group, with one number."""
    dates = {"expiryDate": EXPIRY} if dated else {}
    numbers: Any = [CREATED] if as_list else CREATED
    return Request(Target.CREATE, {"name": GROUP, "description": description, **dates, "blockNumbers": numbers})


def _see_what_create_did(probing: Probing, created: Exchange, older: bool) -> Group:
    after = probing.ask("after_create", update_request([CREATED], older))
    if after.answer is None:
        said = "with success" if created.answer is not None else f"so: {created.message or 'no answer'}"
        raise ProbeStopped(
            f"Create was answered {said}; then an update of the group {GROUP} was not taken"
            f" ({after.message or 'no answer'}). Run the probe again after"
            f" {utc_text(probing.now() + SETTLED)}: update tells whether there is the group."
        )
    _note(probing, _MET)
    made = created.answer.group_id if created.answer is not None else None
    return Group(after.answer.group_id or made, older)
