"""What is wrong with a line, in words its owner understands: first what is true, then what to do."""

from __future__ import annotations

PROBLEMS: dict[str, tuple[str, str]] = {
    # code: (German, English)
    "not opened": ("Das Modem wird gesucht.", "Looking for the modem."),
    "port_missing": (
        "Das Modem ist nicht angesteckt. Bitte stecken Sie es an; es wird von selbst gefunden.",
        "The modem is not plugged in. Plug it in; it is found by itself.",
    ),
    "port_busy": (
        "Ein anderes Programm benutzt das Modem. Bitte beenden Sie es.",
        "Another program is using the modem. Please stop it.",
    ),
    "unplugged": (
        "Das Modem wurde abgezogen. Bitte stecken Sie es wieder an; es wird von selbst gefunden.",
        "The modem was unplugged. Plug it in again; it is found by itself.",
    ),
    "no_modem": (
        "Kein Modem gefunden. Bitte stecken Sie es an; es wird von selbst gefunden.",
        "No modem found. Plug it in; it is found by itself.",
    ),
    "hung": (
        "Das Modem antwortet nicht. Wir versuchen es weiter; hilft das nicht, stecken Sie es bitte ab und wieder an.",
        "The modem does not answer. We keep trying; if that does not help, unplug it and plug it in again.",
    ),
    "rebooted": ("Das Modem startet neu.", "The modem is starting anew."),
    "sim_missing": (
        "Im Modem steckt keine SIM-Karte. Bitte setzen Sie sie ein.",
        "There is no SIM card in the modem. Please insert it.",
    ),
    "sim_busy": ("Die SIM-Karte ist noch nicht bereit.", "The SIM card is not ready yet."),
    "sim_failed": (
        "Die SIM-Karte ist defekt oder sitzt nicht richtig. Bitte prüfen Sie sie.",
        "The SIM card is faulty or not seated properly. Please check it.",
    ),
    "sim_locked": (
        "Die SIM-Karte ist für ein anderes Gerät oder Netz gesperrt. Bitte verwenden Sie eine freie Karte.",
        "The SIM card is locked to another device or network. Please use a free one.",
    ),
    "sim_puk": (
        "Die SIM-Karte verlangt die PUK. Bitte setzen Sie die Karte in ein Handy ein und geben Sie dort die PUK ein.",
        "The SIM card asks for its PUK. Put the card into a phone and enter the PUK there.",
    ),
    "pin_missing": (
        "Die SIM-Karte verlangt eine PIN. Bitte tragen Sie sie ein.",
        "The SIM card asks for a PIN. Please enter it in the settings.",
    ),
    "pin_refused": (
        "Die SIM-Karte nimmt die PIN nicht an. Wir haben sie einmal versucht und hören auf, damit die Karte nicht"
        " gesperrt wird. Bitte prüfen Sie die PIN.",
        "The SIM card does not accept the PIN. We tried it once and stop, so that the card is not locked."
        " Please check the PIN.",
    ),
    "pin_tries": (
        "Die SIM-Karte hat weniger als drei PIN-Versuche übrig; wir versuchen es nicht. Bitte setzen Sie die Karte"
        " in ein Handy ein und geben Sie dort die PIN ein.",
        "The SIM card has fewer than three PIN tries left, so we do not try. Put the card into a phone and enter"
        " the PIN there.",
    ),
    "no_network": (
        "Das Modem findet kein Netz. Bitte prüfen Sie Antenne, Standort und Vertrag.",
        "The modem finds no network. Please check aerial, place and contract.",
    ),
    "texts_only": (
        "Das Netz lässt nur Nachrichten zu, keine Anrufe. Bitte fragen Sie Ihren Anbieter nach Sprachdiensten.",
        "The network allows texts only, no calls. Please ask your operator about voice service.",
    ),
    "diverted_always": (
        "Eine Rufumleitung für alle Anrufe ist eingeschaltet: Anrufe kommen nicht beim Gerät an. Bitte schalten Sie"
        " sie aus (##21# an einem Handy mit dieser Karte).",
        "A diversion of all calls is on: calls do not reach the box. Please switch it off"
        " (##21# on a phone with this card).",
    ),
    "net_not_confirmed": (
        "Die Rufumleitung für den Notfall ist nicht bestätigt: Ist das Gerät aus, gehen Anrufe verloren."
        " Bitte fragen Sie Ihren Anbieter, ob Rufumleitungen erlaubt sind.",
        "The safety net in the network is not confirmed: while the box is off, calls are lost."
        " Please ask your operator whether diversions are allowed.",
    ),
    "no_reply_off": (
        "Umleitung bei Nichtmelden bleibt aus: Ein Plan nimmt erst nach mehr als 4 Klingelzeichen ab.",
        "Diversion on no reply stays off: a plan answers only after more than 4 rings.",
    ),
    "no_voice": (
        "Dieses Modem hat keine Sprachfunktion: Es zählt das Klingeln und zeigt die Rufnummer, kann aber nicht abnehmen"
        " und weiterleiten. Bitte verwenden Sie ein Modem mit Sprachfunktion.",
        "This modem has no voice: it counts rings and shows the caller, but cannot answer and forward."
        " Please use a modem with voice.",
    ),
    "flash_ignored": (
        "Der Anschluss reagiert nicht auf die Rückfragetaste (Flash). Bitte prüfen Sie Flash-Dauer und Anschluss"
        " mit dem geführten Probeanruf.",
        "The line does not react to the hook-flash. Please check its length and the port with the guided test call.",
    ),
    "transfer_refused": (
        "Der Anschluss hat einen Anruf nicht weitergegeben, sondern zurückgerufen. Bitte prüfen Sie mit dem geführten"
        " Probeanruf, womit Ihre Anlage ein Gespräch übergibt.",
        "The line did not hand a call on but rang back. Please check with the guided test call what completes a"
        " transfer on your exchange.",
    ),
    "no_caller_id": (
        "Am Anschluss kommt keine Rufnummer an. Bitte schalten Sie die Rufnummernanzeige (CLIP) für diesen Anschluss"
        " ein.",
        "No caller numbers arrive on this line. Please switch on caller ID (CLIP) for it.",
    ),
    "net_not_proven": (
        "Die Rufumleitung für den Notfall wurde eingerichtet, ist aber nicht bestätigt. Bitte prüfen Sie sie mit einem"
        " Probeanruf.",
        "The safety net in the network was set up but is not confirmed. Please check it with a test call.",
    ),
}


_NO_CALLS = frozenset(said for code in ("diverted_always", "no_voice") for said in PROBLEMS[code])


def answers_nobody(said: object) -> bool:
    """Whether a line with this problem, in words, answers no call although it is in service."""
    return said in _NO_CALLS


def words(code: str | None, language: str) -> str | None:
    """The sentence for a code; a code without one speaks for itself."""
    if code is None:
        return None
    return in_language(PROBLEMS.get(code, (code, code)), language)


def in_language(pair: tuple[str, str], language: str) -> str:
    """The German or the English of a pair."""
    return pair[0] if language == "de" else pair[1]
