# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phone numbers: one entry of a list becomes a canonical number, or a fault.

A number is *given* (as written in the list) and *canonical* (as compared and sent): an optional ``+`` and 3 to 16 ASCII
digits (contract N2), E.164 when a region is known and the number can be one. Whether the server takes a number is its
own decision; here only what cannot be dialled, or was damaged on its way into the list, is a fault.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional, Tuple

FEWEST_DIGITS, MOST_DIGITS = 3, 16  # N2

_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SEPARATORS = frozenset(f" \t\u00a0\u202f\u2007{_HYPHENS}.()/")
_BETWEEN = f"[{re.escape(''.join(sorted(_SEPARATORS - {'(', ')'})))}]*"
_PLAIN = re.compile(r"\+?[0-9]+")
_as_sent = re.compile(rf"\+?[0-9]{{{FEWEST_DIGITS},{MOST_DIGITS}}}").fullmatch
# Digits between blanks, hyphens and brackets that no rule below can mean: no date begins so, no minus sign comes first,
# no zero stands alone in brackets but before all other digits.
_as_common = re.compile(r"(?![0-9]{1,4}-[0-9]{1,2}-)\(?\+?[0-9][0-9 )-]*(?:\([0-9]{2}[0-9 )-]*)?").fullmatch
_PREFIX = re.compile(r"(tel|callto)\b[\s.:]*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]{4,}[.,][0-9]{1,3}|[0-9]{7,}[.,][0-9]{1,6})")
_NEGATIVE = re.compile(rf"[\s(]*[{re.escape(_HYPHENS)}]+[\s(]*\+?[\s(]*[0-9]")
_YEAR, _MONTH, _DAY = "(19|20)[0-9]{2}", "(0?[1-9]|1[0-2])", "(0?[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(
    rf"({_YEAR}(?P<a>[-/.]){_MONTH}(?P=a){_DAY}"
    rf"|({_DAY}(?P<b>[-/.]){_MONTH}(?P=b)|{_MONTH}(?P<c>[-/.]){_DAY}(?P=c))({_YEAR}|[0-9]{{2}}))([T ].*)?",
    re.DOTALL,
)
# "+91 (0) 99999 00001": the zero in brackets is dialled inside the country only.
_TRUNK_ZERO = re.compile(rf"([\s(]*(?:\+|00)?[\s(]*[1-9][0-9]{{0,2}}[\s)]*){_BETWEEN}\(\s*0\s*\)")
_SECOND_NUMBER, _WHOLE_NUMBER = 7, 10
_BEGINS_ANEW = re.compile(r"[+\r\n]")
_ALTERNATIVE = re.compile(r"/|\.\.+")
_PARAMETER = re.compile(r";\s*[A-Za-z-]+\s*=")
_OVERRIDES = frozenset("\u202d\u202e")
_EXTENSION = re.compile(r"(\bx|[0-9]\s*x|ext|extn|extension|;\s*ext\s*=)\s*[:.]?\s*[0-9]{1,7}\s*\Z", re.IGNORECASE)
_LOOK_LIKE_DIGITS = str.maketrans("OoΟοОоlI", "00000011")  # Greek and Cyrillic ones, too
_SHOWN = 60

Read = Callable[[str], str]
"""Takes the text of an entry, gives its canonical number; raises ValueError that says what is wrong."""


class Number(NamedTuple):
    """One number of a list: as given, canonical, where it stands (such as "block_numbers, entry 4"), and its note."""

    given: str
    canonical: str
    where: str
    note: Optional[str] = None


class Entry(NamedTuple):
    """One entry of a list: its place counted from 1, the number as given, and an expiry and a note of its own."""

    place: int
    given: Any
    expiry: Optional[str] = None
    note: Optional[str] = None


def dialled_digits(text: str) -> str:
    """Gives an optional ``+`` and 3 to 16 ASCII digits of one number; raises ValueError that says what is wrong.

    Spaces, hyphens, dots, brackets, slashes and invisible marks of copied text are dropped; digits of other scripts
    are read as what they are.
    """
    found = _as_sent(text)
    if found:
        return found[0]
    return short_reading(text) or long_reading(text)


def short_reading(text: str) -> Optional[str]:
    """Gives what `long_reading` gives for a common way to write a number, None for all other text."""
    if not _as_common(text):
        return None
    digits = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")  # str.translate takes longer
    # Of fewer digits no two numbers can be made.
    return digits if FEWEST_DIGITS <= len(digits.lstrip("+")) < 2 * _SECOND_NUMBER else None


def long_reading(text: str) -> str:
    """Does what `dialled_digits` does, and tries every rule on any text: about 8 µs."""
    if not _OVERRIDES.isdisjoint(text):
        raise ValueError("has an invisible mark that reverses the order of its digits; type the number again")
    visible = "".join(_as_ascii(c) for c in text if unicodedata.category(c) != "Cf").strip().lstrip("'")
    visible = _PREFIX.sub("", visible, count=1) if _PREFIX.match(visible) else visible
    _refuse_what_was_damaged(visible)
    visible = _TRUNK_ZERO.sub(r"\1", visible, count=1) if _TRUNK_ZERO.match(visible) else visible
    if _holds_several(visible):
        raise ValueError("holds more than one number, or a range; give one number per entry")
    cleaned = "".join(c for c in visible if c not in _SEPARATORS)
    if not _PLAIN.fullmatch(cleaned):
        raise ValueError(_what_is_wrong(visible, cleaned))
    return _of_possible_length(cleaned)


