# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of a country: E.164 for what can be a number there, as the library `phonenumbers` gives it.

The library takes some 60 µs a number. A *short way* gives the same for common forms, and only where the country's
metadata shows that every step of the library's reading drops nothing, or a known thing. All else goes the *long way*,
through the library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Dict, FrozenSet, Match, Optional, Pattern

from .errors import MissingLibrary

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

ShortWay = Callable[[str], Optional[str]]
"""Takes an optional ``+`` and digits, gives the canonical form, or None where it does not know it."""

_NEVER = "(?!)"
_THREE_DIGITS = re.compile("[0-9]{3}")


@dataclass(frozen=True)
class _Numbering:
    """How a country's numbers are read, from its metadata."""

    code: str  # country calling code
    abroad: str  # a pattern: what is dialled before a call to another country
    prefix: str  # a pattern: what is dialled before a call within the country
    prefix_groups: int
    rewrites: bool  # whether a prefix may be replaced instead of dropped
    shape: str  # a pattern: what all its numbers look like, without code and prefix
    lengths: FrozenSet[int]  # of whole numbers, without code and prefix
    longest: int


def library_version() -> Optional[str]:
    """The version of phonenumbers, None where it cannot be imported."""
    try:
        import phonenumbers
    except ImportError:
        return None
    return str(phonenumbers.__version__)


def in_region(region: str) -> Callable[[str], str]:
    """Gives the canonical form of an optional ``+`` and digits for a region (ISO 3166 country, "IN").

    Raises MissingLibrary without `phonenumbers`, ValueError for an unknown region.
    """
    try:
        import phonenumbers
    except ImportError as error:
        raise MissingLibrary("phonenumbers", "for the option default_region") from error
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{region!r} is not a country; give its two capital letters of ISO 3166, such as IN")
    short, long = short_way(region), long_way(region)

    def canonical(digits: str) -> str:
        known = short(digits)
        return long(digits) if known is None else known

    return canonical


def long_way(region: str) -> Callable[[str], str]:
    """Gives the canonical form for a known region as `phonenumbers` makes it, whatever the number: about 60 µs."""
    import phonenumbers

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


def short_way(region: str) -> ShortWay:
    """Gives the canonical form for a known region where its metadata alone shows what `long_way` would give, else None.

    It knows nothing of text that is more than an optional ``+`` and ASCII digits.
    """
    import phonenumbers

    numbering = _numbering(phonenumbers.PhoneMetadata.metadata_for_region(region, None))
    main = None if numbering is None else _main_numbering(numbering.code)
    return _short_way(numbering, main) if numbering and main else lambda digits: None


def _short_way(numbering: _Numbering, main: _Numbering) -> ShortWay:
    code, stays, is_abroad = numbering.code, _staying(), re.compile(numbering.abroad, re.ASCII).match
    is_whole, is_behind_code = _whole(numbering, main).fullmatch, _behind_code(numbering, main).fullmatch
    is_behind_prefix = _behind_prefix(numbering, main).fullmatch

    def short(digits: str) -> Optional[str]:
        if digits.startswith("+"):
            return digits if stays(digits) else None
        if is_whole(digits):
            return f"+{code}{digits}"
        if is_behind_code(digits):
            return f"+{digits}"
        prefix = is_behind_prefix(digits)
        if prefix:
            return f"+{code}{digits[prefix.end(1):]}"
        abroad = is_abroad(digits)
        # What is dialled before a call abroad is dropped unless a zero follows; then nothing stays.
        e164 = f"+{digits[abroad.end():]}" if abroad else ""
        return e164 if abroad and stays(e164) else None

    return short


# In the patterns below, digits have no ``+``. What the library finds: first what is dialled before a call abroad, then
# the country's own code, then a prefix for calls within the country. What it gives is read once more, by the numbering
# of the code's main region, so that neither of the two may find a prefix in it.


def _whole(numbering: _Numbering, main: _Numbering) -> Pattern[str]:
    """Digits that are a number's own: they begin with nothing that the library would drop."""
    code, shape = numbering.code, numbering.shape
    # Digits that begin with the country's code keep it if they are not too long, and either have the shape of the
    # country's numbers, or have not what is left without it.
    not_too_long = f"(?![0-9]{{{numbering.longest + 1}}})"
    keeps_code = rf"{not_too_long}(?!{code}(?:{numbering.prefix}))((?=(?:{shape})\Z)|(?!{code}(?:{shape})\Z))"
    # A prefix that matches no digit at all drops none.
    prefixes = "".join(f"(?!(?:{prefix})(?<=[0-9]))" for prefix in sorted({numbering.prefix, main.prefix}))
    return re.compile(f"(?!{numbering.abroad}){prefixes}((?!{code})|{keeps_code})({_digits(main.lengths)})", re.ASCII)


