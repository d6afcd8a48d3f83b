"""The call of a GSM line, kept reconciled with +CLCC.

RING, +CLIP and the like only hint; each makes the line ask +CLCC, and what that lists is what is so (27.007 7.18).
From two lists after each other follow the events: the caller left, the target rings, answered, is gone.
"""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from appliance.at import replies
from appliance.at.command import Command, Priority, Reply
from appliance.at.profiles import CAUSE_RESULTS, RESULT_CODES
from appliance.at.replies import Caller, Leg, Stat
from appliance.core import events
from appliance.core.numbers import shorten
from appliance.lines import gsm_forward, gsm_voice
from appliance.lines.gsm_legs import RINGS_STOPPED, LegList, Rings
from appliance.lines.scripts import Legs

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between two +CLCC while a call is up."""
POLL_WAITING = 0.2
"""The same while a script waits for a change it has just asked for."""
REJECT_AGAIN = 2.0
"""Seconds after which a second caller who is still listed is turned away once more."""
HINT_WITHIN = 0.25
"""Seconds to wait for BUSY, NO ANSWER or ^CEND when +CLCC shows a leg gone before they came."""


class Stage(Enum):
    """How far the line's call has come. What ends each stage is noted beside it."""

    FREE = "free"  # RING, +CLIP or an incoming leg in +CLCC
    RINGING = "ringing"  # answered, deflected, or the caller gave up
    UP = "caller connected to us"  # Dial, HangUp, or the caller left
    CALLING = "target being called"  # Join, FetchBack, HangUp, or a party left
    JOINING = "being joined"  # the join script's verdict
    ANSWERED_HERE = "somebody else has lifted"  # +CLCC is empty; nothing of ours
    JOINED = "caller and target connected"  # a party left, or HangUp
    RELEASING = "being released"  # +CLCC is empty


