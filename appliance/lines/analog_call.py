"""The call of an analog line, from what a modem can know of it: rings, who calls, a telephone in parallel, and tones.

Nothing can be asked here as +CLCC is asked on a GSM line: what is so follows from what was heard and from what we did.
"""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from appliance.at import callerid
from appliance.at.callerid import Caller, Said
from appliance.core import events
from appliance.core.sound import SoundEvent
from appliance.lines import analog_in_use, analog_stars
from appliance.lines.analog_recall import RungAgain
from appliance.lines.analog_voice import control
from appliance.lines.gsm_legs import RING_GAP, RINGS_STOPPED
from appliance.lines.sounding import far_end_gone

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

log = logging.getLogger(__name__)

CALLER_ID_KEPT = 10.0
"""Seconds a caller ID that comes before the first ring is kept for it (EN 300 659-1: 0.5 to 2 s before)."""
READY_AFTER = 4.0
"""Seconds after the first ring at which the modem is made ready to lift: by then a caller ID has come (EN 300 659-1:
within 2 s), which some modems print in their data class only."""
READY_AFTER_ID = 0.3
"""Seconds after a caller ID: the name comes in a line of its own. Where it came before the first ring, after that."""
VOICE_DOUBTED_AFTER = 7.0
"""Seconds without a ring, the first time a modem is in its voice class while it rings: does it tell of rings there?"""
TWO_RINGS_TAKE = 9.0
"""Seconds from one ring to the next but one, at least: they come every 5 to 6 s (ETSI TR 101 041-2). If a modem was in
doubt meanwhile the one between them went untold."""
DOUBTED_RINGS_STOPPED = 14.0
"""Seconds without a ring that count in that case: back in the data class, the next one must have its time."""
RINGS_WITH_ID = 2
"""Rings by which a caller ID has come, if there is one."""
LIFTED_FOR_LONGEST = 3600.0
"""Seconds after which a call somebody here has answered is taken for over, whatever the modem says."""
UNSEEN_FOR_LONGEST = 600.0
"""The same where the modem cannot tell whether it goes on."""
RING_TOLD_WITHIN = 3.0
"""Seconds after a call was taken, by us or by somebody here, in which a ring may still be told that was over by then: a
burst lasts one (ETSI TR 101 041-2), and many a modem tells of it at its end."""
TAKEN_FOR_LEAST = 1.0
"""Seconds off the hook by which an exchange has surely seen that a call was taken, and stopped ringing. One that was
taken for less may ring on, and who calls is told once."""
LOOK_AGAIN = 30.0
"""Seconds between two looks whether somebody here is still on the phone."""


class Stage(Enum):
    """How far the line's call has come. What ends each stage is noted beside it."""

    FREE = "free"  # a ring, or Dial
    RINGING = "ringing"  # answered, somebody here lifts, or the rings stop
    UP = "caller connected to us"  # Dial, HangUp, or his tone of departure
    CONSULTING = "caller on hold, target called"  # Join, FetchBack, HangUp
    LEFT_ALONE = "somebody here has lifted"  # put down, or it rings anew
    OUTGOING = "a target called for another line"  # HangUp
    RELEASING = "being released"  # the modem is on the hook
    PROGRAMMING = "the network being told of a diversion"  # the script's end


_BEFORE_A_CALL = (Stage.FREE, Stage.RINGING, Stage.LEFT_ALONE, Stage.OUTGOING, Stage.PROGRAMMING)
"""Stages in which a caller ID may be that of the next call, or of the one that rings."""


