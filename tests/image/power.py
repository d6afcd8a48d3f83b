"""Pulling the plug: N states that a power cut may have left of one recorded run, each checked; and three real ones.

The image runs in QEMU, from its very first start on, takes in settings, and calls come in, while every write and flush
of its card is recorded. From that, states of the card are rebuilt: what a flush covered is there, of the rest nothing,
some, all, or a torn write. Each must be mendable by the box's own check, have its settings (on the boot partition until
they are in the database), hold a sound database with every call the box had shown and every text the network had
taken, none in a state in which it would be sent again. A control that loses flushed writes must be found out.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from appliance import imageprep
from appliance.core.telling import COLLECT
from appliance.simulator.journal import Delivered

from . import blocklog
from .boot import CARD_SIZE, OWNER, Network, calls, failed_units, fresh_card, settings, status
from .boot import key as key  # the fixture
from .guest import DIST, Guest, copy_sparse, newest, until

STATES = int(os.environ.get("N", "30"))
CALLS = int(os.environ.get("POWERCUT_CALLS", "12"))
KILLS = 3 if STATES >= 100 else 1
CONTROLS = 20
REPLIES = "[messages]\nreply_to_caller = true\n"
"""Each missed caller has a text at once; the owner's are collected."""
SEED = int(os.environ.get("SEED", "20260101"))
IN_FIRST_START = 0.2
"""The share of the states that lie before the first start was over."""
DATABASE = "rufweiche.sqlite3"
SECTOR = blocklog.SECTOR
BOOT_START, BOOT_SECTORS = 8192, 192 * 2048
SPACE = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None


