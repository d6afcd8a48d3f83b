"""The text back to a caller who was missed: to whom, how often, and what it says when the owner says nothing else."""

from __future__ import annotations

from appliance.core import wording
from appliance.core.mobiles import is_mobile
from appliance.core.records import CallRecord
from appliance.core.settings import Settings

_WORDS = {
    "de": "{name}: Wir haben Ihren Anruf leider verpasst und melden uns bei Ihnen. Keine weiteren SMS? Antworten Sie "
    "mit STOP.",
    "en": "{name}: we are sorry that we missed your call and will get back to you. No more texts? Reply STOP.",
}
_NAMELESS = {"de": "Guten Tag", "en": "Hello"}


def is_wanted(record: CallRecord, settings: Settings) -> bool:
    """Whether the caller of this ended call may get a text back, unless he got one within the day or said STOP.

    Only where the owner switched it on, only a mobile that was missed, never one of the business itself. A blocked
    call is not missed, and a withheld one has no number.
    """
    if not settings.messages.reply_to_caller or record.outcome != "missed" or record.caller in _own(settings):
        return False
    return is_mobile(record.caller)


def text(settings: Settings) -> str:
    """The owner's wording, or a neutral one without advertising, which would need the caller's consent."""
    if settings.messages.reply_text:
        return settings.messages.reply_text
    language, business = settings.business.language, settings.business.name
    return wording.first_that_fits(
        _WORDS[language].format(name=wording.name(business, longest) or _NAMELESS[language])
        for longest in wording.NAME_LENGTHS
    )


def _own(settings: Settings) -> set[str]:
    """Numbers of people who work here."""
    return {settings.business.owner_mobile, *settings.own_numbers(), *(target.number for target in settings.target)}
