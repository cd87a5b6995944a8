# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies the steps of a plan, one batch at a time, and keeps what became of every number whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, FrozenSet, List, Mapping, Optional, Protocol, Sequence, Set, Tuple, Union

from .errors import CallFailed, CloudAgentError, EndpointMissing, GroupUnknown, NumbersRefused, Refused
from .judge import (
    INSERTED_FACT,
    Batch,
    Probe,
    Verdict,
    judge_delete,
    judge_update,
    learned,
    listing,
    probe_after_delete,
    probe_after_update,
    trusted_count,
)
from .numbers import Number, lines_of
from .outcome import Evidence, NumberResult, Outcome, Source
from .plan import Desired, Kind, Plan, Recorded, Step
from .protocols import Answer, BlockNumbers, Facts, GroupText


class Recorder(Protocol):
    """Makes what was done durable, right after each answer and before the next request."""

    def created(self, group_id: Optional[int]) -> None:
        """The group was made just now, so nothing recorded of an earlier group of that name holds any more."""

    def batch(self, exists: bool, group_id: Optional[int], step: Step, results: Sequence[NumberResult]) -> None:
        """Numbers of a step have their outcomes. ``exists``: the group was seen on the server in this run."""


@dataclass
class Applied:
    """What was done. ``error`` is what stopped the run before its end, if anything did."""

    results: List[NumberResult] = field(default_factory=list)
    evidence: List[Evidence] = field(default_factory=list)
    surplus: Dict[Outcome, int] = field(default_factory=dict)
    group_id: Optional[int] = None
    created: bool = False
    error: Optional[CloudAgentError] = None


