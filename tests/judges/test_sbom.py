# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bill of materials of a tarball: the same bytes each time, valid, and of what is in it and what that needs.

`make sbom-check` builds the tarball, and runs this where the library for bills is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, Dict

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

CHECKOUT = Path(__file__).resolve().parents[2]
(TARBALL,) = (CHECKOUT / ".build" / "judged").glob("*.tar.gz")
NEEDED = {
    "requests": {"certifi", "charset-normalizer", "idna", "urllib3"},
    "phonenumbers": set(),
    "psycopg": {"typing-extensions"} if sys.version_info < (3, 13) else set(),
}
LISTS = {"MANIFEST.json", "FILES.json"}  # of what is in the tarball, and so in no list themselves


def _made(folder: Path, **surroundings: str) -> bytes:
    """The bill of a copy of the tarball in this folder."""
    folder.mkdir()
    shutil.copy(TARBALL, folder)
    command = [sys.executable, "-m", "tests.make.sbom", str(folder / TARBALL.name)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600", **surroundings}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True, text=True)
    return Path(done.stdout.strip()).read_bytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bill as it is written."""
    return _made(tmp_path_factory.mktemp("release") / "first")


@pytest.fixture
def bill(made: bytes) -> Dict[str, Any]:
    """What the bill tells."""
    return dict(json.loads(made))


def _pinned() -> Dict[str, str]:
    """What tests/requirements/development.txt pins, and so is tested."""
    text = (CHECKOUT / "tests" / "requirements" / "development.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE))


def test_the_same_tarball_gives_the_same_bytes_anywhere_and_at_any_time(made: bytes, tmp_path: Path) -> None:
    for seed, zone in (("1", "Asia/Kolkata"), ("2", "UTC")):
        assert _made(tmp_path / seed, PYTHONHASHSEED=seed, TZ=zone) == made


def test_its_time_is_the_one_that_is_given(bill: Dict[str, Any], tmp_path: Path) -> None:
    assert bill["metadata"]["timestamp"] == "2026-01-01T00:00:00+00:00"
    later = json.loads(_made(tmp_path / "later", SOURCE_DATE_EPOCH="1767225601"))
    assert later["metadata"].pop("timestamp") == "2026-01-01T00:00:01+00:00"
    bill["metadata"].pop("timestamp")
    assert later == bill


def test_it_is_valid(made: bytes) -> None:
    valid = JsonStrictValidator(SchemaVersion.V1_6)
    assert valid.validate_str(made.decode()) is None
    assert valid.validate_str(made.decode().replace('"version"', '"revision"')) is not None


def test_it_tells_of_the_collection_and_of_each_file_by_its_checksum(bill: Dict[str, Any]) -> None:
    with tarfile.open(TARBALL) as archive:
        held = {member.name: stream.read() for member in archive if (stream := archive.extractfile(member))}
    about = json.loads(held["MANIFEST.json"])["collection_info"]
    told = bill["metadata"]["component"]
    assert (told["group"], told["name"], told["version"]) == (about["namespace"], about["name"], about["version"])
    assert told["licenses"] == [{"license": {"id": "GPL-3.0-or-later"}}]
    assert _checksum(told) == hashlib.sha256(TARBALL.read_bytes()).hexdigest()
    assert {file["name"]: _checksum(file) for file in told["components"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in held.items() if name not in LISTS
    }


def _checksum(component: Dict[str, Any]) -> str:
    ((kind, value),) = ((one["alg"], one["content"]) for one in component["hashes"])
    assert kind == "SHA-256"
    return str(value)


def test_it_tells_what_the_collection_needs_in_the_versions_that_are_tested(bill: Dict[str, Any]) -> None:
    names = {*NEEDED, *(name for needed in NEEDED.values() for name in needed)}
    told = {package["name"]: package["version"] for package in bill["components"]}
    assert told == {name: _pinned()[name] for name in names}
    named = {package["bom-ref"]: package["name"] for package in bill["components"]}
    needs = {entry["ref"]: {named[ref] for ref in entry.get("dependsOn", [])} for entry in bill["dependencies"]}
    assert needs.pop(bill["metadata"]["component"]["bom-ref"]) == set(NEEDED)
    assert {named[ref]: others for ref, others in needs.items() if ref in named and named[ref] in NEEDED} == NEEDED
