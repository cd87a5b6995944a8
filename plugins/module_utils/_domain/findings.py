# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a probe: what the transcript shows of each statement of the contract, as a page for people."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional

from . import found_account, found_groups
from .exchange import Transcript
from .seen import Found, Seen
from .statements import STATEMENTS, Statement

AS_DOCUMENTED, OTHERWISE, FOUND, NOT_SHOWN = "as documented", "otherwise", "found", "not shown"
TESTS = {**found_account.FOUND, **found_groups.FOUND}
"""What looks at a transcript, by the name of the statement that it is about."""


class Finding(NamedTuple):
    """What a probe has found out about a statement: one of the verdicts above, and more in words."""

    statement: Statement
    verdict: str
    words: str


def findings(transcript: Transcript, by_token: bool) -> List[Finding]:
    """All statements in their order. ``by_token``: the probe's own credential was a bearer token."""
    seen = Seen(transcript, by_token)
    return [_finding(statement, seen) for statement in STATEMENTS]


def _finding(statement: Statement, seen: Seen) -> Finding:
    test = TESTS.get(statement.name)
    found: Optional[Found] = None if test is None else test(seen)
    if found is None:
        return Finding(statement, NOT_SHOWN, "" if statement.name in TESTS else statement.cannot)
    verdicts = {None: FOUND, True: AS_DOCUMENTED, False: OTHERWISE}
    return Finding(statement, verdicts[found.as_documented], found.words)


def summary(found: List[Finding], told: List[str]) -> str:
    """The page, in Markdown. ``told``: lines about the probe itself."""
    return "\n".join([*_page(found, told), ""])


def _page(found: List[Finding], told: List[str]) -> Iterator[str]:
    yield "# What the probe of a CloudAgent account has found out"
    yield ""
    yield from (f"* {_cell(line)}" for line in told)
    yield ""
    yield "Documented is what stands in the vendor's public reference (D, R), was seen in public code (C, U), or is"
    yield "inferred from those (I). Nobody documents what is marked `?`. No secret, no user name and no number of the"
    yield "account is on this page."
    yield ""
    yield "| | standing | statement | this account |"
    yield "|---|---|---|---|"
    for finding in found:
        statement = finding.statement
        shown = f"{finding.verdict}: {finding.words}" if finding.words else finding.verdict
        yield f"| {statement.name} | {statement.standing} | {_cell(statement.words)} | {_cell(shown)} |"


def _cell(text: str) -> str:
    """Text on one line that no table takes for its own, nor a page for HTML."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
    return escaped.replace("@", "@\u200b")
