"""A test message by every way to the owner there is, and what came of each. The engine sends them, as it sends all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct

from appliance.core import network_ways, texts
from appliance.core.records import Message
from appliance.core.settings import Settings
from web import words
from web.box import Box
from web.catalogues import _
from web.delivery import Fate, fate

SHOWN_FOR = timedelta(days=1)
UNDER_WAY = frozenset(["queued", "sending"])
CHANNELS = ("sms", *sorted(network_ways.CHANNELS))


class Outcome(Struct, frozen=True):
    """By one way. `name`: the way and where it leads."""

    name: str
    fate: Fate


class Ways(Struct, frozen=True):
    """`usable`: (channel, to) of each that there is; `nobody_sends`: the engine is not running."""

    usable: tuple[tuple[str, str], ...]
    nobody_sends: bool

    @property
    def names(self) -> list[str]:
        """Each in words."""
        return [_name(channel, to) for channel, to in self.usable]

    @property
    def has_texts(self) -> bool:
        """Whether a line can send texts."""
        return any(channel == "sms" for channel, _to in self.usable)


def ways(box: Box) -> Ways:
    """By which ways a test can go now."""
    return Ways(_usable(box.settings), box.lines is None)


def begin(box: Box) -> bool:
    """Queue one for each way; says whether there is any. Raises StoreError."""
    business, usable = box.settings.business, _usable(box.settings)
    text = texts.test(business.language, business.name)
    for channel, to in usable:
        box.store.queue_message(Message(uuid.uuid4().hex, "test", to, text, box.now, channel=channel))
    return bool(usable)


def last(box: Box) -> Sequence[Message]:
    """The messages of the last one, while that is of interest. Raises StoreError."""
    return [one for one in box.store.newest_test() if box.now - one.created_at < SHOWN_FOR]


def outcome(message: Message) -> Outcome:
    """What came of one."""
    return Outcome(_name(message.channel, message.to), fate(message))


def is_over(messages: Sequence[Message]) -> bool:
    """Whether nothing of them is under way any more."""
    return all(message.state not in UNDER_WAY for message in messages)


def _usable(settings: Settings) -> tuple[tuple[str, str], ...]:
    text = (("sms", settings.business.owner_mobile),) if settings.texting_line() is not None else ()
    return text + network_ways.addresses(settings.notify)


def _name(channel: str, to: str) -> str:
    if channel == "email":
        return _("E-mail to %(to)s", to=to)
    if channel == "webhook":
        return _("Webhook at %(to)s", to=to)
    return _("Text to %(to)s", to=words.number(to))
