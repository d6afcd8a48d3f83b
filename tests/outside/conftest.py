"""Fixtures: a module on a terminal, the program, and both together with the line ready."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from .analog_hall import Hall
from .box import Box, settings
from .calls import Make
from .modem import Modem
from .wire import kernel_on_time, on_time


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """A failure comes with the bytes of both sides and what the engine printed."""
    report = yield
    if report.failed:
        for stage in getattr(item, "stages", []):
            report.sections += [(f"bytes on {modem.link.name}", modem.transcript()) for modem in stage.modems]
            report.sections.append(("engine", "".join(stage.box.output)))
    return report


class Stage:
    """The box and its modules; `up` brings both to the point where a call may come."""

    def __init__(self, folder: Path):
        self.folder, self.box, self.modems = folder, Box(folder), []
        self.box.asked = lambda: all(modem.sent("AT+CLCC", self.box.started) for modem in self.modems)

    def module(self, make: Make | None = None, name: str = "ttyModem", **state) -> Modem:
        modem = Modem(self.folder / name, make, **state)
        self.modems.append(modem)
        return modem

    def up(self, make: Make | None = None, modem: Modem | None = None, **changes) -> tuple[Box, Modem]:
        modem = modem or self.module(make)
        self.box.provisioned(settings(modem.link, **changes))
        self.box.start()
        self.box.ready()
        return self.box, modem

    def down(self) -> None:
        self.box.stop_with(self.modems)


@pytest.fixture
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(tmp_path)
    request.node.stages = [made]
    yield made
    made.down()
    assert "Traceback" not in "".join(made.box.output)
    for modem in made.modems:
        assert modem.violations == [], "a command was sent into another one"


@pytest.fixture
def up(stage: Stage) -> Callable[..., tuple[Box, Modem]]:
    return stage.up


@pytest.fixture
def hall(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hall]:
    """Landlines and modules with sound. The test must not keep their clocks waiting: not for garbage, nor because it
    was put aside in the midst of a step (one interpreter's threads take turns)."""
    made = Hall(tmp_path)
    request.node.stages = [made]
    gc.disable()
    on_time(5)
    switches, _ = sys.getswitchinterval(), sys.setswitchinterval(0.0005)
    with kernel_on_time():
        yield made
    sys.setswitchinterval(switches)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    gc.enable()
    made.down()
    assert "Traceback" not in "".join(made.box.output)
    for modem in made.modems:
        assert modem.violations == [], "something was sent that a modem can't take"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Only the commands, no engine."""
    return Box(tmp_path)
