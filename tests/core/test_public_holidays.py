import datetime as dt

import pytest

from appliance.core import public_holidays
from appliance.core.public_holidays import YEARS
from appliance.core.settings import Business
from appliance.core.settings_business import GERMAN_REGIONS


def easter(year):
    """Easter Sunday by Lichtenberg's version of Gauss's rule."""
    k = year // 100
    m = 15 + (3 * k + 3) // 4 - (8 * k + 13) // 25
    d = (19 * (year % 19) + m) % 30
    og = 21 + d - (d + (year % 19) // 11) // 29
    sunday = 7 - (year + year // 4 + (2 - (3 * k + 3) // 4)) % 7
    return dt.date(year, 3, 1) + dt.timedelta(days=og + 7 - (og - sunday) % 7 - 1)


NATIONWIDE = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26), -2, 1, 39, 50}
"""Month and day, or days after Easter Sunday."""
EPIPHANY, CORPUS_CHRISTI, REFORMATION, ALL_SAINTS, WOMEN = (1, 6), 60, (10, 31), (11, 1), (3, 8)
OF_REGIONS = {
    "BB": {0, 49, REFORMATION},
    "BE": {WOMEN},
    "BW": {EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS},
    "BY": {EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS},
    "HB": {REFORMATION},
    "HE": {CORPUS_CHRISTI},
    "HH": {REFORMATION},
    "MV": {REFORMATION},
    "NI": {REFORMATION},
    "NW": {CORPUS_CHRISTI, ALL_SAINTS},
    "RP": {CORPUS_CHRISTI, ALL_SAINTS},
    "SH": {REFORMATION},
    "SL": {CORPUS_CHRISTI, ALL_SAINTS, (8, 15)},
    "SN": {REFORMATION, "repentance"},
    "ST": {EPIPHANY, REFORMATION},
    "TH": {REFORMATION, (9, 20)},
}
"""By the holiday acts of the Länder, as of 2024; those that came or were for one year only below."""
ONCE = {"BE": {dt.date(2020, 5, 8), dt.date(2025, 5, 8), dt.date(2028, 6, 17)}}


def day(rule, year):
    if rule == "repentance":  # the Wednesday before 23 November
        last = dt.date(year, 11, 22)
        return last - dt.timedelta(days=(last.weekday() - 2) % 7)
    return dt.date(year, *rule) if isinstance(rule, tuple) else easter(year) + dt.timedelta(days=rule)


def of(region, *local, country="DE", language="de"):
    business = Business(country=country, region=region, local_holidays=local, language=language, owner_mobile="")
    return public_holidays.of(business)


@pytest.mark.parametrize("region", GERMAN_REGIONS)
def test_every_land_has_the_days_of_its_law(region):
    expected = {day(rule, year) for rule in NATIONWIDE | OF_REGIONS[region] for year in YEARS}
    if region == "MV":
        expected |= {day(WOMEN, year) for year in YEARS if year >= 2023}
    assert set(of(region)) == expected | ONCE.get(region, set())


def test_without_a_region_only_those_of_the_whole_country():
    assert set(of(None)) == {day(rule, year) for rule in NATIONWIDE for year in YEARS}


def test_the_days_before_holidays_are_none():
    for region in GERMAN_REGIONS:
        assert not {(12, 24), (12, 31)} & {(at.month, at.day) for at in of(region)}


@pytest.mark.parametrize(
    ("region", "local", "more"),
    [
        ("BY", ("assumption",), {(8, 15)}),
        ("BY", ("peace-festival",), {(8, 8)}),
        ("BY", ("assumption", "peace-festival"), {(8, 8), (8, 15)}),
        ("SN", ("corpus-christi",), {CORPUS_CHRISTI}),
        ("TH", ("corpus-christi",), {CORPUS_CHRISTI}),
    ],
)
def test_local_holidays_are_added_where_they_are_asked_for(region, local, more):
    assert set(of(region, *local)) - set(of(region)) == {day(rule, year) for rule in more for year in YEARS}


def test_every_local_holiday_that_is_offered_exists():
    for (country, region), words in public_holidays.LOCAL.items():
        for word in words:
            assert set(of(region, word, country=country)) > set(of(region, country=country))


def test_names_are_in_the_language_of_the_business():
    christmas = dt.date(2026, 12, 25)
    assert of("BY")[christmas] == "Erster Weihnachtstag"
    assert of("BY", language="en")[christmas] == "Christmas Day"


@pytest.mark.parametrize(
    ("country", "region", "at"),
    [
        ("AT", "9", dt.date(2026, 10, 26)),
        ("CH", "ZH", dt.date(2026, 8, 1)),
        ("CH", "TI", dt.date(2026, 3, 19)),
        ("GB", "SCT", dt.date(2026, 11, 30)),
        ("FR", None, dt.date(2026, 7, 14)),
        ("NL", "NH", dt.date(2026, 4, 27)),  # not known: the nationwide ones
    ],
)
def test_other_countries(country, region, at):
    assert at in of(region, country=country)


def test_regions():
    assert set(GERMAN_REGIONS) == set(public_holidays.regions("DE"))
    assert public_holidays.regions("GB") == ("ENG", "NIR", "SCT", "WLS")
    assert public_holidays.regions("DK") == public_holidays.regions("XX") == ()
