# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking of secrets in results, whose ways differ between versions of ansible-core.

Up to 2.21 a module removes the values in ``no_log_values`` from its own result; from 2.22 on the controller masks the
secrets that it knows wherever it shows something. Neither reaches what the other version shows, and neither may
destroy a value that is to be returned, so results are also masked here, by the same rule on every version. The
controller of 2.22 is not told of a token: what a module tells it of secrets stands in its result in plain text, and
so in the file in which a task in the background leaves its result.
"""

from __future__ import annotations

from typing import Any, Iterable

from ansible.module_utils.basic import AnsibleModule

from .._domain.secrets import Secrets


def register(module: AnsibleModule, secrets: Iterable[str]) -> None:
    """Has the module remove these values from what it prints and logs, where its ansible-core still does so."""
    module.no_log_values.update(secret for secret in secrets if secret)


def printable(text: str) -> str:
    """Text that can be encoded: what was no UTF-8 where it came from is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def masked(value: Any, secrets: Secrets) -> Any:
    """A copy of a result (strings, lists, mappings, plain values) without any of the secrets in it."""
    if isinstance(value, str):
        return printable(secrets.mask(value))
    if isinstance(value, dict):
        return {masked(key, secrets): masked(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item, secrets) for item in value]
    return value
