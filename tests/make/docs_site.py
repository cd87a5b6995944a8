# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the documentation site. ``python docs_site.py SOURCES SITE``; a session of noxfile.py calls it in the
collection tree.

SOURCES is made anew each time: the pages of modules and roles, the guides, and what these include, where they look for
it in the checkout.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List

import yaml

COLLECTION = "ozonetel.cloudagent"
INCLUDED_FROM = ("changelogs", "examples", "extensions", "meta", "playbooks", "roles", "tests")


def lay_out(checkout: Path, sources: Path) -> Path:
    """Makes the sources; gives the folder that Sphinx reads."""
    shutil.rmtree(sources, ignore_errors=True)
    pages = sources / "docs" / "rst"
    pages.mkdir(parents=True, mode=0o755)
    command = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    subprocess.run([*command, "--cleanup", "everything", "--dest-dir", str(pages), COLLECTION], check=True)
    # antsibull-docs knows no variables of modules; the guide of this name tells of them
    (pages / "environment_variables.rst").unlink()
    docs = checkout / "docs"
    for file in (docs / "docsite" / "rst").iterdir():
        if file.suffix != ".rst":
            shutil.copy(file, pages / "docsite")
    for picture in docs.glob("*.png"):
        shutil.copy(picture, sources / "docs")
    for folder in INCLUDED_FROM:
        (sources / folder).symlink_to(checkout / folder)
    front = (docs / "site" / "index.rst").read_text(encoding="utf-8")
    (pages / "index.rst").write_text("\n".join([front, *contents(docs, pages)]), encoding="utf-8")
    return pages


def contents(docs: Path, pages: Path) -> Iterator[str]:
    """What stands in the site's navigation: the sections of the guides, modules, roles, changes."""
    listed = yaml.safe_load((docs / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    for section in listed["sections"]:
        yield from _toctree(section["title"], [f"docsite/{page}" for page in section["toctree"]])
    for title, kind in (("Modules", "module"), ("Roles", "role")):
        names = sorted(page.stem for page in pages.glob(f"*_{kind}.rst"))
        yield from _toctree(title, [f"{name[:-len(kind) - 1]} <{name}>" for name in names])
    yield from _toctree("Changes", ["Release notes <changelog>"])


def _toctree(caption: str, entries: List[str]) -> Iterator[str]:
    yield f".. toctree::\n   :hidden:\n   :caption: {caption}\n"
    yield from (f"   {entry}" for entry in entries)
    yield ""


def main(sources: Path, site: Path) -> int:
    """Builds all anew; a warning of Sphinx is a failure."""
    checkout = Path.cwd()
    pages = lay_out(checkout, sources)
    shutil.rmtree(site, ignore_errors=True)
    command = ["sphinx-build", "--builder", "html", "--fail-on-warning", "--keep-going", "--quiet"]
    places = ["--conf-dir", str(checkout / "docs" / "site"), "--doctree-dir", str(sources / "doctrees")]
    return subprocess.run([*command, *places, str(pages), str(site)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:])))
