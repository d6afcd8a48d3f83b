"""gpiozero's pins on the kernel's GPIO character devices, through libgpiod 2 (its Python package: gpiod).

gpiozero brings no such factory, and Debian no lgpio, which gpiozero would use. Only what LEDs, a buzzer and a button
need: in, out, pull, debounce, edges.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import gpiod
from gpiod.line import Bias, Direction, Edge, Value
from gpiozero.exc import PinFixedPull, PinInvalidBounce, PinInvalidFunction, PinInvalidPull, PinSetInput
from gpiozero.pins.local import LocalPiFactory, LocalPiPin

_PULLS = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "floating": Bias.DISABLED}
_EDGES = {"both": Edge.BOTH, "rising": Edge.RISING, "falling": Edge.FALLING, "none": Edge.NONE}
_CHIPS = Path("/dev")
CONSUMER = "rufweiche"


def chip_path() -> str:
    """The chip that has the header's pins ("pinctrl-bcm2835", "pinctrl-bcm2711"). Raises OSError without any chip."""
    paths = sorted(map(str, _CHIPS.glob("gpiochip*")))
    for path in paths:
        with contextlib.suppress(OSError), gpiod.Chip(path) as chip:
            if chip.get_info().label.startswith("pinctrl-"):
                return path
    if not paths:
        raise FileNotFoundError("there is no GPIO here")
    return paths[0]


class GpiodFactory(LocalPiFactory):  # type: ignore[misc]  # gpiozero has no types
    """Makes pins by their BCM numbers, which are the line offsets of that chip."""

    def __init__(self, path: str | None = None) -> None:
        """Raises OSError where there is no chip, gpiozero's PinUnknownPi on a machine that is no Raspberry Pi."""
        super().__init__()
        self._get_revision()
        self.chip: Any = gpiod.Chip(path or chip_path())
        self.pin_class = GpiodPin

    def close(self) -> None:
        """Give every pin and the chip back."""
        super().close()
        if self.chip is not None:
            self.chip.close()
            self.chip = None


class GpiodPin(LocalPiPin):  # type: ignore[misc]
    """One line, requested as an input until told otherwise."""

    def __init__(self, factory: GpiodFactory, info: Any) -> None:  # noqa: ANN401 - gpiozero's PinInfo
        super().__init__(factory, info)
        self._pull, self._bounce, self._edges = "floating", 0.0, "both"
        self._is_output = self._is_watched = False
        self._thread: threading.Thread | None = None
        self._stop_read = self._stop_write = -1
        self._request: Any = factory.chip.request_lines({self._number: self._settings()}, consumer=CONSUMER)

    def close(self) -> None:
        """Give the line back."""
        if self._request is None:
            return
        self.when_changed = None
        self._request.release()
        self._request = None

    def _settings(self, value: bool = False) -> gpiod.LineSettings:
        if self._is_output:
            level = Value.ACTIVE if value else Value.INACTIVE
            return gpiod.LineSettings(direction=Direction.OUTPUT, output_value=level)
        return gpiod.LineSettings(
            direction=Direction.INPUT,
            bias=_PULLS[self._pull],
            debounce_period=timedelta(seconds=self._bounce),
            edge_detection=_EDGES[self._edges] if self._is_watched else Edge.NONE,
        )

    def _apply(self) -> None:
        self._request.reconfigure_lines({self._number: self._settings()})

    # --- what gpiozero asks for ------------------------------------------------------------------

    def _get_function(self) -> str:
        return "output" if self._is_output else "input"

    def _set_function(self, value: str) -> None:
        if value not in ("input", "output"):
            raise PinInvalidFunction(f'invalid function "{value}" for pin {self!r}')
        self._is_output = value == "output"
        self._apply()

    def _get_state(self) -> bool:
        return bool(self._request.get_value(self._number) is Value.ACTIVE)

    def _set_state(self, value: float) -> None:
        if not self._is_output:
            raise PinSetInput(f"cannot set state of pin {self!r}")
        self._request.set_value(self._number, Value.ACTIVE if value else Value.INACTIVE)

    def _get_pull(self) -> str:
        return self._pull

    def _set_pull(self, value: str) -> None:
        if self._is_output:
            raise PinFixedPull(f"cannot set pull on non-input pin {self!r}")
        if value not in _PULLS:
            raise PinInvalidPull(f'invalid pull "{value}" for pin {self!r}')
        self._pull = value
        self._apply()

    def _get_bounce(self) -> float | None:
        return self._bounce or None

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise PinInvalidBounce("bounce must be 0 or greater")
        self._bounce = value or 0.0
        self._apply()

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        self._edges = value
        self._apply()

    def _enable_event_detect(self) -> None:
        self._is_watched = True
        self._apply()
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._watch, name=f"pin {self._number}", daemon=True)
        self._thread.start()

    def _disable_event_detect(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            os.write(self._stop_write, b"x")
            if thread is not threading.current_thread():
                thread.join()
            os.close(self._stop_read)
            os.close(self._stop_write)
        self._is_watched = False
        self._apply()

    def _watch(self) -> None:
        """Until told to stop: tell gpiozero of each edge, in the order in which they came."""
        stop, fd = self._stop_read, self._request.fd
        while True:
            ready, _, _ = select.select([fd, stop], [], [])
            if stop in ready:
                return
            for event in self._request.read_edge_events():
                self._call_when_changed(event.timestamp_ns / 1e9, event.event_type is event.Type.RISING_EDGE)
