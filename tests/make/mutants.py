# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes the core in one place after another, and looks whether the tests of the domain notice.

    mutants.py DIRECTORY COUNT [SEED]

A random sample of COUNT changes of all that cosmic-ray knows. Prints those that nobody noticed; fails where these are
more than one in ten.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkItem

DOMAIN = "plugins/module_utils/_domain"
CORE = ("apply", "batch", "contact", "decide", "guards", "judge", "opening", "record", "removal", "repeat", "window")
TESTS = " ".join(f"tests/unit/{DOMAIN}/test_{name}.py" for name in (*CORE, "plan"))
COMMAND = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -p no:xdist {TESTS}"
LONGEST_TEST = 120.0  # seconds
COLLECTION = Path("ansible_collections/ozonetel/cloudagent")
WORKERS = 2


def sample(count: int, seed: int) -> List[WorkItem]:
    """So many of all changes, the same ones for the same seed."""
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init([Path(DOMAIN) / f"{name}.py" for name in CORE], database, {})
        items = list(database.work_items)
    found = {str([(m.module_path, m.operator_name, m.occurrence) for m in item.mutations]): item for item in items}
    return random.Random(seed).sample([found[key] for key in sorted(found)], min(count, len(found)))


def work(results: Path, worker: int, count: int, seed: int) -> None:
    """Tries a worker's share in the copy of the collection in which it is called."""
    found = []
    for item in sample(count, seed)[worker::WORKERS]:
        result = mutate_and_test(item.mutations, COMMAND, LONGEST_TEST)
        survived = result.test_outcome is TestOutcome.SURVIVED
        found.append(f"{item.mutations[0].operator_name}\n{result.diff}" if survived else "")
        results.write_text(json.dumps(found))


def main(target: Path, count: int, seed: int) -> None:
    """Shares the sample out, sums it up."""
    shutil.rmtree(target, ignore_errors=True)
    workers = []
    for worker in range(WORKERS):
        folder = target / str(worker)
        shutil.copytree(".", folder / COLLECTION, ignore=shutil.ignore_patterns(".git", "output", "__pycache__"))
        program = (
            f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import mutants; from pathlib import Path;"
        )
        program += f"mutants.work(Path({str(folder / 'results')!r}), {worker}, {count}, {seed})"
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        workers.append(subprocess.Popen([sys.executable, "-c", program], cwd=folder / COLLECTION, env=environment))
    if any(process.wait() for process in workers):
        sys.exit("a worker failed")
    results = [
        result for worker in range(WORKERS) for result in json.loads((target / str(worker) / "results").read_text())
    ]
    survivors = [result for result in results if result]
    print("\n".join(survivors))
    print(f"seed {seed}: {len(results)} changes, {len(results) - len(survivors)} noticed")
    sys.exit(int(10 * len(survivors) > len(results)))


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(10**6),
    )
