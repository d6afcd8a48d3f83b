"""What takes hours: a Raspberry Pi 3 in QEMU, an update that starts but is not well. Run by `make image-test-long`."""

from __future__ import annotations

import subprocess
import time

from .boot import fresh_card, status
from .boot import key as key  # the fixture
from .guest import RECIPE, Guest, newest, stick_with, until
from .updates import bundle


def test_a_raspberry_pi_3_starts(tmp_path):
    """QEMU's raspi3b: the Pi's own card controller and serial port; its USB network is beyond QEMU."""
    card = fresh_card(tmp_path)
    tree, where = tmp_path / "pi.dtb", f"{card}@@{8192 * 512}"
    subprocess.run(["mcopy", "-i", where, "::bcm2837-rpi-3-b.dtb", tree], check=True)
    console = tmp_path / "console.log"
    line = (RECIPE / "boot/cmdline.txt").read_text().strip().replace("console=tty0", "console=ttyS1,115200")
    qemu = subprocess.Popen([
        "qemu-system-aarch64", "-M", "raspi3b", "-display", "none", "-kernel", newest("vmlinuz"), "-initrd",
        newest("initrd.img"), "-dtb", tree, "-drive", f"if=sd,format=raw,file={card}", "-append",
        f"{line} systemd.show_status=1 systemd.watchdog_sec=180", "-serial", "null", "-serial", f"file:{console}",
        "-monitor", "none", "-no-reboot",
    ])  # fmt: skip
    try:
        until(lambda: console.exists() and "rufweiche-web.service" in console.read_text(errors="replace")
              and "Started" in console.read_text(errors="replace").split("rufweiche-engine.service")[0][-60:],
              600, "the engine started", 3)  # fmt: skip
        said = console.read_text(errors="replace")
        assert "FAILED" not in said
    finally:
        qemu.kill()
        qemu.wait()


def test_an_update_that_is_not_well_is_taken_back(tmp_path, key):
    """It starts, but its engine does not: three starts, then the box is back on the old one by itself."""
    guest = Guest(fresh_card(tmp_path, key), tmp_path, key)
    guest.start()
    try:
        guest.up()
        until(lambda: status(guest)["lines"], 120, "settings")
        guest.plug_stick(stick_with(bundle("no-engine", tmp_path), tmp_path / "stick.img"))
        began = time.monotonic()
        until(
            lambda: guest.is_up() and guest.ask("cat /run/rufweiche-box/slot", check=False) == "B\n", 900, "B runs", 5
        )
        until(
            lambda: guest.is_up() and guest.ask("cat /run/rufweiche-box/slot", check=False) == "A\n",
            2400,
            "A again",
            10,
        )
        assert "A=good B=0" in guest.ask("sudo /usr/lib/rufweiche/bootslot show")
        assert status(guest)["lines"][0]["name"] == "office"
        assert time.monotonic() - began < 2400
    finally:
        guest.stop()
