# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a task has come: the module keeps the figures in a small file, the action plugin reads and shows them.

Both sides use this file, and the controller loads it for each task: it imports nothing of ours when it runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import tempfile
import threading
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple, Optional

if TYPE_CHECKING:
    from .._domain.protocols import Clock

_PAUSE = 1.0  # seconds between two writes, and before the first that are worth a rate
_LARGEST = 4096  # bytes, far more than the figures take
_INTERVAL = 10.0  # seconds between two lines
_PATIENCE = 5.0  # seconds; a line that is being shown takes far less
_MINUTE, _HOUR = 60, 3600


class Figures(NamedTuple):
    """How far a task has come. ``total``: None while it is not known; ``seconds``: since the work began."""

    group: str
    numbers: int
    total: Optional[int]
    requests: int
    seconds: float


class Progress:
    """Keeps the figures of a task in a file. Nothing that befalls the file reaches the task.

    ``path`` stands in a folder of the action plugin's own; without one, nothing is written.
    """

    def __init__(self, path: Optional[str], group: str, total: Optional[int], clock: Clock) -> None:
        self._path = path
        self._group = group
        self._total = total
        self._clock = clock
        self._numbers = 0
        self._started = self._written = clock.now()

    def advance(self, numbers: int, requests: int) -> Optional[Figures]:
        """So many numbers more have their outcome, and so many requests were sent by now.

        Writes the figures once a second at most, and gives them then.
        """
        self._numbers += numbers
        now = self._clock.now()
        if 0 <= now - self._written < _PAUSE:
            return None
        self._written = now
        seconds = max(0.0, now - self._started)
        figures = Figures(self._group, self._numbers, self._total, requests, seconds)
        if self._path is not None:
            with contextlib.suppress(OSError, ValueError):
                _replace(self._path, figures)
        return figures


def _replace(path: str, figures: Figures) -> None:
    unfinished = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(unfinished)  # left by a write that failed
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        # become: what root writes is read by the user of the controller, in whose closed folder it stands
        os.fchmod(descriptor, 0o644)
        os.write(descriptor, json.dumps(figures._asdict()).encode("ascii"))
    finally:
        os.close(descriptor)
    os.replace(unfinished, path)


def read_figures(path: str) -> Optional[Figures]:
    """The figures in a file, None if there are none. Only a regular file of this user or of root is read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        kind = os.fstat(descriptor)
        if not stat.S_ISREG(kind.st_mode) or kind.st_uid not in (0, os.geteuid()):
            return None
        figures = Figures(**json.loads(os.read(descriptor, _LARGEST)))
    except (OSError, ValueError, TypeError):
        return None
    finally:
        os.close(descriptor)
    return figures if _is_sound(figures) else None


def _is_sound(figures: Figures) -> bool:
    counts = [figures.numbers, figures.requests, 0 if figures.total is None else figures.total]
    return (
        isinstance(figures.group, str)
        and all(isinstance(count, int) and count >= 0 for count in counts)
        and isinstance(figures.seconds, (int, float))
        and 0 <= figures.seconds < float("inf")
    )


def line(figures: Figures) -> str:
    """The figures for people, such as "Nuisance callers: 12,300 of 100,000 numbers, 41 requests a second, about 35 s
    left"; what is not known is left out."""
    of_all = "" if figures.total is None else f" of {figures.total:,}"
    last = figures.numbers if figures.total is None else figures.total
    parts = [f"{figures.group}: {figures.numbers:,}{of_all} {'number' if last == 1 else 'numbers'}"]
    if figures.requests and figures.seconds >= _PAUSE:
        parts.append(_rate(figures.requests / figures.seconds))
    if figures.total is not None and 0 < figures.numbers < figures.total and figures.seconds >= _PAUSE:
        parts.append(f"about {_span((figures.total - figures.numbers) * figures.seconds / figures.numbers)} left")
    return ", ".join(parts)


def _rate(a_second: float) -> str:
    unit, rate = ("second", a_second) if round(a_second) >= 1 else ("minute", a_second * _MINUTE)
    if round(rate) < 1:
        return "less than one request a minute"
    return f"{round(rate):,} {'request' if round(rate) == 1 else 'requests'} a {unit}"


def _span(seconds: float) -> str:
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    return f"{round(seconds / _HOUR):,} h"


@contextlib.contextmanager
def shown_progress(folder: str, tell: Callable[[str], None]) -> Iterator[str]:
    """Gives the path of a file that the module may replace, and tells what stands there until the work has ended.

    It stands in a closed folder of its own below ``folder``; that is removed whatever happens.
    """
    own = tempfile.mkdtemp(prefix="progress-", dir=folder)
    path = os.path.join(own, "figures")
    ended = threading.Event()
    thread = threading.Thread(target=tell_news, args=(path, tell, ended), daemon=True)
    try:
        thread.start()
        yield path
    finally:
        ended.set()
        if thread.ident is not None:
            thread.join(_PATIENCE)
        shutil.rmtree(own, ignore_errors=True)


def tell_news(path: str, tell: Callable[[str], None], ended: threading.Event) -> None:
    """Tells every ten seconds how far the work has come, unless nothing is new, until it has ended."""
    last = None
    while not ended.wait(_INTERVAL):
        figures = read_figures(path)
        if figures is None or figures == last:
            continue
        last = figures
        try:
            tell(line(figures))
        except Exception:  # a line that cannot be shown is no reason to fail
            return
