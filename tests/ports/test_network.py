"""What nmcli says, and what it is told."""

import os
import stat
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.hotspot import Picture
from appliance.ports import network
from appliance.ports.network import HOTSPOT, NetworkError, NetworkManager, monitor, terse

STATUS = """eth0:ethernet:connected:Wired connection 1
wlan0:wifi:disconnected:
p2p-dev-wlan0:wifi-p2p:disconnected:
lo:loopback:connected (externally):lo
"""
SHOW = """GENERAL.DEVICE:eth0
IP4.ADDRESS[1]:192.168.178.20/24
IP4.ADDRESS[2]:169.254.3.4/16

GENERAL.DEVICE:wlan0

GENERAL.DEVICE:lo
IP4.ADDRESS[1]:127.0.0.1/8
"""
CONNECTIONS = "Wired connection 1:802-3-ethernet\nlo:loopback\n"


class Nmcli:
    def __init__(self, status=STATUS, show=SHOW, connections=CONNECTIONS):
        self.answers = {"device status": status, "device show": show, "connection show": connections}
        self.told = []

    def __call__(self, arguments):
        if "--terse" in arguments:
            answer = self.answers[" ".join(arguments[3:])]
            wanted = arguments[2].split(",")
            if wanted in (["NAME"], ["DEVICE", "TYPE", "STATE"]):
                return "".join(":".join(line.split(":")[: len(wanted)]) + "\n" for line in answer.splitlines())
            return answer
        self.told.append(" ".join(arguments))
        return ""


def test_a_cable():
    assert NetworkManager(Nmcli()).picture() == Picture(addresses=("192.168.178.20",), has_radio=True)


def test_wifi_and_cable_the_cable_first():
    status = STATUS.replace("wlan0:wifi:disconnected:", r"wlan0:wifi:connected:Meyer\: oben")
    show = SHOW.replace("GENERAL.DEVICE:wlan0\n", "GENERAL.DEVICE:wlan0\nIP4.ADDRESS[1]:10.0.0.7/24\n")
    connections = CONNECTIONS + "Meyer\\: oben:802-11-wireless\n"
    picture = NetworkManager(Nmcli(status, show, connections)).picture()
    assert picture == Picture(("192.168.178.20", "10.0.0.7"), True, True, False, 0, True)


def test_our_own_hotspot_is_no_network(monkeypatch):
    monkeypatch.setattr(network.stations, "count", {"wlan0": 1}.__getitem__)
    status = f"eth0:ethernet:unavailable:\nwlan0:wifi:connected:{HOTSPOT}\n"
    show = "GENERAL.DEVICE:wlan0\nIP4.ADDRESS[1]:10.42.0.1/24\n"
    picture = NetworkManager(Nmcli(status, show, f"{HOTSPOT}:802-11-wireless\n")).picture()
    assert picture == Picture(has_radio=True, is_open=True, guests=1)


@pytest.mark.parametrize("error", [OSError(19, "No such device"), KeyError(1), struct.error()])
def test_where_the_kernel_does_not_say_who_is_there_nobody_is(monkeypatch, error):
    def count(device):
        raise error

    monkeypatch.setattr(network.stations, "count", count)
    picture = NetworkManager(Nmcli(f"wlan0:wifi:connected:{HOTSPOT}\n", "", "")).picture()
    assert picture == Picture(has_radio=True, is_open=True)


@pytest.mark.parametrize("state", ["unavailable", "unmanaged"])
def test_a_radio_that_is_switched_off_is_none(state):
    assert not NetworkManager(Nmcli(f"wlan0:wifi:{state}:\n", "", "")).picture().has_radio


@pytest.mark.parametrize("answer", ["", "\n", ":\n", "::::::\n", "eth0\n", "IP4.ADDRESS[1]\n"])
def test_odd_answers(answer):
    assert NetworkManager(Nmcli(answer, answer, answer)).picture() == Picture()


@pytest.mark.parametrize("key", ["ABCD2345", None])
def test_the_hotspot(key):
    nmcli = Nmcli(connections=CONNECTIONS + f"{HOTSPOT}:802-11-wireless\n")
    NetworkManager(nmcli).open_hotspot("Rufweiche", key)
    deleted, added, up = nmcli.told
    assert deleted == f"connection delete id {HOTSPOT}"
    assert added.startswith("connection add save no type wifi ifname wlan0 con-name rufweiche-hotspot autoconnect no")
    assert "mode ap" in added and "ipv4.method shared ipv4.addresses 10.42.0.1/24" in added
    assert ("wifi-sec.key-mgmt wpa-psk" in added, "wifi-sec.psk ABCD2345" in added) == (key is not None,) * 2
    assert up == f"connection up id {HOTSPOT}"


@pytest.mark.parametrize("state", ["unavailable", "unmanaged"])
def test_the_hotspot_is_on_the_radio_that_can(state):
    nmcli = Nmcli(status=f"wlan0:wifi:{state}:\nwlan1:wifi:disconnected:\nwlan2:wifi:disconnected:\n")
    assert NetworkManager(nmcli).picture().has_radio
    NetworkManager(nmcli).open_hotspot("Rufweiche", None)
    assert " ifname wlan1 " in nmcli.told[0]
    nmcli = Nmcli(status=f"wlan0:wifi:{state}:\n")
    with pytest.raises(NetworkError, match="no Wi-Fi device"):
        NetworkManager(nmcli).open_hotspot("Rufweiche", None)
    assert nmcli.told == []


def test_closing_it():
    nmcli = Nmcli()
    NetworkManager(nmcli).close_hotspot()
    assert nmcli.told == []
    with pytest.raises(NetworkError):
        NetworkManager(Nmcli(status="eth0:ethernet:connected:x\n")).open_hotspot("Rufweiche", None)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a:b:c", ["a", "b", "c"]),
        ("a::", ["a", "", ""]),
        (r"a\:b:c", ["a:b", "c"]),
        (r"a\\:b", ["a\\", "b"]),
        (r"a\\\:b", ["a\\:b"]),
        ("", [""]),
        ("a\\", ["a"]),
    ],
)
def test_terse(line, fields):
    assert terse(line) == fields


@given(st.lists(st.text(st.sampled_from("ab:\\ ")), min_size=1))
def test_terse_undoes_nmclis_escaping(fields):
    line = ":".join(field.replace("\\", "\\\\").replace(":", "\\:") for field in fields)
    assert terse(line) == fields


# --- the program -------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path, monkeypatch):
    def make(script):
        path = tmp_path / "nmcli"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(network.shutil, "which", lambda name: str(path))

    return make


def test_the_program_itself(program):
    program('[ "$LC_ALL" = C ] && printf "eth0:ethernet:connected:%s\\n" "$5"')
    assert network._nmcli(["--terse", "--fields", "X", "device", "status"]) == "eth0:ethernet:connected:status\n"
    program("echo 'Error: Not authorized.' >&2; exit 4")
    with pytest.raises(NetworkError, match=r"connection up: Error: Not authorized\."):
        network._nmcli(["connection", "up"])


def test_listening(program):
    program("echo 'eth0: connected'; exec sleep 100")
    process = monitor()
    assert os.read(process.stdout.fileno(), 100) == b"eth0: connected\n"
    process.kill()
    process.wait()
    process.stdout.close()


def test_without_networkmanager(monkeypatch):
    monkeypatch.setattr(network.shutil, "which", lambda name: None)
    assert monitor() is None
    with pytest.raises(NetworkError, match="not here"):
        NetworkManager().picture()
