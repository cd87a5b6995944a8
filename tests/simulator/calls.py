# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server answers to each call: a status and a JSON value. Comments name the lines of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from werkzeug.datastructures import Headers

from .account import Account, Group, end_of

MOST_NUMBERS = 100
BAD_NUMBERS = "Blocknumbers data contains invalid format of numbers"


@dataclass
class Reply:
    """An answer: HTTP status, JSON value (None: no body), headers."""

    status: int
    body: Any
    headers: Dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a call with an answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body)
        self.reply = reply


Body = Dict[str, Any]


def perform(account: Account, call: str, headers: Headers, body: Body) -> Reply:
    """Answers one call: generate, create, update, delete or probe."""
    try:
        if call == "generate":
            return _generate(account, headers, body)
        if account.switches["read_only"]:
            raise Refusal(Reply(500, {"status": "error", "message": "the simulator is read-only"}))
        if not account.within_rate():
            raise Refusal(limit_exceeded(account))
        _authenticate(account, headers, body)
        return _PERFORM[call](account, body)
    except Refusal as refusal:
        return refusal.reply


def limit_exceeded(account: Account) -> Reply:
    """G4."""
    headers = {"Retry-After": account.switches["retry_after"]} if account.switches["retry_after"] else {}
    return Reply(account.switches["rate_limit_status"], _error(account, "Max limit exceeded"), headers)


def _error_word(account: Account) -> Any:
    word = account.switches["error_word"]
    return False if word == "false-boolean" else word


def _error(account: Account, message: str, **more: Any) -> Body:
    return {"status": _error_word(account), "message": message, **more}


def _refuse(account: Account, message: str, **more: Any) -> Refusal:
    return Refusal(Reply(account.switches["error_http"], _error(account, message, **more)))


def _unknown_group(account: Account, body: Body) -> Refusal:
    """The words may repeat the group's name."""
    return _refuse(account, account.switches["unknown_group_words"].replace("{name}", str(body.get("groupName"))))


def _refuse_data(account: Account, name: str, message: str) -> Refusal:
    return _refuse(account, "invalid data", errors={name: message})  # C6


# -- authentication (A2 to A4, T1 to T6, G3) -------------------------------------------------------


def _not_authenticated(status: int, message: str) -> Refusal:
    return Refusal(Reply(status, {"status": "false", "message": message, "data": None}))


def _generate(account: Account, headers: Headers, body: Body) -> Reply:
    settings = account.switches
    if settings["auth_mode"] == "BASIC_AUTH":
        raise _not_authenticated(settings["generation_failure_status"], "Api Key Should Not be Null or Empty.")  # A4
    if not account.may_generate():
        _count_refused_generation(account)
        return Reply(settings["generation_limit_status"], _error(account, "Max limit exceeded"))  # T6
    if not body.get("userName"):
        raise _refused_generation(account, "UserName is null")  # T2
    if "Authorization" in headers:
        raise _refused_generation(account, "Invalid userName or apiKey")  # A3
    if (headers.get("apiKey"), body["userName"]) != (account.api_key, account.username):
        raise _refused_generation(account, "Invalid userName or apiKey")  # T2
    value: Any = account.generate()
    answer: Body = {"message": settings["token_message"]}
    *outer, last = settings["token_field"].split(".")  # T5
    inner: Body = {last: value}
    return Reply(200, {**({outer[0]: inner} if outer else inner), **answer})  # T1


def _refused_generation(account: Account, message: str) -> Refusal:
    _count_refused_generation(account)
    return _not_authenticated(account.switches["generation_failure_status"], message)


def _count_refused_generation(account: Account) -> None:
    if account.switches["refused_generation_counts"]:  # T6
        account.generations.append(account.now())


def _authenticate(account: Account, headers: Headers, body: Body) -> None:
    bearer, key = headers.get("Authorization"), headers.get("apiKey")
    settings = account.switches
    if bearer and key:
        raise _authentication_failure(account)  # A3
    if settings["auth_mode"] == "BASIC_AUTH" and not key:
        raise _not_authenticated(settings["auth_failure_status"], "Api Key Should Not be Null or Empty.")  # A4
    if settings["auth_mode"] == "TOKEN_AUTH" and not bearer:
        raise _not_authenticated(settings["auth_failure_status"], "Token Should Not be Null or Empty.")  # A4
    if not body.get("userName"):
        raise _not_authenticated(settings["auth_failure_status"], "Username Should Not be Null or Empty.")  # G3
    if bearer:
        good = bearer.startswith("Bearer ") and account.accepts(bearer[len("Bearer ") :])  # A2
    else:
        good = key == account.api_key
    if not good or body["userName"] != account.username:
        raise _authentication_failure(account)


