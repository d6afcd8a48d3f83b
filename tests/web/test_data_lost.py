"""Data that could not be read any more when the box started: said where the owner looks first, with what to do."""

from __future__ import annotations

import pytest

from web import machine


@pytest.fixture
def lost(tmp_path, monkeypatch):
    """What the first program of the box left behind."""
    monkeypatch.setattr(machine, "RUN", tmp_path)

    def say(what):
        (tmp_path / "data-lost").write_text(what + "\n")

    return say


@pytest.mark.parametrize(
    ("what", "said"), [("empty", "hat das Gerät neu begonnen"), ("memory", "eine andere Karte ein")]
)
def test_on_today(client, lost, watch, what, said):
    watch.passed = 30 * 86400.0  # the sample's calls came since it was switched on
    assert said not in client.get("/").text
    lost(what)
    page = client.get("/").text
    assert said in page
    assert 'href="/restore/"' in page
    assert client.get("/restore/").status_code == 200


@pytest.mark.parametrize(
    ("what", "said"), [("empty", "hat das Gerät neu begonnen"), ("memory", "eine andere Karte ein")]
)
def test_on_the_first_page_of_the_set_up(new_box, lost, what, said):
    german = {"Accept-Language": "de"}
    assert said not in new_box.get("/setup/language", headers=german).text
    lost(what)
    page = new_box.get("/setup/language", headers=german).text
    assert said in page
    assert 'href="/restore/"' in page
    assert 'value="backup" checked' in new_box.get("/setup/origin").text
    assert 'value="new" checked' not in new_box.get("/setup/origin").text


def test_no_more_once_they_are_restored(client, lost, watch):
    watch.passed = 60.0  # the sample's calls are older than that
    lost("empty")
    assert "hat das Gerät neu begonnen" not in client.get("/").text
    lost("memory")
    assert "eine andere Karte ein" in client.get("/").text


def test_in_english(new_box, lost):
    lost("empty")
    assert "the box began anew" in new_box.get("/setup/language", headers={"Accept-Language": "en"}).text


def test_anything_else_it_says_is_as_if_all_were_gone(client, lost, watch):
    watch.passed = 30 * 86400.0
    lost("<b>repair</b>")
    page = client.get("/").text
    assert "hat das Gerät neu begonnen" in page
    assert "<b>repair" not in page
