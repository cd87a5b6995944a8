# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: where readers work, and a PostgreSQL server for those whose examples name one."""

from __future__ import annotations

from typing import Iterator

import pytest

from ansible_collections.ozonetel.cloudagent.tests.unit.conftest import postgresql

from .presumed import LEFT_OUT
from .stand import Stand
from .stories import CHECKOUT, story, told

__all__ = ["postgresql"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how much of the documentation is run, and how much is not."""
    done = sum(len(story(path)) for path in told())
    terminalreporter.write_line(
        f"{done} examples in {len(told())} files; {len(LEFT_OUT)} are left out, see presumed.py"
    )


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The collection, built and installed from its tarball."""
    built = Stand(CHECKOUT, tmp_path_factory.mktemp("stand"))
    yield built
    built.stop()
