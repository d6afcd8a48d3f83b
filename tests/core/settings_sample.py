"""Settings files for tests: the least there can be, and one with everything."""

import tomllib

from appliance.core.settings_check import check

SMALL = """
[business]
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345"
[[target]]
name = "desk"
number = "+49301111111"
[[plan]]
name = "open"
chain = ["desk"]
[timetable]
otherwise = "open"
"""

FULL = """
[business]
name = "Tischlerei Muster"
language = "de"
timezone = "Europe/Berlin"
country = "DE"
region = "BY"
local_holidays = ["assumption"]
owner_mobile = "0151 12345678"
numbers = ["089 1234-5"]

[[line]]
name = "office"
kind = "gsm"
port = "/dev/serial/by-id/usb-SimTech"
baudrate = 115200
number = "089 1234-6"
pin = "9753"
forward_by = ["deflect", "transfer", "conference", "bridge"]
bridge_over = "stick"
safety_net = "desk"
max_call_minutes = 90
[[line]]
name = "stick"
kind = "gsm"
port = "auto"
number = "+49 (0) 171 1234567"
[[line]]
name = "shop"
kind = "analog"
port = "/dev/ttyACM0"
number = "089 1234-7"
forward_by = ["flash"]
site = { flash_ms = 100, complete = "flash 4", fetch_back = "flash 1", prefix = "0" }
[[line]]
name = "cellar"
kind = "analog"
port = "/dev/ttyACM1"
number = "089 1234-8"
site = "speedport"

[[target]]
name = "desk"
number = "030 1111111"
ring_seconds = 25
[[target]]
name = "anna"
number = "0171 2345678"
ring_seconds = 15
brief = true
tariff_ct = 9.5

[[plan]]
name = "open"
answer_after_rings = 4
chain = ["desk", "on-call", "desk"]
[[plan]]
name = "closed"
answer_after_rings = 1
chain = ["on-call"]
otherwise = "announce"
[[plan]]
name = "vip"
answer_after_rings = 2
chain = ["anna"]

[timetable]
otherwise = "closed"
away = "closed"
[[timetable.slot]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "7:30"
to = "17:00"
plan = "open"
[[timetable.slot]]
days = ["sun"]
from = "22:00"
to = "07:30"
plan = "vip"

[[closure]]
name = "Betriebsferien"
from = 2026-12-24
to = 2027-01-06
plan = "closed"
[holidays]
plan = "closed"

[[roster]]
target = "anna"
from = 2026-11-23T17:00:00
to = 2026-11-30T07:30:00
repeat_weeks = 2
[[roster]]
target = "desk"
from = "2026-11-30T07:30"
to = "2026-12-07T07:30"

[[caller]]
number = "089 777*"
name = "Firma Huber"
group = "vip"
plan = "vip"
[[caller]]
number = "030 123456"
group = "blocked"
[[caller]]
number = "**50"
name = "Werkstatt"

[callers]
withheld = "blocked"
blocked = "hang-up"

[messages]
missed = "both"
over = "stick"
command_code = "4711"
digest_at = ["17:00", "12:00"]
quiet = { from = "22:00", to = "06:00" }
at_most_per_day = 20
reply_to_caller = true
reply_text = "Wir rufen gleich zurück."
escalate_minutes = 15
keep_days = 30

[costs]
text_ct = 9
monthly_cap_eur = 30
cap_plan = "closed"
balance_ussd = "*100#"
balance_warn_eur = 5.5
card_expires = 2027-12-24
[guard]
forwards_per_hour = 4

[notify]
email = { to = "meister@example.de", host = "smtp.example.de", port = 465, user = "meister", password = "geheim" }
webhook = "https://ntfy.example/abc"

[panel]
ready_led = 5
call_led = 6
button = 13
buzzer = 19

[box]
hostname = "werkstatt"
wifi = { ssid = "Werkstatt Süd", password = "Hobelbank 7", hidden = true }
timezone = "Europe/Vienna"
web_password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$WSPPDtAFxDxDhcfG0TLbI34pHtSVkRbODHPfKz8Nf1E"
setup_code = "ABCD2345"
ssh_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEcKvKPkLM0BV5hGJjVvJ2iYVpYDKhzyQ0Gzb9sTVpEd installer@example"
"""


def places(toml):
    return [mistake.place for mistake in check(tomllib.loads(toml)).mistakes]


def warned(toml):
    checked = check(tomllib.loads(toml))
    assert checked.mistakes == []
    return [warning.place for warning in checked.warnings]


def changed(old, new, sample=SMALL):
    assert sample.count(old) == 1, old
    return sample.replace(old, new)
