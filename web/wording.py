"""How texts are sent, in words; and examples of the sentences this box writes."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct
from msgspec.structs import replace

from appliance.core import alarms, alphabet, digest, replies_to_callers, spoken, texts
from appliance.core.alphabet import Alphabet
from appliance.core.records import Attempt, CallRecord
from appliance.core.settings import Settings, Voice
from web.catalogues import _, ngettext

EXAMPLE = "+4917612345678"


class Measured(Struct, frozen=True):
    """A text as it would be sent. `room`: characters left in its last part. `odd`: those that made it larger."""

    parts: int
    room: int
    odd: str
    is_changed: bool

    @property
    def words(self) -> str:
        """All of it in a sentence or two."""
        if not self.odd:
            size = ngettext("%(num)d text message", "%(num)d text messages", self.parts)
            said = _("%(size)s, room for %(room)d more characters.", size=size, room=self.room)
        else:
            size = ngettext("%(num)d text message", "%(num)d text messages", self.parts)
            said = _(
                "%(size)s, room for %(room)d more characters. “%(odd)s” makes it longer: with such characters only 70 "
                "fit into one instead of 160.",
                size=size, room=self.room, odd=self.odd,
            )  # fmt: skip
        if self.is_changed:
            said += " " + _("Some characters are replaced by plain ones.")
        return said


def measure(text: str) -> Measured:
    """How it would be sent (3GPP 23.038, 23.040)."""
    code, sent = alphabet.choose(text)
    parts = alphabet.split(sent)
    length = alphabet.septets(parts[-1]) if code is Alphabet.GSM7 else alphabet.units(parts[-1])
    room = (code.one if len(parts) == 1 else code.part) - length
    odd = "".join(dict.fromkeys(char for char in sent if not alphabet.fits(char)))[:5] if code is Alphabet.UCS2 else ""
    return Measured(len(parts), max(room, 0), odd, alphabet.clean(text) != sent)


def examples(settings: Settings, local: dt.datetime) -> list[tuple[str, str]]:
    """What each text is called, and one as this box would write it."""
    business = settings.business
    language, zone = business.language, business.timezone
    name = next((target.name for target in settings.target), _("Desk"))
    tried = [Attempt(name, "", None, "no_answer", 25.0)]
    first, second = (
        CallRecord(
            number, "", local - dt.timedelta(minutes=number * 7), EXAMPLE, "Firma Huber", rings=4, outcome="missed",
            reason="nobody_reached", attempts=tried, message_seconds=34.0,
        )
        for number in (1, 2)
    )  # fmt: skip
    second.caller, second.caller_name = "+4989555001", None
    line = next(line.name for line in settings.line)
    return [
        (_("About one missed call"), texts.missed(first, language, zone)),
        (_("About several"), digest.text([first, second], language, zone, local)),
        (_("To whoever is on call"), texts.on_duty(first, language, zone, settings.messages.command_code)),
        (_("About a message on voicemail"), texts.voicemail(first, language, zone)),
        (_("When a line is down"), alarms.text("line_down", line, language)),
    ]


def standard_reply(settings: Settings) -> str:
    """What a missed caller is texted where the owner says nothing else."""
    return replies_to_callers.text(replace(settings, messages=replace(settings.messages, reply_text=None)))


def standard_voice(settings: Settings) -> dict[str, str]:
    """What a line with a voice says where the owner says nothing else."""
    bare = replace(settings, voice=Voice())
    return {name: spoken.sentence(name, bare) for name in ("announcement", "voicemail")}
