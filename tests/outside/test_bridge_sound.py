"""A bridge between two lines, by ear: keys both ways, a clean tone for long, little delay, and an end for both legs."""

import logging
import random
import time

import numpy as np
import pytest

from .analog_hall import NATIONAL, gone, talking
from .analog_kinds import CONEXANT, USR
from .analog_pcm import PcmModem
from .analog_sound import KILO, Ear, quality, speech, tone
from .box import DESK, SECOND, until
from .calls import ACTIVE, Target
from .wire import at_leisure

DIGITS = "1590378426*#14725836"
HUNDRED = "".join(random.Random(3).choices("0123456789*#ABCD", k=100))


class Bridged:
    """A caller and a target who are connected: `near` and `far` are what each side has of mouth and ear."""

    def __init__(self, hall, first, stick, call, near, far, leg):
        self.hall, self.first, self.stick, self.call, self.near, self.far, self.leg = (
            hall, first, stick, call, near, far, leg,
        )  # fmt: skip

    def behind(self, start: float, end: float) -> list[tuple[float, float]]:
        """When the simulation itself missed a moment by more than 10 ms, in s after `start`, and by how much."""
        first = self.first.pcm if isinstance(self.first, PcmModem) else self.first
        late = sorted(first.late + self.stick.pcm.late)
        return [(round(at - start, 3), round(by, 3)) for at, by in late if start <= at < end and by > 0.01]


def up_hill(hall, first: str = "analog", ppm: tuple[float, float] = (0.0, 0.0), **changes) -> Bridged:
    """A call over a bridge, up; `first` is the caller's line."""
    kind = USR if first == "usr" else CONEXANT
    modem = hall.stick(ppm[0]) if first == "gsm" else hall.landline(kind, ppm=ppm[0])
    stick = hall.stick(ppm[1])
    over = "stick2" if first == "gsm" else "stick"
    hall.up(forward_by=("bridge",), line=f'bridge_over = "{over}"', **changes)
    stick.targets[DESK] = Target(answers=1.0)
    call = modem.call_in()
    until(lambda: stick.having(ACTIVE), 25, "the target answers")
    near = modem.pcm if first == "gsm" else call
    until(lambda: stick.pcm.on, 10, "sound of the module")
    time.sleep(2.0)
    return Bridged(hall, modem, stick, call, near, stick.pcm, stick.every_call[-1])


def says(mouth, sound, start: float, seconds: float) -> None:
    mouth.pieces.append((start, start + seconds, sound))


def steady(bridged: Bridged, ear: Ear, start: float, seconds: float) -> None:
    """A tone of 1 kHz that somebody hears: over an 8-bit leg 28 dB, between modules 35."""
    at_leisure()
    heard = ear.between(start, start + seconds)
    assert len(heard) > 0.98 * seconds * 8000
    found, behind = quality(heard), bridged.behind(start, start + seconds)
    logging.info("%s, the simulation was late at %s", found, behind)
    assert found.snr >= (35 if isinstance(bridged.first, PcmModem) else 28), (found, behind)
    assert not found.jumps, (found, behind)


@pytest.mark.long
@pytest.mark.parametrize("first", ["analog", "usr", "gsm"])
def test_keys_and_a_tone_both_ways(hall, first):
    bridged = up_hill(hall, first, (100.0, -100.0))
    start = time.monotonic() + 0.3
    end = bridged.near.mouth.keys(DIGITS, start)
    time.sleep(end - start + 0.8)
    assert bridged.far.ear.keys(start) == DIGITS
    start = time.monotonic() + 0.2
    end = bridged.far.mouth.keys(DIGITS, start)
    time.sleep(end - start + 0.8)
    assert bridged.near.ear.keys(start) == DIGITS
    start, seconds = time.monotonic() + 0.2, 20
    says(bridged.near.mouth, tone(KILO, 0.2), start, seconds + 2)
    time.sleep(seconds + 2.5)
    at = time.monotonic()
    with bridged.stick.lock:
        bridged.stick.leaves(bridged.leg)
    assert gone(bridged.call, 5).gone - at < 1.0
    steady(bridged, bridged.far.ear, start + 1.5, seconds)
    row = bridged.hall.box.call()
    assert (row["outcome"], row["method"], row["target"]) == ("forwarded", "bridge", "desk")


@pytest.mark.long
@pytest.mark.parametrize("first", ["analog", "gsm"])
@pytest.mark.parametrize("ppm", [(200.0, 0.0), (-200.0, 0.0), (100.0, -100.0)], ids=["+200", "-200", "apart"])
@pytest.mark.parametrize("seconds", [20, 600])
def test_a_tone_stays_clean(hall, first, ppm, seconds):
    bridged = up_hill(hall, first, ppm)
    start = time.monotonic() + 0.2
    says(bridged.near.mouth, tone(KILO, 0.2), start, seconds + 2.5)
    time.sleep(seconds + 3)
    answered, back = time.monotonic() + 0.2, min(seconds, 60)
    says(bridged.far.mouth, tone(KILO, 0.2), answered, back + 2.5)
    time.sleep(back + 3)
    steady(bridged, bridged.far.ear, start + 2, seconds)
    steady(bridged, bridged.near.ear, answered + 2, back)


