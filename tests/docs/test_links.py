# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links of the built site: what they lead to is there; those that lead elsewhere are listed in docs/site/links.txt."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set, Tuple
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LISTED = CHECKOUT / "docs" / "site" / "links.txt"


@dataclass
class Links(HTMLParser):
    """What a page has: the places that may be linked to, and its links, to files that it loads as well."""

    places: Set[str] = field(default_factory=set)
    links: List[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        """Called by the parser."""
        given = dict(attrs)
        self.places.update(filter(None, [given.get("id"), given.get("name") if tag == "a" else None]))
        self.links.extend(filter(None, [given.get("href"), given.get("src")]))


def _read(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


@pytest.fixture(scope="session")
def pages(site: Path) -> Dict[Path, Links]:
    """All pages of the site."""
    return {page: _read(page) for page in sorted(site.rglob("*.html"))}


def _elsewhere(link: str) -> bool:
    return bool(urlsplit(link).scheme)


def _broken(pages: Dict[Path, Links]) -> Iterator[str]:
    for page, found in pages.items():
        for link in found.links:
            if _elsewhere(link):
                continue
            parts = urlsplit(link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file():
                yield f"{page.name}: {link}: there is no such file"
            elif parts.fragment and unquote(parts.fragment) not in pages[target].places:
                yield f"{page.name}: {link}: there is no such place on the page"


def test_every_link_within_the_site_leads_to_a_page_and_a_place_on_it(pages: Dict[Path, Links]) -> None:
    assert list(_broken(pages)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page, other = tmp_path / "one.html", tmp_path / "other.html"
    page.write_text('<p id="here"><a href="other.html#there">a</a><a href="#gone">b</a><img src="no.png"></p>')
    other.write_text('<p id="there"><a href="one.html#here">c</a><a href="https://example.com/">d</a></p>')
    assert list(_broken({page: _read(page), other: _read(other)})) == [
        "one.html: #gone: there is no such place on the page",
        "one.html: no.png: there is no such file",
    ]


def test_every_page_can_be_reached_from_the_front_page(site: Path, pages: Dict[Path, Links]) -> None:
    reached, waiting = set(), [site / "index.html"]
    while waiting:
        page = waiting.pop()
        if page in reached or page not in pages:
            continue
        reached.add(page)
        waiting += [(page.parent / urldefrag(link).url).resolve() for link in pages[page].links if not _elsewhere(link)]
    assert set(pages) - reached == set()


def _listed() -> List[str]:
    return [line for line in LISTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def test_links_to_elsewhere_are_those_that_are_listed(pages: Dict[Path, Links]) -> None:
    linked = {urldefrag(link).url for found in pages.values() for link in found.links if _elsewhere(link)}
    for page in (path for folder in (".", ".github", "roles/*") for path in CHECKOUT.glob(f"{folder}/*.md")):
        linked.update(re.findall(r"(?:\]\(|<)(https?://[^)>#\s]+)", page.read_text(encoding="utf-8")))
    assert sorted(linked) == _listed()


@pytest.mark.parametrize("link", _listed())
def test_a_link_to_elsewhere_is_whole_and_secure(link: str) -> None:
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc) == ("https", parts.hostname)
    assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]+", parts.netloc)
    assert re.fullmatch(r"[!-~]*[A-Za-z0-9/_]", link)
