# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page's middle is made anew, the prose around it stays."""

from __future__ import annotations

import pytest

from ansible_collections.ozonetel.cloudagent.tests.bench.page import BEGIN, END, with_measured


def test_only_what_stands_between_the_markers_changes() -> None:
    page = f"Before\n\n{BEGIN}\n\nold\n\n{END}\n\nAfter\n"
    assert with_measured(page, "new\n") == f"Before\n\n{BEGIN}\n\nnew\n\n{END}\n\nAfter\n"


def test_a_second_writing_of_the_same_changes_nothing() -> None:
    once = with_measured(f"{BEGIN}\n{END}\n", "figures")
    assert with_measured(once, "figures") == once


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_page_without_both_markers_in_order_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="needs the line"):
        with_measured(page, "figures")