class AnalogCall:
    """The one call an analog line can have; fed with the modem's signs, told by the scripts what they are up to."""

    def __init__(self, line: AnalogLine) -> None:
        self._line = line
        self.stage = Stage.FREE
        self.caller = Caller()
        self.target_is_up = False
        """The target has answered."""
        self.lifted = False
        """The modem is off the hook, by our doing."""
        self.lifting = False
        """A script has told it to lift, and has not dealt with what came of that."""
        self.listened = False
        """Since it lifted, the line was heard to have somebody on it."""
        self.consulted = False
        """A flash has put this caller on hold before."""
        self.again = RungAgain()
        """What has come since we began to hang up."""
        self._gone = False
        self._doubted = False
        self._rings = 0
        self._counted_at = float("-inf")
        self._last_ring_at = float("-inf")
        self._ready_at = float("inf")
        self._id_came_at = float("-inf")
        self._perhaps_lifted_at = float("-inf")
        self._lifted_by = ""
        self._taken_at = float("-inf")
        self._over_at = float("inf")
        self._look_at = float("inf")

    @property
    def idle(self) -> bool:
        """No call rings or is up."""
        return self.stage is Stage.FREE

    def forget(self) -> None:
        """The modem has started anew: whatever it had is gone."""
        self.stage = Stage.FREE
        self.caller = Caller()
        self.target_is_up = self.lifted = self.lifting = self.listened = self.consulted = False
        self._doubted = self._gone = False
        self.again = RungAgain()
        self._ready_at = self._over_at = self._look_at = float("inf")
        self._id_came_at = self._perhaps_lifted_at = float("-inf")

    # --- time ------------------------------------------------------------------------------------

    def deadline(self) -> float:
        """When tick() wants to be called, if nothing comes before; inf if never."""
        if self._line.scripts.call_is_running:
            return float("inf")
        if self.stage is Stage.RINGING:
            return min(self._rings_over_at, self._ready_at, self._doubt_at)
        return min(self._over_at, self._look_at) if self.stage is Stage.LEFT_ALONE else float("inf")

    @property
    def _rings_over_at(self) -> float:
        doubtful = self._doubted or self._doubt_at < float("inf")
        return self._last_ring_at + (DOUBTED_RINGS_STOPPED if doubtful else RINGS_STOPPED)

    @property
    def _doubt_at(self) -> float:
        in_doubt = self._line.facts.rings_in_voice is None and self._line.voice.in_voice_class
        return self._last_ring_at + VOICE_DOUBTED_AFTER if in_doubt else float("inf")

    def tick(self) -> None:
        """Let time pass."""
        now, line = self._line.now, self._line
        if now < self.deadline():
            return
        if self.stage is Stage.LEFT_ALONE:
            if now >= self._over_at:
                self.free(is_seen=False)
            else:
                self._look_at = now + LOOK_AGAIN
                line.scripts.start_call(analog_in_use.still_in_use(line))
        elif now >= self._rings_over_at:
            self._rings_stopped()
        elif now >= self._doubt_at:
            self._doubted = True
            line.facts.rings_in_voice = False
            line.scripts.start_side(lambda: analog_in_use.be_patient(line))
        else:
            self._ready_at = float("inf")
            line.scripts.start_side(lambda: analog_in_use.be_ready(line))

    def _rings_stopped(self) -> None:
        line = self._line
        reason = "no more rings"
        if self._perhaps_lifted_at >= self._counted_at:
            self.somebody_lifted("the rings stopped as it changed its hook")
        elif line.facts.tells_in_use:
            line.scripts.start_call(analog_in_use.who_ended_it(line, reason))
        else:
            self.caller_gone(reason, perhaps_answered=True)

    # --- rings and callers -----------------------------------------------------------------------

    def on_ring(self) -> None:
        """RING, or DLE R: two within RING_GAP are one."""
        now = self._line.now
        if self.stage is not Stage.RINGING and now < self._taken_at + RING_TOLD_WITHIN:
            return  # the one during which the call was taken
        if self.stage is Stage.LEFT_ALONE:
            caller, came_at = self.caller, self._id_came_at
            self.free(is_seen=False)  # whoever rings now found the line free
            self.caller, self._id_came_at = caller, came_at
        elif self.stage is Stage.PROGRAMMING:
            self._give_up()
            self._line.session.submit(control("ATX4"), now)  # as the script's end would have done
            self.programmed()
            self._line.plan_stars(analog_stars.FIRST_AFTER)
        elif self.stage is Stage.OUTGOING and not self.lifted:
            self._give_up()
            self.stage = Stage.FREE  # his call goes first, and whose target this was hears of the ring
        if self.stage is Stage.FREE:
            self._begin_ringing()
        if self.stage is Stage.RELEASING and self.again.at is None:
            self.again.at = now
        if self.stage is not Stage.RINGING:
            return
        if self._line.voice.in_voice_class:
            self._line.facts.rings_in_voice = True
        went_untold, self._doubted = self._doubted, False
        self._last_ring_at = now
        if now - self._counted_at >= RING_GAP:
            went_untold = went_untold and now - self._counted_at >= TWO_RINGS_TAKE
            self._counted_at = now
            for _ in range(2 if went_untold else 1):
                self._rings += 1
                self._line.emit(events.Ring(self._line.name))

    @property
    def caller_is_known(self) -> bool:
        """All has come that the network says of the caller, if only that it says nothing."""
        return self.caller.told or (self._line.facts.tells_caller is True and self._rings >= RINGS_WITH_ID)

    @property
    def last_ring_at(self) -> float:
        """When it last rang."""
        return self._last_ring_at

    def _begin_ringing(self) -> None:
        line = self._line
        self.stage = Stage.RINGING
        self.target_is_up = self._gone = False
        self._rings = 0
        self._counted_at = self._perhaps_lifted_at = float("-inf")
        if line.now > self._id_came_at + CALLER_ID_KEPT:
            self.caller = Caller()
        may_be_ready = line.facts.voice and line.facts.rings_in_voice is not False
        after = READY_AFTER_ID if self.caller.told else READY_AFTER
        self._ready_at = line.now + after if may_be_ready else float("inf")
        if self.caller.told:
            self._tell_caller()
        line.changed()

    def on_caller_said(self, said: Said) -> None:
        """A part of a caller ID."""
        line = self._line
        if self.stage is Stage.RELEASING:
            self.again.said.append(said)
        if self.stage not in _BEFORE_A_CALL:
            return  # somebody who calls while a call is up: he hears the busy tone, and nothing can be done for him
        rings_anew = self._last_ring_at > self._id_came_at
        if self.stage is not Stage.RINGING and line.now > self._id_came_at + CALLER_ID_KEPT:
            self.caller = Caller()
        known = self.caller
        told = callerid.add(known, said, line.config.dial_plan, line.config.our_numbers)
        if self.stage is Stage.RINGING and rings_anew and self._is_another(said):
            self._another_rings(said)
            return
        self._id_came_at = line.now
        line.facts.tells_caller = True
        self.caller = told
        if self.stage is Stage.RINGING:
            if self._ready_at < float("inf"):
                self._ready_at = min(self._ready_at, line.now + READY_AFTER_ID)
            if told != known and told.told:
                self._tell_caller()

    def _is_another(self, said: Said) -> bool:
        """Does a whole ring later somebody else's number come? The rings of two callers can follow each other."""
        line = self._line
        anew = callerid.add(Caller(), said, line.config.dial_plan, line.config.our_numbers)
        if not self.caller.number or not anew.number or anew.from_ddn:
            return False
        return not _is_part_of(anew.number, self.caller.number)

    def _another_rings(self, said: Said) -> None:
        rang = self._line.now - self._last_ring_at < RINGS_STOPPED / 2
        self.caller_gone("another caller rings", perhaps_answered=False)
        self.caller = Caller()
        self._id_came_at = float("-inf")
        self.on_caller_said(said)
        if rang:
            self.on_ring()  # the ring before this number was his

    def _tell_caller(self) -> None:
        caller = self.caller
        self._line.emit(events.CallerId(self._line.name, caller.number, caller.withheld, caller.name))

    # --- a telephone in parallel -----------------------------------------------------------------

    def on_hook_event(self, code: str) -> None:
        """A telephone beside us has left or returned to the hook (V.253 table 8)."""
        profile = self._line.facts.profile
        if self.lifted or self.lifting:
            return  # modems say this of their own lifting, too; one that knows better says LINE-IN-USE
        if self.stage is Stage.RINGING:
            # one that rings lay on the hook, so whichever it is, it left it
            if code in profile.lifted:
                self._lifted_by = code
                self.somebody_lifted(f"event {code}")
            elif code in profile.perhaps_lifted:
                self._lifted_by = code
                self._perhaps_lifted_at = self._line.now
        elif self.stage is Stage.LEFT_ALONE and code != self._lifted_by and code.lower() == self._lifted_by.lower():
            self.free()

    def somebody_lifted(self, how: str) -> None:
        """The call is theirs."""
        line = self._line
        log.info("%s: somebody here has lifted: %s", line.name, how)
        self._give_up()
        self.stage = Stage.LEFT_ALONE
        self.lifted = False
        self._id_came_at = float("-inf")  # a caller ID that comes from now on is another's
        rings_are_over = line.now >= self._last_ring_at + RINGS_STOPPED
        self._taken_at = self._last_ring_at if rings_are_over else line.now
        self._over_at = line.now + (LIFTED_FOR_LONGEST if line.facts.tells_in_use else UNSEEN_FOR_LONGEST)
        self._look_at = line.now + LOOK_AGAIN if line.facts.tells_in_use else float("inf")
        line.emit(events.AnsweredHere(line.name))

    def look_no_more(self) -> None:
        """The modem cannot tell whether they are still on the phone, and may lift beside them when asked."""
        self._look_at = float("inf")
        self._over_at = min(self._over_at, self._line.now + UNSEEN_FOR_LONGEST)

    # --- what the scripts are up to --------------------------------------------------------------

    def caller_up(self) -> None:
        """The caller is connected to us, and nobody else."""
        if not self.lifted:
            self._taken_at = self._line.now
        self.stage = Stage.UP
        self.lifted = True
        self.lifting = self.target_is_up = False
        self._line.changed()

    def target_called(self) -> None:
        """The caller is on hold, and what is heard is the target's."""
        self.stage = Stage.CONSULTING
        self.target_is_up = False

    def goes_out(self) -> None:
        """A target is called for another line's caller."""
        self.stage = Stage.OUTGOING
        self.lifted = self.lifting = self.target_is_up = self._gone = False
        self._line.changed()

    def programs(self) -> None:
        """The line is taken for a star code."""
        self.stage = Stage.PROGRAMMING

    def programmed(self) -> None:
        """It is free again; it never had a call."""
        self.stage = Stage.FREE

    def target_up(self) -> None:
        """The target has answered."""
        self.target_is_up = True
        self._line.emit(events.TargetAnswered(self._line.name))

    def target_gone(self, result: str, reason: str) -> None:
        """The target's leg ended, or could not be set up."""
        self.target_is_up = False
        self._line.emit(events.TargetGone(self._line.name, result, reason))

    def releasing(self) -> None:
        """The modem goes on the hook."""
        self.stage = Stage.RELEASING
        self.again = RungAgain()

    @property
    def seconds_to_hold(self) -> float:
        """How long the modem must stay off the hook for the exchange to have seen that it was."""
        return max(0.0, self._taken_at + TAKEN_FOR_LEAST - self._line.now) if self.lifted else 0.0

    def caller_gone(self, reason: str, perhaps_answered: bool = False) -> None:
        """The caller is no longer there."""
        if self._gone:
            return
        line = self._line
        self._give_up()
        line.emit(events.CallerGone(line.name, reason, perhaps_answered))
        if self.stage is Stage.RINGING:
            self.free()
        else:
            self._gone = True  # we are off the hook until HangUp

    def free(self, is_seen: bool = True) -> None:
        """No leg is left; whoever rings already is the next one. `is_seen`: see events.LineFree."""
        line, again = self._line, self.again
        self._give_up()
        if self._doubted:
            line.facts.rings_in_voice = None  # he gave up: nothing is known of the modem
        if self._rings >= RINGS_WITH_ID and not self.caller.told:
            line.facts.tells_caller = False
        line.facts.duplex = line.facts.duplex or None  # what it refused once it may do in the next call
        self._rings = 0
        self.forget()
        line.emit(events.LineFree(line.name, is_seen))
        if line.facts.voice is not None:
            line.scripts.start_side(lambda: analog_in_use.stand_by(line))
        for said in again.said:
            self.on_caller_said(said)
        if again.at is not None:
            self.on_ring()

    def _give_up(self) -> None:
        """Cancel the script; a modem that it has told to lift goes back on the hook."""
        self._line.scripts.cancel_call()
        if self.lifting:
            self.lifting = False
            self._line.session.submit(control("ATH"), self._line.now)

    # --- what is heard ---------------------------------------------------------------------------

    def on_sound(self, event: SoundEvent) -> None:
        """The studio says something no script waits for: has somebody hung up?"""
        reason = far_end_gone(event)
        if reason is None:
            return
        if self.stage is Stage.UP:
            self.caller_gone(reason)
        elif self.stage in (Stage.CONSULTING, Stage.OUTGOING) and self.target_is_up:
            self._line.scripts.cancel_call()
            self.target_gone("refused", reason)


def _is_part_of(number: str, known: str) -> bool:
    """Is it the same number, perhaps with digits lost on the way?"""
    digits = iter(known)
    return all(digit in digits for digit in number)
