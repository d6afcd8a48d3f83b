"""A call through the bridge: two modems, each with its own clock, in virtual time."""

from difflib import SequenceMatcher

import numpy as np
import pytest

from appliance.audio.coding import decode, encode, level
from appliance.audio.desk import Desk
from appliance.core import sound
from tests.audio.desks import AtOnce, syllables, tone
from tests.audio.modems import SHIELDED_DUPLEX, Modem, bridge, delay
from tests.audio.quality import worst_snr
from tests.audio.test_dtmf import HUNDRED, dialled, pressed
from tests.audio.test_echo import high_passed, hybrid

GSM = sound.Stream("s16le", apart=True)
HYBRID = hybrid(500, 10)


def a_tone(frequency, seconds, ppm):
    """By the modem's own clock, so that it is a true frequency."""
    return tone(frequency, seconds, 0.3, 8000 * (1 + ppm * 1e-6))


def quality(form, echo, ppm, seconds):
    """The worst second of a tone from a GSM leg to this one and of another tone back, and what was lost."""
    ours, theirs = a_tone(1000, seconds, -ppm / 2), a_tone(700, seconds, ppm / 2)
    one = Modem(GSM, ours, -ppm / 2)
    other = Modem(form, theirs, ppm / 2, echo)
    bridge(one, other, seconds, late=0.001)
    gone = worst_snr(other.heard()[16_000:-8000], 1000)
    back = worst_snr(one.heard()[16_000:-8000], 700)
    return gone, back, one.gaps + other.gaps


@pytest.mark.parametrize("ppm", [400, -400])
def test_a_tone_for_a_minute(ppm):
    gone, back, lost = quality(GSM, None, ppm, 60)
    assert min(gone, back) >= 38
    assert lost == 0


@pytest.mark.parametrize("ppm", [400, -400])
def test_a_tone_for_a_minute_over_an_8_bit_leg(ppm):
    gone, back, lost = quality(sound.Stream("u8", shielded=True, end=b"\x10^"), None, ppm, 60)
    assert min(gone, back) >= 32
    assert lost == 0


@pytest.mark.long
@pytest.mark.parametrize("ppm", [400, -400])
@pytest.mark.parametrize(("coding", "at_least"), [("s16le", 38), ("u8", 32), ("alaw", 30)])
def test_a_tone_for_ten_minutes(ppm, coding, at_least):
    gone, back, lost = quality(sound.Stream(coding), None, ppm, 600)
    assert min(gone, back) >= at_least
    assert lost == 0


def test_one_tone_over_two_wires():
    """With the echo of it being taken away meanwhile."""
    one, other = Modem(GSM, a_tone(1000, 20, 200), 200), Modem(SHIELDED_DUPLEX, [], -200, HYBRID)
    bridge(one, other, 20, late=0.001)
    assert worst_snr(other.heard()[16_000:-8000], 1000) >= 30
    assert level(one.heard()[12_000:]) <= level(other.heard()[12_000:]) - 30


@pytest.mark.parametrize(("form", "echo"), [(GSM, None), (SHIELDED_DUPLEX, HYBRID)], ids=["gsm", "two wires"])
@pytest.mark.parametrize("ppm", [400, -400])
def test_delay(form, echo, ppm):
    said = np.random.default_rng(1).standard_normal(8000 * 30).astype(np.float32) * 0.15
    one, other = Modem(GSM, said, ppm / 2), Modem(form, [], -ppm / 2, echo)
    bridge(one, other, 30, late=0.002)
    heard = other.heard()
    delays = [delay(said, one.rate, heard, other.rate, at) for at in np.arange(1, 28, 0.5)]
    assert np.median(delays) <= 0.09
    assert np.percentile(delays, 99) <= 0.12


@pytest.mark.parametrize(("form", "echo"), [(GSM, None), (SHIELDED_DUPLEX, HYBRID)], ids=["gsm", "two wires"])
def test_a_hundred_keys_each_way(form, echo):
    """Told by us, and understood by the other party's telephone. Over two wires one after the other."""
    ours, theirs = dialled(HUNDRED, 0.08, 0.07, seed=1), dialled(HUNDRED[::-1], 0.07, 0.08, seed=2)
    before = np.zeros(len(ours) + 16_000 if form.two_wire else 4000)
    one = Modem(GSM, np.concatenate((np.zeros(8000), ours)), 200)
    other = Modem(form, np.concatenate((before, theirs)), -200, echo)
    events = bridge(one, other, 18 + len(before) / 8000, late=0.001)
    for line, keys, theirs_heard in (("one", HUNDRED, other), ("other", HUNDRED[::-1], one)):
        told = [event.digit for _, each, event in events if each == line and isinstance(event, sound.Heard)]
        assert "".join(told) == keys
        assert pressed(theirs_heard.heard()) == keys


@pytest.mark.parametrize("loss", [6, 12])
def test_one_side_talks_and_hears_no_echo(loss):
    said = np.concatenate((np.zeros(4000), syllables(8, 2, -15)))
    one, other = Modem(GSM, said), Modem(SHIELDED_DUPLEX, [], 0, hybrid(500, loss))
    bridge(one, other, 8)
    after_a_second = slice(4000 + 8000 + 1600, None)
    assert level(other.heard()[after_a_second]) > -21
    assert level(one.heard()[after_a_second]) <= level(other.heard()[after_a_second]) - 30


