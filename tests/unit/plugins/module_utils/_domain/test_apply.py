# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of work, exchange by exchange, with what is kept and what is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.applied import Applied
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.apply import Job, apply
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.batch import Sent
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.calls import Answer
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    EXEMPT,
    STAYS,
    Batch,
    Decision,
    Kind,
    RecordedGroup,
    RecordedNumber,
    Settled,
    State,
    Why,
    Wish,
    Work,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.errors import (
    CallFailed,
    EndpointMissing,
    GroupUnknown,
    NoAnswer,
    NumbersRefused,
    Refused,
    StoreError,
    TokenNotObtained,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.habits import Habits, Place
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.opening import PAUSE
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import (
    Evidence,
    NumberResult,
    Outcome,
    Source,
    overall,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.plan import AttributeChange, Plan
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.worklist import Worklist
from ansible_collections.ozonetel.cloudagent.tests.unit.scripted import (
    Exchange,
    Script,
    create,
    delete,
    letters,
    listed,
    number,
    numbers,
    update,
    update_of_none,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.worklists import Task, results_of, worklist_to_do

A, S, P = Outcome.ADDED, Outcome.ALREADY_PRESENT, Outcome.PRESENT
R, N, B = Outcome.REMOVED, Outcome.NOT_FOUND, Outcome.ABSENT
U, X, L = Outcome.UNCONFIRMED, Outcome.REJECTED, Outcome.NOT_SENT
SERVER, LEDGER, ASSUMED = Source.SERVER, Source.LEDGER, Source.ASSUMED
HELD, GONE = RecordedNumber(A), RecordedNumber(R)
KNOWN = RecordedGroup(known=True, group_id=7, description="Reported")
TRUE = Habits(update_path="/update", counts_inserted=True, counts_deleted=True, present_listed=Place.SUCCES)
UNKNOWN = GroupUnknown("PUT /update", "Invalid group id")
FORM = NumbersRefused("PUT /update", "invalid data")
NO_TOKEN = TokenNotObtained("no token")
LOST = NoAnswer("PUT /update", "the connection was lost")
MISSING = EndpointMissing("PUT /update", "no message", status=404)


def added(named: str, count: Optional[int] = None) -> Answer:
    """An answer to update that names numbers and counts them as new."""
    return Answer(7, succeeded=listed(named), inserted=len(named) if count is None else count)


def deleted(named: str, count: Optional[int] = None) -> Answer:
    """An answer to delete."""
    return Answer(7, succeeded=listed(named), deleted=len(named) if count is None else count)


def adding(named: str, why: Why = Why.NEW, recorded: Optional[RecordedNumber] = None, **more: Any) -> List[Task]:
    """Numbers to be added."""
    return _all(named, Work(Kind.ADD, why, recorded=recorded, **more))


def removing(named: str, recorded: Optional[RecordedNumber] = HELD, why: Why = Why.LISTED, **more: Any) -> List[Task]:
    """Numbers to be removed."""
    return _all(named, Work(Kind.REMOVE, why, recorded=recorded, **more))


def _all(named: str, decision: Decision) -> List[Task]:
    return [(each, decision) for each in numbers(named)]


class Records:
    """What was recorded, in order."""

    def __init__(self) -> None:
        self.kept: List[Any] = []
        self.doubted: List[str] = []
        self.finished: List[bool] = []
        self.fails: Callable[[], bool] = lambda: False

    def _keep(self, *what: Any) -> None:
        if self.fails():
            raise StoreError("the store is full")
        self.kept.append(what)

    def forget(self) -> None:
        """Notes it."""
        self._keep("forget")

    def begin(self, batch: Batch) -> None:
        """Notes it apart."""
        if batch.kind is Kind.ADD:
            return
        if self.fails():
            raise StoreError("the store is full")
        self.doubted.append(letters(batch.numbers))

    def doubt_text(self) -> None:
        """Notes it apart."""
        if self.fails():
            raise StoreError("the store is full")
        self.doubted.append("text")

    def keep(self, batch: Batch, results: Sequence[NumberResult], exists: bool, group_id: Optional[int]) -> None:
        """Notes it."""
        rows = {letters([result.number]): result.outcome for result in results}
        self._keep("keep", batch.ordinal, rows, exists, group_id)

    def keep_habits(self, habits: Habits) -> None:
        """Notes it."""
        self._keep("habits", habits)

    def finish(self, made: bool) -> None:
        """Notes it apart."""
        self.finished.append(made)

    def doubt_all(self) -> None:
        """Notes it."""
        self._keep("doubt all")

    def begin_anew(self) -> None:
        """Notes it."""
        self._keep("anew")


class OneByOne:
    """Sends a batch when its end is waited for."""

    size, failed = 1, False

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Sends when it is waited for."""
        return send


class Run:
    """A plan to be carried out, and what is done."""

    def __init__(self, *exchanges: Exchange, group: RecordedGroup = KNOWN, habits: Habits = TRUE) -> None:
        self.script = Script(*exchanges)
        self.records = Records()
        self.group = group
        self.habits = habits
        self.wish = Wish(State.PRESENT, "Nuisance", description="Reported")
        self.pauses: List[float] = []
        self.advanced: List[int] = []
        self.before: Callable[[Worklist], Any] = lambda worklist: None
        self.more: Dict[str, Any] = {}

    def of(self, *tasks: List[Task], changes: Tuple[AttributeChange, ...] = ()) -> Applied:
        """Carries out what is to be done; every exchange must have been made."""
        self.worklist = worklist_to_do([task for part in tasks for task in part])
        self.before(self.worklist)
        more = {"workers": OneByOne(), "advance": self.advanced.append, **self.more}
        job = Job(self.wish, self.group, self.worklist, self.script, self.records, pause=self.pauses.append, **more)
        applied = apply(Plan(changes), job, self.habits)
        self.script.finish()
        return applied

    def results(self) -> List[NumberResult]:
        """What became of every number of the worklist, in the order in which they were sent."""
        return results_of(self.worklist)

    def rows(self) -> List[Tuple[str, Outcome, Optional[int]]]:
        """Letter, outcome and batch of each number."""
        return [(letters([r.number]), r.outcome, r.batch) for r in self.results()]


def rows_of(run: Run, *tasks: List[Task]) -> List[Tuple[str, Outcome, Optional[int]]]:
    """Letter, outcome and batch of each number after a run."""
    run.of(*tasks)
    return run.rows()


def proof(applied: Applied) -> Evidence:
    """Whether something changed, and how that is known."""
    return overall(applied.evidence, LEDGER)


# -- the order of work -------------------------------------------------------------------------------------------------


def test_additions_end_before_removals_begin_and_each_batch_is_recorded_when_it_is_judged() -> None:
    run = Run(update("ab", added("ab")), update("c", added("c", 0)), delete("de", deleted("de"), 7))
    run.more["batch_size"] = 2
    applied = run.of(removing("de"), adding("abc"))
    assert run.rows() == [("a", A, 1), ("b", A, 1), ("c", S, 2), ("d", R, 3), ("e", R, 3)]
    assert (applied.inserted, applied.deleted, applied.group_id, applied.created) == (2, 2, 7, False)
    assert (applied.error, proof(applied)) == (None, Evidence(True, SERVER))
    assert run.records.kept == [
        ("keep", 1, {"a": A, "b": A}, True, 7),
        ("keep", 2, {"c": S}, True, 7),
        ("keep", 3, {"d": R, "e": R}, True, 7),
    ]


def test_nothing_to_be_sent_is_nothing_done() -> None:
    run = Run()
    applied = run.of(_all("a", STAYS))
    assert (run.results(), applied.error) == ([NumberResult(number("a"), S, "recorded as present")], None)
    assert (applied.counts, run.advanced) == ({}, [])
    assert (applied.inserted, applied.deleted, run.records.kept) == (None, None, [])
    assert applied.created is False


def test_an_error_ends_the_run_and_what_follows_was_not_sent() -> None:
    run = Run(update("a", added("a")), update("b", NO_TOKEN))
    run.more["batch_size"] = 1
    applied = run.of(adding("abc"), removing("d"))
    assert run.rows() == [("a", A, 1), ("b", L, 2), ("c", L, None), ("d", L, None)]
    assert [result.reason for result in run.results()[1:]] == ["an error stopped the run"] + [
        "not tried: an error had stopped the run"
    ] * 2
    assert (applied.error, proof(applied)) == (NO_TOKEN, Evidence(True, SERVER))
    assert run.records.kept == [("keep", 1, {"a": A}, True, 7), ("keep", 2, {}, True, 7)]


def test_numbers_whose_answer_was_lost_are_unconfirmed_and_a_change_is_assumed() -> None:
    run = Run(update("ab", LOST))
    applied = run.of(adding("ab"))
    assert run.rows() == [("a", U, 1), ("b", U, 1)]
    assert proof(applied) == Evidence(True, ASSUMED)
    assert run.results()[0].reason == "it was sent, and whether it is in the group now is not known"


def test_numbers_that_were_not_sent_tell_nothing_of_a_change() -> None:
    applied = Run(update("a", NO_TOKEN)).of(adding("a"))
    assert applied.evidence == set()


# -- a group that is made ----------------------------------------------------------------------------------------------


def test_a_group_that_is_made_is_told_and_what_is_in_it_came_with_it() -> None:
    made = Answer(7, succeeded=listed("a"))
    run = Run(update("ab", UNKNOWN), create("a", made), update("b", added("b")), group=RecordedGroup())
    applied = run.of(adding("ab", Why.NOTHING_RECORDED))
    assert run.rows() == [("a", A, 1), ("b", A, 1)]
    assert (applied.created, applied.group_id, proof(applied)) == (True, 7, Evidence(True, SERVER))
    assert applied.warnings == []
    assert run.records.kept == [("forget",), ("keep", 1, {"a": A, "b": A}, True, 7)]
    assert run.records.finished == [True]
    assert run.script.texts[0].name == "Nuisance"


def test_a20_a_group_that_was_gone_gets_the_numbers_that_counted_as_present() -> None:
    run = Run(
        update("a", UNKNOWN), create("a", Answer(7, listed("a"))), update("b", added("b")), update("c", added("c"))
    )
    run.more["batch_size"] = 1
    applied = run.of(_all("d", EXEMPT), adding("ab"), _all("c", STAYS))
    assert run.rows() == [("a", A, 1), ("b", A, 2), ("c", A, 3), ("d", Outcome.EXEMPT, None)]
    assert (applied.counts, run.advanced) == ({A: 3}, [1, 1, 1])


def _said_twice(of_none: CallFailed) -> Run:
    said = Refused("PUT /update", "No such one")
    said.words = "no such one"
    return Run(
        update("a", said),
        update("a", said),
        create("a", Answer(9, listed("a"))),
        update("a", added("a", 0)),
        update_of_none("a", said if of_none is said else of_none),
        group=RecordedGroup(),
        habits=Habits(),
    )


def test_a_group_that_may_have_been_there_is_not_told_as_made() -> None:
    run = _said_twice(UNKNOWN)
    applied = run.of(adding("a", Why.NOTHING_RECORDED))
    assert run.rows() == [("a", P, 1)]
    assert (applied.created, proof(applied), run.pauses) == (None, Evidence(True, ASSUMED), [PAUSE])


@pytest.mark.parametrize(("group_id", "created", "outcome"), [(7, None, P), (8, True, A), (None, True, A)])
def test_a_group_with_the_id_on_record_was_not_made_by_a_create_whose_answer_was_lost(
    group_id: Optional[int], created: Optional[bool], outcome: Outcome
) -> None:
    run = Run(update("a", UNKNOWN), create("a", LOST), update("a", added("a")), group=replace(KNOWN, group_id=group_id))
    run.habits = Habits(present_listed=Place.SUCCES, counts_inserted=False)
    applied = run.of(adding("a"))
    assert (applied.created, run.rows()) == (created, [("a", outcome, 1)])


def test_that_a_group_was_made_is_a_change_whatever_became_of_its_number() -> None:
    run = Run(update("a", UNKNOWN), create("a", Answer(7)), update("a", NO_TOKEN), group=RecordedGroup())
    applied = run.of(adding("a", Why.NOTHING_RECORDED))
    assert (applied.created, run.rows(), proof(applied)) == (True, [("a", U, 1)], Evidence(True, SERVER))


def test_a_group_that_was_made_may_have_the_id_on_record() -> None:
    run = Run(update("a", UNKNOWN), create("a", Answer(7, listed("a"))), update("b", added("b")))
    run.more["batch_size"] = 1
    assert run.of(adding("ab")).created is True


def test_words_that_were_learned_are_kept_as_a_habit() -> None:
    same = Refused("PUT /update", "No such one")
    same.words = "no such one"
    run = _said_twice(same)
    applied = run.of(adding("a", Why.NOTHING_RECORDED))
    assert (run.rows(), applied.created) == ([("a", A, 1)], True)
    learned = replace(Habits(), unknown_group_words="no such one", update_path="/update")
    assert run.records.kept[-1] == ("habits", learned)


def test_two_groups_of_one_name_are_told() -> None:
    run = Run(
        update("ab", UNKNOWN), create("a", Answer(9, listed("a"))), update("b", added("b")), update("c", added("c"))
    )
    applied = run.of(adding("ab"), _all("c", STAYS))
    assert applied.group_id == 7
    (warning,) = applied.warnings
    assert warning == (
        "There are two groups named Nuisance: 9, which was made by this run, and 7, which answers to the name. Remove"
        " one of them in the web console, and run again."
    )

    assert _kept(run) == ["forget", "ab", "doubt all", "c"]


OTHER_ID = (
    "The server told the ids 7 and 8 of the group Nuisance: it was re-created while this run was at it, or there are"
    " two of this name. What was sent before may not be in it; run again."
)


def _updates_of(group_ids: Sequence[int], answer: Callable[[str], Answer] = added) -> List[Exchange]:
    """An update for each letter, with the id that its answer tells."""
    letters_ = "abcdef"[: len(group_ids)]
    return [update(of, replace(answer(of), group_id=told)) for of, told in zip(letters_, group_ids)]


def _kept(run: Run) -> List[Any]:
    """What was recorded, in short: the numbers of a batch, or what else."""
    return ["".join(what[2]) if what[0] == "keep" else "".join(what) for what in run.records.kept]


def test_what_was_sent_to_a_group_before_it_had_another_id_is_in_doubt() -> None:
    held = _all("f", STAYS)
    run = Run(*_updates_of([7, 7, 8, 8, 7]), group=replace(KNOWN, group_id=None))
    run.more["batch_size"] = 1
    applied = run.of(adding("abcde"), held)
    assert applied.warnings == [OTHER_ID]
    assert _kept(run) == ["a", "b", "doubt all", "c", "d", "doubt all", "e", "doubt all"]
    assert run.rows() == [("a", U, 1), ("b", U, 2), ("c", U, 3), ("d", U, 4), ("e", U, 5), ("f", U, None)]
    by_now = "but the group has another id by now"
    assert {result.reason for result in run.results()} == {f"added, {by_now}", f"recorded as present, {by_now}"}
    assert run.worklist.counts() == {U: 6}
    assert proof(applied) == Evidence(True, SERVER)


def test_a_group_that_had_another_id_is_not_taken_for_one_that_this_run_has_made() -> None:
    def named(letter: str) -> Answer:
        return Answer(succeeded=listed(letter))

    first = [update("a", UNKNOWN), create("a", Answer(7, listed("a")))]
    run = Run(
        *first,
        *_updates_of([7, 7, 8, 8], named)[1:],
        group=RecordedGroup(),
        habits=replace(TRUE, counts_inserted=False),
    )
    run.more["batch_size"] = 1
    applied = run.of(adding("abcd"))
    assert run.rows() == [("a", U, 1), ("b", U, 2), ("c", P, 3), ("d", P, 4)]
    assert (applied.warnings, applied.created) == ([OTHER_ID], True)


def test_a_group_whose_create_did_not_confirm_its_number_may_have_another_id_too() -> None:
    unconfirmed = Answer(9, failed=listed("a"))
    exchanges = [update("ab", UNKNOWN), create("a", unconfirmed), *updates("ab")]
    run = Run(*exchanges, group=RecordedGroup())
    applied = run.of(adding("ab"))
    (warning,) = applied.warnings
    assert warning.startswith(
        "There are two groups named Nuisance: 9, which was made by this run, and 7, which answers"
    )
    assert _kept(run) == ["forget", "ab", "doubt all"]


def test_an_answer_from_before_the_group_was_replaced_keeps_nothing_from_being_sent_to_the_new_one() -> None:
    answers = [update(of, replace(added(of), group_id=told)) for of, told in (("a", 7), ("d", 8), ("c", 7), ("b", 8))]
    run = at_once(*answers, update("f", replace(added("f"), group_id=8)))
    applied = run.of(adding("abcd"), _all("f", STAYS))
    # Which of them were answered by the older group, the order of the list does not tell.
    assert run.rows() == [("a", U, 1), ("b", U, 2), ("c", U, 3), ("d", U, 4), ("f", A, 5)]
    assert (applied.warnings, applied.group_id) == ([OTHER_ID], 8)


def test_a_purge_after_the_group_had_another_id_leaves_what_it_does_not_touch_in_doubt() -> None:
    run = Run(*_updates_of([7, 8]), delete("f", NO_TOKEN, 8), group=replace(KNOWN, group_id=None))
    run.more["batch_size"] = 1
    run.of(adding("ab"), removing("f", why=Why.NOT_LISTED))
    assert run.rows()[-1] == ("f", L, 3)
    assert run.records.kept[-1] == ("keep", 3, {"f": U}, True, 8)


def test_what_was_sent_to_a_group_before_it_was_gone_is_told_as_not_certain() -> None:
    gone = Run(*updates("ab"), update("c", UNKNOWN))
    gone.more["batch_size"] = 1
    applied = gone.of(adding("abcd"), _all("f", STAYS))
    by_now = "but the server knows no such group by now"
    assert gone.rows() == [("a", U, 1), ("b", U, 2), ("c", L, 3), ("d", L, None), ("f", U, None)]
    assert {r.reason for r in gone.results() if r.outcome is U} == {
        f"added, {by_now}",
        f"recorded as present, {by_now}",
    }
    assert (applied.error, proof(applied), gone.worklist.counts()) == (UNKNOWN, Evidence(True, SERVER), {U: 3, L: 2})
    assert _kept(gone) == ["a", "b", "", "doubt all"]


def test_a_doubt_that_cannot_be_recorded_stops_the_run_and_stands_in_the_result() -> None:
    run = Run(*_updates_of([7, 8]), group=replace(KNOWN, group_id=None))
    run.more["batch_size"] = 1

    def fails() -> None:
        raise StoreError("the store is full")

    run.records.doubt_all = fails  # type: ignore[method-assign]
    applied = run.of(adding("abc"))
    assert run.rows() == [("a", U, 1), ("b", A, 2), ("c", L, None)]
    assert str(applied.error) == "the store is full"


def test_what_was_under_way_when_the_group_was_gone_may_have_been_answered_before() -> None:
    run = at_once(update("a", added("a")), update("d", added("d")), update("c", UNKNOWN), update("b", added("b")))
    run.of(adding("abcd"))
    assert run.rows() == [("a", U, 1), ("b", U, 2), ("c", L, 3), ("d", U, 4)]
    assert _kept(run)[-2:] == ["d", "doubt all"]


def test_a_group_on_record_that_has_another_id_in_the_middle_is_begun_anew() -> None:
    run = Run(*_updates_of([7, 8]), update("f", replace(added("f"), group_id=8)))
    run.more["batch_size"] = 1
    applied = run.of(adding("ab"), _all("f", STAYS))
    assert run.rows() == [("a", U, 1), ("b", A, 2), ("f", A, 3)]
    assert applied.warnings == [OTHER_ID]
    assert _kept(run) == ["a", "forget", "doubt all", "b", "f"]


def test_a_removal_from_a_group_that_is_gone_finds_nothing_and_drops_the_record() -> None:
    needs_id = Refused("DELETE /delete", "Parameters are mandatory", documented=True)
    run = Run(delete("a", needs_id), update("a", UNKNOWN), group=replace(KNOWN, group_id=None))
    run.more["batch_size"] = 1
    applied = run.of(removing("ab"), _all("c", Settled(N, "recorded as removed")), _all("d", EXEMPT))
    assert run.rows() == [("a", N, 1), ("b", N, 2), ("c", N, None), ("d", Outcome.EXEMPT, None)]
    assert proof(applied) == Evidence(False, SERVER)
    assert run.results()[0].reason == "there was no such group on the server"
    # What was recorded as gone is gone all the same.
    assert run.records.kept == [
        ("forget",),
        ("keep", 1, {"c": N}, False, None),
        ("keep", 1, {"a": N}, False, None),
        ("keep", 2, {"b": N}, False, None),
    ]


# -- where there is no update call -------------------------------------------------------------------------------------


def test_a_group_that_takes_no_more_is_told_with_what_could_not_be_sent() -> None:
    run = Run(
        update("a", MISSING),
        update("a", MISSING),
        create("a", Answer(9, listed("a"))),
        group=RecordedGroup(),
        habits=Habits(),
    )
    run.script.update_path = None
    run.more.update(batch_size=1, lasting=True)
    applied = run.of(adding("ab", Why.NOTHING_RECORDED))
    assert run.rows() == [("a", P, 1), ("b", L, 2)]
    assert "no update call" in run.results()[1].reason
    assert applied.error is None


@pytest.mark.parametrize(
    ("why", "changes", "expected"),
    [
        (Why.REFRESH, (), S),
        (Why.EXPIRY, (), L),
        (Why.REFRESH, (AttributeChange("description", "Old", "Reported"),), L),
    ],
)
def test_a_number_on_record_stays_where_there_is_no_update_call_and_nothing_is_to_change(
    why: Why, changes: Tuple[AttributeChange, ...], expected: Outcome
) -> None:
    run = Run(update("a", MISSING), habits=Habits())
    run.script.update_path = None
    applied = run.of(adding("a", why, HELD), changes=changes)
    assert run.rows() == [("a", expected, 1)]
    assert proof(applied) == Evidence(False, LEDGER)
    assert applied.changes == ()
    if expected is S:
        assert applied.evidence == {Evidence(False, LEDGER)}


# -- attributes --------------------------------------------------------------------------------------------------------

CHANGED = (AttributeChange("description", "Old", "Reported"),)


def test_what_a_request_carries_besides_numbers_is_a_change() -> None:
    run = Run(update("a", added("a", 0)))
    applied = run.of(adding("a", Why.REFRESH, HELD), changes=CHANGED)
    assert (applied.changes, proof(applied)) == (CHANGED, Evidence(True, LEDGER))


def test_what_no_request_has_carried_is_none() -> None:
    applied = Run(update("a", NO_TOKEN)).of(adding("a", Why.REFRESH, HELD), changes=CHANGED)
    assert (applied.changes, applied.evidence) == ((), set())


def test_while_description_or_expiry_may_change_the_record_is_not_certain_of_them() -> None:
    run = Run(update("a", added("a")), update("b", added("b")))
    run.more["batch_size"] = 1
    run.of(adding("ab"), changes=CHANGED)
    assert run.records.doubted == ["text"]  # once, before the first
    run = Run(update("a", added("a")))
    run.of(adding("a"))
    assert run.records.doubted == []


def test_an_update_that_cannot_be_doubted_first_is_not_sent() -> None:
    run = Run()
    run.records.fails = lambda: True
    applied = run.of(adding("a"), changes=CHANGED)
    assert (run.rows(), str(applied.error)) == ([("a", L, 1)], "the store is full")


MANDATORY = Refused("PUT /update", "Parameters are mandatory", documented=True)


@pytest.mark.parametrize(
    ("group", "old"),
    [
        (RecordedGroup(), None),
        (RecordedGroup(known=True, description="Reported", unsure=True), None),
        (RecordedGroup(known=True, description="Reported"), "Reported"),
    ],
)
def test_what_an_update_that_asks_for_the_id_has_carried_may_be_a_change(
    group: RecordedGroup, old: Optional[str]
) -> None:
    needs_id = Refused("DELETE /delete", "Parameters are mandatory", documented=True)
    asked = [update("a", MANDATORY), update("a", added("a", 0))]
    run = Run(delete("a", needs_id), *asked, delete("a", deleted("a", 0), 7), group=group)
    applied = run.of(removing("a", None))
    assert run.rows() == [("a", N, 1)]
    if old is None:
        assert applied.changes == (AttributeChange("description", None, "Reported", ASSUMED),)
        assert proof(applied) == Evidence(True, ASSUMED)
    else:
        assert (applied.changes, proof(applied)) == ((), Evidence(False, SERVER))


def test_an_expiry_that_was_computed_is_not_sent_to_ask_for_the_id() -> None:
    needs_id = Refused("DELETE /delete", "Parameters are mandatory", documented=True)
    for computed, sent in ((True, None), (False, "2099-01-01 00:00:00")):
        asked = [update("a", MANDATORY), update("a", added("a", 0))]
        run = Run(delete("a", needs_id), *asked, delete("a", deleted("a", 0), 7), group=RecordedGroup())
        run.wish = replace(run.wish, expiry="2099-01-01 00:00:00", sets_new_expiry=computed)
        run.of(removing("a", None))
        assert run.script.texts[2].expiry == sent


def test_an_id_that_only_the_user_has_named_is_not_recorded() -> None:
    for told, recorded in ((None, None), (7, 7)):
        run = Run(update("a", replace(added("a"), group_id=told)), group=replace(KNOWN, group_id=None))
        run.more["given_id"] = 7
        assert run.of(adding("a")).group_id == 7
        assert run.records.kept == [("keep", 1, {"a": A}, True, recorded)]


def test_a_removal_carries_nothing_besides() -> None:
    applied = Run(delete("a", deleted("a"), 7)).of(removing("a"), changes=CHANGED)
    assert applied.changes == ()


def test_what_a_new_group_was_made_with_is_no_change_of_it() -> None:
    run = Run(update("a", UNKNOWN), create("a", Answer(9, listed("a"))))
    assert run.of(adding("a"), changes=CHANGED).changes == ()


def test_rows_whose_expiry_has_changed_are_not_told_as_added() -> None:
    run = Run(update("a", added("a")), update("a", added("a", 0)))  # more than can be new is tested
    applied = run.of(adding("a", Why.EXPIRY, HELD, expiry="2099-01-01 00:00:00"))
    assert (run.rows(), proof(applied)) == ([("a", S, 1)], Evidence(True, LEDGER))


def test_in_a_group_that_has_ended_nothing_is_told_as_added_unless_another_expiry_is_sent() -> None:
    ended = replace(KNOWN, ended=True)
    run = Run(update("a", added("a")), group=ended, habits=Habits())  # and nothing is tested there
    run.more["lasting"] = True
    applied = run.of(adding("a"))
    assert (run.rows(), proof(applied)) == ([("a", U, 1)], Evidence(True, ASSUMED))
    assert "set expiry_date or expires_in" in run.results()[0].reason
    renewed = Run(update("a", added("a")), group=ended)
    assert rows_of(renewed, adding("a", expiry="2099-01-01 00:00:00")) == [("a", A, 1)]
    anew = Run(update("a", UNKNOWN), create("a", Answer(9, listed("a"))), group=ended)
    assert rows_of(anew, adding("a")) == [("a", A, 1)]
    removed = Run(delete("a", deleted("a"), 7), delete("a", deleted("a", 0), 7), group=ended, habits=Habits())
    assert rows_of(removed, removing("a")) == [("a", R, 1)]


def test_a_new_expiry_of_a_number_is_a_change() -> None:
    run = Run(update("a", added("a", 0)))
    applied = run.of(adding("a", Why.EXPIRY, HELD, expiry="2099-01-01 00:00:00"))
    assert run.rows() == [("a", S, 1)]
    assert proof(applied) == Evidence(True, LEDGER)
    assert run.script.texts[0].expiry == "2099-01-01 00:00:00"


@pytest.mark.parametrize(
    ("group", "description", "expiry"),
    [
        (replace(KNOWN, expiry="2050-01-01 00:00:00"), "Reported", "2050-01-01 00:00:00"),
        (KNOWN, "Reported", None),
        (replace(KNOWN, description=None), "Wished", "2099-01-01 00:00:00"),
    ],
)
def test_a_removal_names_the_attributes_on_record_so_that_none_changes(
    group: RecordedGroup, description: str, expiry: Optional[str]
) -> None:
    run = Run(delete("a", deleted("a"), 7), group=group)
    run.wish = replace(run.wish, description="Wished", expiry="2099-01-01 00:00:00")
    run.of(removing("a"))
    assert (run.script.texts[0].description, run.script.texts[0].expiry) == (description, expiry)


def test_an_addition_names_the_recorded_description_where_none_is_wished() -> None:
    run = Run(update("a", added("a")))
    run.wish = replace(run.wish, description=None)
    run.of(adding("a"))
    assert run.script.texts[0].description == "Reported"


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_the_given_id_goes_before_the_recorded_one_and_the_last_told_one_is_kept() -> None:
    run = Run(delete("a", deleted("a"), 8))
    run.more["given_id"] = 8
    assert run.of(removing("a")).group_id == 8
    run = Run(update("a", replace(added("a"), group_id=None)))
    assert run.of(adding("a")).group_id == 7


def test_a_given_id_that_is_another_groups_stops_the_run() -> None:
    run = Run(update("a", added("a")))
    run.more.update(given_id=8, batch_size=1)
    applied = run.of(adding("ab"))
    assert run.rows() == [("a", A, 1), ("b", L, None)]
    assert "group_id 8 was given, but the server says that the group Nuisance has the id 7" in str(applied.error)


# -- testing what is doubtful ------------------------------------------------------------------------------------------


def test_a_counter_that_was_never_tested_is_tested_once_and_the_habit_is_kept() -> None:
    run = Run(update("a", added("a")), update("a", added("a", 0)), update("b", added("b")), habits=Habits())
    run.more.update(batch_size=1, lasting=True)
    applied = run.of(adding("ab"))
    assert run.rows() == [("a", A, 1), ("b", A, 2)]
    assert applied.inserted == 2  # the repeat is no batch
    learned = ("habits", TRUE)
    assert run.records.kept == [
        ("keep", 1, {"a": A}, True, 7),
        ("habits", replace(learned[1], counts_deleted=None)),
        ("keep", 2, {"b": A}, True, 7),
    ]


def test_a_counter_that_is_not_true_is_not_believed() -> None:
    run = Run(update("ab", added("ab")), update("a", added("a", 1)), habits=replace(TRUE, counts_inserted=None))
    applied = run.of(adding("ab", recorded=None))
    assert proof(applied) == Evidence(True, LEDGER)
    assert [result.reason for result in run.results()] == ["by what is recorded"] * 2


def test_a_test_that_fails_leaves_the_counter_open_and_the_run_goes_on() -> None:
    run = Run(update("a", added("a")), update("a", LOST), update("b", added("b")), habits=Habits())
    run.more.update(batch_size=1, lasting=True)
    applied = run.of(adding("ab"))
    assert (run.rows(), applied.error) == ([("a", A, 1), ("b", A, 2)], None)
    assert proof(applied) == Evidence(True, LEDGER)


def test_a_test_for_which_there_is_no_token_ends_the_run_with_what_was_done() -> None:
    run = Run(update("a", added("a")), update("a", NO_TOKEN), habits=Habits())
    run.more.update(batch_size=1, lasting=True)
    applied = run.of(adding("ab"))
    assert (run.rows(), applied.error) == ([("a", A, 1), ("b", L, None)], NO_TOKEN)


def test_nothing_is_tested_after_an_error() -> None:
    """A failed generation, for one, is followed by no other call."""
    run = Run(update("ab", FORM), update("a", added("a")), update("b", NO_TOKEN), habits=Habits())
    run.more["lasting"] = True
    assert rows_of(run, adding("ab")) == [("a", A, 1), ("b", U, 1)]


def test_a_number_that_is_only_counted_is_sent_again_too() -> None:
    unnamed = Answer(7, inserted=1)
    run = Run(update("a", unnamed), update("a", Answer(7, inserted=0)), habits=Habits())
    run.of(adding("a"))
    assert run.rows() == [("a", A, 1)]
    assert run.records.kept[-1] == ("habits", replace(TRUE, counts_deleted=None, present_listed=None))


def test_a_number_that_is_neither_named_nor_counted_for_certain_is_not_sent_again() -> None:
    run = Run(update("ab", Answer(7, inserted=1)), habits=Habits())
    assert rows_of(run, adding("ab")) == [("a", U, 1), ("b", U, 1)]


def test_where_a_counter_and_the_lists_do_not_agree_none_is_sent_again() -> None:
    answer = Answer(7, failed=listed("b"), inserted=2)
    run = Run(update("ab", answer), habits=Habits())
    assert rows_of(run, adding("ab")) == [("a", U, 1), ("b", U, 1)]


def test_what_was_tested_once_is_not_tested_again_whatever_it_has_shown() -> None:
    run = Run(
        update("a", added("a")), update("a", LOST), update("b", added("b")), update("c", added("c")), habits=Habits()
    )
    run.more.update(batch_size=1, lasting=True)
    assert rows_of(run, adding("abc")) == [("a", A, 1), ("b", A, 2), ("c", A, 3)]


def test_where_no_number_is_certain_to_be_there_none_is_sent_again() -> None:
    failed = Answer(7, failed=listed("a"))
    assert rows_of(Run(update("a", failed), habits=Habits()), adding("a")) == [("a", U, 1)]


def test_the_counter_of_a_delete_is_tested_with_one_of_its_numbers() -> None:
    run = Run(
        delete("ab", deleted("ab"), 7), delete("a", deleted("a", 0), 7), habits=replace(TRUE, counts_deleted=None)
    )
    applied = run.of(removing("ab"))
    assert (run.rows(), applied.deleted) == ([("a", R, 1), ("b", R, 1)], 2)
    assert run.records.kept[-1] == ("habits", TRUE)


def test_a_delete_that_lists_all_as_failed_is_not_tested() -> None:
    failed = Answer(failed=listed("a"), deleted=1)
    run = Run(delete("a", failed, 7), delete("a", failed), habits=replace(TRUE, counts_deleted=None))
    assert rows_of(run, removing("a")) == [("a", U, 1)]


def test_additions_and_removals_are_tested_each_for_itself() -> None:
    run = Run(
        update("a", added("a")),
        update("a", added("a", 0)),
        delete("b", deleted("b"), 7),
        delete("b", deleted("b", 0), 7),
        habits=Habits(),
    )
    assert rows_of(run, adding("a"), removing("b")) == [("a", A, 1), ("b", R, 2)]


# -- purge ---


_EMPTIED = "none of the listed numbers is in the group for certain, so that the purge may empty it; nothing was removed"


@pytest.mark.parametrize(
    ("said", "outcome"), [(FORM, X), (Answer(7, failed=listed("a")), U), (added("a"), A), (added("a", 0), S)]
)
@pytest.mark.parametrize("allow_empty", [False, True])
def test_a_purge_does_not_empty_a_group_to_which_no_listed_number_was_added(
    said: Any, outcome: Outcome, allow_empty: bool
) -> None:
    goes_on = allow_empty or outcome in (A, S)
    run = Run(update("a", said), *([delete("bc", deleted("bc"), 7)] if goes_on else []))
    run.wish = replace(run.wish, purge=True, allow_empty=allow_empty)
    applied = run.of(adding("a"), removing("bc", why=Why.NOT_LISTED))
    assert [result.outcome for result in run.results()] == [outcome, *([R, R] if goes_on else [L, L])]
    assert (_EMPTIED in str(applied.error)) == (not goes_on)


def test_a_purge_goes_on_where_a_listed_number_is_on_record() -> None:
    run = Run(update("a", FORM), delete("b", deleted("b"), 7))
    run.wish = replace(run.wish, purge=True)
    applied = run.of(adding("a"), removing("b", why=Why.NOT_LISTED), _all("c", STAYS))
    assert (run.rows(), applied.error) == ([("a", X, 1), ("b", R, 2), ("c", S, None)], None)


# -- refused numbers ---------------------------------------------------------------------------------------------------


def test_a_refused_number_is_told_with_the_servers_words() -> None:
    run = Run(update("ab", FORM), update("a", added("a")), update("b", FORM))
    run.of(adding("ab"))
    assert run.rows() == [("a", A, 1), ("b", X, 1)]
    assert run.results()[1].reason == "refused by the server: invalid data"


def _many(count: int) -> List[Task]:
    written = [number("a")._replace(canonical=f"+91{at:010d}", given=str(at)) for at in range(count)]
    return [(each, Work(Kind.ADD, Why.NEW)) for each in written]


class Refusing(Script):
    """Refuses every number, or takes those of a batch."""

    def __init__(self, takes: Sequence[str] = ()) -> None:
        super().__init__()
        self.sent = 0
        self._takes = set(takes)

    def _answer(self, call: str, group: Any, numbers: Any, group_id: Optional[int]) -> Answer:
        self.sent += 1
        if self._takes.issuperset(numbers):
            return Answer(7, succeeded=tuple(numbers), inserted=len(numbers))
        raise FORM


def test_c9_a_server_that_accepts_nothing_is_not_asked_for_ever() -> None:
    run = Run()
    run.script = Refusing()
    applied = run.of(_many(1000))
    assert "refused each of the first 200 numbers and accepted none" in str(applied.error)
    assert run.script.sent == 2 * (2 * 100 - 1)
    assert [result.outcome for result in run.results()] == [X] * 200 + [L] * 800


def test_c9_small_batches_are_more_before_the_run_ends() -> None:
    run = Run()
    run.script = Refusing()
    run.more["batch_size"] = 10
    run.of(_many(200))
    assert [result.outcome for result in run.results()] == [X] * 100 + [L] * 100


def test_c9_one_accepted_number_is_enough_to_go_on() -> None:
    run = Run()
    run.script = Refusing([f"+91{0:010d}"])
    applied = run.of(_many(300))
    assert applied.error is None
    assert [r.outcome for r in run.results()].count(X) == 299


def test_c9_what_was_sent_to_the_end_needs_no_other_error() -> None:
    run = Run()
    run.script = Refusing()
    assert run.of(_many(200)).error is None


# -- the record --------------------------------------------------------------------------------------------------------


def test_a8_what_cannot_be_recorded_is_told_and_stays_in_the_result() -> None:
    run = Run(update("ab", added("ab")))
    run.more["batch_size"] = 2
    run.records.fails = lambda: True
    applied = run.of(adding("abc"))
    assert run.rows() == [("a", A, 1), ("b", A, 1), ("c", L, None)]
    assert (str(applied.error), applied.unrecorded) == ("the store is full", 2)
    assert proof(applied) == Evidence(True, SERVER)


def test_an_earlier_error_is_told_before_that_of_the_record() -> None:
    run = Run(update("a", LOST))
    run.records.fails = lambda: True
    applied = run.of(adding("a"))
    assert (applied.error, applied.unrecorded) == (LOST, 1)


def test_numbers_that_were_not_sent_are_none_that_could_not_be_recorded() -> None:
    run = Run(update("a", NO_TOKEN))
    run.records.fails = lambda: True
    assert run.of(adding("a")).unrecorded == 0


def test_an_unconfirmed_number_that_was_in_the_group_stays_so_on_record() -> None:
    run = Run(update("ab", LOST))
    run.of(adding("a", Why.REFRESH, HELD), adding("b", Why.REFRESH, GONE))
    assert run.records.kept == [("keep", 1, {"b": U}, False, 7)]


def test_a_number_in_the_group_that_is_refused_for_its_form_stays_on_record() -> None:
    """Or no purge would remove it any more."""
    run = Run(update("ab", FORM), update("a", FORM), update("b", FORM), delete("c", FORM, 7))
    run.of(adding("a", Why.REFRESH, HELD), adding("b", Why.REFRESH), removing("c"))
    assert run.records.kept == [("keep", 1, {"b": X}, False, 7), ("keep", 2, {"c": S}, False, 7)]
    assert run.records.doubted == ["c"]


def test_a_number_that_is_refused_after_a_removal_that_may_have_been_done_is_open_on_record() -> None:
    doubtful = NumbersRefused("DELETE /delete", "invalid data")
    doubtful.maybe_done = True
    run = Run(delete("a", doubtful, 7))
    assert rows_of(run, removing("a")) == [("a", X, 1)]
    assert run.records.kept == [("keep", 1, {"a": U}, False, 7)]


def test_what_was_not_removed_since_nothing_was_sent_is_on_record_as_before() -> None:
    run = Run(delete("ab", NO_TOKEN, 7))
    assert rows_of(run, removing("a"), removing("b", None)) == [("a", L, 1), ("b", L, 1)]
    assert (run.records.doubted, run.records.kept) == (["ab"], [("keep", 1, {"a": S}, False, 7)])


def test_nothing_is_removed_that_cannot_be_doubted_on_record_before() -> None:
    run = Run()
    run.records.fails = lambda: True
    applied = run.of(removing("a"))
    assert (run.rows(), applied.unrecorded) == ([("a", L, 1)], 0)
    assert str(applied.error) == "the store is full"


@pytest.mark.parametrize(("expiry", "kept"), [(None, {}), ("2099-01-01 00:00:00", {"a": U})])
def test_a_number_whose_expiry_may_have_changed_without_an_answer_is_open_on_record(
    expiry: Optional[str], kept: Dict[str, Outcome]
) -> None:
    run = Run(update("a", LOST))
    run.of(adding("a", Why.EXPIRY, HELD, expiry=expiry))
    assert run.records.kept == [("keep", 1, kept, False, 7)]


def test_an_unconfirmed_removal_is_on_record() -> None:
    run = Run(delete("a", NoAnswer("DELETE /delete", "lost"), 7))
    run.of(removing("a"))
    assert run.records.kept == [("keep", 1, {"a": U}, False, 7)]


def test_in_a_group_that_was_gone_an_unconfirmed_number_is_on_record_as_that() -> None:
    run = Run(update("a", UNKNOWN), create("a", LOST), update("a", NO_TOKEN))
    run.of(adding("a", Why.REFRESH, HELD))
    assert run.records.kept == [("forget",), ("keep", 1, {"a": U}, False, None)]


# -- defects -----------------------------------------------------------------------------------------------------------


def test_an_exception_that_nobody_foresaw_loses_nothing_that_was_done_before() -> None:
    run = Run(update("a", added("a")), update("b", added("b")))
    run.more["batch_size"] = 1
    times = iter([False, True])

    def breaks() -> bool:
        if next(times):
            raise ZeroDivisionError
        return False

    run.records.fails = breaks
    applied = run.of(adding("abc"))
    # The answer was kept before the record broke.
    assert run.rows() == [("a", A, 1), ("b", A, 2), ("c", L, None)]
    assert "An unexpected error of the class ZeroDivisionError" in str(applied.error)


def test_a_number_without_a_result_after_a_defect_may_have_been_sent() -> None:
    run = Run(update("a", replace(added("a"), succeeded=(5,))))  # type: ignore[arg-type] # which no list can hold
    run.more["batch_size"] = 1
    applied = run.of(adding("ab"))
    assert run.rows() == [("a", U, 1), ("b", L, None)]
    assert proof(applied) == Evidence(True, ASSUMED)
    assert "AttributeError" in str(applied.error)


# -- removals of numbers that other groups hold ------------------------------------------------------------------------


def test_rows_of_several_groups_are_not_told_as_numbers() -> None:
    run = Run(delete("ab", deleted("ab", 3), 7))
    applied = run.of(removing("a", shared=True), removing("b", GONE))
    assert run.rows() == [("a", R, 1), ("b", N, 1)]
    assert applied.deleted == 3


def test_each_part_of_a_halved_batch_is_judged_by_its_own_numbers() -> None:
    run = Run(delete("ab", FORM, 7), delete("a", deleted("a", 1), 7), delete("b", deleted("b", 0), 7))
    run.of(removing("a", shared=True), removing("b", GONE))
    assert run.rows() == [("a", R, 1), ("b", N, 1)]
    assert B not in {result.outcome for result in run.results()}


# -- several batches at once -------------------------------------------------------------------------------------------


class AtOnce:
    """Three workers. Once somebody waits, all batches that were begun are answered, the last one first."""

    size, failed = 3, False

    def __init__(self) -> None:
        self._begun: List[Callable[[], None]] = []

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Begins."""
        answers: List[Sent] = []
        self._begun.append(lambda: answers.append(send()))

        def wait() -> Sent:
            while self._begun and not answers:
                while self._begun:
                    self._begun.pop()()
            return answers[0]

        return wait


def at_once(*exchanges: Exchange, **more: Any) -> Run:
    """A run with three workers and a batch for each number."""
    run = Run(*exchanges, **more)
    run.more.update(workers=AtOnce(), batch_size=1)
    return run


def updates(named: str) -> List[Exchange]:
    """An update for each number, all of which are new."""
    return [update(letter, added(letter)) for letter in named]


def test_once_the_group_is_opened_several_batches_are_sent_at_once_and_judged_in_the_order_of_the_list() -> None:
    run = at_once(*updates("adcbgfe"))
    applied = run.of(adding("abcdefg"))
    assert run.rows() == [(letter, A, at) for at, letter in enumerate("abcdefg", start=1)]
    assert [kept[:3] for kept in run.records.kept] == [
        ("keep", at, {letter: A}) for at, letter in enumerate("abcdefg", start=1)
    ]
    assert (applied.inserted, applied.error, applied.counts, run.advanced) == (7, None, {A: 7}, [1] * 7)


def test_nothing_is_sent_beside_a_first_contact_that_leaves_open_whether_there_is_a_group() -> None:
    run = at_once(update("a", FORM), update("b", FORM), *updates("ced"))
    assert run.of(adding("abcde")).error is None
    assert run.rows() == [("a", X, 1), ("b", X, 2), ("c", A, 3), ("d", A, 4), ("e", A, 5)]


def test_no_removal_is_sent_beside_an_addition() -> None:
    run = at_once(*updates("acb"), *[delete(letter, deleted(letter), 7) for letter in "fed"])
    run.of(removing("def"), adding("abc"))
    assert run.rows() == [("a", A, 1), ("b", A, 2), ("c", A, 3), ("d", R, 4), ("e", R, 5), ("f", R, 6)]
    assert run.records.doubted == ["d", "e", "f"]


def test_what_may_be_the_same_telephone_is_not_sent_at_once() -> None:
    same = number("c")._replace(canonical=number("c").canonical[3:])
    again = Exchange("update", [same.canonical], Answer(7, (same.canonical,), inserted=0))
    run = at_once(*updates("acbd"), again)
    applied = run.of(adding("abc"), [(same, Work(Kind.ADD, Why.NEW))], adding("d"))
    assert (run.rows(), applied.error) == ([("a", A, 1), ("b", A, 2), ("c", A, 3), ("c", S, 4), ("d", A, 5)], None)


def test_after_an_error_nothing_new_is_sent_and_what_is_under_way_is_awaited() -> None:
    run = at_once(*updates("a"), update("d", added("d", 0)), update("c", LOST), update("b", NO_TOKEN))
    applied = run.of(adding("abcde"), removing("f"))
    assert run.rows() == [("a", A, 1), ("b", L, 2), ("c", U, 3), ("d", S, 4), ("e", L, None), ("f", L, None)]
    assert applied.error is NO_TOKEN
    assert [kept[2] for kept in run.records.kept] == [{"a": A}, {}, {"c": U}, {"d": S}]


def test_a_counter_is_tested_while_others_are_under_way_and_they_are_judged_by_what_that_shows() -> None:
    run = at_once(*updates("a"), *[delete(letter, deleted(letter), 7) for letter in "cbb"])
    run.habits = replace(TRUE, counts_deleted=None)
    applied = run.of(adding("a"), removing("bc", GONE))
    assert (run.rows(), applied.deleted) == ([("a", A, 1), ("b", N, 2), ("c", N, 3)], 2)


def test_a_group_that_is_gone_while_others_are_under_way_has_no_number_sent_twice() -> None:
    """The additions have told no id, and somebody has deleted the group since."""
    nothing = Answer(deleted=0)
    refused = Refused("DELETE /delete", "No such group")
    run = at_once(
        update("a", Answer(None, listed("a"), inserted=1)),
        *[delete(letter, nothing, 7) for letter in "dcb"],
        *[delete("b", refused), update("b", UNKNOWN)],
        *[delete("c", refused), update("c", UNKNOWN)],
        *[delete("d", refused), update("d", UNKNOWN)],
        delete("e", deleted("e"), 7),
        habits=replace(TRUE, counts_deleted=False),
    )
    applied = run.of(adding("a"), removing("bcde"))
    assert run.rows() == [("a", A, 1), ("b", N, 2), ("c", N, 3), ("d", N, 4), ("e", B, 5)]
    assert (applied.error, applied.counts) == (None, {A: 1, N: 3, B: 1})


@pytest.mark.parametrize("full", ["", "record", "worklist"])
def test_a_group_that_goes_after_it_was_there_is_doubted_on_record(full: str) -> None:
    run = Run(update("a", added("a")), update("b", UNKNOWN))
    run.more.update(batch_size=1)

    def fail() -> None:
        raise StoreError("the store is full")

    if full == "record":
        run.records.doubt_all = fail  # type: ignore[method-assign]
    if full == "worklist":
        run.before = lambda worklist: setattr(worklist, "settle_staying", lambda settled: fail())
    applied = run.of(adding("abc"))
    assert applied.error is UNKNOWN
    assert (("doubt all",) in run.records.kept) is (full != "record")


def test_a_purge_that_may_empty_the_group_is_stopped_once_the_additions_are_judged() -> None:
    run = at_once(update("a", Answer(7, failed=listed("a"))), update("b", FORM))
    run.wish = replace(run.wish, purge=True)
    applied = run.of(adding("ab"), removing("cd", why=Why.NOT_LISTED))
    assert run.rows() == [("a", U, 1), ("b", X, 2), ("c", L, None), ("d", L, None)]
    assert _EMPTIED in str(applied.error)


class Broken(AtOnce):
    """Whose first batch is lost by a defect of their own."""

    def start(self, send: Callable[[], Sent]) -> Callable[[], Sent]:
        """Begins."""
        wait, self.start = super().start(send), super().start  # type: ignore[method-assign]

        def lose() -> Sent:
            wait()
            raise ZeroDivisionError

        return lose


def test_a_defect_while_a_batch_is_awaited_loses_no_other() -> None:
    run = at_once(*updates("adcb"))
    run.more["workers"] = Broken()
    applied = run.of(adding("abcde"))
    assert run.rows() == [("a", A, 1), ("b", U, 2), ("c", A, 3), ("d", A, 4), ("e", L, None)]
    assert "ZeroDivisionError" in str(applied.error)
    assert {Evidence(True, SERVER), Evidence(True, ASSUMED)} <= applied.evidence


def test_a_defect_before_a_batch_is_sent_loses_none_that_is_under_way() -> None:
    run = at_once(update("a", added("a")), delete("b", deleted("b"), 7))
    doubts = iter([False, True])

    noted = run.records.begin

    def begin(batch: Batch) -> None:
        if batch.kind is Kind.REMOVE and next(doubts):
            raise ZeroDivisionError
        noted(batch)

    run.records.begin = begin  # type: ignore[method-assign]
    applied = run.of(adding("a"), removing("bcd"))
    assert run.rows() == [("a", A, 1), ("b", R, 2), ("c", L, None), ("d", L, None)]
    assert "ZeroDivisionError" in str(applied.error)
    assert [kept[2] for kept in run.records.kept] == [{"a": A}, {"b": R}]


def test_who_cannot_be_told_how_far_the_run_is_stops_it_and_loses_nothing() -> None:
    run = at_once(*updates("adcb"))

    def tell(_numbers: int) -> None:
        if len(run.records.kept) > 1:
            raise OSError

    run.more["advance"] = tell
    applied = run.of(adding("abcde"))
    assert run.rows() == [("a", A, 1), ("b", A, 2), ("c", A, 3), ("d", A, 4), ("e", L, None)]
    assert "OSError" in str(applied.error)


# -- a worklist that breaks --------------------------------------------------------------------------------------------


def full_at(batch: int) -> Callable[[Worklist], Any]:
    """There is no room for the results of a batch."""
    return lambda worklist: worklist.rows(
        f"CREATE TRIGGER full BEFORE INSERT ON results WHEN NEW.batch = {batch}"
        " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    )


_NO_ROOM = "The temporary database for the list of numbers cannot be used: database or disk is full."


def test_outcomes_that_the_worklist_cannot_keep_are_recorded_and_end_the_run() -> None:
    run = at_once(*updates("adcb"))
    run.before = full_at(2)
    applied = run.of(adding("abcde"), _all("f", STAYS))
    assert _NO_ROOM in str(applied.error)
    assert [kept[2] for kept in run.records.kept] == [{letter: A} for letter in "abcd"]
    assert (applied.counts, applied.inserted, proof(applied)) == ({A: 4}, 4, Evidence(True, SERVER))
    assert run.rows() == [("a", A, 1), ("c", A, 3), ("d", A, 4), ("b", U, None), ("e", U, None), ("f", S, None)]
    assert (run.worklist.counts(), applied.unkept) == ({A: 3, U: 2, S: 1}, 1)


def test_a_defect_is_told_also_where_the_worklist_cannot_keep_what_it_leaves_open() -> None:
    run = at_once(*updates("adcb"))
    run.more["workers"] = Broken()
    run.before = full_at(2)
    applied = run.of(adding("abcde"))
    assert "ZeroDivisionError" in str(applied.error)
    assert [kept[2] for kept in run.records.kept] == [{"a": A}, {"c": A}, {"d": A}]
    assert {Evidence(True, SERVER), Evidence(True, ASSUMED)} <= applied.evidence


def test_what_the_worklist_cannot_tell_any_more_is_told_neither_as_sent_nor_as_present() -> None:
    run = Run(update("a", added("a")), update("b", NO_TOKEN))
    run.more["batch_size"] = 1
    run.before = lambda worklist: worklist.rows(
        "CREATE TRIGGER full BEFORE INSERT ON results WHEN NEW.position = 4"
        " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    )
    applied = run.of(adding("abcde"), _all("f", STAYS))
    assert (applied.error, proof(applied)) == (NO_TOKEN, Evidence(True, SERVER))
    assert [row[:2] for row in run.rows()] == [("a", A), ("b", L), ("c", L), ("d", U), ("e", U), ("f", S)]
    assert run.worklist.counts() == {A: 1, L: 2, U: 2, S: 1}
    told = {result.reason for result in run.results() if result.outcome is U}
    assert told == {"it may have been sent; what became of it could not be kept"}


def test_an_earlier_error_is_told_before_that_of_the_worklist() -> None:
    run = Run(update("a", LOST))
    run.before = full_at(1)
    applied = run.of(adding("a"))
    assert (applied.error, proof(applied)) == (LOST, Evidence(True, ASSUMED))


@pytest.mark.parametrize(
    "breaks", [lambda worklist: worklist.rows("ALTER TABLE work RENAME TO gone"), lambda worklist: worklist.close()]
)
def test_where_the_worklist_cannot_be_read_any_more_what_is_under_way_is_awaited_and_recorded(
    breaks: Callable[[Worklist], Any],
) -> None:
    run = at_once(*updates("adcb"))
    kept = iter([False, True])

    def break_it() -> bool:
        if next(kept, False):
            breaks(run.worklist)
        return False

    run.records.fails = break_it
    applied = run.of(adding("abcdefg"))
    assert isinstance(applied.error, StoreError)
    assert "The temporary database for the list of numbers cannot be used" in str(applied.error)
    assert [kept[2] for kept in run.records.kept] == [{letter: A} for letter in "abcd"]
    assert (applied.counts, applied.inserted, proof(applied)) == ({A: 4}, 4, Evidence(True, SERVER))


def test_a_worklist_that_cannot_be_read_at_all_sends_nothing() -> None:
    run = Run()
    run.before = lambda worklist: worklist.close()
    applied = run.of(adding("a"))
    assert isinstance(applied.error, StoreError)
    assert (applied.evidence, applied.counts, run.records.kept) == (set(), {}, [])


def test_a_removal_of_which_the_worklist_cannot_tell_what_else_was_touched_is_told_as_not_recorded() -> None:
    run = Run(delete("ab", FORM, 7), delete("a", deleted("a"), 7), delete("b", FORM, 7))

    def close(batch: Batch) -> None:
        run.worklist.close()

    run.records.begin = close  # type: ignore[method-assign]
    applied = run.of(removing("ab"))
    assert isinstance(applied.error, StoreError)
    assert (applied.unrecorded, proof(applied)) == (2, Evidence(True, SERVER))


# -- a group that may have ended with the date of a row ---------------------------------------------------------------


@pytest.mark.parametrize("row_ended", [True, False])
def test_a_group_that_may_have_ended_with_a_rows_date_begins_anew_once_all_is_sent(row_ended: bool) -> None:
    run = Run(update("a", added("a")), group=replace(KNOWN, row_ended=row_ended))
    assert run.of(adding("a")).error is None
    assert (("anew",) in run.records.kept) is row_ended


def test_it_does_not_begin_anew_where_an_error_has_stopped_the_run_or_numbers_are_only_removed() -> None:
    stopped = Run(update("a", LOST), group=replace(KNOWN, row_ended=True))
    assert stopped.of(adding("a")).error is LOST
    removed = Run(delete("a", deleted("a"), 7), group=replace(KNOWN, row_ended=True))
    removed.wish = replace(removed.wish, state=State.ABSENT)
    assert removed.of(removing("a")).error is None
    assert ("anew",) not in [*stopped.records.kept, *removed.records.kept]
