# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the transcript of a probe and gives the switches that make the simulator answer as that account does.

It looks at the transcript alone: how the collection reads answers is not what is tested with it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from .switches import SWITCHES, UnknownSwitch, checked

Line = Dict[str, Any]
_MISSING = (404, 405)
_NUMBERS_FIELD = "blocknumbers"  # C6
_MANDATORY = "parameters are mandatory"  # C6, U5
_LENGTHS = (1, 2, 3, 16, 17, 20)
_JWT = re.compile(r"\(a JWT that lives for ([0-9]+) s\)")
_TOKENS = ("(a JWT ", "(a token ")  # how what stands for a token begins
_CREATED = ("create_list", "create_list_dated", "create_string", "create_string_dated")
_FIELDS: Dict[str, Any] = {
    "question": str,
    "status": (int, type(None)),
    "sent": dict,
    "headers": dict,
    "answer": (dict, type(None)),
}
_NEVER_TOLD = frozenset({"latency", "set_cookie", "read_only"})


class NoTranscript(ValueError):
    """A file is no transcript of a probe."""


@dataclass
class Replay:
    """What a transcript tells: the switches, those it does not tell, and what no switch plays, in words."""

    switches: Dict[str, Any] = field(default_factory=dict)
    untold: List[str] = field(default_factory=list)
    unplayable: List[str] = field(default_factory=list)


def read(path: str) -> Replay:
    """Reads a transcript. Raises NoTranscript that says what is wrong and in which line, OSError."""
    with open(path, "rb") as file:
        lines = [_line(text, number) for number, text in enumerate(file, 1) if text.strip()]
    if not lines or lines[0].get("transcript") != 1:
        raise NoTranscript(f"{path} is no transcript of a probe: its first line does not say so")
    told = Told(lines[0], {str(line["question"]): line for line in lines if "question" in line})
    replay = Replay(unplayable=list(told.unplayable()))
    for name in SWITCHES:
        value = READ[name](told) if name in READ else None
        try:
            if value is not None:
                replay.switches[name] = checked(name, value)
            elif name not in _NEVER_TOLD:
                replay.untold.append(name)
        except UnknownSwitch as error:  # an account may do what no switch foresees
            replay.unplayable.append(f"{SWITCHES[name][2]}: {error}")
            replay.untold.append(name)
    return replay


def _line(text: bytes, number: int) -> Line:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise NoTranscript(f"line {number} is no JSON object")
    problem = _problem(line) if "question" in line else None
    if problem is not None:
        raise NoTranscript(f"line {number} is no exchange of a probe: {problem}")
    return line


def _problem(line: Line) -> Optional[str]:
    """Why a line is not as a probe writes down an exchange."""
    for name, kinds in _FIELDS.items():
        if not isinstance(line.get(name), kinds):
            return f"{name} is missing, or of another kind"
    numbers = line["sent"].get("blockNumbers", "")
    if isinstance(numbers, str) or (_texts(numbers) and _texts(numbers) == numbers):
        return None
    return "blockNumbers is neither a text nor a list of texts"


