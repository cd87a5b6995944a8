# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a task and turns its report, or whatever went wrong, into the module's result: the one exit."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Generic, List, Optional, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._domain.errors import CloudAgentError, InvalidInput, MissingLibrary, UnexpectedError
from .._domain.secrets import Secrets
from .options import HANDED, SECRETS, Faults, Params, Shared, Spec, presentable, read_shared
from .parts import Parts, Surroundings, assembled
from .secrets import masked, register

Wish = TypeVar("Wish")


@dataclass(frozen=True)
class Report:
    """What a task has to say. ``failure``: why the task fails, if it does; ``secret_result``: returned unmasked."""

    result: Dict[str, Any] = field(default_factory=dict)
    warnings: List[str] = field(default_factory=list)
    failure: Optional[str] = None
    secret_result: Dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task(Generic[Wish]):
    """What a module does.

    ``read`` turns its options into a wish and adds what is wrong to the faults; the second argument is the time.
    ``work`` fulfils the wish; it may raise CloudAgentError as long as nothing was changed. ``without_parts`` gives
    the report where nothing is to be opened or sent at all. ``release`` gives back what ``read`` has opened.
    ``only_reads``, ``opens_store``: see Surroundings; ``sends``: see read_shared.
    """

    spec: Spec
    read: Callable[[Params, float, Faults], Wish]
    work: Callable[[Parts, Wish], Report]
    without_parts: Callable[[Shared, Wish], Optional[Report]] = lambda shared, wish: None
    release: Callable[[Wish], None] = lambda wish: None
    only_reads: bool = False
    opens_store: bool = False
    sends: bool = True


def run(task: Task[Any]) -> None:
    """Runs a module and ends the process with its result."""

    class Module(AnsibleModule):  # type: ignore[misc]
        def _load_params(self) -> None:
            super()._load_params()
            self.handed = {name: self.params.pop(name) for name in HANDED if name in self.params}
            presentable(self.params, task.spec)

    module = Module(argument_spec={name: dict(option) for name, option in task.spec.items()}, supports_check_mode=True)
    secrets = Secrets(module.params[name] for name in SECRETS)
    params = {**module.params, **module.handed}
    around = Surroundings(module.check_mode, secrets, only_reads=task.only_reads, opens_store=task.opens_store)
    report = performed(task, params, around)
    try:
        _exit(module, report, secrets)
    except Exception as error:  # what was done must be told, if only that something was
        changed = bool(report.result.get("changed"))
        module.fail_json(msg=explained(UnexpectedError(error, maybe_done=changed)), changed=changed)


def performed(task: Task[Any], params: Params, around: Surroundings) -> Report:
    """The report of a task, whatever happens: no exception ends it without one."""
    try:
        faults = Faults()
        shared = read_shared(params, faults, task.sends)
        wish = task.read(params, around.clock.now(), faults)
        try:
            faults.stop_if_any()
            report = task.without_parts(shared, wish)
            return report if report is not None else _worked(task, wish, shared, around)
        finally:
            with contextlib.suppress(Exception):  # what fails while all is closed takes no report away
                task.release(wish)
    except CloudAgentError as error:
        return failed(error)
    except (Exception, SystemExit) as error:  # what a library says when it exits may hold anything
        return failed(UnexpectedError(error))


def _worked(task: Task[Any], wish: Any, shared: Shared, around: Surroundings) -> Report:
    reports: List[Report] = []
    try:
        with assembled(shared, around) as parts:
            reports.append(_reported(task, wish, parts))
    except Exception:
        if not reports:  # what fails while all is closed takes no report away
            raise
    return reports[0]


def _reported(task: Task[Any], wish: Any, parts: Parts) -> Report:
    report = attempted(lambda: task.work(parts, wish), parts)
    return replace(report, warnings=[*parts.all_warnings, *report.warnings])


def attempted(work: Callable[[], Report], parts: Parts) -> Report:
    """The report of a piece of work, also where an error has ended it before it changed anything."""
    try:
        return work()
    except CloudAgentError as error:
        return failed(error, parts.sent)
    except (Exception, SystemExit) as error:
        return failed(UnexpectedError(error), parts.sent)


def failed(error: CloudAgentError, requests_sent: int = 0) -> Report:
    """The report of a task that was stopped before it changed anything."""
    result: Dict[str, Any] = {"changed": False, "requests_sent": requests_sent}
    if isinstance(error, InvalidInput):
        result["faults"] = [{"where": fault.where, "problem": fault.problem} for fault in error.faults]
    return Report(result, failure=explained(error))


def explained(error: CloudAgentError) -> str:
    """The message of an error, in Ansible's usual words for a missing library."""
    if isinstance(error, MissingLibrary):
        return str(missing_required_lib(error.library, reason=error.reason))
    return str(error)


def _exit(module: AnsibleModule, report: Report, secrets: Secrets) -> None:
    returned = set(map(str, report.secret_result.values()))
    register(module, secrets.values() - returned)
    module.params = masked(module.params, secrets)  # Ansible returns them, and cannot encode everything
    for warning in masked(report.warnings, secrets):
        module.warn(warning)
    result = {**masked(report.result, secrets), **report.secret_result}
    if report.failure is not None:
        module.fail_json(msg=masked(report.failure, secrets), **result)
    module.exit_json(**result)
