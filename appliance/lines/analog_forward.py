"""What an analog line does with a call: answer, hold by flash and dial, hand on, fetch back, release.

Each is a script that trusts its ears: OK to a voice command proves nothing. A flash is answered by a dial tone, or the
line has ignored it and the caller is still there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.at.voice_profiles import LINE_IN_USE, VOICE_CONNECTION
from appliance.core import actions, events
from appliance.core.sound import Heard, SoundEvent, StreamEnded
from appliance.lines import analog_progress, sounding
from appliance.lines.analog_call import Stage
from appliance.lines.analog_recall import NUMBER_WITHIN, RECALL_WITHIN
from appliance.lines.analog_trial import CANNOT
from appliance.lines.analog_voice import ANSWERED_WITHIN, closed, control, data_class, opened, voice_class
from appliance.lines.scripts import Hear, Part, Pause, Script
from appliance.lines.sites import Keys, dialled, flash_string, keys, tones

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

LIFT_WITHIN = 4.0
READY_WITHIN = 0.5
"""Seconds for getting ready once it must lift: a slow modem is told the rest afterwards, or it would ring once more."""
LIFTS = 2
"""Times a modem is told to lift that refuses, or says nothing."""
TONE_TOLD_AFTER = 1.5
"""Seconds of a tone until the studio is sure of it (core/sound, Heard)."""
STILL_THERE = TONE_TOLD_AFTER + 0.1
"""Seconds to listen, once lifted, whether there is a caller and no tone."""
DIAL_TONE_WITHIN = 5.0
"""Seconds for the dial tone of a consultation. It comes within 2, or 3 over IP; where it begins with three beeps, as a
recall dial tone may (ITU-T E.180 supplement 2), the studio is sure of it 1.9 s later."""
RINGBACK_TOLD_AFTER = 6.0
"""Seconds in which ringback that goes on is heard: a pause of 4, a burst, and a moment to be sure."""
OUTSIDE_DIAL_TONE_WITHIN = 3.0 + TONE_TOLD_AFTER
"""Seconds for the dial tone of a line that was just lifted; a network over IP may take a while."""
TONE_SECONDS = 1.2
"""The most one digit takes: the second it lasts with a modem that knows no +VTD (V.253 10.1.5.2), and a pause."""
AFTER_FLASH = 0.3
"""Seconds a PBX may take to notice a flash before it listens for digits."""
BEFORE_ON_HOOK = 0.7
"""Seconds for a code to be obeyed before the line is left."""
LOOK_FOR_RECALL = 0.25
BACK_WITHIN = 1.0 + TONE_TOLD_AFTER
"""Seconds to hear, after fetching back, that nobody is there any more."""
KNOWN_BY = 15.0
"""Seconds start-up may still take when a call comes right at its beginning."""


def script_for(line: AnalogLine, action: actions.Action) -> Script | None:
    """The script that carries out an action of the core; None for one that is not for this kind of line."""
    if isinstance(action, actions.Answer):
        return answer(line)
    if isinstance(action, actions.Dial):
        script = consult if line.call.stage in (Stage.UP, Stage.CONSULTING) else call_out
        return script(line, action.number, action.patience)
    if isinstance(action, actions.Join):
        return hand_on(line, action.method)
    if isinstance(action, actions.FetchBack):
        return fetch_back(line)
    if isinstance(action, actions.HangUp):
        return hang_up(line)
    if isinstance(action, actions.Say):
        return sounding.say(line, action.sound)
    if isinstance(action, actions.KeepWaiting):
        return sounding.keep_waiting(line, action.sound)
    if isinstance(action, actions.TakeMessage):
        return sounding.take_message(line, action.path, action.most)
    if isinstance(action, actions.EndMessage):
        return sounding.end_message(line, "end")
    if isinstance(action, actions.Confirm):
        return confirm(line, action.sound, action.within)
    if isinstance(action, actions.OpenSound):
        return sounding.open_sound(line)
    return None


# --- the caller ----------------------------------------------------------------------------------


def answer(line: AnalogLine) -> Script:
    """Lift, unless somebody here has."""
    if line.call.stage is not Stage.RINGING:
        line.emit(events.CallerGone(line.name, "nobody rings"))
        return
    by = line.now + KNOWN_BY
    while line.facts.voice is None and not line.facts.problem and line.now < by:
        yield Pause(0.1)
    in_use, lifted = yield from _lift(line)
    if in_use:
        line.call.somebody_lifted(LINE_IN_USE)
    elif lifted:
        line.call.caller_up()
        line.emit(events.Answered(line.name))
    else:
        yield from _on_hook(line)
        line.call.caller_gone("the modem did not lift")


def hang_up(line: AnalogLine) -> Script:
    """Release everything. Hanging up during a consultation would connect the two, so that is ended first."""
    consulting = line.call.stage is Stage.CONSULTING
    line.call.releasing()
    if hold := line.call.seconds_to_hold:
        yield Pause(hold)
    yield from closed(line)
    if consulting:
        yield from _press(line, keys(line.config.site.fetch_back))
        yield Pause(BEFORE_ON_HOOK)
    yield from _on_hook(line)
    line.call.free()


def shut_down(line: AnalogLine) -> Script:
    """The engine stops: release every call but one that only rings."""
    if line.call.stage in (Stage.FREE, Stage.RINGING, Stage.LEFT_ALONE):
        yield from data_class(line)
        line.call.free()
    else:
        yield from hang_up(line)


# --- the target, over this line ------------------------------------------------------------------


def consult(line: AnalogLine, number: str, patience: float) -> Script:
    """Put the caller on hold by a flash and call the target."""
    site = line.config.site
    if not line.call.listened and (yield from _is_a_dead_line(line)):
        return
    yield from closed(line)
    again = line.call.consulted
    line.call.target_called()
    flashed, heard = yield from _flash_and_hear(line, RINGBACK_TOLD_AFTER if again else DIAL_TONE_WITHIN)
    if heard == "ringback":
        line.call.caller_up()
        line.call.caller_gone("the last target is still being called, and nobody is on hold")
        return
    if heard != "dial":
        if not flashed:
            line.call.caller_up()  # nothing has happened: he is still connected to us
        elif heard is None:
            # ignored, most likely; where it was not he is on hold, beside a tone nobody here knows, to be fetched back
            line.refuse_flash("flash_ignored")
        what = f"{heard or 'no dial'} tone after the flash" if flashed else "the modem cannot flash"
        line.emit(events.JoinRefused(line.name, "flash", what))
        return
    line.call.consulted = True
    yield from closed(line)
    digits = dialled(number, line.config.dial_plan, site.prefix)
    if not (yield from _dial(line, digits)):
        line.call.target_gone("failed", "the modem did not dial")
        return
    yield from analog_progress.follow(line, patience)


def hand_on(line: AnalogLine, method: str) -> Script:
    """Connect caller and target by leaving them: hang up, or flash and a key, or a code."""
    if method != "flash" or line.call.stage is not Stage.CONSULTING:
        line.emit(events.JoinRefused(line.name, method, "this line has nobody to hand on in this way"))
        return
    yield from closed(line)
    complete = keys(line.config.site.complete)
    if complete.flash or complete.digits:
        yield from _press(line, complete)
        yield Pause(BEFORE_ON_HOOK)
    line.call.releasing()
    yield from _on_hook(line)
    yield from data_class(line)  # where a modem tells of rings and callers
    if (yield from _is_rung_back(line)):
        yield from _take_back(line)
        return
    line.trust_flash()
    line.emit(events.Joined(line.name, "flash", stays=False))
    line.call.free()


def fetch_back(line: AnalogLine) -> Script:
    """End the consultation; what is heard then tells whether the caller is still there."""
    if line.call.stage is not Stage.CONSULTING:
        line.emit(events.CallerBack(line.name))  # he has never been away
        return
    line.call.target_is_up = False  # whatever is heard of him now is our own doing
    yield from closed(line)
    for how in (keys(line.config.site.fetch_back), Keys(flash=True)):
        yield from _press(line, how)
        tone = yield from _hear_tone(line, BACK_WITHIN, or_anybody=True)
        if tone in (None, DEAF):
            line.call.caller_up()
            line.call.listened = True
            line.emit(events.CallerBack(line.name))
            return
        yield from closed(line)
    line.call.caller_up()
    line.call.caller_gone(f"{tone} tone instead of the caller")


def confirm(line: AnalogLine, sound: str, within: float) -> Script:
    """Ask the target to press 1; whom we leave at his first ring cannot be asked."""
    if line.config.site.blind and line.call.stage is Stage.CONSULTING:
        line.emit(events.CannotAsk(line.name, "the call is handed on as it rings"))
        return
    yield from sounding.confirm(line, sound, within)


# --- the target, for another line's caller -------------------------------------------------------


def call_out(line: AnalogLine, number: str, patience: float) -> Script:
    """Lift, hear the dial tone, dial."""
    if line.call.stage not in (Stage.FREE, Stage.OUTGOING):
        line.call.target_gone("failed", "the line has a call of its own")
        return
    line.call.goes_out()
    in_use, lifted = yield from _lift(line)
    if not lifted:
        line.call.target_gone("failed", "somebody here is on the phone" if in_use else "the modem did not lift")
        return
    line.call.lifted = True
    heard = yield from _hear_tone(line, OUTSIDE_DIAL_TONE_WITHIN)
    yield from closed(line)
    if heard != "dial":
        line.call.target_gone("failed", f"{heard} tone" if heard else "no dial tone")
        return
    if not (yield from _dial(line, dialled(number, line.config.dial_plan, line.config.site.prefix))):
        line.call.target_gone("failed", "the modem did not dial")
        return
    yield from analog_progress.follow(line, patience)


# --- parts ---------------------------------------------------------------------------------------


def _lift(line: AnalogLine) -> Part:
    """(somebody here is on the phone, the modem is off the hook)."""
    ways = line.facts.ways
    for _ in range(LIFTS):
        text = f"AT+VLS={ways.line}" if ways and (yield from _ready_to_lift(line)) else "ATH1"
        line.call.lifting = True
        reply = yield control(text, LIFT_WITHIN, call_results=True)
        in_use, lifted = reply.result == LINE_IN_USE, reply.ok or reply.result == VOICE_CONNECTION
        if in_use or lifted:
            break
        if reply.answered:
            line.voice.in_voice_class = False  # it may have fallen back to another without a word
    line.call.lifting = False
    return in_use, lifted


def _ready_to_lift(line: AnalogLine) -> Part:
    """Whether the modem is in its voice class, and as ready as there is time for."""
    line.voice.lift_by = line.now + READY_WITHIN
    try:
        return (yield from voice_class(line))
    finally:
        line.voice.lift_by = float("inf")


def _on_hook(line: AnalogLine) -> Part:
    """By every means, since OK to one proves nothing."""
    if line.facts.ways and line.voice.in_voice_class:
        yield control(f"AT+VLS={line.facts.ways.off}")
    if not (yield control("ATH")).ok:
        yield control("ATH")
    line.call.lifted = line.call.lifting = False
    line.voice.in_voice_class = False  # some leave it as they hang up


def _is_rung_back(line: AnalogLine) -> Part:
    """Whether the exchange rings at once, since it did not connect the two."""
    again, known = line.call.again, line.call.caller_is_known
    until = line.now + RECALL_WITHIN
    while line.now < until and again.at is None:
        yield Pause(LOOK_FOR_RECALL)
    if again.at is not None and known:
        until = again.at + NUMBER_WITHIN
        while line.now < until and not again.who(line.config).told:
            yield Pause(LOOK_FOR_RECALL)
    return again.is_recall(line.call.caller, known, line.config)


def _take_back(line: AnalogLine) -> Part:
    """Lift for the caller who was to be handed on; his target is gone."""
    line.refuse_flash("transfer_refused")
    _, lifted = yield from _lift(line)
    line.call.caller_up()
    if lifted:
        line.call.target_gone("failed", "the exchange did not connect them, and rang back")
    else:
        line.call.caller_gone("rung back, and the modem did not lift")


def _flash_and_hear(line: AnalogLine, within: float) -> Part:
    """(the modem has flashed, the tone that follows within so many seconds); in a guided test call again and again."""
    while True:
        flashed = yield from _flash(line)
        heard = (yield from _hear_tone(line, within)) if flashed else None
        if line.trial is None or not line.trial.note(heard if flashed else CANNOT):
            return flashed, heard
        yield from closed(line)


def _flash(line: AnalogLine) -> Part:
    """Whether the modem has flashed; with a length of its own where it cannot be told one."""
    for text in (f"AT+VTS={flash_string(line.flash_ms)}", "AT+VTS=!"):
        reply = yield control(text)
        if reply.ok:
            return True
    return False


def _press(line: AnalogLine, what: Keys) -> Part:
    """Whether flash and digits were done."""
    done = True
    if what.flash:
        done = yield from _flash(line)
        if what.digits:
            yield Pause(AFTER_FLASH)
    return (yield from _dial(line, what.digits)) if what.digits else done


def _dial(line: AnalogLine, digits: str) -> Part:
    reply = yield control(f"AT+VTS={tones(digits)}", ANSWERED_WITHIN + TONE_SECONDS * len(digits))
    return reply.ok


def _hear_tone(line: AnalogLine, within: float, or_anybody: bool = False) -> Part:
    """The tone that is heard (dial, busy, congestion, sit, ringback) within so many seconds; None for none.

    or_anybody: a voice, or the silence of somebody who listens, is enough to know that there is none. DEAF: the line
    cannot be listened to.
    """
    until = None
    sounds = _TONES + (("voice", "silence") if or_anybody else ())
    for _ in range(sounding.REOPENED + 1):
        if not (yield from opened(line, sends=False, receives=True)):
            return DEAF
        until = until or line.now + within  # opening may have taken its time
        event = yield Hear(lambda one: isinstance(one, StreamEnded) or _sounds_like(one, sounds), until - line.now)
        if not isinstance(event, StreamEnded):
            return event.sound if isinstance(event, Heard) and event.sound in _TONES else None
    return DEAF


DEAF = "deaf"
_TONES = ("dial", "busy", "congestion", "sit", "ringback")


def _sounds_like(event: SoundEvent, sounds: tuple[str, ...]) -> bool:
    return isinstance(event, Heard) and event.sound in sounds


def _is_a_dead_line(line: AnalogLine) -> Part:
    """Has the caller left as we lifted? Then a tone is heard, and nobody must be called for him; nor from a line that
    cannot be listened to. Says so, and whether it is so.
    """
    tone = yield from _hear_tone(line, STILL_THERE, or_anybody=True)
    line.call.listened = tone != DEAF
    if tone == DEAF:
        line.emit(events.JoinRefused(line.name, "flash", "the line cannot be listened to"))
    elif tone is not None:
        line.call.caller_gone(f"{tone} tone when we answered")
    return tone is not None
