"""What can be said of a built image without starting it. Run by `make image-test`, after `make image`."""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .boot import figures
from .boot import keep_figures as keep_figures  # the fixture
from .guest import DIST, RECIPE, copy_sparse, newest

LARGEST = 350_000_000
SECTOR = 512


@pytest.fixture(scope="module")
def card():
    return newest("rufweiche-*.img")


@pytest.fixture(scope="module")
def partitions(card):
    said = subprocess.run(["sfdisk", "-J", card], capture_output=True, check=True).stdout
    return json.loads(said)["partitiontable"]["partitions"]


def test_the_layout(card, partitions):
    assert partitions[0]["start"] == 8192
    assert partitions[1]["size"] == partitions[2]["size"]
    end = partitions[3]["start"] + partitions[3]["size"]
    assert end * SECTOR <= card.stat().st_size <= 2 << 30


def test_the_file_systems_are_clean(card, partitions, tmp_path):
    e2fsck = shutil.which("e2fsck") or "/usr/sbin/e2fsck"
    for number in (1, 3):
        start, size = partitions[number]["start"], partitions[number]["size"]
        part = tmp_path / f"p{number}"
        with card.open("rb") as source, part.open("wb") as target:
            source.seek(start * SECTOR)
            target.write(source.read(size * SECTOR))
        subprocess.run([e2fsck, "-fn", part], check=True, capture_output=True)
        part.unlink()
    fat = f"{card}@@{partitions[0]['start'] * SECTOR}"
    listed = subprocess.run(["mdir", "-b", "-i", fat, "::"], check=True, capture_output=True, text=True).stdout
    for name in ("vmlinuz", "initrd.img", "config.txt", "cmdline.txt", "bootcode.bin", "start.elf", "start4.elf",
                 "bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b-plus.dtb", "bcm2837-rpi-zero-2-w.dtb",
                 "bcm2711-rpi-4-b.dtb"):  # fmt: skip
        assert f"::/{name}" in listed.split(), name


def test_it_is_small():
    packed = sorted(DIST.glob("rufweiche-*.img.xz"))
    if not packed:  # only built unpacked: measured by a quick packing, which is larger than what is published
        size = int(subprocess.run(f"zstd -3 -T2 -c {newest('rufweiche-*.img')} | wc -c", shell=True,
                                  capture_output=True, check=True).stdout)  # fmt: skip
        figures["packed_zstd_bytes"] = size
    else:
        size = figures["packed_bytes"] = packed[-1].stat().st_size
    assert size <= LARGEST


def test_what_is_in_it_is_listed():
    listed = json.loads(newest("rufweiche-*.spdx.json").read_text())
    names = {package["name"] for package in listed["packages"]}
    assert listed["spdxVersion"] == "SPDX-2.3"
    assert {"systemd", "linux-image-arm64", "rufweiche", "python3", "Flask", "msgspec"} <= names
    assert all(package["versionInfo"] for package in listed["packages"])
    figures["packages"] = len(names)


def test_checksum_block_map_and_list_fit(tmp_path):
    packed = sorted(DIST.glob("rufweiche-*.img.xz"))
    assert packed or os.environ.get("SKIP_COMPRESSION"), "make image packs it"
    for file in packed:
        image = file.with_suffix("")
        subprocess.run(["sha256sum", "--check", "--quiet", f"{file.name}.sha256"], cwd=DIST, check=True)
        (entry,) = json.loads((DIST / "rpi-imager.json").read_text())["os_list"]
        assert entry["image_download_size"] == file.stat().st_size
        assert entry["extract_size"] == image.stat().st_size
        for said, of in ((entry["image_download_sha256"], file), (entry["extract_sha256"], image)):
            with of.open("rb") as opened:
                assert hashlib.file_digest(opened, "sha256").hexdigest() == said
        # as somebody writes it to a card by the block map, which knows a checksum of each stretch
        for part in (file, image.with_name(f"{image.name}.bmap")):
            copy_sparse(part, tmp_path / part.name)
        subprocess.run(
            [RECIPE / "tools.sh", "bmaptool", "--quiet", "copy", "--bmap", f"{image.name}.bmap", file.name, "card"],
            cwd=tmp_path, check=True,
        )  # fmt: skip
        assert filecmp.cmp(tmp_path / "card", image, shallow=False)


def test_the_same_input_gives_the_same_bits(tmp_path):
    """Built once more from the same commit, package, layer and card."""
    again = Path(os.environ.get("IMAGE_AGAIN", tmp_path / "again"))
    epoch = DIST / "source-date-epoch"
    way = {**os.environ, "SKIP_COMPRESSION": "1", "SOURCE_DATE_EPOCH": epoch.read_text().strip()}
    done = subprocess.run([RECIPE / "build.sh", again], env=way, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    for name in ("rufweiche-*.root.ext4", "rufweiche-*.img", "initrd.img"):
        (new,) = again.glob(name)
        assert filecmp.cmp(new, newest(name), shallow=False), name
    shutil.rmtree(again)
