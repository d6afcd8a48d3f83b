"""Each table of the settings file, value by value: what it may hold and which struct it becomes."""

from __future__ import annotations

import datetime as dt
import re

from appliance.core import dialable, public_holidays, settings_box, settings_business, textcommands
from appliance.core.dialable import Refusal
from appliance.core.numbers import DialPlan, as_written, prefix_as_written
from appliance.core.settings import (
    ANALOG_METHODS,
    BLOCKED_RULES,
    DAYS,
    GSM_METHODS,
    KINDS,
    MISSED,
    OTHERWISE,
    SITES,
    Box,
    Business,
    Caller,
    Callers,
    Closure,
    Costs,
    Email,
    FrontPanel,
    Guard,
    Holidays,
    Line,
    Messages,
    Notify,
    Plan,
    Quiet,
    Settings,
    Shift,
    Site,
    Slot,
    Target,
    Timetable,
    Voice,
)
from appliance.core.settings_box import LABEL
from appliance.core.settings_reader import Reader

BAUDRATES = (2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
MAILBOX_SECONDS = 15
"""A mobile that rings longer is likely to be answered by its mailbox."""

_FLASH = re.compile(r"flash( [0-9*#]{1,4})?")
_CODE = re.compile(r"[0-9*#]{1,8}")
_HOST = re.compile(rf"{LABEL.pattern}(\.{LABEL.pattern})*")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")
_NO_TIME = dt.datetime(1, 1, 1)  # noqa: DTZ001 - local times have no zone; stands for one that was wrong


def read(file: Reader) -> Settings:
    """The whole file. Where a mistake was noted the result is good for nothing but further checks."""
    about = file.table("business", Business, required=True)
    country = settings_business.country(about)
    plan = dialable.dial_plan(country)
    numbers = settings_business.own_numbers(about, country)
    lines = tuple(_line(reader, country) for reader in file.tables("line", Line, required=True))
    own = (*(line.number for line in lines if line.number), *numbers)
    timetable = file.table("timetable", Timetable, required=True)
    holidays = file.table("holidays", Holidays)
    callers = file.table("callers", Callers)
    costs = file.table("costs", Costs)
    guard = file.table("guard", Guard)
    messages = file.table("messages", Messages)
    voice = file.table("voice", Voice)
    notify = file.table("notify", Notify)
    box = file.table("box", Box)
    panel = file.table("panel", FrontPanel)
    business = settings_business.business(about, country, numbers, own)
    return Settings(
        business=business,
        line=lines,
        target=tuple(_target(reader, country, own) for reader in file.tables("target", Target)),
        plan=tuple(_plan(reader) for reader in file.tables("plan", Plan, required=True)),
        timetable=_timetable(timetable) if timetable else Timetable(otherwise=""),
        closure=tuple(_closure(reader) for reader in file.tables("closure", Closure)),
        holidays=Holidays(plan=holidays.text("plan")) if holidays else None,
        roster=tuple(_shift(reader) for reader in file.tables("roster", Shift)),
        caller=tuple(_caller(reader, plan) for reader in file.tables("caller", Caller)),
        callers=_callers(callers) if callers else Callers(),
        messages=_messages(messages) if messages else Messages(),
        costs=_costs(costs) if costs else Costs(),
        voice=_voice(voice) if voice else Voice(),
        guard=Guard(forwards_per_hour=guard.whole("forwards_per_hour", 6, 1, 100)) if guard else Guard(),
        notify=_notify(notify) if notify else Notify(),
        box=settings_box.box(box) if box else Box(),
        panel=settings_box.panel(panel) if panel else FrontPanel(),
        dial_plan=plan,
        public_holidays=public_holidays.of(business) if holidays else {},
    )


# --- [[line]], [[target]], [[plan]] ------------------------------------------------------------


def _line(reader: Reader, country: str) -> Line:
    kind = reader.choice("kind", KINDS)
    methods, default = (GSM_METHODS, ("transfer", "conference")) if kind == "gsm" else (ANALOG_METHODS, ("flash",))
    forward_by = _forward_by(reader, kind, methods, default) if reader.raw("kind") == kind else default
    written = reader.optional_text("number")
    return Line(
        name=reader.text("name"),
        kind=kind,
        port=_port(reader),
        baudrate=_baudrate(reader),
        number=settings_business.own_number(reader, "number", written, country) if written else None,
        pin=_pin(reader, kind),
        forward_by=forward_by,
        site=_site(reader, kind),
        bridge_over=reader.optional_text("bridge_over"),
        safety_net=reader.optional_text("safety_net"),
        max_call_minutes=reader.whole("max_call_minutes", 60, 1, 600),
        audio_port=_port(reader, "audio_port"),
    )


def _forward_by(reader: Reader, kind: str, methods: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    elsewhere = tuple(method for method in (*GSM_METHODS, *ANALOG_METHODS) if method not in methods)
    chosen = reader.words("forward_by", (*methods, *elsewhere), default)
    for method in chosen:
        if method in elsewhere:
            reader.mistake("forward_by", "method", value=method, kind=kind, allowed=", ".join(methods))
    return chosen


def _port(reader: Reader, key: str = "port") -> str:
    port = reader.text(key, "auto", longest=255)
    if port and port != "auto" and not port.startswith("/"):
        reader.mistake(key, "port")
    return port


def _baudrate(reader: Reader) -> int:
    rate = reader.whole("baudrate", 115200, BAUDRATES[0], BAUDRATES[-1])
    if rate not in BAUDRATES:
        reader.mistake("baudrate", "not_choice", value=rate, allowed=", ".join(map(str, BAUDRATES)))
    return rate


def _pin(reader: Reader, kind: str) -> str | None:
    if not reader.has("pin"):
        return None
    if kind != "gsm":
        reader.warning("pin", "warn_unused", kind=kind)
    pin = reader.raw("pin")
    if not isinstance(pin, str) or (pin and not re.fullmatch(r"[0-9]{4,8}", pin)):
        reader.mistake("pin", "pin")
    return str(pin) or None


def _site(reader: Reader, kind: str) -> str | Site | None:
    if not reader.has("site"):
        return None
    if kind != "analog":
        reader.warning("site", "warn_unused", kind=kind)
    if not isinstance(reader.raw("site"), dict):
        return reader.choice("site", SITES)
    table = reader.table("site", Site)
    if table is None:
        return None
    complete, fetch_back = table.text("complete", "on-hook"), table.text("fetch_back", "flash 1")
    if complete and complete != "on-hook" and not (_FLASH.fullmatch(complete) or _CODE.fullmatch(complete)):
        table.mistake("complete", "site_complete")
    if fetch_back and not _FLASH.fullmatch(fetch_back):
        table.mistake("fetch_back", "site_fetch_back")
    prefix = table.text("prefix", "")
    if not re.fullmatch(r"[0-9]{0,4}", prefix):
        table.mistake("prefix", "site_prefix")
    return Site(
        flash_ms=table.whole("flash_ms", 90, 50, 500),
        complete=complete,
        fetch_back=fetch_back,
        prefix=prefix,
        blind=table.yes_no("blind", False),
    )


def _target(reader: Reader, country: str, own: tuple[str, ...]) -> Target:
    written = reader.text("number")
    number = dialable.target_number(written, country, own) if written else ""
    if isinstance(number, Refusal):
        reader.mistake("number", number.value)
        number = ""
    seconds = reader.whole("ring_seconds", 25, 3, 120)
    if number and seconds > MAILBOX_SECONDS and dialable.is_mobile(number):
        reader.warning("ring_seconds", "warn_mobile_rings", value=seconds)
    return Target(
        name=reader.text("name"),
        number=number,
        ring_seconds=seconds,
        confirm=reader.yes_no("confirm", False),
        brief=reader.yes_no("brief", False),
        tariff_ct=reader.amount("tariff_ct", 0.0, 1000),
    )


def _plan(reader: Reader) -> Plan:
    return Plan(
        name=reader.text("name"),
        answer_after_rings=reader.whole("answer_after_rings", 4, 1, 20),
        chain=reader.texts("chain", (), "desk"),
        otherwise=reader.choice("otherwise", OTHERWISE, "hang-up"),
    )


# --- when --------------------------------------------------------------------------------------


def _timetable(reader: Reader) -> Timetable:
    return Timetable(
        otherwise=reader.text("otherwise"),
        away=reader.optional_text("away"),
        slot=tuple(_slot(slot) for slot in reader.tables("slot", Slot)),
    )


def _slot(reader: Reader) -> Slot:
    if str(reader.raw("from")).strip() == "24:00":  # the day's first minute, or its last? The days are of the begin
        reader.mistake("from", "midnight_begins")
    return Slot(
        days=reader.words("days", DAYS), from_=reader.clock("from"), to=reader.clock("to"), plan=reader.text("plan")
    )


def _closure(reader: Reader) -> Closure:
    first, last = reader.day("from"), reader.day("to")
    if first and last and last < first:
        reader.mistake("to", "from_after_to")
    name, plan = reader.text("name", ""), reader.text("plan")
    return Closure(name=name, from_=first or dt.date.min, to=last or dt.date.min, plan=plan)


def _shift(reader: Reader) -> Shift:
    start, end = reader.moment("from"), reader.moment("to")
    weeks = reader.whole("repeat_weeks", 1, 1, 52) if reader.has("repeat_weeks") else None
    if start and end and end <= start:
        reader.mistake("to", "no_duration" if end == start else "from_after_to")
    elif start and end and weeks and end - start > dt.timedelta(weeks=weeks):
        reader.mistake("repeat_weeks", "repeats_into_itself", weeks=weeks)
    return Shift(target=reader.text("target"), from_=start or _NO_TIME, to=end or _NO_TIME, repeat_weeks=weeks)


# --- who calls, what is sent, the box ----------------------------------------------------------


def _caller(reader: Reader, plan: DialPlan) -> Caller:
    written = reader.text("number")
    prefix = prefix_as_written(written[:-1], plan) if written.endswith("*") else None
    number = f"{prefix}*" if prefix else as_written(written, plan)
    if written and (number is None or (prefix is None and written.endswith("*"))):
        reader.mistake("number", "bad_prefix" if written.endswith("*") else "not_a_number")
    elif number and "*" in number[:-1].lstrip("*#").rstrip("*"):  # "**611" is an extension of a router
        reader.mistake("number", "star_within")
    return Caller(
        number=number or "",
        name=reader.text("name", ""),
        group=reader.text("group", ""),
        plan=reader.optional_text("plan"),
    )


def _callers(reader: Reader) -> Callers:
    return Callers(
        withheld=reader.optional_text("withheld"),
        blocked=reader.choice("blocked", BLOCKED_RULES) if reader.has("blocked") else None,
    )


def _messages(reader: Reader) -> Messages:
    code = reader.optional_text("command_code")
    if code and not (re.fullmatch(r"\S{3,20}", code) and textcommands.words_of(code)):
        reader.mistake("command_code", "command_code")
    quiet = reader.table("quiet", Quiet)
    return Messages(
        missed=reader.choice("missed", MISSED, "at-once"),
        over=reader.optional_text("over"),
        command_code=code,
        digest_at=reader.clocks("digest_at", Messages().digest_at),
        quiet=_quiet(quiet) if quiet else None,
        at_most_per_day=reader.whole("at_most_per_day", 40, 1, 1000),
        reply_to_caller=reader.yes_no("reply_to_caller", False),
        reply_text=reader.optional_text("reply_text", longest=300),
        escalate_minutes=reader.optional_whole("escalate_minutes", 1, 720),
        keep_days=reader.whole("keep_days", 90, 1, 3650),
    )


def _quiet(reader: Reader) -> Quiet:
    quiet = Quiet(from_=reader.clock("from"), to=reader.clock("to"))
    if reader.has("from") and reader.has("to") and quiet.from_ == quiet.to:
        reader.mistake("to", "no_duration")
    return quiet


def _costs(reader: Reader) -> Costs:
    code = reader.optional_text("balance_ussd")
    if code and not re.fullmatch(r"[*#][0-9*#]{1,30}#", code):
        reader.mistake("balance_ussd", "ussd")
    if reader.has("balance_warn_eur") and not reader.has("balance_ussd"):
        reader.warning("balance_warn_eur", "warn_balance")
    cap, plan = reader.optional_amount("monthly_cap_eur", 100_000), reader.optional_text("cap_plan")
    if reader.has("monthly_cap_eur") and not reader.has("cap_plan"):
        reader.mistake("cap_plan", "cap_needs_plan")
    elif plan and not reader.has("monthly_cap_eur"):
        reader.warning("cap_plan", "warn_cap_unused")
    return Costs(
        text_ct=reader.amount("text_ct", Costs().text_ct, 1000),
        monthly_cap_eur=cap,
        cap_plan=plan,
        balance_ussd=code,
        balance_warn_eur=reader.optional_amount("balance_warn_eur", 100_000),
        card_expires=reader.optional_day("card_expires"),
    )


def _voice(reader: Reader) -> Voice:
    voicemail = reader.optional_text("voicemail", longest=300)
    if voicemail and not re.search(r"aufge(zeichnet|nommen)|aufzeichn|aufnahme|record", voicemail, re.IGNORECASE):
        reader.mistake("voicemail", "says_no_recording")  # § 201 StGB: nobody is recorded without being told
    return Voice(
        announcement=reader.optional_text("announcement", longest=300),
        voicemail=voicemail,
        hold=reader.text("hold", "tone", longest=300),
        message_seconds=reader.whole("message_seconds", 120, 10, 600),
    )


def _notify(reader: Reader) -> Notify:
    email = reader.table("email", Email)
    webhook = reader.optional_text("webhook", longest=500)
    if webhook and not re.fullmatch(r"https?://[^\s/]+\S*", webhook):
        reader.mistake("webhook", "webhook")
    return Notify(email=_email(email) if email else None, webhook=webhook)


def _email(reader: Reader) -> Email:
    to, host = reader.text("to", longest=254), reader.text("host", longest=253)
    if to and not _ADDRESS.fullmatch(to):
        reader.mistake("to", "email")
    if host and not _HOST.fullmatch(host):
        reader.mistake("host", "host")
    user, password = reader.text("user", "", longest=254), reader.text("password", "", longest=254, exact=True)
    if password and not reader.has("user"):
        reader.mistake("user", "missing", example='user = "name@example.de"')
    return Email(to=to, host=host, port=reader.whole("port", 587, 1, 65535), user=user, password=password)
