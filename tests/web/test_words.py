"""Times, numbers and modems as people say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.web import sample
from web import words


@pytest.fixture(autouse=True)
def _request(app):
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+498977712345", "089 77712345"),
        ("+4915112345678", "0151 12345678"),
        ("+49301111111", "030 1111111"),
        ("+43512345678", "+43 512 345678"),
        ("+41446681800", "+41 44 668 18 00"),
        ("50", "50"),
        ("**611", "**611"),
        ("+1", "+1"),
        ("<b>", "<b>"),
        ("", ""),
        (None, ""),
    ],
)
def test_numbers(number, said):
    assert words.number(number) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(0), "heute 14:05"),
        (timedelta(hours=15), "gestern 23:05"),
        (timedelta(hours=-12), "morgen 02:05"),
        (timedelta(days=7), "Mo 16.11. 14:05"),
        (timedelta(days=365), "So 23.11.2025 14:05"),
    ],
)
def test_moments(ago, said):
    assert words.moment(sample.NOW - ago) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "seit 0 Sekunden"), (1, "seit 1 Sekunde"), (180, "seit 3 Minuten"), (7200, "seit 2 Stunden"),
     (90000, "seit 1 Tag"), (-5, "seit 0 Sekunden")],
)  # fmt: skip
def test_ago(seconds, said):
    assert words.ago(sample.NOW - timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (59.4, "59 s"), (185, "3:05 min"), (3723, "1:02:03 h")])
def test_spans(seconds, said):
    assert words.span(seconds) == said


def test_days():
    assert words.day(date(2026, 12, 24)) == "Do 24.12."
    assert words.day(date(2027, 1, 6)) == "Mi 6.1.2027"


@pytest.mark.parametrize(
    ("said", "sold"),
    [
        ("SIMCOM INCORPORATED SIMCOM_SIM7600E-H", "SIMCom SIM7600E-H"),
        ("Quectel EC25", "Quectel EC25"),
        ("huawei E1550", "Huawei E1550"),
        ("HUAWEI TECHNOLOGIES CO., LTD E173", "Huawei E173"),
        ("SIMCOM_Ltd SIMCOM_SIM800L", "SIMCOM_Ltd SIMCOM_SIM800L"),
        ("", ""),
        (None, ""),
    ],
)
def test_modems(said, sold):
    assert words.modem(said) == sold


@pytest.mark.parametrize(
    ("dbm", "word"), [(-60, "sehr gut (−60 dBm)"), (-85, "gut (−85 dBm)"), (-113, "schwach (−113 dBm)")]
)
def test_signals(dbm, word):
    assert words.signal(dbm) == word
