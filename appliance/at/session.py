"""The AT session: bytes in, events out; commands in, bytes out. No I/O, no clock: `now` is monotonic seconds.

One command is in flight; the rest wait in order of priority. What the command in flight did not name is
unsolicited and comes out as a Urc, also between a prompt and +CMGS. Some things need care:

* A command that was given up (unanswered, or making way for a call) still owes a final result. It may come
  while the next command waits, so `_owed` says whose lines those are. Where a bare OK fits both, the command
  that expects information lines waits a moment longer for them; for call control CLCC tells the truth anyway.
* A text is one transaction: AT+CMGS, prompt, body, Ctrl-Z, +CMGS. Before the body has left, ESC takes it
  back; afterwards only its answer can be given up, and a late +CMGS still confirms it.
* A command without any answer is followed by a plain AT before anything else, then by one that has the modem answer in
  words, should another program have told it otherwise; three in a row, and the modem hangs. Once that is answered what
  was given up may be answered beside it, so a command without lines of its own waits a moment for the modem to have
  said all it owes.
* After the CONNECT of a command with `data` the port is somebody else's: nothing is sent or read until data_over, and
  then not before the OK that ends the data, which may still be on its way.
* A prompt that nobody asked for (a text left open by a crash) gets ESC, and the command it swallowed again.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct, field

from appliance.at.command import CALL_RESULTS, Command, End, Priority, Reply, is_final
from appliance.at.framing import Event, Frame, Framer, Line, Overlong, Prompt

ESC = b"\x1b"
CTRL_Z = b"\x1a"

YIELD_AFTER = 0.25
"""Seconds a text or health command may still take once a call command waits: most answer within 50 ms. A modem that
has just been slower gets twice what it took, since giving up too early mixes up its answers."""
QUICK = 2.0
"""Commands with at most this limit are answered by the modem alone, and tell how fast it is."""
PROMPT_WITHIN = 5.0
"""Seconds for the `>` of AT+CMGS; modules busy with the network take up to 2."""
ESCAPE_WITHIN = 1.0
"""Seconds a modem may take to confirm an ESC; several never do."""
OWED_FOR = 90.0
"""Seconds after which the answer to a given-up command is no longer expected (27.005 lets CMGS take 60)."""
IN_WORDS = "ATQ0V1"
"""Answer, and in words (V.250 6.2.5, 6.2.6)."""
UNANSWERED = 3
"""Commands in a row without any answer that make a hung modem."""
LATE_LINES_WITHIN = 0.3
"""Seconds to wait for the lines of a reply whose OK seems to belong to an earlier command."""
SAYS_ALL_WITHIN = 0.5
"""Seconds after the answer to such an AT in which a modem that had only been slow also says what it still owes."""
ENDS_DATA = ("VCON", "NO CARRIER")
"""What some modems say instead of OK after the end of their data (Rockwell's and IS-101's voice modems)."""
DATA_END_WITHIN = 0.5
"""Seconds a modem may take for the OK after the end of its data."""


class Urc(Struct, frozen=True):
    """A line nobody asked for."""

    line: str


class Done(Struct, frozen=True):
    """A command has ended."""

    reply: Reply


class BodyLeaving(Struct, frozen=True):
    """The prompt is there and the body of this text is among the bytes to send next."""

    command: Command


class LateText(Struct, frozen=True):
    """+CMGS came after its wait had been given up: the text did go out."""

    command: Command


class LateTextFailed(Struct, frozen=True):
    """+CMS ERROR came after the wait had been given up: the text did not go out."""

    reply: Reply


class Rebooted(Struct, frozen=True):
    """The modem started anew, by its banner or by echoing again after the echo had been switched off."""

    sign: str


class Hung(Struct, frozen=True):
    """UNANSWERED commands in a row got no answer at all."""


class Noticed(Struct, frozen=True):
    """A voice modem has put an event between its lines: its character (V.253 table 8)."""

    code: str


class Noise(Struct, frozen=True):
    """Something that is no line of a modem was dropped."""

    what: str


SessionEvent = Urc | Done | BodyLeaving | LateText | LateTextFailed | Rebooted | Hung | Noticed | Noise


_ESCAPE = Command("(escape)")
"""Stands for an ESC among the debts: some modems answer it, some do not."""


class _Flight(Struct):
    command: Command
    sent_at: float
    deadline: float
    lines: list[str] = field(default_factory=list)
    awaiting_prompt: bool = False
    escaping: bool = False
    body_sent: bool = False
    resent: bool = False
    claimed_ok: bool = False
    abandoned: bool = False
    echoed: bool = False


class _Owed(Struct):
    command: Command
    until: float
    busy_until: float
    lines_seen: bool = False


class Session:
    """One modem's dialogue. Submit commands, hand in bytes, fetch `data_to_send()`, call `tick()` at `deadline()`."""

    def __init__(self, boot_banners: frozenset[str], urc_prefixes: tuple[str, ...], voice: bool = False) -> None:
        """boot_banners: lines that prove a reboot. urc_prefixes: news that may stand in a prefixless reply.
        voice: a V.253 modem, see Framer."""
        self._boot_banners = boot_banners
        self._urc_prefixes = urc_prefixes
        self._framer = Framer(voice)
        self._queue: list[Command] = []
        self._flight: _Flight | None = None
        self._owed: deque[_Owed] = deque()
        self._out = bytearray()
        self.in_data = False
        """The port carries data."""
        self._data_end_by = float("-inf")
        self._quiet_until = float("-inf")
        """Nothing is sent before: what comes until then answers commands that were given up."""
        self._unanswered = 0
        self._probe: Command | None = None
        self._yield_after = YIELD_AFTER
        self.echo_was_forbidden = False
        """Set by whoever has sent ATE0; some modems echo on regardless."""
        self.echo_is_off = False
        """A command has come back without its echo since: from now on an echo means a reboot."""

    # --- commands in -----------------------------------------------------------------------------

    def submit(self, command: Command, now: float) -> None:
        """Queue a command behind all of the same or higher priority."""
        place = len(self._queue)
        while place and self._queue[place - 1].priority > command.priority:
            place -= 1
        self._queue.insert(place, command)
        self._start_next(now)

    def take_back(self, command: Command) -> bool:
        """Forget a command that has not left yet; says whether it had not."""
        if command not in self._queue:
            return False
        self._queue.remove(command)
        return True

    def abandon(self, command: Command) -> None:
        """Nobody waits for this any more: taken back if it has not left, else the next one need not wait for it."""
        if not self.take_back(command) and self._flight and self._flight.command is command:
            self._flight.abandoned = not command.data  # whether data come must be known before anything else is said

    def take_back_text(self, now: float) -> None:
        """A call rings: a text whose body has not left is given up with ESC (→ Done, GIVEN_UP)."""
        flight = self._flight
        if flight and flight.awaiting_prompt and not flight.escaping:
            self._escape(flight, now)

    def escape(self) -> None:
        """Close a `>` that an earlier life may have left open."""
        self._out += ESC

    @property
    def opens_data(self) -> bool:
        """A command is in flight after which the port may carry data."""
        return self._flight is not None and self._flight.command.data

    def interject(self, data: bytes) -> None:
        """Send this as it is, whatever is in flight: codes that end data which nobody wants (V.253 9.1.3)."""
        self._out += data

    def data_over(self, rest: bytes, now: float) -> list[SessionEvent]:
        """The port carries commands again. rest: what the modem has said since."""
        self.in_data = False
        self._data_end_by = now + DATA_END_WITHIN
        return self.receive(rest, now)

    def body_was_sent(self, command: Command) -> bool:
        """Is this text in flight with its body out, so that the network may have it?"""
        return bool(self._flight and self._flight.command is command and self._flight.body_sent)

    def reset(self) -> None:
        """Forget everything: the port was reopened."""
        self._framer.reset()
        self._queue.clear()
        self._flight = None
        self._owed.clear()
        self._out.clear()
        self.in_data = False
        self._data_end_by = self._quiet_until = float("-inf")
        self._unanswered = 0
        self.echo_was_forbidden = self.echo_is_off = False

    # --- bytes out -------------------------------------------------------------------------------

    def data_to_send(self) -> bytes:
        """Bytes for the port; each is handed out once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    # --- time ------------------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """When tick() wants to be called, if nothing comes before."""
        if self._flight is None:
            return max(self._data_end_by, self._quiet_until) if self._queue and not self.in_data else None
        return min(self._flight.deadline, self._yield_at())

    def tick(self, now: float) -> list[SessionEvent]:
        """Let time pass."""
        events: list[SessionEvent] = []
        flight = self._flight
        if flight is None:
            self._start_next(now)
            return events
        if now >= self._yield_at():
            if flight.awaiting_prompt:
                self._escape(flight, now)
            else:
                self._leave_prompt(flight, now)
                self._give_up(End.GIVEN_UP, now, events)
        elif now >= flight.deadline:
            self._on_deadline(flight, now, events)
        self._start_next(now)
        return events

    def _on_deadline(self, flight: _Flight, now: float, events: list[SessionEvent]) -> None:
        if flight.escaping:
            self._owed.append(_Owed(_ESCAPE, now + 5 * ESCAPE_WITHIN, busy_until=now))
            self._end(End.GIVEN_UP, now, events)
        elif flight.claimed_ok:
            self._end("OK", now, events)
        elif flight.awaiting_prompt:
            self._escape(flight, now)
        else:
            self._leave_prompt(flight, now)
            self._give_up(End.TIMEOUT, now, events)
            if not any(now < owed.busy_until for owed in self._owed):  # a module may do one thing after the other
                self._count_unanswered(events)

    # --- bytes in --------------------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> list[SessionEvent]:
        """Take what the port delivered. Total: no input raises."""
        events: list[SessionEvent] = []
        if self._flight and self._flight.command.data:
            frames, early = self._framer.feed_until_connect(data)
            self._on_frames(frames, now, events, early)
        elif not self.in_data:
            self._on_frames(self._framer.feed(data), now, events)
        return events

    def _on_frames(
        self, frames: list[Frame], now: float, events: list[SessionEvent], early: bytes | None = None
    ) -> None:
        for frame in frames:
            if isinstance(frame, Line):
                self._on_line(frame.text, now, events, early)
            elif isinstance(frame, Prompt):
                self._on_prompt(now, events)
            elif isinstance(frame, Event):
                events.append(Noticed(frame.code))
            elif isinstance(frame, Overlong):
                events.append(Noise("overlong line"))
            self._start_next(now)

    def _on_prompt(self, now: float, events: list[SessionEvent]) -> None:
        flight = self._flight
        if flight is None:
            self._out += ESC
        elif flight.awaiting_prompt and not flight.escaping:
            flight.awaiting_prompt = False
            flight.body_sent = True
            flight.deadline = now + flight.command.limit
            self._out += (flight.command.body or "").encode("ascii") + CTRL_Z
            events.append(BodyLeaving(flight.command))
        elif flight.escaping:
            self._out += ESC  # it crossed our first one
        elif not flight.body_sent and not flight.resent:
            flight.resent = True
            flight.deadline = now + flight.command.limit
            self._out += ESC
            self._send_line(flight.command)

    def _on_line(self, line: str, now: float, events: list[SessionEvent], early: bytes | None = None) -> None:
        if line in self._boot_banners:
            self._reboot(line, now, events)
            return
        flight = self._flight
        if flight and line in (flight.command.text, flight.command.body):
            flight.echoed = True
            if self.echo_is_off and line == flight.command.text:
                self._reboot("echo", now, events)
            return
        if flight and flight.command.data and line.startswith("CONNECT"):
            self.in_data = True
            self._end(line, now, events, early or b"")
            return
        if self._is_late(line, now, events):
            return
        if flight is None:
            if is_final(line) or (line in ENDS_DATA and now < self._data_end_by):
                self._data_end_by = now
            else:
                events.append(Urc(line))
        elif is_final(line) or (flight.command.call_results and _call_result(line)):
            self._on_final(flight, line, now, events)
        elif self._is_reply(flight.command, line):
            flight.lines.append(line)
            if flight.claimed_ok:  # the OK was not ours: now the real one follows
                flight.claimed_ok = False
                flight.deadline = now + flight.command.limit
        else:
            events.append(Urc(line))

    def _is_reply(self, command: Command, line: str) -> bool:
        if command.any_text:
            return not line.startswith(self._urc_prefixes) and not _call_result(line)
        return line.startswith(command.prefixes) if command.prefixes else False

    def _is_late(self, line: str, now: float, events: list[SessionEvent]) -> bool:
        """Is this line the answer to a command given up earlier? Takes it if so."""
        self._owed = deque(owed for owed in self._owed if owed.until > now)
        flight = self._flight
        for owed in self._owed:
            command = owed.command
            if line.startswith("+CMS ERROR:") and command.body and not (flight and flight.command.body):
                self._owed.remove(owed)
                events.append(LateTextFailed(Reply(command, (), line, body_sent=True)))
                return True
            if command.prefixes and line.startswith(command.prefixes):
                if flight and flight.command.prefixes == command.prefixes and not flight.awaiting_prompt:
                    return False  # the newer one may have it: the same question, and a fresher answer
                if command.body and not owed.lines_seen:
                    events.append(LateText(command))
                owed.lines_seen = True
                return True
            if owed.lines_seen and is_final(line):
                self._owed.remove(owed)
                return True
        if flight is not None or not is_final(line) or not self._settle_debt():
            return False
        if self._debtor is None:
            self._quiet_until = now  # it has said all
        return True

    def _settle_debt(self) -> bool:
        """A bare final result ends the oldest given-up command; not a text, whose success comes with +CMGS."""
        debtor = self._debtor
        if debtor:
            self._owed.remove(debtor)
        return debtor is not None

    @property
    def _debtor(self) -> _Owed | None:
        return next((owed for owed in self._owed if owed.command.body is None), None)

    def _on_final(self, flight: _Flight, line: str, now: float, events: list[SessionEvent]) -> None:
        if flight.escaping:
            self._end(End.GIVEN_UP, now, events)
        elif flight.awaiting_prompt and line == "OK":
            self._settle_debt()  # a text ends with OK only after its body; this one is late, or said twice
        elif (
            line == "OK"
            and flight.command.prefixes
            and not flight.lines
            and not flight.claimed_ok
            and self._settle_debt()
        ):
            flight.claimed_ok = True
            flight.deadline = min(flight.deadline, now + LATE_LINES_WITHIN)
        else:
            self._end(line, now, events)

    # --- within ----------------------------------------------------------------------------------

    def _start_next(self, now: float) -> None:
        if self._flight is not None or not self._queue or self.in_data:
            return
        if now < self._data_end_by or (now < self._quiet_until and not self._queue[0].prefixes):
            return  # whose reply is known by its lines need not wait for what others still get
        command = self._queue.pop(0)
        self._flight = _Flight(
            command,
            sent_at=now,
            deadline=now + (command.limit if command.body is None else PROMPT_WITHIN),
            awaiting_prompt=command.body is not None,
        )
        self._send_line(command)

    def _send_line(self, command: Command) -> None:
        self._out += command.text.encode("ascii") + b"\r"

    def _yield_at(self) -> float:
        """When the command in flight must make way for call control that waits; inf if it need not."""
        flight = self._flight
        if flight is None or flight.escaping or not self._queue:
            return float("inf")
        yields = flight.command.priority > Priority.POLL and self._queue[0].priority is Priority.CALL
        return flight.sent_at + self._yield_after if yields or flight.abandoned else float("inf")

    def _escape(self, flight: _Flight, now: float) -> None:
        flight.escaping = True
        flight.deadline = now + ESCAPE_WITHIN
        self._out += ESC

    def _leave_prompt(self, flight: _Flight, now: float) -> None:
        """Where the Ctrl-Z of a text got lost the prompt is still open, and ESC closes it; else it does nothing."""
        if flight.body_sent:
            self._out += ESC
            self._owed.append(_Owed(_ESCAPE, now + ESCAPE_WITHIN, busy_until=now))

    def _give_up(self, result: str, now: float, events: list[SessionEvent]) -> None:
        assert self._flight is not None
        flight = self._flight
        busy_until = flight.sent_at + flight.command.limit if result == End.GIVEN_UP else now
        self._owed.append(_Owed(flight.command, now + OWED_FOR, busy_until, lines_seen=bool(flight.lines)))
        self._end(result, now, events)

    def _end(self, result: str, now: float, events: list[SessionEvent], early: bytes = b"") -> None:
        flight = self._flight
        assert flight is not None
        self._flight = None
        if not result.startswith("("):
            self._unanswered = 0
            self.echo_is_off = self.echo_is_off or (self.echo_was_forbidden and not flight.echoed)
            if flight.command.limit <= QUICK:
                self._yield_after = max(YIELD_AFTER, 2 * (now - flight.sent_at))
        if flight.command is self._probe:
            self._probe = None
            if not result.startswith("(") and self._debtor is not None:
                self._quiet_until = now + SAYS_ALL_WITHIN
        else:
            events.append(Done(Reply(flight.command, tuple(flight.lines), result, flight.body_sent, early)))

    def _count_unanswered(self, events: list[SessionEvent]) -> None:
        self._unanswered += 1
        if self._unanswered >= UNANSWERED:
            events.append(Hung())
            self._unanswered = 0
        else:
            self._probe = Command("AT" if self._unanswered == 1 else IN_WORDS, priority=Priority.POLL)
            self._queue.insert(0, self._probe)

    def _reboot(self, sign: str, now: float, events: list[SessionEvent]) -> None:
        if self._flight:
            self._end(End.REBOOTED, now, events)
        for command in self._queue:
            if command is not self._probe:
                events.append(Done(Reply(command, (), End.DROPPED)))
        self._queue.clear()
        self._owed.clear()
        self._quiet_until = float("-inf")
        self.echo_was_forbidden = self.echo_is_off = False
        events.append(Rebooted(sign))


def _call_result(line: str) -> bool:
    return line in CALL_RESULTS or line.startswith("CONNECT ")
