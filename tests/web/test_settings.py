"""Settings: texts, the second way, costs and limits; secrets are kept and never shown."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from appliance.core.records import Message
from appliance.core.settings import Email, Quiet, from_json
from appliance.store.changes import SaveMessage
from tests.web import sample

SECRETS = """
[messages]
command_code = "Zeder"
[notify]
webhook = "https://ntfy.example/abc-geheim"
[notify.email]
to = "meister@example.de"
host = "smtp.example.de"
user = "meister"
password = "Wacholder"
"""
MESSAGES = {
    "owner_mobile": "0151 12345678",
    "missed": "both",
    "digest_at": "17:00, 9:30",
    "quiet_from": "22:00",
    "quiet_to": "06:00",
    "at_most_per_day": "25",
}
COSTS = {"text_ct": "7", "forwards_per_hour": "6"}


@pytest.fixture
def secrets(client, store):
    store.save_settings(sample.settings_json(sample.SETTINGS + SECRETS))
    return client


def settings(store):
    return from_json(store.load_settings()[1])


def send(client, store, path, **fields):
    return client.send(path, version=store.load_settings()[0], **fields)


def test_messages(client, store):
    page = send(client, store, "/settings/messages", **MESSAGES, command_code="Zeder", escalate_minutes="10")
    assert "Gespeichert." in page.text
    found = settings(store).messages
    assert (found.missed, found.at_most_per_day, found.escalate_minutes, found.command_code) == (
        "both",
        25,
        10,
        "Zeder",
    )
    assert found.digest_at == (dt.time(9, 30), dt.time(17))
    assert found.quiet == Quiet(from_=dt.time(22), to=dt.time(6))
    assert "09:30, 17:00" in page.text
    send(client, store, "/settings/messages", **{**MESSAGES, "quiet_from": "", "quiet_to": ""})
    assert (settings(store).messages.quiet, settings(store).messages.escalate_minutes) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest_at", "mittags"), ("digest_at", ""), ("digest_at", "12:00, 12:00"), ("quiet_to", "25:00"),
        ("quiet_to", "22:00"), ("at_most_per_day", "viele"), ("at_most_per_day", "0"), ("owner_mobile", "030 12345"),
        ("owner_mobile", ""), ("command_code", "ab"), ("escalate_minutes", "0"), ("over", "nowhere"),
    ],
)  # fmt: skip
def test_a_mistake_stands_where_it_is(client, store, field, value):
    before = store.load_settings()
    page = send(client, store, "/settings/messages", **{**MESSAGES, field: value})
    assert page.status_code == 200
    assert f'id="{field}-mistake"' in page.text
    assert 'class="mistake"' in page.text
    assert store.load_settings() == before


def test_nonsense_for_a_choice(client, store):
    before = store.load_settings()
    page = send(client, store, "/settings/messages", **{**MESSAGES, "missed": "<b>later"})
    assert 'class="mistake"' in page.text
    assert "<b>later" not in page.text
    assert store.load_settings() == before


def test_secrets_are_in_no_page(secrets):
    page = secrets.get("/settings/messages").text
    for secret in ("Zeder", "Wacholder", "abc-geheim"):
        assert secret not in page
    assert page.count("Gespeichertes vergessen") == 3
    assert "meister@example.de" in page


def test_secrets_are_kept_changed_and_forgotten(secrets, store):
    email = {"email_to": "meister@example.de", "host": "smtp.example.de", "user": "meister", "port": "465"}
    send(secrets, store, "/settings/notify", **email)
    assert settings(store).notify.email == Email(
        to="meister@example.de", host="smtp.example.de", port=465, user="meister", password="Wacholder"
    )
    assert settings(store).notify.webhook == "https://ntfy.example/abc-geheim"
    send(secrets, store, "/settings/notify", **email, password="Neu und lang", forget_webhook="1")
    assert settings(store).notify.email.password == "Neu und lang"
    assert settings(store).notify.webhook is None
    send(secrets, store, "/settings/notify")
    assert settings(store).notify.email is None
    send(secrets, store, "/settings/messages", **MESSAGES)
    assert settings(store).messages.command_code == "Zeder"
    send(secrets, store, "/settings/messages", **MESSAGES, forget_command_code="1")
    assert settings(store).messages.command_code is None


def test_blanks_belong_to_the_password_of_a_mailbox(client, store):
    email = {"email_to": "meister@example.de", "host": "smtp.example.de", "user": "meister"}
    send(client, store, "/settings/notify", **email, password=" zwei  Worte ")
    send(client, store, "/settings/notify", **email, password=" ")
    assert settings(store).notify.email.password == " zwei  Worte "


def test_a_secret_that_is_wrong_is_not_shown_either(client, store):
    page = send(client, store, "/settings/notify", webhook="ftp://geheim.example/x", email_to="niemand", host="x y")
    assert 'id="webhook-mistake"' in page.text
    assert 'id="email_to-mistake"' in page.text
    assert 'id="host-mistake"' in page.text
    assert "geheim.example" not in page.text


def test_costs(client, store):
    fields = {
        "text_ct": "9,5", "monthly_cap_eur": "20", "cap_plan": "Feierabend", "balance_ussd": "*100#",
        "balance_warn_eur": "2.50", "card_expires": "2027-03-31", "forwards_per_hour": "4",
    }  # fmt: skip
    page = send(client, store, "/settings/costs", **fields)
    assert "Gespeichert." in page.text
    found = settings(store).costs
    assert (found.text_ct, found.monthly_cap_eur, found.cap_plan) == (9.5, 20.0, "Feierabend")
    assert (found.balance_ussd, found.balance_warn_eur, found.card_expires) == ("*100#", 2.5, dt.date(2027, 3, 31))
    assert settings(store).guard.forwards_per_hour == 4
    assert 'value="9,5"' in page.text
    assert 'value="2,5"' in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text_ct", "viel"), ("text_ct", "-1"), ("text_ct", "1e9"), ("text_ct", "NaN"), ("monthly_cap_eur", "20"),
        ("balance_ussd", "100"), ("card_expires", "2027-02-30"), ("forwards_per_hour", "0"),
        ("forwards_per_hour", "9" * 500), ("cap_plan", "<b>"),
    ],
)  # fmt: skip
def test_what_cannot_be(client, store, field, value):
    before = store.load_settings()
    page = send(client, store, "/settings/costs", **{**COSTS, field: value})
    assert 'class="mistake"' in page.text
    assert "<b>" not in page.text
    assert store.load_settings() == before


def test_the_month(client, store):
    tariff = sample.SETTINGS.replace('number = "+4917123456789"\n', 'number = "+4917123456789"\ntariff_ct = 10\n')
    store.save_settings(sample.settings_json(tariff + "[costs]\nmonthly_cap_eur = 0.2\ncap_plan = 'Feierabend'\n"))
    page = client.get("/settings/costs").text
    row = re.search(r'<th scope="row">Anna</th>(.*?)</tr>', page)[1]
    assert re.findall(r">([^<]+)</td>", row) == ["1", "0", "0,10 €"]
    assert "0,17 €" in page  # with the one text to the owner
    assert "Nahe an der Grenze" in page


def test_costs_count_what_was_sent_since_they_were_looked_at(client, store, watch):
    def sent():
        found = re.search(r"übrige SMS</th><td[^>]*></td><td[^>]*>([0-9]+)<", client.get("/settings/costs").text)
        return int(found[1]) if found else 0

    before = sent()
    assert sent() == before
    store.write(SaveMessage(Message("new", "test", "+4915112345678", "ä" * 200, watch.now, state="sent")))
    assert sent() == before + 2
