# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured: each measurement runs something once, sees that it was done, and gives its figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, Optional, Tuple

from . import accounts, engines
from .processes import Failed, Finished
from .samples import Figures
from .stand import Account, Stand

LENGTHS = (1, 100, 1_000, 10_000, 100_000, 1_000_000)
PLAYBOOK = "playbooks/block_group.yml"


@dataclass(frozen=True)
class Measurement:
    """``needs``: options of the module without which there is nothing to measure."""

    title: str
    run: Callable[[Stand], Figures]
    needs: Tuple[str, ...] = ()
    on_postgresql: bool = False

    def missing(self, stand: Stand) -> Optional[str]:
        """Why it cannot be measured here; None if it can."""
        options = [name for name in self.needs if name not in stand.options]
        if options:
            return f"the module has no option {' and '.join(options)}"
        if self.on_postgresql and not stand.has_postgresql():
            return "there is no PostgreSQL server"
        return None


def _figures(done: Finished) -> Figures:
    return {"seconds": done.seconds, "cpu": done.cpu, "peak": done.peak}


def _holds(stand: Stand, account: Account, count: int) -> float:
    """How many requests it took until the server held all numbers; raises Failed if it does not."""
    seen = stand.asked(account.username)
    stand.forget(account)
    if seen["numbers"] != count:
        raise Failed(f"the server holds {seen['numbers']} numbers and not {count}")
    return seen["requests"]


# -- competitors -------------------------------------------------------------------------------------------------------


def _ping(stand: Stand) -> Figures:
    return _figures(stand.playbook("competitors/ping.yml", stand.account(), {}))


def _uri(count: int, stand: Stand) -> Figures:
    account = stand.account()
    variables = {"url": f"{stand.url}/0", "numbers_file": str(stand.numbers_file(count))}
    done = stand.playbook("competitors/uri_loop.yml", account, variables)
    return {**_figures(done), "requests": _holds(stand, account, count)}


def _script(path: str, count: int, milliseconds: int, stand: Stand) -> Figures:
    account = stand.account()
    done = stand.script(path, account, count, milliseconds)
    return {**_figures(done), "inside": float(done.output), "requests": _holds(stand, account, count)}


# -- ours, as a playbook -----------------------------------------------------------------------------------------------


def listed(stand: Stand, count: int) -> Dict[str, Any]:
    """The variables that name a list: a file, or where the module takes none, a lookup."""
    path = stand.numbers_file(count)
    return {"numbers_file": str(path)} if stand.takes_files() else _looked_up(stand, count)


def _looked_up(stand: Stand, count: int) -> Dict[str, Any]:
    path = stand.numbers_file(count)
    return {"block_numbers": f"{{{{ lookup('ansible.builtin.file', '{path}').splitlines() }}}}"}


def _in_variable(stand: Stand, count: int) -> Dict[str, Any]:
    return {"block_numbers": stand.numbers_file(count).read_text(encoding="ascii").split()}


def _first(count: int, milliseconds: int, options: Dict[str, Any], stand: Stand) -> Figures:
    account = stand.account()
    done = stand.playbook(PLAYBOOK, account, {**listed(stand, count), **options}, milliseconds)
    return {**_figures(done), "requests": _holds(stand, account, count)}


def converged(stand: Stand, count: int) -> Account:
    """An account whose group holds so many numbers, all of them on record."""
    if count not in stand.converged:
        account = stand.account()
        stand.task(count, account)
        _holds(stand, account, count)
        stand.converged[count] = account
    return stand.converged[count]


def _converged(count: int, names_list: Callable[[Stand, int], Dict[str, Any]], stand: Stand) -> Figures:
    account = converged(stand, count)
    done = stand.playbook(PLAYBOOK, account, {**names_list(stand, count), "refresh": False})
    _nothing_sent(stand, account)
    return _figures(done)


def _nothing_sent(stand: Stand, account: Account) -> None:
    if stand.asked(account.username)["requests"]:
        raise Failed("a converged task has sent something")


# -- ours, the module alone --------------------------------------------------------------------------------------------


def _module_first(count: int, stand: Stand) -> Figures:
    account = stand.account()
    taken = stand.task(count, account)
    kept = engines.directory_bytes(account.store)
    _holds(stand, account, count)
    stand.converged.setdefault(count, account)  # what comes next would only do the same again
    return {**taken, "bytes": kept}


def _module_converged(count: int, check_mode: bool, stand: Stand) -> Figures:
    account = converged(stand, count)
    taken = stand.task(count, account, check_mode, refresh=False)
    _nothing_sent(stand, account)
    if taken["changed"]:
        raise Failed("a converged task has changed something")
    return taken


