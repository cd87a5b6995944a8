# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the module ozonetel_account_probe: ask, keep the habits, write down what was asked and found out."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import IO, Any, Dict, Iterator, List, Optional

from .._api.asking import Asker, Line
from .._api.contract import HOSTS, UPDATE_PATHS
from .._api.transport import look_for_library
from .._domain.errors import CloudAgentError, Fault, InvalidInput, StoreError, TokenNotObtained, foreseen
from .._domain.exchange import GROUP, MOST_REQUESTS, OWN_NUMBERS, Target, Transcript
from .._domain.expiry import utc_text
from .._domain.findings import Finding, findings, summary
from .._domain.learned import learned, looked_at
from .._domain.leftovers import OF_NONE, known_id, left, left_behind, told_ids, was_made
from .._domain.outcome import IN_GROUP, Outcome
from .._domain.probe import probe
from .._domain.probing import Probing
from .._domain.questions import QUESTIONS
from .._state.inquiry import Found, find
from .._state.ledger import Ledger
from .._state.store import Store, drop_habits, habits_of, keep_habits, lock_of, note, noted
from .._state.tokens import FixedToken, TokenBroker
from .number_report import readable_report_path
from .options import SHARED, Faults, Params, Spec
from .parts import Parts
from .run import Report, Task, explained

SPEC: Spec = {
    **SHARED,
    "confirm": {"type": "bool", "default": False},
    "second_group": {"type": "bool", "default": False},
    "transcript_path": {"type": "path"},
    "summary_path": {"type": "path"},
}
_FILES = ("transcript_path", "summary_path")


@dataclass(frozen=True)
class ProbeOptions:
    """The options as read; the paths are None where nothing is to be written."""

    confirm: bool
    second_group: bool
    transcript_path: Optional[str]
    summary_path: Optional[str]


def _read(params: Params, now: float, faults: Faults) -> ProbeOptions:
    paths = {name: _path(params, name, faults) for name in _FILES}
    if paths["transcript_path"] is not None and paths["transcript_path"] == paths["summary_path"]:
        faults.add("summary_path", "is the file of transcript_path; give another name")
    if params["second_group"] and params["state_store"] == "none":
        faults.add("second_group", "needs a state store, or each probe would make one more group")
    return ProbeOptions(params["confirm"], params["second_group"], **paths)


def _path(params: Params, name: str, faults: Faults) -> Optional[str]:
    given = params[name]
    return None if given is None else faults.read(name, lambda: readable_report_path(given))


class Notes:
    """What outlives a probe, in the state store."""

    def __init__(self, store: Store, account: str) -> None:
        self.lasting = store.persistent
        self._store = store
        self._account = account

    def read(self, name: str) -> Optional[str]:
        """What was noted."""
        return noted(self._store, self._account, name)

    def note(self, name: str, text: str) -> None:
        """Notes something."""
        note(self._store, self._account, name, text)


class TranscriptFile:
    """Takes line by line what is written down. ``problem``: why some of it could not be, as soon as that is so."""

    def __init__(self, file: Optional[IO[str]]) -> None:
        self._file = file
        self.problem: Optional[str] = None

    def write(self, line: Line) -> None:
        """Writes a line, at once: a probe that is killed leaves what it has found out."""
        if self._file is None or self.problem is not None:
            return
        try:
            self._file.write(f"{json.dumps(line)}\n")
            self._file.flush()
        except OSError as error:
            self.problem = f"The transcript is incomplete: {error.strerror}."


