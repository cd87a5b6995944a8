# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight sees without the network (but for a store on PostgreSQL): libraries, store, locks."""

from __future__ import annotations

import contextlib
import platform
import sys
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Mapping, Optional, Tuple

from .._domain import regions
from .._domain.checks import Check, Verdict
from .._domain.errors import CloudAgentError, MissingLibrary, StoreUnavailable, foreseen
from .._domain.expiry import utc_text
from .._state.schema import CURRENT_VERSION
from .._state.store import Holder, Place, Store, lock_of, look_at_place, open_store
from .._state.tokens import SPARE_SECONDS, Token, Usage, account_key, token_lock
from .options import Shared
from .parts import Parts, patience


@dataclass(frozen=True)
class Kept:
    """What a store holds of the account: a token that is good now, the generations, who holds a lock (by its name)."""

    token: Optional[Token] = None
    usage: Optional[Usage] = None
    locks: Mapping[str, Holder] = field(default_factory=dict)


@dataclass(frozen=True)
class Local:
    """What was seen. ``requests``: the library is there; ``kept``: None where the store cannot be used or is none."""

    checks: Tuple[Check, ...]
    requests: bool
    store_usable: bool
    kept: Optional[Kept]


def alone(name: str, look: Callable[[], Check]) -> Check:
    """A check that does not end the others, whatever happens in it."""
    try:
        return look()
    except Exception as error:
        return Check(name, Verdict.FAILED, str(foreseen(error)))


def look_around(parts: Parts) -> Local:
    """Looks at all that lies here. Nothing is made, written or sent."""
    shared = parts.shared
    missing = _missing(shared)
    place, check = _place(shared)
    kept: Optional[Kept] = None
    if place is not None:
        try:
            kept = what_is_kept(parts)
        except Exception as error:
            check = _broken(foreseen(error), shared)
    usable = check.verdict is Verdict.OK or is_in_memory(shared)
    checks = (
        alone("python", lambda: _libraries(missing)),
        check,
        alone("lock", lambda: _locks(shared, kept, place)),
    )
    return Local(checks, "requests" not in missing, usable, kept)


# -- libraries ---------------------------------------------------------------------------------------------------------


def _missing(shared: Shared) -> Dict[str, MissingLibrary]:
    """The libraries that a run needs and that cannot be imported."""
    found: Dict[str, MissingLibrary] = {}
    for look in (_requests_version, *([_psycopg_version] if shared.location.url is not None else [])):
        try:
            look()
        except MissingLibrary as error:
            found[error.library] = error
    return found


def _requests_version() -> str:
    from .._api.transport import library_version

    return library_version()


def _psycopg_version() -> str:
    from .._state.postgresql import library_version

    return library_version()


def _libraries(missing: Dict[str, MissingLibrary]) -> Check:
    python = f"Python {platform.python_version()} ({sys.executable})"
    if missing:
        told = " ".join(str(error) for error in missing.values())
        advice = f"Install it there: {sys.executable} -m pip install {' '.join(missing)}"
        return Check("python", Verdict.FAILED, f"{python}: {told}", advice)
    version = regions.library_version()
    for_regions = "phonenumbers is not installed, which only default_region needs"
    told = f"{python}: requests {_requests_version()}; {for_regions if version is None else f'phonenumbers {version}'}."
    return Check("python", Verdict.OK, told)


# -- store -------------------------------------------------------------------------------------------------------------


def is_in_memory(shared: Shared) -> bool:
    """Whether nothing is to be kept."""
    return shared.location.url is None and shared.location.directory is None


def _place(shared: Shared) -> Tuple[Optional[Place], Check]:
    """The place of the store if it can be used, and what is to be said of it."""
    if is_in_memory(shared):
        return None, Check(
            "store",
            Verdict.WARNING,
            "state_store is none: nothing is kept, so that each task generates a token, this one too, and each of them"
            " makes every earlier one invalid.",
            "Give state_store a directory, or share one token through a variable as the role block_groups does.",
        )
    try:
        place = look_at_place(shared.location, patience(shared))
    except Exception as error:
        return None, _broken(foreseen(error), shared)
    return place, Check("store", Verdict.OK, f"{place.engine}, {place.shown}: {_version(place)}")


def _version(place: Place) -> str:
    if place.version == 0:
        return "there is none yet; it can be made, and will be when the first token is generated."
    if place.version < CURRENT_VERSION:
        return f"its schema has version {place.version}; the next run migrates it to {CURRENT_VERSION}."
    return f"its schema has version {place.version}, which is the current one."


def _broken(error: CloudAgentError, shared: Shared) -> Check:
    """Without the default place a run goes on; a place that is named, or is not safe, must be mended."""
    advice = "Repair it, or give another place in state_store."
    if isinstance(error, StoreUnavailable) and not shared.named:
        goes_on = f"{error} A run goes on without a store: its tokens are not shared, and nothing is remembered."
        return Check("store", Verdict.WARNING, goes_on, advice)
    return Check("store", Verdict.FAILED, str(error), advice)


def what_is_kept(parts: Parts) -> Kept:
    """Reads what the store holds now. Raises StoreError."""
    shared = parts.shared
    with contextlib.closing(open_store(shared.location, True, parts.clock, patience(shared))) as store:
        return kept_in(store, parts)


def kept_in(store: Store, parts: Parts) -> Kept:
    """Reads what an open store holds. Raises StoreError."""
    if parts.shared.api_key is None:
        return Kept(locks=store.holders())
    broker = parts.sending.broker_on(store)
    return Kept(broker.usable(SPARE_SECONDS), broker.usage(), store.holders())


# -- locks -------------------------------------------------------------------------------------------------------------


def _locks(shared: Shared, kept: Optional[Kept], place: Optional[Place]) -> Check:
    if kept is None:
        return Check("lock", Verdict.SKIPPED, "There is no store that can be looked into, so no locks either.")
    if place is not None and place.version == 0:
        return Check("lock", Verdict.OK, "There is no store yet, so nobody holds a lock.")
    told = _holders(shared, kept.locks)
    if not told:
        return Check("lock", Verdict.OK, "Nobody is on record as holding a lock of this account.")
    return Check(
        "lock",
        Verdict.WARNING,
        f"On record as held: {'; '.join(told)}.",
        "A run waits for it, up to lock_timeout. If that process has been killed, its lock is free, and only the record"
        " of it is left.",
    )


def _holders(shared: Shared, locks: Mapping[str, Holder]) -> List[str]:
    of_token = token_lock(account_key(shared.url, shared.username, shared.api_key or ""))
    of_groups = lock_of("", shared.account)[len("the group ") :]
    told = []
    for name, holder in locks.items():
        if name == of_token or name.endswith(of_groups):
            what = "the account's token" if name == of_token else name[: -len(of_groups)]
            progress = f" ({holder.progress})" if holder.progress else ""
            told.append(f"{what} by {holder.name} since {utc_text(holder.since)}{progress}")
    return told
