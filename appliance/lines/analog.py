"""An analog line: one voice modem, from an open port to calls taken and handed on.

It hands the modem's lines and events, and what the studio hears, to whom they concern; runs the scripts; and says how
it is. Voice data never pass through here: after CONNECT the port is the studio's until StreamEnded.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from appliance.at import callerid
from appliance.at.command import End, Reply
from appliance.at.session import Done, Hung, Noise, Noticed, Rebooted, Session, SessionEvent, Urc
from appliance.at.voice_profiles import LINE_IN_USE, UNWEDGE, URC_PREFIXES, VOICE_BOOT_BANNERS
from appliance.core import actions, events
from appliance.core.sound import SoundEvent, SoundWish, StreamEnded
from appliance.lines import analog_forward, analog_stars, analog_startup, analog_voice
from appliance.lines.analog_call import AnalogCall, Stage
from appliance.lines.analog_facts import METHODS, AnalogConfig, AnalogFacts, Told
from appliance.lines.analog_trial import Trial, trial
from appliance.lines.analog_voice import AnalogVoice
from appliance.lines.driver import Shown
from appliance.lines.modem import ModemLine
from appliance.lines.scripts import Part, Script

log = logging.getLogger(__name__)

SET_UP_SECONDS = 25.0
RING_EVENT = "R"
"""V.253 table 8: what takes the place of RING in the voice class."""


class AnalogLine(ModemLine):
    """Sans-I/O: bytes, actions, sound and the time in; bytes, wishes and events out."""

    kind = "analog"
    facts: AnalogFacts
    call: AnalogCall
    voice: AnalogVoice

    def __init__(self, config: AnalogConfig, told: Collection[Told] = ()) -> None:
        """told: the diversions the network has been told of, as they were kept."""
        super().__init__(config.name, Session(VOICE_BOOT_BANNERS, URC_PREFIXES, voice=True), ("stars", "health"))
        self.config = config
        self.facts = AnalogFacts(told=tuple(told))
        self.call = AnalogCall(self)
        self.voice = AnalogVoice(self)
        self.trial: Trial | None = None
        self._stars_failed = 0

    # --- the outside: port, sound and time -------------------------------------------------------

    def hear(self, event: SoundEvent, now: float) -> None:
        """The studio says something of the stream."""
        self.now = now
        if self.lost:
            return
        self.voice.on_sound(event)
        if isinstance(event, StreamEnded) and self.session.in_data:
            self._handle(self.session.data_over(event.rest, now))
        if not self.lost and not self.scripts.on_sound(event):
            self.call.on_sound(event)

    def take_wishes(self) -> list[SoundWish]:
        """What the studio should do."""
        return self.voice.take_wishes()

    @property
    def must_be_kept_first(self) -> bool:
        """Nothing here has to be written down before it is done."""
        return False

    def tick(self, now: float) -> None:
        """Let time pass."""
        super().tick(now)
        if self.idle and self.trial and now >= self.trial.until:
            self.trial = None

    # --- the core's wishes -----------------------------------------------------------------------

    def perform(self, action: actions.Action, now: float) -> None:
        """Do what the core asks; events tell how it went."""
        self.now = now
        if self.lost:
            return  # LineLost has been said; there is no call left to work on
        if isinstance(action, actions.HangUp) and self.idle:
            self.emit(events.LineFree(self.name))
            return
        if isinstance(action, actions.ForgetRefusals):
            self.trust_flash()
            return
        if isinstance(action, actions.CheckDiversions):
            if self.started and self.idle and not self.scripts.call_is_running:
                self.scripts.start_call(analog_stars.arrange(self, action.erase))
            return
        script = analog_forward.script_for(self, action)
        if script is not None:
            self.scripts.start_call(script)

    def methods(self) -> tuple[str, ...]:
        """The ways to forward in the order they are to be tried: what this line ignored comes last."""
        if self.facts.voice is False or (self.facts.voice is None and self.facts.problem):
            return ()
        ours = [method for method in self.config.forward_by if method in METHODS]
        return tuple(sorted(ours, key=lambda method: method in self.facts.refused))

    def reconfigure(self, config: AnalogConfig, now: float) -> None:
        """Take new settings of the same modem: what was refused is tried again."""
        self.now = now
        self.config = config
        self.trust_flash()
        self.plan_stars(0.0)
        self.changed()

    def proved(self, when: str, works: bool, now: float) -> None:
        """A test call has shown that a diversion (always, busy, no_reply) stands, or that it does not."""
        self.now = now
        analog_stars.proved(self, when, works)
        self.plan_stars(0.0)

    def try_flashes(self, lengths: Sequence[int], now: float) -> list[tuple[int, str]]:
        """Try these lengths (ms) in one call from now on; none ends that. What followed each since last asked."""
        heard = self.trial.heard if self.trial else []
        self.trial = trial(lengths, now)
        return heard

    def recall(self, sim: str, methods: Collection[str]) -> None:
        """There is no SIM here that could have been refused anything."""

    def shut_down(self, now: float) -> None:
        """Release whatever is held."""
        self.now = now
        if not self.lost:
            self.scripts.start_call(analog_forward.shut_down(self))

    @property
    def takes_texts(self) -> bool:
        """An analog line sends none: landline texts have ended (telephony)."""
        return False

    @property
    def set_up_seconds(self) -> float:
        """A flash, a dial tone, ten digits; a mobile to be found; and the first ringback, which is heard only whole."""
        return SET_UP_SECONDS + (self.trial.seconds if self.trial else 0.0)

    @property
    def flash_ms(self) -> int:
        """How long a flash lasts here; in a guided test call, what is being tried."""
        return self.trial.flash_ms if self.trial else self.config.site.flash_ms

    @property
    def hears(self) -> bool:
        """The modem has a voice."""
        return self.started and bool(self.facts.voice)

    @property
    def imei(self) -> str | None:
        """What its make calls itself: an analog modem has no number of its own."""
        return self.facts.identity

    @property
    def sound_interface(self) -> int | None:
        """Its sound comes over the port of its commands."""
        return None

    def state(self) -> str:
        """The contract's word for the line's state."""
        if self.lost:
            return "down"
        if self.call.stage is Stage.RINGING:
            return "ringing"
        if self.call.stage not in (Stage.FREE, Stage.PROGRAMMING):
            return "in_call"
        if not self.started:
            return "down" if self.facts.problem else "starting"
        return "ready"

    def problem(self) -> str | None:
        """A code of core/problems for what is wrong, or None."""
        if self.lost or self.facts.problem:
            return self.lost or self.facts.problem
        if self.facts.voice is False:
            return "no_voice"
        return self.facts.refusal

    def shown(self) -> Shown:
        """What else there is to show."""
        facts = self.facts
        return Shown(
            registered=self.started and not self.lost,
            can=[method for method in self.methods() if method not in facts.refused],
            diversions=facts.diversions,
            notes=(["no_reply_off"] if self.config.safety_net and not self.config.no_reply_net else []) + facts.notes,
            model=facts.called,
        )

    # --- for the scripts -------------------------------------------------------------------------

    def emit(self, event: events.LineEvent) -> None:
        """Tell the core."""
        if isinstance(event, events.SoundOpened):
            self.voice.lent_for_bridge()
        super().emit(event)

    def wish(self, wish: SoundWish) -> None:
        """Ask the studio, which has the port."""
        self.voice.wish(wish)

    def opened(self, sends: bool = True, receives: bool = True) -> Part:
        """Whether the stream is open and goes these ways, having tried."""
        return analog_voice.opened(self, sends, receives)

    def refuse_flash(self, refusal: str) -> None:
        """The line does not do it: other methods go first until the settings change. refusal: a code of problems."""
        log.warning("%s: %s, after a flash of %d ms", self.name, refusal, self.flash_ms)
        self.facts.refused, self.facts.refusal = frozenset({"flash"}), refusal
        self.changed()

    def trust_flash(self) -> None:
        """Take it for possible again."""
        self.facts.refused, self.facts.refusal = frozenset(), None

    def start_up(self) -> Script:
        """As its script says."""
        return analog_startup.start_up(self)

    def ask_calls(self, urgent: bool = False) -> None:
        """There is no list of calls."""

    def set_up_done(self) -> None:
        """Start-up is through: calls can be taken."""
        self.started = True
        self.facts.problem = None
        self.plan_health()
        self.plan_stars(analog_stars.FIRST_AFTER)
        self.emit(events.LineReady(self.name, ringing=self.call.stage is Stage.RINGING))

    def stars_arranged(self, done: bool) -> None:
        """The star codes have been dialled, or not all of them."""
        pauses = analog_stars.AGAIN
        if not done:
            self._due["stars"] = self.now + pauses[min(self._stars_failed, len(pauses) - 1)]
        self._stars_failed = 0 if done else self._stars_failed + 1
        analog_stars.conclude(self)

    def plan_stars(self, after: float) -> None:
        """Dial star codes in so many seconds, if the network has to be told anything."""
        wanted = {(when, self.config.safety_net) for when in self.config.wanted_diversions}
        if self.started and wanted != {(one.when, one.to) for one in self.facts.told}:
            self._due["stars"] = self.now + after

    def plan_health(self) -> None:
        """Look after the modem again in a while."""
        self._due["health"] = self.now + analog_startup.HEALTH_EVERY

    # --- what the session says -------------------------------------------------------------------

    def _handle(self, news: list[SessionEvent]) -> None:
        for event in news:
            if isinstance(event, Done):
                self._on_reply(event.reply)
            elif isinstance(event, Urc):
                self._on_line(event.line)
            elif isinstance(event, Noticed):
                self._on_event(event.code)
            elif isinstance(event, Rebooted):
                log.warning("%s: the modem started anew (%s)", self.name, event.sign)
                self.restart("rebooted")
            elif isinstance(event, Hung):
                self.lose("hung")
            elif isinstance(event, Noise):
                log.warning("%s: dropped noise from the modem: %s", self.name, event.what)
            if self.lost:
                return

    def _on_reply(self, reply: Reply) -> None:
        if reply.result in (End.DROPPED, End.REBOOTED):
            return
        if reply.command.data:
            self.voice.on_reply(reply)
        self.scripts.on_reply(reply)

    def _on_line(self, line: str) -> None:
        if line == "RING" or line.startswith("RING "):  # with a cadence's letter, where several numbers ring (+VDR)
            self.call.on_ring()
        elif line == LINE_IN_USE:
            if self.call.stage is Stage.RINGING and not self.call.lifted:
                self.call.somebody_lifted(line)
        elif line.startswith("CONNECT"):
            self.session.interject(UNWEDGE + b"\r")  # of a command long given up: nobody wants the data
        else:
            for said in callerid.parse(line):
                self.call.on_caller_said(said)

    def _on_event(self, code: str) -> None:
        if code == RING_EVENT:
            self.call.on_ring()
        else:
            self.call.on_hook_event(code)

    def _run(self, errand: str) -> None:
        if errand == "stars":
            self.scripts.start_call(analog_stars.arrange(self))
        else:
            self.scripts.start_side(lambda: analog_startup.look_after(self))
