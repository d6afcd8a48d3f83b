"""The lights, the buzzer and the button, on gpiozero. Imported by the front panel's own process only: it takes 9 MB."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

from gpiozero import LED, Button, Buzzer
from gpiozero.exc import GPIOZeroError

from appliance.core.errors import RufweicheError
from appliance.core.panel import Lights
from appliance.core.settings import FrontPanel

BOUNCE = 0.03
"""Seconds a contact may chatter."""


class NoPanel(RufweicheError):
    """There are no pins here, or they may not be used; the text says why."""


class GpioPanel:
    """Hold it open as long as the panel is to work."""

    def __init__(self, pins: FrontPanel, on_button: Callable[[bool], None], pin_factory: Any = None) -> None:  # noqa: ANN401
        """`on_button` is called with True when the button goes down, False when it comes up, from another thread.

        `pin_factory`: gpiozero's; None: libgpiod's, or the one GPIOZERO_PIN_FACTORY names. Raises NoPanel.
        """
        self._devices: list[Any] = []
        self._shown = Lights()
        try:
            self._factory = pin_factory or _default_factory()
            self._ready = self._take(LED(pins.ready_led, pin_factory=self._factory))
            self._call = self._take(LED(pins.call_led, pin_factory=self._factory))
            self._buzzer = None
            if pins.buzzer is not None:
                self._buzzer = self._take(Buzzer(pins.buzzer, pin_factory=self._factory))
            self._button = self._take(Button(pins.button, bounce_time=BOUNCE, pin_factory=self._factory))
        except (GPIOZeroError, OSError, ImportError, ValueError) as error:
            self.close()
            raise NoPanel(str(error) or type(error).__name__) from error
        self._button.when_pressed = lambda: on_button(True)
        self._button.when_released = lambda: on_button(False)

    def show(self, lights: Lights) -> None:
        """Switch what has changed. Raises NoPanel when the pins are gone."""
        if lights == self._shown:
            return
        try:
            self._ready.value = lights.ready
            self._call.value = lights.call
            if self._buzzer is not None:
                self._buzzer.value = lights.buzzer
        except (GPIOZeroError, OSError) as error:
            raise NoPanel(str(error) or type(error).__name__) from error
        self._shown = lights

    def close(self) -> None:
        """All dark, the pins given back."""
        for device in reversed(self._devices):
            with contextlib.suppress(GPIOZeroError, OSError):
                device.close()
        self._devices.clear()

    def _take(self, device: Any) -> Any:  # noqa: ANN401 - gpiozero has no types
        self._devices.append(device)
        return device


def _default_factory() -> Any:  # noqa: ANN401
    """None lets gpiozero choose, as GPIOZERO_PIN_FACTORY says."""
    if os.environ.get("GPIOZERO_PIN_FACTORY"):
        return None
    from appliance.ports.gpiod_factory import GpiodFactory  # brings a library that a test on mock pins needs not

    return GpiodFactory()
