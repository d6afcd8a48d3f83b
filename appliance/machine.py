"""The machine the box runs on: its name, time zone, Wi-Fi and SSH key, as files that Debian's own services read.

On the image the root is read-only and these files are links to the data partition (/data); elsewhere they lie in /etc.
Takes effect at the next start of those services, which is why it is done before them.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

from appliance.core.errors import RufweicheError
from appliance.core.settings import Box, Wifi
from appliance.store.file import sync

CONNECTION = "rufweiche-wifi.nmconnection"
_NAMES = uuid.UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")  # of no meaning: an own space of names (RFC 9562, 5.5)
_AS_IT_IS = "surrogateescape"
"""How bytes that are no UTF-8 are carried through a text (PEP 383)."""


class MachineError(RufweicheError):
    """A file of the system cannot be written."""


class Machine:
    """The file system below `root`."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def apply(self, box: Box, timezone: str) -> list[str]:
        """Set up what the table says, else `timezone`; what was done, a line each. Raises MachineError."""
        try:
            self.set_hostname(box.hostname)
            self.set_timezone(box.timezone or timezone)
            done = [f"host name {box.hostname}", f"time zone {box.timezone or timezone}"]
            if box.wifi:
                self.join(box.wifi)
                done.append("Wi-Fi")
            if box.ssh_key:
                done.append("SSH key" if self.allow(box.ssh_key) else "no SSH key: only the image takes one")
        except OSError as error:
            raise MachineError(f"{error.filename}: {error.strerror}") from error
        return done

    def set_hostname(self, name: str) -> None:
        """The name in files; the kernel's is set at the next start, or by whoever calls."""
        write(self.place("etc/hostname"), f"{name}\n", 0o644)
        hosts = self.place("etc/hosts")
        # hosts(5) knows no coding: what somebody wrote into a comment stays as it is
        text = hosts.read_text(encoding="utf-8", errors=_AS_IT_IS) if hosts.exists() else "127.0.0.1 localhost"
        lines = text.removesuffix("\n").split("\n")
        kept = [line for line in lines if line.split("#")[0].split()[:1] != ["127.0.1.1"]]
        write(hosts, "\n".join([*kept, f"127.0.1.1 {name}", ""]), 0o644)

    def set_timezone(self, name: str) -> None:
        """A link, as localtime(5) wants it."""
        place = self.place("etc/localtime")
        beside = place.with_name(f".{place.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(f"/usr/share/zoneinfo/{name}")
        beside.replace(place)
        sync(place.parent)

    def join(self, wifi: Wifi) -> None:
        """A connection of NetworkManager's (nm-settings-keyfile(5)); readable by root alone, or it is ignored."""
        folder = self.place("etc/NetworkManager/system-connections")
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / CONNECTION, keyfile(wifi), 0o600)

    def allow(self, ssh_key: str) -> bool:
        """Let the holder of this key in, whom sshd of the image looks for there; False where there is no image."""
        if not self.authorized_keys.parent.is_dir():
            return False
        write(self.authorized_keys, f"{ssh_key}\n", 0o644)
        return True

    @property
    def authorized_keys(self) -> Path:
        """Who may log in."""
        return self._root / "data/etc/ssh/authorized_keys"

    def place(self, name: str) -> Path:
        """Where a file of the system is written: where its link to the data partition leads, or there itself."""
        path = self._root / name
        if path.is_symlink() and (target := str(path.readlink())).startswith("/data/"):
            return self._root / target[1:]
        return path


def keyfile(wifi: Wifi) -> str:
    """The connection. The network's name goes in as bytes, which need no escaping."""
    octets = wifi.ssid.encode()
    lines = [
        "[connection]", "id=rufweiche-wifi", f"uuid={uuid.uuid5(_NAMES, wifi.ssid)}", "type=wifi",
        "autoconnect-priority=10", "",
        "[wifi]", "mode=infrastructure", f"ssid={''.join(f'{octet};' for octet in octets)}",
    ]  # fmt: skip
    if wifi.hidden:
        lines.append("hidden=true")
    if wifi.password:
        escaped = wifi.password.replace("\\", "\\\\")
        if escaped.startswith(" "):
            escaped = "\\s" + escaped[1:]  # GKeyFile drops blanks after the =
        lines += ["", "[wifi-security]", "key-mgmt=wpa-psk", f"psk={escaped}"]
    lines += ["", "[ipv4]", "method=auto", "", "[ipv6]", "method=auto", ""]
    return "\n".join(lines)


def write(path: Path, text: str, mode: int) -> None:
    """All of it or nothing, also when the power goes; never readable by more than `mode` says. Raises OSError."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8", errors=_AS_IT_IS) as file:
        with suppress(PermissionError):  # of a file system without modes, whose files are all somebody else's
            os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync(path.parent)


def shred(path: Path) -> None:
    """Overwrite in place, then remove. What a card keeps in worn-out cells is beyond anyone's reach. Raises OSError."""
    with path.open("r+b") as opened:
        opened.write(bytes(path.stat().st_size))
        opened.flush()
        os.fsync(opened.fileno())
    path.unlink()
    sync(path.parent)
