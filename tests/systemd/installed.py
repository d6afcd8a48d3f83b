"""The package in a container of its own: installed twice, started by systemd, asked, killed, removed.

Not among the tests of `make test`: it needs root and systemd-nspawn, and makes a small Debian first (a minute, kept in
$CACHE). Run by `make package-test`. The container has no network and sees no device.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
CACHE = Path(os.environ.get("CACHE", Path.home() / ".cache/rufweiche-image"))
PACKAGES = "systemd-sysv,udev,dbus,python3,openssl,procps,iproute2,passwd"
SETTINGS = """
[business]
name = "Tischlerei Muster"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
[[target]]
name = "desk"
number = "+49301111111"
[[plan]]
name = "open"
chain = ["desk"]
[timetable]
otherwise = "open"
[box]
hostname = "laden"
wifi = { ssid = "Laden", password = "Hobelbank 7" }
setup_code = "ABCD2345"
"""


def until(check, within, what):
    end = time.monotonic() + within
    while not (value := check()):
        assert time.monotonic() < end, f"not within {within} s: {what}"
        time.sleep(0.5)
    return value


class Container:
    """A system booted by systemd from a folder."""

    def __init__(self, folder):
        self.folder = folder
        self._nspawn = None

    def chroot(self, *command):
        """Run something before it is booted."""
        whole = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--pipe", "-D", self.folder, *command]
        done = subprocess.run(whole, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def boot(self):
        whole = [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "--private-network",
            "--timezone=off", "-D", self.folder, "--boot",
        ]  # fmt: skip
        self._nspawn = subprocess.Popen(
            whole, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: self.ask("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"), 120,
              "the container is up")  # fmt: skip

    def _leader(self):
        found = subprocess.run(["pgrep", "-P", str(self._nspawn.pid)], capture_output=True, text=True, check=False)
        return found.stdout.split()[0] if found.stdout.split() else None

    def ask(self, *command, check=True):
        leader = self._leader()
        if leader is None:
            return ""
        done = subprocess.run(
            ["nsenter", "-t", leader, "-a", *command], capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def python(self, text, check=True):
        return self.ask("python3", "-c", text, check=check)

    def show(self, unit, what):
        return self.ask("systemctl", "show", "--value", "-p", what, unit).strip()

    def stop(self):
        if self._nspawn is not None:
            self._nspawn.send_signal(signal.SIGTERM)
            self._nspawn.wait(60)
            self._nspawn = None


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    said = subprocess.run([TREE / "packaging/deb.sh", folder], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr[-2000:]
    return Path(said.stdout.split()[-1])


def _debian():
    """The tar of a small Debian whose Python is the package's."""
    tar = CACHE / f"native-{PACKAGES.replace(',', '+')}.tar"
    if not tar.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        suite = next(
            line.split("=")[1].strip() for line in Path("/etc/os-release").read_text().splitlines()
            if line.startswith("VERSION_CODENAME=")
        )  # fmt: skip
        mirror = subprocess.run(
            "apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian'"
            " | sed /security/d | head -n 1", shell=True, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        part = tar.with_name("native.part.tar")
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=essential", f"--include={PACKAGES}", suite, part, mirror], check=True
        )
        part.rename(tar)
    return tar


@pytest.fixture(scope="module")
def box(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("container") / "root"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder, "-f", _debian()], check=True)
    (folder / "etc/machine-id").write_text("")
    (folder / "boot/firmware").mkdir(parents=True)
    (folder / "boot/firmware/rufweiche.toml").write_text(SETTINGS)
    shutil.copy(package, folder / "root/rufweiche.deb")
    container = Container(folder)
    for _ in range(2):
        container.chroot("dpkg", "--install", "/root/rufweiche.deb")
    container.boot()
    yield container
    if os.environ.get("SHOW_JOURNAL"):
        print(container.ask("journalctl", "-b", "--no-pager", "-o", "cat", "-u", "rufweiche*"))  # noqa: T201
    container.stop()
    subprocess.run(["rm", "-rf", "--one-file-system", folder], check=True)


def test_no_unit_failed(box):
    assert box.ask("systemctl", "--failed", "--no-legend", "--plain").strip() == ""


def test_the_engine_has_said_that_it_is_ready(box):
    until(lambda: box.show("rufweiche-engine", "ActiveState") == "active", 30, "engine ready")
    assert box.show("rufweiche-engine", "Type") == "notify"
    assert "down" in box.show("rufweiche-engine", "StatusText")  # its line has no modem here


def test_the_settings_were_taken_in_and_are_gone(box):
    assert sorted(path.name for path in (box.folder / "boot/firmware").iterdir()) == ["rufweiche-taken-in.txt"]
    said = json.loads(box.ask("rufweiche", "status", "--json"))
    assert [line["name"] for line in said["lines"]] == ["office"]
    assert box.ask("cat", "/etc/hostname") == "laden\n"
    assert (
        box.ask("stat", "-c", "%a %U", "/etc/NetworkManager/system-connections/rufweiche-wifi.nmconnection")
        == "600 root\n"
    )


def test_the_page_answers_on_port_80(box):
    status = box.python("import urllib.request as u; print(u.urlopen('http://127.0.0.1/', timeout=20).status)")
    assert status == "200\n"


def test_only_the_page_listens(box):
    listening = box.ask("ss", "-Htuln").split("\n")
    ports = {line.split()[4].rsplit(":", 1)[1] for line in listening if line.strip()}
    assert ports == {"80", "443"}  # at the second nobody is let in until the owner switches HTTPS on


