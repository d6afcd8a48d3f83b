"""Updates from the page: a bundle taken in, a wish left for root's service, and what became of it."""

from __future__ import annotations

import http.client
import io
import os
import socket
from contextlib import suppress
from http.cookies import SimpleCookie

import pytest
from waitress.adjustments import Adjustments

from tests.web import sample
from tests.web.running import running
from web import bodies, machine, updating
from web.serve import BOUNDS, server_for

BUNDLE = b"hsqs" + bytes(range(256)) * 1000


@pytest.fixture
def box(client, state, tmp_path, monkeypatch, watch):
    """A box made from the image: running slot A, and nothing was tried since it was switched on."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "slot").write_text("A\n")
    monkeypatch.setattr(machine, "RUN", run)
    monkeypatch.setattr(updating, "LAST", tmp_path / "last-update")
    watch.passed = 5000.0
    sample.show_live(state, watch.passed, [sample.LINE])
    client.run, client.last, client.folder = run, tmp_path / "last-update", state / "update"
    return client


def send(client, content, name="rufweiche-1.2.raucb"):
    data = {"csrf_token": client.token(), "do": "upload", "file": (io.BytesIO(content), name)}
    return client.post("/device/update", data=data, follow_redirects=True)


def test_bundle_is_left_for_roots_service(box):
    page = send(box, BUNDLE)
    assert "Die Aktualisierung wird gleich geprüft" in page.text
    assert (box.folder / "bundle.raucb").read_bytes() == BUNDLE
    assert sorted(path.name for path in box.folder.iterdir()) == ["bundle.raucb", "request"]
    assert 'data-live="/device/updates"' in page.text
    assert 'type="file"' not in page.text  # one at a time


@pytest.mark.parametrize("content", [b"", b"h", b"PK\x03\x04" * 100, b"hsqS" * 10])
def test_what_is_no_bundle(box, content):
    page = send(box, content)
    assert "Das ist keine Aktualisierung" in page.text
    assert not box.folder.exists() or list(box.folder.iterdir()) == []


def test_a_full_card(box, monkeypatch):
    def full(*_args, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "ist kein Platz" in send(box, BUNDLE).text
    assert list(box.folder.iterdir()) == []


def test_room_is_what_the_card_has(box, monkeypatch, app):
    class Usage:
        free = 100 << 20

    monkeypatch.setattr(updating.shutil, "disk_usage", lambda path: Usage)
    assert "Höchstens 37,7\N{NO-BREAK SPACE}MB" in box.get("/device/").text
    Usage.free = 1
    assert "ist kein Platz" in box.get("/device/").text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("waiting: until no line is busy", "wartet, bis kein Gespräch läuft"),
        ("busy: the lines were busy for an hour", "ist noch nicht eingespielt"),
        ("checking and installing bundle.raucb", "wird geprüft und eingespielt"),
        ("installed: starting again when no line is busy", "startet neu, sobald kein Gespräch"),
        ("refused <b>x.raucb</b>: signature", "nicht von uns unterschrieben"),
    ],
)
def test_how_far_it_is(box, said, words):
    (box.run / "update").write_text(said + "\n")
    page = box.get("/device/")
    assert words in page.text
    assert words in box.get("/device/updates").text
    assert ("&lt;b&gt;x.raucb" in page.text) == said.startswith("refused")
    assert ('type="file"' in page.text) == said.startswith(("refused", "busy"))


@pytest.mark.parametrize(
    ("noted", "slot", "passed", "words"),
    [
        ("A 1.1.0", "B", 5000, "Die letzte Aktualisierung funktioniert"),
        ("A 1.1.0", "B", 5000, "läuft einige Minuten zur Probe"),
        ("A 1.1.0", "A", 5000, "wurde zurückgenommen"),
        ("B", "A", 5000, "Die letzte Aktualisierung funktioniert"),
        ("nonsense", "A", 5000, None),
        ("", "A", 5000, None),
    ],
)
def test_what_became_of_the_last(box, state, watch, noted, slot, passed, words):
    (box.run / "slot").write_text(slot)
    box.last.write_text(noted)
    watch.passed = passed
    is_trial = "Probe" in (words or "")
    if is_trial:
        (box.run / "on-trial").touch()
    page = box.get("/device/").text
    found = [known for known in ("Aktualisierung läuft", "zur Probe", "zurückgenommen") if known in page]
    assert found == ([] if words is None else [known for known in found if known in words])
    assert words is None or words in page
    assert ("vorher: Version 1.1.0" in page) == (noted == "A 1.1.0" and slot == "B" and not is_trial)


def test_installed_but_not_started_yet_is_not_taken_back(box):
    box.last.write_text("A 1.1.0")
    (box.run / "update").write_text("installed: starting again when no line is busy")
    assert "zurückgenommen" not in box.get("/device/").text


def test_one_that_waited_for_a_call_may_be_wished_for_again(box):
    send(box, BUNDLE)
    (box.folder / "request").unlink()
    page = box.get("/device/").text
    assert "liegt bereit, die noch nicht eingespielt ist" in page
    box.send("/device/update", do="install")
    assert (box.folder / "request").exists()
    box.send("/device/update", do="discard")
    assert list(box.folder.iterdir()) == []
    assert box.send("/device/update", do="install").status_code == 400


def test_nobody_takes_notice(box, watch):
    send(box, BUNDLE)
    old = watch.now.timestamp() - 60
    os.utime(box.folder / "request", (old, old))
    page = box.get("/device/").text
    assert "Niemand spielt sie ein" in page
    assert 'type="file"' in page


@pytest.fixture
def plugged(box, tmp_path, monkeypatch):
    """A stick is plugged in."""
    monkeypatch.setattr(updating, "BLOCK", tmp_path)
    (tmp_path / "sda1").mkdir()
    return box


@pytest.mark.parametrize(
    ("told", "noted", "words", "again"),
    [
        ("refused", "", "wurde abgelehnt", True),
        ("busy", "", "ist noch nicht eingespielt", True),
        ("tried", "B 1.1.0 a0a0", "wurde schon versucht", True),
        ("something new", "", "wurde schon versucht", True),
        ("installed", "A 1.1.0 a0a0", "wurde eingespielt und zurückgenommen", True),
        ("installed", "B 1.1.0 a0a0", "ist eingespielt. Sie können den Stick abziehen", False),
        ("installed", "", None, False),
    ],
)
def test_what_is_on_the_stick(plugged, told, noted, words, again):
    (plugged.run / "on-stick").write_text(f"sda1 {told.split()[0]} a0a0 rufweiche <b>1.2.raucb\n")
    plugged.last.write_text(noted)
    page = plugged.get("/device/").text
    assert ("auf dem Stick (rufweiche &lt;b&gt;1.2.raucb)" in page) == (words is not None)
    assert words is None or words in page
    assert ("Noch einmal versuchen" in page) == again


def test_the_one_on_the_stick_once_more(plugged):
    (plugged.run / "on-stick").write_text("sda1 refused a0a0 rufweiche-1.2.raucb\n")
    page = plugged.send("/device/update", do="stick").text
    assert "Die Aktualisierung wird gleich geprüft" in page
    assert sorted(path.name for path in plugged.folder.iterdir()) == ["request", "stick"]


@pytest.mark.parametrize("told", ["", "x", "sda1 refused", "sdb1 refused a0 x.raucb", "../run refused a0 x.raucb"])
def test_no_stick(plugged, told):
    (plugged.run / "on-stick").write_text(told)
    assert "auf dem Stick (" not in plugged.get("/device/").text
    assert plugged.send("/device/update", do="stick").status_code == 400
    assert not plugged.folder.exists()


@pytest.mark.parametrize("fields", [{}, {"do": "x"}, {"do": "upload", "file": ""}])
def test_wrong_wishes(box, fields):
    answer = box.send("/device/update", **fields)
    assert answer.status_code == (200 if fields.get("do") == "upload" else 400)
    assert not box.folder.exists()


def test_a_machine_not_made_from_the_image(client, state):
    page = client.get("/device/").text
    assert "aktualisiert sich nicht selbst" in page
    assert "apt install" in page
    assert 'type="file"' not in page
    assert send(client, BUNDLE).status_code in (404, 413)
    assert not (state / "update").exists()


def test_strangers_send_nothing(guest, box):
    assert send(guest, BUNDLE).status_code in (200, 413)
    assert not box.folder.exists()


# --- over the wire: how much may be sent is decided by the head --------------------------------


@pytest.fixture
def served(app, box):
    server = server_for(app, "127.0.0.1", 0, watched=(watched := {}))
    with running(server, watched):
        yield int(server.effective_port)


def answer_to_head(port, cookie, length, path="/device/update"):
    """What is said to somebody who announces so much, before he sends any of it; None: he is asked to go on."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.putrequest("POST", path)
        for name, value in {"Content-Length": str(length), "Expect": "100-continue", "Cookie": cookie}.items():
            connection.putheader(name, value)
        connection.endheaders()
        first = connection.sock.recv(100).decode()
        return None if " 100 " in first.splitlines()[0] else int(first.split()[1])
    finally:
        connection.close()


