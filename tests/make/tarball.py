# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the collection's tarball so that the same files and the same time give the same bytes.

``ansible-galaxy collection build`` takes its files in the order in which the disk lists them, with the times at which
they were checked out. Here they come in the order of their names, all with the time SOURCE_DATE_EPOCH, in seconds since
1970.

``python tarball.py TREE DIRECTORY``: prints the path of the tarball that it writes to DIRECTORY.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Dict, List, Tuple

from ansible_collections.ozonetel.cloudagent.tests.make.collection_tree import bring, files_of_checkout

Member = Tuple[tarfile.TarInfo, bytes]


def build(tree: Path, directory: Path, epoch: int) -> Path:
    """Builds the tarball of the files that git knows or would add in the tree; gives its path in the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy"
        for path in files_of_checkout(tree):
            bring(tree / path, copy / path)
        command = ["ansible-galaxy", "collection", "build", str(copy), "--output-path", scratch]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (as_built,) = Path(scratch).glob("*.tar.gz")
        packed = pack(in_order(members_of(as_built)), epoch)
        tarball = directory / as_built.name
        tarball.write_bytes(packed)
    return tarball


def members_of(tarball: Path) -> Dict[str, Member]:
    """What is in a tarball, by name: the header and, for a file, what it holds."""
    with tarfile.open(tarball) as archive:
        return {
            member.name: (member, stream.read() if (stream := archive.extractfile(member)) else b"")
            for member in archive.getmembers()
        }


def in_order(members: Dict[str, Member]) -> List[Member]:
    """The members by name, behind a MANIFEST.json and a FILES.json that list them by name."""
    files = json.loads(members["FILES.json"][1])
    files["files"].sort(key=lambda entry: "" if entry["name"] == "." else entry["name"])
    listing = json.dumps(files, indent=1).encode()
    manifest = json.loads(members["MANIFEST.json"][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listing).hexdigest()
    first = {"MANIFEST.json": json.dumps(manifest, indent=1).encode(), "FILES.json": listing}
    return [
        *((members[name][0], content) for name, content in first.items()),
        *(members[name] for name in sorted(members) if name not in first),
    ]


def pack(members: List[Member], epoch: int) -> bytes:
    """A packed tar archive of the members, all of them with the time epoch, and nobody's."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=epoch) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for header, content in members:
            plain = tarfile.TarInfo(header.name)
            plain.type, plain.mode, plain.mtime, plain.size = header.type, header.mode, epoch, len(content)
            archive.addfile(plain, io.BytesIO(content))
    return packed.getvalue()


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2]), int(os.environ["SOURCE_DATE_EPOCH"])))
