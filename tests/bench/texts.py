"""What a text costs: the engine's own time, and how often it waits for the disk."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from appliance.core.records import Message
from appliance.store.changes import SaveMessage
from appliance.store.database import FILE_NAME, Store
from tests.bench.box import OWNER, callers, engine, fsync_counter, memory_folder, provision, state_folder
from tests.bench.figures import Figure, one
from tests.bench.module import INCOMING, Heard, Leg, Module

PEERS = "gammu-smsd 711, smstools 375, python-gsmmodem 0.7 without an outbox"
BATCH = 20
"""Texts that wait at once: a busy morning."""
TEXT = "Verpasst: +49 170 1234567, Mo 23.11. 10:00, 2x geläutet. Niemand erreicht. Versucht: desk (keine Antwort)."
CREATED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WARM_UP = 3


def in_memory(batches: int, calls: int) -> list[Figure]:
    """Own time: with the state in memory, where fsync costs nothing."""
    memory = memory_folder()
    where = "" if memory else ", fsync included"
    with state_folder(memory) as folder, Module() as module:
        state = Path(folder)
        provision(state, module.port, rings=20, reply=True)
        with engine(state):
            module.serve_until_quiet(0.6)
            queued = _queued(module, state, batches)
            missed = _missed(module, calls)
    return [
        Figure(f"a waiting text, own time{where}", "ms", tuple(queued), 2.0, 2.0, PEERS),
        Figure(f"a text after a missed call, own time{where}", "ms", tuple(missed), 2.0, 2.0),
    ]


def on_disk(batches: int, calls: int) -> list[Figure]:
    """With each fsync counted."""
    with state_folder() as folder, Module() as module:
        state = Path(folder)
        trace = state / "trace"
        provision(state, module.port, rings=20, reply=True)
        tracer = fsync_counter(trace)

        def fsyncs() -> int:
            if tracer:
                return sum("sync(" in line for line in trace.read_text().splitlines())
            return commits(Path(state, FILE_NAME + "-wal").read_bytes())

        counts: list[int] = []
        with engine(state, *tracer):
            module.serve_until_quiet(0.6)
            missed = _missed(module, calls, lambda: counts.append(fsyncs()))
            before = fsyncs()
            _queued(module, state, batches)
            queued = fsyncs() - before - (0 if tracer else batches)  # the log has the commits of queueing, too
    texts = [end - start for start, end in pairwise(counts)][::2]
    how = "counted by strace" if tracer else "counted as commits in the WAL: no strace here"
    return [
        Figure("fsyncs: a text after a missed call, with the call's end", "", tuple(texts), 3, compared=how),
        one("fsyncs: a waiting text, with its queueing by a command", "", 1 + queued / (batches * BATCH), 3, how),
        Figure("a text after a missed call, on this disk", "ms", tuple(missed), compared="fsync included"),
    ]


def _queued(module: Module, state: Path, batches: int) -> list[float]:
    """Texts that another process queued, many at once: from the module's last answer to the next text's end."""
    times = []
    for _ in range(batches):
        module.heard.clear()
        with closing(Store.open(state)) as store:
            store.write(*[SaveMessage(Message(uuid.uuid4().hex, "test", OWNER, TEXT, CREATED)) for _ in range(BATCH)])
        sent = [_text(module) for _ in range(BATCH)]
        module.serve(0.2)
        times += [_own(before[1].answered_ns, *after) for before, after in pairwise(sent)]
    return times


def _missed(module: Module, calls: int, look: Callable[[], None] = lambda: None) -> list[float]:
    """So many missed calls, after some to warm up; `look` is called before each caller leaves and after his text.

    It is the text back to the caller: those to the owner are collected while calls come so fast.
    """
    who = callers()
    return [missed_call(module, next(who), look) for _ in range(calls + WARM_UP)][WARM_UP:]


def missed_call(module: Module, caller: str, look: Callable[[], None] = lambda: None) -> float:
    """The caller gives up while it rings: ms from the list of calls that no longer has him to the end of the text."""
    module.heard.clear()
    module.legs = [Leg(1, True, INCOMING, caller)]
    module.say("RING", f'+CLIP: "{caller}",145,,,,0')
    module.serve(0.4)
    look()
    module.legs = []
    module.heard.clear()
    module.say("NO CARRIER")
    command, body = _text(module)
    last_list = [heard for heard in module.heard if heard.text == "AT+CLCC" and heard.read_ns < command.read_ns][-1]
    module.serve(0.1)
    look()
    return _own(last_list.answered_ns, command, body)


def _text(module: Module) -> tuple[Heard, Heard]:
    """The next text's command and body, answered."""
    command = module.hear("AT+CMGS=", 5.0)
    return command, module.hear("", 5.0)


def _own(since: int, command: Heard, body: Heard) -> float:
    return ((command.read_ns - since) + (body.read_ns - command.answered_ns)) / 1e6


class Contents(NamedTuple):
    """What a write-ahead log holds since it last began anew: octets of its frames, and commits."""

    octets: int
    commits: int


def contents(wal: bytes) -> Contents:
    """Frames that have the header's salts; those that name the file's new size end a commit, which waited for the disk.

    https://sqlite.org/fileformat2.html#the_write_ahead_log
    """
    page = int.from_bytes(wal[8:12])
    salt = wal[16:24]
    frames = [wal[at : at + 24] for at in range(32, len(wal), 24 + page)]
    valid = [frame for frame in frames if frame[8:16] == salt]
    return Contents(len(valid) * (24 + page), sum(frame[4:8] != b"\0\0\0\0" for frame in valid))


def commits(wal: bytes) -> int:
    """How many commits it holds."""
    return contents(wal).commits
