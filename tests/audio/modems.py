"""Modems with clocks of their own on a desk, in virtual time: what they send, and what they have played."""

import heapq

import numpy as np

from appliance.audio import coding
from appliance.audio.desk import Desk
from appliance.core import sound
from tests.audio.desks import AtOnce

FRAME = coding.FRAME
SHIELDED_DUPLEX = sound.Stream("u8", shielded=True, end=b"\x10^", two_wire=True)


class Modem:
    """`ppm`: how far its clock is off. `hybrid`: what it plays comes back through this. `says`: its party's samples.

    `played` has all it has played, silence where it had nothing; `gaps` how often that was, once it had begun.
    """

    def __init__(self, form, says, ppm=0.0, hybrid=None, transfer=FRAME):
        self.form = form
        self.says = np.asarray(says, np.float32)
        self.rate = 8000 * (1 + ppm * 1e-6)
        self.transfer = transfer
        self.hybrid = hybrid
        self.queue = np.zeros(0, np.float32)
        self.played = []
        self.gaps = 0
        self.transfers = 0
        self._raw = b""
        self._at = 0
        self._tail = np.zeros(0 if hybrid is None else len(hybrid) - 1)

    def due(self):
        """When its next transfer is."""
        return (self.transfers + 1) * self.transfer / self.rate

    def step(self):
        """Play as much as it records; returns what it sends."""
        self.transfers += 1
        now, self.queue = self.queue[: self.transfer], self.queue[self.transfer :]
        if len(now) < self.transfer:
            self.gaps += bool(self.played)
            now = np.concatenate((now, np.zeros(self.transfer - len(now), np.float32)))
        self.played.append(now)
        spoken = self.says[self._at : self._at + self.transfer]
        self._at += self.transfer
        came = np.concatenate((spoken, np.zeros(self.transfer - len(spoken), np.float32)))
        if self.hybrid is not None:
            echo = np.convolve(now, self.hybrid)
            echo[: len(self._tail)] += self._tail
            came = came + echo[: self.transfer]
            self._tail = echo[self.transfer :]
        data = coding.encode(came.astype(np.float32), self.form.coding)
        return data.replace(b"\x10", b"\x10\x10") if self.form.shielded else data

    def take(self, data):
        """What it is given."""
        if self.form.shielded:
            data = data.replace(b"\x10\x10", b"\x10")  # whole frames are given: no pair is cut in two
        self.queue = np.concatenate((self.queue, coding.decode(data, self.form.coding)))

    def heard(self):
        return np.concatenate(self.played)


def bridge(one, other, seconds, late=0.0, seed=1):
    """Carry their parties' sound for so long. `late`: mean seconds until a transfer is noticed. Returns events."""
    rng = np.random.default_rng(seed)
    desk = Desk(AtOnce())
    modems = {"one": one, "other": other}
    for line, modem in modems.items():
        desk.wish(line, sound.Open(modem.form), 0.0)
    desk.wish("one", sound.Bridge("other"), 0.0)
    for line, modem in modems.items():
        modem.take(desk.data_to_send(line, 0.0))
    events = []
    agenda = [(modem.due(), line, b"") for line, modem in modems.items()]
    heapq.heapify(agenda)
    while agenda[0][0] < seconds:
        now, line, data = heapq.heappop(agenda)
        if data:
            desk.receive(line, data, now)
            for each, modem in modems.items():
                if out := desk.data_to_send(each, now):
                    modem.take(out)
            events += [(now, *event) for event in desk.take_events()]
        else:
            sent = modems[line].step()
            heapq.heappush(agenda, (now + (rng.exponential(late) if late else 0.0), line, sent))
            heapq.heappush(agenda, (modems[line].due(), line, b""))
    return events


def delay(said, said_rate, heard, heard_rate, begin, window=0.25):
    """Seconds by which what was said at `begin` is heard later."""
    part = said[round(begin * said_rate) : round((begin + window) * said_rate)]
    from_here = heard[round(begin * heard_rate) : round((begin + window + 0.4) * heard_rate)]
    likeness = np.correlate(from_here, part, "valid")
    return float(np.abs(likeness).argmax()) / heard_rate
