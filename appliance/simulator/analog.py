"""One simulated analog modem on a subscriber line: bytes in, bytes out, no I/O. The time is its exchange's.

Commands as in V.250 and V.253; voice data in `analogvoice`, dialling in `analogdial`, what commands do in
`analogcommands`. It has a sample clock of its own, `ppm` fast or slow.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from appliance.simulator.analogcommands import TABLE
from appliance.simulator.analogfamilies import FAMILIES, AnalogFamily
from appliance.simulator.analogfaults import AnalogMisbehaviour
from appliance.simulator.analogsettings import AnalogSettings
from appliance.simulator.analogvoice import Detector, VoiceStream
from appliance.simulator.atline import Command, commands_of
from appliance.simulator.device import Socket
from appliance.simulator.misbehaviour import Rule
from appliance.simulator.registry import Answer, Outcome
from appliance.simulator.sounds import FRAME, RATE, Played, Samples, Script, Tone, is_silent, scaled, silence
from appliance.simulator.subscriberline import SubscriberLine

CR, BACKSPACE = 13, 8
LONGEST_LINE = 560
MOST_UNREAD = 65536
"""Octets the modem and the driver keep for a host that does not read; then sound is lost (DLE o)."""
LINE_IN_USE, EXTENSION_PICKUP, REMOTE_HANGUP = 1, 2, 4
"""Bits of Conexant's -STE."""
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EVENT_REPEAT = 4.0


