# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of work: open the group, add, remove; judge and keep each batch, then record it; stop at an error."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Callable, Deque, List, Optional, Sequence, Tuple

from .applied import Applied
from .batch import Answered, Part, RefusedNumber, Sent, not_answered, send_batch
from .calls import Call, GroupText
from .contact import (
    Contact,
    Opened,
    World,
    in_doubt_itself,
    is_another_group,
    says_unknown,
    two_groups,
    was_there_before,
    with_id,
    wrong_id,
)
from .decide import UNTOLD, Batch, Kind, RecordedGroup, Settled, State, Why, Wish
from .errors import CloudAgentError
from .guards import emptied_by_purge, nothing_accepted
from .habits import Habits
from .judge import Judged, Verdict, judge_create, judge_delete, judge_lost, judge_refused, judge_update
from .numbers import Number
from .opening import open_to_add
from .outcome import IN_GROUP, NOT_IN_GROUP, Before, Evidence, NumberResult, Outcome, Source
from .plan import AttributeChange, Plan, after_the_group_was_gone, differences, of_another_expiry
from .protocols import BlockNumbers, Recorder, Workers, Worklist
from .record import held, worth_keeping
from .removal import as_sure_as_the_id, delete_batch, open_to_remove, remove_by_name_too
from .repeat import tested
from .window import UnderWay, Waiting, is_open, may_start


@dataclass(frozen=True)
class Job:
    """One group to be brought into line, and what that takes.

    ``given_id``: the group's id as the user gave it. ``pause`` waits that many seconds. ``lasting``: what is found out
    of the account is kept for later runs. ``advance`` is told after each batch how many numbers that were.
    """

    wish: Wish
    group: RecordedGroup
    worklist: Worklist
    client: BlockNumbers
    recorder: Recorder
    workers: Workers
    pause: Callable[[float], None]
    advance: Callable[[int], None] = lambda numbers: None
    batch_size: int = 100
    given_id: Optional[int] = None
    lasting: bool = False


_NOT_TRIED = Settled(Outcome.NOT_SENT, "not tried: an error had stopped the run")


def apply(plan: Plan, job: Job, habits: Habits) -> Applied:
    """Carries out a plan. Raises nothing: the error that stopped it is in what it gives."""
    contact = Contact(habits, job.given_id or job.group.group_id)
    applied = Applied(group_id=contact.group_id)
    try:
        _carry_out_all(contact, plan, job, applied)
    except Exception as error:  # the worklist cannot be used
        applied.stop(error)
    try:
        job.worklist.leave(UNTOLD if applied.unkept else _NOT_TRIED)
        if job.group.row_ended and job.wish.state is State.PRESENT and applied.error is None:
            job.recorder.begin_anew()
        if not applied.unrecorded:
            job.recorder.finish(made=applied.created is True)
    except Exception as error:
        applied.stop(error)
    return applied


def _carry_out_all(contact: Contact, plan: Plan, job: Job, applied: Applied) -> None:
    """Sends batch by batch, several at once where that makes no difference; judges them in the order of the list."""
    under_way: Deque[UnderWay] = deque()
    waiting = Waiting(job.worklist.batches(job.batch_size))
    starts_over = False
    while True:
        try:
            _start(waiting, under_way, contact, plan, job, applied)
        except Exception as error:  # what is under way must not be lost
            applied.stop(error)
        if not under_way:
            return
        was_gone, batch = contact.gone, under_way[0].batch
        try:
            contact = _carry_out(under_way[0], contact, plan, job, applied)
        except Exception as error:  # a defect must not lose what was done before
            _keep_what_is_left_open(batch, error, job, applied)
        under_way.popleft()
        starts_over = starts_over or (contact.gone and not was_gone)
        try:
            if starts_over:
                waiting = _from_the_beginning(batch, under_way, job)
                starts_over = bool(under_way)
            if applied.error is None and waiting.next is not None:
                applied.error = nothing_accepted(batch, applied.counts)
            job.advance(len(batch.numbers))
        except Exception as error:
            applied.stop(error)


def _start(
    waiting: Waiting, under_way: Deque[UnderWay], contact: Contact, plan: Plan, job: Job, applied: Applied
) -> None:
    """Begins to send what may be sent now."""
    size, several_ways = job.workers.size, job.worklist.several_ways
    while applied.error is None and not job.workers.failed and waiting.next is not None:
        if not may_start(waiting.next, under_way, contact, job.given_id is not None, size, several_ways):
            return
        applied.error = emptied_by_purge(waiting.next, job.wish, job.worklist)
        if applied.error is None:
            under_way.append(_started(waiting.take(), contact, plan, job))


