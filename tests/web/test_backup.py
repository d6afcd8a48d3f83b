"""Backup: made now, those of the nights, and from there back."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from appliance.core.settings import from_json
from appliance.store import backup, nightly
from tests.web import sample
from tests.web.test_restore import begin

NIGHT = sample.NOW - timedelta(hours=12)


@pytest.fixture
def nights(state, client):
    folder = state / nightly.FOLDER
    folder.mkdir()
    backup.save(state, folder / nightly.name(NIGHT.date()), NIGHT)
    (folder / "rufweiche-2026-11-21.zip").write_bytes(b"damaged")
    (folder / "rufweiche-2026-99-99.zip").write_bytes(b"no such day")
    (folder / "notes.txt").write_text("private")
    return folder


def saved(client, tmp_path, **fields):
    answer = client.send("/backup/save", **fields)
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rufweiche-backup-2026-11-23.zip"'
    assert answer.content_length == len(answer.data)
    file = tmp_path / "saved.zip"
    file.write_bytes(answer.data)
    answer.close()
    return file


def test_everything(client, state, tmp_path):
    (state / "voicemail").mkdir()
    (state / "voicemail" / "1.wav").write_bytes(b"RIFF")
    contents = backup.inspect(saved(client, tmp_path, voicemail="1"))
    assert (contents.calls, contents.contacts, contents.sounds) == (6, 1, 1)
    assert contents.settings.line[0].pin == "9753"
    assert [path.name for path in state.iterdir() if path.name.startswith(".download")] == []


def test_without_what_is_secret(client, state, tmp_path):
    (state / "voicemail").mkdir()
    (state / "voicemail" / "1.wav").write_bytes(b"RIFF")
    file = saved(client, tmp_path, without_secrets="1")
    contents = backup.inspect(file)
    assert contents.settings.line[0].pin is None
    assert contents.sounds == 0
    with zipfile.ZipFile(file) as archive:
        assert all(b"argon2" not in archive.read(name) for name in archive.namelist())


def test_nights_are_listed_and_saved(client, nights):
    page = client.get("/backup/").text
    assert "Mo 23.11." in page
    assert "2026-99-99" not in page
    assert "notes.txt" not in page
    answer = client.get("/backup/nightly/2026-11-23.zip")
    assert zipfile.is_zipfile(io.BytesIO(answer.data))
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()


@pytest.mark.parametrize(
    "day", ["2026-11-22", "2026-99-99", "..", "notes", "..%2Fnotes", "x" * 5000, "%00", "2026-11-23\u0000", "20261121x"]
)
def test_other_files_are_nobodys(client, nights, day):
    assert client.get(f"/backup/nightly/{day}.zip").status_code == 404
    assert client.send(f"/backup/nightly/{day}").status_code in (404, 405)


def test_a_night_is_looked_at_and_restored(client, nights, store):
    changed = sample.SETTINGS.replace("Tischlerei Muster", "Schreinerei Neu")
    store.save_settings(sample.settings_json(changed))
    page = client.send("/backup/nightly/2026-11-23")
    assert page.request.path == "/restore/"
    assert "Tischlerei Muster" in page.text
    assert "Schreinerei Neu" in page.text
    assert "Diese Einstellungen werden wieder wie damals: Betrieb." in page.text
    assert "5 Anrufe, die seitdem kamen, wären weg." in page.text
    store.close()
    begin(client)
    client.log_in()
    from appliance.store.page import PageStore

    with PageStore.open(client.application.extensions["rufweiche.stores"].state) as restored:
        assert from_json(restored.load_settings()[1]).business.name == "Tischlerei Muster"


def test_a_damaged_night_is_said(client, nights):
    page = client.send("/backup/nightly/2026-11-21")
    assert "Diese Sicherung ist beschädigt" in page.text


def test_without_nights(client):
    assert "Noch keine Sicherungen der Nächte" in client.get("/backup/").text


def test_strangers_get_nothing(guest, state):
    assert guest.get("/backup/nightly/2026-11-23.zip").status_code == 302
    assert guest.send("/backup/save").mimetype == "text/html"
