"""Answers of operators, as they are and as they might be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.balance import balance


@pytest.mark.parametrize(
    ("answer", "ct"),
    [
        ("Guthaben: 12,34 EUR", 1234),
        ("Ihr aktuelles Guthaben beträgt 3,20 €", 320),
        ("Guthaben:12,34EUR Gültig bis 31.12.2026", 1234),
        ("Ihr Guthaben\xa0beträgt 3,20\xa0€. Vielen Dank!", 320),
        # Menus and advertising around it; https://github.com/mueller-ma/PrepaidBalance/issues/9 and /84 report such
        ("Aktuelles Guthaben: 5,12 EUR\nBitte wählen:\n1 Aufladen\n2 Guthaben & Verbrauch\n3  Tarife", 512),
        ("Guthaben betraegt: 10,00 EUR Startguthaben, 0,00 EUR Kaufguthaben und 0,01 EUR Geschenkguthaben.", 1001),
        ("Guthaben betraegt: 20,00 EUR Kaufguthaben.", 2000),
        ("Guthaben: 5,00 EUR, davon 2,00 EUR Bonusguthaben", 500),
        ("Mit 15 EUR Aufladung 5 EUR geschenkt! Ihr Guthaben: 0,40 EUR", 40),
        ("Ihr Prepaid-Guthaben: 9,99 EUR. Tarif M: 9,95 EUR/4 Wochen", 999),
        ("Guthaben auf 0171 1234567: 7,05 EUR", 705),
        ("Guthaben bei o2: 5,00 EUR", 500),
        ("Guthaben aufladen: *101*Code#. Kontostand: 3,10 EUR", 310),
        ("Sie haben noch 4,50 € Guthaben.", 450),
        ("Noch 7,77 EUR verfügbar.", 777),
        ("Guthaben 5,00 EUR bis 31.12.2026", 500),
        ("You have 5.00 EUR credit valid until 31/12/2026", 500),
        # amounts
        ("Guthaben -0,45 EUR", -45),
        ("Guthaben - 0,45 EUR", 45),
        ("Guthaben: 1.234,56 EUR", 123456),
        ("Guthaben: 1.234 EUR", 123400),
        ("Kontostand 12,3 EUR", 1230),
        ("Guthaben 0 Euro", 0),
        ("GUTHABEN: 95 CENT", 95),
        ("Guthaben 2 Euro 30 Cent", 230),
        ("Guthaben: EUR 7,10", 710),
        ("Guthaben: 3,20", 320),
        ("Your credit is 12.3450 EUR", 1234),
        # other languages and currencies
        ("Your balance is £6.45. Text BALANCE free to 20202 for more.", 645),
        ("Plan active until 08/10/2022, will renew for $12.34. Account Balance $56.78. Dial *233 to add", 5678),
        ("Ihr Guthaben beträgt CHF 12.34.", 1234),
        ("Some ads. 5.12 EUR is the current balance", 512),
        ("Balance: 3.20", 320),
        ("Stan konta dla numeru 48123456789: 1,23 PLN. Konto wazne do dnia 01-01-2022 01:02:03", 123),
        # none
        ("", None),
        ("OK", None),
        ("Guthaben aufladen: *101*Code#", None),
        ("Ihr Guthaben ist bis 31.12.2026 gültig", None),
        ("Guthaben bis 31.12. gueltig", None),
        ("Laden Sie 15 EUR auf und erhalten Sie 5 EUR Guthaben", None),
        ("In this moment we cannot process your request, please call 888.", None),
        ("Tarif M 9,95 EUR, Tarif L 14,95 EUR", None),
        ("Guthaben: 15 EUR aufladen oder 25 EUR aufladen", None),
        ("2", None),
    ],
)
def test_what_is_left(answer, ct):
    assert balance(answer) == ct


@given(st.integers(0, 999_999), st.sampled_from(["{} EUR", "{}€", "EUR {}", "{} Euro", "€ {}"]), st.booleans())
def test_any_amount(ct, how, dotted):
    amount = f"{ct // 100:,}.{ct % 100:02}"
    if not dotted:
        amount = amount.translate(str.maketrans(",.", ".,"))
    assert balance(f"Ihr Guthaben: {how.format(amount)}.") == ct


@given(st.text())
def test_whatever_is_answered(answer):
    found = balance(answer)
    assert found is None or isinstance(found, int)
    balance("Guthaben: " + answer)
