# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a batch costs in each store, and how large a store grows."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

import psycopg

from .processes import Failed
from .relay import Relay, relaying
from .samples import Figures
from .stand import Account, Stand

ENGINES = ("sqlite", "postgresql")
LENGTHS = (1_000, 10_000)
_SCHEMA = "ozonetel_cloudagent"


def account_on(engine: str, stand: Stand) -> Account:
    """An account whose store lies in an engine, in a place of its own."""
    if engine == "sqlite":
        return stand.account()
    server = stand.postgresql()
    return stand.account(server.new_database(), server.password)


def directory_bytes(store: str) -> float:
    """The size of a store on SQLite."""
    return float(sum(path.stat().st_size for path in Path(store).iterdir()))


def batches(engine: str, count: int, stand: Stand) -> Figures:
    """A first run; on PostgreSQL a second one counts the round trips, with a relay between that the first is spared."""
    account = account_on(engine, stand)
    taken = stand.task(count, account)
    _all_held(stand, account, count)
    if engine != "postgresql":
        return taken
    return {**taken, **_measured_in(account, count), "trips": _trips(count, stand)}


def _all_held(stand: Stand, account: Account, count: int) -> None:
    held = stand.asked(account.username)["numbers"]
    stand.forget(account)
    if held != count:
        raise Failed(f"the server holds {held} numbers and not {count}")


def _trips(count: int, stand: Stand) -> float:
    server = stand.postgresql()
    direct = server.new_database()
    with relaying(Relay(server.port)) as relay:
        account = stand.account(relay.through(direct), server.password)
        stand.task(count, account)
        _all_held(stand, account, count)
        return float(relay.trips)


def _measured_in(account: Account, count: int) -> Dict[str, float]:
    """Rows and bytes of the schema, with its indexes; raises Failed if a number is not on record."""
    with psycopg.connect(account.store, password=account.password, autocommit=True) as connection:
        rows = connection.execute("SELECT count(*) FROM ozonetel_cloudagent.numbers").fetchone()
        size = connection.execute(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid ="
            " c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'",
            (_SCHEMA,),
        ).fetchone()
    if rows is None or size is None or rows[0] != count:
        raise Failed("PostgreSQL does not have all numbers on record")
    return {"rows": float(rows[0]), "bytes": float(size[0])}
