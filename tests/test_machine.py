"""The files by which the box's name, zone, Wi-Fi and SSH key reach the system."""

import configparser
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.settings import Box, Wifi
from appliance.machine import CONNECTION, Machine, MachineError, keyfile, write

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEcKvKPkLM0BV5hGJjVvJ2iYVpYDKhzyQ0Gzb9sTVpEd"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "etc").mkdir()
    return tmp_path


def image(root):
    """As on the image: links to the data partition."""
    (root / "data/etc/ssh").mkdir(parents=True)
    (root / "data/etc/system-connections").mkdir(mode=0o700)
    (root / "etc/NetworkManager").mkdir()
    for name, target in (
        ("hostname", "hostname"),
        ("hosts", "hosts"),
        ("localtime", "localtime"),
        ("NetworkManager/system-connections", "system-connections"),
    ):
        (root / "etc" / name).symlink_to(f"/data/etc/{target}")


def test_an_ordinary_system(root):
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 old old.example # note\n::1 localhost\n")
    done = Machine(root).apply(Box(hostname="laden", wifi=Wifi(ssid="Laden")), "Europe/Vienna")
    assert (root / "etc/hostname").read_text() == "laden\n"
    assert (root / "etc/hosts").read_text() == "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 laden\n"
    assert str((root / "etc/localtime").readlink()) == "/usr/share/zoneinfo/Europe/Vienna"
    connection = root / "etc/NetworkManager/system-connections" / CONNECTION
    assert stat.S_IMODE(connection.stat().st_mode) == 0o600
    assert done == ["host name laden", "time zone Europe/Vienna", "Wi-Fi"]


def test_the_image_keeps_it_on_the_data_partition(root):
    image(root)
    Machine(root).apply(Box(hostname="laden", timezone="Europe/Zurich", wifi=Wifi(ssid="x"), ssh_key=KEY), "UTC")
    assert (root / "data/etc/hostname").read_text() == "laden\n"
    assert (root / "data/etc/hosts").read_text() == "127.0.0.1 localhost\n127.0.1.1 laden\n"
    assert str((root / "data/etc/localtime").readlink()) == "/usr/share/zoneinfo/Europe/Zurich"
    assert (root / "data/etc/system-connections" / CONNECTION).exists()
    assert (root / "data/etc/ssh/authorized_keys").read_text() == KEY + "\n"
    assert all((root / "etc" / name).is_symlink() for name in ("hostname", "hosts", "localtime"))


def test_no_key_where_there_is_no_image(root):
    done = Machine(root).apply(Box(ssh_key=KEY), "UTC")
    assert done[-1] == "no SSH key: only the image takes one"
    assert not (root / "data").exists()


def test_twice_is_as_once(root):
    image(root)
    machine, box = Machine(root), Box(hostname="laden", wifi=Wifi(ssid="x"), ssh_key=KEY)
    machine.apply(box, "UTC")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    machine.apply(box, "UTC")
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_what_cannot_be_written_is_said(root):
    (root / "etc/hostname").mkdir()
    with pytest.raises(MachineError, match="hostname"):
        Machine(root).apply(Box(), "UTC")


def read_back(text):
    """As GKeyFile reads it: blanks around the value go, then escapes become characters."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    return parser


@given(
    st.text(min_size=1, max_size=32).filter(
        lambda name: len(name.encode("utf-8", "surrogatepass")) <= 32 and name.isprintable()
    )
)
def test_every_name_survives(name):
    ssid = read_back(keyfile(Wifi(ssid=name)))["wifi"]["ssid"]
    assert bytes(int(octet) for octet in ssid.rstrip(";").split(";")).decode() == name


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=8, max_size=63))
def test_every_password_survives(password):
    line = next(line for line in keyfile(Wifi(ssid="x", password=password)).split("\n") if line.startswith("psk="))
    value = line.removeprefix("psk=").lstrip(" ")
    plain, rest = "", iter(value)
    for character in rest:
        plain += {"s": " ", "\\": "\\"}[next(rest)] if character == "\\" else character
    assert plain == password


def test_an_open_network_has_no_key():
    assert "wifi-security" not in read_back(keyfile(Wifi(ssid="x")))


def test_a_hidden_one_is_asked_for():
    assert read_back(keyfile(Wifi(ssid="x", hidden=True)))["wifi"]["hidden"] == "true"


def test_a_boot_partition_that_knows_no_modes_is_written_all_the_same(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.fchmod", refuse)
    write(tmp_path / "address.txt", "http://192.168.1.5", 0o644)
    assert (tmp_path / "address.txt").read_text() == "http://192.168.1.5"
    assert [path.name for path in tmp_path.iterdir()] == ["address.txt"]


@pytest.mark.parametrize("line", [b"# B\xfcro", "# Büro".encode(), "# a\u2028b \x85".encode(), b"\xff\xfe"])
def test_hosts_in_any_coding_are_kept(root, line):
    (root / "etc/hosts").write_bytes(b"127.0.0.1 localhost\n" + line + b"\n127.0.1.1 old\n")
    Machine(root).set_hostname("laden")
    assert (root / "etc/hosts").read_bytes() == b"127.0.0.1 localhost\n" + line + b"\n127.0.1.1 laden\n"