@pytest.mark.long
@pytest.mark.parametrize("first", ["analog", "gsm"])
def test_delay(hall, first):
    """What the bridge adds: from the moment at which the one modem gives a sample to that at which the other plays it.
    Bursts of 50 ms, each 400 ms or so."""
    bridged = up_hill(hall, first, (200.0, -200.0) if first == "analog" else (0.0, 0.0))
    for mouth, ear in ((bridged.near.mouth, bridged.far.ear), (bridged.far.mouth, bridged.near.ear)):
        start = time.monotonic() + 0.3
        moments = [start + 0.403 * n for n in range(100)]
        for at in moments:
            says(mouth, tone(1000, 0.3), at, 0.05)
        time.sleep(moments[-1] - start + 1.2)
        heard = np.array(ear.onsets(start, 1000))
        delays = [float(heard[heard > at][0] - at) for at in moments if np.any((heard > at) & (heard < at + 0.38))]
        logging.info(
            "delay: median %.3f s, 99 %% %.3f s; the simulation was late at %s",
            np.median(delays), np.quantile(delays, 0.99), bridged.behind(start, moments[-1]),
        )  # fmt: skip
        assert len(delays) == 100, "bursts were lost"
        assert np.median(delays) <= 0.1
        assert np.quantile(delays, 0.99) <= 0.15


@pytest.mark.long
@pytest.mark.parametrize("at_once", [False, True], ids=["in turn", "at once"])
@pytest.mark.parametrize("first", ["analog", "usr", "gsm"])
def test_a_hundred_keys_each_way(hall, first, at_once):
    """At once: on two wires the keys of the one come back among those of the other. Their pauses differ, so that keys
    meet keys and pauses in all ways."""
    bridged = up_hill(hall, first, (-200.0, 200.0))
    start = time.monotonic() + 0.3
    end = bridged.near.mouth.keys(HUNDRED, start, on=0.07)
    back = start if at_once else end + 1.0
    end = max(end, bridged.far.mouth.keys(HUNDRED[::-1], back, on=0.07, off=0.09))
    time.sleep(end - time.monotonic() + 0.8)
    assert bridged.far.ear.keys(start)[: 200 if at_once else 100] == HUNDRED
    assert bridged.near.ear.keys(back) == HUNDRED[::-1]


@pytest.mark.long
def test_no_echo_and_no_howl(hall):
    """The caller's two wires send back a fifth of what they are given."""
    bridged = up_hill(hall)
    start = time.monotonic() + 0.3
    says(bridged.far.mouth, speech, start, 8.0)
    time.sleep(8.5)
    said, back = (rms(ear.between(start + 1.2, start + 8)) for ear in (bridged.near.ear, bridged.far.ear))
    logging.info("one talks: his echo is %.1f dB down", 20 * np.log10(said / max(back, 1e-6)))
    assert said > 0.05
    assert back <= said * 10 ** (-30 / 20)
    start = time.monotonic() + 0.3
    for mouth in (bridged.near.mouth, bridged.far.mouth):
        says(mouth, speech, start, 15.0)
    time.sleep(18.5)
    for ear in (bridged.near.ear, bridged.far.ear):
        levels = [rms(ear.between(start + at, start + at + 1)) for at in range(15)]
        assert max(levels) < 2 * rms(speech(np.arange(8000 * 15) / 8000)), levels
        assert rms(ear.between(start + 16.5, start + 18)) < 0.005, "it is silent when both are"


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


@pytest.mark.long
@pytest.mark.parametrize("clearing, grace", [("loop", 0.0), ("busy", 3 * 0.96), ("congestion", 3 * 0.48)])
def test_caller_hangs_up(hall, clearing, grace):
    bridged = up_hill(hall)
    at = time.monotonic()
    bridged.first.leaves(bridged.call, clearing)
    until(lambda: bridged.leg.gone, 10, "the target's leg is over")
    until(lambda: not bridged.first.port.off_hook, 5, "the caller's line is free")
    now = max(bridged.leg.gone, bridged.first.port.hook[-1][0])
    assert now - at - grace < 1.0, now - at


@pytest.mark.long
@pytest.mark.parametrize("side", ["caller", "target"])
def test_hang_up_between_modules(hall, side):
    bridged = up_hill(hall, "gsm")
    at = time.monotonic()
    if side == "caller":
        bridged.first.leaves(bridged.call)
        until(lambda: bridged.leg.gone, 5, "the target's leg is over")
        assert bridged.leg.gone - at < 1.0
    else:
        bridged.stick.leaves(bridged.leg)
        assert gone(bridged.call, 5).gone - at < 1.0


