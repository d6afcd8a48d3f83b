"""Pulling the plug: N states that a power cut may have left of one recorded run, each checked; and three real ones.

While the image runs in QEMU and calls come in, every write and flush of its card is recorded. From that, states of the
data partition are rebuilt: what a flush covered is there, of the rest nothing, some, all, or a torn write. Each must be
mendable by the box's own check, hold a sound database, and hold every call the box had shown and every text the network
had taken, none in a state in which it would be sent again. A control that loses flushed writes must be found out.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.simulator.journal import Delivered

from . import blocklog
from .boot import Network, calls, fresh_card, status
from .boot import key as key  # the fixture
from .guest import DIST, Guest, copy_sparse, until

STATES = int(os.environ.get("N", "30"))
CALLS = int(os.environ.get("POWERCUT_CALLS", "12"))
CONTROLS = 20
SEED = int(os.environ.get("SEED", "20260101"))
DATABASE = "rufweiche.sqlite3"


@dataclass
class Recording:
    """A run: the card before it, the record, and what the outside knew from which octet of the record on."""

    card: Path
    record: Path
    start: int
    count: int
    settled: int
    calls: dict[int, int]
    texts: dict[str, int]


def _partition(card):
    said = subprocess.run(["sfdisk", "-J", card], capture_output=True, check=True).stdout
    found = json.loads(said)["partitiontable"]["partitions"][3]
    return found["start"], found["size"]


@pytest.fixture(scope="module")
def recording(tmp_path_factory, key):
    folder = tmp_path_factory.mktemp("recorded")
    before, card, record = folder / "before.img", fresh_card(folder, key), folder / "record"
    # once without recording: first boot, growth and settings are behind it
    guest = Guest(card, folder, key)
    guest.start()
    guest.up()
    until(lambda: status(guest)["lines"], 60, "settings")
    guest.shut_down()
    copy_sparse(card, before)
    record.touch()
    guest = Guest(card, folder, key, drive=(
        f"-blockdev driver=file,node-name=f0,filename={card} -blockdev driver=file,node-name=l0,filename={record} "
        "-blockdev driver=blklogwrites,node-name=card,file=f0,log=l0,log-sector-size=512"
    ))  # fmt: skip
    made = Network(folder)
    known_calls: dict[int, int] = {}
    known_texts: dict[str, int] = {}
    with made.host:
        guest.start()
        try:
            guest.up()
            made.plug(guest)
            until(lambda: status(guest)["lines"][0]["state"] == "ready", 240, "the line is ready", 3)
            settled = record.stat().st_size
            for number in range(CALLS):
                caller = f"+49170{1000000 + number}"
                if number % 3:
                    made.call(caller, desk="busy")
                else:
                    made.call(caller, talks_for=5)
                end = time.monotonic() + 25
                while time.monotonic() < end:
                    for text in made.seen(Delivered):
                        known_texts.setdefault(text.text, record.stat().st_size)
                    for call in calls(guest):
                        known_calls.setdefault(call["id"], record.stat().st_size)
            made.unplug()
        finally:
            guest.stop()
    start, count = _partition(before)
    assert len(known_calls) >= CALLS - 1
    assert len(known_texts) >= CALLS // 2
    return Recording(before, record, start, count, settled, known_calls, known_texts)


def _check(content: bytearray, folder: Path, calls_known: set[int], texts_known: set[str]) -> list[str]:
    """What is wrong with a state; empty: nothing."""
    image = folder / "data.img"
    image.write_bytes(content)
    e2fsck = shutil.which("e2fsck") or "/usr/sbin/e2fsck"
    mended = subprocess.run([e2fsck, "-p", image], capture_output=True, check=False)
    if mended.returncode > 1:
        return [f"e2fsck -p: {mended.returncode}: {mended.stdout.decode(errors='replace')[-300:]}"]
    again = subprocess.run([e2fsck, "-fn", image], capture_output=True, check=False)
    if again.returncode:
        return [f"e2fsck -fn: {again.stdout.decode(errors='replace')[-300:]}"]
    debugfs = shutil.which("debugfs") or "/usr/sbin/debugfs"
    for end in ("", "-wal"):
        (folder / f"{DATABASE}{end}").unlink(missing_ok=True)
        subprocess.run([debugfs, "-R", f"dump /rufweiche/{DATABASE}{end} {folder / (DATABASE + end)}", image],
                       capture_output=True, check=True)  # fmt: skip
    (folder / f"{DATABASE}-shm").unlink(missing_ok=True)
    found = []
    try:
        with closing(sqlite3.connect(folder / DATABASE)) as db:
            sound = [row[0] for row in db.execute("PRAGMA integrity_check")]
            if sound != ["ok"]:
                return [f"integrity_check: {sound[:3]}"]
            ids = [row[0] for row in db.execute("SELECT id FROM calls")]
            texts = db.execute("SELECT text, state FROM messages").fetchall()
            if db.execute("SELECT count(*) FROM settings").fetchone() != (1,):
                found.append("the settings are gone")
    except sqlite3.Error as error:
        return [f"sqlite: {error}"]
    if missing := calls_known - set(ids):
        found.append(f"calls missing: {sorted(missing)}")
    if len(ids) != len(set(ids)):
        found.append("a call twice")
    for text in texts_known:
        rows = [state for written, state in texts if written == text]
        if len(rows) != 1:
            found.append(f"a text is there {len(rows)} times")
        elif rows[0] == "queued":
            found.append("a text that was taken would be sent again")
    return found


def _known(recording: Recording, end: int) -> tuple[set[int], set[str]]:
    """What must be there when the record ends at this octet."""
    return (
        {number for number, at in recording.calls.items() if at <= end},
        {text for text, at in recording.texts.items() if at <= end},
    )


def test_every_state_is_whole(recording, tmp_path):
    entries = blocklog.read(recording.record)
    first = next(index for index, entry in enumerate(entries) if entry.end >= recording.settled)
    partition = blocklog.Partition(recording.card, recording.start, recording.count, recording.record)
    chance = random.Random(SEED)
    here = [index for index in range(first, len(entries)) if partition.concerns(entries[index])]
    cuts = sorted(chance.choice(here) + 1 for _ in range(STATES))
    began, wrong, hows = time.monotonic(), [], {}
    for cut, how, content in blocklog.states(partition, entries, cuts, chance):
        hows[how] = hows.get(how, 0) + 1
        if found := _check(content, tmp_path, *_known(recording, entries[cut - 1].end)):
            wrong.append((cut, how, found))
    figures = {
        "states": STATES, "wrong": len(wrong), "seed": SEED, "lost": hows, "writes": len(here),
        "calls": len(recording.calls), "texts": len(recording.texts),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    (DIST / "powercut.json").write_text(json.dumps(figures, indent=1) + "\n")
    assert wrong == []


def test_a_card_that_loses_flushed_writes_is_found_out(recording, tmp_path):
    entries = blocklog.read(recording.record)
    chance = random.Random(SEED + 1)
    found = 0
    for _ in range(CONTROLS):
        partition = blocklog.Partition(recording.card, recording.start, recording.count, recording.record)
        partition.apply([entry for entry in entries if chance.random() > 0.1])
        found += bool(_check(partition.content, tmp_path, *_known(recording, entries[-1].end)))
    figures = json.loads((DIST / "powercut.json").read_text())
    figures["controls"], figures["controls_found"] = CONTROLS, found
    (DIST / "powercut.json").write_text(json.dumps(figures, indent=1) + "\n")
    assert found >= CONTROLS // 3


@pytest.mark.parametrize("round_", range(3 if STATES >= 100 else 1))
def test_the_plug_pulled_for_real(recording, tmp_path, key, round_):
    card = copy_sparse(recording.card, tmp_path / "card.img")
    made = Network(tmp_path)
    guest = Guest(card, tmp_path, key)
    with made.host:
        guest.start()
        guest.up()
        made.plug(guest)
        until(lambda: status(guest)["lines"][0]["state"] == "ready", 240, "the line is ready", 3)
        made.call("+491709999999", desk="busy")
        until(lambda: [one for one in calls(guest) if one["caller"] == "+491709999999"], 120, "the call in the log", 2)
        made.call("+491708888888", gives_up_after=30)
        time.sleep(2 + 3 * round_)
        guest.stop()
        made.unplug()
        guest.start()
        guest.up()
        made.plug(guest)
        assert [one for one in calls(guest) if one["caller"] == "+491709999999"]
        assert guest.ask("systemctl --failed --no-legend --plain").strip() == ""
        until(lambda: status(guest)["lines"][0]["state"] == "ready", 240, "the line is ready", 3)
        sent = [text.text for text in made.seen(Delivered)]
        assert len(sent) == len(set(sent))
        guest.stop()
