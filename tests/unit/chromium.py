# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Chromium for the tests, without a window: it opens pages, and notes what they ask for and what goes wrong."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Iterator, List

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


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

    def close(self) -> None:
        """Closes the page."""
        self._context.close()
