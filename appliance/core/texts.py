"""The text about one missed call and the test text, in German and English, in one part wherever names allow."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from appliance.core import wording
from appliance.core.records import Attempt, CallRecord

_NAMED_ATTEMPTS = (99, 3, 2, 1, 0)  # how many are told one by one; the others are counted
_STEPS = [(named, longest) for named in _NAMED_ATTEMPTS for longest in wording.NAME_LENGTHS] + [(0, 10)]

_WORDS = {
    "de": {
        "missed": "Verpasster Anruf: {who}, {when}. {what}",
        "gave_up_ringing": "Hat nach {rings} Klingelzeichen aufgelegt.",
        "gave_up_ringing 1": "Hat nach einem Klingelzeichen aufgelegt.",
        "gave_up_ringing 0": "Hat vor dem ersten Klingelzeichen aufgelegt.",
        "perhaps_answered": "Klingelte {rings}-mal, dann legte jemand auf oder nahm ab: vielleicht angenommen.",
        "gave_up_forwarding": "Hat beim Weiterleiten aufgelegt{tried}.",
        "nobody_reached": "Niemand erreicht{tried}.",
        "not_forwarded": "Wurde nicht weitergeleitet.",
        "line_busy": "Die Leitung war gerade besetzt.",
        "line_lost": "Das Modem fiel dabei aus{tried}.",
        "restart": "Das Gerät startete dabei neu{tried}.",
        "answered": "{name} nicht verbunden",
        "busy": "{name} besetzt",
        "no_answer": "{name} nahm nicht ab",
        "refused": "{name} lehnte ab",
        "failed": "{name} nicht erreichbar",
        "caller_gone": "{name} wurde gerade angerufen",
        "more": "{count} weitere vergeblich",
        "all": "{count} vergeblich angerufen",
        "ok": "Ihrem Codewort und OK",
        "on_duty": "Verpasster Anruf in Ihrer Bereitschaft: {who}, {when}. Kümmern Sie sich? Dann bitte "
        "mit {ok} antworten.",
        "voicemail": "Nachricht auf dem Anrufbeantworter: {who}, {when}, {length}. Anhören: auf der Seite des Geräts.",
        "test": "Testnachricht von Rufweiche{name}: Nachrichten kommen an.",
    },
    "en": {
        "missed": "Missed call: {who}, {when}. {what}",
        "gave_up_ringing": "Hung up after {rings} rings.",
        "gave_up_ringing 1": "Hung up after one ring.",
        "gave_up_ringing 0": "Hung up before the first ring.",
        "perhaps_answered": "Rang {rings} times, then somebody hung up or lifted: possibly answered.",
        "gave_up_forwarding": "Hung up while being forwarded{tried}.",
        "nobody_reached": "Nobody reached{tried}.",
        "not_forwarded": "Was not forwarded.",
        "line_busy": "The line was busy.",
        "line_lost": "The modem failed meanwhile{tried}.",
        "restart": "The box restarted meanwhile{tried}.",
        "answered": "{name} not connected",
        "busy": "{name} busy",
        "no_answer": "{name} did not answer",
        "refused": "{name} declined",
        "failed": "{name} unreachable",
        "caller_gone": "{name} was being called",
        "more": "{count} more in vain",
        "all": "{count} called in vain",
        "ok": "with your code word and OK",
        "on_duty": "Missed call while you are on call: {who}, {when}. If you take care of it, please reply {ok}.",
        "voicemail": "Message on the voicemail: {who}, {when}, {length}. Listen on the box's page.",
        "test": "Test message from Rufweiche{name}: messages arrive.",
    },
}


def missed(record: CallRecord, language: str, timezone: str) -> str:
    """The text about a missed call: who, when and what was tried.

    `language`: de or en; `timezone`: IANA name. Long names are cut and many attempts counted until it fits.
    """
    words = _WORDS[language]
    when = wording.moment(record.started_at.astimezone(ZoneInfo(timezone)), language)
    return wording.first_that_fits(
        words["missed"].format(
            who=wording.who(record, language, longest), when=when, what=_what(record, words, longest, named)
        )
        for named, longest in _STEPS
    )


def on_duty(record: CallRecord, language: str, timezone: str, code: str | None = None) -> str:
    """The text about a missed call to somebody on the roster, who is asked to acknowledge it.

    `code`: the word his commands must begin with, if they must.
    """
    when = wording.moment(record.started_at.astimezone(ZoneInfo(timezone)), language)
    return wording.first_that_fits(
        _WORDS[language]["on_duty"].format(who=wording.who(record, language, longest), when=when, ok=ok(code, language))
        for longest in wording.NAME_LENGTHS
    )


def voicemail(record: CallRecord, language: str, timezone: str) -> str:
    """The text about a message that a caller left."""
    when = wording.moment(record.started_at.astimezone(ZoneInfo(timezone)), language)
    minutes, seconds = divmod(round(record.message_seconds or 0.0), 60)
    return wording.first_that_fits(
        _WORDS[language]["voicemail"].format(
            who=wording.who(record, language, longest), when=when, length=f"{minutes}:{seconds:02}"
        )
        for longest in wording.NAME_LENGTHS
    )


def ok(code: str | None, language: str) -> str:
    """What somebody replies who takes care of a call; `code`: the word his commands must begin with, if they must.

    The word itself is in no text: whoever reads them would know it.
    """
    return _WORDS[language]["ok"] if code else "OK"


def test(language: str, business: str) -> str:
    """The text that shows that texts arrive. `business`: its name, may be empty."""
    return wording.first_that_fits(
        _WORDS[language]["test"].format(name=f" ({short})" if (short := wording.name(business, longest)) else "")
        for longest in wording.NAME_LENGTHS
    )


def _what(record: CallRecord, words: dict[str, str], longest: int, named: int) -> str:
    tried = _tried(record.attempts, words, longest, named)
    reason = record.reason or "nobody_reached"
    if reason == "nobody_reached" and not record.attempts:
        reason = "not_forwarded" if record.rings else "line_busy"  # a second caller never rings
    if record.perhaps_answered and reason in ("gave_up_ringing", "nobody_reached"):
        reason = "perhaps_answered"
    sentence = words.get(f"{reason} {record.rings}") or words.get(reason) or words["nobody_reached"]
    return sentence.format(tried=f": {tried}" if tried else "", rings=record.rings)


def _tried(attempts: list[Attempt], words: dict[str, str], longest: int, named: int) -> str:
    """What became of each target; of several tries of one, the last."""
    results = {attempt.target: attempt.result for attempt in attempts}
    told = [
        words.get(result, words["failed"]).format(name=wording.name(target, longest))
        for target, result in list(results.items())[:named]
    ]
    if len(results) > len(told):
        told.append(words["more" if told else "all"].format(count=len(results) - len(told)))
    return ", ".join(told)