@pytest.mark.long
@pytest.mark.parametrize("first", ["analog", "gsm"])
def test_a_crash_of_the_sound_releases_both(hall, first):
    bridged = up_hill(hall, first)
    assert hall.kill_children(), "sound has a process of its own"
    until(lambda: bridged.call.gone and bridged.leg.gone, 8, "both legs are over")
    if first != "gsm":
        until(lambda: not bridged.first.port.off_hook, 5, "on-hook")
    hall.ready()
    call = bridged.first.call_in("08955500000" if first != "gsm" else "+498955500000")
    until(lambda: bridged.stick.having(ACTIVE), 25, "the next call is bridged as ever")
    time.sleep(1.5)
    start = time.monotonic() + 0.3
    near = bridged.first.pcm if first == "gsm" else call
    end = near.mouth.keys("159", start)
    time.sleep(end - start + 0.8)
    assert bridged.far.ear.keys(start) == "159"


@pytest.mark.long
@pytest.mark.parametrize("first", ["analog", "gsm"])
def test_kill_and_restart_release_both(hall, first):
    bridged = up_hill(hall, first)
    hall.box.kill()
    hall.box.start()
    until(lambda: bridged.call.gone and bridged.leg.gone, 30, "both legs are over")
    if first != "gsm":
        until(lambda: not bridged.first.port.off_hook, 5, "on-hook")
    assert hall.box.calls(within=10)[0]["outcome"] in ("forwarded", "missed")


@pytest.mark.long
def test_target_busy_then_the_next(hall):
    modem, stick = hall.landline(), hall.stick()
    box = hall.up(forward_by=("bridge",), line='bridge_over = "stick"', chain=("second", "desk"))
    stick.targets |= {SECOND: Target(ends="BUSY"), DESK: Target(answers=1.0)}
    caller = modem.call_in()
    until(lambda: stick.having(ACTIVE), 30, "the second target answers")
    assert caller.ear.loud() > 0.1, "the caller hears that somebody cares"
    modem.leaves(caller, "loop")
    until(lambda: stick.every_call[-1].gone, 5, "over")
    row = box.calls(within=10)[0]
    assert [attempt["result"] for attempt in row["attempts"]] == ["busy", "answered"]


@pytest.mark.long
def test_caller_leaves_while_the_target_rings(hall):
    modem, stick = hall.landline(), hall.stick()
    box = hall.up(forward_by=("bridge",), line='bridge_over = "stick"')
    stick.targets[DESK] = Target()
    caller = modem.call_in()
    talking(caller)
    until(lambda: stick.every_call, 15, "the target is dialled")
    time.sleep(2)
    at = time.monotonic()
    modem.leaves(caller, "loop")
    until(lambda: stick.every_call[0].gone, 5, "he rings no more")
    assert stick.every_call[0].gone - at < 1.5
    assert box.calls(within=10)[0]["outcome"] == "missed"


@pytest.mark.long
@pytest.mark.parametrize("presses", [True, False])
@pytest.mark.parametrize("first", ["analog", "gsm"])
def test_confirm(hall, first, presses):
    """The target presses 1, or does not: then he is no human, and the caller is not given to him."""
    modem = hall.stick() if first == "gsm" else hall.landline()
    stick = hall.stick()
    over = "stick2" if first == "gsm" else "stick"
    box = hall.up(forward_by=("bridge",), line=f'bridge_over = "{over}"', confirm=True, ring_seconds=15)
    stick.targets[DESK] = Target(answers=1.5)
    call = modem.call_in()
    until(lambda: stick.having(ACTIVE), 25, "the target answers")
    until(lambda: stick.pcm.on, 10, "his sound")
    until(lambda: stick.pcm.ear.loud() > 0.5, 15, "he is asked to press 1")
    near = modem.pcm if first == "gsm" else call
    if not presses:
        until(lambda: call.gone, 60, "the caller is released")
        row = box.calls(within=10)[0]
        assert row["outcome"] == "missed"
        assert row["attempts"][0]["result"] != "answered"
        return
    stick.pcm.mouth.keys("1", time.monotonic(), on=0.15)
    time.sleep(2.5)
    start = time.monotonic() + 0.3
    end = near.mouth.keys("159", start)
    time.sleep(end - start + 0.8)
    assert stick.pcm.ear.keys(start) == "159", "they are connected"
    stick.leaves(stick.every_call[-1])
    until(lambda: call.gone, 5, "over")
    assert box.calls(within=10)[0]["outcome"] == "forwarded"


@pytest.mark.long
def test_module_that_refuses_its_sound_at_first(hall):
    """CPCMREG=1 answered by ERROR: tried again, up to five times a second apart."""
    modem, stick = hall.landline(), hall.stick(pcm_errors=2)
    hall.up(forward_by=("bridge",), line='bridge_over = "stick"')
    stick.targets[DESK] = Target(answers=1.0)
    modem.call_in()
    until(lambda: stick.pcm.on, 35, "sound at the third try")
    assert NATIONAL not in modem.port.targets
