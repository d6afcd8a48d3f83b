"""The sound of GSM modules: switched on as each family wants it, both ways, by clocks of their own, and its faults."""

from math import log10

import pytest

from appliance.simulator import faults
from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import level, tone_level
from appliance.simulator.fast import FastWorld
from appliance.simulator.journal import Recognised
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target
from appliance.simulator.sounds import Silence, Speech, Tone

LINE, STICK, DESK, CALLER = "+498912345", "+4915199999999", "+49301111111", "+491701234567"
ON = {"huawei": "AT^DDSETEX=2", "simcom": "AT+CPCMREG=1", "quectel": "AT+QPCMV=1,0"}


class Stick:
    """A module with its sound port open, and somebody who types at it."""

    def __init__(self, family, world=None, number=LINE, path="/dev/ttyUSB0"):
        self.world = world or FastWorld()
        self.exchange = self.world.exchange
        self.module = self.world.add(GsmModule(self.exchange, path, number, family), path)
        self.port = self.world.open(path, 115200)
        self.sound = self.world.open(self.world.sibling(path, self.module.family.audio_interface), 115200)
        self.audio = self.module.audio
        self.type("ATE0")

    def type(self, command):
        self.port.write(command.encode() + b"\r")
        return [line for line in self.port.read().decode().replace("\r", "\n").split("\n") if line]

    def sleep(self, seconds):
        self.world.run_until(self.world.now() + seconds)

    def answered(self, **how):
        """Somebody calls and is answered; gives the caller's phone."""
        phone = self.exchange.call(self.module.number, CALLER, talks_for=None, **how)
        self.sleep(2)
        assert "OK" in self.type("ATA")
        return phone

    def listen(self, seconds):
        data, until = bytearray(), self.world.now() + seconds
        self.sound.read()
        while self.world.now() < until:
            self.sleep(0.02)
            data += self.sound.read()
        return bytes(data)

    def play(self, tone, seconds):
        made = CODINGS["s16le"].encode(tone.samples(0.0, round(seconds * 8000)))
        while made:
            made = made[self.sound.write(made) :]
            self.sleep(0.02)


@pytest.mark.parametrize("family", list(ON))
def test_both_ways(family):
    stick = Stick(family)
    caller = stick.answered()
    caller.says, ear = Tone((1000.0,), -12.0), caller.listen()
    assert stick.listen(0.5) == b""
    assert stick.type(ON[family]) == ["OK"]
    data = stick.listen(1.0)
    assert len(data) == pytest.approx(16_000, abs=640)
    assert tone_level(CODINGS["s16le"].decode(data), 1000.0) == pytest.approx(-12.0, abs=0.2)
    stick.play(Tone((600.0,), -15.0), 1.5)
    assert tone_level(ear.last(1.0), 600.0) == pytest.approx(-15.0, abs=0.5)


def test_simcom_wants_a_call_that_is_up_and_ends_with_it():
    stick = Stick("simcom")
    assert stick.type(ON["simcom"]) == ["ERROR"]
    stick.exchange.set_target(Target(DESK, after=3, talks_for=None))
    stick.type(f"ATD{DESK};")
    stick.sleep(2)
    assert stick.type(ON["simcom"]) == ["ERROR"]
    stick.sleep(4)
    assert stick.type(ON["simcom"])[-1] == "OK" and stick.listen(0.3)
    assert stick.type("AT+CPCMREG=0") == ["OK"] and stick.listen(0.3) == b""
    stick.type("AT+CPCMREG=1")
    stick.type("AT+CHUP")
    assert not stick.audio.on and stick.listen(0.3) == b""


def test_huawei_forgets_after_each_call_and_quectel_does_not():
    for family, stays in (("huawei", False), ("quectel", True)):
        stick = Stick(family)
        caller = stick.answered()
        stick.type(ON[family])
        assert stick.listen(0.3)
        caller.hang_up()
        assert stick.listen(0.3) == b""
        stick.answered()
        assert bool(stick.listen(0.3)) is stays
    assert Stick("huawei").type("AT^CVOICE?") == ["^CVOICE:0,8000,16,20", "OK"]


