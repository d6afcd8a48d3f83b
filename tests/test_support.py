"""The bundle: everything is planted with numbers and secrets, and nothing of them is in it."""

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from datetime import UTC, datetime

import pytest

from appliance import cli, support
from appliance.core.contacts import Contact
from appliance.core.records import Attempt, CallRecord, Message, Received
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.ports import journal
from appliance.ports.clock import boot_id, monotonic
from appliance.ports.journal import Entry
from appliance.store.changes import Keep, SaveCall, SaveReceived
from appliance.store.database import FILE_NAME, Store

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
NUMBER, NATIONAL, SPACED = "+4917098765432", "017098765432", "0170 / 987 654 32"
PIN, CODE, PASSWORD, HOOK = "8317", "Blaubeere7", "Passwort!Geheim", "https://ntfy.example/topic-4711"
SETTINGS = f"""
[business]
name = "Muster {SPACED} {CODE}"
owner_mobile = "{NUMBER}"
[[line]]
name = "office {NATIONAL}"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345678"
pin = "{PIN}"
[[target]]
name = "anna {NUMBER} {PIN}"
number = "{NUMBER}"
[[plan]]
name = "open {SPACED}"
chain = ["anna {NUMBER} {PIN}"]
[timetable]
otherwise = "open {SPACED}"
[[closure]]
name = "call {NATIONAL}"
from = 2026-12-24
to = 2027-01-06
plan = "open {SPACED}"
[[caller]]
number = "{NUMBER}"
name = "Frau Wunderlich"
group = "vip {NATIONAL}"
[messages]
command_code = "{CODE}"
reply_text = "Rufen Sie {SPACED} an"
[notify]
email = {{ to = "wunderlich@example.de", host = "smtp.example.de", user = "nutzername", password = "{PASSWORD}" }}
webhook = "{HOOK}"
"""
PLANTED = (
    NUMBER, NUMBER[1:], NATIONAL, SPACED, "98765432", "987 654 32", "12345678", PIN, CODE, PASSWORD, HOOK, "topic",
    "Wunderlich", "wunderlich@example.de", "nutzername", "Rohrbruch", "356938035643809", "QWERTZ24", "KARTEN77",
)  # fmt: skip
EVERYTHING = (
    f"{NUMBER} {NATIONAL} {SPACED} {PIN} {CODE} {PASSWORD} {HOOK} wunderlich@example.de 356938035643809 "
    "QWERTZ24 KARTEN77"
)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    folder = tmp_path / "state"
    checked = check_file(SETTINGS.encode())
    assert checked.settings, checked.mistakes
    with Store.open(folder, create=True) as store:
        store.save_settings(to_json(checked.settings))
        call = CallRecord(store.next_call_id(), f"office {NATIONAL}", NOW, caller=NUMBER, outcome="missed")
        call.caller_name, call.reason, call.rule = f"Frau Wunderlich {EVERYTHING}", EVERYTHING, EVERYTHING
        call.attempts = [Attempt(f"anna {NUMBER} {PIN}", NUMBER, "transfer", "busy", 3.0)]
        store.write(SaveCall(call))
        text = f"Rohrbruch bei Frau Wunderlich, {EVERYTHING}"
        store.queue_message(Message("a", "missed", NUMBER, text, NOW, error=EVERYTHING))
        store.write(SaveReceived(Received("office", NUMBER, text, NOW, NOW)))
        store.put_contact(Contact(NUMBER, f"Frau Wunderlich {EVERYTHING}", "vip", None, "page", text))
        store.write(Keep("page.code", "QWERTZ24"))
    (folder / "setup-code").write_text("KARTEN77\n")
    (folder.with_name("trouble")).mkdir()
    (folder.with_name("trouble") / "engine-20261123T140500Z.log").write_text(
        f"2026-11-23T14:05:00+0000 box rufweiche[77]: {EVERYTHING}\n{EVERYTHING}\n"
    )
    (folder.with_name("trouble") / f"{NUMBER}.log").write_text("not one of ours")
    (folder / "run").mkdir()
    beat = {"boot_id": boot_id(), "monotonic": monotonic(), "lines": [{"name": "office", "problem": EVERYTHING}]}
    beat["found"] = [{"imei": "356938035643809", "port": EVERYTHING}]
    (folder / "run/status.json").write_text(json.dumps(beat))
    return folder


def log():
    return [Entry(NOW, "rufweiche.service", 4, f"office: {EVERYTHING}\nand a second line")]


def test_nothing_planted_is_in_it(state):
    files = support.bundle(state, NOW, log, state.with_name("trouble"))
    assert set(files) == {
        "README.txt", "calls.json", "counts.json", "inbox.json", "live.json", "log.txt", "messages.json",
        "settings.toml", "status.json", "versions.json", "trouble/engine-20261123T140500Z.log",
    }  # fmt: skip
    for name, content in files.items():
        said = content.decode()
        for planted in PLANTED:
            assert planted.lower() not in said.lower(), (name, planted)


