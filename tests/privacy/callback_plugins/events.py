# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the result of every task as JSON, as those callbacks do that feed other programs."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: events
type: notification
short_description: Every result as a line of JSON
description: Into the file that EVENTS_PATH names.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """One line for each result, also for those of a loop's items."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "events"

    def _write(self, ended: str, result: Any) -> None:
        told = self._dump_results(result._result, indent=0).replace("\n", " ")
        with open(os.environ["EVENTS_PATH"], "a", encoding="utf-8") as events:
            events.write(f"{ended}\t{result._task.get_name()}\t{told}\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task has ended well."""
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task has failed."""
        self._write("failed", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """One item of a loop has ended well."""
        self._write("item ok", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """One item of a loop has failed."""
        self._write("item failed", result)

    def v2_on_file_diff(self, result: Any) -> None:
        """What a task has changed."""
        self._write("diff", result)