def _texts(value: Any) -> List[str]:
    """The texts of a list, none of what is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


class Told:
    """The exchanges of a transcript by question."""

    def __init__(self, header: Line, asked: Dict[str, Line]) -> None:
        self.header = header
        self.asked = asked

    def answer(self, question: str) -> Dict[str, Any]:
        """The JSON of an answer."""
        answer = self.asked.get(question, {}).get("answer")
        return answer if isinstance(answer, dict) else {}

    def status(self, question: str) -> Any:
        """The HTTP status of an answer, None where there was none."""
        return self.asked.get(question, {}).get("status")

    def taken(self, question: str) -> bool:
        """Whether it was answered with success."""
        return str(self.answer(question).get("status")).lower() == "success"

    def missing(self, question: str) -> bool:
        """Whether the path was not served."""
        return self.status(question) in _MISSING and not self.answer(question)

    def refused(self, question: str) -> bool:
        """Whether the application has refused it."""
        answer, status = self.answer(question), self.status(question)
        return "status" in answer and not self.taken(question) and status is not None and status < 500

    def message(self, question: str) -> str:
        """The words of an answer."""
        return str(self.answer(question).get("message") or "")

    def for_its_form(self, question: str) -> bool:
        """Whether it was refused for the form of its numbers (C6)."""
        errors = self.answer(question).get("errors")
        return isinstance(errors, dict) and {key.lower() for key in errors} == {_NUMBERS_FIELD}

    def mandatory(self, question: str) -> bool:
        """Whether it was refused for something that was left out."""
        return self.refused(question) and self.message(question).lower().rstrip(".") == _MANDATORY

    def output(self, question: str) -> Dict[str, Any]:
        """The part of an answer that has lists and counters."""
        return self._part(question, "output")

    def group_id(self, question: str) -> Any:
        """The id that update tells."""
        return self._part(question, "input").get("id")

    def _part(self, question: str, name: str) -> Dict[str, Any]:
        part = self.answer(question).get(name)
        return part if isinstance(part, dict) else {}

    def listed(self, question: str, name: str) -> List[str]:
        """What one of the two lists of an answer names, "error" or "succes", which may be written as success (X2)."""
        output = self.output(question)
        return _texts(output.get(name)) or (_texts(output.get("success")) if name == "succes" else [])

    def place(self, question: str, number: str) -> Optional[str]:
        """The list in which a number stands: succes, error or nowhere; None without an answer."""
        if not self.taken(question):
            return None
        for name in ("error", "succes"):
            if any(_is(entry, number) for entry in self.listed(question, name)):
                return name
        return "nowhere"

    def inserted(self, question: str) -> Optional[int]:
        """What update has counted."""
        return _whole(self.output(question).get("inserted"))

    def new(self, question: str, number: str) -> Optional[bool]:
        """Whether a number was missing before an update with it alone."""
        if not self.taken(question):
            return None
        if _counters(self) == "truthful":
            return bool(self.inserted(question))
        place, present = self.place(question, number), self.place("add_again", self.numbers("add_again")[0])
        if present in (None, "succes"):
            return None
        return True if place == "succes" else False if place == present else None

    def numbers(self, question: str) -> List[str]:
        """The numbers of a request."""
        sent = self.asked.get(question, {}).get("sent", {}).get("blockNumbers", [""])
        return [sent] if isinstance(sent, str) else sent

    def refusals(self) -> Iterator[str]:
        """What the application has refused, but for credentials and tokens, which have a status of their own."""
        apart = ("generate", "status", "made_up_credential", "other_kind", "both_headers", "earlier_token")
        return (question for question in self.asked if question not in apart and self.refused(question))

    def unplayable(self) -> Iterator[str]:
        """What no switch plays, in words."""
        if self.taken("unknown_group"):
            yield "U5: an update of a group that does not exist is taken"
        if self.taken("letters") and self.place("letters", self.numbers("letters")[0]) == "succes":
            yield "N2: letters are taken"
        if _scope(self) == "by_name" and self.taken("delete_without_group"):
            yield "X3: a delete without a group is taken, and one with another name is not"
        if self.taken("both_headers"):
            yield "A3: both headers are taken"


def _is(entry: str, number: str) -> bool:
    digits, wanted = "".join(filter(str.isdigit, entry)), number.lstrip("+")
    return entry == number or (bool(digits) and digits in (wanted, f"91{wanted}"))


def _whole(value: Any) -> Optional[int]:
    text = str(value)
    return int(text) if text.isdecimal() else None


# -- one function for each switch: its value, or None where the transcript does not tell it ----------------------------


def _made(told: Told) -> Optional[str]:
    return next((question for question in _CREATED if told.taken(question)), None)


def _duplicate_group(told: Told) -> Optional[str]:
    for question in ("second_name", "second_group"):
        if told.taken(question):
            made, first = _whole(told.output(question).get("lastInsertId")), _whole(_group_id(told))
            return None if None in (made, first) else "merge" if made == first else "second"
    return "refuse" if _refused_for_its_name(told) else None


def _refused_for_its_name(told: Told) -> Optional[str]:
    """The question in which a name was refused since it exists, in words that nobody has documented."""
    for question in ("second_name", "second_group"):
        documented = told.mandatory(question) or told.message(question).lower().startswith("invalid data")
        if told.refused(question) and not documented:
            return question
    return None


def _group_id(told: Told) -> Any:
    ids = [told.group_id(question) for question in ("add_new", "after_create", "update")]
    made = _made(told)
    created = told.output(made).get("lastInsertId") if made else None
    return next((group_id for group_id in [*ids, created] if group_id is not None), None)


def _duplicate_words(told: Told) -> Optional[str]:
    question = _refused_for_its_name(told)
    return told.message(question) if question else None


def _create_accepts(told: Told) -> Optional[str]:
    if told.taken("create_list") or told.taken("create_list_dated"):
        return "any"
    return "string" if told.for_its_form("create_list") or told.for_its_form("create_list_dated") else None


def _create_confirms(told: Told) -> Optional[str]:
    made = _made(told)
    return None if made is None else told.place(made, told.numbers(made)[0])


def _create_blocks(told: Told) -> Optional[bool]:
    if _made(told) is None:
        return None
    if _update_path(told) == "none":  # then a removal tells
        deleted = _whole(told.output("delete_by_id").get("deleted"))
        if deleted is not None and _deleted_counter(told) == "truthful":
            return deleted > 0
        listed = told.place("delete_by_id", told.numbers("delete_by_id")[0])
        return listed == "succes" if _absent_listed(told) == "error" else None
    was_missing = told.new("after_create", told.numbers("after_create")[0])
    return None if was_missing is None else not was_missing


def _update_path(told: Told) -> Optional[str]:
    newer, older = _is_served(told, "update"), _is_served(told, "update_older_path")
    if newer is None or older is None:
        return None
    paths = {(True, True): "both", (True, False): "singular", (False, True): "plural", (False, False): "none"}
    return paths[newer, older]


def _is_served(told: Told, question: str) -> Optional[bool]:
    return False if told.missing(question) else True if told.taken(question) or told.refused(question) else None


def _missing_status(told: Told) -> Any:
    return next((told.status(q) for q in ("update", "update_older_path") if told.missing(q)), None)


def _unknown_words(told: Told) -> Optional[str]:
    if not told.refused("unknown_group") or told.for_its_form("unknown_group"):
        return None
    name = str(told.asked["unknown_group"]["sent"].get("groupName"))
    return told.message("unknown_group").replace(name, "{name}")


def _present_listed(told: Told) -> Optional[str]:
    return told.place("add_again", told.numbers("add_again")[0])


def _counters(told: Told) -> Optional[str]:
    if not told.taken("add_new") or not told.taken("add_again"):
        return None
    first, again = told.inserted("add_new"), told.inserted("add_again")
    if first is None:
        return "absent"
    return "full" if again else "truthful" if first else None


def _deleted_counter(told: Told) -> Optional[str]:
    first, again = (_whole(told.output(question).get("deleted")) for question in ("delete_by_id", "delete_again"))
    if not told.taken("delete_by_id") or not told.taken("delete_again"):
        return None
    return "absent" if first is None else "full" if again else "truthful"


def _malformed(told: Told) -> Optional[str]:
    if told.for_its_form("add_beside_bad"):
        return "refuse_batch"
    bad = told.numbers("add_beside_bad")[-1]
    return "list_alone" if told.place("add_beside_bad", bad) == "error" else None


def _refuses(told: Told, question: str) -> Optional[bool]:
    """Whether a number was refused for its form: with its request, or listed as failed though it was not there."""
    if told.for_its_form(question):
        return True
    place = told.place(question, told.numbers(question)[0])
    return None if place is None else place == "error"


def _lengths(told: Told, taken: bool) -> List[int]:
    return [length for length in _LENGTHS if _refuses(told, f"digits_{length}") is (not taken)]


def _fewest(told: Told) -> Optional[int]:
    taken = [length for length in _lengths(told, True) if length <= 3]
    return min(taken) if taken else 4 if 3 in _lengths(told, False) else None


def _most(told: Told) -> Optional[int]:
    taken = [length for length in _lengths(told, True) if length >= 16]
    return max(taken) if taken else 15 if 16 in _lengths(told, False) else None


def _refused_numbers(told: Told) -> str:
    """Numbers of the usual form that were refused, each as it was sent."""
    usual = ("add_new", "without_description", "without_expiry")
    refused = [told.numbers(question)[0] for question in usual if _refuses(told, question)]
    return "|".join(map(re.escape, refused))


def _absent_listed(told: Told) -> Optional[str]:
    if told.place("delete_again", told.numbers("delete_again")[0]) is None:
        return None
    return "error" if told.place("delete_again", told.numbers("delete_again")[0]) == "error" else "success"


def _number_form(told: Told) -> Optional[str]:
    sent = told.numbers("without_plus")
    entries = [*told.listed("without_plus", "succes"), *told.listed("without_plus", "error")]
    if not told.taken("without_plus") or not entries:
        return None
    return "domestic" if f"+91{sent[0]}" in entries else "as_given" if sent[0] in entries else None


def _needed(question: str) -> Callable[[Told], Optional[bool]]:
    def read_it(told: Told) -> Optional[bool]:
        return True if told.mandatory(question) else False if told.taken(question) else None

    return read_it


def _expiry_required(told: Told) -> Optional[bool]:
    by_update = _needed("without_expiry")(told)
    return _needed("create_list")(told) if by_update is None else by_update


def _past_expiry(told: Told) -> Optional[str]:
    return "refuse" if told.refused("past_expiry") else "take" if told.taken("past_expiry") else None


def _vanish(told: Told) -> Optional[bool]:
    """A group that has lost its numbers shows two things; one that has not, neither."""
    gone = told.new("after_past_expiry", told.numbers("after_past_expiry")[0]) if told.taken("past_expiry") else None
    return True if gone else None


def _scope(told: Told) -> Optional[str]:
    if told.taken("delete_other_name"):
        return "account_wide"
    if told.taken("delete_by_name") and told.refused("delete_other_name"):
        return "by_name"
    return "needs_id" if told.mandatory("delete_by_name") and told.taken("delete_by_id") else None


def _unknown_id(told: Told) -> Optional[str]:
    if told.refused("delete_unknown_id"):
        return "refuse"
    return "nothing" if told.taken("delete_unknown_id") and _scope(told) in ("by_name", "needs_id") else None


def _campaign(told: Told) -> Optional[str]:
    return None if _auth_mode(told) is None else "success" if told.taken("status") else "error"


def _auth_mode(told: Told) -> Optional[str]:
    both_refused = told.refused("status") and told.refused("made_up_credential")
    answered = both_refused and told.message("status") != told.message("made_up_credential")
    if not told.taken("status") and not answered:  # an unknown campaign may be an error, too
        return None
    return "TOKEN_AUTH" if told.header.get("auth") == "token" else "BASIC_AUTH"


def _made_up(look: Callable[[Told, str], Any]) -> Callable[[Told], Any]:
    return lambda told: look(told, "made_up_credential") if told.refused("made_up_credential") else None


def _place_of_token(told: Told) -> Optional[Tuple[str, str]]:
    answer = told.answer("generate")
    for place in ("token", "authToken", "data.token", "data.authToken"):
        value: Any = answer
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and value.startswith(_TOKENS):
            return place, value
    return None


def _token_field(told: Told) -> Optional[str]:
    found = _place_of_token(told)
    return found[0] if found else None


def _token_form(told: Told) -> Optional[str]:
    found = _place_of_token(told)
    return None if found is None else "jwt" if _JWT.fullmatch(found[1]) else "opaque"


def _lifetime(told: Told) -> Optional[str]:
    found = _place_of_token(told)
    jwt = _JWT.fullmatch(found[1]) if found else None
    return jwt.group(1) if jwt else None


def _token_message(told: Told) -> Optional[str]:
    return told.message("generate") if _place_of_token(told) else None


def _success_word(told: Told) -> Any:
    return next((told.answer(question)["status"] for question in told.asked if told.taken(question)), None)


def _error_word(told: Told) -> Optional[str]:
    words = [told.answer(question)["status"] for question in told.refusals()]
    return None if not words else "false-boolean" if words[0] is False else str(words[0])


def _error_http(told: Told) -> Any:
    return next((told.status(question) for question in told.refusals()), None)


def _limited(told: Told) -> Optional[Line]:
    for question, line in told.asked.items():
        if line.get("status") == 429 or told.message(question).lower().startswith("max limit exceeded"):
            return line
    return None


def _limit_status(told: Told) -> Any:
    return (_limited(told) or {}).get("status")


def _retry_after(told: Told) -> Optional[str]:
    found: Optional[str] = (_limited(told) or {}).get("headers", {}).get("Retry-After")
    return found


READ: Dict[str, Callable[[Told], Any]] = {
    "duplicate_group": _duplicate_group,
    "duplicate_group_words": _duplicate_words,
    "create_accepts": _create_accepts,
    "create_confirms": _create_confirms,
    "create_blocks": _create_blocks,
    "update_path": _update_path,
    "missing_endpoint_status": _missing_status,
    "unknown_group_words": _unknown_words,
    "present_listed": _present_listed,
    "counters": _counters,
    "deleted_counter": _deleted_counter,
    "malformed": _malformed,
    "fewest_digits": _fewest,
    "most_digits": _most,
    "refused_numbers": _refused_numbers,
    "update_takes_expiry": _vanish,
    "description_required_on_update": _needed("without_description"),
    "expiry_required": _expiry_required,
    "past_expiry": _past_expiry,
    "expired_numbers_vanish": _vanish,
    "delete_scope": _scope,
    "delete_of_unknown_id": _unknown_id,
    "absent_listed": _absent_listed,
    "number_form": _number_form,
    "unknown_campaign": _campaign,
    "auth_mode": _auth_mode,
    "auth_failure_status": _made_up(Told.status),
    "auth_failure_words": _made_up(Told.message),
    "token_lifetime": _lifetime,
    "token_field": _token_field,
    "token_form": _token_form,
    "token_message": _token_message,
    "error_http": _error_http,
    "success_word": _success_word,
    "error_word": _error_word,
    "rate_limit_status": _limit_status,
    "retry_after": _retry_after,
}
