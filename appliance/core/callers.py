"""Whom a number belongs to: the [[caller]] tables of the settings, then the contacts of the address book.

Looked up by exact number, and by the beginnings of it that some entry has: ten thousand contacts cost no more than
ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from appliance.core.contacts import Contact
from appliance.core.settings import BLOCKED, Caller


class Known(Struct, frozen=True):
    """What is known about a caller. `rule`: where that stands, "caller[0] Firma Huber" or "contact +49… Huber"."""

    name: str
    group: str
    plan: str | None
    note: str
    rule: str

    @property
    def is_blocked(self) -> bool:
        """Whether he is never forwarded."""
        return self.group == BLOCKED


class CallerBook:
    """Every caller who is known.

    The exact number beats a prefix, a longer prefix a shorter one, the settings a contact of the same number; that
    entry alone counts then. But a contact who is nothing but a name (most of an address book) does not take away the
    plan that a prefix gives him, and makes him no stranger: a prefix that is blocked does not concern him.
    """

    def __init__(self, callers: Sequence[Caller], contacts: Iterable[Contact] = ()) -> None:
        self._own: dict[str, Known] = {}
        self._own_prefixes: dict[str, Known] = {}
        self._contacts: dict[str, Contact] = {}
        self._contact_prefixes: dict[str, Contact] = {}
        for index, caller in enumerate(callers):
            known = Known(caller.name, caller.group, caller.plan, "", _named(f"caller[{index}]", caller.name))
            own = self._own_prefixes if caller.number.endswith("*") else self._own
            own.setdefault(caller.number.removesuffix("*"), known)
        for contact in contacts:
            of_same = self._contact_prefixes if contact.number.endswith("*") else self._contacts
            number = contact.number.removesuffix("*")
            of_same[number] = _both(of_same[number], contact) if number in of_same else contact
        self._lengths = sorted({len(prefix) for prefix in (*self._own_prefixes, *self._contact_prefixes)}, reverse=True)

    def find(self, number: str | None) -> Known | None:
        """Who this number, as `normalise` gives it, belongs to; None for a stranger."""
        if number is None:
            return None
        own, contact = self._own.get(number), self._contacts.get(number)
        if own is not None:
            return own if contact is None else replace(own, name=own.name or contact.name, note=contact.note)
        prefix = self._by_prefix(number)
        if contact is None or prefix is None:
            return _known(contact) if contact else prefix
        if contact.plan or contact.group == BLOCKED or prefix.is_blocked:
            return _known(contact)
        return replace(prefix, name=contact.name or prefix.name, group=contact.group or prefix.group, note=contact.note)

    def name(self, number: str | None) -> str | None:
        """The name of whom this number belongs to, None if there is none."""
        known = self.find(number)
        return (known.name or None) if known else None

    def _by_prefix(self, number: str) -> Known | None:
        for length in self._lengths:
            prefix = number[:length]
            if own := self._own_prefixes.get(prefix):
                return own
            if contact := self._contact_prefixes.get(prefix):
                return _known(contact)
        return None


def _known(contact: Contact) -> Known:
    rule = _named(f"contact {contact.number}", contact.name)
    return Known(contact.name, contact.group, contact.plan, contact.note, rule)


def _both(one: Contact, other: Contact) -> Contact:
    """One entry of two sources: blocked if either says so, the rest from whichever says something."""
    blocked = BLOCKED in (one.group, other.group)
    return replace(
        one,
        name=one.name or other.name,
        group=BLOCKED if blocked else one.group or other.group,
        plan=one.plan or other.plan,
        note=one.note or other.note,
    )


def _named(place: str, name: str) -> str:
    return f"{place} {name}" if name else place
