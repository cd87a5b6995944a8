# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the numbers of a list: counted, kept once, read back in the order of the list."""

from __future__ import annotations

import contextlib
from typing import Iterator, List, Optional

import pytest

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.decide import STAYS, Settled
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.numbers import Number
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._domain.outcome import NumberResult, Outcome
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.listed import PART
from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.results import Results

EXEMPT = Settled(Outcome.EXEMPT, "named in exempt_numbers")


@contextlib.contextmanager
def _results(*canonicals: str) -> Iterator[Results]:
    with contextlib.closing(Results(lambda position: f"entry {position}")) as results:
        results.add(list(enumerate(canonicals, start=1)), [(1, "as given", None, "ticket 7")])
        results.complete()
        yield results


def _number(canonical: str) -> Number:
    return Number(canonical, canonical, "elsewhere")  # it counts for its canonical form only


def _result(canonical: str, outcome: Outcome, batch: Optional[int] = 1, ours: bool = False) -> NumberResult:
    return NumberResult(_number(canonical), outcome, "because", batch, ours)


def _canonicals(parts: Iterator[List[NumberResult]]) -> List[str]:
    return [result.number.canonical for part in parts for result in part]


def test_a_number_of_which_nothing_is_told_stays_as_it_is() -> None:
    with _results("100", "101", "101") as results:
        assert results.counts() == {STAYS.outcome: 2}
        assert list(results.all_results()) == [
            NumberResult(Number("as given", "100", "entry 1", "ticket 7"), STAYS.outcome, STAYS.reason),
            NumberResult(Number("101", "101", "entry 2"), STAYS.outcome, STAYS.reason),
        ]
        assert list(results.results(frozenset({STAYS.outcome}))) == []


def test_every_number_is_told_in_the_order_of_the_list_whatever_became_of_it() -> None:
    with _results("103", "102", "101", "100") as results:
        results.keep([_result("100", Outcome.UNCONFIRMED, 2, ours=True), _result("103", Outcome.ADDED)])
        results.settle(EXEMPT, ["101"])
        assert list(results.all_results()) == [
            NumberResult(Number("as given", "103", "entry 1", "ticket 7"), Outcome.ADDED, "because", 1),
            NumberResult(Number("102", "102", "entry 2"), STAYS.outcome, STAYS.reason),
            NumberResult(Number("101", "101", "entry 3"), EXEMPT.outcome, EXEMPT.reason),
            NumberResult(Number("100", "100", "entry 4"), Outcome.UNCONFIRMED, "because", 2, may_be_ours=True),
        ]


def test_settled_and_kept_numbers_are_counted() -> None:
    with _results("100", "101", "102", "103") as results:
        results.settle(EXEMPT, ["100", "103"])
        assert results.counts() == {Outcome.EXEMPT: 2, STAYS.outcome: 2}
        results.settle(STAYS, ["101"])
        assert results.counts() == {Outcome.EXEMPT: 2, STAYS.outcome: 2}


def test_what_is_known_already_is_not_told_anew() -> None:
    with _results("100", "101") as results:
        results.keep([_result("100", Outcome.ADDED)])
        before = results.counts()[Outcome.UNCONFIRMED]
        results.keep_missing([_result("100", Outcome.UNCONFIRMED), _result("101", Outcome.UNCONFIRMED)])
        assert [result.outcome for result in results.all_results()] == [Outcome.ADDED, Outcome.UNCONFIRMED]
        assert (before, results.counts()[Outcome.UNCONFIRMED], results.counts()[Outcome.ADDED]) == (0, 1, 1)


def test_results_are_found_by_outcome_but_for_those_of_one_batch() -> None:
    with _results("100", "101", "102", "103", "104") as results:
        results.keep([_result("102", Outcome.ADDED, 1), _result("101", Outcome.REMOVED, 2)])
        results.keep([_result("100", Outcome.ADDED, 2), _result("103", Outcome.REJECTED, 2)])
        results.settle(Settled(Outcome.ADDED, "of none"), ["104"])
        added = frozenset({Outcome.ADDED})
        assert _canonicals(results.results(added)) == ["100", "102", "104"]
        assert _canonicals(results.results(added, 2)) == ["102", "104"]
        assert _canonicals(results.results(added | {Outcome.REMOVED}, 1)) == ["100", "101", "104"]
        assert _canonicals(results.results(frozenset({Outcome.NOT_FOUND}))) == []


def test_many_results_come_in_parts() -> None:
    canonicals = [f"8{n:09d}" for n in range(2 * PART + 1)]
    with _results(*canonicals) as results:
        results.keep([_result(canonical, Outcome.ADDED) for canonical in canonicals])
        parts = list(results.results(frozenset({Outcome.ADDED})))
        assert [len(part) for part in parts] == [PART, PART, 1]
        assert _canonicals(iter(parts)) == canonicals


@pytest.mark.parametrize("outcome", Outcome)
def test_a_number_is_touched_unless_nothing_was_done_with_it(outcome: Outcome) -> None:
    with _results("100", "101") as results:
        results.keep([_result("100", outcome)])
        untouched = outcome in (Outcome.NOT_SENT, Outcome.REJECTED)
        assert results.touched(["100", "101", "102"]) == (set() if untouched else {"100"})


@pytest.mark.parametrize("outcome", Outcome)
def test_what_was_in_no_request_is_not_touched(outcome: Outcome) -> None:
    with _results("100") as results:
        results.settle(Settled(outcome, "because"), ["100"])
        assert results.touched(["100"]) == set()


def test_of_many_numbers_it_tells_which_are_touched() -> None:
    canonicals = [f"8{n:09d}" for n in range(2500)]
    with _results(*canonicals) as results:
        results.keep([_result(canonical, Outcome.REMOVED) for canonical in canonicals[::2]])
        assert results.touched(canonicals) == set(canonicals[::2])
        assert results.touched([]) == set()
