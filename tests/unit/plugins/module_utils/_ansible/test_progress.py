# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress is told in a line, carried by a file that is replaced once a second at most, and never harms the task."""

from __future__ import annotations

import itertools
import os
import threading
from pathlib import Path
from typing import Any, Callable, List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._ansible.progress import (
    Figures,
    Progress,
    line,
    read_figures,
    shown_progress,
    tell_news,
)
from ansible_collections.ozonetel.cloudagent.tests.unit.runner import FakeClock

NAME = "Nuisance callers"
SOUND = '{"group": "Fraud", "numbers": 1, "total": null, "requests": 2, "seconds": 3.5}'


class Waits(threading.Event):
    """An event that nobody waits for: what happens meanwhile is given, and then the task has ended."""

    def __init__(self, *happenings: Callable[[], object]) -> None:
        super().__init__()
        self.happenings = list(happenings)
        self.waited: List[Optional[float]] = []

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Lets the next thing happen."""
        self.waited.append(timeout)
        if self.happenings:
            self.happenings.pop(0)()
            return False
        return True


def _nothing() -> None:
    pass


@pytest.mark.parametrize(
    ("numbers", "total", "requests", "seconds", "expected"),
    [
        (12_300, 100_000, 123, 3.0, "12,300 of 100,000 numbers, 41 requests a second, about 21 s left"),
        (12_300, None, 123, 3.0, "12,300 numbers, 41 requests a second"),
        (0, 100_000, 0, 12.0, "0 of 100,000 numbers"),
        (0, 100_000, 3, 0.0, "0 of 100,000 numbers"),
        (0, 100_000, 3, 12.0, "0 of 100,000 numbers, 15 requests a minute"),
        (100, 100_000, 1, 59.0, "100 of 100,000 numbers, 1 request a minute, about 16 h left"),
        (100, 1_000, 1, 300.0, "100 of 1,000 numbers, less than one request a minute, about 45 min left"),
        (100, 1_000, 11, 11.0, "100 of 1,000 numbers, 1 request a second, about 99 s left"),
        (999, 1_000, 2_000, 1.0, "999 of 1,000 numbers, 2,000 requests a second, about 1 s left"),
        (1_000, 1_000, 10, 10.0, "1,000 of 1,000 numbers, 1 request a second"),
        (1_001, 1_000, 10, 10.0, "1,001 of 1,000 numbers, 1 request a second"),
        (1, 1, 0, 10.0, "1 of 1 number"),
    ],
)
def test_the_line_tells_what_is_known(
    numbers: int, total: Optional[int], requests: int, seconds: float, expected: str
) -> None:
    assert line(Figures(NAME, numbers, total, requests, seconds)) == f"{NAME}: {expected}"


@given(
    figures=st.builds(
        Figures,
        st.text(),
        st.integers(0, 10**9),
        st.none() | st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.floats(0, 10**9),
    )
)
def test_any_figures_make_a_line(figures: Figures) -> None:
    assert line(figures).startswith(f"{figures.group}: {figures.numbers:,}")


def test_the_figures_are_written_once_a_second_at_most(tmp_path: Path) -> None:
    path, clock = str(tmp_path / "progress"), FakeClock()
    progress = Progress(path, NAME, 1_000, clock)
    progress.advance(100, 1)
    clock.time += 0.75
    progress.advance(100, 2)
    assert read_figures(path) is None
    clock.time += 0.5
    progress.advance(100, 4)
    assert read_figures(path) == Figures(NAME, 300, 1_000, 4, 1.25)
    clock.time += 0.75
    progress.advance(100, 5)
    assert read_figures(path) == Figures(NAME, 300, 1_000, 4, 1.25)
    clock.time += 0.25
    progress.advance(0, 6)
    assert read_figures(path) == Figures(NAME, 400, 1_000, 6, 2.25)
    assert os.listdir(tmp_path) == ["progress"]


def test_a_clock_that_is_set_back_does_not_stop_it(tmp_path: Path) -> None:
    path, clock = str(tmp_path / "progress"), FakeClock()
    progress = Progress(path, NAME, None, clock)
    clock.time -= 3600
    progress.advance(1, 1)
    assert read_figures(path) == Figures(NAME, 1, None, 1, 0.0)


def test_without_a_place_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clock = FakeClock()
    progress = Progress(None, NAME, None, clock)
    clock.time += 5
    progress.advance(1, 1)
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder.new").mkdir()
    for path in (str(tmp_path / "none" / "progress"), str(tmp_path / "folder"), "/dev/full/x", "a\0b"):
        clock = FakeClock()
        progress = Progress(path, NAME, None, clock)
        clock.time += 5
        progress.advance(1, 1)
        assert read_figures(path.replace("\0", "")) is None


def test_no_link_is_followed_and_what_a_failed_write_has_left_is_replaced(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "progress").symlink_to(victim)
    (tmp_path / "progress.new").symlink_to(victim)
    assert read_figures(str(tmp_path / "progress")) is None
    clock = FakeClock()
    progress = Progress(str(tmp_path / "progress"), NAME, None, clock)
    clock.time += 5
    progress.advance(1, 1)
    assert read_figures(str(tmp_path / "progress")) == Figures(NAME, 1, None, 1, 5.0)
    assert victim.read_text() == "untouched"


@pytest.mark.parametrize("group", ["Ärger ☎", "टिकट", 'a"b\\', "\ud800"])
def test_any_name_is_carried(tmp_path: Path, group: str) -> None:
    clock = FakeClock()
    progress = Progress(str(tmp_path / "progress"), group, 5, clock)
    clock.time += 5
    progress.advance(1, 1)
    assert read_figures(str(tmp_path / "progress")) == Figures(group, 1, 5, 1, 5.0)


def test_what_is_sound_is_read(tmp_path: Path) -> None:
    (tmp_path / "progress").write_text(SOUND)
    assert read_figures(str(tmp_path / "progress")) == Figures("Fraud", 1, None, 2, 3.5)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        b"\xff",
        SOUND[:-1] + ', "more": 1}',
        SOUND.replace("1", "-1"),
        SOUND.replace("1", '"1"'),
        SOUND.replace("null", "[]"),
        SOUND.replace("3.5", "NaN"),
        SOUND.replace("3.5", "Infinity"),
        SOUND.replace("3.5", '"3"'),
        SOUND.replace('"Fraud"', "7"),
        "9" * 5000,
        " " * 5000 + SOUND,
    ],
)
def test_what_is_not_sound_is_no_figures(tmp_path: Path, content: Any) -> None:
    (tmp_path / "progress").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert read_figures(str(tmp_path / "progress")) is None


def test_what_is_no_file_is_no_figures(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "nothing"):
        assert read_figures(str(path)) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "progress").write_text(SOUND)
    os.chown(tmp_path / "progress", 65534, 65534)
    assert read_figures(str(tmp_path / "progress")) is None


def test_a_line_is_told_every_ten_seconds_while_there_is_news(tmp_path: Path) -> None:
    clock = FakeClock()
    path = str(tmp_path / "figures")
    progress = Progress(path, "Nuisance callers", 1000, clock)

    sent = itertools.count(10, 10)

    def work() -> None:
        clock.time += 10
        progress.advance(100, next(sent))

    told: List[str] = []
    ended = Waits(_nothing, work, _nothing, work)
    tell_news(path, told.append, ended)
    assert told == [
        "Nuisance callers: 100 of 1,000 numbers, 1 request a second, about 90 s left",
        "Nuisance callers: 200 of 1,000 numbers, 1 request a second, about 80 s left",
    ]
    assert ended.waited == [10.0] * 5


def test_a_line_that_cannot_be_told_ends_the_telling_and_nothing_else(tmp_path: Path) -> None:
    clock = FakeClock()
    progress = Progress(str(tmp_path / "figures"), "Nuisance callers", None, clock)
    clock.time += 10
    progress.advance(100, 10)

    def tell(text: str) -> None:
        raise BrokenPipeError(text)

    ended = Waits(_nothing, _nothing)
    tell_news(str(tmp_path / "figures"), tell, ended)
    assert ended.waited == [10.0]


def test_the_place_of_progress_is_closed_to_others_and_gone_afterwards_whatever_happens(tmp_path: Path) -> None:
    threads = threading.active_count()
    with pytest.raises(KeyError), shown_progress(str(tmp_path), print) as path:
        folder = os.path.dirname(path)
        assert os.stat(folder).st_mode & 0o777 == 0o700
        assert os.listdir(folder) == []
        assert threading.active_count() == threads + 1
        raise KeyError
    assert os.listdir(tmp_path) == []
    assert threading.active_count() == threads
