"""The networks the box is in, and its hotspot, over NetworkManager's nmcli. Nothing else here knows NetworkManager."""

from __future__ import annotations

import logging
import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence

from appliance.core.errors import RufweicheError
from appliance.core.hotspot import Picture
from appliance.ports import stations

log = logging.getLogger(__name__)

HOTSPOT = "rufweiche-hotspot"
"""The connection's name; it lives in memory only (`save no`) and never begins by itself."""
ADDRESS = "10.42.0.1/24"
WITHIN = 30.0
"""Seconds for one command; bringing a hotspot up takes some ten."""


class NetworkError(RufweicheError):
    """NetworkManager is not there, or refused; the text says why."""


class NetworkManager:
    """Asks and tells nmcli. `run`: given its arguments gives its output; raises NetworkError."""

    def __init__(self, run: Callable[[Sequence[str]], str] | None = None) -> None:
        self._run = run or _nmcli

    def picture(self) -> Picture:
        """How things are. Raises NetworkError."""
        devices = list(self._rows("DEVICE,TYPE,STATE,CONNECTION", "device", "status"))
        ours = {name for name, _, _, connection, *_ in devices if connection == HOTSPOT}
        connected = [
            (kind, name) for name, kind, state, *_ in devices
            if kind in ("ethernet", "wifi") and state.startswith("connected") and name not in ours
        ]  # fmt: skip
        by_device = self._addresses()
        addresses = [one for kind, name in sorted(connected) for one in by_device.get(name, [])]
        return Picture(
            addresses=tuple(dict.fromkeys(addresses)),
            has_radio=_radio(devices) is not None,
            radio_in_use=any(kind == "wifi" for kind, _ in connected),
            is_open=bool(ours),
            guests=_guests(ours),
            knows_networks=any(
                kind == "802-11-wireless" and name != HOTSPOT
                for name, kind, *_ in self._rows("NAME,TYPE", "connection", "show")
            ),
        )

    def open_hotspot(self, name: str, key: str | None) -> None:
        """A Wi-Fi of this name (WPA2 with this key, or open), with DHCP; every name leads here. Raises NetworkError."""
        radio = _radio(self._rows("DEVICE,TYPE,STATE", "device", "status"))
        if radio is None:
            raise NetworkError("there is no Wi-Fi device")
        self.close_hotspot()
        guarded = ["wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.proto", "rsn", "wifi-sec.psk", key] if key else []
        self._run(
            ["connection", "add", "save", "no", "type", "wifi", "ifname", radio, "con-name", HOTSPOT, "autoconnect",
             "no", "ssid", name, "mode", "ap", "802-11-wireless.band", "bg", *guarded, "ipv4.method", "shared",
             "ipv4.addresses", ADDRESS, "ipv6.method", "disabled"]
        )  # fmt: skip
        self._run(["connection", "up", "id", HOTSPOT])

    def close_hotspot(self) -> None:
        """The hotspot is gone; NetworkManager goes back to the networks it knows. Raises NetworkError."""
        self.forget(HOTSPOT)

    def join(self, name: str) -> None:
        """Read the files of connections anew and begin with this one. Raises NetworkError where that fails."""
        self._run(["connection", "reload"])
        self._run(["--wait", "25", "connection", "up", "id", name])

    def forget(self, name: str) -> None:
        """Delete this connection, where there is one. Raises NetworkError."""
        if any(row[0] == name for row in self._rows("NAME", "connection", "show")):
            self._run(["connection", "delete", "id", name])

    def _addresses(self) -> dict[str, list[str]]:
        """IPv4 addresses by device, without those a device gave itself for want of DHCP (RFC 3927)."""
        found: dict[str, list[str]] = {}
        device = ""
        for key, *values in self._rows("GENERAL.DEVICE,IP4.ADDRESS", "device", "show"):
            value = ":".join(values)
            if key == "GENERAL.DEVICE":
                device = value
            elif key.startswith("IP4.ADDRESS") and value and not value.startswith("169.254."):
                found.setdefault(device, []).append(value.partition("/")[0])
        return found

    def _rows(self, fields: str, *command: str) -> Iterator[list[str]]:
        for line in self._run(["--terse", "--fields", fields, *command]).splitlines():
            if line:
                row = terse(line)
                yield row + [""] * (len(fields.split(",")) - len(row))


def terse(line: str) -> list[str]:
    r"""A line of `nmcli --terse`: fields between colons, a colon or backslash within one escaped by a backslash."""
    fields, escaped = [""], False
    for character in line:
        if character == ":" and not escaped:
            fields.append("")
        elif character != "\\" or escaped:
            fields[-1] += character
        escaped = character == "\\" and not escaped
    return fields


def monitor() -> subprocess.Popen[bytes] | None:
    """`nmcli monitor`: says a line whenever something changes; None where there is no nmcli."""
    program = shutil.which("nmcli")
    if program is None:
        return None
    try:
        return subprocess.Popen([program, "monitor"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_plain())
    except OSError as error:
        log.warning("nmcli monitor: %s", error)
        return None


def _radio(devices: Iterable[Sequence[str]]) -> str | None:
    """The first Wi-Fi device (name, type, state) that may be used: neither switched off nor kept by somebody else."""
    usable = (name for name, kind, state, *_ in devices if kind == "wifi" and state not in ("unavailable", "unmanaged"))
    return next(usable, None)


def _nmcli(arguments: Sequence[str]) -> str:
    program = shutil.which("nmcli")
    if program is None:
        raise NetworkError("NetworkManager is not here")
    try:
        done = subprocess.run(
            [program, *arguments], capture_output=True, timeout=WITHIN, check=False, env=_plain(), text=True,
            errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NetworkError(f"nmcli does not answer: {type(error).__name__}") from error
    if done.returncode:
        raise NetworkError(f"nmcli {' '.join(arguments[:2])}: {' '.join(done.stderr.split())[:200]}")
    return done.stdout


def _plain() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def _guests(devices: set[str]) -> int:
    """Who is in the Wi-Fi of these devices; nobody where the kernel does not say."""
    found = 0
    for device in devices:
        try:
            found += stations.count(device)
        except (OSError, KeyError, struct.error) as error:
            log.debug("%s: who is in the hotspot is not known: %r", device, error)
    return found
