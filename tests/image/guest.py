"""The image running in QEMU, seen from outside: its page, its SSH, its console, a modem and a stick on its USB."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

DIST = Path(os.environ.get("IMAGE_DIST", Path(__file__).parents[2] / "dist"))
RECIPE = Path(__file__).parents[2] / "image-build"
SLOW = float(os.environ.get("IMAGE_TEST_SLOW", "1"))
"""Every limit below is for a quiet machine of 2 cores; this is how much slower another one may be."""
PAGE = "/"


def until(check: Callable[[], Any], within: float, what: str, every: float = 1.0) -> Any:
    """What `check` says once it says something; fails the test after `within` seconds."""
    end = time.monotonic() + within * SLOW
    while not (value := check()):
        assert time.monotonic() < end, f"not within {within * SLOW:.0f} s: {what}"
        time.sleep(every)
    return value


def newest(pattern: str) -> Path:
    """The last file of a build."""
    found = sorted(DIST.glob(pattern), key=lambda path: path.stat().st_mtime)
    assert found, f"no {pattern} in {DIST}: run make image first"
    return found[-1]


def copy_sparse(source: Path, target: Path) -> Path:
    """A copy that keeps the holes of an image."""
    subprocess.run(["cp", "--sparse=always", source, target], check=True)
    return target


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Guest:
    """One card in one machine. `start` it, ask it, `stop` it (power cut) or `shut_down`."""

    def __init__(
        self, card: Path, folder: Path, key: Path | None = None, drive: str | None = None, more: str = ""
    ) -> None:
        self.card, self.folder, self.key = card, folder, key
        self.usb = folder / "usb"
        self.console = folder / "console.log"
        self.page_port, self.ssh_port = _free_port(), _free_port()
        self.began = 0.0
        self._monitor = folder / "monitor"
        self._drive = drive or f"if=none,id=card,format=raw,file={card}"
        self._more = more
        self._qemu: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Power on."""
        for old in (self.usb, self._monitor):
            old.unlink(missing_ok=True)
        line = (RECIPE / "boot/cmdline.txt").read_text().strip().replace("console=tty0", "console=ttyAMA0")
        line += f" systemd.watchdog_sec=180 systemd.show_status=1 {self._more}"
        command = [
            "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "768", "-display", "none",
            "-kernel", str(newest("vmlinuz")), "-initrd", str(newest("initrd.img")), "-append", line,
            *(["-drive", self._drive] if "-blockdev" not in self._drive else shlex.split(self._drive)),
            "-device", "virtio-blk-pci,drive=card", "-device", "virtio-rng-pci",
            "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.page_port}-:80,"
                       f"hostfwd=tcp:127.0.0.1:{self.ssh_port}-:22",
            "-device", "virtio-net-pci,netdev=net", "-device", "qemu-xhci,id=xhci",
            "-chardev", f"socket,id=us,path={self.usb},server=on,wait=off", "-device", "usb-serial,chardev=us",
            "-serial", f"file:{self.console}", "-monitor", f"unix:{self._monitor},server,nowait",
        ]  # fmt: skip
        self.began = time.monotonic()
        self._qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        until(self.usb.exists, 10, "QEMU", 0.1)

    def stop(self) -> None:
        """Pull the plug."""
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
            self._qemu = None

    def shut_down(self) -> None:
        """As `systemctl poweroff` does it."""
        with contextlib.suppress(subprocess.SubprocessError):
            self.ask("sudo systemctl poweroff", check=False)
        assert self._qemu is not None
        self._qemu.wait(120 * SLOW)
        self._qemu = None

    def is_running(self) -> bool:
        """Whether QEMU is."""
        return self._qemu is not None and self._qemu.poll() is None

    def said(self) -> str:
        """The console so far."""
        return self.console.read_text(errors="replace") if self.console.exists() else ""

    # --- ways in ----------------------------------------------------------------------------------

    def page(self, path: str = PAGE, timeout: float = 20) -> int | None:
        """The status the page answers with; None: it does not. Redirects are followed."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.page_port}{path}", timeout=timeout) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def opens(self, port: int) -> bool:
        """Whether something in the guest listens behind a forwarded port: QEMU itself accepts, so a byte must come."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as line:
            line.settimeout(15)
            return bool(line.recv(1))
        return False

    def ask(self, command: str, check: bool = True, within: float = 120, given: bytes | None = None) -> str:
        """What a command says over SSH."""
        assert self.key is not None
        full = [
            "ssh", "-q", "-i", str(self.key), "-p", str(self.ssh_port), "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=20", "-o", "BatchMode=yes",
            "installer@127.0.0.1", command,
        ]  # fmt: skip
        done = subprocess.run(full, capture_output=True, timeout=within * SLOW, check=False, input=given)
        if check:
            assert done.returncode == 0, f"{command}: {done.returncode}: {done.stderr.decode()} {done.stdout.decode()}"
        return done.stdout.decode()

    def is_up(self) -> bool:
        """Whether SSH answers."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.ask("echo up", check=False, within=30) == "up\n"
        return False

    def up(self, within: float = 240) -> float:
        """Wait for SSH; seconds since power on."""
        until(lambda: self.is_up() or not self.is_running(), within, f"SSH; console: {self.said()[-1500:]}", 2)
        assert self.is_running(), self.said()[-3000:]
        return time.monotonic() - self.began

    def monitor(self, command: str) -> str:
        """A line to QEMU's monitor."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self._monitor))
            _prompt(line)
            line.sendall(command.encode() + b"\n")
            return _prompt(line)

    def plug_stick(self, image: Path) -> None:
        """A USB stick."""
        said = self.monitor(f"drive_add 0 if=none,id=stick,format=raw,readonly=on,file={image}")
        assert "OK" in said, said
        said = self.monitor("device_add usb-storage,id=stickdev,drive=stick,bus=xhci.0")
        assert "Error" not in said, said

    def pull_stick(self) -> None:
        """Pulled out."""
        self.monitor("device_del stickdev")
        time.sleep(2)
        self.monitor("drive_del stick")


def _prompt(line: socket.socket) -> str:
    text = b""
    while not text.endswith(b"(qemu) "):
        data = line.recv(65536)
        if not data:
            break
        text += data
    return text.decode(errors="replace")


def stick_with(file: Path, image: Path) -> Path:
    """A FAT stick with one file on it."""
    image.unlink(missing_ok=True)
    size = max(64 << 20, file.stat().st_size + (32 << 20))
    with image.open("wb") as made:
        made.truncate(size)
    subprocess.run(
        [shutil.which("mkfs.vfat") or "/usr/sbin/mkfs.vfat", "-F", "32", image], check=True, capture_output=True
    )
    subprocess.run(["mcopy", "-i", image, file, "::"], check=True)
    return image


class Wire:
    """Carries bytes between a guest's USB serial port and a pseudo-terminal."""

    def __init__(self, usb: Path, port: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(usb))
        self._port = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._end_read, self._end_write = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        chosen = selectors.DefaultSelector()
        for end in (self._socket.fileno(), self._port, self._end_read):
            chosen.register(end, selectors.EVENT_READ)
        while True:
            for key, _ in chosen.select():
                if key.fd == self._end_read:
                    return
                try:
                    data = os.read(key.fd, 4096)
                except OSError:
                    data = b""
                if not data:
                    return
                if key.fd == self._port:
                    self._socket.sendall(data)
                else:
                    os.write(self._port, data)

    def cut(self) -> None:
        """Unplug: the guest sees the port go."""
        os.write(self._end_write, b"!")
        self._thread.join(5)
        self._socket.close()
        os.close(self._port)