def _from_the_beginning(last: Batch, under_way: Sequence[UnderWay], job: Job) -> Waiting:
    """What is to be sent to a group that was gone: nothing while others are under way, for they wait in the list."""
    if under_way:
        return Waiting(iter(()))
    after_the_group_was_gone(job.worklist, job.wish)
    return Waiting(job.worklist.batches(job.batch_size, last.ordinal + 1))


def _carry_out(under_way: UnderWay, contact: Contact, plan: Plan, job: Job, applied: Applied) -> Contact:
    """Waits for one batch, tests what is doubtful, judges and keeps the outcomes, and only then records them."""
    batch = under_way.batch
    opened = under_way.wait(contact)
    sent, seen = opened.sent, _seen(opened, job)
    if seen.created and not contact.created and was_there_before(opened, seen, job.group.group_id):
        seen = replace(seen, created=None)
    if batch.kind is Kind.ADD and is_another_group(contact, seen, job.group.group_id, job.given_id):
        job.recorder.forget()
        seen = replace(seen, gone=True)
    before = _before(batch, seen, job)
    seen, error = tested(sent, batch.kind, before, seen, _world(batch, seen, job))
    if batch.kind is Kind.REMOVE and error is None:
        opened = remove_by_name_too(batch.numbers, replace(opened, contact=seen), _world(batch, seen, job))
        sent, seen = opened.sent, _seen(opened, job)
        before = _before(batch, seen, job) if seen.gone else before
    results = _judged(sent, batch, before, seen, plan, job, applied)
    applied.error = applied.error or sent.error or error or wrong_id(seen, job.wish.name, job.given_id)
    another_id = seen.doubled and (seen.group_id != contact.group_id or not contact.doubled)
    if another_id and contact.exists:
        _doubt_the_group(_ANOTHER_ID, job, applied, staying=not seen.gone)
    _keep(results, job.worklist.keep, applied)
    _note(batch, opened, results, contact, seen, plan, job, applied)
    _record(batch, sent, results, contact, seen, job, applied)
    unknown = batch.kind is Kind.ADD and says_unknown(sent.error, seen.habits, _world(batch, seen, job))
    if contact.went or (unknown and contact.exists):
        _doubt_the_group("the server knows no such group by now", job, applied)
        seen = replace(seen, went=True)
    elif in_doubt_itself(contact, opened, seen):
        _doubt_the_group(_ANOTHER_ID, job, applied, staying=not seen.gone)
    return seen


def _note(
    batch: Batch,
    opened: Opened,
    results: Sequence[NumberResult],
    contact: Contact,
    seen: Contact,
    plan: Plan,
    job: Job,
    applied: Applied,
) -> None:
    """Adds what a batch shows of the run as a whole."""
    applied.counts.update(result.outcome for result in results)
    applied.created, applied.group_id = seen.created, seen.group_id
    applied.unknown = batch.kind is Kind.REMOVE and seen.gone
    if seen.created is not contact.created:
        applied.evidence.add(Evidence(True, Source.SERVER if seen.created else Source.ASSUMED))
    if batch.kind is Kind.ADD and opened.sent.answered and not seen.created:
        _keep_changes(batch, plan.changes, job, applied)
    if opened.carried:
        text = _text(batch, job)
        _keep_changes(batch, differences(job.group, text.description, text.expiry), job, applied)
    if batch.why is Why.EXPIRY and any(result.outcome in IN_GROUP for result in results):
        applied.renewed = True
    applied.warnings += two_groups(contact, opened, seen, job.wish.name)


# -- sending -----------------------------------------------------------------------------------------------------------


