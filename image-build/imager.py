#!/usr/bin/env python3
"""The list that Raspberry Pi Imager reads: imager.py CARD.img VERSION > rpi-imager.json

IMAGE_URL: the folder the compressed image will be published in; Imager fetches it from there.
"""

import datetime as dt
import hashlib
import json
import os
import sys
from pathlib import Path


def sha256(file: Path) -> str:
    """Of a file's content."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> None:
    """Write it to standard output."""
    card, version = Path(sys.argv[1]), sys.argv[2]
    packed = card.with_name(card.name + ".xz")
    at = dt.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), dt.UTC)
    entry = {
        "name": f"Rufweiche {version}",
        "description": "Ends missed calls: answers, forwards to a human, texts what was missed",
        "icon": "",
        "url": f"{os.environ.get('IMAGE_URL', 'https://example.org/rufweiche').rstrip('/')}/{packed.name}",
        "extract_size": card.stat().st_size,
        "extract_sha256": sha256(card),
        "image_download_size": packed.stat().st_size,
        "image_download_sha256": sha256(packed),
        "release_date": f"{at:%Y-%m-%d}",
        # Settings come by a file of our own on the boot partition, not by Imager's.
        "init_format": "none",
        "devices": ["pi3-64bit", "pi4-64bit"],
    }
    json.dump({"os_list": [entry]}, sys.stdout, indent=1)
    sys.stdout.write("\n")


main()
