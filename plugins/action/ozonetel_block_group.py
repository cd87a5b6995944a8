# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of the module ozonetel_block_group: finds the file of numbers, and shows progress."""

from __future__ import annotations

import contextlib
import gc
import os
from typing import Any, Callable, Dict, Optional, Tuple

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._ansible.progress import shown_progress

NUMBERS_PLACE, NUMBERS_COPY, NUMBERS_PROBLEM = "_numbers_place", "_numbers_copy", "_numbers_problem"
PROGRESS_PATH = "_progress_path"
_HANDED = (NUMBERS_PLACE, NUMBERS_COPY, NUMBERS_PROBLEM, PROGRESS_PATH)
_OPTION = "block_numbers_file"

Result = Dict[str, Any]


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs the module with the place where the target can read the file, and with one for its progress."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Result:
        """Ansible's entry: the module's result, or a failure in the same form."""
        result: Result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        internal = [name for name in _HANDED if name in arguments]
        if internal:
            return {**result, **_failure(internal[0], "is not an option; leave it out")}
        with contextlib.ExitStack() as closing:
            name = _name_here(arguments)
            if name is not None:
                # whatever happens from here on, the target keeps nothing
                closing.callback(lambda: self._remove_tmp_path(self._connection._shell.tmpdir))
                arguments.update(self._handed(name, closing))
            if self._is_here() and not self._task.async_val and not self._task.no_log:
                arguments[PROGRESS_PATH] = closing.enter_context(
                    shown_progress(constants.DEFAULT_LOCAL_TMP, self._teller(task_vars or {}))
                )
            result.update(self._executed(arguments, task_vars))
        return result

    def _handed(self, name: str, closing: contextlib.ExitStack) -> Dict[str, str]:
        """What the module is told of the file: its place if that is on this machine; a copy if it is to read one, which
        it empties after that; or why there is none, which it tells with all other faults.
        """
        with contextlib.ExitStack() as decrypted:
            try:
                path, readable = self._found(name, decrypted)
            except AnsibleError as error:
                return {NUMBERS_PROBLEM: to_text(error)}
            brought = self._brought(readable, decrypted=readable != path)
            if brought == readable:  # else another copy is there by now
                closing.enter_context(decrypted.pop_all())
        place = {NUMBERS_PLACE: path} if self._is_here() else {}
        return place if brought == path else {**place, NUMBERS_COPY: brought}

    def _found(self, name: str, closing: contextlib.ExitStack) -> Tuple[str, str]:
        """The file on the controller, and where it can be read: a decrypted copy of it is removed by ``closing``."""
        path = str(self._loader.path_dwim(str(self._find_needle("files", name))))
        if os.path.isdir(path):
            raise AnsibleError(f"{path} is a folder; give the name of a file")
        try:
            readable = str(self._loader.get_real_file(path, decrypt=True))
        except AnsibleError as error:
            raise AnsibleError(f"{path} cannot be read: {to_text(error)}") from error
        closing.callback(self._loader.cleanup_tmp_file, readable)
        return path, readable

    def _brought(self, path: str, decrypted: bool) -> str:
        """Where the target reads the file: in place on this machine as this user, else a copy beside the module.

        An asynchronous task outlives the controller's copy of an encrypted file; its own copy stands in the folder
        that Ansible removes when the task has ended.
        """
        shell = self._connection._shell
        outlived = decrypted and self._task.async_val
        if self._is_here() and not self._connection.become and not outlived:
            return path
        if shell.tmpdir is None:
            self._make_tmp_path()
        copy = str(shell.join_path(shell.tmpdir, "numbers"))
        self._transfer_file(path, copy)
        self._fixup_perms2((shell.tmpdir, copy))
        return copy

    def _executed(self, arguments: Dict[str, Any], task_vars: Optional[Dict[str, Any]]) -> Result:
        gc.freeze()  # or Ansible's own objects are gone through again and again while the module is packed
        folder = self._connection._shell.tmpdir
        wrap_async = self._task.async_val and not getattr(self._connection, "has_native_async", False)
        result: Result = self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        elif folder is not None and "ansible_job_id" not in result:
            self._remove_tmp_path(folder)  # what was not started cannot clean up
        return result

    def _is_here(self) -> bool:
        return bool(self._connection.transport == "local")

    def _teller(self, task_vars: Dict[str, Any]) -> Callable[[str], None]:
        """Shows a line on standard error, where it spoils no output that a program reads."""
        host = (
            f"[{task_vars.get('inventory_hostname')}] " if len(task_vars.get("ansible_play_hosts_all", ())) > 1 else ""
        )
        return lambda text: self._display.display(f"{host}{text}", stderr=True)


def _name_here(arguments: Dict[str, Any]) -> Optional[str]:
    """The name of a file on the controller, if one is given; what is no such option is the module's to refuse."""
    name, remote_src = arguments.get(_OPTION), arguments.get("remote_src")
    if isinstance(name, bool) or not isinstance(name, (str, int, float)) or not str(name).strip():
        return None
    try:
        return None if remote_src is not None and boolean(remote_src) else to_text(name)
    except TypeError:
        return None


def _failure(option: str, problem: str) -> Result:
    """A failure as the module would tell it."""
    faults = [{"where": option, "problem": problem}]
    return {"failed": True, "changed": False, "requests_sent": 0, "faults": faults, "msg": f"{option}: {problem}"}
