# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done with the numbers of a run, held against a model that keeps everything in a dictionary."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from dataclasses import dataclass, replace
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import (
    STAYS,
    Batch,
    Decision,
    Kind,
    RecordedNumber,
    Settled,
    Why,
    Work,
)
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import IN_GROUP, NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.worklist import Worklist

EASTER, NEW_YEAR = "2099-04-12 00:00:00", "2099-01-01 00:00:00"
NEW = Work(Kind.ADD, Why.NEW)
LISTED = Work(Kind.REMOVE, Why.LISTED)
NOT_LISTED = Work(Kind.REMOVE, Why.NOT_LISTED, recorded=RecordedNumber(Outcome.ADDED, ours=True))
NOT_SENT = Settled(Outcome.NOT_SENT, "not tried")


@dataclass(frozen=True)
class _Entry:
    canonical: str
    given: Optional[str] = None
    expiry: Optional[str] = None
    note: Optional[str] = None


@contextlib.contextmanager
def _worklist(*entries: _Entry) -> Iterator[Worklist]:
    with contextlib.closing(Worklist(_where)) as worklist:
        placed = list(enumerate(entries, start=1))
        details = [(place, e.given, e.expiry, e.note) for place, e in placed if e.given or e.expiry or e.note]
        worklist.add([(place, entry.canonical) for place, entry in placed], details)
        worklist.complete()
        yield worklist


def _of(*canonicals: str) -> List[_Entry]:
    return [_Entry(canonical) for canonical in canonicals]


def _where(position: int) -> str:
    return f"entry {position}"


def _number(canonical: str) -> Number:
    return Number(canonical, canonical, "")


def _numbers(batches: Iterable[Batch]) -> List[List[str]]:
    return [[number.canonical for number in batch.numbers] for batch in batches]


def _decide(worklist: Worklist, decisions: Dict[str, Decision]) -> None:
    """Enters decisions as a plan does: those that are the same together."""
    together: Dict[Decision, List[str]] = {}
    for canonical, decision in decisions.items():
        together.setdefault(decision, []).append(canonical)
    for decision, canonicals in together.items():
        if isinstance(decision, Work):
            worklist.send(decision, canonicals)
        elif decision != STAYS:
            worklist.settle(decision, canonicals)


# -- the model ---------------------------------------------------------------------------------------------------------


class _Model:
    """The same in plain Python: numbers in their order, and of each what is to be done or what became of it."""

    def __init__(self, entries: Sequence[_Entry], decisions: Dict[str, Decision], unlisted: Sequence[str]) -> None:
        self.numbers: Dict[str, Number] = {}
        self.own: Dict[str, Optional[str]] = {}
        for place, e in enumerate(entries, start=1):
            if e.canonical not in self.numbers:
                self.numbers[e.canonical] = Number(e.given or e.canonical, e.canonical, _where(place), e.note)
                self.own[e.canonical] = e.expiry
        self.numbers.update({canonical: Number(canonical, canonical, "the ledger") for canonical in unlisted})
        self.decisions = decisions
        self.results: Dict[str, NumberResult] = {}

    def waiting(self) -> Dict[str, Work]:
        decided = ((c, self.decisions.get(c)) for c in self.numbers if c not in self.results)
        return {canonical: decision for canonical, decision in decided if isinstance(decision, Work)}

    def batches(self, size: int, first: int) -> List[Batch]:
        order: List[Tuple[Kind, Why, Optional[str]]] = []
        members: Dict[Tuple[Kind, Why, Optional[str]], List[str]] = {}
        for canonical, work in self.waiting().items():
            of = (work.kind, work.why, work.expiry)
            order += [] if of in order else [of]
            members.setdefault(of, []).append(canonical)
        found: List[Batch] = []
        for of in [*(o for o in order if o[0] is Kind.ADD), *(o for o in order if o[0] is Kind.REMOVE)]:
            for start in range(0, len(members[of]), size):
                found.append(self._batch(members[of][start : start + size], *of, first + len(found)))
        return found

    def _batch(self, canonicals: List[str], kind: Kind, why: Why, expiry: Optional[str], ordinal: int) -> Batch:
        work = {canonical: self.waiting()[canonical] for canonical in canonicals}
        return Batch(
            kind,
            why,
            expiry,
            tuple(self.numbers[canonical]._replace(note=None) for canonical in canonicals),  # a note is never sent
            ordinal,
            {canonical: of.recorded for canonical, of in work.items() if of.recorded is not None},
            frozenset(canonical for canonical, of in work.items() if of.shared),
        )

    def doubt(self, why: str) -> None:
        told = [result for result in self.all_results() if result.number.canonical not in self.waiting()]
        for result in told:
            canonical = result.number.canonical
            stays = canonical not in self.results and self.decisions.get(canonical, STAYS) == STAYS
            if result.outcome in IN_GROUP and not stays:
                reason = f"{result.outcome.value.replace('_', ' ')}, but {why}"
                self.results[canonical] = result._replace(outcome=Outcome.UNCONFIRMED, reason=reason)

    def all_results(self) -> List[NumberResult]:
        found = []
        for canonical, number in self.numbers.items():
            decision = self.decisions.get(canonical, STAYS)
            if canonical in self.results:
                found.append(self.results[canonical]._replace(number=number))
            elif isinstance(decision, Settled):
                found.append(NumberResult(number, decision.outcome, decision.reason))
        return found

    def counts(self) -> Counter[Outcome]:
        return Counter(result.outcome for result in self.all_results())


