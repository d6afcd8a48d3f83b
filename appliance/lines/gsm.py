"""A GSM line: one module, from an open port to calls taken and texts sent.

It hands the module's lines to whom they concern, runs the scripts, and says how it is. Two scripts may run at once:
one for the call (answer, dial, join …), one on the side (start-up, health, diversions, a text). The session's
priorities see to it that the side never holds up the call.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection

from appliance.at import replies
from appliance.at.command import Command, End, Reply
from appliance.at.profiles import (
    BOOT_BANNERS,
    URC_PREFIXES,
    News,
    news_of,
)
from appliance.at.session import (
    BodyLeaving,
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
from appliance.core.numbers import normalise
from appliance.core.sound import SoundEvent, SoundWish
from appliance.lines import gsm_clock, gsm_diversions, gsm_forward, gsm_inbox, gsm_startup, gsm_texts, gsm_voice
from appliance.lines.driver import Shown
from appliance.lines.gsm_call import GsmCall, Stage
from appliance.lines.gsm_facts import METHODS, Facts, GsmConfig
from appliance.lines.modem import ModemLine
from appliance.lines.scripts import Script

log = logging.getLogger(__name__)

SET_UP_SECONDS = 12.0
INBOX_AFTER = 5.0
"""Seconds after start-up: texts that came while the box was off can wait for a call that could not."""
_HEX = re.compile(r"[0-9A-Fa-f]{10,}")


ERRANDS: dict[str, Callable[[GsmLine], Script]] = {
    "diversions": gsm_diversions.check,
    "inbox": gsm_inbox.fetch,
    "health": gsm_startup.look_after,
}
"""What it does by itself while nothing else is to be done, the most pressing first."""


class GsmLine(ModemLine):
    """Sans-I/O: bytes, actions and the time in; bytes and events out."""

    kind = "gsm"
    facts: Facts
    call: GsmCall
    voice: gsm_voice.GsmVoice

    def __init__(
        self,
        config: GsmConfig,
        pins_tried: Collection[str] = (),
    ) -> None:
        """pins_tried: PINs of this line that must not be tried again."""
        super().__init__(config.name, Session(BOOT_BANNERS, URC_PREFIXES), tuple(ERRANDS))
        self.config = config
        self.facts = Facts()
        self.pins_tried = set(pins_tried)
        self.health_count = 0
        self.net_tries = 0
        self.last_text: tuple[Command, str, bool] | None = None
        """The text command last sent, its text's uid, and whether it was the last part."""
        self.last_reference: int | None = None
        self.handed_on: dict[int, str] = {}
        """Texts that whoever keeps them was given and the module still has: index → PDU."""
        self._pdu_follows: Callable[[GsmLine, str], None] | None = None
        self.call = GsmCall(self)
        self.voice = gsm_voice.GsmVoice(self)

    # --- the outside: port and time --------------------------------------------------------------

    @property
    def must_be_kept_first(self) -> bool:
        """Something has to be written down before the next bytes leave: a PIN tried, the body of a text."""
        return any(isinstance(event, events.PinTried | events.TextLeaving) for event in self._events)

    # --- sound -----------------------------------------------------------------------------------

    @property
    def imei(self) -> str | None:
        """What names this very module."""
        return self.facts.imei

    @property
    def sound_interface(self) -> int | None:
        """The USB interface of its sound, as its family has it."""
        return self.facts.profile.sound.interface if self.facts.profile.sound else None

    @property
    def set_up_seconds(self) -> float:
        """A network needs up to 10 s to find a mobile."""
        return SET_UP_SECONDS

    @property
    def hears(self) -> bool:
        """Its family gives its sound, or somebody has named the port where it does."""
        return self.started and (self.facts.profile.sound is not None or self.config.audio_port != "auto")

    def hear(self, event: SoundEvent, now: float) -> None:
        """The studio says something of the stream."""
        self.now = now
        self.voice.hear(event)

    def take_wishes(self) -> list[SoundWish]:
        """What the studio should do."""
        return self.voice.take_wishes()

    # --- the core's wishes -----------------------------------------------------------------------

    def perform(self, action: actions.Action, now: float) -> None:
        """Do what the core asks; events tell how it went."""
        self.now = now
        if isinstance(action, actions.SendText):
            self.scripts.start_side(lambda: gsm_texts.send(self, action), survives=True)
        elif isinstance(action, actions.AskNetwork):
            # the answer comes as a URC, when the network has it (27.007 7.15)
            self.session.submit(Command(f'AT+CUSD=1,"{action.code}",15', limit=15.0), now)
        elif isinstance(action, actions.CheckDiversions):
            script = gsm_diversions.erase_all if action.erase else gsm_diversions.check
            self.scripts.start_side(lambda: script(self))
        elif isinstance(action, actions.ForgetRefusals):
            self.facts.refusals.clear()
        elif isinstance(action, actions.AskTime):
            self.scripts.start_side(lambda: gsm_clock.ask(self))
        elif isinstance(action, actions.DeleteTexts):
            self.scripts.start_side(lambda: gsm_inbox.delete(self, action.indexes))
        elif self.lost:
            pass  # LineLost has been said; there is no call left to work on
        elif isinstance(action, actions.HangUp) and not self.call.legs.all and self.call.stage is not Stage.RELEASING:
            if self.call.stage not in (Stage.FREE, Stage.RINGING):  # else it is free, and perhaps rings anew
                self.call.free()
        else:
            self.scripts.start_call(gsm_voice.script_for(self, action) or gsm_forward.script_for(self, action))

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
            self.scripts.start_side(self.start_up)
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
        under_way = self.scripts.call_is_running  # an ATA may be on its way: then what rings is ours, too
        self.scripts.start_call(gsm_forward.shut_down(self, under_way))

    @property
    def takes_texts(self) -> bool:
        """Started, without a call, and in a network that takes texts."""
        return self.started and self.idle and (self.facts.registered or self.facts.texts_only)

    def state(self) -> str:
        """The contract's word for the line's state."""
        if self.lost:
            return "down"
        if self.call.stage is Stage.RINGING:
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

    def shown(self) -> Shown:
        """What else there is to show."""
        facts = self.facts
        return Shown(
            operator=facts.operator,
            registered=facts.registered and not self.lost,
            signal_dbm=facts.signal_dbm,
            sim=facts.sim,
            can=[method for method in self.methods() if method not in facts.refused],
            diversions=facts.diversions,
            notes=["no_reply_off"] if self.config.safety_net and not self.config.no_reply_net else [],
            model=f"{facts.manufacturer} {facts.model}".strip() or None,
        )

    # --- for the scripts -------------------------------------------------------------------------

    def start_up(self) -> Script:
        """As its script says."""
        return gsm_startup.start_up(self)

    def ask_calls(self, urgent: bool = False) -> None:
        """Ask +CLCC now (see GsmCall)."""
        self.call.ask_calls(urgent)

    def e164(self, number: str | None, number_type: int | None) -> str | None:
        """A number as the network wrote it, as E.164 where it is one."""
        return normalise(number, number_type, self.config.dial_plan) if number else None

    def set_up_done(self) -> None:
        """Start-up is through: calls can be taken."""
        self.started = True
        self.facts.problem = None
        self.plan_health()
        self._due["diversions"] = self.now + gsm_diversions.FIRST_AFTER
        self._due["inbox"] = self.now + INBOX_AFTER
        self.emit(events.LineReady(self.name, ringing=self.call.stage is Stage.RINGING))

    def plan_health(self) -> None:
        """Look after the modem again in a while."""
        self._due["health"] = self.now + gsm_startup.HEALTH_EVERY

    def fetch_texts(self) -> None:
        """Look for texts that came, as soon as there is no call."""
        self._due["inbox"] = self.now

    def plan_diversions(self, after: float) -> None:
        """Check the safety net again in so many seconds."""
        self._due["diversions"] = self.now + after

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
            elif isinstance(event, BodyLeaving):
                gsm_texts.leaving(self, event.command)
            elif isinstance(event, LateText):
                self._on_late_text(event.command, True)
            elif isinstance(event, LateTextFailed):
                self._on_late_text(event.reply.command, False)
            elif isinstance(event, Rebooted):
                self._on_reboot(event.sign)
            elif isinstance(event, Hung):
                self.lose("hung")
            elif isinstance(event, Noise):
                log.warning("%s: dropped noise from the modem: %s", self.name, event.what)
            if self.lost:
                return

    def _on_reply(self, reply: Reply) -> None:
        if reply.result == End.DROPPED or reply.result == End.REBOOTED:
            return
        if not self.call.on_reply(reply):
            self.scripts.on_reply(reply)

    def _on_urc(self, line: str) -> None:
        follows, self._pdu_follows = self._pdu_follows, None
        if follows and _HEX.fullmatch(line):
            follows(self, line)
            return
        news = news_of(line)
        if news is News.RING:
            self.call.on_ring()
        elif news is News.CALLER_ID:
            self.call.on_caller_id(replies.clip(line))
        elif news is News.WAITING:
            self.call.on_waiting(replies.ccwa(line))
        elif news is News.CALL_CHANGED:
            self.call.on_changed(line)
        elif news is News.REGISTRATION and line.startswith("+CREG:"):
            if self.facts.note_registration(replies.registration(line), self.facts.ims_voice, self.now):
                self.changed()
        elif news is News.NETWORK_SAYS:
            if text := replies.ussd_text(line):
                self.emit(events.NetworkAnswer(self.name, text))
        elif news in (News.TEXT_CAME, News.STORAGE_FULL):
            self.fetch_texts()
        elif news is News.TEXT_FOLLOWS:
            self._pdu_follows = gsm_inbox.arrived_at_once
        elif news is News.REPORT_FOLLOWS:
            self._pdu_follows = gsm_inbox.report
        elif news is News.DIGIT:
            self.voice.pressed(line)
        elif news is News.SIM:
            gsm_startup.sim_changed(self, line)

    def _on_late_text(self, command: Command, sent: bool) -> None:
        if not self.scripts.on_late_text(command, sent) and sent:
            gsm_texts.late(self, command)

    def _on_reboot(self, sign: str) -> None:
        log.warning("%s: the modem started anew (%s)", self.name, sign)
        self.restart("rebooted")

    def _run(self, errand: str) -> None:
        self.scripts.start_side(lambda: ERRANDS[errand](self))

    def _forget(self, now: float) -> None:
        """Back to nothing: whatever the modem was told is gone."""
        super()._forget(now)
        self._pdu_follows = None
