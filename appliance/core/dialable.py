"""Which numbers may be dialled as targets: fixed and mobile numbers of an allow-list of countries, nothing else.

`phonenumbers` knows each country's ranges but is no guard against cost: 118xx has no known cost there, +881 counts as
mobile, and 0900-9, 0190, 010xx and 032 are merely invalid. Those are denied here by name, so that the reason is the
true one. The library is imported where it is used: only whoever checks settings pays for it, not the engine.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum

from appliance.core.errors import UserError
from appliance.core.numbers import DialPlan

_EU = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
       "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")  # fmt: skip
COUNTRIES = frozenset([*_EU, "IS", "LI", "NO", "CH", "GB"])
"""EU and EEA, where the price of a call to another member is capped (Regulation (EU) 2015/2120, article 5a), and the
two neighbours that tariffs usually price like them. All of them are reached by 00 and a country code."""


class Refusal(Enum):
    """Why a number is not dialled as a target, or not texted; the value is the code of a sentence in `mistakes`."""

    NOT_A_NUMBER = "not_a_number"
    SERVICE_CODE = "service_code"
    EMERGENCY = "emergency"
    OWN_NUMBER = "own_number"
    SATELLITE = "satellite"
    COUNTRY = "not_in_allow_list"
    AREA_CODE = "area_code"
    SHORT_CODE = "short_code"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    CALL_BY_CALL = "call_by_call"
    SPECIAL = "special"
    UNASSIGNED = "unassigned"
    NOT_MOBILE = "not_mobile"


_SATELLITE = ("+870", "+881", "+882", "+883")
"""ITU-T E.164 list of assigned codes: Inmarsat, global mobile satellite systems, international networks (two)."""
_EMERGENCY_ANYWHERE = frozenset(["000", "08", "110", "112", "118", "119", "911", "999"])
"""3GPP 22.101 clause 10.1: what a phone treats as an emergency call, depending on its SIM."""
_DENIED_IN_GERMANY = {
    "10": Refusal.CALL_BY_CALL,
    "118": Refusal.PREMIUM,  # directory enquiries: any price, and they connect onwards
    "11": Refusal.SPECIAL,  # 115, 116xxx
    "12": Refusal.PREMIUM,  # "innovative services"
    "13": Refusal.PREMIUM,  # 0137, 0138: mass traffic
    "180": Refusal.SHARED_COST,
    "18": Refusal.SPECIAL,  # closed user groups
    "19": Refusal.PREMIUM,  # 0190 (old premium rate), 0191 to 0194 (online services), 0199
    "31": Refusal.SPECIAL,  # test numbers
    "32": Refusal.SPECIAL,  # national subscriber numbers, often outside flat rates
    "700": Refusal.SPECIAL,  # personal numbers, at any price
    "900": Refusal.PREMIUM,
}
"""By the beginning of the national number; the longest beginning counts. Bundesnetzagentur's numbering plan."""
_DISPATCHERS = frozenset(["110", "112", "19222"])
"""Behind a German area code: the rescue service of that place, and no number of anybody else's (numbers of subscribers
do not begin with 11; 19222 is kept for ambulances)."""
_WRITTEN = re.compile(r"[0-9+()/.\s\-\u2010-\u2015\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def dial_plan(country: str) -> DialPlan:
    """How numbers are dialled in a country of `COUNTRIES`. Raises UserError for one that nobody knows."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None or metadata.fixed_line is None or metadata.mobile is None:
        raise UserError(f"{country}: no country of which the numbers are known")
    lengths = sorted({*metadata.fixed_line.possible_length, *metadata.mobile.possible_length})
    return DialPlan(
        country_code=str(metadata.country_code),
        trunk=metadata.national_prefix or "",
        national=(lengths[0], lengths[-1]),
    )


def parse_written(text: str, country: str) -> str | None:
    """A number as people write it ("089 1234-5", "+49 (0) 171 …") as E.164, None if it is none.

    Whether it exists or may be dialled is another question. What stands for something else than its digits
    (letters, an extension behind a word, service codes) is no number, nor is one without its area code: the
    library would take its first digits for one, and a stranger's phone would ring.
    """
    number = _parse(text, country)
    return None if isinstance(number, Refusal) else number


def target_number(text: str, country: str, own_numbers: Collection[str]) -> str | Refusal:
    """The E.164 number to dial for a target as people write it, or why it is refused.

    `own_numbers` (E.164) lead back to the box.
    """
    if re.search(r"[*#]", text):
        return Refusal.SERVICE_CODE
    number = _parse(text, country)
    if isinstance(number, Refusal):
        return number
    return refusal(number, country, own_numbers) or number


def refusal(e164: str, country: str, own_numbers: Collection[str]) -> Refusal | None:
    """Why this E.164 number must not be dialled as a target of a business in `country`; None if it may."""
    import phonenumbers

    if e164 in own_numbers:
        return Refusal.OWN_NUMBER
    if e164.startswith(_SATELLITE):
        return Refusal.SATELLITE
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return Refusal.NOT_A_NUMBER
    national = phonenumbers.national_significant_number(number)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    if any(_is_emergency(national, region) for region in {country, *regions}):
        return Refusal.EMERGENCY
    if number.country_code == 49 and national.endswith(tuple(_DISPATCHERS)):
        length = phonenumbers.length_of_geographical_area_code(number)
        if length and national[length:] in _DISPATCHERS:
            return Refusal.EMERGENCY
    if not COUNTRIES.intersection(regions):
        return Refusal.COUNTRY
    if number.country_code == 49 and (denied := _denied_in_germany(national)):
        return denied
    if not phonenumbers.is_valid_number(number):
        short = any(phonenumbers.is_valid_short_number_for_region(number, region) for region in regions)
        return Refusal.SHORT_CODE if short else Refusal.UNASSIGNED
    if phonenumbers.region_code_for_number(number) not in COUNTRIES:
        return Refusal.COUNTRY
    return _by_type(phonenumbers.number_type(number))


def text_number(text: str, country: str, own_numbers: Collection[str]) -> str | Refusal:
    """The E.164 number to send texts to, as people write it, or why not: texts go to mobiles only, of any country."""
    number = target_number(text, country, own_numbers)
    if number is Refusal.COUNTRY:
        number = parse_written(text, country) or number
    if isinstance(number, Refusal):
        explained = (Refusal.NOT_A_NUMBER, Refusal.AREA_CODE, Refusal.UNASSIGNED, Refusal.OWN_NUMBER)
        return number if number in explained else Refusal.NOT_MOBILE
    return number if is_mobile(number) else Refusal.NOT_MOBILE


def is_mobile(e164: str) -> bool:
    """Whether the number is a mobile's, which can receive texts."""
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    return phonenumbers.number_type(phonenumbers.parse(e164, None)) in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)