_canonicals = st.builds("99999{:05d}".format, st.integers(1, 20))
_expiries = st.sampled_from([None, None, EASTER, NEW_YEAR])
_entries = st.lists(
    st.builds(
        _Entry,
        _canonicals,
        st.sampled_from([None, None, "as given"]),
        _expiries,
        st.sampled_from([None, None, "ticket 7", "ticket 8"]),
    ),
    max_size=30,
)
_recorded = st.builds(
    RecordedNumber,
    st.sampled_from([Outcome.ADDED, Outcome.PRESENT, Outcome.REMOVED, Outcome.UNCONFIRMED]),
    _expiries,
    st.booleans(),
    st.sampled_from([0.0, 1_800_000_000.25]),
    st.booleans(),
)
_additions = st.builds(
    Work, st.just(Kind.ADD), st.sampled_from([Why.NEW, Why.REFRESH, Why.EXPIRY]), _expiries, st.none() | _recorded
)
_removals = st.builds(Work, st.just(Kind.REMOVE), st.just(Why.LISTED), st.none(), st.none() | _recorded, st.booleans())
_settled = st.builds(
    Settled, st.sampled_from([Outcome.EXEMPT, Outcome.NOT_FOUND, Outcome.SHARED]), st.sampled_from(["so", "thus"])
)
_decisions = st.one_of(st.just(STAYS), _settled, _additions, _removals)
_purges = st.builds(Work, st.just(Kind.REMOVE), st.just(Why.NOT_LISTED), st.none(), _recorded, st.booleans()) | st.just(
    Settled(Outcome.SHARED, "also in Fraud")
)


@settings(deadline=None, max_examples=250)
@given(_entries, st.integers(1, 5), st.data())
def test_a_worklist_is_what_a_dictionary_would_be(entries: List[_Entry], size: int, data: st.DataObject) -> None:
    listed = sorted({entry.canonical for entry in entries})
    decisions: Dict[str, Decision] = {canonical: data.draw(_decisions) for canonical in listed}
    unlisted = data.draw(st.lists(st.builds("88888{:05d}".format, st.integers(1, 9)), max_size=5, unique=True))
    purged = {canonical: data.draw(_purges) for canonical in unlisted}
    model = _Model(entries, {**decisions, **purged}, unlisted)
    with _worklist(*entries) as worklist:
        assert (worklist.entries, worklist.duplicates) == (len(listed), len(entries) - len(listed))
        assert [dict(part) for part in worklist.listed()] == ([{c: model.own[c] for c in listed}] if listed else [])
        _decide(worklist, decisions)
        worklist.add_unlisted(unlisted[:2])
        worklist.add_unlisted(unlisted[2:])
        _decide(worklist, purged)
        _check_what_waits(worklist, model, size, first=1)
        _send_some(worklist, model, size, data)
        worklist.leave(NOT_SENT)
        for canonical in model.waiting():
            model.results[canonical] = NumberResult(_number(canonical), NOT_SENT.outcome, NOT_SENT.reason)
        _check_what_became(worklist, model)
        assert list(worklist.batches(size)) == []
        assert worklist.holds([*listed, *unlisted]) == set(listed)
        assert _repeated(worklist) == _repeated_by(entries, model)


def _check_what_waits(worklist: Worklist, model: _Model, size: int, first: int) -> None:
    batches = list(worklist.batches(size, first))
    assert batches == model.batches(size, first)
    sent = list(itertools.chain.from_iterable(_numbers(batches)))
    assert sorted(sent) == sorted(model.waiting())  # each once
    assert worklist.counts() == model.counts()


