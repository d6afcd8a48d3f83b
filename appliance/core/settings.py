"""The settings as typed, frozen structs: the whole settings file of the contract, checked and normalised.

Numbers are E.164, times are local to `business.timezone`, names have been resolved. `settings_check` makes them from a
file; the store keeps them as JSON, with the dial plan, so that reading them back needs no library but msgspec.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

import msgspec

from appliance.core.errors import UserError
from appliance.core.numbers import DialPlan

Language = Literal["de", "en"]
Kind = Literal["gsm", "analog"]
Otherwise = Literal["hang-up", "announce", "voicemail"]
Missed = Literal["at-once", "digest", "both", "off"]
Blocked = Literal["ignore", "hang-up"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
KINDS: tuple[Kind, ...] = get_args(Kind)
OTHERWISE: tuple[Otherwise, ...] = get_args(Otherwise)
MISSED: tuple[Missed, ...] = get_args(Missed)
BLOCKED_RULES: tuple[Blocked, ...] = get_args(Blocked)
GSM_METHODS = ("deflect", "transfer", "conference", "bridge")
ANALOG_METHODS = ("flash", "bridge")
SITES = ("fritzbox", "speedport", "pbx", "exchange")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ON_CALL = "on-call"
"""In a chain: whoever the roster names."""
BLOCKED = "blocked"
"""The group of callers, or the withheld rule, that is never forwarded."""
NOT_IN_FILE = frozenset(["dial_plan", "public_holidays"])
"""Fields that the settings file does not have."""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of every table of the file; what was left out has the contract's default."""


class Business(Table, frozen=True, kw_only=True):
    """Whose box it is. `numbers`: further numbers of the business, never dialled. `region`: of the public holidays;
    `local_holidays`: those of the region that only some municipalities have, words of `public_holidays.LOCAL`."""

    name: str = ""
    language: Language = "de"
    timezone: str = "Europe/Berlin"
    country: str = "DE"
    region: str | None = None
    local_holidays: tuple[str, ...] = ()
    owner_mobile: str
    numbers: tuple[str, ...] = ()


class Site(Table, frozen=True, kw_only=True):
    """What is behind an analog line, for hook-flash: `flash_ms`, what completes a transfer, what fetches back.

    `blind`: the call is handed on as soon as the target rings, where it can't be heard when he answers.
    """

    flash_ms: int = 90
    complete: str = "on-hook"
    fetch_back: str = "flash 1"
    prefix: str = ""
    blind: bool = False


class Line(Table, frozen=True, kw_only=True):
    """A line and its modem. `number`: its own, the loop guard. `safety_net`: a target the network diverts to.

    `max_call_minutes`: a call that the line itself carries (conference, bridge) ends after this. `audio_port`: where a
    GSM module gives its sound; "auto": another interface of the same stick, as its profile says.
    """

    name: str
    kind: Kind
    port: str = "auto"
    baudrate: int = 115200
    number: str | None = None
    pin: str | None = None
    forward_by: tuple[str, ...]
    site: str | Site | None = None
    bridge_over: str | None = None
    safety_net: str | None = None
    max_call_minutes: int = 60
    audio_port: str = "auto"


class Target(Table, frozen=True, kw_only=True):
    """A human to forward to. `ring_seconds`: then the next one. `confirm`: must press 1 first.

    `brief`: gets a text saying who calls, before or as the call comes. `tariff_ct`: what a minute to him costs, in ct.
    """

    name: str
    number: str
    ring_seconds: int = 25
    confirm: bool = False
    brief: bool = False
    tariff_ct: float = 0.0


class Plan(Table, frozen=True, kw_only=True):
    """What is done with a call: after how many rings, who is tried in which order, what if nobody can."""

    name: str
    answer_after_rings: int = 4
    chain: tuple[str, ...] = ()
    otherwise: Otherwise = "hang-up"


class Slot(Table, frozen=True, kw_only=True):
    """A plan on weekdays (those it begins on) from a time to a time; `to` <= `from_` means the next day."""

    days: tuple[str, ...]
    from_: dt.time = msgspec.field(name="from")
    to: dt.time
    plan: str


class Timetable(Table, frozen=True, kw_only=True):
    """Which plan when. `otherwise` outside all slots; `away` is the plan that "away" means."""

    otherwise: str
    away: str | None = None
    slot: tuple[Slot, ...] = ()


class Closure(Table, frozen=True, kw_only=True):
    """Days, both inclusive, on which another plan applies."""

    name: str = ""
    from_: dt.date = msgspec.field(name="from")
    to: dt.date
    plan: str


class Holidays(Table, frozen=True, kw_only=True):
    """The plan on public holidays of business.region."""

    plan: str


class Shift(Table, frozen=True, kw_only=True):
    """A target is on call from one local time to another, again every `repeat_weeks` weeks if given."""

    target: str
    from_: dt.datetime = msgspec.field(name="from")
    to: dt.datetime
    repeat_weeks: int | None = None


class Caller(Table, frozen=True, kw_only=True):
    """A known caller: a number as `normalise` gives it, or a prefix of such numbers followed by `*`."""

    number: str
    name: str = ""
    group: str = ""
    plan: str | None = None


class Callers(Table, frozen=True, kw_only=True):
    """Rules for callers. `withheld`: a plan or "blocked". `blocked`: None leaves it to the line's safety net."""

    withheld: str | None = None
    blocked: Blocked | None = None


class Quiet(Table, frozen=True, kw_only=True):
    """No texts from a time to a time; `to` <= `from_` means the next day."""

    from_: dt.time = msgspec.field(name="from")
    to: dt.time


