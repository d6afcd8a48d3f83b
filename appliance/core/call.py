"""One call on one line, from the first ring to the line being free again: a table of states, pure.

The way of a call, and what ends each state:

    RINGING     the line rings and nobody has lifted. The plan is asked at every ring, since the caller's number may
                come after the first; at ring N → DEFLECTING or ANSWERING. The caller leaves → RELEASING (missed).
    DEFLECTING  the network is asked to pass the ringing call on. Done → RELEASING (forwarded); refused → next method.
    ANSWERING   the line lifts. Lifted → CALLING the first target; the caller was gone → RELEASING (missed); somebody
                here was quicker → LEFT_ALONE.
    CALLING     the caller waits, a target is called. It answers → JOINING, or CONFIRMING where it has to prove a human;
                it is busy, refuses or rings too long → FETCHING; the caller leaves → RELEASING (missed).
    CONFIRMING  the target is asked to press 1. Pressed, or the line can't ask → JOINING; not → FETCHING.
    JOINING     caller and target are being connected, one method after the other. Connected → CONNECTED or, where the
                line is out of the call, RELEASING; every method refused → FETCHING.
    FETCHING    the target is released, the caller taken off hold. Back → CALLING the next target, or this one in
                another way; when nobody is left, ANNOUNCING where the plan says so, else RELEASING (missed).
    ANNOUNCING  the caller hears why nobody comes. Heard → RECORDING, if the plan takes messages, else RELEASING.
    RECORDING   the caller speaks. He has ended → RELEASING (voicemail, or missed if he said nothing).
    CONNECTED   both talk, through the line. One party leaves, or the maximum length is reached → RELEASING.
    LEFT_ALONE  somebody here has lifted: it is their call, however long it lasts. The line is free → ENDED.
    RELEASING   every leg is being released. The line is free → ENDED.

In every state the line may be lost (→ ENDED), and every state has a time limit, so that no call can be stuck.
What a state's row in TABLE does not name cannot concern it and is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from appliance.core import actions, events
from appliance.core.call_state import CONFIRM_WITHIN, LIMITS, SET_UP_SECONDS, CallState, State
from appliance.core.numbers import shorten
from appliance.core.plan import Decision
from appliance.core.pursuit import DEFLECT, Pursuit

LEAST_MESSAGE = 1.0
"""Seconds a caller must have spoken for it to be a message."""


class Call(CallState):
    """Feed it the line's events; it answers with actions for the line. `record` is what the log keeps.

    `unsaved`: the record has news that should be written down before the call ends.
    """

    # --- in and out ------------------------------------------------------------------------------

    def handle(self, event: events.LineEvent, now: float, at: datetime) -> list[actions.Action]:
        """What the line reports → what it should do. now: monotonic seconds; at: wall time, for the record."""
        self._now, self._at = now, at
        row = TABLE.get((self.state, type(event))) or TABLE.get((None, type(event)))
        if row is None or self.state is State.ENDED:
            return []
        return row(self, event)

    def tick(self, now: float, at: datetime) -> list[actions.Action]:
        """Let time pass."""
        self._now, self._at = now, at
        if now < self._limit:
            return []
        return TIMEOUTS[self.state](self)

    # --- ringing ---------------------------------------------------------------------------------

    def _rang(self, event: events.LineEvent) -> list[actions.Action]:
        self.record.rings += 1
        decision = self._consult_plan()
        if decision.when_blocked == "hang-up":
            return self._turn_away()
        if decision.answer_after_rings is None or self.record.rings < decision.answer_after_rings:
            return []
        self._otherwise = decision.otherwise
        if self._given_up_on_targets or not (decision.chain or self._can_announce):
            return []
        self._chain = list(decision.chain)
        return self._next_target(f"ring {self.record.rings} of plan {decision.plan}")

    def _caller_known(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.CallerId)
        self.record.caller, self.record.withheld = event.number, event.withheld
        if event.name:
            self.record.caller_name = event.name
        self.unsaved = True
        if not self.record.rings or self.state is State.DEFLECTING:
            return []  # the first ring will ask the plan; or what it said is being done
        decision = self._consult_plan()
        if self.state is State.ANSWERING:
            self._plan_anew(decision)
        elif decision.when_blocked == "hang-up":
            return self._turn_away()
        return []

    def _plan_anew(self, decision: Decision) -> None:
        """His number came as we were about to lift: too late to let it ring, not too late for whom to call."""
        if decision.decided_by == "blocked":
            self._conclude("blocked", None)
        elif not self.record.attempts:
            self._otherwise, self._chain = decision.otherwise, list(decision.chain)
            is_any = self._chain and self._methods
            self._pursuit = Pursuit(self._chain.pop(0), self._methods, self._now) if is_any else None

    def _turn_away(self) -> list[actions.Action]:
        """A blocked caller is answered and released: turned down ringing, the network would divert him to the net."""
        self._conclude("blocked", None)
        return self._go(State.ANSWERING, "the caller is blocked", actions.Answer())

    def _rang_out(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.CallerGone)
        decision = self._consult_plan()
        self.record.perhaps_answered = event.perhaps_answered
        if decision.decided_by == "blocked":
            self._conclude("blocked", None)
        elif not decision.chain or (self._given_up_on_targets and self.record.attempts):
            self._conclude("missed", "nobody_reached")
        else:
            self._conclude("missed", "gave_up_ringing")
        return self._go(State.RELEASING, _reason(event))

    def _answered_here(self, event: events.LineEvent) -> list[actions.Action]:
        """Kept at once, as of now: a restart must not make it a missed call, and some lines never tell when it ends."""
        self._conclude("answered_here", None)
        self.record.ended_at = self._at
        self.unsaved = True
        return self._go(State.LEFT_ALONE, "somebody here has lifted")

    # --- the next target -------------------------------------------------------------------------

    def _next_target(self, reason: str) -> list[actions.Action]:
        """Begin with the next in the chain, from whichever state; a line that can't forward tries nobody."""
        if not self._chain or not self._methods:
            return self._nobody_left(reason)
        self._pursuit = Pursuit(self._chain.pop(0), self._methods, self._now)
        if self.state in (State.RINGING, State.DEFLECTING):
            return self._try_ringing(reason)
        return self._dial(reason)

    def _nobody_left(self, reason: str) -> list[actions.Action]:
        """Every target has been tried: say so to the caller, where the plan wants it, or hang up."""
        self._pursuit = None
        ringing = self.state in (State.RINGING, State.DEFLECTING)
        if self._can_announce:
            return self._go(State.ANSWERING, reason, actions.Answer()) if ringing else self._announce(reason)
        if ringing:
            self._given_up_on_targets = True  # it goes on ringing: somebody here may still lift
            return self._go(State.RINGING, "no target could take it ringing")
        return self._release_unreached("the chain is exhausted")

    def _try_ringing(self, reason: str) -> list[actions.Action]:
        """With the next method: pass the call on as it rings, or lift."""
        pursuit = self._pursued
        if pursuit.ways and pursuit.ways[0] == DEFLECT:
            pursuit.ways.pop(0)
            return self._go(State.DEFLECTING, reason, actions.Deflect(pursuit.target.number))
        if not pursuit.ways:
            self._tried("failed")
            return self._next_target(reason)
        return self._go(State.ANSWERING, reason, actions.Answer())

    def _deflect_refused(self, event: events.LineEvent) -> list[actions.Action]:
        self._put_last(DEFLECT)
        return self._try_ringing(_reason(event))

    def _answered(self, event: events.LineEvent) -> list[actions.Action]:
        if self.record.outcome == "blocked":
            return self._go(State.RELEASING, "the caller is blocked", actions.HangUp())
        if self._pursuit:
            return self._dial("the line has lifted")
        if self._can_announce:
            return self._announce("the line has lifted")
        return self._release_unreached("nobody is to be called")

    def _dial(self, reason: str) -> list[actions.Action]:
        """Call the target in the way the next method needs: over another line for a bridge, else over this one."""
        pursuit, target = self._pursued, self._pursued.target
        if not pursuit.dial(self._now):
            self._tried("failed")
            return self._next_target(f"no method left: {reason}")
        reason = f"{reason}; {target.name} ({shorten(target.number)})"
        dial = actions.Dial(target.number, target.ring_seconds, pursuit.by_bridge)
        keep = [actions.KeepWaiting(self._sounds.hold)] if self._sounds and pursuit.by_bridge else []
        result = self._go(State.CALLING, reason, *keep, dial)
        set_up = SET_UP_SECONDS if pursuit.by_bridge else self._set_up_seconds
        self._limit = self._now + max(target.ring_seconds, set_up)
        return result

    # --- a target is called ----------------------------------------------------------------------

    def _target_rings(self, event: events.LineEvent) -> list[actions.Action]:
        if self._pursued.rings(self._now):
            self._limit = self._now + self._pursued.target.ring_seconds
        return []

    def _target_answered(self, event: events.LineEvent) -> list[actions.Action]:
        self._pursued.lifts(self._now)
        if self._pursued.target.confirm:
            sound = self._sounds.confirm if self._sounds else ""
            return self._go(State.CONFIRMING, "the target answered", actions.Confirm(sound, CONFIRM_WITHIN))
        return self._join("the target answered")

    def _way_refused(self, event: events.LineEvent) -> list[actions.Action]:
        """The target could not even be called in this way: another one, once it is certain that the caller is back."""
        assert isinstance(event, events.JoinRefused)
        self._put_last(event.method)
        pursuit = self._pursued
        pursuit.ways = [way for way in pursuit.ways if way != event.method]
        if pursuit.ways:
            pursuit.once_more = True
        else:
            self._tried("failed")
        return self._go(State.FETCHING, event.reason, actions.FetchBack())

    def _not_confirmed(self) -> list[actions.Action]:
        self._tried("no_answer")
        return self._go(State.FETCHING, "the target did not press 1", actions.FetchBack())

    def _target_gone(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.TargetGone)
        self._tried(event.result)
        return self._go(State.FETCHING, f"target {event.result}: {event.reason}", actions.FetchBack())

    def _rang_too_long(self) -> list[actions.Action]:
        self._tried("no_answer")
        return self._go(State.FETCHING, "the target rang too long", actions.FetchBack())

    def _caller_left(self, event: events.LineEvent) -> list[actions.Action]:
        if self.state in (State.CALLING, State.CONFIRMING, State.JOINING):
            self._tried("caller_gone")
        self._conclude("missed", "gave_up_forwarding")
        return self._go(State.RELEASING, _reason(event), actions.HangUp())

    def _caller_back(self, event: events.LineEvent) -> list[actions.Action]:
        if self._pursuit and self._pursuit.once_more:
            return self._dial("the same target in another way")
        return self._next_target("the caller is back")

    # --- joining ---------------------------------------------------------------------------------

    def _join(self, reason: str) -> list[actions.Action]:
        pursuit = self._pursued
        if not pursuit.ways:
            self._tried("failed")
            return self._go(State.FETCHING, f"no method left: {reason}", actions.FetchBack())
        if pursuit.is_on_wrong_line:
            pursuit.once_more = True
            return self._go(State.FETCHING, reason, actions.FetchBack())
        return self._go(State.JOINING, reason, actions.Join(pursuit.ways.pop(0)))

    def _join_refused(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.JoinRefused)
        self._put_last(event.method)
        return self._join(event.reason)

    def _joined(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.Joined)
        self._tried("answered", event.method)
        self.record.answered_at = self._at
        self.record.target, self.record.method = self._pursued.target.name, event.method
        self.unsaved = True
        if not event.stays:
            self._conclude("forwarded", None)
            return self._go(State.RELEASING, f"given away by {event.method}")
        result = self._go(State.CONNECTED, f"connected by {event.method}")
        self._limit = self._now + self._max_seconds
        return result

    # --- nobody can come -------------------------------------------------------------------------

    @property
    def _can_announce(self) -> bool:
        return self._sounds is not None and self._otherwise in ("announce", "voicemail")

    def _announce(self, reason: str) -> list[actions.Action]:
        assert self._sounds is not None
        sound = self._sounds.voicemail if self._otherwise == "voicemail" else self._sounds.announcement
        return self._go(State.ANNOUNCING, reason, actions.Say(sound))

    def _said(self, event: events.LineEvent) -> list[actions.Action]:
        """Nothing is recorded but after the sentence that says so was heard to its end."""
        if self._otherwise != "voicemail" or self._sounds is None:
            return self._release_unreached("the announcement is over")
        result = self._go(
            State.RECORDING, "a message is taken", actions.TakeMessage(self._sounds.message, self._sounds.most)
        )
        self._limit = self._now + self._sounds.most + LIMITS["RELEASING"]
        return result

    def _not_said(self, event: events.LineEvent) -> list[actions.Action]:
        return self._release_unreached(_reason(event))

    def _message_taken(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.MessageTaken) and self._sounds is not None
        if event.seconds < LEAST_MESSAGE:
            return self._release_unreached("the caller left no message")
        self.record.message, self.record.message_seconds = self._sounds.message, round(event.seconds, 1)
        self._conclude("voicemail", None)
        return self._go(State.RELEASING, f"a message of {event.seconds:.0f} s, {event.ended_by}", actions.HangUp())

    def _release_unreached(self, reason: str) -> list[actions.Action]:
        self._conclude("missed", "nobody_reached")
        return self._go(State.RELEASING, reason, actions.HangUp())

    # --- the end ---------------------------------------------------------------------------------

    def _party_left(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.PartyLeft)
        self._conclude("forwarded", None)
        return self._go(State.RELEASING, f"the {event.who} {event.how}", actions.HangUp())

    def _too_long(self) -> list[actions.Action]:
        self._conclude("forwarded", None)
        return self._go(State.RELEASING, "the maximum length is reached", actions.HangUp())

    def _stuck(self) -> list[actions.Action]:
        """The line did not say in time how something went: release everything."""
        if self.state is State.JOINING:
            self._tried("failed")
        return self._release_unreached(f"the line did not finish {self.state.value} in time")

    def _never_free(self) -> list[actions.Action]:
        return self._end("the line did not become free in time")

    def _free(self, event: events.LineEvent) -> list[actions.Action]:
        if self.record.outcome is None:
            if self.record.answered_at:
                self._conclude("forwarded", None)
            else:
                self._conclude("missed", "gave_up_ringing" if self.state is State.RINGING else "gave_up_forwarding")
        return self._end("the line is free")

    def _free_of_others(self, event: events.LineEvent) -> list[actions.Action]:
        assert isinstance(event, events.LineFree)
        return self._end("the line is free", is_known=event.is_seen)

    def _lost_to_others(self, event: events.LineEvent) -> list[actions.Action]:
        return self._end(f"line lost: {_reason(event)}", is_known=False)

    def _line_lost(self, event: events.LineEvent) -> list[actions.Action]:
        if self.state in (State.CALLING, State.CONFIRMING, State.JOINING):
            self._tried("failed")
        if self.record.outcome is None:
            self._conclude(*(("forwarded", None) if self.record.answered_at else ("missed", "line_lost")))
        return self._end(f"line lost: {_reason(event)}")