def _send_some(worklist: Worklist, model: _Model, size: int, data: st.DataObject) -> None:
    """Sends some batches; perhaps it shows then that the group was gone."""
    batches = model.batches(size, 1)
    sent = data.draw(st.integers(0, len(batches)))
    for batch in batches[:sent]:
        results = [
            NumberResult(
                number, data.draw(st.sampled_from(Outcome)), "as answered", batch.ordinal, data.draw(st.booleans())
            )
            for number in batch.numbers
        ]
        worklist.keep(results)
        model.results.update({result.number.canonical: result for result in results})
    _check_what_waits(worklist, model, size, first=sent + 1)
    if data.draw(st.booleans()):
        worklist.doubt("it went")
        model.doubt("it went")
        _check_what_waits(worklist, model, size, first=sent + 1)
    if data.draw(st.booleans()):
        worklist.forget_records()
        worklist.send_staying(Why.GROUP_WAS_GONE, NEW_YEAR)
        for canonical, work in model.waiting().items():
            model.decisions[canonical] = replace(work, recorded=None)
        for canonical, decision in model.decisions.items():
            if decision == STAYS:
                expiry = model.own[canonical] or NEW_YEAR
                model.decisions[canonical] = Work(Kind.ADD, Why.GROUP_WAS_GONE, expiry)
        _check_what_waits(worklist, model, size, first=sent + 1)


def _check_what_became(worklist: Worklist, model: _Model) -> None:
    expected = model.all_results()
    assert list(worklist.all_results()) == expected
    assert worklist.counts() == model.counts()
    sent = [result for result in expected if result.batch is not None]
    untouched = (Outcome.NOT_SENT, Outcome.REJECTED)
    touched = {result.number.canonical for result in sent if result.outcome not in untouched}
    assert worklist.touched(list(model.numbers)) == touched
    some = frozenset({Outcome.ADDED, Outcome.EXEMPT, Outcome.NOT_SENT})
    for besides in (None, 1):
        found = list(itertools.chain.from_iterable(worklist.results(some, besides)))
        assert found == [r for r in expected if r.outcome in some and (besides is None or r.batch != besides)]


def _repeated(worklist: Worklist) -> List[Tuple[Number, str]]:
    return list(worklist.repeated())


def _repeated_by(entries: Sequence[_Entry], model: _Model) -> List[Tuple[Number, str]]:
    placed = ((_where(place), entry) for place, entry in enumerate(entries, start=1))
    return [
        (Number(e.given or e.canonical, e.canonical, where, e.note), model.numbers[e.canonical].where)
        for where, e in placed
        if model.numbers[e.canonical].where != where
    ]


# -- in check mode -----------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(_canonicals, _decisions, max_size=15))
def test_what_is_settled_alike_is_every_number_that_waits_once(decisions: Dict[str, Decision]) -> None:
    model = _Model(_of(*decisions), decisions, [])
    with _worklist(*_of(*decisions)) as worklist:
        _decide(worklist, decisions)
        alike = list(worklist.alike())
        assert len(alike) == len(set(alike))
        assert set(alike) == {_as_far_as_it_matters(work) for work in model.waiting().values()}
        for at, work in enumerate(alike):
            worklist.settle_alike(work, Settled(Outcome.PRESENT, f"of the kind {at}"))
        for canonical, work in model.waiting().items():
            reason = f"of the kind {alike.index(_as_far_as_it_matters(work))}"
            model.decisions[canonical] = Settled(Outcome.PRESENT, reason)
        _check_what_became(worklist, model)
        assert list(worklist.alike()) == []
        assert list(worklist.batches(100)) == []


def _as_far_as_it_matters(work: Work) -> Work:
    recorded = work.recorded
    return replace(work, recorded=None if recorded is None else RecordedNumber(recorded.outcome, recorded.expiry))


# -- single things -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [1, 8])
def test_additions_come_before_removals_in_the_order_of_the_list_and_are_numbered(first: int) -> None:
    with _worklist(*_of("100", "101", "102", "103", "104")) as worklist:
        worklist.send(LISTED, ["100", "103"])
        worklist.send(NEW, ["104", "102", "101"])
        batches = list(worklist.batches(2, first))
        assert _numbers(batches) == [["101", "102"], ["104"], ["100", "103"]]
        assert [batch.ordinal for batch in batches] == [first, first + 1, first + 2]
        assert [batch.kind for batch in batches] == [Kind.ADD, Kind.ADD, Kind.REMOVE]


