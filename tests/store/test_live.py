"""The sign of life, read back."""

import pytest

from appliance.store import live


@pytest.mark.parametrize("written_at", [5.0, 5.0004, 5.0005, 5.0009, 123456.78951])
def test_it_is_one_from_the_moment_it_is_written(tmp_path, monkeypatch, written_at):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setattr(live.time, "monotonic", lambda: written_at)
    shown = live.Live(tmp_path, "this boot")
    shown.write({"lines": []})
    assert live.read(tmp_path, "this boot", written_at) is not None
    assert live.read(tmp_path, "this boot", written_at + live.ALIVE_WITHIN + 0.1) is None
    shown.close()
