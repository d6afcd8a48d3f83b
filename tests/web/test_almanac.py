"""Holidays without their library."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from appliance.core import public_holidays
from appliance.core.settings import from_json
from tests.web import sample
from web import almanac


def test_holidays_come_from_another_process(monkeypatch):
    monkeypatch.setattr(public_holidays, "_remembered", {})
    expected = from_json(sample.settings_json()).public_holidays
    data = tomllib.loads(sample.SETTINGS)
    almanac.prepare(data, None)
    monkeypatch.setattr(public_holidays, "_days", None)  # whoever asks the library fails
    assert from_json(sample.settings_json()).public_holidays == expected


def test_stored_ones_are_taken_over(monkeypatch):
    monkeypatch.setattr(public_holidays, "_remembered", {})
    stored = from_json(sample.settings_json())
    monkeypatch.setattr(subprocess, "run", None)
    almanac.prepare(tomllib.loads(sample.SETTINGS), (1, stored))
    assert public_holidays.of(stored.business) == stored.public_holidays


def test_another_land_has_others(monkeypatch):
    monkeypatch.setattr(public_holidays, "_remembered", {})
    stored = from_json(sample.settings_json())
    almanac.prepare(tomllib.loads(sample.SETTINGS.replace('"BY"', '"BE"')), (1, stored))
    berlin = from_json(sample.settings_json(sample.SETTINGS.replace('"BY"', '"BE"')))
    assert "Frauentag" in berlin.public_holidays.values()


def test_what_is_wrong_is_left_to_the_check(monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)
    for data in ({}, {"holidays": 7}, {"holidays": {}, "business": {"owner_mobile": 7}}, {"holidays": {}}):
        almanac.prepare(data, None)


def test_a_process_that_fails_is_no_misfortune(monkeypatch, caplog):
    monkeypatch.setattr(public_holidays, "_remembered", {})
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    almanac.prepare(tomllib.loads(sample.SETTINGS), None)
    assert from_json(sample.settings_json()).public_holidays
    assert "aside" in caplog.text
