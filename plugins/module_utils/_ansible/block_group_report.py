# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module ozonetel_block_group returns, from a prediction or from what was done: one thing told five times."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple, Union

from .._domain.applied import Applied
from .._domain.decide import RecordedGroup, Wish
from .._domain.errors import CloudAgentError, UnexpectedError
from .._domain.outcome import FAILED, Evidence, NumberResult, Outcome, Source, by_name, overall
from .._domain.plan import Plan
from .._domain.predict import Prediction
from .block_group_options import BlockGroupOptions
from .number_report import ReportNotWritten, report_rows, write_report
from .parts import Parts
from .run import Report, explained

NUMBERS_SHOWN = 1000
DIFF_NUMBERS_SHOWN = 100
EXAMPLES = 3


@dataclass(frozen=True)
class Told:
    """Everything a report is made from. ``done``: a prediction (check mode), or what was applied. ``advised``: warnings
    about what may have been meant.
    """

    options: BlockGroupOptions
    wish: Wish
    group: RecordedGroup
    plan: Plan
    done: Union[Prediction, Applied]
    advised: Tuple[str, ...] = ()

    def some(self, number: int, *outcomes: Outcome) -> List[NumberResult]:
        """The first so many numbers with these outcomes."""
        parts = self.options.worklist.results(frozenset(outcomes))
        return list(itertools.islice(itertools.chain.from_iterable(parts), number))

    def evidence(self) -> Evidence:
        """Whether something changed, and how that is known."""
        if isinstance(self.done, Prediction):
            return self.done.evidence
        return overall(self.done.evidence, Source.LEDGER if self.group.known else Source.ASSUMED)


def report_of(parts: Parts, told: Told) -> Report:
    """The module's report; writes the report file, except in check mode. Raises nothing: what was done must be told."""
    try:
        return _whole_report(parts, told)
    except Exception as error:
        evidence = told.evidence()
        result = {
            "changed": evidence.changed,
            "change_source": evidence.source.value,
            "requests_sent": parts.sent,
        }
        return Report(result, failure=" ".join(map(explained, _errors(told, error))))


def _errors(told: Told, error: Exception) -> List[CloudAgentError]:
    """What stopped the run, if anything did, and what the report broke off with."""
    stopped = told.done.error if isinstance(told.done, Applied) else None
    broken = error if isinstance(error, CloudAgentError) else UnexpectedError(error)
    return [broken] if stopped is None else [stopped, broken]


def _whole_report(parts: Parts, told: Told) -> Report:
    worklist, evidence = told.options.worklist, told.evidence()
    outcomes = worklist.counts()
    counts = {**by_name(outcomes), "duplicates": worklist.duplicates}
    problems = _problems(told, counts)
    path = told.options.report_path
    if path is not None and isinstance(told.done, Applied):
        try:
            write_report(path, _masked_rows(parts, told))
        except ReportNotWritten as error:
            problems.append(str(error))
    failing = sum(outcomes[outcome] for outcome in FAILED)
    if problems or failing:
        examples = f" {_examples(told, failing, *FAILED)}" if failing else ""
        problems.append(f"Group {told.wish.name}: {_in_words(counts)}.{examples}")
    result = {
        "changed": evidence.changed,
        "change_source": evidence.source.value,
        "group": _group(told),
        "counts": counts,
        "server_counts": _server_counts(told),
        # Not "results": in a loop Ansible takes that key for the loop's own, and prints no diff.
        "numbers": [_number(result) for result in itertools.islice(worklist.all_results(), NUMBERS_SHOWN)],
        "numbers_truncated": sum(outcomes.values()) > NUMBERS_SHOWN,
        "requests_sent": parts.sent,
        "diff": _diff(told, outcomes),
    }
    if not problems:
        result["msg"] = _summary(told, counts, evidence)
    return Report(result, _warnings(told, counts), " ".join(problems) or None)


def _masked_rows(parts: Parts, told: Told) -> Any:
    worklist = told.options.worklist
    rows = report_rows(worklist.all_results(), worklist.repeated())
    return (tuple(parts.secrets.mask(cell) for cell in row) for row in rows)


def _problems(told: Told, counts: Mapping[str, int]) -> List[str]:
    """What went wrong, besides with single numbers."""
    problems = []
    if isinstance(told.done, Applied) and told.done.error is not None:
        problems.append(explained(told.done.error))
    if isinstance(told.done, Applied) and told.done.unrecorded:
        problems.append(
            f"What was done with {told.done.unrecorded} of the numbers could not be recorded in the state store; only"
            " this result tells it. Run with refresh=true to bring the record up to date."
        )
    if counts["unconfirmed"] and told.options.on_unconfirmed == "fail":
        problems.append(_not_confirmed(told, counts["unconfirmed"]))
    return problems


def _warnings(told: Told, counts: Mapping[str, int]) -> List[str]:
    warnings = [*told.options.warnings, *told.plan.warnings]
    if isinstance(told.done, Applied):
        warnings += told.done.warnings
        if told.done.created and told.group.known:
            warnings.append(
                f"Group {told.wish.name}: it was on record, the server knew it no more, and it was made again. Assign"
                " it to its campaigns in the web console; until then it blocks nobody."
            )
        if told.done.created is None:
            warnings.append(
                f"It is not certain whether this run has made the group {told.wish.name}, or found it there. Check in"
                " the web console that there are not two of this name."
            )
    warnings += told.advised
    if counts["unconfirmed"] and told.options.on_unconfirmed == "warn":
        warnings.append(_not_confirmed(told, counts["unconfirmed"]))
    return warnings


