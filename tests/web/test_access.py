"""Logging in, staying in, and who else is in."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from appliance.store.file import FILE_NAME
from tests.web import sample
from web import box
from web.tries import ALLOWANCE, FREE, Tries

NEW = "Linde und Ahorn"


def test_logging_in_and_out(guest):
    assert guest.log_in().request.path == "/"
    guest.send("/logout")
    assert guest.get("/").status_code == 302


@pytest.mark.parametrize("password", ["", "kiefer und eiche", "x" * 10_000, "\x00", "<b>", "\u202e"])
def test_what_is_not_the_password(guest, password):
    answer = guest.log_in(password)
    assert answer.status_code == 403
    assert "Das ist nicht das Kennwort" in answer.text
    assert not password or password not in answer.text


@pytest.mark.parametrize(
    ("after", "leads"),
    [
        ("/access/", "/access/"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\nSet-Cookie: x=1", "/"),
    ],
)
def test_login_leads_on_within_the_page_only(guest, after, leads):
    token = guest.token()
    answer = guest.post("/login", query_string={"next": after}, data={"password": sample.PASSWORD, "csrf_token": token})
    assert answer.location == leads


def test_same_letters_typed_otherwise_are_the_same_password(guest, store):
    from web import claim

    claim.set_password(store, "Gru\N{LATIN SMALL LETTER U WITH DIAERESIS}ne Linde")
    assert guest.log_in("Gruu\N{COMBINING DIAERESIS}ne Linde").status_code == 200


def test_another_password_ends_every_other_session(client, guest):
    guest.log_in()
    page = client.send("/access/password", old=sample.PASSWORD, password=NEW, again=NEW)
    assert "Ihr neues Kennwort gilt ab jetzt" in page.text
    assert guest.get("/").status_code == 302
    assert client.get("/").status_code == 200
    assert guest.log_in().status_code == 403
    assert guest.log_in(NEW).status_code == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"old": "falsch", "password": NEW, "again": NEW}, "old"),
        ({"old": sample.PASSWORD, "password": "kurz", "again": "kurz"}, "password"),
        ({"old": sample.PASSWORD, "password": NEW, "again": "anders"}, "again"),
    ],
)
def test_passwords_that_are_not_taken(client, guest, fields, field):
    assert f'id="{field}-mistake"' in client.send("/access/password", **fields).text
    assert guest.log_in().status_code == 200


def test_sessions_are_listed_and_ended(client, guest, store):
    guest.log_in()
    page = client.get("/access/").text
    assert page.count("zuletzt gesehen") == 2
    other = next(one for one in store.sessions() if one.id != 1)
    client.send("/access/end", session=str(other.id))
    assert guest.get("/").status_code == 302
    guest.log_in()
    client.send("/access/end", session="others")
    assert guest.get("/").status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("session", ["", "x", "-1", "9" * 40, "²"])
def test_ending_what_is_no_session(client, session):
    assert client.send("/access/end", session=session).status_code == 400


def test_sessions_end_when_they_are_not_used(client, watch):
    watch.forward(timedelta(days=59).total_seconds())
    assert client.get("/").status_code == 200
    watch.forward(timedelta(days=61).total_seconds())
    assert client.get("/").status_code == 302


def test_a_look_is_seldom_a_write(client, state, watch):
    before = (state / "rufweiche.sqlite3-wal").stat().st_mtime_ns
    for _ in range(20):
        watch.forward(2)
        client.get("/today/live")
    assert (state / "rufweiche.sqlite3-wal").stat().st_mtime_ns == before


def test_a_made_up_session_is_none(guest):
    with guest.session_transaction() as session:
        session["secret"] = "made up"
    assert guest.get("/").status_code == 302
    guest.set_cookie("rufweiche", "x" * 3000)
    guest.set_cookie("rufweiche_mark", "\x7f.x.y")
    assert guest.get("/login").status_code == 200


def test_tries_are_slowed_and_the_owner_is_not_shut_out(app, watch):
    owner = app.test_client()
    owner.log_in()
    owner.send("/logout")
    robber = app.test_client()
    for _ in range(FREE):
        assert robber.log_in("falsch").status_code == 403
    answer = robber.log_in("falsch")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert robber.log_in().status_code == 429  # not even the right one, until the time is over
    assert owner.log_in().status_code == 200  # he has been here before
    watch.forward(2)
    assert robber.log_in("falsch").status_code == 403
    assert robber.log_in("falsch").headers["Retry-After"] == "4"


def test_many_addresses_are_no_way_around():
    tries = Tries()
    for number in range(int(ALLOWANCE)):
        assert tries.wait(f"address {number}", True, 0.0) == 0
        tries.missed(f"address {number}", True, 0.0)
    assert 9 < tries.wait("address new", True, 0.0) <= 10
    assert tries.wait("mark of the owner", False, 0.0) == 0
    assert tries.wait("address new", True, 10.1) == 0


def test_waiting_grows_to_a_quarter_of_an_hour_and_no_further():
    tries, now, waits = Tries(), 0.0, []
    for _ in range(FREE + 15):
        now += tries.wait("a", False, now)
        tries.missed("a", False, now)
        waits.append(tries.wait("a", False, now))
    assert waits[FREE - 2 : FREE + 2] == [0, 2, 4, 8]
    assert waits[-1] == 900
    tries.succeeded("a")
    assert tries.wait("a", False, now) == 0


def test_no_memory_is_filled_by_strangers():
    tries = Tries()
    for number in range(5000):
        tries.missed(f"address {number}", False, float(number))
    assert len(tries._known) == 2000


# --- what must not end it ----------------------------------------------------------------------


@contextmanager
def locked(state):
    """Somebody else writes, and does not end."""
    with closing(sqlite3.connect(state / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
def test_database_that_cannot_be_written_ends_no_session(client, watch, state, monkeypatch, address):
    monkeypatch.setattr(box, "WAIT", 0.01)
    client.application.extensions["rufweiche.stores"].close()
    watch.now += timedelta(minutes=11)
    from_there = {"environ_base": {"REMOTE_ADDR": address}}
    with locked(state):
        assert client.get("/", **from_there).status_code == 200
        assert client.get("/today/live", headers={"X-Live": "1"}, **from_there).status_code == 200


@pytest.mark.parametrize("now", [datetime(2025, 1, 1, tzinfo=UTC), sample.NOW])
def test_login_lasts_by_the_browsers_clock(guest, watch, now):
    watch.now = now
    answer = guest.post("/login", data={"password": sample.PASSWORD, "csrf_token": guest.token()})
    (cookie,) = (one for one in answer.headers.getlist("Set-Cookie") if one.startswith("rufweiche="))
    assert "; Max-Age=31536000" in cookie
    assert "Expires" not in cookie


def test_browser_that_was_not_logged_in_keeps_nothing(guest):
    (cookie,) = guest.get("/login").headers.getlist("Set-Cookie")
    assert "Max-Age" not in cookie
    guest.log_in()
    assert "Max-Age=0" in guest.send("/logout", _follow=False).headers["Set-Cookie"]


@pytest.mark.parametrize("doubted", [{}, {"clock": {"known": False}}])
def test_clock_that_is_set_ends_no_session(guest, watch, state, store, doubted):
    """Set up over its own hotspot, the box learns the time years later."""
    if not doubted:
        watch.now = datetime(2025, 1, 1, tzinfo=UTC)
    sample.show_live(state, watch.passed, [sample.LINE], **doubted)
    guest.log_in()
    watch.now += timedelta(days=800)
    assert guest.get("/").status_code == 200
    sample.show_live(state, watch.passed, [sample.LINE])
    assert guest.get("/").status_code == 200
    assert {(one.created_at, one.seen_at) for one in store.sessions()} == {(watch.now, watch.now)}
    watch.now += timedelta(days=61)
    sample.show_live(state, watch.passed, [sample.LINE])
    assert guest.get("/").status_code == 302
