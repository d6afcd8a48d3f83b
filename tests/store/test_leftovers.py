"""What a power cut leaves half written goes, what somebody is writing stays."""

import os
import stat

import pytest

from appliance.store import leftovers

NOW = 1_790_000_000.0


@pytest.fixture
def state(tmp_path, monkeypatch):
    for folder in ("state/backups", "state/network", "state/update", "state/voicemail", "memory"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(leftovers, "MEMORY", tmp_path / "memory")
    return tmp_path / "state"


def put(path, age):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"secret")
    for one in (path, path.parent):
        os.utime(one, (NOW - age, NOW - age))
    return path


LEFT = [
    ".rufweiche-abcd/rufweiche.sqlite3", "../memory/.rufweiche-abcd/rufweiche.sqlite3",
    "backups/.rufweiche-2026-11-23.zip.new", ".restore.zip.new", "uploaded-backup.new", "update/.bundle.raucb.part",
    "network/wish.new", "network/.wish.json.new",
]  # fmt: skip
KEPT = [
    "rufweiche.sqlite3", "rufweiche.sqlite3-wal", "backups/rufweiche-2026-11-23.zip", "update/bundle.raucb",
    "network/wish.json", "voicemail/1.wav", "uploaded-backup.zip", "restore.zip", "before-restore.sqlite3",
    "setup-code", "../memory/rufweiche-test/file",
]  # fmt: skip


@pytest.mark.parametrize("age", [3700, 30 * 86400, -86400])
@pytest.mark.parametrize("name", LEFT)
def test_left_over(state, name, age):
    file = put(state / name, age)
    assert len(leftovers.sweep(state, NOW)) == 1
    assert not file.exists()
    assert "abcd" not in name or not file.parent.exists()


@pytest.mark.parametrize("name", LEFT)
def test_being_written(state, name):
    file = put(state / name, 3000)
    assert leftovers.sweep(state, NOW) == []
    assert file.exists()


def test_a_folder_is_as_old_as_what_was_last_written_in_it(state):
    file = put(state / ".rufweiche-abcd/rufweiche.sqlite3", 7200)
    os.utime(file, (NOW - 60, NOW - 60))
    assert leftovers.sweep(state, NOW) == []


@pytest.mark.parametrize("name", KEPT)
def test_what_is_whole_stays(state, name):
    file = put(state / name, 30 * 86400)
    assert leftovers.sweep(state, NOW) == []
    assert file.exists()


def test_a_link_is_not_followed(state, tmp_path):
    victim = put(tmp_path / "elsewhere/file", 7200)
    link = state / ".rufweiche-abcd"
    link.symlink_to(victim.parent)
    os.utime(link, (NOW - 7200, NOW - 7200), follow_symlinks=False)
    assert leftovers.sweep(state, NOW) == [".rufweiche-abcd"]
    assert victim.exists()


def test_where_there_is_nothing(tmp_path):
    assert leftovers.sweep(tmp_path / "nowhere", NOW) == []


@pytest.mark.parametrize(("shared", "mode"), [(0o2770, 0o770), (0o700, 0o700)])
def test_a_folder_of_ours_is_the_groups_where_the_place_is(state, shared, mode):
    """The page's user makes it, the engine's deletes it."""
    state.chmod(shared)
    with leftovers.folder(state) as made:
        assert made.name.startswith(leftovers.PREFIX)
        assert stat.S_IMODE(made.stat().st_mode) & 0o777 == mode
    assert not made.exists()