OWNER = """
import http.cookiejar, re, ssl, urllib.error, urllib.parse, urllib.request as u
browser = u.build_opener(u.HTTPCookieProcessor(http.cookiejar.CookieJar()))
def send(path, form, **fields):
    page = browser.open('http://127.0.0.1' + form, timeout=30).read().decode()
    fields['csrf_token'] = re.search('csrf_token" value="([^"]+)"', page)[1]
    return browser.open('http://127.0.0.1' + path, urllib.parse.urlencode(fields).encode(), timeout=60).read().decode()
def secure():
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        return u.urlopen('https://127.0.0.1/login', timeout=30, context=trusting).status
    except OSError as error:
        return type(error).__name__
send('/login', '/login', password='Kiefer und Eiche')
print(secure())
shown = send('/network/https', '/network/', do='on')
print(secure(), len(re.findall('(?:[0-9A-F]{2}:){31}[0-9A-F]{2}', shown)))
send('/network/https', '/network/', do='off')
print(secure())
"""


def test_https_is_switched_on_by_the_owner(box):
    """In the service's own sandbox: the certificate made, the other socket handed over, TLS spoken."""
    box.ask("sh", "-c", "echo Kiefer und Eiche | rufweiche reset-password")
    box.ask("chown", "-R", "rufweiche:rufweiche", "/var/lib/rufweiche", "--from=root")
    said = box.python(OWNER).splitlines()
    assert said == ["URLError", "200 1", "URLError"]
    assert box.ask("stat", "-c", "%a %U", "/var/lib/rufweiche/https/pair.pem") == "600 rufweiche-web\n"


def test_each_has_a_user_of_its_own(box):
    for unit, user in (("rufweiche-engine", "rufweiche"), ("rufweiche-web", "rufweiche-web")):
        pid = box.show(unit, "MainPID")
        assert box.ask("stat", "-c", "%U", f"/proc/{pid}") == f"{user}\n"


def test_state_is_nobody_elses(box):
    assert box.ask("stat", "-c", "%a %U %G", "/var/lib/rufweiche") == "2770 rufweiche rufweiche\n"
    for line in box.ask("find", "/var/lib/rufweiche", "-type", "f", "-printf", "%m %p\n").splitlines():
        assert line.split()[0][-1] == "0", line


def test_the_page_may_write_nothing_outside_its_own(box):
    found = box.ask(
        "setpriv", "--reuid=rufweiche-web", "--regid=rufweiche-web", "--init-groups",
        "find", "/", "-xdev", "-not", "-type", "l", "-writable", "-not", "-path", "/proc/*", "-not", "-path", "/sys/*",
        "-not", "-path", "/dev/*", check=False,
    )  # fmt: skip
    outside = [
        path
        for path in found.splitlines()
        if not path.startswith(("/var/lib/rufweiche", "/tmp", "/var/tmp", "/run/lock"))
    ]
    assert outside == []


def test_killed_it_comes_back(box):
    before = box.show("rufweiche-engine", "MainPID")
    box.ask("kill", "-KILL", before)
    until(lambda: box.show("rufweiche-engine", "MainPID") not in ("0", before), 20, "engine again")
    until(lambda: box.show("rufweiche-engine", "ActiveState") == "active", 30, "engine ready again")


def test_what_led_to_it_is_kept(box):
    kept = until(lambda: box.ask("sh", "-c", "ls /var/lib/rufweiche-trouble").split(), 10, "a log kept")
    assert len(kept) == 1
    assert kept[0].startswith("engine-")


def test_hung_it_is_started_again(box):
    pid = box.show("rufweiche-engine", "MainPID")
    box.ask("kill", "-STOP", pid)
    until(lambda: box.show("rufweiche-engine", "MainPID") not in ("0", pid), 90, "the watchdog bites")


def test_stopped_it_ends_within_ten_seconds(box):
    until(lambda: box.show("rufweiche-engine", "ActiveState") == "active", 30, "engine ready")
    began = time.monotonic()
    box.ask("systemctl", "stop", "rufweiche-engine")
    assert time.monotonic() - began < 10
    assert box.show("rufweiche-engine", "Result") == "success"
    box.ask("systemctl", "start", "rufweiche-engine")


def test_the_nightly_round(box):
    box.ask("systemctl", "start", "rufweiche-maintenance.service")
    assert box.show("rufweiche-maintenance", "Result") == "success"


def test_removed_and_installed_again_it_is_there_again(box):
    box.ask("dpkg", "--remove", "rufweiche")
    box.ask("dpkg", "--install", "/root/rufweiche.deb")
    for unit in ("rufweiche-engine.service", "rufweiche-web.socket", "rufweiche-maintenance.timer"):
        until(lambda unit=unit: box.show(unit, "ActiveState") == "active", 60, f"{unit} again")
        assert box.ask("systemctl", "is-enabled", unit) == "enabled\n"


def test_removed_it_leaves_the_data_and_purged_nothing(box):
    box.ask("dpkg", "--remove", "rufweiche")
    assert box.ask("sh", "-c", "ls /usr/lib/rufweiche 2>/dev/null; true") == ""
    assert "rufweiche.sqlite3" in box.ask("ls", "/var/lib/rufweiche")
    assert box.show("rufweiche-engine", "ActiveState") == "inactive"
    box.ask("dpkg", "--purge", "rufweiche")
    assert box.ask("sh", "-c", "ls /var/lib/rufweiche 2>/dev/null; true") == ""
