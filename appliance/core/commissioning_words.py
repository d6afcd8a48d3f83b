"""What the guide of a commissioning says and asks, in German and English, to people who know nothing of flashes."""

from __future__ import annotations

from appliance.core.settings import Site

WORDS: dict[str, tuple[str, str]] = {
    "begin": (
        "Begleitete Probeanrufe auf der Leitung {line}, etwa fünf Minuten. Sie brauchen ein Handy und jemanden am Ziel "
        "{target}. Dabei kommen SMS über verpasste Anrufe; das gehört dazu.",
        "Guided test calls on the line {line}, about five minutes. You need a mobile and somebody at the target "
        "{target}. Texts about missed calls will come; that is as it should be.",
    ),
    # --- 1: does it ring? ------------------------------------------------------------------------
    "ring": (
        "1. Klingeln. Rufen Sie jetzt {number} an, lassen Sie es zweimal klingeln und legen Sie auf.",
        "1. Ringing. Now call {number}, let it ring twice, and hang up.",
    ),
    "rang": ("✓ {rings}-mal Klingeln gezählt.", "✓ Counted {rings} rings."),
    "caller": ("✓ Rufnummer erkannt: {caller}.", "✓ Caller's number seen: {caller}."),
    "withheld": (
        "▲ Ihre Rufnummer war unterdrückt; ob Rufnummern ankommen, zeigt ein Anruf mit Nummer.",
        "▲ Your number was withheld; whether numbers arrive shows with a call that has one.",
    ),
    "no_caller": (
        "▲ Keine Rufnummer erkannt. Bitte schalten Sie für diesen Anschluss die Rufnummernanzeige (CLIP) ein.",
        "▲ No number seen. Please switch on caller ID (CLIP) for this port.",
    ),
    "caller_late": (
        "▲ Das Gerät nimmt nach dem ersten Klingeln ab, die Rufnummer kommt meist erst danach: Regeln für einzelne "
        "Anrufer gelten so nicht. Besser sind zwei Klingelzeichen.",
        "▲ The box answers after the first ring, and the number mostly comes after it: rules for single callers do "
        "not apply like this. Two rings are better.",
    ),
    "answers_soon": (
        "1. Klingeln und Rufnummer zeigen sich beim nächsten Anruf, denn das Gerät nimmt jetzt schon nach {rings}-mal "
        "Klingeln ab.",
        "1. Rings and number show with the next call, since the box now answers after {rings}.",
    ),
    "phones?": (
        "Klingelt an diesem Anschluss noch ein anderes Telefon mit?",
        "Does another phone ring on this line, too?",
    ),
    "lift": (
        "Rufen Sie noch einmal {number} an. Nehmen Sie nach dem ersten Klingeln dieses andere Telefon ab, warten Sie "
        "zwei Sekunden und legen Sie beide auf.",
        "Call {number} once more. Lift that other phone after the first ring, wait for two seconds, and hang up both.",
    ),
    "lift_seen": (
        "✓ Das Gerät merkt, wenn hier jemand abnimmt, und lässt ihm den Anruf.",
        "✓ The box notices when somebody here answers, and leaves the call to them.",
    ),
    "lift_unseen": (
        "▲ Das Gerät hat das Abnehmen nicht sicher bemerkt. Solche Anrufe heißen dann „vielleicht angenommen“.",
        "▲ The box did not surely notice. Such calls are then said to be possibly answered.",
    ),
    # --- 2 and 3: does it forward, and fetch back? -----------------------------------------------
    "transfer": (
        "2. Weiterleiten. Rufen Sie jetzt {number} an und bleiben Sie dran. Am Ziel bitte abheben, kurz miteinander "
        "sprechen, dann auflegen.",
        "2. Forwarding. Now call {number} and hold the line. Somebody please answers at the target; speak with each "
        "other shortly, then hang up.",
    ),
    "fetch_back": (
        "3. Zurückholen. Rufen Sie noch einmal {number} an. Am Ziel bitte NICHT abheben (oder ablehnen). Bleiben Sie "
        "dran, bis der Versuch vorbei ist, und legen Sie erst dann auf.",
        "3. Fetching back. Call {number} once more. At the target please do NOT answer (or decline). Hold the line "
        "until the attempt is over, and hang up only then.",
    ),
    "site": (
        "Versuch: verbinden mit {complete}{blind}, zurückholen mit {fetch_back}, Ziffer nach außen: {prefix}.",
        "Trying: connect with {complete}{blind}, fetch back with {fetch_back}, digit that leads outside: {prefix}.",
    ),
    "heard": ("Rückfragetaste {flash_ms} ms: {what}.", "Flash of {flash_ms} ms: {what}."),
    "together?": ("Konnten Sie miteinander sprechen?", "Could you speak with each other?"),
    "rung?": ("Hat das Telefon am Ziel geklingelt?", "Did the target's phone ring?"),
    "lifted?": ("Hat dort jemand abgehoben?", "Did somebody answer there?"),
    "there?": (
        "War Ihr Anruf danach noch da (kein Besetztton, nicht getrennt)?",
        "Was your call still there afterwards (no busy tone, not cut off)?",
    ),
    "no_call": (
        "▲ Es kam kein Anruf an. Bitte prüfen Sie Nummer und Kabel.",
        "▲ No call came in. Check number and cable.",
    ),
    "gave_up": (
        "▲ Der Anruf endete, bevor das Ziel angerufen war. Bitte noch einmal.",
        "▲ The call ended before the target was called. Please again.",
    ),
    "again": (
        "▲ Das Ziel war so nicht zu prüfen ({result}). Bitte noch einmal.",
        "▲ That showed nothing about the target ({result}). Please again.",
    ),
    "store?": (
        "Weiterleiten und Zurückholen funktionieren.\n  {site}\nDiese Einstellung für die Leitung speichern?",
        "Forwarding and fetching back work.\n  {site}\nStore this for the line?",
    ),
    "stored": ("✓ Gespeichert.", "✓ Stored."),
    "not_stored": ("Die Einstellungen sind wie zuvor.", "The settings are as before."),
    "given_up": (
        "▲ Keine bekannte Tastenfolge führte zum Ziel. Die Einstellungen sind wie zuvor. Bitte sehen Sie in der "
        "Anleitung Ihrer Anlage unter „Vermitteln“ oder „Rückfrage“ nach, oder leiten Sie über einen Mobilfunkstick "
        "weiter (bridge).",
        "▲ No keys we know led there. The settings are as before. See the manual of your exchange under call transfer, "
        "or forward over a mobile stick (bridge).",
    ),
    # --- 4: the safety net -----------------------------------------------------------------------
    "net": (
        "4. Auffangnetz. Gewählt wurde {code}: Umleitung zu {to}. Ob es gilt, zeigt ein Anruf.",
        "4. Safety net. {code} was dialled: a diversion to {to}. Whether it stands, a call shows.",
    ),
    "busy": (
        "Rufen Sie {number} mit einem Handy an und legen Sie nicht auf. Rufen Sie nun mit einem zweiten Telefon "
        "dieselbe Nummer an.",
        "Call {number} from a mobile and do not hang up. Now call it from another phone, too.",
    ),
    "no_reply": (
        "Ziehen Sie das Modem vom Telefonkabel, rufen Sie {number} an und lassen Sie es 40 Sekunden klingeln. Danach "
        "wieder anstecken.",
        "Unplug the modem's phone cable, call {number} and let it ring for 40 seconds. Then plug it in again.",
    ),
    "rings?": ("Klingelt es bei {to}?", "Does it ring at {to}?"),
    "proved": ("✓ Die Umleitung ist bestätigt.", "✓ The diversion is confirmed."),
    "not_proved": (
        "▲ Die Umleitung besteht nicht. Das Gerät stellt sie noch einmal ein.",
        "▲ The diversion does not stand. The box sets it once more.",
    ),
    "unsaid": (
        "▲ Das Gerät hat nicht geantwortet; bitte bestätigen Sie die Umleitung auf seiner Seite.",
        "▲ The box did not answer; please confirm the diversion on its page.",
    ),
    # --- why it cannot begin, or go on -----------------------------------------------------------
    "no_line": (
        "Eine analoge Leitung {line} gibt es nicht; es gibt: {names}",
        "there is no analog line {line}; there are: {names}",
    ),
    "no_flash": (
        "{line}: forward_by nennt flash nicht, also gibt es keine Tasten herauszufinden",
        "{line}: forward_by does not name flash, so there are no keys to find out",
    ),
    "no_chain": (
        "Der Plan, der jetzt gilt, leitet an niemanden weiter: Bitte wählen Sie mit rufweiche override einen anderen.",
        "the plan that applies now forwards to nobody: choose one that does, with rufweiche override",
    ),
    "not_ready": (
        "{line}: Die Leitung muss zuerst bereit sein ({problem})",
        "{line}: the line must be ready first ({problem})",
    ),
    "no_engine": (
        "Der Dienst läuft nicht: Bitte starten Sie ihn zuerst, denn die Probeanrufe gehen über ihn.",
        "the engine is not running: start it first, the test calls go through it",
    ),
    "never_rang": (
        "Dreimal kam kein Anruf an. Bitte beginnen Sie von vorn, wenn es an der Leitung klingelt.",
        "three times no call came in; begin again when the line rings",
    ),
    "nothing_shown": (
        "Drei Anrufe haben nichts gezeigt. Bitte beginnen Sie von vorn, wenn jemand am Ziel ist.",
        "three calls showed nothing; begin again when somebody is at the target",
    ),
}

