"""What callers and targets are told by voice, in German and English, where the owner has put nothing else there."""

from __future__ import annotations

from typing import Final

from appliance.core.settings import Settings

NAMES: Final = ("announcement", "voicemail", "hold", "confirm")
"""What there is to say; each is played from a WAV of that name."""
MADE_BY: Final = b"rufweiche "
"""How the comment begins that a WAV bears which was made here; what it was made of follows."""
COMMENT: Final = 64
"""Bytes at the end of a WAV within which that comment is."""

_SENTENCES: Final = {
    "de": {
        "greeting": "Guten Tag. Hier ist der Anschluss von {name}. ",
        "announcement": "Leider kann im Moment niemand Ihren Anruf annehmen. Bitte versuchen Sie es später noch "
        "einmal. Auf Wiederhören.",
        "voicemail": "Leider kann im Moment niemand Ihren Anruf annehmen. Nach dem Signalton beginnt eine Aufnahme. "
        "Bitte nennen Sie Ihren Namen, Ihre Rufnummer und Ihr Anliegen. Möchten Sie nicht aufgezeichnet werden, "
        "legen Sie bitte jetzt auf.",
        "hold": "Einen Augenblick bitte, Sie werden verbunden.",
        "confirm": "Ein Anruf für {name}. Bitte drücken Sie die Eins, um ihn anzunehmen.",
    },
    "en": {
        "greeting": "Hello. You have reached {name}. ",
        "announcement": "I am sorry, nobody can take your call at the moment. Please try again later. Goodbye.",
        "voicemail": "I am sorry, nobody can take your call at the moment. A recording starts after the tone. Please "
        "say your name, your number and what it is about. If you do not wish to be recorded, please hang up now.",
        "hold": "One moment please, we are connecting you.",
        "confirm": "A call for {name}. Please press one to take it.",
    },
}
_GREETED: Final = ("announcement", "voicemail")


def sentence(name: str, settings: Settings) -> str:
    """The words behind one of NAMES. The owner's own go before the standard ones."""
    own = {
        "announcement": settings.voice.announcement,
        "voicemail": settings.voice.voicemail,
        "hold": None if settings.voice.hold == "tone" else settings.voice.hold,
    }.get(name)
    return standard(name, settings) if own is None else own


def standard(name: str, settings: Settings) -> str:
    """The words where the owner has put no others."""
    words = _SENTENCES[settings.business.language]
    greeting = words["greeting"] if name in _GREETED else ""
    return (greeting + words[name]).format(name=settings.business.name)


def made_of(end: bytes) -> str | None:
    """What a WAV was made of, by its last bytes; None: it was not made here, but brought."""
    place = end.rfind(MADE_BY)
    return None if place < 0 else end[place + len(MADE_BY) :].rstrip(b"\0").decode("ascii", "replace")
