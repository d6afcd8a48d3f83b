"""Settings changed by forms."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.core.settings import from_json, to_json
from tests.core.settings_sample import FULL
from tests.web import sample
from web import changes


def test_unchanged_settings_stay_as_they_are(app):
    with app.test_request_context("/"):
        settings = from_json(sample.settings_json(FULL))
        result = changes.store(changes.as_file(settings))
        assert result.mistakes == {}
        assert result.settings == settings


def test_a_change_is_stored(app, store):
    with app.test_request_context("/"):
        result = changes.change(lambda data: data["business"].update(name="Schreinerei Neu"))
        assert result.is_stored
    assert from_json(store.load_settings()[1]).business.name == "Schreinerei Neu"


def test_mistakes_come_back_by_their_field_and_nothing_is_stored(app, store):
    before = store.load_settings()
    with app.test_request_context("/"):
        result = changes.change(lambda data: data["target"][0].update(number="110", ring_seconds=999))
        assert not result.is_stored
        named = result.named(number="target[0].number")
    assert "Notruf" in named["number"][0]
    assert len(named[""]) == 1
    assert store.load_settings() == before


@pytest.fixture
def slow_check(monkeypatch, store):
    """While the first change is checked, another browser renames the business."""
    check, turns = changes.check, []

    def checked(data):
        turns.append(1)
        if len(turns) == 1:
            settings = from_json(store.load_settings()[1])
            other = replace(settings, business=replace(settings.business, name="Schreinerei Neu"))
            store.save_settings(to_json(other))
        return check(data)

    monkeypatch.setattr(changes, "check", checked)


def test_what_another_browser_stores_during_the_check_stays(app, store, slow_check):
    version = store.load_settings()[0]
    with app.test_request_context("/"):
        result = changes.change(lambda data: data["target"][0].update(ring_seconds=17), version)
        assert result.is_stale
        assert not result.is_stored
    settings = from_json(store.load_settings()[1])
    assert settings.business.name == "Schreinerei Neu"
    assert settings.target[0].ring_seconds != 17


def test_a_change_of_no_version_is_made_to_the_newer_settings(app, store, slow_check):
    with app.test_request_context("/"):
        assert changes.change(lambda data: data["target"][0].update(ring_seconds=17)).is_stored
    settings = from_json(store.load_settings()[1])
    assert settings.business.name == "Schreinerei Neu"
    assert settings.target[0].ring_seconds == 17


def test_a_form_about_older_settings_changes_nothing(app, store):
    store.save_settings(store.load_settings()[1])
    before = store.load_settings()
    with app.test_request_context("/"):
        result = changes.change(lambda data: data["timetable"]["slot"].pop(0), version=1)
        assert result.is_stale
        assert not result.is_stored
    assert store.load_settings() == before