@pytest.mark.parametrize("loss", [6, 12])
def test_both_talk_without_a_howl_and_are_understood(loss):
    """First one, then the other, as people begin, then both at once for 14 s."""
    ours, theirs = syllables(20, 2, -15), syllables(20, 7, -15)
    ours[24_000:48_000] = 0
    theirs[:24_000] = 0
    one = Modem(SHIELDED_DUPLEX, ours, 0, hybrid(500, loss))
    other = Modem(SHIELDED_DUPLEX, theirs, 0, hybrid(900, loss))
    bridge(one, other, 20, late=0.001)
    for heard, said in ((one.heard(), theirs), (other.heard(), ours)):
        levels = [level(part) for part in np.split(heard[: 8000 * 19], 19)]
        assert max(levels) < -9
        assert abs(levels[-1] - level(said[-16_000:-8000])) < 4  # as loud at the end as it should be
        alone = high_passed(said)
        parts = ((at, alone[at : at + 2000]) for at in range(56_000, 150_000, 8000))
        likenesses = [likeness(heard, part, at) for at, part in parts if level(part) > -25]
        assert np.median(likenesses) > 0.85


def likeness(heard, part, at):
    """How much like this part what was heard some time later is."""
    return max(np.corrcoef(heard[later : later + len(part)], part)[0, 1] for later in range(at + 300, at + 1600))


def test_after_both_fell_silent_it_is_silent():
    """Two echoes through one bridge do not keep each other going."""
    ours = np.concatenate((syllables(4, 2, -12), np.zeros(48_000)))
    one, other = Modem(SHIELDED_DUPLEX, ours, 0, hybrid(500, 6)), Modem(SHIELDED_DUPLEX, ours, 0, hybrid(300, 6, 8))
    bridge(one, other, 10)
    assert level(one.heard()[-16_000:]) < -45
    assert level(other.heard()[-16_000:]) < -45


@pytest.mark.parametrize("form", [GSM, SHIELDED_DUPLEX], ids=["gsm", "two wires"])
def test_hang_up_is_heard_within_four_seconds_of_busy(form):
    beat = np.concatenate((tone(425, 0.48, 0.1), np.zeros(3840, np.float32)))
    said = np.concatenate((syllables(3), *[beat] * 6))
    events = bridge(Modem(GSM, []), Modem(form, said, hybrid=HYBRID if form.two_wire else None), 9)
    third = next(now for now, line, event in events if line == "other" and getattr(event, "count", 0) == 3)
    assert third <= 3 + 2.5
    assert not [event for _, line, event in events if line == "one" and getattr(event, "sound", "") == "busy"]


@pytest.mark.parametrize("frames", [2, 3, 4])
def test_after_a_late_turn_of_ours_both_lines_are_read_before_either_is_answered(frames):
    """Else the one would lack what the other said meanwhile."""
    desk, now = Desk(AtOnce()), 0.0
    said = encode(np.full(160, 0.1, np.float32), "s16le")
    for line in ("one", "other"):
        desk.wish(line, sound.Open(GSM), now)
    desk.wish("one", sound.Bridge("other"), now)

    def turn(count):
        for line in ("one", "other"):
            desk.receive(line, said * count, now)
        return b"".join(desk.data_to_send(line, now) for line in ("one", "other"))

    for _ in range(50):
        now += 0.02
        turn(1)
    now += 0.02 * frames
    assert np.all(decode(turn(frames), "s16le") > 0.09)


@pytest.mark.parametrize("after", [0, 25])
@pytest.mark.parametrize(
    ("dbfs", "ends"), [(-15, False), (-35, False), (-50, True)], ids=["tone", "soft tone", "line noise"]
)
def test_over_which_a_tone_is_sent_for_minutes_is_not_silent(dbfs, ends, after):
    """Else a call would be ended over which a machine is heard, or one that is tried out."""
    said = np.concatenate((np.zeros(8000 * after, np.float32), tone(1000, 70, 2**0.5 * 10 ** (dbfs / 20))))
    silent_for = {"one": 0.0, "other": 0.0}
    both = 0.0
    for _, line, event in bridge(Modem(GSM, said), Modem(GSM, []), after + 70):
        if isinstance(event, sound.Heard):
            silent_for[line] = event.seconds if event.sound == "silence" else 0.0
            both = max(both, min(silent_for.values()))
    assert both == pytest.approx(after + 70 if ends else after, abs=3)
    assert silent_for["one"] == pytest.approx(after + 70 if ends else 0, abs=3)


def test_transfers_of_40_ms():
    said = a_tone(1000, 10, 0)
    one, other = Modem(GSM, said, 100, transfer=320), Modem(GSM, said, -100)
    bridge(one, other, 10, late=0.001)
    assert one.gaps + other.gaps == 0
    assert worst_snr(other.heard()[16_000:-8000], 1000) >= 35


@pytest.mark.parametrize("echo", [np.array([0.2]), hybrid(300, 12)], ids=["flat", "spread"])
def test_both_press_keys(echo):
    """On two wires; their pauses differ, so that keys meet keys and pauses in all ways. Where two keys begin at once
    and have a frequency in common, one of a hundred may be lost; without care for keys thirty echoes were heard."""
    begins = np.zeros(16_000)
    caller = Modem(SHIELDED_DUPLEX, np.concatenate((begins, dialled(HUNDRED, 0.07, 0.08))), -200, echo)
    target = Modem(GSM, np.concatenate((begins, dialled(HUNDRED[::-1], 0.07, 0.09))), 200)
    bridge(caller, target, 20)
    heard = pressed(target.heard())
    alike = sum(block.size for block in SequenceMatcher(None, HUNDRED, heard, autojunk=False).get_matching_blocks())
    assert alike >= 99
    assert len(heard) <= alike + 5
    assert pressed(caller.heard()) == HUNDRED[::-1]
