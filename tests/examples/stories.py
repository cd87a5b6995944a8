# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of this checkout, and what a reader of each of its files does, in its order."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import List, Tuple

from ansible_collections.ozonetel.cloudagent.tests.make.collection_tree import files_of_checkout

from .extract import extractor_of, is_documentation, matches
from .presumed import LEFT_OUT, NO_EXAMPLES
from .steps import Step, steps_of, teasers_last, with_unused_files

CHECKOUT = Path(__file__).resolve().parents[2]


def documentation() -> List[str]:
    """The files that people read, relative to the checkout."""
    return sorted(path for path in map(str, files_of_checkout(CHECKOUT)) if is_documentation(path))


def listed(path: str) -> bool:
    """Whether a file is among those without examples."""
    return any(matches(path, pattern) for pattern in NO_EXAMPLES)


def left_out(path: str, text: str) -> bool:
    """Whether code is among what is left out."""
    return any(matches(path, left.path) and re.search(left.code, text, re.MULTILINE) for left in LEFT_OUT)


@lru_cache(maxsize=None)
def everything(path: str) -> Tuple[str, ...]:
    """The code that a file shows, what is left out included."""
    extract = extractor_of(path)
    if extract is None:
        return ()
    blocks = extract(path, (CHECKOUT / path).read_text(encoding="utf-8"))
    return tuple(block.included or block.text for block in blocks)


@lru_cache(maxsize=None)
def story(path: str) -> Tuple[Step, ...]:
    """What a reader of a file does."""
    extract = extractor_of(path)
    if extract is None or listed(path):
        return ()
    blocks = extract(path, (CHECKOUT / path).read_text(encoding="utf-8"))
    steps = [step for block in blocks if not left_out(path, block.text) for step in steps_of(block)]
    return tuple(teasers_last(with_unused_files([step for step in steps if not left_out(path, step.text)])))


def told() -> List[str]:
    """The files with examples, the longest first."""
    found = [path for path in documentation() if extractor_of(path) and not listed(path) and everything(path)]
    return sorted(found, key=lambda path: -len(everything(path)))
