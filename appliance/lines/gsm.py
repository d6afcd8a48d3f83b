"""A GSM line: one module's calls, kept reconciled with +CLCC, and the scripts that work on them.

RING, +CLIP and the like only hint; each makes the line ask +CLCC, and what that lists is what is so (27.007 7.18).
From two lists after each other follow the events: the caller left, the target rings, answered, is gone.

Two scripts may run at once: one for the call (answer, dial, join …), one on the side (start-up, health,
diversions, a text). The session's priorities see to it that the side never holds up the call.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from enum import Enum

from appliance.at import replies
from appliance.at.command import Command, End, Priority, Reply
from appliance.at.profiles import (
    BOOT_BANNERS,
    CAUSE_RESULTS,
    RESULT_CODES,
    URC_PREFIXES,
    News,
    news_of,
)
from appliance.at.replies import Caller, Leg, Stat
from appliance.at.session import (
    Done,
    Hung,
    LateText,
    LateTextFailed,
    Noise,
    Rebooted,
    Session,
    SessionEvent,
    Urc,
)
from appliance.core import actions, events
from appliance.core.numbers import normalise, shorten
from appliance.lines import gsm_diversions, gsm_forward, gsm_startup, gsm_texts
from appliance.lines.gsm_calls import RINGS_STOPPED, CallList, Rings
from appliance.lines.gsm_facts import METHODS, Facts, GsmConfig
from appliance.lines.runner import Runner
from appliance.lines.scripts import Legs

log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between two +CLCC while a call is up."""
POLL_WAITING = 0.2
"""The same while a script waits for a change it has just asked for."""
HINT_WITHIN = 0.25
"""Seconds to wait for BUSY, NO ANSWER or ^CEND when +CLCC shows a leg gone before they came."""


class Stage(Enum):
    """How far the line's call has come. What ends each stage is noted beside it."""

    FREE = "free"  # RING, +CLIP or an incoming leg in +CLCC
    RINGING = "ringing"  # answered, deflected, or the caller gave up
    UP = "caller connected to us"  # Dial, HangUp, or the caller left
    CALLING = "target being called"  # Join, FetchBack, HangUp, or a party left
    JOINING = "being joined"  # the join script's verdict
    JOINED = "caller and target connected"  # a party left, or HangUp
    RELEASING = "being released"  # +CLCC is empty


