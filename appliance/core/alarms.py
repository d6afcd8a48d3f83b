"""What the owner must know of: the causes of alarms and their texts, each in one part."""

from __future__ import annotations

from appliance.core import wording

URGENT = frozenset({"line_down"})
"""Causes that don't wait for the end of quiet hours: calls are being lost now."""
EACH = frozenset({"line_down", "safety_net", "costs_near", "costs_cap"})
"""Causes that each line, or each month's cap, has for itself; all others there are once, whatever the amount or time
they tell."""

_WORDS = {
    "de": {
        "line_down": "Rufweiche: Die Leitung {what} ist seit 10 Minuten gestört. Anrufe werden dort nicht angenommen. "
        "Bitte prüfen Sie das Gerät.",
        "safety_net": "Rufweiche: Die Rufumleitung für den Notfall (Leitung {what}) ist nicht mehr bestätigt. Ist das "
        "Gerät aus, gehen Anrufe verloren.",
        "roster_gap": "Rufweiche: In der Bereitschaft ist eine Lücke: {what}. In dieser Zeit ist niemand eingeteilt.",
        "texts_cap": "Rufweiche: Das Tageslimit von {what} SMS ist erreicht. Weitere folgen gesammelt, sobald wieder "
        "welche frei sind.",
        "credit": "Rufweiche: Das Guthaben der SIM-Karte geht zu Ende: {what}. Bitte laden Sie es auf.",
        "card": "Rufweiche: Die SIM-Karte läuft bald ab: {what}. Bitte laden Sie sie auf.",
        "restored": "Rufweiche: Die Datenbank war beschädigt. Der Stand vom {what} wurde wiederhergestellt; was danach "
        "war, fehlt.",
        "night": "Rufweiche: Bei der nächtlichen Prüfung ging etwas schief: {what}. Was zu tun ist, sagt die Seite des "
        "Geräts.",
        "costs_near": "Rufweiche: Die Kosten für Weiterleitungen erreichen bald die Grenze: {what}.",
        "costs_cap": "Rufweiche: Die Kostengrenze des Monats ist erreicht: {what}. Weitergeleitet wird bis Monatsende "
        "nur noch nach dem Ersatzplan.",
    },
    "en": {
        "line_down": "Rufweiche: the line {what} has been down for 10 minutes. Calls are not answered there. "
        "Please check the box.",
        "safety_net": "Rufweiche: the safety net of the line {what} is no longer confirmed by the network. While the "
        "box is off, calls are lost.",
        "roster_gap": "Rufweiche: the roster has a gap: {what}. Nobody is on call then.",
        "texts_cap": "Rufweiche: the day's limit of {what} texts is reached. More follow, collected, when there is "
        "room again.",
        "credit": "Rufweiche: the credit of the SIM card runs out: {what}. Please top it up.",
        "card": "Rufweiche: the SIM card expires soon: {what}. Please top it up.",
        "restored": "Rufweiche: the database was damaged. Its state of {what} was restored; what came after that is "
        "missing.",
        "night": "Rufweiche: something went wrong in the nightly check: {what}. The page of the box says what to do.",
        "costs_near": "Rufweiche: the cost of forwarding is close to its cap: {what}.",
        "costs_cap": "Rufweiche: the month's cost cap is reached: {what}. Until the month ends calls are forwarded by "
        "the plan named for that only.",
    },
}

CAUSES = frozenset(_WORDS["de"])
"""Every cause there is a text for."""


NIGHT = {
    "de": {"database": "Datenbank", "records": "Löschen alter Anrufe", "backup": "Sicherung", "copy": "Kopie"},
    "en": {"database": "database", "records": "deleting old calls", "backup": "backup", "copy": "copy"},
}
"""The steps of the nightly round, as the alarm `night` names them."""
NIGHT_WRONG = "night.wrong"
"""Kept by this name: which of them went wrong the last time, by commas; the page says what to do."""


def text(cause: str, what: str, language: str) -> str:
    """The text about `cause` (one of CAUSES). `what`: the line's name, the time of the gap, the amount (and of which
    month)."""
    lengths = (60, *wording.NAME_LENGTHS)
    return wording.first_that_fits(_WORDS[language][cause].format(what=wording.name(what, size)) for size in lengths)


def key(cause: str, what: str) -> tuple[str, str]:
    """What the owner hears of once a day: the cause, and of which line or cap, else ""."""
    return cause, what if cause in EACH else ""


def is_about(said: str, cause: str, what: str, language: str) -> bool:
    """Whether a text that was sent told of the same `key`."""
    if cause in EACH:
        return said == text(cause, what, language)
    return said.startswith(_WORDS[language][cause].partition("{what}")[0])
