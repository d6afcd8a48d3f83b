"""The page of the image, used by its owner: set-up in the box's own Wi-Fi, an update sent, another name and Wi-Fi. Run
by `make image-test`.

The radios are the kernel's simulated ones: what is shown of Wi-Fi is NetworkManager's, wpa_supplicant's and our part of
it, not a Raspberry Pi's radio. The tests share a card and build on each other, in their order.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from appliance import imageprep

from .boot import calls, failed_units, figures, fresh_card, settings
from .boot import good as good  # the fixtures
from .boot import keep_figures as keep_figures
from .boot import key as key
from .browser import Browser, text
from .guest import Guest, until
from .updates import bad_bundle

PASSWORD = "Hobel Leim Zwinge"
STREET = Path(__file__).with_name("street.py")
PROFILE = "/data/etc/system-connections/rufweiche-wifi.nmconnection"
NO_SUCH, WORKSHOP = ("Nirgendwo", "gibt es nicht"), ("Werkstatt-Süd", "Leim & Zwinge 9")


@pytest.fixture(scope="module")
def customer(key):
    """A card that was prepared with a set-up code, and without a password."""
    english = settings(key).replace(b"[business]", b'[business]\nlanguage = "en"')
    (one,), mistakes = imageprep.prepare(english, None)
    assert mistakes == []
    return one


@pytest.fixture(scope="module")
def box(tmp_path_factory, key, customer):
    folder = tmp_path_factory.mktemp("page")
    guest = Guest(fresh_card(folder, toml=customer.toml), folder, key)
    guest.start()
    yield guest
    guest.stop()
    guest.card.unlink()


@pytest.fixture(scope="module")
def browser(box):
    return Browser(box.page_port)


def street(box, *command, wait=True):
    """What happens around the box; `wait`: until it is done."""
    if box.ask("ls /run/street.py 2>/dev/null; true") == "":
        box.ask("sudo tee /run/street.py >/dev/null", given=STREET.read_bytes())
    quoted = " ".join(f"'{word}'" for word in command)
    if wait:
        return box.ask(f"sudo python3 /run/street.py {quoted}")
    return box.ask(f"sudo systemd-run --quiet --collect python3 /run/street.py {quoted}")


def connections(box):
    return box.ask("sudo nmcli -t -f NAME connection show").splitlines()


def slots(box):
    return box.ask("sudo /usr/lib/rufweiche/bootslot show")


def runs_of(box, unit):
    """How often a service has begun since the start."""
    return box.ask(f"sudo journalctl -q -o cat -u {unit} | grep -c '^Starting'; true").strip()


def settled(box, browser):
    """What the page says once the wish is carried out."""
    said = until(
        lambda: (page := browser.read("/network/")) and "are being set" not in page and page, 120, "name and Wi-Fi", 2
    )
    assert box.ask("sudo ls /var/lib/rufweiche/network") == ""
    return said


def test_it_starts(box):
    box.up()
    until(lambda: box.page() == 200, 120, "the page")
    assert failed_units(box) == ""


def test_without_a_network_it_has_one_of_its_own_which_leads_to_the_set_up(box, customer):
    street(box, "make")
    street(box, "phone", "Rufweiche", customer.setup_code, wait=False)
    assert "rufweiche-hotspot" not in connections(box)
    box.monitor("set_link net off")
    pulled = time.monotonic()
    until(lambda: re.search(r"^phone: .*\n", box.said(), re.MULTILINE), 300, "what the phone met")
    figures["hotspot_used_after_s"] = round(time.monotonic() - pulled)
    box.monitor("set_link net on")
    met = json.loads(re.findall(r"^phone: (.*)$", box.said(), re.MULTILINE)[-1])
    assert met["address"].startswith("10.42.0."), met
    assert met["name"] == "10.42.0.1", met
    assert met["status"] == 200, met
    assert met["url"].startswith("http://10.42.0.1/setup"), met
    assert "Rufweiche" in text(met["page"]), met


def test_with_a_network_it_has_none_of_its_own(box):
    until(box.is_up, 120, "the cable's network")
    plugged = time.monotonic()
    until(lambda: "rufweiche-hotspot" not in connections(box), 240, "the hotspot is gone", 3)
    figures["hotspot_gone_after_s"] = round(time.monotonic() - plugged)
    assert failed_units(box) == ""


def test_whoever_has_the_code_becomes_the_owner(box, browser, customer):
    browser.read("/device/")
    assert browser.path.startswith("/setup/")
    browser.read("/setup/password")
    browser.send("/setup/password", code="ABCD-2345", password=PASSWORD, again=PASSWORD)
    assert browser.path == "/setup/password"
    browser.send("/setup/password", code=customer.setup_code, password=PASSWORD, again=PASSWORD)
    assert browser.path == "/", browser.path
    stranger = Browser(box.page_port)
    stranger.read("/device/")
    assert stranger.path == "/login"
    stranger.send("/login", password="something else")
    assert stranger.status == 403
    stranger.send("/login?next=/device/", password=PASSWORD)
    assert stranger.path == "/device/"


def test_an_update_signed_by_somebody_else_is_refused(box, browser, good, tmp_path):
    browser.read("/device/")
    browser.upload("/device/update", bad_bundle("other-key", good, tmp_path), do="upload")
    assert browser.status == 200
    said = until(lambda: (page := browser.read("/device/")) and "was refused" in page and page, 240, "refused", 2)
    assert "verif" in said, said  # what RAUC says of it
    assert runs_of(box, "rufweiche-update") == "1"
    assert "A=good B=bad" in slots(box)
    assert box.ask("sudo ls /var/lib/rufweiche/update; cat /data/system/last-update 2>/dev/null; true") == ""


def test_what_is_no_update_does_not_get_that_far(box, browser, tmp_path):
    file = tmp_path / "rufweiche-9.raucb"
    file.write_bytes(b"PK\3\4" + bytes(5000))
    browser.read("/device/")
    assert "That is no update file" in browser.upload("/device/update", file, do="upload")
    assert runs_of(box, "rufweiche-update") == "1"


def test_a_good_one_is_installed_and_started(box, browser, good):
    before = calls(box), box.ask("sudo rufweiche show-settings --with-secrets")
    version = box.ask("rufweiche --version").split()[-1]
    browser.read("/device/")
    began = time.monotonic()
    said = browser.upload("/device/update", good, do="upload")
    figures["upload_s"] = round(time.monotonic() - began)
    assert browser.status == 200, said
    assert re.search("about to be checked|being checked|is installed", said), said
    until(lambda: box.is_up() and box.ask("cat /run/rufweiche-box/slot", check=False) == "B\n", 900, "B runs", 5)
    figures["update_by_page_s"] = round(time.monotonic() - began)
    assert box.ask("cat /etc/rufweiche-image") == "good\n"
    assert box.ask("cat /data/system/last-update") == f"A {version}\n"
    until(lambda: box.page() == 200, 120, "the page")
    assert "on trial" in browser.read("/device/")
    until(lambda: "A=good B=good" in slots(box), 400, "B marked good", 5)
    assert (calls(box), box.ask("sudo rufweiche show-settings --with-secrets")) == before
    assert box.ask("sudo ls /var/lib/rufweiche/update") == ""
    assert failed_units(box) == ""


def test_another_name(box, browser):
    here = "10.0.2.15"
    assert street(box, "mdns", "muster.local").split() == [here]
    browser.read("/network/")
    browser.send("/network/name", hostname="Zweigstelle-2", ssid="", password="")
    assert "Name and Wi-Fi are set" in settled(box, browser)
    assert runs_of(box, "rufweiche-settle") == "1"
    name = box.ask("hostname").strip()
    assert name.lower() == "zweigstelle-2"
    assert box.ask("cat /data/etc/hostname").strip() == name
    until(lambda: street(box, "mdns", "zweigstelle-2.local").split() == [here], 60, "the new name in the network", 3)
    assert street(box, "mdns", "muster.local") == ""
    assert box.ask("getent hosts zweigstelle-2").split()[0] == "127.0.1.1"
    assert "http://zweigstelle-2.local" in browser.read("/network/").lower()
    assert failed_units(box) == ""


def test_a_wifi_that_is_not_there_gives_way_to_the_one_before(box, browser):
    street(box, "make")
    before = box.ask(f"sudo cat {PROFILE}")
    browser.read("/network/")
    browser.send("/network/name", hostname="Zweigstelle-2", ssid=NO_SUCH[0], password=NO_SUCH[1])
    assert "could not be joined" in settled(box, browser)
    assert box.ask(f"sudo cat {PROFILE}") == before
    assert box.ask(f"sudo stat -c '%a %U' {PROFILE}") == "600 root\n"


def test_another_wifi(box, browser):
    ssid, password = WORKSHOP
    street(box, "router", ssid, password)
    browser.read("/network/")
    browser.send("/network/name", hostname="Zweigstelle-2", ssid=ssid, password=password)
    said = settled(box, browser)
    assert "Name and Wi-Fi are set" in said, box.ask("sudo journalctl -q -o cat -u rufweiche-settle -u NetworkManager")
    assert password not in said
    assert box.ask("nmcli -t -f DEVICE,STATE device").split("\n").count("wlan0:connected") == 1
    assert "192.168.77." in box.ask("ip -4 -o address show wlan0")
    assert "nameserver 192.168.77.1" in box.ask("cat /etc/resolv.conf").splitlines()
    profile = box.ask(f"sudo cat {PROFILE}")
    assert f"ssid={''.join(f'{octet};' for octet in ssid.encode())}" in profile
    assert f"psk={password}" in profile
    assert box.ask(f"sudo stat -c '%a %U' {PROFILE}") == "600 root\n"
    assert box.ask("sudo ls -A /data/etc/system-connections").split() == ["rufweiche-wifi.nmconnection"]
    assert password not in box.ask("sudo journalctl -q -o cat -u 'rufweiche-*' -u NetworkManager -u wpa_supplicant")
    assert failed_units(box) == ""


def test_a_name_that_is_none_is_said_so_and_nothing_is_done(box, browser):
    count = runs_of(box, "rufweiche-settle")
    browser.read("/network/")
    browser.send("/network/name", hostname="my box!", ssid="", password="")
    assert browser.status == 200
    assert runs_of(box, "rufweiche-settle") == count
    assert box.ask("hostname").strip().lower() == "zweigstelle-2"


def test_the_page_says_that_the_update_works(box, browser):
    until(lambda: "The last update works" in browser.read("/device/"), 600, "the page says so", 5)
    assert "A=good B=good" in slots(box)