def _behind_code(numbering: _Numbering, main: _Numbering) -> Pattern[str]:
    """Digits of which the library drops the country's code: too long with it, or of its shape without it only."""
    code, shape = numbering.code, numbering.shape
    drops = rf"((?=[0-9]{{{numbering.longest + 1}}})|(?={code}(?:{shape})\Z)(?!(?:{shape})\Z))"
    rest = f"(?!{numbering.prefix}|{main.prefix})({_digits(main.lengths)})"
    return re.compile(f"(?={code})(?!{numbering.abroad}){drops}{code}{rest}", re.ASCII)


def _behind_prefix(numbering: _Numbering, main: _Numbering) -> Pattern[str]:
    """Digits of which the library drops a prefix, the first group: what is left has the country's shape and length."""
    # Looking ahead takes what matches first, as the library does; no other way to match is tried.
    prefix, kept = f"(?=({numbering.prefix}))", f"(?!{numbering.abroad}|{numbering.code})"
    # In a few countries a prefix is rewritten if its last group takes part.
    not_rewritten = f"(?({1 + numbering.prefix_groups})(?!))" if numbering.rewrites else ""
    lengths = numbering.lengths & main.lengths
    rest = rf"(?=(?:{numbering.shape})\Z)(?!{numbering.prefix}|{main.prefix})({_digits(lengths)})"
    return re.compile(rf"{prefix}{kept}\1{not_rewritten}{rest}", re.ASCII)


def _numbering(metadata: Optional[PhoneMetadata]) -> Optional[_Numbering]:
    general = metadata.general_desc if metadata else None
    if not (metadata and metadata.country_code and general and general.possible_length):
        return None
    if max(general.possible_length) < max(general.possible_length_local_only, default=0):
        return None  # no one limit tells what is too long
    prefix = metadata.national_prefix_for_parsing or _NEVER
    return _Numbering(
        code=str(metadata.country_code),
        abroad=metadata.international_prefix or _NEVER,
        prefix=prefix,
        prefix_groups=re.compile(prefix).groups,
        rewrites=bool(metadata.national_prefix_transform_rule),
        shape=general.national_number_pattern or _NEVER,
        # The library reads no fewer than two digits; what may be local is local, in editions where it may be both.
        lengths=frozenset(general.possible_length).difference(general.possible_length_local_only, (0, 1)),
        longest=max(general.possible_length),
    )


def _main_numbering(code: str) -> Optional[_Numbering]:
    """The numbering by which the library reads what begins with ``+`` and the code, whoever shares the code."""
    import phonenumbers

    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    return _numbering(phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region))


def _staying() -> Callable[[str], bool]:
    """Gives a test: does the library read ``+`` and digits, of any country, as possible and as what they are?"""
    import phonenumbers

    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    tests: Dict[str, Callable[[str], Optional[Match[str]]]] = {}  # by the first three digits, so at most 1,000

    def test_of(beginning: str) -> Callable[[str], Optional[Match[str]]]:
        # The library takes the shortest beginning that is a code, and none that begins with a zero.
        codes = (beginning[:length] for length in (1, 2, 3) if beginning[0] != "0")
        main = next((_main_numbering(code) for code in codes if int(code) in known), None)
        return re.compile(_NEVER).fullmatch if main is None else _e164(main).fullmatch

    def stays(e164: str) -> bool:
        beginning = e164[1:4]
        test = tests.get(beginning)
        if test is None:
            if not _THREE_DIGITS.fullmatch(beginning):
                return False
            test = tests[beginning] = test_of(beginning)
        return test(e164) is not None

    return stays


def _e164(main: _Numbering) -> Pattern[str]:
    """``+``, country code and a possible number that begins with nothing the library would drop or rewrite."""
    prefix = rf"(?:{main.prefix})(?<!\+{main.code})"  # that matches a digit
    return re.compile(rf"\+{main.code}(?!{prefix})({_digits(main.lengths)})", re.ASCII)


def _digits(lengths: FrozenSet[int]) -> str:
    return "|".join(f"[0-9]{{{length}}}" for length in sorted(lengths)) or _NEVER