def test_what_no_list_has_named_stands_behind_it_and_takes_nothing_from_an_entry_that_repeats_a_number() -> None:
    with _worklist(_Entry("101"), _Entry("101", "1-01", None, "a note")) as worklist:
        worklist.add_unlisted(["100"])
        worklist.send(NOT_LISTED, ["100"])
        (batch,) = worklist.batches(100)
        assert batch.numbers == (Number("100", "100", "the ledger"),)
        worklist.leave(NOT_SENT)
        assert [result.number for result in worklist.all_results()] == [
            Number("101", "101", "entry 1"),
            Number("100", "100", "the ledger"),
        ]
        assert list(worklist.repeated()) == [(Number("1-01", "101", "entry 2", "a note"), "entry 1")]
        assert worklist.holds(["100", "101"]) == {"101"}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([["8888800001", "8888800002"], ["8888800003"]], False),
        ([["8888800001", "+918888800001"]], True),
        ([["8888800001"], ["+918888800001"], ["8888800002"]], True),
    ],
)
def test_what_no_list_has_named_may_be_one_telephone_in_several_ways(parts: List[List[str]], expected: bool) -> None:
    with _worklist(*_of("9999900001")) as worklist:
        for part in parts:
            worklist.add_unlisted(part)
        assert worklist.several_ways is expected


def test_what_no_list_has_named_does_not_hide_that_listed_numbers_are_written_in_several_ways() -> None:
    with _worklist(*_of("9999900001", "+919999900001")) as worklist:
        worklist.written_in_several_ways(shown=0)
        worklist.add_unlisted(["8888800001"])
        assert worklist.several_ways


def test_what_was_sent_while_batches_are_asked_for_is_in_none_of_those_that_come() -> None:
    with _worklist(*_of("100", "101", "102", "103")) as worklist:
        worklist.send(NEW, ["100", "101", "102", "103"])
        batches = worklist.batches(2)
        assert _numbers([next(batches)]) == [["100", "101"]]
        worklist.keep([NumberResult(_number(c), Outcome.ADDED, "", 1) for c in ("100", "101", "102")])
        assert _numbers(batches) == [["103"]]


def test_it_tells_how_many_of_each_kind_are_to_be_sent() -> None:
    with _worklist(*_of("100", "101", "102")) as worklist:
        assert [worklist.waiting(kind) for kind in Kind] == [0, 0]
        worklist.send(NEW, ["100", "101"])
        worklist.add_unlisted(["200"])
        worklist.send(NOT_LISTED, ["200"])
        assert [worklist.waiting(kind) for kind in (Kind.ADD, Kind.REMOVE)] == [2, 1]
        worklist.send_staying(Why.GROUP_WAS_GONE, None)
        assert [worklist.waiting(kind) for kind in (Kind.ADD, Kind.REMOVE)] == [3, 1]


def test_the_first_number_that_stays_is_told_with_its_own_expiry() -> None:
    with _worklist(_Entry("103"), _Entry("102"), _Entry("101", None, EASTER), _Entry("100")) as worklist:
        assert worklist.staying() == ("103", None)
        worklist.settle(Settled(Outcome.EXEMPT, ""), ["103"])
        worklist.send(NEW, ["102"])
        assert worklist.staying() == ("101", EASTER)
        worklist.send_staying(Why.GROUP_WAS_GONE, NEW_YEAR)
        assert worklist.staying() is None
        expiries: Dict[str, Optional[str]] = {}
        for batch in worklist.batches(100):
            expiries.update({number.canonical: batch.expiry for number in batch.numbers})
        assert expiries == {"102": None, "101": EASTER, "100": NEW_YEAR}


def test_what_is_forgotten_is_what_was_recorded_of_those_that_wait() -> None:
    recorded = RecordedNumber(Outcome.ADDED, EASTER, True, 5.0, True)
    with _worklist(*_of("100", "101")) as worklist:
        worklist.send(replace(NEW, recorded=recorded), ["100"])
        worklist.send(replace(LISTED, recorded=recorded, shared=True), ["101"])
        assert [batch.recorded for batch in worklist.batches(1)] == [{"100": recorded}, {"101": recorded}]
        worklist.forget_records()
        batches = list(worklist.batches(1))
        assert [batch.recorded for batch in batches] == [{}, {}]
        assert batches[1].shared == {"101"}


def test_those_that_are_left_are_those_that_still_wait() -> None:
    with _worklist(*_of("100", "101", "102", "103")) as worklist:
        worklist.send(NEW, ["100", "101"])
        worklist.settle(Settled(Outcome.EXEMPT, ""), ["102"])
        worklist.keep([NumberResult(_number("100"), Outcome.ADDED, "", 1)])
        worklist.leave(NOT_SENT)
        assert [result.outcome for result in worklist.all_results()] == [
            Outcome.ADDED,
            Outcome.NOT_SENT,
            Outcome.EXEMPT,
            STAYS.outcome,
        ]
        assert worklist.counts() == {
            Outcome.ADDED: 1,
            Outcome.NOT_SENT: 1,
            Outcome.EXEMPT: 1,
            STAYS.outcome: 1,
        }
        worklist.leave(NOT_SENT)
        assert worklist.counts()[Outcome.NOT_SENT] == 1