def _authentication_failure(account: Account) -> Refusal:
    words, status = account.switches["auth_failure_words"], account.switches["auth_failure_status"]
    if words == "Authentication failed":
        return Refusal(Reply(status, _error(account, words)))  # C6
    return _not_authenticated(status, words)  # G3


# -- what is asked of a group (C6, C7, U5) ---------------------------------------------------------


def _check_text(account: Account, name: Any, description: Any) -> None:
    if not isinstance(name, str) or not 2 <= len(name) <= 50 or "@" in name:
        raise _refuse_data(account, "name", f"Name ({name}) allows 2 to 50 characters only")  # C6, C8
    if not isinstance(description, str) or not 2 <= len(description) <= 100:
        raise _refuse_data(account, "name", f"Name ({name}) allows 2 to 50 characters only")  # C7


def _check_expiry(account: Account, body: Body) -> Optional[str]:
    expiry = body.get("expiryDate")
    if expiry is None:
        if account.switches["expiry_required"]:
            raise _refuse(account, "Parameters are mandatory")
        return None
    try:
        is_past = end_of(str(expiry)) <= account.now()
    except ValueError:
        raise _refuse_data(account, "expiryDate", "Expiry date is invalid") from None
    if is_past and account.switches["past_expiry"] == "refuse":
        raise _refuse_data(account, "expiryDate", "Expiry date is past")
    return str(expiry)


def _numbers(account: Account, body: Body) -> List[str]:
    numbers = body.get("blockNumbers")
    if not isinstance(numbers, list) or not numbers or len(numbers) > MOST_NUMBERS:
        raise _refuse_data(account, "blockNumbers", BAD_NUMBERS)
    numbers = [number if isinstance(number, str) else repr(number) for number in numbers]
    if account.switches["malformed"] == "refuse_batch" and not all(map(account.well_formed, numbers)):
        raise _refuse_data(account, "blockNumbers", BAD_NUMBERS)  # C6
    return numbers


# -- create (C1 to C9) -----------------------------------------------------------------------------


def _create(account: Account, body: Body) -> Reply:
    settings = account.switches
    if not body.get("name") or not body.get("description") or not body.get("blockNumbers"):
        raise _refuse(account, "Parameters are mandatory")  # C6
    expiry = _check_expiry(account, body)
    _check_text(account, body["name"], body["description"])
    elements = _elements(account, body["blockNumbers"])
    group = account.named(body["name"])
    if group is not None and settings["duplicate_group"] == "refuse":
        raise _refuse(account, settings["duplicate_group_words"])  # C9
    if group is None or settings["duplicate_group"] == "second":
        group = account.make_group(body["name"], body["description"], expiry)
    return Reply(200, _created(account, group, body, elements))


def _elements(account: Account, numbers: Any) -> List[str]:
    """A string is one element and never split (C4), though joined good numbers pass; a list may be refused (C9)."""
    if isinstance(numbers, str):
        good = all(map(account.well_formed, numbers.split(",")))
        if not good and account.switches["malformed"] == "refuse_batch":
            raise _refuse_data(account, "blockNumbers", BAD_NUMBERS)
        return [numbers]
    if account.switches["create_accepts"] != "any":
        raise _refuse_data(account, "blockNumbers", BAD_NUMBERS)
    return _numbers(account, {"blockNumbers": numbers})


def _created(account: Account, group: Group, body: Body, elements: List[str]) -> Body:
    settings = account.switches
    succes: List[str] = []
    error: List[str] = []
    held = account.held(group)
    elsewhere = set(account.anywhere()).difference(held) if settings["unique_numbers"] == "refuse" else set()
    for element in elements:
        if not account.well_formed(element):
            error.append(element)  # C4: a joined string, or malformed
            continue
        number = account.canonical(element)
        if number in elsewhere:
            error.append(number)  # N2
            continue
        if settings["create_blocks"] and number not in held:
            _put(account, group, number)
        place = {"succes": succes, "error": error}.get(settings["create_confirms"])
        if place is not None:
            place.append(number)  # N1
    return {
        "status": settings["success_word"],
        "message": "created",
        "input": {"name": group.name, "description": body["description"], "blockNumbers": elements},
        "output": {"affectedRows": 1, "lastInsertId": group.id, "succes": succes, "error": error},
    }  # C3