def test_ringback_is_heard_in_a_call_being_set_up():
    stick = Stick("huawei")
    stick.exchange.set_target(Target(DESK, "silent"))
    stick.type(f"ATD{DESK};")
    stick.type(ON["huawei"])
    stick.sleep(1.2)
    assert tone_level(CODINGS["s16le"].decode(stick.listen(0.5)), 425.0) == pytest.approx(-13.0, abs=0.5)


def test_a_held_caller_hears_nothing_and_a_conference_everything():
    stick = Stick("simcom")
    caller = stick.answered()
    desk = stick.exchange.set_target(Target(DESK, after=1, talks_for=None, says=Tone((600.0,), -12.0)))
    caller.says = Tone((1000.0,), -12.0)
    stick.type("AT+CHLD=2")
    stick.type(f"ATD{DESK};")
    stick.sleep(3)
    stick.type(ON["simcom"])
    heard = CODINGS["s16le"].decode(stick.listen(0.5))
    assert tone_level(heard, 600.0) > -13 and tone_level(heard, 1000.0) < -40
    stick.type("AT+CHLD=3")
    ears = caller.listen(), desk.listen()
    heard = CODINGS["s16le"].decode(stick.listen(0.5))
    assert tone_level(heard, 600.0) > -13 and tone_level(heard, 1000.0) > -13
    assert tone_level(ears[0].last(0.4), 600.0) > -13 and tone_level(ears[0].last(0.4), 1000.0) < -40
    assert tone_level(ears[1].last(0.4), 1000.0) > -13


def test_muted_means_muted():
    stick = Stick("simcom")
    ear = stick.answered().listen()
    stick.type(ON["simcom"])
    stick.type("AT+CMUT=1")
    stick.play(Tone((600.0,), -15.0), 0.5)
    assert level(ear.samples) < -100


@pytest.mark.parametrize(
    ("family", "switch", "report"),
    [("simcom", "AT+DDET=1", "+RXDTMF: 1"), ("quectel", "AT+QTONEDET=1", "+QTONEDET: 49")],
)
def test_keys_are_told_where_asked_for(family, switch, report):
    stick = Stick(family)
    caller = stick.answered()
    caller.press("1")
    stick.sleep(1)
    assert stick.type("AT") == ["OK"]
    assert stick.type(switch) == ["OK"]
    caller.press("1")
    stick.sleep(1)
    assert stick.type("AT") == [report, "OK"]


def test_a_target_presses_a_key():
    stick = Stick("simcom")
    stick.type("AT+DDET=1")
    stick.exchange.set_target(Target(DESK, after=1, presses="1", presses_after=2.0, talks_for=None))
    stick.type(f"ATD{DESK};")
    stick.sleep(3)
    assert not any("RXDTMF" in line for line in stick.type("AT"))
    stick.sleep(3)
    assert "+RXDTMF: 1" in stick.type("AT")


def test_keys_sent_into_a_call_are_heard():
    stick = Stick("simcom")
    ear = stick.answered().listen()
    assert stick.type("AT+VTS=1") == ["OK"]
    stick.sleep(1)
    assert stick.type("AT+VTS=2,3") == ["OK"]
    stick.sleep(1)
    assert ear.digits == "12"


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_each_module_has_a_clock_of_its_own(ppm):
    stick = Stick("simcom")
    stick.audio.ppm = ppm
    caller = stick.answered()
    caller.says = Silence()
    stick.type(ON["simcom"])
    stick.listen(0.1)
    assert len(stick.listen(200.0)) - 200 * 16_000 == pytest.approx(ppm * 200 * 0.016, abs=330)