class Messages(Table, frozen=True, kw_only=True):
    """The texts. `over`: the line that sends them, None the first gsm line. `keep_days`: of call records.

    `reply_text`: the owner's own wording for callers who were missed. `escalate_minutes`: an unacknowledged call of
    the night goes to the next on the roster after this.
    """

    missed: Missed = "at-once"
    over: str | None = None
    command_code: str | None = None
    digest_at: tuple[dt.time, ...] = (dt.time(12), dt.time(17))
    quiet: Quiet | None = None
    at_most_per_day: int = 40
    reply_to_caller: bool = False
    reply_text: str | None = None
    escalate_minutes: int | None = None
    keep_days: int = 90


class Costs(Table, frozen=True, kw_only=True):
    """What it costs, to count and to cap. `text_ct`: one text, in ct. `cap_plan`: the plan from the monthly cap on.

    `balance_ussd`: the code that asks a prepaid card's balance ("*100#"); below `balance_warn_eur` the owner is told.
    `card_expires`: the last day of a prepaid card, before which he is reminded.
    """

    text_ct: float = 7.0
    monthly_cap_eur: float | None = None
    cap_plan: str | None = None
    balance_ussd: str | None = None
    balance_warn_eur: float | None = None
    card_expires: dt.date | None = None


class Voice(Table, frozen=True, kw_only=True):
    """What a line with a voice says, None the standard sentence; a WAV of the owner's own goes before either.

    `hold`: what a caller hears while a target is called, "tone" or a sentence. `message_seconds`: the most a caller
    may speak.
    """

    announcement: str | None = None
    voicemail: str | None = None
    hold: str = "tone"
    message_seconds: int = 120


class Guard(Table, frozen=True, kw_only=True):
    """Against bills run up by callers. `forwards_per_hour`: how often one caller is forwarded."""

    forwards_per_hour: int = 6


class Email(Table, frozen=True, kw_only=True):
    """Where alarms and summaries go by e-mail, and through which server."""

    to: str
    host: str
    port: int = 587
    user: str = ""
    password: str = ""


class Notify(Table, frozen=True, kw_only=True):
    """A second way for alarms and summaries, over the network."""

    email: Email | None = None
    webhook: str | None = None


class Wifi(Table, frozen=True, kw_only=True):
    """The network the box joins. `password`: None for an open one."""

    ssid: str
    password: str | None = None
    hidden: bool = False


class Box(Table, frozen=True, kw_only=True):
    """The appliance itself, read at its first boot. `timezone`: None is that of the business.

    `web_password_hash`: the page's password, argon2id in PHC form; `setup_code`: what the page asks for where there is
    none yet. `ssh_key`: who may log in as "installer" over SSH, which is off without it.
    """

    hostname: str = "rufweiche"
    wifi: Wifi | None = None
    timezone: str | None = None
    web_password_hash: str | None = None
    setup_code: str | None = None
    ssh_key: str | None = None


class FrontPanel(Table, frozen=True, kw_only=True):
    """Which pins of the Raspberry Pi (numbers of the chip, BCM) the lights, the button and a buzzer are at.

    The button closes to ground. `enabled` False: nothing is done with any pin.
    """

    enabled: bool = True
    ready_led: int = 17
    call_led: int = 27
    button: int = 22
    buzzer: int | None = None


class Settings(Table, frozen=True, kw_only=True):
    """Everything. The names of lists are those of the file's tables. `dial_plan` is that of business.country.

    `public_holidays`: day → name, those on which [holidays] applies; see `core/public_holidays`.
    """

    business: Business
    line: tuple[Line, ...]
    target: tuple[Target, ...] = ()
    plan: tuple[Plan, ...]
    timetable: Timetable
    closure: tuple[Closure, ...] = ()
    holidays: Holidays | None = None
    roster: tuple[Shift, ...] = ()
    caller: tuple[Caller, ...] = ()
    callers: Callers = Callers()
    messages: Messages = Messages()
    costs: Costs = Costs()
    voice: Voice = Voice()
    guard: Guard = Guard()
    notify: Notify = Notify()
    box: Box = Box()
    panel: FrontPanel = FrontPanel()
    dial_plan: DialPlan
    public_holidays: dict[dt.date, str] = {}

    def line_named(self, name: str) -> Line | None:
        """The line of this name."""
        return next((line for line in self.line if line.name == name), None)

    def plan_named(self, name: str) -> Plan | None:
        """The plan of this name."""
        return next((plan for plan in self.plan if plan.name == name), None)

    def target_named(self, name: str) -> Target | None:
        """The target of this name."""
        return next((target for target in self.target if target.name == name), None)

    def texting_line(self) -> Line | None:
        """The line whose modem sends texts, None if there is none."""
        if self.messages.over is not None:
            return self.line_named(self.messages.over)
        return next((line for line in self.line if line.kind == "gsm"), None)

    def own_numbers(self) -> tuple[str, ...]:
        """Numbers that lead back to this box: never dialled."""
        return own_numbers(self.line, self.business)


def own_numbers(lines: tuple[Line, ...], business: Business | None) -> tuple[str, ...]:
    """The numbers of the lines and of the business, E.164."""
    further = business.numbers if business else ()
    return tuple(line.number for line in lines if line.number) + further


_STORED = msgspec.json.Decoder(Settings)
"""Made once, here: where several threads have it made at the same time, msgspec (0.22) ends the process."""


def to_json(settings: Settings) -> bytes:
    """The form the store keeps."""
    return msgspec.json.encode(settings)


def from_json(stored: bytes) -> Settings:
    """The settings the store kept. Raises UserError if they are not ours or are damaged."""
    try:
        return _STORED.decode(stored)
    except msgspec.MsgspecError as error:
        raise UserError(f"the stored settings cannot be read ({error}): provision them again") from error
