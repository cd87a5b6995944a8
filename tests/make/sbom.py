# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the bill of materials of a tarball, in CycloneDX's JSON.

It tells of the collection, its files, and the Python packages that its requirements.txt asks for, with what those need,
in the versions that are installed here and so are tested.

Its time is SOURCE_DATE_EPOCH, in seconds since 1970, and its serial number is made of the tarball's checksum, so that
the same tarball gives the same bytes.

``python sbom.py TARBALL``: prints the path of the file that it writes beside the tarball.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tarfile
import uuid
from datetime import datetime, timezone
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any, Dict, Iterable, List, Set

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def bill(tarball: Path, epoch: int) -> str:
    """The bill of materials of a tarball, valid CycloneDX 1.6."""
    with tarfile.open(tarball) as archive:
        manifest = json.loads(_text(archive, "MANIFEST.json"))["collection_info"]
        files = json.loads(_text(archive, "FILES.json"))["files"]
        required = [Requirement(line) for line in _lines(_text(archive, "requirements.txt"))]
    checksum = hashlib.sha256(tarball.read_bytes()).hexdigest()
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, checksum))
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, timezone.utc)
    collection = component_of_collection(manifest, files, checksum)
    bom.metadata.component = collection
    packages: Dict[str, Component] = {}
    bom.register_dependency(collection, [_add(bom, packages, requirement) for requirement in required])
    return _valid(JsonV1Dot6(bom).output_as_string(indent=2))


def component_of_collection(manifest: Dict[str, Any], files: List[Dict[str, Any]], checksum: str) -> Component:
    """The collection, with the checksum of its tarball and a component for each of its files."""
    return Component(
        type=ComponentType.APPLICATION,
        group=manifest["namespace"],
        name=manifest["name"],
        version=manifest["version"],
        description=manifest["description"],
        licenses=[LicenseFactory().make_from_string(name) for name in manifest["license"]],
        bom_ref=f"{manifest['namespace']}.{manifest['name']}:{manifest['version']}",
        purl=PackageURL("generic", manifest["namespace"], manifest["name"], manifest["version"]),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)],
        components=[
            Component(
                type=ComponentType.FILE,
                name=file["name"],
                bom_ref=f"file:{file['name']}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file["chksum_sha256"])],
            )
            for file in files
            if file["ftype"] == "file"
        ],
    )


def _add(bom: Bom, packages: Dict[str, Component], requirement: Requirement) -> Component:
    name = canonicalize_name(requirement.name)
    if name not in packages:
        installed = distribution(name)
        packages[name] = _component_of_package(name, installed)
        bom.components.add(packages[name])
        bom.register_dependency(
            packages[name], [_add(bom, packages, needed) for needed in _needs(installed, requirement.extras)]
        )
    return packages[name]


def _component_of_package(name: str, installed: Distribution) -> Component:
    told = {field: installed.metadata[field] for field in installed.metadata}
    licence = told.get("License-Expression") or told.get("License")
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=installed.version,
        description=told.get("Summary"),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        bom_ref=f"{name}=={installed.version}",
        purl=PackageURL("pypi", None, name, installed.version),
    )


def _needs(installed: Distribution, extras: Set[str]) -> Iterable[Requirement]:
    for requirement in map(Requirement, installed.requires or []):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield requirement


def _text(archive: tarfile.TarFile, name: str) -> str:
    stream = archive.extractfile(name)
    if stream is None:
        raise FileNotFoundError(name)
    return stream.read().decode()


def _lines(requirements: str) -> List[str]:
    return [line for line in map(str.strip, requirements.splitlines()) if line and not line.startswith("#")]


def _valid(text: str) -> str:
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ValueError(repr(fault))
    return text


if __name__ == "__main__":
    of = Path(sys.argv[1])
    written = of.with_name(of.name.replace(".tar.gz", ".cdx.json"))
    written.write_text(bill(of, int(os.environ["SOURCE_DATE_EPOCH"])) + "\n", encoding="utf-8")
    print(written)