def test_frames_of_40_ms():
    stick = Stick("simcom")
    stick.audio.frame = 320
    stick.answered()
    stick.type(ON["simcom"])
    sizes = set()
    for _ in range(50):
        stick.sleep(0.01)
        sizes.add(len(stick.sound.read()))
    assert sizes == {0, 640}


def test_a_host_that_does_not_read_loses_the_oldest_and_one_that_writes_too_much_waits():
    stick = Stick("simcom")
    stick.answered()
    stick.type(ON["simcom"])
    stick.sleep(5)
    assert len(stick.sound.read()) == 3200
    assert stick.sound.write(b"\0" * 10_000) == 3200
    assert stick.sound.write(b"\0" * 320) == 0
    stick.sleep(0.1)
    assert stick.sound.write(b"\0" * 10_000) == pytest.approx(1600, abs=320)


def test_the_stick_is_pulled_with_its_sound_and_put_back_elsewhere():
    stick = Stick("simcom")
    stick.module.socket.unplug()
    assert stick.world.candidates() == []
    stick.module.socket.plug_in("ttyUSB5")
    assert stick.world.candidates() == ["/dev/ttyUSB5", "/dev/ttyUSB5-if04"]


def test_two_sticks_and_a_wire_between_them():
    """What goes in at one party comes out at the other: the exchange adds nothing of its own."""
    world = FastWorld()
    first, second = Stick("simcom", world), Stick("quectel", world, STICK, "/dev/ttyUSB1")
    caller = first.answered()
    caller.says = Tone((1000.0,), -12.0)
    target = world.exchange.set_target(Target(DESK, after=1, talks_for=None, says=Silence()))
    second.type(f"ATD{DESK};")
    second.sleep(3)
    ear = target.listen()
    first.type(ON["simcom"])
    second.type(ON["quectel"])
    for _ in range(150):
        world.run_until(world.now() + 0.02)
        second.sound.write(first.sound.read())
        first.sound.write(second.sound.read())
    heard = list(ear.last(2.0))
    signal = 10 ** (tone_level(heard, 1000.0) / 10)
    noise = 10 ** (level(heard) / 10) - signal
    assert 10 * log10(signal / max(noise, 1e-12)) > 60
    caller.press("123")
    for _ in range(60):
        world.run_until(world.now() + 0.02)
        second.sound.write(first.sound.read())
    assert ear.digits == "123"


def test_sound_refused_at_first():
    stick = Stick("simcom")
    stick.answered()
    faults.apply(stick.module, "sound_refused", times=2)
    assert [stick.type(ON["simcom"]) for _ in range(3)] == [["ERROR"], ["ERROR"], ["OK"]]


@pytest.mark.parametrize(
    ("name", "options", "sizes", "expected"),
    [
        ("frames_short", {"every": 5}, {0, 320, 161}, 28_820),
        ("frames_late", {"every": 10, "seconds": 0.05}, {0, 320, 960}, 32_000),
        ("frames_lost", {"every": 10}, {0, 320}, 28_800),
        ("frames_of_40_ms", {}, {0, 640}, 32_000),
    ],
)
def test_frames_that_are_not_as_they_should_be(name, options, sizes, expected):
    stick = Stick("simcom")
    stick.answered()
    faults.apply(stick.module, name, **options)
    stick.type(ON["simcom"])
    found, total = set(), 0
    for _ in range(200):
        stick.sleep(0.01)
        data = stick.sound.read()
        found.add(len(data))
        total += len(data)
    assert found == sizes
    assert total == pytest.approx(expected, abs=960)