def _parse(text: str, country: str) -> str | Refusal:
    import phonenumbers

    written = text.strip().removeprefix("tel:")
    digits = re.sub(r"[^0-9]", "", written)
    if not _WRITTEN.fullmatch(written):
        return Refusal.NOT_A_NUMBER
    if _is_emergency(digits, country):
        return Refusal.EMERGENCY
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return Refusal.NOT_A_NUMBER
    national = phonenumbers.national_significant_number(number)
    trunk = dial_plan(country).trunk
    if trunk and digits == national and not digits.startswith(trunk):
        short = phonenumbers.is_valid_short_number_for_region(number, country)
        return Refusal.SHORT_CODE if short else Refusal.AREA_CODE
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _by_type(kind: int) -> Refusal | None:
    from phonenumbers import PhoneNumberType as Kind

    if kind in (Kind.FIXED_LINE, Kind.MOBILE, Kind.FIXED_LINE_OR_MOBILE):
        return None
    return {Kind.PREMIUM_RATE: Refusal.PREMIUM, Kind.SHARED_COST: Refusal.SHARED_COST}.get(kind, Refusal.SPECIAL)


def _denied_in_germany(national: str) -> Refusal | None:
    beginnings = [beginning for beginning in _DENIED_IN_GERMANY if national.startswith(beginning)]
    return _DENIED_IN_GERMANY[max(beginnings, key=len)] if beginnings else None


def _is_emergency(digits: str, region: str) -> bool:
    import phonenumbers

    if digits in _EMERGENCY_ANYWHERE:
        return True
    return bool(digits) and phonenumbers.is_emergency_number(digits, region)


def area_code(e164: str) -> str | None:
    """The beginning of a fixed-line number up to its area code ("+4989"), None where there is none."""
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.length_of_geographical_area_code(number)
    national = phonenumbers.national_significant_number(number)
    return f"+{number.country_code}{national[:length]}" if length else None