class GsmCall:
    """The one call a GSM line can have, from a first sign of ringing to an empty list of calls.

    Fed with hints (rings, caller IDs, call URCs) and with what +CLCC lists; the scripts tell it what they are up to,
    since that is how a leg that vanishes is understood.
    """

    def __init__(self, line: GsmLine) -> None:
        self._line = line
        self.stage = Stage.FREE
        self.legs = LegList()
        self.rings = Rings()
        self.muted = False
        self._second_id: Caller | None = None
        self._asking: Command | None = None
        self._ask_at = float("inf")
        self._doubted = False
        self._rejecting: Command | None = None
        self._rejected: tuple[int, str | None] | None = None
        self._reject_again_at = float("inf")
        self._claimed: Caller | None = None
        self._lists_calls = False
        """+CLCC has shown a call: an error is then its way of saying that there is none."""
        self._hint: str | None = None
        self._target_gone_at = float("inf")
        self._alone = False
        """The target is called for another line's caller: none of ours is on hold."""

    @property
    def idle(self) -> bool:
        """No call rings or is up."""
        return self.stage is Stage.FREE

    def forget(self) -> None:
        """The modem has started anew: whatever it had is gone."""
        self.stage = Stage.FREE
        self.legs.forget()
        self.muted = False
        self._asking = self._rejecting = None
        self._ask_at = self._target_gone_at = self._reject_again_at = float("inf")
        self._rejected = self._claimed = None
        self._doubted = False

    # --- time and replies ------------------------------------------------------------------------

    def deadline(self) -> float:
        """When tick() wants to be called, if nothing comes before; inf if never."""
        return min(self._ask_at, self._target_gone_at, self._ring_limit())

    def tick(self) -> None:
        """Let time pass."""
        now = self._line.now
        if now >= self._target_gone_at:
            self._report_target_gone("refused", "its leg ended")
        if now >= self._ring_limit():
            self.legs.bury()
            self.caller_gone(f"no ring for {RINGS_STOPPED:.0f} s")
        if now >= self._ask_at:
            self.ask_calls()

    def on_reply(self, reply: Reply) -> bool:
        """A command has ended; says whether it was one of ours."""
        if reply.command is self._asking:
            self._on_calls(reply)
        elif reply.command is self._rejecting:
            self._rejecting = None
            self.ask_calls()
        else:
            return False
        return True

    def on_waiting(self, caller: Caller) -> None:
        """+CCWA: a second caller."""
        self._second_id = caller
        self.ask_calls()

    def on_changed(self, line: str) -> None:
        """A URC about the call: perhaps with a reason, in any case a cause to ask."""
        self._note_hint(line)
        self.ask_calls()

    # --- asking ----------------------------------------------------------------------------------

    def ask_calls(self, urgent: bool = False) -> None:
        """Ask +CLCC now, unless it is being asked. `urgent`: a call waits for it, so a text must make way."""
        self._ask_at = float("inf")
        if self._asking and urgent and self._line.session.take_back(self._asking):
            self._asking = None
        if self._asking is None:
            priority = Priority.CALL if urgent else Priority.POLL
            self._asking = Command("AT+CLCC", prefixes=("+CLCC:",), priority=priority)
            self._line.session.submit(self._asking, self._line.now)

    # --- what the scripts are up to ---------------------------------------------------------------

    def released(self) -> None:
        """The release script is through: whatever +CLCC still lists is a ghost."""
        if buried := self.legs.bury(spare_ringing=True):
            log.warning("%s: the modem still lists %d calls after every release: ghosts", self._line.name, buried)
        self.free()
        self.ask_calls()  # somebody may have begun to ring meanwhile

    def given_away(self, method: str) -> None:
        """Caller and target talk without us."""
        self._line.emit(events.Joined(self._line.name, method, stays=False))
        somebody_rings = bool(self.legs.all)
        self.free()
        if somebody_rings:
            self.ask_calls()

    def caller_up(self) -> None:
        """The caller is connected to us, and nobody else."""
        self.stage = Stage.UP
        self.legs.answered = True
        self._line.changed()

    def target_called(self) -> None:
        """From now on a leg to the target is expected."""
        self._alone = self.stage is Stage.FREE
        self._line.voice.is_stale = True
        self.stage = Stage.CALLING
        self._hint = None
        self._target_gone_at = float("inf")

    def target_given_up(self) -> None:
        """Whatever becomes of the target's leg now is our own doing."""
        self.stage = Stage.UP
        self._target_gone_at = float("inf")

    def rings_on(self) -> None:
        """A deflection did not work: the caller still rings."""
        self.stage = Stage.RINGING
        self.rings.sign(self._line.now)

    def joining(self) -> None:
        """A join is being tried: until its verdict, legs may vanish by success."""
        self.stage = Stage.JOINING

    def joined(self) -> None:
        """Caller and target talk, through us."""
        self.stage = Stage.JOINED
        self._line.changed()

    def join_failed(self, method: str, reason: str) -> None:
        """The join did not work: say whether both are still there, or who left meanwhile."""
        self.stage = Stage.CALLING
        if self.legs.caller is None:
            self.caller_gone("hung up while being connected")
        elif self.legs.target is None:
            self.target_failed("refused", "hung up while being connected")
        else:
            self._line.emit(events.JoinRefused(self._line.name, method, reason))

    def releasing(self) -> None:
        """Every leg is being released."""
        self.stage = Stage.RELEASING

    # --- rings and callers -----------------------------------------------------------------------

    def on_ring(self) -> None:
        """RING or +CRING."""
        if self.stage is Stage.FREE:
            self._begin_ringing()
        if self.stage is Stage.RINGING:
            self._count(self.rings.ring(self._line.now))
        self._line.session.take_back_text(self._line.now)
        self.ask_calls()

    def on_caller_id(self, caller: Caller | None) -> None:
        """+CLIP; None for one that was torn apart."""
        if caller is None:
            self.ask_calls()  # a line torn apart: +CLCC has the number, too
            return
        if self.stage is Stage.FREE:
            self._begin_ringing()
        if self.stage is Stage.RINGING and self._is_another(caller):
            self._claimed = caller  # a digit may be lost: only +CLCC can say that it is so
        elif self.stage is Stage.RINGING:
            self._know(caller)
        self.ask_calls()

    def _is_another(self, caller: Caller) -> bool:
        known = self.rings.caller
        if known is None or known.number is None or caller.number is None:
            return False
        return self._line.e164(known.number, known.number_type) != self._line.e164(caller.number, caller.number_type)

    def _is_as_claimed(self, leg: Leg | None) -> bool:
        """Does +CLCC agree with a +CLIP that named another caller than before?"""
        claimed = self._claimed
        if claimed is None or leg is None or self.stage is not Stage.RINGING or self._line.scripts.call_is_running:
            return False
        return self._line.e164(leg.number, leg.number_type) == self._line.e164(claimed.number, claimed.number_type)

    def _know(self, caller: Caller) -> None:
        if caller != self.rings.caller:
            self.rings.caller = caller
            number = self._line.e164(caller.number, caller.number_type)
            self._line.emit(events.CallerId(self._line.name, number, caller.withheld, caller.name))
        self._count(self.rings.prove())  # after it: the very first ring may decide, and who it is decides with it

    def _count(self, rings: int) -> None:
        for _ in range(rings):
            self._line.emit(events.Ring(self._line.name))

    def _begin_ringing(self) -> None:
        self.stage = Stage.RINGING
        self.legs.answered = False
        self.rings.begin(self._line.now)
        self._hint = None
        self._line.changed()

    def _ring_limit(self) -> float:
        if self.stage is Stage.RINGING and not self._line.scripts.call_is_running:
            return self.rings.over_at
        return float("inf")

    def caller_gone(self, reason: str) -> None:
        """The caller is no longer there."""
        self._line.scripts.cancel_call()
        if self._line.voice.recording:
            self.stage = Stage.RELEASING
            self._line.scripts.start_call(gsm_voice.caller_left(self._line))
            return
        if self.stage is Stage.RINGING and not self.rings.proven:
            log.info("%s: a single RING without a call: noise", self._line.name)
        else:
            self._line.emit(events.CallerGone(self._line.name, reason))
        if self.stage is Stage.RINGING or not self.legs.ours:
            self.free()

    def free(self) -> None:
        """No leg is left."""
        self._line.scripts.cancel_call()
        self._line.voice.close()
        self.stage = Stage.FREE
        self.legs.all, self.legs.answered = (), False
        self._target_gone_at = float("inf")
        self._line.emit(events.LineFree(self._line.name))
        self._line.scripts.next_side()

    # --- what +CLCC says -------------------------------------------------------------------------

    def _on_calls(self, reply: Reply) -> None:
        self._asking = None
        if reply.ok or (reply.answered and (self._lists_calls or self.idle)):
            self._lists_calls = self._lists_calls or bool(reply.lines)
            only_ringing = self.stage is Stage.RINGING and not self._line.scripts.call_is_running
            legs = self.legs.real(replies.clcc(reply.lines), only_ringing)
            if self.legs.all and not legs and not self._doubted:
                # a stray OK looks just like an empty list: ask once more before the call counts as gone
                self._doubted = True
                self.ask_calls()
                return
            self._doubted = False
            self._reconcile(legs)
            self._line.scripts.on_calls(legs)
        elif reply.answered and self.stage is Stage.RINGING:
            self._count(self.rings.prove())  # a module without +CLCC is believed
        self._plan_poll()

    def _plan_poll(self) -> None:
        if self._line.scripts.awaits_calls:
            self._ask_at = min(self._ask_at, self._line.now + POLL_WAITING)
        elif self.legs.all or not self.idle:
            self._ask_at = min(self._ask_at, self._line.now + POLL)

    def _reconcile(self, legs: Legs) -> None:
        caller_was, target_was = self.legs.caller, self.legs.target
        self.legs.all = legs
        caller, target = self.legs.caller, self.legs.target
        if self.legs.waiting:
            self._reject_second(self.legs.waiting)
        else:
            self._rejected = None
        if self._is_as_claimed(caller):
            self.caller_gone("another caller rings")
            self.legs.all = legs
        self._claimed = None
        if self.stage is Stage.FREE:
            self._on_stray(caller)
        elif self.stage is Stage.CALLING and self._alone and caller and not target and caller.stat is Stat.INCOMING:
            self._line.scripts.cancel_call()  # he rang as we were about to dial
            self._begin_ringing()
        if caller and self.stage is Stage.RINGING:
            if caller.number and self.rings.caller is None:
                self._know(Caller(caller.number, caller.number_type, withheld=False))
            self._count(self.rings.prove())
            if caller.stat is Stat.ACTIVE and not self._line.scripts.call_is_running:
                self.stage = Stage.ANSWERED_HERE
                self._line.emit(events.AnsweredHere(self._line.name))
        elif self.stage is Stage.ANSWERED_HERE and not legs:
            self.free()
        if self.stage in (Stage.RINGING, Stage.UP, Stage.CALLING):
            if caller_was and not caller:
                self.caller_gone("the caller hung up")
            elif self.stage is not Stage.CALLING:
                pass
            elif target_was and not target:
                self._on_target_gone()
            elif target and (target_was is None or target_was.stat is not target.stat):
                self._on_target_stat(target)
        elif self.stage is Stage.JOINED:
            if caller_was and not caller:
                self._line.emit(events.PartyLeft(self._line.name, "caller"))
            elif target_was and not target:
                self._line.emit(events.PartyLeft(self._line.name, "target"))
            if not legs:
                self.free()

    def _on_stray(self, caller: Leg | None) -> None:
        """A call that we did not know of: one that rings is a job, anything else is a left-over and is released."""
        if caller and caller.stat is Stat.INCOMING:
            self._begin_ringing()
        elif any(leg.stat is not Stat.WAITING for leg in self.legs.all):
            log.warning("%s: releasing a call left over on the modem", self._line.name)
            self._line.scripts.start_call(gsm_forward.hang_up(self._line))

    def _on_target_stat(self, target: Leg) -> None:
        if target.stat is Stat.ALERTING:
            self._line.emit(events.TargetRinging(self._line.name))
        elif target.stat is Stat.ACTIVE:
            self._line.emit(events.TargetAnswered(self._line.name))

    def _on_target_gone(self) -> None:
        if self._hint:
            self._report_target_gone(self._hint, "its leg ended")
        else:
            self._target_gone_at = self._line.now + HINT_WITHIN

    def _note_hint(self, line: str) -> None:
        """Why did a leg end? BUSY and kin say it, ^CEND by its Q.850 cause."""
        cause = replies.end_cause(line)
        result = RESULT_CODES.get(line) or (CAUSE_RESULTS.get(cause) if cause is not None else None)
        if line == "NO CARRIER" and self._hint is None:
            result = "refused"
        if result:
            self._hint = result
            if self._target_gone_at < float("inf"):
                self._report_target_gone(result, line)

    def _report_target_gone(self, result: str, reason: str) -> None:
        self._target_gone_at = float("inf")
        if self.stage is Stage.CALLING:
            self.stage = Stage.UP
            self._line.emit(events.TargetGone(self._line.name, result, reason))

    def target_failed(self, result: str, reason: str) -> None:
        """The target could not be called at all."""
        self.stage = Stage.UP
        self._target_gone_at = float("inf")
        self._line.emit(events.TargetGone(self._line.name, result, reason))

    def take_hint(self) -> str | None:
        """The reason heard for the last ended leg, once."""
        hint, self._hint = self._hint, None
        return hint

    def _reject_second(self, leg: Leg) -> None:
        """Give a second caller the busy tone, so that the network's diversion on busy takes him (22.030 6.5.5.1).

        Said once; some modules list him a while longer, and where nobody waits any more CHLD=0 would release the held
        caller: so it is repeated once at most.
        """
        now = self._line.now
        if self._rejected != (leg.id, leg.number):
            self._rejected = (leg.id, leg.number)
            self._reject_again_at = now + REJECT_AGAIN
            self._report_second(leg)
        elif now >= self._reject_again_at:
            self._reject_again_at = float("inf")
        else:
            return
        self._rejecting = Command("AT+CHLD=0", limit=5.0, priority=Priority.CALL)
        self._line.session.submit(self._rejecting, now)

    def _report_second(self, leg: Leg) -> None:
        known = Caller(leg.number, leg.number_type, withheld=False) if leg.number else self._second_id
        number = self._line.e164(known.number, known.number_type) if known else None
        self._second_id = None
        log.info("%s: second caller %s gets the busy tone", self._line.name, shorten(number))
        self._line.emit(events.SecondCaller(self._line.name, number, withheld=bool(known and known.withheld)))