def _started(batch: Batch, contact: Contact, plan: Plan, job: Job) -> UnderWay:
    """Begins to send a batch; the first contact with the group waits until nothing else is under way."""
    removes = batch.kind is Kind.REMOVE
    nothing_there = contact.gone and (contact.created or not contact.exists)
    if nothing_there if removes else contact.takes_no_more:
        return UnderWay(batch, lambda contact: Opened(Sent(left=batch.numbers), contact))
    try:  # so that neither a lost answer nor a process that is killed leaves on record what is no longer so
        job.recorder.begin(batch)
        if not removes and plan.changes and not contact.exists:
            job.recorder.doubt_text()
    except CloudAgentError as error:
        failed = not_answered(batch.numbers, error, maybe_done=False)
        return UnderWay(batch, lambda contact: Opened(failed, contact))
    world = _world(batch, contact, job)
    if not is_open(batch.kind, contact, world.given_id):
        open_to = open_to_remove if removes else open_to_add
        return UnderWay(batch, lambda contact: open_to(batch.numbers, contact, world))
    if removes:
        group_id = contact.group_id
        sent = job.workers.start(lambda: delete_batch(batch.numbers, group_id, world))
    else:
        sent = job.workers.start(lambda: send_batch(Call.UPDATE, batch.numbers, world.update))
    return UnderWay(batch, lambda contact: Opened(sent(), contact))


def _world(batch: Batch, contact: Contact, job: Job) -> World:
    return World(
        client=job.client,
        text=_text(batch, job),
        known=job.group.known and not contact.gone,
        given_id=job.given_id is not None,
        holds=bool(held(batch)),
        lasting=job.lasting,
        pause=job.pause,
        forget=job.recorder.forget,
    )


def _text(batch: Batch, job: Job) -> GroupText:
    wish, group = job.wish, job.group
    if batch.kind is Kind.ADD:
        return GroupText(wish.name, wish.description or group.description, batch.expiry)
    if group.description is not None:  # an update that only asks for the id changes nothing of what is on record
        return GroupText(wish.name, group.description, group.expiry)
    return GroupText(wish.name, wish.description, None if wish.sets_new_expiry else wish.expiry)


def _seen(opened: Opened, job: Job) -> Contact:
    """What is known of the group by now: with the id of the last answer that tells one, and the path of update."""
    contact = opened.contact
    told = [part.answer.group_id for part in opened.sent.answers if part.call is not Call.DELETE]
    client, habits = job.client, contact.habits
    habits = replace(
        habits,
        update_path=client.update_path or habits.update_path,
        limit=client.limit or habits.limit,
        one_at_a_time=client.one_at_a_time or habits.one_at_a_time,
    )
    return with_id(replace(contact, habits=habits), told)


def _before(batch: Batch, contact: Contact, job: Job) -> Before:
    if contact.created and not contact.doubled:
        return Before(new_group=True)
    if contact.gone or contact.doubled:
        return Before()
    return Before(
        {canonical: number.outcome for canonical, number in batch.recorded.items()},
        on_record=job.group.known,
        renews=batch.why is Why.EXPIRY,
        ended=job.group.ended and batch.kind is Kind.ADD and batch.expiry is None,
        contested=frozenset(canonical for canonical, number in batch.recorded.items() if number.contested),
    )


# -- judging and keeping -----------------------------------------------------------------------------------------------

_LOST = "it was sent, and whether it is in the group now is not known"


def _judged(
    sent: Sent, batch: Batch, before: Before, contact: Contact, plan: Plan, job: Job, applied: Applied
) -> List[NumberResult]:
    judged: List[Tuple[Number, Judged]] = []
    for part in sent.parts:
        verdict = _verdict(part, batch, before, contact, job)
        judged += verdict.numbers
        applied.evidence.update(verdict.evidence)
        if isinstance(part, Answered):
            applied.add_counts(part.answer)
    rest = [(number, judge_lost(_LOST)) for number in sent.lost]
    stays = before.held if not plan.changes and batch.why is not Why.EXPIRY else frozenset()
    rest += [(number, _untouched(sent, contact, number.canonical in stays)) for number in sent.left]
    applied.evidence.update(each.evidence for _number, each in rest if each.outcome is not Outcome.NOT_SENT)
    return [_result(number, each, batch) for number, each in (*judged, *rest)]


def _result(number: Number, judged: Judged, batch: Batch) -> NumberResult:
    return NumberResult(number, judged.outcome, judged.reason, batch.ordinal, judged.may_be_ours)


