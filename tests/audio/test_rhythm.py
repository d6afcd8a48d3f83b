"""Two lines on clocks of their own, and how often they wake anybody."""

import heapq

import numpy as np
import pytest

from appliance.audio.rhythm import Rhythm

STEP = 0.02


class Line:
    """Sends by its own clock; `late` is how much later than that, at random, in seconds."""

    def __init__(self, name, ppm=0.0, phase=0.0, step=STEP, late=0.0, silent=(1e9, 1e9)):
        self.name, self.step, self.phase = name, step / (1 + ppm * 1e-6), phase
        rng = np.random.default_rng(len(name))
        self.moments = [
            self.phase + nth * self.step + rng.uniform(0, late)
            for nth in range(1, round(400 / self.step))
            if not silent[0] <= nth * self.step < silent[1]
        ]


class Watch:
    """Wakes as the studio's process does; notes when, which lines were read, and how wrong their time was."""

    def __init__(self, one, other, seconds):
        self.rhythm = Rhythm(one.name, other.name)
        self.waiting = {line.name: [moment for moment in line.moments if moment < seconds] for line in (one, other)}
        self.turns, self.waits, self.errors = [], [], []
        heapq.heapify(self.waiting[one.name])
        heapq.heapify(self.waiting[other.name])
        now = 0.0
        while True:
            polled = [name for name in self.waiting if name != self.rhythm.follower]
            due = [self.waiting[name][0] for name in polled if self.waiting[name]]
            due += [deadline] if (deadline := self.rhythm.deadline()) is not None else []
            now = max(now, min(due))
            if min(map(len, self.waiting.values())) < 2:
                break  # the one has said all, and the other would wait for it
            self.turns.append(now)
            for name in polled:
                if self.read(name, now, now) and (along := self.rhythm.came(name, now)):
                    found = self.read(along, now, now - self.rhythm.lag(along))
                    self.rhythm.read_along(found, now)
            self.rhythm.tick(now)

    def read(self, name, now, came):
        found = False
        while self.waiting[name] and self.waiting[name][0] <= now:
            moment = heapq.heappop(self.waiting[name])
            self.waits.append(now - moment)
            self.errors.append(abs(came - moment))
            found = True
        return found


@pytest.mark.parametrize("phase", [0.001, 0.0099, 0.01, 0.0101, 0.019])
@pytest.mark.parametrize("ppm", [(200, -200), (-200, 200), (0, 0), (1000, 0)])
def test_half_the_turns_and_half_a_frame_at_most(phase, ppm):
    watch = Watch(Line("gsm", ppm[0]), Line("landline", ppm[1], phase, late=0.0005), 200)
    assert len(watch.turns) < 200 * 53, "a turn for both, nearly always"
    assert max(watch.waits) <= 0.0131
    assert max(watch.errors) <= 0.003, "when it came is known"


def test_lines_on_one_clock_that_come_at_once_in_either_order():
    watch = Watch(Line("gsm", late=0.0005), Line("landline", late=0.0004), 200)
    assert len(watch.turns) < 200 * 75
    assert max(watch.waits) <= 0.002


@pytest.mark.parametrize(
    "other",
    [Line("chunks", step=0.008), Line("bursts", step=0.1), Line("shaky", late=0.015), Line("slow", step=0.03)],
    ids=lambda line: line.name,
)
def test_a_line_with_another_rhythm_is_never_kept_waiting(other):
    watch = Watch(Line("gsm"), other, 30)
    assert max(watch.waits) < 0.0131


@pytest.mark.parametrize("silent", ["gsm", "landline"])
def test_a_line_that_stops_keeps_the_other_waiting_once(silent):
    pause = (5.0, 7.0)
    gsm = Line("gsm", silent=pause if silent == "gsm" else (1e9, 1e9))
    landline = Line("landline", phase=0.004, silent=pause if silent == "landline" else (1e9, 1e9))
    watch = Watch(gsm, landline, 12)
    assert max(watch.waits) <= 0.0105 + 0.005 + 1e-9
    assert sum(wait > 0.0105 for wait in watch.waits) <= 1
    assert sum(turn > 10 for turn in watch.turns) < 2 * 53, "they have found together again"


def test_one_line_alone():
    rhythm = Rhythm("gsm", "landline")
    assert [rhythm.came("gsm", nth * STEP) for nth in range(50)] == [None] * 50
    assert rhythm.follower is None
    assert rhythm.deadline() is None
    assert rhythm.lag("gsm") == rhythm.lag("landline") == 0.0
