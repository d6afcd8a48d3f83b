"""The box itself: time, version, updates, restart, the file for whoever helps."""

from __future__ import annotations

import io
import zipfile

import pytest

from appliance import __version__
from appliance.core import requests
from tests.web import sample


def test_time_and_version(client, state, watch):
    more = {"version": __version__, "clock": {"known": True, "by": "mobile", "mobile": None}}
    sample.show_live(state, watch.passed, [sample.LINE], **more)
    page = client.get("/device/").text
    assert "Die Uhrzeit ist bekannt" in page
    assert "das Mobilfunknetz" in page
    assert "Europe/Berlin" in page
    assert __version__ in page


def test_a_clock_that_is_not_believed(client, state, watch):
    sample.show_live(state, watch.passed, [sample.LINE], clock={"known": False, "by": None})
    assert "Die Uhrzeit ist noch nicht bekannt" in client.get("/device/").text


@pytest.mark.parametrize("clock", [None, 1, "x", {"known": "yes"}, {"known": True, "by": 7}])
def test_a_clock_that_says_nonsense(client, state, watch, clock):
    sample.show_live(state, watch.passed, [sample.LINE], clock=clock, version=clock)
    assert "Die Uhrzeit ist bekannt" in client.get("/device/").text  # the wall clock shows a time that can be


def test_restart_is_asked_for(client, store):
    page = client.send("/device/restart")
    (request,) = store.unanswered()
    assert request.kind == requests.RESTART
    assert "Der Anrufdienst wird neu gestartet." in page.text


def test_the_file_for_whoever_helps(client, state):
    answer = client.send("/device/support")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rufweiche-support-2026-11-23.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
        assert "rufweiche-support/calls.json" in archive.namelist()
    answer.close()
    for secret in (b"9753", b"+4917122222222", b"Firma Huber"):
        assert secret not in whole
    assert [path.name for path in state.iterdir() if path.name.startswith(".download")] == []


def test_without_an_owner_there_is_no_file(guest):
    assert guest.send("/device/support").mimetype == "text/html"
