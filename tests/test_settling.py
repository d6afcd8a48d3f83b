"""Another name or Wi-Fi as the page wished: carried out, given back where it fails, and nothing of it believed."""

import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import settling
from appliance.core.settings import Wifi
from appliance.firstboot import ERRORS, TAKEN_IN
from appliance.machine import CONNECTION, Machine, keyfile
from appliance.maintenance import COPY
from appliance.network_watch import FILE as ADDRESS
from appliance.ports.network import NetworkError, NetworkManager
from appliance.store import factory_reset

WIFI = {"ssid": "Werkstatt", "password": "Hobelbank 7"}
OLD = keyfile(Wifi(ssid="Alt", password="Hobelbank 6"))


class Networks:
    """Joins, or not, as often as told."""

    def __init__(self, *fails):
        self.fails, self.joined, self.forgotten = list(fails), [], []

    def join(self, name):
        self.joined.append(name)
        if self.fails and self.fails.pop(0):
            raise NetworkError("Secrets were required, but not provided")

    def forget(self, name):
        self.forgotten.append(name)


@pytest.fixture
def box(tmp_path):
    """What is wished is carried out on a system below tmp_path."""
    state, root, told, boot = tmp_path / "state", tmp_path / "root", tmp_path / "run/network", tmp_path / "boot"
    for folder in (state / "network", root / "etc", told.parent, boot):
        folder.mkdir(parents=True)

    def run(wish, networks=None):
        if wish is not None:
            content = wish if isinstance(wish, bytes) else json.dumps(wish).encode()
            (state / settling.WISH).write_bytes(content)
        named = []
        said = settling.carry_out(state, Machine(root), networks or Networks(), told, named.append, boot)
        assert not (state / settling.WISH).exists()
        assert not told.exists() or told.read_text() == f"{said}\n"
        return said, named

    run.state, run.root, run.told, run.boot = state, root, told, boot
    run.file = root / "etc/NetworkManager/system-connections" / CONNECTION
    return run


