# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module ozonetel_block_group returns, from a prediction or from what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._domain.apply import Applied
from .._domain.numbers import Reading
from .._domain.outcome import FAILED_OUTCOMES, Evidence, NumberResult, Outcome, Source, count, overall
from .._domain.plan import Desired, Plan, Prediction, Recorded
from .number_report import ReportNotWritten, write_report
from .run import Parts, Report, explained

NUMBERS_SHOWN = 1000
DIFF_NUMBERS_SHOWN = 100
_EXAMPLES = 3


@dataclass(frozen=True)
class Done:
    """Everything a report is made from; either ``prediction`` (check mode) or ``applied`` is set."""

    reading: Reading
    desired: Desired
    recorded: Optional[Recorded]
    plan: Plan
    prediction: Optional[Prediction] = None
    applied: Optional[Applied] = None

    def results(self) -> Tuple[NumberResult, ...]:
        """The result of every number, in the order of the list; those of a purge after them."""
        found = self.prediction.results if self.prediction else (*self.plan.settled, *self._applied().results)
        place = {number.canonical: index for index, number in enumerate(self.reading.numbers)}
        return tuple(sorted(found, key=lambda result: place.get(result.number.canonical, len(place))))

    def evidence(self) -> Evidence:
        """Whether something changed, and how that is known."""
        if self.prediction is not None:
            return self.prediction.evidence
        recorded = self.recorded is not None and self.recorded.of_this_group
        nothing_sent = Source.LEDGER if recorded else Source.ASSUMED
        return overall(self._applied().evidence, nothing_sent)

    def counts(self) -> Dict[str, int]:
        """How many numbers have each outcome."""
        return count(self.results(), self.applied.surplus if self.applied else {})

    def _applied(self) -> Applied:
        return self.applied or Applied()


def report_of(parts: Parts, done: Done) -> Report:
    """The module's report; writes the report file, except in check mode."""
    results, evidence, counts = done.results(), done.evidence(), done.counts()
    problems = _problems(parts, done, results, counts)
    if done.applied is not None and parts.params["report_path"] is not None:
        try:
            write_report(parts.params["report_path"], results)
        except ReportNotWritten as error:
            problems.append(str(error))
    result = {
        "changed": evidence.changed,
        "change_source": evidence.source.value,
        "group": _group(done),
        "counts": {**counts, "duplicates": done.reading.duplicates},
        # Not "results": in a loop Ansible takes that key for the loop's own, and prints no diff.
        "numbers": [_result(result) for result in results[:NUMBERS_SHOWN]],
        "numbers_truncated": len(results) > NUMBERS_SHOWN,
        "requests_sent": parts.requests_sent(),
        "diff": _diff(done, results),
    }
    if not problems:
        result["msg"] = _summary(done, counts, evidence)
    return Report(result, _warnings(parts, done, results, counts), " ".join(problems) or None)


def _problems(parts: Parts, done: Done, results: Sequence[NumberResult], counts: Mapping[str, int]) -> List[str]:
    """Why the task fails, if it does."""
    problems = []
    failing = [result for result in results if result.outcome in FAILED_OUTCOMES]
    if done.applied is not None and done.applied.error is not None:
        problems.append(explained(done.applied.error))
    if failing:
        problems.append(f"Group {done.desired.name}: {_told(counts)}. {_examples(failing)}")
    unconfirmed = [result for result in results if result.outcome is Outcome.UNCONFIRMED]
    if unconfirmed and parts.params["on_unconfirmed"] == "fail":
        problems.append(f"{len(unconfirmed)} numbers were not confirmed by the server. {_examples(unconfirmed)}")
    return problems


def _warnings(parts: Parts, done: Done, results: Sequence[NumberResult], counts: Mapping[str, int]) -> List[str]:
    warnings = list(done.plan.warnings)
    if counts[Outcome.UNCONFIRMED.value] and parts.params["on_unconfirmed"] == "warn":
        unconfirmed = [result for result in results if result.outcome is Outcome.UNCONFIRMED]
        warnings.append(f"{len(unconfirmed)} numbers were not confirmed by the server. {_examples(unconfirmed)}")
    return warnings


def _examples(results: Sequence[NumberResult]) -> str:
    """The first few numbers of a kind, with where they stand and why."""
    named = [f"{r.number.where} ({r.number.given}): {r.outcome.value}, {r.reason}" for r in results[:_EXAMPLES]]
    more = f"; and {len(results) - _EXAMPLES} more, see numbers and report_path" if len(results) > _EXAMPLES else ""
    return f"{'; '.join(named)}{more}."


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items() if number) or "no numbers"


def _summary(done: Done, counts: Mapping[str, int], evidence: Evidence) -> str:
    what = "changed" if evidence.changed else "unchanged"
    if done.prediction is not None:
        what = f"would be {what}"
    return f"Group {done.desired.name}: {_told(counts)}; {what}, {_SOURCES[evidence.source]}."


_SOURCES = {
    Source.SERVER: "by the server's answers",
    Source.LEDGER: "by what is recorded",
    Source.ASSUMED: "as assumed: nothing is recorded and the server does not tell",
}


def _group(done: Done) -> Dict[str, Any]:
    recorded = done.recorded
    known_id = recorded.group_id if recorded else None
    return {
        "name": done.desired.name,
        "id": done.applied.group_id if done.applied else known_id,
        "description": done.desired.description,
        "expiry_date": done.desired.expiry or (recorded.expiry if recorded else None),
        "created": bool(done.applied and done.applied.created),
    }


def _result(result: NumberResult) -> Dict[str, Any]:
    return {
        "number": result.number.given,
        "canonical": result.number.canonical,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "batch": result.batch,
    }


def _diff(done: Done, results: Sequence[NumberResult]) -> Dict[str, str]:
    """Before and after in the shape Ansible prints well: attributes that change, numbers added and removed, capped."""
    before, after = [], []
    for name, (old, new) in done.plan.attributes.items():
        before.append(f"{name}: {'' if old is None else old}")
        after.append(f"{name}: {new}")
    before += _lines([r.number.canonical for r in results if r.outcome is Outcome.REMOVED])
    after += _lines([r.number.canonical for r in results if r.outcome is Outcome.ADDED])
    header = f"block number group {done.desired.name}"
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(f"{line}\n" for line in before),
        "after": "".join(f"{line}\n" for line in after),
    }


def _lines(numbers: Sequence[str]) -> List[str]:
    more = len(numbers) - DIFF_NUMBERS_SHOWN
    return [*numbers[:DIFF_NUMBERS_SHOWN], *([f"and {more} more numbers"] if more > 0 else [])]
