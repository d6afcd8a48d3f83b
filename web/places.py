"""Where a business may be: what the set-up offers in one list, and what it means in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REGIONS = (
    ("DE-BW", "Baden-Württemberg"), ("DE-BY", "Bayern"), ("DE-BE", "Berlin"), ("DE-BB", "Brandenburg"),
    ("DE-HB", "Bremen"), ("DE-HH", "Hamburg"), ("DE-HE", "Hessen"), ("DE-MV", "Mecklenburg-Vorpommern"),
    ("DE-NI", "Niedersachsen"), ("DE-NW", "Nordrhein-Westfalen"), ("DE-RP", "Rheinland-Pfalz"), ("DE-SL", "Saarland"),
    ("DE-SN", "Sachsen"), ("DE-ST", "Sachsen-Anhalt"), ("DE-SH", "Schleswig-Holstein"), ("DE-TH", "Thüringen"),
    ("AT", "Österreich"), ("CH", "Schweiz"),
)  # fmt: skip
"""Country and region (ISO 3166-2) with their names, which are the same in every language here."""
_ZONES = {"DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich"}


def place_of(business: Mapping[str, Any]) -> str:
    """The entry that a [business] table means, "" where none does."""
    country, region = business.get("country", "DE"), business.get("region")
    meant = f"{country}-{region}" if region else country
    return str(meant) if any(meant == place for place, _ in REGIONS) else ""


def set_place(business: dict[str, Any], place: str) -> None:
    """Make a [business] table mean this entry; what is none of them leaves it as it is."""
    country, _, region = place.partition("-")
    if country not in _ZONES:
        return
    if business.get("country", "DE") != country or "timezone" not in business:
        business["timezone"] = _ZONES[country]
    business["country"] = country
    if business.get("region") != region:
        business.pop("local_holidays", None)
    business.pop("region", None)
    if region:
        business["region"] = region
