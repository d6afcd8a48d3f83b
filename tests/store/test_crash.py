"""kill -9 at any point: what was acknowledged is there, and no transaction is there by half."""

from __future__ import annotations

import random
import signal
import subprocess
import sys

import pytest

from appliance.store.database import Store

WRITES_FOR_EVER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from appliance.core.records import CallRecord, Message
from appliance.store.changes import SaveCall, SaveMessage
from appliance.store.database import Store

at = datetime(2026, 11, 23, tzinfo=UTC)
store = Store.open(Path(sys.argv[1]), wait=0.02)
die_at, die_on = int(sys.argv[2]), sys.argv[3]
while True:
    number = store.next_call_id()
    if number == die_at:
        store._db.set_trace_callback(lambda sql: sql.startswith(die_on) and os.kill(os.getpid(), 9))
    call = CallRecord(id=number, line="office", started_at=at, ended_at=at, outcome="missed")
    store.write(SaveCall(call), SaveMessage(Message(str(number), "missed", "+49", "text", at)))
    print(number, flush=True)
"""


def survivors(tmp_path) -> list[int]:
    with Store.open(tmp_path) as store:
        calls = [call.id for call in reversed(store.calls())]
        assert [int(message.uid) for message in reversed(store.messages())] == calls
        assert store._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return calls


def test_killed_between_transactions_and_anywhere(tmp_path):
    Store.open(tmp_path, create=True).close()
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITES_FOR_EVER, str(tmp_path), "0", ""], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 300)):
            acknowledged = int(child.stdout.readline())
        child.kill()
        rest = child.stdout.read().splitlines()
        child.stdout.close()
        assert child.wait(timeout=10) == -signal.SIGKILL
        acknowledged = int(rest[-1]) if rest else acknowledged
        calls = survivors(tmp_path)
        assert calls == list(range(1, len(calls) + 1))
        assert len(calls) in (acknowledged, acknowledged + 1)


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT INTO calls", "INSERT INTO messages", "COMMIT"])
def test_killed_within_a_transaction(tmp_path, statement):
    Store.open(tmp_path, create=True).close()
    child = subprocess.run(
        [sys.executable, "-c", WRITES_FOR_EVER, str(tmp_path), "3", statement],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL
    assert child.stdout == "1\n2\n"
    assert survivors(tmp_path) == [1, 2]
