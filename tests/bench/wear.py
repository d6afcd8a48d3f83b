"""What wears a card: octets that reach it for a forwarded call, a missed one with its text, an idle hour, a night.

Without rights: what a call hands over to the kernel and how often it waits for the disk, read in SQLite's log. As root,
too, what reaches the card: the state lies on a file system made and mounted as the image does it (image-build: card.sh,
grow-data, init), on a loop device, whose driver counts the sectors it is given (Documentation/block/stat.rst) and the
flushes. Calls are so far apart that each has its own write-back, as calls a quarter of an hour apart have: after APART
the file system's journal (commit=30) and the kernel (dirty pages are written after 30 s, looked for every 5 s) have
nothing left. Whoever else calls sync() on this machine meanwhile makes it some more.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from appliance.ports import clock
from appliance.store.changes import Keep
from appliance.store.database import Store
from appliance.timekeeper import KEPT
from tests.bench import calllog, texts
from tests.bench.box import PROGRAM, callers, command, environment, memory_folder, provision, state_folder
from tests.bench.figures import Figure, one
from tests.bench.module import ACTIVE, INCOMING, Leg, Module

APART = 40.0
"""Seconds from one call's end to the next."""
SETTLES = 75.0
"""Seconds after which a start has left nothing to write."""
MADE = 256 << 20
GROWN = 2300 << 20
FORMAT = "root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,resize=67108864"
MOUNTED = "noatime,lazytime,commit=30,errors=remount-ro"
CALLS_A_DAY = 100
FORWARDED, MISSED = 60, 40
"""Of those."""
AN_HOUR = '{"at": "2026-11-24T%02d:00:00+00:00", "boot": "9b0c5a7e-8a53-4ac5-a3ad-2f2a1f2d8c11", "by": "network"}'
KEEP_DAYS = 90
"""So many days of calls are kept where the settings say nothing else."""

MOST_A_DAY = 20.0
"""MB."""


def measure(count: int) -> list[Figure]:
    """What calls hand over and, as root, what of it reaches a card, so many calls of each kind.

    All kinds at the same time: it takes SETTLES and count * APART seconds, and some more. 0: leave the card out.
    """
    found = _handed_over()
    if not count:
        return found
    try:
        with card():
            pass
    except (OSError, subprocess.CalledProcessError) as error:
        return [*found, one("card: not measured, for that takes root and a loop device", "", 0, compared=str(error))]
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as aside:
        given = [aside.submit(calls, play, count) for play in (forwarded, missed, None)]
        by_night = aside.submit(night)
        of_forwarded, of_missed, resting = ([one.octets / 1000 for one in each.result()] for each in given)
        at_night = by_night.result().octets / 1e6
    day = (FORWARDED * sum(of_forwarded) + MISSED * sum(of_missed) + 24 * sum(resting)) / count / 1000 + at_night
    how = "sectors, ext4 of the image on a loop device"
    return [
        *found,
        Figure("card: a forwarded call", "kB", tuple(of_forwarded), compared=how),
        Figure("card: a missed call with its text", "kB", tuple(of_missed), compared=how),
        Figure("card: an hour without a call", "kB", tuple(resting), compared=how),
        one("card: a night, with check, backup and log anew", "MB", at_night),
        one(f"card: a day of {FORWARDED} forwarded calls, {MISSED} missed", "MB", day, MOST_A_DAY),
        one("card: 30 such days", "MB", 30 * day),
    ]


def _handed_over() -> list[Figure]:
    """One call of each kind in the program's own log: no file system and no night, and no rights needed."""
    found = []
    with state_folder() as folder, in_use(Path(folder)) as (module, store):
        who = callers()
        missed(module, next(who))
        for what, play in (("a forwarded call", forwarded), ("a missed call with its text", missed)):
            before = texts.contents(Path(f"{store.path}-wal").read_bytes())
            play(module, next(who))
            module.serve(1.0)
            after = texts.contents(Path(f"{store.path}-wal").read_bytes())
            found += [
                one(
                    f"log: {what}",
                    "kB",
                    (after.octets - before.octets) / 1000,
                    compared="without the file system's part",
                ),
                one(f"log: {what}, commits, each a fsync", "", after.commits - before.commits),
            ]
    return found


class Written(NamedTuple):
    """Since the device was made: octets it was given, and how often it had to bring them to rest."""

    octets: int
    flushes: int


class Card:
    """A data partition with its file system, mounted at `folder`. Use `card`."""

    def __init__(self, folder: Path, device: str) -> None:
        self.folder = folder
        self._stat = Path("/sys/block", Path(device).name, "stat")

    def written(self) -> Written:
        """Until now."""
        fields = [int(field) for field in self._stat.read_text().split()]
        return Written(fields[6] * 512, fields[15])

    def since(self, before: Written) -> Written:
        """From then until now."""
        now = self.written()
        return Written(now.octets - before.octets, now.flushes - before.flushes)