def _opened(path: str, option: str) -> IO[str]:
    """A file that only this user can read; raises InvalidInput where it cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise InvalidInput([Fault(option, f"{path} cannot be written: {error.strerror}")]) from error
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")


@contextlib.contextmanager
def _transcript_file(path: Optional[str]) -> Iterator[TranscriptFile]:
    """A transcript, None of it where it is not wanted. That it cannot be closed is no reason to lose anything."""
    file = None if path is None else _opened(path, "transcript_path")
    try:
        yield TranscriptFile(file)
    finally:
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()


def _work(parts: Parts, options: ProbeOptions) -> Report:
    """Asks what the account does, unless it is only to be told what would be asked."""
    if parts.check_mode:
        _refuse_numbers_on_record(parts)
        return _would_ask()
    if not options.confirm:
        problem = f"is false; set it to true to have the probe make the group {GROUP}, which no call can delete"
        raise InvalidInput([Fault("confirm", problem)])
    account = parts.shared.account
    with parts.store.lock(lock_of(GROUP, account), parts.shared.lock_timeout):
        _refuse_numbers_on_record(parts)
        with _transcript_file(options.transcript_path) as file:
            return _probed(parts, options, file)


def _would_ask() -> Report:
    look_for_library()
    asked = [
        {"question": q.name, "words": q.words, "statements": q.statements.split(", "), "only": q.only or None}
        for q in QUESTIONS
    ]
    said = f"{len(asked)} questions would be asked, in {MOST_REQUESTS} requests at most and with one token generation."
    return Report({"changed": True, "questions": asked, "requests_at_most": MOST_REQUESTS, "msg": said})


def _refuse_numbers_on_record(parts: Parts) -> None:
    """A removal may reach further than the probe's own group (contract X3)."""
    account = parts.shared.account
    found = find(parts.store, Ledger(parts.store, account, lambda expiry: False), account, sorted(OWN_NUMBERS), None)
    held = {
        number: [f"{one.group} as {one.number.number}" for one in ones if one.group != GROUP and _may_be_held(one)]
        for number, ones in found.items()
    }
    faults = [
        Fault(
            "state_store",
            f"{number}, which the probe uses and removes, is on record in {', '.join(groups)}; remove it there first,"
            " in that spelling and with state=absent: a removal of the probe may reach other groups",
        )
        for number, groups in held.items()
        if groups
    ]
    if faults:
        raise InvalidInput(faults)


def _may_be_held(found: Found) -> bool:
    return found.number.outcome in IN_GROUP or found.number.outcome is Outcome.UNCONFIRMED


def _probed(parts: Parts, options: ProbeOptions, file: TranscriptFile) -> Report:
    shared, clock = parts.shared, parts.clock
    asker = Asker(parts.sending.transport, shared.username, shared.api_key, parts.secrets, clock, file.write)
    host = {f"https://{host}": kind for kind, host in HOSTS.items()}.get(shared.url, "another")
    auth = "token" if shared.by_token else "api_key"
    file.write({"transcript": 1, "began": utc_text(clock.now()), "host": host, "auth": auth, "group": GROUP})
    notes = Notes(parts.store, shared.account)
    probing = Probing(asker, notes, clock.now, clock.sleep, parts.sending.waiting.wait, options.second_group)
    stopped = _token_problem(parts, asker)
    if asker.generated is not None:
        probing.transcript["generate"] = asker.generated
    if stopped is None:
        stopped = probe(probing)
    shown = None if stopped is None else asker.shown(explained(stopped))
    file.write({"ended": utc_text(clock.now()), "requests": asker.sent, "stopped": shown})
    warnings = [] if file.problem is None else [file.problem]
    warnings += [*_keep_habits(parts, probing.transcript), *_surprises(probing.transcript)]
    warnings += asker.tokens.warnings if isinstance(asker.tokens, TokenBroker) else []
    found = _found(probing.transcript, shared.by_token, warnings)
    warnings += _write_summary(options.summary_path, found, _about(parts, asker.sent, host, shown))
    return _report(parts, probing, asker, found, stopped, warnings)


def _found(transcript: Transcript, by_token: bool, warnings: List[str]) -> List[Finding]:
    """The findings; a defect in them takes nothing else away."""
    try:
        return findings(transcript, by_token)
    except Exception as error:
        warnings.append(f"What was found out cannot be told. {foreseen(error)}")
        return []


def _token_problem(parts: Parts, asker: Asker) -> Optional[CloudAgentError]:
    """Makes sure of a token; with one on record a newer one is generated, to learn what is said of the older.

    Gives why there is none.
    """
    shared = parts.shared
    if not shared.by_token:
        return None
    if shared.token is not None:
        asker.tokens = FixedToken(shared.token)
        return None
    asker.tokens = broker = parts.sending.broker_on(parts.store, asker.generate)
    try:
        stored = broker.usable(0)
        if stored is None:
            broker.get()
        elif broker.usage().next_at is None:
            with contextlib.suppress(TokenNotObtained):  # then the stored one serves, if it still does
                broker.renewed()
                asker.earlier = stored.value
    except CloudAgentError as error:
        return error
    return None