def test_writes_stall_one_way_silence_and_getting_well():
    stick = Stick("simcom")
    caller = stick.answered()
    ear, caller.says = caller.listen(), Tone((1000.0,))
    stick.type(ON["simcom"])
    faults.apply(stick.module, "writes_stall", seconds=0.5)
    assert stick.sound.write(b"x") == 0
    faults.apply(stick.module, "good_again")
    faults.apply(stick.module, "one_way", side="send")
    stick.play(Tone((600.0,)), 0.5)
    assert level(ear.samples) < -100
    faults.apply(stick.module, "one_way", side="receive")
    assert not any(stick.listen(0.5))
    faults.apply(stick.module, "clock", ppm=100.0)
    assert stick.audio.ppm == 100.0


def carry(first, second, seconds, back=True):
    """A wire between two sticks, for so long."""
    until = first.world.now() + seconds
    while first.world.now() < until:
        first.world.run_until(first.world.now() + 0.02)
        second.sound.write(first.sound.read())
        heard = second.sound.read()
        if back:
            first.sound.write(heard)


def bridged(**target):
    world = FastWorld()
    first, second = Stick("simcom", world), Stick("quectel", world, STICK, "/dev/ttyUSB1")
    caller = first.answered(patience=60)
    desk = world.exchange.set_target(Target(DESK, after=1, patience=60, **target))
    second.type(f"ATD{DESK};")
    second.sleep(3)
    first.type(ON["simcom"])
    second.type(ON["quectel"])
    return first, second, caller, desk


def test_voices_are_known_through_a_bridge():
    first, second, caller, desk = bridged(talks_for=20)
    carry(first, second, 8)
    assert caller.heard == [LINE, DESK] and desk.heard == [STICK, CALLER]
    heard = {(entry.listener, entry.speaker) for entry in first.exchange.journal.of(Recognised)}
    assert heard == {(CALLER, DESK), (DESK, CALLER)}
    carry(first, second, 20)
    assert desk.state == "idle"
    ((begun, ended),) = first.exchange.journal.conversations(CALLER, DESK)
    assert ended - begun == pytest.approx(20.0, abs=1.5)


def test_one_way_silence_is_noticed():
    first, second, caller, desk = bridged(talks_for=None)
    carry(first, second, 8, back=False)
    assert caller.heard == [LINE] and desk.heard == [STICK, CALLER]
    carry(first, second, 6)
    assert caller.heard == [LINE, DESK]
    faults.apply(second.module, "one_way", side="receive")
    carry(first, second, 6)
    assert [entry.heard for entry in first.exchange.journal.of(Recognised) if entry.listener == CALLER] == [True, False]


def test_nobody_is_known_by_an_announcement():
    first, _, caller, _ = bridged(talks_for=None)
    first.play(Speech(1234, -6.0), 10.0)
    assert caller.heard == [LINE]


def test_sound_left_on_sticks():
    stick = Stick("simcom")
    faults.apply(stick.module, "sound_sticks")
    stick.answered()
    stick.type(ON["simcom"])
    stick.type("AT+CHUP")
    stick.answered()
    assert [stick.type(command) for command in (ON["simcom"], "AT+CPCMREG=0", ON["simcom"])] == [
        ["ERROR"],
        ["OK"],
        ["OK"],
    ]


def test_positions_in_the_sound_until_they_are_switched_off():
    stick = Stick("quectel")
    faults.apply(stick.module, "positions_in_sound")
    assert b"$GPGGA" in stick.listen(1.5)
    stick.type('AT+QGPSCFG="outport","none"')
    assert stick.listen(3.0) == b""


def test_an_old_module_tells_keys_and_has_no_sound():
    world = FastWorld()
    module = world.add(GsmModule(world.exchange, "old", LINE, "sim800"), "/dev/ttyUSB0")
    port = world.open("/dev/ttyUSB0", 115200)
    caller = world.exchange.call(LINE, CALLER, talks_for=None)
    world.run_until(world.now() + 2)
    port.write(b"ATE0;+DDET=1\rATA\r")
    caller.press("7")
    world.run_until(world.now() + 1)
    assert b"+DTMF: 7" in port.read() and module.family.audio_interface is None
    assert world.candidates() == ["/dev/ttyUSB0"]