@contextmanager
def card(options: str = MOUNTED) -> Iterator[Card]:
    """Raises OSError and subprocess.CalledProcessError where there can be none: not root, no loop devices."""
    with tempfile.TemporaryDirectory(prefix="rufweiche-bench-", dir=memory_folder()) as name:
        image, folder = Path(name, "data.img"), Path(name, "data")
        folder.mkdir()
        image.touch()
        os.truncate(image, MADE)
        _run("mke2fs", "-q", "-t", "ext4", "-b", "4096", "-m", "0", "-E", FORMAT, image)
        os.truncate(image, GROWN)
        _run("e2fsck", "-fp", image)  # the box grows it while it is mounted, which needs no check
        _run("resize2fs", image)
        device = _run("losetup", "--find", "--show", image)
        try:
            _run("mount", "-t", "ext4", "-o", options, device, folder)
            try:
                yield Card(folder, device)
            finally:
                _run("umount", folder)
        finally:
            _run("losetup", "--detach", device)


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def engine(state: Path, run: Path, *tracer: str) -> Iterator[None]:
    """The engine as its unit starts it: what changes by the second, and its log, in memory."""
    with (run / "engine.log").open("wb") as log:
        running = subprocess.Popen(
            [*tracer, PROGRAM, "run", "--state", state],
            stdout=log,
            stderr=log,
            env={**environment(), "RUNTIME_DIRECTORY": str(run)},
        )
        try:
            yield
        finally:
            running.terminate()
            running.wait(15)


def forwarded(module: Module, caller: str) -> None:
    """He is answered, somebody is called and answers, and he is given away."""
    module.heard.clear()
    module.legs = [Leg(1, True, INCOMING, caller)]
    module.say("RING", f'+CLIP: "{caller}",145,,,,0')
    module.hear("ATD", 10.0)
    module.serve(3.0)
    module.legs[-1].stat = ACTIVE
    module.hear("AT+CHLD=4", 5.0)
    module.serve(1.0)


def missed(module: Module, caller: str) -> None:
    """He gives up while the other one rings, and gets a text.

    One to the owner is the same work, but further ones are collected while calls come so fast."""
    module.heard.clear()
    module.legs = [Leg(1, True, INCOMING, caller)]
    module.say("RING", f'+CLIP: "{caller}",145,,,,0')
    module.hear("ATD", 10.0)
    module.serve(4.0)
    module.legs.clear()
    module.say("NO CARRIER")
    module.hear("AT+CMGS=", 30.0)
    module.hear("", 10.0)
    module.serve(1.0)


@contextmanager
def in_use(state: Path) -> Iterator[tuple[Module, Store]]:
    """An engine that has run for some minutes in this folder, with as many calls as a box in use has."""
    with tempfile.TemporaryDirectory(dir=memory_folder()) as run, Module() as module:
        days = KEEP_DAYS + 1
        with Store.open(state, create=True) as store:
            calllog.fill(store, CALLS_A_DAY * days, random.Random(4), timedelta(days=days), clock.wall())
        provision(state, module.port, rings=1, reply=True)
        with engine(state, Path(run)), Store.open(state) as store:
            module.serve_until_quiet(2.0)
            store.lay_out_log()  # as the engine itself does after five minutes
            yield module, store


@contextmanager
def box(options: str = MOUNTED) -> Iterator[tuple[Card, Module, Store]]:
    """The same on a card."""
    with card(options) as place:
        state = place.folder / "rufweiche"
        state.mkdir(0o700)
        with in_use(state) as (module, store):
            yield place, module, store


def calls(play: Callable[[Module, str], None] | None, count: int, options: str = MOUNTED) -> list[Written]:
    """What each of so many calls wrote; None: instead of a call the one thing that is kept by the hour, the time."""
    with box(options) as (place, module, store):
        who, found = callers(), []
        if play is not None:
            play(module, next(who))
        module.serve(SETTLES)
        for number in range(count):
            before = place.written()
            if play is not None:
                play(module, next(who))
            else:
                store.write(Keep(KEPT, AN_HOUR % number))
            module.serve(APART)
            found.append(place.since(before))
        return found


def night(options: str = MOUNTED) -> Written:
    """What the nightly round writes after a day of calls: a day's calls forgotten, the backup, the log cut and anew."""
    with box(options) as (place, module, store):
        chance = random.Random(5)
        for outcome, count in (("forwarded", FORWARDED), ("missed", MISSED)):
            calllog.write(store, outcome, count, chance)
        module.serve(SETTLES)
        before = place.written()
        command(store.path.parent, "maintain")
        store.lay_out_log()
        module.serve(APART)
        return place.since(before)
