"""Network: the page's addresses, its code to scan, and what the box knows of its network."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import stat
import struct

import pytest

from appliance.core.settings import from_json
from appliance.store.changes import Keep
from tests.web import sample
from web import addresses, machine
from web.box import the_box

WIFI = '[box]\nhostname = "werkstatt"\n[box.wifi]\nssid = "Tischlerei <Gast>"\npassword = "streng geheim"\n'


def found(app, base="http://localhost/"):
    with app.test_request_context("/network/", base_url=base):
        return addresses.of(the_box())


def test_what_the_settings_say(client, store):
    store.save_settings(sample.settings_json(sample.SETTINGS + WIFI))
    page = client.get("/network/").text
    assert "werkstatt" in page
    assert "Tischlerei &lt;Gast&gt;" in page
    assert "streng geheim" not in page
    assert "http://werkstatt.local/" in page


def test_a_number_comes_first(app, store):
    assert found(app) == ["http://rufweiche.local/"]
    by_port = ["http://192.168.178.44:8080/", "http://rufweiche.local:8080/"]
    assert found(app, "http://192.168.178.44:8080/") == by_port
    assert found(app, "https://[fd00::44]/") == ["https://[fd00::44]/", "https://rufweiche.local/"]
    store.write(Keep("network.told", '["192.168.178.44", "127.0.0.1", 7]'))
    by_number = ["http://192.168.178.44/", "http://rufweiche.local/"]
    assert found(app) == by_number
    assert found(app, "http://192.168.178.44/") == by_number


@pytest.mark.parametrize("told", ["", "null", "{", "[1, null]", '"192.168.1.1"', '["<b>", "x y"]'])
def test_what_was_told_may_be_anything(app, store, told):
    store.write(Keep("network.told", told))
    assert found(app) == ["http://rufweiche.local/"]


def test_the_code_needs_nothing_the_page_forbids(client):
    page = client.get("/network/").text
    svg = page[page.index("<svg", page.index('class="qr"')) :]
    svg = svg[: svg.index("</svg>")]
    assert "<path" in svg
    assert "style" not in svg
    assert "#fff" in svg  # cameras want dark on light, in the dark theme too


@pytest.fixture
def radio(tmp_path, monkeypatch):
    """A machine with a Wi-Fi device; what it says when asked, as drivers do: the length counts a final NUL, or not."""
    (tmp_path / "net/eth0").mkdir(parents=True)
    (tmp_path / "net/wlan0/wireless").mkdir(parents=True)
    monkeypatch.setattr(machine, "NET", tmp_path / "net")

    def says(name, error=None):
        def ioctl(_socket, request, argument):
            device, address, room, _flags = struct.unpack("16sPHH", argument)
            assert (request, device.rstrip(b"\0"), room) == (0x8B1B, b"wlan0", 32)
            if error:
                raise OSError(error, "no")
            ctypes.memmove(address, name, min(len(name), room))
            return struct.pack("16sPHH", device, address, len(name), 1)

        monkeypatch.setattr(machine.fcntl, "ioctl", ioctl)

    return says


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (b"Werkstatt", "Werkstatt"), (b"Werkstatt\0", "Werkstatt"), (b"", None), (b"\0", None),
        ("Bäckerei".encode(), "Bäckerei"), ("Bäckerei".encode("latin-1"), "B\ufffdckerei"),
        (b"a\x1b[2Jb", "a\ufffd[2Jb"), (b"x" * 32, "x" * 32), (b"Rufweiche", None),
    ],
)  # fmt: skip
def test_which_wifi_it_is_in(radio, said, name):
    radio(said)
    assert (machine.wifi() or None) == name


@pytest.mark.parametrize("error", [errno.ENODEV, errno.EOPNOTSUPP, errno.EPERM, errno.ENOTTY])
def test_a_radio_that_does_not_say(radio, client, error):
    radio(b"", error)
    assert machine.wifi() is None
    assert "mit keinem verbunden</span>" in client.get("/network/").text


def test_the_wifi_that_was_joined_is_named(radio, client, store):
    radio(b"Werkstatt <1>")
    page = client.get("/network/").text
    assert re.search(r"Werkstatt &lt;1&gt; <span[^>]*>.*?<span>verbunden</span>", page)
    assert "mit keinem verbunden" not in page
    store.save_settings(sample.settings_json(sample.SETTINGS + WIFI))
    page = client.get("/network/").text
    assert "Werkstatt &lt;1&gt;" in page
    assert "In der Einstellungsdatei: „Tischlerei &lt;Gast&gt;“" in page
    radio(b"Tischlerei <Gast>")
    page = client.get("/network/").text
    assert re.search(r"Tischlerei &lt;Gast&gt; <span[^>]*>.*?<span>verbunden</span>", page)
    assert "Einstellungsdatei:" not in page


# --- another name or Wi-Fi ---------------------------------------------------------------------


@pytest.fixture
def box(client, state, tmp_path, monkeypatch):
    """A box made from the image, whose services take wishes."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run/slot").write_text("A\n")
    monkeypatch.setattr(machine, "RUN", tmp_path / "run")
    client.run, client.wish = tmp_path / "run", state / "network/wish.json"
    return client


