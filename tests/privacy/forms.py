# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms in which a secret could be written."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import Dict, Iterator, Tuple
from urllib.parse import quote, quote_plus

_PIECE = 20
_DIGESTS = ("md5", "sha1", "sha256", "sha512")


def forms(secret: str) -> Dict[bytes, str]:
    """What to look for, and what each of it is called: the secret in every encoding, a part of it, a digest of it."""
    written = {text.encode(): name for name, text in _encodings(secret) if text != secret}
    pieces = {secret[at : at + _PIECE].encode(): "a part of it" for at in range(0, len(secret) - _PIECE + 1, _PIECE)}
    return {**_digests(secret.encode()), **pieces, **written, secret.encode(): "as it is"}


def _encodings(secret: str) -> Iterator[Tuple[str, str]]:
    data = secret.encode()
    yield "HTML", html.escape(secret)
    yield "a literal of Python", repr(secret)[1:-1]
    for name, text in (("JSON in UTF-8", json.dumps(secret, ensure_ascii=False)), ("JSON", json.dumps(secret))):
        yield name, text[1:-1]
        yield f"{name} in JSON", json.dumps(text[1:-1])[1:-1]
    for text in (quote(data, safe=""), quote(data), quote_plus(data), "".join(f"%{byte:02X}" for byte in data)):
        yield "URL", text
    yield "hexadecimal", data.hex()
    for before in range(3):  # base64 looks different behind one byte, two, or three
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + data).decode()
            yield "base64", text[(0, 2, 3)[before] : len(text) - (0, 4, 4)[(before + len(data)) % 3]]


def _digests(data: bytes) -> Dict[bytes, str]:
    """A digest of a password can be found out by trying passwords."""
    found: Dict[bytes, str] = {}
    for name in _DIGESTS:
        digest = hashlib.new(name, data)
        found[digest.hexdigest().encode()] = name
        found[digest.digest()] = name
        found[base64.b64encode(digest.digest()).rstrip(b"=")] = name
    return found


def found_in(text: bytes, wanted: Dict[bytes, str]) -> Iterator[Tuple[str, int]]:
    """Which of the wanted stand in a text, in whatever case, and where."""
    small = text.lower()
    for form, name in wanted.items():
        at = small.find(form.lower())
        if at >= 0:
            yield name, at
