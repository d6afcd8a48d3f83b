"""What the settings say of an analog line, and what is known of its modem."""

from __future__ import annotations

from msgspec import Struct, field

from appliance.at.voice_profiles import GENERIC, VoiceProfile
from appliance.at.voice_replies import Format, Ways
from appliance.core.numbers import DialPlan
from appliance.core.settings import Site

METHODS = ("flash", "bridge")
"""Bridge: with another line, see appliance/patch."""


class AnalogConfig(Struct, frozen=True):
    """The settings. `country`: whose tones the line has. `safety_net`: where the network diverts to; `no_reply_net`:
    also on no reply, which would overtake a box that answers late. `our_numbers`: of line, business and targets.
    """

    name: str
    dial_plan: DialPlan
    country: str = "DE"
    forward_by: tuple[str, ...] = ("flash",)
    site: Site = field(default_factory=Site)
    safety_net: str | None = None
    no_reply_net: bool = False
    our_numbers: frozenset[str] = frozenset()

    @property
    def wanted_diversions(self) -> tuple[str, ...]:
        """The cases in which the safety net should take the call."""
        if self.safety_net is None:
            return ()
        return ("busy", "no_reply") if self.no_reply_net else ("busy",)


class Told(Struct, frozen=True):
    """A diversion the network was told of by star code. It answers in words only: `proven`: a test call has shown it.

    `to` is E.164.
    """

    when: str
    to: str
    proven: bool = False


class Diversion(Struct, frozen=True):
    """One diversion as `status` shows it."""

    when: str
    to: str | None
    confirmed: bool
    ours: bool


def identity(manufacturer: str, model: str, revision: str) -> str | None:
    """What tells this modem from one of another make: +GMI, +GMM and ATI3. There is no serial number."""
    said = [text.rpartition(": ")[2].strip(' "') for text in (manufacturer, model, revision)]
    return " ".join(filter(None, said)) or None


class AnalogFacts(Struct):
    """For `status` and the doctor. `problem`: a code of core/problems that start-up has met.

    `voice`: has one that can be used; None until it has been asked. `format_command`: what chooses `format`. `duplex`:
    takes +VTR; None until a call has tried it. `tells_in_use`: says LINE-IN-USE rather than lift beside a phone that is
    off the hook. `tells_caller`: caller IDs come; None until one has come, or calls without. `rings_in_voice`: it tells
    of rings in its voice class, too; None until it has. `refused`: ways to forward that this line does not go, and
    `refusal`: the code of core/problems for why.
    """

    profile: VoiceProfile = GENERIC
    manufacturer: str = ""
    model: str = ""
    identity: str | None = None
    voice: bool | None = None
    format: Format | None = None
    format_command: str = ""
    ways: Ways | None = None
    duplex: bool | None = None
    tells_in_use: bool = False
    tells_caller: bool | None = None
    told: tuple[Told, ...] = ()
    rings_in_voice: bool | None = None
    refused: frozenset[str] = frozenset()
    refusal: str | None = None
    problem: str | None = None

    @property
    def called(self) -> str | None:
        """Maker and model, as the modem has them."""
        if self.model.startswith(self.manufacturer):
            return self.model or None
        return f"{self.manufacturer} {self.model}".strip()

    @property
    def diversions(self) -> list[Diversion]:
        """Those the network was told of; one counts as confirmed once a test call has proved it."""
        return [Diversion(one.when, one.to, one.proven, ours=True) for one in self.told]

    @property
    def notes(self) -> list[str]:
        """Codes of core/problems that are worth knowing and keep nobody from calling."""
        notes = []
        if self.tells_caller is False:
            notes.append("no_caller_id")
        if self.told and not all(one.proven for one in self.told):
            notes.append("net_not_proven")
        return notes
