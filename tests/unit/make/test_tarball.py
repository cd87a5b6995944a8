# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball: the same bytes each time, nothing that is not for users, and good for Ansible to install and verify."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Iterator, List

import pytest
import yaml

from ansible_collections.ozonetel.cloudagent.tests.make.collection_tree import files_of_checkout
from ansible_collections.ozonetel.cloudagent.tests.make.tarball import build

TREE = Path(__file__).resolve().parents[3]
EPOCH = 1767225600
# files, and folders with all that is in them
FOR_USERS = (
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MAINTAINERS.md",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "bindep.txt",
    "changelogs/changelog.yaml",
    "changelogs/config.yaml",
    "docs/docsite/",
    "docs/page.png",
    "examples/",
    "extensions/awx/",
    "extensions/eda/",
    "meta/",
    "playbooks/",
    "plugins/",
    "requirements.txt",
    "roles/",
    "tests/config.yml",
)
LINKS = {
    ".md": re.compile(r"\]\(([^)\s]+)|^\[[^]]+\]: *(\S+)|\b(?:src|href)=\"([^\"]+)", re.MULTILINE),
    ".rst": re.compile(r"^ *\.\. (?:image|figure|include|literalinclude):: *(\S+)|<([^<>`\s]+)>`_", re.MULTILINE),
}


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(TREE, tmp_path_factory.mktemp("release"), EPOCH)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Path]:
    """A home directory of gpg with a key that signs."""
    if shutil.which("gpg") is None:
        assert not os.environ.get("CI"), "gpg is missing (Debian: gnupg)"
        pytest.skip("gpg is missing (Debian: gnupg)")
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    _gpg(home, "--passphrase", "", "--quick-generate-key", "Maintainer <maintainer@example.com>", "ed25519", "sign")
    yield home
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)


def _gpg(home: Path, *arguments: str) -> None:
    subprocess.run(["gpg", "--homedir", str(home), "--batch", "--quiet", "--yes", *arguments], check=True)


def _collection(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "HOME": str(home), "ANSIBLE_COLLECTIONS_PATH": str(home / "collections")}
    environment.pop("PYTHONPATH", None)  # which leads to this collection as well
    command = ["ansible-galaxy", "collection", *arguments]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)


def test_the_same_files_at_another_time_in_another_folder_give_the_same_bytes(tarball: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    subprocess.run(["git", "init", "--quiet", str(copy)], check=True)
    for path in sorted(files_of_checkout(TREE), reverse=True):
        (copy / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TREE / path, copy / path)
        shutil.copymode(TREE / path, copy / path)
    assert build(copy, tmp_path / "again", EPOCH).read_bytes() == tarball.read_bytes()


def test_it_holds_what_is_for_users_and_nothing_else(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = [member.name for member in archive.getmembers() if member.isfile()]
    assert [name for name in names if not _for_users(name)] == []
    assert [known for known in FOR_USERS if not any(name.startswith(known) for name in names)] == []


def _for_users(name: str) -> bool:
    return any(name == known or (known.endswith("/") and name.startswith(known)) for known in FOR_USERS)


def test_each_link_from_one_of_its_files_to_another_leads_to_one_that_it_holds(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        held = {member.name for member in archive.getmembers()}
        links = {name: _relative_links(name, archive) for name in held if posixpath.splitext(name)[1] in LINKS}
    assert {"CONTRIBUTING.md", "docs/page.png", "examples/ci"} <= set(links["README.md"])
    assert {name: missing for name, targets in links.items() if (missing := sorted(set(targets) - held))} == {}


def _relative_links(name: str, archive: tarfile.TarFile) -> List[str]:
    """What a file of the tarball links to, by its name in the tarball."""
    stream = archive.extractfile(name)
    assert stream is not None
    found = LINKS[posixpath.splitext(name)[1]].findall(stream.read().decode())
    links = (link for groups in found for link in groups if link and not re.match(r"[a-z]+:|#", link))
    return [posixpath.normpath(posixpath.join(posixpath.dirname(name), link.partition("#")[0])) for link in links]


def test_it_holds_no_name_or_time_of_who_built_it(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        told = {(header.uid, header.gid, header.uname, header.gname, header.mtime) for header in archive.getmembers()}
    assert told == {(0, 0, "", "", EPOCH)}


def test_a_user_verifies_what_the_release_workflow_has_signed(tarball: Path, keys: Path, tmp_path: Path) -> None:
    release = tmp_path / "release"
    release.mkdir()
    shutil.copy(tarball, release)
    _sign(release, keys)
    keyring = tmp_path / "maintainers.gpg"
    _gpg(keys, "--output", str(keyring), "--export")
    # as the page says: these end where something is wrong
    _gpg(keys, "--no-default-keyring", "--keyring", str(keyring), "--verify", *_signed(release / "SHA256SUMS"))
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=release, check=True)
    installed = _collection(tmp_path, "install", str(release / tarball.name))
    assert installed.returncode == 0, installed.stderr

    verify = _arguments(keyring, release / "MANIFEST.json.asc")
    assert "Successfully verified" in _collection(tmp_path, *verify).stdout

    place = tmp_path / "collections" / "ansible_collections" / "ozonetel" / "cloudagent"
    _append(place / "meta" / "runtime.yml", "# changed\n")
    changed = _collection(tmp_path, *verify)
    assert (changed.returncode, "meta/runtime.yml" in changed.stdout) == (1, True)

    _append(place / "MANIFEST.json", "\n")
    forged = _collection(tmp_path, *verify)
    assert (forged.returncode, "Signature verification failed" in forged.stdout) == (1, True)


def _signed(file: Path) -> List[str]:
    """The signature of a file, and the file."""
    return [f"{file}.asc", str(file)]


def _sign(release: Path, keys: Path) -> None:
    """Runs the step of the workflow, in an empty home."""
    workflow = yaml.safe_load((TREE / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    (step,) = (step for step in workflow["jobs"]["draft"]["steps"] if step.get("name") == "Sign")
    export = ["gpg", "--homedir", str(keys), "--batch", "--armor", "--export-secret-keys"]
    key = subprocess.run(export, check=True, capture_output=True, text=True).stdout
    home = release.parent / "runner"
    home.mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "GNUPGHOME": str(home), "SIGNING_KEY": key}
    try:
        subprocess.run(["bash", "-e", "-c", step["run"]], cwd=release, env=environment, check=True)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)


def _arguments(keyring: Path, signature: Path) -> List[str]:
    given = ["--keyring", str(keyring), "--signature", f"file://{signature}"]
    return ["verify", "ozonetel.cloudagent", "--offline", *given]


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)
