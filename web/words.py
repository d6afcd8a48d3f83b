"""Times, numbers and spans as people say them: filters for templates, and functions for views."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from flask import Flask

from appliance.core import wording
from web.box import the_box
from web.catalogues import _, language, ngettext

_GERMAN_MOBILE = re.compile(r"\+49(1[5-7][0-9])([0-9]{6,})")
"""People say four digits, the library follows the operators' longer blocks."""


def init(app: Flask) -> None:
    """Give them to the templates."""
    for filter_ in (number, moment, ago, clock, day, exact, iso, span):
        app.add_template_filter(filter_)
    # in place of Flask-Babel's, which load 4 MB of facts about a language to write 27 %
    app.add_template_filter(percent, "percentformat")
    app.add_template_filter(whole, "numberformat")
    app.add_template_filter(size, "bytes")
    app.add_template_filter(money)
    app.add_template_global(signal)
    app.add_template_filter(modem)
    app.jinja_env.filters["zip"] = zip


def number(value: str | None) -> str:
    """A phone number as people read it: "089 77712345", "+43 512 345678". What is none stays as it is."""
    if not value:
        return ""
    stored = the_box().stored
    return _number(value, stored[1].dial_plan.country_code if stored else "49")


@lru_cache(maxsize=512)
def _number(value: str, country_code: str) -> str:
    if not value.startswith("+"):
        return value
    import phonenumbers  # 1 MB; only pages with numbers need it

    try:
        parsed = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    if parsed.country_code == 49 and country_code == "49" and (mobile := _GERMAN_MOBILE.fullmatch(value)):
        return f"0{mobile[1]} {mobile[2]}"
    formats = phonenumbers.PhoneNumberFormat
    chosen = formats.NATIONAL if str(parsed.country_code) == country_code else formats.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, chosen)).replace("/", " ")


def moment(at: dt.datetime) -> str:
    """A point in time, aware: "heute 14:03", "gestern 09:12", "Mo 23.11. 14:03"; another year with the year."""
    local, today = at.astimezone(the_box().zone), the_box().local.date()
    time = f"{local:%H:%M}"
    days = (today - local.date()).days
    if days == 0:
        return _("today %(time)s", time=time)
    if days == 1:
        return _("yesterday %(time)s", time=time)
    if days == -1:
        return _("tomorrow %(time)s", time=time)
    return f"{day(local.date())} {time}"


def day(date: dt.date) -> str:
    """A day: "Mo 23.11.", of another year "Mo 23.11.2025"."""
    at = dt.datetime.combine(date, dt.time(0), the_box().zone)
    name = wording.moment(at, language()).rpartition(" ")[0]
    if date.year == the_box().local.year:
        return name
    return f"{name}{date.year}" if name.endswith(".") else f"{name} {date.year}"


def clock(at: dt.datetime | dt.time) -> str:
    """A time of day: "14:03"."""
    return f"{at.astimezone(the_box().zone) if isinstance(at, dt.datetime) else at:%H:%M}"


def exact(at: dt.datetime) -> str:
    """A point in time to the second, for details and on hover."""
    local = at.astimezone(the_box().zone)
    return f"{day(local.date())} {local:%H:%M:%S}"


def iso(at: dt.datetime) -> str:
    """For machines: the `datetime` of a <time>."""
    return at.astimezone(the_box().zone).isoformat(timespec="seconds")


def ago(at: dt.datetime) -> str:
    """How long something has lasted: "seit 3 Minuten"."""
    seconds = max(int((the_box().now - at).total_seconds()), 0)
    if seconds < 60:
        return ngettext("for %(num)d second", "for %(num)d seconds", seconds)
    if seconds < 3600:
        return ngettext("for %(num)d minute", "for %(num)d minutes", seconds // 60)
    if seconds < 86400:
        return ngettext("for %(num)d hour", "for %(num)d hours", seconds // 3600)
    return ngettext("for %(num)d day", "for %(num)d days", seconds // 86400)


def span(seconds: float) -> str:
    """How long something took: "45 s", "3:05 min", "1:02:03 h"."""
    whole = max(round(seconds), 0)
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return _("%(seconds)d s", seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return _("%(minutes)d:%(seconds)02d min", minutes=minutes, seconds=rest)
    return _("%(hours)d:%(minutes)02d:%(seconds)02d h", hours=hours, minutes=minutes, seconds=rest)


def percent(share: float) -> str:
    """A share as people read it: "27 %", in English "27%"."""
    return f"{share * 100:.0f}" + ("\N{NO-BREAK SPACE}%" if language() == "de" else "%")


def whole(number: int) -> str:
    """A whole number with its thousands: "12.345", in English "12,345"."""
    return f"{number:,}".replace(",", "." if language() == "de" else ",")


def size(count: int) -> str:
    """How large a file is: "380 kB", "1,2 MB"."""
    if count < 999_500:
        return f"{max(round(count / 1000), 1)}\N{NO-BREAK SPACE}kB"
    amount = f"{count / 1e6:.1f}"
    return f"{amount.replace('.', ',') if language() == 'de' else amount}\N{NO-BREAK SPACE}MB"


def money(ct: float) -> str:
    """An amount given in ct: "3,20 €"."""
    return wording.money(ct, language())


_MAKERS = {"simcom": "SIMCom", "quectel": "Quectel", "huawei": "Huawei", "u-blox": "u-blox", "telit": "Telit"}
_COMPANY = re.compile(
    r"[\s,]+(incorporated|inc\.?|technologies|co\.?|ltd\.?|limited|corporation)(?=[\s,]|$)", re.IGNORECASE
)


def modem(said: str | None) -> str:
    """What a modem says it is ("SIMCOM INCORPORATED SIMCOM_SIM7600E-H"), as it is sold: "SIMCom SIM7600E-H"."""
    short = _COMPANY.sub("", " ".join((said or "").split()))
    maker, _, model = short.partition(" ")
    model = re.sub(rf"^{re.escape(maker)}[ _-]+", "", model, flags=re.IGNORECASE)
    return " ".join(part for part in (_MAKERS.get(maker.lower(), maker), model) if part)


def signal(dbm: int) -> str:
    """How well a modem hears its network (3GPP 27.007 +CSQ, in dBm): a word, and the figure."""
    if dbm >= -75:
        word = _("very good")
    elif dbm >= -87:
        word = _("good")
    elif dbm >= -97:
        word = _("moderate")
    else:
        word = _("weak")
    return f"{word} (−{abs(dbm)} dBm)"
