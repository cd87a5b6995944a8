# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts are on disk before their senders get an answer, and unsound ones nowhere."""

from __future__ import annotations

import csv
import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List

import pytest
from aiohttp import web

from ansible_collections.ozonetel.cloudagent.extensions.eda.plugins.event_filter import alerts_on_disk

ALERT = {"number": "+919999900001", "reason": "200 calls in a minute", "ticket": "INC-1", "hours": 2}
WAITING = [{"alerts": "waiting"}]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where alerts are put."""
    monkeypatch.setenv("OZONETEL_ALERT_FOLDER", str(tmp_path / "alerts"))
    return tmp_path / "alerts"


def _event(**fields: Any) -> Dict[str, Any]:
    return {"payload": {**ALERT, **fields}, "meta": {"endpoint": "", "headers": {}}}


def _rows(folder: Path) -> List[List[str]]:
    files = sorted((folder / "new").iterdir())
    return [row for file in files for row in csv.reader(file.read_text(encoding="utf-8").splitlines())]


def test_an_alert_is_a_row_that_only_its_user_can_read_and_nothing_of_it_is_passed_on(folder: Path) -> None:
    assert alerts_on_disk.main(_event(reason='"loud", and {{ rude }}')) == WAITING
    ((number, end, note),) = _rows(folder)
    assert (number, note) == ("+919999900001", 'INC-1: "loud", and {{ rude }}')
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:00:00", end)
    (file,) = (folder / "new").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("919999900001.row", 0o600)
    assert (folder / "new").stat().st_mode & 0o777 == 0o700


def test_it_is_on_disk_before_it_stands_under_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: List[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        steps.append(f"sync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        sync(descriptor)

    replace = Path.replace

    def renamed(source: Path, target: Path) -> Path:
        steps.append(f"rename to {target.name}")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", renamed)
    alerts_on_disk.main(_event())
    assert steps == ["sync 919999900001.unfinished", "rename to 919999900001.row", "sync new"]


def test_the_last_alert_of_a_number_counts(folder: Path) -> None:
    alerts_on_disk.main(_event(hours=5))
    alerts_on_disk.main(_event(ticket="INC-2"))
    ((_number, _end, note),) = _rows(folder)
    assert note == "INC-2: 200 calls in a minute"


def test_without_a_payload_it_tells_whether_alerts_wait(folder: Path) -> None:
    ask = {"ask": "whether alerts wait"}
    assert alerts_on_disk.main(ask) == []
    alerts_on_disk.main(_event())
    assert alerts_on_disk.main(ask) == WAITING
    taken = folder / "taken"
    taken.mkdir()
    (taken / "0.row").touch()
    (folder / "new" / "919999900001.row").rename(taken / "919999900001.row")
    assert alerts_on_disk.main(ask) == WAITING
    (taken / "919999900001.row").unlink()
    assert alerts_on_disk.main(ask) == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"number": "9999900001"}, "number"),
        ({"number": "+91 99999 00001"}, "number"),
        ({"number": "+919999900001\n"}, "number"),
        ({"number": "+../../919999900001"}, "number"),
        ({"number": "+٩١٩٩٩٩٩٠٠٠٠١"}, "number"),
        ({"number": 919999900001}, "number"),
        ({"reason": ""}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"reason": "x" * 401}, "reason"),
        ({"reason": "\ud800"}, "reason"),
        ({"reason": None}, "reason"),
        ({"ticket": "../../etc/passwd"}, "ticket"),
        ({"ticket": "{{ ticket }}"}, "ticket"),
        ({"ticket": "x" * 65}, "ticket"),
        ({"hours": 0}, "hours"),
        ({"hours": 73}, "hours"),
        ({"hours": True}, "hours"),
        ({"hours": "2"}, "hours"),
        ({"hours": 1.5}, "hours"),
    ],
)
def test_what_is_not_sound_is_refused_by_name_and_leaves_nothing(
    folder: Path, fields: Dict[str, Any], named: str
) -> None:
    with pytest.raises(web.HTTPBadRequest) as refused:
        alerts_on_disk.main(_event(**fields), max_hours=72)
    assert re.findall(r"(?:^|; )(\w+):", str(refused.value.text)) == [named]
    assert _rows(folder) == []


def test_without_a_folder_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OZONETEL_ALERT_FOLDER")
    with pytest.raises(ValueError, match="set the environment variable OZONETEL_ALERT_FOLDER"):
        alerts_on_disk.main({"ask": "whether alerts wait"})


@pytest.mark.parametrize("payload", [[], ["+919999900001"], "text", 1, None, {}])
def test_what_is_no_alert_is_refused(folder: Path, payload: Any) -> None:
    with pytest.raises(web.HTTPBadRequest):
        alerts_on_disk.main({"payload": payload})
    assert _rows(folder) == []


@pytest.mark.parametrize(
    ("now", "hours", "end"),
    [
        ("2026-11-26T10:00:00", 1, "2026-11-26 17:00"),  # 15:30 in India, and no full hour
        ("2026-11-26T10:30:00", 1, "2026-11-26 17:00"),  # 16:00 in India, the full hour itself
        ("2026-11-26T10:30:01", 1, "2026-11-26 18:00"),
        ("2026-11-26T18:10:00", 24, "2026-11-28 00:00"),
    ],
)
def test_a_block_ends_at_the_next_full_hour_of_the_server(now: str, hours: int, end: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=timezone.utc)
    assert f"{alerts_on_disk.end_of_block(at, hours, 'Asia/Kolkata'):%Y-%m-%d %H:%M}" == end


def test_the_time_of_the_file_is_the_end_of_the_block(folder: Path) -> None:
    alerts_on_disk.main(_event())
    ((_number, end, _note),) = _rows(folder)
    (file,) = (folder / "new").iterdir()
    at = datetime.fromisoformat(f"{end}+05:30").timestamp()
    assert file.stat().st_mtime == at