def test_another_name(box):
    (box.root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 rufweiche\n")
    assert box({"hostname": "werkstatt"}) == ("done", ["werkstatt"])
    assert (box.root / "etc/hostname").read_text() == "werkstatt\n"
    assert "127.0.1.1 werkstatt" in (box.root / "etc/hosts").read_text()
    assert not box.file.exists()


def test_another_wifi(box):
    networks = Networks()
    assert box({"wifi": WIFI}, networks) == ("done", [])
    assert box.file.read_text() == keyfile(Wifi(**WIFI))
    assert stat.S_IMODE(box.file.stat().st_mode) == 0o600
    assert networks.joined == ["rufweiche-wifi"]
    assert not (box.root / "etc/hostname").exists()


def test_a_factory_reset_leaves_nothing_of_the_owner(box):
    """What the engine may not delete itself: its wish is root's to carry out."""
    keys = box.root / "data/etc/ssh/authorized_keys"
    trouble = box.root / "var/lib/rufweiche-trouble/engine-20261123T032000Z.log"
    on_boot = (COPY, TAKEN_IN, ERRORS, ADDRESS, "config.txt")
    for file in (keys, box.file, trouble, *(box.boot / name for name in on_boot)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Hobelbank 7")
    factory_reset.ask(box.state)
    assert factory_reset.carry_out(box.state, box.boot)
    networks = Networks()
    assert box(None, networks) == ("done", ["rufweiche"])
    assert networks.forgotten == ["rufweiche-wifi"]
    assert not keys.exists()
    assert not box.file.exists()
    assert list(trouble.parent.iterdir()) == []
    assert [path.name for path in box.boot.iterdir()] == ["config.txt"]
    assert (box.root / "etc/hostname").read_text() == "rufweiche\n"


@pytest.mark.parametrize("step", ["shred", "forget", "set_hostname"])
def test_a_factory_reset_cut_short_is_done_again(box, monkeypatch, step):
    """The power may go at any moment of it."""
    (box.boot / COPY).write_text("calls")
    factory_reset.ask(box.state)
    assert factory_reset.carry_out(box.state, box.boot)

    def cut(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr({"shred": settling, "forget": Networks, "set_hostname": Machine}[step], step, cut)
        with pytest.raises(SystemExit):
            box(None)
    assert box(None) == ("done", ["rufweiche"])
    assert list(box.boot.iterdir()) == []


def test_a_factory_reset_is_wished_for_whole_or_not_at_all(box, monkeypatch):
    factory_reset.ask(box.state)

    def cut(handle):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(factory_reset.os, "fsync", cut)
        with pytest.raises(SystemExit):
            factory_reset.carry_out(box.state, box.boot)
    assert not (box.state / settling.WISH).exists()
    assert factory_reset.carry_out(box.state, box.boot)
    assert json.loads((box.state / settling.WISH).read_text()) == {"reset": True}


def test_another_file_in_the_place_of_the_wish_is_not_overwritten(box, monkeypatch):
    """The page may put a link there at any moment, also while it is being read."""
    victim = box.root / "etc/victim"
    victim.write_text("kept")

    def swap(handle):
        monkeypatch.undo()
        (box.state / settling.WISH).unlink()
        (box.state / settling.WISH).symlink_to(victim)

    monkeypatch.setattr(settling.os, "fsync", swap)
    box({"hostname": "werkstatt"})
    assert victim.read_text() == "kept"


def test_wifi_that_cannot_be_joined_gives_way_to_the_one_before(box):
    box.file.parent.mkdir(parents=True)
    box.file.write_text(OLD)
    networks = Networks(True, False)
    assert box({"wifi": WIFI}, networks)[0] == "not joined"
    assert box.file.read_text() == OLD
    assert stat.S_IMODE(box.file.stat().st_mode) == 0o600
    assert len(networks.joined) == 2


def test_wifi_that_cannot_be_joined_where_there_was_none(box):
    assert box({"wifi": WIFI, "hostname": "x"}, Networks(True, True)) == ("not joined", ["x"])
    assert not box.file.exists()


@pytest.mark.parametrize(
    "wish",
    [
        {"hostname": "a b"}, {"hostname": ""}, {"hostname": 7}, {"hostname": "x" * 64}, {"hostname": "a\n127.0.0.1 x"},
        {"wifi": {"ssid": "x" * 33}}, {"wifi": {"ssid": "a", "password": "short"}}, {"wifi": {}}, {"wifi": "x"},
        {"wifi": {"ssid": "a", "bssid": "b"}}, {"ssh_key": "ssh-ed25519 AAAA"}, {"hostname": "a", "timezone": "UTC"},
        {"web_password_hash": "x"}, {}, [], 7, None, b"", b"{", b"\xff\xfe", b"x" * 5000, b'{"hostname": NaN}',
        b"[" * 4000,
    ],
)  # fmt: skip
def test_wrong_wishes_change_nothing(box, wish):
    networks = Networks()
    assert box(b"null" if wish is None else wish, networks) == ("refused", [])
    assert list((box.root / "etc").iterdir()) == []
    assert networks.joined == []


@given(st.dictionaries(st.text(max_size=5), st.recursive(st.text(max_size=9) | st.integers() | st.none(), st.lists)))
def test_no_wish_is_too_strange(wished):
    settling._checked(wished)


def test_nothing_is_wished_for(box):
    assert box(None) == ("", [])
    assert not box.told.exists()


def test_a_link_leads_nowhere(box, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text('{"hostname": "x"}')
    (box.state / settling.WISH).symlink_to(secret)
    assert box(None) == ("", [])
    assert secret.read_text() == '{"hostname": "x"}'


def test_a_pipe_is_not_waited_for(box):
    os.mkfifo(box.state / settling.WISH)
    assert box(None)[0] == "refused"


def test_what_networkmanager_is_told():
    told = []
    NetworkManager(lambda arguments: told.append(list(arguments)) or "").join("rufweiche-wifi")
    assert told == [["connection", "reload"], ["--wait", "25", "connection", "up", "id", "rufweiche-wifi"]]
