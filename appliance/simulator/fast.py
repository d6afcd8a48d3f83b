"""The world in memory on a virtual clock: `core.outside.Outside` for an engine, no second of it waited for.

Deterministic: the same actions at the same virtual times give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Protocol, TypeVar

from appliance.core.errors import PortLost, RufweicheError
from appliance.core.outside import Port, Studio
from appliance.simulator.agenda import Due
from appliance.simulator.device import Device
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange

D = TypeVar("D", bound=Device)

EPOCH = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Wall time at virtual time `START`: a Monday morning in winter."""

START = 1000.0
MOST_IDLE_WAITS = 100_000


class PumpedStudio(Studio, Protocol):
    """A studio that lives on the world's clock: it is called when time moves, and works on the ports lent to it."""

    def pump(self, now: float) -> None:
        """Read what has come, write what is due by now."""

    def deadline(self) -> float | None:
        """When it wants to be pumped again, whether anything comes or not; None: not at all."""

    @property
    def has_news(self) -> bool:
        """Whether `take_events` would give anything."""


class Stalled(RufweicheError):
    """Nothing will ever happen any more, or time stands still: the program that waits would wait for ever."""


def _interface(path: str, interface: int) -> str:
    return f"{path}-if{interface:02}"


class FastPort:
    """An open port of a `FastWorld`; what is written reaches the module at once."""

    def __init__(self, world: FastWorld, path: str, module: Device) -> None:
        self.path = path
        self._world = world
        self._module = module
        self._lost = False
        self.closed = False

    def lose(self) -> None:
        """The plug was pulled."""
        self._lost = True

    @property
    def ready(self) -> bool:
        """Something to read, or the news that the port is gone."""
        return self._lost or self._module.has_output

    def read(self) -> bytes:
        """What the module said."""
        self._check()
        return self._module.take_output()

    def write(self, data: bytes) -> int:
        """Hand bytes to the module."""
        self._check()
        taken = bytes(data[: self._module.room()])
        if taken:
            self._module.receive(taken, self._world.now())
        return len(taken)

    def begin_reset(self) -> None:
        """BREAK, and DTR low."""
        self._module.reset_line()

    def end_reset(self) -> None:
        """Both as they were."""

    def close(self) -> None:
        """Give the port back."""
        if not self.closed:
            self.closed = True
            self._world.closed(self)

    def _check(self) -> None:
        if self.closed:
            raise PortLost(f"{self.path} was closed")
        if self._lost:
            raise PortLost(f"{self.path} is gone")


class FastPower:
    """The switch of the world's USB ports; a port whose power is off is as if unplugged."""

    def __init__(self, world: FastWorld) -> None:
        self._world = world
        self._off: tuple[str, Device, float] | None = None
        self.switched: list[str] = []

    def cycle(self, path: str, now: float) -> bool:
        """Off, for three seconds."""
        if path not in self._world.ports:
            return False
        self.switched.append(path)
        self._off = (path, self._world.unplug(path), now + 3.0)
        return True

    def tick(self, now: float) -> bool:
        """And on again."""
        if self._off and now < self._off[2]:
            return False
        if self._off:
            self._world.plug_in(self._off[1], self._off[0])
            self._off = None
        return True


class FastSocket:
    """The place of one device in a `FastWorld`."""

    def __init__(self, world: FastWorld, path: str, module: Device) -> None:
        self._world = world
        self._path = path
        self._module = module

    def unplug(self) -> None:
        """Pull the plug, if it is in."""
        if self._world.ports.get(self._path) is self._module:
            self._world.unplug(self._path)

    def plug_in(self, name: str | None = None) -> None:
        """Plug it in again, under the same or another name (a bare one: in the same folder)."""
        if self._world.ports.get(self._path) is not self._module:
            self._world.plug_in(self._module, str(PurePosixPath(self._path).parent / (name or self._path)))


