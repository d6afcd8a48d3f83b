"""What the machine says of itself: versions, model, the clock. Read where the box's own services leave it."""

from __future__ import annotations

import array
import fcntl
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from appliance import __version__
from appliance.core.addresses import HOTSPOT_NAME
from web.box import Box

RUN = Path("/run/rufweiche-box")
"""Where a box made from the image says how it started; nothing is there on any other machine."""
MODEL = Path("/proc/device-tree/model")
NET = Path("/sys/class/net")
LONGEST = 300
_SIOCGIWESSID = 0x8B1B
"""Which Wi-Fi a device is in: linux/wireless.h. Any process may ask, on any socket, and needs no NetworkManager."""
_LONGEST_NAME = 32


def versions(box: Box) -> tuple[str, str | None]:
    """Of the page, and of the engine that runs; None: none does."""
    running = (box.live or {}).get("version")
    return __version__, running if isinstance(running, str) else None


def model() -> str | None:
    """What machine it is, "Raspberry Pi Zero 2 W Rev 1.0"; None where it does not say."""
    return line(MODEL)


def clock(box: Box) -> tuple[bool, str | None]:
    """Whether the time is known, and by whom: "network", "hardware", "mobile", "last" (core/clock_trust), None where
    the engine does not say."""
    said: Any = (box.live or {}).get("clock")
    if isinstance(said, dict) and isinstance(said.get("known"), bool):
        by = said.get("by")
        return box.clock_known, by if isinstance(by, str) else None
    return box.clock_known, None


def wifi() -> str | None:
    """The name of the Wi-Fi the box is in, its own hotspot not counted; None: it is in none, or has no radio."""
    with suppress(OSError):
        for device in sorted(one.parent.name for one in NET.glob("*/wireless")):
            name = _essid(device)
            if name and name != HOTSPOT_NAME:
                return name
    return None


def _essid(device: str) -> str | None:
    """Of one device. The kernel writes it to where the request points, and its length into the request."""
    name = array.array("B", bytes(_LONGEST_NAME + 1))
    request = struct.pack("16sPHH", device.encode()[:15], name.buffer_info()[0], _LONGEST_NAME, 0)
    with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, _SIOCGIWESSID, request)
        length: int = struct.unpack("16sPHH", answer[: len(request)])[2]
        found = name.tobytes()[: min(length, _LONGEST_NAME)].rstrip(b"\0").decode(errors="replace")
        return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in found)
    return None


def line(path: Path) -> str | None:
    """A small file's text in one line; None: there is none."""
    with suppress(OSError):
        return " ".join(path.read_text(errors="replace").replace("\0", " ").split())[:LONGEST] or None
    return None


def data_lost() -> str | None:
    """What became of data that could not be read any more when the box started: "empty": they are gone, and the box
    begins anew; "memory": the card takes none, what is entered is gone with the power. None: nothing was lost."""
    said = line(RUN / "data-lost")
    return None if said is None else "memory" if said == "memory" else "empty"
