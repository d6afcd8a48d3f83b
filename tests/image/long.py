"""What takes hours: a Raspberry Pi 3 in QEMU, an update that starts but is not well. Run by `make image-test-long`."""

from __future__ import annotations

import json
import os
import subprocess
import time

from appliance import imageprep

from .boot import Network, calls, failed_units, figures, fresh_card, settings, status
from .boot import keep_figures as keep_figures  # the fixture
from .boot import key as key  # the fixture
from .browser import Browser
from .guest import RECIPE, Guest, newest, stick_with, until
from .updates import bundle

IDLE = float(os.environ.get("IMAGE_IDLE", "1200"))
"""Seconds of nothing in which it is measured what is written."""
CALLS_A_DAY, MOST_A_DAY = 100, 20_000_000


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
        f"{line} systemd.show_status=1 systemd.watchdog_sec=0", "-serial", "null", "-serial", f"file:{console}",
        "-monitor", "none", "-no-reboot",
    ])  # fmt: skip
    try:
        until(lambda: started(qemu, console), 900, "the box is up", 3)
        said = console.read_text(errors="replace")
        assert "FAILED" not in said
    finally:
        qemu.kill()
        qemu.wait()


def started(qemu, console) -> bool:
    """Everything is, to the last target. The emulated watchdog would reset the machine however it is fed: it is off."""
    assert qemu.poll() is None, "QEMU has ended"
    said = console.read_text(errors="replace") if console.exists() else ""
    return "rufweiche-engine.service" in said and "graphical.target" in said.split("Reached target")[-1]


def test_an_update_that_is_not_well_is_taken_back(tmp_path, key):
    """It starts, but its engine does not: three starts, then the box is back on the old one by itself."""
    (one,), _ = imageprep.prepare(settings(key).replace(b"[business]", b'[business]\nlanguage = "en"'), None)
    guest = Guest(fresh_card(tmp_path, toml=one.toml), tmp_path, key)
    guest.start()
    try:
        guest.up()
        until(lambda: status(guest)["lines"], 120, "settings")
        until(lambda: guest.page() == 200, 120, "the page")
        browser = Browser(guest.page_port)
        browser.read("/setup/password")
        browser.send("/setup/password", code=one.setup_code, password="Hobel Leim", again="Hobel Leim")
        wanted = guest.ask("sudo rufweiche show-settings --with-secrets")
        guest.plug_stick(stick_with(bundle("no-engine", tmp_path), tmp_path / "stick.img"))
        until(lambda: slot(guest) == "B", 900, "B runs", 5)
        began = time.monotonic()
        until(lambda: guest.page() == 200, 120, "the page, which has nothing to complain of")
        assert guest.ask("cat /etc/rufweiche-image") == "no-engine\n"
        until(lambda: slot(guest) == "A", 1200, "A again", 5)
        figures["taken_back_s"] = round(time.monotonic() - began)
        assert "A=good B=0" in guest.ask("sudo /usr/lib/rufweiche/bootslot show")
        until(lambda: status(guest)["lines"], 120, "the engine")
        assert status(guest)["lines"][0]["name"] == "office"
        assert guest.ask("sudo rufweiche show-settings --with-secrets") == wanted
        assert failed_units(guest) == ""
        until(lambda: guest.page() == 200, 120, "the page")
        assert "The last update was taken back" in browser.read("/device/")
        guest.ask("sudo systemctl reboot", check=False)
        until(lambda: not guest.is_up(), 60, "it goes down")
        until(lambda: slot(guest) == "A", 240, "and stays with A", 5)
    finally:
        guest.stop()


def slot(guest) -> str | None:
    """Which root file system runs; None: it does not answer."""
    return guest.ask("cat /run/rufweiche-box/slot", check=False).strip() if guest.is_up() else None


FILL_THE_LOG = """
import sqlite3
db = sqlite3.connect("/var/lib/rufweiche/rufweiche.sqlite3", isolation_level=None)
db.execute("PRAGMA synchronous = OFF")
for number in range(1200):
    db.execute("INSERT OR REPLACE INTO kept (name, value) VALUES ('test', ?)", [str(number)])
db.execute("DELETE FROM kept WHERE name = 'test'")
"""
"""SQLite's write-ahead log grows for the first days, which costs the file system's journal; then it goes round."""


def _written(guest):
    """Octets written to the card since the start (Documentation/block/stat.rst: sectors written)."""
    return int(guest.ask("sync; cat /sys/block/vda/stat").split()[6]) * 512


def test_the_card_is_spared(tmp_path, key):
    """What the card is given in a day: of nothing, of 100 calls with their texts, of the nightly round."""
    guest, network, took = Guest(fresh_card(tmp_path, key), tmp_path, key), Network(tmp_path), {}
    try:
        with network.host:
            guest.start()
            guest.up()
            network.plug(guest)
            until(lambda: status(guest)["lines"][0]["state"] == "ready", 240, "the line is ready", 3)
            guest.ask(
                "sudo setpriv --reuid=rufweiche --regid=rufweiche --init-groups python3 -", given=FILL_THE_LOG.encode()
            )
            time.sleep(120)  # what the first start leaves behind
            before = _written(guest)
            time.sleep(IDLE)
            took["idle"] = (_written(guest) - before) * 86400 / IDLE
            before, count = _written(guest), 10
            for number in range(count):
                network.call(f"+49170{1000000 + number}", desk="busy")
                done = number + 1
                until(lambda done=done: sum(bool(call["outcome"]) for call in calls(guest)) >= done, 120, "the call", 3)
                time.sleep(30)  # a call an hour would not share its writes with the next
            took["calls"] = (_written(guest) - before) / count * CALLS_A_DAY
            before = _written(guest)
            guest.ask("sudo systemctl start rufweiche-maintenance", within=300)
            took["night"] = float(_written(guest) - before)
            network.unplug()
    finally:
        guest.stop()
    figures["written_a_day"] = {name: round(size) for name, size in took.items()}
    figures["written_in_30_days"] = round(sum(took.values()) * 30)
    assert sum(took.values()) <= MOST_A_DAY, json.dumps(took)