class Applier:
    """Carries out a plan for one group. ``group_id``: the id that the user gave, if any."""

    def __init__(
        self,
        client: BlockNumbers,
        facts: Facts,
        recorder: Recorder,
        desired: Desired,
        recorded: Optional[Recorded],
        group_id: Optional[int] = None,
    ) -> None:
        self._client = client
        self._facts = facts
        self._recorder = recorder
        self._desired = desired
        self._recorded = recorded
        self._outcomes: Optional[Mapping[str, Outcome]] = None
        self._lines_elsewhere: FrozenSet[str] = frozenset()
        if recorded is not None:
            self._lines_elsewhere = lines_of(recorded.elsewhere)
            if recorded.of_this_group:
                self._outcomes = {canonical: number.outcome for canonical, number in recorded.numbers.items()}
        self._given_id = group_id
        self._exists = False  # the group was seen on the server in this run
        self._made_by_create_alone = False  # there is no update call, and the one create is spent
        self._id_learned_by: Optional[Number] = None  # the number that was sent to learn the group's id
        self._added_to_learn = 0  # how many numbers that added, to be taken off the count of removals
        self._probed: Set[str] = set()
        self._in_flight: FrozenSet[str] = frozenset()
        self._ordinal = 0
        self._done = Applied(group_id=group_id or (recorded.group_id if recorded else None))

    def apply(self, made: Plan) -> Applied:
        """Carries out all steps. Does not raise errors of the domain: the one that stops the run is in the result."""
        waiting = list(made.steps)
        pending: Tuple[Number, ...] = ()
        try:
            while waiting:
                step = waiting.pop(0)
                pending = step.numbers
                self._ordinal += 1
                batch = Batch(step.numbers, self._ordinal, self._recorded_outcomes(), shared=self._shared(step))
                (self._add if step.kind is Kind.ADD else self._remove)(batch, step)
                if made.changes_attributes(step) and self._exists:
                    self._done.evidence.append(Evidence(True, Source.LEDGER))
        except CloudAgentError as error:
            self._done.error = error
            self._account_for_the_rest(pending, waiting, error)
        return self._done

    def _shared(self, step: Step) -> bool:
        lines = lines_of(number.canonical for number in step.numbers)
        return step.kind is Kind.REMOVE and bool(self._lines_elsewhere & lines)

    def _recorded_outcomes(self) -> Optional[Mapping[str, Outcome]]:
        """What was recorded before this run; nothing of it holds for a group that this run has made."""
        return {} if self._outcomes is not None and self._done.created else self._outcomes

    # -- adding ------------------------------------------------------------------------------------------------------

    def _add(self, batch: Batch, step: Step) -> None:
        """Update first: it can be repeated, and it tells whether the group is missing (contract U5)."""
        if self._made_by_create_alone:
            reason = "the server has no update call, and its create call takes at most 100 numbers, once"
            self._finish(batch, step, Outcome.NOT_SENT, reason)
            return
        try:
            answer = self._update(step, batch.numbers)
        except NumbersRefused as error:
            self._bisect(batch, step, error)
        except GroupUnknown as error:
            self._create(batch, step, error)
        except EndpointMissing as error:
            self._create_alone(batch, step, error)
        except Refused as error:
            if error.documented or (self._recorded is not None and self._recorded.known):
                raise
            self._create(batch, step, error)
        else:
            self._settle_update(batch, step, answer)

    def _update(self, step: Step, numbers: Sequence[Number]) -> Answer:
        self._in_flight = frozenset(number.canonical for number in numbers)
        expiry = step.expiry if step.kind is Kind.ADD else self._desired.expiry
        text = GroupText(self._desired.name, self._desired.description, expiry)
        return self._client.update(text, [number.canonical for number in numbers])

    def _settle_update(self, batch: Batch, step: Step, answer: Answer) -> None:
        self._exists = True
        probe = probe_after_update(batch, answer, self._facts, self._done.created)
        failed = self._probe(probe, step)
        self._done.group_id = answer.group_id or self._done.group_id
        self._settle(judge_update(batch, answer, self._facts), step, Outcome.ADDED)
        if failed is not None:
            raise failed
        if self._given_id is not None and answer.group_id not in (None, self._given_id):
            raise CloudAgentError(
                f"group_id {self._given_id} was given, but the server says that the group {self._desired.name} has the"
                f" id {answer.group_id}. Correct group_id or name; removals with a wrong id would hit another group."
            )

    def _probe(self, probe: Optional[Probe], step: Step) -> Optional[CloudAgentError]:
        """Sends one number once more to learn how the account answers. A failure is handed back: the batch it follows
        is done and must be settled first."""
        if probe is None or probe.fact in self._probed:
            return None
        self._probed.add(probe.fact)
        send = self._update if step.kind is Kind.ADD else self._delete
        try:
            self._facts.update(learned(probe, send(step, [probe.number])))
        except CloudAgentError as error:
            return error
        return None

    def _bisect(self, batch: Batch, step: Step, error: NumbersRefused) -> None:
        """A batch refused for its form is halved until the bad numbers stand alone (contract C6)."""
        if len(batch.numbers) == 1:
            self._finish(batch, step, Outcome.REJECTED, f"refused by the server: {error.said}")
            return
        middle = len(batch.numbers) // 2
        for part in (batch.numbers[:middle], batch.numbers[middle:]):
            (self._add if step.kind is Kind.ADD else self._remove)(replace(batch, numbers=part), step)

    def _create(self, batch: Batch, step: Step, missing: CallFailed) -> None:
        """Makes the group with one number, the one documented form (C2); the others, and an unconfirmed one, by update.

        ``missing`` is what update said.
        """
        if self._exists:
            raise missing
        numbers = batch.numbers
        while numbers:
            first = replace(batch, numbers=numbers[:1])
            try:
                answer = self._create_with(step, first, numbers[0].canonical)
            except NumbersRefused as error:
                self._finish(first, step, Outcome.REJECTED, f"refused by the server: {error.said}")
                numbers = numbers[1:]
                continue
            except CallFailed as error:
                if error.maybe_done:
                    by_create = frozenset({numbers[0].canonical})
                    self._see_if_created(replace(batch, numbers=numbers, by_create=by_create), step, error)
                    return
                raise _after(missing, error) from error
            if listing(first, answer).confirmed:
                self._finish(first, step, Outcome.ADDED, "with the new group")
                numbers = numbers[1:]
            if numbers:
                by_create = frozenset({first.numbers[0].canonical})
                rest = replace(batch, numbers=numbers, recorded=self._recorded_outcomes(), by_create=by_create)
                self._add(rest, step)
            return

    def _create_with(self, step: Step, batch: Batch, numbers: Union[str, List[str]]) -> Answer:
        self._in_flight = frozenset(number.canonical for number in batch.numbers)
        text = GroupText(self._desired.name, self._desired.description, step.expiry)
        answer = self._client.create(text, numbers)
        self._exists = self._done.created = True
        self._done.group_id = answer.group_id
        self._done.evidence.append(Evidence(True, Source.SERVER))
        self._recorder.created(answer.group_id)
        return answer

    def _see_if_created(self, batch: Batch, step: Step, lost: CallFailed) -> None:
        """A create whose answer was lost is never repeated; update tells whether it landed."""
        self._exists = True  # so that an update that does not know the group raises instead of creating
        try:
            self._add(batch, step)
        except (GroupUnknown, Refused) as error:
            self._exists = False
            raise CallFailed(
                lost.call,
                f"{lost.said}; asked for the group after that, the server said: {error.said}",
                "The group was most likely not made. Run again in some minutes.",
                lost.status,
            ) from error
        self._done.created = True
        self._done.evidence.append(Evidence(True, Source.SERVER))

    def _create_alone(self, batch: Batch, step: Step, missing: EndpointMissing) -> None:
        """Where there is no update call: one create with the numbers as a list, and if that is refused as one string.

        What its answer does not confirm is unconfirmed.
        """
        if self._exists or (self._recorded is not None and self._recorded.known):
            raise missing
        canonicals = [number.canonical for number in batch.numbers]
        try:
            answer = self._create_list_or_string(batch, step, canonicals)
        except NumbersRefused as error:
            self._bisect(batch, step, error)
            return
        except CallFailed as error:
            raise _after(missing, error) from error
        self._made_by_create_alone = True
        confirmed = listing(batch, answer).confirmed
        results = [
            NumberResult(number, *_by_create_alone(number.canonical in confirmed), batch.ordinal)
            for number in batch.numbers
        ]
        self._settle(Verdict(tuple(results), Evidence(True, Source.SERVER)), step, Outcome.ADDED)

    def _create_list_or_string(self, batch: Batch, step: Step, canonicals: List[str]) -> Answer:
        if len(canonicals) > 1:
            try:
                return self._create_with(step, batch, canonicals)
            except NumbersRefused:
                pass  # a list may not be taken at all (contract C2, C9)
        return self._create_with(step, batch, ",".join(canonicals))

    # -- removing ----------------------------------------------------------------------------------------------------

    def _remove(self, batch: Batch, step: Step) -> None:
        """Removes by id when it is known, and by name (contract X3)."""
        try:
            answer = self._delete(step, batch.numbers)
        except NumbersRefused as error:
            self._bisect(batch, step, error)
        except (GroupUnknown, Refused) as error:
            if self._given_id is not None or self._id_learned_by is not None:
                raise
            if self._learn_id(batch, step, error):
                self._remove(batch, step)
                return
            self._finish(batch, step, Outcome.NOT_FOUND, "the server knows no such group")
            self._done.evidence.append(Evidence(False, Source.SERVER))
        else:
            failed = self._probe(probe_after_delete(batch, answer, self._facts), step)
            if answer.deleted is not None:
                answer = replace(answer, deleted=max(0, answer.deleted - self._added_to_learn))
                self._added_to_learn = 0
            self._settle(judge_delete(batch, answer, self._facts), step, Outcome.REMOVED)
            if failed is not None:
                raise failed

    def _delete(self, step: Step, numbers: Sequence[Number]) -> Answer:
        self._in_flight = frozenset(number.canonical for number in numbers)
        return self._client.delete(
            GroupText(self._desired.name), self._done.group_id, [number.canonical for number in numbers]
        )

    def _learn_id(self, batch: Batch, step: Step, refused: CallFailed) -> bool:
        """An update with a number that is to be removed tells the group's id (U3); False: the group does not exist.

        The number may be added by that, and is removed with the others.
        """
        advice = "Give group_id (the web console shows it), or description and expiry_date as the group has them."
        try:
            answer = self._update(step, batch.numbers[:1])
        except GroupUnknown:
            return False
        except CallFailed as error:
            raise _after(refused, error, advice) from error
        if answer.group_id is None:
            raise CallFailed(refused.call, refused.said, advice, refused.status)
        self._exists = True
        self._id_learned_by = batch.numbers[0]
        self._added_to_learn = trusted_count(answer.inserted, batch, self._facts, INSERTED_FACT) or 0
        self._done.group_id = answer.group_id
        return True

    # -- accounting --------------------------------------------------------------------------------------------------

    def _finish(self, batch: Batch, step: Step, outcome: Outcome, reason: str) -> None:
        """One outcome for all numbers of a batch."""
        self._keep([NumberResult(number, outcome, reason, batch.ordinal) for number in batch.numbers], step)

    def _settle(self, verdict: Verdict, step: Step, changed: Outcome) -> None:
        self._done.evidence.append(verdict.evidence)
        self._done.surplus[changed] = self._done.surplus.get(changed, 0) + verdict.surplus
        self._keep(verdict.results, step)

    def _keep(self, results: Sequence[NumberResult], step: Step) -> None:
        self._done.results += results
        lasting = [result for result in results if result.outcome is not Outcome.NOT_SENT]
        self._recorder.batch(self._exists, self._done.group_id, step, lasting)

    def _account_for_the_rest(self, pending: Sequence[Number], waiting: Sequence[Step], error: CloudAgentError) -> None:
        """After an error: what was in flight may have been done and is unconfirmed, the rest was not sent."""
        settled = {result.number.canonical for result in self._done.results if result.batch == self._ordinal}
        maybe_done = self._in_flight if isinstance(error, CallFailed) and error.maybe_done else frozenset()
        for number in pending:
            if number.canonical in settled:
                continue
            result = NumberResult(number, Outcome.NOT_SENT, "an error stopped the run", self._ordinal)
            if number.canonical in maybe_done:
                result = replace(result, outcome=Outcome.UNCONFIRMED, reason="sent, but the answer was lost")
            elif number == self._id_learned_by:
                reason = "it was sent to the group to learn the group's id and may be blocked now"
                result = replace(result, outcome=Outcome.UNCONFIRMED, reason=reason)
            if result.outcome is Outcome.UNCONFIRMED:
                self._done.evidence.append(Evidence(True, Source.ASSUMED))
            self._done.results.append(result)
        reason = "an error stopped the run before"
        self._done.results += [NumberResult(n, Outcome.NOT_SENT, reason) for step in waiting for n in step.numbers]


def _by_create_alone(confirmed: bool) -> Tuple[Outcome, str]:
    if confirmed:
        return Outcome.ADDED, "with the new group"
    return Outcome.UNCONFIRMED, "the server made the group without confirming the number, and has no update call"


def _after(first: CallFailed, second: CallFailed, advice: str = "") -> CallFailed:
    """Reports two answers that only together explain a failure."""
    said = f"{second.said}. Before that, {first.call} was answered: {first.said}"
    failed = CallFailed(second.call, said, advice or second.advice, second.status)
    failed.maybe_done = second.maybe_done
    return failed
