"""The voice of an analog modem: its voice class, and the stream it sends and takes over the port of its commands.

Once the modem has said CONNECT the studio has the port; what is known of the stream is kept here, so that a script that
is given up half-way leaves nothing in doubt for the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.at.command import CALL_RESULTS, Command, Priority, Reply
from appliance.at.voice_profiles import END_OF_DUPLEX, END_OF_RECEIVING, END_OF_SENDING, UNWEDGE
from appliance.core import events
from appliance.core.sound import Close, Open, Quiet, SoundEvent, SoundWish, Stream, StreamEnded, StreamOpened
from appliance.lines.scripts import Hear, Part, Pause

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

OPEN_WITHIN = 4.0
"""Seconds for CONNECT: some modems play the rest of a tone first."""
CLOSE_WITHIN = 8.0
"""Seconds for the studio to end a stream, with every means it has, and to keep a message."""
ANSWERED_WITHIN = 5.0
"""Seconds for a command during a call; most take 50 ms, and some modems 3 s."""
LOOK_EVERY = 0.05
TONE_LENGTH = "AT+VTD=10"
"""100 ms a digit: the default is a second (V.253 10.1.5.2), and an exchange needs 40 ms (ETSI ES 201 235-3)."""

_WAYS = {"AT+VTR": (True, True, END_OF_DUPLEX), "AT+VTX": (True, False, END_OF_SENDING)} | {
    "AT+VRX": (False, True, END_OF_RECEIVING)
}
"""Command → whether it sends, whether it receives, what ends it (V.253 10.1)."""
_OURS = ("asked", "modem", "lost")
"""Ends of a stream after which the modem is not in its data any more."""


class AnalogVoice:
    """The stream of a line, and what the studio is asked."""

    def __init__(self, line: AnalogLine) -> None:
        self._line = line
        self.stream: Stream | None = None
        self.in_voice_class = False
        """The modem is in it."""
        self.untold: tuple[str, ...] = ()
        """What it must be told there before a stream is opened."""
        self.entering = False
        """It is being told."""
        self.lift_by = float("inf")
        """When it must be left alone with the rest, since it has to lift."""
        self._for_bridge = False
        self._wishes: list[SoundWish] = []

    def forget(self) -> None:
        """The modem has gone, and the port with it."""
        self.stream = None
        self.in_voice_class = self.entering = self._for_bridge = False
        self.untold, self.lift_by = (), float("inf")
        self._wishes.clear()

    def wish(self, wish: SoundWish) -> None:
        """Ask the studio, which has the port."""
        if self.stream is not None:
            self._wishes.append(wish)

    def take_wishes(self) -> list[SoundWish]:
        """What has been asked since."""
        taken, self._wishes = self._wishes, []
        return taken

    def lent_for_bridge(self) -> None:
        """Whoever bridges must be told when the stream ends."""
        self._for_bridge = True

    def on_reply(self, reply: Reply) -> None:
        """A command that opens a stream has ended: after CONNECT the port is the studio's, whoever asked for it."""
        if not reply.result.startswith("CONNECT"):
            return
        sends, receives, end = _WAYS[reply.command.text]
        form = self._line.facts.format
        assert form is not None  # no stream was asked for without
        country = self._line.config.country
        self.stream = Stream(form.coding, sends, receives, shielded=True, end=end, two_wire=True, country=country)
        self._wishes.append(Open(self.stream, reply.early))

    def on_sound(self, event: SoundEvent) -> None:
        """The studio says something: is the stream over?"""
        if isinstance(event, StreamOpened) or not isinstance(event, StreamEnded) or self.stream is None:
            return
        self.stream = None
        self._wishes.clear()
        for_bridge, self._for_bridge = self._for_bridge, False
        if event.reason not in _OURS:
            self._line.session.interject(UNWEDGE + b"\r")
        if for_bridge and event.reason != "asked":
            self._line.emit(events.SoundRefused(self._line.name, event.reason))


# --- parts of scripts ----------------------------------------------------------------------------


def voice_class(line: AnalogLine) -> Part:
    """Whether the modem is ready for a voice call, having told it all that takes (V.253 8.2, 10.1)."""
    voice = line.voice
    while voice.entering:
        yield Pause(LOOK_EVERY)  # another script is at it
    voice.entering = True
    try:
        return (yield from _enter_voice_class(line))
    finally:
        voice.entering = False


def _enter_voice_class(line: AnalogLine) -> Part:
    facts, voice = line.facts, line.voice
    if not voice.in_voice_class:
        if not facts.voice or not (yield control("AT+FCLASS=8")).ok:
            return False
        voice.in_voice_class = True
        told = ("AT+VIT=0", facts.format_command, "AT+VGT=128", "AT+VGR=128", TONE_LENGTH, facts.profile.quiet)
        voice.untold = tuple(filter(None, told))
    while voice.untold and line.now < voice.lift_by:
        yield control(voice.untold[0])
        voice.untold = voice.untold[1:]
    return True


def data_class(line: AnalogLine) -> Part:
    """Back to where a modem waits for calls, with caller ID on, which some forget on the way."""
    if line.facts.voice:
        line.voice.in_voice_class = False
        yield control("AT+FCLASS=0")
    yield control("AT+VCID=1")


def opened(line: AnalogLine, sends: bool, receives: bool) -> Part:
    """Whether the stream is open and goes these ways, having tried: both at once where the modem can."""
    if not line.call.lifted:
        return False
    stream = line.voice.stream
    if stream and stream.sends >= sends and stream.receives >= receives:
        return True
    yield from closed(line)
    if not (yield from voice_class(line)):
        return False
    if line.facts.duplex is not False:
        reply = yield _streaming("AT+VTR")
        if line.voice.stream is not None:
            line.facts.duplex = True
            return True
        if reply.answered and reply.result not in CALL_RESULTS:  # else it speaks of the call: he has just left
            line.facts.duplex = False
    if sends and receives:
        return False
    yield _streaming("AT+VTX" if sends else "AT+VRX")
    return line.voice.stream is not None


def closed(line: AnalogLine) -> Part:
    """The port carries commands again."""
    while line.session.opens_data:
        yield Pause(LOOK_EVERY)  # a script that was given up has asked for a stream: it is known in a moment
    if line.voice.stream is None:
        return
    line.voice.wish(Quiet())
    line.voice.wish(Close())
    ended = yield Hear(lambda event: isinstance(event, StreamEnded), CLOSE_WITHIN)
    if ended is None:
        line.lose("hung")


def control(text: str, limit: float = ANSWERED_WITHIN, call_results: bool = False) -> Command:
    """A command that a call waits for."""
    return Command(text, limit=limit, call_results=call_results, priority=Priority.CALL)


def _streaming(text: str) -> Command:
    return Command(text, limit=OPEN_WITHIN, call_results=True, data=True, priority=Priority.CALL)
