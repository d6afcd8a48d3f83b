"""What the settings say of a GSM line, and what is known of its modem, SIM and network."""

from __future__ import annotations

from msgspec import Struct, field

from appliance.at.profiles import GENERIC, Profile
from appliance.core.numbers import DialPlan
from appliance.lines.gsm_diversions import Diversion

METHODS = ("deflect", "transfer", "conference", "bridge")
REGISTER_WITHIN = 30.0
"""Seconds a module may look for a network before its owner is told."""


class GsmConfig(Struct, frozen=True):
    """The settings. `safety_net`: where the network diverts to; `no_reply_net`: also on no reply (CFNRy).

    `audio_port`: where its sound is, or "auto".
    """

    name: str
    dial_plan: DialPlan
    pin: str | None = None
    forward_by: tuple[str, ...] = ("transfer", "conference")
    safety_net: str | None = None
    no_reply_net: bool = False
    our_numbers: frozenset[str] = frozenset()
    audio_port: str = "auto"

    @property
    def wanted_diversions(self) -> tuple[str, ...]:
        """The cases in which the safety net should take the call."""
        if self.safety_net is None:
            return ()
        return ("busy", "no_reply", "unreachable") if self.no_reply_net else ("busy", "unreachable")


class Facts(Struct):
    """For `status` and the doctor. `problem`: a code of core/problems that start-up has met.

    `registration`: stat of +CREG. `module_methods`: what AT+CHLD=? names, None where it does not say.
    `refusals`: what the network refused, by IMSI. `net_confirmed`: None without a safety net or before its check.
    """

    profile: Profile = GENERIC
    manufacturer: str = ""
    model: str = ""
    imei: str | None = None
    imsi: str | None = None
    sim: str = "unknown"
    pin_tries: int | None = None
    operator: str | None = None
    technology: int | None = None
    registration: int | None = None
    ims_voice: bool = False
    unregistered_since: float | None = None
    signal_dbm: int | None = None
    module_methods: frozenset[str] | None = None
    refusals: dict[str, set[str]] = field(default_factory=dict)
    diversions: list[Diversion] = field(default_factory=list)
    net_confirmed: bool | None = None
    problem: str | None = None

    @property
    def registered(self) -> bool:
        """For voice (27.007 7.2: 1 home, 5 roaming; or voice over IMS, 8.71)."""
        return self.registration in (1, 5) or self.ims_voice

    @property
    def texts_only(self) -> bool:
        """27.007 7.2: 6 and 7, registered for texts and nothing else."""
        return not self.registered and self.registration in (6, 7)

    def note_registration(self, stat: int | None, ims_voice: bool, now: float) -> bool:
        """Take what the modem says of the network; says whether that is news."""
        before = (self.registration, self.ims_voice)
        self.registration, self.ims_voice = stat, ims_voice
        if self.registered:
            self.unregistered_since = None
        elif self.unregistered_since is None:
            self.unregistered_since = now
        return before != (stat, ims_voice)

    def without_network(self, now: float) -> bool:
        """Not registered for voice, and not just for a moment."""
        return self.unregistered_since is not None and now >= self.unregistered_since + REGISTER_WITHIN

    @property
    def refused(self) -> set[str]:
        """Methods that the module lacks or that the network refused this SIM."""
        refused = set(self.refusals.get(self.imsi or "", ()))
        if self.module_methods is not None:
            refused |= {"transfer", "conference"} - self.module_methods
        return refused

    @property
    def diverted_always(self) -> bool:
        """Somebody else's diversion takes every call before it can come here."""
        return any(one.when == "always" and one.confirmed and not one.ours for one in self.diversions)
