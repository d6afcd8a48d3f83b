"""The units as systemd itself judges them, and what they must say for a box that nobody looks after."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from web.serve import HTTPS

UNITS = Path(__file__).parents[2] / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
SOCKETS = sorted(path.name for path in UNITS.glob("*.socket"))
KEEP_RUNNING = ["rufweiche-engine.service", "rufweiche-web.service"]
HIGHEST_EXPOSURE = 2.0
NEWER = re.compile(r"Unknown key (?:name )?'(RestartSteps|RestartMaxDelaySec)'")
"""What the systemd of Debian 12 does not know yet: there pauses do not grow, and it says so."""


class Unit(configparser.RawConfigParser):
    """A unit file: keys as they are, each of those given twice."""

    def __init__(self, name):
        super().__init__(strict=False, interpolation=None, comment_prefixes=("#",))
        self.optionxform = str
        text = re.sub(r"(?m)^(\w+)=", self._numbered(), (UNITS / name).read_text())
        self.read_string(text)

    @staticmethod
    def _numbered():
        seen = {}

        def number(match):
            key = match[1]
            seen[key] = seen.get(key, 0) + 1
            return match[0] if seen[key] == 1 else f"{key}@{seen[key]}="

        return number

    def all(self, section, key):
        return [value for name, value in self[section].items() if name.split("@")[0] == key]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A root in which the units and what they start exist."""
    folder = tmp_path_factory.mktemp("root")
    system = folder / "usr/lib/systemd/system"
    system.mkdir(parents=True)
    for path in UNITS.glob("rufweiche-*"):
        shutil.copy(path, system)
    for path in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copy(path, system)
    for name in ("-.slice", "system.slice", "sysinit.target", "shutdown.target"):
        if (found := Path("/usr/lib/systemd/system", name)).exists():
            shutil.copy(found, system)
    for program in ("usr/bin/rufweiche", "usr/lib/rufweiche/keep-log"):
        (folder / program).parent.mkdir(parents=True, exist_ok=True)
        (folder / program).write_text("#!/bin/sh\n")
        (folder / program).chmod(0o755)
    return folder


def analyze(*command):
    return subprocess.run(["systemd-analyze", *command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", [*SERVICES, *SOCKETS, "rufweiche-maintenance.timer"])
def test_systemd_finds_nothing_wrong(name, root):
    done = analyze("verify", "--man=no", f"--root={root}", f"/usr/lib/systemd/system/{name}")
    found = [line for line in done.stderr.splitlines() if "rufweiche" in line and not NEWER.search(line)]
    assert found == []
    assert done.returncode == 0 or NEWER.search(done.stderr), done.stderr


def test_a_wrong_unit_would_be_found(root):
    wrong = root / "usr/lib/systemd/system/wrong.service"
    wrong.write_text("[Service]\nExecStart=/usr/bin/rufweiche-wrong\nWatchdogSex=3\n")
    done = analyze("verify", "--man=no", f"--root={root}", "/usr/lib/systemd/system/wrong.service")
    wrong.unlink()
    assert "WatchdogSex" in done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_exposure_is_small(name, root):
    done = analyze("security", "--offline=true", "--no-pager", f"--root={root}", name)
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert score, done.stderr
    assert float(score[1]) <= HIGHEST_EXPOSURE


@pytest.mark.parametrize("name", KEEP_RUNNING)
def test_it_is_started_again_for_ever(name):
    unit = Unit(name)
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["Restart"] == "always"
    assert int(unit["Service"]["RestartSteps"]) >= 4
    assert unit["Service"]["RestartMaxDelaySec"] == "60"


def test_the_engine_is_watched():
    service = Unit("rufweiche-engine.service")["Service"]
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert 10 <= int(service["WatchdogSec"]) <= 120
    assert int(service["TimeoutStopSec"]) >= 10, "the engine may take 10 s to release its lines"


def test_the_page_is_watched():
    service = Unit("rufweiche-web.service")["Service"]
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert 60 <= int(service["WatchdogSec"]) <= 300, "a queue of passwords on a slow box takes a minute"


def test_engine_and_page_are_different_users():
    engine, page = (Unit(name)["Service"] for name in KEEP_RUNNING)
    assert engine["User"] == "rufweiche"
    assert page["User"] == "rufweiche-web"


def test_only_the_engine_reaches_devices():
    allowed = {name: Unit(name).all("Service", "DeviceAllow") for name in SERVICES}
    assert {name for name, devices in allowed.items() if devices} == {"rufweiche-engine.service"}
    assert all(Unit(name)["Service"]["DevicePolicy"] == "closed" for name in SERVICES)
    groups = Unit("rufweiche-web.service")["Service"]["SupplementaryGroups"].split()
    assert not {"dialout", "gpio"} & set(groups)
    assert {"dialout", "gpio"} <= set(Unit("rufweiche-engine.service")["Service"]["SupplementaryGroups"].split())


@pytest.mark.parametrize("name", sorted(path.name for path in UNITS.glob("rufweiche-*")))
def test_each_block_of_directives_has_its_comment(name):
    text = (UNITS / name).read_text()
    assert text.startswith("# ")
    assert text.count("\n#") >= 1


def test_the_page_has_the_sockets_of_the_web_and_no_other():
    ports = {name: Unit(name).all("Socket", "ListenStream") for name in SOCKETS}
    assert ports == {"rufweiche-web.socket": ["80"], "rufweiche-web-tls.socket": ["443"]}
    secure = Unit("rufweiche-web-tls.socket")["Socket"]
    assert (secure["FileDescriptorName"], secure["Service"]) == (HTTPS, "rufweiche-web.service")


def test_modem_manager_keeps_off_every_serial_port_on_usb():
    rules = (UNITS / "conf/udev.rules").read_text()
    line = next(line for line in rules.splitlines() if 'SUBSYSTEM=="tty"' in line and "ID_MM" in line)
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in line
    assert 'ACTION!="remove"' in line


def test_logs_are_in_memory_and_bounded():
    journal = configparser.RawConfigParser()
    journal.optionxform = str
    journal.read(UNITS / "conf/journald.conf")
    assert journal["Journal"]["Storage"] == "volatile"
    assert journal["Journal"]["RuntimeMaxUse"] == "16M"


def test_the_drivers_of_what_the_engine_may_open_are_there_before_it():
    """systemd resolves char-NAME as the unit starts: without its driver the rule is silently empty."""
    drivers = {"char-ttyUSB": "usbserial", "char-ttyACM": "cdc-acm", "char-usb_device": "usbcore", "char-alsa": "snd"}
    built_in = {"char-gpiochip"}
    loaded = (UNITS / "conf/modules-load.conf").read_text().split("\n")
    allowed = {value.split()[0] for value in Unit("rufweiche-engine.service").all("Service", "DeviceAllow")}
    assert allowed - built_in == set(drivers)
    assert set(drivers.values()) <= set(loaded)
    assert "systemd-modules-load.service" in Unit("rufweiche-engine.service").all("Unit", "After")
