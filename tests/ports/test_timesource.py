"""What the machine says of its clock."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.ports import clock, timesource
from appliance.ports.timesource import MachineClock, set_clock

NOW = datetime(2026, 12, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(timesource, "_SYNCHRONISED", tmp_path / "synchronized")
    monkeypatch.setattr(timesource, "_HARDWARE", tmp_path / "since_epoch")
    monkeypatch.setattr(timesource, "_DEVICE_TREE", tmp_path / "device-tree")
    monkeypatch.setattr(timesource, "_kernel_says_so", lambda: False)
    (tmp_path / "device-tree").mkdir()
    return MachineClock()


def test_synchronised_once_is_synchronised_for_this_boot(machine, tmp_path):
    assert not machine.synchronised()
    (tmp_path / "synchronized").touch()
    assert machine.synchronised()
    (tmp_path / "synchronized").unlink()
    assert machine.synchronised()


def test_any_ntp_service_counts(machine, monkeypatch):
    monkeypatch.setattr(timesource, "_kernel_says_so", lambda: True)
    assert machine.synchronised()


def test_the_kernel_is_asked_in_earnest():
    assert timesource._kernel_says_so() in (True, False)


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        (str(round(NOW.timestamp())), True),
        (str(round((NOW + timedelta(seconds=90)).timestamp())) + "\n", True),
        ("1", False),  # its battery is empty
        (str(round((NOW + timedelta(hours=1)).timestamp())), False),
        ("", False),
        ("soon", False),
        ("9" * 30, False),
        (None, False),
    ],
)
def test_hardware_clocks(machine, tmp_path, text, agrees):
    if text is not None:
        (tmp_path / "since_epoch").write_text(text)
    assert machine.hardware_agrees(NOW) is agrees


def test_a_pc_has_a_clock_also_where_it_is_not_seen(machine, tmp_path):
    (tmp_path / "device-tree").rmdir()
    assert machine.hardware_agrees(NOW)
    (tmp_path / "since_epoch").write_text("1")
    assert not machine.hardware_agrees(NOW)


def test_up(machine):
    assert machine.up() >= clock.monotonic() - 1


@pytest.mark.parametrize("error", [PermissionError(), OverflowError(), None])
def test_setting_it(monkeypatch, error):
    told = []

    def settime(which, seconds):
        if error:
            raise error
        told.append(seconds)

    monkeypatch.setattr(timesource.time, "clock_settime", settime)
    assert set_clock(NOW) is (error is None)
    assert told == ([] if error else [NOW.timestamp()])
