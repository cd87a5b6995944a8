# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event filter that puts each alert on disk before its sender gets an answer."""

from __future__ import annotations

import csv
import io
import logging
import os
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, NoReturn
from zoneinfo import ZoneInfo

DOCUMENTATION = r"""
---
short_description: Put alerts on disk before their senders get an answer.
description:
  - Checks the payload of a webhook, an alert, and puts it as a row of a list of numbers into the folder that the
    environment variable OZONETEL_ALERT_FOLDER names, where the playbook ozonetel.cloudagent.block_alerts finds it.
  - The sender is answered 200 when the row is on disk, and 400 with the reasons when the alert is not sound.
  - What is passed on is only that alerts wait. Nothing that a sender has written reaches the rules or Ansible's
    variables.
  - An event without a payload asks whether alerts wait, and is dropped if none does.
options:
  max_hours:
    description:
      - The longest block that an alert may ask for.
    type: int
    default: 720
  server_time_zone:
    description:
      - The time zone in which the server reads expiry dates, as an IANA name.
    type: str
    default: Asia/Kolkata
"""

EXAMPLES = r"""
- eda.builtin.webhook:
    host: 127.0.0.1
    port: 5000
    token: "{{ OZONETEL_ALERT_TOKEN }}"
  filters:
    - ozonetel.cloudagent.alerts_on_disk:
        max_hours: 72
"""

ROW = "row"
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#-]{0,63}")
LONGEST_REASON = 400

logger = logging.getLogger(__name__)


def main(event: Dict[str, Any], max_hours: int = 720, server_time_zone: str = "Asia/Kolkata") -> List[Dict[str, Any]]:
    """Gives one event that says that alerts wait, or none; raises the answer 400 for an alert that is not sound."""
    new = _folder() / "new"
    new.mkdir(mode=0o700, parents=True, exist_ok=True)
    if "payload" in event:
        alert = event["payload"]
        faults = faults_of(alert, max_hours)
        if faults:
            _refuse(faults)
        write(new, alert, end_of_block(datetime.now(timezone.utc), alert["hours"], server_time_zone))
    return [{"alerts": "waiting"}] if _anything_waits(new.parent) else []


def faults_of(alert: Any, max_hours: int) -> List[str]:
    """What is wrong with an alert, all of it, in words that repeat nothing of it."""
    if not isinstance(alert, dict):
        return ["an alert is a JSON object with number, reason, ticket and hours"]
    number, reason, ticket, hours = (alert.get(field) for field in ("number", "reason", "ticket", "hours"))
    faults = []
    if not (isinstance(number, str) and NUMBER.fullmatch(number)):
        faults.append("number: write it as + and 7 to 15 digits, the country code first")
    if not (isinstance(reason, str) and 0 < len(reason) <= LONGEST_REASON and reason.isprintable()):
        faults.append(f"reason: 1 to {LONGEST_REASON} printable characters on one line")
    if not (isinstance(ticket, str) and TICKET.fullmatch(ticket)):
        faults.append("ticket: 1 to 64 letters, digits and any of . _ / # -, the first a letter or a digit")
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= max_hours:
        faults.append(f"hours: a whole number from 1 to {max_hours}")
    return faults


def end_of_block(now: datetime, hours: int, server_time_zone: str) -> datetime:
    """When a block ends that begins now, in the server's time: at a full hour, so that a storm has few ends."""
    end = (now + timedelta(hours=hours)).astimezone(ZoneInfo(server_time_zone))
    full_hour = end.replace(minute=0, second=0, microsecond=0)
    return full_hour if full_hour == end else full_hour + timedelta(hours=1)


def write(folder: Path, alert: Dict[str, Any], end: datetime) -> None:
    """Writes an alert as one row of CSV, and returns when it is on disk; it replaces an older one of the same number.

    The file's time is the end of the block, which tells when the row is no longer worth sending.
    """
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(
        [alert["number"], f"{end:%Y-%m-%d %H:%M:%S}", f"{alert['ticket']}: {alert['reason']}"]
    )
    final = folder / f"{alert['number'][1:]}.{ROW}"
    unfinished = final.with_suffix(".unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(row.getvalue())
        stream.flush()
        os.utime(stream.fileno(), (end.timestamp(), end.timestamp()))
        os.fsync(stream.fileno())
    unfinished.replace(final)
    place = os.open(folder, os.O_RDONLY)
    os.fsync(place)
    os.close(place)


def _folder() -> Path:
    """Where alerts are kept."""
    given = os.environ.get("OZONETEL_ALERT_FOLDER")
    if not given:
        raise ValueError("set the environment variable OZONETEL_ALERT_FOLDER to a folder of your own for alerts")
    return Path(given)


def _anything_waits(folder: Path) -> bool:
    """Whether there are rows that were not taken yet, or that a run has taken and not yet blocked."""
    return any(next((folder / part).glob(f"[1-9]*.{ROW}"), None) for part in ("new", "taken"))


def _refuse(faults: List[str]) -> NoReturn:
    from aiohttp import web  # the webhook's own; nothing else here needs it

    logger.warning("an alert was refused: %s", "; ".join(faults))
    raise web.HTTPBadRequest(text="; ".join(faults))
