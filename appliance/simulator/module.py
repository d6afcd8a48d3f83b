"""One simulated GSM module: bytes in, bytes out, no I/O. The time is its exchange's.

Command lines, echo and result codes as in V.250 5; errors as +CMEE asks for them (27.007 9.1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

import appliance.simulator.commands  # noqa: F401  (fills the table of commands)
from appliance.simulator.atline import Command, commands_of
from appliance.simulator.calls import Entry, ModuleCalls
from appliance.simulator.cmeerrors import CME_TEXTS
from appliance.simulator.device import Simple, Socket
from appliance.simulator.families import FAMILIES, Family
from appliance.simulator.misbehaviour import Misbehaviour, Rule
from appliance.simulator.moduleaudio import AudioFaults, ModuleAudio
from appliance.simulator.network import Exchange
from appliance.simulator.numbers import Number, e164
from appliance.simulator.registry import TABLE, Answer, Outcome
from appliance.simulator.ringing import print_ring
from appliance.simulator.settings import Settings
from appliance.simulator.sim import Sim
from appliance.simulator.textstore import TextStore

CTRL_Z, ESC, BACKSPACE = 0x1A, 0x1B, 0x08
LONGEST_LINE = 560


class GsmModule(Simple):
    """A module with its SIM, subscribed to the exchange under `number`. It is up and registered from the start.

    `answer_seconds`: from a command's CR to its answer. `call_seconds`, `text_seconds`, `service_seconds`: what the
    network takes for ATA and CHLD, for a text, for a supplementary service. `ring_seconds`: from RING to RING.
    `boot_seconds` and `register_seconds`: from power to the banner, and from the ready SIM to the network.
    """

    kind = "gsm"

    def __init__(
        self,
        exchange: Exchange,
        name: str,
        number: str,
        family: str | Family = "generic",
        *,
        pin: str | None = None,
        imei: str = "356938035643809",
    ) -> None:
        self.exchange = exchange
        self.name = name
        self.number = e164(number)
        self.family = FAMILIES[family] if isinstance(family, str) else family
        self.imei = imei
        self.sim = Sim(pin=pin)
        self.settings = Settings()
        self.faults = Misbehaviour()
        self.calls = ModuleCalls(self)
        self.audio = ModuleAudio(self)
        self.texts = TextStore(self)
        self.subscriber = exchange.subscribe(self.number, self.calls, self.texts)
        self.answer_seconds, self.call_seconds, self.text_seconds, self.service_seconds = 0.0, 0.0, 1.0, 0.5
        self.ring_seconds, self.boot_seconds, self.register_seconds = 5.0, 2.0, 2.0
        self.operator, self.operator_id, self.access = "Telekom.de", "26201", 7
        self.csq = (21, 99)
        self.service_centre = "+491710760000"
        self.forced_stat: int | None = None
        self.voice_over_ims = False
        self.functionality = 1
        self.last_cause = 16
        self.powered = True
        self.socket: Socket | None = None
        self.seen: deque[str] = deque(maxlen=10_000)
        """The command lines received, as they came."""
        self._registered = False
        self._booting = False
        self._deaf_until = 0.0
        self._out = bytearray()
        self._free_at = 0.0
        self._line = bytearray()
        self._lines: deque[str] = deque()
        self._rest: deque[Command] = deque()
        self._running: Command | None = None
        self._collecting: Callable[[bytes, bool], None] | None = None
        self._collected = bytearray()
        self._generation = 0
        self.sim.power_on()
        self._registered = self.sim.error is None

    # --- bytes ----------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The exchange's time."""
        return self.exchange.now

    @property
    def deaf(self) -> bool:
        """Without power, booting or hung: it neither hears nor speaks."""
        return not self.powered or self._booting or self.now < self._deaf_until

    def receive(self, data: bytes, now: float) -> None:
        """Bytes from the host, at this time."""
        self.exchange.advance(now)
        for octet in data:
            if not self.deaf:
                self._octet(octet)

    def take_output(self) -> bytes:
        """What the module has said since the last time; b"" if nothing."""
        data = bytes(self._out)
        self._out.clear()
        return data

    @property
    def has_output(self) -> bool:
        """Whether `take_output` would give anything."""
        return bool(self._out)

    def _octet(self, octet: int) -> None:
        if self.settings.echo:
            self.emit(bytes([octet]))
        if self._collecting is not None:
            if octet not in (CTRL_Z, ESC):
                self._collected.append(octet)
            elif octet == ESC or self.faults.prompt != "stuck":
                self._collected_all(octet == ESC)
        elif octet == self.settings.registers[3]:
            line = self._line.decode("latin-1")
            self._line.clear()
            self._lines.append(line)
            self._next_line()
        elif octet == BACKSPACE:
            del self._line[-1:]
        elif octet >= 0x20 and len(self._line) < LONGEST_LINE:
            self._line.append(octet)

    def _collected_all(self, cancelled: bool) -> None:
        take, text, generation = self._collecting, bytes(self._collected), self._generation
        self._collecting = None
        if not cancelled:
            self.faults.happens("text")
        if take is not None and generation == self._generation:
            take(text, cancelled)

    def emit(self, data: bytes) -> None:
        """Send octets as they are, byte by byte where the module is paced; a deaf module says nothing."""
        if self.faults.pace is not None:
            self.emit_pieces([bytes([octet]) for octet in data], self.faults.pace, self.faults.pace)
        elif self.now < self._free_at:
            self.emit_pieces([data], 0.0)
        elif not self.deaf:
            self._out += data

    def emit_pieces(self, pieces: list[bytes], gap: float, before: float = 0.0) -> None:
        """Send pieces `gap` seconds apart, the first after `before`; whatever is said meanwhile waits its turn."""
        if self.deaf:
            return
        when = max(self.now, self._free_at) + before
        for position, piece in enumerate(pieces):
            self._free_at = when + position * gap
            self.later(self._free_at - self.now, partial(self._late, piece))

    def _late(self, data: bytes) -> None:
        if not self.deaf:
            self._out += data

    def say(self, *lines: str) -> None:
        """Unsolicited lines, or part of an answer, each with CR LF before and after it."""
        self.emit("".join(f"\r\n{line}\r\n" for line in lines).encode("latin-1", errors="replace"))

    # --- command lines --------------------------------------------------------------------------------

    def _next_line(self) -> None:
        while self._lines and self._running is None and self._collecting is None:
            line = self._lines.popleft()
            commands = commands_of(line)
            if commands is None:
                continue
            self.seen.append(line.strip())
            self._rest = deque(commands or [Command("AT", "run", "")])
            self._next_command()

    def _next_command(self) -> None:
        self._running = self._rest.popleft()
        command = self._running
        self.faults.happens(f"command {command}")
        if self.deaf:
            self._rest.clear()
            self._running = None
            return
        rule = self.faults.rule_for(str(command), self.now)
        if rule is None:
            self._finish_unless_waiting(self._perform(command))
            return
        if rule.delay:
            self.later(rule.delay, lambda: self._by_rule(command, rule))
        else:
            self._by_rule(command, rule)

    def _by_rule(self, command: Command, rule: Rule) -> None:
        usual = rule.final is None and rule.cme is None and not rule.silent
        outcome: Outcome = self._perform(command) if usual or rule.effect else Answer()
        if not usual:
            outcome = Answer(rule.lines, None if rule.silent else rule.final, rule.cme)
        self._finish_unless_waiting(outcome)

    def _perform(self, command: Command) -> Outcome:
        entry = TABLE.get(command.name)
        known = entry is not None and (not entry.only or self.family.name in entry.only)
        if entry is None or not known:
            return Answer(final="OK" if command.name in self.family.accepts else self.family.unknown)
        if entry.card and command.form != "test" and (error := self.sim.error) is not None:
            return Answer(final=None, cme=error)
        try:
            return entry.run(self, command)
        except ValueError:
            return Answer(final=None, cme=50)

    def _finish_unless_waiting(self, outcome: Outcome) -> None:
        if isinstance(outcome, Answer):
            self.finish(outcome)

    def finish(self, answer: Answer) -> None:
        """The answer of the running command; the rest of its line runs if it went well."""
        command = self._running
        if command is None:
            return
        if self.answer_seconds:
            self.later(self.answer_seconds, lambda: self._finish_now(command, answer))
        else:
            self._finish_now(command, answer)

    def _finish_now(self, command: Command, answer: Answer) -> None:
        last = not self._rest or answer.final != "OK"
        self._answer(command, answer, last)
        if last:
            self._rest.clear()
            self._running = None
            self._next_line()
        else:
            self._next_command()

    def _answer(self, command: Command, answer: Answer, last: bool) -> None:
        lines = list(answer.lines)
        if (inside := self.faults.line_inside(str(command))) is not None:
            lines.insert(min(len(lines), 1), inside)
        if last and (final := self._final(answer)) is not None:
            lines.append(final)
        self.say(*lines)

    def _final(self, answer: Answer) -> str | None:
        if answer.cms is not None:
            return f"+CMS ERROR: {answer.cms}"
        if answer.cme is None:
            return answer.final
        if self.settings.cmee == 0:
            return "ERROR"
        return f"+CME ERROR: {answer.cme if self.settings.cmee == 1 else CME_TEXTS.get(answer.cme, 'unknown')}"

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do this after some seconds, unless the module was rebooted meanwhile."""
        generation = self._generation
        self.exchange.agenda.after(seconds, lambda: action() if generation == self._generation else None)

    def prompt(self, take: Callable[[bytes, bool], None]) -> None:
        """Ask for a text: what comes before Ctrl-Z (or ESC: True) goes to `take`."""
        self._collected.clear()
        self._collecting = take
        if self.faults.prompt != "none":
            self.emit(b"\r\n> ")
        self.faults.happens("prompt")

    # --- calls ----------------------------------------------------------------------------------------

    def ring(self, clip: str, count: int) -> None:
        """Print RING and the caller's number; answer by itself where ATS0 says so."""
        print_ring(self, clip)
        self.faults.happens(f"ring {count}")
        if 0 < self.settings.registers[0] <= count:
            self.calls.answer()

    def dial_progress(self, stage: str, entry: Entry) -> None:
        """A leg went on: an ATD that waited for it gets its OK."""
        running = self._running
        if running is not None and running.name == "D" and self.family.dial_ok == stage:
            self.finish(Answer())

    def call_over(self, entry: Entry, cause: int) -> None:
        """A call ended from outside: the word for it, as ATD's result where that is still open."""
        word = self.family.hangup_words.get(cause if entry.connected_at is None else 16, "NO CARRIER")
        running = self._running
        if running is not None and running.name == "D" and self.family.dial_ok != "start":
            self.finish(Answer(final=word))
        elif word:
            self.say(word)

    def written(self, number: Number) -> tuple[str, int]:
        """Number and type as this family prints them."""
        return number.shown(self.family.plus), number.type

    # --- network --------------------------------------------------------------------------------------

    @property
    def stat(self) -> int:
        """Registration as +CREG counts it (27.007 7.2)."""
        if self.functionality != 1 or self.sim.error is not None or not self.powered or self._booting:
            return 0
        if self.forced_stat is not None:
            return self.forced_stat
        return 1 if self._registered else 2

    @property
    def can_call(self) -> bool:
        """Whether voice reaches it: registered at home or roaming, or by IMS; 6 and 7 are for texts only."""
        return self.stat in (1, 5) or (self.voice_over_ims and self.stat != 0)

    @property
    def can_text(self) -> bool:
        """Whether texts reach it."""
        return self.stat in (1, 5, 6, 7)

    def register_soon(self) -> None:
        """The SIM became ready, or the radio was switched on: look for a network."""
        self.later(self.register_seconds, self._register)

    def _register(self) -> None:
        if self.functionality == 1 and self.sim.error is None:
            before, self._registered = self.stat, True
            self.say(*self.family.ready)
            self._tell_registration(before)
            self.exchange.sms.retry(self.number)

    def deregister(self) -> None:
        """Off the network: calls end, and it is unreachable at once."""
        before = self.stat
        self.calls.lose_all()
        self._registered = False
        self._tell_registration(before)

    def set_stat(self, stat: int | None) -> None:
        """Force the registration state (None: let it be); told by +CREG where asked for. Calls end without voice."""
        before, self.forced_stat = self.stat, stat
        if not self.can_call:
            self.calls.lose_all()
        self._tell_registration(before)

    def _tell_registration(self, before: int) -> None:
        if self.stat != before:
            for name in ("+CREG", "+CGREG", "+CEREG"):
                n = self.settings.registration.get(name, 0)
                if n:
                    self.say(f"{name}: {self.stat}" + (',"1A2B","01C3D4E5",7' if n >= 2 else ""))

    # --- power ----------------------------------------------------------------------------------------

    def reboot(self) -> None:
        """Start anew: calls, settings and half-read lines are lost, echo is on, the SIM asks for its PIN again."""
        self.powered = True
        self._power_off()
        self._booting = True
        self.exchange.note(self.name, "starts")
        self.later(self.boot_seconds, self._booted)

    def _power_off(self) -> None:
        self._generation += 1
        self.calls.lose_all()
        self.audio.on = False
        self._registered = False
        self.settings = Settings()
        self.functionality = 1
        self._free_at, self._deaf_until = 0.0, 0.0
        self._out.clear()
        self._line.clear()
        self._lines.clear()
        self._rest.clear()
        self._running, self._collecting = None, None

    def _booted(self) -> None:
        self._booting = False
        self.sim.power_on()
        self.say(*self.family.banner)
        if self.sim.error is None:
            self.register_soon()

    def unplug(self) -> None:
        """No power: what it had is lost, the network misses it."""
        if self.powered:
            self._power_off()
            self.powered = False
            self.exchange.note(self.name, "unplugged")
            if self.audio.port.socket is not None:
                self.audio.port.socket.unplug()

    def plug_in(self) -> None:
        """Power again; it boots."""
        if not self.powered:
            self.exchange.note(self.name, "plugged in")
            if self.audio.port.socket is not None:
                self.audio.port.socket.plug_in()
            self.reboot()

    def get_well(self) -> None:
        """Everything that is wrong with it ends."""
        self.faults, self.audio.faults = Misbehaviour(), AudioFaults()
        self.answer_seconds = 0.0
        self.set_stat(None)

    def hang(self, seconds: float) -> None:
        """Answer nothing and say nothing for a while; the network goes on ringing it."""
        self._deaf_until = self.now + seconds
        self.exchange.note(self.name, f"hangs for {seconds:g} s")
