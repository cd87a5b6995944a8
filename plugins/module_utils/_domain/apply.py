# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of work: open the group, add, remove; judge and keep each batch, then record it; stop at an error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Callable, FrozenSet, List, Optional, Sequence, Set, Tuple

from .batch import Answered, Part, RefusedNumber, Sent, not_answered, send_batch
from .calls import Call, GroupText
from .contact import Contact, Opened, World, ends_the_run, wrong_id
from .decide import Kind, RecordedGroup, Why, Wish
from .errors import CloudAgentError, NothingAccepted, UnexpectedError
from .habits import Habits, after_repeated_delete, after_repeated_update, delete_is_doubted, update_is_doubted
from .judge import Judged, Verdict, judge_create, judge_delete, judge_lost, judge_refused, judge_update
from .lines import listing
from .numbers import Number
from .opening import open_to_add
from .outcome import IN_GROUP, NOT_IN_GROUP, Before, Evidence, NumberResult, Outcome, Source
from .plan import AttributeChange, Batch, Plan, after_the_group_was_gone, batches, differences, of_another_expiry
from .protocols import BlockNumbers, Recorder
from .record import held, worth_keeping
from .removal import as_sure_as_the_id, open_to_remove, remove_by_name_too

REFUSED_BATCHES, REFUSED_NUMBERS = 2, 100
"""After so many batches with so many numbers in all, of which the server has accepted none, the run stops."""


@dataclass(frozen=True)
class Job:
    """One group to be brought into line, and what that takes.

    ``given_id``: the group's id as the user gave it. ``pause`` waits that many seconds. ``lasting``: what is found out
    of the account is kept for later runs.
    """

    wish: Wish
    group: RecordedGroup
    client: BlockNumbers
    recorder: Recorder
    pause: Callable[[float], None]
    batch_size: int = 100
    given_id: Optional[int] = None
    lasting: bool = False


@dataclass
class Applied:
    """What was done, kept as it is done. ``error`` is what stopped the run before its end, if anything did.

    ``settled``: results of numbers that needed no request. ``inserted``, ``deleted``: what the server counted, None
    where it never gave a count. ``created``: None is: perhaps. ``changes``: what changed besides numbers.
    ``unrecorded``: how many results could not be written to the ledger.
    """

    settled: Tuple[NumberResult, ...] = ()
    results: List[NumberResult] = field(default_factory=list)
    evidence: Set[Evidence] = field(default_factory=set)
    inserted: Optional[int] = None
    deleted: Optional[int] = None
    group_id: Optional[int] = None
    created: Optional[bool] = False
    changes: Tuple[AttributeChange, ...] = ()
    unrecorded: int = 0
    warnings: List[str] = field(default_factory=list)
    error: Optional[CloudAgentError] = None


def apply(plan: Plan, job: Job, habits: Habits) -> Applied:
    """Carries out a plan. Raises nothing: the error that stopped it is in what it gives."""
    contact = Contact(habits, job.given_id or job.group.group_id)
    applied = Applied(plan.settled, group_id=contact.group_id)
    waiting = _requests(plan, job)
    while waiting:
        batch, waiting = waiting[0], waiting[1:]
        was_gone = contact.gone
        try:
            contact = _carry_out(batch, contact, plan, job, applied)
        except Exception as error:  # a defect must not lose what was done before
            _keep_what_is_left_open(batch, UnexpectedError(error), applied)
        if contact.gone and not was_gone:
            rest = tuple(intent for other in waiting for intent in other.intents)
            left = after_the_group_was_gone(Plan(rest, applied.settled), job.wish)
            applied.settled = left.settled
            waiting = _requests(left, job, batch.ordinal + 1)
        if applied.error is None and waiting:
            applied.error = _nothing_accepted(batch, applied) or _emptied_by_purge(waiting[0], job, applied)
        if applied.error is not None:
            _keep_unsent(waiting, applied)
            break
    return applied


def _requests(plan: Plan, job: Job, first: int = 1) -> List[Batch]:
    """Additions end before removals begin."""
    adding = batches(plan.of(Kind.ADD), job.batch_size, first)
    return [*adding, *batches(plan.of(Kind.REMOVE), job.batch_size, first + len(adding))]