class GsmLine:
    """Sans-I/O: bytes, actions and the time in; bytes and events out. Implements lines.line.Line."""

    kind = "gsm"

    def __init__(
        self,
        config: GsmConfig,
        pins_tried: Collection[str] = (),
    ) -> None:
        """pins_tried: PINs of this line that must not be tried again."""
        self.config = config
        self.name = config.name
        self.session = Session(BOOT_BANNERS, URC_PREFIXES)
        self.now = 0.0
        self.facts = Facts()
        self.stage = Stage.FREE
        self.calls = CallList()
        self.rings = Rings()
        self.pins_tried = set(pins_tried)
        self.lost: str | None = "not opened"
        """Why the port must be opened anew; None while it serves."""
        self.started = False
        self.muted = False
        self.health_count = 0
        self.net_tries = 0
        self.last_text: tuple[Command, str, bool] | None = None
        """The text command last sent, its text's uid, and whether it was the last part."""
        self._events: list[events.LineEvent] = []
        self.scripts = Runner(self)
        self._second_id: Caller | None = None
        self._asking: Command | None = None
        self._ask_at = float("inf")
        self._doubted = False
        self._rejecting: Command | None = None
        self._hint: str | None = None
        self._target_gone_at = float("inf")
        self._health_at = float("inf")
        self._diversions_at = float("inf")

    # --- the outside: port and time --------------------------------------------------------------

    def port_opened(self, now: float) -> None:
        """The port is open: begin from nothing."""
        self._forget(now)
        self.lost = None
        self.facts.problem = None
        self.scripts.start_side(lambda: gsm_startup.start_up(self))

    def port_lost(self, now: float, reason: str) -> None:
        """The port is gone (reason: a code of core/problems)."""
        self.now = now
        self._lose(reason)

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""
        self.now = now
        self._handle(self.session.receive(data, now))

    def data_to_send(self) -> bytes:
        """Bytes for the port."""
        return self.session.data_to_send()

    def take_events(self) -> list[events.LineEvent]:
        """What has happened since last asked."""
        taken, self._events = self._events, []
        return taken

    def deadline(self) -> float | None:
        """When tick() wants to be called, if nothing comes before."""
        if self.lost:
            return None
        times = [self._ask_at, self._target_gone_at, self._ring_limit(), self.session.deadline() or float("inf")]
        times.append(self.scripts.deadline())
        if self.idle and self.scripts.side_is_free:
            times += [self._health_at, self._diversions_at]
        due = min(times)
        return due if due < float("inf") else None

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.now = now
        if self.lost:
            return
        self._handle(self.session.tick(now))
        self.scripts.tick()
        if now >= self._target_gone_at:
            self._report_target_gone("refused", "its leg ended")
        if now >= self._ring_limit():
            self.calls.bury()
            self.caller_gone(f"no ring for {RINGS_STOPPED:.0f} s")
        if now >= self._ask_at:
            self.ask_calls()
        if self.idle and self.scripts.side_is_free:
            if now >= self._diversions_at:
                self._diversions_at = float("inf")
                self.scripts.start_side(lambda: gsm_diversions.check(self))
            elif now >= self._health_at:
                self._health_at = float("inf")
                self.scripts.start_side(lambda: gsm_startup.look_after(self))

    # --- the core's wishes -----------------------------------------------------------------------

    def perform(self, action: actions.Action, now: float) -> None:
        """Do what the core asks; events tell how it went."""
        self.now = now
        if isinstance(action, actions.SendText):
            self.scripts.start_side(lambda: gsm_texts.send(self, action), survives=True)
        elif self.lost:
            pass  # LineLost has been said; there is no call left to work on
        elif isinstance(action, actions.HangUp) and not self.calls.legs and self.stage is not Stage.RELEASING:
            self._free()
        else:
            self.scripts.start_call(gsm_forward.script_for(self, action))

    def methods(self) -> tuple[str, ...]:
        """The ways to forward in the order they are to be tried: what this SIM was refused comes last."""
        ours = [method for method in self.config.forward_by if method in METHODS]
        return tuple(sorted(ours, key=lambda method: method in self.facts.refused))

    def reconfigure(self, config: GsmConfig, now: float) -> None:
        """Take new settings of the same modem: the diversions are armed anew, refused methods probed again."""
        self.now = now
        old, self.config = self.config, config
        self.facts.refusals.clear()
        if old.pin != config.pin and not self.started and not self.lost:
            self.scripts.start_side(lambda: gsm_startup.start_up(self))
        elif self.started:
            former = old.safety_net if old.safety_net != config.safety_net else None
            self.scripts.start_side(lambda: gsm_diversions.check(self, former))

    def recall(self, sim: str, methods: Collection[str]) -> None:
        """What the network refused this SIM earlier."""
        self.facts.refusals.setdefault(sim, set()).update(methods)

    def shut_down(self, now: float) -> None:
        """Release whatever is held and, where a safety net stands, let the network divert at once."""
        self.now = now
        if self.lost:
            return
        self.scripts.start_call(gsm_forward.shut_down(self))

    @property
    def at_rest(self) -> bool:
        """Nothing is under way that a stop would cut off."""
        return self.lost is not None or (not self.scripts.call_is_running and self.idle)

    @property
    def takes_texts(self) -> bool:
        """Started, without a call, and in a network that takes texts."""
        return self.started and self.idle and (self.facts.registered or self.facts.texts_only)

    def state(self) -> str:
        """The contract's word for the line's state."""
        if self.lost:
            return "down"
        if self.stage is Stage.RINGING:
            return "ringing"
        if not self.idle:
            return "in_call"
        if not self.started:
            return "down" if self.facts.problem else "starting"
        if self.facts.registered:
            return "ready"
        return "down" if self.facts.without_network(self.now) else "starting"

    def problem(self) -> str | None:
        """A code of core/problems for what is wrong, or None."""
        facts = self.facts
        if self.lost or facts.problem:
            return self.lost or facts.problem
        if not self.started:
            return None
        if facts.without_network(self.now):
            return "texts_only" if facts.texts_only else "no_network"
        if facts.diverted_always:
            return "diverted_always"
        return "net_not_confirmed" if self.config.safety_net and facts.net_confirmed is False else None

    # --- for the scripts -------------------------------------------------------------------------

    def emit(self, event: events.LineEvent) -> None:
        """Tell the core."""
        self._events.append(event)

    def changed(self) -> None:
        """Something `status` shows has changed."""
        self.emit(events.LineChanged(self.name))

    @property
    def idle(self) -> bool:
        """No call rings or is up."""
        return self.stage is Stage.FREE

    def trouble(self, problem: str | None, pause: float = 0.0) -> float:
        """Note what keeps start-up waiting (a code of core/problems) and give back how long to wait."""
        if problem != self.facts.problem:
            self.facts.problem = problem
            self.changed()
            if problem:
                log.warning("%s: %s", self.name, problem)
        return pause

    def restart(self, reason: str) -> None:
        """The modem has forgotten what it was told, or its SIM has gone: start up anew."""
        had_call = self.started or not self.idle
        self._forget(self.now)
        if had_call:
            self.emit(events.LineLost(self.name, reason))
        self.scripts.start_side(lambda: gsm_startup.start_up(self))

    def ask_calls(self, urgent: bool = False) -> None:
        """Ask +CLCC now, unless it is being asked. `urgent`: a call waits for it, so a text must make way."""
        self._ask_at = float("inf")
        if self._asking and urgent and self.session.take_back(self._asking):
            self._asking = None
        if self._asking is None:
            priority = Priority.CALL if urgent else Priority.POLL
            self._asking = Command("AT+CLCC", prefixes=("+CLCC:",), priority=priority)
            self.session.submit(self._asking, self.now)

    def e164(self, number: str | None, number_type: int | None) -> str | None:
        """A number as the network wrote it, as E.164 where it is one."""
        return normalise(number, number_type, self.config.dial_plan) if number else None

    def set_up_done(self) -> None:
        """Start-up is through: calls can be taken."""
        self.started = True
        self.facts.problem = None
        self.plan_health()
        self._diversions_at = self.now + gsm_diversions.FIRST_AFTER
        self.emit(events.LineReady(self.name, ringing=self.stage is Stage.RINGING))

    def plan_health(self) -> None:
        """Look after the modem again in a while."""
        self._health_at = self.now + gsm_startup.HEALTH_EVERY

    def plan_diversions(self, after: float) -> None:
        """Check the safety net again in so many seconds."""
        self._diversions_at = self.now + after

    def released(self) -> None:
        """The release script is through: whatever +CLCC still lists is a ghost."""
        if buried := self.calls.bury():
            log.warning("%s: the modem still lists %d calls after every release: ghosts", self.name, buried)
        self._free()
        self.ask_calls()  # somebody may have begun to ring meanwhile

    def given_away(self, method: str) -> None:
        """Caller and target talk without us."""
        self.emit(events.Joined(self.name, method, stays=False))
        self._free()

    def caller_up(self) -> None:
        """The caller is connected to us, and nobody else."""
        self.stage = Stage.UP
        self.changed()

    def target_called(self) -> None:
        """From now on a leg to the target is expected."""
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
        self.rings.sign(self.now)

    def joining(self) -> None:
        """A join is being tried: until its verdict, legs may vanish by success."""
        self.stage = Stage.JOINING

    def joined(self) -> None:
        """Caller and target talk, through us."""
        self.stage = Stage.JOINED
        self.changed()

    def join_failed(self, method: str, reason: str) -> None:
        """The join did not work: say whether both are still there, or who left meanwhile."""
        self.stage = Stage.CALLING
        if self.calls.caller is None:
            self.caller_gone("hung up while being connected")
        elif self.calls.target is None:
            self.target_failed("refused", "hung up while being connected")
        else:
            self.emit(events.JoinRefused(self.name, method, reason))

    def releasing(self) -> None:
        """Every leg is being released."""
        self.stage = Stage.RELEASING

    def remember_refusal(self, method: str, reason: str) -> None:
        """The network does not do this for this SIM: another method goes first until it is probed again."""
        log.info("%s: %s refused: %s", self.name, method, reason)
        if self.facts.imsi:
            self.facts.refusals.setdefault(self.facts.imsi, set()).add(method)
            self.emit(events.MethodRefused(self.name, self.facts.imsi, method))

    # --- what the session says -------------------------------------------------------------------

    def _handle(self, news: list[SessionEvent]) -> None:
        for event in news:
            if isinstance(event, Done):
                self._on_reply(event.reply)
            elif isinstance(event, Urc):
                self._on_urc(event.line)
            elif isinstance(event, LateText):
                self._on_late_text(event.command, True)
            elif isinstance(event, LateTextFailed):
                self._on_late_text(event.reply.command, False)
            elif isinstance(event, Rebooted):
                self._on_reboot(event.sign)
            elif isinstance(event, Hung):
                self._lose("hung")
            elif isinstance(event, Noise):
                log.warning("%s: dropped noise from the modem: %s", self.name, event.what)
            if self.lost:
                return

    def _on_reply(self, reply: Reply) -> None:
        if reply.result == End.DROPPED or reply.result == End.REBOOTED:
            return
        if reply.command is self._asking:
            self._on_calls(reply)
        elif reply.command is self._rejecting:
            self._rejecting = None
            self.ask_calls()
        else:
            self.scripts.on_reply(reply)

    def _on_urc(self, line: str) -> None:
        news = news_of(line)
        if news is News.RING:
            self._on_ring()
        elif news is News.CALLER_ID:
            self._on_caller_id(replies.clip(line))
        elif news is News.WAITING:
            self._second_id = replies.ccwa(line)
            self.ask_calls()
        elif news is News.CALL_CHANGED:
            self._note_hint(line)
            self.ask_calls()
        elif news is News.REGISTRATION and line.startswith("+CREG:"):
            if self.facts.note_registration(replies.registration(line), self.facts.ims_voice, self.now):
                self.changed()
        elif news is News.SIM:
            gsm_startup.sim_changed(self, line)

    def _on_late_text(self, command: Command, sent: bool) -> None:
        if not self.scripts.on_late_text(command, sent) and sent:
            gsm_texts.late(self, command)

    def _on_reboot(self, sign: str) -> None:
        log.warning("%s: the modem started anew (%s)", self.name, sign)
        self.restart("rebooted")

    # --- rings and callers -----------------------------------------------------------------------

    def _on_ring(self) -> None:
        if self.stage is Stage.FREE:
            self._begin_ringing()
        if self.stage is Stage.RINGING:
            self._count(self.rings.ring(self.now))
        self.session.take_back_text(self.now)
        self.ask_calls()

    def _on_caller_id(self, caller: Caller | None) -> None:
        if caller is None:
            self.ask_calls()  # a line torn apart: +CLCC has the number, too
            return
        if self.stage is Stage.RINGING and not self.scripts.call_is_running and self._is_another(caller):
            self.caller_gone("another caller rings")
        if self.stage is Stage.FREE:
            self._begin_ringing()
        if self.stage is Stage.RINGING:
            self._know(caller)
        self.ask_calls()

    def _is_another(self, caller: Caller) -> bool:
        known = self.rings.caller
        if known is None or known.number is None or caller.number is None:
            return False
        return self.e164(known.number, known.number_type) != self.e164(caller.number, caller.number_type)

    def _know(self, caller: Caller) -> None:
        self._count(self.rings.prove())
        if caller != self.rings.caller:
            self.rings.caller = caller
            number = self.e164(caller.number, caller.number_type)
            self.emit(events.CallerId(self.name, number, caller.withheld, caller.name))

    def _count(self, rings: int) -> None:
        for _ in range(rings):
            self.emit(events.Ring(self.name))

    def _begin_ringing(self) -> None:
        self.stage = Stage.RINGING
        self.rings.begin(self.now)
        self._hint = None
        self.changed()

    def _ring_limit(self) -> float:
        if self.stage is Stage.RINGING and not self.scripts.call_is_running:
            return self.rings.over_at
        return float("inf")

    def caller_gone(self, reason: str) -> None:
        """The caller is no longer there."""
        self.scripts.cancel_call()
        if self.stage is Stage.RINGING and not self.rings.proven:
            log.info("%s: a single RING without a call: noise", self.name)
        else:
            self.emit(events.CallerGone(self.name, reason))
        if self.stage is Stage.RINGING or not self.calls.legs:
            self._free()

    def _free(self) -> None:
        self.scripts.cancel_call()
        self.stage = Stage.FREE
        self.calls.legs = ()
        self._target_gone_at = float("inf")
        self.emit(events.LineFree(self.name))
        self.scripts.next_side()

    # --- what +CLCC says -------------------------------------------------------------------------

    def _on_calls(self, reply: Reply) -> None:
        self._asking = None
        if reply.ok:
            only_ringing = self.stage is Stage.RINGING and not self.scripts.call_is_running
            legs = self.calls.real(replies.clcc(reply.lines), only_ringing)
            if self.calls.legs and not legs and not self._doubted:
                # a stray OK looks just like an empty list: ask once more before the call counts as gone
                self._doubted = True
                self.ask_calls()
                return
            self._doubted = False
            self._reconcile(legs)
            self.scripts.on_calls(legs)
        elif reply.answered and self.stage is Stage.RINGING:
            self._count(self.rings.prove())  # a module without +CLCC is believed
        self._plan_poll()

    def _plan_poll(self) -> None:
        if self.scripts.awaits_calls:
            self._ask_at = min(self._ask_at, self.now + POLL_WAITING)
        elif self.calls.legs or not self.idle:
            self._ask_at = min(self._ask_at, self.now + POLL)

    def _reconcile(self, legs: Legs) -> None:
        caller_was, target_was = self.calls.caller, self.calls.target
        self.calls.legs = legs
        caller, target = self.calls.caller, self.calls.target
        if self.calls.waiting:
            self._reject_second(self.calls.waiting)
        if self.stage is Stage.FREE:
            self._on_stray(caller)
        if caller and self.stage is Stage.RINGING:
            if caller.number and self.rings.caller is None:
                self._know(Caller(caller.number, caller.number_type, withheld=False))
            self._count(self.rings.prove())
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
                self.emit(events.PartyLeft(self.name, "caller"))
            elif target_was and not target:
                self.emit(events.PartyLeft(self.name, "target"))
            if not legs:
                self._free()

    def _on_stray(self, caller: Leg | None) -> None:
        """A call that we did not know of: one that rings is a job, anything else is a left-over and is released."""
        if caller and caller.stat is Stat.INCOMING:
            self._begin_ringing()
        elif self.calls.legs:
            log.warning("%s: releasing a call left over on the modem", self.name)
            self.scripts.start_call(gsm_forward.hang_up(self))

    def _on_target_stat(self, target: Leg) -> None:
        if target.stat is Stat.ALERTING:
            self.emit(events.TargetRinging(self.name))
        elif target.stat is Stat.ACTIVE:
            self.emit(events.TargetAnswered(self.name))

    def _on_target_gone(self) -> None:
        if self._hint:
            self._report_target_gone(self._hint, "its leg ended")
        else:
            self._target_gone_at = self.now + HINT_WITHIN

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
            self.emit(events.TargetGone(self.name, result, reason))

    def target_failed(self, result: str, reason: str) -> None:
        """The target could not be called at all."""
        self.stage = Stage.UP
        self._target_gone_at = float("inf")
        self.emit(events.TargetGone(self.name, result, reason))

    def take_hint(self) -> str | None:
        """The reason heard for the last ended leg, once."""
        hint, self._hint = self._hint, None
        return hint

    def _reject_second(self, leg: Leg) -> None:
        """Give a second caller the busy tone, so that the network's diversion on busy takes him (22.030 6.5.5.1)."""
        if self._rejecting is not None:
            return
        known = Caller(leg.number, leg.number_type, withheld=False) if leg.number else self._second_id
        number = self.e164(known.number, known.number_type) if known else None
        self._second_id = None
        log.info("%s: second caller %s gets the busy tone", self.name, shorten(number))
        self.emit(events.SecondCaller(self.name, number, withheld=bool(known and known.withheld)))
        self._rejecting = Command("AT+CHLD=0", limit=5.0, priority=Priority.CALL)
        self.session.submit(self._rejecting, self.now)

    # --- beginnings and ends ---------------------------------------------------------------------

    def _lose(self, reason: str) -> None:
        if self.lost:
            self.lost = reason
            return
        log.warning("%s: line lost: %s", self.name, reason)
        self._forget(self.now)
        self.lost = reason
        self.emit(events.LineLost(self.name, reason))

    def _forget(self, now: float) -> None:
        """Back to nothing: whatever the modem was told is gone."""
        self.now = now
        self.scripts.reset()
        self.session.reset()
        self.stage = Stage.FREE
        self.calls.forget()
        self.started = False
        self._asking = self._rejecting = None
        self._ask_at = self._target_gone_at = self._health_at = self._diversions_at = float("inf")
        self._doubted = False
        self.muted = False