def _reason(event: events.LineEvent) -> str:
    return str(getattr(event, "reason", type(event).__name__))


Row = Callable[[Call, events.LineEvent], list[actions.Action]]

TABLE: dict[tuple[State | None, type[events.LineEvent]], Row] = {
    (State.RINGING, events.Ring): Call._rang,
    (State.RINGING, events.CallerId): Call._caller_known,
    (State.RINGING, events.CallerGone): Call._rang_out,
    (State.RINGING, events.AnsweredHere): Call._answered_here,
    (State.DEFLECTING, events.CallerId): Call._caller_known,
    (State.DEFLECTING, events.Joined): Call._joined,
    (State.DEFLECTING, events.JoinRefused): Call._deflect_refused,
    (State.DEFLECTING, events.CallerGone): Call._rang_out,
    (State.ANSWERING, events.CallerId): Call._caller_known,
    (State.ANSWERING, events.Answered): Call._answered,
    (State.ANSWERING, events.AnsweredHere): Call._answered_here,
    (State.ANSWERING, events.CallerGone): Call._rang_out,
    (State.CALLING, events.TargetRinging): Call._target_rings,
    (State.CALLING, events.TargetAnswered): Call._target_answered,
    (State.CALLING, events.TargetGone): Call._target_gone,
    (State.CALLING, events.JoinRefused): Call._way_refused,
    (State.CALLING, events.CallerGone): Call._caller_left,
    (State.CONFIRMING, events.Confirmed): lambda call, event: call._join("the target pressed 1"),
    (State.CONFIRMING, events.CannotAsk): lambda call, event: call._join(_reason(event)),
    (State.CONFIRMING, events.TargetGone): Call._target_gone,
    (State.CONFIRMING, events.CallerGone): Call._caller_left,
    (State.JOINING, events.Joined): Call._joined,
    (State.JOINING, events.JoinRefused): Call._join_refused,
    (State.JOINING, events.TargetGone): Call._target_gone,
    (State.JOINING, events.CallerGone): Call._caller_left,
    (State.FETCHING, events.CallerBack): Call._caller_back,
    (State.FETCHING, events.CallerGone): Call._caller_left,
    (State.ANNOUNCING, events.Said): Call._said,
    (State.ANNOUNCING, events.SaidNothing): Call._not_said,
    (State.ANNOUNCING, events.CallerGone): Call._not_said,
    (State.RECORDING, events.MessageTaken): Call._message_taken,
    (State.RECORDING, events.CallerGone): lambda call, event: [actions.EndMessage()],
    (State.CONNECTED, events.PartyLeft): Call._party_left,
    (State.LEFT_ALONE, events.LineFree): Call._free_of_others,
    (State.LEFT_ALONE, events.LineLost): Call._lost_to_others,
    (None, events.LineFree): Call._free,
    (None, events.LineLost): Call._line_lost,
}
"""(state, event) → what it does; None stands for every state."""

TIMEOUTS: dict[State, Callable[[Call], list[actions.Action]]] = {
    State.DEFLECTING: Call._stuck,
    State.ANSWERING: Call._stuck,
    State.CALLING: Call._rang_too_long,
    State.CONFIRMING: Call._not_confirmed,
    State.JOINING: Call._stuck,
    State.FETCHING: Call._stuck,
    State.ANNOUNCING: Call._stuck,
    State.RECORDING: Call._stuck,
    State.CONNECTED: Call._too_long,
    State.RELEASING: Call._never_free,
}
"""What happens when a state's time is over; RINGING and LEFT_ALONE have none, the line says when they stop."""
