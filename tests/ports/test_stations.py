"""Who is in a Wi-Fi of ours: the kernel's own octets, and a kernel that answers."""

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.ports import stations

FAMILY = bytes.fromhex(
    # what a kernel says of nl80211: name, number 0x1d, version, header size, most attributes
    "0c000200 6e6c383032313100 06000100 1d000000 08000300 01000000 08000400 00000000 08000500 2b010000"
)
STATION = struct.pack("=HHI", 8, 3, 5) + struct.pack("=HH6sxx", 10, 6, bytes.fromhex("020000000100"))
"""NL80211_ATTR_IFINDEX and NL80211_ATTR_MAC."""


def packet(kind, content, flags=2):
    return struct.pack("=IHHII", 16 + len(content), kind, flags, 1, 0) + content


def answer(kind, *bodies):
    return b"".join(packet(kind, struct.pack("=BBH", 1, 1, 0) + body) for body in bodies)


DONE = packet(3, struct.pack("=i", 0))
NO_DEVICE = packet(2, struct.pack("=i", -19) + bytes(16))


class Kernel:
    """A netlink socket; `says`: its answers in order."""

    def __init__(self, *says):
        self.says, self.asked = list(says), []

    def __call__(self, *kind):
        assert kind == (socket.AF_NETLINK, socket.SOCK_RAW, 16)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def settimeout(self, seconds):
        assert seconds > 0

    def bind(self, address):
        assert address == (0, 0)

    def send(self, data):
        self.asked.append(data)

    def recv(self, size):
        assert size >= 32768
        return self.says.pop(0)


@pytest.fixture
def kernel(monkeypatch):
    def install(*says):
        made = Kernel(*says)
        monkeypatch.setattr(stations.socket, "socket", made)
        monkeypatch.setattr(stations.socket, "if_nametoindex", {"wlan0": 5}.__getitem__)
        return made

    return install


@pytest.mark.parametrize(
    ("says", "found"),
    [
        ([DONE], 0),
        ([answer(0x1D, STATION), DONE], 1),
        ([answer(0x1D, STATION, STATION), answer(0x1D, STATION), DONE], 3),
        ([answer(0x1D, STATION) + DONE], 1),
    ],
)
def test_they_are_counted(kernel, says, found):
    asked = kernel(answer(16, FAMILY), *says)
    assert stations.count("wlan0") == found
    assert asked.says == []
    first, second = asked.asked
    assert first[:8] == struct.pack("=IHH", len(first), 16, 1)
    assert first[16] == 3
    assert b"nl80211\0" in first
    assert second[:8] == struct.pack("=IHH", 28, 0x1D, 0x301)
    assert second[16] == 17
    assert second[20:] == struct.pack("=HHI", 8, 3, 5)


@pytest.mark.parametrize("says", [[NO_DEVICE], [answer(16, FAMILY), NO_DEVICE]])
def test_a_kernel_that_refuses(kernel, says):
    kernel(*says)
    with pytest.raises(OSError, match="No such device"):
        stations.count("wlan0")


def test_a_kernel_without_wifi_names_no_family(kernel):
    kernel(answer(16, b""))
    with pytest.raises(KeyError):
        stations.count("wlan0")


@given(st.binary(max_size=200))
def test_octets_of_any_kind_do_no_harm(data):
    assert isinstance(stations.is_over(data), bool)
    assert all(isinstance(kind, int) for kind in stations.attributes(data))


@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=40), max_size=6))
def test_attributes_are_read_as_they_are_written(wanted):
    body = b"".join(stations.attribute(kind, data) for kind, data in wanted.items())
    assert len(body) % 4 == 0
    assert stations.attributes(body) == wanted
