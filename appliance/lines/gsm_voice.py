"""The voice of a GSM line: the sound of its active call, on a port of its own where the module gives it.

How a family switches it on is in at/profiles. The module gives the sound of whichever leg is active, so a target can be
asked to press 1 while the caller is on hold. A module that tells of keys by itself needs no sound for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.at import replies
from appliance.at.command import Command, Priority
from appliance.core import actions, events
from appliance.core.sound import (
    Close,
    Heard,
    Open,
    Play,
    Played,
    Quiet,
    Record,
    Recorded,
    SoundEvent,
    SoundFailed,
    SoundWish,
    Stream,
    StreamEnded,
    StreamOpened,
)
from appliance.lines.scripts import Hear, Part, Pause, Script

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

STREAM = Stream("s16le", apart=True)
BEGIN_WITHIN = 3.0
BEGIN_AGAIN = 1.0
"""Seconds between two tries: the voice path may come a while after the call (SIM7600)."""
OPEN_WITHIN = 2.0
SAY_WITHIN = 80.0
"""Seconds for the longest sentence anybody may set up."""
BEEP_WITHIN = 5.0
KEPT_WITHIN = 3.0
"""Seconds for a recording to be whole once its stream ends: a card may be slow."""


class GsmVoice:
    """The stream of a line, and what the studio is asked."""

    def __init__(self, line: GsmLine) -> None:
        self._line = line
        self.open = False
        self.recording = False
        self._wishes: list[SoundWish] = []

    def forget(self) -> None:
        """The modem has gone, and the port with it."""
        self.open = self.recording = False
        self._wishes.clear()

    def wish(self, wish: SoundWish) -> None:
        """Ask the studio."""
        self._wishes.append(wish)

    def take_wishes(self) -> list[SoundWish]:
        """What has been asked since."""
        taken, self._wishes = self._wishes, []
        return taken

    def hear(self, event: SoundEvent) -> None:
        """The studio says something."""
        if isinstance(event, StreamOpened):
            self.open = True
        elif isinstance(event, StreamEnded):
            was_open, self.open = self.open, False
            if was_open and event.reason != "asked":
                self._line.emit(events.SoundRefused(self._line.name, event.reason))
        self._line.scripts.on_sound(event)

    def pressed(self, urc: str) -> None:
        """The module says that a key was pressed."""
        if digit := replies.digit(urc):
            self._line.scripts.on_sound(Heard("digit", digit=digit))

    def close(self) -> None:
        """The call is over: end the stream and tell the module."""
        sound = self._line.facts.profile.sound
        if self.open:
            self.open = self.recording = False
            self.wish(Close())
            if sound and sound.end:
                self._line.session.submit(Command(sound.end, limit=BEGIN_WITHIN), self._line.now)


# --- scripts -------------------------------------------------------------------------------------


def script_for(line: GsmLine, action: actions.Action) -> Script | None:
    """The script that carries out an action about sound; None for another action."""
    if isinstance(action, actions.OpenSound):
        return open_sound(line)
    if isinstance(action, actions.KeepWaiting):
        return keep_waiting(line, action.sound)
    if isinstance(action, actions.Say):
        return say(line, action.sound)
    if isinstance(action, actions.TakeMessage):
        return take_message(line, action.path, action.most)
    if isinstance(action, actions.Confirm):
        return confirm(line, action.sound, action.within)
    return None


def open_sound(line: GsmLine) -> Script:
    """For the bridge: the stream, and nothing played on it."""
    if (yield from _opened(line)):
        line.voice.wish(Quiet())
        line.emit(events.SoundOpened(line.name))
    else:
        line.emit(events.SoundRefused(line.name, "the module does not give its sound"))


def keep_waiting(line: GsmLine, sound: str) -> Script:
    """Play to the caller until something else is asked for."""
    if (yield from _opened(line)):
        line.voice.wish(Play(sound, loop=True))


def say(line: GsmLine, sound: str) -> Script:
    """Play to the caller, to the end."""
    played = False
    if (yield from _opened(line)):
        played = yield from _played(line, sound, SAY_WITHIN)
    line.emit(events.Said(line.name) if played else events.SaidNothing(line.name, "the module does not give its sound"))


def take_message(line: GsmLine, path: str, most: float) -> Script:
    """Beep, then record. A caller who hangs up ends it, too: see end_message."""
    yield from _played(line, "beep", BEEP_WITHIN)
    line.voice.recording = True
    line.voice.wish(Record(path, most))
    ended = yield Hear(lambda event: isinstance(event, Recorded | StreamEnded | SoundFailed), most + KEPT_WITHIN)
    line.voice.recording = False
    _tell_message(line, ended)


def end_message(line: GsmLine) -> Script:
    """The caller has hung up on a recording: keep what there is before the line is free."""
    line.voice.recording = False
    line.voice.wish(Close())
    ended = yield Hear(lambda event: isinstance(event, Recorded | StreamEnded), KEPT_WITHIN)
    line.voice.open = False
    _tell_message(line, ended)
    line.call.free()


def confirm(line: GsmLine, sound: str, within: float) -> Script:
    """Ask the target to press 1; who presses nothing is a machine."""
    opened = yield from _opened(line)
    if not opened and not line.facts.profile.digits:
        line.emit(events.CannotAsk(line.name, "this module hears no keys"))
        return
    if opened and sound:
        line.voice.wish(Play(sound, loop=True))
    pressed = yield Hear(lambda event: isinstance(event, Heard) and event.digit == "1", within)
    if opened:
        line.voice.wish(Quiet())
    if pressed:
        line.emit(events.Confirmed(line.name))
    else:
        line.call.target_failed("no_answer", "nobody pressed 1")


def _opened(line: GsmLine) -> Part:
    """Whether the stream is open, having tried to open it."""
    if line.voice.open:
        return True
    sound = line.facts.profile.sound
    if sound and sound.asks and not (yield Command(sound.asks, limit=BEGIN_WITHIN, priority=Priority.CALL)).ok:
        return False
    for left in range(sound.tries - 1 if sound else -1, -1, -1):
        assert sound is not None
        if (yield Command(sound.begin, limit=BEGIN_WITHIN, priority=Priority.CALL)).ok:
            break
        if not left:
            return False
        yield Pause(BEGIN_AGAIN)
    line.voice.wish(Open(STREAM))
    heard = yield Hear(lambda event: isinstance(event, StreamOpened | StreamEnded), OPEN_WITHIN)
    return isinstance(heard, StreamOpened)


def _played(line: GsmLine, sound: str, within: float) -> Part:
    """Whether it was played to its end."""
    line.voice.wish(Play(sound))
    heard = yield Hear(lambda event: isinstance(event, Played | StreamEnded | SoundFailed), within)
    return isinstance(heard, Played)


def _tell_message(line: GsmLine, ended: SoundEvent | None) -> None:
    seconds, how = (ended.seconds, ended.ended_by) if isinstance(ended, Recorded) else (0.0, "end")
    line.emit(events.MessageTaken(line.name, seconds, how))
