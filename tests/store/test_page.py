"""What the page keeps: texts by name, and who is logged in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.store.page import PageStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with PageStore.open(tmp_path / "state", create=True) as opened:
        yield opened


def test_texts_are_kept_and_forgotten(store):
    store.keep(**{"page.a": "1", "page.b": "2"})
    store.keep(**{"page.a": None, "page.b": "3"})
    assert (store.kept("page.a"), store.kept("page.b")) == (None, "3")


def test_the_first_text_is_kept(store, tmp_path):
    assert store.keep_first("page.secret", "mine") == "mine"
    with PageStore.open(tmp_path / "state") as other:
        assert other.keep_first("page.secret", "theirs") == "mine"


def test_sessions_last_seen_first(store):
    for number in (1, 2, 3):
        store.open_session(f"digest {number}", NOON + timedelta(minutes=number), "192.168.178.2", "Firefox")
    store.touch_session(1, NOON + timedelta(hours=1), "192.168.178.9")
    assert [one.id for one in store.sessions()] == [1, 3, 2]
    assert store.session("digest 1").address == "192.168.178.9"
    assert store.session("digest 1").created_at == NOON + timedelta(minutes=1)
    assert store.session("digest 9") is None


def test_sessions_end(store):
    for number in range(1, 6):
        store.open_session(f"digest {number}", NOON + timedelta(days=number), "", "")
    store.end_session(5)
    store.end_sessions_before(NOON + timedelta(days=3), NOON)
    assert [one.id for one in store.sessions()] == [4, 3]
    store.end_sessions_before(NOON, NOON + timedelta(days=4))
    assert [one.id for one in store.sessions()] == [4]
    store.open_session("another", NOON, "", "")
    store.end_sessions(besides=4)
    assert [one.id for one in store.sessions()] == [4]
    store.end_sessions()
    assert store.sessions() == []


def test_what_a_browser_says_of_itself_may_be_anything(store):
    store.open_session("digest", NOON, "::1%eth0", "\udcff\x00💩")
    assert store.session("digest").agent == "?\x00💩"
