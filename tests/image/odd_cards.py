"""Cards as people leave them: nothing on it, mistakes on it, its data destroyed. Run by `make image-test`."""

from __future__ import annotations

import json
import os
import re
import subprocess

from .boot import fresh_card, on_boot_partition, settings, status
from .boot import key as key  # the fixture
from .guest import Guest, until


def test_without_settings_there_is_a_page_and_no_ssh(tmp_path):
    guest = Guest(fresh_card(tmp_path), tmp_path)
    guest.start()
    try:
        until(lambda: guest.page() == 200, 240, "the page")
        assert not guest.opens(guest.ssh_port)
        code = until(lambda: on_boot_partition(guest.card, "rufweiche-setup-code.txt"), 120, "the code", 3)
        assert re.search(r"[A-Z2-9]{4}-?[A-Z2-9]{4}", code)
    finally:
        guest.stop()


def test_wrong_settings_are_answered_on_the_card(tmp_path, key):
    wrong = settings(key).replace(b'kind = "gsm"', b'kind = "lte"').replace(b'chain = ["desk"]', b'chain = ["dsek"]')
    guest = Guest(fresh_card(tmp_path, toml=wrong), tmp_path)
    guest.start()
    until(lambda: guest.page() == 200, 240, "the page")
    guest.stop()
    said = on_boot_partition(guest.card, "rufweiche-errors.txt")
    assert "line[0].kind" in said
    assert "plan[0].chain[0]" in said


def test_a_destroyed_data_partition_is_made_anew(tmp_path, key):
    card = fresh_card(tmp_path, key)
    table = json.loads(subprocess.run(["sfdisk", "-J", card], capture_output=True, check=True).stdout)
    start = table["partitiontable"]["partitions"][3]["start"]
    with card.open("r+b") as file:
        file.seek(start * 512)
        file.write(os.urandom(200 << 20))
    guest = Guest(card, tmp_path, key)
    guest.start()
    try:
        guest.up()
        assert guest.ask("cat /run/rufweiche-box/data-lost") == "empty\n"
        assert guest.ask("findmnt -no FSTYPE /data") == "ext4\n"
        assert status(guest)["lines"][0]["name"] == "office"
    finally:
        guest.stop()
