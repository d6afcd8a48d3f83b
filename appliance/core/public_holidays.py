"""Public holidays of a region, computed with the `holidays` library when settings are checked.

The library costs 17 MB and a tenth of a second, most of it once per process, so the engine never imports it: the
settings are stored together with their holidays for decades ahead (some 500 days, 16 KB). That makes the check the
only place that needs it, and a box that nobody looks after for years still knows when Easter is. A law that changes
takes effect when the settings are stored again.

24 and 31 December are no public holidays in Germany: who closes then has a closure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from appliance.core.settings import Business

YEARS = range(2020, 2061)
"""The years whose holidays are stored. Before the first, no call can have come; after the last, settings are old."""

LOCAL: Mapping[tuple[str, str], Mapping[str, tuple[int, int] | None]] = {
    ("DE", "BY"): {"assumption": None, "peace-festival": (8, 8)},
    ("DE", "SN"): {"corpus-christi": None},
    ("DE", "TH"): {"corpus-christi": None},
}
"""Holidays that only some municipalities of a region have: (country, region) → word → month and day, or None for the
one in the library's category of mostly catholic municipalities. Mariä Himmelfahrt: BayFTG article 1 (1) no. 2; the
Augsburg peace festival: article 1 (2); Fronleichnam: SächsSFG § 1 (1), ThürFtG § 2 (2)."""


_remembered: dict[tuple[object, ...], dict[dt.date, str]] = {}


def remember(business: Business, days: Mapping[dt.date, str]) -> None:
    """`of` this business is that: it was computed before, or by another process. So a small process stays small."""
    _remembered.clear()
    _remembered[_key(business)] = dict(days)


def is_remembered(business: Business) -> bool:
    """Whether `of` this business costs nothing."""
    return _key(business) in _remembered


def _key(business: Business) -> tuple[object, ...]:
    return business.country, business.region, business.local_holidays, business.language


def of(business: Business) -> dict[dt.date, str]:
    """Day → name, in the language of the business, of every public holiday of `business.region` in `YEARS`.

    Nationwide ones only where there is no region, or none of its own is known.
    """
    if is_remembered(business):
        return dict(_remembered[_key(business)])
    region = business.region if business.region in regions(business.country) else None
    days = _days(business, region, "public")
    offered = LOCAL.get((business.country, region or ""), {})
    for word in business.local_holidays:
        days |= _local(business, region, offered.get(word))
    return days


def regions(country: str) -> tuple[str, ...]:
    """The regions of a country whose holidays are known, as ISO 3166-2 has them; empty where all have the same."""
    import holidays  # 9 MB, and 8 more for a country

    known = holidays.list_supported_countries().get(country, [])
    return tuple(name for name in known if name.isupper() or name.isdigit())  # the others are towns and school zones


def _local(business: Business, region: str | None, day: tuple[int, int] | None) -> dict[dt.date, str]:
    if day is None:
        return _days(business, region, "catholic")
    return {at: name for at, name in _days(business, "Augsburg", "public").items() if (at.month, at.day) == day}


def _days(business: Business, region: str | None, category: str) -> dict[dt.date, str]:
    import holidays

    language = {"de": "de", "en": "en_US"}[business.language]
    found = holidays.country_holidays(
        business.country, subdiv=region, years=YEARS, categories=(category,), language=language
    )
    return dict(sorted(found.items()))
