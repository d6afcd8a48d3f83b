"""A desk on a virtual clock, with modems that send what tests want them to send."""

from concurrent.futures import Executor, Future

import numpy as np

from appliance.audio import coding
from appliance.audio.desk import Desk

FRAME = coding.FRAME


class AtOnce(Executor):
    """Does it before submit() returns."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the future's
            future.set_exception(error)
        return future


class Later(Executor):
    """Does it when told to."""

    def __init__(self):
        self.waiting = []

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.waiting.append((future, fn, args, kwargs))
        return future

    def work(self):
        for future, fn, args, kwargs in self.waiting:
            future.set_result(fn(*args, **kwargs))
        self.waiting.clear()


class Studio:
    """Steps a desk by 20 ms; `sources` give each line's samples, `sent` has the bytes each line was given."""

    def __init__(self, executor=None):
        self.desk = Desk(executor or AtOnce())
        self.now = 100.0
        self.sources = {}
        self.codings = {}
        self.sent = {}
        self.events = []

    def wish(self, line, wish):
        if hasattr(wish, "stream"):
            self.codings[line] = wish.stream.coding
            self.sent.setdefault(line, bytearray())
        self.desk.wish(line, wish, self.now)
        self._collect()

    def receive(self, line, data):
        self.desk.receive(line, data, self.now)
        self._collect()

    def run(self, seconds):
        """Let time pass; returns the events of that time."""
        before = len(self.events)
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            for line, source in self.sources.items():
                if self.desk.is_open(line):
                    data = coding.encode(source.take(FRAME), self.codings[line])
                    self.desk.receive(line, data.replace(b"\x10", b"\x10\x10") if source.shielded else data, self.now)
            due = self.desk.deadline()
            if due is not None and self.now >= due:
                self.desk.tick(self.now)
            self._collect()
        return self.events[before:]

    def heard_by(self, line):
        """What the line was given, as samples."""
        data = bytes(self.sent[line])
        if self.sources.get(line) and self.sources[line].shielded:
            data = data.replace(b"\x10\x10", b"\x10")
        return coding.decode(data, self.codings[line])

    def of(self, line):
        """What was said of the line."""
        return [event for each, event in self.events if each == line]

    def _collect(self):
        for line, sent in self.sent.items():
            sent += self.desk.data_to_send(line, self.now)
        self.events += self.desk.take_events()


class Source:
    """Samples, then silence."""

    def __init__(self, samples=(), shielded=False):
        self.samples = np.asarray(samples, np.float32)
        self.shielded = shielded

    def take(self, count):
        part, self.samples = self.samples[:count], self.samples[count:]
        return np.concatenate((part, np.zeros(count - len(part), np.float32)))


def tone(frequency, seconds, amplitude=0.25, rate=8000.0):
    at = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * frequency * at)).astype(np.float32)


def syllables(seconds, seed=1, dbfs=-18.0):
    """Like speech: a wavering pitch through three resonances, in syllables of different loudness, with pauses."""
    rng = np.random.default_rng(seed)
    out = []
    while sum(map(len, out)) < seconds * 8000:
        count = int(rng.uniform(0.08, 0.3) * 8000)
        at = np.arange(count) / 8000
        pitch = rng.uniform(90, 220) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(1, 4) * at))
        phase = 2 * np.pi * np.cumsum(pitch) / 8000
        sound = np.zeros(count)
        resonances = rng.uniform((250, 900, 2300), (900, 2300, 3200))
        for harmonic in range(1, 20):
            frequency = harmonic * pitch.mean()
            if frequency < 3800:
                gain = sum(1 / (1 + ((frequency - each) / 150) ** 2) for each in resonances) + 0.5 / harmonic
                sound += gain * np.sin(harmonic * phase + rng.uniform(0, 6.28))
        sound += rng.standard_normal(count) * 0.2
        sound *= np.sin(np.pi * np.arange(count) / count) ** 0.5 * rng.uniform(0.3, 1)
        out += [sound, np.zeros(int(rng.choice([0.02, 0.05, 0.3], p=[0.6, 0.3, 0.1]) * 8000))]
    speech = np.concatenate(out)[: round(seconds * 8000)]
    return (speech * 10 ** (dbfs / 20) / np.sqrt(np.mean(speech**2))).astype(np.float32)
