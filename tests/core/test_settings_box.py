"""The [box] table: what it takes, and what it refuses where."""

import pytest

from appliance.core.settings import Box, Wifi
from appliance.core.settings_check import check_file

from .settings_sample import SMALL

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEcKvKPkLM0BV5hGJjVvJ2iYVpYDKhzyQ0Gzb9sTVpEd"
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$WSPPDtAFxDxDhcfG0TLbI34pHtSVkRbODHPfKz8Nf1E"


def read(table):
    return check_file((SMALL + f"\n[box]\n{table}\n").encode())


@pytest.mark.parametrize(
    ("table", "box"),
    [
        ("", Box()),
        ('hostname = "laden-2"', Box(hostname="laden-2")),
        ('wifi = { ssid = "Werkstatt" }', Box(wifi=Wifi(ssid="Werkstatt"))),
        ('wifi = { ssid = "ä", password = "12345678" }', Box(wifi=Wifi(ssid="ä", password="12345678"))),
        (f'wifi = {{ ssid = "x", password = "{"aF" * 32}" }}', Box(wifi=Wifi(ssid="x", password="aF" * 32))),
        ('wifi = { ssid = "My  Net ", password = "  le ad  " }', Box(wifi=Wifi(ssid="My  Net ", password="  le ad  "))),
        ('wifi = { ssid = " ", password = "        " }', Box(wifi=Wifi(ssid=" ", password=" " * 8))),
        ('wifi = { ssid = "x", password = "" }', Box(wifi=Wifi(ssid="x"))),
        ('timezone = "Europe/Zurich"', Box(timezone="Europe/Zurich")),
        (f'web_password_hash = "{HASH}"', Box(web_password_hash=HASH)),
        ('setup_code = "abcd-2345"', Box(setup_code="ABCD2345")),
        (f'ssh_key = "{ED25519}"', Box(ssh_key=ED25519)),
        (f'ssh_key = "{ED25519} eva@laptop"', Box(ssh_key=f"{ED25519} eva@laptop")),
    ],
)
def test_what_it_takes(table, box):
    checked = read(table)
    assert checked.mistakes == []
    assert checked.settings.box == box


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ('wifi = "Werkstatt"', "box.wifi"),
        ('wifi = { password = "12345678" }', "box.wifi.ssid"),
        (f'wifi = {{ ssid = "{"ä" * 17}" }}', "box.wifi.ssid"),
        ('wifi = { ssid = "x", password = "1234567" }', "box.wifi.password"),
        (f'wifi = {{ ssid = "x", password = "{"g" * 64}" }}', "box.wifi.password"),
        ('wifi = { ssid = "x", password = "Hobelbänke" }', "box.wifi.password"),
        ('wifi = { ssid = "x", key = "12345678" }', "box.wifi.key"),
        ('wifi = { ssid = "x\\ny" }', "box.wifi.ssid"),
        ('wifi = { ssid = "x\\n" }', "box.wifi.ssid"),
        ('wifi = { ssid = "" }', "box.wifi.ssid"),
        ('wifi = { ssid = "x", password = "1234567\\t" }', "box.wifi.password"),
        (f'wifi = {{ ssid = "x", password = "{"x" * 63} " }}', "box.wifi.password"),
        ('timezone = "Berlin"', "box.timezone"),
        ('timezone = "../../etc/passwd"', "box.timezone"),
        ('timezone = "Europe"', "box.timezone"),
        ('timezone = "localtime"', "box.timezone"),
        ('timezone = "posixrules"', "box.timezone"),
        ('timezone = "Factory"', "box.timezone"),
        ('timezone = "right/Europe/Berlin"', "box.timezone"),
        ('hostname = "localhost"', "box.hostname"),
        ('hostname = "LocalHost"', "box.hostname"),
        ('hostname = "ip6-loopback"', "box.hostname"),
        ('web_password_hash = "geheim"', "box.web_password_hash"),
        ('web_password_hash = "$2b$12$abcdefghijklmnopqrstuv"', "box.web_password_hash"),
        (f'web_password_hash = "{HASH.replace("19456", "999999")}"', "box.web_password_hash"),
        (f'web_password_hash = "{HASH.replace("t=2", "t=99")}"', "box.web_password_hash"),
        ('setup_code = "1234567"', "box.setup_code"),
        ('setup_code = "ÄBCD2345"', "box.setup_code"),
        ('ssh_key = "ssh-ed25519"', "box.ssh_key"),
        ('ssh_key = "ssh-ed25519 AAAA"', "box.ssh_key"),
        (f'ssh_key = "{ED25519.replace("ssh-ed25519", "ssh-rsa")}"', "box.ssh_key"),
        (f'ssh_key = "command=\\"rm -rf /\\" {ED25519}"', "box.ssh_key"),
        (f'ssh_key = "{ED25519}\\n{ED25519}"', "box.ssh_key"),
        ('ssh_key = "-----BEGIN OPENSSH PRIVATE KEY-----"', "box.ssh_key"),
        ('password = "geheim"', "box.password"),
    ],
)
def test_what_it_refuses(table, place):
    checked = read(table)
    assert [mistake.place for mistake in checked.mistakes] == [place]
    assert checked.settings is None


@pytest.mark.parametrize(
    ("table", "places"),
    [
        ('ssid = "Werk statt", password = "Hobel bank"', []),
        ('ssid = "Werkstatt ", password = "Hobelbank"', ["box.wifi.ssid"]),
        ('ssid = "Werkstatt", password = " Hobelbank"', ["box.wifi.password"]),
    ],
)
def test_a_blank_at_an_end_is_kept_and_mentioned(table, places):
    assert [warning.place for warning in read(f"wifi = {{ {table} }}").warnings if "wifi" in warning.place] == places


@pytest.mark.parametrize(("language", "said"), [("de", "wählen Sie einen anderen"), ("en", "choose another")])
def test_a_name_that_means_every_box_is_refused_with_a_cure(language, said):
    small = SMALL.replace("[business]", f'[business]\nlanguage = "{language}"')
    (mistake,) = check_file(f'{small}\n[box]\nhostname = "localhost"\n'.encode()).mistakes
    assert said in mistake.text
