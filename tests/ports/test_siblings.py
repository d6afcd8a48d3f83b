"""Ports of one stick, in a sysfs made of folders and links as the kernel lays them out."""

import pytest

from appliance.ports import siblings


def tty(root, name, device, interface, below=True):
    folder = root / "devices" / device / f"{device}:1.{interface}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bInterfaceNumber").write_text(f"{interface:02x}\n")
    port = folder / name if below else folder
    port.mkdir(exist_ok=True)
    entry = root / "class" / name
    entry.mkdir(parents=True)
    (entry / "device").symlink_to(port)


@pytest.fixture
def ttys(tmp_path):
    for number in range(5):
        tty(tmp_path, f"ttyUSB{number}", "1-1.2", number)
    for number in range(2):
        tty(tmp_path, f"ttyUSB{5 + number}", "1-1.3", number)
    tty(tmp_path, "ttyACM0", "1-1.4", 0, below=False)
    tty(tmp_path, "ttyACM1", "1-1.4", 2, below=False)
    (tmp_path / "class" / "ttyS0").mkdir()
    return tmp_path / "class"


@pytest.mark.parametrize(
    ("path", "interface", "found"),
    [
        ("/dev/ttyUSB2", 4, "/dev/ttyUSB4"),
        ("/dev/ttyUSB6", 0, "/dev/ttyUSB5"),
        ("/dev/ttyUSB6", 4, None),
        ("/dev/ttyACM0", 2, "/dev/ttyACM1"),
        ("/dev/ttyS0", 1, None),
        ("/dev/ttyUSB99", 1, None),
    ],
)
def test_the_port_of_another_interface(ttys, path, interface, found):
    assert siblings.of(path, interface, ttys) == found


def test_a_stable_name_is_followed(ttys, tmp_path):
    (tmp_path / "ttyUSB2").touch()
    (tmp_path / "usb-Stick-if02-port0").symlink_to(tmp_path / "ttyUSB2")
    assert siblings.of(str(tmp_path / "usb-Stick-if02-port0"), 1, ttys) == "/dev/ttyUSB1"