def _verdict(part: Part, batch: Batch, before: Before, contact: Contact, job: Job) -> Verdict:
    if isinstance(part, RefusedNumber):
        refused = judge_refused(part)
        return Verdict(((part.number, refused),), (refused.evidence,))
    if part.call is Call.CREATE:
        return judge_create(part, before)
    own = {number.canonical for number in part.numbers}
    before = replace(before, recorded={c: outcome for c, outcome in before.recorded.items() if c in own})
    if part.call is Call.UPDATE:
        return judge_update(part, before, contact.habits)
    verdict = judge_delete(part, before, contact.habits, batch.shared & own)
    return replace(verdict, evidence=as_sure_as_the_id(verdict.evidence, contact, _world(batch, contact, job)))


def _untouched(sent: Sent, contact: Contact, stays: bool) -> Judged:
    """A number with which the server has done nothing. ``stays``: it is on record, and nothing of it was to change."""
    unchanged = Evidence(False, Source.SERVER)
    if sent.error is not None:
        return Judged(Outcome.NOT_SENT, "an error stopped the run", unchanged)
    if contact.takes_no_more and stays:
        reason = "recorded as present; the server has no update call to send it with again"
        return Judged(Outcome.ALREADY_PRESENT, reason, Evidence(False, Source.LEDGER))
    if contact.takes_no_more:
        reason = "the server has no update call, so that nothing can be added to a group once it is made"
        return Judged(Outcome.NOT_SENT, reason, unchanged)
    return Judged(Outcome.NOT_FOUND, "there was no such group on the server", unchanged)


def _keep_changes(batch: Batch, changes: Tuple[AttributeChange, ...], job: Job, applied: Applied) -> None:
    """What a request has carried besides numbers; whether the server took it is not told (contract U6)."""
    applied.changes = changes
    applied.evidence.update(Evidence(True, change.source) for change in changes)
    if batch.why is Why.EXPIRY:
        recorded = (batch.recorded.get(number.canonical) for number in batch.numbers)
        applied.evidence.update(of_another_expiry(held, batch.expiry, job.group) for held in recorded)


def _keep(results: List[NumberResult], keep: Callable[[List[NumberResult]], None], applied: Applied) -> None:
    """Keeps outcomes in the worklist. What that has no room for is told, and recorded all the same."""
    try:
        keep(results)
    except CloudAgentError as error:
        applied.stop(error)
        applied.unkept += len(results)


def _keep_what_is_left_open(batch: Batch, error: Exception, job: Job, applied: Applied) -> None:
    """After a defect: numbers without a result may have been sent."""
    applied.stop(error)
    lost = judge_lost(_LOST)
    applied.evidence.add(lost.evidence)
    _keep([_result(number, lost, batch) for number in batch.numbers], job.worklist.keep_missing, applied)
    applied.unrecorded += len(batch.numbers)


_ANOTHER_ID = "the group has another id by now"


def _doubt_the_group(why: str, job: Job, applied: Applied, staying: bool = True) -> None:
    """The group is gone, or another one: nothing that was told or recorded of it before holds for certain.

    ``staying``: also of numbers that stay as they are; else they are about to be sent.
    """
    try:
        job.worklist.doubt(why)
        if staying:
            job.worklist.settle_staying(Settled(Outcome.UNCONFIRMED, f"recorded as present, but {why}"))
    except CloudAgentError as error:
        applied.stop(error)
    try:
        job.recorder.doubt_all()
    except CloudAgentError as error:
        applied.stop(error)


# -- recording ---------------------------------------------------------------------------------------------------------


def _record(
    batch: Batch, sent: Sent, results: List[NumberResult], past: Contact, contact: Contact, job: Job, applied: Applied
) -> None:
    """Makes durable what is known by now. What cannot be written is told, and stays in the result."""
    learnt = contact.id_is_sure or contact.group_id != job.given_id
    group_id = contact.group_id if learnt else None
    try:
        doubted = contact.doubled or contact.went
        lasting = worth_keeping(batch, sent, results, contact.gone, doubted, job.worklist.touched)
        if contact.gone and not past.gone and batch.kind is Kind.REMOVE:
            job.recorder.forget()
            for known in job.worklist.results(NOT_IN_GROUP, batch.ordinal):  # that still holds
                job.recorder.keep(batch, known, contact.exists, group_id)
        job.recorder.keep(batch, lasting, contact.exists, group_id)
        if contact.habits != past.habits:
            job.recorder.keep_habits(contact.habits)
    except CloudAgentError as error:
        applied.stop(error)
        applied.unrecorded += sum(result.outcome is not Outcome.NOT_SENT for result in results)