def _not_confirmed(told: Told, count: int) -> str:
    examples = _examples(told, count, Outcome.UNCONFIRMED)
    return f"Group {told.wish.name}: {count} not confirmed by the server. {examples}"


def _examples(told: Told, count: int, *outcomes: Outcome) -> str:
    """The first few numbers with these outcomes, with where they stand and why."""
    results = told.some(EXAMPLES, *outcomes)
    named = [f"{r.number.where} ({r.number.given}): {r.outcome.value}, {r.reason}" for r in results]
    return f"{'; '.join(named)}{and_more(count)}."


def and_more(count: int) -> str:
    """How many there are besides those that are named, and where they are told."""
    return f"; and {count - EXAMPLES} more, see numbers and report_path" if count > EXAMPLES else ""


def _in_words(counts: Mapping[str, int]) -> str:
    words = {**{name: name.replace("_", " ") for name in counts}, "duplicates": "duplicate"}
    return ", ".join(f"{number} {words[name]}" for name, number in counts.items() if number) or "no numbers"


def _summary(told: Told, counts: Mapping[str, int], evidence: Evidence) -> str:
    what = "changed" if evidence.changed else "unchanged"
    besides = _besides_numbers(told)
    if besides and evidence.changed:
        what += f" ({' and '.join(besides)})"
    if isinstance(told.done, Prediction):
        what = f"would be {what}"
    text = f"Group {told.wish.name}: {_in_words(counts)}; {what}, {_SOURCES[evidence.source]}."
    path = told.options.report_path
    if path is not None:
        text += (
            " The file in report_path is not written in check mode."
            if isinstance(told.done, Prediction)
            else f" The report is in {path}."
        )
    return text


def _besides_numbers(told: Told) -> List[str]:
    """What changed besides numbers, in words."""
    if isinstance(told.done, Applied) and told.done.created:
        return ["new group"]
    names = [change.name.replace("_date", "") for change in _changes(told)]
    return [*names, *(["expiry"] if told.done.renewed and "expiry" not in names else [])]


_SOURCES = {
    Source.SERVER: "by the server's answers",
    Source.LEDGER: "by what is recorded",
    Source.ASSUMED: "as assumed: neither the server nor the record tells for certain",
}


def _changes(told: Told) -> Tuple[Any, ...]:
    return told.plan.changes if isinstance(told.done, Prediction) else told.done.changes


def _group(told: Told) -> Dict[str, Any]:
    applied = told.done if isinstance(told.done, Applied) else None
    return {
        "name": told.wish.name,
        "id": applied.group_id if applied else told.options.group_id or told.group.group_id,
        "description": told.wish.description,
        "expiry_date": told.wish.expiry or told.group.expiry,
        "created": applied.created if applied else False,
    }


def _server_counts(told: Told) -> Dict[str, Any]:
    """What the server counted, which may be untrue, or more or less than what is known of single numbers."""
    if isinstance(told.done, Prediction):
        return {"inserted": None, "deleted": None}
    return {"inserted": told.done.inserted, "deleted": told.done.deleted}


def _number(result: NumberResult) -> Dict[str, Any]:
    return {
        "number": result.number.given,
        "canonical": result.number.canonical,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "batch": result.batch,
        "note": result.number.note,
    }


def _diff(told: Told, outcomes: Mapping[Outcome, int]) -> Dict[str, str]:
    """Before and after in the shape Ansible prints well: what changes besides numbers, which numbers come and go, and
    how many stay."""
    before: List[str] = []
    after: List[str] = []
    for change in _changes(told):
        before.append(f"{change.name}: {'' if change.old is None else change.old}")
        after.append(f"{change.name}: {change.new}")
    stay = _some(outcomes[Outcome.ALREADY_PRESENT], "stays", "stay")
    came = _some(
        outcomes[Outcome.PRESENT], f"is {_NOW}; whether it was {_BEFORE}", f"are {_NOW}; whether they were {_BEFORE}"
    )
    went = _some(
        outcomes[Outcome.ABSENT],
        f"is not {_NOW}; whether it was {_BEFORE}",
        f"are not {_NOW}; whether they were {_BEFORE}",
    )
    before += [*stay, *_lines(told, outcomes, Outcome.REMOVED), *went]
    after += [*stay, *_lines(told, outcomes, Outcome.ADDED), *came]
    header = f"block number group {told.wish.name}"
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(f"{line}\n" for line in before),
        "after": "".join(f"{line}\n" for line in after),
    }


_NOW, _BEFORE = "in the group now", "before is not known"


def _some(number: int, one: str, several: str) -> List[str]:
    return [f"1 number {one}" if number == 1 else f"{number} numbers {several}"] if number else []


def _lines(told: Told, outcomes: Mapping[Outcome, int], outcome: Outcome) -> List[str]:
    numbers = [result.number.canonical for result in told.some(DIFF_NUMBERS_SHOWN, outcome)]
    more = outcomes[outcome] - DIFF_NUMBERS_SHOWN
    return [*numbers, *([f"and {more} more numbers"] if more > 0 else [])]
