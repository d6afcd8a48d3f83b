"""Voicemail: what callers left, heard in parts, dealt with, deleted; and no other file."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.core.records import CallRecord
from appliance.store.changes import SaveCall
from tests.web import sample

SOUND = b"RIFF" + bytes(range(200)) * 20


@pytest.fixture
def mail(client, store, state, watch):
    (state / "voicemail").mkdir()
    for number, name in ((30, "30.wav"), (31, "31.wav"), (32, "gone.wav")):
        at = watch.now - timedelta(minutes=40 - number)
        store.write(
            SaveCall(
                CallRecord(
                    number, "office", at, "+4989555001", outcome="voicemail", ended_at=at, message=f"/old/{name}",
                    message_seconds=64.4,
                )
            )
        )  # fmt: skip
        if name != "gone.wav":
            (state / "voicemail" / name).write_bytes(SOUND)
    return client


def test_they_are_listed(mail):
    page = mail.get("/voicemail/").text
    assert [part.split('"')[0] for part in page.split('<li id="m')[1:]] == ["32", "31", "30"]
    assert "Frau Sommer" in page
    assert "1:04 min" in page
    assert page.count("<audio controls") == 2
    assert "Die Aufnahme ist nicht da" in page
    assert page.count("neu</span>") == 3


def test_players_ask_for_parts(mail):
    with mail.get("/voicemail/30.wav") as whole:
        assert (whole.status_code, whole.data, whole.mimetype) == (200, SOUND, "audio/wav")
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert whole.headers["Cache-Control"] == "private, no-store"
    with mail.get("/voicemail/30.wav", headers={"Range": "bytes=100-199"}) as part:
        assert (part.status_code, part.data) == (206, SOUND[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(SOUND)}"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=999999-", {416}), ("bytes=-5", {206}), ("bytes=5-1", {200, 416}), ("lines=1-2", {200, 416}),
        ("bytes=0-1,5-9", {200, 206, 416}), ("bytes=", {200, 416}), ("x" * 3000, {200, 416}),
    ],
)  # fmt: skip
def test_odd_parts(mail, asked, status):
    with mail.get("/voicemail/30.wav", headers={"Range": asked}) as answer:
        assert answer.status_code in status


@pytest.mark.parametrize("message", ["../state.sqlite3", "/etc/passwd", "..", ".", "", "\x00", "x/", "link.wav"])
def test_no_other_file_is_given_out(client, store, state, watch, message):
    (state / "voicemail").mkdir()
    (state / "voicemail" / "link.wav").symlink_to("/etc/passwd")
    call = CallRecord(40, "office", watch.now, outcome="voicemail", ended_at=watch.now, message=message)
    store.write(SaveCall(call))
    assert client.get("/voicemail/40.wav").status_code == 404
    assert client.get("/voicemail/").status_code == 200


def test_calls_without_a_message_have_none(mail):
    for path in ("/voicemail/1.wav", "/voicemail/999.wav", "/voicemail/-1.wav", "/voicemail/x.wav"):
        assert mail.get(path).status_code == 404
    assert mail.send("/voicemail/1", do="done").status_code == 404


def test_dealt_with_and_not_after_all(mail, store):
    mail.send("/voicemail/31", do="done")
    assert store.call(31).done_at is not None
    assert "erledigt" in mail.get("/voicemail/").text
    mail.send("/voicemail/31", do="reopen")
    assert store.call(31).done_at is None
    assert mail.send("/voicemail/31", do="explode").status_code == 400


def test_deleted_is_gone_and_the_call_stays(mail, store, state):
    page = mail.send("/voicemail/30", do="delete")
    assert "Die Nachricht ist gelöscht." in page.text
    assert 'id="m30"' not in page.text
    assert not (state / "voicemail" / "30.wav").exists()
    assert (store.call(30).outcome, store.call(30).message) == ("voicemail", None)
    mail.send("/voicemail/32", do="delete")  # its file was gone before
    assert store.call(32).message is None


def test_a_page_at_a_time(client, store, watch):
    for number in range(100, 145):
        at = watch.now
        store.write(
            SaveCall(CallRecord(number, "office", at, outcome="voicemail", ended_at=at, message=f"{number}.wav"))
        )
    first = client.get("/voicemail/").text
    assert first.count("<li id=") == 20
    assert "/voicemail/?before=125" in first
    assert client.get("/voicemail/?before=105").text.count("<li id=") == 5
    assert "Keine älteren Nachrichten" in client.get("/voicemail/?before=2").text


def test_nothing_yet_says_what_to_do(client):
    page = client.get("/voicemail/").text
    assert "Noch lässt kein Plan Anrufer eine Nachricht hinterlassen." in page


def test_strangers_hear_nothing(mail, guest):
    assert guest.get("/voicemail/30.wav").status_code == 302


def test_no_line_that_could_take_a_message(client, store):
    muted = sample.SETTINGS.replace('chain = ["on-call"]', 'chain = ["on-call"]\notherwise = "voicemail"')
    store.save_settings(sample.settings_json(muted))
    assert "keine Leitung dieses Geräts hat eine Stimme" in client.get("/voicemail/").text
    plans = client.get("/targets/").text
    assert "niemand da: Anrufbeantworter" not in plans
    assert "keine Leitung hat eine Stimme für das" in plans
    assert "bis dahin gilt der Anruf als verpasst" in client.get("/targets/plan/1").text
