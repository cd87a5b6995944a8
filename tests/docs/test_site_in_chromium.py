# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built site in a real browser, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ozonetel.cloudagent.tests.unit.chromium import Open, Opened

DOCS = Path(__file__).resolve().parents[2] / "docs" / "docsite"
GUIDES: List[str] = [
    name for section in yaml_load((DOCS / "extra-docs.yml").read_text())["sections"] for name in section["toctree"]
]
PICTURED = ["index", "ozonetel_block_group_module", "block_groups_role", "docsite/state_idempotence_drift"]
SEARCHED_FOR_MS = 10_000


def _title(guide: str) -> str:
    lines = (DOCS / "rst" / f"{guide}.rst").read_text(encoding="utf-8").splitlines()
    return next(
        line for line, under in zip(lines, lines[1:]) if line and set(under) in ({"="}, {"*"}) and line != under
    )


def _found(page: Opened, words: str) -> List[str]:
    """Searches as a reader does, from the field of the page; gives the links that are found."""
    page.page.fill("input[name=q]", words)
    page.page.press("input[name=q]", "Enter")
    page.page.wait_for_selector("#search-results .search li", timeout=SEARCHED_FOR_MS)
    page.page.wait_for_function("document.querySelector('#search-results h2').innerText == 'Search Results'")
    return [str(link.get_attribute("href")) for link in page.page.locator("#search-results .search li a").all()]


def test_the_front_page_leads_to_a_module_and_to_a_guide(opened: Open, site: Path) -> None:
    page = opened(site / "index.html")
    page.page.click(".sidebar-tree >> text=ozonetel_block_group_info")
    assert page.page.inner_text("h1").startswith("ozonetel.cloudagent.ozonetel_block_group_info module")
    page.page.click(".sidebar-brand")
    page.page.click(".sidebar-tree >> text=State, idempotence and drift")
    assert page.page.inner_text("h1").startswith("State, idempotence and drift")
    page.page.click("article >> text=Phone numbers are personal data")
    assert page.page.inner_text("h1").startswith("Phone numbers are personal data")


def test_on_a_phone_the_navigation_opens_from_its_button(opened: Open, site: Path) -> None:
    page = opened(site / "index.html", width=360).page
    assert page.evaluate("document.querySelector('.sidebar-tree').getBoundingClientRect().right") <= 0
    page.click("header .nav-overlay-icon")
    page.click(".sidebar-tree >> text=ozonetel_token")
    assert page.inner_text("h1").startswith("ozonetel.cloudagent.ozonetel_token module")


def test_an_option_is_found_by_its_name(opened: Open, site: Path) -> None:
    found = _found(opened(site / "index.html"), "purge")
    assert any("ozonetel_block_group_module.html" in link for link in found)
    assert any("docsite/state_idempotence_drift.html" in link for link in found)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_is_found_by_its_title(opened: Open, site: Path, guide: str) -> None:
    assert any(f"docsite/{guide}.html" in link for link in _found(opened(site / "index.html"), _title(guide)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", PICTURED)
def test_a_page_is_accessible_and_fits(opened: Open, site: Path, name: str, width: int, scheme: str) -> None:
    page = opened(site / f"{name}.html", width, scheme)
    assert page.violations() == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    page.photograph(f"docs-{Path(name).name}-{width}-{scheme}")
    assert [url for url in page.requests if not url.startswith(site.as_uri())] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_no_guide_is_wider_than_a_phone(opened: Open, site: Path, guide: str) -> None:
    page = opened(site / "docsite" / f"{guide}.html", width=360).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_long_lines_of_code_scroll_within_their_block(opened: Open, site: Path) -> None:
    page = opened(site / "docsite" / "first_contact.html", width=360).page
    wider = "[...document.querySelectorAll('.highlight pre')].filter(block => block.scrollWidth > block.clientWidth)"
    assert page.evaluate(f"{wider}.length") > 0
    assert page.evaluate(f"{wider}.every(block => getComputedStyle(block).overflowX == 'auto' && block.tabIndex == 0)")


def test_the_reader_chooses_light_or_dark(opened: Open, site: Path) -> None:
    page = opened(site / "index.html").page
    grounds = set()
    for _choice in range(3):  # as the system has it, light, dark
        page.locator(".theme-toggle:visible").first.click()
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2
