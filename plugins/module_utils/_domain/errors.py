# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong. Every message is safe to print: no header, no body, no secret; and it says what to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Optional, Sequence


class Failure(enum.Enum):
    """How a call failed, as far as it matters for trying again (the columns of the retry table)."""

    NEVER_SENT = "never sent"
    NO_ANSWER = "no usable answer after sending"
    TOKEN_REFUSED = "token refused"
    RATE_LIMITED = "rate limited"
    SERVER_FAULT = "server fault"
    FINAL = "refused for good"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: where it stands and what is wrong with it."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


class CloudAgentError(Exception):
    """Base of all errors of this collection.

    ``maybe_done``: a request that was sent before the error may have had its effect on the server.
    """

    maybe_done = False


class InvalidInput(CloudAgentError):
    """Bad options or numbers, found before the first request. The message shows the first 50 faults.

    ``faults``: those that were kept; ``found``: how many there are in all.
    """

    SHOWN = 50

    def __init__(self, faults: Sequence[Fault], found: Optional[int] = None) -> None:
        self.faults = tuple(faults)
        self.found = len(self.faults) if found is None else found
        shown = "; ".join(str(fault) for fault in self.faults[: self.SHOWN])
        more = self.found - self.SHOWN
        super().__init__(f"{shown}; and {more} more, see faults" if more > 0 else shown)


class TooManyRemovals(CloudAgentError):
    """More numbers would be removed than max_removals allows. Nothing was sent."""


class NothingAccepted(CloudAgentError):
    """The server refused so many numbers, and accepted none, that the run was stopped."""


class MissingLibrary(CloudAgentError):
    """A Python library that the options in use need cannot be imported."""

    def __init__(self, library: str, reason: str) -> None:
        self.library = library
        self.reason = reason
        super().__init__(f"The Python library {library} is needed {reason}.")


class UnexpectedError(CloudAgentError):
    """An exception that nobody foresaw. Its class and place are told; its words might hold what must not be shown."""

    def __init__(self, error: BaseException, maybe_done: bool = True) -> None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = ""
        if trace is not None:
            file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
            place = f" in {file}, line {trace.tb_lineno}"
        super().__init__(
            f"An unexpected error of the class {type(error).__name__} occurred{place}. This is a defect of the"
            " collection: please report it with this message."
        )
        self.maybe_done = maybe_done


def foreseen(error: Exception) -> CloudAgentError:
    """The error itself if it is one of ours, else that it was not foreseen."""
    return error if isinstance(error, CloudAgentError) else UnexpectedError(error)


class StoreError(CloudAgentError):
    """The state store cannot be used as it is; the message says how to mend it."""


class StoreUnavailable(StoreError):
    """The state store cannot be opened or written at its place (as opposed to: refused for being unsafe)."""


class LockTimeout(StoreError):
    """Another run holds a lock for longer than this one may wait."""


class CheckModeWrite(CloudAgentError):
    """A call that would change something was tried in check mode. This is a defect of the collection."""


class TokenNotObtained(CloudAgentError):
    """No token could be had, so the call that needs it was not tried. It is never the answer of that call."""


class GenerationLimitReached(TokenNotObtained):
    """No token can be generated now. ``next_at``: seconds since the epoch (UTC) at which the next one is free."""

    def __init__(self, message: str, next_at: float) -> None:
        self.next_at = next_at
        super().__init__(message)


class CallFailed(CloudAgentError):
    """A call of the API failed.

    ``call`` names the request (method and path), ``status`` is the HTTP status if there was an answer, ``said`` the
    server's own trimmed message, ``advice`` what to do, ``told`` all but the advice; ``words`` is the server's message
    alone, in the form in which words are compared. ``failure`` is the column of the retry table. ``sent``: the server
    may have seen something of the request.
    """

    failure = Failure.FINAL
    sent = True
    words = ""

    def __init__(self, call: str, said: str, advice: str = "", status: Optional[int] = None) -> None:
        self.call = call
        self.said = said
        self.advice = advice
        self.status = status
        answer = f"HTTP {status}: {said}" if status is not None else said
        self.told = f"{call}: {answer.rstrip('.')}."
        super().__init__(f"{self.told} {advice}" if advice else self.told)


class NotSent(CallFailed):
    """The connection could not be made: the server has seen nothing of the request."""

    failure = Failure.NEVER_SENT
    sent = False


class CannotBeSent(CallFailed):
    """The request can never be sent as things are: a proxy, a certificate file or a host that cannot be used."""

    sent = False


class TlsFailed(CallFailed):
    """The secure connection could not be made, so nothing was sent."""

    sent = False


class NoAnswer(CallFailed):
    """The request was sent and no whole answer came: the server may or may not have done it."""

    failure = Failure.NO_ANSWER
    maybe_done = True


class ServerFault(CallFailed):
    """HTTP 5xx: the server may or may not have done it."""

    failure = Failure.SERVER_FAULT
    maybe_done = True


class RateLimited(CallFailed):
    """Too many calls, or too many at once. ``retry_after``: seconds the server asks to wait, if it said so."""

    failure = Failure.RATE_LIMITED

    def __init__(
        self,
        call: str,
        said: str,
        advice: str = "",
        status: Optional[int] = None,
        retry_after: Optional[float] = None,
        at_once: bool = False,
    ) -> None:
        super().__init__(call, said, advice, status)
        self.retry_after = retry_after
        self.at_once = at_once


class TokenRefused(CallFailed):
    """The server takes the token for invalid, expired or superseded."""

    failure = Failure.TOKEN_REFUSED


class CredentialsRefused(CallFailed):
    """User name, API key or the account's authentication mode do not fit; a new token would not help."""


class NotByTheApplication(CallFailed):
    """An answer that is none of the application, so that it does not tell whether the application was reached.

    A redirect, which is never followed (it would carry the API key to another host); HTTP 403 without words about the
    token (a firewall, which may have looked at the answer and not at the request); any other 4xx without words.
    """

    maybe_done = True


class EndpointMissing(CallFailed):
    """The path is not served (404 or 405 without an answer of the application)."""


class GroupUnknown(CallFailed):
    """The server knows no such group ("Invalid group id", contract U5)."""


class NumbersRefused(CallFailed):
    """The request was refused for the form of its numbers (contract C6)."""


class Refused(CallFailed):
    """The application refused the request. ``documented``: the words are those of the public reference."""

    def __init__(
        self, call: str, said: str, advice: str = "", status: Optional[int] = None, documented: bool = False
    ) -> None:
        super().__init__(call, said, advice, status)
        self.documented = documented


class ProbeStopped(CloudAgentError):
    """The probe of an account asks nothing more; the message says why."""
