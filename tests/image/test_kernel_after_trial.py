"""The kernel of a slot that has proved itself: a power cut at any moment leaves a kernel and an initrd that fit."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "image-build/files/usr/lib/rufweiche/kernel-after-trial"
OLD, NEW = "6.12.1", "6.12.2"
CHANGES = ("cp", "mv", "cat", "rm", "truncate")
"""Programs by which it changes anything; the power goes before any of their runs."""


KEPT = ["initrd.img", "initrd.img.old", "vmlinuz", "vmlinuz.old"]


class Card:
    def __init__(self, folder):
        self.boot, self.own, self.box, self.modules, self.tools = (
            folder / name for name in ("firmware", "boot", "box", "modules", "bin")
        )
        for each in (self.boot, self.own, self.box, self.modules / NEW, self.tools):
            each.mkdir(parents=True)
        (self.box / "slot").write_text("B\n")
        (self.modules / NEW / "card.ko").touch()
        self.other = self.box / "other/usr/lib/modules"
        (self.other / OLD).mkdir(parents=True)
        (self.boot / "vmlinuz").write_text(f"kernel {OLD}")
        (self.boot / "initrd.img").write_text(f"<{OLD}>")
        (self.own / f"vmlinuz-{NEW}").write_text(f"kernel {NEW}")
        (self.own / "initrd.img").write_text(f"<{NEW}>")
        for name in ("mount", "umount"):
            self.tool(name, "exit 0")
        self.tool("sync", "exit 0")

    def tool(self, name, text):
        (self.tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.tools / name).chmod(0o755)

    def run(self, cut=0, refused=""):
        """`cut`: before which of the changes the power goes; 0: it does not. `refused`: what has no room on the card.
        Whether it came to its end."""
        (self.tools / "count").write_text("0\n")
        for name in CHANGES:
            self.tool(
                name,
                f"n=$(($(/bin/cat {self.tools}/count 2>/dev/null) + 1)); echo $n >{self.tools}/count\n"
                f"[ $n != {cut} ] || {{ kill -9 $PPID; exit 1; }}\n"
                f"case $* in {refused or '!'}) exit 1 ;; esac\n"
                f'exec /bin/{name} "$@"',
            )
        way = {"BOOT": self.boot, "OWN": self.own, "BOX": self.box, "MODULES": self.modules}
        done = subprocess.run(
            ["sh", SCRIPT],
            env={
                **os.environ,
                **{key: str(value) for key, value in way.items()},
                "PATH": f"{self.tools}:/usr/bin:/bin",
            },
            check=False,
        )
        return done.returncode == 0

    def restart(self):
        """What lay in memory is gone."""
        for path in self.box.glob("initrd-*"):
            path.unlink()

    def fits(self):
        version = (self.boot / "vmlinuz").read_text().split()[1]
        return f"<{version}>" in (self.boot / "initrd.img").read_text()


@pytest.fixture
def card(tmp_path):
    return Card(tmp_path)


def test_kernel_initrd_and_modules(card):
    assert card.run()
    assert (card.boot / "vmlinuz").read_text() == f"kernel {NEW}"
    assert (card.boot / "initrd.img").read_text() == f"<{NEW}>"
    assert sorted(path.name for path in card.other.iterdir()) == [OLD, NEW]
    assert (card.other / NEW / "card.ko").exists()
    assert sorted(path.name for path in card.boot.iterdir()) == KEPT
    assert (card.boot / "vmlinuz.old").read_text() == f"kernel {OLD}"
    assert f"<{OLD}>" in (card.boot / "initrd.img.old").read_text()


def test_without_room_for_the_old_ones(card):
    assert card.run(refused="*.old.new")
    assert sorted(path.name for path in card.boot.iterdir()) == ["initrd.img", "vmlinuz"]
    assert (card.boot / "vmlinuz").read_text() == f"kernel {NEW}"


def test_the_same_kernel_is_left_alone(card):
    assert card.run()
    before = [path.stat().st_mtime_ns for path in sorted(card.boot.iterdir())]
    assert card.run()
    assert [path.stat().st_mtime_ns for path in sorted(card.boot.iterdir())] == before


def test_the_power_goes_before_any_change(tmp_path):
    """And once more while it goes on."""
    cut, ended = 0, False
    while not ended:
        cut += 1
        card = Card(tmp_path / str(cut))
        ended = card.run(cut)
        assert card.fits(), cut
        card.restart()
        card.run(max(1, cut // 2))
        assert card.fits(), cut
        card.restart()
        assert card.run()
        assert (card.boot / "initrd.img").read_text() == f"<{NEW}>"
        assert card.fits()
        assert (card.other / NEW / "card.ko").exists()
        assert (card.boot / "vmlinuz.old").read_text() == f"kernel {OLD}"
    assert cut > 12