_RESULTS = {
    "busy": ("besetzt", "busy"),
    "refused": ("abgelehnt", "refused"),
    "no_answer": ("nicht abgehoben", "no answer"),
    "failed": ("fehlgeschlagen", "failed"),
    "answered": ("abgehoben", "answered"),
    "caller_gone": ("Anrufer hat aufgelegt", "the caller hung up"),
}

_HEARD = {
    "dial": ("Wählton, der Anschluss hat sie verstanden", "dial tone, the line took it"),
    "nothing": ("nichts, der Anschluss hat sie nicht bemerkt", "nothing, the line did not notice"),
    "busy": ("Besetztton, der Anschluss erlaubt keine Rückfrage", "busy tone, the line allows no consultation"),
    "congestion": ("Besetztton, der Anschluss erlaubt keine Rückfrage", "busy tone, the line allows no consultation"),
    "sit": ("Hinweiston, der Anschluss erlaubt keine Rückfrage", "information tone, the line allows no consultation"),
    "ringback": ("Freiton, das letzte Ziel wird noch gerufen", "ringing tone, the last target is still being called"),
    "cannot": ("das Modem kann sie nicht drücken", "the modem cannot do it"),
    "deaf": ("das Gerät konnte nicht zuhören", "the box could not listen"),
}


