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
    SoundEvent,
    SoundWish,
    Stream,
    StreamEnded,
    StreamOpened,
)
from appliance.lines import sounding
from appliance.lines.scripts import Hear, Part, Pause, Script

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

STREAM = Stream("s16le", apart=True)
BEGIN_WITHIN = 3.0
BEGIN_AGAIN = 1.0
"""Seconds between two tries: the voice path may come a while after the call (SIM7600)."""
OPEN_WITHIN = 2.0


class GsmVoice:
    """The stream of a line, and what the studio is asked; a `sounding.Sounding`."""

    def __init__(self, line: GsmLine) -> None:
        self._line = line
        self.open = False
        self.recording = False
        self.is_stale = False
        """Another call has been made since the module was told to give its sound."""
        self._wishes: list[SoundWish] = []

    @property
    def name(self) -> str:
        """The line's."""
        return self._line.name

    @property
    def now(self) -> float:
        """The line's time."""
        return self._line.now

    def emit(self, event: events.LineEvent) -> None:
        """Tell the core."""
        self._line.emit(event)

    def forget(self) -> None:
        """The modem has forgotten all; the port of its sound may have outlived that, and is to be given back."""
        self._wishes = [Close()] if self.open else []
        self.open = self.recording = False

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
                self._tell_module()  # else it would refuse to begin anew
                self._line.emit(events.SoundRefused(self._line.name, event.reason))
        self._line.scripts.on_sound(event)

    def pressed(self, urc: str) -> None:
        """The module says that a key was pressed."""
        if digit := replies.digit(urc):
            self._line.scripts.on_sound(Heard("digit", digit=digit))

    def close(self) -> None:
        """The call is over: end the stream and tell the module."""
        if self.open:
            self.open = self.recording = False
            self.wish(Close())
            self._tell_module()

    def _tell_module(self) -> None:
        sound = self._line.facts.profile.sound
        if sound and sound.end and not self._line.lost:
            self._line.session.submit(Command(sound.end, limit=BEGIN_WITHIN), self._line.now)

    def opened(self, sends: bool = True, receives: bool = True) -> Part:
        """Whether the stream is open, having tried to open it: it always goes both ways."""
        sound = self._line.facts.profile.sound
        if self.open:
            if self.is_stale and sound and sound.each_call:
                yield _control(sound.begin)
            self.is_stale = False
            return True
        if sound and sound.asks and not (yield _control(sound.asks)).ok:
            return False
        for left in range(sound.tries - 1 if sound else -1, -1, -1):
            assert sound is not None
            if (yield _control(sound.begin)).ok:
                break
            if not left:
                return False
            yield Pause(BEGIN_AGAIN)
        self.wish(Open(STREAM))
        heard = yield Hear(lambda event: isinstance(event, StreamOpened | StreamEnded), OPEN_WITHIN)
        return isinstance(heard, StreamOpened)


# --- scripts -------------------------------------------------------------------------------------


def script_for(line: GsmLine, action: actions.Action) -> Script | None:
    """The script that carries out an action about sound; None for another action."""
    voice = line.voice
    if isinstance(action, actions.OpenSound):
        return sounding.open_sound(voice)
    if isinstance(action, actions.KeepWaiting):
        return sounding.keep_waiting(voice, action.sound)
    if isinstance(action, actions.Say):
        return sounding.say(voice, action.sound)
    if isinstance(action, actions.TakeMessage):
        return take_message(line, action.path, action.most)
    if isinstance(action, actions.EndMessage):
        return end_message(line, "end")
    if isinstance(action, actions.Confirm):
        return confirm(line, action.sound, action.within)
    return None


def take_message(line: GsmLine, path: str, most: float) -> Script:
    """As on any line; but that the caller has hung up is known from +CLCC, see caller_left."""
    line.voice.recording = True
    yield from sounding.take_message(line.voice, path, most)
    line.voice.recording = False


def caller_left(line: GsmLine) -> Script:
    """The caller has hung up on a recording: keep what there is before the line is free."""
    yield from end_message(line, "hang-up")
    line.call.free()


def end_message(line: GsmLine, ended_by: str) -> Script:
    """As on any line."""
    line.voice.recording = line.voice.open = False
    yield from sounding.end_message(line.voice, ended_by)


def confirm(line: GsmLine, sound: str, within: float) -> Script:
    """Ask the target to press 1; a module without sound may still tell of keys, though the target hears nothing."""
    if line.facts.profile.digits and not (yield from line.voice.opened()):
        pressed = yield Hear(lambda event: isinstance(event, Heard) and event.digit == sounding.HUMAN, within)
        gone = events.TargetGone(line.name, "no_answer", "nobody pressed 1")
        line.emit(events.Confirmed(line.name) if pressed else gone)
    else:
        yield from sounding.confirm(line.voice, sound, within)


def _control(text: str) -> Command:
    return Command(text, limit=BEGIN_WITHIN, priority=Priority.CALL)
