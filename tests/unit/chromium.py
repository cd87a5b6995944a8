# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Chromium for the tests, without a window: it opens pages, and notes what they ask for and what goes wrong."""

from __future__ import annotations

import importlib.resources
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# Kept by the CI: the checkout's own .build, wherever below it these tests run.
_ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = next((part for part in _ROOT.parents if part.name == ".build"), _ROOT / ".build") / "artefacts"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    yield from started()


def started() -> Iterator[Browser]:
    """A running browser of this machine; none is downloaded. Where there is none, tests are skipped, and fail in CI."""
    program = next((found for found in map(shutil.which, _PROGRAMS) if found), None)
    if program is None:
        # In CI a missing browser is a failure; on somebody's laptop it only narrows what is tested.
        missing = "Chromium is missing, and what the page does cannot be tested without: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)  # without a sandbox, since root may run it
        yield browser
        browser.close()


class Opened:
    """A page that a browser has opened from a file, without a network."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, scheme: str = "light") -> None:
        """``width`` in CSS pixels; ``scheme``: "light" or "dark"."""
        dark = scheme == "dark"
        self._context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", offline=True
        )
        self.page: Page = self._context.new_page()
        self.requests: List[str] = []
        self.troubles: List[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.goto(file.as_uri())

    def _dismiss(self, dialog: Dialog) -> None:
        self.troubles.append(dialog.message)
        dialog.dismiss()

    def search(self, text: str) -> List[List[str]]:
        """Asks for a number; gives the cells of what is found."""
        self.page.fill("#number", text)
        self.page.press("#number", "Enter")
        rows = self.page.locator("#found tr").all()
        return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]

    def violations(self) -> List[Any]:
        """What is not accessible: the rule, and the HTML of what breaks it."""
        self.page.evaluate(f"() => {{ {_AXE} }}")
        found = self.page.evaluate("() => axe.run({ preload: false }).then(result => result.violations)")
        return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]

    def photograph(self, name: str) -> None:
        """Keeps a picture of the page."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)

    def close(self) -> None:
        """Closes the page."""
        self._context.close()


Open = Callable[..., Opened]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens pages in the browser: a file, and the ``width`` and ``scheme`` to show it in."""
    pages: List[Opened] = []

    def open_page(file: Path, width: int = 1280, scheme: str = "light") -> Opened:
        pages.append(Opened(browser, file, width, scheme))
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()