def _put(account: Account, group: Group, number: str) -> None:
    """Puts a number into a group, out of any other where it is unique and moves (N2)."""
    if account.switches["unique_numbers"] == "move":
        account.remove_everywhere([number], account.groups)
    group.numbers.append(number)


# -- update (U1 to U6) -----------------------------------------------------------------------------


def _update(account: Account, body: Body) -> Reply:
    settings = account.switches
    required = ["groupName", "blockNumbers"]
    if settings["description_required_on_update"]:
        required.append("description")
    if any(not body.get(key) for key in required):
        raise _refuse(account, "Parameters are mandatory")  # U5
    expiry = _check_expiry(account, body)
    numbers = _numbers(account, body)
    group = account.named(body["groupName"])
    if group is None:
        raise _unknown_group(account, body)  # U5, U6
    held = account.held(group)
    if settings["update_takes_description"] and body.get("description"):
        group.description = body["description"]
    if settings["update_takes_expiry"] and expiry:
        group.expiry_date = expiry
    return Reply(200, _updated(account, group, held, numbers))


def _updated(account: Account, group: Group, held: List[str], numbers: List[str]) -> Body:
    settings = account.switches
    before, present = set(account.anywhere()), set(held)
    lists: Dict[str, List[str]] = {"succes": [], "error": [], "nowhere": []}
    inserted = new = 0
    for given in numbers:
        number = account.canonical(given)
        unknown_here = number not in present
        refused = settings["unique_numbers"] == "refuse" and unknown_here and number in before
        if refused or not account.well_formed(given):
            lists["error"].append(number)  # U6
        elif not unknown_here:
            lists[settings["present_listed"]].append(number)
        else:
            _put(account, group, number)
            present.add(number)
            inserted += 1
            new += number not in before
            lists["succes"].append(number)
    output: Body = {"succes": lists["succes"], "error": lists["error"]}
    if settings["counters"] != "absent":
        full = settings["counters"] == "full"
        output.update(new=len(numbers) if full else new, inserted=len(numbers) if full else inserted)
    sent = {"id": group.id, "blockNumbers": numbers}
    return {"status": settings["success_word"], "message": "updated", "input": sent, "output": output}  # U3


# -- delete (X1 to X3), probe (N5) -----------------------------------------------------------------


def _delete(account: Account, body: Body) -> Reply:
    settings = account.switches
    scope = settings["delete_scope"]
    if not body.get("blockNumbers") or (scope == "needs_id" and body.get("id") is None):
        raise _refuse(account, "Parameters are mandatory")
    numbers = _numbers(account, body)
    group = account.with_id(body["id"]) if body.get("id") is not None else None
    if group is None and scope == "by_name" and body.get("id") is None:
        group = account.named(body.get("groupName", ""))
    groups = [group] if group is not None else []
    if scope == "account_wide":
        groups = account.groups
    elif group is None and (body.get("id") is None or settings["delete_of_unknown_id"] == "refuse"):
        raise _unknown_group(account, body)
    held = {number for group in groups for number in account.held(group)}
    absent = [n for n in numbers if settings["absent_listed"] == "error" and account.canonical(n) not in held]
    deleted = account.remove_everywhere([account.canonical(number) for number in numbers], groups)
    output: Body = {"success": [number for number in numbers if number not in absent], "error": absent}
    counter = settings["counters"] if settings["deleted_counter"] == "as counters" else settings["deleted_counter"]
    if counter != "absent":
        output["deleted"] = len(numbers) if counter == "full" else deleted
    sent: Body = {"blockNumbers": numbers}
    if group is not None or body.get("id") is not None:
        sent = {"id": body["id"] if group is None else group.id, **sent}
    return Reply(200, {"status": settings["success_word"], "message": "deleted", "input": sent, "output": output})  # X2


def _probe(account: Account, body: Body) -> Reply:
    if account.switches["unknown_campaign"] == "error":
        raise _refuse(account, "No campaign found")  # N5
    return Reply(200, {"status": account.switches["success_word"], "message": "", "data": []})  # N5


_PERFORM = {"create": _create, "update": _update, "delete": _delete, "probe": _probe}