def _keep_habits(parts: Parts, transcript: Transcript) -> List[str]:
    """Keeps what was learned, and nothing that was asked and not shown; warns where the store does not take it."""
    habits = learned(transcript, UPDATE_PATHS)
    try:
        with parts.store.transaction():
            drop_habits(parts.store, parts.shared.account, sorted(looked_at(transcript) - habits.record().keys()))
            keep_habits(parts.store, parts.shared.account, habits)
    except StoreError as error:
        return [f"What was found out could not be kept for other tasks. {error}"]
    return []


def _surprises(transcript: Transcript) -> List[str]:
    """What people should look at in the web console."""
    made = [OF_NONE[name] for name in OF_NONE if name in transcript and transcript[name].answer is not None]
    warnings = [
        f"An update of the group {name}, which nobody has made, was taken. If it is there now, delete it in the web"
        " console."
        for name in made
    ]
    ids = sorted(told_ids(transcript))
    if len(ids) > 1:
        warnings.append(
            f"The server told the ids {' and '.join(map(str, ids))} of the group {GROUP}. Check in the web console"
            " whether there are two of this name, and delete one."
        )
    return warnings


def _about(parts: Parts, sent: int, host: str, stopped: Optional[str]) -> List[str]:
    ended = "" if stopped is None else f" It stopped early: {stopped}"
    hosts = {"another": "a host of their own"}
    return [
        f"Asked at {utc_text(parts.clock.now())}, on {hosts.get(host, f'the {host} host')}, in {sent} requests.{ended}",
        f"In the group {GROUP}, with numbers that are reserved for fiction or are placeholders.",
    ]


def _write_summary(path: Optional[str], found: List[Finding], told: List[str]) -> List[str]:
    """Warns where it cannot be written: what was done must be told."""
    if path is None:
        return []
    try:
        with _opened(path, "summary_path") as file:
            file.write(summary(found, told))
    except CloudAgentError as error:
        return [f"The summary could not be written: {error}"]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        return [f"The summary is incomplete: {path}: {reason}."]
    return []


def _report(
    parts: Parts,
    probing: Probing,
    asker: Asker,
    found: List[Finding],
    stopped: Optional[CloudAgentError],
    warnings: List[str],
) -> Report:
    transcript = probing.transcript
    remaining = _left(probing)
    if remaining:
        told = (
            f"{len(remaining)} numbers of the probe may still be in its groups: {', '.join(remaining)}. Run the probe"
            " again, or remove them in the web console."
        )
        warnings = [*warnings, told]
    changing = (Target.CREATE, Target.UPDATE, Target.DELETE, Target.WRONG_METHOD)
    done = [e for e in transcript.values() if e.request.target in changing and e.may_be_done]
    verdicts = [finding.verdict for finding in found]
    counts = {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    result = {
        "changed": bool(done) or asker.generated is not None,
        "generated": asker.generated is not None and asker.generated.error is None,
        "group": {"name": GROUP, "id": known_id(transcript), "created": was_made(transcript)},
        "findings": [_told(finding) for finding in found],
        "habits": _habits(parts, transcript),
        "left": remaining,
        "requests_sent": asker.sent,
    }
    said = f"Of the {len(found)} statements of the contract: {words}."
    if stopped is None:
        return Report({**result, "msg": said}, warnings)
    return Report(result, warnings, f"The probe has not asked everything. {explained(stopped)} {said}")


def _left(probing: Probing) -> List[str]:
    try:
        return left(probing)
    except StoreError:  # what an earlier probe has left is not known then
        return left_behind(probing.transcript)


def _habits(parts: Parts, transcript: Transcript) -> Dict[str, str]:
    """What is kept for other tasks by now; what was learned, where the store cannot tell."""
    try:
        return habits_of(parts.store, parts.shared.account).record()
    except StoreError:
        return learned(transcript, UPDATE_PATHS).record()


def _told(finding: Finding) -> Dict[str, Any]:
    return {
        "statement": finding.statement.name,
        "standing": finding.statement.standing,
        "words": finding.statement.words,
        "verdict": finding.verdict,
        "found": finding.words,
    }


ACCOUNT_PROBE: Task[ProbeOptions] = Task(SPEC, _read, _work)
