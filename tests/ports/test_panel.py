"""Lights and button on gpiozero's mock pins, and the libgpiod factory on a chip that is none."""

import os

import gpiod
import pytest
from gpiod.line import Direction, Value
from gpiozero import LED, Button
from gpiozero.exc import PinUnknownPi
from gpiozero.pins.mock import MockFactory

from appliance.core.panel import Lights
from appliance.core.settings import FrontPanel
from appliance.ports import gpiod_factory
from appliance.ports import panel as ports_panel
from appliance.ports.panel import GpioPanel, NoPanel


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.close()


def test_lights(factory):
    panel = GpioPanel(FrontPanel(buzzer=4), lambda down: None, factory)
    pins = {name: factory.pin(number) for name, number in (("ready", 17), ("call", 27), ("buzzer", 4))}
    for lights in (Lights(True, False, True), Lights(False, True, False), Lights()):
        panel.show(lights)
        assert {name: pin.state for name, pin in pins.items()} == {
            "ready": lights.ready, "call": lights.call, "buzzer": lights.buzzer
        }  # fmt: skip
    panel.close()
    panel.close()


def test_without_a_buzzer(factory):
    panel = GpioPanel(FrontPanel(ready_led=5, call_led=6, button=13), lambda down: None, factory)
    panel.show(Lights(True, True, True))
    assert factory.pin(5).state
    panel.close()


def test_the_button_closes_to_ground(factory):
    heard = []
    panel = GpioPanel(FrontPanel(), heard.append, factory)
    pin = factory.pin(22)
    assert pin.pull == "up"
    pin.drive_low()
    pin.drive_high()
    assert heard == [True, False]
    panel.close()


def test_a_pin_that_is_taken_is_said_and_nothing_is_left_open(factory):
    taken = LED(27, pin_factory=factory)
    with pytest.raises(NoPanel, match="27"):
        GpioPanel(FrontPanel(), lambda down: None, factory)
    taken.close()
    GpioPanel(FrontPanel(), lambda down: None, factory).close()


@pytest.mark.parametrize(
    "error", [FileNotFoundError("there is no GPIO here"), PinUnknownPi("no Pi"), PermissionError()]
)
def test_without_pins(monkeypatch, error):
    def broken():
        raise error

    monkeypatch.setattr(ports_panel, "_default_factory", broken)
    with pytest.raises(NoPanel, match=r"."):
        GpioPanel(FrontPanel(), lambda down: None)


# --- libgpiod ----------------------------------------------------------------------------------


class Event:
    Type = gpiod.EdgeEvent.Type

    def __init__(self, rising, at):
        self.event_type = self.Type.RISING_EDGE if rising else self.Type.FALLING_EDGE
        self.timestamp_ns = round(at * 1e9)


class Request:
    """One line of the chip that is none: what it was told last, and a pipe that edges come through."""

    def __init__(self, settings):
        self.settings = settings
        self.level = Value.INACTIVE
        self.fd, self._write = os.pipe()
        self.events = []
        self.is_released = False

    def edge(self, rising, at):
        self.events.append(Event(rising, at))
        os.write(self._write, b"x")

    def read_edge_events(self):
        os.read(self.fd, 100)
        events, self.events = self.events, []
        return events

    def reconfigure_lines(self, config):
        ((_, self.settings),) = config.items()
        if self.settings.direction is Direction.OUTPUT:
            self.level = self.settings.output_value
        elif self.settings.bias is gpiod.line.Bias.PULL_UP:
            self.level = Value.ACTIVE  # nobody presses

    def get_value(self, offset):
        return self.level

    def set_value(self, offset, value):
        assert self.settings.direction is Direction.OUTPUT
        self.level = value

    def release(self):
        assert not self.is_released
        self.is_released = True
        os.close(self.fd)
        os.close(self._write)


class Chip:
    def __init__(self):
        self.requests = {}

    def request_lines(self, config, consumer):
        ((offset, settings),) = config.items()
        self.requests[offset] = Request(settings)
        return self.requests[offset]

    def close(self):
        pass


@pytest.fixture
def chip(monkeypatch):
    chip = Chip()
    monkeypatch.setattr(gpiod_factory.gpiod, "Chip", lambda path: chip)
    monkeypatch.setattr(gpiod_factory, "chip_path", lambda: "/dev/gpiochip0")
    monkeypatch.setattr(gpiod_factory.GpiodFactory, "_get_revision", lambda self: 0xA02082)
    monkeypatch.setattr(gpiod_factory.LocalPiFactory, "pins", {})
    return chip


def test_the_whole_panel_on_libgpiod(chip):
    heard = []
    factory = gpiod_factory.GpiodFactory()
    panel = GpioPanel(FrontPanel(), heard.append, factory)
    led, button = chip.requests[17], chip.requests[22]
    panel.show(Lights(ready=True))
    assert (led.level, chip.requests[27].level) == (Value.ACTIVE, Value.INACTIVE)
    panel.show(Lights())
    assert led.level is Value.INACTIVE
    assert (button.settings.direction, button.settings.bias) == (Direction.INPUT, gpiod.line.Bias.PULL_UP)
    assert button.settings.edge_detection is gpiod.line.Edge.BOTH
    assert button.settings.debounce_period.total_seconds() == ports_panel.BOUNCE
    button.edge(False, 1.0)
    button.edge(True, 1.5)
    while len(heard) < 2:
        os.sched_yield()
    assert heard == [True, False]
    panel.close()
    factory.close()
    assert all(request.is_released for request in chip.requests.values())


def test_pins_by_themselves(chip):
    factory = gpiod_factory.GpiodFactory()
    pin = factory.pin(4)
    assert (pin.function, pin.pull, pin.bounce, pin.edges, pin.state) == ("input", "floating", None, "both", False)
    pin.pull = "down"
    assert chip.requests[4].settings.bias is gpiod.line.Bias.PULL_DOWN
    for wrong, value in (("pull", "sideways"), ("function", "pwm"), ("bounce", -1), ("state", 1)):
        with pytest.raises(Exception, match=r"."):
            setattr(pin, wrong, value)
    pin.output_with_state(1)
    assert chip.requests[4].level is Value.ACTIVE
    with pytest.raises(Exception, match="pull"):
        pin.pull = "up"
    Button(22, pin_factory=factory).close()
    factory.close()
    factory.close()
    assert all(request.is_released for request in chip.requests.values())


def test_which_chip_has_the_header(monkeypatch, tmp_path):
    class Named:
        def __init__(self, path):
            self.path = path

        def __enter__(self):
            if self.path.endswith("1"):
                raise PermissionError(self.path)
            return self

        def __exit__(self, *_):
            pass

        def get_info(self):
            label = {"0": "brcmvirt-gpio", "2": "pinctrl-bcm2835"}[self.path[-1]]
            return type("Info", (), {"label": label})

    monkeypatch.setattr(gpiod_factory, "_CHIPS", tmp_path)
    monkeypatch.setattr(gpiod_factory.gpiod, "Chip", Named)
    with pytest.raises(FileNotFoundError):
        gpiod_factory.chip_path()
    for number in range(3):
        (tmp_path / f"gpiochip{number}").touch()
    assert gpiod_factory.chip_path() == str(tmp_path / "gpiochip2")
    (tmp_path / "gpiochip2").unlink()
    assert gpiod_factory.chip_path() == str(tmp_path / "gpiochip0")