@dataclass
class Recording:
    """A run: the card before and after it, the record, and what was known outside from which octet of the record on.

    Calls by id and outcome (None: not over yet), texts by whom they are for and what they say.
    """

    before: Path
    after: Path
    record: Path
    data_start: int
    settled: int = 0
    calls: dict[tuple[int, str | None], int] = field(default_factory=dict)
    texts: dict[tuple[str, str], int] = field(default_factory=dict)

    def known(self, end: int) -> tuple[set[tuple[int, str | None]], set[tuple[str, str]]]:
        """Calls and texts that must be there when the record ends here."""
        return (
            {call for call, at in self.calls.items() if at <= end},
            {text for text, at in self.texts.items() if at <= end},
        )

    def disk(self, file: Path) -> blocklog.Disk:
        """The card before, kept in `file`; without the root file systems, which nobody writes."""
        return blocklog.Disk(
            self.before, [(0, BOOT_START + BOOT_SECTORS), (self.data_start, CARD_SIZE // SECTOR - self.data_start)],
            self.record, file,
        )  # fmt: skip


@pytest.fixture
def space(tmp_path):
    """A folder in memory, where the machine has one."""
    folder = SPACE / f"powercut-{os.getpid()}" if SPACE else tmp_path / "space"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def recording(tmp_path_factory, key):
    folder = tmp_path_factory.mktemp("recorded")
    (one,), _ = imageprep.prepare(settings(key, REPLIES), None)
    card, record = fresh_card(folder, toml=one.toml), folder / "record"
    before = copy_sparse(card, folder / "before.img")
    record.touch()
    guest = Guest(card, folder, key, drive=(
        f"-blockdev driver=file,node-name=f0,filename={card} -blockdev driver=file,node-name=l0,filename={record} "
        "-blockdev driver=blklogwrites,node-name=card,file=f0,log=l0,log-sector-size=512"
    ))  # fmt: skip
    made = Recording(before, card, record, _table(before)[3][0])
    network = Network(folder)
    with network.host:
        guest.start()
        try:
            guest.up()
            until(lambda: status(guest)["lines"], 120, "settings")
            until(lambda: int(guest.ask("df --output=size -B1 /data").split()[-1]) > CARD_SIZE * 0.4, 60, "growth")
            made.settled = record.stat().st_size
            network.plug(guest)
            until(lambda: status(guest)["lines"][0]["state"] == "ready", 240, "the line is ready", 2)
            for number in range(CALLS):
                caller = f"+49170{1000000 + number}"
                if number % 3:
                    network.call(caller, desk="busy")
                else:
                    network.call(caller, talks_for=5)
                until(partial(_watch, made, guest, network, number + 1), 90, f"call {number + 1} and its text", 0.5)
            until(partial(_has_told, made, guest, network), COLLECT + 90, "the owner has heard of each", 2)
            network.unplug()
        finally:
            guest.stop()
    assert len(made.texts) >= CALLS // 2
    return made


def _watch(made, guest, network, count):
    """Note what is seen from outside; whether so many calls are over, and who was missed has a text."""
    for text in network.seen(Delivered):
        made.texts.setdefault((text.to, text.text), made.record.stat().st_size)
    shown = calls(guest)
    for call in shown:
        made.calls.setdefault((call["id"], call["outcome"]), made.record.stat().st_size)
    over = [call for call in shown if call["outcome"]]
    missed = {call["caller"] for call in over if call["outcome"] == "missed"}
    return len(over) >= count and missed <= {to for to, _ in made.texts}


def _has_told(made, guest, network):
    """Whether the owner has had a text about each who was missed."""
    _watch(made, guest, network, CALLS)
    told = "".join(text for to, text in made.texts if to == OWNER)
    return all(to in told for to, _ in made.texts if to != OWNER)


def _table(card):
    """Start and number of sectors of each partition, read from the card's first sector."""
    with card.open("rb") as file:
        sector = file.read(SECTOR)
    return [struct.unpack_from("<II", sector, 446 + 16 * number + 8) for number in range(4)]


def _tool(name):
    return shutil.which(name) or f"/usr/sbin/{name}"


def _check(card: Path, recording: Recording, end: int) -> list[str]:
    """What is wrong with a state; empty: nothing."""
    start, count = _table(card)[3]
    if start != recording.data_start:
        return [f"the partition table: data at {start}"]
    data = card.with_name("data")
    blocklog.cut_out(card, start, data)
    mended = subprocess.run([_tool("e2fsck"), "-p", data], capture_output=True, check=False)
    if mended.returncode > 1:
        return [f"e2fsck -p: {mended.returncode}: {mended.stdout.decode(errors='replace')[-300:]}"]
    again = subprocess.run([_tool("e2fsck"), "-fn", data], capture_output=True, text=True, check=False)
    if again.returncode and not _is_harmless(again.stdout):
        return [f"e2fsck -fn: {again.stdout[-300:]}"]
    with data.open("rb") as file:
        file.seek(1024)
        superblock = file.read(1024)
    blocks, size = struct.unpack_from("<I", superblock, 4)[0], 1024 << struct.unpack_from("<I", superblock, 24)[0]
    if blocks * size > count * SECTOR:
        return ["the file system is larger than its partition"]
    found = _check_boot(card)
    database = card.with_name(DATABASE)
    for side in ("", "-wal", "-shm"):
        database.with_name(DATABASE + side).unlink(missing_ok=True)
    for side in ("", "-wal"):
        subprocess.run([_tool("debugfs"), "-R", f"dump /rufweiche/{DATABASE}{side} {database}{side}", data],
                       capture_output=True, check=True)  # fmt: skip
    calls_known, texts_known = recording.known(end)
    if end >= recording.settled or (database.exists() and not _toml(card)):
        return found + _check_database(database, calls_known, texts_known)
    if not _toml(card):
        found.append("the settings are neither on the boot partition nor in the database")
    return found


def _is_harmless(said: str) -> bool:
    """A mark that -p leaves behind after a start without a clean end: there might be orphans, and there are none."""
    asked = [line for line in said.splitlines() if line.endswith("? no")]
    return asked == ["Clear? no"] and "Feature orphan_present is set but orphan file is clean" in said


def _toml(card: Path) -> bytes:
    where = f"{card}@@{BOOT_START * SECTOR}"
    way = {"PATH": os.environ["PATH"], "MTOOLS_SKIP_CHECK": "1"}
    said = subprocess.run(["mtype", "-i", where, "::rufweiche.toml"], capture_output=True, check=False, env=way)
    return said.stdout if b"[[line]]" in said.stdout else b""


def _check_boot(card: Path) -> list[str]:
    """FAT knows no journal; what starts the box must be there all the same."""
    where = f"{card}@@{BOOT_START * SECTOR}"
    initrd = subprocess.run(["mtype", "-i", where, "::initrd.img"], capture_output=True, check=False).stdout
    return [] if initrd == newest("initrd.img").read_bytes() else ["the initrd is not as it was"]


def _check_database(
    database: Path, calls_known: set[tuple[int, str | None]], texts_known: set[tuple[str, str]]
) -> list[str]:
    found = []
    try:
        with closing(sqlite3.connect(database)) as db:
            sound = [row[0] for row in db.execute("PRAGMA integrity_check")]
            if sound != ["ok"]:
                return [f"integrity_check: {sound[:3]}"]
            outcomes = dict(db.execute("SELECT id, outcome FROM calls").fetchall())
            texts = db.execute("SELECT recipient, text, state FROM messages").fetchall()
            if db.execute("SELECT count(*) FROM settings").fetchone() != (1,):
                found.append("the settings are gone")
    except sqlite3.Error as error:
        return [f"sqlite: {error}"]
    for number, outcome in calls_known:
        if number not in outcomes:
            found.append(f"call {number} is missing")
        elif outcome and outcomes[number] != outcome:
            found.append(f"call {number} was shown as {outcome} and is {outcomes[number]}")
    for text in texts_known:
        states = [state for to, written, state in texts if (to, written) == text]
        if len(states) != 1:
            found.append(f"a text is there {len(states)} times")
        elif states[0] == "queued":
            found.append("a text that was taken would be sent again")
    return found


def _keep(**figures):
    file = DIST / "powercut.json"
    before = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**before, **figures}, indent=1) + "\n")


