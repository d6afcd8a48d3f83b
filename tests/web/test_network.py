"""Network: the page's addresses, its code to scan, and what the box knows of its network."""

from __future__ import annotations

import pytest

from appliance.store.changes import Keep
from tests.web import sample
from web import addresses
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
