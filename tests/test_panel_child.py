"""The front panel's process: only where there are pins, again when it was killed, gone with the engine."""

import sys
import time

import pytest

from appliance.panel_child import AGAIN, FIRST, PanelChild


@pytest.fixture
def make(tmp_path):
    children = []

    def build(program, pins=True):
        if pins:
            (tmp_path / "gpiochip0").touch()
        child = PanelChild(tmp_path, 0.0, tmp_path)
        child._command = [sys.executable, "-c", f"open({str(tmp_path / 'log')!r}, 'a').write('x'); {program}"]
        children.append(child)
        return child

    yield build
    for child in children:
        child.stop()


def starts(tmp_path):
    log = tmp_path / "log"
    return len(log.read_text()) if log.exists() else 0


def until(condition, child, now):
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit
        child.tick(now)
        time.sleep(0.02)  # a process of its own, in real time


def test_without_pins_nothing_is_started(make, tmp_path):
    child = make("", pins=False)
    child.tick(1e6)
    assert starts(tmp_path) == 0


def test_calls_come_first(make, tmp_path):
    child = make("import time; time.sleep(60)")
    child.tick(FIRST - 0.1)
    assert child._child is None
    child.tick(FIRST)
    until(lambda: starts(tmp_path) == 1, child, FIRST)
    child.stop()
    assert child._child is None


def test_one_that_was_killed_is_started_again(make, tmp_path):
    child = make("import sys; sys.exit(3)")
    child.tick(FIRST)
    until(lambda: starts(tmp_path) == 1 and child._child is None, child, FIRST)
    child.tick(FIRST + AGAIN - 1)
    assert starts(tmp_path) == 1
    until(lambda: starts(tmp_path) == 2, child, FIRST + AGAIN)


def test_a_box_without_a_panel_is_asked_once(make, tmp_path):
    child = make("")
    child.tick(FIRST)
    until(lambda: starts(tmp_path) == 1 and child._child is None, child, FIRST)
    child.tick(1e6)
    assert starts(tmp_path) == 1 and child._child is None
