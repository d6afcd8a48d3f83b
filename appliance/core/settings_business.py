"""The [business] table of the settings file: whose box it is, and where."""

from __future__ import annotations

import difflib
import re
import zoneinfo

from appliance.core import dialable, public_holidays
from appliance.core.dialable import Refusal
from appliance.core.settings import LANGUAGES, Business
from appliance.core.settings_reader import NO_ZONES, Reader, is_zone

GERMAN_REGIONS = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")
"""ISO 3166-2:DE, the states."""
_REGION = re.compile(r"[A-Z0-9]{1,3}")
_DEFAULT_COUNTRY = "DE"


def country(about: Reader | None) -> str:
    """business.country, upper case; Germany where it is missing or wrong."""
    code = about.text("country", _DEFAULT_COUNTRY).upper() if about else _DEFAULT_COUNTRY
    if about and code and code not in dialable.COUNTRIES:
        about.mistake("country", "country", known=", ".join(sorted(dialable.COUNTRIES)))
    return code if code in dialable.COUNTRIES else _DEFAULT_COUNTRY


def own_numbers(about: Reader | None, country: str) -> tuple[str, ...]:
    """business.numbers, E.164; a wrong one is noted and left out."""
    if about is None:
        return ()
    texts = about.texts("numbers", (), "+498912345")
    numbers = [own_number(about, f"numbers[{i}]", text, country) for i, text in enumerate(texts)]
    return tuple(number for number in numbers if number)


def own_number(reader: Reader, key: str, text: str, country: str) -> str | None:
    """A number of the business as people write it, E.164; None where it is none, which is noted."""
    number = dialable.parse_written(text, country) if text else None
    if text and number is None:
        reader.mistake(key, "not_a_number")
    return number


def business(about: Reader | None, country: str, numbers: tuple[str, ...], own: tuple[str, ...]) -> Business:
    """The table; `country` and `numbers` were read before it, `own` are all numbers that lead back to the box."""
    if about is None:
        return Business(owner_mobile="")
    mobile = about.text("owner_mobile")
    number = dialable.text_number(mobile, country, own) if mobile else ""
    if isinstance(number, Refusal):
        about.mistake("owner_mobile", "own_mobile" if number is Refusal.OWN_NUMBER else number.value)
        number = ""
    region = _region(about, country)
    return Business(
        name=about.text("name", ""),
        language=about.choice("language", LANGUAGES, "de"),
        timezone=_timezone(about),
        country=country,
        region=region,
        local_holidays=_local_holidays(about, country, region),
        owner_mobile=number,
        numbers=numbers,
    )


def _timezone(about: Reader) -> str:
    name = about.text("timezone", "Europe/Berlin")
    if name and not is_zone(name):
        guess = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones() - NO_ZONES), n=1)
        about.mistake("timezone", "timezone", guess=guess[0] if guess else "Europe/Berlin")
    return name


def _region(about: Reader, country: str) -> str | None:
    written = about.optional_text("region")
    if written is None:
        return None
    region = written.upper().removeprefix(f"{country}-")
    if country == "DE" and region not in GERMAN_REGIONS:
        about.mistake("region", "region", country=country, known=", ".join(GERMAN_REGIONS))
    elif not _REGION.fullmatch(region):
        about.mistake("region", "region", country=country, known="ISO 3166-2")
    return region


def _local_holidays(about: Reader, country: str, region: str | None) -> tuple[str, ...]:
    """Words for holidays of some municipalities of the region; () where there are none."""
    if not about.has("local_holidays"):
        return ()
    if offered := public_holidays.LOCAL.get((country, region or "")):
        return about.words("local_holidays", tuple(offered))
    regions = ", ".join(region for where, region in public_holidays.LOCAL if where == country)
    about.mistake("local_holidays", "no_local_holidays", known=regions or "–")
    return ()