def test_what_helps_is_in_it(state):
    files = support.bundle(state, NOW, log, state.with_name("trouble"))
    assert files["log.txt"].decode().startswith("2026-11-23 14:05:00 rufweiche.service 4 office: +49170…32")
    assert files["log.txt"].count(b"\n") == 1
    (call,) = json.loads(files["calls.json"])
    assert (call["caller"], call["outcome"], call["caller_name"]) == ("+49170…32", "missed", "(known)")
    assert call["started_at"] == "2026-11-23T14:05:00.000+00:00"
    (message,) = json.loads(files["messages.json"])
    assert (message["kind"], message["state"], message["to"]) == ("missed", "queued", "+49170…32")
    assert message["text"].endswith("characters)")
    assert b"[[closure]]" in files["settings.toml"]
    assert b"from = 2026-12-24" in files["settings.toml"]
    assert json.loads(files["versions.json"])["packages"]["pyserial"]
    assert json.loads(files["live.json"])["lines"][0]["name"] == "office"
    assert json.loads(files["counts.json"])["contacts"] == 1
    assert files["trouble/engine-20261123T140500Z.log"].startswith(b"2026-11-23T14:05:00+0000 box rufweiche[77]: ")


@pytest.mark.parametrize("damage", ["missing", "garbage", "settings"])
def test_a_box_in_trouble_still_gives_one(tmp_path, state, damage):
    if damage == "missing":
        state = tmp_path / "nowhere"
    elif damage == "garbage":
        (state / FILE_NAME).write_bytes(b"x" * 5000)
    else:
        with Store.open(state) as store:
            store.save_settings(b'{"business": 3}')
    files = support.bundle(state, NOW, list)
    assert files["database-problem.txt"]
    assert json.loads(files["versions.json"])["rufweiche"]
    assert b"no log" in files["log.txt"]


def test_before_there_are_settings(tmp_path):
    Store.open(tmp_path, create=True).close()
    files = support.bundle(tmp_path, NOW, list)
    assert "settings.toml" not in files
    assert json.loads(files["calls.json"]) == []


@pytest.mark.parametrize("name", ["b.zip", "b.tar.gz", "b.tgz", "b"])
def test_one_file_for_us_alone(tmp_path, state, monkeypatch, capsys, name):
    path = tmp_path / name
    monkeypatch.setattr(journal, "last", log)
    monkeypatch.setattr(sys, "argv", ["rufweiche", "support", "--state", str(state), str(path)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0, capsys.readouterr().err
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".*"))
    if "gz" in name:
        with tarfile.open(path) as archive:
            inside = {one.name: archive.extractfile(one).read() for one in archive}
    else:
        with zipfile.ZipFile(path) as archive:
            inside = {one: archive.read(one) for one in archive.namelist()}
    assert b'"missed"' in inside["rufweiche-support/calls.json"]
    for content in inside.values():
        assert NUMBER.encode() not in content


def test_a_clock_of_1970_makes_a_zip_too(tmp_path):
    support.write({"a": b"1"}, tmp_path / "b.zip", datetime(1970, 1, 1, tzinfo=UTC))
    assert zipfile.ZipFile(io.BytesIO((tmp_path / "b.zip").read_bytes())).namelist() == ["rufweiche-support/a"]


def test_a_folder_that_is_not_there_is_said(tmp_path, state, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["rufweiche", "support", "--state", str(state), str(tmp_path / "no/b.zip")])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (
            b'{"__REALTIME_TIMESTAMP":"1795442700000000","_SYSTEMD_UNIT":"web.service","PRIORITY":"4","MESSAGE":"x"}',
            Entry(datetime(2026, 11, 23, 14, 5, tzinfo=UTC), "web.service", 4, "x"),
        ),
        (
            b'{"__REALTIME_TIMESTAMP":"1795442700000000","UNIT":"a","MESSAGE":[104,255]}',
            Entry(datetime(2026, 11, 23, 14, 5, tzinfo=UTC), "a", 6, "h\ufffd"),
        ),
        (b'{"__REALTIME_TIMESTAMP":"1795442700000000","MESSAGE":null}', None),
        (b'{"__REALTIME_TIMESTAMP":"x","MESSAGE":"y"}', None),
        (b'{"__REALTIME_TIMESTAMP":"99999999999999999999","MESSAGE":"y"}', None),
        (b"-- No entries --", None),
        (b"[]", None),
    ],
)
def test_lines_of_the_journal(line, entry):
    assert journal.parse(line) == entry


def test_without_a_journal_there_are_no_lines(monkeypatch):
    monkeypatch.setattr(journal.shutil, "which", lambda name: None)
    assert journal.last() == []
    monkeypatch.setattr(journal.shutil, "which", lambda name: "/bin/false")
    monkeypatch.setattr(
        journal.subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(subprocess.TimeoutExpired("journalctl", 20))
    )
    assert journal.last() == []
