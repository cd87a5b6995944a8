# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides as they stand in the repository: GitHub shows them, the site has them all, and links lead to files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

import pytest
from ansible.module_utils.common.yaml import yaml_load
from docutils.core import publish_doctree

CHECKOUT = Path(__file__).resolve().parents[3]
DOCSITE = CHECKOUT / "docs" / "docsite"
PAGES = sorted((DOCSITE / "rst").glob("*.rst"))
NAMES = [page.stem for page in PAGES]
MARKDOWN = sorted(path for folder in (".", ".github", "roles/*", "tests/*") for path in CHECKOUT.glob(f"{folder}/*.md"))
# What GitHub does not know it leaves out, with all that is in it. These it may leave out.
LEFT_OUT = {"envvar", "literalinclude"}
# What it does not know within a line, it shows as it is written.
ROLES = {"ref", "envvar", "ansplugin", "ansopt", "ansretval", "ansval", "anscollection"}


def _left_out(text: str) -> List[str]:
    """What GitHub would say is wrong, if it said anything."""
    settings = {"file_insertion_enabled": False, "raw_enabled": False, "report_level": 5, "halt_level": 5}
    messages = publish_doctree(text, settings_overrides=settings).parse_messages
    return [message.astext() for message in messages if message["level"] > 1]


def test_the_site_lists_every_guide_once() -> None:
    sections = yaml_load((DOCSITE / "extra-docs.yml").read_text())["sections"]
    assert sorted(name for section in sections for name in section["toctree"]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_guide_has_the_label_that_others_link_to(name: str) -> None:
    text = (DOCSITE / "rst" / f"{name}.rst").read_text(encoding="utf-8")
    assert (
        re.findall(r"^\.\. _(.*):$", text, re.MULTILINE)[0] == f"ansible_collections.ozonetel.cloudagent.docsite.{name}"
    )


@pytest.mark.parametrize("name", NAMES)
def test_github_can_show_a_guide(name: str) -> None:
    known = rf'Unknown (interpreted text role "({"|".join(ROLES)})"|directive type "({"|".join(LEFT_OUT)})")'
    text = (DOCSITE / "rst" / f"{name}.rst").read_text(encoding="utf-8")
    assert [words for words in _left_out(text) if not re.search(known, words)] == []


def test_what_github_cannot_show_is_found() -> None:
    (words,) = _left_out("One\n\n.. versionadded:: 1.0.0\n\nTwo\n")
    assert 'Unknown directive type "versionadded"' in words


def _broken(page: Path) -> List[str]:
    """Links of a Markdown file to files that are not there, or to headings that they do not have."""
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    return [link for link in links if not _leads_somewhere(page, *link.partition("#")[::2])]


def _leads_somewhere(page: Path, file: str, anchor: str) -> bool:
    target = page.parent / file if file else page
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target.read_text(encoding="utf-8"))


def _anchors(text: str) -> List[str]:
    """The anchors that GitHub gives the headings of a Markdown file."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_of_a_markdown_file_lead_to_files(page: Path) -> None:
    assert _broken(page) == []


def test_a_link_to_a_file_or_a_heading_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`: three\n[a](#one-two-three) [b](#four) [c](page.md) [d](gone.md) [e](https://example.com)"
    )
    assert _broken(page) == ["#four", "gone.md"]