def words(key: str, language: str, **facts: object) -> str:
    """The sentence, with the facts it tells."""
    return _in(WORDS[key], language).format(**facts)


def result(result: str, language: str) -> str:
    """How it went with the target (records.Attempt.result), in a word or two."""
    return _in(_RESULTS.get(result, (result, result)), language)


def heard(flash_ms: int, what: str, language: str) -> str:
    """What followed a flash."""
    return words("heard", language, flash_ms=flash_ms, what=_in(_HEARD.get(what, (what, what)), language))


def tried(site: Site, language: str) -> str:
    """What the next call tries, as people say it."""
    return words(
        "site",
        language,
        complete=_keys(site.complete, language),
        blind=_in((" schon beim Klingeln", " as it rings"), language) if site.blind else "",
        fetch_back=_keys(site.fetch_back, language),
        prefix=site.prefix or _in(("keine", "none"), language),
    )


def written(site: Site) -> str:
    """As it stands in a settings file."""
    blind = ", blind = true" if site.blind else ""
    return (
        f'site = {{ flash_ms = {site.flash_ms}, complete = "{site.complete}", fetch_back = "{site.fetch_back}", '
        f'prefix = "{site.prefix}"{blind} }}'
    )


def _keys(setting: str, language: str) -> str:
    if setting == "on-hook":
        return _in(("Auflegen", "hanging up"), language)
    return setting.replace("flash", "R")


def _in(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "de" else pair[1]