def test_another_wifi_is_wished_for(box, store):
    page = box.send("/network/name", hostname="rufweiche", ssid="Werkstatt", password="Hobelbank 7", hidden="1")
    assert "werden eingestellt" in page.text
    assert 'data-live="/network/settled"' in page.text
    assert json.loads(box.wish.read_text()) == {
        "wifi": {"ssid": "Werkstatt", "hidden": True, "password": "Hobelbank 7"}
    }
    assert stat.S_IMODE(box.wish.stat().st_mode) == 0o600
    assert [path.name for path in box.wish.parent.iterdir()] == ["wish.json"]
    assert b"Hobelbank" not in store.load_settings()[1]
    assert "Hobelbank" not in page.text


def test_blanks_belong_to_a_wifi_and_its_password(box):
    page = box.send("/network/name", hostname="rufweiche", ssid="Werk  statt ", password=" zwei  Worte ").text
    wifi = {"ssid": "Werk  statt ", "hidden": False, "password": " zwei  Worte "}
    assert json.loads(box.wish.read_text()) == {"wifi": wifi}
    assert page.count("Leerzeichen") == 2
    assert "Leerzeichen" not in box.send("/network/name", hostname="rufweiche", ssid="Werkstatt").text


def test_a_stray_blank_is_no_wifi(box):
    box.send("/network/name", hostname="rufweiche", ssid=" ")
    assert not box.wish.exists()


def test_another_name_is_wished_for_and_kept(box, store):
    box.send("/network/name", hostname="werkstatt", ssid="")
    assert json.loads(box.wish.read_text()) == {"hostname": "werkstatt"}
    assert from_json(store.load_settings()[1]).box.hostname == "werkstatt"


def test_nothing_new_is_no_wish(box):
    box.send("/network/name", hostname="rufweiche", ssid="", password="whatever 7")
    assert not box.wish.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"hostname": ""}, {"hostname": "a b"}, {"hostname": "-x"}, {"hostname": "x" * 64}, {"hostname": "<b>"},
        {"ssid": "ä" * 17}, {"ssid": "x", "password": "kurz"}, {"ssid": "x", "password": "ä" * 9},
        {"ssid": "x", "password": "p" * 65},
        {"ssid": "x\ty"}, {"ssid": "x" * 33}, {"ssid": "x", "password": "a\rb" * 4},
    ],
)  # fmt: skip
def test_mistakes_in_it(box, store, fields):
    before = store.load_settings()
    page = box.send("/network/name", **({"hostname": "rufweiche"} | fields))
    assert page.status_code == 200
    assert 'class="mistake"' in page.text
    assert "<details open>" in page.text
    assert not box.wish.exists()
    assert store.load_settings() == before


@pytest.mark.parametrize(
    ("told", "said"),
    [("working", "werden eingestellt"), ("done", "sind eingestellt"), ("not joined", "nicht zu erreichen"),
     ("refused", "nichts anfangen"), ("<b>", None)],
)  # fmt: skip
def test_what_becomes_of_it(box, told, said):
    (box.run / "network").write_text(told)
    page = box.get("/network/").text
    assert "<b>" not in page
    for known in ("werden eingestellt", "sind eingestellt", "nicht zu erreichen", "nichts anfangen"):
        assert (known in page) == (known == said)
        assert (known in box.get("/network/settled").text) == (known == said)


def test_nobody_takes_the_wish(box, watch):
    box.send("/network/name", hostname="werkstatt")
    old = watch.now.timestamp() - 60
    os.utime(box.wish, (old, old))
    assert "Niemand tut es" in box.get("/network/").text


def test_card_that_is_full(box, state):
    (state / "network").write_text("in the way")
    assert "voll oder beschädigt" in box.send("/network/name", hostname="werkstatt").text


def test_other_machines_say_how(client):
    page = client.get("/network/").text
    assert "rufweiche.toml" in page
    assert 'name="ssid"' not in page
    assert client.send("/network/name", hostname="x").status_code == 404