def cookie_of(browser):
    value = browser.get_cookie("rufweiche").decoded_value
    return f"rufweiche={value}"


def test_an_update_is_larger_than_anything_else(served, box):
    cookie = cookie_of(box)
    assert answer_to_head(served, cookie, 300 << 20) is None
    assert answer_to_head(served, cookie, bodies.LARGEST_UPDATE + 1) == 413
    assert answer_to_head(served, cookie, 70 << 20, "/restore/upload") == 413
    assert answer_to_head(served, cookie, 60 << 20, "/restore/upload") is None


FORM = 256 << 10


@pytest.mark.parametrize("path", ["/device/update", "/restore/upload", "/", "/nothing"])
@pytest.mark.parametrize("cookie", ["", "rufweiche=", "rufweiche=x.y.z", 'rufweiche="; =;;', "x" * 3000])
def test_strangers_may_send_a_form(served, cookie, path):
    assert answer_to_head(served, cookie, FORM + 1, path) == 413
    assert answer_to_head(served, cookie, FORM, path) is None


def test_a_session_that_never_was_the_owners(served, guest):
    guest.get("/login")
    assert answer_to_head(served, cookie_of(guest), FORM + 1) == 413
    assert SimpleCookie(cookie_of(guest))["rufweiche"].value


def test_whoever_gave_the_code_may_send_a_backup(served, guest):
    with guest.session_transaction() as session:
        session["present"] = True
    assert answer_to_head(served, cookie_of(guest), 60 << 20, "/restore/upload") is None
    assert answer_to_head(served, cookie_of(guest), 300 << 20) == 413


