"""The studio on the simulated clock: the real desk in this process, on ports of a FastWorld."""

from concurrent.futures import Executor, Future

from appliance.audio.desk import Desk
from appliance.core import sound
from appliance.core.errors import PortLost


class AtOnce(Executor):
    """Does what it is given before it returns, so that a test's time decides alone."""

    def submit(self, function, /, *values, **named):
        future = Future()
        try:
            future.set_result(function(*values, **named))
        except Exception as problem:  # noqa: BLE001 - it is the future's
            future.set_exception(problem)
        return future


class FastStudio:
    """Implements simulator.fast.PumpedStudio. `crash()` ends it as kill -9 would its process."""

    def __init__(self):
        self._now = 0.0
        self._begin()

    def _begin(self):
        self.desk = Desk(AtOnce())
        self._ports = {}
        self._unsent = {}
        self._events = []

    def crash(self):
        lines = list(self._ports)
        self._begin()
        self._events = [(line, sound.StreamEnded("crash")) for line in lines]

    def leave(self):
        """What its process does once the engine has died."""
        for line in list(self._ports):
            self.desk.wish(line, sound.Close(), self._now)
        self._begin()

    # --- core.outside.Studio ---------------------------------------------------------------------

    def wish(self, line, wish, port=None):
        if isinstance(wish, sound.Open):
            self._ports[line], self._unsent[line] = port, b""
        self.desk.wish(line, wish, self._now)
        self._write(line)

    def take_events(self):
        events, self._events = [*self._events, *self.desk.take_events()], []
        for line, event in events:
            if isinstance(event, sound.StreamEnded):
                self._ports.pop(line, None)
        return events

    # --- the world's clock -----------------------------------------------------------------------

    def pump(self, now):
        self._now = now
        for line, port in list(self._ports.items()):
            if not self.desk.is_open(line):
                continue
            try:
                if data := port.read():
                    self.desk.receive(line, data, now)
            except PortLost:
                self.desk.port_lost(line, now)
        self.desk.tick(now)
        for line in list(self._ports):
            self._write(line)

    def _write(self, line):
        if line not in self._ports or not self.desk.is_open(line):
            return
        try:
            while True:
                waiting = self._unsent[line] or self.desk.data_to_send(line, self._now)
                if not waiting:
                    return
                taken = self._ports[line].write(waiting)
                self._unsent[line] = waiting[taken:]
                if self._unsent[line]:
                    return
        except PortLost:
            self.desk.port_lost(line, self._now)

    def deadline(self):
        return self.desk.deadline()

    @property
    def has_news(self):
        return bool(self._events) or self.desk.has_news