def _holds_several(text: str) -> bool:
    """Whether a blank, a plus or a line break separates two numbers, or behind a whole one stands an alternative, or
    the end of a range."""
    for parts in (text.split(), _BEGINS_ANEW.split(text)):
        if sum(len(_digits_of(part)) >= _SECOND_NUMBER for part in parts) > 1:
            return True
    *before, last = _ALTERNATIVE.split(text)
    return bool(_digits_of(last)) and any(len(_digits_of(part)) >= _WHOLE_NUMBER for part in before)


def _refuse_what_was_damaged(text: str) -> None:
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(
            "is in scientific notation, so digits are lost; a spreadsheet wrote it: format the column as text"
        )
    if _DECIMAL.fullmatch("".join(text.split())):
        raise ValueError("is a decimal number; a spreadsheet or unquoted YAML wrote it: format it as text")
    if _DATE.fullmatch(text):
        raise ValueError("is a date; give a telephone number")
    if _NEGATIVE.match(text):
        raise ValueError("begins with a minus sign; a spreadsheet or a bulleted list wrote it: leave the sign out")


def _digits_of(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _as_ascii(character: str) -> str:
    if character == "\uff0b":
        return "+"
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _what_is_wrong(visible: str, cleaned: str) -> str:
    if not cleaned.strip("+"):
        return "is empty; remove the entry or fill in a number"
    if _EXTENSION.search(visible) and _PLAIN.match(cleaned):
        return "has an extension; only a whole line can be blocked: leave the extension out"
    if _PARAMETER.search(visible):
        return "has a parameter after a semicolon; leave it out"
    if any(c in visible for c in ",;|"):
        return "holds more than one number or a stray comma; give one number per entry"
    if _PLAIN.fullmatch(cleaned.translate(_LOOK_LIKE_DIGITS)):
        letter = next(c for c in cleaned if c.isalpha())
        return f"holds the letter {letter!r} where a digit is meant; write 0 for O and 1 for l"
    if any(c.isalpha() for c in cleaned):
        return "holds letters; only digits, separators and a leading + can be dialled"
    if "+" in cleaned[1:]:
        return "has a + that is not at its beginning; leave it out"
    wrong = next(c for c in cleaned if not (c.isascii() and (c.isdigit() or c == "+")))
    return f"holds the character {wrong!r}; only digits, separators and a leading + can be dialled"


def _of_possible_length(number: str) -> str:
    digits = len(number.lstrip("+"))
    if digits < FEWEST_DIGITS:
        raise ValueError(f"has too few digits ({digits}); a number has {FEWEST_DIGITS} to {MOST_DIGITS}")
    if digits > MOST_DIGITS:
        raise ValueError(
            f"has too many digits ({digits}); a number has {FEWEST_DIGITS} to {MOST_DIGITS}. It looks like two numbers"
            " glued together: give one number per entry"
        )
    return number


def entry_text(entry: Any) -> str:
    """An entry of a list if it is text; raises ValueError for what YAML has made of an entry without quotes."""
    if isinstance(entry, str):
        return entry
    if entry is None:
        raise ValueError("is null; fill in a number or remove the entry")
    if isinstance(entry, bool):
        raise ValueError("is true or false, not a number; write the number in quotes")
    if isinstance(entry, (int, float)):
        kind = "a whole number" if isinstance(entry, int) else "a decimal number"
        raise ValueError(
            f"is {kind} to YAML, which may have dropped a leading + or zeros, or read the digits as octal: quote it"
            " where it is written, or use the filter 'string' where it is computed"
        )
    raise ValueError(f"is a {'list' if isinstance(entry, (list, tuple)) else 'mapping'}; give one number per entry")


def read_entries(
    entries: Iterable[Entry], read: Read, fault: Callable[[int, str], None]
) -> Iterator[Tuple[Entry, str]]:
    """Each entry with its canonical number. ``fault`` is told the place of one that cannot be read, and the problem."""
    for entry in entries:
        try:
            given = entry.given
            yield entry, read(given if given.__class__ is str else entry_text(given))
        except ValueError as problem:
            fault(entry.place, f"{_shown(entry.given)} {problem}")


def _shown(entry: Any) -> str:
    """An entry for a message; of a mapping or a list only what it is, since anything may stand in it."""
    if isinstance(entry, str):
        return repr(entry[:_SHOWN])
    return str(entry)[:_SHOWN] if isinstance(entry, (int, float)) else "the entry"


def reader(region: Optional[str]) -> Read:
    """Gives what reads the text of one entry: its canonical number for a region (ISO 3166 country, "IN"), or for none.

    With a region: E.164 for what can be a number there, the digits as they stand for the rest (a spoofed or short
    number is odd and still blockable). Raises MissingLibrary without `phonenumbers`, ValueError for an unknown region.
    """
    if region is None:
        return dialled_digits
    from .regions import in_region  # where there is none, nothing of it is needed

    canonical = in_region(region)
    return lambda text: canonical(dialled_digits(text))
