"""Switching a USB port, on a sysfs of our own."""

import os
import stat

import pytest

from appliance.ports import usbpower
from appliance.ports.usbpower import OFF_FOR, UHUBCTL_WITHIN, UsbPower, usb_device


@pytest.fixture
def sysfs(tmp_path, monkeypatch):
    """/sys with a stick at port 2 of hub 1-1, and /dev with its port under two names."""
    device = tmp_path / "devices/usb1/1-1/1-1.2"
    tty = device / "1-1.2:1.2/ttyUSB2/tty/ttyUSB2"
    tty.mkdir(parents=True)
    (device / "idVendor").write_text("1e0e\n")
    (device / "authorized").write_text("1\n")
    port = tmp_path / "devices/usb1/1-1/1-1:1.0/1-1-port2"
    port.mkdir(parents=True)
    (port / "disable").write_text("0\n")
    (device / "port").symlink_to(port)
    (tty / "device").symlink_to(tty.parents[1])
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ttyUSB2").symlink_to(tty)
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/ttyUSB2").touch()
    (tmp_path / "dev/by-id").symlink_to(tmp_path / "dev/ttyUSB2")
    monkeypatch.setattr(usbpower, "_TTYS", tmp_path / "class")
    monkeypatch.setattr(usbpower.shutil, "which", lambda name, path: None)
    return tmp_path


def stick(sysfs):
    return sysfs / "devices/usb1/1-1/1-1.2"


@pytest.mark.parametrize("name", ["ttyUSB2", "by-id"])
def test_which_device_a_port_belongs_to(sysfs, name):
    assert usb_device(str(sysfs / "dev" / name)) == stick(sysfs)


@pytest.mark.parametrize("name", ["ttyUSB9", "../../etc/passwd", "ttyS0"])
def test_ports_of_no_usb_device(sysfs, name):
    assert usb_device(str(sysfs / "dev" / name)) is None
    assert not UsbPower().cycle(str(sysfs / "dev" / name), 0.0)


def test_the_kernels_own_switch(sysfs):
    power, switch = UsbPower(), stick(sysfs) / "port/disable"
    assert power.cycle(str(sysfs / "dev/by-id"), 100.0)
    assert (switch.read_text(), power.busy) == ("1", True)
    assert not power.cycle(str(sysfs / "dev/by-id"), 100.0)  # one at a time
    assert not power.tick(100.0 + OFF_FOR - 0.1)
    assert power.tick(100.0 + OFF_FOR)
    assert (switch.read_text(), power.busy) == ("0", False)
    assert (stick(sysfs) / "authorized").read_text() == "1\n"


def test_a_hub_without_switches(sysfs):
    (stick(sysfs) / "port/disable").unlink()
    power = UsbPower()
    assert power.cycle(str(sysfs / "dev/by-id"), 0.0)
    assert (stick(sysfs) / "authorized").read_text() == "0"
    assert power.tick(OFF_FOR)
    assert (stick(sysfs) / "authorized").read_text() == "1"


def test_where_nothing_may_be_switched(sysfs, monkeypatch):
    monkeypatch.setattr(usbpower.os, "access", lambda *_: False)
    power = UsbPower()
    assert not power.cycle(str(sysfs / "dev/by-id"), 0.0)
    assert not power.busy
    assert power.tick(0.0)


def test_a_device_that_is_gone_when_power_comes_back(sysfs):
    power = UsbPower()
    assert power.cycle(str(sysfs / "dev/by-id"), 0.0)
    (stick(sysfs) / "port").unlink()
    assert power.tick(OFF_FOR)
    assert not power.busy


@pytest.fixture
def uhubctl(sysfs, monkeypatch):
    program = sysfs / "uhubctl"

    def make(script):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(usbpower.shutil, "which", lambda name, path: str(program))
        return sysfs / "said"

    return make


def wait(power, now):
    while not power.tick(now):
        os.sched_yield()


def test_uhubctl_goes_first(sysfs, uhubctl):
    said = uhubctl(f'echo "$@" > {sysfs}/said')
    power = UsbPower()
    assert power.cycle(str(sysfs / "dev/by-id"), 0.0)
    wait(power, 0.0)
    assert said.read_text() == "--location 1-1 --ports 2 --action cycle --delay 3.0\n"
    assert (stick(sysfs) / "port/disable").read_text() == "0\n"


def test_a_stick_in_a_root_hub(sysfs, uhubctl, monkeypatch):
    said = uhubctl(f'echo "$@" > {sysfs}/said')
    monkeypatch.setattr(usbpower, "usb_device", lambda path: stick(sysfs).with_name("1-1"))
    power = UsbPower()
    power.cycle("/dev/ttyUSB2", 0.0)
    wait(power, 0.0)
    assert said.read_text().startswith("--location 1 --ports 1 ")


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 100"])
def test_a_uhubctl_that_fails_or_hangs_is_given_up(sysfs, uhubctl, script):
    uhubctl(script)
    power = UsbPower()
    assert power.cycle(str(sysfs / "dev/by-id"), 0.0)
    wait(power, UHUBCTL_WITHIN)
    assert not power.busy
