# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that repeat the credentials that they are given, wherever something can stand."""

from __future__ import annotations

import json
from typing import Any, Dict, List

_IT = "{credential}"
_JSON = "application/json"


def _full_of_it(status: str) -> Dict[str, Any]:
    """An answer in which every field is the credential."""
    output = {"succes": [_IT], "success": [_IT], "error": [_IT], "inserted": _IT, "deleted": _IT, "lastInsertId": _IT}
    given = {"id": _IT, "name": _IT, "blockNumbers": [_IT]}
    body = {"status": status, "message": _IT, "errors": {_IT: _IT}, "input": given, "output": output, _IT: _IT}
    return {"kind": "status", "content_type": _JSON, "body": json.dumps(body)}


ANSWERS: List[Dict[str, Any]] = [
    {"kind": "echo_secrets"},
    {**_full_of_it("error"), "status": 200},
    {"kind": "redirect", "location": f"https://{_IT}.example.com/{_IT}?{_IT}"},
    {"kind": "echo_secrets", "pad": 290},
    {"kind": "echo_secrets", "field": "blockNumbers"},
    {**_full_of_it("success"), "status": 200},
    {**_full_of_it(_IT), "status": 400},
    {"kind": "status", "status": 403, "body": f"<html>{_IT}</html>"},
]
"""What such a server answers to every call, each of them always the same."""
TO_GENERATIONS = ANSWERS[:3]
