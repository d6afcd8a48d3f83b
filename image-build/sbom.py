#!/usr/bin/env python3
"""The list of contents of an unpacked root file system, as SPDX 2.3: sbom.py ROOT NAME > FILE

Debian's packages from dpkg's own list, Python's from their metadata. Sorted, and dated by SOURCE_DATE_EPOCH.
"""

import datetime as dt
import email.parser
import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote


def debian(root: Path) -> list[dict[str, Any]]:
    """Installed Debian packages."""
    found = []
    for entry in (root / "var/lib/dpkg/status").read_text(errors="replace").split("\n\n"):
        field = dict(re.findall(r"^([A-Za-z-]+): (.*)$", entry, re.MULTILINE))
        if field.get("Status", "").endswith(" installed"):
            name, version, arch = field["Package"], field["Version"], field["Architecture"]
            purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={arch}"
            found.append(package("deb", name, version, field.get("Maintainer", ""), purl))
    return found


def python(root: Path) -> list[dict[str, Any]]:
    """Python packages of the program's own environment."""
    found = []
    for file in root.glob("usr/lib/rufweiche/lib/python3*/site-packages/*.dist-info/METADATA"):
        said = email.parser.HeaderParser().parsestr(file.read_text(errors="replace"))
        name, version = said["Name"], said["Version"]
        maker = said["Author"] or said["Author-email"] or said["Maintainer-email"] or ""
        entry = package("python", name, version, maker, f"pkg:pypi/{quote(name.lower())}@{quote(version)}")
        published = said["License-Expression"] or said["License"] or "see its metadata"
        entry["comment"] = f"License as published: {published[:80]}"
        found.append(entry)
    return found


def package(kind: str, name: str, version: str, maker: str, purl: str) -> dict[str, Any]:
    """One SPDX package."""
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{kind}-{name}"),
        "name": name,
        "versionInfo": version,
        "supplier": f"Organization: {' '.join(maker.split())}" if maker else "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
    }


def main() -> None:
    """Write it to standard output."""
    root, name = Path(sys.argv[1]), sys.argv[2]
    at = dt.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), dt.UTC)
    packages = sorted(debian(root) + python(root), key=lambda one: str(one["SPDXID"]))
    if not packages:
        sys.exit(f"sbom.py: {root} has no list of packages")
    json.dump(
        {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": name,
            "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{at:%Y%m%dT%H%M%SZ}",
            "creationInfo": {"created": f"{at:%Y-%m-%dT%H:%M:%SZ}", "creators": ["Tool: rufweiche-image-build"]},
            "packages": packages,
            "relationships": [
                {
                    "spdxElementId": "SPDXRef-DOCUMENT",
                    "relationshipType": "DESCRIBES",
                    "relatedSpdxElement": one["SPDXID"],
                }
                for one in packages
            ],
        },
        sys.stdout,
        indent=1,
        ensure_ascii=False,
    )
    sys.stdout.write("\n")


main()