def test_strangers_who_do_not_say_how_much_they_send(served):
    """Chunk by chunk: the connection ends long before what one session may send is through."""
    with socket.create_connection(("127.0.0.1", served), 5) as stranger:
        stranger.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            for _ in range(2 * FORM >> 14):
                stranger.sendall(b"4000\r\n%s\r\n" % bytes(1 << 14))
        assert b" 413 " in stranger.recv(100)


def test_heads_are_short(served):
    assert answer_to_head(served, "x" * 40_000, 0) == 431


def test_little_of_what_is_sent_stays_in_memory(app):
    """Each of a hundred connections may wait with the last byte."""
    adj = Adjustments(**BOUNDS)
    adj.app = app
    parser = bodies.BoundedParser(adj)
    parser.received(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % FORM)
    for _ in range(40 << 10 >> 13):
        parser.received(bytes(8192))
    assert parser.get_body_stream().fileno() > 0
    parser.close()


def test_what_is_sent_lies_on_the_card_and_leaves_nothing(served, box, state, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(state))
    before = sorted(path.name for path in state.iterdir())
    token, mark, content = box.token(), b"x7x7", b"hsqs" + bytes(3 << 20)
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (mark, name, more, value)
        for name, more, value in (
            (b"csrf_token", b"", token.encode()), (b"do", b"", b"upload"), (b"file", b'; filename="a.raucb"', content)
        )
    ) + b"--%s--\r\n" % mark  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=20)
    headers = {"Content-Type": "multipart/form-data; boundary=x7x7", "Cookie": cookie_of(box)}
    connection.request("POST", "/device/update", body, headers)
    assert connection.getresponse().status == 302
    connection.close()
    assert (box.folder / "bundle.raucb").read_bytes() == content
    assert sorted(path.name for path in state.iterdir()) == sorted([*before, "update"])