def _carry_out(batch: Batch, contact: Contact, plan: Plan, job: Job, applied: Applied) -> Contact:
    """Sends one batch, tests what is doubtful, judges and keeps the outcomes, and only then records them."""
    opened = _send(batch, contact, plan, job)
    sent, seen = opened.sent, _seen(opened, job)
    if seen.created and not contact.created and _is_as_recorded(opened, seen, job):
        seen = replace(seen, created=None)
    before = _before(batch, seen, job)
    seen, error = _tested(sent, batch, before, seen, job)
    if batch.kind is Kind.REMOVE and error is None:
        opened = remove_by_name_too(batch.numbers, replace(opened, contact=seen), _world(batch, seen, job))
        sent, seen = opened.sent, _seen(opened, job)
    results = _judged(sent, batch, before, seen, plan, job, applied)
    applied.results += results
    applied.created, applied.group_id = seen.created, seen.group_id
    if seen.created is not contact.created:
        applied.evidence.add(Evidence(True, Source.SERVER if seen.created else Source.ASSUMED))
    if batch.kind is Kind.ADD and sent.answered and not seen.created:
        _keep_changes(batch, plan.changes, job, applied)
    if opened.carried:
        text = _text(batch, job)
        _keep_changes(batch, differences(job.group, text.description, text.expiry), job, applied)
    applied.warnings += _two_groups(opened, job)
    applied.error = sent.error or error or wrong_id(seen, job.wish.name, job.given_id)
    _record(batch, worth_keeping(batch, sent, results, seen.gone, applied.results), contact, seen, job, applied)
    return seen


# -- sending -----------------------------------------------------------------------------------------------------------


def _send(batch: Batch, contact: Contact, plan: Plan, job: Job) -> Opened:
    removes = batch.kind is Kind.REMOVE
    nothing_there = contact.gone and (contact.created or not contact.exists)
    if nothing_there if removes else contact.takes_no_more:
        return Opened(Sent(left=batch.numbers), contact)
    try:  # so that neither a lost answer nor a process that is killed leaves on record what is no longer so
        if removes:
            job.recorder.doubt(batch)
        elif plan.changes and not contact.exists:
            job.recorder.doubt_text()
    except CloudAgentError as error:
        return Opened(not_answered(batch.numbers, error, maybe_done=False), contact)
    world = _world(batch, contact, job)
    if removes:
        return open_to_remove(batch.numbers, contact, world)
    if not contact.exists:
        return open_to_add(batch.numbers, contact, world)
    return Opened(send_batch(Call.UPDATE, batch.numbers, world.update), contact)


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
    ids = [group_id for group_id in told if group_id is not None]
    habits = replace(contact.habits, update_path=job.client.update_path or contact.habits.update_path)
    if not ids:
        return replace(contact, habits=habits)
    return replace(contact, habits=habits, group_id=ids[-1], id_is_sure=True)


def _is_as_recorded(opened: Opened, seen: Contact, job: Job) -> bool:
    """Whether a group, made by a create without an answer, has the id that is on record: so it was there before."""
    confirmed = any(part.call is Call.CREATE for part in opened.sent.answers)
    return not confirmed and seen.group_id is not None and seen.group_id == job.group.group_id


def _two_groups(opened: Opened, job: Job) -> List[str]:
    """A warning where the group that was made is another one than that which answers to its name."""
    made = opened.contact.group_id if opened.contact.created is not False and opened.contact.exists else None
    others = sorted(opened.sent.group_ids - {made})
    if made is None or not others:
        return []
    warning = (
        f"There are two groups named {job.wish.name}: {made}, which was made by this run, and {others[0]}, which takes"
        " the numbers. Remove one of them in the web console."
    )
    return [warning]


# -- testing -----------------------------------------------------------------------------------------------------------


def _before(batch: Batch, contact: Contact, job: Job) -> Before:
    if contact.created:
        return Before(new_group=True)
    if contact.gone:
        return Before()
    recorded = {i.number.canonical: i.recorded for i in batch.intents if i.recorded is not None}
    return Before(
        {canonical: number.outcome for canonical, number in recorded.items()},
        on_record=job.group.known,
        renews=batch.intents[0].why is Why.EXPIRY,
        ended=job.group.ended and batch.kind is Kind.ADD and batch.expiry is None,
        contested=frozenset(canonical for canonical, number in recorded.items() if number.contested),
    )


def _tested(
    sent: Sent, batch: Batch, before: Before, contact: Contact, job: Job
) -> Tuple[Contact, Optional[CloudAgentError]]:
    """Sends one number once more where an answer is doubtful, once a run for each kind; what that shows is a habit.

    If that fails, it stays open how the account answers; only that no token could be had ends the run.
    """
    if sent.error is not None or batch.kind in contact.tested or contact.takes_no_more or before.ended:
        return contact, None
    # First one that was counted: that shows what the counter is worth, and where present numbers stand.
    for part in sorted(sent.answers, key=lambda part: -(part.answer.added or part.answer.deleted or 0)):
        number = _to_be_sent_again(part, before, contact, job)
        if number is None:
            continue
        contact = replace(contact, tested=contact.tested | {batch.kind})
        world = _world(batch, contact, job)
        if batch.kind is Kind.ADD:
            again = send_batch(Call.UPDATE, (number,), world.update)
        else:
            again = open_to_remove((number,), contact, world).sent
        for shown in again.answers:
            contact = replace(contact, habits=_after_test(number, part, shown, contact.habits))
        return contact, ends_the_run(again)
    return contact, None


