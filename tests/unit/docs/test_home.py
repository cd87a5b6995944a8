# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MAINTAINERS.md names every file in which the placeholders for the project's home are, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, List

import pytest

from ansible_collections.ozonetel.cloudagent.tests.make.collection_tree import files_of_checkout

CHECKOUT = Path(__file__).resolve().parents[3]
# joined here, so that this file is none of those that name it
OWNER = "ozonetel" + "-cloudagent"
# documentation on GitHub Pages or Read the Docs
SITE = r"(ozonetel|cloudagent)[\w-]*\.(github|readthedocs)\.io"
# what MAINTAINERS.md calls a place, and how it is written
PLACES = {
    # also without its host
    "address": rf"github\.com/{OWNER}|{OWNER}/ozonetel\.cloudagent|{SITE}",
    "handle": rf"@{OWNER}\b",
    "tag": r"tag [`]ozonetel`|forum\.ansible\.com/\S*ozonetel",
    "galaxy": r"galaxy\.ansible\.com/\S*ozonetel",
}
# the same word begins the name of a tarball
TARBALL = rf"{OWNER}-(?:\d|[*{{$])"


def _texts() -> Dict[str, str]:
    files = sorted(files_of_checkout(CHECKOUT))
    return {str(path): (CHECKOUT / path).read_text(encoding="utf-8", errors="replace") for path in files}


def _listed(kind: str) -> List[str]:
    text = (CHECKOUT / "MAINTAINERS.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- {kind} -->\n((?:\* .*\n)+)", text)
    return re.findall(r"^\* `(.*)`$", block, re.MULTILINE)


@pytest.mark.parametrize("kind", PLACES)
def test_each_file_that_names_the_home_is_listed(kind: str) -> None:
    assert [path for path, text in _texts().items() if re.search(PLACES[kind], text)] == _listed(kind)


def test_the_owner_is_named_in_no_other_way() -> None:
    known = "|".join([*PLACES.values(), TARBALL])
    assert [path for path, text in _texts().items() if OWNER in re.sub(known, "", text)] == []
