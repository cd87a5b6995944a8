# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phone numbers: read, clean, canonicalise, split into batches.

A number is *given* (as written in the list) and *canonical* (as compared and sent): an optional ``+`` and ASCII
digits, E.164 when a region is known and the number can be one. Whether the server takes a number is its own decision;
here only what cannot be dialled digits at all is a fault.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Tuple, TypeVar

from .errors import Fault, MissingLibrary

_SEPARATORS = frozenset(" \t\u00a0\u202f\u2007-\u2010\u2011\u2012\u2013\u2014\u2015\u2212.()/")
_PLAIN = re.compile(r"\+?[0-9]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]{4,}[.,][0-9]{1,2}")
_SHOWN = 60

Canonicalise = Callable[[str], str]
"""Takes an optional ``+`` and digits, gives the form in which numbers are compared and sent."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Number:
    """One number of a list: as given, canonical, and where it was first seen (such as "block_numbers, entry 4")."""

    given: str
    canonical: str
    where: str


@dataclass(frozen=True)
class Reading:
    """A list as read: distinct numbers in their order, every fault, and how many entries repeat an earlier number."""

    numbers: Tuple[Number, ...]
    faults: Tuple[Fault, ...]
    duplicates: int


def dialled_digits(text: str) -> str:
    """Gives an optional ``+`` and ASCII digits of one number; raises ValueError that says what is wrong.

    Spaces, hyphens, dots, brackets, slashes and invisible marks of copied text are dropped; digits of other scripts
    are read as what they are.
    """
    visible = "".join(_as_ascii(c) for c in text if unicodedata.category(c) != "Cf").strip()
    _refuse_spreadsheet_damage(visible)
    if any(sum(len(_digits_of(part)) >= 10 for part in parts) > 1 for parts in (visible.split(), visible.split("/"))):
        raise ValueError("holds more than one number; give one number an entry")
    cleaned = "".join(c for c in visible.lstrip("'") if c not in _SEPARATORS)
    if _PLAIN.fullmatch(cleaned):
        return cleaned
    raise ValueError(_what_is_wrong(visible, cleaned))


def _refuse_spreadsheet_damage(text: str) -> None:
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(
            "is in scientific notation, so digits are lost; a spreadsheet wrote it: format the column as text"
        )
    if _DECIMAL.fullmatch(text):
        raise ValueError("is a decimal number; a spreadsheet or unquoted YAML wrote it: format it as text")


def _digits_of(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _as_ascii(character: str) -> str:
    if character == "\uff0b":
        return "+"
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _what_is_wrong(visible: str, cleaned: str) -> str:
    if not cleaned.strip("+"):
        return "is empty; remove the entry or fill in a number"
    if any(c in visible for c in ",;|"):
        return "holds more than one number or a stray comma; give one number an entry"
    if any(c.isalpha() for c in cleaned):
        return "holds letters; only digits, separators and a leading + can be dialled"
    if "+" in cleaned[1:]:
        return "has a + that is not at its beginning"
    wrong = next(c for c in cleaned if not (c.isascii() and (c.isdigit() or c == "+")))
    return f"holds the character {wrong!r}; only digits, separators and a leading + can be dialled"


def read_numbers(entries: Sequence[str], option: str, canonicalise: Canonicalise) -> Reading:
    """Reads a list of entries of ``option``; collects every fault instead of stopping at the first."""
    numbers: Dict[str, Number] = {}
    faults: List[Fault] = []
    for position, entry in enumerate(entries, start=1):
        where = f"{option}, entry {position}"
        try:
            canonical = canonicalise(dialled_digits(entry))
        except ValueError as problem:
            faults.append(Fault(where, f"{entry[:_SHOWN]!r} {problem}"))
            continue
        numbers.setdefault(canonical, Number(entry, canonical, where))
    return Reading(tuple(numbers.values()), tuple(faults), len(entries) - len(faults) - len(numbers))


def as_it_stands(digits: str) -> str:
    """The canonical form where no region is known: the digits as they stand, with their ``+`` if they have one."""
    return digits


def canonicaliser(region: Optional[str]) -> Canonicalise:
    """Gives the canonical form for a region (ISO 3166 country, "IN"), or for none.

    With a region: E.164 for what can be a number there, the digits as they stand for the rest (a spoofed or short
    number is odd and still blockable). Raises MissingLibrary without `phonenumbers`, ValueError for an unknown region.
    """
    if region is None:
        return as_it_stands
    try:
        import phonenumbers
    except ImportError as error:
        raise MissingLibrary("phonenumbers", "for the option default_region") from error
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{region!r} is not a country; give its two capital letters of ISO 3166, such as IN")

    def parsed(text: str) -> Optional[str]:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return None
        # Not is_possible_number: that also takes numbers without their area code, which have no E.164 form.
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            return None
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def to_e164(digits: str) -> str:
        e164 = parsed(digits)
        # A number of many leading zeros loses one with each reading; such a number has no E.164 form.
        return e164 if e164 is not None and parsed(e164) == e164 else digits

    return to_e164


def possible_lines(canonical: str) -> FrozenSet[str]:
    """Every line (digits with country code where one can be meant) that this number might reach.

    Used where a mistake would hurt: two numbers that share one may be the same telephone. Wide on purpose: ten digits
    are also read as Indian (contract N1, inferred), leading zeros as a trunk or international prefix, and so is the
    zero in "+91 (0) …".
    """
    digits = canonical.lstrip("+")
    forms = {digits}
    if not canonical.startswith("+"):
        forms.add(digits.lstrip("0") or digits)
        forms.update([f"91{form}" for form in forms if len(form) == 10])
    forms.update([f"91{form[3:]}" for form in forms if len(form) == 13 and form.startswith("910")])
    return frozenset(forms)


def lines_of(numbers: Iterable[str]) -> FrozenSet[str]:
    """All possible lines of many canonical numbers."""
    return frozenset(line for number in numbers for line in possible_lines(number))


class AnswerIndex:
    """Finds the numbers of one batch in the lists of an answer, which are written in the server's own form (N1)."""

    def __init__(self, canonicals: Sequence[str]) -> None:
        self._international: Dict[str, List[str]] = {}
        self._as_sent: Dict[str, List[str]] = {}
        for canonical in canonicals:
            self._as_sent.setdefault(canonical.lstrip("+"), []).append(canonical)
            for line in possible_lines(canonical):
                if len(canonical) != 10 or line != canonical:  # ten digits never become an international number as such
                    self._international.setdefault(line, []).append(canonical)

    def find(self, listed: Iterable[str]) -> FrozenSet[str]:
        """The canonical numbers of the batch that the server's list names.

        Several numbers of a batch that the server writes alike are all found: to the server they are one.
        """
        found = set()
        for entry in listed:
            for text in entry.split(","):
                digits = _digits_of(text)
                international = self._international.get(digits, [])
                found.update(international if "+" in text else self._as_sent.get(digits) or international)
        return frozenset(found)


def batches(items: Sequence[Item], size: int) -> Iterator[Tuple[Item, ...]]:
    """Splits into parts of at most ``size``, in order; nothing is lost or doubled."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
