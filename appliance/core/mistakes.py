"""What is wrong in a settings file, said to the person who wrote it: one sentence each, with the cure.

German is formal ("Sie"), English complete; both sentences of a code use the same facts.
"""

from __future__ import annotations

from msgspec import Struct

from appliance.core.doubts import DOUBTS

_SENTENCES: dict[str, tuple[str, str]] = {
    # --- the file ---
    "syntax": (
        "Hier ist die Datei kein gültiges TOML; bitte prüfen Sie diese Zeile und die davor{detail}.",
        "The file is no valid TOML here; please check this line and the one before{detail}.",
    ),
    "encoding": (
        "Die Datei ist nicht in UTF-8 geschrieben; bitte speichern Sie sie als UTF-8.",
        "The file is not written in UTF-8; please save it as UTF-8.",
    ),
    # --- keys and types ---
    "missing": ("Diese Angabe fehlt; bitte ergänzen Sie {example}.", "This is missing; please add {example}."),
    "unknown": (
        "Diese Angabe kennt Rufweiche nicht; bitte entfernen Sie sie oder prüfen Sie die Schreibweise.",
        "Rufweiche does not know this key; please remove it or check the spelling.",
    ),
    "unknown_guess": (
        "Diese Angabe kennt Rufweiche nicht; meinten Sie „{guess}“?",
        'Rufweiche does not know this key; did you mean "{guess}"?',
    ),
    "not_table": (
        "Hier gehört eine Tabelle hin; bitte schreiben Sie {example}.",
        "A table belongs here; please write {example}.",
    ),
    "not_tables": (
        "Hiervon kann es mehrere geben; bitte schreiben Sie die Überschrift als {example}.",
        "There can be several of these; please write the heading as {example}.",
    ),
    "not_list": (
        'Hier gehört eine Liste hin, zum Beispiel ["{example}"].',
        'A list belongs here, for example ["{example}"].',
    ),
    "not_text": (
        "Bitte schreiben Sie diesen Wert in Anführungszeichen.",
        "Please write this value in quotation marks.",
    ),
    "empty": ("Bitte lassen Sie diese Angabe nicht leer.", "Please do not leave this empty."),
    "too_long": ("Bitte verwenden Sie höchstens {most} Zeichen.", "Please use at most {most} characters."),
    "unprintable": (
        "Bitte entfernen Sie Zeilenumbrüche und Steuerzeichen.",
        "Please remove line breaks and control characters.",
    ),
    "not_whole": (
        "Bitte geben Sie eine ganze Zahl von {lowest} bis {highest} ohne Anführungszeichen an.",
        "Please give a whole number from {lowest} to {highest} without quotation marks.",
    ),
    "out_of_range": (
        "{value} geht hier nicht; bitte geben Sie eine Zahl von {lowest} bis {highest} an.",
        "{value} is not possible here; please give a number from {lowest} to {highest}.",
    ),
    "not_amount": (
        "Bitte geben Sie eine Zahl von 0 bis {highest} ohne Anführungszeichen an, Bruchteile mit Punkt (7.5).",
        "Please give a number from 0 to {highest} without quotation marks, fractions with a point (7.5).",
    ),
    "not_yes_no": (
        "Bitte schreiben Sie true (ja) oder false (nein), ohne Anführungszeichen.",
        "Please write true or false, without quotation marks.",
    ),
    "not_choice": (
        "„{value}“ geht hier nicht; möglich ist: {allowed}.",
        '"{value}" is not possible here; choose one of: {allowed}.',
    ),
    "not_clock": (
        'Das ist keine Uhrzeit; bitte schreiben Sie sie wie "07:30".',
        'This is no time of day; please write it like "07:30".',
    ),
    "midnight_begins": (
        'Eine Zeit endet um "24:00", beginnt aber um "00:00"; bitte schreiben Sie das und prüfen Sie die Tage.',
        'A time ends at "24:00" but begins at "00:00"; please write that, and check the days.',
    ),
    "not_day": (
        "Das ist kein Datum; bitte schreiben Sie es wie 2026-12-24.",
        "This is no date; please write it like 2026-12-24.",
    ),
    "not_moment": (
        "Das ist kein Zeitpunkt; bitte schreiben Sie ihn wie 2026-11-23T17:00:00, in Ortszeit und ohne Zeitzone.",
        "This is no point in time; please write it like 2026-11-23T17:00:00, in local time and without a time zone.",
    ),
    "twice": (
        "„{value}“ steht hier zweimal; bitte nehmen Sie eines davon heraus.",
        '"{value}" is here twice; please take one out.',
    ),
    "duplicate": (
        "„{value}“ ist schon bei {other} vergeben; bitte wählen Sie etwas anderes.",
        '"{value}" is already taken by {other}; please choose another.',
    ),
    "reserved": (
        "„{value}“ hat eine feste Bedeutung; bitte wählen Sie einen anderen Namen.",
        '"{value}" has a fixed meaning; please choose another name.',
    ),
    # --- names that refer to others ---
    "no_plan": (
        "Einen Plan „{value}“ gibt es nicht; vorhanden: {known}.",
        'There is no plan "{value}"; there are: {known}.',
    ),
    "no_target": (
        "Ein Ziel „{value}“ gibt es nicht; vorhanden: {known}.",
        'There is no target "{value}"; there are: {known}.',
    ),
    "no_line": (
        "Eine Leitung „{value}“ gibt es nicht; vorhanden: {known}.",
        'There is no line "{value}"; there are: {known}.',
    ),
    # --- business ---
    "country": (
        "Dieses Land wird noch nicht unterstützt; bitte verwenden Sie einen der Ländercodes {known}.",
        "This country is not supported yet; please use one of the country codes {known}.",
    ),
    "timezone": (
        'Diese Zeitzone gibt es nicht; bitte verwenden Sie einen Namen wie "{guess}".',
        'There is no such time zone; please use a name like "{guess}".',
    ),
    "region": (
        "Diese Region gibt es in {country} nicht; bitte verwenden Sie eines der Kürzel {known}.",
        "There is no such region in {country}; please use one of {known}.",
    ),
    "no_local_holidays": (
        "Örtliche Feiertage gibt es nur bei einer Region, die welche hat; bitte prüfen Sie business.region ({known}).",
        "Only some regions have local holidays; please check business.region ({known}).",
    ),
    "not_mobile": (
        "An diese Nummer kann keine SMS gehen; bitte geben Sie eine Mobilnummer an.",
        "This number cannot receive texts; please give a mobile number.",
    ),
    "own_mobile": (
        "Das ist die eigene Nummer des Geräts oder Betriebs; bitte geben Sie das Handy des Inhabers an.",
        "This is the number of the box or the business itself; please give the owner's mobile.",
    ),
    # --- numbers ---
    "not_a_number": (
        'Das ist keine Rufnummer; bitte schreiben Sie sie wie "030 123456" oder "+49 30 123456".',
        'This is no phone number; please write it like "030 123456" or "+49 30 123456".',
    ),
    "area_code": (
        "Hier fehlt die Vorwahl; bitte schreiben Sie die Nummer mit Vorwahl oder mit + und Landeskennzahl.",
        "The area code is missing; please write the number with it, or with + and the country code.",
    ),
    "service_code": (
        "Steuercodes mit * oder # werden nie gewählt; bitte geben Sie eine gewöhnliche Rufnummer an.",
        "Service codes with * or # are never dialled; please give an ordinary phone number.",
    ),
    "emergency": (
        "Notrufnummern werden nie als Ziel gewählt; bitte geben Sie eine gewöhnliche Rufnummer an.",
        "Emergency numbers are never dialled as a target; please give an ordinary phone number.",
    ),
    "own_number": (
        "Das ist eine eigene Nummer, der Anruf liefe im Kreis; bitte geben Sie die Nummer eines anderen Telefons an.",
        "This is a number of your own, the call would go in circles; please give the number of another phone.",
    ),
    "satellite": (
        "Satelliten- und weltweite Sondernummern sind teuer und werden nie gewählt; "
        "bitte geben Sie eine Festnetz- oder Mobilnummer an.",
        "Satellite and other worldwide numbers are expensive and never dialled; please give a fixed or mobile number.",
    ),
    "not_in_allow_list": (
        "Nummern dieses Landes werden nicht gewählt; bitte geben Sie eine Festnetz- oder Mobilnummer aus der EU, "
        "dem EWR, der Schweiz oder Großbritannien an.",
        "Numbers of this country are not dialled; please give a fixed or mobile number of the EU, the EEA, "
        "Switzerland or Great Britain.",
    ),
    "short_code": (
        "Kurzwahlen und Auskunftsnummern werden nie gewählt; bitte geben Sie eine vollständige Rufnummer an.",
        "Short codes and directory enquiries are never dialled; please give a complete phone number.",
    ),
    "premium": (
        "Das ist eine teure Sondernummer, sie wird nie gewählt; bitte geben Sie eine Festnetz- oder Mobilnummer an.",
        "This is a premium-rate number, which is never dialled; please give a fixed or mobile number.",
    ),
    "shared_cost": (
        "Service-Nummern mit geteilten Kosten wie 0180 werden nie gewählt; "
        "bitte geben Sie eine Festnetz- oder Mobilnummer an.",
        "Shared-cost numbers like 0180 are never dialled; please give a fixed or mobile number.",
    ),
    "call_by_call": (
        "Netzvorwahlen (010…) werden nie gewählt; bitte geben Sie die Nummer ohne sie an.",
        "Carrier prefixes (010…) are never dialled; please give the number without it.",
    ),
    "special": (
        "Das ist eine Sondernummer, sie wird nie gewählt; bitte geben Sie eine Festnetz- oder Mobilnummer an.",
        "This is a special number, which is never dialled; please give a fixed or mobile number.",
    ),
    "unassigned": (
        "Eine solche Nummer gibt es nicht; bitte prüfen Sie sie auf fehlende oder überzählige Ziffern.",
        "There is no such number; please check it for missing or extra digits.",
    ),
    "bad_prefix": (
        'Vor dem * muss der Anfang einer Nummer stehen, zum Beispiel "+4989777*".',
        'Before the * there must be the beginning of a number, for example "+4989777*".',
    ),
    "star_within": (
        'Ein * steht nur am Ende, für alle Nummern, die so beginnen, zum Beispiel "+4989777*"; bitte kürzen Sie sie.',
        'A * stands at the end only, for all numbers that begin so, for example "+4989777*"; please shorten it.',
    ),
    # --- lines ---
    "port": (
        'Bitte geben Sie den Pfad des Anschlusses an, zum Beispiel "/dev/ttyUSB0", oder "auto".',
        'Please give the path of the port, for example "/dev/ttyUSB0", or "auto".',
    ),
    "pin": (
        'Bitte geben Sie die PIN als 4 bis 8 Ziffern in Anführungszeichen an, zum Beispiel "0123".',
        'Please give the PIN as 4 to 8 digits in quotation marks, for example "0123".',
    ),
    "method": (
        "„{value}“ kann eine Leitung der Art „{kind}“ nicht; möglich ist: {allowed}.",
        'A line of kind "{kind}" cannot do "{value}"; choose from: {allowed}.',
    ),
    "bridge_needs": (
        "Für „bridge“ fehlt die zweite Leitung; bitte nennen Sie hier eine andere Leitung der Art „gsm“.",
        'For "bridge" the second line is missing; please name another line of kind "gsm" here.',
    ),
    "bridge_over": (
        "Hier muss eine andere Leitung der Art „gsm“ stehen; bitte nennen Sie eine solche.",
        'This must be another line of kind "gsm"; please name one.',
    ),
    "site_complete": (
        'Bitte schreiben Sie "on-hook", "flash 4" (mit der Ziffer Ihrer Anlage) oder einen Code wie "*98".',
        'Please write "on-hook", "flash 4" (with the digit of your exchange) or a code like "*98".',
    ),
    "site_fetch_back": (
        'Bitte schreiben Sie "flash" oder "flash 1" (mit der Ziffer Ihrer Anlage).',
        'Please write "flash" or "flash 1" (with the digit of your exchange).',
    ),
    "site_prefix": (
        'Bitte geben Sie die Ziffern für die Amtsleitung an, zum Beispiel "0", höchstens vier.',
        'Please give the digits for an outside line, for example "0", four at most.',
    ),
    # --- times ---
    "overlap": (
        "Diese Zeit überschneidet sich mit {other} ({day} {from_} bis {to}); bitte ändern Sie eine von beiden.",
        "This overlaps with {other} ({day} {from_} to {to}); please change one of the two.",
    ),
    "from_after_to": (
        "Das Ende liegt vor dem Beginn; bitte ändern Sie „from“ oder „to“.",
        'The end lies before the beginning; please change "from" or "to".',
    ),
    "no_duration": (
        "Beginn und Ende sind gleich; bitte ändern Sie „from“ oder „to“.",
        'Beginning and end are the same; please change "from" or "to".',
    ),
    "repeats_into_itself": (
        "Die Schicht ist länger als {weeks} Wochen und überholt ihre eigene Wiederholung; bitte kürzen Sie sie.",
        "The shift is longer than {weeks} weeks and runs into its own repetition; please shorten it.",
    ),
    # --- voice ---
    "says_no_recording": (
        "Die Ansage muss sagen, dass aufgezeichnet wird; bitte ergänzen Sie zum Beispiel „Ihre Nachricht wird"
        " aufgezeichnet“.",
        'The announcement must say that a recording is made; please add, for example, "your message will be recorded".',
    ),
    # --- messages, costs, notify, box ---
    "texts_need_gsm": (
        "Nur eine Leitung der Art „gsm“ kann SMS senden; bitte nennen Sie eine solche.",
        'Only a line of kind "gsm" can send texts; please name one.',
    ),
    "command_code": (
        "Bitte verwenden Sie ein Wort ohne Leerzeichen mit 3 bis 20 Zeichen, darunter Buchstaben oder Ziffern.",
        "Please use one word without spaces, of 3 to 20 characters, letters or digits among them.",
    ),
    "ussd": (
        'Bitte schreiben Sie den Code wie "*100#": Ziffern zwischen * und #.',
        'Please write the code like "*100#": digits between * and #.',
    ),
    "cap_needs_plan": (
        "Hier muss stehen, welcher Plan ab der Kostengrenze gilt; bitte ergänzen Sie „cap_plan“.",
        'The plan that applies from the cap on must be named; please add "cap_plan".',
    ),
    "email": (
        'Das ist keine E-Mail-Adresse; bitte schreiben Sie sie wie "name@example.de".',
        'This is no e-mail address; please write it like "name@example.de".',
    ),
    "host": (
        'Das ist kein Servername; bitte schreiben Sie ihn wie "smtp.example.de".',
        'This is no server name; please write it like "smtp.example.de".',
    ),
    "webhook": (
        "Das ist keine Web-Adresse; bitte geben Sie eine an, die mit https:// oder http:// beginnt.",
        "This is no web address; please give one that begins with https:// or http://.",
    ),
    "ssid": (
        "Der Name eines WLANs hat höchstens 32 Zeichen; Umlaute zählen doppelt.",
        "The name of a Wi-Fi network has 32 characters at most; accented ones count twice.",
    ),
    "wifi_password": (
        "Ein WLAN-Passwort hat 8 bis 63 Zeichen, ohne Umlaute; bitte sehen Sie am Router nach.",
        "A Wi-Fi password has 8 to 63 characters, none of them accented; please look at the router.",
    ),
    "box_timezone": (
        "Diese Zeitzone gibt es nicht; schreiben Sie zum Beispiel Europe/Berlin.",
        "There is no such time zone; write Europe/Berlin, for example.",
    ),
    "password_hash": (
        "Das ist kein Passwort-Hash der Form $argon2id$v=19$…; am einfachsten lassen Sie die Angabe weg und legen das "
        "Passwort auf der Seite fest.",
        "This is no password hash of the form $argon2id$v=19$…; the simplest is to leave it out and choose the "
        "password on the page.",
    ),
    "setup_code": (
        "Bitte verwenden Sie 8 bis 16 Buchstaben von A bis Z oder Ziffern.",
        "Please use 8 to 16 letters from A to Z or digits.",
    ),
    "ssh_key": (
        "Das ist kein öffentlicher SSH-Schlüssel; er beginnt zum Beispiel mit „ssh-ed25519“ (Datei mit .pub).",
        'This is no public SSH key; one begins with "ssh-ed25519", for example (a file ending in .pub).',
    ),
    "hostname": (
        "Bitte verwenden Sie nur Buchstaben a bis z, Ziffern und Bindestriche (nicht am Rand), höchstens 63.",
        "Please use only letters a to z, digits and hyphens (not at either end), 63 at most.",
    ),
    "hostname_taken": (
        "„{value}“ hat auf jedem Gerät eine feste Bedeutung; bitte wählen Sie einen anderen Namen, etwa „rufweiche“.",
        '"{value}" has a fixed meaning on every machine; please choose another name, such as "rufweiche".',
    ),
    **DOUBTS,
}

_DAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


class Mistake(Struct, frozen=True):
    """One thing that is wrong (or doubtful), where it stands in the file, and what to do."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def sentence(code: str, language: str, **facts: object) -> str:
    """The sentence for `code` in `language` ("de" or "en")."""
    german, english = _SENTENCES[code]
    return (german if language == "de" else english).format(**facts)


def weekday(number: int, language: str) -> str:
    """A weekday's name, Monday being 0."""
    return _DAYS["de" if language == "de" else "en"][number]
