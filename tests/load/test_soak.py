# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long time with a stranger: somebody else generates tokens, clocks move, numbers vanish in the web console."""

from __future__ import annotations

import contextlib
import json
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._state.tokens import GENERATIONS_AN_HOUR, HOUR
from ansible_collections.ozonetel.cloudagent.tests.load.playbooks import Playbooks, Run
from ansible_collections.ozonetel.cloudagent.tests.simulator import Simulator
from ansible_collections.ozonetel.cloudagent.tests.truth.oracle import Told, numbers_of, snapshot, untrue
from ansible_collections.ozonetel.cloudagent.tests.truth.watched import WatchedAccount
from ansible_collections.ozonetel.cloudagent.tests.unit.stores import tampered

MINUTES = float(os.environ.get("MINUTES", "1"))
STRANGER = max(15.0, MINUTES * 3)
"""Seconds between two tokens that the stranger generates."""
PAUSE = 3.0
GROUPS = ("Nuisance callers", "Fraud attempts", "Wrong numbers")
POOLS = {
    name: [f"+91999990{number:04d}" for number in range(first, first + 250)]
    for first, name in zip((1000, 2000, 3000), GROUPS)
}
"""The numbers that may come to each list; none comes to two of them, or a purge would not remove it."""
_TIMES = (
    "UPDATE generations SET sent_at = sent_at - {seconds}",
    "UPDATE tokens SET expires_at = expires_at - {seconds}, issued_at = issued_at - {seconds}",
)