class AnalogModem:
    """`answer_seconds`: from a command's CR to its answer. `boot_seconds`: from power to the first answer.

    `obeys_dtr`: hangs up and resets when the host drops DTR (&D2); off by default, as a pseudo-terminal has no DTR
    and a program must be able to do without. `exchange_start`: the exchange's time at MONDAY, for caller ID.
    """

    def __init__(
        self,
        line: SubscriberLine,
        name: str,
        family: str | AnalogFamily = "conexant",
        *,
        ppm: float = 0.0,
    ) -> None:
        self.line = line
        self.exchange = line.exchange
        self.name = name
        self.number = line.number
        self.family = FAMILIES[family] if isinstance(family, str) else family
        self.ppm = ppm
        self.settings = AnalogSettings.of(self.family)
        self.faults = AnalogMisbehaviour()
        self.socket: Socket | None = None
        self.seen: deque[str] = deque(maxlen=10_000)
        """The command lines received, as they came."""
        self.answer_seconds, self.boot_seconds = 0.0, 1.0
        self.obeys_dtr = False
        self.baudrate: int | None = None
        self.exchange_start = self.exchange.now
        self.powered = True
        self.stream: VoiceStream | None = None
        self.played = Played()
        self.rings = 0
        self._out = bytearray()
        self._line = bytearray()
        self._lines: deque[str] = deque()
        self._rest: deque[Command] = deque()
        self._running: Command | None = None
        self.on_abort: Callable[[], None] | None = None
        """What a character does to the command that is running; None: nothing."""
        self._generation = 0
        self._deaf_until = 0.0
        self._tones = Script()
        self._ticking = False
        self._next_tick = 0.0
        self._detector = Detector(self.family.dtmf)
        self._last_octet_at = 0.0
        self._tone_told: tuple[str | None, float] = (None, 0.0)
        self._dice = random.Random(name)
        line.attach(self)

    # --- bytes ----------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The exchange's time."""
        return self.exchange.now

    @property
    def step(self) -> float:
        """Seconds from sample to sample by the modem's own clock."""
        return 1 / (RATE * (1 + self.ppm * 1e-6))

    @property
    def deaf(self) -> bool:
        """Without power, booting, hung or wedged: it does not hear."""
        return not self.powered or self.now < self._deaf_until or bool(self.faults.wedged)

    @property
    def off_hook(self) -> bool:
        """Whether it holds the line."""
        return self in self.line.off

    @property
    def has_output(self) -> bool:
        """Whether `take_output` would give anything."""
        return bool(self._out)

    def room(self) -> int:
        """How many octets it takes now: while it plays, what its buffer holds."""
        if self.now < self.faults.stalled_until:
            return 0
        return max(0, self.family.buffer - len(self.stream.queue)) if self.stream and self.stream.sends else 1 << 20

    def receive(self, data: bytes, now: float) -> None:
        """Bytes from the host, at this time."""
        self.exchange.advance(now)
        if self._wrong_speed():
            data = self._garbled(data)
        self._last_octet_at = self.now
        for octet in data:
            if not self.deaf:
                self._octet(octet)

    def _wrong_speed(self) -> bool:
        fixed = self.faults.fixed_baud
        return fixed is not None and self.baudrate is not None and self.baudrate != fixed

    def _garbled(self, data: bytes) -> bytes:
        return bytes(self._dice.choice((0x00, 0x80, 0xE6, 0xFE, 0x98, 0xF8)) for _ in range(max(1, len(data) // 2)))

    def take_output(self) -> bytes:
        """What the modem has said since the last time."""
        data = bytes(self._out)
        self._out.clear()
        return self._garbled(data) if data and self._wrong_speed() else data

    def _octet(self, octet: int) -> None:
        if self.stream is not None:
            self.stream.feed(octet)
            return
        if self._running is not None and self.on_abort is not None:
            abort, self.on_abort = self.on_abort, None
            abort()
            return
        if self.settings.echo:
            self.emit(bytes([octet]))
        if octet == CR:
            line = self._line.decode("latin-1")
            self._line.clear()
            self._lines.append(line)
            self._next_line()
        elif octet == BACKSPACE:
            del self._line[-1:]
        elif octet >= 0x20 and len(self._line) < LONGEST_LINE:
            self._line.append(octet)

    def emit(self, data: bytes) -> None:
        """Send octets as they are; without power nothing is said."""
        if not self.powered or self.now < self._deaf_until:
            return
        if len(self._out) > MOST_UNREAD:
            self._out[-2:] = b"\x10o"
        else:
            self._out += data

    def say(self, *lines: str) -> None:
        """Lines, each with CR LF before and after it."""
        self.emit("".join(f"\r\n{line}\r\n" for line in lines).encode("latin-1", errors="replace"))

    def event(self, code: str) -> None:
        """A DLE event (V.253 table 8): within the sound, or on its own in voice mode."""
        if self.settings.fclass == 8 and not self.faults.silent_events:
            self.emit(b"\x10" + code.encode())

    # --- command lines --------------------------------------------------------------------------------

    def _next_line(self) -> None:
        while self._lines and self._running is None and self.stream is None:
            line = self._lines.popleft()
            commands = commands_of(line)
            if commands is None:
                continue
            self.seen.append(line.strip())
            self._rest = deque(commands or [Command("AT", "run", "")])
            self._next_command()

    def _next_command(self) -> None:
        command = self._running = self._rest.popleft()
        self.faults.happens(f"command {command}")
        if self.deaf:
            self._rest.clear()
            self._running = None
            return
        rule = self.faults.rule_for(str(command), self.now)
        if rule is not None and rule.delay:
            self.later(rule.delay, partial(self._by_rule, command, rule))
        elif rule is not None:
            self._by_rule(command, rule)
        else:
            self._take(self._perform(command))

    def _by_rule(self, command: Command, rule: Rule) -> None:
        usual = rule.final is None and not rule.silent
        outcome: Outcome = self._perform(command) if usual or rule.effect else Answer()
        self._take(outcome if usual else Answer(rule.lines, None if rule.silent else rule.final))

    def _perform(self, command: Command) -> Outcome:
        read_back = self.faults.read_back.get(command.name)
        if read_back is not None and command.form == "read":
            return Answer((read_back,))
        handler = TABLE.get(command.name)
        if handler is None or (handler.voice and not self.family.voice):
            return Answer(final="ERROR")
        if handler.only and handler.only != self.family.name and command.name != self.family.extension:
            return Answer(final="ERROR")
        try:
            return handler.run(self, command)
        except ValueError:
            return Answer(final="ERROR")

    def _take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Answer):
            self.finish(outcome)

    def finish(self, answer: Answer) -> None:
        """The answer of the running command; the rest of its line runs if it went well."""
        if self._running is not None and self.answer_seconds:
            self.later(self.answer_seconds, partial(self._finish_now, answer))
        else:
            self._finish_now(answer)

    def _finish_now(self, answer: Answer) -> None:
        if self._running is None:
            return
        self.on_abort = None
        last = not self._rest or answer.final != "OK"
        lines = list(answer.lines)
        if last and answer.final is not None:
            lines.append(answer.final)
        self.say(*lines)
        if last:
            self._rest.clear()
            self._running = None
            self._next_line()
        else:
            self._next_command()

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do this after some seconds, unless the modem was reset meanwhile."""
        generation = self._generation
        self.exchange.agenda.after(seconds, lambda: action() if generation == self._generation else None)

    def unless_done(self, action: Callable[[], object]) -> Callable[[], None]:
        """An action of the command that runs now, which does nothing once that command is over."""
        command = self._running

        def act() -> None:
            if self._running is command:
                action()

        return act

    # --- the line -------------------------------------------------------------------------------------

    @property
    def blocked(self) -> bool:
        """Line-in-use detection keeps it from lifting: another phone is off-hook."""
        others = any(device is not self for device in self.line.off)
        return others and not self.off_hook and self._detects(LINE_IN_USE) and bool(self.family.extension)

    def _detects(self, bit: int) -> bool:
        return self.family.always_detects or bool(self.settings.extension & bit)

    def lift(self) -> None:
        """Off-hook."""
        if not self.off_hook:
            self._detector = Detector(self.family.dtmf)
            self.line.lift(self)
            self._start_ticking()

    def hang_up(self) -> None:
        """On-hook; no voice mode without a line."""
        self.stream = None
        self._tones.parts.clear()
        self.line.put_down(self)

    def flash(self, seconds: float) -> None:
        """Open the loop for so long; the port sees how long it was when it closes."""
        self.later(seconds, partial(self._flash_over, seconds))

    def _flash_over(self, seconds: float) -> None:
        if self.off_hook:
            self.line.flash(self, seconds)

    def play_tones(self, tones: list[Tone]) -> None:
        """Put tones on the line; they carry their own times."""
        self._tones.parts += tones

    def ring(self, on: bool, count: int) -> None:
        """Ringing current: a word, or DLE R in voice mode; answers by itself where S0 says so."""
        if not on or self.deaf or self.off_hook:
            return
        most = self.faults.rings_unseen_after
        if most is not None and count > most:
            return
        self.rings = self.settings.registers[1] = count
        if self.settings.fclass == 8 and self.family.voice_ring:
            self.event("R")
        else:
            self.say("RING")
        self.faults.happens(f"ring {count}")
        if 0 < self.settings.registers[0] <= count and self._running is None:
            self._lines.append("ATA")
            self._next_line()

    def rings_over(self) -> None:
        """The next call counts anew."""
        self.rings = self.settings.registers[1] = 0

    def caller_id(self, number: str | None, reason: str, name: str | None) -> None:
        """Print who calls, formatted (+VCID=1), as the port has sent it."""
        if self.deaf or self.off_hook or not self.settings.caller_id or self.faults.caller_id == "none":
            return
        when = MONDAY + timedelta(seconds=self.now - self.exchange_start)
        fields = [("DATE", f"{when:%m%d}"), ("TIME", f"{when:%H%M}"), ("NMBR", number or reason)]
        if name is not None:
            fields.append(("NAME", name))
        equals = " = " if self.family.spaced else "="
        lines = [f"{key}{equals}{value}" for key, value in fields]
        if self.faults.caller_id == "dirty":
            self.emit(b"\r\nDATE = 11\xff3\r\n\x00\x7f\r\nTI\x90E=2015\r\nDDN_NMBR=" + b"\xe9" * 3)
            lines = [f"NMBR{equals}{number or reason} ", f"NAME = \xdc\x1b[31mM\xe4x\x07{name or ''}"]
        for _ in range(2 if self.faults.caller_id == "twice" else 1):
            self.say(*lines)

    def neighbour(self, lifted: bool) -> None:
        """Extension pickup: DLE P, and DLE p when it is put down, in voice mode."""
        if not self.deaf and self._detects(EXTENSION_PICKUP):
            self.event("P" if lifted else "p")

    def loop_break(self, seconds: float) -> None:
        """The port has cut the loop: DLE l."""
        if not self.deaf and self._detects(REMOTE_HANGUP):
            self.event("l")

    def sound(self, start: float, count: int, step: float) -> Samples:
        """What it puts on the wires, for the phones beside it and the echo."""
        return self.played.samples(start, count, step)

    def hears(self, start: float, samples: Samples, step: float) -> None:
        """It asks the line itself, by its own clock."""

    # --- sound ----------------------------------------------------------------------------------------

    def begin_stream(self, sends: bool, receives: bool) -> None:
        """Voice data: everything the host sends from now on is sound or a DLE code."""
        self.stream = VoiceStream(sends, receives, self.family.codings[self.settings.coding])
        self._last_octet_at = self.now

    def _start_ticking(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._next_tick = self.now
            self._again()

    def _again(self) -> None:
        self._next_tick += FRAME * self.step
        self.exchange.agenda.at(self._next_tick, self._tick)

    def _tick(self) -> None:
        """20 ms by the modem's own clock: hear what was, play what comes."""
        if not self.off_hook:
            self._ticking = False
            return
        stream, start = self.stream, self._next_tick
        heard = self.line.heard(self, start - FRAME * self.step, FRAME, self.step)
        self._hear(stream, heard)
        sent = self._to_play(stream)
        self.played.add(start, self.step, sent)
        self.line.spoken(self, start, sent, self.step)
        if stream is not None and stream is self.stream:
            self._perhaps_end(stream)
        self._again()

    def _hear(self, stream: VoiceStream | None, heard: Samples) -> None:
        if self.faults.deaf_side == "receive":
            heard = silence(FRAME)
        gain = 10 ** ((self.settings.receive_gain - 128) / 40)
        heard = heard if gain == 1.0 else scaled(heard, gain)
        interval = self.settings.silence if stream is not None and stream.receives else 0.0
        if self.settings.fclass == 8 and not self._tones.parts:
            for code in self._detector.hear(heard, self.now, interval):
                self.event(code)
            self._hear_tones()
        if stream is not None and stream.receives and not self.faults.wedged.startswith("mute"):
            self.emit(stream.encoded(heard))

    def _hear_tones(self) -> None:
        """The chip's own guess at busy and dial tone."""
        name, (told, at) = self.line.tone_name, self._tone_told
        if name not in ("busy", "congestion", "dial"):
            self._tone_told = (None, self.now)
        elif told != name:
            self._tone_told = (name, self.now)
        elif self.now - at >= EVENT_REPEAT:
            self._tone_told = (name, self.now)
            self.event("d" if name == "dial" else "b")

    def _to_play(self, stream: VoiceStream | None) -> Samples:
        tones = self._tones.samples(self._next_tick, FRAME, self.step)
        if not is_silent(tones):
            return tones
        if stream is None:
            return silence(FRAME)
        before = stream.underrun
        if self.faults.underruns:
            self.faults.underruns -= 1
            stream.underrun, sent = True, silence(FRAME)
        else:
            sent = stream.frame()
        if stream.underrun and not before:
            self.event("u")
        gain = 10 ** ((self.settings.transmit_gain - 128) / 40)
        return silence(FRAME) if self.faults.deaf_side == "send" else (sent if gain == 1.0 else scaled(sent, gain))

    def _perhaps_end(self, stream: VoiceStream) -> None:
        limit = self.settings.inactivity / 10
        forgotten = limit and stream.sends and self.now - self._last_octet_at > limit
        if forgotten or (stream.drained and self.faults.abort_end != "never"):
            self._end_stream(stream)

    def _end_stream(self, stream: VoiceStream) -> None:
        self.stream, how = None, self.faults.abort_end
        self._running = self._running or Command("+VTR", "run", "")
        if how != "no etx" and (stream.receives or how != "usual"):
            self.emit(b"\x10\x03")
        usual = self.family.transmit_end if not stream.receives else "OK"
        final = {"vcon": "VCON", "bare etx": None}.get(how, usual)
        self._rest.clear()
        self._finish_now(Answer(final=final))
        if how == "straggling":
            self.emit(stream.coding.rest * 37 + b"\x10\x03")

    # --- control lines and power ------------------------------------------------------------------------

    def opened(self, baudrate: int) -> None:
        """The host has opened the port at this speed."""
        self.baudrate = baudrate

    def closed(self) -> None:
        """The host has closed the port: DTR drops (HUPCL)."""
        self.drop_dtr()

    def drop_dtr(self) -> None:
        """DTR low: a wedged modem comes to itself, another one hangs up where it obeys DTR."""
        if self.faults.wedged in ("dtr", "mute dtr"):
            self.faults.wedged = ""
            self._reset()
        elif self.obeys_dtr and not self.deaf:
            self._reset()

    def reset_line(self) -> None:
        """BREAK, and DTR low for a second."""
        self.exchange.note(self.name, "line reset")
        self.drop_dtr()

    def _reset(self) -> None:
        self._generation += 1
        self.hang_up()
        self._line.clear()
        self._lines.clear()
        self._rest.clear()
        self._running, self.on_abort = None, None

    def hang(self, seconds: float) -> None:
        """Answer nothing for a while; it keeps the line as it is."""
        self._deaf_until = self.now + seconds
        self.exchange.note(self.name, f"hangs for {seconds:g} s")

    def unplug(self) -> None:
        """No power: the relay opens."""
        if self.powered:
            self._reset()
            self._out.clear()
            self.powered = False
            self.exchange.note(self.name, "unplugged")

    def plug_in(self) -> None:
        """Power again."""
        if not self.powered:
            self.exchange.note(self.name, "plugged in")
            self.powered = True
            self.settings = AnalogSettings.of(self.family)
            if self.faults.wedged:
                self.faults.wedged = ""
            self._deaf_until = self.now + self.boot_seconds
