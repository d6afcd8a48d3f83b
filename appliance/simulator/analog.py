"""One simulated analog modem on a subscriber line: bytes in, bytes out, no I/O. The time is its exchange's.

Commands as in V.250 and V.253; voice data in `analogvoice`, dialling in `analogdial`, what commands do in
`analogcommands`. It has a sample clock of its own, `ppm` fast or slow.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from functools import partial

from appliance.simulator.analogcallerid import print_caller_id
from appliance.simulator.analogcommands import TABLE
from appliance.simulator.analogfamilies import FAMILIES, AnalogFamily
from appliance.simulator.analogfaults import AnalogMisbehaviour
from appliance.simulator.analogsettings import AnalogSettings
from appliance.simulator.analogsound import AnalogSound
from appliance.simulator.atline import Command, commands_of
from appliance.simulator.device import ROOMY, Socket
from appliance.simulator.misbehaviour import Rule
from appliance.simulator.registry import Answer, Outcome
from appliance.simulator.sounds import RATE, Samples
from appliance.simulator.subscriberline import SubscriberLine

CR, BACKSPACE = 13, 8
LONGEST_LINE = 560
MOST_UNREAD = 65536
"""Octets the modem and the driver keep for a host that does not read; then sound is lost (DLE o)."""
LINE_IN_USE, EXTENSION_PICKUP, REMOTE_HANGUP = 1, 2, 4
"""Bits of Conexant's -STE."""


class AnalogModem:
    """`answer_seconds`: from a command's CR to its answer. `boot_seconds`: from power to the first answer.

    `obeys_dtr`: hangs up and resets when the host drops DTR (&D2); off by default, as a pseudo-terminal has no DTR
    and a program must be able to do without.
    """

    kind = "analog"

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
        self.voice = AnalogSound(self)
        self.socket: Socket | None = None
        self.seen: deque[str] = deque(maxlen=10_000)
        """The command lines received, as they came."""
        self.answer_seconds, self.boot_seconds = 0.0, 1.0
        self.obeys_dtr = False
        self.baudrate: int | None = None
        self.made_at = self.exchange.now
        self.powered = True
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
        self.last_octet_at = 0.0
        """When the host last sent anything."""
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
        stream = self.voice.stream
        return max(0, self.family.buffer - len(stream.queue)) if stream and stream.sends else ROOMY

    def receive(self, data: bytes, now: float) -> None:
        """Bytes from the host, at this time."""
        self.exchange.advance(now)
        if self._wrong_speed():
            data = self._garbled(data)
        self.last_octet_at = self.now
        if self.voice.stream is not None and not self.deaf:
            self.voice.stream.feed(data)
            return
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
        if self.voice.stream is not None:
            self.voice.stream.feed(bytes([octet]))
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
        while self._lines and self._running is None and self.voice.stream is None:
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

    def stream_over(self, final: str | None) -> None:
        """Voice mode has ended: its result, and commands are heard again."""
        self._running = Command("+VTR", "run", "")
        self._rest.clear()
        self._finish_now(Answer(final=final))

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
        if (inside := self.faults.line_inside(str(self._running))) is not None:
            lines.insert(min(len(lines), 1), inside)
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
            self.line.lift(self)
            self.voice.begin()

    def hang_up(self) -> None:
        """On-hook; no voice mode without a line."""
        self.voice.end()
        self.line.put_down(self)

    def flash(self, seconds: float) -> None:
        """Open the loop for so long; the port sees how long it was when it closes."""
        self.later(seconds, partial(self._flash_over, seconds))

    def _flash_over(self, seconds: float) -> None:
        if self.off_hook:
            self.line.flash(self, seconds)
            self.faults.happens("flash")

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
        print_caller_id(self, number, reason, name)

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
        return self.voice.played.samples(start, count, step)

    def hears(self, start: float, samples: Samples, step: float) -> None:
        """It asks the line itself, by its own clock."""

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
            return
        endless = self.faults.abort_end == "never" and self.voice.stream is not None
        if endless or (self.obeys_dtr and not self.deaf):
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

    def get_well(self) -> None:
        """Everything that is wrong with it and its line ends."""
        self.faults = AnalogMisbehaviour()
        self.answer_seconds = 0.0
        self.line.get_well()

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
