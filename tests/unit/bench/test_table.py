# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables and figures as they are shown."""

from __future__ import annotations

import pytest

from ansible_collections.ozonetel.cloudagent.tests.bench.table import heading, short, table


def test_a_table_has_a_head_and_its_rows() -> None:
    shown = ".. list-table::\n   :header-rows: 1\n\n   * - a\n     - b\n   * - 1\n     -\n   * - 3\n     - 4"
    assert table(["a", "b"], [["1", ""], ["3", "4"]]) == shown


def test_a_heading_is_underlined_over_its_whole_length() -> None:
    assert (heading("One"), heading("Two", "-")) == ("One\n===", "Two\n---")


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="more or fewer"):
        table(["a", "b"], [["1"]])


@pytest.mark.parametrize(
    ("value", "shown"), [(0.012345, "0.0123"), (1.2345, "1.23"), (99.94, "99.9"), (123.4, "123"), (1234.5, "1,234")]
)
def test_a_figure_has_three_digits_that_tell_something(value: float, shown: str) -> None:
    assert short(value) == shown
