# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands for the journal, to which Ansible's modules log how they are called."""

from __future__ import annotations

import os


def sendv(*fields: str) -> None:
    """Writes an entry, of fields as NAME=VALUE, into the file that SYSTEM_LOG_PATH names."""
    with open(os.environ["SYSTEM_LOG_PATH"], "a", encoding="utf-8") as log:
        log.write("\n".join(fields) + "\n")


def send(**fields: str) -> None:
    """The same with fields by name."""
    sendv(*(f"{name}={value}" for name, value in fields.items()))
