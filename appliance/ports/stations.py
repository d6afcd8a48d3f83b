"""How many devices are in a Wi-Fi of ours, as the kernel's nl80211 says (linux/nl80211.h, over linux/genetlink.h).

The kernel's neighbour table would not do: of somebody who has left it says for ever that he once answered.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

_GENERIC = 16  # NETLINK_GENERIC; also the number of its family "nlctrl", which knows the others' numbers
_ERROR, _DONE = 2, 3  # NLMSG_ERROR, NLMSG_DONE
_REQUEST, _DUMP = 0x1, 0x300  # NLM_F_REQUEST, NLM_F_DUMP
_GET_FAMILY, _FAMILY_ID, _FAMILY_NAME = 3, 1, 2  # CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_…
_GET_STATION, _IFINDEX = 17, 3  # NL80211_CMD_GET_STATION, NL80211_ATTR_IFINDEX
_WITHIN = 2.0
"""Seconds the kernel gets for an answer, which it gives at once."""


def count(device: str) -> int:
    """Devices that are in the Wi-Fi `device` ("wlan0") has opened. Raises OSError where it is no such device."""
    index = socket.if_nametoindex(device)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _GENERIC) as line:
        line.settimeout(_WITHIN)
        line.bind((0, 0))
        line.send(message(_GENERIC, _REQUEST, _GET_FAMILY, attribute(_FAMILY_NAME, b"nl80211\0")))
        described = next(iter(_payloads(line.recv(65536))), b"")
        (family,) = struct.unpack("=H", attributes(described)[_FAMILY_ID])
        line.send(message(family, _REQUEST | _DUMP, _GET_STATION, attribute(_IFINDEX, struct.pack("=I", index))))
        found = 0
        while True:
            data = line.recv(65536)
            found += sum(1 for _ in _payloads(data))
            if is_over(data):
                return found


def message(family: int, flags: int, command: int, body: bytes) -> bytes:
    """A generic netlink message: nlmsghdr, genlmsghdr, attributes."""
    return struct.pack("=IHHIIBBH", 20 + len(body), family, flags, 1, 0, command, 1, 0) + body


def attribute(kind: int, data: bytes) -> bytes:
    """Length, kind, data; the next one begins at a multiple of 4 octets."""
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def attributes(body: bytes) -> dict[int, bytes]:
    """Those of a message, by kind; what follows a damaged one is left out."""
    found: dict[int, bytes] = {}
    while len(body) >= 4:
        length, kind = struct.unpack_from("=HH", body)
        if not 4 <= length <= len(body):
            break
        found[kind & 0x3FFF] = body[4:length]  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER
        body = body[(length + 3) & ~3 :]
    return found


def is_over(data: bytes) -> bool:
    """Whether what was received ends an answer of several messages."""
    return any(kind == _DONE for kind, _ in _messages(data))


def _payloads(data: bytes) -> Iterator[bytes]:
    """The attributes of each message of a family. Raises OSError where the kernel says so."""
    for kind, content in _messages(data):
        if kind == _ERROR:
            (error,) = struct.unpack_from("=i", content)
            if error:
                raise OSError(-error, os.strerror(-error))
        elif kind != _DONE:
            yield content[4:]


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        if not 16 <= length <= len(data):
            break
        yield kind, data[16:length]
        data = data[(length + 3) & ~3 :]