def _to_be_sent_again(part: Answered, before: Before, contact: Contact, job: Job) -> Optional[Number]:
    """A number of a doubtful answer that is in the group now, or gone from it, if there is one."""
    seen, answer = listing(part.numbers, part.answer), part.answer
    taken = seen.numbers - seen.failed
    likely: FrozenSet[str] = frozenset()
    if part.call is Call.DELETE:
        if delete_is_doubted(contact.habits, seen, answer, before):
            likely = taken
    elif update_is_doubted(contact.habits, seen, answer, before, job.lasting):
        likely = seen.named or (taken if answer.added == len(taken) else likely)
    return next((number for number in part.numbers if number.canonical in likely), None)


def _after_test(number: Number, first: Answered, again: Answered, habits: Habits) -> Habits:
    if again.call is Call.DELETE:
        return after_repeated_delete(habits, first.answer, again.answer)
    named = number.canonical in listing(first.numbers, first.answer).named
    seen = listing(again.numbers, again.answer)
    return after_repeated_update(habits, first.answer, seen, again.answer, named)


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
            applied.inserted = _sum(applied.inserted, part.answer.inserted)
            applied.deleted = _sum(applied.deleted, part.answer.deleted)
    rest = [(number, judge_lost(_LOST)) for number in sent.lost]
    stays = before.held if not plan.changes and batch.intents[0].why is not Why.EXPIRY else frozenset()
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
    shared = {intent.number.canonical for intent in batch.intents if intent.shared}
    verdict = judge_delete(part, before, contact.habits, frozenset(shared & own))
    return replace(verdict, evidence=as_sure_as_the_id(verdict.evidence, contact, _world(batch, contact, job)))


def _sum(total: Optional[int], counted: Optional[int]) -> Optional[int]:
    return total if counted is None else (total or 0) + counted


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
    if batch.intents[0].why is Why.EXPIRY:
        applied.evidence.update(of_another_expiry(intent, job.group) for intent in batch.intents)


def _keep_what_is_left_open(batch: Batch, error: CloudAgentError, applied: Applied) -> None:
    """After a defect: numbers without a result may have been sent."""
    applied.error = error
    known = {result.number for result in applied.results if result.batch == batch.ordinal}
    lost = judge_lost(_LOST)
    applied.evidence.add(lost.evidence)
    applied.results += [_result(number, lost, batch) for number in batch.numbers if number not in known]


def _keep_unsent(waiting: Sequence[Batch], applied: Applied) -> None:
    reason = "not tried: an error had stopped the run"
    applied.results += [NumberResult(n, Outcome.NOT_SENT, reason) for batch in waiting for n in batch.numbers]


def _nothing_accepted(batch: Batch, applied: Applied) -> Optional[CloudAgentError]:
    if batch.ordinal < REFUSED_BATCHES or len(applied.results) < REFUSED_NUMBERS:
        return None
    if any(result.outcome is not Outcome.REJECTED for result in applied.results):
        return None
    return NothingAccepted(
        f"The server refused each of the first {len(applied.results)} numbers and accepted none: the run was stopped."
        " Check that the list holds telephone numbers of the country that the account is in, and default_region."
    )


def _emptied_by_purge(following: Batch, job: Job, applied: Applied) -> Optional[CloudAgentError]:
    """A purge in a group in which no listed number is for certain would empty it."""
    if following.intents[0].why is not Why.NOT_LISTED or job.wish.allow_empty:
        return None
    if any(result.outcome in IN_GROUP for result in (*applied.settled, *applied.results)):
        return None
    return CloudAgentError(
        "purge: none of the listed numbers is in the group for certain, so that the purge may empty it; nothing was"
        " removed. Correct what stands against the listed numbers, or set allow_empty."
    )


# -- recording ---------------------------------------------------------------------------------------------------------


def _record(
    batch: Batch, lasting: List[NumberResult], past: Contact, contact: Contact, job: Job, applied: Applied
) -> None:
    """Makes durable what is known by now. What cannot be written is told, and stays in the result."""
    try:
        if contact.gone and not past.gone and batch.kind is Kind.REMOVE:
            job.recorder.forget()
            known = (r for r in (*applied.settled, *applied.results) if r.batch != batch.ordinal)
            lasting = [*lasting, *(r for r in known if r.outcome in NOT_IN_GROUP)]  # that still holds
        learnt = contact.id_is_sure or contact.group_id != job.given_id
        job.recorder.keep(batch, lasting, contact.exists, contact.group_id if learnt else None, contact.created is True)
        if contact.habits != past.habits:
            job.recorder.keep_habits(contact.habits)
    except CloudAgentError as error:
        applied.error = applied.error or error
        told = [result for result in applied.results if result.batch == batch.ordinal]
        applied.unrecorded += sum(result.outcome is not Outcome.NOT_SENT for result in told)
