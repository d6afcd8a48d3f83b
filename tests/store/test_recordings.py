"""Recordings live as long as their calls."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.records import CallRecord
from appliance.store import recordings
from appliance.store.changes import SaveCall
from appliance.store.database import Store

AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
CALLER = "+491701234567"


@pytest.fixture
def state(tmp_path):
    (tmp_path / "voicemail").mkdir()
    return tmp_path


def wav(state, name, age=timedelta(hours=2)):
    file = state / "voicemail" / name
    file.write_bytes(b"RIFF")
    stamp = (AT - age).timestamp()
    os.utime(file, (stamp, stamp))
    return file


def test_of_calls_that_are_gone_nothing_stays(state):
    kept, gone, young = wav(state, "1.wav"), wav(state, "2.wav"), wav(state, "3.wav.part", timedelta(minutes=2))
    assert recordings.sweep(state, [str(kept)], AT) == 1
    assert kept.exists() and not gone.exists() and young.exists()


def test_what_a_call_that_was_cut_off_has_left(state):
    file = wav(state, "7.wav")
    file.write_bytes(b"\0" * (44 + 16000 * 3))
    assert recordings.path(state, 7) == file
    assert recordings.seconds(state, 7) == 3.0
    assert recordings.seconds(state, 8) == 0.0
    file.write_bytes(b"RIFF")
    assert recordings.seconds(state, 7) == 0.0


def test_nothing_to_sweep(tmp_path):
    assert recordings.sweep(tmp_path, [], AT) == 0


def test_who_is_erased_is_not_heard_again(state):
    file, other = wav(state, "1.wav"), wav(state, "2.wav")
    with Store.open(state, create=True) as store:
        for number, caller, path in ((1, CALLER, file), (2, "+49301111111", other)):
            record = CallRecord(number, "office", AT, caller=caller, outcome="voicemail", message=str(path))
            record.ended_at, record.message_seconds = AT, 5.0
            store.write(SaveCall(record))
        assert store.voicemails() == {str(file), str(other)}
        store.erase(CALLER)
        assert store.voicemails() == {str(other)}
    assert not file.exists() and other.exists()