class Soak:
    """An account on which several playbooks work over and over, each on a group of its own."""

    def __init__(self, playbooks: Playbooks, simulator: Simulator, folder: Path) -> None:
        self._playbooks = playbooks
        self._simulator = simulator
        self._folder = folder
        self._drawn = random.Random(3)
        self._begun = time.monotonic()
        self._passed = 0.0
        self._lists = {name: self._drawn.sample(POOLS[name], 60) for name in GROUPS}
        self._account = WatchedAccount(simulator, playbooks.location)
        self.generations: List[float] = []
        self.outcomes: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.untrue: List[str] = []
        simulator.server.before_answering = self._note

    @property
    def now(self) -> float:
        """Seconds since the beginning, with the hours that were made to pass."""
        return time.monotonic() - self._begun + self._passed

    def _note(self, record: Dict[str, Any]) -> None:
        if record["call"] == "generate":
            self.generations.append(self.now)

    @contextlib.contextmanager
    def stranger(self) -> Iterator[None]:
        """Somebody who shares the account and not the store generates tokens, whatever is under way."""
        over = threading.Event()

        def generate() -> None:
            while not over.wait(STRANGER):
                with self._simulator.server.lock:
                    self._simulator.server.account.generate()
                self.events["tokens by a stranger"] += 1

        thread = threading.Thread(target=generate)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def befall(self) -> None:
        """Something happens between two rounds."""
        turn = self._drawn.randrange(12)
        if turn == 0:
            self._simulator.advance(self._drawn.choice((-900, 900)))
            self.events["moves of the server's clock"] += 1
        elif turn == 1:
            self.pass_time(1200)
        elif turn == 2:
            name = self._drawn.choice(GROUPS)
            self._simulator.take_away(name, self._drawn.sample(POOLS[name], 40))
            self.events["removals in the web console"] += 1
        elif turn == 3:
            self._simulator.delete_group(self._drawn.choice(GROUPS))
            self.events["groups deleted in the web console"] += 1

    def pass_time(self, seconds: float) -> None:
        """So much time passes for everybody: for the playbooks, whatever they have on record is so much older."""
        tampered(self._playbooks.location, *(statement.format(seconds=seconds) for statement in _TIMES))
        self._simulator.advance(seconds)
        self._passed += seconds
        self.events["times that 20 minutes or an hour passed"] += 1

    def round(self, **options: Any) -> List[Dict[str, Any]]:
        """Every playbook runs once, all at once; what each tells is held against the server."""
        with ThreadPoolExecutor(len(GROUPS)) as threads:
            return list(threads.map(lambda name: self._run(name, options), GROUPS))

    def work(self) -> None:
        """Rounds until the time is over."""
        end = time.monotonic() + MINUTES * 60
        while time.monotonic() < end:
            self.round(refresh=self._drawn.random() < 0.5)
            self.change()
            self.befall()
            self._simulator.forget_requests()
            time.sleep(PAUSE)

    def change(self) -> None:
        """Some numbers come to the lists, and some go."""
        for name in GROUPS:
            kept = self._drawn.sample(self._lists[name], 50)
            self._lists[name] = sorted({*kept, *self._drawn.sample(POOLS[name], 10)})

    def _run(self, name: str, more: Dict[str, Any]) -> Dict[str, Any]:
        options = {"name": name, "description": "Kept by a soak", "block_numbers": self._lists[name], "purge": True}
        options.update({"rate_limit_wait": 0, **more})
        file = self._folder / f"{name}.json"
        before, record_before = self._held(name), self._recorded(name)
        self._playbooks.run(Run("soak.yml", {"options": options, "result": str(file)}))
        result: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        failure = result["msg"] if result.get("failed") else None
        told = Told(
            options=options,
            result=result,
            failure=failure,
            warnings=result.get("warnings", []),
            before=before,
            after=self._held(name),
            record_before=record_before,
            record_after=self._recorded(name),
            requests=self._requests(name),
            secrets={self._simulator.api_key},
            form=self._account.form,
        )
        told.own = numbers_of(before, name)  # nobody else puts numbers into these groups
        self.untrue += [f"{name}, {options}: {found}" for found in untrue(told)]
        self.outcomes["ended well" if failure is None else _kind(failure)] += 1
        return result

    def _held(self, name: str) -> Any:
        return {key: group for key, group in snapshot(self._simulator).items() if group.name == name}

    def _recorded(self, name: str) -> Any:
        return {key: group for key, group in self._account.record().items() if key == name}

    def _requests(self, name: str) -> List[Dict[str, Any]]:
        return [r for r in self._simulator.requests() if name in (r["body"].get("groupName"), r["body"].get("name"))]

    def is_right(self) -> bool:
        """Whether each group holds just what its list names."""
        return all(sorted(self._simulator.numbers(name)) == sorted(self._lists[name]) for name in GROUPS)

    def most_within_an_hour(self) -> int:
        """The most generations by the playbooks within any hour."""
        return max(sum(at <= one < at + HOUR for one in self.generations) for at in self.generations)


ENDINGS = {
    f"{GENERATIONS_AN_HOUR} generations an hour are allowed and were sent": "stopped by the limit of generations",
    "Token Expired": "stopped since the token was made invalid twice within one request",
}


def _kind(failure: str) -> str:
    return next((ending for words, ending in ENDINGS.items() if words in failure), failure)


def test_a_stranger_costs_no_more_than_ten_generations_an_hour_and_no_result_its_truth(
    playbooks: Playbooks, simulator: Simulator, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    simulator.set(generation_limit=1000)  # it is the playbooks that must keep to ten
    soak = Soak(playbooks, simulator, tmp_path)
    with soak.stranger():
        soak.work()
    soak.pass_time(HOUR)
    last = soak.round(refresh=True)

    assert soak.events["tokens by a stranger"] > 1
    assert soak.untrue == []
    assert set(soak.outcomes) <= {"ended well", *ENDINGS.values()}
    assert soak.outcomes["ended well"] > sum(soak.outcomes.values()) / 2
    assert all(not result["failed"] for result in last)
    assert soak.is_right()
    assert soak.most_within_an_hour() <= GENERATIONS_AN_HOUR
    figure(
        f"{MINUTES:g} minutes on {playbooks.engine}: {dict(soak.outcomes)}; {dict(soak.events)};"
        f" {len(soak.generations)} generations by the playbooks, at most {soak.most_within_an_hour()} within an hour"
    )
