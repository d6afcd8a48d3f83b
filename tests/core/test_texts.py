"""What the owner reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import texts
from appliance.core.alphabet import Alphabet, choose, septets, split
from appliance.core.records import Attempt, CallRecord

AT = datetime(2026, 11, 23, 13, 3, tzinfo=UTC)  # a Monday, 14:03 in Berlin
REASONS = ("gave_up_ringing", "gave_up_forwarding", "nobody_reached", "line_lost", "restart")
RESULTS = ("answered", "busy", "no_answer", "refused", "failed", "caller_gone")


def record(reason: str | None = "nobody_reached", *tried: tuple[str, str], **changes) -> CallRecord:
    attempts = [Attempt(target, "+493011111111", None, result, 3.0) for target, result in tried]
    call = CallRecord(1, "office", AT, caller="+4915112345678", rings=4, outcome="missed", reason=reason)
    call.attempts = attempts
    for name, value in changes.items():
        setattr(call, name, value)
    return call


def missed(call: CallRecord, language: str = "de", timezone: str = "Europe/Berlin") -> str:
    return texts.missed(call, language, timezone)


def parts(text: str) -> int:
    return len(split(choose(text)[1]))


@pytest.mark.parametrize(
    ("call", "german", "english"),
    [
        (
            record("nobody_reached", ("Büro Berlin", "busy"), ("Anna", "no_answer"), caller_name="Firma Huber"),
            "Verpasster Anruf: Firma Huber +4915112345678, Mo 23.11. 14:03. Niemand erreicht: Büro Berlin besetzt, "
            "Anna nahm nicht ab.",
            "Missed call: Firma Huber +4915112345678, Mon 23 Nov 14:03. Nobody reached: Büro Berlin busy, "
            "Anna did not answer.",
        ),
        (
            record("gave_up_ringing", rings=2, caller=None, withheld=True),
            "Verpasster Anruf: unterdrückte Nummer, Mo 23.11. 14:03. Hat nach 2 Klingelzeichen aufgelegt.",
            "Missed call: number withheld, Mon 23 Nov 14:03. Hung up after 2 rings.",
        ),
        (
            record("gave_up_ringing", rings=1, caller=None),
            "Verpasster Anruf: unbekannte Nummer, Mo 23.11. 14:03. Hat nach einem Klingelzeichen aufgelegt.",
            "Missed call: unknown number, Mon 23 Nov 14:03. Hung up after one ring.",
        ),
        (
            record("gave_up_ringing", rings=0),
            "Verpasster Anruf: +4915112345678, Mo 23.11. 14:03. Hat vor dem ersten Klingelzeichen aufgelegt.",
            "Missed call: +4915112345678, Mon 23 Nov 14:03. Hung up before the first ring.",
        ),
        (
            record("gave_up_forwarding", ("Büro", "refused"), ("Anna", "caller_gone")),
            "Verpasster Anruf: +4915112345678, Mo 23.11. 14:03. Hat beim Weiterleiten aufgelegt: Büro lehnte ab, "
            "Anna wurde gerade angerufen.",
            "Missed call: +4915112345678, Mon 23 Nov 14:03. Hung up while being forwarded: Büro declined, "
            "Anna was being called.",
        ),
        (
            record("gave_up_forwarding"),
            "Verpasster Anruf: +4915112345678, Mo 23.11. 14:03. Hat beim Weiterleiten aufgelegt.",
            "Missed call: +4915112345678, Mon 23 Nov 14:03. Hung up while being forwarded.",
        ),
        (
            record("nobody_reached"),
            "Verpasster Anruf: +4915112345678, Mo 23.11. 14:03. Wurde nicht weitergeleitet.",
            "Missed call: +4915112345678, Mon 23 Nov 14:03. Was not forwarded.",
        ),
        (
            record("nobody_reached", rings=0),
            "Verpasster Anruf: +4915112345678, Mo 23.11. 14:03. Die Leitung war gerade besetzt.",
            "Missed call: +4915112345678, Mon 23 Nov 14:03. The line was busy.",
        ),
        (
            record("line_lost", ("Büro", "failed")),
            "Verpasster Anruf: +4915112345678, Mo 23.11. 14:03. Das Modem fiel dabei aus: Büro nicht erreichbar.",
            "Missed call: +4915112345678, Mon 23 Nov 14:03. The modem failed meanwhile: Büro unreachable.",
        ),
        (
            record("restart", caller="**611"),
            "Verpasster Anruf: **611, Mo 23.11. 14:03. Das Gerät startete dabei neu.",
            "Missed call: **611, Mon 23 Nov 14:03. The box restarted meanwhile.",
        ),
    ],
)
def test_missed(call, german, english):
    assert missed(call, "de") == german
    assert missed(call, "en") == english
    for text in (german, english):
        assert choose(text)[0] is Alphabet.GSM7
        assert septets(text) <= 160


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("result", RESULTS)
def test_ordinary_data_needs_one_part_and_nothing_is_cut(language, reason, result):
    first = "no_answer" if result == "caller_gone" else result  # after that nobody else is called
    call = record(reason, ("Büro Berlin", first), ("Werkstatt", result), caller_name="Firma Huber", rings=20)
    text = missed(call, language)
    assert parts(text) == 1
    assert "Firma Huber +4915112345678" in text
    if reason != "gave_up_ringing":
        assert "Büro Berlin" in text
        assert "Werkstatt" in text


def test_of_several_tries_of_a_target_the_last_counts():
    text = missed(record("nobody_reached", ("Anna", "failed"), ("Büro", "busy"), ("Anna", "no_answer")))
    assert text.endswith("Anna nahm nicht ab, Büro besetzt.")


@pytest.mark.parametrize(
    ("timezone", "at", "says"),
    [
        ("Europe/Berlin", AT, "Mo 23.11. 14:03"),
        ("Europe/Berlin", datetime(2026, 7, 4, 22, 30, tzinfo=UTC), "So 5.7. 00:30"),
        ("America/New_York", datetime(2027, 1, 1, 2, 0, tzinfo=UTC), "Do 31.12. 21:00"),
        ("UTC", datetime(1970, 1, 1, tzinfo=UTC), "Do 1.1. 00:00"),
    ],
)
def test_when_is_local(timezone, at, says):
    assert says in missed(record(started_at=at), timezone=timezone)


def test_long_names_are_cut_and_many_targets_counted():
    name = "Elektro- und Sanitärgroßhandel Meier & Söhne GmbH & Co. KG"
    tried = [(f"Außenstelle Nummer {n} hinter dem Gütergleis", "busy") for n in range(1, 9)]
    text = missed(record("nobody_reached", *tried, caller_name=name))
    assert text == (
        "Verpasster Anruf: Elektro- und Sanitärgro. +4915112345678, Mo 23.11. 14:03. Niemand erreicht: Außenstelle "
        "Nummer 1 hi. besetzt, 7 weitere vergeblich."
    )
    assert parts(text) == 1


def test_names_in_other_scripts():
    text = missed(record("nobody_reached", ("工作室", "busy"), ("Łódź", "no_answer"), caller_name="Ольга"))
    assert "Ольга +4915112345678" in text
    assert "工作室 besetzt, Łódź nahm nicht ab" in text
    assert parts(text) == 2
    many = missed(record("nobody_reached", *((f"Außenstelle {n} 工作室工作室工作室", "busy") for n in range(8))))
    assert parts(many) == 2


def test_what_others_wrote_stays_data():
    text = missed(record("restart", ("{name}%s\x1b[2J", "busy"), caller_name="Ev\x00il\r\n{who}\t\u202e x\ud800"))
    assert "Evil {who} x? +4915112345678" in text
    assert "{name}%s[2J besetzt" in text
    assert text.isprintable()


anything = st.one_of(st.none(), st.text(max_size=80))


@given(
    st.sampled_from((*REASONS, None, "made up")), anything, anything, st.booleans(), st.integers(0, 99),
    st.lists(st.tuples(st.text(max_size=60), st.sampled_from((*RESULTS, "made up"))), max_size=12),
    st.sampled_from(["de", "en"]),
)  # fmt: skip
def test_whatever_the_names_are_it_is_one_line_of_two_parts_at_most(
    reason, caller, name, withheld, rings, tried, language
):
    call = record(reason, *tried, caller=caller, caller_name=name, withheld=withheld, rings=rings)
    text = missed(call, language)
    assert "\n" not in text
    assert text.startswith(("Verpasster Anruf: ", "Missed call: "))
    assert ("14:03") in text
    assert parts(text) <= 2


@given(st.text(st.characters(max_codepoint=0xFF), max_size=60), st.lists(st.text(max_size=60), max_size=12))
def test_a_text_of_the_alphabet_is_one_part(name, targets):
    call = record("nobody_reached", *((f"Ziel {n} ÄÖÜ {'x' * len(t)}", "failed") for n, t in enumerate(targets)))
    call.caller_name = "".join(char for char in name if char.isalnum() and char in "äöüÄÖÜßabcXYZ019")
    text = missed(call)
    assert parts(text) == 1


@pytest.mark.parametrize("language", ["de", "en"])
def test_test_text(language):
    assert parts(texts.test(language, "Tischlerei Muster")) == 1
    assert "(Tischlerei Muster)" in texts.test(language, "Tischlerei Muster")
    assert "Rufweiche:" in texts.test(language, "")


@pytest.mark.parametrize("language", ["de", "en"])
def test_on_duty(language):
    text = texts.on_duty(record(caller_name="Firma Huber"), language, "Europe/Berlin")
    assert "Firma Huber +4915112345678, Mo" in text
    assert "OK" in text
    assert parts(text) == 1
    assert choose(text)[0] is Alphabet.GSM7
    assert parts(texts.on_duty(record(caller_name="Ä" * 200), language, "Europe/Berlin")) == 1


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("de", "Klingelte 3-mal, dann legte jemand auf oder nahm ab: vielleicht angenommen."),
        ("en", "Rang 3 times, then somebody hung up or lifted: possibly answered."),
    ],
)
def test_a_line_that_cannot_tell_who_ended_the_ringing(language, says):
    text = missed(record("gave_up_ringing", rings=3, perhaps_answered=True), language)
    assert text.endswith(says) and parts(text) == 1


@pytest.mark.parametrize(
    ("language", "says"), [("de", "Nachricht auf dem Anrufbeantworter: "), ("en", "Message on the voicemail: ")]
)
def test_a_message_on_the_voicemail(language, says):
    call = record(None, outcome="voicemail", message="1.wav", message_seconds=65.2, caller_name="Firma Huber GmbH")
    text = texts.voicemail(call, language, "Europe/Berlin")
    assert text.startswith(says) and "1:05" in text and parts(text) == 1
