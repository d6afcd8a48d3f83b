"""What is doubtful in a settings file: possible, and hardly what somebody means. `mistakes` says it."""

from __future__ import annotations

DOUBTS: dict[str, tuple[str, str]] = {
    "warn_mobile_rings": (
        "Nach 15 Sekunden meldet sich bei Handys oft die Mailbox und gilt als Mensch; "
        "besser höchstens 15 Sekunden (jetzt {value}).",
        "After 15 seconds a mobile's mailbox often answers and counts as a human; "
        "better 15 seconds at most (now {value}).",
    ),
    "warn_confirm": (
        "Bestätigen mit der Taste 1 geht nur, wenn das Modem Tasten hört; "
        "ist es auf der Leitung „{line}“ taub, wird es dort nicht verlangt.",
        "Confirming with key 1 works only where the modem hears keys; "
        'if it is deaf on the line "{line}", it will not be asked for there.',
    ),
    "warn_brief_landline": (
        "An eine Festnetznummer geht keine SMS; wer anruft, erfährt dieses Ziel nicht vorher.",
        "No text can go to a landline; this target will not be told who calls.",
    ),
    "warn_brief_late": (
        "Solange die Leitung „{line}“ das Gespräch hält, sendet sie nichts: die SMS kommt erst danach, wenn kein "
        "zweiter Stick sie sendet.",
        'While the line "{line}" carries the call it sends nothing: the text comes afterwards, unless a second stick '
        "sends it.",
    ),
    "warn_no_texts": (
        "Keine Leitung kann SMS senden: Nachrichten über verpasste Anrufe schlagen fehl, bis es eine "
        "Leitung der Art „gsm“ gibt.",
        'No line can send texts: texts about missed calls will fail until there is a line of kind "gsm".',
    ),
    "warn_no_texts_but_network": (
        "Keine Leitung kann SMS senden; Nachrichten gehen nur per E-Mail oder Webhook.",
        "No line can send texts; messages go by e-mail or webhook only.",
    ),
    "warn_no_number": (
        "Ohne die eigene Nummer kann Rufweiche nicht verhindern, dass ein Ziel im Kreis zu ihr führt; "
        "besser, Sie ergänzen „number“.",
        'Without the line\'s own number Rufweiche cannot keep a target from leading back to it; better add "number".',
    ),
    "warn_no_site": (
        "Ohne „site“ wird hinter dieser Leitung eine FRITZ!Box angenommen.",
        'Without "site" a FRITZ!Box is assumed behind this line.',
    ),
    "warn_two_auto": (
        'Mehrere Leitungen suchen ihr Modem mit "auto" und könnten es tauschen; besser, Sie nennen die Anschlüsse.',
        'Several lines look for their modem with "auto" and might swap them; better name the ports.',
    ),
    "warn_unused": (
        "Diese Angabe wird bei einer Leitung der Art „{kind}“ nicht gebraucht.",
        'This is not used on a line of kind "{kind}".',
    ),
    "warn_bridge_unused": (
        "„bridge_over“ wird nur gebraucht, wenn „bridge“ in „forward_by“ steht.",
        '"bridge_over" is used only where "forward_by" has "bridge".',
    ),
    "warn_no_roster": (
        "„on-call“ bleibt leer, denn es gibt keine [[roster]].",
        '"on-call" stays empty, for there is no [[roster]].',
    ),
    "warn_region": (
        "Für diese Region sind keine eigenen Feiertage bekannt, es zählen die landesweiten; bekannt sind: {known}.",
        "No holidays of this region are known, the nationwide ones count; known are: {known}.",
    ),
    "warn_local_unused": (
        "Ohne [holidays] sind Feiertage gewöhnliche Tage, auch örtliche.",
        "Without [holidays], holidays are ordinary days, local ones too.",
    ),
    "warn_cap_unused": (
        "Ohne „monthly_cap_eur“ gilt dieser Plan nie.",
        'Without "monthly_cap_eur" this plan never applies.',
    ),
    "warn_balance": (
        "Ohne „balance_ussd“ kann das Guthaben nicht abgefragt werden.",
        'Without "balance_ussd" the balance cannot be asked.',
    ),
    "warn_blank_at_end": (
        "Am Anfang oder am Ende steht ein Leerzeichen; es gilt als Teil davon. Bitte prüfen Sie, ob es dazugehört.",
        "There is a blank at the beginning or the end, which counts as part of it; please check whether it belongs.",
    ),
    "warn_no_region": (
        "Ohne „region“ zählen nur landesweite Feiertage; besser, Sie ergänzen business.region.",
        'Without "region" only nationwide holidays count; better add business.region.',
    ),
}
"""By code: the sentence in German and in English, with the same facts."""