class FastWorld:
    """Clock, ports and waiting. `exchange` is the network; `ports` maps names to the modules plugged in there."""

    def __init__(self, exchange: Exchange | None = None) -> None:
        self.exchange = exchange or Exchange(START)
        self.ports: dict[str, Device] = {}
        self.wall_offset = timedelta()
        self.usb_power = FastPower(self)
        self._studio: PumpedStudio | None = None
        self._open: dict[str, FastPort] = {}
        self._woken = False
        self._idle_waits = self._idle_pumps = 0
        self._last_wait = self._last_pump = -1.0

    # --- for whoever directs the play -----------------------------------------------------------------

    def add(self, module: D, path: str = "/dev/ttyUSB0") -> D:
        """Plug a module, or any other device, in under a name; a module's sound goes in as its `sibling`."""
        self.ports[path] = module
        module.socket = FastSocket(self, path, module)
        if isinstance(module, GsmModule) and (interface := module.family.audio_interface) is not None:
            self.add(module.audio.port, _interface(path, interface))
        return module

    def at(self, when: float, action: Callable[[], object]) -> Due:
        """Do this at a virtual time."""
        return self.exchange.agenda.at(when, action)

    def after(self, seconds: float, action: Callable[[], object]) -> Due:
        """Do this so many virtual seconds from now."""
        return self.exchange.agenda.after(seconds, action)

    def unplug(self, path: str) -> Device:
        """Pull the plug of what is at this name; whoever has the port open loses it."""
        module = self.ports.pop(path)
        module.unplug()
        if port := self._open.pop(path, None):
            port.lose()
        return module

    def plug_in(self, module: Device, path: str) -> None:
        """Plug it in under this name; it boots."""
        self.add(module, path)
        module.plug_in()

    def jump_wall(self, by: timedelta) -> None:
        """The wall clock jumps, as at the first network time; the monotonic one does not."""
        self.wall_offset += by

    def wake(self) -> None:
        """Make the wait that is under way, or the next one, return."""
        self._woken = True

    def run_until(self, when: float) -> None:
        """Let time pass without anybody waiting: for tests of the world itself. A studio works on."""
        while self._studio is not None and (due := self._due()) is not None and due < when:
            self.exchange.advance(max(due, self.now()))
            self._pump()
        self.exchange.advance(when)
        self._pump()

    @property
    def studio(self) -> PumpedStudio:
        """Where sound is dealt with: whoever makes the world sets it. Raises RufweicheError where nobody has."""
        if self._studio is None:
            raise RufweicheError("this simulated world has no studio: set world.studio before sound is asked for")
        return self._studio

    @studio.setter
    def studio(self, studio: PumpedStudio) -> None:
        self._studio = studio

    # --- Outside ----------------------------------------------------------------------------------------

    def now(self) -> float:
        """Virtual monotonic seconds."""
        return self.exchange.now

    def wall(self) -> datetime:
        """Virtual wall time, UTC."""
        return EPOCH + timedelta(seconds=self.exchange.now - START) + self.wall_offset

    def open(self, path: str, baudrate: int) -> Port:
        """Open a port. Raises PortLost where nothing is plugged in, or somebody else has it."""
        module = self.ports.get(path)
        if module is None:
            raise PortLost(f"{path} does not exist")
        if path in self._open:
            raise PortLost(f"{path} is in use")
        port = self._open[path] = FastPort(self, path, module)
        module.opened(baudrate)
        return port

    def closed(self, port: FastPort) -> None:
        """A port says that it was closed."""
        if self._open.get(port.path) is port:
            del self._open[port.path]
            if (module := self.ports.get(port.path)) is not None:
                module.closed()

    def sibling(self, path: str, interface: int) -> str | None:
        """The port named after another one and an interface of it."""
        name = _interface(path, interface)
        return name if name in self.ports else None

    def candidates(self) -> list[str]:
        """The names there are now."""
        return list(self.ports)

    def wait(self, ports: Collection[Port], until: float | None) -> None:
        """Let virtual time pass until a port or the studio has something, or `until`.

        Raises Stalled where that will never be.
        """
        self._count_waits()
        self._pump()
        while not self._ends_waiting(ports):
            due = self._due()
            if due is None and until is None:
                raise Stalled("nothing is due in the simulated world and the program waits without a deadline")
            when = until if due is None or (until is not None and until < due) else due
            self.exchange.advance(max(self.now(), when or 0.0))
            self._pump()
            if until is not None and self.now() >= until:
                break
        self._woken = False

    def _ends_waiting(self, ports: Collection[Port]) -> bool:
        if self._woken or (self._studio is not None and self._studio.has_news):
            return True
        return any(isinstance(port, FastPort) and port.ready for port in ports)

    def _due(self) -> float | None:
        times = [self.exchange.deadline(), self._studio.deadline() if self._studio is not None else None]
        return min((when for when in times if when is not None), default=None)

    def _pump(self) -> None:
        if self._studio is not None:
            self._idle_pumps = self._idle_pumps + 1 if self.now() == self._last_pump else 0
            self._last_pump = self.now()
            if self._idle_pumps > MOST_IDLE_WAITS:
                raise Stalled("the studio wants to be pumped again and again at the same moment")
            self._studio.pump(self.now())

    def _count_waits(self) -> None:
        self._idle_waits = self._idle_waits + 1 if self.now() == self._last_wait else 0
        self._last_wait = self.now()
        if self._idle_waits > MOST_IDLE_WAITS:
            raise Stalled(f"{MOST_IDLE_WAITS} waits without any time passing")
