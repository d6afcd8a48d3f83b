"""What is done before the engine starts, whatever state the box is in."""

import os
from datetime import UTC, datetime

import pytest

from appliance import recovery
from appliance.core.errors import StoreDamaged, StoreError
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.store import backup, factory_reset, suspicion
from appliance.store.changes import Keep
from appliance.store.database import FILE_NAME, Store
from appliance.store.live import Live
from appliance.store.nightly import FOLDER
from tests.core.settings_sample import SMALL
from tests.store.damage import hit, with_a_call

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    folder = with_a_call(tmp_path / "state", NOW)
    (folder / FOLDER).mkdir()
    backup.save(folder, folder / FOLDER / "rufweiche-2026-11-23.zip", NOW)
    return folder


def damage(state):
    for end in ("-wal", "-shm"):
        (state / f"{FILE_NAME}{end}").unlink(missing_ok=True)
    (state / FILE_NAME).write_bytes(b"x" * 8192)
    with pytest.raises(StoreDamaged):
        Store.open(state)


def test_a_sound_box_is_left_alone(state):
    before = (state / FILE_NAME).read_bytes()
    recovery.before_start(state)
    assert (state / FILE_NAME).read_bytes() == before
    assert not (state / backup.BEFORE).exists()


def test_a_damaged_database_gives_way_to_the_newest_sound_backup(state):
    (state / FOLDER / "rufweiche-2026-11-24.zip").write_bytes(b"torn")
    damage(state)
    recovery.before_start(state)
    with Store.open(state) as store:
        assert len(store.calls()) == 1
        (message,) = store.messages()
        assert (message.kind, message.to, message.state) == ("alarm", "+4915112345678", "queued")
        assert "23.11.2026 03:20" in message.text
    assert (state / backup.BEFORE).read_bytes() == b"x" * 8192  # for whoever may save more of it


def test_a_box_without_texts_is_told_of_it_over_the_network(state):
    ways = '[notify]\nwebhook = "https://ntfy.example/secret"\nemail = { to = "m@a.de", host = "a.de" }\n'
    with Store.open(state) as store:
        store.save_settings(to_json(check_file((SMALL + ways).encode()).settings))
    backup.save(state, state / FOLDER / "rufweiche-2026-11-24.zip", NOW)
    damage(state)
    recovery.before_start(state)
    with Store.open(state) as store:
        found = {(one.channel, one.to, one.kind) for one in store.messages()}
    assert found == {
        ("sms", "+4915112345678", "alarm"), ("email", "m@a.de", "alarm"), ("webhook", "ntfy.example", "alarm"),
    }  # fmt: skip


def test_without_a_backup_the_engine_says_what_is_wrong(state, caplog):
    (state / FOLDER / "rufweiche-2026-11-23.zip").unlink()
    damage(state)
    recovery.before_start(state)
    assert "no sound backup" in caplog.text
    with pytest.raises(StoreError):
        Store.open(state)


def test_a_backup_that_was_left_comes_first(state):
    with Store.open(state) as store:
        store.write(Keep("since", "then"))
    backup.leave(state / FOLDER / "rufweiche-2026-11-23.zip", state)
    recovery.before_start(state)
    with Store.open(state) as store:
        assert store.kept("since") is None
        assert store.messages() == []


@pytest.mark.parametrize("left", [b"rubbish", b""])
def test_one_that_is_none_changes_nothing(state, left, caplog):
    (state / "restore.zip").write_bytes(left)
    recovery.before_start(state)
    assert "was not restored" in caplog.text
    with Store.open(state) as store:
        assert len(store.calls()) == 1


def test_a_factory_reset_comes_before_all(state):
    factory_reset.ask(state)
    recovery.before_start(state)
    assert not (state / FILE_NAME).exists()
    assert not (state / FOLDER).exists()


def test_before_there_is_anything(tmp_path):
    recovery.before_start(tmp_path / "nowhere")
    recovery.before_start(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["settings", "calls", "messages", "kept", "override", "messages_open"])
def test_one_bad_page_is_enough(state, name):
    """Opening a database reads next to nothing of it."""
    hit(state, name)
    Store.open(state).close()
    recovery.before_start(state)
    with Store.open(state) as store:
        assert store.load_settings()
        assert len(store.calls()) == 1
        assert [one.kind for one in store.messages()] == ["alarm"]
    assert not suspicion.is_raised(state)


def test_what_nobody_can_mend_is_tried_once(state, caplog):
    (state / FOLDER / "rufweiche-2026-11-23.zip").write_bytes(b"torn")
    hit(state, "kept")
    recovery.before_start(state)
    assert "no sound backup" in caplog.text
    with Store.open(state) as store, pytest.raises(StoreDamaged):
        store.kept("x")
    assert not suspicion.is_to_be_looked_at(state)  # the engine serves what it can


def test_an_unfounded_suspicion_is_looked_at_once(state):
    before = (state / FILE_NAME).read_bytes()
    suspicion.raise_it(state)
    recovery.before_start(state)
    assert (suspicion.is_raised(state), suspicion.is_to_be_looked_at(state)) == (True, False)
    recovery.before_start(state)
    assert not suspicion.is_raised(state)
    assert (state / FILE_NAME).read_bytes() == before


def test_a_living_engine_restores_at_its_own_next_start(state):
    hit(state, "kept")
    live = Live(state, "boot")
    recovery.before_start(state)
    live.close()
    assert suspicion.is_to_be_looked_at(state)
    assert not (state / backup.BEFORE).exists()


def test_what_a_power_cut_left_half_written_goes(state):
    left = state / ".rufweiche-abcd"
    left.mkdir()
    (left / FILE_NAME).write_bytes(b"calls")
    for one in (left / FILE_NAME, left):
        os.utime(one, (0, 0))
    recovery.before_start(state)
    assert not left.exists()
