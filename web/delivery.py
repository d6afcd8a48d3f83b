"""How far a message got, in a word: no more than is known of it."""

from __future__ import annotations

from msgspec import Struct

from appliance.core.outbox import NOT_DELIVERED
from appliance.core.records import Message
from web import undelivered
from web.catalogues import _


class Fate(Struct, frozen=True):
    """`kind`: good, careful, bad or busy. `word`: how far it got. `why`: what went wrong, "" for nothing. `sign`: of
    ui/symbols.html, None for that of the kind."""

    kind: str
    word: str
    why: str = ""
    sign: str | None = None


def fate(message: Message) -> Fate:
    """Of a message of any state that `core/outbox` gives it; of one that a newer version gives, nothing is claimed."""
    why = undelivered.in_words(message.error)
    if message.state == "queued":
        return Fate("careful", _("is tried again"), why) if why else _waiting()
    if message.state == "sending":
        return Fate("busy", _("is being sent"))
    if message.state == "sent":  # somebody on the way has taken it; whether it arrives only a report says
        return Fate("good", _taken(message.channel))
    if message.state == "delivered":
        return Fate("good", _("delivered"))
    if message.state == "failed":
        return Fate("bad", _refused(message.error), why)
    return Fate("careful", _("perhaps sent") if message.state == "unknown" else _("not known"))


def _waiting() -> Fate:
    return Fate("busy", _("waiting"), sign="clock")


def _taken(channel: str) -> str:
    if channel == "email":
        return _("handed to the mail server")
    return _("handed to the server") if channel == "webhook" else _("handed to the network")


def _refused(error: str | None) -> str:
    if error == NOT_DELIVERED:
        return _("not delivered")
    return _("refused") if undelivered.is_refusal(error) else _("not sent")