def _module_progress(stand: Stand) -> Figures:
    account = stand.account()
    taken = stand.task(100_000, account, _progress_path=f"{account.store}-progress")
    _holds(stand, account, 100_000)
    return {**taken, "share": taken["progress"] / taken["seconds"]}


def _module_removal(count: int, stand: Stand) -> Figures:
    account = stand.account()
    stand.task(count, account)
    taken = stand.task(count, account, state="absent", remove_shared=True)
    _holds(stand, account, 0)
    return taken


# -- all of them -------------------------------------------------------------------------------------------------------


def _competitors() -> Dict[str, Measurement]:
    bare, eight = "competitors/bare.py", "competitors/eight_connections.py"
    return {
        "ping": Measurement("``ping`` playbook", _ping),
        "uri": Measurement("``uri`` loop, 10,000 numbers, 0 ms", partial(_uri, 10_000)),
        "bare_100": Measurement("bare script, 100 numbers, 0 ms", partial(_script, bare, 100, 0)),
        "bare": Measurement("bare script, 10,000 numbers, 0 ms", partial(_script, bare, 10_000, 0)),
        "bare_50": Measurement("bare script, 10,000 numbers, 50 ms", partial(_script, bare, 10_000, 50)),
        "eight_50": Measurement(
            "eight aiohttp connections, 10,000 numbers, 50 ms", partial(_script, eight, 10_000, 50)
        ),
    }


def _playbooks() -> Dict[str, Measurement]:
    file = ("block_numbers_file",)
    eight: Dict[str, Any] = {"parallel": 8}
    return {
        "first": Measurement("first run, 10,000 numbers, 0 ms", partial(_first, 10_000, 0, {})),
        "first_50": Measurement("first run, 10,000 numbers, 50 ms", partial(_first, 10_000, 50, {})),
        "first_50_parallel": Measurement(
            "first run, 10,000 numbers, 50 ms, ``parallel: 8``", partial(_first, 10_000, 50, eight), ("parallel",)
        ),
        "converged_1": Measurement("converged, 1 number", partial(_converged, 1, listed)),
        "converged_10k": Measurement("converged, 10,000 numbers", partial(_converged, 10_000, listed)),
        "converged_100k": Measurement("converged, 100,000 numbers", partial(_converged, 100_000, listed)),
        "converged_1m": Measurement("converged, 1,000,000 numbers", partial(_converged, 1_000_000, listed), file),
        "converged_lookup": Measurement("converged, 10,000 in a lookup", partial(_converged, 10_000, _looked_up), file),
        "converged_variable": Measurement("converged, 10,000 in a variable", partial(_converged, 10_000, _in_variable)),
    }


def _module() -> Dict[str, Measurement]:
    lengths = {
        f"module_first_{count}": Measurement(f"module alone, first run, {count:,}, 0 ms", partial(_module_first, count))
        for count in LENGTHS
    }
    for count in LENGTHS:
        lengths[f"module_converged_{count}"] = Measurement(
            f"module alone, converged, {count:,}", partial(_module_converged, count, False)
        )
    return {
        **lengths,
        "module_check_1000000": Measurement(
            "module alone, converged, 1,000,000, check mode", partial(_module_converged, 1_000_000, True)
        ),
        "module_progress": Measurement("module alone, first run, 100,000, 0 ms, with progress", _module_progress),
        "removal_1k": Measurement("module alone, removal of 1,000", partial(_module_removal, 1_000)),
        "removal_10k": Measurement("module alone, removal of 10,000", partial(_module_removal, 10_000)),
    }


def _stores() -> Dict[str, Measurement]:
    found = {
        f"batches_{engine}_{count}": Measurement(
            f"module alone, first run, {count:,}, {engine}",
            partial(engines.batches, engine, count),
            on_postgresql=engine == "postgresql",
        )
        for engine in engines.ENGINES
        for count in engines.LENGTHS
    }
    for engine in accounts.ENGINES:
        for count, milliseconds in accounts.RUNS:
            found[f"accounts_{engine}_{count}_{milliseconds}"] = Measurement(
                f"{count} {'account' if count == 1 else 'accounts'} × 1,000, {engine}, {milliseconds} ms",
                partial(accounts.inventory, engine, count, milliseconds),
                on_postgresql=engine == "postgresql",
            )
    return found


MEASUREMENTS: Dict[str, Measurement] = {**_competitors(), **_module(), **_playbooks(), **_stores()}