def test_every_state_is_whole(recording, space):
    entries = blocklog.read(recording.record)
    disk, chance = recording.disk(space / "disk"), random.Random(SEED)
    here = [index for index, entry in enumerate(entries) if disk.concerns(entry)]
    first = [index for index in here if entries[index].end < recording.settled]
    later = here[len(first) :]
    in_first = round(STATES * IN_FIRST_START)
    cuts = [chance.choice(first) + 1 for _ in range(in_first)]
    cuts += [chance.choice(later) + 1 for _ in range(STATES - in_first)]
    began, wrong, hows = time.monotonic(), [], {}
    for cut, how in blocklog.states(disk, entries, sorted(cuts), chance):
        hows[how] = hows.get(how, 0) + 1
        if found := _check(disk.file, recording, entries[cut - 1].end):
            wrong.append((cut, how, found))
    _keep(
        states=STATES, in_first_start=in_first, wrong=len(wrong), seed=SEED, lost=hows, writes=len(here),
        calls=len({number for number, _ in recording.calls}), texts=len(recording.texts),
        seconds=round(time.monotonic() - began),
    )  # fmt: skip
    assert wrong == []


def test_a_card_that_loses_flushed_writes_is_found_out(recording, space):
    entries, chance, found = blocklog.read(recording.record), random.Random(SEED + 1), 0
    for _ in range(CONTROLS):
        disk = recording.disk(space / "disk")
        disk.apply([entry for entry in entries if chance.random() > 0.1])
        found += bool(_check(disk.file, recording, entries[-1].end))
    _keep(controls=CONTROLS, controls_found=found)
    assert found >= CONTROLS // 3


def test_the_plug_pulled_for_real(recording, tmp_path, key):
    """The recording ended with the first; each further one comes at another moment of a call."""
    guest, network = Guest(recording.after, tmp_path, key), Network(tmp_path)
    known = {call for call in recording.calls if call[1]}
    try:
        with network.host:
            for kill in range(KILLS):
                guest.start()
                guest.up()
                network.plug(guest)
                until(lambda: status(guest)["lines"][0]["state"] == "ready", 240, "the line is ready", 2)
                assert known <= {(call["id"], call["outcome"]) for call in calls(guest)}
                assert failed_units(guest) == ""
                if kill == KILLS - 1:
                    break
                caller = f"+49170999{kill:04}"
                network.call(caller, desk="busy")
                known.add(until(partial(_over, guest, caller), 120, "the call in the log", 1))
                network.call(f"+49170888{kill:04}", gives_up_after=30)
                time.sleep(2 + 4 * kill)
                guest.stop()
                network.unplug()
            sent = [(text.to, text.text) for text in network.seen(Delivered)]
            assert len(sent) == len(set(sent))
            assert not set(sent) & set(recording.texts)
    finally:
        guest.stop()
        network.unplug()
    _keep(kills=KILLS)


def _over(guest, caller):
    over = [call for call in calls(guest) if call["caller"] == caller and call["outcome"]]
    return (over[0]["id"], over[0]["outcome"]) if over else None
